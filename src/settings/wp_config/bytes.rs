//! What PHP's string functions do to bytes.
//!
//! Which function takes which arguments is in `library.rs`.

pub(super) fn trim_start(text: &[u8], mask: &[u8]) -> Vec<u8> {
    let mask = table(mask);
    text.iter().skip_while(|byte| is_in(&mask, **byte)).copied().collect()
}

pub(super) fn trim_end(text: &[u8], mask: &[u8]) -> Vec<u8> {
    let mask = table(mask);
    let end = text.iter().rposition(|byte| !is_in(&mask, *byte)).map_or(0, |last| last + 1);
    text.get(..end).unwrap_or_default().to_vec()
}

/// Which bytes are among these: text and mask may both be long.
fn table(bytes: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    for byte in bytes {
        if let Some(place) = table.get_mut(usize::from(*byte)) {
            *place = true;
        }
    }
    table
}

fn is_in(table: &[bool; 256], byte: u8) -> bool {
    table.get(usize::from(byte)).is_some_and(|place| *place)
}

pub(super) fn find_bytes(text: &[u8], needle: &[u8]) -> Option<usize> {
    if needle.is_empty() {
        return Some(0);
    }
    text.windows(needle.len()).position(|window| window == needle)
}

pub(super) fn substring(text: &[u8], start: i64, length: Option<i64>) -> Option<Vec<u8>> {
    let size = i64::try_from(text.len()).ok()?;
    let start = if start < 0 { start.checked_add(size)?.max(0) } else { start.min(size) };
    let end = match length {
        None => size,
        Some(length) if length < 0 => size.checked_add(length)?,
        Some(length) => start.saturating_add(length).min(size),
    };
    let (start, end) = (usize::try_from(start).ok()?, usize::try_from(end.max(start)).ok()?);
    text.get(start..end).map(<[u8]>::to_vec)
}

pub(super) fn replace(text: &[u8], search: &[u8], by: &[u8]) -> Option<Vec<u8>> {
    if search.is_empty() {
        return Some(text.to_vec());
    }
    let mut result = Vec::new();
    let mut rest = text;
    while let Some(at) = find_bytes(rest, search) {
        result.extend_from_slice(rest.get(..at)?);
        result.extend_from_slice(by);
        rest = rest.get(at + search.len()..)?;
        if result.len() > super::evaluator::MAX_WEIGHT {
            return None;
        }
    }
    result.extend_from_slice(rest);
    Some(result)
}

pub(super) fn addslashes(text: &[u8]) -> Vec<u8> {
    let mut result = Vec::new();
    for &byte in text {
        match byte {
            0 => result.extend_from_slice(b"\\0"),
            b'\'' | b'"' | b'\\' => result.extend([b'\\', byte]),
            _ => result.push(byte),
        }
    }
    result
}

/// PHP's lenient decoding for text that is plain base64; anything odd is not supported.
pub(super) fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let text = trim_end(text, b"\r\n ");
    let body = trim_end(&text, b"=");
    if !text.len().is_multiple_of(4) || text.len() - body.len() > 2 || body.len() % 4 == 1 {
        return None;
    }
    let mut result = Vec::new();
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in body {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(six)) & 0xffff;
        held += 6;
        if held >= 8 {
            held -= 8;
            result.push(u8::try_from(bits >> held & 0xff).ok()?);
        }
    }
    Some(result)
}

/// The folder a path names, by its text alone.
pub(super) fn dirname(path: &[u8]) -> Vec<u8> {
    let body = trim_end(path, b"/");
    if body.is_empty() {
        return if path.is_empty() { Vec::new() } else { b"/".to_vec() };
    }
    let Some(slash) = body.iter().rposition(|byte| *byte == b'/') else {
        return b".".to_vec();
    };
    let folder = trim_end(body.get(..slash).unwrap_or_default(), b"/");
    if folder.is_empty() { b"/".to_vec() } else { folder }
}
