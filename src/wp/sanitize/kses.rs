//! `wp_kses` with the small sets of tags that visitors may use: which markup survives in a comment, a name or
//! a user's description.
//!
//! The larger set for posts does not belong here, nor what happens to links after kses (`comment`).

mod attributes;
mod block_json;
mod blocks;
mod chunks;
mod delimiters;
pub(super) mod html5;
mod style;
mod targeted;

use std::borrow::Cow;

use super::php::{collapse, find_where, is_space, replace, slice, tail};
use super::protocol::without_controls;
use super::text::escape_unclosed;
use super::{Rules, normalize_entities};

use chunks::{Chunks, Tag, is_bogus_comment};
pub(super) use targeted::targeted_link_rel;

/// Rounds after which nested filtering gives up; the genuine one has no bound, and needs two or three.
const MOST_ROUNDS: usize = 20;

/// Where the text will stand; that decides which tags and attributes it may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The default set (`$allowedtags`): names, addresses, comments outside the filter `pre_comment_content`.
    Default,
    /// The filter `pre_comment_content`: since 7.1 `span` too, for mentions in notes.
    Comment,
    /// The filter `pre_user_description`: links may have `rel`, since 6.8 `target`.
    Description,
    /// BuddyPress's `xprofile_filter_kses()`: links may have `rel`.
    Profile,
    /// The same for a field with an editor: lists, pictures and styled paragraphs too.
    RichProfile,
}

impl Place {
    /// The attributes that a tag (in lower case) may have, `None` when the tag is not allowed.
    fn attributes(self, tag: &[u8], rules: Rules) -> Option<&'static [&'static str]> {
        Some(match tag {
            b"a" if self == Self::Description && rules.version.at_least(6, 8) => {
                &["href", "title", "rel", "target"]
            }
            b"a" if matches!(self, Self::Description | Self::Profile | Self::RichProfile) => {
                &["href", "title", "rel"]
            }
            b"a" => &["href", "title"],
            b"abbr" | b"acronym" => &["title"],
            b"blockquote" | b"q" => &["cite"],
            b"del" => &["datetime"],
            b"span" if self == Self::Comment && rules.version.at_least(7, 1) => &["class"],
            b"span" | b"p" if self == Self::RichProfile => &["style"],
            b"ul" | b"ol" | b"li" if self == Self::RichProfile => &["id", "class"],
            b"img" if self == Self::RichProfile => &["id", "class", "src", "alt", "width", "height"],
            b"b" | b"cite" | b"code" | b"em" | b"i" | b"s" | b"strike" | b"strong" => &[],
            _ => return None,
        })
    }
}

/// WordPress `wp_kses` for one of the small sets of tags; held against 6.1, 6.8 and 7.1.
///
/// Tags that are not allowed go and their text stays; text that only looks like a tag is escaped.
#[must_use]
pub fn wp_kses(text: &[u8], place: Place, rules: Rules) -> Vec<u8> {
    Kses { place, rules }.filter(text, true)
}

#[derive(Clone, Copy)]
struct Kses {
    place: Place,
    rules: Rules,
}

impl Kses {
    /// `blocks`: whether block delimiters get their attributes filtered; not inside such attributes.
    fn filter(self, text: &[u8], blocks: bool) -> Vec<u8> {
        if !text.iter().any(|&b| matches!(b, b'<' | b'>' | b'&') || b < b' ') {
            return text.to_vec();
        }
        let text = normalize_entities(&without_controls(text), self.rules);
        let mut text = escape_unclosed(&text, self.rules);
        if blocks {
            text = blocks::filter_block_content(text, self);
        }
        self.split(&text)
    }

    /// WordPress `wp_kses_split`: what looks like a tag or a comment is judged, the text between is kept.
    fn split(self, text: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(text.len());
        let mut chunks = Chunks::new(text, self.rules);
        let mut from = 0;
        while let Some(start) = find_where(text, from, |b| b == b'<' || b == b'>') {
            out.extend_from_slice(slice(text, from, start));
            from = chunks.end(start);
            let chunk = replace(Cow::Borrowed(slice(text, start, from)), b"\\\"", b"\"");
            self.chunk(&chunk, &mut out);
        }
        out.extend_from_slice(tail(text, from));
        out
    }

    /// WordPress `wp_kses_split2`: one piece of markup.
    fn chunk(self, chunk: &[u8], out: &mut Vec<u8>) {
        if !chunk.starts_with(b"<") {
            out.extend_from_slice(b"&gt;");
        } else if self.rules.version.at_least(6, 6) && is_bogus_comment(chunk) {
            let inner = self.until_stable(slice(chunk, 2, chunk.len() - 1));
            out.extend_from_slice(slice(chunk, 0, 2));
            out.extend(inner);
            out.push(b'>');
        } else if chunk.starts_with(b"<!--") {
            self.comment(chunk, out);
        } else {
            self.tag(chunk, out);
        }
    }

    fn comment(self, chunk: &[u8], out: &mut Vec<u8>) {
        let inner = replace(replace(Cow::Borrowed(chunk), b"<!--", b""), b"-->", b"");
        let inner = self.until_stable(&inner);
        if inner.is_empty() {
            return;
        }
        // Dashes could close the comment early.
        let mut inner = collapse(&inner, |b| b == b'-', b'-');
        if inner.ends_with(b"-") {
            inner.pop();
        } else if inner.ends_with(b"-\n") {
            inner.truncate(inner.len() - 2);
            inner.push(b'\n');
        }
        out.extend_from_slice(b"<!--");
        out.extend(inner);
        out.extend_from_slice(b"-->");
    }

    /// The inside of a comment. No other comment begins in it, so this goes no deeper than a tag or a bogus
    /// comment, and no block is in it.
    fn until_stable(self, text: &[u8]) -> Vec<u8> {
        let mut text = text.to_vec();
        for _ in 0..MOST_ROUNDS {
            let next = self.filter(&text, false);
            if next == text {
                break;
            }
            text = next;
        }
        text
    }

    fn tag(self, chunk: &[u8], out: &mut Vec<u8>) {
        let Some(tag) = Tag::read(chunk) else {
            return;
        };
        let Some(allowed) = self.place.attributes(&tag.name.to_ascii_lowercase(), self.rules) else {
            return;
        };
        out.extend_from_slice(if tag.closing { b"</" } else { b"<" });
        out.extend_from_slice(tag.name);
        if !tag.closing {
            for attribute in hair(tag.attributes, self.rules) {
                let name = attribute.name.to_ascii_lowercase();
                if name == b"style" && !style::is_safe(&attribute.value) {
                    continue;
                }
                if allowed.iter().any(|allowed| allowed.as_bytes() == name) {
                    out.push(b' ');
                    out.extend(attribute.whole.iter().filter(|b| !b"<>".contains(b)));
                }
            }
            let last = tag.attributes.iter().rev().find(|&&b| !is_space(b));
            if last == Some(&b'/') {
                out.extend_from_slice(b" /");
            }
        }
        out.push(b'>');
    }
}

fn trim_space(text: &[u8]) -> &[u8] {
    tail(text, text.iter().take_while(|&&b| is_space(b)).count())
}

/// One attribute as it will be written.
pub(super) struct Attribute {
    pub(super) name: Vec<u8>,
    /// The value as it is written, empty when there is none.
    pub(super) value: Vec<u8>,
    pub(super) whole: Vec<u8>,
}

/// WordPress `wp_kses_hair`: the attributes in a tag, each name once.
pub(super) fn hair(text: &[u8], rules: Rules) -> Vec<Attribute> {
    if text.iter().all(|&b| is_space(b) || b == b'/') {
        Vec::new()
    } else if rules.version.at_least(7, 0) {
        html5::hair(text, rules)
    } else {
        attributes::hair(text, rules)
    }
}

/// Attributes whose value is a URL.
fn is_uri(name: &[u8]) -> bool {
    const NAMES: [&str; 17] = [
        "action",
        "archive",
        "background",
        "cite",
        "classid",
        "codebase",
        "data",
        "formaction",
        "href",
        "icon",
        "longdesc",
        "manifest",
        "poster",
        "profile",
        "src",
        "usemap",
        "xmlns",
    ];
    NAMES.iter().any(|uri| uri.as_bytes() == name)
}

#[cfg(test)]
mod tests {
    use super::super::vectors::{self, RULES_6_8};
    use super::*;
    use crate::wp::version::WpVersion;

    fn filtered(text: &str, place: Place, version: (u16, u16)) -> String {
        let rules = Rules::new(WpVersion::new(version.0, version.1));
        String::from_utf8(wp_kses(text.as_bytes(), place, rules)).unwrap()
    }

    #[test]
    fn comment_kses_agrees_with_the_recorded_vectors() {
        for file in ["wordpress-6.8.8", "fuzzed-6.8.8"] {
            vectors::bytes(file, "comment_kses", |input, _| wp_kses(input, Place::Default, RULES_6_8));
        }
    }

    #[test]
    fn description_kses_agrees_with_the_recorded_vectors() {
        for (file, list) in [("wordpress-6.8.8", "pre_user_description"), ("fuzzed-6.8.8", "description")] {
            vectors::bytes(file, list, |input, _| wp_kses(input, Place::Description, RULES_6_8));
        }
    }

    #[test]
    fn the_sets_of_tags_depend_on_place_and_release() {
        let link = "<a href=\"/x\" rel=\"y\" target=\"z\">";
        assert_eq!(filtered(link, Place::Default, (6, 8)), "<a href=\"/x\">");
        assert_eq!(filtered(link, Place::Description, (6, 7)), "<a href=\"/x\" rel=\"y\">");
        assert_eq!(filtered(link, Place::Description, (6, 8)), link);
        let span = "<span class=\"x\">";
        assert_eq!(filtered(span, Place::Comment, (7, 0)), "");
        assert_eq!(filtered(span, Place::Comment, (7, 1)), span);
        assert_eq!(filtered(span, Place::Default, (7, 1)), "");
    }

    #[test]
    fn bogus_comments_are_kept_since_6_6() {
        assert_eq!(filtered("a</ b>c", Place::Default, (6, 5)), "a</b>c");
        assert_eq!(filtered("a</ b>c", Place::Default, (6, 6)), "a</ b>c");
        assert_eq!(filtered("a</>x>c", Place::Default, (6, 5)), "ax&gt;c");
        assert_eq!(filtered("a</>x>c", Place::Default, (6, 6)), "a</&gt;x>c");
        assert_eq!(filtered("<!x><!X>", Place::Default, (6, 6)), "<!x>");
    }

    #[test]
    fn attributes_are_parsed_as_html5_since_7_0() {
        let link = "<A HREF='x&lt;' title=\"it's\">";
        assert_eq!(filtered(link, Place::Default, (6, 9)), "<A HREF='x&lt;' title=\"it's\">");
        assert_eq!(filtered(link, Place::Default, (7, 0)), "<A href=\"x&lt;\" title=\"it&apos;s\">");
    }
}
