//! Multipart bodies: the first line of the input is the value of `Content-Type`, the rest is the body.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wp_sidecar::http::params::{Body, Param, Params};
use wp_sidecar_fuzz::parameters::{parse, variables};

fuzz_target!(|bytes: &[u8]| {
    let mut halves = bytes.splitn(2, |&byte| byte == b'\n');
    let content_type = halves.next().unwrap_or_default();
    let bytes = halves.next().unwrap_or_default();
    let _ = parse(b"", Body::Multipart { content_type, bytes });

    // The same body with a boundary that is known here.
    let boundary = b"--B";
    let body = Body::Multipart { content_type: b"multipart/form-data; boundary=B", bytes };
    let Ok(params) = parse(b"", body) else { return };
    let boundaries = bytes.windows(boundary.len()).filter(|window| window == boundary).count();
    let mut values = 0;
    for (_, param) in params.iter() {
        each_text(param, &mut |text| {
            values += 1;
            assert!(occurs(bytes, text), "a value that was not sent");
            assert!(!occurs(text, b"\n--B"), "a value with a boundary inside");
        });
    }
    assert!(values <= boundaries);

    if let Some(variables) = variables(&params).filter(|variables| variables.iter().all(fits_in_a_line)) {
        let again = written(&variables);
        let body = Body::Multipart { content_type: b"multipart/form-data; boundary=\"B\"", bytes: &again };
        let again = Params::parse(b"", body).expect("no more than before");
        assert!(again.iter().eq(params.iter()));
    }
});

fn each_text(param: &Param, see: &mut impl FnMut(&[u8])) {
    match param {
        Param::Text(text) => see(text),
        Param::Array(elements) => elements.iter().for_each(|(_, param)| each_text(param, see)),
    }
}

fn occurs(text: &[u8], part: &[u8]) -> bool {
    part.is_empty() || text.windows(part.len()).any(|window| window == part)
}

/// PHP reads longer header lines in pieces.
fn fits_in_a_line((name, _): &(Vec<u8>, Vec<u8>)) -> bool {
    name.len() < 2000
}

/// The body that a client would send.
fn written(variables: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in variables {
        body.extend_from_slice(b"--B\r\nContent-Disposition: form-data; name=\"");
        for &byte in name {
            if matches!(byte, b'"' | b'\\') {
                body.push(b'\\');
            }
            body.push(byte);
        }
        body.extend_from_slice(b"\"\r\n\r\n");
        body.extend_from_slice(value);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--B--\r\n");
    body
}
