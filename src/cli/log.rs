//! Where events go: standard error, one line each, whatever a client put into it.

mod fields;
mod json;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use clap::ValueEnum;
use tracing::Subscriber;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

use super::words::disturbs;
use crate::telemetry::REQUESTS;
#[cfg(feature = "opentelemetry")]
use crate::telemetry::traces;

/// How events are written.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Format {
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}

/// What is written when nobody asks for another: the framework only speaks up when something is wrong.
const DEFAULT: &str = "info,actix_server=warn";

/// The same for a command that itself says what it found.
const QUIET: &str = "off";

/// Starts logging by `RUST_LOG`, and the export of traces where it is built in and asked for.
#[cfg_attr(
    not(feature = "opentelemetry"),
    expect(clippy::unnecessary_wraps, reason = "nothing else is started")
)]
pub fn start(
    format: Format,
    environment: &BTreeMap<String, String>,
    is_service: bool,
) -> anyhow::Result<Started> {
    let filter = environment.get("RUST_LOG").map(String::as_str);
    let default = if is_service { DEFAULT } else { QUIET };
    let filter = EnvFilter::try_new(filter.unwrap_or(default)).unwrap_or_else(|_| EnvFilter::new(default));
    // Whatever is asked for: a line that is written names its request.
    let filter = match format!("{REQUESTS}=error").parse() {
        Ok(requests) => filter.add_directive(requests),
        Err(_) => filter,
    };
    #[cfg(feature = "opentelemetry")]
    if is_service && let Some((traces, export)) = traces::start(environment)? {
        // Each has a filter of its own: a trace shows more than the log.
        Registry::default().with(layer(format).with_filter(filter)).with(export).init();
        return Ok(Started(Some(traces)));
    }
    Registry::default().with(filter).with(layer(format)).init();
    Ok(Started::default())
}

fn layer<S: Subscriber + for<'a> LookupSpan<'a>>(format: Format) -> Box<dyn Layer<S> + Send + Sync> {
    let log = fmt::layer()
        .with_writer(move || OneLine(io::stderr(), format))
        .with_target(false)
        // Colours are control characters, and those are escaped.
        .with_ansi(false);
    match format {
        Format::Human => log.fmt_fields(fields::Human).boxed(),
        Format::Json => log.fmt_fields(fields::Json).event_format(json::Events).boxed(),
    }
}

/// What was started beside the log.
#[derive(Default)]
pub struct Started(#[cfg(feature = "opentelemetry")] Option<traces::Traces>);

impl Started {
    /// Sends what was not sent yet.
    #[cfg_attr(not(feature = "opentelemetry"), expect(clippy::unused_self, reason = "nothing is to be sent"))]
    pub fn finish(self) {
        #[cfg(feature = "opentelemetry")]
        if let Some(traces) = self.0 {
            traces.finish();
        }
    }
}

/// Writes each event, which comes in one piece, as one line: nobody's text begins another or moves the cursor.
struct OneLine<W>(W, Format);

impl<W: Write> Write for OneLine<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        self.0.write_all(&one_line(event, self.1))?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Control characters and Unicode's own line ends as `\u{…}`, in JSON as `\u…`, but for the last byte of the event,
/// which ends the line. In JSON they stand in strings alone, and those below U+0020 are escaped already.
fn one_line(event: &[u8], format: Format) -> Vec<u8> {
    let text = String::from_utf8_lossy(event);
    let body = text.strip_suffix('\n').unwrap_or(&text);
    let mut line = String::with_capacity(text.len());
    for character in body.chars() {
        if disturbs(character) {
            match format {
                Format::Human => line.extend(character.escape_unicode()),
                // All of them have four digits.
                Format::Json => {
                    let _ = write!(line, "\\u{:04x}", u32::from(character));
                }
            }
        } else {
            line.push(character);
        }
    }
    line.push('\n');
    line.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_stays_one_line_whatever_is_in_it() {
        let event = "INFO path=\"/x\r\n2026 INFO login_ok user_id=1\u{1b}[2K\u{85}\u{2028}\u{202e}\0é\t\"\n";
        let mut written = Vec::new();
        let length = OneLine(&mut written, Format::Human).write(event.as_bytes()).unwrap();
        assert_eq!(length, event.len());
        assert_eq!(
            String::from_utf8(written).unwrap(),
            "INFO path=\"/x\\u{d}\\u{a}2026 INFO login_ok user_id=1\\u{1b}[2K\\u{85}\\u{2028}\\u{202e}\\u{0}é\\u{9}\"\n"
        );
    }
    #[test]
    fn what_is_escaped_in_json_is_json() {
        let text = "\u{7f}\u{85}\u{9b}\u{200e}\u{2028}\u{2029}\u{202e}\u{2066}\u{2069}é\u{1F600}";
        let event = format!("{}\n", serde_json::json!({"key": text}));
        let line = String::from_utf8(one_line(event.as_bytes(), Format::Json)).unwrap();
        assert_eq!(
            line,
            "{\"key\":\"\\u007f\\u0085\\u009b\\u200e\\u2028\\u2029\\u202e\\u2066\\u2069é\u{1F600}\"}\n"
        );
        let read: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(read["key"], text);
    }
}
