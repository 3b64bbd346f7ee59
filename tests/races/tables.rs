//! The rows that the races write, as they are.

use crate::wordpress::RealWordPress;
use crate::worker::FULL_NAME;

/// A row of `users`.
#[derive(Debug)]
pub struct Account {
    pub id: u64,
    pub login: String,
    pub email: String,
    pub nicename: String,
    pub display_name: String,
}

/// A row of `usermeta`.
#[derive(Debug)]
pub struct Meta {
    pub id: u64,
    pub user_id: u64,
    pub key: String,
    pub value: String,
}

#[derive(Debug)]
pub struct Tables {
    pub users: Vec<Account>,
    pub meta: Vec<Meta>,
    /// User and value of the field of full names.
    pub full_names: Vec<(u64, String)>,
    /// The option.
    pub user_count: String,
}

impl Tables {
    #[track_caller]
    pub fn read(wordpress: &RealWordPress) -> Self {
        let query = |sql: &str| wordpress.server().query(wordpress.database(), sql).into_iter();
        let number = |text: &str| text.parse().expect("a number");
        let full_names = format!(
            "SELECT d.user_id, d.value FROM wp_bp_xprofile_data d JOIN wp_bp_xprofile_fields f \
             ON f.id = d.field_id WHERE f.name = '{FULL_NAME}' ORDER BY d.id"
        );
        Self {
            users: query("SELECT ID, user_login, user_email, user_nicename, display_name FROM wp_users")
                .map(|row| {
                    let [id, login, email, nicename, display_name] = row.try_into().expect("five columns");
                    Account { id: number(&id), login, email, nicename, display_name }
                })
                .collect(),
            meta: query("SELECT umeta_id, user_id, meta_key, meta_value FROM wp_usermeta ORDER BY umeta_id")
                .map(|row| {
                    let [id, user_id, key, value] = row.try_into().expect("four columns");
                    Meta { id: number(&id), user_id: number(&user_id), key, value }
                })
                .collect(),
            // A site without BuddyPress has no such tables.
            full_names: if query("SHOW TABLES LIKE 'wp_bp_xprofile_data'").len() == 0 {
                Vec::new()
            } else {
                query(&full_names).map(|row| (number(&row[0]), row[1].clone())).collect()
            },
            user_count: query("SELECT option_value FROM wp_options WHERE option_name = 'user_count'")
                .map(|row| row[0].clone())
                .collect(),
        }
    }

    /// The rows of a user's key, lowest number first.
    pub fn of<'t>(&'t self, user_id: u64, key: &str) -> Vec<&'t Meta> {
        self.meta.iter().filter(|row| row.user_id == user_id && row.key == key).collect()
    }
}
