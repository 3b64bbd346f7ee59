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
    /// What its name says; `None` for a bare value, as the API gives it.
    pub named: Option<Scheme>,
    /// The name if it is not one of this site.
    pub foreign_name: Option<String>,
}

impl Given {
    /// The scheme that it is looked at in: the API's own cookies come without a name and are `logged_in`.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.named.unwrap_or(Scheme::LoggedIn)
    }
}

/// Why there is no cookie to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoCookie {
    /// Nothing at all.
    #[error("no cookie on standard input")]
    Empty,
    /// Cookies, but of other things.
    #[error(
        "none of the cookies on standard input is a login cookie of WordPress (wordpress_logged_in_…): that browser \
         is not logged in"
    )]
    NotLoggedIn,
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

/// Finds the cookie: a bare value, `name=value`, a header, a whole request or answer with such headers, a line of curl's
/// jar, or the JSON of a login; encoded or not.
pub fn cookie(input: &[u8], names: &CookieNames) -> Result<Given, NoCookie> {
    let input = input.strip_prefix(b"\xef\xbb\xbf").unwrap_or(input).trim_ascii();
    if input.is_empty() {
        return Err(NoCookie::Empty);
    }
    if let Some(value) = answered(input) {
        return Ok(Given { value, named: None, foreign_name: None });
    }
    let pieces = pieces(input);
    let pairs: Vec<(&[u8], &[u8])> = pieces.iter().filter_map(|piece| pair(piece)).collect();
    let value_of = |name: &str| pairs.iter().find(|(found, _)| *found == name.as_bytes());
    let own = [
        (names.logged_in.as_str(), Scheme::LoggedIn),
        (names.secure_auth.as_str(), Scheme::SecureAuth),
        (names.auth.as_str(), Scheme::Auth),
    ];
    for (name, scheme) in own {
        if let Some((_, value)) = value_of(name) {
            return Ok(Given { value: decoded(value), named: Some(scheme), foreign_name: None });
        }
    }
    for (beginning, scheme) in BEGINNINGS {
        let is_it = |(name, value): &&(&[u8], &[u8])| {
            name.starts_with(beginning.as_bytes()) && has_four_parts(&decoded(value))
        };
        if let Some((name, value)) = pairs.iter().find(is_it) {
            let foreign_name = Some(String::from_utf8_lossy(name).into_owned());
            return Ok(Given { value: decoded(value), named: Some(scheme), foreign_name });
        }
    }
    // As the API's parameter is called.
    let bare = value_of("cookie").map(|(_, value)| *value);
    let bare = bare.or_else(|| match pieces.as_slice() {
        [only] if pairs.is_empty() || has_four_parts(&decoded(only)) => Some(*only),
        _ => None,
    });
    let value = decoded(bare.ok_or(NoCookie::NotLoggedIn)?);
    Ok(Given { value, named: None, foreign_name: None })
}

/// `cookie` in the JSON that a login answers.
fn answered(input: &[u8]) -> Option<Vec<u8>> {
    let answer: serde_json::Value = serde_json::from_slice(input).ok()?;
    Some(answer.get("cookie")?.as_str()?.as_bytes().to_vec())
}

/// What may be a cookie each: of headers, if there are any, else of all lines.
fn pieces(input: &[u8]) -> Vec<&[u8]> {
    let lines = || input.split(|byte| matches!(byte, b'\n' | b'\r'));
    let headers: Vec<&[u8]> = lines().filter_map(header).collect();
    let lines = if headers.is_empty() { lines().map(last_of_jar).collect() } else { headers };
    let pieces = lines.into_iter().flat_map(|line| line.split(|byte| *byte == b';'));
    pieces.map(bare).filter(|piece| !piece.is_empty()).collect()
}

/// What stands behind `Cookie:` or `Set-Cookie:`, also within a command of curl.
fn header(line: &[u8]) -> Option<&[u8]> {
    let name = b"cookie:";
    let at = line.windows(name.len()).position(|found| found.eq_ignore_ascii_case(name))?;
    let value = line.get(at + name.len()..)?;
    // `-H 'Cookie: …'`, or `Set-Cookie` there.
    let quote = line.get(..at)?.iter().rfind(|byte| matches!(byte, b'"' | b'\''));
    let end = quote.and_then(|quote| value.iter().position(|byte| byte == quote));
    value.get(..end.unwrap_or(value.len()))
}

/// Name and value of a line of curl's jar, which has tabs between seven fields, as `name\tvalue`.
fn last_of_jar(line: &[u8]) -> &[u8] {
    let tabs: Vec<usize> =
        line.iter().enumerate().filter(|(_, byte)| **byte == b'\t').map(|(at, _)| at).collect();
    match tabs.as_slice() {
        [.., fifth, _] if tabs.len() == 6 => line.get(fifth + 1..).unwrap_or_default(),
        _ => line,
    }
}

/// Without blanks and quotes around.
fn bare(text: &[u8]) -> &[u8] {
    let is_around = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'');
    let begin = text.iter().position(|byte| !is_around(byte)).unwrap_or(text.len());
    let end = text.iter().rposition(|byte| !is_around(byte)).map_or(begin, |at| at + 1);
    text.get(begin..end).unwrap_or_default()
}

fn pair(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|byte| matches!(byte, b'=' | b'\t'))?;
    let (name, value) = text.split_at_checked(at)?;
    Some((bare(name), bare(value.get(1..)?)))
}

fn has_four_parts(value: &[u8]) -> bool {
    value.split(|byte| *byte == b'|').count() == 4
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

    fn found(input: &str) -> Result<(String, Option<Scheme>, Option<String>), NoCookie> {
        let site = Site::Single { siteurl: "http://a.test", wp_siteurl: None };
        let constants = NameConstants { cookiehash: Some("h"), ..NameConstants::default() };
        let given = cookie(input.as_bytes(), &CookieNames::new(site, constants))?;
        Ok((String::from_utf8(given.value).unwrap(), given.named, given.foreign_name))
    }

    #[test]
    fn a_cookie_is_found_in_every_form_in_which_one_comes_to_hand() {
        const MARY: &str = "mary jane|1|t|h";
        for (input, value, scheme) in [
            ("mary jane|1|t|h\n", MARY, None),
            ("\u{feff}mary jane|1|t|h;\r\n", MARY, None),
            ("\"mary jane|1|t|h\"", MARY, None),
            ("mary%20jane%7C1%7Ct%7Ch", MARY, None),
            ("mary+jane%7c1%7ct%7ch", MARY, None),
            ("a=b|1|t|h", "a=b|1|t|h", None),
            ("cookie=a|1|t|h", "a|1|t|h", None),
            ("{\"status\":\"ok\",\"cookie\":\"a|1|t|h\"}", "a|1|t|h", None),
            ("wordpress_logged_in_h=a%7C1%7Ct%7Ch", "a|1|t|h", Some(Scheme::LoggedIn)),
            ("wordpress_logged_in_h = a%7C1%7Ct%7Ch", "a|1|t|h", Some(Scheme::LoggedIn)),
            ("wordpress_sec_h=a|1|t|h", "a|1|t|h", Some(Scheme::SecureAuth)),
            ("wordpress_h=a|1|t|h", "a|1|t|h", Some(Scheme::Auth)),
            (
                "Cookie: x=y; wordpress_sec_h=b|1|t|h; wordpress_logged_in_h=a|1|t|h",
                "a|1|t|h",
                Some(Scheme::LoggedIn),
            ),
            ("x=y\nwordpress_logged_in_h=a|1|t|h\n", "a|1|t|h", Some(Scheme::LoggedIn)),
            (
                "HTTP/1.1 200 OK\r\nSet-Cookie: x=y; path=/\r\n\
                 set-cookie: wordpress_logged_in_h=a%7C1%7Ct%7Ch; path=/; HttpOnly\r\n\r\n<p>cookie</p>",
                "a|1|t|h",
                Some(Scheme::LoggedIn),
            ),
            (
                "curl -H 'Cookie: wordpress_logged_in_h=a%7C1%7Ct%7Ch' http://a.test",
                "a|1|t|h",
                Some(Scheme::LoggedIn),
            ),
            (
                "#HttpOnly_a.test\tFALSE\t/\tFALSE\t0\twordpress_logged_in_h\ta%7C1%7Ct%7Ch",
                "a|1|t|h",
                Some(Scheme::LoggedIn),
            ),
            ("nonsense", "nonsense", None),
        ] {
            assert_eq!(found(input), Ok((value.to_owned(), scheme, None)), "{input}");
        }
        for input in ["", " \n", "\u{feff}"] {
            assert_eq!(found(input), Err(NoCookie::Empty), "{input:?}");
        }
    }

    #[test]
    fn a_cookie_of_another_name_is_told_by_its_name() {
        let given = found("wordpress_logged_in_other=a|1|t|h");
        let name = Some("wordpress_logged_in_other".to_owned());
        assert_eq!(given, Ok(("a|1|t|h".to_owned(), Some(Scheme::LoggedIn), name)));
    }

    #[test]
    fn cookies_of_a_browser_that_is_not_logged_in_are_no_login_cookie() {
        for input in [
            "Cookie: wordpress_test_cookie=WP%20Cookie%20check; x=y",
            "wordpress_test_cookie=WP%20Cookie%20check",
            "x=y; z",
            "GET / HTTP/1.1\r\nCookie: wp-settings-time-1=1\r\n",
            "Cookie:",
        ] {
            assert_eq!(found(input), Err(NoCookie::NotLoggedIn), "{input}");
        }
    }
}
