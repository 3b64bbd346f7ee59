//! What a text column can hold: `wpdb::process_fields()`, which refuses a value rather than let the server cut or
//! change it.
//!
//! Held against 6.1, 6.8 and 7.1. Reading the columns belongs to the store.

/// A text column, as `SHOW FULL COLUMNS` describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextColumn {
    /// Its collation, `utf8mb4_unicode_520_ci`; `None` for a binary column.
    pub collation: Option<String>,
    /// How much it holds; `None` for a type that `wpdb` sets no limit to.
    pub limit: Option<Limit>,
}

/// The length of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// `varchar(n)`
    Characters(usize),
    /// `text` and its sizes.
    Bytes(usize),
}

/// Whether a column takes a text as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// It does.
    Fits,
    /// It would be cut or changed.
    Refused,
    /// It is short enough, but only the server knows this charset.
    AskServer,
}

impl TextColumn {
    /// From a type such as `varchar(255)` and a collation.
    #[must_use]
    pub fn parse(column_type: &str, collation: Option<&str>) -> Self {
        let lower = column_type.to_ascii_lowercase();
        let (name, rest) = lower.split_once('(').unwrap_or((&lower, ""));
        let length = || rest.split(')').next().and_then(|digits| digits.parse().ok()).unwrap_or(0);
        let limit = match name.trim() {
            "char" | "varchar" => Some(Limit::Characters(length())),
            "binary" | "varbinary" => Some(Limit::Bytes(length())),
            "tinytext" | "tinyblob" => Some(Limit::Bytes(255)),
            "text" | "blob" => Some(Limit::Bytes(65_535)),
            "mediumtext" | "mediumblob" => Some(Limit::Bytes(16_777_215)),
            "longtext" | "longblob" => Some(Limit::Bytes(4_294_967_295)),
            _ => None,
        };
        Self { collation: collation.map(str::to_owned), limit }
    }

    /// The charset: what stands before the collation's first underscore.
    #[must_use]
    pub fn charset(&self) -> Option<&str> {
        self.collation.as_deref().and_then(|collation| collation.split('_').next())
    }

    /// Whether the column takes this text as it is. `connection` is the charset that the bytes are sent in.
    #[must_use]
    pub fn fit(&self, text: &[u8], connection: &str) -> Fit {
        let valid = std::str::from_utf8(text);
        let charset = self.charset();
        let characters = match (valid, charset) {
            // wpdb measures latin1 by the byte.
            (Ok(text), Some(charset)) if charset != "latin1" => text.chars().count(),
            _ => text.len(),
        };
        let too_long = match self.limit {
            Some(Limit::Characters(most)) => characters > most,
            Some(Limit::Bytes(most)) => text.len() > most,
            None => false,
        };
        // wpdb lets anything into latin1. A connection in latin1 takes every byte; over one in UTF-8 the server would
        // put question marks for what latin1 lacks and cut at bytes that are no UTF-8.
        let any_byte = matches!(charset, None | Some("latin1")) && !connection.starts_with("utf8");
        match charset {
            _ if too_long || (valid.is_err() && !any_byte) => Fit::Refused,
            Some("utf8mb3" | "utf8") if has_four_bytes(text) => Fit::Refused,
            None | Some("utf8mb4" | "utf8mb3" | "utf8") => Fit::Fits,
            Some("latin1") if any_byte => Fit::Fits,
            Some(_) if text.is_ascii() => Fit::Fits,
            Some(_) => Fit::AskServer,
        }
    }
}

/// A character beyond the first plane, emoji among them.
fn has_four_bytes(text: &[u8]) -> bool {
    text.iter().any(|&byte| byte >= 0xF0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(collation: &str) -> TextColumn {
        TextColumn::parse("varchar(255)", Some(collation))
    }

    #[test]
    fn a_key_has_as_many_characters_as_the_column() {
        let column = key("utf8mb4_unicode_520_ci");
        assert_eq!(column.fit("é".repeat(255).as_bytes(), "utf8mb4"), Fit::Fits);
        assert_eq!(column.fit("é".repeat(256).as_bytes(), "utf8mb4"), Fit::Refused);
        assert_eq!(column.fit(&[b'x'; 256], "utf8mb4"), Fit::Refused);
        assert_eq!(key("latin1_swedish_ci").fit("é".repeat(128).as_bytes(), "utf8mb4"), Fit::Refused);
    }

    #[test]
    fn a_text_is_measured_in_bytes() {
        let column = TextColumn::parse("text", Some("utf8mb4_general_ci"));
        assert_eq!(column.fit(&b"x".repeat(65_535), "utf8mb4"), Fit::Fits);
        assert_eq!(column.fit("é".repeat(32_768).as_bytes(), "utf8mb4"), Fit::Refused);
        assert_eq!(TextColumn::parse("longtext", None).limit, Some(Limit::Bytes(4_294_967_295)));
        assert_eq!(TextColumn::parse("json", None).limit, None);
    }

    #[test]
    fn emoji_need_four_bytes() {
        assert_eq!(key("utf8mb4_bin").fit("🐎".as_bytes(), "utf8mb4"), Fit::Fits);
        for old in ["utf8_general_ci", "utf8mb3_unicode_ci"] {
            assert_eq!(key(old).fit("🐎".as_bytes(), "utf8mb4"), Fit::Refused, "{old}");
            assert_eq!(key(old).fit("日本".as_bytes(), "utf8mb4"), Fit::Fits, "{old}");
        }
    }

    #[test]
    fn what_is_not_utf8_is_refused_unless_all_is_latin1() {
        assert_eq!(key("utf8mb4_unicode_ci").fit(b"\xFF", "utf8mb4"), Fit::Refused);
        assert_eq!(key("latin1_swedish_ci").fit(b"\xFF", "utf8mb4"), Fit::Refused);
        assert_eq!(key("latin1_swedish_ci").fit(b"\xFF", "latin1"), Fit::Fits);
    }

    #[test]
    fn other_charsets_are_the_servers_business() {
        assert_eq!(key("cp1251_general_ci").fit("я".as_bytes(), "utf8mb4"), Fit::AskServer);
        assert_eq!(key("latin1_swedish_ci").fit("я".as_bytes(), "utf8mb4"), Fit::AskServer);
        assert_eq!(key("latin1_swedish_ci").fit("я".as_bytes(), "latin1"), Fit::Fits);
        assert_eq!(key("cp1251_general_ci").fit(b"x", "utf8mb4"), Fit::Fits);
    }
}
