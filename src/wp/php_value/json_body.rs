//! Values from a JSON request body, as if a form had sent them. Reading the body is not done here.

use super::{PhpArray, PhpValue};

/// The parameter that a JSON value stands for: numbers are text as written, true is `1`, false and null are
/// empty, lists and objects are arrays (keys such as `"5"` become ints, of repeated keys the last counts).
///
/// "As written" goes as far as `serde_json` keeps it: always for whole numbers within 64 bits. Others keep their
/// digits only with its feature `arbitrary_precision` (exponents still change: `1e2` arrives as `1e+2`); without
/// it `1.50` arrives as `1.5`, `1e2` as `100.0` and `-0` as `-0.0`.
#[must_use]
pub fn from_json_body(json: &serde_json::Value) -> PhpValue {
    match json {
        serde_json::Value::Null | serde_json::Value::Bool(false) => "".into(),
        serde_json::Value::Bool(true) => "1".into(),
        serde_json::Value::Number(number) => number.to_string().into(),
        serde_json::Value::String(text) => text.as_str().into(),
        serde_json::Value::Array(items) => {
            PhpArray::from(items.iter().map(from_json_body).collect::<Vec<_>>()).into()
        }
        serde_json::Value::Object(members) => {
            let pairs = members.iter().map(|(name, value)| (name.as_str(), from_json_body(value)));
            pairs.collect::<PhpArray>().into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn scalars_arrive_as_a_form_would_send_them() {
        assert_eq!(from_json_body(&json!(true)), "1".into());
        assert_eq!(from_json_body(&json!(false)), "".into());
        assert_eq!(from_json_body(&json!(null)), "".into());
        assert_eq!(from_json_body(&json!(-7)), "-7".into());
        assert_eq!(from_json_body(&json!(18_446_744_073_709_551_615_u64)), "18446744073709551615".into());
        assert_eq!(from_json_body(&json!(1.5)), "1.5".into());
        assert_eq!(from_json_body(&json!("é")), "é".into());
    }

    #[test]
    fn lists_and_objects_arrive_as_arrays() {
        let value = from_json_body(&json!({"a": [1, [true]], "5": {}}));
        let array = value.as_array().unwrap();
        assert!(array.get("a").unwrap().as_array().unwrap().is_list());
        assert_eq!(array.get(5).unwrap().as_array().unwrap().len(), 0);
    }
}
