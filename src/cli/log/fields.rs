//! Fields as they are written, those of a span when it begins: each request has one, so this is cheap.

use std::fmt;

use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::span::Record;
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::FormattedFields;
use tracing_subscriber::fmt::format::{FormatFields, Writer};

/// What people read of an event without its name.
const MESSAGE: &str = "message";

/// `name="value" name="value"`, for people; of events too.
pub struct Human;

/// `,"name":"value","name":"value"`: more can be put behind them.
pub struct Json;

impl<'writer> FormatFields<'writer> for Human {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'writer>, fields: R) -> fmt::Result {
        write_fields(writer, fields, false, "")
    }

    fn add_fields(&self, known: &'writer mut FormattedFields<Self>, fields: &Record<'_>) -> fmt::Result {
        let before = if known.is_empty() { "" } else { " " };
        write_fields(known.as_writer(), fields, false, before)
    }
}

impl<'writer> FormatFields<'writer> for Json {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'writer>, fields: R) -> fmt::Result {
        write_fields(writer, fields, true, ",")
    }

    fn add_fields(&self, known: &'writer mut FormattedFields<Self>, fields: &Record<'_>) -> fmt::Result {
        write_fields(known.as_writer(), fields, true, ",")
    }
}

fn write_fields(
    writer: Writer<'_>,
    fields: impl RecordFields,
    json: bool,
    before: &'static str,
) -> fmt::Result {
    let mut fields_written = Fields { writer, json, before, done: Ok(()) };
    fields.record(&mut fields_written);
    fields_written.done
}

struct Fields<'writer> {
    writer: Writer<'writer>,
    json: bool,
    /// What stands before the next one.
    before: &'static str,
    done: fmt::Result,
}

impl Fields<'_> {
    fn write(&mut self, field: &Field, value: impl fmt::Display) {
        // What the crate log adds about the place in its source.
        if field.name().starts_with("log.") {
            return;
        }
        let done = self.try_to_write(field.name(), value);
        self.done = self.done.and(done);
        self.before = if self.json { "," } else { " " };
    }

    fn try_to_write(&mut self, name: &str, value: impl fmt::Display) -> fmt::Result {
        let Self { writer, json, before, .. } = self;
        writer.write_str(before)?;
        if *json {
            writer.write_char('"')?;
            writer.write_str(name)?;
            writer.write_str("\":")?;
        } else if name != MESSAGE {
            writer.write_str(name)?;
            writer.write_char('=')?;
        }
        write!(writer, "{value}")
    }
}

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if self.json {
            self.write(field, Value::from(format!("{value:?}")));
        } else {
            self.write(field, format_args!("{value:?}"));
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if !self.json && field.name() == MESSAGE {
            return self.write(field, value);
        }
        let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
        if value.bytes().all(plain) {
            self.write(field, Quoted(value));
        } else if self.json {
            self.write(field, Value::from(value));
        } else {
            self.write(field, format_args!("{value:?}"));
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.write(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.write(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.write(field, value);
    }
}

/// A text without anything to escape.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        f.write_str(self.0)?;
        f.write_str("\"")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::layer::SubscriberExt as _;
    use tracing_subscriber::{Layer as _, Registry};

    use super::super::json::Events;
    use super::*;

    /// What is written of an event in a span whose fields are odd, one of them later.
    fn line(json: bool) -> String {
        let written: Arc<Mutex<Vec<u8>>> = Arc::default();
        let writer = Arc::clone(&written);
        let log = tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .with_target(false)
            .with_writer(move || Kept(Arc::clone(&writer)));
        let log = if json {
            log.fmt_fields(Json).event_format(Events).boxed()
        } else {
            log.fmt_fields(Human).boxed()
        };
        tracing::subscriber::with_default(Registry::default().with(log), || {
            let span =
                tracing::error_span!("request", id = "a\"b\\c\nd", code = 7, late = tracing::field::Empty);
            span.record("late", "é x");
            span.in_scope(|| tracing::error!(code = 9, "told"));
        });
        String::from_utf8(written.lock().unwrap().clone()).unwrap()
    }

    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn people_read_them_before_the_message() {
        let line = line(false);
        let wanted = "ERROR request{id=\"a\\\"b\\\\c\\nd\" code=7 late=\"é x\"}: told code=9\n";
        assert!(line.ends_with(wanted), "{line}");
    }

    #[test]
    fn in_json_they_stand_beside_the_events_own_which_hold() {
        let line = line(true);
        let event: serde_json::Map<String, Value> = serde_json::from_str(&line).unwrap();
        let keys: Vec<&str> = event.keys().map(String::as_str).collect();
        assert_eq!(keys, ["timestamp", "level", "message", "code", "id", "late"]);
        assert_eq!(
            (&event["id"], &event["code"], &event["late"]),
            (&"a\"b\\c\nd".into(), &9.into(), &"é x".into())
        );
    }
}
