//! Requests that a proxy before the service may read otherwise: none of them carries a second one in.
//!
//! Each attack hides a request that writes a row. What counts is the row, and the number of answers.

use std::fmt::Write as _;

use crate::raw::{Answer, talk, talk_on};
use crate::server::Server;
use crate::site::{Site, encoded};

const INFO: &str = r#"{"status":"ok","version":"3.6.0"}"#;

/// A site, and a request that leaves a row if it is ever answered.
struct Target {
    site: Site,
    hidden: String,
}

impl Target {
    #[track_caller]
    fn new() -> Self {
        // What waits for more than there is, is cut.
        let site = Site::with(Server::mariadb(), |setup| {
            setup
                .set("limits.enabled", "true")
                .set("limits.head_seconds", "1")
                .set("limits.body_seconds", "1")
        });
        let cookie = encoded(&site.cookie);
        let hidden = format!(
            "GET /api/user/update_user_meta/?insecure=cool&cookie={cookie}&meta_key=smuggled&meta_value=1 HTTP/1.1\r\n\
             Host: x\r\n\r\n"
        );
        let target = Self { site, hidden };
        // The hidden request is a good one, and the row shows it.
        assert_eq!(target.talk(target.hidden.as_bytes())[0].status, 200);
        assert!(target.take_row());
        target
    }

    #[track_caller]
    fn talk(&self, bytes: impl AsRef<[u8]>) -> Vec<Answer> {
        talk(self.site.app.address, bytes)
    }

    #[track_caller]
    fn take_row(&self) -> bool {
        let rows = self.site.sql("SELECT 1 FROM wp_usermeta WHERE meta_key LIKE 'smuggled%'");
        if !rows.is_empty() {
            self.site.sql("DELETE FROM wp_usermeta WHERE meta_key LIKE 'smuggled%'");
        }
        !rows.is_empty()
    }

    /// At most one answer, of these statuses, and nothing written.
    #[track_caller]
    fn refuses(&self, bytes: impl AsRef<[u8]>, statuses: &[u16]) -> Vec<Answer> {
        let about = bytes.as_ref().escape_ascii().to_string();
        let about = &about[..about.len().min(400)];
        let answers = self.talk(bytes);
        let found: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        assert!(found.len() <= 1, "{about}: {found:?}");
        assert!(found.iter().all(|status| statuses.contains(status)), "{about}: {found:?}");
        assert!(!self.take_row(), "{about}: the hidden request ran");
        answers
    }

    /// A POST to `user/info` with these header lines and this body.
    fn post(headers: &str, body: &str) -> String {
        format!("POST /api/user/info/?insecure=cool HTTP/1.1\r\nHost: x\r\n{headers}\r\n{body}")
    }
}

const REFUSED: &[u16] = &[400, 501];

#[test]
fn a_body_with_two_lengths_carries_nothing_in() {
    let target = Target::new();
    let hidden = &target.hidden;
    let chunked = format!("0\r\n\r\n{hidden}");
    let length = chunked.len();
    for headers in [
        format!("Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n"),
        format!("Transfer-Encoding: chunked\r\nContent-Length: {length}\r\n"),
        format!("Transfer-Encoding: chunked\r\nContent-Length: {length}\r\nConnection: keep-alive\r\n"),
        format!(
            "Content-Length: {length}\r\nTransfer-Encoding: chunked\r\nConnection: transfer-encoding\r\n"
        ),
        "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n".to_owned(),
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n".to_owned(),
    ] {
        target.refuses(Target::post(&headers, &chunked), REFUSED);
    }
    let length = hidden.len();
    for headers in [
        format!("Content-Length: 0\r\nContent-Length: {length}\r\n"),
        format!("Content-Length: {length}\r\nContent-Length: 0\r\n"),
        format!("Content-Length: 0, {length}\r\n"),
        format!("Content-Length: {length}, 0\r\n"),
        format!("Content-Length: {length}\r\ncontent-length: 1\r\n"),
    ] {
        target.refuses(Target::post(&headers, hidden), REFUSED);
    }
    // The same number twice may be read as one.
    for headers in [
        format!("Content-Length: {length}\r\nContent-Length: {length}\r\n"),
        format!("Content-Length: {length}, {length}\r\n"),
    ] {
        target.refuses(Target::post(&headers, hidden), &[200, 400]);
    }
}

#[test]
fn a_length_that_is_no_plain_number_is_refused() {
    let target = Target::new();
    let hidden = &target.hidden;
    let length = hidden.len();
    for value in [
        format!("+{length}"),
        format!("-{length}"),
        "-1".to_owned(),
        format!("{length}a"),
        format!("{length}.0"),
        format!("{length} 0"),
        format!("0 {length}"),
        format!("0x{length:x}"),
        format!("{length}e0"),
        format!("\"{length}\""),
        format!("{length};"),
        format!("{length}\x0b"),
        format!("\x0c{length}"),
        "1_0".to_owned(),
        String::new(),
        "18446744073709551616".to_owned(),
        "99999999999999999999999999".to_owned(),
        "\u{ff11}".to_owned(),
    ] {
        target.refuses(Target::post(&format!("Content-Length: {value}\r\n"), hidden), REFUSED);
    }
    // Blanks and noughts around a number are no part of it, or they are refused.
    for value in [format!("  {length}  "), format!("\t{length}\t"), format!("000{length}")] {
        target.refuses(Target::post(&format!("Content-Length: {value}\r\n"), hidden), &[200, 400]);
    }
}

#[test]
fn a_transfer_encoding_that_is_not_just_chunked_is_refused() {
    let target = Target::new();
    let chunked = format!("0\r\n\r\n{}", target.hidden);
    for line in [
        "Transfer-Encoding : chunked",
        " Transfer-Encoding: chunked",
        "Transfer-Encoding\t: chunked",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunkedx",
        "Transfer-Encoding: x chunked",
        "Transfer-Encoding: chunked x",
        "Transfer-Encoding: chunked;q=1",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: chunked, chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: gzip",
        "Transfer-Encoding: \"chunked\"",
        "Transfer-Encoding: 'chunked'",
        "Transfer-Encoding:\x0bchunked",
        "Transfer-Encoding: \x0cchunked",
        "Transfer-Encoding: chunked\x0b",
        "Transfer-Encoding: chun\u{212a}ed",
        "Transfer-Encoding: \0chunked",
        "Transfer-Encoding:",
        "Transfer-Encoding:\r\n chunked",
        "X: y\rTransfer-Encoding: chunked",
        "X: y\r\n\tTransfer-Encoding: chunked",
        "\0Transfer-Encoding: chunked",
        "Transfer\u{2d}Encoding\u{a0}: chunked",
    ] {
        for length in [String::new(), format!("Content-Length: {}\r\n", chunked.len())] {
            target.refuses(Target::post(&format!("{length}{line}\r\n"), &chunked), REFUSED);
            target.refuses(Target::post(&format!("{line}\r\n{length}"), &chunked), REFUSED);
        }
    }
}

#[test]
fn a_chunk_that_is_written_in_another_way_ends_the_connection() {
    let target = Target::new();
    let hidden = &target.hidden;
    let size = hidden.len();
    for body in [
        format!("+{size:x}\r\n{hidden}\r\n0\r\n\r\n"),
        format!("-{size:x}\r\n{hidden}\r\n0\r\n\r\n"),
        format!("0x{size:x}\r\n{hidden}\r\n0\r\n\r\n"),
        format!("g\r\n{hidden}\r\n0\r\n\r\n"),
        format!("\r\n{hidden}\r\n0\r\n\r\n"),
        format!("10000000000000000\r\n{hidden}\r\n0\r\n\r\n"),
        format!("ffffffffffffffff\r\n{hidden}\r\n0\r\n\r\n"),
        format!("f0000000000000000{size:x}\r\n{hidden}\r\n0\r\n\r\n"),
        format!("1\r\nxx{hidden}"),
        format!("1\r\nx{hidden}"),
        format!("1\r\nx\n0\r\n\r\n{hidden}"),
        format!("1\nx\n0\n\n{hidden}"),
        format!("0\n\n{hidden}"),
        format!("0\r\r{hidden}"),
        format!("0;\n\r\n{hidden}"),
    ] {
        let about = body.as_bytes().escape_ascii().to_string();
        let answers = target.talk(Target::post("Transfer-Encoding: chunked\r\n", &body));
        // A proxy may take a lone line feed for a line's end; then it must not be the service that does not.
        assert!(
            answers.iter().all(|answer| matches!(answer.status, 400 | 408) || answer.body == INFO),
            "{about}: {answers:?}"
        );
        assert!(!target.take_row(), "{about}: {answers:?}");
    }
}

#[test]
fn trailers_and_extensions_of_chunks_steer_nothing() {
    let target = Target::new();
    let steering = "json=core/info";
    let body = format!(
        "{:x};Content-Length=0\r\n{steering}\r\n0\r\nContent-Length: 5\r\nX-Forwarded-For: 6.6.6.6\r\nHost: evil\r\n\r\n",
        steering.len()
    );
    let answers = target.talk(Target::post("Transfer-Encoding: chunked\r\n", &body));
    assert!(answers.len() == 1 && matches!(answers[0].status, 200 | 400), "{answers:?}");
}

#[test]
fn a_body_that_nobody_reads_is_not_the_next_request() {
    let target = Target::new();
    let hidden = &target.hidden;
    let length = hidden.len();
    let chunked = format!("{length:x}\r\n{hidden}\r\n0\r\n\r\n");
    for line in [
        "GET /api/user/info/?insecure=cool",
        "HEAD /api/user/info/?insecure=cool",
        "OPTIONS /api/user/info/?insecure=cool",
        "PUT /api/user/info/?insecure=cool",
        "DELETE /x",
        "TRACE /x",
        "BREW /x",
        "GET /health/live",
        "GET /health/ready",
        "POST /health/live",
        "POST /nowhere",
        "POST /api/user/info/?insecure=cool",
    ] {
        for body in [
            format!("Content-Length: {length}\r\n\r\n{hidden}"),
            format!("Transfer-Encoding: chunked\r\n\r\n{chunked}"),
            format!("Content-Length: {length}\r\nExpect: 100-continue\r\n\r\n{hidden}"),
            format!("Content-Length: {length}\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n{hidden}"),
            format!("Content-Length: {length}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n{hidden}"),
        ] {
            let request = format!("{line} HTTP/1.1\r\nHost: x\r\n{body}");
            target.refuses(&request, &[200, 204, 400, 404, 405, 408, 417]);
        }
    }
}

#[test]
fn a_body_too_large_to_be_read_is_not_the_next_request() {
    let target = Target::new();
    let body = format!("{}{}", "x".repeat(9 * 1024 * 1024), target.hidden);
    target.refuses(Target::post(&format!("Content-Length: {}\r\n", body.len()), &body), &[413]);
    let chunked = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    target.refuses(Target::post("Transfer-Encoding: chunked\r\n", &chunked), &[413]);
}

#[test]
fn a_head_that_is_not_one_is_refused() {
    let target = Target::new();
    let hidden = &target.hidden;
    let path = "/api/user/info/?insecure=cool";
    let mut many = String::new();
    for number in 0..2000 {
        let _ = write!(many, "X-{number}: y\r\n");
    }
    for head in [
        // Lines
        format!("GET {path} HTTP/1.1\r\nHost: x\r\nX: y\r\r\n\r\n"),
        format!("GET {path} HTTP/1.1\rHost: x\r\r"),
        format!("GET {path} HTTP/1.1\r\nHost: x\r\nX: y\n z: w\r\n\r\n"),
        format!("GET {path} HTTP/1.1\r\nHost: x\r\n folded: y\r\n\r\n"),
        format!("GET {path} HTTP/1.1\r\n Host: x\r\n\r\n"),
        format!("GET {path} HTTP/1.1\r\nHost: x\r\nX: \0\r\n\r\n"),
        format!("GET {path} HTTP/1.1\r\nHost: x\r\nX\0: y\r\n\r\n"),
        format!("GET {path} HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n"),
        format!("GET {path} HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n"),
        format!("GET {path} HTTP/1.1\r\nHost: x\r\nX y: z\r\n\r\n"),
        format!("GET {path} HTTP/1.1\r\nHost: x\r\nX : z\r\n\r\n"),
        format!("GET {path} HTTP/1.1\r\nHost: x\r\nGr\u{fc}n: z\r\n\r\n"),
        format!("GET {path} HTTP/1.1\r\nHost: x\r\n{many}\r\n"),
        format!("GET {path} HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "y".repeat(1 << 20)),
        format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "y".repeat(1 << 20)),
        format!("{} {path} HTTP/1.1\r\nHost: x\r\n\r\n", "Y".repeat(1 << 20)),
        // The first line
        "GET /api/user/info/ ?insecure=cool HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(),
        "GET /api/user/info/?insecure=cool x HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(),
        format!("GET\t{path}\tHTTP/1.1\r\nHost: x\r\n\r\n"),
        format!("GET {path} HTTP/1.1 x\r\nHost: x\r\n\r\n"),
        format!("GET {path} HTTP/1.12\r\nHost: x\r\n\r\n"),
        format!("GET {path} HTTP/2.0\r\nHost: x\r\n\r\n"),
        format!("GET {path} http/1.1\r\nHost: x\r\n\r\n"),
        format!("GET {path} HTTPS/1.1\r\nHost: x\r\n\r\n"),
        format!("GET {path} ICY/1.1\r\nHost: x\r\n\r\n"),
        format!("G\0T {path} HTTP/1.1\r\nHost: x\r\n\r\n"),
        format!("G(T {path} HTTP/1.1\r\nHost: x\r\n\r\n"),
        format!(" GET {path} HTTP/1.1\r\nHost: x\r\n\r\n"),
        "GET /api/user/info/\0?insecure=cool HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(),
        "GET  HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(),
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
        "\x16\x03\x01\x02\x00\x01\x00\x01\u{fc}\x03\x03".to_owned(),
        // HTTP/0.9
        format!("GET {path}\r\n"),
        format!("GET {path}\r\n\r\n"),
    ] {
        target.refuses(format!("{head}{hidden}"), &[400, 431, 505]);
    }
    target.site.assert_alive("after all of it");
}

#[test]
fn the_forms_of_a_target_are_told_apart() {
    let target = Target::new();
    let answers = |line: &str| target.talk(format!("{line}\r\nHost: x\r\nConnection: close\r\n\r\n"));
    let whole = answers("GET http://elsewhere.example/api/user/info/?insecure=cool HTTP/1.1");
    assert_eq!((whole.len(), whole[0].body.as_str()), (1, INFO));
    for line in [
        "GET elsewhere.example:80 HTTP/1.1",
        "CONNECT elsewhere.example:443 HTTP/1.1",
        "GET * HTTP/1.1",
        "GET api/user/info/?insecure=cool HTTP/1.1",
        "GET ?json=user/info&insecure=cool HTTP/1.1",
        "GET \\api\\user\\info HTTP/1.1",
        "GET #/api/user/info/ HTTP/1.1",
        "GET @elsewhere.example/api/user/info/ HTTP/1.1",
        "GET file:///etc/passwd HTTP/1.1",
        "GET http:///etc/passwd HTTP/1.1",
        "GET http://[::1/api/user/info/ HTTP/1.1",
    ] {
        let answers = answers(line);
        assert!(answers.len() <= 1, "{line}: {answers:?}");
        assert!(answers.iter().all(|answer| matches!(answer.status, 400 | 404 | 405)), "{line}: {answers:?}");
    }
}

#[test]
fn connections_end_when_the_client_or_its_version_says_so() {
    let target = Target::new();
    for head in [
        "GET /api/user/info/?insecure=cool HTTP/1.0\r\n",
        "GET /api/user/info/?insecure=cool HTTP/1.1\r\nHost: x\r\nConnection: close\r\n",
        "GET /api/user/info/?insecure=cool HTTP/1.1\r\nHost: x\r\nConnection: x, CLOSE\r\n",
    ] {
        let answers = talk_on(target.site.app.address, format!("{head}\r\n"));
        assert_eq!((answers.len(), answers[0].body.as_str()), (1, INFO), "{head}");
        // RFC 9112, 9.6: what comes behind it is not processed.
        let answers = target.talk(format!("{head}\r\n{}", target.hidden));
        assert!(answers[1..].iter().all(|answer| answer.status == 400), "{head}: {answers:?}");
        assert!(!target.take_row(), "{head}: the hidden request ran");
    }
    // Pipelining as such is no attack: both run, in order.
    let both = format!("GET /api/user/info/?insecure=cool HTTP/1.1\r\nHost: x\r\n\r\n{}", target.hidden);
    let answers = target.talk(both);
    assert_eq!((answers.len(), answers[0].body.as_str()), (2, INFO));
    assert!(target.take_row());
}
