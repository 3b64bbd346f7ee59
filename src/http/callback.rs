//! Is this JSONP callback one that may stand in a script.
//!
//! The plugin echoes whatever it gets; writing the JSONP answer is the envelope's business.

const MAX_LENGTH: usize = 128;

/// True for a JavaScript identifier path of at most 128 characters: `cb`, `angular.callbacks._0`, `cb[3]`.
///
/// Identifiers are ASCII letters, digits, `_` and `$`, not with a digit first. Each may carry `[digits]`, and
/// dots join them. Reserved words pass: the browser refuses them without harm.
#[must_use]
pub fn is_callback(name: &[u8]) -> bool {
    name.len() <= MAX_LENGTH && name.split(|&byte| byte == b'.').all(is_step)
}

/// An identifier with any number of `[digits]` behind it.
fn is_step(step: &[u8]) -> bool {
    let mut pieces = step.split(|&byte| byte == b'[');
    pieces.next().is_some_and(is_identifier) && pieces.all(is_index)
}

fn is_identifier(name: &[u8]) -> bool {
    name.first().is_some_and(|byte| !byte.is_ascii_digit())
        && name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$'))
}

fn is_index(piece: &[u8]) -> bool {
    piece.strip_suffix(b"]").is_some_and(|digits| !digits.is_empty() && digits.iter().all(u8::is_ascii_digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_libraries_generate_are_callbacks() {
        for name in
            ["cb", "_", "$", "jQuery1124_1700000000", "angular.callbacks._0", "cb[3]", "a.b[0][12].c", "$.x"]
        {
            assert!(is_callback(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn anything_that_could_run_or_break_out_is_no_callback() {
        for name in [
            "",
            ".",
            "a.",
            ".a",
            "a..b",
            "3a",
            "a.3",
            "a[",
            "a[]",
            "a[x]",
            "a[3]b",
            "a]",
            "[3]",
            "a[[3]]",
            "a[3",
            "a-b",
            "a b",
            "alert(1)",
            "a;b",
            "<x>",
            "a\n",
            "a\0",
            "caf\u{e9}",
            "a['x']",
            "a[3].",
            "a[-1]",
        ] {
            assert!(!is_callback(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn a_callback_has_at_most_128_characters() {
        assert!(is_callback("a".repeat(128).as_bytes()));
        assert!(!is_callback("a".repeat(129).as_bytes()));
    }
}
