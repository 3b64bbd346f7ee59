//! Prometheus's text exposition format, version 0.0.4.

use std::fmt::{Display, Write as _};

use super::{Counter, Histogram};

/// What every name begins with, but for names that all programs have in common.
const PREFIX: &str = "wp_sidecar_";

/// Names and values of labels.
pub type Labels<'a> = &'a [(&'a str, &'a str)];

/// What kind of number it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It only rises.
    Counter,
    /// It rises and falls.
    Gauge,
    /// Counts in classes.
    Histogram,
}

/// The figures as they are written.
#[derive(Debug, Default)]
pub struct Text {
    text: String,
    /// The name of the figure that samples belong to.
    name: String,
}

impl Text {
    /// Begins a figure; its samples follow.
    pub fn figure(&mut self, name: &str, kind: Kind, help: &str) -> &mut Self {
        self.begin(format!("{PREFIX}{name}"), kind, help)
    }

    /// The same under a name that all programs have in common.
    pub fn common_figure(&mut self, name: &str, kind: Kind, help: &str) -> &mut Self {
        self.begin(name.to_owned(), kind, help)
    }

    fn begin(&mut self, name: String, kind: Kind, help: &str) -> &mut Self {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}");
        self.name = name;
        self
    }

    /// A figure of one number without labels.
    pub fn counter(&mut self, name: &str, help: &str, counter: &Counter) -> &mut Self {
        self.figure(name, Kind::Counter, help).sample(&[], counter.get())
    }

    /// The same for what rises and falls.
    pub fn gauge(&mut self, name: &str, help: &str, value: impl Display) -> &mut Self {
        self.figure(name, Kind::Gauge, help).sample(&[], value)
    }

    /// The same for durations.
    pub fn histogram(&mut self, name: &str, help: &str, histogram: &Histogram) -> &mut Self {
        self.figure(name, Kind::Histogram, help).durations(&[], histogram)
    }

    /// A number of the figure that was begun.
    pub fn sample(&mut self, labels: Labels<'_>, value: impl Display) -> &mut Self {
        self.line("", labels, None, value);
        self
    }

    /// Durations of the figure that was begun.
    pub fn durations(&mut self, labels: Labels<'_>, histogram: &Histogram) -> &mut Self {
        let snapshot = histogram.snapshot();
        for (bound, count) in &snapshot.buckets {
            self.line("_bucket", labels, Some(bound), count);
        }
        self.line("_bucket", labels, Some("+Inf"), snapshot.count);
        self.line("_sum", labels, None, snapshot.sum.as_secs_f64());
        self.line("_count", labels, None, snapshot.count);
        self
    }

    /// All that was written.
    #[must_use]
    pub fn into_string(self) -> String {
        self.text
    }

    fn line(&mut self, suffix: &str, labels: Labels<'_>, bound: Option<&str>, value: impl Display) {
        let Self { text, name } = self;
        text.push_str(name);
        text.push_str(suffix);
        let mut before = '{';
        for (label, value) in labels.iter().copied().chain(bound.map(|bound| ("le", bound))) {
            let _ = write!(text, "{before}{label}=\"");
            for character in value.chars() {
                match character {
                    '\\' | '"' => text.extend(['\\', character]),
                    '\n' => text.push_str("\\n"),
                    other => text.push(other),
                }
            }
            text.push('"');
            before = ',';
        }
        if before == ',' {
            text.push('}');
        }
        let _ = writeln!(text, " {value}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn figures_are_written_as_prometheus_reads_them() {
        let mut text = Text::default();
        text.figure("taken_total", Kind::Counter, "Taken.")
            .sample(&[("who", "a\"b\\c\nd"), ("code", "200")], 3)
            .gauge("open", "Open.", 0.5);
        assert_eq!(
            text.into_string(),
            "# HELP wp_sidecar_taken_total Taken.\n# TYPE wp_sidecar_taken_total counter\n\
             wp_sidecar_taken_total{who=\"a\\\"b\\\\c\\nd\",code=\"200\"} 3\n\
             # HELP wp_sidecar_open Open.\n# TYPE wp_sidecar_open gauge\nwp_sidecar_open 0.5\n"
        );
    }

    #[test]
    fn durations_end_with_all_of_them_their_sum_and_their_number() {
        let histogram = Histogram::default();
        histogram.observe(Duration::from_millis(1500));
        let mut text = Text::default();
        text.histogram("wait_seconds", "Wait.", &histogram);
        let text = text.into_string();
        for line in [
            "wp_sidecar_wait_seconds_bucket{le=\"1\"} 0",
            "wp_sidecar_wait_seconds_bucket{le=\"2.5\"} 1",
            "wp_sidecar_wait_seconds_bucket{le=\"+Inf\"} 1",
            "wp_sidecar_wait_seconds_sum 1.5",
            "wp_sidecar_wait_seconds_count 1",
        ] {
            assert!(text.lines().any(|written| written == line), "{line} is not in\n{text}");
        }
    }
}
