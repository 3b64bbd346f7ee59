//! A live site with the plugins, as far as a client sees it: a server on loopback that answers with recordings, and
//! keeps answers as JSON API does. Genuine plugins are not to be had here.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::Value;
use url::Url;

const RECORDINGS: &str = include_str!("../../fixtures/recordings/user-and-auth.wordpress-6.8.8.json");

/// The methods that only read, in the plugins' own words; the service's table is not asked.
const READING: [&str; 8] = [
    "info",
    "get_nonce",
    "validate_auth_cookie",
    "get_currentuserinfo",
    "get_userinfo",
    "get_user_meta",
    "get_avatar",
    "xprofile",
];

/// Parameters without their order and without `time`.
type Pairs = BTreeSet<(String, String)>;

/// A recorded request of a method that only reads, and its answer.
#[derive(Clone, Debug)]
pub struct Recorded {
    pub id: String,
    /// `/api/user/info/`
    pub path: String,
    /// Of query and form.
    pub pairs: Vec<(String, String)>,
    pub answer: Answer,
}

#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: String,
    pub body: String,
}

impl Answer {
    pub fn new(status: u16, content_type: &str, body: &str) -> Self {
        Self { status, headers: format!("Content-Type: {content_type}\r\n"), body: body.to_owned() }
    }
}

/// All of them, but for those that ask by other verbs and those that the site only redirects.
pub fn recorded() -> Vec<Recorded> {
    let entries: Vec<Value> = serde_json::from_str(RECORDINGS).expect("recordings");
    let mut found: Vec<Recorded> = entries.iter().filter_map(read).collect();
    // Answered at another moment, after rows had changed.
    found.retain(|recorded| recorded.id != "xprofile-after-Bio");
    assert!(found.len() > 80, "{}", found.len());
    found
}

fn read(entry: &Value) -> Option<Recorded> {
    let (request, response) = (&entry["request"], &entry["response"]);
    let pairs = |name: &str| -> Vec<(String, String)> {
        serde_json::from_value(request[name].clone()).unwrap_or_default()
    };
    let mut path = request["path"].as_str()?.to_owned();
    let mut all = [pairs("query"), pairs("form")].concat();
    let status = u16::try_from(response["status"].as_u64()?).ok()?;
    let is_asked = matches!(request["method"].as_str()?, "GET" | "POST") && !(300..400).contains(&status);
    if let Some(at) = all.iter().position(|(name, _)| name == "json") {
        path = format!("/api/{}/", all.remove(at).1.replace('.', "/"));
    }
    if !path.ends_with('/') {
        path.push('/');
    }
    if !is_asked || !READING.contains(&method_of(&path).as_str()) {
        return None;
    }
    assert_eq!((&entry["db"], &entry["mail"]), (&Value::Array(vec![]), &Value::Array(vec![])), "{entry}");
    let body = response["text"].as_str().map_or_else(|| response["json"].to_string(), str::to_owned);
    let answer = Answer::new(status, response["content_type"].as_str()?, &body);
    Some(Recorded { id: entry["id"].as_str()?.to_owned(), path, pairs: all, answer })
}

fn method_of(path: &str) -> String {
    path.trim_end_matches('/').rsplit(['/', '.']).next().unwrap_or_default().to_lowercase()
}

impl Recorded {
    /// The line that nginx would write of it, with all parameters in the address.
    pub fn line(&self) -> String {
        let query = serde_urlencoded::to_string(&self.pairs).expect("a query");
        format!(
            r#"192.0.2.7 - - [21/Nov/2026:19:11:42 +0000] "GET {}?{query} HTTP/1.1" 200 33 "-" "MyApp/2.1""#,
            self.path
        )
    }

    /// Whether it says who asks.
    pub fn cookie(&self) -> Option<&str> {
        self.pairs.iter().find(|(name, _)| name == "cookie").map(|(_, cookie)| cookie.as_str())
    }

    /// The same with another cookie.
    pub fn with_cookie(mut self, cookie: &str) -> Self {
        for (_, value) in self.pairs.iter_mut().filter(|(name, _)| name == "cookie") {
            cookie.clone_into(value);
        }
        self
    }

    fn key(&self) -> (String, Pairs) {
        (self.path.to_lowercase(), self.pairs.iter().cloned().collect())
    }
}

/// How it answers.
#[derive(Clone, Default)]
enum Mood {
    /// As recorded.
    #[default]
    Well,
    /// Every request so.
    Always(Answer),
    /// Not at all, until the caller has gone.
    Silent,
}

#[derive(Default)]
struct State {
    answers: BTreeMap<(String, Pairs), Answer>,
    /// D1: by method and query, not by controller, body or user.
    kept: BTreeMap<String, Answer>,
    mood: Mood,
    asked: Vec<String>,
}

/// The site. It stops taking connections when the test process ends.
pub struct Plugins {
    address: SocketAddr,
    state: Arc<(Mutex<State>, Condvar)>,
}

impl Plugins {
    /// A site that answers these; of equal requests the first counts.
    pub fn answering(recorded: &[Recorded]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let plugins = Self { address: listener.local_addr().expect("an address"), state: Arc::default() };
        let mut state = plugins.state();
        for recorded in recorded {
            state.answers.entry(recorded.key()).or_insert_with(|| recorded.answer.clone());
        }
        drop(state);
        let state = Arc::clone(&plugins.state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&state);
                std::thread::spawn(move || talk(&stream, &state));
            }
        });
        plugins
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.0.lock().expect("the state")
    }

    /// Lets every request get this.
    pub fn answer_always(&self, answer: Answer) {
        self.state().mood = Mood::Always(answer);
    }

    /// Lets no request get anything.
    pub fn fall_silent(&self) {
        self.state().mood = Mood::Silent;
    }

    /// Changes a text in the answers.
    pub fn alter(&self, from: &str, to: &str) {
        for answer in self.state().answers.values_mut() {
            answer.body = answer.body.replace(from, to);
        }
    }

    /// Has an answer kept that belongs to somebody else.
    pub fn keep(&self, method: &str, query: &str, answer: Answer) {
        self.state().kept.insert(format!("{method}?{query}"), answer);
    }

    /// What was asked since the last call: path and query. No method that writes is ever among it.
    #[track_caller]
    pub fn take_asked(&self) -> Vec<String> {
        let asked = std::mem::take(&mut self.state().asked);
        for target in &asked {
            let (path, query) = target.split_once('?').unwrap_or((target, ""));
            assert!(path.starts_with("/api/") && path.is_ascii(), "{target}");
            assert!(READING.contains(&method_of(path).as_str()), "a method that writes: {target}");
            assert!(!query.to_lowercase().contains("json="), "{target}");
        }
        asked
    }

    /// Waits until somebody asks.
    pub fn wait_for_request(&self) {
        let state = self.state();
        let patience = Duration::from_mins(1);
        let waited = self.state.1.wait_timeout_while(state, patience, |state| state.asked.is_empty());
        assert!(!waited.expect("the state").1.timed_out(), "nobody asked");
    }
}

/// One connection; ends when the client goes.
fn talk(stream: &TcpStream, shared: &(Mutex<State>, Condvar)) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    loop {
        let mut first = String::new();
        reader.read_line(&mut first).ok().filter(|count| *count > 0)?;
        let mut is_last = false;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            is_last |= line.eq_ignore_ascii_case("connection: close\r\n");
            if line == "\r\n" || line.is_empty() {
                break;
            }
        }
        let (verb, target) = first.split_once(' ')?;
        let target = target.split(' ').next()?;
        let answer = {
            let mut state = shared.0.lock().expect("the state");
            state.asked.push(if verb == "GET" { target.to_owned() } else { first.clone() });
            shared.1.notify_all();
            match state.mood.clone() {
                Mood::Always(answer) => answer,
                Mood::Silent => {
                    drop(state);
                    let _ = reader.read_to_end(&mut Vec::new());
                    return None;
                }
                Mood::Well => state.answer(target),
            }
        };
        let Answer { status, headers, body } = answer;
        let length = body.len();
        write!(writer, "HTTP/1.1 {status} X\r\n{headers}Content-Length: {length}\r\n\r\n{body}").ok()?;
        if is_last {
            return None;
        }
    }
}

impl State {
    fn answer(&mut self, target: &str) -> Answer {
        let url = Url::parse("http://plugins").expect("a URL").join(target).expect("a target");
        let key = format!("{}?{}", method_of(url.path()), url.query().unwrap_or_default());
        if let Some(kept) = self.kept.get(&key) {
            return kept.clone();
        }
        let pairs = url.query_pairs().into_owned().filter(|(name, _)| name != "time").collect();
        let known = self.answers.get(&(url.path().to_lowercase(), pairs)).cloned();
        let answer = known.unwrap_or_else(|| Answer::new(404, "text/html", "<p>never recorded</p>"));
        if answer.status == 200 {
            self.kept.insert(key, answer.clone());
        }
        answer
    }
}
