//! BuddyPress's extended profiles: what a field takes, how a value is stored, how it is shown, who may see it.
//!
//! Held against BuddyPress 14. Which fields a site has and what is stored are rows, and come from outside.

mod shown;
mod stored;
mod validate;
mod visibility;

pub use shown::{DateFormat, Display};
pub use stored::{Storage, Stored};
pub use validate::is_valid;
pub use visibility::{Level, Reader};

/// The kind of a field, `bp_xprofile_fields.type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// `textbox`: one line.
    Textbox,
    /// `textarea`: lines, with an editor's markup.
    Textarea,
    /// `number`
    Number,
    /// `datebox`
    Datebox,
    /// `selectbox` and `radio`: one of the options.
    Choice,
    /// `multiselectbox` and `checkbox`: any of the options.
    Choices,
    /// `url`
    Url,
    /// `telephone`
    Telephone,
    /// `checkbox-acceptance`
    Acceptance,
    /// Of another plugin: plain text.
    Custom,
}

impl FieldType {
    /// Reads the column.
    #[must_use]
    pub fn parse(column: &[u8]) -> Self {
        match column {
            b"textbox" => Self::Textbox,
            b"textarea" => Self::Textarea,
            b"number" => Self::Number,
            b"datebox" => Self::Datebox,
            b"selectbox" | b"radio" => Self::Choice,
            b"multiselectbox" | b"checkbox" => Self::Choices,
            b"url" => Self::Url,
            b"telephone" => Self::Telephone,
            b"checkbox-acceptance" => Self::Acceptance,
            _ => Self::Custom,
        }
    }

    /// True when a value must be one of the field's options.
    #[must_use]
    pub fn has_options(self) -> bool {
        matches!(self, Self::Choice | Self::Choices)
    }
}

/// What a client sends for a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// One text.
    Text(Vec<u8>),
    /// Several.
    List(Vec<Vec<u8>>),
}

impl Input {
    /// A text as sent: trimmed; a field of several values splits it at commas and drops what is empty (D10). Without
    /// a comma it stays one text.
    #[must_use]
    pub fn of_text(text: &[u8], kind: FieldType) -> Self {
        let text = super::php_text::trim(text);
        if kind == FieldType::Choices && text.contains(&b',') {
            return Self::of_list(text.split(|&b| b == b','));
        }
        Self::Text(text.to_vec())
    }

    /// Several texts: each trimmed, the empty ones dropped.
    #[must_use]
    pub fn of_list<'a>(items: impl Iterator<Item = &'a [u8]>) -> Self {
        let items = items.map(super::php_text::trim).filter(|item| !item.is_empty());
        Self::List(items.map(<[u8]>::to_vec).collect())
    }

    /// Nothing to store. `0` is a value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::List(items) => items.is_empty(),
        }
    }

    fn items(&self) -> Vec<&[u8]> {
        match self {
            Self::Text(text) => vec![text],
            Self::List(items) => items.iter().map(Vec::as_slice).collect(),
        }
    }
}

#[cfg(test)]
mod tests;
