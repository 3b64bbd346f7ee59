//! Lists of words that hold a comment back: the options `moderation_keys` and `disallowed_keys`.
//!
//! Which parts of a comment they are looked for in, and what follows, does not belong here.

use std::borrow::Cow;

use super::sanitize::trim;
use super::version::WpVersion;

/// Whether a word of the option is in one of the texts, whatever its letter case: `check_comment()` and
/// `wp_check_comment_disallowed_list()`. Up to 6.1 only ASCII letters have two cases.
#[must_use]
pub fn has_word(option: &[u8], texts: &[&[u8]], version: WpVersion) -> bool {
    let mut words = words(option).peekable();
    if words.peek().is_none() {
        return false;
    }
    if !version.at_least(6, 2) {
        let texts: Vec<Vec<u8>> = texts.iter().map(|text| text.to_ascii_lowercase()).collect();
        return words.any(|word| texts.iter().any(|text| find(text, &word.to_ascii_lowercase())));
    }
    // A pattern for UTF-8 matches nothing in other text.
    let texts: Vec<Cow<'_, str>> =
        texts.iter().filter_map(|text| std::str::from_utf8(text).ok()).map(folded).collect();
    words.filter_map(|word| std::str::from_utf8(word).ok()).any(|word| {
        let word = folded(word);
        texts.iter().any(|text| find(text.as_bytes(), word.as_bytes()))
    })
}

/// The words of such an option: one a line, blanks around it do not count.
fn words(option: &[u8]) -> impl Iterator<Item = &[u8]> {
    // PHP takes the word 0 for an empty one.
    trim(option).split(|byte| *byte == b'\n').map(trim).filter(|word| !matches!(*word, b"" | b"0"))
}

fn find(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|part| part == word)
}

/// Letters that differ in case only become one: the folding of Unicode that keeps the number of characters.
fn folded(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        return Cow::Borrowed(text);
    }
    text.chars().map(|letter| single(single(letter, char::to_uppercase), char::to_lowercase)).collect()
}

fn single<I: Iterator<Item = char>>(letter: char, to: impl Fn(char) -> I) -> char {
    // The dotless i is no small letter of I here.
    if letter == 'ı' {
        return letter;
    }
    let mut letters = to(letter);
    match (letters.next(), letters.next()) {
        (Some(only), None) => only,
        _ => letter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: WpVersion = WpVersion::new(6, 1);
    const NEW: WpVersion = WpVersion::new(6, 2);

    #[test]
    fn every_line_is_a_word() {
        let found: Vec<_> = words(b"\n one \r\n\n0\ntwo words\t\n").collect();
        assert_eq!(found, [&b"one"[..], b"two words"]);
        assert_eq!(words(b"").count(), 0);
    }

    fn contains(text: &[u8], word: &[u8], version: WpVersion) -> bool {
        has_word(&[b"nothing\n", word].concat(), &[b"", text], version)
    }

    #[test]
    fn letter_case_does_not_count_beyond_ascii_since_6_2() {
        assert!(contains(b"Buy VIAGRA now", b"viagra", OLD));
        assert!(!contains("über".as_bytes(), "ÜBER".as_bytes(), OLD));
        for (text, word) in [("über", "ÜBER"), ("ΣΑΣ", "σας"), ("\u{212A}elvin", "kelvin"), ("ſo", "SO")]
        {
            assert!(contains(text.as_bytes(), word.as_bytes(), NEW), "{text}");
        }
        assert!(!contains("straße".as_bytes(), b"strasse", NEW));
        assert!(!contains("ı".as_bytes(), b"i", NEW));
        assert!(contains(b"bad \xff", b"bad", OLD) && !contains(b"bad \xff", b"bad", NEW));
    }
}
