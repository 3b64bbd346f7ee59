//! What came out: figures and findings of each endpoint. It holds no secret. How it is printed is not known here.

mod print;

use super::mask;
use super::requests::{Asked, Requests};
use super::verdict::Verdict;
use crate::cli::words::one_line;
use crate::http::endpoints::Endpoint;

/// More findings of one kind at one endpoint say nothing new; the figures count them all.
const MOST: usize = 50;

/// Everything that is told in the end.
pub struct Report<'a> {
    pub live: String,
    pub service: String,
    pub requests: &'a Requests,
    endpoints: Vec<Row>,
    /// Why not all was asked.
    pub cut_short: Option<String>,
}

/// One endpoint.
struct Row {
    endpoint: &'static Endpoint,
    lines: u64,
    equal: u64,
    documented: u64,
    different: u64,
    failed: u64,
    /// Requests that are not asked since too many before them failed.
    left_out: u64,
    findings: Vec<Finding>,
}

/// What was found, and how often.
struct Finding {
    kind: Kind,
    /// The field, or why it failed.
    what: String,
    live: String,
    service: String,
    count: u64,
    example: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Different,
    Failed,
    Documented(&'static str),
}

/// In one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing differs but what is documented.
    Equal,
    /// Something differs.
    Different,
    /// Nothing differs, but not all could be compared.
    Incomplete,
}

impl<'a> Report<'a> {
    pub fn new(live: String, service: String, requests: &'a Requests) -> Self {
        let mut report = Self { live, service, requests, endpoints: Vec::new(), cut_short: None };
        for (endpoint, lines) in &requests.unasked {
            report.row(endpoint).lines = *lines;
        }
        report
    }

    /// Counts a request that is not asked since too many of its endpoint failed.
    pub fn leave_out(&mut self, asked: &Asked) {
        let row = self.row(asked.endpoint);
        row.lines += asked.lines;
        row.left_out += 1;
    }

    /// Adds what came out of one request.
    pub fn add(&mut self, asked: &Asked, verdict: Verdict) {
        let row = self.row(asked.endpoint);
        row.lines += asked.lines;
        match verdict {
            Verdict::Equal => row.equal += 1,
            Verdict::Failed(reason) | Verdict::Away(reason) => {
                row.failed += 1;
                row.find(Kind::Failed, &reason, [String::new(), String::new()], asked);
            }
            Verdict::Deliberate(number, what) => {
                row.documented += 1;
                row.find(Kind::Documented(number), &what, [String::new(), String::new()], asked);
            }
            Verdict::Differs(found) => {
                let documented = found.iter().all(|(_, number)| number.is_some());
                if documented {
                    row.documented += 1;
                } else {
                    row.different += 1;
                }
                for (found, number) in found {
                    let kind = number.map_or(Kind::Different, Kind::Documented);
                    let shown =
                        mask::shown(row.endpoint, &found.path, found.live.as_ref(), found.service.as_ref());
                    row.find(kind, &mask::field(&found.path), shown, asked);
                }
            }
        }
    }

    fn row(&mut self, endpoint: &'static Endpoint) -> &mut Row {
        let known = self.endpoints.iter().position(|row| std::ptr::eq(row.endpoint, endpoint));
        let at = known.unwrap_or(self.endpoints.len());
        if known.is_none() {
            self.endpoints.push(Row {
                endpoint,
                lines: 0,
                equal: 0,
                documented: 0,
                different: 0,
                failed: 0,
                left_out: 0,
                findings: Vec::new(),
            });
        }
        #[expect(clippy::indexing_slicing, reason = "found or just put there")]
        &mut self.endpoints[at]
    }

    pub fn outcome(&self) -> Outcome {
        let sum = |count: fn(&Row) -> u64| self.endpoints.iter().map(count).sum::<u64>();
        if sum(|row| row.different) > 0 {
            Outcome::Different
        } else if self.cut_short.is_some()
            || self.endpoints.is_empty()
            || self.endpoints.iter().any(|row| row.failed > 0 || row.left_out > 0 || row.asked() == 0)
        {
            Outcome::Incomplete
        } else {
            Outcome::Equal
        }
    }
}

impl Row {
    fn asked(&self) -> u64 {
        self.equal + self.documented + self.different + self.failed
    }

    fn find(&mut self, kind: Kind, what: &str, [live, service]: [String; 2], asked: &Asked) {
        let what = one_line(what);
        let same = self.findings.iter_mut().find(|known| known.kind == kind && known.what == what);
        if let Some(known) = same {
            known.count += 1;
        } else if self.findings.iter().filter(|known| known.kind == kind).count() < MOST {
            let example = format!("GET {}", asked.shown());
            self.findings.push(Finding { kind, what, live, service, count: 1, example });
            // What is deliberate comes last.
            self.findings.sort_by_key(|finding| matches!(finding.kind, Kind::Documented(_)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::difference::Difference;
    use super::*;
    use crate::http::endpoints;
    use serde_json::json;

    fn asked() -> Asked {
        Asked {
            endpoint: endpoints::find("user", "get_userinfo").unwrap(),
            path: "/api/user/get_userinfo/".to_owned(),
            query: String::new(),
            odd: false,
            lines: 3,
        }
    }

    fn differs(path: String, number: Option<&'static str>) -> (Difference, Option<&'static str>) {
        (Difference { path, live: Some(1.into()), service: None }, number)
    }

    #[test]
    fn a_flood_of_findings_is_cut_and_hides_nothing_of_another_kind() {
        let requests = Requests::default();
        let mut report = Report::new(String::new(), String::new(), &requests);
        let mut found: Vec<_> = (0..200).map(|at| differs(format!("field{at}"), Some("D6"))).collect();
        report.add(&asked(), Verdict::Differs(found.clone()));
        assert_eq!(report.outcome(), Outcome::Equal);
        found.push(differs("other".to_owned(), None));
        report.add(&asked(), Verdict::Differs(found));
        assert_eq!(report.outcome(), Outcome::Different);
        let told = report.json();
        let endpoint = &told["endpoints"][0];
        let figures = ["lines", "asked", "documented", "different"].map(|figure| &endpoint[figure]);
        assert_eq!(figures, [6, 2, 1, 1]);
        let findings = endpoint["findings"].as_array().unwrap();
        assert_eq!((findings.len(), &findings[0]["what"]), (MOST + 1, &json!("other")));
    }

    #[test]
    fn an_endpoint_of_which_nothing_was_asked_is_no_parity() {
        let endpoint = asked().endpoint;
        let requests = Requests { unasked: vec![(endpoint, 7)], ..Requests::default() };
        let mut report = Report::new(String::new(), String::new(), &requests);
        report.add(&Asked { endpoint: endpoints::find("user", "info").unwrap(), ..asked() }, Verdict::Equal);
        assert_eq!(report.outcome(), Outcome::Incomplete);
        let mut text = Vec::new();
        report.print(&mut text, false).unwrap();
        assert!(
            String::from_utf8(text)
                .unwrap()
                .contains("\nuser/get_userinfo\n  none of its 7 lines could be asked\n")
        );
    }

    #[test]
    fn one_that_failed_leaves_the_rest_open_and_none_is_no_parity() {
        let requests = Requests::default();
        let mut report = Report::new(String::new(), String::new(), &requests);
        assert_eq!(report.outcome(), Outcome::Incomplete);
        report.add(&asked(), Verdict::Equal);
        assert_eq!(report.outcome(), Outcome::Equal);
        report.add(&asked(), Verdict::Failed("why\n\u{202e}not".to_owned()));
        assert_eq!(report.outcome(), Outcome::Incomplete);
        assert!(!report.json().to_string().contains('\u{202e}'));
        let mut text = Vec::new();
        report.print(&mut text, false).unwrap();
        assert!(String::from_utf8(text).unwrap().contains("  failed: why\u{fffd}\u{fffd}not\n"));
    }
}
