//! From what a client sends to the column `value`: `xprofile_sanitize_data_value_before_save()`.

use super::{FieldType, Input};
use crate::wp::php_serialize::serialize;
use crate::wp::php_text::{addslashes, trim};
use crate::wp::php_value::{PhpArray, PhpValue};
use crate::wp::sanitize::kses::Place;
use crate::wp::sanitize::{Rules, force_balance_tags, rel_nofollow, wp_kses};

/// What the filters depend on.
#[derive(Clone, Copy, Debug)]
pub struct Storage<'a> {
    /// The release.
    pub rules: Rules,
    /// Address of the site: links to itself stay as they are.
    pub home_url: &'a [u8],
}

/// A value as it goes into the column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stored {
    /// The column's text.
    Value(Vec<u8>),
    /// The filters left nothing: an old row goes, and where there was none an empty one is made.
    Emptied,
}

impl Storage<'_> {
    /// The column's text. Values are stored slashed; several as a serialized list.
    ///
    /// An address without a scheme gets `http://`.
    #[must_use]
    pub fn stored(self, input: &Input, kind: FieldType) -> Stored {
        let value = match input {
            Input::Text(text) => trim(&self.filtered(text, kind)).to_vec(),
            Input::List(items) => {
                let items: Vec<Vec<u8>> = items.iter().map(|item| self.filtered(item, kind)).collect();
                serialize(&PhpValue::Array(PhpArray::from(items)))
            }
        };
        if value.is_empty() { Stored::Emptied } else { Stored::Value(value) }
    }

    fn filtered(self, text: &[u8], kind: FieldType) -> Vec<u8> {
        let place = if kind == FieldType::Textarea { Place::RichProfile } else { Place::Profile };
        // The filters see the slashes of PHP's request variables.
        let text = wp_kses(&addslashes(text), place, self.rules);
        rel_nofollow(&force_balance_tags(&text), self.home_url, self.rules)
    }
}

impl Input {
    /// The filter before a value is tested: an address without a scheme gets one.
    #[must_use]
    pub fn prepared(self, kind: FieldType) -> Self {
        match self {
            Self::Text(text) if kind == FieldType::Url && needs_scheme(&text) => {
                Self::Text([b"http://", text.as_slice()].concat())
            }
            other => other,
        }
    }
}

fn needs_scheme(text: &[u8]) -> bool {
    let name = text.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'-').count();
    let php = text.get(name..name + 4).is_some_and(|end| end.eq_ignore_ascii_case(b".php"));
    !text.is_empty() && !text.contains(&b':') && !text.starts_with(b"/") && !text.starts_with(b"#") && !php
}
