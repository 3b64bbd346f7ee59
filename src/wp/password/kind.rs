//! What kind of hash a stored password is, by its first characters.
//!
//! Whether a kind is accepted, and how it is checked, is not decided here.

use std::fmt;

/// The kind of a stored hash, for messages to the operator. Holds nothing of the hash itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HashKind {
    /// 32 hex digits: the oldest.
    Md5,
    /// `$P$`: WordPress up to 6.7.
    Portable,
    /// `$H$`: portable, written by phpBB; not accepted from WordPress 6.8 on.
    PortableH,
    /// `$wp`: WordPress 6.8 and later, normally `$wp$2y$`.
    Wp,
    /// `$2y$`, `$2a$` or `$2b$` by itself: plugins.
    Bcrypt,
    /// `$argon2i$` or `$argon2id$`: plugins.
    Argon2,
    /// `$1$`, `$5$`, `$6$` or `$2x$`: PHP's crypt() knows them, this service does not.
    Crypt,
    /// At most 32 bytes but no MD5, such as `*` or nothing: no password fits.
    Unusable,
    /// Anything else.
    Unknown,
}

impl HashKind {
    /// The kind of a `user_pass` value.
    #[must_use]
    pub fn of(stored: &[u8]) -> Self {
        let is = |prefixes: &[&str]| prefixes.iter().any(|prefix| stored.starts_with(prefix.as_bytes()));
        // WordPress takes anything this short for MD5, whatever it starts with.
        if stored.len() <= 32 {
            let hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
            return if stored.len() == 32 && stored.iter().all(hex) { Self::Md5 } else { Self::Unusable };
        }
        if is(&["$wp"]) {
            Self::Wp
        } else if is(&["$P$"]) {
            Self::Portable
        } else if is(&["$H$"]) {
            Self::PortableH
        } else if is(&["$2y$", "$2a$", "$2b$"]) {
            Self::Bcrypt
        } else if is(&["$argon2i$", "$argon2id$"]) {
            Self::Argon2
        } else if is(&["$1$", "$5$", "$6$", "$2x$"]) {
            Self::Crypt
        } else {
            Self::Unknown
        }
    }
}

impl fmt::Display for HashKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Md5 => "md5",
            Self::Portable => "phpass $P$",
            Self::PortableH => "phpass $H$",
            Self::Wp => "WordPress $wp",
            Self::Bcrypt => "bcrypt",
            Self::Argon2 => "argon2",
            Self::Crypt => "crypt",
            Self::Unusable => "unusable",
            Self::Unknown => "unknown",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_the_first_characters() {
        let tail = "x".repeat(40);
        for (start, kind) in [
            ("$wp$2y$10$", HashKind::Wp),
            ("$P$B", HashKind::Portable),
            ("$H$9", HashKind::PortableH),
            ("$2b$10$", HashKind::Bcrypt),
            ("$argon2id$", HashKind::Argon2),
            ("$argon2d$", HashKind::Unknown),
            ("$6$", HashKind::Crypt),
            ("{SSHA}", HashKind::Unknown),
        ] {
            assert_eq!(HashKind::of(format!("{start}{tail}").as_bytes()), kind);
        }
    }

    #[test]
    fn short_values_are_md5_or_nothing() {
        assert_eq!(HashKind::of(b"5f4dcc3b5aa765d61d8327deb882cf99"), HashKind::Md5);
        assert_eq!(HashKind::of(b"5F4DCC3B5AA765D61D8327DEB882CF99"), HashKind::Unusable);
        assert_eq!(HashKind::of(b"$P$B"), HashKind::Unusable);
        assert_eq!(HashKind::of(b""), HashKind::Unusable);
    }
}
