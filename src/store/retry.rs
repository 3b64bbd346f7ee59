//! How often and how long work is done again that the server rolled back for somebody else's sake.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::StoreError;
use super::figures::Figures;

/// Attempts at work that the server keeps rolling back.
const ATTEMPTS: u32 = 8;

/// No attempt begins later than this: somebody waits, and whoever holds a lock for so long does not give it back soon.
const LONGEST: Duration = Duration::from_secs(5);

/// How long the third attempt waits; each one more waits twice as long. The second starts at once.
const PAUSE: Duration = Duration::from_millis(4);

/// The attempts so far.
#[derive(Debug)]
pub struct Retry {
    attempts: u32,
    began: Instant,
    figures: Arc<Figures>,
}

impl Retry {
    /// Before the first attempt.
    pub(super) fn new(figures: &Arc<Figures>) -> Self {
        Self { attempts: 0, began: Instant::now(), figures: Arc::clone(figures) }
    }

    /// Waits for the next attempt; an attempt that failed for good gives its error back.
    pub async fn again(&mut self, error: StoreError) -> Result<(), StoreError> {
        self.again_if(error.is_retryable(), error).await
    }

    /// The same where the caller says whether there may be another.
    pub(super) async fn again_if(&mut self, may: bool, error: StoreError) -> Result<(), StoreError> {
        self.attempts += 1;
        if !may || self.attempts >= ATTEMPTS || self.began.elapsed() >= LONGEST {
            return Err(error);
        }
        self.figures.retried();
        tracing::debug!(%error, "starting over");
        if let Some(doubled) = self.attempts.checked_sub(2) {
            tokio::time::sleep(PAUSE * (1 << doubled)).await;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_rolled_back_is_done_again_and_not_for_ever() {
        let mut retry = Retry::new(&Arc::default());
        for _ in 1..ATTEMPTS {
            assert!(retry.again(StoreError::Overtaken).await.is_ok());
        }
        assert!(retry.again(StoreError::Overtaken).await.is_err());
        assert!(Retry::new(&Arc::default()).again(StoreError::Closed).await.is_err());
    }

    #[tokio::test]
    async fn after_a_long_wait_nothing_is_done_again() {
        let mut retry = Retry { began: Instant::now() - LONGEST, ..Retry::new(&Arc::default()) };
        assert!(retry.again(StoreError::Overtaken).await.is_err());
    }
}
