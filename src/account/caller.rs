//! Whether anybody still waits for the answer.

use tokio::sync::watch;

/// The one who asked. Work that goes on without him looks here before it begins something dear.
#[derive(Clone, Debug)]
pub struct Caller(Option<watch::Receiver<()>>);

/// Held by whoever answers; the caller is gone when it is dropped.
#[derive(Debug)]
pub struct Line(#[expect(dead_code, reason = "dropping it is its use")] watch::Sender<()>);

impl Caller {
    /// One who never hangs up.
    #[must_use]
    pub fn stays() -> Self {
        Self(None)
    }

    /// One who waits as long as the line is held.
    #[must_use]
    pub fn on_line() -> (Line, Self) {
        let (line, caller) = watch::channel(());
        (Line(line), Self(Some(caller)))
    }

    /// Returns when the caller hung up.
    pub async fn gone(&self) {
        if let Some(line) = &self.0 {
            // Nothing is ever said on the line; it only breaks.
            while line.clone().changed().await.is_ok() {}
        } else {
            std::future::pending::<()>().await;
        }
    }
}
