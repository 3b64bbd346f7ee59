//! The writing side.

use std::collections::HashMap;

use crate::wp::php_float;
use crate::wp::php_value::{ObjectForm, PhpArray, PhpKey, PhpObject, PhpShared, PhpValue};

/// PHP's `serialize`, byte for byte as PHP 8.2 writes it with `serialize_precision = -1`, the default.
#[must_use]
pub fn serialize(value: &PhpValue) -> Vec<u8> {
    let mut writer =
        Writer { out: Vec::new(), slots: 0, written: HashMap::new(), root: value, references: None };
    writer.value(value);
    writer.out
}

struct Writer<'a> {
    out: Vec<u8>,
    /// How many values PHP would have numbered so far.
    slots: usize,
    /// The numbers of shared values, by identity.
    written: HashMap<usize, usize>,
    root: &'a PhpValue,
    /// How many places are references to a shared value, by identity; counted when first asked for.
    references: Option<HashMap<usize, usize>>,
}

impl Writer<'_> {
    fn value(&mut self, value: &PhpValue) {
        match value {
            PhpValue::Shared(shared) => self.shared(shared),
            other => {
                self.slots += 1;
                self.body(other);
            }
        }
    }

    fn shared(&mut self, shared: &PhpShared) {
        let inner = shared.get();
        if let Some(&number) = self.written.get(&shared.identity()) {
            if self.is_reference(shared) {
                // A reference has no number of its own.
                return self.tagged("R:", number, ";");
            }
            if inner.is_none_or(|inner| matches!(inner, PhpValue::Object(_))) {
                self.slots += 1;
                return self.tagged("r:", number, ";");
            }
        }
        self.slots += 1;
        self.written.entry(shared.identity()).or_insert(self.slots);
        self.body(inner.unwrap_or(&PhpValue::Null));
    }

    /// A reference of which only one place is left is none any more, as in PHP.
    fn is_reference(&mut self, shared: &PhpShared) -> bool {
        if !shared.by_reference() {
            return false;
        }
        let references = self.references.get_or_insert_with(|| {
            let mut references = HashMap::new();
            count_references(self.root, &mut references);
            references
        });
        references.get(&shared.identity()).is_some_and(|&places| places > 1)
    }

    fn body(&mut self, value: &PhpValue) {
        match value {
            PhpValue::Null => self.out.extend_from_slice(b"N;"),
            PhpValue::Bool(bool) => self.out.extend_from_slice(if *bool { b"b:1;" } else { b"b:0;" }),
            PhpValue::Int(int) => self.int(*int),
            PhpValue::Float(float) => {
                self.out.extend_from_slice(b"d:");
                php_float::push_shortest(&mut self.out, *float, b'E');
                self.out.push(b';');
            }
            PhpValue::Str(bytes) => self.string(bytes),
            PhpValue::Array(array) => {
                self.tagged("a:", array.len(), ":{");
                self.entries(array);
            }
            PhpValue::Object(object) => self.object(object),
            PhpValue::Shared(shared) => self.body(shared.get().unwrap_or(&PhpValue::Null)),
        }
    }

    fn object(&mut self, object: &PhpObject) {
        match &object.form {
            ObjectForm::Properties => {
                self.quoted("O:", &[&object.class]);
                self.tagged(":", object.properties.len(), ":{");
                self.entries(&object.properties);
            }
            ObjectForm::Custom(data) => {
                self.quoted("C:", &[&object.class]);
                self.tagged(":", data.len(), ":{");
                self.out.extend_from_slice(data);
                self.out.push(b'}');
            }
            ObjectForm::Case(case) => {
                self.quoted("E:", &[&object.class, b":", case]);
                self.out.push(b';');
            }
        }
    }

    fn entries(&mut self, array: &PhpArray) {
        for (key, value) in array.iter() {
            match key {
                PhpKey::Int(int) => self.int(*int),
                PhpKey::Str(bytes) => self.string(bytes),
            }
            self.value(value);
        }
        self.out.push(b'}');
    }

    fn int(&mut self, int: i64) {
        self.out.extend_from_slice(b"i:");
        if int < 0 {
            self.out.push(b'-');
        }
        self.digits(int.unsigned_abs());
        self.out.push(b';');
    }

    fn string(&mut self, bytes: &[u8]) {
        self.quoted("s:", &[bytes]);
        self.out.push(b';');
    }

    fn quoted(&mut self, tag: &str, parts: &[&[u8]]) {
        self.tagged(tag, parts.iter().map(|part| part.len()).sum(), ":\"");
        for part in parts {
            self.out.extend_from_slice(part);
        }
        self.out.push(b'"');
    }

    fn tagged(&mut self, tag: &str, number: usize, end: &str) {
        self.out.extend_from_slice(tag.as_bytes());
        self.digits(u64::try_from(number).unwrap_or(u64::MAX));
        self.out.extend_from_slice(end.as_bytes());
    }

    /// Decimal digits, without the cost of the formatting machinery: this is the hottest part.
    fn digits(&mut self, number: u64) {
        if number >= 10 {
            self.digits(number / 10);
        }
        let last = u8::try_from(number % 10).unwrap_or(0);
        self.out.push(b'0' + last);
    }
}

/// Counts each place once: what a shared value holds is looked into only at its first mention.
fn count_references(value: &PhpValue, references: &mut HashMap<usize, usize>) {
    let mut inner = value;
    if let PhpValue::Shared(shared) = value {
        let known = references.contains_key(&shared.identity());
        *references.entry(shared.identity()).or_insert(0) += usize::from(shared.by_reference());
        if known {
            return;
        }
        inner = value.resolve();
    }
    let children = match inner {
        PhpValue::Array(array) => array,
        PhpValue::Object(object) => &object.properties,
        _ => return,
    };
    for child in children.values() {
        count_references(child, references);
    }
}
