//! `redirect*`: where an answer may send the client. Never off the site's own host (D18).
//!
//! Mirrors `wp_sanitize_redirect()` and `wp_validate_redirect()`, without the fallback to wp-admin.

use url::Url;

/// The value of `Location`, or `None` when the target is not the site's own.
///
/// `home` is the site's address, `folder` the request's folder: relative targets start there.
#[must_use]
pub fn location(target: &[u8], home: &str, folder: &str) -> Option<String> {
    let target = sanitized(target);
    let target = target.trim();
    if target.is_empty() {
        return None;
    }
    let home = Url::parse(home).ok()?;
    if let Some(rest) = target.strip_prefix("//") {
        return is_own(&format!("http://{rest}"), &home).then(|| target.to_owned());
    }
    if target.starts_with(['/', '?']) {
        return Some(target.to_owned());
    }
    let (before_query, _) = target.split_once(['?', '#']).unwrap_or((target, ""));
    if before_query.contains(':') || target.starts_with('#') {
        return is_own(target, &home).then(|| target.to_owned());
    }
    Some(format!("{folder}{target}"))
}

/// The folder of a request's path, with one slash at each end: two at its start would name another host.
#[must_use]
pub fn folder(path: &str) -> String {
    let (folder, _) = path.rsplit_once('/').unwrap_or(("", ""));
    match folder.trim_matches(['/', '\\']) {
        "" => "/".to_owned(),
        folder => format!("/{}/", folder.replace('\\', "/")),
    }
}

/// Adds `status=…` before any fragment.
#[must_use]
pub fn with_status(location: &str, status: &str) -> String {
    let (address, fragment) = match location.split_once('#') {
        Some((address, fragment)) => (address, format!("#{fragment}")),
        None => (location, String::new()),
    };
    let separator = if address.contains('?') { '&' } else { '?' };
    format!("{address}{separator}status={status}{fragment}")
}

/// http or https, no user, and the host of `home`; the port does not matter.
fn is_own(target: &str, home: &Url) -> bool {
    Url::parse(target).is_ok_and(|target| {
        matches!(target.scheme(), "http" | "https")
            && target.username().is_empty()
            && target.password().is_none()
            && target.host().is_some()
            && target.host() == home.host()
    })
}

/// Blanks and non-ASCII encoded; quotes, angle brackets, backslashes, control characters and line breaks dropped.
fn sanitized(target: &[u8]) -> String {
    let mut clean = String::with_capacity(target.len());
    let mut target = target.to_vec();
    // Encoded line breaks go too, again and again as removing one may make another.
    loop {
        let found = target
            .windows(3)
            .position(|window| matches!(window.to_ascii_lowercase().as_slice(), b"%0d" | b"%0a"));
        match found {
            Some(at) => drop(target.drain(at..at + 3)),
            None => break,
        }
    }
    for byte in target {
        match byte {
            b' ' => clean.push_str("%20"),
            b'"' | b'\'' | b'<' | b'>' | b'\\' | b'`' | 0..=0x1F | 0x7F => {}
            0x80.. => {
                clean.push('%');
                clean.push_str(&hex::encode_upper([byte]));
            }
            ascii => clean.push(char::from(ascii)),
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: &str = "http://127.0.0.1:8068";

    fn to(target: &str) -> Option<String> {
        location(target.as_bytes(), HOME, "/api/user/")
    }

    #[test]
    fn addresses_of_the_own_host_pass_whatever_their_port() {
        for own in [
            "http://127.0.0.1:8068/ok/",
            "https://127.0.0.1/x",
            "http://127.0.0.1:9/y?a=b#c",
            "//127.0.0.1/z",
        ] {
            assert_eq!(to(own).as_deref(), Some(own));
        }
    }

    #[test]
    fn other_hosts_and_schemes_are_refused_in_every_disguise() {
        for foreign in [
            "https://evil.example.net/x",
            "//evil.example.net/",
            "///evil.example.net/",
            "http://127.0.0.1@evil.example.net/",
            "http://127.0.0.1:pw@evil.example.net/",
            "http://user@127.0.0.1/",
            "javascript:alert(1)",
            "data:text/html,x",
            "http:evil.example.net",
            "ht\ntp://evil.example.net",
            "\\\\evil.example.net",
            "/\\evil.example.net",
            "",
            "#x",
        ] {
            let found = to(foreign);
            let harmless = found.as_deref().is_none_or(|target| {
                target.starts_with("/api/user/") || (target.starts_with('/') && !target.starts_with("//"))
            });
            assert!(harmless, "{foreign:?} became {found:?}");
        }
    }

    #[test]
    fn paths_stay_and_relative_ones_start_in_the_requests_folder() {
        assert_eq!(to("/thanks/").unwrap(), "/thanks/");
        assert_eq!(to("?x=1").unwrap(), "?x=1");
        assert_eq!(to("thanks").unwrap(), "/api/user/thanks");
    }

    #[test]
    fn a_requests_own_path_cannot_name_another_host() {
        assert_eq!(folder("/api/user/info/"), "/api/user/info/");
        assert_eq!(folder("/api/user/info"), "/api/user/");
        for path in ["//evil.example/", "//evil.example/x", "/\\evil.example/", "///evil.example//"] {
            assert_eq!(folder(path), "/evil.example/", "{path}");
        }
        assert_eq!(folder("/"), "/");
    }

    #[test]
    fn blanks_are_encoded_and_line_breaks_dropped() {
        assert_eq!(to("/a b\"<é>\r\nSet-Cookie: x").unwrap(), "/a%20b%C3%A9Set-Cookie:%20x");
        assert_eq!(to("/a%0%0dd%0Ax").unwrap(), "/ax");
    }

    #[test]
    fn the_status_goes_before_the_fragment() {
        assert_eq!(with_status("/x#top", "ok"), "/x?status=ok#top");
        assert_eq!(with_status("/x?a=1", "error"), "/x?a=1&status=error");
    }
}
