//! What the statements of this room need of the database's account, table by table.
//!
//! `tests/commands` holds the list to the statements themselves, and lets the service run with nothing more.

use super::Tables;

/// What may be done with a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Privilege {
    /// `SELECT`
    Select,
    /// `INSERT`
    Insert,
    /// `UPDATE`
    Update,
    /// `DELETE`
    Delete,
}

use Privilege::{Delete, Insert, Select, Update};

impl Privilege {
    /// As SQL writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Select => "SELECT",
            Self::Insert => "INSERT",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
        }
    }
}

/// On which sites a table is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// All.
    Always,
    /// Those in a network.
    Network,
    /// Those with BuddyPress.
    BuddyPress,
    /// Those with this component of BuddyPress.
    Component(&'static str),
}

/// A table by the name that statements give it.
pub type TableUse = (&'static str, Use, &'static [Privilege]);

/// All tables.
pub const USES: &[TableUse] = &[
    ("users", Use::Always, &[Select, Insert, Update]),
    ("usermeta", Use::Always, &[Select, Insert, Update, Delete]),
    ("options", Use::Always, &[Select, Insert, Update, Delete]),
    ("posts", Use::Always, &[Select, Update]),
    ("postmeta", Use::Always, &[Select]),
    ("comments", Use::Always, &[Select, Insert]),
    ("sitemeta", Use::Network, &[Select, Insert, Update]),
    ("signups", Use::BuddyPress, &[Select]),
    ("xprofile_fields", Use::Component("xprofile"), &[Select]),
    ("xprofile_data", Use::Component("xprofile"), &[Select, Insert, Update, Delete]),
    ("xprofile_meta", Use::Component("xprofile"), &[Select]),
    ("friends", Use::Component("friends"), &[Select]),
];

/// A table of the site and what is done with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// Its full name.
    pub table: String,
    /// In the order in which SQL names them.
    pub privileges: &'static [Privilege],
}

/// Which tables a site uses.
#[derive(Clone, Copy, Debug)]
pub struct SiteParts<'a> {
    /// It is in a network.
    pub network: bool,
    /// BuddyPress is active.
    pub buddypress: bool,
    /// BuddyPress's active components.
    pub components: &'a [String],
}

impl Tables {
    /// What is needed on such a site.
    #[must_use]
    pub fn needs(&self, parts: SiteParts<'_>) -> Vec<Need> {
        let is_used = |when: Use| match when {
            Use::Always => true,
            Use::Network => parts.network,
            Use::BuddyPress => parts.buddypress,
            Use::Component(name) => parts.components.iter().any(|found| found == name),
        };
        let tables = USES.iter().filter(|(_, when, _)| is_used(*when));
        tables
            .filter_map(|(name, _, privileges)| {
                Some(Need { table: self.name(name)?.as_str().to_owned(), privileges })
            })
            .collect()
    }
}

/// Statements that make an account which may do what is needed and nothing else.
#[must_use]
pub fn minimal_account(database: &str, host: &str, needs: &[Need]) -> Vec<String> {
    let account = format!("'wp_sidecar'@'{}'", host.replace(['\\', '\''], ""));
    let quoted = |name: &str| format!("`{}`", name.replace('`', "``"));
    let grant = |need: &Need| {
        let privileges: Vec<&str> = need.privileges.iter().map(|privilege| privilege.name()).collect();
        // In a grant on a table neither _ nor % of the database's name is a wildcard.
        let place = format!("{}.{}", quoted(database), quoted(&need.table));
        format!("GRANT {} ON {place} TO {account};", privileges.join(", "))
    };
    let create = format!("CREATE USER {account} IDENTIFIED BY 'a password of your own';");
    std::iter::once(create).chain(needs.iter().map(grant)).collect()
}
