//! The byte classes of C that PHP's readers share. Not for text of people, which may be UTF-8.

/// C's `isspace`: ASCII blanks, vertical tab among them.
#[must_use]
pub fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | 9..=13)
}

/// The text without blanks before it.
#[must_use]
pub fn trimmed_start(text: &[u8]) -> &[u8] {
    let blanks = text.iter().take_while(|&&byte| is_space(byte)).count();
    text.get(blanks..).unwrap_or_default()
}

/// How many ASCII digits stand from this place on.
#[must_use]
pub fn count_digits(text: &[u8], from: usize) -> usize {
    text.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count()
}
