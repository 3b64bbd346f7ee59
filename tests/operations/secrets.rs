//! Nothing that only a client should know comes into the log.

use std::collections::BTreeSet;

use serde_json::json;

use crate::app::dump;
use crate::calls::{call, login};
use crate::graph::{APP_ID, APP_SECRET, Graph, Outage, error};
use crate::http::Request;
use crate::process::{Service, Setup};
use crate::server::Server;
use crate::smtp::{Answer, SmtpSink};

/// In every secret that the test makes up.
const MARK: &str = "sekret";

const LOGIN: &str = "sekretname";
const EMAIL: &str = "sekretmail@example.net";
const PASSWORD: &str = "sekret-Pass-1";

/// What the service made and told to the client alone.
struct Told(BTreeSet<String>);

impl Told {
    #[track_caller]
    fn add(&mut self, text: &str) {
        assert!(text.len() > 8, "{text} could be anywhere");
        self.0.insert(text.to_owned());
        self.0.insert(text.replace('|', "%7C"));
        // A cookie's parts, each of which is secret by itself.
        self.0.extend(text.split('|').filter(|part| part.len() > 20).map(str::to_owned));
    }
}

/// Uses every endpoint, well and badly, with marked secrets.
fn session(service: &Service, sink: &SmtpSink, graph: &Graph) -> Told {
    let mut told = Told(BTreeSet::new());
    let answer = service.send(&call("get_nonce", &[("controller", "user"), ("method", "register")]));
    let nonce = answer.json()["nonce"].as_str().expect("a nonce").to_owned();
    told.add(&nonce);
    let new = [
        ("username", LOGIN),
        ("email", EMAIL),
        ("nonce", &nonce),
        ("user_pass", PASSWORD),
        ("display_name", "sekret display"),
        ("user_url", "http://sekret.example"),
        ("first_name", "sekret first"),
        ("description", "sekret text"),
        ("custom_fields[sekretkey]", "sekret value"),
        ("notify", "both"),
    ];
    let answer = service.send(&call("user/register", &new));
    assert_eq!(answer.status, 200, "{}", answer.text());
    for name in ["cookie", "cookie_admin"] {
        told.add(answer.json()[name].as_str().expect("a cookie"));
    }
    let link = sink.wait_for_mail(EMAIL, "[Rig Site] Login Details").link();
    let key = url::Url::parse(&link).expect("a link");
    let key = key.query_pairs().find(|(name, _)| name == "key").expect("a key").1.into_owned();
    told.add(&key);

    let answer = service.send(&login(EMAIL, PASSWORD));
    let cookie = crate::calls::cookie(&answer);
    told.add(&cookie);
    service.send(&call("user/retrieve_password", &[("user_login", EMAIL)]));
    let mail = sink.wait_for_mail(EMAIL, "[Rig Site] Password Reset");
    told.add(
        url::Url::parse(&mail.link())
            .expect("a link")
            .query_pairs()
            .find(|(name, _)| name == "key")
            .expect("a key")
            .1
            .as_ref(),
    );
    // A mail server that quotes whom it refuses, and a Facebook that quotes the token.
    sink.set_manner(|line| {
        if line.starts_with("RCPT") {
            Answer::Say("550 <sekretmail@example.net> unknown")
        } else {
            Answer::Usual
        }
    });
    assert_eq!(service.send(&call("user/retrieve_password", &[("user_login", EMAIL)])).status, 400);
    for outage in [
        Outage::Answer(
            400,
            "",
            error(190, "OAuthException", "Malformed access token sekrettoken").to_string(),
        ),
        Outage::Answer(500, "", error(1, "sekrettoken", "sekrettoken").to_string()),
        Outage::Answer(302, "Location: http://127.0.0.1:9/?access_token=sekrettoken\r\n", String::new()),
    ] {
        graph.break_down("/debug_token", outage);
        let answer = service.send(&call("user/fb_connect", &[("access_token", "sekrettoken")]));
        assert!(answer.status >= 400, "{}", answer.text());
    }

    for endpoint in wp_sidecar::http::endpoints::ENDPOINTS {
        let method = format!("{}/{}", endpoint.controller, endpoint.method);
        let marked: Vec<(&str, &str)> =
            endpoint.parameters.iter().map(|parameter| (parameter.name, "sekret value")).collect();
        let mut known = marked.clone();
        for (name, value) in &mut known {
            *value = match *name {
                "cookie" => &cookie,
                "nonce" => &nonce,
                "username" | "email" => EMAIL,
                "password" => PASSWORD,
                "user_id" => "13",
                "post_id" => "29",
                "seconds" => "1000",
                "meta_key" => "sekretkey",
                _ => value,
            };
        }
        for form in [marked, known] {
            service.send(&call(&method, &form));
            let query = serde_urlencoded::to_string(&form).expect("a query");
            let get = Request::get(&format!("/api/{method}/?insecure=cool&{query}"))
                .header("Cookie", &format!("wordpress_logged_in_x={cookie}"))
                .header("Authorization", "Basic sekret")
                .header("User-Agent", "sekret agent")
                .header("Referer", "http://sekret.example/");
            service.send(&get);
        }
    }
    told
}

/// Every statement that writes fails, with the value in the server's words.
fn break_tables(server: &Server, database: &str) {
    for (table, column) in [
        ("wp_users", "user_url"),
        ("wp_users", "user_email"),
        ("wp_usermeta", "meta_value"),
        ("wp_comments", "comment_content"),
    ] {
        for moment in ["INSERT", "UPDATE"] {
            let name = format!("refuse_{table}_{column}_{moment}");
            server.exec(
                database,
                &format!(
                    "DELIMITER //\nCREATE TRIGGER {name} BEFORE {moment} ON {table} FOR EACH ROW \
                     BEGIN DECLARE text VARCHAR(128); SET text = LEFT(CONCAT('no \\'', NEW.{column}, '\\''), 120); \
                     SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = text; END//"
                ),
            );
        }
    }
}

#[track_caller]
fn assert_silent(service: &Service, told: &Told) {
    let last = service.send(&login("nobody at all", " "));
    service.wait_for_line(last.header("x-request-id").expect("a name"));
    for line in service.lines() {
        assert!(!line.to_lowercase().contains(MARK), "{line}");
        for secret in &told.0 {
            assert!(!line.contains(secret.as_str()), "{secret} is in {line}");
        }
    }
}

fn setup(database_url: &str, sink: &SmtpSink, graph: &Graph) -> Setup {
    Setup::on(database_url)
        .set("mail.transport", "smtp")
        .set("mail.smtp_url", &sink.url())
        .set("facebook.graph_url", &graph.url())
        .set("facebook.app_id", APP_ID)
        .set("facebook.app_secret", APP_SECRET)
        .set("limits.reset_account", "100/1d")
}

fn start(set: impl FnOnce(Setup) -> Setup) -> (Service, String, SmtpSink, Graph) {
    let server = Server::mariadb();
    let database = server.database_from(&dump("6.8"));
    let (sink, graph) = (SmtpSink::start(), Graph::start());
    graph.add("sekrettoken", json!({"id": "1", "name": "sekret", "email": EMAIL}));
    let service = set(setup(&server.url(&database), &sink, &graph)).start();
    (service, database, sink, graph)
}

#[test]
fn a_session_with_every_endpoint_leaves_no_secret_in_the_log() {
    let (service, _, sink, graph) = start(|setup| setup);
    let told = session(&service, &sink, &graph);
    assert!(service.events_of("login_ok").len() > 3 && service.events_of("registration").len() == 1);
    assert_silent(&service, &told);
}

#[test]
fn not_even_the_most_talkative_log_tells_a_secret() {
    let (service, _, sink, graph) = start(|setup| setup.log("debug"));
    let told = session(&service, &sink, &graph);
    assert_silent(&service, &told);
}

#[test]
fn a_database_that_quotes_what_it_refuses_is_not_quoted() {
    let server = Server::mariadb();
    let (service, database, sink, graph) = start(|setup| setup);
    let told = session(&service, &sink, &graph);
    let cookie = crate::calls::cookie(&service.send(&login(LOGIN, PASSWORD)));
    let nonce = crate::calls::nonce(service.address);
    server.exec(&database, "ALTER TABLE wp_users ADD UNIQUE (display_name)");
    let twin = [
        ("username", "sekret3"),
        ("email", "sekret3@example.net"),
        ("nonce", &nonce),
        ("display_name", "sekret display"),
    ];
    assert_eq!(service.send(&call("user/register", &twin)).status, 503);
    assert!(service.wait_for_line("database failure").contains("Duplicate entry …"));
    // A second comment would be too soon.
    server.exec(&database, "DELETE FROM wp_comments");
    break_tables(server, &database);
    for (method, form) in [
        ("user/generate_auth_cookie", vec![("username", LOGIN), ("password", PASSWORD)]),
        (
            "user/register",
            vec![
                ("username", "sekret2"),
                ("email", "sekret2@example.net"),
                ("nonce", &nonce),
                ("user_pass", PASSWORD),
            ],
        ),
        (
            "user/update_user_meta",
            vec![("cookie", &cookie), ("meta_key", "sekretkey"), ("meta_value", "sekret value")],
        ),
        (
            "user/post_comment",
            vec![
                ("cookie", &cookie),
                ("post_id", "29"),
                ("content", "sekret content"),
                ("comment_status", "1"),
            ],
        ),
        ("user/retrieve_password", vec![("user_login", EMAIL)]),
    ] {
        let answer = service.send(&call(method, &form));
        assert_eq!(answer.status, 503, "{method}: {}", answer.text());
        assert!(!answer.text().contains(MARK), "{}", answer.text());
    }
    assert!(service.lines().iter().filter(|line| line.contains("database failure")).count() >= 5);
    assert_silent(&service, &told);
}
