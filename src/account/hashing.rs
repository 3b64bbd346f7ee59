//! Password hashing off the async workers: as many at a time as there are cores.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::wp::password::{self, Checked, Reference};
use crate::wp::version::WpVersion;

/// The gate before the hashing threads.
#[derive(Clone, Debug)]
pub struct Hashing {
    places: Arc<Semaphore>,
}

/// The thread that hashed is gone; nothing is known about the password.
#[derive(Debug, thiserror::Error)]
#[error("hashing was interrupted")]
pub struct Interrupted;

impl Hashing {
    /// Lets `places` hashes run at a time.
    #[must_use]
    pub fn new(places: usize) -> Self {
        Self { places: Arc::new(Semaphore::new(places.max(1))) }
    }

    /// Checks a password; see [`password::check`]. Without a stored hash the work is the same.
    pub async fn check(
        &self,
        password: Vec<u8>,
        stored: Option<Vec<u8>>,
        version: WpVersion,
        reference: Reference,
    ) -> Result<Checked, Interrupted> {
        self.run(move || password::check(&password, stored.as_deref(), version, reference)).await
    }

    /// Hashes a password; see [`password::hash`].
    pub async fn hash(
        &self,
        password: Vec<u8>,
        version: WpVersion,
        reference: Reference,
        random: [u8; 16],
    ) -> Result<String, Interrupted> {
        self.run(move || password::hash(&password, version, reference.bcrypt_cost(), random)).await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Interrupted> {
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(|_| Interrupted)?;
        tokio::task::spawn_blocking(move || {
            let done = work();
            drop(place);
            done
        })
        .await
        .map_err(|_| Interrupted)
    }
}
