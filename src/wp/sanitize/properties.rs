//! What holds for any input: nothing panics, nothing takes quadratic time, and what is idempotent in
//! WordPress is so here. (Not idempotent there: `wp_strip_all_tags`, `remove_accents`, `sanitize_user` without
//! strict, `sanitize_email`, `sanitize_title`, `esc_url` and kses.)

use proptest::collection::vec;
use proptest::prelude::*;

use super::kses::Place;
use super::*;

type Filter = fn(&[u8], Rules) -> Vec<u8>;

const IDEMPOTENT: [(&str, Filter); 7] = [
    ("strip_tags", |text, _| strip_tags(text)),
    ("sanitize_user", |text, rules| sanitize_user(text, true, rules)),
    ("sanitize_key", |text, _| sanitize_key(text)),
    ("sanitize_text_field", sanitize_text_field),
    ("bad_protocol", bad_protocol),
    ("normalize_entities", normalize_entities),
    ("esc_html", esc_html),
];

const OTHERS: [(&str, Filter); 16] = [
    ("wp_strip_all_tags", |text, _| wp_strip_all_tags(text)),
    ("remove_accents", |text, rules| remove_accents(text, rules).into_owned()),
    ("sanitize_user", |text, rules| sanitize_user(text, false, rules)),
    ("validate_username", |text, rules| vec![u8::from(validate_username(text, rules))]),
    ("is_email", |text, _| vec![u8::from(is_email(text))]),
    ("sanitize_email", |text, _| sanitize_email(text)),
    ("sanitize_title", sanitize_title),
    ("nicename_from_login", nicename_from_login),
    ("esc_url", esc_url),
    ("sanitize_url", sanitize_url),
    ("comment_kses", |text, rules| wp_kses(text, Place::Comment, rules)),
    ("comment_content", |text, rules| comment_content(text, b"http://e.org", rules)),
    ("display_name", display_name),
    ("user_email", user_email),
    ("user_url", user_url),
    ("description", description),
];

const VERSIONS: [WpVersion; 4] =
    [WpVersion::OLDEST_KNOWN, WpVersion::new(6, 8), WpVersion::NEWEST_KNOWN, WpVersion::new(9, 0)];

/// Text of pieces that mean something to one of the functions, and of stray bytes.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => "[a-zA-Z0-9@.: ]{1,4}".prop_map(String::into_bytes),
        4 => prop::sample::select(PIECES.as_slice()).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 1..4),
    ];
    vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

#[rustfmt::skip]
const PIECES: [&str; 64] = [
    "<", ">", "</", "<!", "<!--", "-->", "--->", "<?", "?>", "<?xml", "<a ", "<b>", "</b>", "<script", "</script>",
    "<style>", " href=", " title=", " target=", " class=", "<span ", "\"", "'", "\\", "\\0", "/", "=", "\n", "\t",
    "\0", "%41", "%", "%c2%ad", "---", "&", "&amp;", "&#58;", "&#x3a", "&#0;", "&apos;", "&notit;", "&colon;", ";",
    ";//", "://", "http://", "javascript:", "feed:", "mailto:", "[", "]", "@", "..", ":80", "<!-- wp:a ", "{\"a\":",
    "} /-->", "<!-- /wp:a -->", "<!-- wp:b -->", "é", "e\u{301}", "ß", "\u{2011}", "日",
];

proptest! {
    #[test]
    fn nothing_panics_on_any_bytes(text in prop_oneof![text(), vec(any::<u8>(), 0..64)]) {
        for rules in VERSIONS.map(Rules::new) {
            for (_, filter) in IDEMPOTENT.iter().chain(&OTHERS) {
                filter(&text, rules);
            }
        }
    }

    #[test]
    fn what_is_idempotent_in_wordpress_is_so_here(text in text()) {
        for rules in VERSIONS.map(Rules::new) {
            for (name, filter) in IDEMPOTENT {
                let once = filter(&text, rules);
                prop_assert_eq!(filter(&once, rules), once, "{} {}", name, rules.version);
            }
        }
    }

    #[test]
    fn a_login_that_is_kept_is_valid(text in text()) {
        let rules = Rules::new(WpVersion::NEWEST_KNOWN);
        let login = sanitize_user(&text, true, rules);
        prop_assert_eq!(validate_username(&login, rules), !php::is_empty(&login));
    }

    #[test]
    fn a_text_field_is_one_line_of_utf8(text in text()) {
        let field = sanitize_text_field(&text, Rules::new(WpVersion::NEWEST_KNOWN));
        prop_assert!(std::str::from_utf8(&field).is_ok());
        prop_assert!(!field.iter().any(|b| b"\n\r\t".contains(b)));
    }
}

/// Runs through in a second; with quadratic time anywhere it would take minutes.
#[test]
fn long_hostile_texts_are_filtered_in_linear_time() {
    let pairs = [("", ""), ("", ">"), ("<a ", "->-->"), ("<!-- wp:a {", "} -->"), ("http://[", "]")];
    for piece in PIECES {
        for (before, after) in pairs {
            let text = [before, &piece.repeat(10_000 / piece.len()), after].concat();
            for (_, filter) in IDEMPOTENT.iter().chain(&OTHERS) {
                filter(text.as_bytes(), Rules::new(WpVersion::NEWEST_KNOWN));
                filter(text.as_bytes(), Rules::new(WpVersion::OLDEST_KNOWN));
            }
        }
    }
}
