//! A cookie on standard input, in any form in which one comes to hand.

use std::io::{self, IsTerminal as _, Read as _};

use anyhow::Context as _;
use percent_encoding::percent_decode;

use crate::wp::cookie_names::CookieNames;
use crate::wp::salts::Scheme;

/// No header of cookies is longer.
const MOST: u64 = 64 * 1024;

/// What a browser calls WordPress's cookies, but for the hash at the end; longer beginnings first.
const BEGINNINGS: [(&str, Scheme); 3] = [
    ("wordpress_logged_in_", Scheme::LoggedIn),
    ("wordpress_sec_", Scheme::SecureAuth),
    ("wordpress_", Scheme::Auth),
];

/// A cookie and what its name says.
#[derive(Debug, PartialEq, Eq)]
pub struct Given {
    /// The value, decoded once.
    pub value: Vec<u8>,
    /// What its name says; the API's own cookies come without a name and are `logged_in`.
    pub scheme: Scheme,
    /// The name if it is not one of this site.
    pub foreign_name: Option<String>,
}

/// Reads all of standard input.
pub fn read_input(what: &str) -> anyhow::Result<Vec<u8>> {
    let input = io::stdin();
    if input.is_terminal() {
        #[expect(clippy::print_stderr, reason = "somebody waits at the terminal and does not know for what")]
        {
            eprintln!("wp-sidecar: paste {what}, then press Return and Ctrl-D");
        }
    }
    let mut bytes = Vec::new();
    input.lock().take(MOST).read_to_end(&mut bytes).context("standard input")?;
    Ok(bytes)
}

/// Finds the cookie: a bare value, `name=value`, or a whole header `Cookie: …`; encoded or not. `None` without any.
pub fn cookie(input: &[u8], names: &CookieNames) -> Option<Given> {
    let input = input.trim_ascii();
    let input = match input.split_at_checked(7) {
        Some((head, rest)) if head.eq_ignore_ascii_case(b"cookie:") => rest.trim_ascii(),
        _ => input,
    };
    if input.is_empty() {
        return None;
    }
    let own = [
        (names.logged_in.as_str(), Scheme::LoggedIn),
        (names.secure_auth.as_str(), Scheme::SecureAuth),
        (names.auth.as_str(), Scheme::Auth),
    ];
    let pairs: Vec<(&[u8], &[u8])> = input.split(|byte| *byte == b';').filter_map(pair).collect();
    for (name, scheme) in own {
        if let Some((_, value)) = pairs.iter().find(|(found, _)| *found == name.as_bytes()) {
            return Some(Given { value: decoded(value), scheme, foreign_name: None });
        }
    }
    for (beginning, scheme) in BEGINNINGS {
        if let Some((name, value)) = pairs.iter().find(|(found, _)| found.starts_with(beginning.as_bytes())) {
            let foreign_name = Some(String::from_utf8_lossy(name).into_owned());
            return Some(Given { value: decoded(value), scheme, foreign_name });
        }
    }
    Some(Given { value: decoded(input), scheme: Scheme::LoggedIn, foreign_name: None })
}

fn pair(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = text.trim_ascii();
    let at = text.iter().position(|byte| *byte == b'=')?;
    let (name, value) = text.split_at_checked(at)?;
    Some((name, value.get(1..)?))
}

/// As PHP decodes a cookie's value, unless it is decoded already.
fn decoded(value: &[u8]) -> Vec<u8> {
    if value.contains(&b'|') {
        return value.to_vec();
    }
    let blanks: Vec<u8> = value.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_decode(&blanks).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wp::cookie_names::{NameConstants, Site};

    fn found(input: &str) -> Option<(String, Scheme, Option<String>)> {
        let site = Site::Single { siteurl: "http://a.test", wp_siteurl: None };
        let constants = NameConstants { cookiehash: Some("h"), ..NameConstants::default() };
        let given = cookie(input.as_bytes(), &CookieNames::new(site, constants))?;
        Some((String::from_utf8(given.value).unwrap(), given.scheme, given.foreign_name))
    }

    #[test]
    fn a_cookie_is_found_in_every_form_in_which_one_comes_to_hand() {
        for (input, value, scheme) in [
            ("mary jane|1|t|h\n", "mary jane|1|t|h", Scheme::LoggedIn),
            ("mary%20jane%7C1%7Ct%7Ch", "mary jane|1|t|h", Scheme::LoggedIn),
            ("mary+jane%7c1%7ct%7ch", "mary jane|1|t|h", Scheme::LoggedIn),
            ("wordpress_logged_in_h=a%7C1%7Ct%7Ch", "a|1|t|h", Scheme::LoggedIn),
            ("wordpress_sec_h=a|1|t|h", "a|1|t|h", Scheme::SecureAuth),
            ("wordpress_h=a|1|t|h", "a|1|t|h", Scheme::Auth),
            (
                "Cookie: x=y; wordpress_sec_h=b|1|t|h; wordpress_logged_in_h=a|1|t|h",
                "a|1|t|h",
                Scheme::LoggedIn,
            ),
            ("nonsense", "nonsense", Scheme::LoggedIn),
        ] {
            assert_eq!(found(input), Some((value.to_owned(), scheme, None)), "{input}");
        }
        for input in ["", " \n", "Cookie: "] {
            assert_eq!(found(input), None, "{input:?}");
        }
    }

    #[test]
    fn a_cookie_of_another_name_is_told_by_its_name() {
        let (value, scheme, name) = found("wordpress_logged_in_other=a|1|t|h").unwrap();
        assert_eq!((value.as_str(), scheme), ("a|1|t|h", Scheme::LoggedIn));
        assert_eq!(name.as_deref(), Some("wordpress_logged_in_other"));
    }
}
