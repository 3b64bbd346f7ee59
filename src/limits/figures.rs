//! What is counted of those who were turned away.

use super::Limits;
use crate::telemetry::{Counter, Kind, Text};

/// The settings that turn requests away, without the name of their section.
const LIMITS: [&str; 12] = [
    "login_address",
    "login_shared_address",
    "login_account",
    "login_global",
    "register_address",
    "reset_address",
    "reset_account",
    "nonce_address",
    "body_bytes",
    "body_seconds",
    "request_seconds",
    "connections",
];

/// The refusals of each.
#[derive(Debug, Default)]
pub(super) struct Figures([Counter; LIMITS.len()]);

impl Limits {
    /// Notes that a request was turned away for a limit, named as its setting.
    pub fn count_refusal(&self, setting: &str) {
        let name = setting.strip_prefix("limits.");
        let place = LIMITS.iter().position(|known| name == Some(known));
        if let Some(counter) = place.and_then(|place| self.figures.0.get(place)) {
            counter.increment();
        }
    }

    /// Writes the figures of the budgets.
    pub fn write_figures(&self, text: &mut Text) {
        text.figure(
            "limits_refused_total",
            Kind::Counter,
            "Requests turned away, by the setting of section limits.",
        );
        for (limit, counter) in LIMITS.iter().zip(&self.figures.0) {
            text.sample(&[("limit", limit)], counter.get());
        }
        if let Some(shared) = self.budgets.as_ref().and_then(|budgets| budgets.shared.as_ref()) {
            shared.write_figures(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::keys::KEYS;

    #[test]
    fn each_setting_that_turns_requests_away_is_counted() {
        // A head that is late is the HTTP library's to answer.
        let others = ["enabled", "redis_url", "redis_prefix", "head_seconds"];
        let names = KEYS.iter().filter_map(|key| key.name.strip_prefix("limits."));
        let names: Vec<&str> = names.filter(|name| !others.contains(name)).collect();
        assert_eq!(names, LIMITS);
    }
}
