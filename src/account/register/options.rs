//! What the site says of new users: read at each registration, never kept.

use crate::account::Context;
use crate::store::{Db, StoreError};
use crate::wp::php_serialize::maybe_unserialize;
use crate::wp::php_value::{PhpArray, PhpValue};

/// The site's settings for new users.
#[derive(Clone, Debug)]
pub struct SignUp {
    /// Anybody may register.
    pub open: bool,
    /// Option `default_role`.
    pub default_role: Vec<u8>,
    /// Option `<prefix>user_roles`.
    pub roles: PhpValue,
    /// Names that a network gives to nobody.
    pub illegal_names: Vec<Vec<u8>>,
}

impl SignUp {
    /// True for a name of a network's `illegal_names`, in any letter case.
    #[must_use]
    pub fn is_illegal(&self, login: &[u8]) -> bool {
        self.illegal_names.iter().any(|name| name.eq_ignore_ascii_case(login))
    }
}

impl Context<'_> {
    /// Reads them.
    pub async fn sign_up(&self) -> Result<SignUp, StoreError> {
        SignUp::read(self.db, self.site.network_id).await
    }
}

impl SignUp {
    /// Reads them. In a network its own option `registration` says whether anybody may register.
    pub async fn read(db: &Db, network_id: Option<u64>) -> Result<Self, StoreError> {
        let roles = format!("{}user_roles", db.tables().names().blog_prefix.as_str());
        let names = ["users_can_register", "default_role", &roles];
        let options = db.list_options(&names).await?;
        let option = |name: &str| -> Vec<u8> {
            let found = options.iter().find(|(found, _)| found == name);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let mut sign_up = SignUp {
            open: !matches!(option("users_can_register").as_slice(), b"" | b"0"),
            default_role: option("default_role"),
            roles: maybe_unserialize(&option(&roles)),
            illegal_names: Vec::new(),
        };
        if let Some(network) = network_id {
            for (name, value) in db.list_site_options(network, &["registration", "illegal_names"]).await? {
                match name.as_str() {
                    "registration" => sign_up.open = matches!(value.as_slice(), b"user" | b"all"),
                    "illegal_names" => sign_up.illegal_names = names_of(&value),
                    _ => {}
                }
            }
        }
        Ok(sign_up)
    }
}

/// A PHP array, or names with blanks between them as networks once kept them.
fn names_of(value: &[u8]) -> Vec<Vec<u8>> {
    match maybe_unserialize(value) {
        PhpValue::Array(names) => {
            PhpArray::values(&names).filter_map(PhpValue::as_bytes).map(<[u8]>::to_vec).collect()
        }
        _ => value.split(|byte| *byte == b' ').filter(|name| !name.is_empty()).map(<[u8]>::to_vec).collect(),
    }
}
