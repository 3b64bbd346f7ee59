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
    /// The lines for the API page are taken out of their comments.
    pub page: bool,
}

/// As most sites are.
pub const ROOT: Place = Place { folder: "", base: "api", page: false };

/// All that can be chosen is.
pub const BLOG: Place = Place { folder: "/blog", base: "mobile/v1", page: false };

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
        let http = self.packaged("nginx/wp-sidecar-http.conf");
        let http = edited(&http, "server 127.0.0.1:8080;", &format!("server {service};"));
        let http = edited(&http, "/+api(?<", &format!("/+{}(?<", self.base));
        let http = edited(&http, "\"~^(?:/+index", &format!("\"~^{}(?:/+index", self.in_front()));
        (http, self.packaged("nginx/wp-sidecar-site.conf"))
    }

    /// Apache's configuration.
    pub fn apache(self, service: SocketAddr) -> String {
        let text = self.packaged("apache/wp-sidecar.conf");
        let text = edited(&text, "BASE \"api\"", &format!("BASE \"{}\"", self.base));
        let folder = if self.folder.is_empty() { "/*".to_owned() } else { self.in_front() };
        let text = edited(&text, "FOLDER \"/*\"", &format!("FOLDER \"{folder}\""));
        edited(&text, "http://127.0.0.1:8080", &format!("http://{service}"))
    }

    /// Caddy's configuration, and the variables of its environment.
    pub fn caddy(self, service: SocketAddr) -> (String, [(&'static str, String); 3]) {
        let variables = [
            ("WP_SIDECAR_BASE", self.base.to_owned()),
            ("WP_SIDECAR_FOLDER", self.in_front()),
            ("WP_SIDECAR_AT", service.to_string()),
        ];
        (self.packaged("caddy/wp-sidecar.caddy"), variables)
    }

    fn packaged(self, file: &str) -> String {
        let path = project("packaging").join(file);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        if self.page { switched_on(&text) } else { text }
    }

    fn in_front(self) -> String {
        self.folder.replace('/', "/+")
    }
}

#[track_caller]
fn edited(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from} is not in:\n{text}");
    text.replace(from, to)
}

/// With the lines that are switched off; what is a comment for people has a blank behind its mark.
fn switched_on(text: &str) -> String {
    let line = |line: &str| match line.strip_prefix('#') {
        Some(rest) if !rest.is_empty() && !rest.starts_with(' ') => format!("{rest}\n"),
        _ => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}
