//! BuddyPress, its components and their tables.

use super::finding::Finding;
use crate::account::site::Site;
use crate::store::Db;

const NAME: &str = "buddypress";

pub fn components(site: &Site, tables: &[String], db: &Db) -> Finding {
    let profiles = db.tables().names().xprofile_fields.as_str();
    let has_tables = tables.iter().any(|table| table.eq_ignore_ascii_case(profiles));
    if !site.buddypress {
        let rest = if has_tables { ", although it has been: its tables are there" } else { "" };
        return Finding::ok(NAME, format!("not active{rest}; xprofile and get_avatar are refused"));
    }
    let components = match site.components.as_slice() {
        [] => "without any component".to_owned(),
        components => format!("with {}", components.join(", ")),
    };
    if site.has_component("xprofile") {
        Finding::ok(NAME, format!("active, {components}"))
    } else {
        Finding::warning(
            NAME,
            format!("active, {components}, but without xprofile: xprofile and xprofile_update are refused"),
            "switch extended profiles on in Settings > BuddyPress, if apps use them",
        )
    }
}
