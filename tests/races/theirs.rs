//! A genuine WordPress that writes beside the service, and what it says it did.

use std::fs::File;
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use crate::ledger::{Span, now};
use crate::race::User;
use crate::wordpress::RealWordPress;
use crate::worker::{CLASH, SHARED};

/// Leaves PHP's mode of text first: what is evaluated is in PHP's mode.
const WRITER: &str = concat!("?>", include_str!("writer.php"));

/// A session that WordPress started.
#[derive(Debug, Deserialize)]
pub struct TheirSession {
    pub user_id: u64,
    pub verifier: String,
}

/// A value that WordPress wrote.
#[derive(Debug, Deserialize)]
pub struct TheirValue {
    pub user_id: u64,
    pub key: String,
    pub value: String,
    begun: f64,
    ended: f64,
}

/// A user that WordPress made.
#[derive(Debug, Deserialize)]
pub struct TheirUser {
    pub id: u64,
    begun: f64,
    ended: f64,
}

impl TheirValue {
    pub fn span(&self) -> Span {
        Span { begun: self.begun, ended: self.ended }
    }
}

impl TheirUser {
    pub fn span(&self) -> Span {
        Span { begun: self.begun, ended: self.ended }
    }
}

/// What WordPress did; nothing where there was none.
#[derive(Debug, Default, Deserialize)]
pub struct Theirs {
    pub acts: usize,
    /// Numbers of rows of `usermeta`.
    pub inserted: Vec<u64>,
    pub written: Vec<TheirValue>,
    pub sessions: Vec<TheirSession>,
    /// Verifiers.
    pub ended: Vec<String>,
    pub users: Vec<TheirUser>,
    /// Seconds from reading a user's meta to writing the list of sessions.
    pub windows: Vec<f64>,
    /// What the server said of statements that failed.
    pub failed: Vec<String>,
}

/// How it writes.
#[derive(Clone, Copy)]
pub struct Writer<'a> {
    pub seed: u64,
    /// Each as likely as the others; see writer.php.
    pub choices: &'a [&'a str],
    /// Milliseconds between two acts.
    pub pause: u64,
    /// Seconds for which one user after the other is written to; see [`turn`].
    pub turn: Option<f64>,
    pub users: &'a [User],
    pub newcomers: &'a [User],
    pub password: &'a str,
}

impl Writer<'_> {
    /// Writes from before `work` until it is done. Gives what both say.
    pub fn while_running<T>(self, wordpress: &RealWordPress, work: impl FnOnce() -> T) -> (T, Theirs) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (started, stop) = (folder.path().join("started"), folder.path().join("stop"));
        let named = |users: &[User]| -> Vec<_> {
            users.iter().map(|user| json!({ "id": user.id, "login": user.login })).collect()
        };
        let args = json!({
            "seed": self.seed % 1_000_000_007,
            "choices": self.choices,
            "pause": self.pause,
            "users": named(self.users),
            "newcomers": named(self.newcomers),
            "keys": SHARED,
            "clash": CLASH,
            "password": self.password,
            "turn": self.turn,
            "started": started,
            "stop": stop,
        });
        std::thread::scope(|scope| {
            // However the work ends, so does the other side.
            let stopper = Stopper(stop.clone());
            let writer = scope.spawn(|| wordpress.php_with(WRITER, args));
            while !started.exists() && !writer.is_finished() {
                std::thread::sleep(Duration::from_millis(5));
            }
            let done = work();
            drop(stopper);
            let did = writer.join().expect("WordPress does not complain");
            (done, serde_json::from_value(did).expect("what WordPress did"))
        })
    }
}

/// Whose turn it is; writer.php counts the same.
pub fn turn(users: &[User], length: f64) -> &User {
    let turns = Duration::from_secs_f64(now()).as_millis() / Duration::from_secs_f64(length).as_millis();
    &users[usize::try_from(turns).expect("a number") % users.len()]
}

struct Stopper(std::path::PathBuf);

impl Drop for Stopper {
    fn drop(&mut self) {
        File::create(&self.0).expect("a writable temporary folder");
    }
}
