//! How many connections may be in use, and who gets the next one.
//!
//! A place that one thread gives back goes to whoever waits on the same thread, as long as that thread has no more
//! than its share: waking another thread costs a system call and an interrupt of its core, which is more than all else
//! that a short request does. Nobody is passed over for long.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

/// How much longer somebody may wait than the one who is preferred.
const PASSED_OVER: Duration = Duration::from_millis(20);

/// How many of those who wait are looked at for one to prefer.
const LOOKED_AT: usize = 64;

thread_local! {
    static HERE: ThreadId = std::thread::current().id();
}

/// The calling thread.
pub(super) fn here() -> ThreadId {
    HERE.with(|here| *here)
}

/// The places of a pool.
pub(super) struct Places {
    size: usize,
    /// What each thread has before it gives others the preference.
    share: usize,
    state: Mutex<State>,
}

struct State {
    closed: bool,
    free: usize,
    held: HashMap<ThreadId, usize>,
    waiting: VecDeque<Waiting>,
}

struct Waiting {
    thread: ThreadId,
    since: Instant,
    granted: oneshot::Sender<Place>,
}

/// The right to use one connection; given back when it is dropped.
pub(super) struct Place {
    /// `None` when it was given back.
    places: Option<Arc<Places>>,
    thread: ThreadId,
}

/// Why there is no place.
#[derive(Debug)]
pub(super) enum NoPlace {
    /// There will be none any more.
    Closed,
    /// None became free in time.
    Late,
}

impl Places {
    pub(super) fn new(size: usize) -> Arc<Self> {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let state = State { closed: false, free: size, held: HashMap::new(), waiting: VecDeque::new() };
        Arc::new(Self { size, share: size.div_ceil(threads), state: Mutex::new(state) })
    }

    /// A place as soon as one is free, but not after `until`.
    pub(super) async fn acquire(self: &Arc<Self>, until: Instant) -> Result<Place, NoPlace> {
        let wait = {
            let mut state = self.state();
            if state.closed {
                return Err(NoPlace::Closed);
            }
            if state.free > 0 {
                state.free -= 1;
                return Ok(self.place(&mut state, here()));
            }
            let (granted, wait) = oneshot::channel();
            state.waiting.push_back(Waiting { thread: here(), since: Instant::now(), granted });
            wait
        };
        match timeout_at(until, wait).await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(_)) => Err(NoPlace::Closed),
            Err(_) => Err(NoPlace::Late),
        }
    }

    /// Whoever waits is told that it is in vain.
    pub(super) fn close(&self) {
        let waiting = {
            let mut state = self.state();
            state.closed = true;
            std::mem::take(&mut state.waiting)
        };
        drop(waiting);
    }

    pub(super) fn is_closed(&self) -> bool {
        self.state().closed
    }

    /// How many places there are.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// What each thread has before it gives others the preference.
    pub(super) fn share(&self) -> usize {
        self.share
    }

    /// How many a thread uses.
    pub(super) fn held_by(&self, thread: ThreadId) -> usize {
        self.state().held.get(&thread).copied().unwrap_or(0)
    }

    /// How many are in use.
    pub(super) fn in_use(&self) -> usize {
        self.size.saturating_sub(self.state().free)
    }

    /// How many wait for one.
    pub(super) fn waiting(&self) -> usize {
        self.state().waiting.iter().filter(|waiting| !waiting.granted.is_closed()).count()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn place(self: &Arc<Self>, state: &mut State, thread: ThreadId) -> Place {
        state.take(thread);
        Place { places: Some(Arc::clone(self)), thread }
    }

    /// Takes back a place that a thread held.
    fn give_back(self: &Arc<Self>, thread: ThreadId) {
        let mut holder = thread;
        loop {
            let (place, granted) = {
                let mut state = self.state();
                state.give_back(holder);
                let Some(next) = state.next(thread, self.share) else {
                    state.free += 1;
                    return;
                };
                (self.place(&mut state, next.thread), next.granted)
            };
            // Who waited may have gone meanwhile.
            let Err(mut place) = granted.send(place) else { return };
            holder = place.thread;
            place.places = None;
        }
    }
}

impl State {
    fn take(&mut self, thread: ThreadId) {
        *self.held.entry(thread).or_default() += 1;
    }

    fn give_back(&mut self, thread: ThreadId) {
        if let Entry::Occupied(mut held) = self.held.entry(thread) {
            *held.get_mut() -= 1;
            if *held.get() == 0 {
                held.remove();
            }
        }
    }

    /// Who gets the place that a thread gave back.
    fn next(&mut self, thread: ThreadId, share: usize) -> Option<Waiting> {
        let first = self.waiting.front()?;
        let has_room = |thread: ThreadId| self.held.get(&thread).is_none_or(|held| *held < share);
        let mut looked_at = self.waiting.iter().take(LOOKED_AT);
        let preferred = if has_room(thread) {
            looked_at.position(|waiting| waiting.thread == thread)
        } else {
            looked_at.position(|waiting| has_room(waiting.thread))
        };
        let preferred = preferred.filter(|place| {
            self.waiting.get(*place).is_some_and(|waiting| waiting.since - first.since <= PASSED_OVER)
        });
        self.waiting.remove(preferred.unwrap_or(0))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(places) = self.places.take() {
            places.give_back(self.thread);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Soon, and late enough for whoever waits.
    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(5)
    }

    fn late() -> Instant {
        Instant::now() + Duration::from_millis(5)
    }

    #[tokio::test]
    async fn no_more_places_are_given_than_there_are() {
        let places = Places::new(2);
        let first = places.acquire(soon()).await.unwrap();
        let _second = places.acquire(soon()).await.unwrap();
        assert_eq!((places.in_use(), places.held_by(here())), (2, 2));
        assert!(matches!(places.acquire(late()).await, Err(NoPlace::Late)));
        assert_eq!(places.waiting(), 0, "who gave up waits no more");
        drop(first);
        assert_eq!(places.in_use(), 1);
        assert!(places.acquire(soon()).await.is_ok());
    }

    #[tokio::test]
    async fn who_waits_gets_the_place_that_comes_back() {
        let places = Places::new(1);
        let first = places.acquire(soon()).await.unwrap();
        let waiting = tokio::spawn({
            let places = Arc::clone(&places);
            async move { places.acquire(soon()).await.is_ok() }
        });
        tokio::task::yield_now().await;
        assert_eq!(places.waiting(), 1);
        drop(first);
        assert!(waiting.await.unwrap());
        assert_eq!(places.in_use(), 0);
    }

    #[tokio::test]
    async fn who_stopped_waiting_is_passed_over_and_keeps_nothing() {
        let places = Places::new(1);
        let first = places.acquire(soon()).await.unwrap();
        for _ in 0..1000 {
            let waiting = Waiting { thread: here(), since: Instant::now(), granted: oneshot::channel().0 };
            places.state().waiting.push_back(waiting);
        }
        drop(first);
        assert_eq!((places.in_use(), places.held_by(here())), (0, 0));
        // Granted, and gone before it was looked at.
        let first = places.acquire(soon()).await.unwrap();
        let (granted, wait) = oneshot::channel();
        places.state().waiting.push_back(Waiting { thread: here(), since: Instant::now(), granted });
        drop(first);
        assert_eq!(places.in_use(), 1);
        drop(wait);
        assert_eq!(places.in_use(), 0);
    }

    #[tokio::test]
    async fn closed_places_are_given_to_nobody() {
        let places = Places::new(1);
        let _first = places.acquire(soon()).await.unwrap();
        let waiting = tokio::spawn({
            let places = Arc::clone(&places);
            async move { places.acquire(soon()).await }
        });
        tokio::task::yield_now().await;
        places.close();
        assert!(matches!(waiting.await.unwrap(), Err(NoPlace::Closed)));
        assert!(matches!(places.acquire(soon()).await, Err(NoPlace::Closed)));
    }

    /// The order in which those who wait get a place that this thread gave back.
    fn order(share: usize, held: &[(ThreadId, usize)], waiting: &[(ThreadId, u64)]) -> Vec<ThreadId> {
        let began = Instant::now();
        let mut state =
            State { closed: false, free: 0, held: held.iter().copied().collect(), waiting: VecDeque::new() };
        for (thread, after) in waiting {
            let since = began + Duration::from_millis(*after);
            state.waiting.push_back(Waiting { thread: *thread, since, granted: oneshot::channel().0 });
        }
        std::iter::from_fn(|| Some(state.next(here(), share)?.thread)).collect()
    }

    #[test]
    fn a_place_stays_on_its_thread_unless_somebody_else_waits_much_longer_or_has_less_than_his_share() {
        let me = here();
        let other = std::thread::spawn(here).join().unwrap();
        assert_eq!(order(2, &[(me, 1), (other, 2)], &[(other, 0), (me, 5)]), [me, other]);
        assert_eq!(order(2, &[(me, 1), (other, 2)], &[(other, 0), (me, 50)]), [other, me]);
        assert_eq!(order(2, &[(me, 2), (other, 1)], &[(me, 0), (other, 5)]), [other, me]);
        assert_eq!(order(2, &[(me, 2), (other, 2)], &[(me, 0), (other, 5)]), [me, other]);
    }
}
