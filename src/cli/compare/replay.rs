//! Asks both sides, one request after the other.

mod patience;

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use super::report::Report;
use super::requests::Asked;
use super::side::Side;
use super::verdict::{Judge, Verdict};
use crate::ambient::{Clock, process_mark};
use patience::{Advice, Patience};

/// The two that are asked, and how.
pub struct Replay<'a> {
    pub live: &'a Side,
    pub service: &'a Side,
    /// The service to whose callers no field of a profile is hidden.
    pub unhidden: Option<&'a Side>,
    pub judge: Judge<'a>,
    /// The least time between two requests to the live site.
    pub pause: Duration,
}

impl Replay<'_> {
    /// Asks until all is asked, both are of no use, or somebody presses Ctrl-C.
    pub async fn run(&self, requests: &[Asked], report: &mut Report<'_>) {
        let mut ticks = interval(self.pause);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut fresh = Fresh::default();
        let mut patience = Patience::default();
        let mut count = 0;
        let mut interrupted = std::pin::pin!(tokio::signal::ctrl_c());
        for (at, asked) in requests.iter().enumerate() {
            if patience.has_left(asked.endpoint) {
                report.leave_out(asked);
                continue;
            }
            let answers = async {
                let first = self.ask(asked, &mut ticks, &mut fresh).await;
                // The site goes on while it is asked: a nonce's time is over, a user changes his name. What differs
                // for good differs again.
                if first.is_undocumented() { self.ask(asked, &mut ticks, &mut fresh).await } else { first }
            };
            let verdict = tokio::select! {
                verdict = answers => verdict,
                _ = &mut interrupted => {
                    report.cut_short = Some(format!("interrupted after {count} of {} requests", requests.len()));
                    return;
                }
            };
            count += 1;
            let advice = patience.after(asked.endpoint, &verdict);
            report.add(asked, verdict);
            if let Advice::Stop(why) = advice
                && at + 1 < requests.len()
            {
                report.cut_short =
                    Some(format!("stopped after {count} of {} requests, {why}", requests.len()));
                return;
            }
        }
    }

    /// Both at once, so that little time lies between the two.
    async fn ask(&self, asked: &Asked, ticks: &mut tokio::time::Interval, fresh: &mut Fresh) -> Verdict {
        ticks.tick().await;
        let time = fresh.next();
        let (live, service) = tokio::join!(self.live.ask(asked, &time), self.service.ask(asked, &time));
        let verdict = self.judge.judge(asked, &live, &service);
        match self.unhidden.filter(|_| verdict.hides()) {
            Some(unhidden) => self.judge.confirm(asked, verdict, &live, &unhidden.ask(asked, &time).await),
            None => verdict,
        }
    }
}

/// Values of `time` that nobody sent before: JSON API keeps answers by method and query, and gives the next caller
/// what somebody else was told (D1).
#[derive(Default)]
struct Fresh(u64);

impl Fresh {
    fn next(&mut self) -> String {
        self.0 += 1;
        format!("{}{:010}{:06}", Clock::System.now(), process_mark(), self.0)
    }
}
