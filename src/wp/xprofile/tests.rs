use super::*;
use crate::wp::php_value::{PhpArray, PhpValue};
use crate::wp::sanitize::Rules;
use crate::wp::time_zone::SiteZone;
use crate::wp::version::WpVersion;

const RULES: Rules = Rules::new(WpVersion::new(6, 8));

fn text(input: &str) -> Input {
    Input::Text(input.into())
}

fn list(items: &[&str]) -> Input {
    Input::List(items.iter().map(|item| item.as_bytes().to_vec()).collect())
}

fn stored(input: &Input, kind: FieldType) -> String {
    match (Storage { rules: RULES, home_url: b"http://home.example" }).stored(input, kind) {
        Stored::Value(value) => String::from_utf8(value).unwrap(),
        Stored::Emptied => "(emptied)".to_owned(),
    }
}

fn shown_as(value: Option<&str>, kind: FieldType, format: &DateFormat) -> PhpValue {
    let zone = SiteZone::utc();
    let display = Display { rules: RULES, now: 1_795_288_302, zone: &zone };
    display.shown(value.map(str::as_bytes), kind, format)
}

fn shown(value: &str, kind: FieldType) -> String {
    let value = shown_as(Some(value), kind, &DateFormat::parse(None, None));
    String::from_utf8(value.to_text().unwrap()).unwrap()
}

#[test]
fn the_recorded_effects_have_this_storage_form() {
    let effects = include_str!("../../../fixtures/recordings/effects.wordpress-6.8.8.json");
    let effects: serde_json::Value = serde_json::from_str(effects).unwrap();
    let row = |id: &str| {
        let effect = effects.as_array().unwrap().iter().find(|effect| effect["id"] == id).unwrap();
        effect["db"][0].clone()
    };
    let multi = row("bp-xprofile-multi");
    assert_eq!(stored(&list(&["PHP", "Go"]), FieldType::Choices), multi["changed"]["value"]["to"]);
    let entity = row("bp-xprofile-checkbox-entity");
    assert_eq!(stored(&list(&["Music", "Art &amp; Craft"]), FieldType::Choices), entity["row"]["value"]);
}

#[test]
fn values_are_stored_slashed_and_filtered() {
    assert_eq!(stored(&text("O'Hare \"x\" \\ y"), FieldType::Textbox), "O\\'Hare \\\"x\\\" \\\\ y");
    let link = "x<b>bold</b> <a href=\"http://e.org\">l</a>";
    let kept = "x<b>bold</b> <a href=\\\"http://e.org\\\" rel=\\\"nofollow\\\">l</a>";
    assert_eq!(stored(&text(link), FieldType::Textarea), kept);
    assert_eq!(stored(&text("<a href='x'>l</a>"), FieldType::Textbox), "<a>l</a>");
    assert_eq!(
        stored(&text("<a rel=\"me\" href=\"/x\">l"), FieldType::Textbox),
        "<a href=\\\"/x\\\" rel=\\\"me nofollow\\\">l</a>"
    );
    assert_eq!(stored(&text("<script>x</script><b>y"), FieldType::Textbox), "x<b>y</b>");
    assert_eq!(stored(&text("<script></script>"), FieldType::Textbox), "(emptied)");
    assert_eq!(stored(&list(&["it's"]), FieldType::Textbox), "a:1:{i:0;s:5:\"it\\'s\";}");
}

#[test]
fn only_text_with_an_editor_keeps_its_markup() {
    let rich = "<p style=\"text-align: center\">x</p><ul><li>y</li></ul>";
    let kept = "<p style=\\\"text-align: center\\\">x</p><ul><li>y</li></ul>";
    assert_eq!(stored(&text(rich), FieldType::Textarea), kept);
    assert_eq!(stored(&text(rich), FieldType::Textbox), "xy");
    assert_eq!(shown(kept, FieldType::Textarea), "xy");
}

#[test]
fn texts_become_lists_at_commas_only_where_several_values_fit() {
    assert_eq!(Input::of_text(b" PHP, MySQL,,", FieldType::Choices), list(&["PHP", "MySQL"]));
    assert_eq!(Input::of_text(b"PHP,", FieldType::Choices), list(&["PHP"]));
    assert_eq!(Input::of_text(b" Rust ", FieldType::Choices), text("Rust"));
    assert_eq!(Input::of_text(b"Oslo, Norway", FieldType::Textbox), text("Oslo, Norway"));
}

#[test]
fn formats_are_tested_as_recorded() {
    let takes = |kind: FieldType, value: &str| is_valid(&text(value).prepared(kind), kind, &[]);
    for good in ["35", "12abc", "abc-5", "-3", "1.5"] {
        assert!(takes(FieldType::Number, good), "{good}");
    }
    for bad in ["abc", "x5", "-", ""] {
        assert!(!takes(FieldType::Number, bad), "{bad}");
    }
    assert!(takes(FieldType::Datebox, "2020-99-99 00:00:00"));
    assert!(takes(FieldType::Datebox, "2020-1-5 00:00:00"));
    for bad in ["2020-01-05", "20-01-05 00:00:00", "2020-01-05 10:00:00", "2020-001-05 00:00:00"] {
        assert!(!takes(FieldType::Datebox, bad), "{bad}");
    }
    assert!(takes(FieldType::Textarea, "a\nb"));
    assert!(!takes(FieldType::Textbox, "a\nb"));
    assert!(takes(FieldType::Textbox, "0"));
    assert!(takes(FieldType::Acceptance, "1"));
    assert!(!takes(FieldType::Acceptance, "yes"));
    assert!(takes(FieldType::Custom, "anything\nat all"));
}

#[test]
fn addresses_must_be_public() {
    let takes = |value: &str| is_valid(&text(value).prepared(FieldType::Url), FieldType::Url, &[]);
    for good in [
        "example.org/x",
        "HTTPS://u:p@e.org:8080/x?y#z",
        "ftp://x.de",
        "http://bücher.example/",
        "http://8.8.8.8/",
        "http://a-b.c1.org",
    ] {
        assert!(takes(good), "{good}");
    }
    for bad in [
        "not a url",
        "localhost",
        "http://localhost/",
        "http://10.0.0.1",
        "http://127.0.0.1",
        "http://192.168.1.1",
        "http://172.20.0.1",
        "http://e.o",
        "http://-a.org",
        "http://a--b.org",
        "javascript:alert(1)",
        "http://e.org?x",
        "http://e.org:1",
        "http://",
        "/x",
    ] {
        assert!(!takes(bad), "{bad}");
    }
    assert!(!is_valid(&list(&["http://e.org"]), FieldType::Url, &[]));
}

#[test]
fn choices_must_be_options_byte_for_byte_as_stored() {
    let options: Vec<Vec<u8>> = vec![b"Music".to_vec(), b"Art &amp; Craft".to_vec(), b"C\\'te".to_vec()];
    let takes = |input: &Input| is_valid(input, FieldType::Choices, &options);
    assert!(takes(&list(&["Music", "Art &amp; Craft", "C'te"])));
    assert!(!takes(&list(&["music"])));
    assert!(!takes(&list(&["Art & Craft"])));
    assert!(!takes(&list(&["Nope", "Music"])));
    assert!(is_valid(&list(&["Music"]), FieldType::Choice, &options));
    assert!(!is_valid(&text("Music"), FieldType::Choice, &[]));
}

#[test]
fn every_type_has_its_way_of_showing() {
    assert_eq!(
        shown("https://admin.example.org/", FieldType::Url),
        "<a href=\"https://admin.example.org/\" rel=\"nofollow\">admin.example.org</a>"
    );
    assert_eq!(shown("", FieldType::Url), "<a href=\"\" rel=\"nofollow\"></a>");
    assert_eq!(
        shown("+1 555 0100", FieldType::Telephone),
        "<a href=\"tel://+1%20555%200100\" rel=\"nofollow\">+1 555 0100</a>"
    );
    assert_eq!(shown("", FieldType::Telephone), "<a href=\"tel://\" rel=\"nofollow\"></a>");
    assert_eq!(shown("x:y", FieldType::Telephone), "<a href=\"tel:y\" rel=\"nofollow\">tel:y</a>");
    assert_eq!(shown("http://5", FieldType::Telephone), "<a href=\"tel://5\" rel=\"nofollow\">5</a>");
    assert_eq!(shown("O\\'Hare \\\\ y", FieldType::Textbox), "O'Hare \\ y");
    assert_eq!(shown("1", FieldType::Acceptance), "Yes");
    assert_eq!(shown("", FieldType::Acceptance), "No");
    assert_eq!(shown("<script>x</script>", FieldType::Custom), "x");
}

#[test]
fn dates_are_shown_in_the_fields_own_format() {
    let date = |value: &str, format: &str, custom: &str| {
        let format = DateFormat::parse(Some(format.as_bytes()), Some(custom.as_bytes()));
        let value = shown_as(Some(value), FieldType::Datebox, &format);
        String::from_utf8(value.to_text().unwrap()).unwrap()
    };
    assert_eq!(shown("1990-05-17 00:00:00", FieldType::Datebox), "1990-05-17");
    assert_eq!(date("1990-05-17 00:00:00", "custom", "jS F Y"), "17th May 1990");
    assert_eq!(date("642902400", "d/m/Y", ""), "17/05/1990");
    assert_eq!(date("", "d/m/Y", ""), "");
    assert_eq!(date("2020-99-99 00:00:00", "Y-m-d", ""), "2026-11-21");
    assert_eq!(date("2026-11-21 00:00:00", "elapsed", ""), "19 hours, 11 minutes ago");
    assert_eq!(date("1990-11-22 00:00:00", "age", ""), "35");
}

#[test]
fn what_is_stored_badly_is_still_shown() {
    assert_eq!(shown("a:1:{broken}", FieldType::Choices), "");
    assert_eq!(shown("b:1;", FieldType::Textbox), "1");
    let nested =
        shown_as(Some("a:2:{i:3;a:1:{i:0;s:1:\"x\";}i:7;s:1:\"y\";}"), FieldType::Choices, &DateFormat::Age);
    assert_eq!(nested, PhpValue::Array(PhpArray::from(vec!["", "y"])));
    let empty = shown_as(Some("a:0:{}"), FieldType::Choices, &DateFormat::Age);
    assert_eq!(empty, PhpValue::Array(PhpArray::new()));
}

#[test]
fn a_field_is_visible_by_choice_or_by_default() {
    let levels: PhpArray = [(2_i64, "friends"), (3, "public")].into_iter().collect();
    assert_eq!(Level::of(2, None, None, &levels), Level::Friends);
    assert_eq!(Level::of(2, Some(b"loggedin"), Some(b"disabled"), &levels), Level::LoggedIn);
    assert_eq!(Level::of(3, Some(b"adminsonly"), Some(b"allowed"), &levels), Level::Public);
    assert_eq!(Level::of(4, Some(b"adminsonly"), None, &levels), Level::AdminsOnly);
    assert_eq!(Level::of(4, None, None, &levels), Level::Public);
    assert_eq!(Level::of(1, Some(b"adminsonly"), None, &levels), Level::Public);
    assert_eq!(Level::of(4, Some(b"of-another-plugin"), None, &levels), Level::AdminsOnly);
    assert!(!Level::LoggedIn.is_visible_to(Reader::Anonymous));
    assert!(!Level::Friends.is_visible_to(Reader::LoggedIn));
    assert!(Level::Friends.is_visible_to(Reader::Friend));
    assert!(!Level::AdminsOnly.is_visible_to(Reader::Friend));
    assert!(Level::AdminsOnly.is_visible_to(Reader::Privileged));
}

proptest::proptest! {
    #[test]
    fn no_bytes_break_a_request(bytes: Vec<u8>, kind in 0_usize..10) {
        let kinds = [
            FieldType::Textbox, FieldType::Textarea, FieldType::Number, FieldType::Datebox, FieldType::Choice,
            FieldType::Choices, FieldType::Url, FieldType::Telephone, FieldType::Acceptance, FieldType::Custom,
        ];
        let kind = kinds[kind];
        let zone = SiteZone::new("", "1");
        let display = Display { rules: RULES, now: 0, zone: &zone };
        let _ = display.shown(Some(&bytes), kind, &DateFormat::Letters(bytes.clone()));
        let input = Input::of_text(&bytes, kind).prepared(kind);
        let _ = is_valid(&input, kind, std::slice::from_ref(&bytes));
        let _ = Storage { rules: RULES, home_url: b"http://e.org" }.stored(&input, kind);
    }
}
