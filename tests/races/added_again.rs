//! A session that WordPress overwrote before its cookie was handed out is added again. A trigger stands in for the
//! WordPress that writes at just that moment.

use wp_sidecar::wp::session_token::hash_token;
use wp_sidecar::wp::sessions::{NewSession, Sessions};

use crate::app::{NOW, Setup, TestApp, dump};
use crate::ledger::verifier;
use crate::process::{call, refusal};
use crate::seed::alone;
use crate::server::Server;

const USER: (&str, &str) = ("john", "john Pass 3");

struct Site {
    app: TestApp,
    server: &'static Server,
    database: String,
}

impl Site {
    /// A site whose user has no session.
    fn new(server: &'static Server, settings: &[(&str, &str)]) -> Self {
        let database = server.database_from(&dump("6.1"));
        server.exec(&database, "DELETE FROM wp_usermeta WHERE meta_key = 'session_tokens'");
        let setup = Setup::on(&server.url(&database)).set("wordpress.version", "6.1");
        let app = settings.iter().fold(setup, |setup, (name, value)| setup.set(name, value)).start();
        Self { app, server, database }
    }

    /// The next writes of a list of sessions are followed at once by one that knows nothing of it.
    fn overwrite(&self, times: u32, theirs: &str) {
        let trigger = |when: &str| {
            format!(
                "CREATE TRIGGER overwrite_{when} BEFORE {when} ON wp_usermeta FOR EACH ROW \
                 IF NEW.meta_key = 'session_tokens' AND (SELECT times FROM overwrites) > 0 THEN \
                 SET NEW.meta_value = '{theirs}'; UPDATE overwrites SET times = times - 1; END IF //\n"
            )
        };
        let (insert, update) = (trigger("INSERT"), trigger("UPDATE"));
        let sql = format!(
            "CREATE TABLE overwrites (times INT); INSERT INTO overwrites VALUES ({times});\n\
             DELIMITER //\n{insert}{update}"
        );
        self.server.exec(&self.database, &sql);
    }

    fn overwrites_left(&self) -> u32 {
        self.server.query(&self.database, "SELECT times FROM overwrites")[0][0].parse().expect("a number")
    }

    /// The lists, one a row.
    fn lists(&self) -> Vec<String> {
        let sql = "SELECT meta_value FROM wp_usermeta WHERE meta_key = 'session_tokens'";
        self.server.query(&self.database, sql).into_iter().map(|mut row| row.remove(0)).collect()
    }

    fn log_in(&self) -> String {
        self.app.cookie(USER.0, USER.1)
    }
}

/// A list of sessions of these tokens, as WordPress writes it.
fn list(tokens: &[&str]) -> String {
    let mut list = Sessions::default();
    for token in tokens {
        list.add(NewSession { token, expiration: NOW + 1000, ip: None, user_agent: b"", login: NOW }, 10);
    }
    String::from_utf8(list.serialize()).expect("text")
}

#[test]
fn a_session_that_wordpress_overwrote_is_added_again_before_the_cookie_is_handed_out() {
    let _alone = alone();
    for server in [Server::mariadb(), Server::mysql97()] {
        // The first write is a new row, the next ones change it.
        for times in [1, 2, 5] {
            let site = Site::new(server, &[]);
            site.overwrite(times, &list(&["theirs"]));
            let cookie = site.log_in();
            assert_eq!(site.overwrites_left(), 0);
            assert!(site.app.is_valid(&cookie));
            let lists = site.lists();
            assert_eq!(lists.len(), 1);
            assert!(lists[0].starts_with("a:2:") && lists[0].contains(&hash_token(b"theirs")), "{lists:?}");
            assert!(lists[0].contains(&verifier(&cookie)));
        }
    }
}

#[test]
fn a_session_whose_place_newer_logins_took_is_not_added_again() {
    let _alone = alone();
    let site = Site::new(Server::mariadb(), &[("sessions.max_per_user", "2")]);
    let theirs = list(&["one", "two"]);
    site.overwrite(1000, &theirs);
    let cookie = site.log_in();
    assert_eq!(site.overwrites_left(), 999);
    assert_eq!(site.lists(), [theirs]);
    assert!(!site.app.is_valid(&cookie));
}

#[test]
fn a_login_whose_session_is_overwritten_without_end_is_given_up_and_hands_out_no_cookie() {
    let _alone = alone();
    let site = Site::new(Server::mariadb(), &[]);
    site.overwrite(1000, &list(&["theirs"]));
    let form = [("username", USER.0), ("password", USER.1)];
    let answer = call(site.app.address, "user/generate_auth_cookie", &form);
    assert_eq!(refusal(&answer), Some("The database is not available. Try again in a moment."));
    assert_eq!(site.overwrites_left(), 900);
    assert_eq!(site.lists(), [list(&["theirs"])]);
}

#[test]
fn a_login_reads_its_session_once_more_and_takes_at_most_four_statements() {
    let _alone = alone();
    // One connection: a second one would bring what it takes to open it.
    let site = Site::new(Server::mariadb(), &[("database.max_connections", "1")]);
    site.server.exec("", "SET GLOBAL log_output = 'TABLE', GLOBAL general_log = ON");
    let log = |what: &str| -> u64 {
        let sql = format!(
            "SELECT COUNT(*) FROM mysql.general_log WHERE command_type IN ('Query', 'Execute') AND argument LIKE '{what}' \
             AND thread_id IN (SELECT id FROM information_schema.processlist \
             WHERE db = DATABASE() AND id <> CONNECTION_ID())"
        );
        site.server.query(&site.database, &sql)[0][0].parse().expect("a number")
    };
    let reads = "SELECT umeta_id, meta_key, meta_value FROM wp_usermeta WHERE user_id%";
    // Connections are opened and statements prepared at first.
    for _ in 0..3 {
        site.log_in();
    }
    let before = (log("%"), log(reads));
    site.log_in();
    let after = (log("%"), log(reads));
    site.server.exec("", "SET GLOBAL general_log = OFF");
    assert_eq!(after.1 - before.1, 1);
    assert!((3..=4).contains(&(after.0 - before.0)), "{before:?} {after:?}");
}
