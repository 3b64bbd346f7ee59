//! The attribute `style`, where a set of tags has it.

/// Properties that an editor writes; WordPress knows more.
const PROPERTIES: &[&str] = &[
    "background-color",
    "border",
    "color",
    "font",
    "font-family",
    "font-size",
    "font-style",
    "font-weight",
    "letter-spacing",
    "line-height",
    "margin",
    "margin-bottom",
    "margin-left",
    "margin-right",
    "margin-top",
    "padding",
    "padding-bottom",
    "padding-left",
    "padding-right",
    "padding-top",
    "text-align",
    "text-decoration",
    "text-indent",
    "text-transform",
];

/// Whether a style may stay as it is written.
///
/// WordPress (`safecss_filter_attr`) takes single declarations out; here a style with anything but the plain
/// declarations of an editor goes as a whole, which is less than WordPress keeps, and never more.
pub(super) fn is_safe(style: &[u8]) -> bool {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b" #.,%:;-!".contains(b);
    !style.is_empty()
        && style.iter().all(plain)
        && style
            .split(|&b| b == b';')
            .map(<[u8]>::trim_ascii)
            .filter(|declaration| !declaration.is_empty())
            .all(is_known)
}

fn is_known(declaration: &[u8]) -> bool {
    let name = declaration.split(|&b| b == b':').next().unwrap_or_default().trim_ascii();
    declaration.contains(&b':') && PROPERTIES.iter().any(|known| known.as_bytes() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_declarations_may_stay() {
        assert!(is_safe(b"text-align:center; padding-left: 40px;"));
        for bad in ["", "position:fixed", "color:red;behavior:x", "color:url(x)", "color:\\72 ed", "color"] {
            assert!(!is_safe(bad.as_bytes()), "{bad}");
        }
    }
}
