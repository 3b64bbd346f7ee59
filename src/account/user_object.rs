//! A user as the plugins describe one: columns, the name meta, capabilities, avatar.

use crate::store::usermeta::{self, MetaRow};
use crate::store::users::User;
use crate::wp::avatar::{self, AvatarOwner};
use crate::wp::php_serialize::maybe_unserialize;
use crate::wp::php_value::{PhpArray, PhpValue};

use super::site::Site;

/// The meta that a description needs, besides the capabilities.
pub const META_KEYS: [&str; 4] = ["nickname", "first_name", "last_name", "description"];

impl Site {
    /// The meta keys that [`Self::user_object`] reads.
    #[must_use]
    pub fn user_object_keys(&self) -> [&str; META_KEYS.len() + 1] {
        let [nickname, first, last, description] = META_KEYS;
        [&self.capabilities_key, nickname, first, last, description]
    }

    /// The user object of a login and of `get_currentuserinfo`, in the plugin's order.
    pub async fn user_object(&self, user: &User, meta: &[MetaRow], avatar_size: u32, tls: bool) -> PhpArray {
        let avatar = self.avatar(user, avatar_size, tls).await;
        let mut object = PhpArray::new();
        let mut put = |name: &str, value: PhpValue| {
            object.insert(name, value);
        };
        put("id", id(user.id));
        put("username", text(&user.login));
        put("nicename", text(&user.nicename));
        put("email", text(&user.email));
        put("url", text(&user.url));
        put("registered", PhpValue::from(user.registered.as_str()));
        put("displayname", text(&user.display_name));
        put("firstname", meta_value(meta, "first_name"));
        put("lastname", meta_value(meta, "last_name"));
        put("nickname", meta_value(meta, "nickname"));
        put("description", meta_value(meta, "description"));
        put("capabilities", meta_value(meta, &self.capabilities_key));
        put("avatar", avatar);
        object
    }

    /// What everybody may see of a user: `get_userinfo`.
    pub async fn public_user_object(&self, user: &User, meta: &[MetaRow], tls: bool) -> PhpArray {
        let avatar = self.avatar(user, 32, tls).await;
        let mut object = PhpArray::new();
        let mut put = |name: &str, value: PhpValue| {
            object.insert(name, value);
        };
        put("id", id(user.id));
        put("nicename", text(&user.nicename));
        put("url", text(&user.url));
        put("displayname", text(&user.display_name));
        put("firstname", meta_value(meta, "first_name"));
        put("lastname", meta_value(meta, "last_name"));
        put("nickname", meta_value(meta, "nickname"));
        put("avatar", avatar);
        object
    }

    /// `get_avatar_url()`: where BuddyPress runs, the file that the user uploaded.
    async fn avatar(&self, user: &User, size: u32, tls: bool) -> PhpValue {
        if self.buddypress {
            let full = size > avatar::BUDDYPRESS_THUMB;
            return self.buddypress_avatar(Some(user.id), &user.email, full, size).await;
        }
        let owner = AvatarOwner { email: &user.email, display_name: &user.display_name, login: &user.login };
        self.avatars.url(owner, size, tls).map_or(PhpValue::Null, PhpValue::from)
    }

    /// BuddyPress's `bp_core_fetch_avatar()`: the uploaded file, `full` or small, else Gravatar in that size. Null
    /// where the site shows no avatars.
    pub async fn buddypress_avatar(
        &self,
        user_id: Option<u64>,
        email: &[u8],
        full: bool,
        size: u32,
    ) -> PhpValue {
        if !self.avatars.show {
            return PhpValue::Null;
        }
        if let (Some(files), Some(id)) = (&self.avatar_files, user_id)
            && let Some(url) = files.find(id, full).await
        {
            return PhpValue::from(url);
        }
        PhpValue::from(self.avatars.buddypress_url(email, size))
    }
}

/// An id as PHP's integer.
#[must_use]
pub fn id(id: u64) -> PhpValue {
    PhpValue::Int(i64::try_from(id).unwrap_or(i64::MAX))
}

fn text(bytes: &[u8]) -> PhpValue {
    PhpValue::from(bytes.to_vec())
}

/// `get_user_meta(…, true)`: the first value as PHP has it, the empty text where there is none.
fn meta_value(meta: &[MetaRow], key: &str) -> PhpValue {
    match usermeta::first(meta, key) {
        Some(MetaRow { value: Some(value), .. }) => maybe_unserialize(value),
        Some(MetaRow { value: None, .. }) => PhpValue::Null,
        None => PhpValue::from(""),
    }
}
