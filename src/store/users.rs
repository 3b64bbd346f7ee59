//! The table `users`: WordPress's columns, found by id, login, e-mail or nicename.

use sqlx::Row as _;
use sqlx::mysql::MySqlRow;

use super::usermeta::{self, MetaRow, meta_of};
use super::{Db, StoreError, row};

/// A row of `users`.
#[derive(Clone)]
pub struct User {
    /// `ID`
    pub id: u64,
    /// `user_login`, as stored: the cookie is signed over these bytes.
    pub login: Vec<u8>,
    /// `user_pass`
    pub pass: Vec<u8>,
    /// `user_nicename`
    pub nicename: Vec<u8>,
    /// `user_email`
    pub email: Vec<u8>,
    /// `user_url`
    pub url: Vec<u8>,
    /// `user_registered`, GMT, `YYYY-MM-DD hh:mm:ss`; may be all zeros.
    pub registered: String,
    /// `user_status`: 1 marks a spammer where BuddyPress runs.
    pub status: i32,
    /// `display_name`
    pub display_name: Vec<u8>,
}

/// The hash and the address stay hidden.
impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("User").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What a user is looked up by. Texts compare in the column's collation.
#[derive(Clone, Copy, Debug)]
pub enum UserBy<'a> {
    /// `ID`
    Id(u64),
    /// `user_login`
    Login(&'a str),
    /// `user_email`
    Email(&'a str),
}

/// What a cookie is checked against.
#[derive(Clone)]
pub struct Identity {
    /// `ID`
    pub id: u64,
    /// `user_pass`
    pub pass: Vec<u8>,
}

/// [`Identity`] of somebody whose rights may be asked for.
#[derive(Clone, Debug)]
pub struct Reader {
    /// Who it is.
    pub identity: Identity,
    /// `user_status`: 1 marks a spammer where BuddyPress runs.
    pub status: i32,
}

/// The hash stays hidden.
impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Columns of `users` that are read together: all that describe a user, or not many more than a cookie needs.
pub trait UserColumns: Sized {
    /// The columns, of the alias `u`; `ID` comes first.
    const COLUMNS: &'static str;
    /// How many they are.
    const COUNT: usize;

    /// Reads them.
    #[doc(hidden)]
    fn read(found: &MySqlRow) -> Result<Self, StoreError>;

    /// `user_pass`
    fn pass(&self) -> &[u8];
}

impl UserColumns for User {
    const COLUMNS: &'static str = "u.ID, u.user_login, u.user_pass, u.user_nicename, u.user_email, u.user_url, \
         CAST(u.user_registered AS CHAR), u.user_status, u.display_name";
    const COUNT: usize = 9;

    fn read(found: &MySqlRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: found.try_get_unchecked(0)?,
            login: row::bytes(found, 1)?,
            pass: row::bytes(found, 2)?,
            nicename: row::bytes(found, 3)?,
            email: row::bytes(found, 4)?,
            url: row::bytes(found, 5)?,
            registered: row::text(found, 6)?,
            status: found.try_get_unchecked(7)?,
            display_name: row::bytes(found, 8)?,
        })
    }

    fn pass(&self) -> &[u8] {
        &self.pass
    }
}

impl UserColumns for Identity {
    const COLUMNS: &'static str = "u.ID, u.user_pass";
    const COUNT: usize = 2;

    fn read(found: &MySqlRow) -> Result<Self, StoreError> {
        Ok(Self { id: found.try_get_unchecked(0)?, pass: row::bytes(found, 1)? })
    }

    fn pass(&self) -> &[u8] {
        &self.pass
    }
}

impl UserColumns for Reader {
    const COLUMNS: &'static str = "u.ID, u.user_pass, u.user_status";
    const COUNT: usize = 3;

    fn read(found: &MySqlRow) -> Result<Self, StoreError> {
        Ok(Self { identity: Identity::read(found)?, status: found.try_get_unchecked(2)? })
    }

    fn pass(&self) -> &[u8] {
        &self.identity.pass
    }
}

/// A user with the meta rows that were asked for, lowest `umeta_id` first.
#[derive(Clone, Debug)]
pub struct WithMeta<U> {
    /// Columns of the row of `users`.
    pub user: U,
    /// Rows of `usermeta`.
    pub meta: Vec<MetaRow>,
}

/// A user with all columns.
pub type UserWithMeta = WithMeta<User>;

impl Db {
    /// One user, all of it, with some of the meta: [`Self::find_with_meta`].
    pub async fn find_user_with_meta(
        &self,
        by: UserBy<'_>,
        keys: &[&str],
    ) -> Result<Option<UserWithMeta>, StoreError> {
        self.find_with_meta(by, keys).await
    }

    /// One user with some of the meta, in one statement.
    ///
    /// Neither login nor e-mail is unique in the schema; like WordPress, the first row wins. Rows are put in order
    /// here: the server would sort their long texts in a table on its disk. Keys compare by their bytes, as PHP finds
    /// them in its array, and so that the server goes by the user: by the key it would estimate, each time and for
    /// each key, how many of all users have it.
    pub async fn find_with_meta<U: UserColumns>(
        &self,
        by: UserBy<'_>,
        keys: &[&str],
    ) -> Result<Option<WithMeta<U>>, StoreError> {
        let sql = self.tables.sql_of(
            &[
                "SELECT ",
                U::COLUMNS,
                ", m.umeta_id, m.meta_key, m.meta_value \
                 FROM {users} u LEFT JOIN {usermeta} m ON m.user_id = u.ID \
                 AND CAST(CONVERT(m.meta_key USING {charset}) AS BINARY) IN ({list}) WHERE ",
                match by {
                    UserBy::Id(_) => "u.ID = ?",
                    UserBy::Login(_) => "u.user_login = ?",
                    UserBy::Email(_) => "u.ID = (SELECT ID FROM {users} WHERE user_email = ? LIMIT 1)",
                },
            ],
            keys.len(),
        );
        let query = keys.iter().fold(sqlx::query(sql), |query, key| query.bind(*key));
        let query = match by {
            UserBy::Id(id) => query.bind(id),
            UserBy::Login(text) | UserBy::Email(text) => query.bind(text),
        };
        let rows = match self.pool.fetch_all(query).await {
            Err(error) if error.is_beyond_charset() => return Ok(None),
            other => other?,
        };
        let mut first: Option<(u64, &MySqlRow)> = None;
        for found in &rows {
            let id = found.try_get_unchecked(0)?;
            if first.is_none_or(|(least, _)| id < least) {
                first = Some((id, found));
            }
        }
        let Some((id, first)) = first else {
            return Ok(None);
        };
        let user = U::read(first)?;
        let mut meta = Vec::with_capacity(rows.len());
        for found in &rows {
            if found.try_get_unchecked::<u64, _>(0)? == id {
                meta.extend(meta_of(found, U::COUNT)?);
            }
        }
        usermeta::sort(&mut meta);
        Ok(Some(WithMeta { user, meta }))
    }

    /// The number of the user with that address: `get_user_by( 'email', … )`.
    pub async fn find_user_id_by_email(&self, email: &str) -> Result<Option<u64>, StoreError> {
        let sql = self.tables.sql("SELECT ID FROM {users} WHERE user_email = ? LIMIT 1");
        let found = self.pool.fetch_optional(sqlx::query(sql).bind(email)).await?;
        found.map(|found| Ok(found.try_get_unchecked(0)?)).transpose()
    }

    /// The hashes of the users registered last.
    pub async fn list_newest_hashes(&self) -> Result<Vec<Vec<u8>>, StoreError> {
        let sql = self.tables.sql("SELECT user_pass FROM {users} ORDER BY ID DESC LIMIT 100");
        let rows = self.pool.fetch_all(sqlx::query(sql)).await?;
        rows.iter().map(|found| row::bytes(found, 0)).collect()
    }

    /// True when multisite marks the user as spam (`users.spam`, a column that only networks have).
    pub async fn is_network_spammer(&self, user_id: u64) -> Result<bool, StoreError> {
        let sql = self.tables.sql("SELECT 1 FROM {users} WHERE ID = ? AND spam = 1");
        Ok(self.pool.fetch_optional(sqlx::query(sql).bind(user_id)).await?.is_some())
    }

    /// `user_activation_key` of a user.
    pub async fn find_activation_key(&self, user_id: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = self.tables.sql("SELECT user_activation_key FROM {users} WHERE ID = ?");
        let found = self.pool.fetch_optional(sqlx::query(sql).bind(user_id)).await?;
        found.map(|found| row::bytes(&found, 0)).transpose()
    }

    /// Replaces a user's activation key, and nothing else of the row, unless somebody else changed it meanwhile.
    /// False when the stored one is no longer `old`.
    pub async fn update_activation_key(
        &self,
        user_id: u64,
        old: &[u8],
        new: &str,
    ) -> Result<bool, StoreError> {
        let sql = self.tables.sql(
            "UPDATE {users} SET user_activation_key = ? WHERE ID = ? AND CAST(user_activation_key AS BINARY) = ?",
        );
        let done = self.pool.execute(sqlx::query(sql).bind(new).bind(user_id).bind(old)).await?;
        Ok(done.rows_affected() > 0)
    }

    /// Replaces the password hash as `wp_set_password()` does, unless somebody else changed it meanwhile.
    /// False when the stored hash is no longer `old`.
    pub async fn update_password_hash(
        &self,
        user_id: u64,
        old: &[u8],
        new: &str,
    ) -> Result<bool, StoreError> {
        let sql = self.tables.sql(
            "UPDATE {users} SET user_pass = ?, user_activation_key = '' \
             WHERE ID = ? AND CAST(user_pass AS BINARY) = ?",
        );
        let done = self.pool.execute(sqlx::query(sql).bind(new).bind(user_id).bind(old)).await?;
        Ok(done.rows_affected() > 0)
    }
}
