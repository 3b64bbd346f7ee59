//! A new user: `wp_insert_user()` and the cookies of the first session, written as one.
//!
//! The rules for a name's and an address's form are the caller's; who gets a mail is, too.

mod options;

use zeroize::Zeroizing;

pub use options::SignUp;

use super::Context;
use super::hashing::HashError;
use super::issue_cookie::IssuedCookie;
use crate::store::StoreError;
pub use crate::store::registrations::Taken;
use crate::store::registrations::{Inserted, Registered, Registration};
use crate::wp::new_user::{self, FieldError, NewUserRow, UserFields};
use crate::wp::password::MAX_PASSWORD_BYTES;
use crate::wp::php_serialize::maybe_serialize;
use crate::wp::php_text::addslashes;
use crate::wp::php_value::PhpValue;
use crate::wp::random_text;
use crate::wp::reset_key;
use crate::wp::sanitize::{sanitize_user, stripslashes};
use crate::wp::sessions::{META_KEY, NewSession, Sessions};

/// Characters of a password that nobody chose.
const PASSWORD_LENGTH: usize = 12;

/// Who is to be.
#[derive(Clone, Copy)]
pub struct NewUser<'a> {
    /// Of [`Context::new_login`], and accepted by [`crate::wp::sanitize::validate_username`].
    pub login: &'a [u8],
    /// The address; may be empty.
    pub email: &'a [u8],
    /// As sent; a random one when there is none.
    pub password: Option<&'a [u8]>,
    /// The rest of `wp_insert_user()`'s fields.
    pub fields: &'a UserFields,
    /// `user_registered` as given; empty means now.
    pub registered: &'a [u8],
    /// More meta, keys slashed or not as `update_user_meta()` takes them.
    pub custom_fields: &'a [(Vec<u8>, PhpValue)],
    /// Store a key for wp-login.php's page to set a password.
    pub with_reset_key: bool,
    /// Unix seconds until which the first session holds.
    pub expiration: i64,
    /// The client's address.
    pub ip: Option<&'a str>,
    /// Its User-Agent.
    pub user_agent: &'a [u8],
}

/// A user that was not there before.
#[derive(Clone)]
pub struct Created {
    /// `ID`
    pub user_id: u64,
    /// `user_login`
    pub login: String,
    /// `user_email`, as stored.
    pub email: Vec<u8>,
    /// The cookies of the first session.
    pub cookie: IssuedCookie,
    /// The key to set a password with, where one was asked for.
    pub reset_key: Option<String>,
}

/// Why there is no new user; nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum CreateUserError {
    /// Somebody has the login.
    #[error("the login is taken")]
    LoginTaken,
    /// Somebody has the address.
    #[error("the e-mail address is taken")]
    EmailTaken,
    /// A field does not fit.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// Longer than what is hashed.
    #[error("the password is too long")]
    PasswordTooLong,
    /// `registered` is no date.
    #[error("no date")]
    NoDate,
    /// A key of `custom_fields` that no client may write.
    #[error("the meta_key '{0}' is protected")]
    ProtectedKey(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No hash was made.
    #[error(transparent)]
    Hash(#[from] HashError),
}

impl Context<'_> {
    /// Whether login and address are in use, to say so before anything else is looked at.
    pub async fn find_taken(&self, login: &[u8], email: &[u8]) -> Result<Taken, StoreError> {
        self.db.find_taken(&String::from_utf8_lossy(login), &String::from_utf8_lossy(email)).await
    }

    /// The login that a name as sent becomes. Networks have them in lower case.
    #[must_use]
    pub fn new_login(&self, sent: &[u8]) -> Vec<u8> {
        let mut login = sanitize_user(&addslashes(sent), false, self.site.rules());
        if self.site.multisite {
            login.make_ascii_lowercase();
        }
        login
    }

    /// Creates a user with the site's default role and starts its first session.
    pub async fn create_user(&self, sign_up: &SignUp, new: NewUser<'_>) -> Result<Created, CreateUserError> {
        let row = new_user::prepare(new.login, new.email, new.fields, self.site.rules())?;
        let password = self.password(new.password)?;
        let registered = self.registered(new.registered).await?;
        let custom = self.custom_meta(new.custom_fields);
        self.refuse_protected_fields(&custom).await?;

        let pass = self.hash_new(&password).await?;
        let token = self.new_token();
        let reset = new.with_reset_key.then(|| self.new_reset_key());
        let session = NewSession {
            token: &token,
            expiration: new.expiration,
            ip: new.ip,
            user_agent: &self.storable_agent(new.user_agent),
            login: self.now,
        };
        let may_repeat_keys = !custom.is_empty();
        let meta = self.meta(sign_up, &row, custom, session);
        let login = String::from_utf8_lossy(&row.login);
        let inserted = self
            .db
            .insert_registration(&Registration {
                login: &login,
                pass: &pass,
                nicename: &row.nicename,
                email: &row.email,
                plain_email: &String::from_utf8_lossy(new.email),
                url: &row.url,
                registered: match &registered {
                    Some(text) => Registered::Text(text),
                    None => Registered::Seconds(self.now),
                },
                activation_key: reset.as_ref().map_or("", |(_, stored)| stored),
                display_name: &row.display_name,
                meta: &meta,
                may_repeat_keys,
                network: self.site.network_id,
                not_autoloaded: if self.site.version.at_least(6, 6) { "off" } else { "no" },
            })
            .await?;
        match inserted {
            Inserted::Done(user_id) => Ok(Created {
                user_id,
                cookie: self.sign_cookie(&row.login, pass.as_bytes(), new.expiration, &token),
                login: login.into_owned(),
                email: row.email.clone(),
                reset_key: reset.map(|(key, _)| key),
            }),
            Inserted::LoginTaken => Err(CreateUserError::LoginTaken),
            Inserted::EmailTaken => Err(CreateUserError::EmailTaken),
        }
    }

    /// The password as sent, or a new one that nobody knows.
    fn password(&self, wanted: Option<&[u8]>) -> Result<Zeroizing<Vec<u8>>, CreateUserError> {
        let Some(wanted) = wanted else {
            let mut random = Zeroizing::new([0; 32]);
            self.random.fill(&mut *random);
            let letters = random_text::LETTERS_AND_DIGITS;
            return Ok(Zeroizing::new(random_text::draw(letters, PASSWORD_LENGTH, &*random).into_bytes()));
        };
        if Zeroizing::new(addslashes(wanted).into_owned()).len() > MAX_PASSWORD_BYTES {
            return Err(CreateUserError::PasswordTooLong);
        }
        Ok(Zeroizing::new(wanted.to_vec()))
    }

    async fn hash_new(&self, password: &[u8]) -> Result<String, HashError> {
        let mut salt = [0; 16];
        self.random.fill(&mut salt);
        self.hashing.hash(self.caller, password, self.site.version, self.site.hash_cost, salt).await
    }

    /// A key, and what is stored of it. Mirrors `get_password_reset_key()`.
    fn new_reset_key(&self) -> (String, String) {
        let (mut random, mut salt) = ([0; 32], [0; 6]);
        self.random.fill(&mut random);
        self.random.fill(&mut salt);
        let key = reset_key::key_from_random(&random);
        let hash = reset_key::hash_reset_key(&key, self.site.version, &salt);
        (key, format!("{}:{hash}", self.now))
    }

    /// As the column will hold it; the database says what is a date.
    async fn registered(&self, given: &[u8]) -> Result<Option<String>, CreateUserError> {
        if matches!(given, b"" | b"0") {
            return Ok(None);
        }
        let given = std::str::from_utf8(given).map_err(|_| CreateUserError::NoDate)?;
        self.db.find_datetime(given).await?.map(Some).ok_or(CreateUserError::NoDate)
    }

    async fn refuse_protected_fields(
        &self,
        custom: &[(Vec<u8>, Option<Vec<u8>>)],
    ) -> Result<(), CreateUserError> {
        let keys: Vec<_> = custom.iter().map(|(key, _)| String::from_utf8_lossy(key)).collect();
        let keys: Vec<&str> = keys.iter().map(AsRef::as_ref).collect();
        if keys.is_empty() {
            return Ok(());
        }
        self.protected_meta_key(&keys).await?.map_or(Ok(()), |key| Err(CreateUserError::ProtectedKey(key)))
    }

    /// Keys and values as `update_user_meta()` stores them. What it drops without a word is dropped: no key, and what
    /// the columns cannot hold.
    fn custom_meta(&self, fields: &[(Vec<u8>, PhpValue)]) -> Vec<(Vec<u8>, Option<Vec<u8>>)> {
        let columns = &self.site.meta_columns;
        fields
            .iter()
            .map(|(key, value)| (stripslashes(key), maybe_serialize(value)))
            .filter(|(key, value)| {
                !matches!(key.as_slice(), b"" | b"0")
                    && self.surely_fits(&columns.key, key)
                    && value.as_deref().is_none_or(|value| self.surely_fits(&columns.value, value))
            })
            .collect()
    }

    /// All rows in WordPress's order: profile, capabilities, custom fields, session.
    fn meta(
        &self,
        sign_up: &SignUp,
        row: &NewUserRow,
        custom: Vec<(Vec<u8>, Option<Vec<u8>>)>,
        session: NewSession<'_>,
    ) -> Vec<(Vec<u8>, Option<Vec<u8>>)> {
        let (capabilities, level) = new_user::capabilities(&sign_up.default_role, &sign_up.roles);
        let prefix = self.db.tables().names().blog_prefix.as_str();
        let mut sessions = Sessions::default();
        sessions.add(session, usize::MAX);
        let profile = row.meta.iter().map(|(key, value)| (key.as_bytes().to_vec(), Some(value.clone())));
        let mut meta: Vec<_> = profile.collect();
        meta.push((self.site.capabilities_key.clone().into_bytes(), Some(capabilities)));
        meta.push((format!("{prefix}user_level").into_bytes(), Some(level)));
        meta.extend(custom);
        meta.push((META_KEY.as_bytes().to_vec(), Some(sessions.serialize())));
        meta
    }
}
