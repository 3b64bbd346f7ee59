//! `remove_accents`: Latin letters with marks become ASCII, before a login or a slug is made of them.
//!
//! Case and other alphabets are left alone here; slugs are made in `title`.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::decompose_canonical;

use super::{Locale, Rules};

/// WordPress `remove_accents`; held against 6.1, 6.8 and 7.1 (PHP with the intl extension).
///
/// Text that is not UTF-8 is taken for Latin 1; before 6.9, what only looks like UTF-8 becomes empty.
#[must_use]
pub fn remove_accents(input: &[u8], rules: Rules) -> Cow<'_, [u8]> {
    if input.is_ascii() {
        return Cow::Borrowed(input);
    }
    match std::str::from_utf8(input) {
        Ok(text) => Cow::Owned(from_utf8(text, rules)),
        // PHP's normaliser refuses such text, and its refusal is stored as an empty string.
        Err(_) if !rules.version.at_least(6, 9) && seems_utf8(input) => Cow::Owned(Vec::new()),
        Err(_) => Cow::Owned(from_latin1(input)),
    }
}

fn from_utf8(text: &str, rules: Rules) -> Vec<u8> {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.nfc().peekable();
    while let Some(c) = chars.next() {
        out.push(c);
        if c.is_ascii() && !(c == 'l' && rules.locale == Locale::Catalan) {
            continue;
        }
        if c == 'l' {
            if chars.next_if_eq(&'·').is_some() {
                if chars.next_if_eq(&'l').is_some() {
                    out.push('l');
                } else {
                    out.push('·');
                }
            }
            continue;
        }
        if let Some(ascii) = local_letter(c, rules).or_else(|| special_letter(c, rules)) {
            out.pop();
            out.push_str(ascii);
        } else if let Some(base) = base_letter(c) {
            out.pop();
            out.push(base);
        }
    }
    out.into_bytes()
}

/// Letters that a language writes differently.
fn local_letter(c: char, rules: Rules) -> Option<&'static str> {
    Some(match (rules.locale, c) {
        (Locale::German, 'Ä') | (Locale::Danish, 'Æ') => "Ae",
        (Locale::German, 'ä') | (Locale::Danish, 'æ') => "ae",
        (Locale::German, 'Ö') | (Locale::Danish, 'Ø') => "Oe",
        (Locale::German, 'ö') | (Locale::Danish, 'ø') => "oe",
        (Locale::German, 'Ü') => "Ue",
        (Locale::German, 'ü') => "ue",
        (Locale::German, 'ß') => "ss",
        (Locale::German, 'ẞ') if rules.version.at_least(7, 0) => "SS",
        (Locale::Danish, 'Å') => "Aa",
        (Locale::Danish, 'å') => "aa",
        (Locale::SerbianOrBosnian, 'Đ') => "DJ",
        (Locale::SerbianOrBosnian, 'đ') => "dj",
        _ => return None,
    })
}

/// Letters that no decomposition leads to.
fn special_letter(c: char, rules: Rules) -> Option<&'static str> {
    Some(match c {
        '£' => "",
        'ª' | 'ɑ' => "a",
        'º' | 'ø' => "o",
        'Æ' => "AE",
        'Ð' | 'Đ' => "D",
        'Ø' => "O",
        'Þ' => "TH",
        'ß' | 'ſ' => "s",
        'æ' => "ae",
        'ð' | 'đ' => "d",
        'þ' => "th",
        'Ħ' => "H",
        'ħ' => "h",
        'ı' => "i",
        'Ĳ' => "IJ",
        'ĳ' => "ij",
        'ĸ' => "k",
        'Ŀ' | 'Ł' => "L",
        'ŀ' | 'ł' => "l",
        'ŉ' | 'ŋ' => "n",
        'Ŋ' => "N",
        'Œ' => "OE",
        'œ' => "oe",
        'Ŧ' => "T",
        'ŧ' => "t",
        '€' => "E",
        'Ə' if rules.version.at_least(6, 3) => "E",
        'ǝ' if rules.version.at_least(6, 3) => "e",
        _ => return None,
    })
}

/// The ASCII letter under the marks, for the ranges that WordPress lists; other letters keep their marks.
fn base_letter(c: char) -> Option<char> {
    if !matches!(c, '\u{C0}'..='\u{17E}' | '\u{1A0}'..='\u{1A1}' | '\u{1AF}'..='\u{1B0}'
        | '\u{1CD}'..='\u{1DC}' | '\u{218}'..='\u{21B}' | '\u{1EA0}'..='\u{1EF9}')
    {
        return None;
    }
    let mut base = None;
    decompose_canonical(c, |part| {
        base = base.or(Some(part));
    });
    base.filter(char::is_ascii)
}

/// WordPress `seems_utf8`: lead bytes have their continuation bytes, with forms that UTF-8 no longer allows.
pub(super) fn seems_utf8(input: &[u8]) -> bool {
    let mut bytes = input.iter();
    while let Some(&lead) = bytes.next() {
        let following = match lead {
            ..0x80 => 0,
            0xC0..=0xDF => 1,
            0xE0..=0xEF => 2,
            0xF0..=0xF7 => 3,
            0xF8..=0xFB => 4,
            0xFC..=0xFD => 5,
            _ => return false,
        };
        for _ in 0..following {
            if bytes.next().is_none_or(|b| b & 0xC0 != 0x80) {
                return false;
            }
        }
    }
    true
}

/// Latin 1 with the letters of CP1252, byte by byte.
fn from_latin1(input: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(input.len());
    for &byte in input {
        let ascii: &[u8] = match byte {
            0x80 | 0xC8..=0xCB => b"E",
            0x83 => b"f",
            0x8A => b"S",
            0x8E => b"Z",
            0x9A => b"s",
            0x9E => b"z",
            0x9F | 0xA5 | 0xDD => b"Y",
            0xA2 | 0xE7 => b"c",
            0xB5 | 0xF9..=0xFC => b"u",
            0xC0..=0xC5 => b"A",
            0xC7 => b"C",
            0xCC..=0xCF => b"I",
            0xD1 => b"N",
            0xD2..=0xD6 | 0xD8 => b"O",
            0xD9..=0xDC => b"U",
            0xE0..=0xE5 => b"a",
            0xE8..=0xEB => b"e",
            0xEC..=0xEF => b"i",
            0xF1 => b"n",
            0xF2..=0xF6 | 0xF8 => b"o",
            0xFD | 0xFF => b"y",
            0x8C => b"OE",
            0x9C => b"oe",
            0xC6 => b"AE",
            0xD0 => b"DH",
            0xDE => b"TH",
            0xDF => b"ss",
            0xE6 => b"ae",
            0xF0 => b"dh",
            0xFE => b"th",
            _ => &[byte],
        };
        out.extend_from_slice(ascii);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::vectors;
    use super::*;
    use crate::wp::version::WpVersion;

    fn removed(input: &str, version: (u16, u16), locale: Locale) -> String {
        let rules = Rules::new(WpVersion::new(version.0, version.1)).with_locale(locale);
        String::from_utf8(remove_accents(input.as_bytes(), rules).into_owned()).unwrap()
    }

    #[test]
    fn remove_accents_agrees_with_the_recorded_vectors() {
        for file in ["wordpress-6.8.8", "fuzzed-6.8.8"] {
            vectors::bytes(file, "remove_accents", |input, _| {
                remove_accents(input, vectors::RULES_6_8).into_owned()
            });
        }
    }

    #[test]
    fn letters_outside_the_list_keep_their_marks() {
        assert_eq!(removed("ǦḂẀ", (6, 8), Locale::Other), "ǦḂẀ");
    }

    #[test]
    fn schwa_is_mapped_since_6_3() {
        assert_eq!(removed("Əǝ", (6, 2), Locale::Other), "Əǝ");
        assert_eq!(removed("Əǝ", (6, 3), Locale::Other), "Ee");
    }

    #[test]
    fn languages_have_letters_of_their_own() {
        assert_eq!(removed("Äöß", (6, 8), Locale::German), "Aeoess");
        assert_eq!(removed("ẞ", (6, 9), Locale::German), "ẞ");
        assert_eq!(removed("ẞ", (7, 0), Locale::German), "SS");
        assert_eq!(removed("Åø", (6, 8), Locale::Danish), "Aaoe");
        assert_eq!(removed("col·lecció l·x", (6, 8), Locale::Catalan), "colleccio l·x");
        assert_eq!(removed("Đđ", (6, 8), Locale::SerbianOrBosnian), "DJdj");
    }

    #[test]
    fn what_only_looks_like_utf8_is_emptied_before_6_9() {
        let old = Rules::new(WpVersion::new(6, 8));
        let new = Rules::new(WpVersion::new(6, 9));
        assert_eq!(&*remove_accents(b"a\xC0\xAFb", old), b"");
        assert_eq!(&*remove_accents(b"a\xC0\xAFb", new), b"aA\xAFb");
        assert_eq!(&*remove_accents(b"a\xE9b", old), b"aeb");
    }
}
