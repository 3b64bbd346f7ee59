//! What is counted of requests: by endpoint and by how they ended.
//!
//! The labels come from the table of endpoints and from lists here, never from a request: no client can make a figure.

use std::cell::Cell;
use std::time::Instant;

use actix_web::HttpResponse;
use tracing::Span;

use super::audit::Event;
use super::endpoints::ENDPOINTS;
use super::envelope::Status;
use super::output::Reply;
use crate::telemetry::{Counter, Gauge, Held, Histogram, Kind, Text};

/// What is served besides the endpoints, and what is none of it.
const OTHERS: [&str; 5] = ["health/live", "health/ready", "docs", "openapi", "other"];

/// Codes that this service answers with, and what stands for all others. 499 is nobody's answer: its caller hung up.
const CODES: [u16; 15] = [200, 204, 302, 308, 400, 401, 404, 405, 408, 413, 429, 499, 500, 503, 0];

/// What the envelope may say, and what stands for an answer without one.
const STATUSES: [&str; 3] = ["ok", "error", "none"];

/// The caller hung up before there was an answer.
const HUNG_UP: u16 = 499;

/// A handler's panic ends its connection, too.
const PANICKED: u16 = 500;

/// Ends that are shown before they happen for the first time, so that a rate sees that one too.
const FROM_THE_START: [(u16, Option<Status>); 3] =
    [(200, Some(Status::Ok)), (500, Some(Status::Error)), (503, Some(Status::Error))];

/// The figures of one server.
#[derive(Debug)]
pub struct Figures {
    rows: Vec<Requests>,
    /// Requests that run.
    running: Gauge,
    /// Open connections.
    pub connections: Gauge,
    events: [Counter; Event::ALL.len()],
}

/// Which line of the figures a request belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row(usize);

#[derive(Debug)]
struct Requests {
    endpoint: String,
    ended: [[Counter; STATUSES.len()]; CODES.len()],
    took: Histogram,
}

impl Row {
    /// `/health/live`
    pub const LIVE: Self = Self::other(0);
    /// `/health/ready`
    pub const READY: Self = Self::other(1);
    /// The API page.
    pub const DOCS: Self = Self::other(2);
    /// The OpenAPI document.
    pub const OPENAPI: Self = Self::other(3);
    /// Whatever leads nowhere, and what ended before it was known where it leads.
    pub const OTHER: Self = Self::other(4);

    /// The endpoint at that place of the table.
    #[must_use]
    pub fn endpoint(place: usize) -> Self {
        Self(OTHERS.len() + place)
    }

    const fn other(place: usize) -> Self {
        Self(place)
    }
}

impl Default for Figures {
    fn default() -> Self {
        let endpoints =
            ENDPOINTS.iter().map(|endpoint| format!("{}/{}", endpoint.controller, endpoint.method));
        let names = OTHERS.iter().map(ToString::to_string).chain(endpoints);
        let rows = names
            .map(|endpoint| Requests { endpoint, ended: Default::default(), took: Histogram::default() })
            .collect();
        Self { rows, running: Gauge::default(), connections: Gauge::default(), events: Default::default() }
    }
}

impl Figures {
    /// A request came.
    #[must_use]
    pub fn begin(&self) -> Counted<'_> {
        let (held, _) = self.running.hold();
        Counted {
            figures: self,
            row: Cell::new(Row::OTHER),
            begun: Instant::now(),
            ended: false,
            _held: held,
        }
    }

    /// An event was told.
    pub fn event(&self, event: Event) {
        let place = Event::ALL.iter().position(|known| *known == event);
        if let Some(counter) = place.and_then(|place| self.events.get(place)) {
            counter.increment();
        }
    }

    /// Writes them.
    pub fn write(&self, text: &mut Text) {
        text.gauge("http_connections", "Open connections of clients.", self.connections.get());
        text.gauge("http_requests_running", "Requests that are not answered yet.", self.running.get());
        let help = "Requests by endpoint, HTTP code and the status of the JSON answer.";
        text.figure("http_requests_total", Kind::Counter, help);
        for row in &self.rows {
            row.write_ends(text);
        }
        let help = "Time from a request's head to its answer.";
        text.figure("http_request_seconds", Kind::Histogram, help);
        for row in self.rows.iter().filter(|row| row.is_used()) {
            text.durations(&[("endpoint", &row.endpoint)], &row.took);
        }
        text.figure(
            "events_total",
            Kind::Counter,
            "Events as the log tells them: logins, registrations, refusals.",
        );
        for (event, counter) in Event::ALL.iter().zip(&self.events) {
            text.sample(&[("event", event.name())], counter.get());
        }
    }

    fn row(&self, Row(place): Row) -> Option<&Requests> {
        self.rows.get(place)
    }
}

impl Requests {
    fn count(&self, code: u16, status: Option<Status>) {
        let code = CODES.iter().position(|known| *known == code).unwrap_or(CODES.len() - 1);
        let status = status.map_or(2, |status| usize::from(status == Status::Error));
        if let Some(counter) = self.ended.get(code).and_then(|ended| ended.get(status)) {
            counter.increment();
        }
    }

    fn write_ends(&self, text: &mut Text) {
        let is_endpoint = !OTHERS.contains(&self.endpoint.as_str());
        for (code, ended) in CODES.iter().zip(&self.ended) {
            for (name, counter) in STATUSES.iter().zip(ended) {
                let shown = |(known, status): &(u16, Option<Status>)| {
                    known == code && status.is_some_and(|status| status.as_str() == *name)
                };
                let from_the_start = is_endpoint && FROM_THE_START.iter().any(shown);
                let count = counter.get();
                if count > 0 || from_the_start {
                    let code = if *code == 0 { "other".to_owned() } else { code.to_string() };
                    text.sample(&[("endpoint", &self.endpoint), ("code", &code), ("status", name)], count);
                }
            }
        }
    }

    fn is_used(&self) -> bool {
        self.ended.iter().flatten().any(|counter| counter.get() > 0)
    }
}

/// A request that runs. Dropped without an answer, its caller hung up.
#[derive(Debug)]
pub struct Counted<'a> {
    figures: &'a Figures,
    row: Cell<Row>,
    begun: Instant,
    ended: bool,
    _held: Held,
}

impl<'a> Counted<'a> {
    /// It is known where it leads; the span of the request is told.
    pub fn leads_to(&self, row: Row) {
        self.row.set(row);
        Span::current().record("endpoint", self.endpoint());
    }

    /// It was answered.
    pub fn answered(mut self, reply: Reply) -> HttpResponse {
        self.end(reply.response.status().as_u16(), reply.status);
        reply.response
    }

    fn endpoint(&self) -> &'a str {
        self.figures.row(self.row.get()).map_or("", |row| row.endpoint.as_str())
    }

    fn end(&mut self, code: u16, status: Option<Status>) {
        self.ended = true;
        let took = self.begun.elapsed();
        if let Some(row) = self.figures.row(self.row.get()) {
            row.count(code, status);
            row.took.observe(took);
        }
        if tracing::span_enabled!(tracing::Level::DEBUG) {
            Span::current().record("code", i64::from(code));
        }
        let seconds = took.as_secs_f64();
        if code == HUNG_UP {
            tracing::debug!(seconds, "the caller hung up");
        } else {
            tracing::debug!(seconds, "answered");
        }
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        if !self.ended {
            let code = if std::thread::panicking() { PANICKED } else { HUNG_UP };
            self.end(code, None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::StatusCode;

    #[test]
    fn each_row_has_the_name_of_what_leads_to_it() {
        let figures = Figures::default();
        let name = |row| {
            let counted = figures.begin();
            counted.leads_to(row);
            counted.endpoint().to_owned()
        };
        assert_eq!(
            [Row::LIVE, Row::READY, Row::DOCS, Row::OPENAPI, Row::OTHER].map(name),
            ["health/live", "health/ready", "docs", "openapi", "other"]
        );
        for (place, endpoint) in ENDPOINTS.iter().enumerate() {
            assert_eq!(name(Row::endpoint(place)), format!("{}/{}", endpoint.controller, endpoint.method));
        }
    }

    #[test]
    fn a_request_counts_once_however_it_ends() {
        let figures = Figures::default();
        let reply =
            |code: StatusCode, status| Reply { response: HttpResponse::new(code), status: Some(status) };
        figures.begin().answered(reply(StatusCode::OK, Status::Ok));
        figures.begin().answered(reply(StatusCode::IM_A_TEAPOT, Status::Error));
        drop(figures.begin());
        let mut text = Text::default();
        figures.write(&mut text);
        let text = text.into_string();
        let others: Vec<&str> =
            text.lines().filter(|line| line.contains("_total{endpoint=\"other\"")).collect();
        assert_eq!(
            others,
            [
                r#"wp_sidecar_http_requests_total{endpoint="other",code="200",status="ok"} 1"#,
                r#"wp_sidecar_http_requests_total{endpoint="other",code="499",status="none"} 1"#,
                r#"wp_sidecar_http_requests_total{endpoint="other",code="other",status="error"} 1"#,
            ]
        );
        assert!(text.contains("wp_sidecar_http_requests_running 0\n"));
        assert!(text.contains("wp_sidecar_http_request_seconds_count{endpoint=\"other\"} 3\n"));
    }
}
