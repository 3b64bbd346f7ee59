//! Verbs that need rows and algorithms both: log in, check a cookie, end a session, describe a user.
//!
//! Nothing here knows HTTP. Each verb has an error of its own.

pub mod authenticate;
pub mod caller;
pub mod capabilities;
pub mod comment;
pub mod connect;
pub mod current_user;
pub mod explain_cookie;
pub mod hashing;
pub mod issue_cookie;
pub mod links;
pub mod profile;
pub mod protected_meta;
pub mod register;
pub mod reset_password;
pub mod sessions;
pub mod site;
pub mod uploads;
pub mod user_meta;
pub mod user_object;

use crate::ambient::Random;
use crate::limits::Limits;
use crate::store::Db;
use caller::Caller;
use hashing::Hashing;
use site::Site;

/// What every verb works with.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The tables.
    pub db: &'a Db,
    /// Where passwords are hashed.
    pub hashing: &'a Hashing,
    /// Budgets of attempts.
    pub limits: &'a Limits,
    /// Who waits for it.
    pub caller: &'a Caller,
    /// The site as of a moment ago.
    pub site: &'a Site,
    /// Random bytes.
    pub random: &'a Random,
    /// Unix seconds.
    pub now: i64,
}
