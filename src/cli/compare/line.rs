//! One line of an access log or of a list: which request stands in it.
//!
//! Which requests are of use is not known here. A log holds what strangers sent, so every line is either a request, or
//! nothing, or unreadable; none is an error.

mod json;

/// What a line holds.
#[derive(Debug, PartialEq, Eq)]
pub enum Line {
    /// A request.
    Request(Logged),
    /// Blank, or a comment.
    Nothing,
    /// No request can be found in it.
    Unreadable,
}

/// A request as it was logged. Host and scheme are left out: a log does not say whom to ask.
#[derive(Debug, PartialEq, Eq)]
pub struct Logged {
    /// `GET`.
    pub verb: String,
    /// Begins with a slash; as sent, escapes and all.
    pub path: String,
    /// What stands behind the question mark.
    pub query: Vec<u8>,
}

/// Reads a line in any of the known forms.
pub fn read(line: &[u8]) -> Line {
    let line = line.trim_ascii();
    let found = match line.first() {
        None | Some(b'#') => return Line::Nothing,
        Some(b'{') => json::request(line),
        // A list: addresses or paths.
        Some(b'/') => target("GET", line),
        _ if is_address(line) => target("GET", line),
        // nginx and Apache: the request stands in quotes, with whatever the owner put before it. Without any
        // quotes the line may be a request line itself.
        _ => {
            let found = quoted(line).find_map(|text| request_line(&text)).or_else(|| request_line(line));
            // Caddy's form for people has its object at the end.
            found.or_else(|| json::request(line.get(line.iter().position(|byte| *byte == b'{')?..)?))
        }
    };
    found.map_or(Line::Unreadable, Line::Request)
}

/// `GET /path?query HTTP/1.1`; the protocol may be missing.
fn request_line(text: &[u8]) -> Option<Logged> {
    let blank = text.iter().position(|byte| *byte == b' ')?;
    let (verb, rest) = text.split_at_checked(blank)?;
    let is_verb = (3..=10).contains(&verb.len()) && verb.iter().all(u8::is_ascii_uppercase);
    let verb = std::str::from_utf8(verb).ok().filter(|_| is_verb)?;
    let rest = rest.trim_ascii();
    let protocol = rest.windows(6).rposition(|part| part == b" HTTP/");
    target(verb, protocol.and_then(|at| rest.get(..at)).unwrap_or(rest).trim_ascii())
}

/// `/path?query`, or the same behind scheme and host, which are dropped.
fn target(verb: &str, text: &[u8]) -> Option<Logged> {
    let text = text.split(|byte| *byte == b'#').next()?;
    let text = if is_address(text) {
        let host = text.windows(3).position(|part| part == b"://")? + 3;
        let end = text.iter().skip(host).position(|byte| matches!(byte, b'/' | b'?'));
        end.map_or(&b"/"[..], |end| text.get(host + end..).unwrap_or_default())
    } else {
        text
    };
    let (path, query) = match text.iter().position(|byte| *byte == b'?') {
        Some(at) => (text.get(..at)?, text.get(at + 1..)?),
        None => (text, &b""[..]),
    };
    let path = if path.is_empty() { "/".into() } else { String::from_utf8_lossy(path) };
    path.starts_with('/').then(|| Logged {
        verb: verb.to_owned(),
        path: path.into_owned(),
        query: query.to_vec(),
    })
}

fn is_address(text: &[u8]) -> bool {
    let begins =
        |scheme: &[u8]| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    begins(b"http://") || begins(b"https://")
}

/// The texts in quotes, unescaped: nginx writes `\xHH`, Apache `\"`, `\\`, `\n` and `\xhh`.
fn quoted(line: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let mut rest = line.iter().copied();
    std::iter::from_fn(move || {
        rest.find(|byte| *byte == b'"')?;
        let mut text = Vec::new();
        loop {
            match rest.next()? {
                b'"' => return Some(text),
                b'\\' => match rest.next()? {
                    b'x' => {
                        let mut ahead = rest.clone();
                        match (digit(ahead.next()), digit(ahead.next())) {
                            (Some(high), Some(low)) => {
                                text.push(high * 16 + low);
                                rest = ahead;
                            }
                            _ => text.extend(b"\\x"),
                        }
                    }
                    b'n' => text.push(b'\n'),
                    b'r' => text.push(b'\r'),
                    b't' => text.push(b'\t'),
                    other => text.push(other),
                },
                other => text.push(other),
            }
        }
    })
}

fn digit(byte: Option<u8>) -> Option<u8> {
    char::from(byte?).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: &str) -> Option<String> {
        match read(line.as_bytes()) {
            Line::Request(Logged { verb, path, query }) => {
                Some(format!("{verb} {path} {}", String::from_utf8_lossy(&query)))
            }
            Line::Nothing | Line::Unreadable => None,
        }
    }

    #[test]
    fn the_request_is_found_in_the_logs_of_the_usual_servers() {
        for line in [
            // nginx "combined", Apache "common" and "combined".
            r#"192.0.2.7 - - [21/Nov/2026:19:11:42 +0000] "GET /api/user/info/?insecure=cool HTTP/1.1" 200 33 "-" "MyApp/2.1""#,
            r#"192.0.2.7 - anna [21/Nov/2026:19:11:42 +0000] "GET /api/user/info/?insecure=cool HTTP/1.1" 200 33"#,
            // Apache "vhost_combined", and a line with the time in front and more behind.
            r#"example.org:443 2001:db8::7 - - [21/Nov/2026:19:11:42 +0000] "GET /api/user/info/?insecure=cool HTTP/2.0" 200 33 "-" "x" 0.012"#,
            r#"[2026-11-21] rt=0.004 "GET https://example.org/api/user/info/?insecure=cool HTTP/1.1" 200"#,
            // Another quoted text stands before it.
            r#""MyApp/2.1 (\"beta\")" "GET /api/user/info/?insecure=cool HTTP/1.1" 200"#,
            // Lists.
            "/api/user/info/?insecure=cool",
            "https://example.org/api/user/info/?insecure=cool#top\r\n",
            "HTTPS://u:p@example.org:8443/api/user/info/?insecure=cool",
            "GET /api/user/info/?insecure=cool",
            "GET /api/user/info/?insecure=cool HTTP/1.0",
        ] {
            assert_eq!(found(line).as_deref(), Some("GET /api/user/info/ insecure=cool"), "{line}");
        }
        assert_eq!(found("https://example.org").as_deref(), Some("GET / "));
        assert_eq!(found("https://example.org?json=info").as_deref(), Some("GET / json=info"));
        assert_eq!(found(r#"- "POST /api/ HTTP/1.1" 200"#).as_deref(), Some("POST /api/ "));
    }

    #[test]
    fn escapes_of_the_logs_are_undone() {
        let line = |target: &str| format!(r#"192.0.2.7 - - [x] "GET {target} HTTP/1.1" 200 1 "-" "-""#);
        assert_eq!(found(&line(r"/a?q=\x22b\x22")).as_deref(), Some("GET /a q=\"b\""));
        assert_eq!(found(&line(r#"/a?q=\"b\"\\"#)).as_deref(), Some("GET /a q=\"b\"\\"));
        assert_eq!(found(&line(r"/a?q=\x0d\x0aHost: evil\n")).as_deref(), Some("GET /a q=\r\nHost: evil"));
        assert_eq!(found(&line(r"/a?q=\xzz\x4")).as_deref(), Some(r"GET /a q=\xzz\x4"));
        assert_eq!(found(&line("/a?q=a b HTTP/x")).as_deref(), Some("GET /a q=a b HTTP/x"));
    }

    #[test]
    fn what_is_no_request_is_told_from_what_is_nothing() {
        for nothing in ["", "  \r\n", "# GET /api/"] {
            assert_eq!(read(nothing.as_bytes()), Line::Nothing, "{nothing:?}");
        }
        for other in [
            "nonsense",
            r#"192.0.2.7 - - [x] "\x16\x03\x01\x02" 400 0"#,
            r#"192.0.2.7 - - [x] "-" 408 0"#,
            r#"192.0.2.7 - - [x] "GET /unfinished"#,
            r#"192.0.2.7 - - [x] "get /api/ HTTP/1.1" 400 0"#,
            r#"192.0.2.7 - - [x] "CONNECT evil.example:443 HTTP/1.1" 400 0"#,
            r#"192.0.2.7 - - [x] "OPTIONS * HTTP/1.1" 400 0"#,
            r#"192.0.2.7 - - [x] "GET  HTTP/1.1" 400 0"#,
            "ftp://example.org/api/",
            "{",
            "{}",
            "[]",
        ] {
            assert_eq!(read(other.as_bytes()), Line::Unreadable, "{other}");
        }
        assert_eq!(read(b"\xff\xfe \"GET"), Line::Unreadable);
    }
}
