//! From the column `value` to what a client sees: `xprofile_get_field_data()` with its filters.

use super::FieldType;
use crate::wp::php_date::{self, Zone};
use crate::wp::php_number::int_cast;
use crate::wp::php_serialize::maybe_unserialize;
use crate::wp::php_value::{PhpArray, PhpValue};
use crate::wp::sanitize::kses::Place;
use crate::wp::sanitize::parse_url::wp_parse_url;
use crate::wp::sanitize::{
    Rules, esc_html, esc_url, force_balance_tags, strip_tags, stripslashes, wp_kses, wp_strip_all_tags,
};
use crate::wp::time_zone::SiteZone;

/// The setting `date_format` of a date field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DateFormat {
    /// How long ago.
    Elapsed,
    /// Full years since.
    Age,
    /// Letters of PHP's `date()`.
    Letters(Vec<u8>),
}

impl DateFormat {
    /// Reads the field's meta `date_format` and `date_format_custom`.
    #[must_use]
    pub fn parse(format: Option<&[u8]>, custom: Option<&[u8]>) -> Self {
        match format {
            None | Some(b"") => Self::Letters(b"Y-m-d".to_vec()),
            Some(b"elapsed") => Self::Elapsed,
            Some(b"age") => Self::Age,
            Some(b"custom") => Self::Letters(custom.unwrap_or_default().to_vec()),
            Some(letters) => Self::Letters(letters.to_vec()),
        }
    }
}

/// What showing depends on.
#[derive(Clone, Copy, Debug)]
pub struct Display<'a> {
    /// The release.
    pub rules: Rules,
    /// Unix seconds.
    pub now: i64,
    /// The site's zone.
    pub zone: &'a SiteZone,
}

impl Display<'_> {
    /// The value of a field, `None` for no row. A list where a list is stored, else a text.
    #[must_use]
    pub fn shown(self, stored: Option<&[u8]>, kind: FieldType, format: &DateFormat) -> PhpValue {
        let element = |value: &PhpValue| {
            let text = value.to_text().unwrap_or_default();
            PhpValue::from(self.element(&text, kind, format))
        };
        match maybe_unserialize(stored.unwrap_or_default()) {
            PhpValue::Array(list) => {
                PhpValue::Array(PhpArray::from(list.values().map(element).collect::<Vec<_>>()))
            }
            value => element(&value),
        }
    }

    fn element(self, stored: &[u8], kind: FieldType, format: &DateFormat) -> Vec<u8> {
        // The filters see the slashes that the row holds.
        let text = wp_kses(stored, Place::Profile, self.rules);
        let text = match kind {
            FieldType::Datebox => self.date(text, format),
            FieldType::Url => self.link(&text),
            FieldType::Telephone => self.telephone(&text),
            FieldType::Acceptance => {
                if matches!(text.as_slice(), b"" | b"0") {
                    b"No".to_vec()
                } else {
                    b"Yes".to_vec()
                }
            }
            _ => text,
        };
        stripslashes(&force_balance_tags(&text))
    }

    fn date(self, text: Vec<u8>, format: &DateFormat) -> Vec<u8> {
        if matches!(text.as_slice(), b"" | b"0") {
            return text;
        }
        let number = text.iter().all(u8::is_ascii_digit);
        let time = if number { Some(int_cast(&text)) } else { php_date::parse(&text) };
        match format {
            DateFormat::Elapsed => elapsed(self.now - time.unwrap_or(0)).into_bytes(),
            DateFormat::Age => age(time.unwrap_or(0), self.now).to_string().into_bytes(),
            // What cannot be read prints the present, as in WordPress.
            DateFormat::Letters(letters) => {
                let local = time.unwrap_or_else(|| self.zone.local(self.now));
                php_date::format(letters, local, &self.zone.at_local(local))
            }
        }
    }

    fn link(self, text: &[u8]) -> Vec<u8> {
        let link = strip_tags(text);
        let mut short = link.as_slice();
        while let Some(rest) = short.strip_suffix(b"/") {
            short = rest;
        }
        let short =
            short.strip_prefix(b"http://").or_else(|| short.strip_prefix(b"https://")).unwrap_or(short);
        // Markup around the address stays, to be escaped.
        let label = if link == text { short.to_vec() } else { text.to_vec() };
        anchor(&esc_url(text, self.rules), &esc_html(&label, self.rules))
    }

    fn telephone(self, text: &[u8]) -> Vec<u8> {
        let number = wp_strip_all_tags(text);
        let scheme = wp_parse_url(&number).and_then(|parts| parts.scheme).map(<[u8]>::to_vec);
        let (url, label) = match scheme {
            Some(scheme) => {
                let rest = number.get(scheme.len()..).unwrap_or_default();
                let url = if scheme.eq_ignore_ascii_case(b"tel") {
                    number.clone()
                } else {
                    [b"tel", rest].concat()
                };
                let has_slashes = url.get(..6).is_some_and(|start| start.eq_ignore_ascii_case(b"tel://"));
                let label = if has_slashes { url.get(6..).unwrap_or_default().to_vec() } else { url.clone() };
                (url, label)
            }
            None => ([b"tel://", number.as_slice()].concat(), number),
        };
        anchor(&esc_url(&url, self.rules), &esc_html(&label, self.rules))
    }
}

fn anchor(url: &[u8], label: &[u8]) -> Vec<u8> {
    [b"<a href=\"", url, b"\" rel=\"nofollow\">", label, b"</a>"].concat()
}

/// BuddyPress's `bp_core_time_since()` in English: the two largest units.
fn elapsed(since: i64) -> String {
    const UNITS: [(i64, &str); 7] = [
        (31_536_000, "year"),
        (2_592_000, "month"),
        (604_800, "week"),
        (86_400, "day"),
        (3600, "hour"),
        (60, "minute"),
        (1, "second"),
    ];
    if since < 0 {
        return "sometime ago".to_owned();
    }
    let counted = |count: i64, unit: &str| format!("{count} {unit}{}", if count == 1 { "" } else { "s" });
    let mut units = UNITS.iter();
    let Some((seconds, unit)) = units.find(|(seconds, _)| since >= *seconds) else {
        return "right now".to_owned();
    };
    let count = since / seconds;
    let mut text = counted(count, unit);
    if let Some((second, unit)) = units.next().filter(|(second, _)| *second > 1) {
        let rest = (since - count * seconds) / second;
        if rest > 0 {
            text = format!("{text}, {}", counted(rest, unit));
        }
    }
    text + " ago"
}

/// Full years from one moment to another.
fn age(from: i64, now: i64) -> i64 {
    let utc = Zone::fixed(0);
    let number = |letters: &[u8], time: i64| int_cast(&php_date::format(letters, time, &utc));
    let birthday_to_come = number(b"md", now) < number(b"md", from);
    number(b"Y", now) - number(b"Y", from) - i64::from(birthday_to_come)
}
