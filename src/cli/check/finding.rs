//! What was found, and how it is printed: a line each, or JSON.

use std::io::{self, Write as _};

use serde_json::json;

use crate::cli::words::one_line;

/// How it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    Ok,
    Warning,
    Failed,
}

impl Status {
    fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "failed",
        }
    }
}

/// One finding. Its texts hold no secret.
#[derive(Debug)]
pub struct Finding {
    /// A short name that stays the same.
    check: &'static str,
    status: Status,
    /// What was found.
    text: String,
    /// What to do.
    advice: Option<String>,
}

impl Finding {
    pub fn ok(check: &'static str, text: impl Into<String>) -> Self {
        Self { check, status: Status::Ok, text: text.into(), advice: None }
    }

    pub fn warning(check: &'static str, text: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, status: Status::Warning, text: text.into(), advice: Some(advice.into()) }
    }

    pub fn failed(check: &'static str, text: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, status: Status::Failed, text: text.into(), advice: Some(advice.into()) }
    }

    fn line(&self) -> String {
        let advice = self.advice.as_ref().map(|advice| format!(" -> {advice}")).unwrap_or_default();
        one_line(&format!("{:<8} {}: {}{advice}", self.status.name(), self.check, self.text))
    }
}

/// All findings.
#[derive(Debug)]
pub struct Report {
    findings: Vec<Finding>,
    /// One object at the end in place of a line at a time.
    as_json: bool,
    /// Why a line could not be printed; the rest is not tried.
    unprinted: Option<io::Error>,
    /// Statements that make a database account with exactly the rights that are needed.
    pub minimal_account: Vec<String>,
}

impl Report {
    pub fn new(as_json: bool) -> Self {
        Self { findings: Vec::new(), as_json, unprinted: None, minimal_account: Vec::new() }
    }

    /// A line is printed at once: what comes next may wait for a server, and what is known helps meanwhile.
    pub fn add(&mut self, finding: Finding) {
        if !self.as_json && self.unprinted.is_none() {
            self.unprinted = writeln!(io::stdout().lock(), "{}", finding.line()).err();
        }
        self.findings.push(finding);
    }

    pub fn has_failed(&self) -> bool {
        self.status() == Status::Failed
    }

    fn status(&self) -> Status {
        self.findings.iter().map(|finding| finding.status).max().unwrap_or(Status::Ok)
    }

    /// Prints what is said at the end.
    pub fn finish(&mut self) -> io::Result<()> {
        if let Some(error) = self.unprinted.take() {
            return Err(error);
        }
        let mut out = io::stdout().lock();
        if self.as_json {
            return writeln!(out, "{}", self.json());
        }
        if !self.minimal_account.is_empty() {
            writeln!(out, "\nA database account with exactly the rights that the service needs:")?;
            for statement in &self.minimal_account {
                writeln!(out, "  {}", one_line(statement))?;
            }
        }
        Ok(())
    }

    fn json(&self) -> serde_json::Value {
        let finding = |finding: &Finding| {
            let Finding { check, status, text, advice } = finding;
            json!({ "check": check, "status": status.name(), "text": text, "advice": advice })
        };
        json!({
            "status": self.status().name(),
            "findings": self.findings.iter().map(finding).collect::<Vec<_>>(),
            "minimal_account": self.minimal_account,
        })
    }
}
