//! The report as text, and as one JSON object.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{Finding, Kind, Outcome, Report, Row};
use crate::cli::words::one_line;

impl Report<'_> {
    fn verdict(&self) -> String {
        match self.outcome() {
            Outcome::Equal => "equal, but for what docs/differences.md says".to_owned(),
            Outcome::Different => "different: see above".to_owned(),
            Outcome::Incomplete if self.endpoints.is_empty() => {
                "nothing to compare: the log has no request of a method that only reads".to_owned()
            }
            Outcome::Incomplete if self.endpoints.iter().all(|row| row.asked() == row.failed) => {
                "nothing could be compared: see above".to_owned()
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
        for row in &self.endpoints {
            let note = row.note();
            if row.findings.is_empty() && note.is_none() {
                continue;
            }
            writeln!(out, "\n{:?}", row.endpoint)?;
            if let Some(note) = note {
                writeln!(out, "  {note}")?;
            }
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

    pub(super) fn json(&self) -> Value {
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
    /// Why not all of it was asked.
    fn note(&self) -> Option<String> {
        let Self { lines, left_out, .. } = self;
        let plural = |count: u64| if count == 1 { "" } else { "s" };
        if *left_out > 0 {
            Some(format!("left out after failures in a row: {left_out} more request{}", plural(*left_out)))
        } else if self.asked() == 0 {
            Some(format!("none of its {lines} line{} could be asked", plural(*lines)))
        } else {
            None
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
            "left_out": self.left_out,
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
