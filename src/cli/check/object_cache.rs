//! A persistent object cache of the site, which does not see what others write to the tables.

use std::io::Read as _;
use std::path::PathBuf;

use super::finding::Finding;
use crate::settings::Wordpress;

const NAME: &str = "object-cache";

/// As much of the file as tells whose it is.
const HEAD: u64 = 8192;

/// What is found in a drop-in, and what it is; the first that fits.
const KNOWN: &[(&str, &str)] = &[
    ("object cache pro", "Object Cache Pro"),
    ("litespeed", "LiteSpeed Cache"),
    ("w3 total cache", "W3 Total Cache"),
    ("sqlite", "SQLite Object Cache"),
    ("redis", "Redis"),
    ("memcache", "Memcached"),
    ("apcu", "APCu"),
];

pub fn drop_in(wordpress: &Wordpress) -> Finding {
    let folder = match (&wordpress.path, &wordpress.uploads) {
        (Some(path), Some(constants)) => {
            constants.content_dir.as_ref().map_or_else(|| path.join("wp-content"), PathBuf::from)
        }
        (path, _) => {
            let why =
                if path.is_none() { "wordpress.path is not set" } else { "WP_CONTENT_DIR cannot be told" };
            return Finding::warning(
                NAME,
                format!("not looked for: {why}"),
                "see whether the site has wp-content/object-cache.php; it would not see what this service writes",
            );
        }
    };
    let path = folder.join("object-cache.php");
    if !folder.is_dir() {
        let text = format!("not looked for: {} is no folder that can be read", folder.display());
        return Finding::warning(NAME, text, "let the service read it, or correct wordpress.path");
    }
    let mut head = Vec::new();
    match std::fs::File::open(&path) {
        Ok(file) => drop(file.take(HEAD).read_to_end(&mut head)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Finding::ok(NAME, format!("none: there is no {}", path.display()));
        }
        // It is there, whatever it says.
        Err(_) => {}
    }
    let head = String::from_utf8_lossy(&head).to_lowercase();
    let kind =
        KNOWN.iter().find(|(mark, _)| head.contains(mark)).map_or("of an unknown kind", |(_, kind)| kind);
    Finding::warning(
        NAME,
        format!(
            "{} keeps what WordPress reads ({kind}): WordPress does not see at once what this service writes, such \
             as sessions, meta and profiles, and may write back what it kept",
            path.display()
        ),
        "switch it off, or let it leave the groups users, userlogins, useremail, userslugs and user_meta alone (Redis \
         Object Cache: WP_REDIS_IGNORED_GROUPS)",
    )
}
