//! Reads the recorded outputs of the genuine functions, for the tests of this room.

use base64::Engine as _;
use serde_json::Value;

use super::Rules;
use crate::wp::version::WpVersion;

/// The rules of the site that the vectors of 6.8.8 were recorded on.
pub(super) const RULES_6_8: Rules = Rules::new(WpVersion::new(6, 8));

/// The cases of one list of one file.
pub(super) fn cases(file: &str, list: &str) -> Vec<Value> {
    let path = format!("{}/fixtures/vectors/{file}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).expect(&path);
    let mut json: Value = serde_json::from_str(&text).expect(&path);
    let cases = json[list].take();
    let cases = cases.as_array().unwrap_or_else(|| panic!("{path} has no list {list}"));
    assert!(!cases.is_empty(), "{path}: {list} is empty");
    cases.clone()
}

/// The bytes of a field, which stands in base64 when it is not UTF-8.
pub(super) fn field(case: &Value, name: &str) -> Vec<u8> {
    if let Some(text) = case[name].as_str() {
        return text.as_bytes().to_vec();
    }
    let coded = case[format!("{name}_base64")].as_str();
    let coded = coded.unwrap_or_else(|| panic!("no {name} in {case}"));
    base64::engine::general_purpose::STANDARD.decode(coded).expect("base64")
}

/// Holds a function against every case of a list; `f` also gets the case itself, for further arguments.
pub(super) fn bytes(file: &str, list: &str, f: impl Fn(&[u8], &Value) -> Vec<u8>) {
    let mut wrong = Vec::new();
    for case in cases(file, list) {
        let got = f(&field(&case, "input"), &case);
        if got != field(&case, "output") {
            wrong.push(format!("got {:?} for {case}", String::from_utf8_lossy(&got)));
        }
    }
    assert!(wrong.is_empty(), "{list}: {}\n{}", wrong.len(), wrong.join("\n"));
}

/// The same for a function that answers yes or no.
pub(super) fn bools(file: &str, list: &str, f: impl Fn(&[u8]) -> bool) {
    for case in cases(file, list) {
        assert_eq!(Some(f(&field(&case, "input"))), case["output"].as_bool(), "{list}: {case}");
    }
}
