//! `user/xprofile`: labels, values and who may see them.

use serde_json::{Value, json};

use crate::app::{Setup, TestApp, dump};
use crate::server::Server;

struct Site {
    server: &'static Server,
    database: String,
    app: TestApp,
}

impl Site {
    #[track_caller]
    fn new() -> Self {
        Self::with(|setup| setup)
    }

    #[track_caller]
    fn with(set: impl FnOnce(Setup) -> Setup) -> Self {
        let server = Server::mariadb();
        let database = server.database_from(&dump("6.8"));
        let app = set(Setup::on(&server.url(&database)).set("wordpress.version", "6.8")).start();
        Self { server, database, app }
    }

    #[track_caller]
    fn exec(&self, sql: &str) {
        self.server.exec(&self.database, sql);
    }

    #[track_caller]
    fn read(&self, form: &[(&str, &str)]) -> Value {
        let answer = self.app.call("user/xprofile", form);
        assert_eq!(answer.status, 200, "{}", answer.text());
        let mut answer = answer.json();
        answer.as_object_mut().expect("an object").shift_remove("status");
        answer
    }

    #[track_caller]
    fn field(&self, field: &str) -> Value {
        self.read(&[("user_id", "1"), ("field", field)])
    }

    #[track_caller]
    fn secret(&self, field: &str, cookie: &str) -> Value {
        self.read(&[("user_id", "1"), ("field", field), ("cookie", cookie)])[field].clone()
    }
}

#[test]
fn what_is_missing_is_named_in_the_plugins_words() {
    let site = Site::new();
    let error = |form: &[(&str, &str)]| {
        let answer = site.app.call("user/xprofile", form);
        assert_eq!(answer.status, 400);
        answer.json()["error"].as_str().unwrap().to_owned()
    };
    assert_eq!(error(&[]), "You must include a 'user_id' var in your request.");
    assert_eq!(
        error(&[("user_id", "1")]),
        "You must include a 'field' var in your request. Use 'field=default' for all default fields."
    );
    assert_eq!(error(&[("user_id[]", "1"), ("field", "Name")]), "The 'user_id' var must be text.");
    let many = "a,".repeat(1000);
    assert_eq!(error(&[("user_id", "1"), ("field", &many)]), "More than 1000 fields in the 'field' var.");
}

#[test]
fn labels_are_read_as_recorded() {
    let site = Site::new();
    assert_eq!(
        site.field("Name,,Nope, Bio"),
        json!({"Name": "Admin One", "": false, "Nope": false, " Bio": false})
    );
    assert_eq!(site.field(" <b>Name</b> "), json!({"Name": "Admin One"}));
    assert_eq!(site.field("<b>"), json!({"": false}));
    assert_eq!(
        site.field("name,NAME,Name "),
        json!({"name": "Admin One", "NAME": "Admin One", "Name": "Admin One"})
    );
    assert_eq!(site.field("2.9,5"), json!({"2.9": "Ada", "0": "Oslo, Norway"}));
    assert_eq!(site.field("99,-1,0x1"), json!({"0": false, "1": false, "0x1": false}));
    // An option is no field by its name.
    assert_eq!(site.field("PHP"), json!({"PHP": false}));
    assert_eq!(site.read(&[("user_id", "1"), ("field[]", "Name")]), json!({"": false}));
    assert_eq!(site.read(&[("user_id", "1abc"), ("field", "Name")]), json!({"Name": "Admin One"}));
    assert_eq!(site.read(&[("user_id", "abc"), ("field", "Name")]), json!({"Name": false}));
    assert_eq!(site.read(&[("user_id", "9999"), ("field", "Name")]), json!({"Name": ""}));
    assert_eq!(site.read(&[("user_id", "-5"), ("field", "Name")]), json!({"Name": ""}));
}

#[test]
fn a_label_with_a_quote_is_found_and_answered_in_its_escaped_form() {
    let site = Site::new();
    site.exec(r#"UPDATE wp_bp_xprofile_fields SET name = 'Mum\\\'s \\"q\\" &amp; b' WHERE id = 5"#);
    assert_eq!(site.field("Mum's \"q\" &amp; b"), json!({"Mum\\'s \\\"q\\\" &amp; b": "Oslo, Norway"}));
    assert_eq!(site.field("Mum's \"q\" & b"), json!({"Mum\\'s \\\"q\\\" & b": false}));
}

#[test]
fn fields_without_a_value_are_shown_as_their_kind_shows_nothing() {
    let site = Site::new();
    assert_eq!(
        site.read(&[("user_id", "3"), ("field", "Website,Phone,Birthday,Skills,Country")]),
        json!({
            "Website": "<a href=\"\" rel=\"nofollow\"></a>",
            "Phone": "<a href=\"tel://\" rel=\"nofollow\"></a>",
            "Birthday": "",
            "Skills": ["MySQL"],
            "Country": ""
        })
    );
}

#[test]
fn a_date_has_its_fields_own_format() {
    let site = Site::new();
    site.exec(
        "INSERT INTO wp_bp_xprofile_meta (object_id, object_type, meta_key, meta_value) VALUES \
         (23, 'field', 'date_format', 'custom'), (23, 'field', 'date_format_custom', 'l jS F Y')",
    );
    assert_eq!(site.field("Birthday"), json!({"Birthday": "Thursday 17th May 1990"}));
}

#[test]
fn a_type_of_another_plugin_is_shown_as_text() {
    let site = Site::new();
    site.exec("UPDATE wp_bp_xprofile_fields SET type = 'slider_of_mine' WHERE id IN (4, 10)");
    assert_eq!(
        site.field("Bio,Skills"),
        json!({"Bio": "Line one\n\nLine <b>two</b> http://example.org", "Skills": ["PHP", "Rust"]})
    );
}

#[test]
fn a_hidden_field_reads_as_an_empty_one() {
    let site = Site::new();
    assert_eq!(site.field("Secret"), json!({"Secret": ""}));
    let john = site.app.cookie("john", "john Pass 3");
    let admin = site.app.cookie("admin", "admin-Pass-1");
    assert_eq!(site.secret("Secret", &john), "");
    assert_eq!(site.secret("Secret", &admin), "shh");
    // A cookie that no longer holds is none.
    assert_eq!(site.secret("Secret", &format!("{admin}x")), "");
    // The administrator may moderate, so sees what john hides.
    site.exec("INSERT INTO wp_usermeta (user_id, meta_key, meta_value) VALUES (3, 'bp_xprofile_visibility_levels', 'a:1:{i:10;s:10:\"adminsonly\";}')");
    let read = |form: &[(&str, &str)]| site.read(form)["Skills"].clone();
    let of_john = [("user_id", "3"), ("field", "Skills")];
    assert_eq!(read(&of_john), "");
    assert_eq!(read(&[of_john[0], of_john[1], ("cookie", &john)]), json!(["MySQL"]));
    assert_eq!(read(&[of_john[0], of_john[1], ("cookie", &admin)]), json!(["MySQL"]));
    let editor = site.app.cookie("editor", "editor-Pass-2");
    assert_eq!(read(&[of_john[0], of_john[1], ("cookie", &editor)]), "");
}

#[test]
fn levels_are_those_that_buddypress_honours() {
    let site = Site::new();
    let john = site.app.cookie("john", "john Pass 3");
    let level = |level: &str| {
        site.exec("DELETE FROM wp_usermeta WHERE meta_key = 'bp_xprofile_visibility_levels'");
        let length = level.len();
        site.exec(&format!(
            "INSERT INTO wp_usermeta (user_id, meta_key, meta_value) VALUES \
             (1, 'bp_xprofile_visibility_levels', 'a:2:{{i:5;s:{length}:\"{level}\";i:1;s:{length}:\"{level}\";}}')"
        ));
        (site.field("Location")["Location"].clone(), site.secret("Location", &john))
    };
    let place = json!("Oslo, Norway");
    assert_eq!(level("public"), (place.clone(), place.clone()));
    assert_eq!(level("loggedin"), (json!(""), place.clone()));
    assert_eq!(level("friends"), (json!(""), json!("")));
    let friends = |confirmed: u8| {
        site.exec("DELETE FROM wp_bp_friends");
        site.exec(&format!(
            "INSERT INTO wp_bp_friends (initiator_user_id, friend_user_id, is_confirmed, date_created) \
             VALUES (3, 1, {confirmed}, '2026-01-01 00:00:00')"
        ));
    };
    friends(0);
    assert_eq!(level("friends").1, "");
    friends(1);
    assert_eq!(level("friends").1, place);
    assert_eq!(level("adminsonly").1, "");
    // The name is never hidden.
    assert_eq!(site.field("Name"), json!({"Name": "Admin One"}));
    // A field whose choice is taken away has its default.
    site.exec("INSERT INTO wp_bp_xprofile_meta (object_id, object_type, meta_key, meta_value) VALUES (5, 'field', 'allow_custom_visibility', 'disabled')");
    assert_eq!(level("adminsonly").0, place);
}

#[test]
fn the_setting_shows_every_field_to_everybody() {
    let site = Site::with(|setup| setup.set("xprofile.ignore_visibility", "true"));
    assert_eq!(site.field("Secret"), json!({"Secret": "shh"}));
}

#[test]
fn a_site_whose_component_is_off_says_that_of_buddypress() {
    let site = Site::new();
    site.exec("UPDATE wp_options SET option_value = 'a:2:{s:7:\"members\";s:1:\"1\";s:8:\"xprofile\";s:1:\"0\";}' WHERE option_name = 'bp-active-components'");
    site.app.refresh();
    let answer = site.app.call("user/xprofile", &[("user_id", "1"), ("field", "Name")]);
    assert_eq!(answer.status, 400);
    assert_eq!(answer.json()["error"], "You must install and activate BuddyPress plugin to use this method.");
}

#[test]
fn hundreds_of_fields_are_read_at_once() {
    let site = Site::new();
    let john = site.app.cookie("john", "john Pass 3");
    let labels: Vec<String> =
        (1..300).map(|n| format!("Label {n}")).chain(["Secret".to_owned(), "Skills".to_owned()]).collect();
    let labels = labels.join(",");
    let answer = site.read(&[("user_id", "1"), ("field", &labels), ("cookie", &john)]);
    assert_eq!(answer.as_object().unwrap().len(), 301);
    assert_eq!(answer["Skills"], json!(["PHP", "Rust"]));
}

#[test]
fn hostile_labels_and_values_break_nothing() {
    let site = Site::new();
    for label in ["') OR 1=1 -- ", "\\", "%", "_", "{usermeta}", "?", "\u{0}", "\u{1F600}", "a\u{FFFF}"] {
        let answer = site.field(label);
        assert!(
            answer.as_object().unwrap().values().all(|value| *value == json!(false)),
            "{label:?} {answer}"
        );
    }
    for value in
        ["a:1:{", "O:8:\"stdClass\":0:{}", "a:1:{i:0;a:1:{i:0;i:1;}}", "N;", "b:0;", "C:1:\"x\":0:{}"]
    {
        site.exec(&format!("UPDATE wp_bp_xprofile_data SET value = '{value}' WHERE user_id = 1"));
        let answer = site.field("Name,Bio,Skills,Birthday,Website,Phone,Age");
        assert_eq!(answer.as_object().unwrap().len(), 7, "{value}");
    }
}
