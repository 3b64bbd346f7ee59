//! Every statement on both servers: each does what its WordPress function does to the rows.

use actix_web::rt::System;
use wp_sidecar::settings::{Settings, Sources};
use wp_sidecar::store::Db;
use wp_sidecar::store::usermeta::MetaRow;
use wp_sidecar::store::users::UserBy;

use crate::app::dump;
use crate::server::Server;

/// A recorded site, seen by the client's own eyes in [`Self::rows`].
struct Tables {
    server: &'static Server,
    database: String,
}

impl Tables {
    fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        self.server.query(&self.database, sql)
    }
}

/// Runs a proof on a fresh recorded site of both servers.
#[expect(clippy::needless_pass_by_value, reason = "callers write the closure in place")]
fn each(proof: impl AsyncFn(&Db, &Tables)) {
    for server in [Server::mariadb(), Server::mysql97()] {
        let tables = Tables { server, database: server.database_from(&dump("6.8")) };
        let url = ("database.url".to_owned(), server.url(&tables.database));
        let sources = Sources { command_line: vec![url], ..Sources::default() };
        let settings = Settings::load(&sources).expect("settings");
        System::new().block_on(async {
            let db = Db::open(&settings.database, &settings.wordpress).expect("a database");
            db.is_ready().await.expect("a database that answers");
            proof(&db, &tables).await;
            db.close().await;
        });
    }
}

#[test]
fn a_user_is_found_as_the_collation_compares() {
    each(async |db, tables| {
        let id =
            async |by| db.find_user_with_meta(by, &[]).await.expect("an answer").map(|found| found.user.id);
        for login in ["john", "JOHN", "jöhn", "john  "] {
            assert_eq!(id(UserBy::Login(login)).await, Some(3), "{login} on {}", tables.server.name());
        }
        assert_eq!(id(UserBy::Id(3)).await, Some(3));
        assert_eq!(id(UserBy::Id(4_000_000_000)).await, None);
        let email = tables.rows("SELECT UPPER(user_email) FROM wp_users WHERE ID = 3")[0][0].clone();
        assert_eq!(id(UserBy::Email(&email)).await, Some(3));
        for nobody in [" john", "joh", "john'--", "joh%", ""] {
            assert_eq!(id(UserBy::Login(nobody)).await, None, "{nobody}");
        }
    });
}

#[test]
fn a_user_comes_with_the_meta_asked_for_lowest_row_first() {
    each(async |db, tables| {
        tables.rows("INSERT INTO wp_usermeta (user_id, meta_key, meta_value) VALUES (3, 'nickname', 'second'), (3, 'void', NULL)");
        let keys = ["nickname", "first_name", "void", "no_such"];
        let found = db.find_user_with_meta(UserBy::Id(3), &keys).await.unwrap().unwrap();
        let seen: Vec<Vec<String>> = found
            .meta
            .iter()
            .map(|row| {
                let value = row.value.as_deref().map_or_else(|| "NULL".into(), String::from_utf8_lossy);
                vec![row.id.to_string(), String::from_utf8_lossy(&row.key).into_owned(), value.into_owned()]
            })
            .collect();
        let rows = tables.rows(
            "SELECT umeta_id, meta_key, meta_value FROM wp_usermeta
             WHERE user_id = 3 AND meta_key IN ('nickname', 'first_name', 'void') ORDER BY umeta_id",
        );
        assert_eq!(seen, rows);
        assert_eq!(rows.len(), 4);
        let user = found.user;
        let columns = tables.rows(
            "SELECT ID, user_login, user_pass, user_nicename, user_email, user_url, user_registered, user_status, \
             display_name FROM wp_users WHERE ID = 3",
        );
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let seen = vec![
            user.id.to_string(),
            text(&user.login),
            text(&user.pass),
            text(&user.nicename),
            text(&user.email),
            text(&user.url),
            user.registered,
            user.status.to_string(),
            text(&user.display_name),
        ];
        assert_eq!([seen], columns[..]);
    });
}

#[test]
fn a_hash_is_replaced_only_while_it_is_the_one_that_was_read() {
    each(async |db, tables| {
        let row = || tables.rows("SELECT user_pass, user_activation_key FROM wp_users WHERE ID = 3");
        tables.rows("UPDATE wp_users SET user_pass = 'OldHash', user_activation_key = 'k' WHERE ID = 3");
        for other in ["oldhash", "OldHash ", "OldHasch"] {
            assert!(!db.update_password_hash(3, other.as_bytes(), "new").await.unwrap(), "{other}");
        }
        assert_eq!(row(), [["OldHash", "k"]]);
        assert!(db.update_password_hash(3, b"OldHash", "new").await.unwrap());
        assert_eq!(row(), [["new", ""]]);
        // The same again counts as written, although no byte changes.
        assert!(db.update_password_hash(3, b"new", "new").await.unwrap());
        assert!(!db.update_password_hash(4_000_000_000, b"new", "new").await.unwrap());
        assert_eq!(tables.rows("SELECT COUNT(*) FROM wp_users WHERE user_pass = 'new'"), [["1"]]);
    });
}

#[test]
fn the_newest_hashes_come_first() {
    each(async |db, tables| {
        let seen = db.list_newest_hashes().await.unwrap();
        let rows = tables.rows("SELECT user_pass FROM wp_users ORDER BY ID DESC LIMIT 100");
        assert_eq!(seen.len(), 12);
        assert!(seen.iter().zip(&rows).all(|(hash, row)| hash == row[0].as_bytes()));
    });
}

#[test]
fn meta_is_written_only_while_it_is_the_value_that_was_read() {
    each(async |db, tables| {
        let value = |key: &str| {
            tables.rows(&format!(
                "SELECT HEX(meta_value) FROM wp_usermeta WHERE user_id = 3 AND meta_key = '{key}'"
            ))
        };
        let odd = "a:1:{s:1:\"k\";s:9:\"'\\ \0 ß🦀 \";}".as_bytes();
        assert!(db.insert_meta_if_absent(3, "test_row", odd).await.unwrap());
        assert!(!db.insert_meta_if_absent(3, "test_row", b"again").await.unwrap());
        assert!(!db.insert_meta_if_absent(4_000_000_000, "test_row", b"nobody").await.unwrap());
        assert_eq!(value("test_row"), [[hex::encode_upper(odd)]]);

        let rows = db.list_meta(3, Some("test_row")).await.unwrap();
        let id = rows[0].id;
        assert_eq!(rows, [MetaRow { id, key: b"test_row".to_vec(), value: Some(odd.to_vec()) }]);
        let upper = String::from_utf8_lossy(odd).to_uppercase();
        assert!(!db.update_meta_if_unchanged(id, Some(upper.as_bytes()), b"x").await.unwrap());
        assert!(!db.update_meta_if_unchanged(id, None, b"x").await.unwrap());
        assert!(db.update_meta_if_unchanged(id, Some(odd), odd).await.unwrap());
        assert!(db.update_meta_if_unchanged(id, Some(odd), b"").await.unwrap());
        assert_eq!(value("test_row"), [[""]]);
        assert!(!db.delete_meta_if_unchanged(id, Some(b" ")).await.unwrap());
        assert!(db.delete_meta_if_unchanged(id, Some(b"")).await.unwrap());
        assert!(value("test_row").is_empty());

        tables.rows("INSERT INTO wp_usermeta (user_id, meta_key, meta_value) VALUES (3, 'test_null', NULL)");
        let id = db.list_meta(3, Some("test_null")).await.unwrap()[0].id;
        assert!(!db.update_meta_if_unchanged(id, Some(b""), b"x").await.unwrap());
        assert!(db.update_meta_if_unchanged(id, None, b"x").await.unwrap());
        assert_eq!(value("test_null"), [["78"]]);
    });
}

#[test]
fn options_are_read_raw_and_only_empty_ones_are_given_a_value() {
    each(async |db, tables| {
        tables.rows("INSERT INTO wp_options (option_name, option_value) VALUES ('test_empty', ''), ('test_zero', '0'), ('test_set', ' v')");
        for name in ["test_empty", "test_zero", "test_set", "test_new"] {
            db.set_empty_option(name, "given'\\").await.unwrap();
        }
        let names = ["test_empty", "test_zero", "test_set", "test_new", "test_none"];
        let mut seen = db.list_options(&names).await.unwrap();
        seen.sort();
        let expected = [
            ("test_empty", "given'\\"),
            ("test_new", "given'\\"),
            ("test_set", " v"),
            ("test_zero", "given'\\"),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec()));
        assert_eq!(seen, expected);
        assert!(db.list_options(&[]).await.unwrap().is_empty());
    });
}

#[test]
fn a_networks_options_and_spam_marks_stand_in_tables_of_its_own() {
    each(async |db, tables| {
        tables.rows(
            "SET SESSION sql_mode = ''; CREATE TABLE wp_sitemeta (meta_id bigint PRIMARY KEY AUTO_INCREMENT, site_id bigint, meta_key varchar(255), meta_value longtext);
             INSERT INTO wp_sitemeta (site_id, meta_key, meta_value) VALUES (1, 'a', 'first'), (1, 'a', 'second'), (2, 'a', 'other');
             ALTER TABLE wp_users ADD spam tinyint NOT NULL DEFAULT 0; UPDATE wp_users SET spam = 1 WHERE ID = 3",
        );
        db.insert_site_option_if_absent(1, "a", "third").await.unwrap();
        db.insert_site_option_if_absent(1, "b", "new").await.unwrap();
        let seen = db.list_site_options(1, &["a", "b", "c"]).await.unwrap();
        let seen: Vec<(String, String)> =
            seen.into_iter().map(|(name, value)| (name, String::from_utf8(value).unwrap())).collect();
        let expected = [("b", "new"), ("a", "second"), ("a", "first")];
        assert_eq!(seen, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert!(db.is_network_spammer(3).await.unwrap());
        assert!(!db.is_network_spammer(2).await.unwrap());
    });
}

#[test]
fn a_registration_that_waits_is_found() {
    each(async |db, tables| {
        tables.rows(
            "SET SESSION sql_mode = '';
             INSERT INTO wp_signups (user_login, user_email, active, activation_key, domain, path, title, meta)
             VALUES ('waiting', 'w@example.org', 0, 'k', '', '', '', ''), ('done', 'd@example.org', 1, 'k2', '', '', '', '')",
        );
        assert!(db.has_open_signup("Waiting").await.unwrap());
        assert!(!db.has_open_signup("done").await.unwrap());
        assert!(!db.has_open_signup("nobody").await.unwrap());
    });
}
