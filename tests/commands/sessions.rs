//! `sessions list` and `sessions end`.

use crate::app::Setup;
use crate::beside::Beside;
use crate::server::Server;

#[test]
fn sessions_are_listed_and_ended_one_or_all() {
    let site = Beside::recorded(Server::mariadb());
    // The recorded site's own sessions end here.
    let done = site.run(&["sessions", "end", "john"], "");
    assert_eq!(done.code, 0, "{done:?}");
    let done = site.run(&["sessions", "list", "john"], "");
    assert_eq!((done.code, done.stdout.as_str()), (0, "user 3, john: no sessions live\n"), "{done:?}");
    let app = Setup::beside(&site.path()).system_clock().start();
    let cookies = ["one", "two", "three"].map(|_| app.cookie("john", "john Pass 3"));
    let done = site.run(&["sessions", "list", "3"], "");
    let lines: Vec<&str> = done.stdout.lines().collect();
    assert_eq!((lines.len(), lines[0]), (4, "user 3, john: 3 sessions live"), "{done:?}");
    for line in &lines[1..] {
        assert!(
            line.contains("  begun 20")
                && line.contains("Z (in 1")
                && line.ends_with(" days)  from 127.0.0.1  by -"),
            "{line}"
        );
    }
    let listed = site.run(&["sessions", "list", "john", "--json"], "").json();
    assert_eq!(listed.as_array().map(Vec::len), Some(3), "{listed}");
    let first = listed[0]["session"].as_str().expect("a key");
    assert!(lines[1].starts_with(first) && first.len() == 12, "{listed}");

    let done = site.run(&["sessions", "end", "john", "--session", first], "");
    assert_eq!(done.stdout, "user 3, john: 1 session ended\n", "{done:?}");
    assert_eq!(cookies.each_ref().map(|cookie| app.is_valid(cookie)), [false, true, true]);
    let done = site.run(&["sessions", "end", "john", "--session", first], "");
    assert_eq!(done.code, 1);
    assert_eq!(done.stderr, format!("wp-sidecar: no sessions of user 3 begin with {first:?}\n"));
    let done = site.run(&["sessions", "end", "john@example.org"], "");
    assert_eq!(done.stdout, "user 3, john: 2 sessions ended\n", "{done:?}");
    assert_eq!(cookies.each_ref().map(|cookie| app.is_valid(cookie)), [false, false, false]);
    let rows = "SELECT COUNT(*) FROM wp_usermeta WHERE user_id = 3 AND meta_key = 'session_tokens'";
    assert_eq!(site.server.query(&site.database, rows), [["0"]], "as WordPress leaves it");
}

#[test]
fn the_user_agent_of_a_session_cannot_move_the_cursor() {
    let site = Beside::recorded(Server::mariadb());
    let value = "a:1:{s:64:\"2cfa89dff5ca619c21aad3b74f6b5573b00847a0e6954564a94bc4a5b9553d22\";a:2:{s:10:\"expiration\";\
         i:4000000000;s:2:\"ua\";s:6:\"x\n\u{1b}[2K\";}}";
    let site = site.sql(&format!(
        "DELETE FROM wp_usermeta WHERE user_id = 3 AND meta_key = 'session_tokens'; \
         INSERT INTO wp_usermeta (user_id, meta_key, meta_value) VALUES (3, 'session_tokens', '{value}')"
    ));
    let done = site.run(&["sessions", "list", "john"], "");
    let lines: Vec<&str> = done.stdout.lines().collect();
    assert_eq!(lines.len(), 2, "{done:?}");
    assert!(
        lines[1].starts_with("2cfa89dff5ca  begun at some time  ends 2096-10-02T07:06:40Z (in "),
        "{lines:?}"
    );
    assert!(lines[1].ends_with("from -  by x\u{fffd}\u{fffd}[2K"), "{lines:?}");
}

#[test]
fn an_empty_key_ends_nothing_and_one_copied_with_its_dots_does() {
    let site = Beside::recorded(Server::mariadb());
    let issued = site.run(&["cookie", "issue", "john"], "");
    // What is said ends this session and no other, also where a login looks like a number.
    let (_, told) = issued.stderr.trim_end().split_once("; wp-sidecar sessions end ").expect("how to end it");
    let told = told.strip_suffix(" ends it").expect("the end");
    let key = told.strip_prefix("john --session ").expect("a key");
    let before = site.content();
    let done = site.run(&["sessions", "end", "john", "--session", ""], "");
    assert_eq!(done.code, 2, "{done:?}");
    assert_eq!(site.content(), before);
    let done = site.run(&["sessions", "end", "john", "--session", &format!("{key}…")], "");
    assert_eq!(done.stdout, "user 3, john: 1 session ended\n", "{done:?}");
    let site = site.sql("UPDATE wp_users SET user_login = '1' WHERE ID = 3");
    let issued = site.run(&["cookie", "issue", "admin"], "");
    assert!(issued.stderr.contains("; wp-sidecar sessions end admin --session "), "{issued:?}");
}

#[test]
fn an_unknown_user_is_an_error() {
    let site = Beside::recorded(Server::mariadb());
    for command in ["list", "end"] {
        let done = site.run(&["sessions", command, "nobody"], "");
        assert_eq!((done.code, done.stdout.as_str()), (1, ""));
        assert_eq!(done.stderr, "wp-sidecar: no user has the login, e-mail address or number \"nobody\"\n");
    }
}
