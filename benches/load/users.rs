//! Users as WordPress has them, as many as are wanted.

use std::io::Write as _;
use std::process::Stdio;

use wp_sidecar::wp::session_token::TOKEN_LENGTH;
use wp_sidecar::wp::sessions::{NewSession, Sessions};

use crate::wordpress::RealWordPress;

/// The first of them.
pub const FIRST: u64 = 1_000;
/// 2100: when their sessions end.
pub const FAR: i64 = 4_102_444_800;
/// Users in one statement.
const AT_ONCE: u64 = 500;

/// Adds so many users with that hash, fifteen meta rows and one profile row each, by multi-row inserts.
pub fn add(wordpress: &RealWordPress, users: u64, hash: &str) {
    let mut client = wordpress.server().client();
    let client = client.arg(wordpress.database()).stdin(Stdio::piped()).stdout(Stdio::null());
    let mut client = client.spawn().expect("mariadb runs");
    let mut input = client.stdin.take().expect("its input");
    let mut put = |text: &str| input.write_all(text.as_bytes()).expect("mariadb reads");
    put("SET unique_checks = 0, autocommit = 0;\n");
    let last = FIRST + users;
    for start in (FIRST..last).step_by(usize::try_from(AT_ONCE).expect("a small number")) {
        let ids = start..last.min(start + AT_ONCE);
        let users: Vec<String> = ids.clone().map(|id| user(id, hash)).collect();
        let meta: Vec<String> = ids.clone().map(meta).collect();
        let names: Vec<String> = ids.map(|id| format!("(1,{id},'Name {id}',NOW())")).collect();
        put(&format!(
            "INSERT INTO wp_users (ID, user_login, user_pass, user_nicename, user_email, user_registered, \
             display_name) VALUES {};\nINSERT INTO wp_usermeta (user_id, meta_key, meta_value) VALUES {};\n\
             INSERT INTO wp_bp_xprofile_data (field_id, user_id, value, last_updated) VALUES {};\nCOMMIT;\n",
            users.join(","),
            meta.join(","),
            names.join(",")
        ));
    }
    put("ANALYZE TABLE wp_users, wp_usermeta, wp_bp_xprofile_data;\n");
    drop(input);
    assert!(client.wait().expect("mariadb ends").success(), "adding users");
}

fn user(id: u64, hash: &str) -> String {
    format!("({id},'user{id}','{hash}','user{id}','user{id}@example.net',NOW(),'User {id}')")
}

/// The token of a user's session.
pub fn token(id: u64) -> String {
    format!("{id:0TOKEN_LENGTH$}")
}

/// The fifteen rows of a user.
fn meta(id: u64) -> String {
    let sessions = stored([id]);
    let sessions = String::from_utf8_lossy(&sessions);
    let rows = [
        ("nickname", format!("user{id}")),
        ("first_name", format!("First {id}")),
        ("last_name", format!("Last {id}")),
        ("description", "A few words about this user, as many have them.".to_owned()),
        ("rich_editing", "true".to_owned()),
        ("syntax_highlighting", "true".to_owned()),
        ("comment_shortcuts", "false".to_owned()),
        ("admin_color", "fresh".to_owned()),
        ("use_ssl", "0".to_owned()),
        ("show_admin_bar_front", "true".to_owned()),
        ("locale", String::new()),
        ("wp_capabilities", "a:1:{s:10:\"subscriber\";b:1;}".to_owned()),
        ("wp_user_level", "0".to_owned()),
        ("dismissed_wp_pointers", String::new()),
        ("session_tokens", sessions.into_owned()),
    ];
    let rows: Vec<String> = rows.iter().map(|(key, value)| format!("({id},'{key}','{value}')")).collect();
    rows.join(",")
}

/// Live sessions of those tokens.
pub fn stored(tokens: impl IntoIterator<Item = u64>) -> Vec<u8> {
    let mut sessions = Sessions::default();
    for number in tokens {
        let token = token(number);
        let (ip, user_agent) = (Some("203.0.113.9"), b"Mozilla/5.0 (Linux; Android 14)".as_slice());
        let session = NewSession { token: &token, expiration: FAR, ip, user_agent, login: 1_700_000_000 };
        sessions.add(session, usize::MAX);
    }
    sessions.serialize()
}
