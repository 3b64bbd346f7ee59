//! Profile values through WordPress's own filters in BuddyPress's order, and dates through its `date_i18n()`.
//!
//! BuddyPress itself is not to be had; its filters are WordPress's functions with a set of tags.

use serde_json::{Value, json};
use wp_sidecar::wp::php_date::{self, Zone};
use wp_sidecar::wp::php_value::PhpValue;
use wp_sidecar::wp::sanitize::Rules;
use wp_sidecar::wp::time_zone::SiteZone;
use wp_sidecar::wp::version::WpVersion;
use wp_sidecar::wp::xprofile::{DateFormat, Display, FieldType, Input, Storage, Stored};

use crate::server::Server;
use crate::wordpress::{RealWordPress, SUITES};

/// What a form's text becomes in the row and on the way out again, for `textbox` and `textarea`.
const FILTER: &str = r"
$plain = $GLOBALS['allowedtags'];
$plain['a']['rel'] = array();
$list = array( 'id' => 1, 'class' => 1 );
$rich = array_merge( $plain, array(
    'img' => array( 'id' => 1, 'class' => 1, 'src' => 1, 'alt' => 1, 'width' => 1, 'height' => 1 ),
    'ul' => $list, 'ol' => $list, 'li' => $list,
    'span' => array( 'style' => 1 ), 'p' => array( 'style' => 1 ),
) );
$out = array();
foreach ( $args['texts'] as $text ) {
    $row = array();
    foreach ( array( $plain, $rich ) as $tags ) {
        $stored = trim( wp_rel_nofollow( force_balance_tags( wp_kses( addslashes( $text ), $tags ) ) ) );
        $row[] = $stored;
        $row[] = stripslashes( force_balance_tags( wp_kses( $stored, $plain ) ) );
    }
    $out[] = $row;
}
return $out;
";

const DATES: &str = r"
update_option( 'gmt_offset', $args['offset'] );
$out = array();
foreach ( $args['cases'] as $case ) {
    $time = strtotime( $case[0] );
    $out[] = false === $time ? null : date_i18n( $case[1], $time );
}
return $out;
";

fn version(site: &RealWordPress) -> WpVersion {
    WpVersion::parse(&site.version()).expect("a version")
}

#[test]
fn values_become_what_wordpress_makes_of_them() {
    let mut texts: Vec<String> = [
        "O'Hare \"x\" \\ y",
        "<a href='http://e.org'>x</a>",
        "<a href=\"http://e.org\" rel=\"me\">x",
        "<a href=\"/own\" REL=me title='a'>x</a>",
        "<a href=\"javascript:alert(1)\">x</a>",
        "<p style=\"text-align:center\">x<p>y",
        "<ul><li>a<li>b</ul><img src=x onerror=y><img src=\"http://e.org/x.png\"/>",
        "<b>x<i>y</b>z</i> <3 &amp; & < > &#128; \u{1F600}",
        "<!-- x --><!--more--> < !-- y",
        "<script>alert('x')</script>",
    ]
    .map(str::to_owned)
    .into();
    texts.extend(scrambled(300));
    for suite in SUITES {
        let site = RealWordPress::open(suite, Server::mariadb());
        let rules = Rules::new(version(&site));
        let home = site.php("return home_url();");
        let storage = Storage { rules, home_url: home.as_str().expect("an address").as_bytes() };
        let zone = SiteZone::utc();
        let display = Display { rules, now: 0, zone: &zone };
        let wanted = site.php_with(FILTER, json!({"texts": texts}));
        for (text, wanted) in texts.iter().zip(wanted.as_array().expect("a list")) {
            let mut made = Vec::new();
            for kind in [FieldType::Textbox, FieldType::Textarea] {
                let stored = match storage.stored(&Input::Text(text.clone().into()), kind) {
                    Stored::Value(value) => value,
                    Stored::Emptied => Vec::new(),
                };
                let shown = display.shown(Some(&stored), kind, &DateFormat::Age);
                made.push(Value::from(String::from_utf8(stored).expect("text")));
                made.push(Value::from(text_of(&shown)));
            }
            assert_eq!(&Value::Array(made), wanted, "{suite}: {text}");
        }
    }
}

#[test]
fn dates_are_printed_as_by_wordpress() {
    let dates = [
        "1990-05-17 00:00:00",
        "2023-02-31 00:00:00",
        "2020-02-29",
        "2020-00-00",
        "0000-00-00 00:00:00",
        "1969-12-31 23:59:59",
        "2024-12-30 13:04:09",
        "2021-01-03",
        "9999-12-31",
        "2000-1-1 00:00:00",
        "2020-99-99 00:00:00",
        "2020-13-01",
        "2020-01-32",
    ];
    let mut formats: Vec<String> =
        ["F j, Y", "jS \\o\\f F Y", "c", "r", "Y-m-d H:i:s", "\\\\Y", "l, d-M-y"].map(str::to_owned).into();
    formats.extend(('A'..='Z').chain('a'..='z').map(String::from));
    let cases: Vec<[&str; 2]> =
        dates.iter().flat_map(|date| formats.iter().map(|format| [*date, format.as_str()])).collect();
    for suite in SUITES {
        let site = RealWordPress::open(suite, Server::mariadb());
        for (offset, seconds) in [("0", 0), ("5.75", 20_700), ("-3.5", -12_600)] {
            let zone = Zone::fixed(seconds);
            let wanted = site.php_with(DATES, json!({"cases": cases, "offset": offset}));
            for ([date, format], wanted) in cases.iter().zip(wanted.as_array().expect("a list")) {
                let made = php_date::parse(date.as_bytes()).map(|time| match *format {
                    // date_i18n() gives this one letter back as it came.
                    "U" => time.to_string(),
                    _ => String::from_utf8(php_date::format(format.as_bytes(), time, &zone)).unwrap(),
                });
                let wanted = match wanted {
                    Value::Number(number) => Value::from(number.to_string()),
                    other => other.clone(),
                };
                assert_eq!(Value::from(made), wanted, "{suite} {offset}: {date} {format}");
            }
        }
    }
}

fn text_of(value: &PhpValue) -> String {
    String::from_utf8(value.to_text().unwrap_or_default()).expect("text")
}

/// Markup put together by lot, the same in every run.
fn scrambled(count: usize) -> Vec<String> {
    const PIECES: &[&str] = &[
        "<a href=\"http://e.org/\">",
        "<a href='/x' rel='me you'>",
        "</a>",
        "<b>",
        "</b>",
        "<i >",
        "</i>",
        "<q>",
        "<span style=\"color: red\">",
        "</span>",
        "<p>",
        "</p>",
        "<li class=x>",
        "<img src=y>",
        "<br>",
        "<b/>",
        "x",
        " ",
        "\\",
        "'",
        "\"",
        "&",
        "&lt;",
        "<",
        ">",
        "<3",
        "<!--",
        "-->",
        "\n",
        "é",
        "a-b>",
        "<a>",
        "<x-y>",
        "<em title=\"a>b\">",
        "</em ",
        "<blockquote cite='u:v'>",
    ];
    let mut state = 12_345_u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).expect("a small number") % below
    };
    (0..count).map(|_| (0..=next(9)).map(|_| PIECES[next(PIECES.len())]).collect()).collect()
}
