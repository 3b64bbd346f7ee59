//! A server on loopback that answers as Facebook's Graph API does, errors included.

#![allow(
    dead_code,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "shared by several test crates, each using a part; a failure here is a failed test"
)]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};

pub const APP_ID: &str = "138483919580948";
pub const APP_SECRET: &str = "1f8e5a0b7c9d4e2f8a6b3c5d7e9f0a1b";

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    pub path: String,
    pub query: BTreeMap<String, String>,
}

/// What comes instead of the usual answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outage {
    /// This status, these headers and this body.
    Answer(u16, &'static str, String),
    /// Nothing, until the caller has gone.
    Silence,
}

#[derive(Default)]
struct State {
    /// Token to the app it was given to and what `me` answers.
    tokens: BTreeMap<String, (String, Value)>,
    /// For requests whose path is this.
    outages: BTreeMap<String, Outage>,
    asked: Vec<Asked>,
}

/// The server. It stops taking connections when the test process ends.
pub struct Graph {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Graph {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let graph = Self { address: listener.local_addr().expect("an address"), state: Arc::default() };
        let state = Arc::clone(&graph.state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&state);
                std::thread::spawn(move || talk(&stream, &state));
            }
        });
        graph
    }

    /// `facebook.graph_url`
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A token of this site's app.
    pub fn add(&self, token: &str, me: Value) {
        self.add_of(APP_ID, token, me);
    }

    /// A token of any app.
    pub fn add_of(&self, app: &str, token: &str, me: Value) {
        let mut state = self.state.lock().expect("the state");
        state.tokens.insert(token.to_owned(), (app.to_owned(), me));
    }

    pub fn break_down(&self, path: &str, outage: Outage) {
        self.state.lock().expect("the state").outages.insert(path.to_owned(), outage);
    }

    /// What was asked since the last call.
    pub fn take_asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.state.lock().expect("the state").asked)
    }
}

/// One connection; ends when the client goes.
fn talk(stream: &TcpStream, state: &Mutex<State>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    loop {
        let mut first = String::new();
        reader.read_line(&mut first).ok().filter(|count| *count > 0)?;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            if line == "\r\n" || line.is_empty() {
                break;
            }
        }
        let url = url::Url::parse("http://graph").unwrap().join(first.split(' ').nth(1)?).ok()?;
        let asked = Asked { path: url.path().to_owned(), query: url.query_pairs().into_owned().collect() };
        let (status, headers, body) = {
            let mut state = state.lock().expect("the state");
            state.asked.push(asked.clone());
            match state.outages.get(&asked.path) {
                Some(Outage::Answer(status, headers, body)) => (*status, *headers, body.clone()),
                Some(Outage::Silence) => {
                    drop(state);
                    let _ = reader.read_to_end(&mut Vec::new());
                    return None;
                }
                None => {
                    let (status, body) = answer(&state, &asked);
                    (status, "", body.to_string())
                }
            }
        };
        let head = format!(
            "HTTP/1.1 {status} x\r\nContent-Type: application/json; charset=UTF-8\r\n{headers}Content-Length: {}\r\n\r\n",
            body.len()
        );
        writer.write_all(head.as_bytes()).ok()?;
        writer.write_all(body.as_bytes()).ok()?;
    }
}

/// An error as the Graph API words it.
pub fn error(code: i64, kind: &str, message: &str) -> Value {
    json!({"error": {"message": message, "type": kind, "code": code, "fbtrace_id": "AbCdEfGhIjK"}})
}

fn answer(state: &State, asked: &Asked) -> (u16, Value) {
    let part = |name: &str| asked.query.get(name).map(String::as_str).unwrap_or_default();
    let access_token = part("access_token");
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(APP_SECRET.as_bytes()).unwrap();
    mac.update(access_token.as_bytes());
    if part("appsecret_proof") != hex::encode(mac.finalize().into_bytes()) {
        return (
            400,
            error(100, "GraphMethodException", "Invalid appsecret_proof provided in the API argument"),
        );
    }
    match asked.path.as_str() {
        "/debug_token" => {
            if access_token != format!("{APP_ID}|{APP_SECRET}") {
                return (400, error(101, "OAuthException", "Error validating application."));
            }
            let about = match state.tokens.get(part("input_token")) {
                Some((app, me)) => {
                    json!({"app_id": app, "type": "USER", "is_valid": true, "user_id": me["id"], "scopes": ["email"]})
                }
                None => json!({
                    "error": {"code": 190, "message": "Invalid OAuth access token."},
                    "is_valid": false,
                    "scopes": []
                }),
            };
            (200, json!({"data": about}))
        }
        "/me" => match state.tokens.get(access_token) {
            Some((_, me)) => {
                let wanted: Vec<&str> = part("fields").split(',').collect();
                let mut me = me.as_object().expect("an object").clone();
                me.retain(|name, _| wanted.contains(&name.as_str()));
                (200, Value::Object(me))
            }
            None => (400, error(190, "OAuthException", "Malformed access token EAAB")),
        },
        _ => (404, error(2500, "OAuthException", "Unknown path components")),
    }
}
