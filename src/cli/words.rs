//! Times and foreign texts for people.

use jiff::Timestamp;

const UNITS: [(i64, &str); 4] = [(86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")];

/// `2026-12-06T17:07:01Z`
pub fn moment(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |moment| moment.to_string())
}

/// `in 13 days`, `2 hours ago`.
pub fn distance(from: i64, to: i64) -> String {
    let seconds = to.saturating_sub(from);
    let size = seconds.saturating_abs();
    let (length, unit) = UNITS.into_iter().find(|(length, _)| size >= *length).unwrap_or((1, "second"));
    let count = size / length;
    let plural = if count == 1 { "" } else { "s" };
    if seconds < 0 { format!("{count} {unit}{plural} ago") } else { format!("in {count} {unit}{plural}") }
}

/// What comes from tables, files and cookies may hold anything; it neither begins a line nor moves the cursor.
pub fn one_line(text: &str) -> String {
    text.chars().map(|c| if disturbs(c) { '\u{fffd}' } else { c }).collect()
}

/// Control characters, Unicode's own line ends, and directions of writing, which make a line look like another.
pub fn disturbs(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

/// An argument as a shell takes it.
pub fn argument(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "@._-+".contains(c);
    let text = one_line(text);
    if !text.is_empty() && text.chars().all(is_plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

/// An error and its causes. Many an error's own text has its cause's already; that is not said twice.
pub fn causes(error: &anyhow::Error) -> String {
    error.chain().fold(String::new(), |told, cause| {
        let cause = cause.to_string();
        match told.as_str() {
            "" => cause,
            told if told.ends_with(&cause) => told.to_owned(),
            told => format!("{told}: {cause}"),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_s_text_begins_a_line_or_turns_its_direction() {
        let text = "a\n\u{1b}[2K\u{85}\u{61c}\u{200f}\u{2028}\u{2029}\u{202e}\u{2066}\u{2069}é\u{1f600}";
        assert_eq!(one_line(text).replace('\u{fffd}', "*"), "a**[2K********é\u{1f600}");
    }

    #[test]
    fn an_argument_is_one_word_for_a_shell() {
        assert_eq!(argument("anna@example.org"), "anna@example.org");
        assert_eq!(argument("o'neil & x"), r"'o'\''neil & x'");
        assert_eq!(argument(""), "''");
    }

    #[test]
    fn a_cause_that_was_told_is_not_told_again() {
        let server = anyhow::anyhow!("1049: no such database");
        let driver = server.context("from the server: 1049: no such database");
        let error = driver.context("database: from the server: 1049: no such database").context("no site");
        assert_eq!(causes(&error), "no site: database: from the server: 1049: no such database");
    }

    #[test]
    fn times_are_told_in_words() {
        assert_eq!(moment(1_796_507_221), "2026-12-05T21:47:01Z");
        assert_eq!(moment(i64::MAX), "9223372036854775807");
        assert_eq!(distance(0, 14 * 86_400), "in 14 days");
        assert_eq!(distance(100_000, 96_400), "1 hour ago");
        assert_eq!(distance(5, 5), "in 0 seconds");
        assert_eq!(distance(i64::MIN, i64::MAX), "in 106751991167300 days");
    }
}
