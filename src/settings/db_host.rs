//! `DB_HOST` as WordPress takes it apart: host, port, socket.
//!
//! Mirrors `wpdb::parse_db_host`, oddities included, held against 6.1, 6.8 and 7.1. Which of the parts is used
//! to connect is the store's business.

/// Bits of `MYSQL_CLIENT_FLAGS`, as PHP's `MYSQLI_CLIENT_*` constants number them.
pub mod client_flags {
    /// Compress the protocol.
    pub const COMPRESS: i64 = 32;
    /// Do not verify the server's certificate.
    pub const SSL_DONT_VERIFY_SERVER_CERT: i64 = 64;
    /// Use TLS.
    pub const SSL: i64 = 2048;
}

/// The parts of a `DB_HOST`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DbHost {
    /// The host without brackets; empty when there is none.
    pub host: String,
    /// The port, as large as it was written; `None` when there is none, or 0.
    pub port: Option<u64>,
    /// The path of the socket.
    pub socket: Option<String>,
    /// The host was read as an IPv6 address.
    pub is_ipv6: bool,
}

impl DbHost {
    /// Takes the constant apart. `None` for two colons or more around what is no IPv6 address: WordPress
    /// then hands the whole text to the client as a host name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (text, socket) = match text.find(":/").and_then(|at| text.split_at_checked(at)) {
            Some((before, socket)) => (before, socket.strip_prefix(':').map(str::to_owned)),
            None => (text, None),
        };
        let is_ipv6 = text.matches(':').count() > 1;
        let (host, port) = if is_ipv6 { ipv6(text)? } else { name(text) };
        // PHP's `empty` holds for "0" too, and its `(int)` stops at the greatest integer.
        let port = port.filter(|digits| *digits != "0").map(|digits| digits.parse().unwrap_or(u64::MAX >> 1));
        let host = if host == "0" { "" } else { host };
        Some(Self { host: host.to_owned(), port, socket, is_ipv6 })
    }
}

/// `^\[?([0-9a-fA-F:]+)(\]:(\d+))?`
fn ipv6(text: &str) -> Option<(&str, Option<&str>)> {
    let text = text.strip_prefix('[').unwrap_or(text);
    let (host, rest) = split_while(text, |c| c.is_ascii_hexdigit() || c == ':');
    (!host.is_empty()).then(|| (host, rest.strip_prefix("]:").and_then(digits)))
}

/// `^([^:/]*)(:(\d+))?`
fn name(text: &str) -> (&str, Option<&str>) {
    let (host, rest) = split_while(text, |c| c != ':' && c != '/');
    (host, rest.strip_prefix(':').and_then(digits))
}

fn digits(text: &str) -> Option<&str> {
    let (digits, _) = split_while(text, |c| c.is_ascii_digit());
    (!digits.is_empty()).then_some(digits)
}

fn split_while(text: &str, keep: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|c| !keep(c)).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (String, Option<u64>, Option<String>, bool) {
        let DbHost { host, port, socket, is_ipv6 } = DbHost::parse(text).expect("the text parses");
        (host, port, socket, is_ipv6)
    }

    fn expected(
        host: &str,
        port: Option<u64>,
        socket: Option<&str>,
        is_ipv6: bool,
    ) -> (String, Option<u64>, Option<String>, bool) {
        (host.to_owned(), port, socket.map(str::to_owned), is_ipv6)
    }

    #[test]
    fn a_name_may_have_a_port() {
        assert_eq!(parts("localhost"), expected("localhost", None, None, false));
        assert_eq!(parts("db.example:3307"), expected("db.example", Some(3307), None, false));
        assert_eq!(parts(""), expected("", None, None, false));
    }

    #[test]
    fn what_follows_the_digits_of_a_port_is_dropped() {
        assert_eq!(parts("db:33x"), expected("db", Some(33), None, false));
        assert_eq!(parts("db:x"), expected("db", None, None, false));
        assert_eq!(parts("db:0"), expected("db", None, None, false));
    }

    #[test]
    fn a_socket_stands_behind_a_colon_and_starts_with_a_slash() {
        assert_eq!(parts("localhost:/run/s.sock"), expected("localhost", None, Some("/run/s.sock"), false));
        assert_eq!(parts(":/run/s"), expected("", None, Some("/run/s"), false));
        assert_eq!(parts("db:3306:/run/s"), expected("db", Some(3306), Some("/run/s"), false));
    }

    #[test]
    fn a_path_alone_is_neither_host_nor_socket() {
        assert_eq!(parts("/run/s"), expected("", None, None, false));
    }

    #[test]
    fn two_colons_make_an_ipv6_address() {
        assert_eq!(parts("::1"), expected("::1", None, None, true));
        assert_eq!(parts("[::1]:3306"), expected("::1", Some(3306), None, true));
        assert_eq!(parts("[::1]:3306:/run/s"), expected("::1", Some(3306), Some("/run/s"), true));
        assert_eq!(parts("[2001:DB8::5]"), expected("2001:DB8::5", None, None, true));
    }

    #[test]
    fn the_prefix_for_persistent_connections_is_taken_for_a_host() {
        assert_eq!(parts("p:localhost"), expected("p", None, None, false));
    }

    #[test]
    fn two_colons_around_no_address_are_refused() {
        assert_eq!(DbHost::parse("host:3306:x"), None);
        assert_eq!(DbHost::parse("x::"), None);
    }

    #[test]
    fn a_port_beyond_all_numbers_stays_a_great_one() {
        assert_eq!(
            parts("db:99999999999999999999"),
            expected("db", Some(9_223_372_036_854_775_807), None, false)
        );
    }
}
