//! The way back from the few entities that WordPress stores in names and titles.

/// Which quotes are decoded, besides `&`, `<` and `>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeQuotes {
    /// `ENT_NOQUOTES`, WordPress's default.
    None,
    /// `ENT_QUOTES`
    All,
}

/// Mirrors `wp_specialchars_decode()`: each entity once, so `&amp;lt;` becomes `&lt;`.
#[must_use]
pub fn specialchars_decode(text: &[u8], quotes: DecodeQuotes) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.iter().position(|byte| *byte == b'&') {
        let (before, from) = rest.split_at(start);
        decoded.extend_from_slice(before);
        let entity =
            from.iter().position(|byte| *byte == b';').and_then(|end| from.split_at_checked(end + 1));
        match entity.and_then(|(entity, after)| Some((letter(entity, quotes)?, after))) {
            Some((letter, after)) => {
                decoded.push(letter);
                rest = after;
            }
            None => {
                decoded.push(b'&');
                rest = from.get(1..).unwrap_or_default();
            }
        }
    }
    decoded.extend_from_slice(rest);
    decoded
}

/// The letter of one whole entity, if it is one of the known.
fn letter(entity: &[u8], quotes: DecodeQuotes) -> Option<u8> {
    let letter = match entity {
        b"&amp;" => b'&',
        b"&lt;" => b'<',
        b"&gt;" => b'>',
        b"&quot;" => b'"',
        _ => {
            let number = entity.strip_prefix(b"&#")?.strip_suffix(b";")?;
            match number.strip_prefix(b"x").or_else(|| number.strip_prefix(b"X")) {
                // The hexadecimal forms of < and > are not in WordPress's list.
                Some(hex) => match without_zeros(hex) {
                    b"26" => b'&',
                    b"27" => b'\'',
                    b"22" => b'"',
                    _ => return None,
                },
                None => match without_zeros(number) {
                    b"38" => b'&',
                    b"39" => b'\'',
                    b"34" => b'"',
                    b"60" => b'<',
                    b"62" => b'>',
                    _ => return None,
                },
            }
        }
    };
    (quotes == DecodeQuotes::All || !matches!(letter, b'"' | b'\'')).then_some(letter)
}

fn without_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == b'0').count();
    number.get(zeros..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(text: &str, quotes: DecodeQuotes) -> String {
        String::from_utf8(specialchars_decode(text.as_bytes(), quotes)).unwrap()
    }

    #[test]
    fn a_name_comes_back_as_it_was_typed() {
        assert_eq!(
            decode("Mum &amp; Dad&#039;s &quot;&lt;b&gt;&quot;", DecodeQuotes::All),
            "Mum & Dad's \"<b>\""
        );
        assert_eq!(
            decode("&#38;&#0038;&#x26;&#X0026;&#060;&#62;&#x0027;&#x22;", DecodeQuotes::All),
            "&&&&<>'\""
        );
        assert_eq!(decode("&quot;&#039;&amp;", DecodeQuotes::None), "&quot;&#039;&");
    }

    #[test]
    fn each_entity_is_decoded_once_and_others_stay() {
        assert_eq!(
            decode("&amp;amp;lt; &eacute; &#x3c; &; & &amp", DecodeQuotes::All),
            "&amp;lt; &eacute; &#x3c; &; & &amp"
        );
    }
}
