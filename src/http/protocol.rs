//! Parameters that belong to the protocol, whatever the method: never stored and never echoed (D7).

const NAMES: [&str; 16] = [
    "callback",
    "controller",
    "cookie",
    "custom_fields",
    "data_format",
    "dev",
    "exclude",
    "include",
    "insecure",
    "json",
    "json_encode_options",
    "json_unescaped_unicode",
    "jwt",
    "key",
    "method",
    "nonce",
];

/// True for one of the names, and for all that begin with `redirect`.
#[must_use]
pub fn is_parameter(name: &[u8]) -> bool {
    name.starts_with(b"redirect") || NAMES.iter().any(|known| known.as_bytes() == name)
}
