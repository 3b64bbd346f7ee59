//! When to ask no more: of one endpoint, which may be broken alone, or at all.

use crate::cli::compare::verdict::{SWITCHED, Verdict};
use crate::http::endpoints::Endpoint;

/// So many failures in a row say that more questions would be of no use.
const ENOUGH: u32 = 5;

/// So many endpoints in a row that were left say the same of the site.
const ENOUGH_ENDPOINTS: u32 = 3;

/// What failed lately.
#[derive(Default)]
pub struct Patience {
    /// The endpoint that was asked last.
    current: Option<&'static Endpoint>,
    /// Of that endpoint, in a row.
    failures: u32,
    /// Of any endpoint, in a row: nobody was there, or nobody wanted to be asked.
    away: u32,
    /// Endpoints that were left since anything could be compared.
    left: u32,
}

/// What to do next.
#[derive(Debug, PartialEq)]
pub enum Advice {
    /// Ask on. The rest of an endpoint may be left out: see [`Patience::has_left`].
    GoOn,
    /// Ask no more, and why.
    Stop(String),
}

impl Patience {
    /// Enough of this endpoint's requests failed; the rest of them is not to be asked.
    pub fn has_left(&self, endpoint: &Endpoint) -> bool {
        self.failures >= ENOUGH && self.current.is_some_and(|current| std::ptr::eq(current, endpoint))
    }

    /// After a request of that endpoint. Those of one endpoint come one behind the other.
    pub fn after(&mut self, endpoint: &'static Endpoint, verdict: &Verdict) -> Advice {
        if !self.current.is_some_and(|current| std::ptr::eq(current, endpoint)) {
            (self.current, self.failures) = (Some(endpoint), 0);
        }
        let (reason, is_away) = match verdict {
            Verdict::Away(reason) => (reason, true),
            Verdict::Failed(reason) if reason != SWITCHED => (reason, false),
            _ => {
                (self.failures, self.away, self.left) = (0, 0, 0);
                return Advice::GoOn;
            }
        };
        self.failures += 1;
        self.away = if is_away { self.away + 1 } else { 0 };
        if self.failures == ENOUGH {
            self.left += 1;
        }
        if self.away == ENOUGH {
            Advice::Stop(format!("of which the last {ENOUGH} failed: {reason}"))
        } else if self.left == ENOUGH_ENDPOINTS {
            Advice::Stop(format!(
                "since {ENOUGH_ENDPOINTS} endpoints in a row failed, the last with: {reason}"
            ))
        } else {
            Advice::GoOn
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::endpoints::ENDPOINTS;

    fn failed() -> Verdict {
        Verdict::Failed("x".to_owned())
    }

    /// Asks an endpoint until it is left; whether that ended everything.
    fn broken(patience: &mut Patience, endpoint: &'static Endpoint) -> bool {
        let mut advice = Advice::GoOn;
        for _ in 0..ENOUGH {
            assert!(advice == Advice::GoOn && !patience.has_left(endpoint));
            advice = patience.after(endpoint, &failed());
        }
        assert!(patience.has_left(endpoint));
        advice != Advice::GoOn
    }

    #[test]
    fn one_endpoint_is_left_and_only_three_in_a_row_end_all() {
        let [a, b, c, d] = [0, 1, 2, 3].map(|at| &ENDPOINTS[at]);
        let mut patience = Patience::default();
        assert!(!broken(&mut patience, a));
        assert!(!patience.has_left(b));
        assert!(!broken(&mut patience, b));
        // One that has few requests says little.
        assert_eq!(patience.after(d, &failed()), Advice::GoOn);
        assert!(broken(&mut patience, c));
        let mut patience = Patience::default();
        assert!(!broken(&mut patience, a) && !broken(&mut patience, b));
        assert_eq!(patience.after(c, &Verdict::Equal), Advice::GoOn);
        assert!(!broken(&mut patience, d) && !broken(&mut patience, a));
    }

    #[test]
    fn a_side_that_is_away_ends_all_whatever_is_asked_of_it() {
        let away = || Verdict::Away("x".to_owned());
        let mut patience = Patience::default();
        for endpoint in ENDPOINTS.iter().take(4) {
            assert_eq!(patience.after(endpoint, &away()), Advice::GoOn);
        }
        assert_eq!(patience.after(&ENDPOINTS[4], &failed()), Advice::GoOn);
        for endpoint in ENDPOINTS.iter().take(4) {
            assert_eq!(patience.after(endpoint, &away()), Advice::GoOn);
        }
        assert!(matches!(patience.after(&ENDPOINTS[4], &away()), Advice::Stop(_)));
    }
}
