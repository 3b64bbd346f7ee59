//! What holds for the parameters of any request, and the way back: parameters as a form that gives them again.

use wp_sidecar::http::params::{Body, MAX_NESTING, MAX_VARIABLES, Param, ParamKey, Params, ParamsError};

use crate::memory::bounded;

/// Parses twice and checks everything that holds for any input.
pub fn parse(query: &[u8], body: Body<'_>) -> Result<Params, ParamsError> {
    let size = query.len() + sent(body).len();
    // A byte may open an array, whose table is the dearest: `a[][][]=`.
    let bound = 64 * 1024 + 512 * size;
    let parsed = bounded(bound, 4 * bound, || Params::parse(query, body));
    assert_eq!(parsed, Params::parse(query, body));
    if let Ok(params) = &parsed {
        bounds(params, size);
        agreement(params, query, body);
    }
    parsed
}

fn sent(body: Body<'_>) -> &[u8] {
    match body {
        Body::None => b"",
        Body::Urlencoded(bytes) | Body::Json(bytes) | Body::Multipart { bytes, .. } => bytes,
    }
}

/// What parameters amount to.
#[derive(Default)]
struct Amount {
    texts: usize,
    arrays: usize,
    bytes: usize,
    levels: usize,
}

impl Amount {
    fn add(&mut self, key: &ParamKey, param: &Param, level: usize) {
        self.bytes += key.as_name().map_or(0, <[u8]>::len);
        self.levels = self.levels.max(level);
        match param {
            Param::Text(text) => {
                self.texts += 1;
                self.bytes += text.len();
            }
            Param::Array(elements) => {
                self.arrays += 1;
                for (at, (key, param)) in elements.iter().enumerate() {
                    // Keys are all different; a few neighbours do, or long arrays would take their square.
                    assert!(elements[..at].iter().rev().take(8).all(|(other, _)| other != key));
                    self.add(key, param, level + 1);
                }
            }
        }
    }
}

fn bounds(params: &Params, size: usize) {
    let mut amount = Amount::default();
    for (key, param) in params.iter() {
        amount.add(key, param, 0);
    }
    // Query and body each have the limit.
    assert!(amount.texts <= 2 * MAX_VARIABLES);
    assert!(amount.arrays <= 2 * MAX_VARIABLES * MAX_NESTING);
    assert!(amount.levels <= MAX_NESTING);
    assert!(amount.bytes <= size, "{} bytes of {size}", amount.bytes);
}

/// All ways to a parameter give the same one, and a JSON body steers nothing.
fn agreement(params: &Params, query: &[u8], body: Body<'_>) {
    let alone = Params::parse(query, Body::None).expect("the query was read before");
    let is_form = matches!(body, Body::Urlencoded(_) | Body::Multipart { .. });
    let mut numbers = 0..;
    let mut names = Vec::new();
    for (key, param) in params.iter() {
        let ParamKey::Str(name) = key else {
            assert_eq!(key, &ParamKey::Int(numbers.next().expect("numbers go on")));
            continue;
        };
        names.push(name);
        let Ok(name) = std::str::from_utf8(name) else { continue };
        assert_eq!(params.get(name), Some(param));
        assert_eq!(params.text(name), param.as_text());
        assert_eq!(params.is_missing(name), param.is_falsy());
        assert!(params.whole_number(name).is_none() || param.as_text().is_some());
        assert_eq!(params.from_query(name), alone.get(name));
        if is_form {
            assert_eq!(params.from_form(name).or(params.from_query(name)), Some(param));
        } else {
            assert_eq!(params.from_form(name), None);
            assert_eq!(params.steering(name), alone.steering(name));
        }
        assert!(params.steering(name).is_none_or(|param| !param.is_falsy()));
    }
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "a name came twice");
}

/// The variables of parameters that came from a form: each name in brackets with its value. `None` where a form
/// cannot say it: an empty array, or more variables than one query may have.
#[must_use]
pub fn variables(params: &Params) -> Option<Vec<(Vec<u8>, Vec<u8>)>> {
    let mut found = Vec::new();
    for (key, param) in params.iter() {
        flatten(text_of(key), param, &mut found)?;
    }
    (found.len() <= MAX_VARIABLES).then_some(found)
}

fn flatten(name: Vec<u8>, param: &Param, found: &mut Vec<(Vec<u8>, Vec<u8>)>) -> Option<()> {
    match param {
        Param::Text(text) => found.push((name, text.clone())),
        Param::Array(elements) if elements.is_empty() => return None,
        Param::Array(elements) => {
            for (key, param) in elements {
                flatten([&name[..], b"[", &text_of(key), b"]"].concat(), param, found)?;
            }
        }
    }
    Some(())
}

fn text_of(key: &ParamKey) -> Vec<u8> {
    match key {
        ParamKey::Int(number) => number.to_string().into_bytes(),
        ParamKey::Str(name) => name.clone(),
    }
}
