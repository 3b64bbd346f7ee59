//! Which reader a body gets: the choice PHP makes from method and `Content-Type`, with JSON added.
//!
//! The readers themselves are next door; limits on the size of a body belong to the server.

use super::table::Table;
use super::{ParamsError, json, multipart, urlencoded};

/// A complete request body with what is needed to read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body<'a> {
    /// No body that gives parameters.
    None,
    /// `application/x-www-form-urlencoded`.
    Urlencoded(&'a [u8]),
    /// `multipart/form-data`.
    Multipart {
        /// The whole value of the `Content-Type` header, boundary included.
        content_type: &'a [u8],
        /// The body.
        bytes: &'a [u8],
    },
    /// `application/json`, which PHP would leave unread.
    Json(&'a [u8]),
}

impl<'a> Body<'a> {
    /// Picks the reader as PHP's `sapi_read_post_data` does: only for POST, by the type before the first
    /// `;`, `,` or blank, in any letter case. Other types and a missing type give no parameters.
    #[must_use]
    pub fn pick(method: &str, content_type: Option<&'a [u8]>, bytes: &'a [u8]) -> Self {
        let Some(content_type) = content_type.filter(|_| method == "POST") else {
            return Self::None;
        };
        let name = content_type.split(|byte| b";, ".contains(byte)).next().unwrap_or_default();
        match name.to_ascii_lowercase().as_slice() {
            b"application/x-www-form-urlencoded" => Self::Urlencoded(bytes),
            b"multipart/form-data" => Self::Multipart { content_type, bytes },
            b"application/json" => Self::Json(bytes),
            _ => Self::None,
        }
    }

    pub(super) fn read(self) -> Result<Table, ParamsError> {
        match self {
            Self::None => Ok(Table::new()),
            Self::Urlencoded(bytes) => urlencoded::read_body(bytes),
            Self::Multipart { content_type, bytes } => multipart::read(content_type, bytes),
            Self::Json(bytes) => json::read(bytes),
        }
    }
}
