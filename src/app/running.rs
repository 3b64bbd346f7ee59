//! Work that goes on when its caller hangs up: the service waits for it before it ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::timeout;

/// What runs.
#[derive(Clone, Debug, Default)]
pub struct Running(Arc<Count>);

#[derive(Debug, Default)]
struct Count {
    tasks: AtomicUsize,
    ending: AtomicBool,
    ended: Notify,
}

/// A piece of work; it has ended when this is dropped.
#[derive(Debug)]
pub struct Task(Arc<Count>);

impl Running {
    /// Counts a piece of work.
    #[must_use]
    pub fn begin(&self) -> Task {
        self.0.tasks.fetch_add(1, Ordering::SeqCst);
        Task(Arc::clone(&self.0))
    }

    /// From now on connections are closed behind their answers.
    pub fn end(&self) {
        self.0.ending.store(true, Ordering::Relaxed);
    }

    /// Whether the service is about to end.
    #[must_use]
    pub fn is_ending(&self) -> bool {
        self.0.ending.load(Ordering::Relaxed)
    }

    /// Waits until all has ended, but no longer than `limit`. False when something still runs.
    pub async fn wait(&self, limit: Duration) -> bool {
        let all = async {
            loop {
                let ended = self.0.ended.notified();
                if self.0.tasks.load(Ordering::SeqCst) == 0 {
                    return;
                }
                ended.await;
            }
        };
        timeout(limit, all).await.is_ok()
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.tasks.fetch_sub(1, Ordering::SeqCst);
        self.0.ended.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_end_is_waited_for_and_not_for_ever() {
        let running = Running::default();
        assert!(running.wait(Duration::ZERO).await);
        let (first, second) = (running.begin(), running.begin());
        assert!(!running.wait(Duration::from_millis(10)).await);
        drop(first);
        let rest = tokio::spawn(async move { drop(second) });
        assert!(running.wait(Duration::from_mins(1)).await);
        rest.await.unwrap();
    }
}
