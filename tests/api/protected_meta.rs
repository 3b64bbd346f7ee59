//! The keys that no request writes, in every spelling that the database takes for them.

use serde_json::json;

use crate::app::{Setup, TestApp, dump};
use crate::http::{Request, Response};
use crate::rows::{Looker, changes};
use crate::server::Server;

/// A recorded site whose `meta_key` has been given another collation from time to time.
struct Site {
    server: &'static Server,
    database: String,
    app: TestApp,
    looker: Looker,
    cookie: String,
}

impl Site {
    #[track_caller]
    fn new(server: &'static Server, settings: &[(&str, &str)]) -> Self {
        let database = server.database_from(&dump("6.8"));
        let setup = Setup::on(&server.url(&database)).set("wordpress.version", "6.8");
        let app = settings.iter().fold(setup, |setup, (name, value)| setup.set(name, value)).start();
        let cookie = app.cookie("john", "john Pass 3");
        let looker = Looker::new(server, &database);
        Self { server, database, app, looker, cookie }
    }

    #[track_caller]
    fn collate(&self, collation: &str) {
        let charset = collation.split('_').next().unwrap();
        self.server.exec(
            &self.database,
            &format!(
                "ALTER TABLE wp_usermeta MODIFY meta_key varchar(255) CHARACTER SET {charset} COLLATE {collation}"
            ),
        );
        self.app.refresh();
    }

    #[track_caller]
    fn update(&self, key: &str) -> Response {
        self.app.call(
            "user/update_user_meta",
            &[("cookie", &self.cookie), ("meta_key", key), ("meta_value", "x")],
        )
    }
}

#[track_caller]
fn assert_refused(answer: &Response, about: &str) {
    let text = answer.text();
    assert_eq!(answer.status, 400, "{about}: {text}");
    assert!(text.contains("The meta_key '") && text.contains("' is protected."), "{about}: {text}");
}

/// Spellings that the collation of `wpdb`'s connections takes for a protected name.
const SPELLINGS: &[&str] = &[
    "wp_capabilities",
    "WP_CAPABILITIES",
    "Wp_Capabilities",
    "wp_càpâbílïtïes",
    "wp_capabilities ",
    "wp_capabilities      ",
    "wp_capabilities\0",
    "\0wp_capabilities",
    "wp_\u{200b}capabilities",
    "wp_cap\u{feff}abilities",
    "\u{200e}wp_capabilities",
    "wp_c\u{300}apabilities",
    "ｗｐ＿ｃａｐａｂｉｌｉｔｉｅｓ",
    "ⓦⓟ_capabilities",
    "wp_user_level",
    "WP_USER_LEVEL",
    "wp_uſer_level",
    "wp_2_capabilities",
    "wp_2_user_level",
    "wp_10_CAPABILITIES",
    "wp_007_capabilities",
    "wp_２_capabilities",
    "wp_⑫_capabilities",
    "wp_²_capabilities",
    "wp_٣_user_level",
    "session_tokens",
    "Session_Tokens",
    "seßion_tokens",
    "session_tokens ",
    "_application_passwords",
    "_APPLICATION_PASSWORDS",
    "_new_email",
    "_new_e\u{200d}mail",
    "_two_factor_totp_key",
    "_TWO_FACTOR_BACKUP_CODES",
    "_two_factor_",
    "_two\u{200b}_factor_anything",
    "_two_fàctor_x",
    "primary_blog",
    "Primary_Blog",
    "source_domain",
    "ﬁrst_secret",
    "My_Own",
    "my_owner\u{301}",
];

/// Names that only look like protected ones.
const OTHERS: &[&str] = &[
    "capabilities",
    "user_level",
    "wp_capability",
    "wp_capabilities2",
    "xwp_capabilities",
    "wp__capabilities",
    "wp_x_capabilities",
    "wp_2x_capabilities",
    "wp_2_user_levels",
    "wp_2_3_capabilities",
    "session_token",
    "my_session_tokens",
    "two_factor_x",
    "_two_facto",
    "primary_blogs",
    "first_secret_2",
];

const COLLATIONS: [&str; 5] = [
    "utf8mb4_unicode_520_ci",
    "utf8mb4_unicode_ci",
    "utf8mb4_general_ci",
    "utf8mb4_bin",
    "latin1_swedish_ci",
];

fn no_spelling_is_written(server: &'static Server, own: &[&str]) {
    let site = Site::new(server, &[("meta.protected", "first_secret, my_own*")]);
    for collation in COLLATIONS.iter().chain(own) {
        site.collate(collation);
        let before = site.looker.look();
        for spelling in SPELLINGS {
            let about = format!("{collation} {}", spelling.escape_debug());
            assert_refused(&site.update(spelling), &about);
            let field = format!("custom_fields[{spelling}]");
            if !spelling.contains('\0') {
                let vars = [("cookie", site.cookie.as_str()), ("good", "x"), (&field, "x")];
                assert_refused(&site.app.call("user/update_user_meta_vars", &vars), &about);
            }
            let form = [("cookie", site.cookie.as_str()), ("meta_key", spelling), ("meta_value", "x")];
            let deleted = site.app.call("user/delete_user_meta", &form);
            if deleted.text() != r#"{"status":"ok","deleted":false}"# {
                assert_refused(&deleted, &about);
            }
        }
        assert_eq!(changes(&before, &site.looker.look()), [], "{collation}");
        for other in OTHERS {
            let answer = site.update(other);
            assert_eq!(answer.status, 200, "{collation} {other}: {}", answer.text());
            site.server.exec(&site.database, &format!("DELETE FROM wp_usermeta WHERE meta_key = '{other}'"));
        }
    }
}

#[test]
fn a_lone_star_protects_every_key() {
    let site = Site::new(Server::mariadb(), &[("meta.protected", "*")]);
    for other in OTHERS {
        assert_refused(&site.update(other), other);
    }
}

#[test]
fn no_spelling_of_a_protected_key_is_written_on_mariadb() {
    no_spelling_is_written(
        Server::mariadb(),
        &["utf8mb4_uca1400_ai_ci", "utf8mb4_uca1400_as_cs", "utf8mb3_general_ci"],
    );
}

#[test]
fn no_spelling_of_a_protected_key_is_written_on_mysql() {
    no_spelling_is_written(
        Server::mysql97(),
        &["utf8mb4_0900_ai_ci", "utf8mb4_0900_as_cs", "utf8mb4_ja_0900_as_cs_ks"],
    );
}

/// Every character of Unicode's first two planes put into a name, or in the place of one of its letters; what the
/// collation takes for the name is refused.
fn whatever_equals_a_name_is_refused(server: &'static Server, collations: &[&str]) {
    let site = Site::new(server, &[]);
    let digits = "SELECT 0 d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 \
         UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7";
    site.server.exec(
        &site.database,
        &format!(
            "CREATE TABLE digits AS {digits}; CREATE TABLE letters (letter varchar(4) CHARACTER SET utf8mb4 NOT NULL); \
             INSERT INTO letters SELECT letter FROM (SELECT CONVERT(CHAR(n USING utf32) USING utf8mb4) letter FROM \
             (SELECT a.d + 8*b.d + 64*c.d + 512*e.d + 4096*f.d + 32768*g.d n \
             FROM digits a, digits b, digits c, digits e, digits f, digits g) numbers \
             WHERE n BETWEEN 1 AND 131071 AND n NOT BETWEEN 55296 AND 57343) made WHERE letter IS NOT NULL"
        ),
    );
    for collation in collations {
        site.collate(collation);
        let before = site.looker.look();
        let mut count = 0;
        for (start, end, names) in [
            ("session_", "okens", "'session_tokens'"),
            ("session_to", "kens", "'session_tokens'"),
            ("_two", "factor_x", "'_two_factor_x'"),
            (
                "wp_",
                "_capabilities",
                "'wp_0_capabilities','wp_1_capabilities','wp_4_capabilities','wp_10_capabilities'",
            ),
            ("primary_blog", "", "'primary_blog'"),
        ] {
            let equal = site.server.query(
                &site.database,
                &format!(
                    "SELECT HEX(letter) FROM letters WHERE CONCAT('{start}', letter, '{end}') COLLATE {collation} IN ({names})"
                ),
            );
            count += equal.len();
            for found in equal {
                let letter = String::from_utf8(hex::decode(&found[0]).unwrap()).unwrap();
                let key = format!("{start}{letter}{end}");
                assert_refused(&site.update(&key), &format!("{collation} {}", key.escape_unicode()));
            }
        }
        println!("{} {collation}: {count} spellings", site.server.name());
        assert!(count > 5, "{collation}: the server knows variants");
        assert_eq!(changes(&before, &site.looker.look()), [], "{collation}");
    }
}

#[test]
fn whatever_mariadb_takes_for_a_protected_key_is_refused() {
    whatever_equals_a_name_is_refused(
        Server::mariadb(),
        &[
            "utf8mb4_unicode_520_ci",
            "utf8mb4_unicode_ci",
            "utf8mb4_general_ci",
            "utf8mb4_uca1400_ai_ci",
            "utf8mb4_uca1400_as_ci",
        ],
    );
}

#[test]
fn whatever_mysql_takes_for_a_protected_key_is_refused() {
    whatever_equals_a_name_is_refused(
        Server::mysql97(),
        &["utf8mb4_unicode_520_ci", "utf8mb4_0900_ai_ci", "utf8mb4_0900_as_ci", "utf8mb4_general_ci"],
    );
}

#[test]
fn no_way_of_naming_a_parameter_smuggles_a_protected_key_in() {
    let site = Site::new(Server::mariadb(), &[]);
    let before = site.looker.look();
    let encoded = percent_encoding::utf8_percent_encode(&site.cookie, percent_encoding::NON_ALPHANUMERIC);
    let vars = |body: &str| {
        Request::new("POST", "/api/user/update_user_meta_vars/?insecure=cool")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(format!("cookie={encoded}&{body}"))
    };
    for body in [
        "wp_capabilities=x",
        "wp_capabilities[administrator]=1",
        "wp.capabilities=x",
        "wp+capabilities=x",
        "+wp_capabilities=x",
        "wp_capabilities%00y=x",
        "wp[capabilities=x",
        "wp%5C_capabilities=x",
        "wp_capa%5Cbilities=x",
        "%5Cwp_capabilities=x",
        "wp_capabilities%5C=x",
        "custom_fields[wp_capabilities]=x",
        "custom_fields[wp_capabilities][administrator]=1",
        "custom_fields['wp_capabilities']=x",
        "custom_fields[%22wp_capabilities%22]=x",
        "custom_fields[wp_'capabilities]=x",
        "custom_fields[wp%5C_capabilities]=x",
        "custom_fields[WP_CAPABILITIES]=x",
        "custom_fields[wp_capabilities+]=x",
        "custom_fields[a]=1&b=2&custom_fields[session_tokens]=x",
        "first=1&session_tokens=x&last=2",
    ] {
        assert_refused(&site.app.send(&vars(body)), body);
    }
    for fields in [
        json!({"wp_capabilities": {"administrator": true}}),
        json!({"custom_fields": {"wp_capabilities": {"administrator": true}}}),
        json!({"good": 1, "custom_fields": {"x": 1, "Session_Tokens": []}}),
        json!({"wp\\_capabilities": 1}),
    ] {
        let mut fields = fields;
        fields["cookie"] = site.cookie.as_str().into();
        let request = Request::new("POST", "/api/user/update_user_meta_vars/?insecure=cool")
            .header("Content-Type", "application/json")
            .body(fields.to_string());
        assert_refused(&site.app.send(&request), &fields.to_string());
    }
    // The text filter may put a name together that was not sent as such.
    for key in ["session_<b></b>tokens", " session_tokens\t", "session_%41tokens", "<i>session_tokens"] {
        let form = [("cookie", site.cookie.as_str()), ("meta_key", key), ("meta_value", "x")];
        assert_refused(&site.app.call("user/delete_user_meta", &form), key);
        let read = site.app.call("user/get_user_meta", &form);
        assert_eq!(read.text(), r#"{"status":"ok","session_tokens":[]}"#, "{key}");
    }
    assert_eq!(changes(&before, &site.looker.look()), []);
}

#[test]
fn a_key_longer_than_the_column_writes_nothing() {
    let site = Site::new(Server::mariadb(), &[]);
    let before = site.looker.look();
    for key in [
        format!("wp_capabilities{}", " ".repeat(300)),
        format!("wp_capabilities{}", "\u{200b}".repeat(300)),
        format!("{}wp_capabilities", "\u{ad}".repeat(250)),
    ] {
        let answer = site.update(&key);
        let refused = answer.text().contains("is protected.");
        assert!(refused || answer.text() == r#"{"status":"ok","updated":false}"#, "{}", answer.text());
    }
    assert_eq!(changes(&before, &site.looker.look()), []);
}

#[test]
fn secrets_are_not_read_in_any_spelling_that_is_stored() {
    let site = Site::new(Server::mariadb(), &[("meta.protected", "pin_*, Answer")]);
    let keys = [
        "SESSION_TOKENS",
        "_application_passwords",
        "_new_email",
        "_two_factor_totp_key",
        "_two\u{200b}_factor_x",
        "pin_code",
        "PIN_2",
        "answer",
    ];
    for key in keys {
        site.server.exec(
            &site.database,
            &format!("INSERT INTO wp_usermeta (user_id, meta_key, meta_value) VALUES (3, '{key}', 'leak')"),
        );
    }
    for collation in ["utf8mb4_unicode_520_ci", "utf8mb4_bin", "utf8mb4_general_ci"] {
        site.collate(collation);
        let all = site.app.call("user/get_user_meta", &[("cookie", &site.cookie)]);
        assert!(!all.text().contains("leak") && !all.text().contains("expiration"), "{}", all.text());
        assert_eq!(all.json()["nickname"], "John Profile");
        assert_eq!(all.json()["wp_capabilities"], "a:1:{s:10:\"subscriber\";b:1;}");
        for key in keys {
            let one = site.app.call("user/get_user_meta", &[("cookie", &site.cookie), ("meta_key", key)]);
            assert_eq!(one.json(), json!({"status": "ok", key: []}), "{collation}");
        }
    }
}

#[test]
fn a_site_that_shares_its_users_keeps_the_roles_of_the_others() {
    let server = Server::mariadb();
    let database = server.database_from(&dump("6.8"));
    let folder = server.temporary_folder();
    let config = folder.path().join("wp-config.php");
    std::fs::write(
        &config,
        "<?php\n$table_prefix = 'wp_';\ndefine('CUSTOM_USER_TABLE', 'wp_users');\n\
         define('CUSTOM_USER_META_TABLE', 'wp_usermeta');\nrequire_once ABSPATH . 'wp-settings.php';\n",
    )
    .unwrap();
    let app = Setup::on(&server.url(&database))
        .set("wordpress.path", folder.path().to_str().unwrap())
        .set("wordpress.version", "6.8")
        .start();
    let cookie = app.cookie("john", "john Pass 3");
    let form = [("cookie", cookie.as_str()), ("meta_key", "other_Capabilities"), ("meta_value", "x")];
    let answer = app.call("user/update_user_meta", &form);
    assert_eq!(
        answer.json(),
        json!({"status": "error", "error": "The meta_key 'other_Capabilities' is protected."})
    );
}
