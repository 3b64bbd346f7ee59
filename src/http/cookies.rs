//! `Cookie` headers as PHP reads them into `$_COOKIE`. Only nonces look at it.

use actix_web::http::header::HeaderValue;
use percent_encoding::percent_decode;

/// The value of a cookie: the first of its name, percent-decoded, `+` left as it is.
#[must_use]
pub fn find(headers: &[HeaderValue], name: &str) -> Option<Vec<u8>> {
    headers.iter().flat_map(|header| header.as_bytes().split(|byte| *byte == b';')).find_map(|pair| {
        let mut parts = pair.trim_ascii_start().splitn(2, |byte| *byte == b'=');
        let found: Vec<u8> = percent_decode(parts.next()?).collect();
        let value = parts.next()?;
        (found == name.as_bytes()).then(|| percent_decode(value).collect())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_read_as_php_reads_it() {
        let headers = [HeaderValue::from_static("b=\"q\"; a=x+y%20z%7C; a=second")];
        assert_eq!(find(&headers, "a").unwrap(), b"x+y z|");
        assert_eq!(find(&headers, "b").unwrap(), b"\"q\"");
        assert_eq!(find(&headers, "c"), None);
    }
}
