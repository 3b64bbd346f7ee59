//! CVE-2024-6624 through every door and in every spelling: the database itself is asked which characters it takes for
//! those of a protected key, and keys made of them are written, deleted and read.
//!
//! `tests/api/protected_meta.rs` puts single characters into names; here whole names are replaced, and each door is
//! tried.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::http::{Request, Response};
use crate::server::Server;
use crate::site::{Site, encoded, form, post, post_json};

/// The keys that make an administrator or give away a session.
const NAMES: [&str; 3] = ["wp_capabilities", "wp_user_level", "session_tokens"];

/// A table of Unicode's characters: the first three planes, and the tags and selectors of the fourteenth.
const LETTERS: &str = "
    CREATE TABLE digits (d int NOT NULL PRIMARY KEY);
    INSERT INTO digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12), (13), (14), (15);
    CREATE TABLE letters (n int NOT NULL PRIMARY KEY, letter varchar(4) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin);
    INSERT INTO letters SELECT n, CONVERT(CONVERT(UNHEX(LPAD(HEX(n), 8, '0')) USING utf32) USING utf8mb4) FROM
    (SELECT a.d + 16*b.d + 256*c.d + 4096*e.d + 65536*f.d n FROM digits a, digits b, digits c, digits e, digits f
    WHERE f.d IN (0, 1, 2, 14)) numbers WHERE n > 0 AND n NOT BETWEEN 55296 AND 57343 AND n < 918000;
";

/// What a collation takes for each letter of the names, and what it does not see at all.
struct Alphabet {
    equals: BTreeMap<char, Vec<char>>,
    ignored: Vec<char>,
    /// One character for two or three.
    ligatures: BTreeMap<String, Vec<char>>,
}

impl Alphabet {
    #[track_caller]
    fn of(site: &Site, collation: &str) -> Self {
        let letter = |hex: &String| -> char {
            String::from_utf8(hex::decode(hex).unwrap()).unwrap().chars().next().unwrap()
        };
        let mut parts: Vec<String> = Vec::new();
        for name in NAMES {
            for length in 1..=3 {
                parts.extend((0..=name.len() - length).map(|start| name[start..start + length].to_owned()));
            }
        }
        parts.sort();
        parts.dedup();
        let list: Vec<String> = parts.iter().map(|part| format!("SELECT '{part}' part")).collect();
        let equal = site.sql(&format!(
            "SELECT HEX(l.letter), p.part FROM letters l JOIN ({}) p ON l.letter COLLATE {collation} = p.part COLLATE {collation}",
            list.join(" UNION ALL ")
        ));
        let ignored = site.sql(&format!(
            "SELECT HEX(letter) FROM letters WHERE CONCAT('a', letter, 'b') COLLATE {collation} = 'ab'"
        ));
        let (mut equals, mut ligatures) = (BTreeMap::new(), BTreeMap::new());
        for row in &equal {
            let found = letter(&row[0]);
            match row[1].len() {
                1 => equals.entry(row[1].chars().next().unwrap()).or_insert_with(Vec::new).push(found),
                _ => ligatures.entry(row[1].clone()).or_insert_with(Vec::new).push(found),
            }
        }
        Self { equals, ignored: ignored.iter().map(|row| letter(&row[0])).collect(), ligatures }
    }

    /// Every letter in all its forms, each at every place it has in the name.
    fn spellings(&self, name: &str) -> Vec<String> {
        let most = self.equals.values().map(Vec::len).max().unwrap_or(1);
        let form =
            |letter: char, turn: usize| self.equals.get(&letter).map_or(letter, |all| all[turn % all.len()]);
        let mut made: Vec<String> =
            (0..most).map(|turn| name.chars().map(|letter| form(letter, turn)).collect()).collect();
        // What is not seen stands anywhere: before, behind, between, and in heaps.
        for (turn, ignored) in self.ignored.chunks(32).enumerate() {
            let place = turn % (name.len() + 1);
            let heap: String = ignored.iter().collect();
            made.push(format!("{}{heap}{}", &name[..place], &name[place..]));
        }
        for (part, letters) in &self.ligatures {
            made.extend(
                letters
                    .iter()
                    .filter(|_| name.contains(part))
                    .map(|letter| name.replacen(part, &letter.to_string(), 1)),
            );
        }
        made.push(format!("{name}{}", " ".repeat(9)));
        made.push(name.to_uppercase());
        made
    }
}

/// A way for a key into the service.
type Door = fn(&Site, &str) -> Request;

/// Doors that write or delete.
const DOORS: [(&str, Door); 9] = [
    ("update_user_meta", |site, key| {
        post("user/update_user_meta", &[("cookie", &*site.cookie), ("meta_key", key), ("meta_value", EVIL)])
    }),
    ("update_user_meta, a list", |site, key| {
        post(
            "user/update_user_meta",
            &[("cookie", &*site.cookie), ("meta_key", key), ("meta_value[administrator]", "1")],
        )
    }),
    ("update_user_meta, JSON", |site, key| {
        post_json(
            "user/update_user_meta",
            &json!({"cookie": site.cookie, "meta_key": key, "meta_value": {"administrator": true}}),
        )
    }),
    ("update_user_meta_vars", |site, key| {
        post(
            "user/update_user_meta_vars",
            &[("cookie", &*site.cookie), ("harmless", "x"), (&*variable(key), EVIL)],
        )
    }),
    ("update_user_meta_vars, a list", |site, key| {
        let field = format!("{}[administrator]", variable(key));
        post("user/update_user_meta_vars", &[("cookie", &*site.cookie), (&*field, "1"), ("harmless", "x")])
    }),
    ("update_user_meta_vars, custom_fields", |site, key| {
        let field = format!("custom_fields[{key}]");
        post(
            "user/update_user_meta_vars",
            &[("cookie", &*site.cookie), ("custom_fields[harmless]", "x"), (&*field, EVIL)],
        )
    }),
    ("update_user_meta_vars, JSON", |site, key| {
        let mut fields = json!({"cookie": site.cookie, "custom_fields": {"harmless": "x"}});
        fields["custom_fields"][key] = json!({"administrator": true});
        post_json("user/update_user_meta_vars", &fields)
    }),
    ("update_user_meta_vars, query and multipart", |site, key| {
        let query = form(&[(variable(key), EVIL)]);
        let body = format!(
            "--b\r\nContent-Disposition: form-data; name=\"cookie\"\r\n\r\n{}\r\n--b--\r\n",
            site.cookie
        );
        Request::new("POST", &format!("/api/user/update_user_meta_vars/?insecure=cool&{query}"))
            .header("Content-Type", "multipart/form-data; boundary=b")
            .body(body)
    }),
    ("delete_user_meta", |site, key| {
        // The value that is there: a key found would be deleted.
        let value = "a:1:{s:10:\"subscriber\";b:1;}";
        post("user/delete_user_meta", &[("cookie", &*site.cookie), ("meta_key", key), ("meta_value", value)])
    }),
];

/// The name of a variable for the key. PHP makes `_` of blanks in names, save within brackets.
fn variable(key: &str) -> String {
    if key.contains(' ') { format!("custom_fields[{key}]") } else { key.to_owned() }
}

const EVIL: &str = "a:1:{s:13:\"administrator\";b:1;}";

#[track_caller]
fn assert_protected(answer: &Response, about: &str) {
    let text = answer.text();
    assert_eq!(answer.status, 400, "{about}: {text}");
    assert!(text.contains("The meta_key '") && text.contains("' is protected."), "{about}: {text}");
}

/// The form and JSON of a registration that brings the key along.
fn registrations(key: &str, nonce: &str) -> [Request; 2] {
    let base = [("username", "eve"), ("email", "eve@example.net"), ("nonce", nonce), ("user_pass", "p")];
    let field = format!("custom_fields[{key}][administrator]");
    let fields = [&base[..], &[("custom_fields[harmless]", "x"), (&*field, "1")]].concat();
    let mut object: Value =
        base.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect();
    object["custom_fields"] = json!({ key: {"administrator": true} });
    [post("user/register", &fields), post_json("user/register", &object)]
}

fn no_spelling_comes_in_by_any_door(server: &'static Server, collations: &[&str]) {
    let site = Site::new(server);
    site.sql(LETTERS);
    for collation in collations {
        site.sql(&format!(
            "ALTER TABLE wp_usermeta MODIFY meta_key varchar(255) CHARACTER SET utf8mb4 COLLATE {collation}"
        ));
        site.app.refresh();
        let alphabet = Alphabet::of(&site, collation);
        let before = site.looker.look();
        let nonce = site.app.nonce("register");
        let mut count = 0;
        // All of them in the collations that sites have by themselves, every other one in those of old sites.
        let step = if collation.contains("_520_") || collation.contains("_0900_") { 1 } else { 2 };
        for name in NAMES {
            for (turn, key) in alphabet.spellings(name).iter().step_by(step).enumerate() {
                count += 1;
                let (door, request) = &DOORS[turn % DOORS.len()];
                let about = format!("{collation} {door} {}", key.escape_unicode());
                let answer = site.app.send(&request(&site, key));
                // The text filter of this method may leave a name that is nobody's.
                if answer.text() != r#"{"status":"ok","deleted":false}"# {
                    assert_protected(&answer, &about);
                }
                if turn % 32 == 0 {
                    for request in registrations(key, &nonce) {
                        assert_protected(&site.app.send(&request), &format!("{about}, register"));
                    }
                    let read = format!(
                        "/api/user/get_user_meta/?insecure=cool&cookie={}&meta_key={}",
                        encoded(&site.cookie),
                        encoded(key)
                    );
                    let text = site.app.get(&read).text();
                    assert!(!text.contains("expiration") && !text.contains("user-agent"), "{about}: {text}");
                }
            }
        }
        println!(
            "{} {collation}: {count} spellings, {} letters unseen",
            server.name(),
            alphabet.ignored.len()
        );
        assert!(count > 60, "{collation}: the server knows variants");
        site.assert_unchanged(&before, collation);
    }
}

#[test]
fn no_spelling_that_mariadb_takes_for_a_protected_key_comes_in_by_any_door() {
    no_spelling_comes_in_by_any_door(
        Server::mariadb(),
        &["utf8mb4_unicode_520_ci", "utf8mb4_unicode_ci", "utf8mb4_general_ci"],
    );
}

#[test]
fn no_spelling_that_mysql_takes_for_a_protected_key_comes_in_by_any_door() {
    no_spelling_comes_in_by_any_door(
        Server::mysql97(),
        &["utf8mb4_unicode_520_ci", "utf8mb4_unicode_ci", "utf8mb4_general_ci", "utf8mb4_0900_ai_ci"],
    );
}
