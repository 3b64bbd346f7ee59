//! A `.http` file, as JetBrains' editors and VS Code's REST Client send it.

use std::fmt::Write as _;

use super::sent;
use crate::http::endpoints::ENDPOINTS;
use crate::http::routes::Place;

/// The file.
#[must_use]
pub fn http_file(place: Place<'_>) -> String {
    let mut text = format!(
        "# Made by `wp-sidecar openapi --format http`. Log in, then put the cookie into\n\
         # @cookie; for register put what get_nonce answers into @nonce.\n\
         @site = {}\n@username = anna\n@password = demo-anna-1\n@cookie =\n@nonce =\n",
        place.home
    );
    for endpoint in ENDPOINTS {
        let form = serde_urlencoded::to_string(sent(endpoint)).unwrap_or_default();
        // The braces of variables are not the form's.
        let form = form.replace("%7B%7B", "{{").replace("%7D%7D", "}}");
        let path = place.path_of(endpoint.controller, endpoint.method);
        // Writing to a text does not fail.
        let _ = write!(text, "\n### {}: {}\n", endpoint.component(), endpoint.reference.summary);
        let _ = if endpoint.prefers_post() {
            let kind = "Content-Type: application/x-www-form-urlencoded";
            writeln!(text, "POST {{{{site}}}}{path}\n{kind}\n\n{form}")
        } else {
            let separator = match (form.as_str(), path.contains('?')) {
                ("", _) => "",
                (_, true) => "&",
                (_, false) => "?",
            };
            writeln!(text, "GET {{{{site}}}}{path}{separator}{form}")
        };
    }
    text
}
