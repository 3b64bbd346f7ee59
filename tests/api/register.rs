//! `user/register`: its checks and their texts, what it writes, whom it mails, and what it refuses.

use actix_web::rt::System;
use serde_json::{Value, json};
use wp_sidecar::ambient::{Clock, Random};
use wp_sidecar::app::App;
use wp_sidecar::settings::{Settings, Sources};

use crate::app::{Setup, TestApp, dump};
use crate::http::{Request, Response};
use crate::rows::{Change, Looker, changes};
use crate::server::Server;

/// A service on a recorded site, with its database.
struct Site {
    app: TestApp,
    server: &'static Server,
    database: String,
}

impl Site {
    #[track_caller]
    fn on(server: &'static Server) -> Self {
        Self::of("6.8", server)
    }

    #[track_caller]
    fn of(version: &str, server: &'static Server) -> Self {
        Self::after("", version, server)
    }

    /// A site where this was done before the service started.
    #[track_caller]
    fn after(sql: &str, version: &str, server: &'static Server) -> Self {
        let database = server.database_from(&dump(version));
        if !sql.is_empty() {
            server.exec(&database, sql);
        }
        let app = Setup::on(&server.url(&database)).set("wordpress.version", version).keep_mails().start();
        Self { app, server, database }
    }

    #[track_caller]
    fn open() -> Self {
        Self::on(Server::mariadb())
    }

    /// Registers with a good nonce; later fields win.
    #[track_caller]
    fn register(&self, fields: &[(&str, &str)]) -> Response {
        let nonce = self.app.nonce("register");
        let mut form =
            vec![("username", "ann"), ("email", "ann@example.net"), ("nonce", &nonce), ("user_pass", "p")];
        form.extend(fields);
        self.app.call("user/register", &form)
    }

    #[track_caller]
    fn refused(&self, fields: &[(&str, &str)], text: &str) {
        let looker = Looker::new(self.server, &self.database);
        let before = looker.look();
        let answer = self.register(fields);
        assert_eq!(answer.status, 400, "{fields:?}: {}", answer.text());
        assert_eq!(answer.json(), json!({"status": "error", "error": text}), "{fields:?}");
        assert_eq!(changes(&before, &looker.look()), [], "{fields:?}");
        assert!(self.app.take_mails().is_empty(), "{fields:?}");
    }

    #[track_caller]
    fn registered(&self, fields: &[(&str, &str)]) -> Value {
        let answer = self.register(fields);
        assert_eq!(answer.status, 200, "{fields:?}: {}", answer.text());
        answer.json()
    }

    #[track_caller]
    fn query(&self, sql: &str) -> Vec<Vec<String>> {
        self.server.query(&self.database, sql)
    }

    fn exec(&self, sql: &str) {
        self.server.exec(&self.database, sql);
    }

    #[track_caller]
    fn meta(&self, login: &str) -> Vec<(String, String)> {
        let sql = format!(
            "SELECT meta_key, meta_value FROM wp_usermeta m JOIN wp_users u ON u.ID = m.user_id \
             WHERE user_login = '{login}' ORDER BY umeta_id"
        );
        self.query(&sql).into_iter().map(|row| (row[0].clone(), row[1].clone())).collect()
    }

    #[track_caller]
    fn value(&self, login: &str, key: &str) -> String {
        let meta = self.meta(login);
        let (_, value) = meta.iter().find(|(name, _)| name == key).unwrap_or_else(|| panic!("{meta:?}"));
        value.clone()
    }
}

#[test]
fn the_checks_come_in_the_plugins_order_with_its_texts() {
    let site = Site::open();
    let bare = |form: &[(&str, &str)]| site.app.call("user/register", form).json()["error"].clone();
    assert_eq!(bare(&[]), "You must include 'username' var in your request. ");
    assert_eq!(bare(&[("username", "0")]), "You must include 'username' var in your request. ");
    assert_eq!(bare(&[("username", "x")]), "You must include 'email' var in your request. ");
    let named = [("username", "admin"), ("email", "x")];
    assert_eq!(
        bare(&named),
        "You must include 'nonce' var in your request. Use the 'get_nonce' Core API method. "
    );
    let unverified = "Invalid access, unverifiable 'nonce' value. Use the 'get_nonce' Core API method. ";
    for nonce in ["deadbeef00", "1"] {
        assert_eq!(bare(&[named[0], named[1], ("nonce", nonce)]), unverified);
    }
    assert_eq!(bare(&[named[0], named[1], ("nonce[]", "x")]), unverified);

    site.refused(&[("username", "admin"), ("email", "x")], "Username is invalid.");
    site.refused(&[("username", "john"), ("email", "x")], "Username already exists.");
    site.refused(&[("username", "JÓHN"), ("email", "x")], "Username already exists.");
    site.refused(&[("email", "x"), ("seconds", "-1")], "E-mail address is invalid.");
    site.refused(&[("email", "JOHN@example.org"), ("seconds", "-1")], "E-mail address is already in use.");
    site.refused(
        &[("seconds", "-1"), ("user_registered", "never")],
        "The 'seconds' var must be a positive whole number.",
    );

    site.exec("UPDATE wp_options SET option_value = '0' WHERE option_name = 'users_can_register'");
    assert_eq!(bare(&[]), "User registration is disabled. Please enable it in Settings > Gereral.");
}

#[test]
fn parameters_that_the_plugin_crashes_on_are_named() {
    let site = Site::open();
    let nonce = site.app.nonce("register");
    for name in ["username", "email", "user_pass"] {
        let array = format!("{name}[]");
        let form: Vec<(&str, &str)> =
            [("username", "ann"), ("email", "a@example.net"), ("nonce", &nonce), (array.as_str(), "x")]
                .into_iter()
                .filter(|(known, _)| *known != name)
                .collect();
        let answer = site.app.call("user/register", &form);
        assert_eq!(answer.status, 400);
        assert!(answer.json()["error"].as_str().unwrap().contains(name), "{}", answer.text());
    }
}

#[test]
fn names_are_cleaned_before_they_are_judged() {
    let site = Site::open();
    for name in ["o'brien", "a\\b", "a*b", "日本", "<b></b>", "@\"", "a\u{0}b"] {
        site.refused(&[("username", name)], "Username is invalid.");
    }
    for (place, (name, login)) in [
        ("  two   words ", "two words"),
        ("a<b>c", "ac"),
        ("Žof&eacute;ie%41", "Zofie"),
        ("Admin2", "Admin2"),
        ("<script>x</script>real", "real"),
    ]
    .into_iter()
    .enumerate()
    {
        let email = format!("n{place}@example.net");
        assert_eq!(site.registered(&[("username", name), ("email", &email)])["username"], login, "{name}");
    }
    let email = site.registered(&[("username", "r9"), ("email", "r 9@exa_mple.org")]);
    let sql = format!("SELECT user_email FROM wp_users WHERE ID = {}", email["user_id"]);
    assert_eq!(site.query(&sql), [["r9@example.org"]]);
}

#[test]
fn an_address_is_taken_in_the_form_it_was_stored_in_too() {
    let site = Site::open();
    site.registered(&[("email", "a&o'b@example.net")]);
    let stored = site.query("SELECT user_email FROM wp_users WHERE user_login = 'ann'");
    assert_eq!(stored, [["a&amp;o'b@example.net"]]);
    let again = [("username", "ben"), ("email", "A&O'B@example.net")];
    site.refused(&again, "E-mail address is already in use.");
    // %41 goes after the plugin has looked.
    site.refused(
        &[("username", "ben"), ("email", "jo%41hn@example.org")],
        "E-mail address is already in use.",
    );
}

#[test]
fn as_many_custom_fields_as_a_request_holds_are_stored() {
    for server in [Server::mariadb(), Server::mysql97()] {
        let site = Site::on(server);
        let names: Vec<String> = (0..990).map(|number| format!("custom_fields[field {number}]")).collect();
        let fields: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "x")).collect();
        site.registered(&fields);
        assert_eq!(site.meta("ann").len(), 14 + 990);
    }
}

#[test]
fn the_answer_logs_in_and_holds_what_the_plugin_gives() {
    let site = Site::open();
    let answer = site.registered(&[("user_pass", " a<b>c d%20e'\"\\ ")]);
    let keys: Vec<&String> = answer.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["status", "cookie", "cookie_admin", "cookie_name", "user_id", "username"]);
    assert!(site.app.is_valid(answer["cookie"].as_str().unwrap()));
    // Kept exactly as sent (D14).
    site.app.generate_auth_cookie("ann", " a<b>c d%20e'\"\\ ");
    site.app.generate_auth_cookie("ann@example.net", "a<b>c d%20e'\"\\");
    let wrong = [("username", "ann"), ("password", "ac de")];
    assert_eq!(site.app.call("user/generate_auth_cookie", &wrong).status, 401);
}

#[test]
fn a_password_that_is_absent_is_random_and_an_empty_one_fits_nobody() {
    let site = Site::open();
    let nonce = site.app.nonce("register");
    let form = [("username", "rnd"), ("email", "rnd@example.net"), ("nonce", nonce.as_str())];
    assert_eq!(site.app.call("user/register", &form).status, 200);
    site.registered(&[("user_pass", "")]);
    for (login, password) in [("rnd", "p"), ("ann", ""), ("ann", "0"), ("ann", " ")] {
        let form = [("username", login), ("password", password)];
        let answer = site.app.call("user/generate_auth_cookie", &form);
        assert!(matches!(answer.status, 400 | 401), "{login} {password}");
    }
    let hashes = site.query("SELECT user_pass FROM wp_users WHERE user_login IN ('rnd', 'ann')");
    assert!(hashes.iter().all(|row| row[0].starts_with("$wp$2y$10$")), "{hashes:?}");
    site.refused(
        &[("username", "long"), ("email", "long@example.net"), ("user_pass", &"x".repeat(4097))],
        "The 'user_pass' var may not be longer than 4096 bytes.",
    );
}

#[test]
fn what_does_not_fit_is_refused_in_wordpress_words() {
    for server in [Server::mariadb(), Server::mysql97()] {
        does_not_fit(&Site::on(server));
    }
    let newest = Site::of("7.1", Server::mariadb());
    newest.refused(&[("username", "@@@")], "Cannot create a user with an empty nicename.");
}

fn does_not_fit(site: &Site) {
    let long = |length: usize| "n".repeat(length);
    site.refused(&[("username", &long(61))], "Username may not be longer than 60 characters.");
    site.refused(&[("user_nicename", &long(51))], "Nicename may not be longer than 50 characters.");
    site.refused(&[("user_url", &long(94))], "User URL may not be longer than 100 characters.");
    site.refused(&[("display_name", &long(251))], "Display name may not be longer than 250 characters.");
    let email = format!("{}@example.net", long(89));
    site.refused(&[("email", &email)], "E-mail address may not be longer than 100 characters.");
    let no_date = "The 'user_registered' var must be a date, as in 2026-01-31 23:59:59.";
    for text in ["yesterday", "0000-00-00 00:00:00", "2026-02-30", "2026-00-01", "13", "x2026-01-01"] {
        site.refused(&[("user_registered", text)], no_date);
    }
    site.registered(&[("user_registered", "2020-02-29 7:08"), ("user_url", &long(93))]);
    let row = site.query("SELECT user_registered, user_url FROM wp_users WHERE user_login = 'ann'");
    assert_eq!(row, [["2020-02-29 07:08:00".to_owned(), format!("http://{}", long(93))]]);
}

#[test]
fn protected_keys_are_refused_however_they_are_spelt() {
    for server in [Server::mariadb(), Server::mysql97()] {
        let site = Site::on(server);
        for key in [
            "wp_capabilities",
            "WP_Capabilities",
            "wp_cápabilities",
            "wp_user_level",
            "wp_7_capabilities",
            "session_tokens",
            "session_tokens ",
            "_application_passwords",
            "_new_email",
            "_two_factor_totp_key",
            "primary_blog",
            "source_domain",
        ] {
            let field = format!("custom_fields[{key}]");
            let text = format!("The meta_key '{key}' is protected.");
            site.refused(&[("custom_fields[a]", "1"), (&field, "x")], &text);
        }
        // update_user_meta() takes the slashes out of keys.
        site.refused(
            &[("custom_fields[wp_capabil\\ities][administrator]", "1")],
            "The meta_key 'wp_capabilities' is protected.",
        );
        site.registered(&[("role", "administrator"), ("wp_capabilities", "x")]);
        assert_eq!(site.value("ann", "wp_capabilities"), "a:1:{s:10:\"subscriber\";b:1;}");
    }
}

#[test]
fn custom_fields_are_stored_as_update_user_meta_would() {
    let site = Site::open();
    site.registered(&[
        ("custom_fields[address]", "1 \"Street\" \\ 'x' <b>"),
        ("custom_fields[empty]", ""),
        ("custom_fields[list][]", "a"),
        ("custom_fields[list][]", "b"),
        ("custom_fields[map][x][y]", "z"),
        ("custom_fields[5]", "five"),
        ("custom_fields[0]", "dropped"),
        ("custom_fields[looks]", "a:0:{}"),
        ("custom_fields[NickName]", "Nick"),
        ("custom_fields[ADDRESS]", "2 Road"),
    ]);
    let meta = site.meta("ann");
    let custom: Vec<(&str, &str)> =
        meta[13..meta.len() - 1].iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    assert_eq!(
        custom,
        [
            ("address", "2 Road"),
            ("empty", ""),
            ("list", "a:2:{i:0;s:1:\"a\";i:1;s:1:\"b\";}"),
            ("map", "a:1:{s:1:\"x\";a:1:{s:1:\"y\";s:1:\"z\";}}"),
            ("5", "five"),
            ("looks", "s:6:\"a:0:{}\";"),
        ]
    );
    assert_eq!(meta[0], ("nickname".to_owned(), "Nick".to_owned()));
    assert_eq!(meta[12].0, "wp_user_level");
    assert_eq!(meta[meta.len() - 1].0, "session_tokens");
}

#[test]
fn one_session_serves_both_cookies() {
    let site = Site::open();
    site.registered(&[("seconds", "100")]);
    assert!(site.value("ann", "session_tokens").starts_with("a:1:{s:64:"));
}

#[test]
fn nicenames_never_meet() {
    let site = Site::open();
    let nicename = |name: &str, wanted: &str, number: usize| {
        let email = format!("{name}{number}@example.net");
        let answer = site.registered(&[("username", name), ("email", &email), ("user_nicename", wanted)]);
        let sql = format!("SELECT user_nicename FROM wp_users WHERE ID = {}", answer["user_id"]);
        site.query(&sql)[0][0].clone()
    };
    for number in 1..=20 {
        let wanted = if number == 1 { "John-X".to_owned() } else { format!("john-x-{number}") };
        assert_eq!(nicename(&format!("u{number}"), "Jóhn X", number), wanted.to_lowercase());
    }
    let long = "n".repeat(50);
    assert_eq!(nicename("long1", &long, 1), long);
    assert_eq!(nicename("long2", &long, 1), format!("{}-2", "n".repeat(48)));
    assert_eq!(nicename("a.b@c", "", 1), "a-bc");
}

#[test]
fn the_default_role_is_that_of_the_moment() {
    let site = Site::open();
    let role = |role: &str, number: usize| {
        site.exec(&format!(
            "UPDATE wp_options SET option_value = '{role}' WHERE option_name = 'default_role'"
        ));
        let (name, email) = (format!("r{number}"), format!("r{number}@example.net"));
        site.registered(&[("username", &name), ("email", &email)]);
        (site.value(&name, "wp_capabilities"), site.value(&name, "wp_user_level"))
    };
    assert_eq!(role("editor", 1), ("a:1:{s:6:\"editor\";b:1;}".into(), "7".into()));
    assert_eq!(role("", 2), ("a:0:{}".into(), "0".into()));
    assert_eq!(role("gone", 3), ("a:1:{s:4:\"gone\";b:1;}".into(), "0".into()));
}

#[test]
fn users_are_counted_as_wordpress_counts_them() {
    for server in [Server::mariadb(), Server::mysql97()] {
        let site = Site::on(server);
        let after = |stored: Option<&str>, number: usize| {
            site.exec("DELETE FROM wp_options WHERE option_name = 'user_count'");
            if let Some(stored) = stored {
                site.exec(&format!("INSERT INTO wp_options VALUES (NULL, 'user_count', '{stored}', 'on')"));
            }
            let (name, email) = (format!("c{number}"), format!("c{number}@example.net"));
            site.registered(&[("username", &name), ("email", &email)]);
            let sql = "SELECT option_value, autoload FROM wp_options WHERE option_name = 'user_count'";
            site.query(sql)
        };
        assert_eq!(after(Some("12"), 1), [["13", "on"]]);
        assert_eq!(after(None, 2), [["14", "off"]]);
        // Out of date, or nonsense.
        assert_eq!(after(Some("3"), 3), [["15", "on"]]);
        assert_eq!(after(Some("15"), 4), [["16", "on"]]);
        assert_eq!(after(Some(""), 5), [["17", "on"]]);
        assert_eq!(after(Some("10000"), 6), [["18", "on"]]);
        // Too many to count at each change.
        assert_eq!(after(Some("10001"), 7), [["10001", "on"]]);
        assert_eq!(after(Some("123456"), 8), [["123456", "on"]]);
    }
}

#[test]
fn notify_says_who_gets_a_mail() {
    let name = "UPDATE wp_options SET option_value = 'Tom &amp; Ann&#039;s' WHERE option_name = 'blogname'";
    let site = Site::after(name, "6.8", Server::mariadb());
    let mailed = |notify: &[(&str, &str)], number: usize| -> Vec<String> {
        let (name, email) = (format!("m {number}"), format!("m{number}@example.net"));
        let mut fields = vec![("username", name.as_str()), ("email", email.as_str())];
        fields.extend(notify);
        site.registered(&fields);
        site.app.take_mails().into_iter().map(|mail| format!("{} {}", mail.to, mail.subject)).collect()
    };
    let admin = "admin@example.org [Tom & Ann's] New User Registration".to_owned();
    let user = |number: usize| format!("m{number}@example.net [Tom & Ann's] Login Details");
    assert_eq!(mailed(&[("notify", "both")], 1), [admin.clone(), user(1)]);
    assert_eq!(mailed(&[("notify", "user")], 2), [user(2)]);
    for (number, value) in [(3, "admin"), (4, "no"), (5, "")] {
        assert_eq!(mailed(&[("notify", value)], number), std::slice::from_ref(&admin));
    }
    for (number, notify) in [(6, ("notify", "Both")), (7, ("notify", "0")), (8, ("notify[]", "both"))] {
        assert_eq!(mailed(&[notify], number), [""; 0]);
    }
    assert_eq!(mailed(&[], 9), [""; 0]);
    let with_key = site.query("SELECT user_login FROM wp_users WHERE user_activation_key <> '' AND ID > 12");
    assert_eq!(with_key, [["m 1"], ["m 2"]]);
}

#[test]
fn the_nonce_is_for_whoever_calls() {
    let site = Site::open();
    let cookie = site.app.cookie("john", "john Pass 3");
    let path = format!("/api/get_nonce/?controller=user&method=register&cookie={cookie}");
    let own = site.app.get(&path.replace('|', "%7C")).json()["nonce"].as_str().unwrap().to_owned();
    let anonymous = site.app.nonce("register");
    assert_ne!(own, anonymous);
    let text = "Invalid access, unverifiable 'nonce' value. Use the 'get_nonce' Core API method. ";
    site.refused(&[("nonce", &own)], text);
    site.refused(&[("nonce", &anonymous), ("cookie", &cookie)], text);
    site.refused(&[("nonce", &site.app.nonce("post_comment"))], text);
    site.registered(&[("nonce", &own), ("cookie", &cookie)]);
}

#[test]
fn bytes_that_are_no_text_do_no_harm() {
    let site = Site::open();
    let nonce = site.app.nonce("register");
    let body = format!(
        "nonce={nonce}&username=ann&email=ann@example.net&user_pass=%ff%00%fe&nickname=%ff&display_name=a%00b&\
         custom_fields[%ff]=x&custom_fields[bad]=%ff&custom_fields[good]=%00&user_registered=%ff"
    );
    let request = Request::new("POST", "/api/user/register/?insecure=cool")
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(body);
    let answer = site.app.send(&request);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(site.value("ann", "nickname"), "ann");
    let meta = site.meta("ann");
    assert!(!meta.iter().any(|(key, _)| key == "bad"), "{meta:?}");
    assert!(meta.iter().any(|(key, _)| key == "good"), "{meta:?}");
}

#[test]
fn a_failure_half_way_leaves_no_trace() {
    let site = Site::open();
    site.exec(
        "CREATE TRIGGER stop BEFORE INSERT ON wp_usermeta FOR EACH ROW \
         SET @stop = IF(NEW.meta_key = 'session_tokens', (SELECT 1 UNION SELECT 2), 0)",
    );
    let looker = Looker::new(site.server, &site.database);
    let before = looker.look();
    let answer = site.register(&[]);
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert_eq!(changes(&before, &looker.look()), []);
    assert!(site.app.take_mails().is_empty());
    site.exec("DROP TRIGGER stop");
    site.registered(&[]);
    let made = changes(&before, &looker.look());
    assert_eq!(made.iter().filter(|change| matches!(change, Change::Insert { .. })).count(), 15);
}

#[test]
fn a_registration_takes_few_statements() {
    let server = Server::mariadb();
    let database = server.database_from(&dump("6.8"));
    // One connection: a second one would bring what it takes to open it.
    let app = Setup::on(&server.url(&database))
        .set("wordpress.version", "6.8")
        .set("database.max_connections", "1")
        .keep_mails()
        .start();
    let site = Site { app, server, database };
    site.exec("SET GLOBAL log_output = 'TABLE', GLOBAL general_log = ON");
    let count = || -> u64 {
        let sql = "SELECT COUNT(*) FROM mysql.general_log WHERE command_type IN ('Query', 'Execute') \
                   AND thread_id IN (SELECT id FROM information_schema.processlist \
                   WHERE db = DATABASE() AND id <> CONNECTION_ID())";
        site.query(sql)[0][0].parse().unwrap()
    };
    let nonce = site.app.nonce("register");
    let mut number = 0;
    let mut statements = |more: &[(&str, &str)]| {
        number += 1;
        let (name, email) = (format!("s{number}"), format!("s{number}@example.net"));
        let mut form = vec![
            ("username", name.as_str()),
            ("email", email.as_str()),
            ("nonce", &nonce),
            ("user_pass", "p"),
        ];
        form.extend(more);
        let before = count();
        assert_eq!(site.app.call("user/register", &form).status, 200);
        count() - before
    };
    let dear = [("user_nicename", "same"), ("custom_fields[a]", "1"), ("user_registered", "2020-01-01")];
    // Connections are opened and statements prepared at first.
    for _ in 0..3 {
        statements(&dear);
        statements(&[]);
    }
    let (plain, dear) = (statements(&[]), statements(&dear));
    site.exec("SET GLOBAL general_log = OFF");
    println!("statements: {plain} plain, {dear} with everything");
    assert!((1..=8).contains(&plain), "{plain}");
    assert!((plain..=12).contains(&dear), "{dear}");
}

#[test]
fn tables_without_transactions_are_named_and_still_take_users() {
    for server in [Server::mariadb(), Server::mysql97()] {
        let site = Site::on(server);
        let named = || {
            let settings = [("database.url", server.url(&site.database))];
            let command_line = settings.map(|(name, value)| (name.to_owned(), value)).to_vec();
            let settings = Settings::load(&Sources { command_line, ..Sources::default() }).unwrap();
            System::new().block_on(async {
                let app = App::new(settings, Clock::System, Random::System).unwrap();
                app.db.list_tables_without_transactions().await.unwrap()
            })
        };
        assert_eq!(named(), []);
        for table in ["wp_users", "wp_usermeta"] {
            site.exec(&format!("SET SESSION sql_mode = ''; ALTER TABLE {table} ENGINE = MyISAM"));
        }
        let pair = |table: &str| (table.to_owned(), "MyISAM".to_owned());
        assert_eq!(named(), [pair("wp_usermeta"), pair("wp_users")]);
        site.registered(&[]);
        site.refused(&[], "Username already exists.");
    }
}
