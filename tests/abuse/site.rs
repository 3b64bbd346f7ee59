//! A recorded site to be attacked, and the forms of requests that attacks need.

use percent_encoding::{NON_ALPHANUMERIC, percent_encode};

use crate::app::{Setup, TestApp, dump};
use crate::http::Request;
use crate::rows::{Looker, Rows, changes};
use crate::server::Server;

/// The victim: a subscriber, user 3 of the recorded sites.
pub const JOHN: (&str, &str) = ("john", "john Pass 3");

/// A service on a database of its own, and a cookie of [`JOHN`].
pub struct Site {
    pub server: &'static Server,
    pub database: String,
    pub app: TestApp,
    pub looker: Looker,
    pub cookie: String,
}

impl Site {
    /// WordPress 6.1: its password hashes are the quickest.
    #[track_caller]
    pub fn new(server: &'static Server) -> Self {
        Self::with(server, |setup| setup)
    }

    #[track_caller]
    pub fn with(server: &'static Server, set: impl FnOnce(Setup) -> Setup) -> Self {
        let database = server.database_from(&dump("6.1"));
        let setup = Setup::on(&server.url(&database)).set("wordpress.version", "6.1");
        let app = set(setup).start();
        let cookie = app.cookie(JOHN.0, JOHN.1);
        let looker = Looker::new(server, &database);
        Self { server, database, app, looker, cookie }
    }

    #[track_caller]
    pub fn sql(&self, sql: &str) -> Vec<Vec<String>> {
        self.server.query(&self.database, sql)
    }

    /// Nothing at all was written since `before`.
    #[track_caller]
    pub fn assert_unchanged(&self, before: &Rows, about: &str) {
        assert_eq!(changes(before, &self.looker.look()), [], "{about}");
    }

    /// The service still answers, in its own words.
    #[track_caller]
    pub fn assert_alive(&self, about: &str) {
        let answer = self.app.get("/api/user/info/?insecure=cool");
        assert_eq!(answer.text(), r#"{"status":"ok","version":"3.6.0"}"#, "{about}: {answer:?}");
    }
}

/// Any bytes as a part of a query or form.
pub fn encoded(bytes: impl AsRef<[u8]>) -> String {
    percent_encode(bytes.as_ref(), NON_ALPHANUMERIC).to_string()
}

/// A form of any bytes. Names keep their brackets, which PHP reads encoded or not.
pub fn form<N: AsRef<[u8]>, V: AsRef<[u8]>>(fields: &[(N, V)]) -> String {
    let pairs: Vec<String> =
        fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    pairs.join("&")
}

/// A POST of such a form to `controller/method`.
pub fn post<N: AsRef<[u8]>, V: AsRef<[u8]>>(method: &str, fields: &[(N, V)]) -> Request {
    Request::new("POST", &format!("/api/{method}/?insecure=cool"))
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(form(fields))
}

/// A POST with a JSON body.
pub fn post_json(method: &str, fields: &serde_json::Value) -> Request {
    Request::new("POST", &format!("/api/{method}/?insecure=cool"))
        .header("Content-Type", "application/json")
        .body(fields.to_string())
}
