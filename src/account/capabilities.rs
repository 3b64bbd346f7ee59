//! What a user may do: roles and capabilities from the user's meta and the site's roles.
//!
//! Only what plugins leave alone: filters on capabilities are PHP code and cannot be asked.

use crate::store::posts::Post;
use crate::wp::php_serialize::maybe_unserialize;
use crate::wp::php_value::{PhpArray, PhpKey, PhpValue};

/// The option that holds the roles, behind the site's prefix.
pub const ROLES: &str = "user_roles";

/// All that a user may do: `WP_User::$allcaps`.
#[derive(Clone, Debug, Default)]
pub struct Capabilities {
    names: PhpArray,
    /// A network's super admin may do everything.
    everything: bool,
}

impl Capabilities {
    /// `WP_User::get_role_caps()`: the roles that the user has, overlaid with the user's own capabilities.
    ///
    /// `meta` is the value of `<prefix>capabilities`, `roles` that of the option `<prefix>user_roles`.
    #[must_use]
    pub fn new(meta: Option<&[u8]>, roles: &[u8]) -> Self {
        let Some(own) = meta.map(maybe_unserialize).and_then(PhpValue::into_array) else {
            return Self::default();
        };
        let roles = maybe_unserialize(roles).into_array().unwrap_or_default();
        let mut names = PhpArray::new();
        let granted = own.keys().filter_map(|name| roles.get(name.as_ref())?.as_array());
        for role in granted.filter_map(|role| role.get("capabilities")?.as_array()) {
            merge(&mut names, role);
        }
        merge(&mut names, &own);
        Self { names, everything: false }
    }

    /// The capabilities of a network's super admin.
    #[must_use]
    pub fn everything() -> Self {
        Self { everything: true, ..Self::default() }
    }

    /// `WP_User::has_cap()` for a capability that is not about one object.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.everything || self.names.get(name).is_some_and(is_truthy)
    }

    /// `user_can( …, 'edit_post', … )`. Types other than pages are taken to have the capabilities of posts.
    #[must_use]
    pub fn may_edit(&self, user_id: u64, post: &Post, before_trash: Option<&str>) -> bool {
        let has = |verb: &str| self.has(&format!("{verb}_{}", plural(post)));
        let is_out = |status: &str| matches!(status, "publish" | "future");
        if is_author(user_id, post) {
            let status = if post.status == "trash" { before_trash.unwrap_or("") } else { &post.status };
            return has(if is_out(status) { "edit_published" } else { "edit" });
        }
        has("edit_others")
            && (!is_out(&post.status) || has("edit_published"))
            && (post.status != "private" || has("edit_private"))
    }

    /// `user_can( …, 'read_post', … )` for a post whose `get_post_status()` is `status`.
    #[must_use]
    pub fn may_read(&self, user_id: u64, post: &Post, status: &str) -> bool {
        if status == "publish" || is_author(user_id, post) {
            return self.has("read");
        }
        if status == "private" {
            return self.has(&format!("read_private_{}", plural(post)));
        }
        self.may_edit(user_id, post, None)
    }
}

fn is_author(user_id: u64, post: &Post) -> bool {
    post.author != 0 && post.author == user_id
}

fn plural(post: &Post) -> &'static str {
    if post.kind == "page" { "pages" } else { "posts" }
}

/// PHP's `array_merge()` for arrays of names.
fn merge(into: &mut PhpArray, from: &PhpArray) {
    for (name, value) in from.iter() {
        match name {
            PhpKey::Int(_) => drop(into.push(value.clone())),
            PhpKey::Str(_) => drop(into.insert(name.clone(), value.clone())),
        }
    }
}

/// PHP's `! empty()`.
fn is_truthy(value: &PhpValue) -> bool {
    match value.resolve() {
        PhpValue::Null | PhpValue::Shared(_) => false,
        PhpValue::Bool(value) => *value,
        PhpValue::Int(value) => *value != 0,
        PhpValue::Float(value) => *value != 0.0,
        PhpValue::Str(text) => !matches!(text.as_slice(), b"" | b"0"),
        PhpValue::Array(array) => !array.is_empty(),
        PhpValue::Object(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLES: &[u8] =
        b"a:2:{s:6:\"editor\";a:2:{s:4:\"name\";s:6:\"Editor\";s:12:\"capabilities\";a:3:{s:17:\
        \"moderate_comments\";b:1;s:17:\"edit_others_posts\";b:1;s:20:\"edit_published_posts\";b:1;}}s:10:\
        \"subscriber\";a:2:{s:4:\"name\";s:1:\"S\";s:12:\"capabilities\";a:1:{s:4:\"read\";b:1;}}}";

    fn post(status: &str) -> Post {
        Post {
            id: 1,
            author: 7,
            parent: 0,
            kind: "post".into(),
            status: status.into(),
            comment_status: "open".into(),
            has_password: false,
            date_gmt: String::new(),
            title: Vec::new(),
        }
    }

    #[test]
    fn a_role_gives_its_capabilities_and_the_users_own_win() {
        let editor = Capabilities::new(Some(b"a:1:{s:6:\"editor\";b:1;}"), ROLES);
        assert!(editor.has("moderate_comments") && !editor.has("read"));
        let tamed =
            Capabilities::new(Some(b"a:2:{s:6:\"editor\";b:1;s:17:\"moderate_comments\";b:0;}"), ROLES);
        assert!(!tamed.has("moderate_comments") && tamed.has("edit_others_posts"));
        let own = Capabilities::new(Some(b"a:1:{s:17:\"moderate_comments\";b:1;}"), ROLES);
        assert!(own.has("moderate_comments"));
        assert!(Capabilities::everything().has("anything"));
    }

    #[test]
    fn broken_rows_give_nothing() {
        for meta in [None, Some(&b""[..]), Some(b"a:1:{"), Some(b"i:5;"), Some(b"editor")] {
            assert!(!Capabilities::new(meta, ROLES).has("read"));
        }
        assert!(!Capabilities::new(Some(b"a:1:{s:6:\"editor\";b:1;}"), b"x").has("moderate_comments"));
    }

    #[test]
    fn drafts_are_read_by_those_who_may_edit_them() {
        let subscriber = Capabilities::new(Some(b"a:1:{s:10:\"subscriber\";b:1;}"), ROLES);
        let editor = Capabilities::new(Some(b"a:1:{s:6:\"editor\";b:1;}"), ROLES);
        assert!(subscriber.may_read(3, &post("publish"), "publish"));
        assert!(!subscriber.may_read(3, &post("draft"), "draft"));
        assert!(subscriber.may_read(7, &post("draft"), "draft"));
        assert!(editor.may_read(3, &post("draft"), "draft"));
        assert!(!editor.may_read(3, &post("private"), "private"));
        assert!(
            editor.may_edit(3, &post("publish"), None) && !subscriber.may_edit(7, &post("publish"), None)
        );
    }
}
