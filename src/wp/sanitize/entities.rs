//! Character references: which `&...;` stay, and what becomes one.
//!
//! Tags and attributes belong to `kses`.

use std::borrow::Cow;

use super::Rules;
use super::php::{find_where, slice, tail};

/// WordPress `wp_kses_normalize_entities` (for HTML); held against 6.1, 6.8 and 7.1.
///
/// Every `&` becomes `&amp;` except where it begins a known name or the number of a legal character.
/// Decimal numbers lose leading zeros and are padded to three digits. `&#0;` vanished in 6.1, later it is
/// escaped (the change lies between 6.1 and 6.8 and is taken to be of 6.3).
#[must_use]
pub fn normalize_entities(input: &[u8], rules: Rules) -> Vec<u8> {
    let mut out = Vec::with_capacity(input.len());
    let mut rest = input;
    while let Some(amp) = rest.iter().position(|&b| b == b'&') {
        out.extend_from_slice(slice(rest, 0, amp));
        let after = tail(rest, amp + 1);
        let mut numeric = after.strip_prefix(b"#");
        // Before 6.9 names were restored before numbers, so that `&amp;#38;` was a number too.
        if numeric.is_none() && !rules.version.at_least(6, 9) {
            numeric = after.strip_prefix(b"amp;#");
        }
        let number = numeric.and_then(|text| Some((Number::read(text, rules)?, text)));
        rest = if let Some((number, text)) = number {
            number.write(&mut out);
            tail(text, number.length)
        } else if let Some(name) = known_name(after) {
            out.push(b'&');
            out.extend_from_slice(name);
            tail(after, name.len())
        } else {
            out.extend_from_slice(b"&amp;");
            after
        };
    }
    out.extend_from_slice(rest);
    out
}

/// A number after `&#` that has the right form; its character need not be a legal one.
struct Number<'a> {
    digits: &'a [u8],
    hex: bool,
    /// How many bytes it takes, with `x` and `;`.
    length: usize,
}

impl<'a> Number<'a> {
    fn read(text: &'a [u8], rules: Rules) -> Option<Self> {
        let hex = matches!(text.first(), Some(b'x' | b'X'));
        let start = usize::from(hex);
        let is_digit = |b: u8| {
            if hex {
                b.is_ascii_hexdigit()
            } else {
                b.is_ascii_digit()
            }
        };
        let end = find_where(text, start, |b| !is_digit(b))?;
        let digits = slice(text, start, end);
        let significant = without_zeros(digits).len();
        let shortest = usize::from(digits.is_empty() || rules.version.at_least(6, 3));
        let longest = if hex { 6 } else { 7 };
        (text.get(end) == Some(&b';') && (shortest..=longest).contains(&significant)).then_some(Self {
            digits,
            hex,
            length: end + 1,
        })
    }

    fn write(&self, out: &mut Vec<u8>) {
        if self.digits == b"0" {
            // Empty to PHP.
            return;
        }
        let significant = without_zeros(self.digits);
        let radix = if self.hex { 16 } else { 10 };
        let value = significant
            .iter()
            .filter_map(|&b| char::from(b).to_digit(radix))
            .fold(0, |value: u32, digit| value * radix + digit);
        let legal = is_legal(value);
        out.extend_from_slice(if legal { b"&#" } else { b"&amp;#" });
        if self.hex {
            out.push(b'x');
        }
        if legal {
            let padding = if self.hex {
                0
            } else {
                3_usize.saturating_sub(significant.len())
            };
            out.extend(std::iter::repeat_n(b'0', padding));
            out.extend_from_slice(significant);
        } else {
            out.extend_from_slice(self.digits);
        }
        out.push(b';');
    }
}

fn without_zeros(digits: &[u8]) -> &[u8] {
    tail(digits, digits.iter().take_while(|&&b| b == b'0').count())
}

/// WordPress `valid_unicode`.
fn is_legal(code: u32) -> bool {
    matches!(code, 0x9 | 0xA | 0xD | 0x20..=0xD7FF | 0xE000..=0xFFFD | 0x1_0000..=0x10_FFFF)
}

/// A known name at the start of the text, with its `;`.
fn known_name(text: &[u8]) -> Option<&[u8]> {
    text.first().filter(|b| b.is_ascii_alphabetic())?;
    // The longest names have eight letters.
    let end = text.iter().take(9).position(|&b| b == b';')?;
    NAMES.binary_search(&slice(text, 0, end)).ok()?;
    Some(slice(text, 0, end + 1))
}

/// Which quotes [`specialchars`] turns into references.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quotes {
    /// None: PHP's `ENT_NOQUOTES`.
    Keep,
    /// Both: PHP's `ENT_QUOTES`.
    Encode,
}

/// WordPress `_wp_specialchars` without double encoding; held against 6.1, 6.8 and 7.1.
///
/// Text that is not UTF-8 gives nothing, as in PHP's `htmlspecialchars`, unless there is nothing to do in it.
#[must_use]
pub fn specialchars(input: &[u8], quotes: Quotes, rules: Rules) -> Vec<u8> {
    if !input.iter().any(|b| b"&<>\"'".contains(b)) {
        return input.to_vec();
    }
    if std::str::from_utf8(input).is_err() {
        return Vec::new();
    }
    let text = if input.contains(&b'&') {
        Cow::Owned(normalize_entities(input, rules))
    } else {
        Cow::Borrowed(input)
    };
    let mut out = Vec::with_capacity(text.len() + 8);
    for (index, &byte) in text.iter().enumerate() {
        let reference: &[u8] = match byte {
            b'<' => b"&lt;",
            b'>' => b"&gt;",
            b'"' if quotes == Quotes::Encode => b"&quot;",
            b'\'' if quotes == Quotes::Encode => b"&#039;",
            // The one name that WordPress knows and PHP's HTML 4.01 does not.
            b'&' if tail(&text, index).starts_with(b"&apos;") => b"&amp;",
            _ => &[byte],
        };
        out.extend_from_slice(reference);
    }
    out
}

/// WordPress `esc_html` and `esc_attr`: text that is not UTF-8 gives nothing; held against 6.1, 6.8 and 7.1.
#[must_use]
pub fn esc_html(input: &[u8], rules: Rules) -> Vec<u8> {
    if std::str::from_utf8(input).is_err() {
        return Vec::new();
    }
    specialchars(input, Quotes::Encode, rules)
}

/// The names that WordPress lets stand: those of HTML 4.01 and `apos`, sorted.
#[rustfmt::skip]
const NAMES: [&[u8]; 253] = [
    b"AElig", b"Aacute", b"Acirc", b"Agrave", b"Alpha", b"Aring", b"Atilde", b"Auml", b"Beta", b"Ccedil",
    b"Chi", b"Dagger", b"Delta", b"ETH", b"Eacute", b"Ecirc", b"Egrave", b"Epsilon", b"Eta", b"Euml",
    b"Gamma", b"Iacute", b"Icirc", b"Igrave", b"Iota", b"Iuml", b"Kappa", b"Lambda", b"Mu", b"Ntilde",
    b"Nu", b"OElig", b"Oacute", b"Ocirc", b"Ograve", b"Omega", b"Omicron", b"Oslash", b"Otilde", b"Ouml",
    b"Phi", b"Pi", b"Prime", b"Psi", b"Rho", b"Scaron", b"Sigma", b"THORN", b"Tau", b"Theta", b"Uacute",
    b"Ucirc", b"Ugrave", b"Upsilon", b"Uuml", b"Xi", b"Yacute", b"Yuml", b"Zeta", b"aacute", b"acirc",
    b"acute", b"aelig", b"agrave", b"alefsym", b"alpha", b"amp", b"and", b"ang", b"apos", b"aring",
    b"asymp", b"atilde", b"auml", b"bdquo", b"beta", b"brvbar", b"bull", b"cap", b"ccedil", b"cedil",
    b"cent", b"chi", b"circ", b"clubs", b"cong", b"copy", b"crarr", b"cup", b"curren", b"dArr", b"dagger",
    b"darr", b"deg", b"delta", b"diams", b"divide", b"eacute", b"ecirc", b"egrave", b"empty", b"emsp",
    b"ensp", b"epsilon", b"equiv", b"eta", b"eth", b"euml", b"euro", b"exist", b"fnof", b"forall",
    b"frac12", b"frac14", b"frac34", b"frasl", b"gamma", b"ge", b"gt", b"hArr", b"harr", b"hearts",
    b"hellip", b"iacute", b"icirc", b"iexcl", b"igrave", b"image", b"infin", b"int", b"iota", b"iquest",
    b"isin", b"iuml", b"kappa", b"lArr", b"lambda", b"lang", b"laquo", b"larr", b"lceil", b"ldquo", b"le",
    b"lfloor", b"lowast", b"loz", b"lrm", b"lsaquo", b"lsquo", b"lt", b"macr", b"mdash", b"micro",
    b"middot", b"minus", b"mu", b"nabla", b"nbsp", b"ndash", b"ne", b"ni", b"not", b"notin", b"nsub",
    b"ntilde", b"nu", b"oacute", b"ocirc", b"oelig", b"ograve", b"oline", b"omega", b"omicron", b"oplus",
    b"or", b"ordf", b"ordm", b"oslash", b"otilde", b"otimes", b"ouml", b"para", b"part", b"permil", b"perp",
    b"phi", b"pi", b"piv", b"plusmn", b"pound", b"prime", b"prod", b"prop", b"psi", b"quot", b"rArr",
    b"radic", b"rang", b"raquo", b"rarr", b"rceil", b"rdquo", b"real", b"reg", b"rfloor", b"rho", b"rlm",
    b"rsaquo", b"rsquo", b"sbquo", b"scaron", b"sdot", b"sect", b"shy", b"sigma", b"sigmaf", b"sim",
    b"spades", b"sub", b"sube", b"sum", b"sup", b"sup1", b"sup2", b"sup3", b"supe", b"szlig", b"tau",
    b"there4", b"theta", b"thetasym", b"thinsp", b"thorn", b"tilde", b"times", b"trade", b"uArr", b"uacute",
    b"uarr", b"ucirc", b"ugrave", b"uml", b"upsih", b"upsilon", b"uuml", b"weierp", b"xi", b"yacute",
    b"yen", b"yuml", b"zeta", b"zwj", b"zwnj",
];

#[cfg(test)]
mod tests {
    use super::super::vectors::RULES_6_8;
    use super::*;
    use crate::wp::version::WpVersion;

    #[test]
    fn the_names_are_sorted() {
        assert!(NAMES.is_sorted());
    }

    fn normalized(input: &str, rules: Rules) -> String {
        String::from_utf8(normalize_entities(input.as_bytes(), rules)).unwrap()
    }

    #[test]
    fn known_references_stay_and_others_are_disarmed() {
        for (input, output) in [
            ("a&b&lt;&LT;&apos;&x", "a&amp;b&lt;&amp;LT;&apos;&amp;x"),
            (
                "&#38;&#0065;&#0;&#x0026;&#Xfffe;",
                "&#038;&#065;&amp;#0;&#x26;&amp;#xfffe;",
            ),
            ("&#12345678;&#x1234567;", "&amp;#12345678;&amp;#x1234567;"),
            ("&#1114111;&#1114112;", "&#1114111;&amp;#1114112;"),
        ] {
            assert_eq!(normalized(input, RULES_6_8), output);
        }
    }

    #[test]
    fn an_escaped_ampersand_began_a_number_before_6_9() {
        let input = "&amp;#38;&amp;lt;&amp;amp;#38;";
        assert_eq!(normalized(input, RULES_6_8), "&#038;&amp;lt;&amp;amp;#38;");
        assert_eq!(normalized(input, Rules::new(WpVersion::new(6, 9))), input);
    }

    #[test]
    fn the_number_zero_vanished_before_6_3() {
        let old = Rules::new(WpVersion::new(6, 1));
        assert_eq!(normalized("a&#0;b&#X00;c&#;", old), "ab&amp;#x00;c&amp;#;");
        assert_eq!(
            normalized("a&#0;b&#X00;c&#;", RULES_6_8),
            "a&amp;#0;b&amp;#X00;c&amp;#;"
        );
    }

    #[test]
    fn the_reference_apos_is_escaped_again() {
        assert_eq!(
            esc_html(b"&apos;&quot;'\"<>", RULES_6_8),
            b"&amp;apos;&quot;&#039;&quot;&lt;&gt;"
        );
        assert_eq!(specialchars(b"'\"<>", Quotes::Keep, RULES_6_8), b"'\"&lt;&gt;");
    }

    #[test]
    fn text_that_is_not_utf8_is_emptied_when_there_is_something_to_escape() {
        assert_eq!(esc_html(b"\xFF", RULES_6_8), b"");
        assert_eq!(specialchars(b"\xFF", Quotes::Encode, RULES_6_8), b"\xFF");
        assert_eq!(specialchars(b"\xFF&", Quotes::Encode, RULES_6_8), b"");
    }
}
