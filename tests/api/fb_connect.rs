//! `user/fb_connect`, with a server that answers as the Graph API does.

use std::time::Duration;

use serde_json::{Value, json};
use wp_sidecar::facebook::{Facebook, FacebookError};
use wp_sidecar::settings;

use crate::app::{NOW, Setup, TestApp, dump};
use crate::graph::{APP_ID, APP_SECRET, Graph, Outage, error};
use crate::http::Response;
use crate::server::Server;

const REFUSED: &str = "The 'access_token' is not a valid token of this site's Facebook app.";
const UNAVAILABLE: &str = "Facebook is not available. Try again in a moment.";

struct Rig {
    app: TestApp,
    graph: Graph,
    server: &'static Server,
    database: String,
}

impl Rig {
    fn start() -> Self {
        Self::with_secret(APP_SECRET)
    }

    fn with_secret(secret: &str) -> Self {
        let (server, graph) = (Server::mariadb(), Graph::start());
        let database = server.database_from(&dump("6.8"));
        let app = Setup::on(&server.url(&database))
            .set("wordpress.version", "6.8")
            .set("facebook.app_id", APP_ID)
            .set("facebook.app_secret", secret)
            .set("facebook.graph_url", &graph.url())
            .start();
        Self { app, graph, server, database }
    }

    fn connect(&self, token: &str) -> Response {
        self.app.call("user/fb_connect", &[("access_token", token)])
    }

    #[track_caller]
    fn connected(&self, token: &str) -> Value {
        let answer = self.connect(token);
        assert_eq!(answer.status, 200, "{}", answer.text());
        let answer = answer.json();
        let names: Vec<&String> = answer.as_object().expect("an object").keys().collect();
        assert_eq!(names, ["status", "msg", "wp_user_id", "cookie", "user_login"]);
        assert!(self.app.is_valid(answer["cookie"].as_str().expect("a cookie")));
        answer
    }

    #[track_caller]
    fn fails(&self, token: &str, status: u16, error: &str) {
        let users = self.users();
        let answer = self.connect(token);
        assert_eq!((answer.status, answer.json()["error"].as_str()), (status, Some(error)), "{token}");
        assert_eq!(answer.header("retry-after").is_some(), status == 503);
        assert_eq!(self.users(), users);
    }

    fn users(&self) -> Vec<Vec<String>> {
        self.server.query(&self.database, "SELECT ID, user_login, user_email FROM wp_users ORDER BY ID")
    }

    fn exec(&self, sql: &str) {
        self.server.exec(&self.database, sql);
    }
}

fn person(first: &str, last: &str, email: &str) -> Value {
    json!({"id": "10101", "name": format!("{first} {last}"), "first_name": first, "last_name": last, "email": email,
           "birthday": "01/02/1990"})
}

#[test]
fn a_known_address_logs_its_user_in() {
    let rig = Rig::start();
    rig.graph.add("EAAB1", person("John", "Other", "John@Example.org"));
    let answer = rig.connected("EAAB1");
    assert_eq!((&answer["msg"], &answer["wp_user_id"]), (&json!("user logged in."), &json!(3)));
    assert_eq!(answer["user_login"], "john");
    let cookie = answer["cookie"].as_str().unwrap();
    assert!(cookie.starts_with(&format!("john|{}|", NOW + 1_209_600)), "{cookie}");
}

#[test]
fn an_unknown_address_becomes_a_user_named_after_the_person() {
    let rig = Rig::start();
    rig.graph.add("EAAB1", person("Žofie", "Nováková", "zofie@example.com"));
    let answer = rig.connected("EAAB1");
    assert_eq!(
        (&answer["msg"], &answer["user_login"]),
        (&json!("user registered."), &json!("zofie.novakova"))
    );
    let id = answer["wp_user_id"].as_u64().expect("an id");
    let row = rig.server.query(
        &rig.database,
        &format!("SELECT user_login, user_email, display_name, user_nicename FROM wp_users WHERE ID = {id}"),
    );
    assert_eq!(row, [["zofie.novakova", "zofie@example.com", "Žofie Nováková", "zofie-novakova"]]);
    let user =
        rig.app.call("user/get_currentuserinfo", &[("cookie", answer["cookie"].as_str().unwrap())]).json();
    assert_eq!(
        (&user["user"]["firstname"], &user["user"]["lastname"]),
        (&json!("Žofie"), &json!("Nováková"))
    );
    assert_eq!(user["user"]["capabilities"], json!({"subscriber": true}));
    // The second time it is the same user.
    let again = rig.connected("EAAB1");
    assert_eq!((&again["msg"], &again["wp_user_id"]), (&json!("user logged in."), &answer["wp_user_id"]));
    // Another person of that name gets a number.
    for (number, login) in [(2, "zofie.novakova.1"), (3, "zofie.novakova.2")] {
        let token = format!("EAAB{number}");
        rig.graph.add(&token, person("Žofie", "Nováková", &format!("zofie{number}@example.com")));
        assert_eq!(rig.connected(&token)["user_login"], login);
    }
}

#[test]
fn any_name_makes_a_login_that_wordpress_would_take() {
    let rig = Rig::start();
    let long = "x".repeat(80);
    for (number, (first, last, login)) in [
        ("Иван", "Петров", "user"),
        ("", "", "user.1"),
        ("<script>alert(1)</script>", "O'Hara", "ohara"),
        ("admin", "", "admin.user"),
        (long.as_str(), "y", &long[..60]),
        (long.as_str(), "y", &format!("{}.1", &long[..58])),
    ]
    .into_iter()
    .enumerate()
    {
        let token = format!("EAAB{number}");
        rig.graph.add(&token, person(first, last, &format!("new{number}@example.com")));
        assert_eq!(rig.connected(&token)["user_login"], login, "{first} {last}");
    }
}

#[test]
fn a_person_without_an_address_is_told_so_and_nothing_is_written() {
    let rig = Rig::start();
    let text = "Your 'access_token' did not return email of the user. Without 'email' user can't be logged in or \
                registered. Get user email extended permission while joining the Facebook app.";
    let users = rig.users();
    for (token, me) in [
        ("EAAB1", json!({"id": "1", "name": "No Mail", "first_name": "No", "last_name": "Mail"})),
        ("EAAB2", person("No", "Mail", "")),
        ("EAAB3", person("No", "Mail", "none")),
        ("EAAB4", json!({"id": "1", "email": ["john@example.org"]})),
    ] {
        rig.graph.add(token, me);
        let answer = rig.connect(token);
        assert_eq!((answer.status, answer.json()), (200, json!({"status": "ok", "msg": text})), "{token}");
    }
    // Users without an address are nobody's.
    assert_eq!(rig.users(), users);
}

#[test]
fn every_call_carries_the_proof_and_fixed_fields() {
    let rig = Rig::start();
    rig.graph.add("EAAB1", person("John", "Other", "john@example.org"));
    let form = [
        ("access_token", "EAAB1"),
        ("fields", "id,birthday"),
        ("ssl", "0"),
        ("graph_url", "http://127.0.0.1:9"),
    ];
    assert_eq!(rig.app.call("user/fb_connect", &form).status, 200);
    let asked = rig.graph.take_asked();
    let paths: Vec<&str> = asked.iter().map(|asked| asked.path.as_str()).collect();
    assert_eq!(paths, ["/debug_token", "/me"]);
    // The stub refuses a wrong proof.
    assert!(asked.iter().all(|asked| asked.query["appsecret_proof"].len() == 64));
    assert_eq!(asked[1].query["fields"], "id,name,first_name,last_name,email");
}

#[test]
fn a_token_that_is_not_this_apps_is_refused() {
    let rig = Rig::start();
    rig.graph.add_of("999", "EAAB1", person("John", "Other", "john@example.org"));
    rig.fails("EAAB1", 400, REFUSED);
    rig.fails("unknown", 400, REFUSED);
    assert!(rig.graph.take_asked().iter().all(|asked| asked.path == "/debug_token"));
    let long = "x".repeat(5_000);
    for token in ["with blank", "line\r\nbreak", "é", "a\0b", long.as_str()] {
        rig.fails(token, 400, REFUSED);
    }
    assert!(rig.graph.take_asked().is_empty());
    let foreign = error(100, "OAuthException", "(#100) You must provide an app access token").to_string();
    rig.graph.break_down("/debug_token", Outage::Answer(400, "", foreign));
    rig.fails("EAAB1", 400, REFUSED);
}

#[test]
fn a_token_that_expires_between_the_calls_is_refused() {
    let rig = Rig::start();
    rig.graph.add("EAAB1", person("John", "Other", "john@example.org"));
    let expired =
        error(190, "OAuthException", "Error validating access token: Session has expired").to_string();
    rig.graph.break_down("/me", Outage::Answer(400, "", expired));
    rig.fails("EAAB1", 400, REFUSED);
}

#[test]
fn facebook_out_of_reach_is_not_the_tokens_fault() {
    let rig = Rig::start();
    rig.graph.add("EAAB1", person("John", "Other", "john@example.org"));
    let down = error(2, "OAuthException", "Service temporarily unavailable").to_string();
    let limit = error(4, "OAuthException", "(#4) Application request limit reached").to_string();
    for (status, headers, body) in [
        (500, "", "<html>Sorry, something went wrong.</html>".to_owned()),
        (503, "", down.clone()),
        (400, "", down),
        (403, "", limit),
        (200, "", "[]".to_owned()),
        (200, "", String::new()),
        (200, "", format!("{{\"data\": \"{}\"}}", "x".repeat(100_000))),
        (302, "Location: http://127.0.0.1:9/\r\n", "{}".to_owned()),
    ] {
        for path in ["/debug_token", "/me"] {
            rig.graph.break_down(path, Outage::Answer(status, headers, body.clone()));
        }
        rig.fails("EAAB1", 503, UNAVAILABLE);
    }
}

#[test]
fn a_wrong_secret_is_the_owners_to_mend_and_lets_nobody_in() {
    let rig = Rig::with_secret("wrong");
    rig.graph.add("EAAB1", person("John", "Other", "john@example.org"));
    assert_ne!(rig.connect("EAAB1").status, 200);
    let refused = error(101, "OAuthException", "Error validating application.").to_string();
    rig.graph.break_down("/debug_token", Outage::Answer(400, "", refused));
    rig.fails("EAAB1", 503, UNAVAILABLE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_says_nothing_or_is_not_there_is_out_of_reach() {
    let graph = Graph::start();
    graph.break_down("/debug_token", Outage::Silence);
    let facebook = |graph_url: &str| {
        let settings = settings::Facebook {
            app_id: Some(APP_ID.to_owned()),
            app_secret: Some(settings::secret::secret(APP_SECRET)),
            graph_url: graph_url.to_owned(),
        };
        Facebook::with_limit(&settings, Duration::from_millis(200))
    };
    for url in [graph.url().as_str(), "http://127.0.0.1:9", "https://127.0.0.1:9", "no address"] {
        let Err(FacebookError::Unavailable(reason)) = facebook(url).person(b"EAAB1").await else {
            panic!("{url} answered");
        };
        assert!(!reason.contains("EAAB1") && !reason.contains(APP_SECRET), "{reason}");
    }
}

#[test]
fn a_token_must_be_given_before_it_matters_whether_facebook_is_configured() {
    let missing = "You must include a 'access_token' variable. Get the valid access_token for this app from Facebook API.";
    let app = TestApp::recorded(Server::mariadb(), "6.8");
    let error = |form: &[(&str, &str)]| {
        let answer = app.call("user/fb_connect", form);
        (answer.status, answer.json()["error"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(error(&[]), (400, missing.to_owned()));
    assert_eq!(error(&[("access_token", "0")]), (400, missing.to_owned()));
    assert_eq!(error(&[("access_token[]", "x")]), (400, "The 'access_token' var must be text.".to_owned()));
    let text = "Facebook login is not configured on this site.".to_owned();
    assert_eq!(error(&[("access_token", "EAAB1")]), (400, text));
}

#[test]
fn a_spammer_is_not_let_in_by_this_door_either() {
    let rig = Rig::start();
    rig.exec("UPDATE wp_users SET user_status = 1 WHERE user_login = 'john'");
    rig.graph.add("EAAB1", person("John", "Other", "john@example.org"));
    rig.fails("EAAB1", 401, "Invalid username/email and/or password.");
}
