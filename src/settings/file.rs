//! The settings file: TOML sections of entries, each with the line it stands on.
//!
//! What an entry means does not belong here. Texts of errors never quote the file, which holds passwords.

use config::{Value, ValueKind};
use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

/// Why the file is no TOML, and where. The parser's own text is not taken: it prints the line, secrets and all.
#[derive(Debug)]
pub struct Mistake {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// The parser's words, of which none are the file's.
    pub reason: String,
}

/// Reads all entries, in the order of the file: `section.key`, or a bare name for what stands outside all sections. Each
/// value's origin is the file of this name and the line.
pub fn entries(text: &str, name: &str) -> Result<Vec<(String, Value)>, Mistake> {
    let sections = DeTable::parse(text).map_err(|error| {
        let (line, column) = position(text, error.span().map_or(0, |span| span.start));
        let reason = error.message().split_whitespace().collect::<Vec<_>>().join(" ");
        Mistake { line, column, reason }
    })?;
    let mut entries = Vec::new();
    for (section, value) in sections.into_inner() {
        let begin = section.span().start;
        let section = section.into_inner();
        match value.into_inner() {
            DeValue::Table(table) => entries.extend(table.into_iter().map(|(key, value)| {
                (key.span().start, format!("{section}.{}", key.into_inner()), kind(value.into_inner()))
            })),
            _ => entries.push((begin, section.into_owned(), ValueKind::Nil)),
        }
    }
    entries.sort_by_key(|(begin, ..)| *begin);
    let with_origin = |(begin, entry, kind)| {
        let origin = format!("{name} line {}", position(text, begin).0);
        (entry, Value::new(Some(&origin), kind))
    };
    Ok(entries.into_iter().map(with_origin).collect())
}

/// A scalar is a text, as one would write it elsewhere; a list has only such.
fn kind(value: DeValue<'_>) -> ValueKind {
    match value {
        DeValue::String(text) => ValueKind::String(text.into_owned()),
        DeValue::Integer(number) => ValueKind::String(decimal(&number)),
        DeValue::Float(number) => ValueKind::String(number.as_str().to_owned()),
        DeValue::Boolean(switch) => ValueKind::String(switch.to_string()),
        DeValue::Datetime(time) => ValueKind::String(time.to_string()),
        DeValue::Array(items) => {
            items.into_iter().map(Spanned::into_inner).map(kind).collect::<Vec<_>>().into()
        }
        DeValue::Table(_) => ValueKind::Nil,
    }
}

/// As one would write it in the environment; a number too large for that is left to be refused as it stands.
fn decimal(number: &DeInteger<'_>) -> String {
    i128::from_str_radix(number.as_str(), number.radix())
        .map_or_else(|_| number.as_str().to_owned(), |number| number.to_string())
}

/// Line and column of a byte, from 1.
fn position(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scalar_reads_as_one_would_write_it_elsewhere() {
        let text = "[a]\nb = 'x'\nc = 0x10\nd = 6.10\ne = true\nf = ['x', 2]\ng = 1_000\nh = { i = 1 }\n[j]\nk = [[1]]";
        let found: Vec<_> = entries(text, "f")
            .unwrap()
            .into_iter()
            .map(|(name, value)| {
                let line = value.origin().unwrap().to_owned();
                (name, line, super::super::layers::texts(value).map(|texts| texts.join("+")))
            })
            .collect();
        let expected = [
            ("a.b", 2, Some("x")),
            ("a.c", 3, Some("16")),
            ("a.d", 4, Some("6.10")),
            ("a.e", 5, Some("true")),
            ("a.f", 6, Some("x+2")),
            ("a.g", 7, Some("1000")),
            ("a.h", 8, None),
            ("j.k", 10, None),
        ]
        .map(|(name, line, texts)| (name.to_owned(), format!("f line {line}"), texts.map(str::to_owned)));
        assert_eq!(found, expected);
    }

    #[test]
    fn a_mistake_is_told_by_its_place_and_never_by_the_text_around_it() {
        for (text, line, column) in [
            ("[database]\nurl = \"mysql://wp:TOPSECRET@127.0.0.1/w71", 2, 42),
            ("[mail]\nsmtp_url = \"smtps://u:TOPSECRET@h\" TOPSECRET", 2, 36),
            ("[keys]\nauth_key = \"TOP\\SECRET\"", 2, 17),
            ("[keys]\nauth_key = \"TOP\\uD800SECRET\"", 2, 18),
            ("[keys]\nauth_key = TOPSECRET", 2, 12),
            ("[keys]\nauth_key = 'a'\nauth_key = 'TOPSECRET'", 3, 1),
            ("[keys]\nauth_key = 'TOPSECRET'\nauth_key.x = 1", 3, 1),
            ("[keys]\nauth_key = '\u{e9}\u{e9}' TOPSECRET", 2, 17),
            ("[keys]\nauth_key = '''TOPSECRET\n", 3, 1),
            ("[keys]\nTOPSECRET\n", 2, 10),
            ("[TOPSECRET\n", 1, 11),
        ] {
            let mistake = entries(text, "f").err().unwrap();
            assert_eq!((mistake.line, mistake.column), (line, column), "{text}: {mistake:?}");
            assert!(!mistake.reason.contains("SECRET") && !mistake.reason.contains('\n'), "{mistake:?}");
        }
    }
}
