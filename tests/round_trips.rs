//! How many statements each request costs on a warm connection, as the server itself counts them.
//!
//! A ping counts, a statement's first preparation does not.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a failure here is a failed test")]

#[path = "support/app.rs"]
mod app;
#[path = "support/http.rs"]
mod http;
#[path = "support/server.rs"]
mod server;
#[path = "support/wordpress.rs"]
mod wordpress;

use app::{Setup, TestApp, dump};
use server::Server;

/// A service with one connection to a server that writes down what it is asked.
struct Site {
    server: Server,
    app: TestApp,
    cookie: String,
    database: String,
}

impl Site {
    fn new() -> Self {
        let server = Server::own_mariadb(&["--log-output=TABLE"]);
        let database = server.database_from(&dump("6.8"));
        let app = Setup::on(&server.url(&database))
            .set("wordpress.version", "6.8")
            .set("database.max_connections", "1")
            .start();
        let cookie = app.cookie("john", "john Pass 3");
        server.exec("", "SET GLOBAL general_log = 1");
        Self { server, app, cookie, database }
    }

    /// The statements of a request that has been sent before.
    #[track_caller]
    fn statements(&self, method: &str, form: impl Fn(usize) -> Vec<(String, String)>) -> Vec<String> {
        let send = |turn: usize| {
            let form = form(turn);
            let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (&**name, &**value)).collect();
            let answer = self.app.call(method, &form);
            assert_eq!(answer.status, 200, "{method}: {}", answer.text());
        };
        send(0);
        send(1);
        self.server.exec("", "TRUNCATE mysql.general_log");
        send(2);
        let seen = self.server.query(
            "",
            "SELECT command_type, LEFT(argument, 100) FROM mysql.general_log \
             WHERE command_type IN ('Query', 'Execute', 'Ping', 'Statistics', 'Field List') \
             AND thread_id IN (SELECT id FROM information_schema.processlist WHERE db LIKE 'wp_sidecar%') \
             ORDER BY event_time",
        );
        seen.into_iter().map(|row| row.join(" ")).collect()
    }
}

fn owned(form: &[(&str, &str)]) -> Vec<(String, String)> {
    form.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn no_request_costs_more_statements_than_it_must() {
    let site = Site::new();
    let cookie = site.cookie.as_str();
    let nonce = site.app.nonce("register");
    let fields = "Name,Bio,Location,Birthday,Skills,Secret,Motto";
    let most = |method: &str, most: usize, form: &dyn Fn(usize) -> Vec<(String, String)>| {
        let seen = site.statements(method, form);
        println!("{method}: {} of {most}", seen.len());
        assert!((1..=most).contains(&seen.len()), "{method}: {seen:#?}");
    };
    let with_cookie = |_: usize| owned(&[("cookie", cookie)]);
    most("user/validate_auth_cookie", 1, &with_cookie);
    most("auth/validate_auth_cookie", 1, &with_cookie);
    most("user/get_currentuserinfo", 2, &with_cookie);
    most("user/get_userinfo", 2, &|_| owned(&[("user_id", "3")]));
    most("user/get_user_meta", 2, &with_cookie);
    // With a key that the service never met.
    most("user/get_user_meta", 2, &|turn| {
        let new = format!(
            "INSERT INTO wp_usermeta (user_id, meta_key, meta_value) VALUES (3, 'new {turn} é?', 'x')"
        );
        site.server.exec(&site.database, &new);
        with_cookie(turn)
    });
    most("user/get_user_meta", 2, &|_| owned(&[("cookie", cookie), ("meta_key", "nickname")]));
    most("user/xprofile", 3, &|_| owned(&[("user_id", "3"), ("field", fields), ("cookie", cookie)]));
    most("user/generate_auth_cookie", 4, &|_| owned(&[("username", "john"), ("password", "john Pass 3")]));
    most("user/generate_auth_cookie", 4, &|_| {
        owned(&[("email", "john@example.org"), ("password", "john Pass 3")])
    });
    most("user/register", 12, &|turn| {
        let (name, email) = (format!("new{turn}"), format!("new{turn}@example.net"));
        owned(&[
            ("username", &name),
            ("email", &email),
            ("nonce", &nonce),
            ("user_pass", "p"),
            ("custom_fields[color]", "green"),
        ])
    });
}
