//! `user/xprofile_update`: which parameters are fields, what each takes, and what is written.

use serde_json::{Value, json};

use crate::app::{Setup, TestApp, dump};
use crate::server::Server;

struct Site {
    server: &'static Server,
    database: String,
    app: TestApp,
    cookie: String,
}

impl Site {
    #[track_caller]
    fn new() -> Self {
        let server = Server::mariadb();
        let database = server.database_from(&dump("6.8"));
        let app = Setup::on(&server.url(&database)).set("wordpress.version", "6.8").start();
        let cookie = app.cookie("admin", "admin-Pass-1");
        Self { server, database, app, cookie }
    }

    #[track_caller]
    fn update(&self, form: &[(&str, &str)]) -> Value {
        let mut form = form.to_vec();
        form.push(("cookie", &self.cookie));
        let answer = self.app.call("user/xprofile_update", &form);
        assert_eq!(answer.status, 200, "{}", answer.text());
        let mut answer = answer.json();
        answer.as_object_mut().expect("an object").shift_remove("status");
        answer
    }

    /// Whether a single field was taken.
    #[track_caller]
    fn takes(&self, name: &str, value: &str) -> bool {
        let answer = self.update(&[(name, value)]);
        let (_, changed) = answer.as_object().unwrap().iter().next().expect("a field");
        changed["updated"].as_bool().unwrap()
    }

    #[track_caller]
    fn text(&self, sql: &str) -> String {
        self.server.query(&self.database, sql).iter().map(|row| row.join("|")).collect::<Vec<_>>().join("\n")
    }

    #[track_caller]
    fn stored(&self, field: u32) -> String {
        self.text(&format!("SELECT value FROM wp_bp_xprofile_data WHERE user_id = 1 AND field_id = {field}"))
    }
}

fn yes(label: &str) -> Value {
    json!({label: {"updated": true}})
}

fn no(label: &str) -> Value {
    json!({label: {"updated": false}})
}

#[test]
fn the_cookie_is_asked_for_in_the_plugins_words() {
    let site = Site::new();
    let error = |form: &[(&str, &str)]| {
        let answer = site.app.call("user/xprofile_update", form);
        assert_eq!(answer.status, 400);
        answer.json()["error"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        error(&[("Location", "x")]),
        "You must include a 'cookie' var in your request. Use the `generate_auth_cookie` method."
    );
    assert_eq!(
        error(&[("Location", "x"), ("cookie", "x|1|y|z")]),
        "Invalid cookie. Use the `generate_auth_cookie` method."
    );
    assert_eq!(error(&[("cookie[]", "x")]), "The 'cookie' var must be text.");
}

#[test]
fn parameters_of_the_protocol_are_no_fields() {
    let site = Site::new();
    site.server.exec(&site.database, "UPDATE wp_bp_xprofile_fields SET name = 'insecure' WHERE id = 5");
    let names = [
        "insecure",
        "dev",
        "key",
        "nonce",
        "controller",
        "method",
        "include",
        "exclude",
        "jwt",
        "data_format",
        "custom_fields[a]",
        "json_unescaped_unicode",
        "redirect_later",
    ];
    // An answer with dev is text; the field itself is what counts.
    let form: Vec<(&str, &str)> =
        names.iter().filter(|name| **name != "dev").map(|name| (*name, "x")).collect();
    let form: Vec<(&str, &str)> = form
        .into_iter()
        .map(|(name, value)| (name, if name == "insecure" { "cool" } else { value }))
        .collect();
    assert_eq!(site.update(&form), json!({}));
    assert_eq!(site.stored(5), "Oslo, Norway");
}

#[test]
fn the_exact_label_comes_before_the_one_with_blanks() {
    let site = Site::new();
    assert_eq!(site.update(&[("About_Me", "hi")]), yes("About_Me"));
    assert_eq!(site.stored(27), "hi");
    assert_eq!(site.update(&[("first_name", "Grace")]), yes("first name"));
    assert_eq!(site.stored(2), "Grace");
    assert_eq!(
        site.update(&[("No_Such", "x"), ("7", "x")]),
        json!({"No Such": {"updated": false}, "0": {"updated": false}})
    );
    // A number names a field too, where PHP leaves it a name.
    assert_eq!(site.update(&[("5_", "Rome")]), json!({"5 ": {"updated": true}}));
    assert_eq!(site.stored(5), "Rome");
}

#[test]
fn only_fields_of_several_values_split_at_commas() {
    let site = Site::new();
    assert_eq!(site.update(&[("Location", " Oslo, Norway, ")]), yes("Location"));
    assert_eq!(site.stored(5), "Oslo, Norway,");
    assert_eq!(site.update(&[("Skills", "PHP, MySQL,")]), yes("Skills"));
    assert_eq!(site.stored(10), "a:2:{i:0;s:3:\"PHP\";i:1;s:5:\"MySQL\";}");
    assert_eq!(site.update(&[("Skills", "Go,")]), yes("Skills"));
    assert_eq!(site.stored(10), "a:1:{i:0;s:2:\"Go\";}");
    assert_eq!(site.update(&[("Skills", "Rust")]), yes("Skills"));
    assert_eq!(site.stored(10), "Rust");
    assert_eq!(site.update(&[("Skills[]", "PHP"), ("Skills[]", ""), ("Skills[]", "Go")]), yes("Skills"));
    assert_eq!(site.stored(10), "a:2:{i:0;s:3:\"PHP\";i:1;s:2:\"Go\";}");
    assert_eq!(site.update(&[("Interests[x]", "Art &amp; Craft")]), yes("Interests"));
    assert_eq!(site.stored(15), "a:1:{i:0;s:15:\"Art &amp; Craft\";}");
    for (name, value) in [("Skills", "Cobol,"), ("Skills", ","), ("Skills[][]", "PHP"), ("Skills[]", "")] {
        assert_eq!(site.update(&[(name, value)]), no("Skills"), "{name}={value}");
    }
    assert_eq!(site.stored(10), "a:2:{i:0;s:3:\"PHP\";i:1;s:2:\"Go\";}");
}

#[test]
fn every_type_takes_what_it_took_of_the_plugin() {
    let site = Site::new();
    for (name, good) in [
        ("Age", "12abc"),
        ("Age", "0"),
        ("Country", "Brazil"),
        ("Gender", "Other"),
        ("Birthday", "2020-2-31 00:00:00"),
        ("Website", "example.org/x"),
        ("Phone", "+47 22 00"),
        ("Bio", "a\nb"),
    ] {
        assert!(site.takes(name, good), "{name}={good}");
    }
    for (name, bad) in [
        ("Age", "abc"),
        ("Country", "brazil"),
        ("Gender", ""),
        ("Birthday", "2020-02-01"),
        ("Website", "http://127.0.0.1/"),
        ("Website[]", "http://e.org"),
        ("Location", "a\nb"),
        ("Location", "  "),
    ] {
        assert!(!site.takes(name, bad), "{name}={bad}");
    }
    assert_eq!(site.stored(25), "http://example.org/x");
    assert_eq!(site.stored(24), "0");
    let read = site.app.call("user/xprofile", &[("user_id", "1"), ("field", "Birthday")]).json();
    assert_eq!(read["Birthday"], "2020-03-02");
}

#[test]
fn a_type_of_another_plugin_takes_any_text() {
    let site = Site::new();
    site.server.exec(&site.database, "UPDATE wp_bp_xprofile_fields SET type = 'colour' WHERE id = 6");
    assert!(site.takes("Country", "<script>x</script>#ff0000, or so"));
    assert_eq!(site.stored(6), "x#ff0000, or so");
}

#[test]
fn values_are_filtered_and_stored_slashed() {
    let site = Site::new();
    assert!(site.takes("Location", "O'Hare \"x\" \\ y"));
    assert_eq!(
        site.text("SELECT HEX(value) FROM wp_bp_xprofile_data WHERE id = 12"),
        hex::encode_upper("O\\'Hare \\\"x\\\" \\\\ y")
    );
    assert!(site.takes("Bio", "x<b>bold<script>s</script> <a href=\"http://e.org\" onclick=\"x\">l"));
    let read = site.app.call("user/xprofile", &[("user_id", "1"), ("field", "Bio,Location")]).json();
    assert_eq!(read["Bio"], "x<b>bolds <a href=\"http://e.org\" rel=\"nofollow\">l</a></b>");
    assert_eq!(read["Location"], "O'Hare \"x\" \\ y");
}

#[test]
fn what_the_filters_empty_removes_the_row() {
    let site = Site::new();
    assert!(site.takes("Location", "<script></script>"));
    assert_eq!(site.text("SELECT COUNT(*) FROM wp_bp_xprofile_data WHERE user_id = 1 AND field_id = 5"), "0");
    assert!(site.takes("Location", "<script></script>"));
    assert_eq!(site.stored(5), "");
    assert!(site.takes("Location", "Rome"));
    assert_eq!(site.stored(5), "Rome");
}

#[test]
fn all_rows_of_a_field_get_the_value_and_the_time() {
    let site = Site::new();
    site.server.exec(&site.database, "INSERT INTO wp_bp_xprofile_data (field_id, user_id, value, last_updated) VALUES (5, 1, 'twice', '2020-01-01 00:00:00')");
    assert!(site.takes("Location", "Rome"));
    assert_eq!(
        site.text("SELECT value, last_updated FROM wp_bp_xprofile_data WHERE user_id = 1 AND field_id = 5"),
        "Rome|2026-11-21 19:11:42\nRome|2026-11-21 19:11:42"
    );
    // A new row.
    assert!(site.takes("Interests", "Music"));
    assert_eq!(
        site.text("SELECT user_id, value, last_updated FROM wp_bp_xprofile_data WHERE field_id = 15"),
        "1|Music|2026-11-21 19:11:42"
    );
}

const NAMES: &str = "SELECT u.display_name, m.meta_key, m.meta_value FROM wp_users u JOIN wp_usermeta m ON m.user_id = u.ID \
     WHERE u.ID = 1 AND m.meta_key IN ('nickname', 'first_name', 'last_name') ORDER BY m.umeta_id";

#[test]
fn a_name_that_looks_serialized_is_stored_as_text_and_never_as_an_object() {
    let site = Site::new();
    site.update(&[("Name", r#"O:8:"stdClass":0:{}"#)]);
    let rows = site.text(NAMES);
    assert!(rows.contains(r#"|nickname|s:19:"O:8:"stdClass":0:{}";"#), "{rows}");
    site.update(&[("Name", "i:5;")]);
    let rows = site.text(NAMES);
    assert!(
        rows.contains(r#"|nickname|s:4:"i:5;";"#) && rows.contains(r#"|first_name|s:4:"i:5;";"#),
        "{rows}"
    );
}

#[test]
fn the_names_follow_the_full_name_field() {
    let site = Site::new();
    site.server.exec(&site.database, "DELETE FROM wp_usermeta WHERE user_id = 1 AND meta_key = 'last_name'");
    assert!(site.takes("Name", "Zoë & van  Dyck"));
    assert_eq!(
        site.text(NAMES),
        "Zoë &amp; van Dyck|nickname|Zoë &amp; van Dyck\nZoë &amp; van Dyck|first_name|Zoë\n\
         Zoë &amp; van Dyck|last_name|&amp; van Dyck"
    );
    assert!(site.takes("Name", "O'Neil"));
    assert_eq!(site.text(NAMES), "O'Neil|nickname|O'Neil\nO'Neil|first_name|O'Neil\nO'Neil|last_name|");
    assert!(!site.takes("Name[]", "x"));
    assert!(!site.takes("Name", ""));
    // Other fields leave them alone.
    assert!(site.takes("First_Name", "Grace"));
    assert!(site.text(NAMES).starts_with("O'Neil|nickname|O'Neil"));
    // Longer than its column the display name stays; so it does in WordPress.
    assert!(site.takes("Name", &"x".repeat(300)));
    assert!(site.text(NAMES).starts_with("O'Neil|nickname|xxx"));
}

#[test]
fn the_names_stay_where_buddypress_is_told_so() {
    let site = Site::new();
    let before = site.text(NAMES);
    site.server.exec(
        &site.database,
        "UPDATE wp_options SET option_value = '1' WHERE option_name = 'bp-disable-profile-sync'",
    );
    site.app.refresh();
    assert!(site.takes("Name", "Somebody Else"));
    assert_eq!(site.stored(1), "Somebody Else");
    assert_eq!(site.text(NAMES), before);
}

#[test]
fn hostile_values_are_kept_out_or_kept_as_text() {
    let site = Site::new();
    for value in
        ["'; DROP TABLE wp_users; --", "a:1:{i:0;s:1:\"x\";}", "{users}", "%s", "\u{1F600}", "<!-- -->"]
    {
        assert!(site.takes("Location", value), "{value}");
        let read = site.app.call("user/xprofile", &[("user_id", "1"), ("field", "Location")]);
        assert_eq!(read.status, 200, "{value}");
    }
    for name in ["') OR 1=1 -- ", "\\", "%", "?", "{usermeta}", "\u{1F600}"] {
        assert!(!site.takes(name, "x"), "{name}");
    }
    let body = format!("Location=%FF%FE&cookie={}", site.cookie.replace('|', "%7C"));
    let request = crate::http::Request::new("POST", "/api/user/xprofile_update/?insecure=cool")
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(body);
    assert_eq!(site.app.send(&request).json()["Location"]["updated"], false);
}

#[test]
fn two_at_once_leave_one_row() {
    let site = Site::new();
    let (address, cookie) = (site.app.address, site.cookie.as_str());
    std::thread::scope(|scope| {
        for n in 0..8 {
            scope.spawn(move || {
                let value = format!("writer {n}");
                let form = [("About_Me", value.as_str()), ("cookie", cookie)];
                let target = "/api/user/xprofile_update/?insecure=cool";
                let answer = crate::http::Request::post(target, &form).send(address);
                assert_eq!(answer.json()["About_Me"]["updated"], true, "{}", answer.text());
            });
        }
    });
    assert_eq!(
        site.text("SELECT COUNT(*) FROM wp_bp_xprofile_data WHERE user_id = 1 AND field_id = 27"),
        "1"
    );
}
