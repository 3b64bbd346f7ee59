//! wp-config.php: any text is read with bounded work and without a look at any file, and what it surely says is
//! found.

#![no_main]

use std::path::Path;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use wp_sidecar::settings::wp_config::WpConfig;
use wp_sidecar_fuzz::memory::bounded;

/// What stands in the one file beside the configuration, and nowhere else.
const FOREIGN: &str = "text of a file that must not be looked at";

/// A folder with a file that inputs may try to read by its name, `foreign.php`.
static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let text = format!("<?php define('FOREIGN', '{FOREIGN}'); return '{FOREIGN}';");
    std::fs::write(folder.path().join("foreign.php"), text).expect("a file");
    folder
});

fuzz_target!(|bytes: &[u8]| {
    let text = [b"<?php ".as_slice(), bytes].concat();
    for text in [bytes, &text] {
        let config = read(text);
        any_text(&config, text);
        assert_eq!(said(&config), said(&read(text)), "read twice, read differently");
    }
    comments_hide_nothing(bytes);
    strings_arrive_whole(bytes);
    nothing_undefines(bytes);
});

fn environment(name: &str) -> Option<String> {
    match name {
        "NAME" => Some("from the environment".to_owned()),
        "EMPTY" => Some(String::new()),
        "SECRET_FILE" => Some(FOLDER.path().join("foreign.php").display().to_string()),
        _ => None,
    }
}

fn read(text: &[u8]) -> WpConfig {
    let path = FOLDER.path().join("wp-config.php");
    // The evaluator may spend 64 MiB; a byte of text costs some tokens, and may be read again after a fault.
    let (most_at_once, most_in_all) = ((64 << 20) + 128 * text.len(), (512 << 20) + 4096 * text.len());
    bounded(most_at_once, most_in_all, || WpConfig::parse_alone(&path, FOLDER.path(), text, &environment))
}

/// What holds for any text.
fn any_text(config: &WpConfig, text: &[u8]) {
    let lines = text.split(|byte| matches!(byte, b'\n' | b'\r')).count();
    for name in config.names() {
        if let Ok(constant) = config.constant(name) {
            let constant = constant.expect("a name is defined");
            // Evaluated code is a file of its own inside the file.
            assert!(constant.file.as_os_str().as_encoded_bytes().starts_with(own_path().as_encoded_bytes()));
            assert!(
                usize::try_from(constant.line)
                    .is_ok_and(|line| line <= lines || is_evaluated(&constant.file))
            );
        }
        if let Ok(Some(value)) = config.bytes(name) {
            assert!(value.len() <= 1 << 20);
            assert!(!value.windows(FOREIGN.len()).any(|window| window == FOREIGN.as_bytes()));
        }
    }
    let root = config.bytes("ABSPATH").expect("known").expect("defined");
    assert_eq!(root, [FOLDER.path().as_os_str().as_encoded_bytes(), b"/"].concat());
    for message in messages(config) {
        assert!(!message.contains(char::is_control), "{message:?}");
        assert!(message.len() < 8 * 1024, "a message of {} bytes", message.len());
    }
}

fn own_path() -> std::ffi::OsString {
    FOLDER.path().join("wp-config.php").into_os_string()
}

fn is_evaluated(file: &Path) -> bool {
    file.as_os_str() != own_path()
}

fn messages(config: &WpConfig) -> impl Iterator<Item = String> {
    let unresolved = config.unresolved().map(ToString::to_string);
    unresolved.chain(config.problems().iter().map(ToString::to_string))
}

/// All that a configuration says, as text.
fn said(config: &WpConfig) -> Vec<String> {
    let one = |name: &str| match config.constant(name) {
        Ok(constant) => {
            format!("{name} {constant:?} {:?}", constant.and_then(|found| found.value.to_bytes()))
        }
        Err(unresolved) => unresolved.to_string(),
    };
    let mut all: Vec<String> = config.names().map(one).collect();
    all.push(format!("{:?} {:?}", config.table_prefix(), config.constant("NOT DEFINED").is_ok()));
    all.extend(messages(config));
    all
}

/// A plain file is read the same with anything in its comments.
fn comments_hide_nothing(bytes: &[u8]) {
    // It stands in the file a dozen times; more of it would only cost time.
    let bytes = bytes.get(..512).unwrap_or(bytes);
    let without =
        |ends: &[u8]| bytes.iter().copied().filter(|byte| !ends.contains(byte)).collect::<Vec<u8>>();
    let block = [b"/*", &without(b"*")[..], b"*/"].concat();
    let line = without(b"\n\r?");
    let block = block.as_slice();
    let file = [
        &b"<?php "[..],
        &[b"define(", &b"'DB_NAME'"[..], b",", b"'the name'", b")", b"; //"].join(block),
        &line,
        b"\n$table_prefix = # ",
        &line,
        b"\n'site_'; ",
        &[b"const DB_HOST", &b"="[..], b"'::1';", b""].join(block),
        b"//",
        &line,
    ]
    .concat();
    let config = read(&file);
    assert_eq!(config.names().collect::<Vec<_>>(), ["ABSPATH", "DB_HOST", "DB_NAME"]);
    assert_eq!(config.string("DB_NAME"), Ok(Some("the name".to_owned())));
    assert_eq!(config.string("DB_HOST"), Ok(Some("::1".to_owned())));
    assert_eq!(config.table_prefix(), Ok(Some("site_".to_owned())));
    assert!(config.problems().is_empty());
    assert_eq!(config.string("DB_USER"), Ok(None));
}

/// Any text in any kind of quotes is the value.
fn strings_arrive_whole(bytes: &[u8]) {
    if bytes.len() >= 1 << 20 {
        return;
    }
    let quoted = |escapes: &[u8]| {
        let escape = |byte: &u8| if escapes.contains(byte) { vec![b'\\', *byte] } else { vec![*byte] };
        bytes.iter().flat_map(escape).collect::<Vec<u8>>()
    };
    let (single, double) = (quoted(b"\\'"), quoted(b"\\\"$"));
    let mut file =
        [b"<?php define('S', '", &single[..], b"'); define('D', \"", &double, b"\"); define('H', "].concat();
    // A label in the text would end it; of a line end before it PHP takes all.
    let here = !bytes.windows(5).any(|window| window == b"LABEL") && bytes.last() != Some(&b'\r');
    file.extend(if here { [b"<<<'LABEL'\n", bytes, b"\nLABEL"].concat() } else { b"1".to_vec() });
    file.extend_from_slice(b"); define('E', 'end');");
    let config = read(&file);
    assert_eq!(config.bytes("S"), Ok(Some(bytes.to_vec())));
    assert_eq!(config.bytes("D"), Ok(Some(bytes.to_vec())));
    if here {
        assert_eq!(config.bytes("H"), Ok(Some(bytes.to_vec())));
    }
    assert_eq!(config.string("E"), Ok(Some("end".to_owned())));
}

/// PHP's constants stay: whatever follows, the first definition counts.
fn nothing_undefines(bytes: &[u8]) {
    let file = [b"<?php define('FIRST', 'kept'); const SECOND = 'kept too';", bytes].concat();
    let config = read(&file);
    assert_eq!(config.string("FIRST"), Ok(Some("kept".to_owned())));
    assert_eq!(config.string("SECOND"), Ok(Some("kept too".to_owned())));
}
