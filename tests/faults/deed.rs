//! What users do: one request each, with a record of what it wrote and what its user was told.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::http::{Request, Response};

/// The post that is commented on.
pub const POST: &str = "29";

/// Everybody's password.
pub const PASSWORD: &str = "p";

/// One request, with all that tells later whether it was done.
#[derive(Clone, Debug)]
pub enum Deed {
    /// A user of this name.
    Register(String),
    /// A session.
    LogIn,
    /// The end of this session.
    LogOut(String),
    /// This key with the deed's tag as its value.
    Meta(String),
    /// These keys, all or none.
    Vars([String; 3]),
    /// Two profile fields, both or none.
    Profile,
    /// A comment that says the tag.
    Comment,
    /// Nothing: something that was written before is read.
    Read,
}

/// What became of one request.
#[derive(Clone, Debug)]
pub struct Record {
    pub user: Arc<Writer>,
    pub deed: Deed,
    /// Names the deed in everything that it writes.
    pub tag: String,
    pub begun: Instant,
    pub took: Duration,
    pub status: u16,
    pub answer: Value,
    /// What a client may never see.
    pub wrong: Option<String>,
}

impl Record {
    /// The client was told that it is done.
    pub fn is_acknowledged(&self) -> bool {
        self.status == 200
    }
}

/// A user with a session; an administrator, so that comments may come fast and appear at once.
#[derive(Clone, Debug)]
pub struct Writer {
    pub id: u64,
    pub name: String,
    pub cookie: String,
}

impl Writer {
    /// Registers one.
    #[track_caller]
    pub fn register(service: SocketAddr, nonce: &str, name: &str) -> Self {
        let request =
            Request::post("/api/user/register/?insecure=cool", &registration(name, nonce, name).borrow());
        let answer = request.send(service);
        assert_eq!(answer.status, 200, "{}", answer.text());
        let answer = answer.json();
        Self {
            id: answer["user_id"].as_u64().expect("a number"),
            name: name.to_owned(),
            cookie: answer["cookie"].as_str().expect("a cookie").to_owned(),
        }
    }
}

/// What a registration sends.
pub struct Form(Vec<(String, String)>);

impl Form {
    pub fn new(fields: &[(&str, &str)]) -> Self {
        Self(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    pub fn borrow(&self) -> Vec<(&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }
}

/// The form of a user of this name, whose description is the tag.
fn registration(name: &str, nonce: &str, tag: &str) -> Form {
    let email = format!("{name}@example.net");
    Form::new(&[
        ("username", name),
        ("email", &email),
        ("nonce", nonce),
        ("user_pass", PASSWORD),
        ("description", tag),
    ])
}

impl Deed {
    /// Every kind that writes and locks.
    pub fn writing(tag: &str) -> Vec<Self> {
        vec![
            Self::Register(format!("new{tag}")),
            Self::Vars(["a", "b", "c"].map(|name| format!("vars{name}{tag}"))),
            Self::Meta(format!("meta{tag}")),
            Self::Profile,
            Self::Comment,
        ]
    }

    /// The request that does it.
    pub fn request(&self, writer: &Writer, tag: &str, nonce: &str) -> Request {
        let cookie = ("cookie", writer.cookie.as_str());
        let (method, form) = match self {
            Self::Register(name) => ("user/register", registration(name, nonce, tag)),
            Self::LogIn => {
                let form = [("username", writer.name.as_str()), ("password", PASSWORD)];
                ("user/generate_auth_cookie", Form::new(&form))
            }
            Self::LogOut(cookie) => ("auth/clear_auth_cookie", Form::new(&[("cookie", cookie)])),
            Self::Meta(key) => {
                ("user/update_user_meta", Form::new(&[cookie, ("meta_key", key), ("meta_value", tag)]))
            }
            Self::Vars([a, b, c]) => {
                ("user/update_user_meta_vars", Form::new(&[cookie, (a, tag), (b, tag), (c, tag)]))
            }
            Self::Profile => {
                ("user/xprofile_update", Form::new(&[cookie, ("Location", tag), ("About_Me", tag)]))
            }
            Self::Comment => {
                let form = [cookie, ("post_id", POST), ("content", tag), ("comment_status", "1")];
                ("user/post_comment", Form::new(&form))
            }
            Self::Read => ("auth/validate_auth_cookie", Form::new(&[cookie])),
        };
        Request::post(&format!("/api/{method}/?insecure=cool"), &form.borrow())
    }

    /// Does it once and records what came of it.
    #[track_caller]
    pub fn run(self, address: SocketAddr, writer: &Arc<Writer>, tag: &str, nonce: &str) -> Record {
        let request = self.request(writer, tag, nonce);
        let begun = Instant::now();
        let response = request.send(address);
        let took = begun.elapsed();
        let answer = if response.body.first() == Some(&b'{') { response.json() } else { Value::Null };
        let mut wrong = wrong_with(&response);
        if matches!(self, Self::Read) && response.status == 200 && answer["valid"] != json!(true) {
            wrong = Some("a good cookie was called bad".to_owned());
        }
        let (user, tag, status) = (Arc::clone(writer), tag.to_owned(), response.status);
        Record { user, deed: self, tag, begun, took, status, answer, wrong }
    }
}

/// Does these at the same time; the names of what they write end in the tag.
#[track_caller]
pub fn run_all(
    service: SocketAddr,
    writer: &Arc<Writer>,
    tag: &str,
    nonce: &str,
    deeds: Vec<Deed>,
) -> Vec<Record> {
    std::thread::scope(|scope| {
        let run = |deed: Deed| scope.spawn(move || deed.run(service, writer, tag, nonce));
        let runners: Vec<_> = deeds.into_iter().map(run).collect();
        runners.into_iter().map(|runner| runner.join().expect("a request")).collect()
    })
}

/// All requests here are in order, so they are done, or the database was not there for them.
fn wrong_with(response: &Response) -> Option<String> {
    match response.status {
        503 if response.header("retry-after").is_none() => Some("503 without Retry-After".to_owned()),
        200 | 503 => None,
        other => Some(format!("{other}: {}", response.text())),
    }
}
