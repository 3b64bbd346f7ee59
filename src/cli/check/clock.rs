//! Whether the service and the database agree what time it is.

use super::finding::Finding;

/// What the way to the server and whole seconds explain.
const ALLOWED: i64 = 5;

/// From here on cookies and keys of one side are over for the other, or not valid yet.
const TOO_MUCH: i64 = 300;

/// The database's clock, which is often that of the site's PHP.
pub fn difference(database: i64, service: i64) -> Finding {
    compare("clock", "the database's clock", database, service)
}

/// The clock of the web server, from the header `Date`.
pub fn of_site(site: i64, service: i64) -> Finding {
    compare("site-clock", "the site's clock", site, service)
}

fn compare(name: &'static str, whose: &str, other: i64, service: i64) -> Finding {
    let seconds = other.saturating_sub(service);
    let side = if seconds > 0 { "ahead of" } else { "behind" };
    let text = format!("{whose} is {} seconds {side} the service's", seconds.unsigned_abs());
    let advice = "set both by NTP: sessions and keys end by the clock of whoever looks at them";
    match seconds.unsigned_abs() {
        difference if difference <= ALLOWED.unsigned_abs() => {
            Finding::ok(name, format!("{whose} and the service's agree"))
        }
        difference if difference < TOO_MUCH.unsigned_abs() => Finding::warning(name, text, advice),
        _ => Finding::failed(name, text, advice),
    }
}
