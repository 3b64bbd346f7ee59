//! Somebody whom another service vouches for: the user with that e-mail address, or a new one.
//!
//! Who vouches, and how it is proven, is not known here.

use super::Context;
use super::authenticate::Refusal;
use super::register::{CreateUserError, NewUser};
use crate::store::StoreError;
use crate::store::users::{UserBy, UserWithMeta};
use crate::wp::new_user::UserFields;
use crate::wp::sanitize::{is_email, sanitize_user, user_email};

/// A person as the other service knows it.
#[derive(Clone, Copy, Debug)]
pub struct Person<'a> {
    /// Full name.
    pub name: &'a str,
    /// Given name.
    pub first_name: &'a str,
    /// Family name.
    pub last_name: &'a str,
    /// E-mail address.
    pub email: &'a str,
}

/// The session to begin.
#[derive(Clone, Copy, Debug)]
pub struct Visit<'a> {
    /// When it ends, in Unix seconds.
    pub expiration: i64,
    /// The caller's address.
    pub ip: Option<&'a str>,
    /// The caller's program.
    pub user_agent: &'a [u8],
    /// Live sessions kept for one user.
    pub most_sessions: usize,
}

/// A user with a session.
#[derive(Clone)]
pub struct Connected {
    /// `ID`
    pub user_id: u64,
    /// `user_login`
    pub login: Vec<u8>,
    /// The cookie of scheme `logged_in`.
    pub cookie: String,
    /// The user was made just now.
    pub is_new: bool,
}

/// Why nobody is connected.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The address is none that WordPress would store.
    #[error("the e-mail address is unusable")]
    Email,
    /// The account may not log in.
    #[error("{0:?}")]
    Refused(Refusal),
    /// The user could not be made.
    #[error(transparent)]
    Create(CreateUserError),
    /// Nothing is known.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How many names are tried.
const ATTEMPTS: u32 = 10_000;

/// What `display_name` holds, in characters.
const LONGEST_NAME: usize = 250;

/// The longest login name.
const LONGEST_LOGIN: usize = 60;

impl Context<'_> {
    /// Logs in the user with the person's address, or makes one named `first.last`, and with a number if that is
    /// taken. As `fb_connect` does.
    pub async fn connect(&self, person: Person<'_>, visit: Visit<'_>) -> Result<Connected, ConnectError> {
        let email = user_email(person.email.as_bytes(), self.site.rules());
        let email = String::from_utf8(email).map_err(|_| ConnectError::Email)?;
        if !is_email(person.email.as_bytes()) || email.is_empty() {
            return Err(ConnectError::Email);
        }
        let base = self.login_base(person);
        let sign_up = self.sign_up().await?;
        let name: String = person.name.chars().take(LONGEST_NAME).collect();
        let fields = UserFields {
            display_name: name.into_bytes(),
            first_name: person.first_name.as_bytes().to_vec(),
            last_name: person.last_name.as_bytes().to_vec(),
            ..UserFields::default()
        };
        let mut number = 0;
        loop {
            // As WordPress stores it, or as somebody else did.
            for email in [email.as_str(), person.email] {
                if let Some(found) =
                    self.db.find_user_with_meta(UserBy::Email(email), &self.login_meta()).await?
                {
                    return self.admit_connected(&found, visit).await;
                }
            }
            let login = numbered(&base, number);
            // Asked before the password is hashed: on a large site many a John Smith came before.
            let taken = self.find_taken(login.as_bytes(), person.email.as_bytes()).await?;
            if taken.login && number < ATTEMPTS {
                number += 1;
                continue;
            }
            let new = NewUser {
                login: login.as_bytes(),
                email: person.email.as_bytes(),
                password: None,
                fields: &fields,
                registered: b"",
                custom_fields: &[],
                with_reset_key: false,
                expiration: visit.expiration,
                ip: visit.ip,
                user_agent: visit.user_agent,
            };
            match self.create_user(&sign_up, new).await {
                Ok(created) => {
                    return Ok(Connected {
                        user_id: created.user_id,
                        login: created.login.into_bytes(),
                        cookie: created.cookie.logged_in,
                        is_new: true,
                    });
                }
                // An address taken meanwhile is found in the next round.
                Err(CreateUserError::LoginTaken | CreateUserError::EmailTaken) if number < ATTEMPTS => {
                    number += 1;
                }
                Err(error) => return Err(ConnectError::Create(error)),
            }
        }
    }

    async fn admit_connected(
        &self,
        found: &UserWithMeta,
        visit: Visit<'_>,
    ) -> Result<Connected, ConnectError> {
        if let Some(reason) = self.bar(found).await? {
            return Err(ConnectError::Refused(reason));
        }
        let cookie = self
            .issue_cookie(found, visit.expiration, visit.ip, visit.user_agent, visit.most_sessions)
            .await?;
        Ok(Connected {
            user_id: found.user.id,
            login: found.user.login.clone(),
            cookie: cookie.logged_in,
            is_new: false,
        })
    }

    /// `first.last` in lower case, as WordPress lets a login name be. Names in other alphabets leave nothing over;
    /// such people are called `user`.
    fn login_base(&self, person: Person<'_>) -> String {
        let joined = format!("{}.{}", person.first_name, person.last_name);
        let clean = sanitize_user(joined.as_bytes(), true, self.site.rules());
        let clean = String::from_utf8_lossy(&clean).to_ascii_lowercase();
        let clean = clean.trim_matches(['.', ' ', '-', '_']);
        match clean {
            "" => "user".to_owned(),
            // Reserved; `register` refuses it too.
            "admin" => "admin.user".to_owned(),
            clean => clean.to_owned(),
        }
    }
}

/// The name with a number behind it, cut so that it fits.
fn numbered(base: &str, number: u32) -> String {
    let end = if number == 0 { String::new() } else { format!(".{number}") };
    let start: String = base.chars().take(LONGEST_LOGIN - end.len()).collect();
    format!("{}{end}", start.trim_end_matches([' ', '.']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_fits_with_its_number() {
        assert_eq!(numbered("jane.doe", 0), "jane.doe");
        assert_eq!(numbered("jane.doe", 12), "jane.doe.12");
        assert_eq!(numbered(&"x".repeat(80), 7).len(), LONGEST_LOGIN);
    }
}
