//! Several users at once who write and read without pause.

use std::net::SocketAddr;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::Instant;

use crate::deed::{Deed, Record, Writer};

/// What the threads share.
struct Shared {
    address: SocketAddr,
    nonce: String,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    records: Vec<Record>,
    paused: bool,
    ended: bool,
    /// Requests under way.
    busy: usize,
}

/// The running load.
pub struct Load {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl Load {
    /// One thread for each writer.
    pub fn start(service: SocketAddr, writers: &[Arc<Writer>], nonce: &str, seed: u64) -> Self {
        println!("seed of the load: {seed}");
        let shared = Arc::new(Shared {
            address: service,
            nonce: nonce.to_owned(),
            state: Mutex::default(),
            changed: Condvar::new(),
        });
        let threads = writers.iter().zip(seed..).map(|(writer, seed)| {
            let runner = Runner {
                shared: Arc::clone(&shared),
                writer: Arc::clone(writer),
                random: Random(seed),
                sessions: Vec::new(),
            };
            std::thread::spawn(move || runner.run())
        });
        let threads = threads.collect();
        Self { shared, threads }
    }

    /// No further requests; returns when the last one has its answer.
    pub fn pause(&self) {
        let mut state = self.shared.lock();
        state.paused = true;
        drop(self.shared.changed.wait_while(state, |state| state.busy > 0).expect("the state"));
    }

    /// Goes on.
    pub fn resume(&self) {
        self.shared.lock().paused = false;
        self.shared.changed.notify_all();
    }

    /// How many answers came so far.
    pub fn answers(&self) -> usize {
        self.shared.lock().records.len()
    }

    /// Those that came after so many, as far as they began before `end`.
    pub fn since(&self, answers: usize, end: Instant) -> Vec<Record> {
        self.shared.lock().records[answers..].iter().filter(|record| record.begun < end).cloned().collect()
    }

    /// Ends it and gives all records, in the order of their answers.
    pub fn end(mut self) -> Vec<Record> {
        for ended in self.stop() {
            ended.expect("the load runs");
        }
        std::mem::take(&mut self.shared.lock().records)
    }

    fn stop(&mut self) -> Vec<std::thread::Result<()>> {
        if let Ok(mut state) = self.shared.state.lock() {
            state.ended = true;
        }
        self.shared.changed.notify_all();
        self.threads.drain(..).map(JoinHandle::join).collect()
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        drop(self.stop());
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("the state")
    }

    /// Waits for its turn; false when the load has ended.
    fn next(&self) -> bool {
        let waiting = |state: &mut State| state.paused && !state.ended;
        let mut state = self.changed.wait_while(self.lock(), waiting).expect("the state");
        state.busy += usize::from(!state.ended);
        !state.ended
    }

    fn done(&self, record: Record) {
        let mut state = self.lock();
        state.records.push(record);
        state.busy -= 1;
        drop(state);
        self.changed.notify_all();
    }
}

/// One thread.
struct Runner {
    shared: Arc<Shared>,
    writer: Arc<Writer>,
    random: Random,
    /// Cookies of logins that were acknowledged and not yet ended.
    sessions: Vec<String>,
}

impl Runner {
    fn run(mut self) {
        for number in 0.. {
            if !self.shared.next() {
                return;
            }
            let tag = format!("{}n{number}", self.writer.name);
            let deed = self.choose(&tag);
            let record = deed.run(self.shared.address, &self.writer, &tag, &self.shared.nonce);
            if let (Deed::LogIn, Some(cookie)) = (&record.deed, record.answer["cookie"].as_str()) {
                self.sessions.push(cookie.to_owned());
            }
            self.shared.done(record);
        }
    }

    fn choose(&mut self, tag: &str) -> Deed {
        match self.random.below(16) {
            0 | 1 => Deed::Register(format!("new{tag}")),
            2 | 3 => Deed::LogIn,
            4 => self.sessions.pop().map_or(Deed::LogIn, Deed::LogOut),
            5..=7 => Deed::Meta(format!("meta_{tag}")),
            8 | 9 => Deed::Vars(["a", "b", "c"].map(|name| format!("vars{name}{tag}"))),
            10 | 11 => Deed::Profile,
            12 | 13 => Deed::Comment,
            _ => Deed::Read,
        }
    }
}

/// SplitMix64.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % end
    }
}
