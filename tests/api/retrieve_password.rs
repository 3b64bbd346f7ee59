//! `user/retrieve_password`.

use wp_sidecar::wp::reset_key;
use wp_sidecar::wp::version::WpVersion;

use crate::app::{NOW, Setup, TestApp, dump};
use crate::http::Response;
use crate::server::Server;
use crate::smtp::{Answer, SmtpSink};

const NOT_SENT: &str =
    "The e-mail could not be sent. Possible reason: your host may have disabled the mail() function...";

/// A service on a recorded site, its mails and its database.
struct Rig {
    app: TestApp,
    sink: SmtpSink,
    server: &'static Server,
    database: String,
}

impl Rig {
    fn of(version: &str) -> Self {
        let (server, sink) = (Server::mariadb(), SmtpSink::start());
        let database = server.database_from(&dump(version));
        let app = Setup::on(&server.url(&database))
            .set("wordpress.version", version)
            .set("mail.transport", "smtp")
            .set("mail.smtp_url", &sink.url())
            .start();
        Self { app, sink, server, database }
    }

    #[track_caller]
    fn ask(&self, user_login: &str) -> Response {
        self.app.call("user/retrieve_password", &[("user_login", user_login)])
    }

    #[track_caller]
    fn sent(&self, user_login: &str) {
        let answer = self.ask(user_login);
        let text = "{\"status\":\"ok\",\"msg\":\"Link for password reset has been emailed to you. Please check your email.\"}";
        assert_eq!((answer.status, answer.text().as_str()), (200, text), "{user_login}");
    }

    #[track_caller]
    fn refused(&self, user_login: &str, error: &str) {
        let answer = self.ask(user_login);
        assert_eq!((answer.status, answer.json()["error"].as_str()), (400, Some(error)), "{user_login}");
        assert!(self.sink.take().is_empty());
    }

    fn row(&self, login: &str) -> Vec<String> {
        self.query(&format!("SELECT * FROM wp_users WHERE user_login = '{login}'"))
    }

    fn key(&self, login: &str) -> String {
        self.query(&format!("SELECT user_activation_key FROM wp_users WHERE user_login = '{login}'"))[0]
            .clone()
    }

    fn query(&self, sql: &str) -> Vec<String> {
        self.server.query(&self.database, sql).remove(0)
    }

    fn exec(&self, sql: &str) {
        self.server.exec(&self.database, sql);
    }
}

/// `key` of a link.
fn key_of(link: &str) -> String {
    let url = url::Url::parse(link).expect("an address");
    url.query_pairs().find(|(name, _)| name == "key").expect("a key").1.into_owned()
}

#[test]
fn the_mail_brings_the_key_that_is_stored_in_the_form_of_the_version() {
    for (version, release, order, kind) in [
        ("6.1", WpVersion::new(6, 1), ["action", "key", "login"], "$P$B"),
        ("6.8", WpVersion::new(6, 8), ["login", "key", "action"], "$generic$"),
        ("7.1", WpVersion::new(7, 1), ["login", "key", "action"], "$generic$"),
    ] {
        let rig = Rig::of(version);
        rig.sent("john");
        let mail = rig.sink.take().remove(0);
        assert_eq!(mail.to, ["john@example.org"]);
        assert_eq!(mail.header("Subject"), "[Rig Site] Password Reset");
        assert_eq!(mail.header("From"), "WordPress <wordpress@127.0.0.1>");
        assert!(mail.body.contains("login name: john\n"), "{}", mail.body);
        assert!(mail.body.contains("The request came from the address 127.0.0.1.\n"), "{}", mail.body);
        let link = mail.link();
        assert!(mail.body.contains(&format!("\n\n{link}\n\n")), "{}", mail.body);
        let url = url::Url::parse(&link).unwrap();
        let names: Vec<_> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
        assert_eq!(names, order);
        let stored = rig.key("john");
        let hash = stored.strip_prefix(&format!("{NOW}:")).unwrap();
        assert!(hash.starts_with(kind), "{hash}");
        assert!(reset_key::verify(&key_of(&link), hash.as_bytes(), release));
    }
}

#[test]
fn name_and_address_are_taken_in_any_case_and_with_blanks_around() {
    let rig = Rig::of("6.8");
    for user in ["john", "  JoHn\t", "john@example.org", " JOHN@example.ORG "] {
        rig.sent(user);
        assert_eq!(rig.sink.take()[0].to, ["john@example.org"], "{user}");
    }
    rig.sent("mary jane");
    let link = rig.sink.take()[0].link();
    assert!(link.contains("login=mary%20jane&"), "{link}");
}

#[test]
fn only_the_key_of_the_row_changes() {
    let rig = Rig::of("6.8");
    rig.exec("UPDATE wp_users SET user_email = 'a&amp;b@example.org', user_url = 'odd &', display_name = 'x & y' WHERE ID = 3");
    let before = rig.row("john");
    rig.sent("john");
    let mut after = rig.row("john");
    let key = after.iter().position(|value| value.contains("$generic$")).expect("a key");
    after[key].clone_from(&before[key]);
    assert_eq!(after, before);
    // It is stored as WordPress stores it, and found and reached as its owner writes it.
    assert_eq!(rig.sink.take()[0].to, ["a&b@example.org"]);
    rig.sent("a&b@example.org");
    assert_eq!(rig.sink.take()[0].to, ["a&b@example.org"]);
}

#[test]
fn who_is_unknown_gets_no_mail() {
    let rig = Rig::of("6.8");
    let missing = "You must include 'user_login' var in your request. ";
    rig.refused("", missing);
    rig.refused("0", missing);
    rig.refused("nobody", "Invalid username or e-mail.");
    rig.refused("@john", "Invalid username or e-mail.");
    rig.refused("   ", "Invalid username or e-mail.");
    rig.refused("nobody@example.org", "Your email address not found! ");
    rig.refused("john@example.org\r\nBcc: eve@example.com", "Your email address not found! ");
    rig.refused("john' OR '1'='1", "Invalid username or e-mail.");
    let answer = rig.app.call("user/retrieve_password", &[("user_login[]", "john")]);
    assert_eq!(
        (answer.status, answer.json()["error"].as_str()),
        (400, Some("The 'user_login' var must be text."))
    );
    let answer = rig.app.send(
        &crate::http::Request::post("/api/user/retrieve_password/?insecure=cool", &[])
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(*b"user_login=%ff%fe@%80"),
    );
    assert_eq!(
        (answer.status, answer.json()["error"].as_str()),
        (400, Some("Your email address not found! "))
    );
    assert_eq!(rig.key("john"), "");
}

#[test]
fn an_account_without_a_usable_address_keeps_its_key() {
    let rig = Rig::of("6.8");
    for email in ["", "nobody", "a@b, c@d"] {
        rig.exec(&format!(
            "UPDATE wp_users SET user_email = '{email}', user_activation_key = 'old' WHERE ID = 3"
        ));
        rig.refused("john", NOT_SENT);
        assert_eq!(rig.key("john"), "old", "{email}");
    }
}

#[test]
fn a_mail_that_does_not_leave_leaves_the_old_key_in_place() {
    let rig = Rig::of("6.8");
    rig.sent("john");
    let old = rig.key("john");
    rig.sink.take();
    rig.sink.set_manner(|line| if line == "." { Answer::Say("554 no") } else { Answer::Usual });
    rig.refused("john", NOT_SENT);
    assert_eq!(rig.key("john"), old);
    // A key that somebody else stores meanwhile stays.
    let (server, database) = (rig.server, rig.database.clone());
    rig.sink.set_manner(move |line| {
        if line != "." {
            return Answer::Usual;
        }
        server.exec(&database, "UPDATE wp_users SET user_activation_key = 'theirs' WHERE ID = 3");
        Answer::Say("554 no")
    });
    rig.refused("john", NOT_SENT);
    assert_eq!(rig.key("john"), "theirs");
}

#[test]
fn the_key_is_stored_before_the_mail_is_taken() {
    let rig = Rig::of("6.8");
    let (server, database) = (rig.server, rig.database.clone());
    let (seen, key) = std::sync::mpsc::channel();
    rig.sink.set_manner(move |line| {
        if line == "." {
            let sql = "SELECT user_activation_key FROM wp_users WHERE ID = 3";
            seen.send(server.query(&database, sql)[0][0].clone()).unwrap();
        }
        Answer::Usual
    });
    rig.sent("john");
    assert_eq!(key.recv().unwrap(), rig.key("john"));
}

#[test]
fn with_mail_switched_off_no_key_is_stored() {
    let server = Server::mariadb();
    let database = server.database_from(&dump("6.8"));
    let app = Setup::on(&server.url(&database)).set("mail.transport", "off").start();
    let before = server.query(&database, "SELECT * FROM wp_users");
    let answer = app.call("user/retrieve_password", &[("user_login", "john")]);
    assert_eq!((answer.status, answer.json()["error"].as_str()), (400, Some(NOT_SENT)));
    let answer = app.call("user/retrieve_password", &[("user_login", "nobody")]);
    assert_eq!(answer.json()["error"], "Invalid username or e-mail.");
    assert_eq!(server.query(&database, "SELECT * FROM wp_users"), before);
}

#[test]
fn the_name_of_the_site_is_written_as_it_was_typed_and_https_is_kept() {
    let rig = Rig::of("6.8");
    rig.exec("UPDATE wp_options SET option_value = 'Mum &amp; Dad&#039;s \u{e9}t\u{e9}' WHERE option_name = 'blogname'");
    rig.exec(
        "UPDATE wp_options SET option_value = 'https://www.example.org/wp' WHERE option_name = 'siteurl'",
    );
    rig.exec("UPDATE wp_options SET option_value = 'https://www.example.org' WHERE option_name = 'home'");
    rig.app.refresh();
    rig.sent("john");
    let mail = rig.sink.take().remove(0);
    assert_eq!(mail.header("Subject"), "[Mum & Dad's =?utf-8?b?w6l0w6ld?= Password Reset");
    assert_eq!(mail.header("From"), "WordPress <wordpress@example.org>");
    assert!(mail.body.starts_with("A new password was asked for at Mum & Dad's été\n"), "{}", mail.body);
    assert!(
        mail.link().starts_with("https://www.example.org/wp/wp-login.php?login=john&key="),
        "{}",
        mail.link()
    );
}

#[test]
fn one_account_gets_few_mails_and_the_caller_hears_when_to_come_back() {
    let server = Server::mariadb();
    let mails = SmtpSink::start();
    let app = Setup::on(&server.url(&server.database_from(&dump("6.8"))))
        .set("wordpress.version", "6.8")
        .set("mail.transport", "smtp")
        .set("mail.smtp_url", &mails.url())
        .set("limits.enabled", "true")
        .start();
    let ask = || app.call("user/retrieve_password", &[("user_login", "john")]);
    for _ in 0..3 {
        assert_eq!(ask().status, 200);
    }
    let refused = ask();
    assert_eq!(refused.status, 429, "{}", refused.text());
    let seconds: u32 = refused.header("retry-after").expect("a header").parse().expect("seconds");
    assert!((1..=901).contains(&seconds));
    assert_eq!(refused.json()["error"], format!("Too many requests. Try again in {seconds} seconds."));
    // Others are not affected, and unknown names use up the caller's own budget.
    assert_eq!(app.call("user/retrieve_password", &[("user_login", "editor")]).status, 200);
    let statuses: Vec<u16> =
        (0..6).map(|_| app.call("user/retrieve_password", &[("user_login", "nobody")]).status).collect();
    assert_eq!(statuses, [400, 400, 400, 400, 400, 429]);
}
