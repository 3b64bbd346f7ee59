//! What is logged on the way of a request names it, whoever logs it and wherever it runs.

use serde_json::Value;

use crate::calls::{call, login, nonce, register, wait_until};
use crate::http::Response;
use crate::process::{Service, Setup};
use crate::server::Server;
use crate::smtp::{Answer, SmtpSink};
use crate::wire::Wire;

/// The one event with that message.
#[track_caller]
fn event(service: &Service, message: &str) -> Value {
    service.wait_for_line(message);
    let mut found = service.events().into_iter().filter(|event| event["message"] == message);
    let event = found.next().expect("the event");
    assert_eq!(found.next(), None, "it is told once");
    event
}

#[track_caller]
fn assert_of(event: &Value, answer: &Response, method: &str, endpoint: &str) {
    let wanted = [answer.header("x-request-id").expect("a name"), method, endpoint];
    let found = ["request_id", "method", "endpoint"].map(|name| event[name].as_str().unwrap_or_default());
    assert_eq!(found, wanted, "{event}");
}

#[test]
fn a_failing_database_names_the_request_in_tasks_of_their_own_too() {
    let server = Server::mariadb();
    // Reads run with their caller, writes in a task of their own.
    for (filter, endpoint) in [
        (None, "user/get_user_meta"),
        (None, "user/update_user_meta"),
        (Some("error,wp_sidecar::cli=info"), "user/update_user_meta"),
    ] {
        let (service, database) = Service::recorded(server, |setup| match filter {
            Some(filter) => setup.log(filter),
            None => setup,
        });
        let cookie = crate::calls::cookie(&service.send(&login("john", "john Pass 3")));
        server.exec(&database, "RENAME TABLE wp_usermeta TO elsewhere");
        let form = [("cookie", cookie.as_str()), ("meta_key", "color"), ("meta_value", "green")];
        let answer = service.send(&call(endpoint, &form));
        assert_eq!(answer.status, 503);
        let event = event(&service, "database failure");
        assert_of(&event, &answer, "POST", endpoint);
        assert_eq!(event["level"], "ERROR");
        assert!(event["cause"].as_str().expect("a cause").contains("1146"), "{event}");
        assert!(!service.lines().join("\n").contains(&cookie), "no line holds a cookie");
    }
}

#[test]
fn whoever_watches_finds_the_line_to_an_answer_that_says_not_ready() {
    let server = Server::mariadb();
    let (service, database) = Service::recorded(server, |setup| setup);
    server.exec(&database, "RENAME TABLE wp_users TO elsewhere");
    let answer = service.get("/health/ready");
    assert_eq!(answer.status, 503);
    assert_of(&event(&service, "not ready"), &answer, "GET", "health/ready");
    assert!(service.get("/health/live").header("x-request-id").is_some());
}

#[test]
fn people_read_the_requests_name_before_what_is_told() {
    let server = Server::mariadb();
    let (service, database) = Service::recorded(server, Setup::human);
    server.exec(&database, "RENAME TABLE wp_users TO elsewhere");
    let answer = service.get("/api/user/get_userinfo/?insecure=cool&user_id=3");
    let id = answer.header("x-request-id").expect("a name");
    let line = service.wait_for_line("database failure");
    let wanted = format!(
        "ERROR request{{request_id=\"{id}\" method=\"GET\" endpoint=\"user/get_userinfo\"}}: database failure"
    );
    assert!(line.contains(&wanted), "{line}");
}

#[test]
fn work_that_is_done_again_and_mails_that_wait_name_the_request_they_are_of() {
    let server = Server::mariadb();
    let sink = SmtpSink::with_manner(|line| {
        if line.starts_with("RCPT") { Answer::Say("550 No such user") } else { Answer::Usual }
    });
    let (service, database) = Service::recorded(server, |setup| {
        setup
            .log("info,wp_sidecar=debug")
            .set("database.statement_seconds", "2")
            .set("mail.transport", "smtp")
            .set("mail.smtp_url", &sink.url())
    });
    let row =
        server.hold(&database, "BEGIN; SELECT * FROM wp_options WHERE option_name = 'user_count' FOR UPDATE");
    let given = nonce(service.address);
    let mut request = register("newcomer", &given);
    request.body.extend(b"&notify=user");
    let mut wire = Wire::connect(service.address);
    wire.send(&request);
    service.wait_for_line("starting over");
    drop(row);
    let answer = wire.answer().expect("an answer");
    assert_eq!(answer.status, 200, "{}", answer.text());
    let of = |message: &str| service.events().into_iter().find(|event| event["message"] == message);
    assert_of(&of("starting over").expect("an event"), &answer, "POST", "user/register");
    let unsent = event(&service, "a mail could not be sent");
    assert_eq!(unsent["request_id"], answer.header("x-request-id").expect("a name"));
    assert!(unsent["kind"].is_string() && unsent["recipient"].is_string(), "{unsent}");
    // At this level each request says how it ended.
    let id = answer.header("x-request-id").expect("a name");
    let ended = || {
        service.events().into_iter().find(|event| event["message"] == "answered" && event["request_id"] == id)
    };
    wait_until("its end is told", || ended().is_some());
    let ended = ended().expect("an event");
    assert_eq!(ended["code"], 200);
    assert!(ended["seconds"].as_f64().expect("a number") > 0.0);
}

#[test]
fn nothing_is_logged_of_a_request_that_went_well() {
    let (service, _) = Service::recorded(Server::mariadb(), |setup| setup);
    let before = service.lines().len();
    for _ in 0..10 {
        assert_eq!(service.get("/api/user/get_userinfo/?insecure=cool&user_id=3").status, 200);
    }
    service.send(&login("nobody at all", " "));
    service.wait_for_line("login_failed");
    assert_eq!(service.lines().len(), before + 1);
}
