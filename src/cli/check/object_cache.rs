//! A persistent object cache of the site, which does not see what others write to the tables.

use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

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
    let kind = match std::fs::metadata(&path) {
        Ok(found) if found.is_file() => kind(&path),
        // WordPress asks no more than whether it is there. Who opens a pipe waits for ever.
        Ok(_) => "no plain file",
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Finding::ok(NAME, format!("none: there is no {}", path.display()));
        }
        Err(error) => {
            let text = format!("not looked for: {}: {error}", path.display());
            return Finding::warning(NAME, text, "let the service look into that folder");
        }
    };
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

/// It is there; what it is, its first lines tell, where they can be read.
fn kind(path: &Path) -> &'static str {
    let mut head = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(HEAD).read_to_end(&mut head));
    if read.is_err() {
        return "of an unknown kind: the service may not read it";
    }
    let head = String::from_utf8_lossy(&head).to_lowercase();
    KNOWN.iter().find(|(mark, _)| head.contains(mark)).map_or("of an unknown kind", |(_, kind)| kind)
}
