//! `wp-includes/version.php`, read as data: which WordPress this is.
//!
//! What follows from the version is in `wp::version`; here it stays the text that the file has.

use super::wp_config::{ConstValue, Token, tokens};

/// The two facts the file states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionFile {
    /// `$wp_version`: `6.8.3`, `7.2-alpha-60000`.
    pub wp_version: String,
    /// `$wp_db_version`: `60421`.
    pub wp_db_version: Option<i64>,
}

/// Reads the text of `wp-includes/version.php`. `None` without a `$wp_version` that is a plain string.
#[must_use]
pub fn read(text: &[u8]) -> Option<VersionFile> {
    let tokens = tokens(text);
    let mut wp_version = None;
    let mut wp_db_version = None;
    for window in tokens.windows(4) {
        let [variable, equals, value, end] = window else {
            continue;
        };
        let (Token::Variable(name), Token::Punct("="), Token::Punct(";")) =
            (&variable.token, &equals.token, &end.token)
        else {
            continue;
        };
        match (name.as_str(), &value.token) {
            ("wp_version", Token::Str(bytes)) => wp_version = String::from_utf8(bytes.clone()).ok(),
            ("wp_db_version", Token::Number(ConstValue::Int(number))) => wp_db_version = Some(*number),
            _ => {}
        }
    }
    Some(VersionFile { wp_version: wp_version?, wp_db_version })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_from_the_form_wordpress_writes() {
        let text =
            b"<?php\n/** @global string $wp_version */\n$wp_version = '6.8.3';\n\n$wp_db_version = 60421;\n\
            $required_mysql_version = '5.5.5';\n";
        let expected = VersionFile { wp_version: "6.8.3".to_owned(), wp_db_version: Some(60421) };
        assert_eq!(read(text), Some(expected));
    }

    #[test]
    fn a_version_in_a_comment_is_none() {
        assert_eq!(read(b"<?php // $wp_version = '6.8.3';\n/* $wp_version = '1'; */"), None);
    }

    #[test]
    fn a_version_that_is_computed_is_none() {
        assert_eq!(read(b"<?php $wp_version = '6.' . $minor;"), None);
        assert_eq!(read(b"$wp_version = '6.8';"), None);
        assert_eq!(read(b""), None);
    }
}
