//! WordPress's sanitisers: what a text becomes before it is stored.
//!
//! All functions work on bytes, since neither a request nor a stored row need be UTF-8. They take plain
//! text: the slashes of PHP's request variables are put on and taken off inside, where they matter.
//! Checks that need rows (is this login taken?) and column lengths do not belong here.

pub mod accents;
pub mod balance;
pub mod clickable;
pub mod comment;
pub mod decode;
pub mod email;
pub mod entities;
pub mod fields;
pub mod kses;
pub(in crate::wp) mod parse_url;
pub mod php;
#[cfg(test)]
mod properties;
pub mod protocol;
pub mod rel;
pub mod strip_tags;
pub mod text;
pub mod title;
pub mod url;
pub mod user;
#[cfg(test)]
mod vectors;

use super::version::WpVersion;

pub use accents::remove_accents;
pub use balance::force_balance_tags;
pub use comment::comment_content;
pub use decode::{DecodeQuotes, specialchars_decode};
pub use email::{is_email, sanitize_email};
pub use entities::{esc_html, normalize_entities, specialchars};
pub use fields::{description, display_name, user_email, user_nicename, user_url};
pub use kses::wp_kses;
pub use php::{addslashes, rawurlencode, stripslashes, trim};
pub use protocol::bad_protocol;
pub use rel::rel_nofollow;
pub use strip_tags::strip_tags;
pub use text::{sanitize_key, sanitize_text_field, wp_strip_all_tags};
pub use title::{nicename_from_login, sanitize_title};
pub use url::{esc_url, sanitize_url};
pub use user::{sanitize_user, validate_username};

/// What the rules of a site depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The release that runs. One newer than [`WpVersion::NEWEST_KNOWN`] gets the newest known rules.
    pub version: WpVersion,
    /// The site's language.
    pub locale: Locale,
}

impl Rules {
    /// The rules of a release for a site whose language has no rules of its own.
    #[must_use]
    pub const fn new(version: WpVersion) -> Self {
        Self { version, locale: Locale::Other }
    }

    /// The same rules for another language.
    #[must_use]
    pub const fn with_locale(self, locale: Locale) -> Self {
        Self { locale, ..self }
    }
}

/// The languages for which [`remove_accents`] has rules of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Locale {
    /// `de`, `de_DE`, `de_CH_informal`: umlauts become two letters.
    German,
    /// `da_DK`.
    Danish,
    /// `ca`: the interpunct of `l·l` goes.
    Catalan,
    /// `sr_RS` and `bs_BA`: Đ becomes two letters.
    SerbianOrBosnian,
    /// Every other one, English among them.
    #[default]
    Other,
}

impl Locale {
    /// Reads the option `WPLANG` (empty for English).
    #[must_use]
    pub fn parse(wplang: &str) -> Self {
        match wplang {
            "da_DK" => Self::Danish,
            "ca" => Self::Catalan,
            "sr_RS" | "bs_BA" => Self::SerbianOrBosnian,
            // No language code of three letters begins like this, as WordPress knows too.
            _ if wplang.starts_with("de") => Self::German,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_option_wplang_names_the_locale() {
        assert_eq!(Locale::parse(""), Locale::Other);
        assert_eq!(Locale::parse("en_GB"), Locale::Other);
        assert_eq!(Locale::parse("de_DE_formal"), Locale::German);
        assert_eq!(Locale::parse("da_DK"), Locale::Danish);
        assert_eq!(Locale::parse("ca"), Locale::Catalan);
        assert_eq!(Locale::parse("bs_BA"), Locale::SerbianOrBosnian);
    }
}
