//! Reads the tables and holds them against what the clients were told: what was acknowledged is there once, what was
//! not is there once or not at all, and nothing is there half.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use crate::deed::{Deed, POST, Record};
use crate::http::Request;
use crate::server::Server;
use crate::stage::Stage;

/// The users that came with the site.
const USERS_BEFORE: u64 = 12;

/// The profile fields that the load writes.
const LOCATION: &str = "5";
const ABOUT_ME: &str = "27";

/// The tables that the load writes.
struct Tables {
    /// Login to ID, ascending.
    users: Vec<(String, u64)>,
    /// Of each user the keys with their values.
    meta: BTreeMap<u64, Vec<(String, String)>>,
    /// Content and ID.
    comments: Vec<(String, String)>,
    /// User and field to value; a second row of both would be found here too.
    profile: Vec<((u64, String), String)>,
}

impl Tables {
    fn read(server: &Server, database: &str) -> Self {
        let number = |text: &str| text.parse::<u64>().expect("a number");
        let mut meta: BTreeMap<u64, Vec<(String, String)>> = BTreeMap::new();
        for row in
            server.query(database, "SELECT user_id, meta_key, meta_value FROM wp_usermeta ORDER BY umeta_id")
        {
            meta.entry(number(&row[0])).or_default().push((row[1].clone(), row[2].clone()));
        }
        let two =
            |sql: &str| server.query(database, sql).into_iter().map(|row| (row[0].clone(), row[1].clone()));
        Self {
            users: two("SELECT user_login, ID FROM wp_users ORDER BY ID")
                .map(|(login, id)| (login, number(&id)))
                .collect(),
            meta,
            comments: two("SELECT comment_content, comment_ID FROM wp_comments").collect(),
            profile: server
                .query(database, "SELECT user_id, field_id, value FROM wp_bp_xprofile_data")
                .into_iter()
                .map(|row| ((number(&row[0]), row[1].clone()), row[2].clone()))
                .collect(),
        }
    }

    /// The values of a user's key.
    fn values(&self, user: u64, key: &str) -> Vec<&str> {
        let rows = self.meta.get(&user).map(Vec::as_slice).unwrap_or_default();
        rows.iter().filter(|(found, _)| found == key).map(|(_, value)| value.as_str()).collect()
    }
}

/// What an undisturbed registration leaves in `usermeta`: its keys, sorted.
pub fn keys_of(server: &Server, database: &str, user: u64) -> Vec<String> {
    let sql = format!("SELECT meta_key FROM wp_usermeta WHERE user_id = {user} ORDER BY meta_key");
    server.query(database, &sql).into_iter().map(|row| row[0].clone()).collect()
}

/// What the service was asked, and where it wrote.
pub struct Checker<'a> {
    pub server: &'a Server,
    pub database: &'a str,
    /// Of [`keys_of`].
    pub keys: &'a [String],
}

impl Checker<'_> {
    /// Compares; each finding is a line.
    pub fn findings(&self, records: &[Record]) -> Vec<String> {
        let tables = Tables::read(self.server, self.database);
        let mut findings: Vec<String> = records
            .iter()
            .filter_map(|record| {
                let problem = record.wrong.clone().or_else(|| problem(&tables, record))?;
                Some(format!("{:?} {} ({}): {problem}", record.deed, record.tag, record.status))
            })
            .collect();
        findings.extend(profiles(&tables, records));
        findings.extend(self.users(&tables, records));
        findings.extend(self.leftovers(&tables));
        findings
    }

    /// Panics with what it finds.
    #[track_caller]
    pub fn check(&self, records: &[Record]) {
        let findings = self.findings(records);
        assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));
    }

    /// Every user is whole, and nobody is there twice.
    fn users(&self, tables: &Tables, records: &[Record]) -> Vec<String> {
        let mut findings = Vec::new();
        let writers: BTreeSet<u64> = records.iter().map(|record| record.user.id).collect();
        let mut seen = BTreeSet::new();
        for (login, id) in tables.users.iter().filter(|(_, id)| *id > USERS_BEFORE) {
            if !seen.insert(login) {
                findings.push(format!("{login} is there twice"));
            }
            let mut keys: Vec<&str> =
                tables.meta.get(id).into_iter().flatten().map(|(key, _)| key.as_str()).collect();
            keys.sort_unstable();
            if login.starts_with("new") && !writers.contains(id) && keys != *self.keys {
                findings.push(format!("{login} has the meta {keys:?}"));
            }
        }
        findings
    }

    /// What nobody owns, and what is counted wrong.
    fn leftovers(&self, tables: &Tables) -> Vec<String> {
        let mut findings = Vec::new();
        let known: BTreeSet<u64> = tables.users.iter().map(|(_, id)| *id).collect();
        for user in tables.meta.keys().filter(|user| !known.contains(user)) {
            findings.push(format!("meta of user {user}, who is not there"));
        }
        let mut none = |what: &str, sql: &str| {
            let rows = self.server.query(self.database, sql);
            if !rows.is_empty() {
                findings.push(format!("{what}: {rows:?}"));
            }
        };
        none(
            "user_count",
            "SELECT option_value, (SELECT COUNT(*) FROM wp_users) FROM wp_options \
             WHERE option_name = 'user_count' HAVING option_value <> (SELECT COUNT(*) FROM wp_users)",
        );
        none(
            "comment_count",
            &format!(
                "SELECT p.comment_count, c.found FROM wp_posts p, (SELECT COUNT(*) AS found FROM wp_comments \
                 WHERE comment_post_ID = {POST} AND comment_approved = '1') c \
                 WHERE p.ID = {POST} AND p.comment_count <> c.found"
            ),
        );
        none("options", "SELECT option_name FROM wp_options WHERE option_name LIKE '\\_wp\\_sidecar%'");
        findings
    }
}

/// Holds every acknowledged session against the service: it is valid, and not once it was ended.
#[track_caller]
pub fn check_sessions(service: SocketAddr, records: &[Record]) -> usize {
    let ended = |acknowledged: bool| -> BTreeSet<&str> {
        records
            .iter()
            .filter(|record| record.is_acknowledged() == acknowledged)
            .filter_map(|record| match &record.deed {
                Deed::LogOut(cookie) => Some(cookie.as_str()),
                _ => None,
            })
            .collect()
    };
    let (ended, perhaps) = (ended(true), ended(false));
    let begun: Vec<(&Record, &str)> = records
        .iter()
        .filter_map(|record| Some((record, record.answer["cookie"].as_str()?)))
        .filter(|(_, cookie)| !perhaps.contains(cookie))
        .collect();
    for (record, cookie) in &begun {
        let request = Request::post("/api/auth/validate_auth_cookie/?insecure=cool", &[("cookie", cookie)]);
        let valid = request.send(service).json()["valid"].as_bool().expect("true or false");
        assert_eq!(valid, !ended.contains(cookie), "{:?} {}", record.deed, record.tag);
    }
    begun.len()
}

/// What contradicts the record of one deed.
fn problem(tables: &Tables, record: &Record) -> Option<String> {
    let acknowledged = record.is_acknowledged();
    let (user, tag) = (record.user.id, record.tag.as_str());
    let told = |field: &str| record.answer[field].as_u64();
    match &record.deed {
        Deed::Register(name) => {
            let found: Vec<u64> =
                tables.users.iter().filter(|(login, _)| login == name).map(|(_, id)| *id).collect();
            let right = if acknowledged { found == [told("user_id")?] } else { found.len() <= 1 };
            (!right).then(|| format!("users {found:?}, told {:?}", told("user_id")))
        }
        Deed::Meta(key) => {
            let found = tables.values(user, key);
            let right = found == [tag] || (!acknowledged && found.is_empty());
            (!right).then(|| format!("values {found:?}"))
        }
        Deed::Vars(keys) => {
            let found: Vec<Vec<&str>> = keys.iter().map(|key| tables.values(user, key)).collect();
            let all = found.iter().all(|values| *values == [tag]);
            let right = all || (!acknowledged && found.iter().all(Vec::is_empty));
            (!right).then(|| format!("values {found:?}"))
        }
        Deed::Comment => {
            let found: Vec<&str> = tables
                .comments
                .iter()
                .filter(|(content, _)| content == tag)
                .map(|(_, id)| id.as_str())
                .collect();
            let told = told("comment_id").map(|id| id.to_string());
            let right =
                if acknowledged { found == [told.as_deref().unwrap_or_default()] } else { found.len() <= 1 };
            (!right).then(|| format!("comments {found:?}, told {told:?}"))
        }
        // Sessions are held against the service, profiles against all deeds of a user.
        Deed::LogIn | Deed::LogOut(_) | Deed::Profile | Deed::Read => None,
    }
}

/// Both fields hold one value: that of the last acknowledged deed of the user, or of one after it that failed.
fn profiles(tables: &Tables, records: &[Record]) -> Vec<String> {
    let mut possible: BTreeMap<u64, Vec<Option<&str>>> = BTreeMap::new();
    for record in records.iter().filter(|record| matches!(record.deed, Deed::Profile)) {
        let values = possible.entry(record.user.id).or_insert_with(|| vec![None]);
        if record.is_acknowledged() {
            values.clear();
        }
        values.push(Some(&record.tag));
    }
    let mut findings = Vec::new();
    for (user, values) in possible {
        let fields = [LOCATION, ABOUT_ME].map(|field| {
            let of_field = tables.profile.iter().filter(|(key, _)| *key == (user, field.to_owned()));
            of_field.map(|(_, value)| value.as_str()).collect::<Vec<_>>()
        });
        let [location, about] = &fields;
        let right = location.len() <= 1 && location == about && values.contains(&location.first().copied());
        if !right {
            findings.push(format!("profile of user {user}: {fields:?}, possible {values:?}"));
        }
    }
    findings
}

#[test]
fn the_checker_finds_whatever_is_wrong() {
    let stage = Stage::mariadb(&[]);
    let writer = stage.writers(1).remove(0);
    let records = stage.run(&writer, "good", Deed::writing("good"));
    stage.checker().check(&records);
    let new = records[0].answer["user_id"].as_u64().expect("the new user");
    let id = writer.id;
    let mut before = 0;
    for damage in [
        format!("DELETE FROM wp_usermeta WHERE user_id = {new} AND meta_key = 'nickname'"),
        format!("DELETE FROM wp_usermeta WHERE user_id = {id} AND meta_key = 'varsbgood'"),
        format!("INSERT INTO wp_usermeta (user_id, meta_key, meta_value) VALUES ({id}, 'metagood', 'good')"),
        "INSERT INTO wp_usermeta (user_id, meta_key, meta_value) VALUES (999, 'a', 'b')".to_owned(),
        "UPDATE wp_bp_xprofile_data SET value = 'bad' WHERE value = 'good' AND field_id = 5".to_owned(),
        format!("DELETE FROM wp_comments WHERE comment_content = 'good' AND comment_post_ID = {POST}"),
        "UPDATE wp_options SET option_value = 7 WHERE option_name = 'user_count'".to_owned(),
        "INSERT INTO wp_options (option_name, option_value) VALUES ('_wp_sidecar_comment_turn_1', '')"
            .to_owned(),
        "INSERT INTO wp_users (user_login) VALUES ('newgood')".to_owned(),
    ] {
        stage.sql(&damage);
        let findings = stage.checker().findings(&records);
        assert!(findings.len() > before, "{damage}: {findings:?}");
        before = findings.len();
    }
}
