//! Connections kept for the next statement.
//!
//! Not the driver's own pool: that one asks the server after every use whether the connection still lives, and waits
//! for the answer of a statement that nobody wants any more. Here a connection whose statement did not come to its
//! end is thrown away, so a network that stalls costs a connection and no more; and no statement is spent on a
//! connection that was used a moment ago.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;
use std::time::Duration;

use sqlx::Connection as _;
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tracing::{Instrument as _, debug_span};

use super::figures::Figures;
use super::lease::Lease;
use super::places::{NoPlace, Place, Places, here};
use super::{StoreError, connect};

/// How long a request waits for a connection while the database is well.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long it waits while the database was away a moment ago: many wait then, and in vain.
const SHORT_PATIENCE: Duration = Duration::from_millis(500);

/// A connection that rested longer than this is asked whether it still lives.
const FRESH: Duration = Duration::from_secs(1);

/// How long the answer to that may take.
const PING_PATIENCE: Duration = Duration::from_secs(1);

/// How often a server that was full is asked again whether it has room.
const KNOCK: Duration = Duration::from_millis(250);

/// Connections are replaced after this time, so that a name that leads to another server is noticed.
const LIFETIME: Duration = Duration::from_mins(30);

/// Of so many connections of other threads one is replaced.
const REPLACED: usize = 16;

/// The connections of one service.
#[derive(Clone)]
pub(super) struct Pool {
    shared: Arc<Shared>,
}

pub(super) struct Shared {
    options: MySqlConnectOptions,
    /// How long a statement may take.
    pub(super) deadline: Duration,
    pub(super) figures: Arc<Figures>,
    pub(super) places: Arc<Places>,
    idle: Mutex<Vec<Open>>,
    /// How often a thread took another one's connection.
    borrowed: AtomicUsize,
    returned: Notify,
    /// How many have a place and still no connection.
    knocking: AtomicUsize,
    /// The last attempt to connect found nobody who answers.
    away: AtomicBool,
    /// Somebody finds out whether that still holds.
    probed: AtomicBool,
    /// Connections of an older generation are closed: they lead to a server that is no longer the right one.
    generation: AtomicU64,
    /// Connections used before this moment are asked whether they still live.
    suspected: Mutex<Option<Instant>>,
    /// There was such a moment.
    suspicious: AtomicBool,
}

/// An open connection.
pub(super) struct Open {
    pub(super) connection: MySqlConnection,
    opened: Instant,
    used: Instant,
    generation: u64,
    /// Where its socket is watched: another thread would be woken through that one.
    thread: ThreadId,
}

impl Pool {
    /// An empty pool; `size` connections at most.
    pub(super) fn new(options: MySqlConnectOptions, size: u32, deadline: Duration) -> Self {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let shared = Shared {
            options,
            deadline,
            figures: Arc::default(),
            places: Places::new(size),
            idle: Mutex::default(),
            borrowed: AtomicUsize::new(1),
            returned: Notify::new(),
            knocking: AtomicUsize::new(0),
            away: AtomicBool::new(false),
            probed: AtomicBool::new(false),
            generation: AtomicU64::new(0),
            suspected: Mutex::default(),
            suspicious: AtomicBool::new(false),
        };
        Self { shared: Arc::new(shared) }
    }

    /// A connection for some statements.
    pub(super) async fn acquire(&self) -> Result<Lease, StoreError> {
        let figures = &self.shared.figures;
        let begun = Instant::now();
        let waiting = figures.wait();
        let lease = self.lend(begun).instrument(debug_span!("connection")).await;
        drop(waiting);
        lease.inspect_err(|error| figures.refused(error))
    }

    async fn lend(&self, begun: Instant) -> Result<Lease, StoreError> {
        let shared = &self.shared;
        let short = shared.away.load(Ordering::Relaxed);
        if short {
            self.probe();
        }
        let until = begun + if short { SHORT_PATIENCE } else { PATIENCE };
        let place = shared.places.acquire(until).await.map_err(|error| match error {
            NoPlace::Closed => StoreError::Closed,
            NoPlace::Late => StoreError::NoConnectionFree,
        })?;
        loop {
            if let Some(open) = self.idle(until, false).await {
                // Else nobody would find out while those that are open suffice.
                if shared.figures.is_unreached() {
                    self.probe();
                }
                return Ok(Lease::new(Arc::clone(shared), open, place));
            }
            let _knocking = Knocking::begin(shared);
            let returned = shared.returned.notified();
            match self.connect(until, short).await {
                Ok(open) => return Ok(Lease::new(Arc::clone(shared), open, place)),
                // The server lets nobody else in: one of another thread must do, or one of those that are in use.
                Err(error) if error.is_server_full() => {
                    if let Some(open) = self.idle(until, true).await {
                        return Ok(Lease::new(Arc::clone(shared), open, place));
                    }
                    if !self.others_in_use() || Instant::now() >= until {
                        return Err(error);
                    }
                    let _ = timeout(KNOCK, returned).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    pub(super) fn shared(&self) -> &Shared {
        &self.shared
    }

    pub(super) fn figures(&self) -> &Arc<Figures> {
        &self.shared.figures
    }

    /// How many connections rest, how many are in use, and how many wait for one.
    pub(super) fn counts(&self) -> (usize, usize, usize) {
        let shared = &self.shared;
        let knocking = shared.knocking.load(Ordering::Relaxed);
        let in_use = shared.places.in_use().saturating_sub(knocking);
        (lock(&shared.idle).len(), in_use, shared.places.waiting())
    }

    /// Closes what is idle, and what is in use when it comes back.
    pub(super) async fn close(&self) {
        self.shared.places.close();
        let idle = std::mem::take(&mut *lock(&self.shared.idle));
        let politely = async {
            for open in idle {
                // So that the server does not count it among the aborted.
                let _ = open.connection.close().await;
            }
        };
        let _ = timeout(PING_PATIENCE, politely).await;
    }

    /// Finds out beside the requests whether a database that was away is back, however long connecting takes.
    fn probe(&self) {
        let Some(probe) = Probe::begin(&self.shared) else { return };
        let pool = self.clone();
        tokio::spawn(async move {
            if let Ok(open) = pool.connect(Instant::now() + PATIENCE, false).await {
                lock(&pool.shared.idle).push(open);
                pool.shared.returned.notify_one();
            } else if !pool.shared.away.load(Ordering::Relaxed) {
                // A server that refuses the account is not to be asked with every request.
                sleep(PATIENCE).await;
            }
            drop(probe);
        });
    }

    fn others_in_use(&self) -> bool {
        self.shared.places.in_use() > self.shared.knocking.load(Ordering::Relaxed)
    }

    /// A resting connection that lives: of this thread if possible, of another where no more may be opened or `any` will
    /// do.
    async fn idle(&self, until: Instant, any: bool) -> Option<Open> {
        loop {
            let mut open = self.shared.take_idle(any)?;
            let suspected = if self.shared.suspicious.load(Ordering::Relaxed) {
                *lock(&self.shared.suspected)
            } else {
                None
            };
            let resting = open.used.elapsed() > FRESH;
            if !resting && suspected.is_none_or(|suspected| open.used > suspected) {
                return Some(open);
            }
            let patience = until.min(Instant::now() + PING_PATIENCE);
            match timeout_at(patience, open.connection.ping()).await {
                Ok(Ok(())) => return Some(open),
                Ok(Err(_)) => self.shared.suspect(),
                // A network that swallows one question swallows all.
                Err(_) => {
                    self.shared.suspect();
                    lock(&self.shared.idle).clear();
                }
            }
        }
    }

    /// A new connection. Who had only `short` time to wait learns nothing of the database.
    async fn connect(&self, until: Instant, short: bool) -> Result<Open, StoreError> {
        let shared = &self.shared;
        let generation = shared.generation.load(Ordering::Relaxed);
        let opened = timeout_at(until, connect::open(&shared.options, shared.deadline)).await;
        let connection = match opened {
            Ok(Ok(connection)) => connection,
            Ok(Err(error)) => {
                // A server that answers is not away.
                shared.away.store(error.is_broken(), Ordering::Relaxed);
                shared.figures.not_opened(&error);
                return Err(error);
            }
            Err(_) => {
                if !short {
                    shared.away.store(true, Ordering::Relaxed);
                    shared.figures.not_opened(&StoreError::NoConnection);
                }
                return Err(StoreError::NoConnection);
            }
        };
        shared.away.store(false, Ordering::Relaxed);
        shared.figures.opened();
        let now = Instant::now();
        Ok(Open { connection, opened: now, used: now, generation, thread: here() })
    }
}

impl Shared {
    /// A connection is no longer in use, whatever became of it.
    pub(super) fn lent_no_more(&self) {
        if self.knocking.load(Ordering::Relaxed) > 0 {
            self.returned.notify_one();
        }
    }

    /// Takes back a connection that is ready for the next statement.
    pub(super) fn give_back(&self, mut open: Open, place: Place) {
        open.used = Instant::now();
        let current = open.generation == self.generation.load(Ordering::Relaxed);
        if current && open.used - open.opened < LIFETIME && !self.places.is_closed() {
            lock(&self.idle).push(open);
        }
        drop(place);
    }

    /// A connection was lost: others may be, too.
    pub(super) fn suspect(&self) {
        *lock(&self.suspected) = Some(Instant::now());
        self.suspicious.store(true, Ordering::Relaxed);
    }

    /// The server on the other end is the wrong one.
    pub(super) fn start_anew(&self) {
        self.generation.fetch_add(1, Ordering::Relaxed);
        lock(&self.idle).clear();
    }

    /// The connection of this thread that rested least; one of another thread only where no more may be opened, or with
    /// `any`. Through another thread every answer of the server takes a way round, so a thread that has no more than its
    /// share now and then replaces such a connection by one of its own.
    fn take_idle(&self, any: bool) -> Option<Open> {
        let mut idle = lock(&self.idle);
        let here = here();
        if let Some(place) = idle.iter().rposition(|open| open.thread == here) {
            return Some(idle.swap_remove(place));
        }
        if any {
            return idle.pop();
        }
        if idle.len() + self.places.in_use() <= self.places.size() {
            return None;
        }
        let other = idle.pop()?;
        let turn = self.borrowed.fetch_add(1, Ordering::Relaxed).is_multiple_of(REPLACED);
        // A single one belongs to everybody.
        let replace = turn && self.places.size() > 1 && self.places.held_by(here) <= self.places.share();
        (!replace).then_some(other)
    }
}

/// One who has a place and no connection: none that rested was to be had.
struct Knocking<'a>(&'a Shared);

impl<'a> Knocking<'a> {
    fn begin(shared: &'a Shared) -> Self {
        shared.knocking.fetch_add(1, Ordering::Relaxed);
        Self(shared)
    }
}

impl Drop for Knocking<'_> {
    fn drop(&mut self) {
        self.0.knocking.fetch_sub(1, Ordering::Relaxed);
    }
}

/// One at a time finds out whether the database is back.
struct Probe(Arc<Shared>);

impl Probe {
    fn begin(shared: &Arc<Shared>) -> Option<Self> {
        (!shared.probed.swap(true, Ordering::Relaxed)).then(|| Self(Arc::clone(shared)))
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        self.0.probed.store(false, Ordering::Relaxed);
    }
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pool({} idle of {})", lock(&self.shared.idle).len(), self.shared.places.size())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
