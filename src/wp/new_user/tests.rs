use super::*;
use crate::wp::version::WpVersion;

const RULES: Rules = Rules::new(WpVersion::new(6, 8));

fn row(login: &str, fields: &UserFields) -> NewUserRow {
    prepare(login.as_bytes(), b"a@example.org", fields, RULES).unwrap()
}

fn text<'a>(row: &'a NewUserRow, key: &str) -> &'a str {
    let (_, value) = row.meta.iter().find(|(name, _)| *name == key).unwrap();
    std::str::from_utf8(value).unwrap()
}

#[test]
fn a_bare_user_gets_the_defaults_in_wordpress_order() {
    let keys = |major, minor| -> Vec<&str> {
        let rules = Rules::new(WpVersion::new(major, minor));
        let row = prepare(b"ann", b"a@example.org", &UserFields::default(), rules).unwrap();
        row.meta.iter().map(|(key, _)| *key).collect()
    };
    let old = [
        "nickname",
        "first_name",
        "last_name",
        "description",
        "rich_editing",
        "syntax_highlighting",
        "comment_shortcuts",
        "admin_color",
        "use_ssl",
        "show_admin_bar_front",
        "locale",
    ];
    assert_eq!(keys(6, 8), old);
    assert_eq!(keys(7, 0), old);
    assert_eq!(keys(7, 1)[6], "infinite_scrolling");
    assert_eq!(keys(7, 1).len(), old.len() + 1);
    let new = prepare(b"ann", b"a@example.org", &UserFields::default(), Rules::new(WpVersion::new(7, 0)));
    assert_eq!(text(&new.unwrap(), "admin_color"), "modern");
    assert_eq!(text(&row("ann", &UserFields::default()), "admin_color"), "fresh");
}

#[test]
fn the_display_name_is_made_of_what_is_there() {
    let names = |first: &str, last: &str, display: &str| {
        let fields = UserFields {
            first_name: first.into(),
            last_name: last.into(),
            display_name: display.into(),
            ..UserFields::default()
        };
        String::from_utf8(row("ann", &fields).display_name).unwrap()
    };
    assert_eq!(names("Ann", "O'Neil", ""), "Ann O'Neil");
    assert_eq!(names("Ann", "", ""), "Ann");
    assert_eq!(names("", "B & C", ""), "B &amp; C");
    assert_eq!(names("0", "", ""), "ann");
    assert_eq!(names("Ann", "Lee", "A <b>x"), "A x");
}

#[test]
fn lengths_are_those_of_the_columns() {
    let with = |change: fn(&mut UserFields)| {
        let mut fields = UserFields::default();
        change(&mut fields);
        prepare(b"ann", b"a@example.org", &fields, RULES).map(drop)
    };
    let login = |length: usize| prepare(&vec![b'u'; length], b"", &UserFields::default(), RULES).map(drop);
    assert_eq!((login(60), login(61)), (Ok(()), Err(FieldError::LoginTooLong)));
    assert_eq!(with(|fields| fields.user_nicename = vec![b'n'; 50]), Ok(()));
    assert_eq!(with(|fields| fields.user_nicename = vec![b'n'; 51]), Err(FieldError::NicenameTooLong));
    assert_eq!(with(|fields| fields.user_url = [&b"http://"[..], &[b'e'; 93]].concat()), Ok(()));
    let long_url = with(|fields| fields.user_url = [&b"http://"[..], &[b'e'; 94]].concat());
    assert_eq!(long_url, Err(FieldError::UrlTooLong));
    assert_eq!(with(|fields| fields.display_name = "ä".repeat(250).into()), Ok(()));
    let long_name = with(|fields| fields.display_name = "ä".repeat(251).into());
    assert_eq!(long_name, Err(FieldError::DisplayNameTooLong));
    let email = |length: usize| {
        let email = [&vec![b'a'; length - 12][..], b"@example.org"].concat();
        prepare(b"ann", &email, &UserFields::default(), RULES).map(drop)
    };
    assert_eq!((email(100), email(101)), (Ok(()), Err(FieldError::EmailTooLong)));
}

#[test]
fn an_empty_nicename_is_refused_since_6_9() {
    let at = |minor| prepare(b"@@@", b"", &UserFields::default(), Rules::new(WpVersion::new(6, minor)));
    assert_eq!(at(8).unwrap().nicename, b"");
    assert_eq!(at(9), Err(FieldError::EmptyNicename));
}

#[test]
fn a_suffix_takes_its_place_from_the_nicename() {
    assert_eq!(nicename_with_suffix(b"ann", 2), b"ann-2");
    let long = [b'n'; 50];
    assert_eq!(nicename_with_suffix(&long, 9).len(), 50);
    assert_eq!(nicename_with_suffix(&long, 1234).len(), 50);
    assert!(nicename_with_suffix(&long, 10).ends_with(b"n-10"));
}

#[test]
fn switches_are_read_as_php_reads_them() {
    let fields = UserFields {
        comment_shortcuts: b"yes".into(),
        use_ssl: b"no".into(),
        admin_color: b"oce<an>!".into(),
        rich_editing: b"0".into(),
        show_admin_bar_front: b"false".into(),
        description: b"a:0:{}".into(),
        ..UserFields::default()
    };
    let row = row("ann", &fields);
    assert_eq!(text(&row, "comment_shortcuts"), "true");
    assert_eq!(text(&row, "use_ssl"), "1");
    assert_eq!(text(&row, "admin_color"), "ocean");
    assert_eq!(text(&row, "rich_editing"), "true");
    assert_eq!(text(&row, "show_admin_bar_front"), "false");
    assert_eq!(text(&row, "description"), "s:6:\"a:0:{}\";");
}

#[test]
fn the_level_is_the_highest_of_the_roles_capabilities() {
    let mut capabilities_of = PhpArray::new();
    for name in ["level_2", "Level_10", "level_11", "level_07", "read"] {
        capabilities_of.insert(name, false);
    }
    let mut role = PhpArray::new();
    role.insert("capabilities", capabilities_of);
    let mut roles = PhpArray::new();
    roles.insert("boss", role);
    let roles = PhpValue::Array(roles);
    let pair = |role: &str| {
        let (held, level) = capabilities(role.as_bytes(), &roles);
        (String::from_utf8(held).unwrap(), String::from_utf8(level).unwrap())
    };
    assert_eq!(pair("boss"), ("a:1:{s:4:\"boss\";b:1;}".into(), "10".into()));
    assert_eq!(pair("nobody"), ("a:1:{s:6:\"nobody\";b:1;}".into(), "0".into()));
    assert_eq!(pair("level_3").1, "3");
    assert_eq!(pair(""), ("a:0:{}".into(), "0".into()));
}
