//! Table names, and the one place where a name is put into SQL text.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use sqlx::AssertSqlSafe;

use super::collation::Collation;
use crate::settings::Wordpress;
use crate::wp::table_prefix::TablePrefix;

/// The names of the tables that the service uses.
#[derive(Clone, Debug)]
pub struct Tables {
    names: TableNames,
    charset: TablePrefix,
    made: Arc<RwLock<HashMap<Parts, Arc<str>>>>,
}

/// What a statement is made of: where its parts lie in the program, and the length of its list.
type Parts = ([(usize, usize); MOST_PARTS], usize);

/// Statements of more parts, or with longer lists, are made anew each time.
const MOST_PARTS: usize = 12;
const LONGEST_LIST: usize = 16;

/// Full table names, each made of `[A-Za-z0-9_]` only.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub struct TableNames {
    pub users: TablePrefix,
    pub usermeta: TablePrefix,
    pub options: TablePrefix,
    pub sitemeta: TablePrefix,
    pub signups: TablePrefix,
    pub posts: TablePrefix,
    pub postmeta: TablePrefix,
    pub comments: TablePrefix,
    pub xprofile_fields: TablePrefix,
    pub xprofile_data: TablePrefix,
    pub xprofile_meta: TablePrefix,
    pub friends: TablePrefix,
    /// The prefix of the served site's own tables and of its capabilities key: `wp_`, or `wp_2_` in a network.
    pub blog_prefix: TablePrefix,
}

impl Tables {
    /// The tables of that site, read over a connection of that charset.
    #[must_use]
    pub fn of(wordpress: &Wordpress, charset: &str) -> Self {
        let base = &wordpress.table_prefix;
        let blog = match wordpress.network {
            Some(network) if network.blog_id > 1 => base.with(&format!("{}_", network.blog_id)),
            _ => base.clone(),
        };
        let names = TableNames {
            users: wordpress.user_table.clone().unwrap_or_else(|| base.with("users")),
            usermeta: wordpress.user_meta_table.clone().unwrap_or_else(|| base.with("usermeta")),
            options: blog.with("options"),
            sitemeta: base.with("sitemeta"),
            signups: base.with("signups"),
            posts: blog.with("posts"),
            postmeta: blog.with("postmeta"),
            comments: blog.with("comments"),
            xprofile_fields: base.with("bp_xprofile_fields"),
            xprofile_data: base.with("bp_xprofile_data"),
            xprofile_meta: base.with("bp_xprofile_meta"),
            friends: base.with("bp_friends"),
            blog_prefix: blog,
        };
        let charset = TablePrefix::parse(charset).unwrap_or_else(TablePrefix::utf8mb4);
        Self { names, charset, made: Arc::default() }
    }

    /// All names.
    #[must_use]
    pub fn names(&self) -> &TableNames {
        &self.names
    }

    /// Puts the names where the statement says `{users}`, `{options}` …; everything else stays as written.
    pub(super) fn sql(&self, statement: &'static str) -> AssertSqlSafe<Arc<str>> {
        self.sql_of(&[statement], 0)
    }

    /// The same for a statement in parts, with `{list}` standing for `count` placeholders.
    pub(super) fn sql_of(&self, parts: &[&'static str], count: usize) -> AssertSqlSafe<Arc<str>> {
        let Some(key) = key(parts, count) else {
            return self.sql_weighing(parts, count, None);
        };
        if let Some(made) = self.made.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return AssertSqlSafe(Arc::clone(made));
        }
        let sql = self.sql_weighing(parts, count, None);
        self.made.write().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::clone(&sql.0));
        sql
    }

    /// The same with `{charset_1}`, `{collation_1}`, `{charset_2}` and `{collation_2}` for two collations.
    pub(super) fn sql_weighing(
        &self,
        parts: &[&'static str],
        count: usize,
        collations: Option<&[Collation; 2]>,
    ) -> AssertSqlSafe<Arc<str>> {
        let mut sql = String::with_capacity(parts.iter().map(|part| part.len()).sum::<usize>() + 64);
        for part in parts {
            self.expand(part, count, collations, &mut sql);
        }
        AssertSqlSafe(sql.into())
    }

    /// The charset of the connection.
    #[must_use]
    pub fn connection_charset(&self) -> &str {
        self.charset.as_str()
    }

    fn expand(
        &self,
        part: &'static str,
        count: usize,
        collations: Option<&[Collation; 2]>,
        sql: &mut String,
    ) {
        let names = &self.names;
        let mut rest = part;
        while let Some((before, after)) = rest.split_once('{') {
            sql.push_str(before);
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            sql.push_str(match name {
                "users" => names.users.as_str(),
                "usermeta" => names.usermeta.as_str(),
                "options" => names.options.as_str(),
                "sitemeta" => names.sitemeta.as_str(),
                "signups" => names.signups.as_str(),
                "posts" => names.posts.as_str(),
                "postmeta" => names.postmeta.as_str(),
                "comments" => names.comments.as_str(),
                "xprofile_fields" => names.xprofile_fields.as_str(),
                "xprofile_data" => names.xprofile_data.as_str(),
                "xprofile_meta" => names.xprofile_meta.as_str(),
                "friends" => names.friends.as_str(),
                "charset" => self.charset.as_str(),
                "charset_1" => collations.map_or("", |[first, _]| first.charset()),
                "collation_1" => collations.map_or("", |[first, _]| first.name()),
                "charset_2" => collations.map_or("", |[_, second]| second.charset()),
                "collation_2" => collations.map_or("", |[_, second]| second.name()),
                _ => "",
            });
            if name == "list" {
                // No item: nothing equals NULL.
                sql.push_str(if count == 0 { "NULL" } else { "" });
                for index in 0..count {
                    sql.push_str(if index == 0 { "?" } else { ", ?" });
                }
            }
            rest = after;
        }
        sql.push_str(rest);
    }
}

/// The parts are constants, so their places tell them apart.
fn key(parts: &[&'static str], count: usize) -> Option<Parts> {
    let mut places = [(0, 0); MOST_PARTS];
    if parts.len() > MOST_PARTS || count > LONGEST_LIST {
        return None;
    }
    for (place, part) in places.iter_mut().zip(parts) {
        *place = (part.as_ptr().addr(), part.len());
    }
    Some((places, count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Network;

    #[test]
    fn statements_get_the_sites_own_table_names() {
        let tables = Tables::of(
            &Wordpress {
                table_prefix: TablePrefix::parse("x_").unwrap(),
                user_table: TablePrefix::parse("shared_users"),
                ..Wordpress::default()
            },
            "utf8mb4",
        );
        let sql = tables.sql("SELECT 1 FROM {users} u, {usermeta} m WHERE u.ID = ?").0;
        assert_eq!(&*sql, "SELECT 1 FROM shared_users u, x_usermeta m WHERE u.ID = ?");
    }

    #[test]
    fn a_list_gets_as_many_placeholders_as_it_has_items() {
        let tables = Tables::of(&Wordpress::default(), "utf8mb4");
        assert_eq!(&*tables.sql_of(&["x IN ({list})", " AND y = ?"], 3).0, "x IN (?, ?, ?) AND y = ?");
        assert_eq!(&*tables.sql_of(&["x IN ({list})"], 0).0, "x IN (NULL)");
    }

    #[test]
    fn a_site_of_a_network_has_options_of_its_own_and_shares_the_users() {
        let tables = Tables::of(
            &Wordpress { network: Some(Network { id: 1, blog_id: 3 }), ..Wordpress::default() },
            "utf8mb4",
        );
        assert_eq!(&*tables.sql("{options} {users}").0, "wp_3_options wp_users");
        assert_eq!(tables.names().blog_prefix.as_str(), "wp_3_");
    }
}
