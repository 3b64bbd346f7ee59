//! What to make of two answers to one request.

use super::content::Content;
use super::difference::{Difference, between};
use super::documented;
use super::requests::Asked;
use super::side::{Answer, Unanswered};
use crate::account::protected_meta::ProtectedMeta;

/// The web server sends this request to the service already. The rest of the site may still be the plugins'.
pub const SWITCHED: &str = "the live site: the service answers there already, not the plugins";

/// How two answers stand to each other.
#[derive(Debug)]
pub enum Verdict {
    /// The same, but for ignored fields.
    Equal,
    /// They differ; each difference with the number of the line that documents it, if one does.
    Differs(Vec<(Difference, Option<&'static str>)>),
    /// The live site as a whole answers otherwise, as a line documents.
    Deliberate(&'static str, String),
    /// They cannot be compared, and why.
    Failed(String),
    /// The same, where this says nothing of the request: no connection, or nobody is to be asked now.
    Away(String),
}

impl Verdict {
    /// Something differs that no line documents.
    pub fn is_undocumented(&self) -> bool {
        matches!(self, Self::Differs(found) if found.iter().any(|(_, number)| number.is_none()))
    }

    /// Fields are said to be hidden from this reader.
    pub fn hides(&self) -> bool {
        matches!(self, Self::Differs(found) if found.iter().any(|(_, number)| *number == Some(HIDDEN)))
    }
}

/// The line that says that hidden fields read as empty ones.
const HIDDEN: &str = "D11";

/// What answers are judged by.
pub struct Judge<'a> {
    /// Fields that may differ: `version`, `user.url`, or `user/info:version` for one method.
    pub ignored: &'a [String],
    /// The meta that is never shown (D6).
    pub protected: &'a ProtectedMeta,
}

impl Judge<'_> {
    /// Judges the answers of the live site and of the service.
    pub fn judge(
        &self,
        asked: &Asked,
        live: &Result<Answer, Unanswered>,
        service: &Result<Answer, Unanswered>,
    ) -> Verdict {
        let (live, service) = match (live, service) {
            (Ok(live), Ok(service)) => (live, service),
            (Err(error), _) => return error.verdict("the live site"),
            (_, Err(error)) => return error.verdict("the service"),
        };
        if live.by_service {
            return Verdict::Failed(SWITCHED.to_owned());
        }
        if is_refusal(service.status) {
            return refused("the service", service.status);
        }
        let of_service = match Content::of(service) {
            Ok(content) => content,
            Err(reason) => return Verdict::Failed(format!("the service {reason}")),
        };
        if let Some(number) = documented::number_of_answer(live, &of_service.value, asked) {
            let what = format!("status {}, and the service answers {}", live.status, service.status);
            return Verdict::Deliberate(number, what);
        }
        if is_refusal(live.status) {
            return refused("the live site", live.status);
        }
        let of_live = match Content::of(live) {
            Ok(content) => content,
            Err(reason) => return Verdict::Failed(format!("the live site {reason}")),
        };
        let found = between((live, &of_live), (service, &of_service));
        let found: Vec<_> = found
            .into_iter()
            .filter(|found| !self.is_ignored(asked, &found.path))
            .map(|found| {
                let number = documented::number(&found, asked, self.protected);
                (found, number)
            })
            .collect();
        if found.is_empty() { Verdict::Equal } else { Verdict::Differs(found) }
    }

    /// A field that is hidden, and not merely empty here, is the live site's to whom nothing is hidden: that is what
    /// `unhidden` is the answer of. What differs even then is a difference after all.
    pub fn confirm(
        &self,
        asked: &Asked,
        verdict: Verdict,
        live: &Result<Answer, Unanswered>,
        unhidden: &Result<Answer, Unanswered>,
    ) -> Verdict {
        let Verdict::Differs(mut found) = verdict else { return verdict };
        let still = match self.judge(asked, live, unhidden) {
            Verdict::Equal => Vec::new(),
            Verdict::Differs(still) => still,
            other => return other,
        };
        for (difference, number) in &mut found {
            if *number == Some(HIDDEN) && differs_at(&still, &difference.path) {
                *number = None;
            }
        }
        Verdict::Differs(found)
    }

    fn is_ignored(&self, asked: &Asked, path: &str) -> bool {
        let name = format!("{:?}", asked.endpoint);
        self.ignored.iter().any(|ignored| {
            let field = match ignored.split_once(':') {
                Some((method, field)) if method == name => field,
                Some(_) => return false,
                None => ignored,
            };
            is_at_or_below(path, field)
        })
    }
}

/// One of them is at that field, in it or around it.
fn differs_at(found: &[(Difference, Option<&'static str>)], path: &str) -> bool {
    found.iter().any(|(found, _)| is_at_or_below(&found.path, path) || is_at_or_below(path, &found.path))
}

/// The field itself, or a part of it; not another one whose name begins alike.
fn is_at_or_below(path: &str, field: &str) -> bool {
    path.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[', '(']))
}

impl Unanswered {
    fn verdict(&self, side: &str) -> Verdict {
        match self {
            Self::NoConnection(reason) => Verdict::Away(format!("{side}: {reason}")),
            Self::Broken(reason) => Verdict::Failed(format!("{side}: {reason}")),
        }
    }
}

fn refused(side: &str, status: u16) -> Verdict {
    let reason = format!("{side} answered status {status}");
    if matches!(status, 429 | 503) { Verdict::Away(reason) } else { Verdict::Failed(reason) }
}

/// An answer that says nothing of the request: too many of them, or a failure.
fn is_refusal(status: u16) -> bool {
    status == 429 || status >= 500
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_not_another_one_whose_name_begins_alike() {
        for path in ["Name", "Name.first", "Name[0]", "Name(order of fields)"] {
            assert!(is_at_or_below(path, "Name"), "{path}");
        }
        for path in ["Name2", "Nam", "Names[0]", "user.Name"] {
            assert!(!is_at_or_below(path, "Name"), "{path}");
        }
    }

    #[test]
    fn what_was_hidden_is_confirmed_by_its_own_field_alone() {
        let still =
            |path: &str| vec![(Difference { path: path.to_owned(), live: None, service: None }, None)];
        for path in ["Name", "Name[0]"] {
            assert!(differs_at(&still(path), "Name"), "{path}");
            assert!(differs_at(&still("Name"), path), "{path}");
        }
        assert!(!differs_at(&still("Name2"), "Name"));
        assert!(!differs_at(&still("Name"), "Name2"));
    }
}
