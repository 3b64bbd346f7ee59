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
            if hex { b.is_ascii_hexdigit() } else { b.is_ascii_digit() }
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
            let padding = if self.hex { 0 } else { 3_usize.saturating_sub(significant.len()) };
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
    let (_, length) = named_characters(text)?;
    Some(slice(text, 0, length))
}

/// What the known name at the start of the text stands for, and its length with the `;`.
pub(super) fn named_characters(text: &[u8]) -> Option<(&'static str, usize)> {
    text.first().filter(|b| b.is_ascii_alphabetic())?;
    // The longest names have eight letters.
    let end = text.iter().take(9).position(|&b| b == b';')?;
    let found = NAMES.binary_search_by(|(name, _)| name.as_bytes().cmp(slice(text, 0, end))).ok()?;
    let (_, characters) = NAMES.get(found)?;
    Some((characters, end + 1))
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

/// The names that WordPress lets stand, those of HTML 4.01 and `apos`, sorted; with their characters, for
/// which HTML5 is right about `lang` and `rang`.
#[rustfmt::skip]
static NAMES: [(&str, &str); 253] = [
    ("AElig", "Æ"), ("Aacute", "Á"), ("Acirc", "Â"), ("Agrave", "À"), ("Alpha", "Α"), ("Aring", "Å"),
    ("Atilde", "Ã"), ("Auml", "Ä"), ("Beta", "Β"), ("Ccedil", "Ç"), ("Chi", "Χ"), ("Dagger", "‡"),
    ("Delta", "Δ"), ("ETH", "Ð"), ("Eacute", "É"), ("Ecirc", "Ê"), ("Egrave", "È"), ("Epsilon", "Ε"),
    ("Eta", "Η"), ("Euml", "Ë"), ("Gamma", "Γ"), ("Iacute", "Í"), ("Icirc", "Î"), ("Igrave", "Ì"),
    ("Iota", "Ι"), ("Iuml", "Ï"), ("Kappa", "Κ"), ("Lambda", "Λ"), ("Mu", "Μ"), ("Ntilde", "Ñ"), ("Nu", "Ν"),
    ("OElig", "Œ"), ("Oacute", "Ó"), ("Ocirc", "Ô"), ("Ograve", "Ò"), ("Omega", "Ω"), ("Omicron", "Ο"),
    ("Oslash", "Ø"), ("Otilde", "Õ"), ("Ouml", "Ö"), ("Phi", "Φ"), ("Pi", "Π"), ("Prime", "″"), ("Psi", "Ψ"),
    ("Rho", "Ρ"), ("Scaron", "Š"), ("Sigma", "Σ"), ("THORN", "Þ"), ("Tau", "Τ"), ("Theta", "Θ"),
    ("Uacute", "Ú"), ("Ucirc", "Û"), ("Ugrave", "Ù"), ("Upsilon", "Υ"), ("Uuml", "Ü"), ("Xi", "Ξ"),
    ("Yacute", "Ý"), ("Yuml", "Ÿ"), ("Zeta", "Ζ"), ("aacute", "á"), ("acirc", "â"), ("acute", "´"),
    ("aelig", "æ"), ("agrave", "à"), ("alefsym", "ℵ"), ("alpha", "α"), ("amp", "&"), ("and", "∧"),
    ("ang", "∠"), ("apos", "'"), ("aring", "å"), ("asymp", "≈"), ("atilde", "ã"), ("auml", "ä"),
    ("bdquo", "„"), ("beta", "β"), ("brvbar", "¦"), ("bull", "•"), ("cap", "∩"), ("ccedil", "ç"),
    ("cedil", "¸"), ("cent", "¢"), ("chi", "χ"), ("circ", "ˆ"), ("clubs", "♣"), ("cong", "≅"), ("copy", "©"),
    ("crarr", "↵"), ("cup", "∪"), ("curren", "¤"), ("dArr", "⇓"), ("dagger", "†"), ("darr", "↓"),
    ("deg", "°"), ("delta", "δ"), ("diams", "♦"), ("divide", "÷"), ("eacute", "é"), ("ecirc", "ê"),
    ("egrave", "è"), ("empty", "∅"), ("emsp", "\u{2003}"), ("ensp", "\u{2002}"), ("epsilon", "ε"),
    ("equiv", "≡"), ("eta", "η"), ("eth", "ð"), ("euml", "ë"), ("euro", "€"), ("exist", "∃"), ("fnof", "ƒ"),
    ("forall", "∀"), ("frac12", "½"), ("frac14", "¼"), ("frac34", "¾"), ("frasl", "⁄"), ("gamma", "γ"),
    ("ge", "≥"), ("gt", ">"), ("hArr", "⇔"), ("harr", "↔"), ("hearts", "♥"), ("hellip", "…"), ("iacute", "í"),
    ("icirc", "î"), ("iexcl", "¡"), ("igrave", "ì"), ("image", "ℑ"), ("infin", "∞"), ("int", "∫"),
    ("iota", "ι"), ("iquest", "¿"), ("isin", "∈"), ("iuml", "ï"), ("kappa", "κ"), ("lArr", "⇐"),
    ("lambda", "λ"), ("lang", "⟨"), ("laquo", "«"), ("larr", "←"), ("lceil", "⌈"), ("ldquo", "“"),
    ("le", "≤"), ("lfloor", "⌊"), ("lowast", "∗"), ("loz", "◊"), ("lrm", "\u{200E}"), ("lsaquo", "‹"),
    ("lsquo", "‘"), ("lt", "<"), ("macr", "¯"), ("mdash", "—"), ("micro", "µ"), ("middot", "·"),
    ("minus", "−"), ("mu", "μ"), ("nabla", "∇"), ("nbsp", "\u{A0}"), ("ndash", "–"), ("ne", "≠"), ("ni", "∋"),
    ("not", "¬"), ("notin", "∉"), ("nsub", "⊄"), ("ntilde", "ñ"), ("nu", "ν"), ("oacute", "ó"),
    ("ocirc", "ô"), ("oelig", "œ"), ("ograve", "ò"), ("oline", "‾"), ("omega", "ω"), ("omicron", "ο"),
    ("oplus", "⊕"), ("or", "∨"), ("ordf", "ª"), ("ordm", "º"), ("oslash", "ø"), ("otilde", "õ"),
    ("otimes", "⊗"), ("ouml", "ö"), ("para", "¶"), ("part", "∂"), ("permil", "‰"), ("perp", "⊥"),
    ("phi", "φ"), ("pi", "π"), ("piv", "ϖ"), ("plusmn", "±"), ("pound", "£"), ("prime", "′"), ("prod", "∏"),
    ("prop", "∝"), ("psi", "ψ"), ("quot", "\""), ("rArr", "⇒"), ("radic", "√"), ("rang", "⟩"), ("raquo", "»"),
    ("rarr", "→"), ("rceil", "⌉"), ("rdquo", "”"), ("real", "ℜ"), ("reg", "®"), ("rfloor", "⌋"), ("rho", "ρ"),
    ("rlm", "\u{200F}"), ("rsaquo", "›"), ("rsquo", "’"), ("sbquo", "‚"), ("scaron", "š"), ("sdot", "⋅"),
    ("sect", "§"), ("shy", "\u{AD}"), ("sigma", "σ"), ("sigmaf", "ς"), ("sim", "∼"), ("spades", "♠"),
    ("sub", "⊂"), ("sube", "⊆"), ("sum", "∑"), ("sup", "⊃"), ("sup1", "¹"), ("sup2", "²"), ("sup3", "³"),
    ("supe", "⊇"), ("szlig", "ß"), ("tau", "τ"), ("there4", "∴"), ("theta", "θ"), ("thetasym", "ϑ"),
    ("thinsp", "\u{2009}"), ("thorn", "þ"), ("tilde", "˜"), ("times", "×"), ("trade", "™"), ("uArr", "⇑"),
    ("uacute", "ú"), ("uarr", "↑"), ("ucirc", "û"), ("ugrave", "ù"), ("uml", "¨"), ("upsih", "ϒ"),
    ("upsilon", "υ"), ("uuml", "ü"), ("weierp", "℘"), ("xi", "ξ"), ("yacute", "ý"), ("yen", "¥"),
    ("yuml", "ÿ"), ("zeta", "ζ"), ("zwj", "\u{200D}"), ("zwnj", "\u{200C}"),
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
            ("&#38;&#0065;&#0;&#x0026;&#Xfffe;", "&#038;&#065;&amp;#0;&#x26;&amp;#xfffe;"),
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
        assert_eq!(normalized("a&#0;b&#X00;c&#;", RULES_6_8), "a&amp;#0;b&amp;#X00;c&amp;#;");
    }

    #[test]
    fn the_reference_apos_is_escaped_again() {
        assert_eq!(esc_html(b"&apos;&quot;'\"<>", RULES_6_8), b"&amp;apos;&quot;&#039;&quot;&lt;&gt;");
        assert_eq!(specialchars(b"'\"<>", Quotes::Keep, RULES_6_8), b"'\"&lt;&gt;");
    }

    #[test]
    fn text_that_is_not_utf8_is_emptied_when_there_is_something_to_escape() {
        assert_eq!(esc_html(b"\xFF", RULES_6_8), b"");
        assert_eq!(specialchars(b"\xFF", Quotes::Encode, RULES_6_8), b"\xFF");
        assert_eq!(specialchars(b"\xFF&", Quotes::Encode, RULES_6_8), b"");
    }
}
