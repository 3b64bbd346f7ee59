//! Where a site and its interface lie, and the configurations of `packaging` written for that place as
//! `docs/web-servers.md` tells an owner to.

use std::fs;
use std::net::SocketAddr;

use crate::app::project;

/// Folder and base.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Empty, or as in `/blog`.
    pub folder: &'static str,
    /// `api` where the owner has not chosen another.
    pub base: &'static str,
}

/// As most sites are.
pub const ROOT: Place = Place { folder: "", base: "api" };

/// All that can be chosen is.
pub const BLOG: Place = Place { folder: "/blog", base: "mobile/v1" };

impl Place {
    /// A target of the table, written for a site at the root with the base `api`.
    pub fn target(self, written: &str) -> String {
        let here = written.strip_prefix('=').map_or_else(
            || format!("{}{}", self.folder, written.replacen("/api", &format!("/{}", self.base), 1)),
            str::to_owned,
        );
        here.replace("{folder}", self.folder).replace("{base}", self.base)
    }

    /// Both parts of nginx's configuration.
    pub fn nginx(self, service: SocketAddr) -> (String, String) {
        let http = packaged("nginx/wp-sidecar-http.conf");
        let http = edited(&http, "server 127.0.0.1:8080;", &format!("server {service};"));
        let http = edited(&http, "/+api(?<", &format!("/+{}(?<", self.base));
        let http = edited(&http, "\"~^(?:/+index", &format!("\"~^{}(?:/+index", self.in_front()));
        (http, packaged("nginx/wp-sidecar-site.conf"))
    }

    /// Apache's configuration.
    pub fn apache(self, service: SocketAddr) -> String {
        let text = packaged("apache/wp-sidecar.conf");
        let text = edited(&text, "BASE \"api\"", &format!("BASE \"{}\"", self.base));
        let folder = if self.folder.is_empty() { "/*".to_owned() } else { self.in_front() };
        let text = edited(&text, "FOLDER \"/*\"", &format!("FOLDER \"{folder}\""));
        edited(&text, "http://127.0.0.1:8080", &format!("http://{service}"))
    }

    /// The variables of Caddy's environment.
    pub fn caddy(self, service: SocketAddr) -> [(&'static str, String); 3] {
        [
            ("WP_SIDECAR_BASE", self.base.to_owned()),
            ("WP_SIDECAR_FOLDER", self.in_front()),
            ("WP_SIDECAR_AT", service.to_string()),
        ]
    }

    fn in_front(self) -> String {
        self.folder.replace('/', "/+")
    }
}

/// A file of `packaging`.
pub fn packaged(file: &str) -> String {
    let path = project("packaging").join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[track_caller]
fn edited(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from} is not in:\n{text}");
    text.replace(from, to)
}
