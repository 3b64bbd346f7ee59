//! Replays the recordings of the real plugins: same answers, same rows, but for the numbered differences.
//!
//! The service gets the clock and the random bytes that make the recorded cookies and hashes, so these are compared
//! byte for byte.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;

use base64::Engine as _;
use serde_json::{Value, json};
use sha2::Digest as _;
use wp_sidecar::wp::auth_cookie;
use wp_sidecar::wp::password::{self, Reference};
use wp_sidecar::wp::php_serialize::{maybe_unserialize, serialize};
use wp_sidecar::wp::php_value::PhpValue;
use wp_sidecar::wp::reset_key::fast_hash;
use wp_sidecar::wp::version::WpVersion;

use crate::app::{Setup, TestApp, bytes_of_text, bytes_of_token, dump};
use crate::http::{Request, Response};
use crate::rows::{Change, Looker, Rows, changes, recorded};
use crate::server::Server;
use crate::smtp::SmtpSink;
use crate::wordpress::KEYS;

const RECORDINGS: &str = include_str!("../../fixtures/recordings/user-and-auth.wordpress-6.8.8.json");

/// Whose rules the recordings follow.
const VERSION: WpVersion = WpVersion::new(6, 8);

/// A recorded request that the service answers otherwise: the line of docs/differences.md, and what it answers.
struct Excuse {
    id: &'static str,
    difference: &'static str,
    status: u16,
    answer: fn(&Value) -> bool,
    /// The rows that it writes instead, where the recording has rows.
    rows: fn(&[Change]) -> bool,
}

const fn excuse(
    id: &'static str,
    difference: &'static str,
    status: u16,
    answer: fn(&Value) -> bool,
) -> Excuse {
    Excuse { id, difference, status, answer, rows: |_| true }
}

/// The same where the rows count too.
const fn excuse_rows(
    id: &'static str,
    difference: &'static str,
    status: u16,
    answer: fn(&Value) -> bool,
    rows: fn(&[Change]) -> bool,
) -> Excuse {
    Excuse { id, difference, status, answer, rows }
}

fn error(answer: &Value, text: &str) -> bool {
    *answer == json!({"status": "error", "error": text})
}

fn version(answer: &Value) -> bool {
    *answer == json!({"status": "ok", "version": "3.6.0"})
}

fn bad_seconds(answer: &Value) -> bool {
    error(answer, "The 'seconds' var must be a positive whole number.")
}

const NO_VARS: &str = "You must include one or more vars in your request to add or update as user_meta. e.g. 'name', \
    'website', 'skills'. You must provide multiple meta_key vars in this format: \
    &name=Ali&website=parorrey.com&description=This is test description. If any field has the possibility to hold \
    more than one value for any multi-select fields or check boxes, you must provide an array of values and use POST \
    method.";
fn no_post(answer: &Value) -> bool {
    error(answer, "Invalid 'post_id'. The specified post does not exist.")
}

fn flood(answer: &Value) -> bool {
    error(answer, "You are posting comments too quickly. Slow down.")
}

/// One comment that waits for approval, and nothing else.
fn one_held_comment(rows: &[Change]) -> bool {
    matches!(rows, [Change::Insert { table, row, .. }]
        if table == "wp_comments" && row["comment_approved"].as_deref() == Some("0"))
}

fn updated(answer: &Value, label: &str) -> bool {
    *answer == json!({"status": "ok", label: {"updated": true}})
}

/// Every request that is answered otherwise. Avatars (D2) and the token of `cookie_admin` (D5) and the echo of
/// `insecure` (D7) differ in many answers and are checked, not listed.
const EXCUSES: &[Excuse] = &[
    excuse("unknown-method", "D3", 400, |answer| error(answer, "Unknown method 'nope'.")),
    excuse("no-trailing-slash-get", "D21", 200, version),
    excuse("redirect-offsite", "D18", 200, version),
    excuse("put", "D17", 405, |answer| error(answer, "Method not allowed.")),
    excuse("login-seconds-negative", "D8", 400, bad_seconds),
    excuse("login-seconds-text", "D8", 400, bad_seconds),
    excuse("meta-session_tokens", "D6", 200, |answer| {
        *answer == json!({"status": "ok", "session_tokens": []})
    }),
    excuse("umeta-nested", "D4", 200, |answer| answer["updated"].is_u64()),
    excuse("umetavars-none", "D7", 400, |answer| error(answer, NO_VARS)),
    excuse("xprofile-Secret", "D11", 200, |answer| *answer == json!({"status": "ok", "Secret": ""})),
    excuse("xpu-multi", "D10", 200, |answer| updated(answer, "Skills")),
    excuse("xpu-multi-single", "D10", 200, |answer| updated(answer, "Skills")),
    excuse("xpu-text-comma", "D10", 200, |answer| updated(answer, "Location")),
    excuse("xpu-checkbox", "D10", 200, |answer| updated(answer, "Interests")),
    excuse("xpu-about_me", "D10", 200, |answer| updated(answer, "About_Me")),
    excuse("xpu-array", "D10", 200, |answer| updated(answer, "Skills")),
    excuse("reg-username-long", "D15", 400, |answer| {
        error(answer, "Username may not be longer than 60 characters.")
    }),
    excuse("reg-email-long", "D15", 400, |answer| {
        error(answer, "E-mail address may not be longer than 100 characters.")
    }),
    excuse("login-htmlpass-sanitized", "D14", 401, |answer| {
        error(answer, "Invalid username/email and/or password.")
    }),
    excuse("login-htmlpass-raw", "D14", 200, |answer| answer["user"]["username"] == "htmlpass"),
    excuse("login-jsonbody", "D23", 200, |answer| answer["user"]["username"] == "john"),
    excuse("rp-unknown-login", "D13", 400, |answer| error(answer, "Invalid username or e-mail.")),
    // post_comment: nobody approves himself; john has no approved comment yet, and floods after the first one.
    excuse_rows("comment-approved", "D9", 200, |answer| answer["comment_id"] == 2, one_held_comment),
    excuse_rows(
        "comment-closed",
        "D9",
        400,
        |answer| error(answer, "Comments are closed for this post."),
        <[Change]>::is_empty,
    ),
    excuse_rows("comment-draft", "D9", 400, no_post, <[Change]>::is_empty),
    excuse_rows("comment-unknownpost", "D9", 400, no_post, <[Change]>::is_empty),
    excuse_rows("comment-script", "D9", 400, flood, <[Change]>::is_empty),
    excuse_rows("comment-spam-status", "D9", 400, flood, <[Change]>::is_empty),
    excuse_rows("comment-quote", "D9", 400, flood, <[Change]>::is_empty),
    excuse_rows(
        "comment-dup",
        "D9",
        400,
        |answer| {
            error(answer, "Duplicate comment detected; it looks as though you&#8217;ve already said that!")
        },
        <[Change]>::is_empty,
    ),
];

/// What was written between the recorded requests and shows in the answer of one that writes nothing itself.
const UNRECORDED: &[(&str, &str)] = &[(
    "xprofile-after-Bio",
    r#"UPDATE wp_bp_xprofile_data SET value = 'x<b>bold</b> <a href=\\"http://e.org\\" rel=\\"nofollow\\">l</a>'
       WHERE user_id = 1 AND field_id = 4"#,
)];

#[test]
fn recorded_requests_are_answered_as_recorded_with_the_same_rows() {
    replay(Server::mariadb());
}

#[test]
fn recorded_requests_are_answered_as_recorded_by_genuine_mysql_too() {
    replay(Server::mysql97());
}

fn replay(server: &'static Server) {
    let database = server.database_from(&dump("6.8"));
    let mails = SmtpSink::start();
    let app = Setup::on(&server.url(&database))
        .set("wordpress.version", "6.8.8")
        .set("mail.transport", "smtp")
        .set("mail.smtp_url", &mails.url())
        .scripted()
        .start();
    let looker = Looker::new(server, &database);
    let entries: Vec<Value> = serde_json::from_str(RECORDINGS).expect("recordings");
    let mut before = looker.look();
    let mut replay = Replay { sessions: session_keys(&before), ..Replay::default() };
    for entry in &entries {
        let id = entry["id"].as_str().expect("an id");
        let own = (!option_set(entry).is_empty()).then(|| before.clone());
        let mut settled = replay.settle(&looker, entry, &before) | set_up(server, &database, entry);
        for (_, sql) in UNRECORDED.iter().filter(|(before, _)| *before == id) {
            server.exec(&database, sql);
            settled = true;
        }
        if settled {
            before = looker.look();
        }
        let answer = Replay::send(&app, entry);
        let after = looker.look();
        let entry = &replay.with_own_hash(entry, &after);
        let made = changes(&before, &after);
        if let Some(excuse) = EXCUSES.iter().find(|excuse| excuse.id == id) {
            assert_eq!(answer.status, excuse.status, "{id}: {}", answer.text());
            assert!((excuse.answer)(&answer.json()), "{id}: {}", answer.text());
            assert!((excuse.rows)(&made), "{id}: {made:?}");
            *replay.excused.entry(excuse.difference).or_default() += 1;
            // What it wrote is not what the next recordings start from.
            looker.restore(&made, &before);
        } else {
            replay.sessions.extend(recorded_cookie(entry).map(|cookie| session_key(&cookie)));
            replay.learn_key(entry);
            let wanted = replay.wanted_changes(entry, &made);
            replay.compare_answer(entry, &answer, &after);
            compare_rows(entry, &made, &wanted);
            replay.compare_mails(entry, &mails);
            replay.equal += 1;
            before = after;
        }
        if let Some(own) = own {
            looker.restore(&changes(&own, &before), &own);
            before = looker.look();
        }
    }
    let summary = format!(
        "{}: {} recorded requests equal; excused {:?}; fields excused {:?}",
        server.name(),
        replay.equal,
        replay.excused,
        replay.fields
    );
    // Past the test runner's capture: this is to be read when all is well, too.
    let _ = writeln!(std::io::stderr(), "{summary}");
    let used: usize = replay.excused.values().sum();
    assert_eq!(used, EXCUSES.len(), "every excuse names a recording");
    assert_eq!(replay.equal + used, entries.len(), "no recording is passed over");
    // D9: the two comments that wait are told to those who decide; the plugin told nobody.
    let mut others: Vec<(String, String)> = mails
        .take()
        .iter()
        .map(|mail| (mail.header("To").to_owned(), mail.header("Subject").to_owned()))
        .collect();
    let told = |to: &str| (to.to_owned(), "[Rig Site] Please moderate: \"Open post\"".to_owned());
    let mut wanted =
        ["admin@example.org", "editor@example.org"].repeat(2).into_iter().map(told).collect::<Vec<_>>();
    wanted.sort();
    others.sort();
    assert_eq!(others, wanted, "mails that were not recorded");
}

#[derive(Default)]
struct Replay {
    equal: usize,
    excused: BTreeMap<&'static str, usize>,
    fields: BTreeMap<&'static str, usize>,
    /// Keys of the sessions that are to be here: the dump's, and the first of each login that was replayed. The
    /// recorded rows have more: second tokens of a login (D5), logins that are excused or were not kept.
    sessions: BTreeSet<String>,
    /// Recorded reset keys, as stored, to those stored here.
    keys: BTreeMap<String, String>,
    /// Recorded row numbers to those made here.
    numbers: BTreeMap<(String, String), String>,
}

impl Replay {
    /// Sends the request at the recorded moment, with the random bytes of the recorded token and salt.
    fn send(app: &TestApp, entry: &Value) -> Response {
        let request = &entry["request"];
        let pairs = |name: &str| -> Vec<(String, String)> {
            serde_json::from_value(request[name].clone()).unwrap_or_default()
        };
        let path = request["path"].as_str().expect("a path");
        let query = serde_urlencoded::to_string(pairs("query")).expect("a query");
        let separator = if query.is_empty() { "" } else { "?" };
        let method = request["method"].as_str().expect("a method");
        let mut sent = Request::new(method, &format!("{path}{separator}{query}"));
        let headers = request["headers"].as_object().expect("headers");
        if !headers.contains_key("User-Agent") {
            sent = sent.header("User-Agent", "golden/1.0");
        }
        for (name, value) in headers {
            sent = sent.header(name, value.as_str().expect("a header"));
        }
        let form = pairs("form");
        if let Some(raw) = request["raw"].as_str() {
            sent = sent.body(raw);
        } else if entry["id"] == "login-multipart" {
            let parts: Vec<String> = form
                .iter()
                .map(|(name, value)| {
                    format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                })
                .collect();
            sent = sent
                .header("Content-Type", "multipart/form-data; boundary=b")
                .body(parts.concat() + "--b--\r\n");
        } else if !form.is_empty() {
            let body = serde_urlencoded::to_string(&form).expect("a form");
            sent = sent.header("Content-Type", "application/x-www-form-urlencoded").body(body);
        }

        app.set_now(moment(entry));
        // In the order in which they are drawn: a password nobody chose, salt, token, reset key and its salt.
        let password: &[u8] =
            if new_user(entry).is_some() && parameter(entry, "user_pass").is_none() { &[0; 32] } else { &[] };
        let salt = new_hash(entry).map(|hash| salt_of(&hash)).unwrap_or_default();
        let key = recorded_key(entry).map(|key| [&bytes_of_text::<32>(&key)[..], &[0; 6]].concat());
        let token = recorded_cookie(entry).map(|cookie| bytes_of_token(part(&cookie, 2)));
        let token = token.as_ref().map_or(&[][..], |bytes| &bytes[..]);
        app.script(&[password, &salt, token, &key.unwrap_or_default()]);
        app.send(&sent)
    }

    /// The entry with the hash that was made here, and the cookies signed with it, where the recorded hash is not
    /// that of the password as sent: nobody chose one, or the plugin changed it (D14).
    fn with_own_hash(&mut self, entry: &Value, after: &Rows) -> Value {
        let mut entry = entry.clone();
        let Some((place, id)) = new_user(&entry) else { return entry };
        let recorded = new_hash(&entry).expect("a hash");
        let Some(row) = after.get(&("wp_users".to_owned(), id)) else { return entry };
        let own = row["user_pass"].clone().expect("a hash");
        if own == recorded {
            return entry;
        }
        assert!(own.starts_with("$wp$2y$10$"), "{own}");
        let reason = if let Some(password) = parameter(&entry, "user_pass") {
            let fits = |hash: &str| {
                password::check(password.as_bytes(), Some(hash.as_bytes()), VERSION, Reference::default())
                    .matches
            };
            assert!(fits(&own) && !fits(&recorded), "{}", entry["id"]);
            "D14"
        } else {
            "a password nobody chose"
        };
        *self.fields.entry(reason).or_default() += 1;
        entry["db"][place]["row"]["user_pass"] = own.as_str().into();
        let cookie = recorded_cookie(&entry).expect("a cookie");
        entry["response"]["json"]["cookie"] = signed(&cookie, &own, "LOGGED_IN").into();
        entry
    }

    fn compare_answer(&mut self, entry: &Value, answer: &Response, rows: &Rows) {
        let (id, expected) = (&entry["id"], &entry["response"]);
        assert_eq!(Some(u64::from(answer.status)), expected["status"].as_u64(), "{id}: {}", answer.text());
        let kind = |text: Option<&str>| text.unwrap_or_default().to_owned();
        assert_eq!(kind(answer.header("content-type")), kind(expected["content_type"].as_str()), "{id}");
        assert_eq!(answer.header("location"), expected["location"].as_str(), "{id}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{id}");
        if let Some(text) = expected["text"].as_str() {
            assert_eq!(answer.text(), text, "{id}");
        }
        if expected["json"].is_null() {
            return;
        }
        let mut wanted = expected["json"].clone();
        self.excuse_admin_cookie(entry, &mut wanted, rows);
        self.excuse_echo(&mut wanted);
        let size = if entry["request"]["path"].as_str().unwrap().contains("user/generate_auth_cookie") {
            512
        } else {
            32
        };
        self.excuse_meta(entry, &mut wanted);
        self.number(&mut wanted);
        self.excuse_avatar(&mut wanted, size, rows);
        if wanted["user"].is_object() {
            self.excuse_avatar(&mut wanted["user"], size, rows);
        }
        // Key order counts, so the texts are compared.
        assert_eq!(answer.json().to_string(), wanted.to_string(), "{id}");
    }

    /// D6: a list of all meta is without the secret ones. D7: `insecure` is no meta.
    fn excuse_meta(&mut self, entry: &Value, wanted: &mut Value) {
        let (difference, key) = match method(entry) {
            "get_user_meta" => ("D6", "session_tokens"),
            "update_user_meta_vars" => ("D7", "insecure"),
            _ => return,
        };
        if wanted.as_object_mut().is_some_and(|fields| fields.shift_remove(key).is_some()) {
            *self.fields.entry(difference).or_default() += 1;
        }
    }

    /// Puts the number that a row got here where the answer tells the recorded one.
    fn number(&self, wanted: &mut Value) {
        for (name, value) in wanted.as_object_mut().into_iter().flatten() {
            if value.is_object() {
                self.number(value);
            } else if name == "updated"
                && let Some(number) = self.numbers.get(&("wp_usermeta".to_owned(), value.to_string()))
            {
                *value = number.parse::<u64>().expect("a number").into();
            }
        }
    }

    /// D7: `insecure` is no field.
    fn excuse_echo(&mut self, wanted: &mut Value) {
        if wanted["insecure"]["updated"].is_boolean() {
            wanted.as_object_mut().expect("an object").shift_remove("insecure");
            *self.fields.entry("D7").or_default() += 1;
        }
    }

    /// D2: the real address where the plugin has null, and plain where it is escaped.
    fn excuse_avatar(&mut self, object: &mut Value, size: u32, rows: &Rows) {
        if let Some(escaped) = object["avatar"].as_str().filter(|avatar| avatar.contains("&#038;")) {
            object["avatar"] = escaped.replace("&#038;", "&").into();
            *self.fields.entry("D2").or_default() += 1;
        }
        if object.get("avatar").is_none_or(|avatar| !avatar.is_null()) || object["id"].is_null() {
            return;
        }
        let user = &rows[&("wp_users".to_owned(), object["id"].to_string())];
        let email = user["user_email"].as_deref().expect("an address").to_lowercase();
        let hash = hex::encode(md5::Md5::digest(email));
        object["avatar"] = format!("//www.gravatar.com/avatar/{hash}?s={size}&r=g&d=mm").into();
        *self.fields.entry("D2").or_default() += 1;
    }

    /// D5: the cookie for wp-admin has the token of the other one.
    fn excuse_admin_cookie(&mut self, entry: &Value, wanted: &mut Value, rows: &Rows) {
        if wanted["cookie_admin"].is_null() {
            return;
        }
        let cookie = recorded_cookie(entry).expect("a cookie beside it");
        let user = rows.iter().find(|((table, _), row)| {
            table == "wp_users" && row["user_login"].as_deref() == Some(part(&cookie, 0))
        });
        let (_, row) = user.expect("the cookie's user");
        let hash = row["user_pass"].as_deref().expect("a hash");
        wanted["cookie_admin"] = signed(&cookie, hash, "SECURE_AUTH").into();
        *self.fields.entry("D5").or_default() += 1;
    }

    /// Puts the columns that a request changed to what they were recorded to be before it: not all that the recorded site
    /// went through is in the recordings, and excused requests leave other rows. Sessions are another matter.
    fn settle(&self, looker: &Looker, entry: &Value, before: &Rows) -> bool {
        let mut settled = false;
        for change in recorded(&entry["db"]) {
            let Change::Update { table, key, changed } = change else { continue };
            let Some(row) = before.get(&(table.clone(), key.clone())) else { continue };
            if row.get("meta_key").is_some_and(|key| key.as_deref() == Some("session_tokens")) {
                continue;
            }
            for (column, (from, _)) in changed {
                let from = from.map(|from| self.keys.get(&from).cloned().unwrap_or(from));
                if row.get(&column) != Some(&from) {
                    looker.set(&table, &key, &column, from.as_deref());
                    settled = true;
                }
            }
        }
        settled
    }

    /// D13: the key that was mailed is stored as WordPress itself stores it, not the old way.
    fn learn_key(&mut self, entry: &Value) {
        let Some(key) = recorded_key(entry) else { return };
        let stored = entry["db"].as_array().into_iter().flatten().find_map(|change| {
            let written =
                [&change["changed"]["user_activation_key"]["to"], &change["row"]["user_activation_key"]];
            written.into_iter().find_map(|value| value.as_str().filter(|value| !value.is_empty()))
        });
        let stored = stored.expect("a stored key");
        let here = format!("{}:{}", moment(entry), fast_hash(key.as_bytes()));
        if stored != here {
            *self.fields.entry("D13").or_default() += 1;
        }
        self.keys.insert(stored.to_owned(), here);
    }

    /// D25: recipient, sender, subject and links as recorded; the text is the service's own.
    fn compare_mails(&mut self, entry: &Value, mails: &SmtpSink) {
        for recorded in entry["mail"].as_array().into_iter().flatten() {
            let (id, recorded) = (&entry["id"], recorded.as_str().expect("a mail"));
            let header = |name: &str| {
                let line = recorded.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
                line.unwrap_or_else(|| panic!("{id}: no {name}"))
            };
            let mail = mails.wait_for_mail(header("To"), header("Subject"));
            assert_eq!(mail.header("From"), header("From"), "{id}");
            assert_eq!(links(&mail.body), links(recorded), "{id}");
            *self.fields.entry("D25").or_default() += 1;
        }
    }

    /// The recorded changes as they are to be here; learns the numbers of new rows.
    fn wanted_changes(&mut self, entry: &Value, made: &[Change]) -> Vec<Change> {
        let wanted: Vec<Change> = recorded(&entry["db"])
            .into_iter()
            .filter_map(|change| self.here(change))
            .filter(|change| !is_protocol_meta(entry, change))
            .collect();
        for (change, wanted) in made.iter().zip(&wanted) {
            // New rows may have other numbers than those recorded.
            if let (Change::Insert { table, key, .. }, Change::Insert { key: number, .. }) = (change, wanted)
            {
                self.numbers.insert((table.clone(), number.clone()), key.clone());
            }
        }
        wanted
    }

    /// A recorded change as it is to be here: without the sessions that only the recorded site has.
    fn here(&self, change: Change) -> Option<Change> {
        match change {
            Change::Insert { table, key, mut row } => {
                if row.get("meta_key").is_some_and(|key| key.as_deref() == Some("session_tokens")) {
                    let value = row["meta_value"].clone().map(|value| self.own_sessions(&value));
                    row.insert("meta_value".to_owned(), value);
                }
                if let Some(key) = row.get_mut("user_activation_key") {
                    *key = key.take().map(|key| self.keys.get(&key).cloned().unwrap_or(key));
                }
                Some(Change::Insert { table, key, row })
            }
            Change::Update { table, key, changed } => {
                let number = self.numbers.get(&(table.clone(), key.clone())).cloned().unwrap_or(key);
                let changed: BTreeMap<_, _> = changed
                    .into_iter()
                    .map(|(name, (from, to))| {
                        let key = |value: String| self.keys.get(&value).cloned().unwrap_or(value);
                        let own = |value: Option<String>| value.map(|value| key(self.own_sessions(&value)));
                        (name, (own(from), own(to)))
                    })
                    .filter(|(_, (from, to))| from != to)
                    .collect();
                (!changed.is_empty()).then_some(Change::Update { table, key: number, changed })
            }
            Change::Delete { table, key } => {
                let key = self.numbers.get(&(table.clone(), key.clone())).cloned().unwrap_or(key);
                Some(Change::Delete { table, key })
            }
        }
    }

    /// Drops the sessions that only the recorded site has; other values stay as they are.
    fn own_sessions(&self, value: &str) -> String {
        let Some(mut sessions) = maybe_unserialize(value.as_bytes()).into_array() else {
            return value.to_owned();
        };
        let count = sessions.len();
        sessions.retain(|key, session| {
            let is_session = session.as_array().is_some_and(|fields| fields.contains_key("expiration"));
            !is_session || self.sessions.contains(&String::from_utf8_lossy(&key.to_bytes()).into_owned())
        });
        if sessions.len() == count {
            return value.to_owned();
        }
        String::from_utf8(serialize(&PhpValue::Array(sessions))).expect("text")
    }
}

fn compare_rows(entry: &Value, made: &[Change], wanted: &[Change]) {
    let without_numbers =
        |changes: &[Change]| -> Vec<Change> { changes.iter().cloned().map(unnumbered).collect() };
    assert_eq!(without_numbers(made), without_numbers(wanted), "{}", entry["id"]);
}

/// D7: the row that the plugin makes of its own parameter.
fn is_protocol_meta(entry: &Value, change: &Change) -> bool {
    let Change::Insert { row, .. } = change else { return false };
    method(entry) == "update_user_meta_vars"
        && row.get("meta_key").is_some_and(|key| key.as_deref() == Some("insecure"))
}

/// The last part of the request's path.
fn method(entry: &Value) -> &str {
    let path = entry["request"]["path"].as_str().expect("a path");
    path.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

/// Rows are compared without the numbers that the server gave them.
fn unnumbered(change: Change) -> Change {
    match change {
        Change::Insert { table, mut row, .. } => {
            row.remove(crate::rows::primary_key(&table));
            Change::Insert { table, key: String::new(), row }
        }
        other => other,
    }
}

fn part(cookie: &str, place: usize) -> &str {
    cookie.split('|').nth(place).expect("a cookie of four parts")
}

fn session_key(cookie: &str) -> String {
    hex::encode(sha2::Sha256::digest(part(cookie, 2)))
}

/// The keys of all sessions in these rows.
fn session_keys(rows: &Rows) -> BTreeSet<String> {
    rows.values()
        .filter(|row| row.get("meta_key").is_some_and(|key| key.as_deref() == Some("session_tokens")))
        .filter_map(|row| maybe_unserialize(row["meta_value"].as_deref()?.as_bytes()).into_array())
        .flat_map(|sessions| {
            sessions
                .keys()
                .map(|key| String::from_utf8_lossy(&key.to_bytes()).into_owned())
                .collect::<Vec<_>>()
        })
        .collect()
}

fn recorded_cookie(entry: &Value) -> Option<String> {
    entry["response"]["json"]["cookie"].as_str().filter(|cookie| cookie.contains('|')).map(str::to_owned)
}

/// The reset key in a recorded mail.
fn recorded_key(entry: &Value) -> Option<String> {
    let mails = entry["mail"].as_array()?;
    let after = mails.iter().find_map(|mail| Some(mail.as_str()?.split_once("key=")?.1.to_owned()))?;
    Some(after.chars().take_while(char::is_ascii_alphanumeric).collect())
}

/// The links to the login page: their parts without the order of the parameters, which is the version's own.
fn links(text: &str) -> BTreeSet<(String, BTreeSet<(String, String)>)> {
    let lines = text.lines().map(|line| line.trim_matches(['<', '>']));
    lines
        .filter(|line| line.starts_with("http") && line.contains("wp-login.php"))
        .map(|line| {
            let url = url::Url::parse(line).expect("an address");
            let place = line.split('?').next().unwrap_or_default();
            (place.to_owned(), url.query_pairs().into_owned().collect())
        })
        .collect()
}

/// When PHP's clock was read: a stamp in the rows written, a login's own, else the time noted.
fn moment(entry: &Value) -> i64 {
    let stamp = entry["db"].as_array().into_iter().flatten().find_map(|change| {
        let stamp = change["changed"]["last_updated"]["to"].as_str()?;
        wp_sidecar::wp::php_date::parse(stamp.as_bytes())
    });
    if let Some(stamp) = stamp {
        return stamp;
    }
    let noted = entry["time"].as_i64().expect("a time");
    let seconds = entry["request"]["form"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|pair| pair[0] == "seconds")
        .and_then(|pair| pair[1].as_str()?.parse().ok())
        .unwrap_or(1_209_600);
    recorded_cookie(entry).map_or(noted, |cookie| part(&cookie, 1).parse::<i64>().expect("a time") - seconds)
}

/// The hash that a login wrote, if it renewed one.
fn new_hash(entry: &Value) -> Option<String> {
    let changes = entry["db"].as_array()?;
    let hash = |change: &Value| {
        let made = change["changed"]["user_pass"]["to"].as_str().or(change["row"]["user_pass"].as_str());
        made.map(str::to_owned)
    };
    changes.iter().find_map(hash)
}

/// The place and the number of the user that a request made.
fn new_user(entry: &Value) -> Option<(usize, String)> {
    let changes = entry["db"].as_array()?;
    let place =
        changes.iter().position(|change| change["op"] == "insert" && change["table"] == "wp_users")?;
    Some((place, changes[place]["row"]["ID"].to_string()))
}

/// A parameter of the request.
fn parameter<'a>(entry: &'a Value, name: &str) -> Option<&'a str> {
    let pairs = |part: &str| entry["request"][part].as_array().into_iter().flatten();
    pairs("query").chain(pairs("form")).find(|pair| pair[0] == name)?[1].as_str()
}

/// The cookie's login, time and token, signed in another scheme or with another hash.
fn signed(cookie: &str, hash: &str, scheme: &str) -> String {
    let key = |name: &str| KEYS.iter().find(|(known, _)| *known == name).expect("a key").1;
    let salt = format!("{}{}", key(&format!("{scheme}_KEY")), key(&format!("{scheme}_SALT")));
    let expiration = part(cookie, 1).parse().expect("a time");
    auth_cookie::generate(
        part(cookie, 0),
        hash.as_bytes(),
        expiration,
        part(cookie, 2),
        salt.as_bytes(),
        VERSION,
    )
}

/// Makes the site what it was when the request came and no recording tells of. False when there is nothing to do.
fn set_up(server: &Server, database: &str, entry: &Value) -> bool {
    for (name, value) in option_set(entry) {
        let sql = format!("UPDATE wp_options SET option_value = '{value}' WHERE option_name = '{name}'");
        server.exec(database, &sql);
    }
    let Some((_, id)) = new_user(entry) else {
        return !option_set(entry).is_empty();
    };
    let id: u64 = id.parse().expect("a number");
    // Users of requests that were not kept.
    let last: u64 = server.query(database, "SELECT MAX(ID) FROM wp_users")[0][0].parse().expect("a number");
    for missing in last + 1..id {
        let sql = format!(
            "INSERT INTO wp_users (ID, user_login, user_registered) VALUES ({missing}, 'not recorded {missing}', NOW())"
        );
        server.exec(database, &sql);
    }
    server.exec(
        database,
        "UPDATE wp_options SET option_value = (SELECT COUNT(*) FROM wp_users) WHERE option_name = 'user_count'",
    );
    // The strict modes refuse any change of WordPress's own table.
    let sql = format!("SET SESSION sql_mode = ''; ALTER TABLE wp_users AUTO_INCREMENT = {id}");
    server.exec(database, &sql);
    true
}

/// Options that the recorder set for a request.
fn option_set(entry: &Value) -> &'static [(&'static str, &'static str)] {
    match entry["id"].as_str() {
        Some("reg-disabled") => &[("users_can_register", "0")],
        _ => &[],
    }
}

/// The 16 bytes of salt in `$wp$2y$10$…`.
fn salt_of(hash: &str) -> Vec<u8> {
    let text = &hash["$wp$2y$10$".len()..][..22];
    let config = base64::engine::GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(base64::engine::DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true);
    base64::engine::GeneralPurpose::new(&base64::alphabet::BCRYPT, config).decode(text).expect("a salt")
}
