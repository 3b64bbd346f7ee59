//! Reading and changing BuddyPress's extended profiles: `xprofile_get_field_data()` and
//! `xprofile_set_field_data()`, with the visibility that BuddyPress's own pages honour.

use super::Context;
use super::capabilities::{Capabilities, ROLES};
use crate::store::users::{self, User, WithMeta};
use crate::store::xprofile::{Field, FieldBy, FieldValue, Names, Profile, ProfileOf};
use crate::store::{StoreError, usermeta};
use crate::wp::php_date::{self, Zone};
use crate::wp::php_serialize::{maybe_serialize, maybe_unserialize};
use crate::wp::php_text::trim;
use crate::wp::php_value::{PhpArray, PhpValue};
use crate::wp::sanitize::{addslashes, display_name, stripslashes};
use crate::wp::xprofile::{DateFormat, Display, FieldType, Input, Level, Reader, Storage, Stored, is_valid};

/// The longest `users.display_name`, in characters.
const DISPLAY_NAME: usize = 250;

/// Whose profile is read, and by whom.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// The profile's user; may be unknown.
    pub user_id: u64,
    /// Who is logged in, with the meta row of the capabilities.
    pub reader: Option<&'a WithMeta<users::Reader>>,
    /// Everybody sees everything.
    pub ignore_visibility: bool,
}

/// One parameter of an update.
#[derive(Clone, Debug)]
pub struct Change<'a> {
    /// The field of exactly this name.
    pub exact: Option<FieldBy<'a>>,
    /// The field meant where there is none of that name.
    pub spaced: Option<FieldBy<'a>>,
    /// The new value.
    pub sent: Sent<'a>,
}

/// A value as sent.
#[derive(Clone, Debug)]
pub enum Sent<'a> {
    /// A text.
    Text(&'a [u8]),
    /// `label[]=…`
    List(Vec<&'a [u8]>),
    /// Nothing that a field takes.
    Unusable,
}

/// What became of it.
#[derive(Clone, Copy, Debug)]
pub struct Changed {
    /// The field was found by its exact name.
    pub exact: bool,
    /// The value was taken.
    pub updated: bool,
}

impl Context<'_> {
    /// The values of the named fields as they are shown; false where there is no such field.
    pub async fn read_profile(
        &self,
        reading: Reading<'_>,
        names: &[Option<FieldBy<'_>>],
    ) -> Result<Vec<PhpValue>, StoreError> {
        let wanted: Vec<FieldBy<'_>> = names.iter().flatten().copied().collect();
        let stranger =
            reading.reader.map(|reader| reader.user.identity.id).filter(|id| *id != reading.user_id);
        let friend = stranger.filter(|_| self.site.has_component("friends"));
        let profile = match wanted.as_slice() {
            [] => Profile::default(),
            _ => self.db.find_profile(ProfileOf { user_id: reading.user_id, friend }, &wanted).await?,
        };
        let levels = profile.levels.as_deref().map(maybe_unserialize).and_then(PhpValue::into_array);
        let levels = levels.unwrap_or_default();
        let mut reader = match reading.reader {
            _ if reading.ignore_visibility => Reader::Privileged,
            None => Reader::Anonymous,
            Some(_) if stranger.is_none() => Reader::Privileged,
            Some(_) if profile.friends => Reader::Friend,
            Some(_) => Reader::LoggedIn,
        };
        // Who may moderate is only asked when something would be hidden otherwise.
        let hides = |field: &Field| !level(field, &levels).is_visible_to(reader);
        if let Some(found) = reading.reader
            && profile.fields().any(hides)
            && self.may_moderate(found).await?
        {
            reader = Reader::Privileged;
        }
        let display = Display { rules: self.site.rules(), now: self.now, zone: &self.site.profiles.zone };
        let mut places = 0..;
        let shown = names.iter().map(|name| {
            let place = name.and_then(|_| places.next());
            let Some(field) = place.and_then(|place| profile.field(place)) else {
                return PhpValue::Bool(false);
            };
            let visible = level(field, &levels).is_visible_to(reader);
            let value = field.value.as_deref().filter(|_| visible);
            display.shown(value, FieldType::parse(&field.kind), &date_format(field))
        });
        Ok(shown.collect())
    }

    /// BuddyPress's capability `bp_moderate`: whoever manages the site's options.
    async fn may_moderate(&self, reader: &WithMeta<users::Reader>) -> Result<bool, StoreError> {
        // BuddyPress's spammers are never trusted.
        if reader.user.status != 0 {
            return Ok(false);
        }
        let own =
            usermeta::first(&reader.meta, &self.site.capabilities_key).and_then(|row| row.value.as_deref());
        let option = format!("{}{ROLES}", self.db.tables().names().blog_prefix.as_str());
        let roles = self.db.list_options(&[&option]).await?;
        let roles = roles.first().map(|(_, value)| value.as_slice()).unwrap_or_default();
        Ok(Capabilities::new(own, roles).has("manage_options"))
    }

    /// Writes what the fields take, all in one transaction; the user's names follow the full-name field.
    pub async fn update_profile(
        &self,
        user: &User,
        changes: &[Change<'_>],
    ) -> Result<Vec<Changed>, StoreError> {
        let fullname = addslashes(self.site.profiles.fullname_field.as_bytes());
        let fullname = String::from_utf8_lossy(&fullname);
        let mut names = vec![FieldBy::Name(&fullname)];
        names.extend(changes.iter().flat_map(|change| [change.exact, change.spaced]).flatten());
        if names.len() == 1 {
            return Ok(vec![Changed { exact: false, updated: false }; changes.len()]);
        }
        let profile = self.db.find_profile(ProfileOf { user_id: user.id, friend: None }, &names).await?;
        let fullname = profile.field(0).map(|field| field.id);
        let with_options: Vec<u64> = profile
            .fields()
            .filter(|field| FieldType::parse(&field.kind).has_options())
            .map(|field| field.id)
            .collect();
        let options = match with_options.as_slice() {
            [] => Vec::new(),
            fields => self.db.list_field_options(fields).await?,
        };
        let mut places = 1..;
        let mut place = |name: Option<FieldBy<'_>>| name.and_then(|_| places.next());
        let (mut values, mut follow) = (Vec::new(), None);
        let mut done = Vec::with_capacity(changes.len());
        for change in changes {
            let (exact, spaced) = (place(change.exact), place(change.spaced));
            let by_name = exact.and_then(|place| profile.field(place));
            let field = by_name.or_else(|| spaced.and_then(|place| profile.field(place)));
            let is_name = field.is_some_and(|field| Some(field.id) == fullname);
            let value = field.and_then(|field| self.value(field, &change.sent, &options, is_name));
            if let Some(FieldValue { value: Some(stored), .. }) = value.as_ref().filter(|_| is_name) {
                follow = Some(stored.clone());
            }
            done.push(Changed { exact: by_name.is_some(), updated: value.is_some() });
            values.extend(value);
        }
        if !values.is_empty() {
            let names = follow.filter(|_| self.site.profiles.sync).map(|stored| self.names(user, &stored));
            let now = php_date::format(b"Y-m-d H:i:s", self.now, &Zone::fixed(0));
            let now = String::from_utf8_lossy(&now);
            self.db.update_profile(user.id, &values, names.as_ref(), &now).await?;
        }
        Ok(done)
    }

    /// What goes into the field's row; `None` where the field does not take it.
    fn value(
        &self,
        field: &Field,
        sent: &Sent<'_>,
        options: &[(u64, Vec<u8>)],
        is_name: bool,
    ) -> Option<FieldValue> {
        let kind = FieldType::parse(&field.kind);
        let input = match sent {
            Sent::Text(text) => Input::of_text(text, kind),
            Sent::List(items) if !is_name => Input::of_list(items.iter().copied()),
            Sent::List(_) | Sent::Unusable => return None,
        };
        let input = input.prepared(kind);
        let options: Vec<Vec<u8>> =
            options.iter().filter(|(of, _)| *of == field.id).map(|(_, name)| name.clone()).collect();
        if !is_valid(&input, kind, &options) {
            return None;
        }
        let storage = Storage { rules: self.site.rules(), home_url: self.site.home.as_bytes() };
        let value = match storage.stored(&input, kind) {
            Stored::Value(value) => Some(value),
            Stored::Emptied => None,
        };
        // WordPress refuses to write what is no text.
        let is_text = value.as_deref().is_none_or(|value| std::str::from_utf8(value).is_ok());
        is_text.then_some(FieldValue { field_id: field.id, value })
    }

    /// `xprofile_sync_wp_profile()`, and what `wp_update_user()` makes of the names.
    fn names(&self, user: &User, stored: &[u8]) -> Names {
        let full = stripslashes(stored);
        let space = full.iter().position(|&b| b == b' ').unwrap_or(full.len());
        let (first, last) = full.split_at_checked(space).unwrap_or_default();
        let filtered = |name: &[u8], otherwise: &[u8]| match name {
            b"" | b"0" => otherwise.to_vec(),
            name => display_name(name, self.site.rules()),
        };
        let shown = filtered(&full, &user.login);
        // The meta API serializes what looks serialized, so that it never reads back as anything but text.
        let meta = |text: Vec<u8>| maybe_serialize(&PhpValue::Str(text)).unwrap_or_default();
        let fits = String::from_utf8_lossy(&shown).chars().count() <= DISPLAY_NAME;
        Names {
            meta: [
                ("nickname", meta(shown.clone())),
                ("first_name", meta(filtered(first, b""))),
                ("last_name", meta(filtered(trim(last), b""))),
            ],
            display_name: fits.then_some(shown),
        }
    }
}

fn level(field: &Field, levels: &PhpArray) -> Level {
    let meta = |key: &str| field.meta.get(key.as_bytes()).map(Vec::as_slice);
    Level::of(field.id, meta("default_visibility"), meta("allow_custom_visibility"), levels)
}

fn date_format(field: &Field) -> DateFormat {
    let meta = |key: &str| field.meta.get(key.as_bytes()).map(Vec::as_slice);
    DateFormat::parse(meta("date_format"), meta("date_format_custom"))
}
