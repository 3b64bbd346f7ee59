//! Hostile and damaged files: no panic, no exhausted stack, no growth without end.

use proptest::prelude::*;

use super::{WpConfig, environment, parse, read, string};

#[test]
fn nesting_beyond_reason_is_refused_and_not_followed() {
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("!", ""),
        ("-", ""),
        ("(int)", ""),
        ("@", ""),
        ("$", ""),
        ("f(", ")"),
        ("\"{$x[", "]}\""),
        ("fn() => ", ""),
        ("1 ? 2 : ", ""),
        ("$a = ", ""),
        ("1 ?? ", ""),
        ("new ", ""),
        ("#[a]", ""),
        ("function() { return ", "; }"),
    ] {
        let text = format!("define('A', {}1{}); define('B', 1);", open.repeat(5000), close.repeat(5000));
        assert!(read(&text).int("A").is_err(), "{open}");
    }
    for piece in [
        "{",
        "if (1) ",
        "if (1): ",
        "if (1): ; ",
        "else if (1) ",
        "while (1) ",
        "switch (1) { case 1: ",
        "function f() {",
        "try {",
        "eval('",
        "<<<A\n",
        "#[",
        "namespace a {",
        "foreach (",
        "$x[",
        "use function ",
    ] {
        drop(read(&piece.repeat(5000)));
    }
}

#[test]
fn long_chains_are_no_deep_trees() {
    let joined = format!("define('A', 'x'{});", ".'x'".repeat(5000));
    assert_eq!(string(&joined, "A").len(), 5001);
    for operator in ["+1", "|1", "[0]", "->x", "()", "&&1", " or 1", "?:1", "== 1", "->x()", "++"] {
        drop(read(&format!("define('A', $a{});", operator.repeat(5000))));
    }
}

#[test]
fn growth_without_end_is_stopped() {
    let doubled = format!("$a = 'xxxxxxxxxxxxxxxx'; {} define('A', $a);", "$a .= $a;".repeat(60));
    assert!(read(&doubled).string("A").is_err());
    let nested = format!("$a = [1]; {} define('A', 1);", "$a = [$a, $a, $a, $a];".repeat(60));
    assert_eq!(read(&nested).int("A"), Ok(Some(1)));
    let calls = "function f($x) { return f($x) . f($x) . f($x); } define('A', f(1)); define('B', 1);";
    assert!(read(calls).int("B").is_err());
    let loops = "$l = explode(',', ',,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,'); foreach ($l as $a) foreach ($l as $a) foreach ($l as $a) \
        foreach ($l as $a) foreach ($l as $a) { $b = 1; } define('A', 1);";
    assert!(read(loops).int("A").is_err());
}

/// Calls `f()` a thousand times, which a configuration may.
fn thousand_calls(code: &str) -> String {
    let list = ",".repeat(999);
    format!("{code} foreach (explode(',', '{list}') as $item) {{ f(); }} define('B', 1);")
}

#[test]
fn long_lists_in_one_statement_are_paid_for() {
    assert_eq!(read(&thousand_calls("function f() {}")).int("B"), Ok(Some(1)));
    for (open, item, close) in [
        ("function f() { global $a", ", $a", "; }"),
        ("function f() { static $a", ", $a", "; }"),
        ("function f() { unset($a", ", $a", "); }"),
        ("function f($a", ", $a", ") {}"),
        ("function f() { return; ", "function g() {} ", "}"),
        ("function f() { switch (0) { ", "default: ", "} }"),
        ("function f() { try {} ", "catch (E $e) {} ", "}"),
        ("function f() { match (1) { ", "default => 1, ", "}; }"),
        ("function f() { 1", " $a", "; }"),
    ] {
        let text = thousand_calls(&format!("{open}{}{close}", item.repeat(5000)));
        assert!(read(&text).int("B").is_err(), "{item}");
    }
    let skipped = thousand_calls(&format!("function f() {{ return; {} }}", ";".repeat(100_000)));
    assert!(read(&skipped).int("B").is_err());
}

#[test]
fn copies_of_a_large_value_are_paid_for() {
    let large = "x".repeat(500_000);
    for many in [
        format!("$_ENV['A'] = '{large}'; {}", "$a = $_ENV['A']; ".repeat(200)),
        format!("[{}] = ['{large}'];", "0 => $a, ".repeat(200)),
        format!("$x = '{large}'; {}", format!("{}$x; ", "$a = ".repeat(20)).repeat(10)),
        format!("$x = '{}'; {}", large.replace("xx", "/x"), "dirname($x, 64); ".repeat(5)),
    ] {
        assert!(read(&format!("{many} define('B', 1);")).int("B").is_err());
    }
}

#[test]
fn a_large_value_is_not_compared_with_many() {
    let digits = "1".repeat(100_000);
    let text = format!("switch ('{digits}') {{ {} }} define('B', 1);", "case 2: ".repeat(1000));
    assert!(read(&text).int("B").is_err());
    assert!(read(&format!("define('B', (int) in_array('{digits}', [2]));")).int("B").is_err());
}

#[test]
fn a_long_list_of_characters_to_trim_is_looked_through_once() {
    let (text, list) = ("a".repeat(500_000), "b".repeat(500_000));
    let begun = std::time::Instant::now();
    assert_eq!(string(&format!("define('A', ltrim('{text}c', '{list}a'));"), "A"), "c");
    assert!(begun.elapsed().as_secs() < 5);
}

#[test]
fn names_and_reasons_are_short() {
    let long = "A".repeat(1000);
    for text in [
        format!("define('B', {long});"),
        format!("define('B', ${long});"),
        format!("{long}(); define('B', 1);"),
    ] {
        assert!(read(&text).constant("B").expect_err("too long").reason.contains("a name longer than"));
    }
    let path = format!("include '/none' . '{long}'; define('B', 1);");
    assert!(read(&path).constant("B").expect_err("in doubt").reason.len() < 500);
}

#[test]
fn text_read_alone_looks_at_no_file() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("other.php"), "<?php define('INCLUDED', 1); return 1;")
        .expect("a file");
    let text =
        b"<?php define('A', 1); define('B', file_exists('other.php')); define('C', realpath('other.php')); \
        define('D', file_get_contents('other.php')); define('E', is_readable('other.php')); \
        define('F', include 'other.php');";
    let path = folder.path().join("wp-config.php");
    let unresolved = |config: &WpConfig| config.unresolved().map(|it| it.name.clone()).collect::<String>();
    let with_files = WpConfig::parse(&path, folder.path(), text, &environment);
    assert_eq!(unresolved(&with_files), "");
    assert_eq!(with_files.int("INCLUDED"), Ok(Some(1)));
    let alone = WpConfig::parse_alone(&path, folder.path(), text, &environment);
    assert_eq!(unresolved(&alone), "BCDEF");
    assert_eq!(alone.int("A"), Ok(Some(1)));
    assert!(alone.int("INCLUDED").is_err());
}

const FIXTURES: &[&[u8]] = &[
    include_bytes!("../../../../fixtures/wp-config/sample.php"),
    include_bytes!("../../../../fixtures/wp-config/docker.php"),
    include_bytes!("../../../../fixtures/wp-config/environment.php"),
    include_bytes!("../../../../fixtures/wp-config/strings.php"),
    include_bytes!("../../../../fixtures/wp-config/values.php"),
    include_bytes!("../../../../fixtures/wp-config/command-line.php"),
    include_bytes!("../../../../fixtures/wp-config/bedrock/config/application.php"),
];

#[test]
fn no_truncation_of_a_real_file_panics_or_defines_what_the_file_does_not() {
    for text in FIXTURES {
        let whole = parse(text);
        for end in (0..text.len()).step_by(7) {
            let part = parse(&text[..end]);
            for name in part.names() {
                if let (Ok(Some(a)), Ok(Some(b))) = (part.constant(name), whole.constant(name)) {
                    assert!(
                        name == "CONDITIONAL" || a.value == b.value || a.value != a.value,
                        "{name} at {end}"
                    );
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        drop(parse(&[b"<?php ".as_slice(), &bytes].concat()));
        drop(parse(&bytes));
    }

    #[test]
    fn arbitrary_tokens_never_panic(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60)) {
        drop(parse(format!("<?php {}", pieces.concat()).as_bytes()));
    }

    #[test]
    fn a_fixture_with_a_byte_changed_never_panics(file in 0..FIXTURES.len(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut text = FIXTURES[file].to_vec();
        let at = at.index(text.len());
        text[at] = byte;
        drop(parse(&text));
    }
}

const PIECES: &[&str] = &[
    "define(",
    "'A'",
    ",",
    ")",
    ";",
    "$x",
    "=",
    "[",
    "]",
    "{",
    "}",
    "\"$x[",
    "\"",
    "${",
    "if (",
    "else ",
    "foreach (",
    " as ",
    "=>",
    "?",
    ":",
    "??",
    "->",
    "::",
    "fn",
    "function ",
    "f(",
    "eval(",
    "include ",
    "__DIR__",
    ".",
    "-",
    "1",
    "0x",
    "1.5e",
    "<<<A\n",
    "\nA\n",
    "'",
    "\\",
    "/*",
    "*/",
    "#",
    "?>",
    "<?php ",
    "match (",
    "switch (",
    "case ",
    "break;",
    "return ",
    "exit;",
    "global ",
    "unset(",
    "isset(",
    "empty(",
    "list(",
    "&",
    "static ",
    "const ",
    "new ",
    "class ",
    "try {",
    "catch (",
    "while (",
    "(int)",
    "!",
    "@",
    "++",
    "$$",
    "$GLOBALS[",
    "$_SERVER[",
    "getenv(",
    "putenv(",
    "\n",
];
