//! Hostile and damaged files: no panic, no exhausted stack, no growth without end.

use proptest::prelude::*;

use super::{parse, read, string};

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
