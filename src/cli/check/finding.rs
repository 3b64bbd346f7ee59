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
#[derive(Debug, Default)]
pub struct Report {
    findings: Vec<Finding>,
    /// Statements that make a database account with exactly the rights that are needed.
    pub minimal_account: Vec<String>,
}

impl Report {
    pub fn add(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    pub fn has_failed(&self) -> bool {
        self.status() == Status::Failed
    }

    fn status(&self) -> Status {
        self.findings.iter().map(|finding| finding.status).max().unwrap_or(Status::Ok)
    }

    pub fn print(&self, as_json: bool) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if as_json {
            return writeln!(out, "{}", self.json());
        }
        for finding in &self.findings {
            writeln!(out, "{}", finding.line())?;
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
