//! PHP's `json_encode`: the same spacing, the same escapes, the same lists and objects.
//!
//! Which options a request may choose, and the envelope around an answer, are not decided here.
//!
//! # Where this differs from PHP
//! PHP gives up on some values and answers nothing at all. Here there is always an answer, in most cases the one
//! that PHP gives with `JSON_PARTIAL_OUTPUT_ON_ERROR`:
//! - bytes that are not UTF-8 are shown as U+FFFD, in strings and keys alike (PHP, partial: null and an empty
//!   key). One U+FFFD stands for each group of bytes that [`String::from_utf8_lossy`] takes together;
//! - infinities and NaN are `0`, as PHP has it with partial output;
//! - what is nested deeper than 512 levels, or inside itself, is `null`;
//! - an enum's case is `false`, which is what WordPress reads where the enum's class is unknown; an object in
//!   `C:` form is `{}`.

mod numeric;
mod text;
mod writer;

use std::ops::BitOr;

use self::writer::{Indent, Writer};
use super::php_value::PhpValue;

/// The options of `json_encode`, with PHP's numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JsonOptions(u32);

impl JsonOptions {
    /// `<` and `>` as `\u003C` and `\u003E`.
    pub const HEX_TAG: Self = Self(1);
    /// `&` as `\u0026`.
    pub const HEX_AMP: Self = Self(2);
    /// `'` as `\u0027`.
    pub const HEX_APOS: Self = Self(4);
    /// `"` as `\u0022`.
    pub const HEX_QUOT: Self = Self(8);
    /// Lists as objects.
    pub const FORCE_OBJECT: Self = Self(16);
    /// Numeric strings as numbers.
    pub const NUMERIC_CHECK: Self = Self(32);
    /// `/` as it is.
    pub const UNESCAPED_SLASHES: Self = Self(64);
    /// Line breaks and four blanks a level.
    pub const PRETTY_PRINT: Self = Self(128);
    /// Characters beyond ASCII as they are, but for U+2028 and U+2029.
    pub const UNESCAPED_UNICODE: Self = Self(256);
    /// `1.0` for a float without a fraction.
    pub const PRESERVE_ZERO_FRACTION: Self = Self(1024);
    /// U+2028 and U+2029 as they are too.
    pub const UNESCAPED_LINE_TERMINATORS: Self = Self(2048);

    /// The options of JSON API's `json_unescaped_unicode=1`: everything beyond ASCII as it is.
    pub const ALL_UNICODE: Self = Self(Self::UNESCAPED_UNICODE.0 | Self::UNESCAPED_LINE_TERMINATORS.0);

    const KNOWN: u32 = 0b1101_1111_1111;

    /// From PHP's integer. Other bits change nothing: they choose how PHP fails (512, 1048576, 2097152, 4194304)
    /// or are for decoding.
    #[must_use]
    pub fn from_bits(bits: i64) -> Self {
        Self(u32::try_from(bits & i64::from(Self::KNOWN)).unwrap_or(0))
    }

    /// PHP's integer.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// True when all of these are on.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for JsonOptions {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// PHP's `json_encode`. Held against PHP 8.2.
#[must_use]
pub fn encode(value: &PhpValue, options: JsonOptions) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    encode_into(&mut out, value, options);
    out
}

/// [`encode`], appended to what is there.
pub fn encode_into(out: &mut Vec<u8>, value: &PhpValue, options: JsonOptions) {
    let indent = if options.contains(JsonOptions::PRETTY_PRINT) { Indent::Four } else { Indent::None };
    Writer::new(out, options, indent).value(value);
}

/// The form that JSON API prints with `dev=1`: default escapes, two blanks a level, a line break at the end.
#[must_use]
pub fn encode_dev(value: &PhpValue) -> Vec<u8> {
    let mut out = Vec::new();
    Writer::new(&mut out, JsonOptions::default(), Indent::Two).value(value);
    out.push(b'\n');
    out
}

#[cfg(test)]
mod tests;
