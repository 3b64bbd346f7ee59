//! Values: numbers, lists, objects and the blanks between them.

use super::JsonOptions;
use super::numeric::{Number, numeric};
use super::text::Escapes;
use crate::wp::php_float;
use crate::wp::php_value::{MAX_DEPTH, ObjectForm, PhpArray, PhpKey, PhpObject, PhpValue};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Indent {
    None,
    Two,
    Four,
}

pub(super) struct Writer<'a> {
    out: &'a mut Vec<u8>,
    options: JsonOptions,
    escapes: Escapes,
    indent: Indent,
    depth: usize,
}

impl<'a> Writer<'a> {
    pub(super) fn new(out: &'a mut Vec<u8>, options: JsonOptions, indent: Indent) -> Self {
        Self { out, options, escapes: Escapes::new(options), indent, depth: 0 }
    }

    pub(super) fn value(&mut self, value: &PhpValue) {
        match value.resolve() {
            PhpValue::Null | PhpValue::Shared(_) => self.out.extend_from_slice(b"null"),
            PhpValue::Bool(true) => self.out.extend_from_slice(b"true"),
            PhpValue::Bool(false) => self.out.extend_from_slice(b"false"),
            PhpValue::Int(int) => self.int(*int),
            PhpValue::Float(float) => self.float(*float),
            PhpValue::Str(bytes) => self.string(bytes),
            PhpValue::Array(array) => self.array(array),
            PhpValue::Object(object) => self.object(object),
        }
    }

    fn string(&mut self, bytes: &[u8]) {
        if self.options.contains(JsonOptions::NUMERIC_CHECK) {
            match numeric(bytes) {
                Some(Number::Int(int)) => return self.int(int),
                Some(Number::Float(float)) => return self.float(float),
                None => {}
            }
        }
        self.escapes.push_string(self.out, bytes);
    }

    fn int(&mut self, int: i64) {
        self.out.extend_from_slice(int.to_string().as_bytes());
    }

    fn float(&mut self, float: f64) {
        if !float.is_finite() {
            return self.out.push(b'0');
        }
        let start = self.out.len();
        php_float::push_shortest(self.out, float, b'e');
        let whole = !self.out.iter().skip(start).any(|&byte| byte == b'.');
        if whole && self.options.contains(JsonOptions::PRESERVE_ZERO_FRACTION) {
            self.out.extend_from_slice(b".0");
        }
    }

    fn array(&mut self, array: &PhpArray) {
        if !self.options.contains(JsonOptions::FORCE_OBJECT) && array.is_list() {
            self.group(b'[', b']', |writer| {
                for (at, value) in array.values().enumerate() {
                    writer.separate(at == 0);
                    writer.value(value);
                }
                !array.is_empty()
            });
        } else {
            self.members(array, false);
        }
    }

    fn object(&mut self, object: &PhpObject) {
        match object.form {
            ObjectForm::Properties => self.members(&object.properties, true),
            ObjectForm::Custom(_) => self.out.extend_from_slice(b"{}"),
            ObjectForm::Case(_) => self.out.extend_from_slice(b"false"),
        }
    }

    /// An object; of a real one only the public properties, whose names do not start with NUL.
    fn members(&mut self, array: &PhpArray, public_only: bool) {
        self.group(b'{', b'}', |writer| {
            let mut any = false;
            for (key, value) in array.iter() {
                if public_only && matches!(key, PhpKey::Str(name) if name.starts_with(b"\0")) {
                    continue;
                }
                writer.separate(!any);
                any = true;
                match key {
                    PhpKey::Int(int) => {
                        writer.out.push(b'"');
                        writer.int(*int);
                        writer.out.push(b'"');
                    }
                    PhpKey::Str(bytes) => writer.escapes.push_string(writer.out, bytes),
                }
                writer.out.extend_from_slice(if writer.indent == Indent::None { b":" } else { b": " });
                writer.value(value);
            }
            any
        });
    }

    /// Brackets around what `inside` writes; it tells whether that was anything.
    fn group(&mut self, open: u8, close: u8, inside: impl FnOnce(&mut Self) -> bool) {
        if self.depth >= MAX_DEPTH {
            return self.out.extend_from_slice(b"null");
        }
        self.out.push(open);
        self.depth += 1;
        let any = inside(self);
        self.depth -= 1;
        if any {
            self.new_line();
        }
        self.out.push(close);
    }

    fn separate(&mut self, first: bool) {
        if !first {
            self.out.push(b',');
        }
        self.new_line();
    }

    fn new_line(&mut self) {
        let blanks = match self.indent {
            Indent::None => return,
            Indent::Two => 2,
            Indent::Four => 4,
        };
        self.out.push(b'\n');
        self.out.resize(self.out.len() + blanks * self.depth, b' ');
    }
}
