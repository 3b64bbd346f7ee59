//! What was asked, when, and what was answered.

use std::time::{SystemTime, UNIX_EPOCH};

use wp_sidecar::wp::auth_cookie::AuthCookie;
use wp_sidecar::wp::session_token::hash_token;

/// From before the question to after the answer, in seconds of the machine's clock, which PHP shares.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    pub begun: f64,
    pub ended: f64,
}

impl Span {
    /// True when all of this was over before the other began.
    pub fn is_before(self, other: Self) -> bool {
        self.ended < other.begun
    }
}

/// Seconds since 1970, as PHP's `microtime( true )`.
pub fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock").as_secs_f64()
}

/// A user that the service registered.
#[derive(Clone, Debug)]
pub struct Registered {
    pub span: Span,
    pub user_id: u64,
    pub login: String,
    pub email: String,
    pub mark: String,
    pub cookie: String,
}

/// A registration that the service refused.
#[derive(Clone, Debug)]
pub struct Refused {
    pub login: String,
    pub email: String,
    pub text: String,
}

/// A session that the service started.
#[derive(Clone, Debug)]
pub struct Session {
    pub user_id: u64,
    pub cookie: String,
    /// The service acknowledged its end.
    pub ended: bool,
}

impl Session {
    pub fn verifier(&self) -> String {
        verifier(&self.cookie)
    }
}

/// The key under which a cookie's session is stored.
pub fn verifier(cookie: &str) -> String {
    hash_token(AuthCookie::parse(cookie.as_bytes()).expect("a cookie").token())
}

/// A value that was written to a key.
#[derive(Clone, Debug)]
pub struct Written {
    pub span: Span,
    pub user_id: u64,
    pub key: String,
    pub value: String,
    /// The row that the service says it added.
    pub added: Option<u64>,
}

/// A value of a key that the service says it deleted.
#[derive(Clone, Debug)]
pub struct Deleted {
    pub span: Span,
    pub user_id: u64,
    pub key: String,
    pub value: String,
}

/// What the service acknowledged and refused.
#[derive(Debug, Default)]
pub struct Ledger {
    pub registered: Vec<Registered>,
    pub refused: Vec<Refused>,
    pub sessions: Vec<Session>,
    pub written: Vec<Written>,
    pub deleted: Vec<Deleted>,
    pub profiles: Vec<Written>,
    /// Values of requests that the service gave up.
    pub given_up: Vec<String>,
    /// Questions that were answered.
    pub operations: usize,
    /// Answers that a cookie handed out before is not valid.
    pub turned_away: usize,
}

impl Ledger {
    pub fn append(&mut self, mut other: Self) {
        self.registered.append(&mut other.registered);
        self.refused.append(&mut other.refused);
        self.sessions.append(&mut other.sessions);
        self.written.append(&mut other.written);
        self.deleted.append(&mut other.deleted);
        self.profiles.append(&mut other.profiles);
        self.given_up.append(&mut other.given_up);
        self.operations += other.operations;
        self.turned_away += other.turned_away;
    }
}
