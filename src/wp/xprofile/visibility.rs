//! Who may see a field: the level of each field, and what a reader may see.

use crate::wp::php_value::{PhpArray, PhpValue};

/// A field's visibility.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// `public`
    Public,
    /// `loggedin`
    LoggedIn,
    /// `friends`
    Friends,
    /// `adminsonly`, and whatever another plugin invented: better hidden than shown.
    AdminsOnly,
}

/// Whose eyes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// Nobody is logged in.
    Anonymous,
    /// Somebody else.
    LoggedIn,
    /// A friend.
    Friend,
    /// The user itself, or one who may moderate: sees all.
    Privileged,
}

impl Level {
    /// The level of one field for one user: the default where the choice is taken away or was never made.
    ///
    /// BuddyPress's own list of hidden fields forgets a default of `adminsonly` where the user never chose; this is
    /// its rule for a single field. `levels` is the user's meta `bp_xprofile_visibility_levels`.
    #[must_use]
    pub fn of(field_id: u64, default: Option<&[u8]>, custom: Option<&[u8]>, levels: &PhpArray) -> Self {
        // Field 1, the name, is never hidden.
        if field_id == 1 {
            return Self::Public;
        }
        let chosen = i64::try_from(field_id).ok().and_then(|id| levels.get(id));
        let chosen = chosen.and_then(PhpValue::as_bytes).filter(|level| !level.is_empty());
        match chosen.filter(|_| custom != Some(b"disabled")).or(default) {
            None | Some(b"public" | b"") => Self::Public,
            Some(b"loggedin") => Self::LoggedIn,
            Some(b"friends") => Self::Friends,
            Some(_) => Self::AdminsOnly,
        }
    }

    /// Whether the reader may see it.
    #[must_use]
    pub fn is_visible_to(self, reader: Reader) -> bool {
        match reader {
            Reader::Anonymous => self == Self::Public,
            Reader::LoggedIn => matches!(self, Self::Public | Self::LoggedIn),
            Reader::Friend => self != Self::AdminsOnly,
            Reader::Privileged => true,
        }
    }
}
