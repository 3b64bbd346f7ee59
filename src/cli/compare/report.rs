//! What came out: figures and findings of each endpoint, as text or as one JSON object. It holds no secret.

use std::io::{self, Write};

use serde_json::{Value, json};

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
        Self { live, service, requests, endpoints: Vec::new(), cut_short: None }
    }

    /// Adds what came out of one request.
    pub fn add(&mut self, asked: &Asked, verdict: Verdict) {
        let row = self.row(asked);
        row.lines += asked.lines;
        match verdict {
            Verdict::Equal => row.equal += 1,
            Verdict::Failed(reason) => {
                row.failed += 1;
                row.find(Kind::Failed, reason, [String::new(), String::new()], asked);
            }
            Verdict::Deliberate(number, what) => {
                row.documented += 1;
                row.find(Kind::Documented(number), what, [String::new(), String::new()], asked);
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
                    let shown = mask::shown(&found.path, found.live.as_ref(), found.service.as_ref());
                    let path = if found.path.is_empty() { "(all)".to_owned() } else { found.path };
                    row.find(kind, path, shown, asked);
                }
            }
        }
    }

    fn row(&mut self, asked: &Asked) -> &mut Row {
        let known = self.endpoints.iter().position(|row| std::ptr::eq(row.endpoint, asked.endpoint));
        let at = known.unwrap_or(self.endpoints.len());
        if known.is_none() {
            self.endpoints.push(Row {
                endpoint: asked.endpoint,
                lines: 0,
                equal: 0,
                documented: 0,
                different: 0,
                failed: 0,
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
        } else if sum(|row| row.failed) > 0 || self.cut_short.is_some() || self.endpoints.is_empty() {
            Outcome::Incomplete
        } else {
            Outcome::Equal
        }
    }

    fn verdict(&self) -> String {
        match self.outcome() {
            Outcome::Equal => "equal, but for what docs/differences.md says".to_owned(),
            Outcome::Different => "different: see above".to_owned(),
            Outcome::Incomplete if self.requests.asked.is_empty() => {
                "nothing to compare: the log has no request of a method that only reads".to_owned()
            }
            Outcome::Incomplete => "nothing differs, but not all could be compared".to_owned(),
        }
    }

    pub fn print(&self, out: &mut impl Write, as_json: bool) -> io::Result<()> {
        if as_json {
            return writeln!(out, "{}", self.json());
        }
        writeln!(out, "live     {}", one_line(&self.live))?;
        writeln!(out, "service  {}", one_line(&self.service))?;
        if !self.endpoints.is_empty() {
            writeln!(
                out,
                "\n{:<28} {:>8} {:>8} {:>8} {:>11} {:>10} {:>7}",
                "endpoint", "lines", "asked", "equal", "documented", "different", "failed"
            )?;
        }
        for row in &self.endpoints {
            let Row { endpoint, lines, equal, documented, different, failed, .. } = row;
            let name = format!("{endpoint:?}");
            let asked = row.asked();
            writeln!(
                out,
                "{name:<28} {lines:>8} {asked:>8} {equal:>8} {documented:>11} {different:>10} {failed:>7}"
            )?;
        }
        for row in self.endpoints.iter().filter(|row| !row.findings.is_empty()) {
            writeln!(out, "\n{:?}", row.endpoint)?;
            for finding in &row.findings {
                writeln!(out, "  {}", finding.line())?;
                writeln!(out, "      {}", one_line(&finding.example))?;
            }
        }
        let skipped = &self.requests.skipped;
        if !skipped.is_empty() {
            writeln!(out, "\nnot asked, of {} lines:", self.requests.lines)?;
            for (reason, count) in skipped {
                writeln!(out, "{count:>8}  {}", reason.words())?;
            }
        }
        if let Some(reason) = &self.cut_short {
            writeln!(out, "\nnot all was asked: {}", one_line(reason))?;
        }
        writeln!(out, "\n{}", self.verdict())
    }

    fn json(&self) -> Value {
        let status = match self.outcome() {
            Outcome::Equal => "equal",
            Outcome::Different => "different",
            Outcome::Incomplete => "incomplete",
        };
        let skipped = self.requests.skipped.iter();
        json!({
            "status": status,
            "live": self.live,
            "service": self.service,
            "lines": self.requests.lines,
            "endpoints": self.endpoints.iter().map(Row::json).collect::<Vec<_>>(),
            "skipped": skipped.map(|(reason, count)| (reason.name().to_owned(), json!(count))).collect::<Value>(),
            "cut_short": self.cut_short,
        })
    }
}

impl Row {
    fn asked(&self) -> u64 {
        self.equal + self.documented + self.different + self.failed
    }

    fn find(&mut self, kind: Kind, what: String, [live, service]: [String; 2], asked: &Asked) {
        let same = self.findings.iter_mut().find(|known| known.kind == kind && known.what == what);
        if let Some(known) = same {
            known.count += 1;
        } else if self.findings.iter().filter(|known| known.kind == kind).count() < MOST {
            let example = format!("GET {}", asked.shown);
            self.findings.push(Finding { kind, what, live, service, count: 1, example });
            // What is deliberate comes last.
            self.findings.sort_by_key(|finding| matches!(finding.kind, Kind::Documented(_)));
        }
    }

    fn json(&self) -> Value {
        json!({
            "endpoint": format!("{:?}", self.endpoint),
            "lines": self.lines,
            "asked": self.asked(),
            "equal": self.equal,
            "documented": self.documented,
            "different": self.different,
            "failed": self.failed,
            "findings": self.findings.iter().map(Finding::json).collect::<Vec<_>>(),
        })
    }
}

impl Finding {
    fn line(&self) -> String {
        let Self { what, live, service, count, .. } = self;
        let times = if *count == 1 { String::new() } else { format!(" ({count} times)") };
        one_line(&match self.kind {
            Kind::Failed => format!("failed: {what}{times}"),
            Kind::Documented(number) if live.is_empty() => {
                format!("{number}: the live site answers {what}{times}")
            }
            Kind::Documented(number) => format!("{number} {what}: live {live}, service {service}{times}"),
            Kind::Different => format!("different {what}: live {live}, service {service}{times}"),
        })
    }

    fn json(&self) -> Value {
        let (kind, difference) = match self.kind {
            Kind::Different => ("different", None),
            Kind::Failed => ("failed", None),
            Kind::Documented(number) => ("documented", Some(number)),
        };
        let value = |shown: &str| (!shown.is_empty()).then(|| shown.to_owned());
        json!({
            "kind": kind,
            "difference": difference,
            "what": self.what,
            "live": value(&self.live),
            "service": value(&self.service),
            "count": self.count,
            "example": self.example,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::difference::Difference;
    use super::*;
    use crate::http::endpoints;

    fn asked() -> Asked {
        Asked {
            endpoint: endpoints::find("user", "get_userinfo").unwrap(),
            path: "/api/user/get_userinfo/".to_owned(),
            query: String::new(),
            shown: "/api/user/get_userinfo/".to_owned(),
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
    fn one_that_failed_leaves_the_rest_open_and_none_is_no_parity() {
        let requests = Requests::default();
        let mut report = Report::new(String::new(), String::new(), &requests);
        assert_eq!(report.outcome(), Outcome::Incomplete);
        report.add(&asked(), Verdict::Equal);
        assert_eq!(report.outcome(), Outcome::Equal);
        report.add(&asked(), Verdict::Failed("why\nnot".to_owned()));
        assert_eq!(report.outcome(), Outcome::Incomplete);
        let mut text = Vec::new();
        report.print(&mut text, false).unwrap();
        assert!(String::from_utf8(text).unwrap().contains("  failed: why\u{fffd}not\n"));
    }
}
