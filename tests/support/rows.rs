//! The rows of a whole database as text, and what changed between two looks.

#![allow(
    dead_code,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "shared by several test crates, each using a part; a failure here is a failed test"
)]

use std::collections::BTreeMap;

use serde_json::Value;

use super::server::Server;

/// A row: column to text, `None` for NULL.
pub type Row = BTreeMap<String, Option<String>>;

/// All rows, by table and primary key.
pub type Rows = BTreeMap<(String, String), Row>;

/// A difference between two looks.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    Insert { table: String, key: String, row: Row },
    Update { table: String, key: String, changed: BTreeMap<String, (Option<String>, Option<String>)> },
    Delete { table: String, key: String },
}

/// Reads whole tables in one statement.
pub struct Looker {
    server: &'static Server,
    database: String,
    statement: String,
}

impl Looker {
    /// Learns the tables of a database.
    #[track_caller]
    pub fn new(server: &'static Server, database: &str) -> Self {
        let columns = server.query(
            database,
            "SELECT table_name, column_name, column_key FROM information_schema.columns \
             WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position",
        );
        let mut tables: BTreeMap<String, (Vec<String>, Vec<String>)> = BTreeMap::new();
        for column in columns {
            let [table, name, key] = &column[..] else { panic!("three columns") };
            let (names, keys) = tables.entry(table.clone()).or_default();
            names.push(name.clone());
            if key == "PRI" {
                keys.push(name.clone());
            }
        }
        let selects: Vec<String> = tables
            .iter()
            .map(|(table, (names, keys))| {
                let fields: Vec<String> =
                    names.iter().map(|name| format!("'{name}', CAST(`{name}` AS CHAR)")).collect();
                let keys: Vec<String> = keys.iter().map(|name| format!("`{name}`")).collect();
                let (fields, keys) = (fields.join(", "), keys.join(", "));
                format!("SELECT '{table}', CONCAT_WS('-', {keys}), HEX(JSON_OBJECT({fields})) FROM `{table}`")
            })
            .collect();
        Self { server, database: database.to_owned(), statement: selects.join(" UNION ALL ") }
    }

    /// All rows as they are now.
    #[track_caller]
    pub fn look(&self) -> Rows {
        self.server
            .query(&self.database, &self.statement)
            .into_iter()
            .map(|mut found| {
                let json = hex::decode(found.pop().expect("a row")).expect("hex");
                let row = serde_json::from_slice(&json).expect("a row as JSON");
                let key = found.pop().expect("a key");
                ((found.pop().expect("a table"), key), row)
            })
            .collect()
    }

    /// Sets one column of one row.
    #[track_caller]
    pub fn set(&self, table: &str, key: &str, column: &str, value: Option<&str>) {
        let value = value.map_or("NULL".to_owned(), |text| format!("_utf8mb4 X'{}'", hex::encode(text)));
        let number = primary_key(table);
        self.server.exec(
            &self.database,
            &format!("UPDATE `{table}` SET `{column}` = {value} WHERE `{number}` = '{key}'"),
        );
    }

    /// Puts the rows back as they were.
    #[track_caller]
    pub fn restore(&self, changes: &[Change], before: &Rows) {
        for change in changes {
            let (Change::Insert { table, key, .. }
            | Change::Update { table, key, .. }
            | Change::Delete { table, key }) = change;
            let column = primary_key(table);
            self.server.exec(&self.database, &format!("DELETE FROM `{table}` WHERE `{column}` = '{key}'"));
            if let Some(row) = before.get(&(table.clone(), key.clone())) {
                let names: Vec<String> = row.keys().map(|name| format!("`{name}`")).collect();
                let values: Vec<String> = row
                    .values()
                    .map(|value| {
                        value
                            .as_ref()
                            .map_or("NULL".to_owned(), |text| format!("_utf8mb4 X'{}'", hex::encode(text)))
                    })
                    .collect();
                let (names, values) = (names.join(", "), values.join(", "));
                self.server
                    .exec(&self.database, &format!("INSERT INTO `{table}` ({names}) VALUES ({values})"));
            }
        }
    }
}

/// The column that numbers a table's rows.
pub fn primary_key(table: &str) -> &'static str {
    match table {
        "wp_users" | "wp_posts" => "ID",
        "wp_usermeta" => "umeta_id",
        "wp_options" => "option_id",
        "wp_comments" => "comment_ID",
        _ => "id",
    }
}

/// What changed, inserts last, by table and key.
pub fn changes(before: &Rows, after: &Rows) -> Vec<Change> {
    let mut found = Vec::new();
    for ((table, key), old) in before {
        match after.get(&(table.clone(), key.clone())) {
            None => found.push(Change::Delete { table: table.clone(), key: key.clone() }),
            Some(new) if new != old => {
                let changed = old
                    .iter()
                    .filter(|(name, value)| new.get(*name) != Some(value))
                    .map(|(name, value)| (name.clone(), (value.clone(), new[name].clone())))
                    .collect();
                found.push(Change::Update { table: table.clone(), key: key.clone(), changed });
            }
            Some(_) => {}
        }
    }
    for ((table, key), row) in after {
        if !before.contains_key(&(table.clone(), key.clone())) {
            found.push(Change::Insert { table: table.clone(), key: key.clone(), row: row.clone() });
        }
    }
    sorted(found)
}

/// The changes that a recording tells of, in the same order.
pub fn recorded(db: &Value) -> Vec<Change> {
    let text = |value: &Value| match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    let row = |value: &Value| -> Row {
        value.as_object().expect("a row").iter().map(|(name, value)| (name.clone(), text(value))).collect()
    };
    let mut changes: Vec<Change> = db
        .as_array()
        .expect("changes")
        .iter()
        .map(|change| {
            let table = change["table"].as_str().expect("a table").to_owned();
            let key = |row: &Row| row[primary_key(&table)].clone().expect("a key");
            match change["op"].as_str().expect("an operation") {
                "insert" => {
                    let row = row(&change["row"]);
                    Change::Insert { key: key(&row), row, table }
                }
                "update" => Change::Update {
                    key: text(&change["key"]).expect("a key"),
                    changed: change["changed"]
                        .as_object()
                        .expect("columns")
                        .iter()
                        .map(|(name, both)| (name.clone(), (text(&both["from"]), text(&both["to"]))))
                        .collect(),
                    table,
                },
                "delete" => Change::Delete {
                    key: text(&change["key"]).unwrap_or_else(|| key(&row(&change["row"]))),
                    table,
                },
                other => panic!("unknown operation {other}"),
            }
        })
        .collect();
    changes.sort_by_key(rank);
    changes
}

fn sorted(mut changes: Vec<Change>) -> Vec<Change> {
    changes.sort_by_key(rank);
    changes
}

/// Rows that were there first, then new ones, by table and number.
fn rank(change: &Change) -> (u8, String, u64) {
    match change {
        Change::Delete { table, key } | Change::Update { table, key, .. } => (0, table.clone(), number(key)),
        Change::Insert { table, key, .. } => (1, table.clone(), number(key)),
    }
}

fn number(key: &str) -> u64 {
    key.parse().unwrap_or(0)
}
