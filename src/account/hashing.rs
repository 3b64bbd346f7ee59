//! Password hashing, on threads of its own and never on those that answer requests.
//!
//! One hash takes tens of milliseconds of a core, and anybody may ask for one. So as many run at a time as there are
//! threads, some more may wait for a while, and the rest is told at once to come back later. Whoever hangs up while
//! waiting makes room for the next.

mod figures;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tracing::{Instrument as _, Span, debug_span};
use zeroize::Zeroizing;

use super::caller::Caller;
use crate::settings;
use crate::wp::password::{self, Checked, Reference};
use crate::wp::version::WpVersion;
use figures::Figures;

/// How much the threads step back behind those that answer requests: a request that needs no hash is not to wait for
/// one. Unix's `nice`.
const NICENESS: i32 = 5;

type Job = Box<dyn FnOnce() + Send>;

/// The threads and the queue before them.
#[derive(Clone, Debug)]
pub struct Hashing {
    /// One for each hash that runs.
    running: Arc<Semaphore>,
    /// One for each hash that runs or waits.
    admitted: Arc<Semaphore>,
    threads: usize,
    /// How many may run or wait.
    places: usize,
    figures: Arc<Figures>,
    patience: Option<Duration>,
    jobs: mpsc::Sender<Job>,
}

/// Why nothing is known about a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// Too many wait already, or the turn did not come in time.
    #[error("too many passwords wait to be hashed")]
    Busy,
    /// The caller hung up.
    #[error("the caller is gone")]
    Abandoned,
    /// The thread that hashed is gone.
    #[error("hashing was interrupted")]
    Interrupted,
}

/// What is asked of a password.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// As sent.
    pub password: &'a [u8],
    /// `user_pass`; `None` for a user that does not exist.
    pub stored: Option<&'a [u8]>,
    /// Whose rules hold.
    pub version: WpVersion,
    /// What a hash usually costs here.
    pub reference: Reference,
}

impl Hashing {
    /// Starts the threads. Without limits any number may wait, as long as it likes.
    #[must_use]
    pub fn new(hashing: &settings::Hashing, limited: bool) -> Self {
        let (jobs, waiting) = mpsc::channel::<Job>();
        let waiting = Arc::new(Mutex::new(waiting));
        for number in 0..hashing.threads {
            let waiting = Arc::clone(&waiting);
            let thread = std::thread::Builder::new().name(format!("hashing-{number}"));
            let started = thread.spawn(move || work_off(&waiting));
            if let Err(error) = started {
                tracing::error!(%error, "a thread for hashing could not be started");
            }
        }
        let places = if limited { hashing.threads + hashing.queue } else { Semaphore::MAX_PERMITS };
        Self {
            running: Arc::new(Semaphore::new(hashing.threads)),
            admitted: Arc::new(Semaphore::new(places)),
            threads: hashing.threads,
            places,
            figures: Arc::default(),
            patience: limited.then_some(hashing.patience),
            jobs,
        }
    }

    /// Checks a password; see [`password::check`]. Without a stored hash the work is the same. `begun` is set when it is
    /// looked at.
    pub async fn check(
        &self,
        caller: &Caller,
        question: Question<'_>,
        begun: &AtomicBool,
    ) -> Result<Checked, HashError> {
        let Question { password, stored, version, reference } = question;
        if password::is_too_long(password) {
            // Refused without a hash, so no place is needed.
            return Ok(password::check(password, stored, version, reference));
        }
        let (password, stored) = (secret(password), stored.map(<[u8]>::to_vec));
        self.run(caller, begun, move || password::check(&password, stored.as_deref(), version, reference))
            .await
    }

    /// Hashes a password; see [`password::hash`].
    pub async fn hash(
        &self,
        caller: &Caller,
        password: &[u8],
        version: WpVersion,
        reference: Reference,
        random: [u8; 16],
    ) -> Result<String, HashError> {
        let password = secret(password);
        self.run(caller, &AtomicBool::new(false), move || {
            password::hash(&password, version, reference.bcrypt_cost(), random)
        })
        .await
    }

    /// How many more would be taken now.
    #[must_use]
    pub fn places_left(&self) -> usize {
        self.admitted.available_permits()
    }

    async fn run<T: Send + 'static>(
        &self,
        caller: &Caller,
        begun: &AtomicBool,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, HashError> {
        let Ok(_admitted) = self.admitted.try_acquire() else {
            return Err(self.figures.was_full());
        };
        let place = self.turn(caller).instrument(debug_span!("hashing_queue")).await?;
        let (done, result) = oneshot::channel();
        let (figures, request) = (Arc::clone(&self.figures), Span::current());
        let job: Job = Box::new(move || {
            let begun = Instant::now();
            let hash = debug_span!(parent: &request, "hash").in_scope(work);
            figures.work.observe(begun.elapsed());
            // Nobody hears of it when the caller is gone.
            let _ = done.send(hash);
            drop(place);
        });
        begun.store(true, Ordering::Relaxed);
        self.jobs.send(job).map_err(|_| HashError::Interrupted)?;
        result.await.map_err(|_| HashError::Interrupted)
    }

    async fn turn(&self, caller: &Caller) -> Result<OwnedSemaphorePermit, HashError> {
        let waiting = self.figures.enter();
        let place = tokio::select! {
            biased;
            () = caller.gone() => return Err(HashError::Abandoned),
            place = self.place() => place,
        };
        waiting.leave();
        place
    }

    async fn place(&self) -> Result<OwnedSemaphorePermit, HashError> {
        let place = Arc::clone(&self.running).acquire_owned();
        let place = match self.patience {
            Some(patience) => {
                tokio::time::timeout(patience, place).await.map_err(|_| self.figures.was_late())?
            }
            None => place.await,
        };
        place.map_err(|_| HashError::Interrupted)
    }
}

/// A thread's life: one job after the other, until the service is gone.
fn work_off(waiting: &Mutex<mpsc::Receiver<Job>>) {
    // Where it is not allowed, the threads are as important as all others.
    let _ = rustix::process::nice(NICENESS);
    loop {
        let job = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        // A job that panics drops its sender, and its caller hears of that.
        let _ = catch_unwind(AssertUnwindSafe(job));
    }
}

fn secret(password: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(password.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    pub(super) fn hashing(threads: usize, queue: usize, patience: Duration) -> Hashing {
        Hashing::new(&settings::Hashing { threads, queue, patience }, true)
    }

    /// Occupies a thread until the returned sender is dropped.
    pub(super) async fn occupy(
        hashing: &Hashing,
    ) -> (mpsc::Sender<()>, tokio::task::JoinHandle<Result<(), HashError>>) {
        let (release, released) = mpsc::channel::<()>();
        let (begun, beginning) = oneshot::channel();
        let hashing = hashing.clone();
        let task = tokio::spawn(async move {
            let work = move || {
                let _ = begun.send(());
                let _ = released.recv();
            };
            hashing.run(&Caller::stays(), &AtomicBool::new(false), work).await
        });
        beginning.await.unwrap();
        (release, task)
    }

    #[tokio::test]
    async fn what_the_queue_cannot_hold_is_refused_at_once() {
        let hashing = hashing(1, 1, Duration::from_mins(1));
        let (release, running) = occupy(&hashing).await;
        let waiting = tokio::spawn({
            let hashing = hashing.clone();
            async move { hashing.run(&Caller::stays(), &AtomicBool::new(false), || 7).await }
        });
        while hashing.places_left() > 0 {
            tokio::task::yield_now().await;
        }
        let begun = Instant::now();
        assert_eq!(hashing.run(&Caller::stays(), &AtomicBool::new(false), || ()).await, Err(HashError::Busy));
        assert!(begun.elapsed() < Duration::from_secs(1));
        drop(release);
        assert_eq!(waiting.await.unwrap(), Ok(7));
        assert_eq!(running.await.unwrap(), Ok(()));
    }

    #[tokio::test]
    async fn a_turn_that_does_not_come_in_time_is_given_up() {
        let hashing = hashing(1, 1, Duration::from_millis(10));
        let (release, running) = occupy(&hashing).await;
        assert_eq!(hashing.run(&Caller::stays(), &AtomicBool::new(false), || ()).await, Err(HashError::Busy));
        // What runs is not ended by it.
        drop(release);
        assert_eq!(running.await.unwrap(), Ok(()));
        assert_eq!(hashing.run(&Caller::stays(), &AtomicBool::new(false), || 7).await, Ok(7));
    }

    #[tokio::test]
    async fn a_caller_that_hangs_up_makes_room() {
        let hashing = hashing(1, 1, Duration::from_mins(1));
        let (release, running) = occupy(&hashing).await;
        let ran = Arc::new(AtomicUsize::new(0));
        let (line, caller) = Caller::on_line();
        let waiting = tokio::spawn({
            let (hashing, ran) = (hashing.clone(), Arc::clone(&ran));
            async move {
                hashing
                    .run(&caller, &AtomicBool::new(false), move || ran.fetch_add(1, Ordering::SeqCst))
                    .await
            }
        });
        while hashing.places_left() > 0 {
            tokio::task::yield_now().await;
        }
        drop(line);
        assert_eq!(waiting.await.unwrap(), Err(HashError::Abandoned));
        assert_eq!(hashing.places_left(), 1);
        drop(release);
        assert_eq!(running.await.unwrap(), Ok(()));
        assert_eq!(hashing.run(&Caller::stays(), &AtomicBool::new(false), || 7).await, Ok(7));
        assert_eq!(ran.load(Ordering::SeqCst), 0);
    }

    #[tokio::test]
    async fn a_panic_costs_its_own_caller_only() {
        let hashing = hashing(1, 1, Duration::from_mins(1));
        #[expect(clippy::unreachable, reason = "the panic that is tested")]
        let broken = hashing.run(&Caller::stays(), &AtomicBool::new(false), || unreachable!()).await;
        assert_eq!(broken, Err::<(), _>(HashError::Interrupted));
        assert_eq!(hashing.run(&Caller::stays(), &AtomicBool::new(false), || 7).await, Ok(7));
    }

    #[tokio::test]
    async fn a_password_that_is_too_long_needs_no_place() {
        let hashing = hashing(1, 0, Duration::from_mins(1));
        let (release, running) = occupy(&hashing).await;
        let long = vec![b'x'; 5_000];
        let check = |password: Vec<u8>| {
            let hashing = hashing.clone();
            async move {
                let (version, reference) = (WpVersion::NEWEST_KNOWN, Reference::default());
                let question = Question { password: &password, stored: None, version, reference };
                hashing.check(&Caller::stays(), question, &AtomicBool::new(false)).await
            }
        };
        assert!(!check(long).await.unwrap().matches);
        assert_eq!(check(b"short".to_vec()).await, Err(HashError::Busy));
        drop(release);
        assert_eq!(running.await.unwrap(), Ok(()));
    }
}
