//! Chromium, told what to do over WebDriver: plain HTTP with JSON.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::http::Request;

/// How long anything on a page may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A browser with one window; it ends with the test.
pub struct Chromium {
    driver: Child,
    address: SocketAddr,
    session: String,
    _profile: TempDir,
}

impl Chromium {
    /// Starts the driver on a port of its choice, and the browser.
    pub fn start(dark: bool) -> Self {
        let profile = tempfile::tempdir().expect("a folder");
        // The driver ends with this process, however that ends.
        let mut driver = Command::new("setpriv")
            .args(["--pdeathsig", "TERM", "chromedriver", "--port=0"])
            .env("TMPDIR", profile.path())
            // It keeps reports of crashes there.
            .env("HOME", profile.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("script/setup brings chromium-driver");
        let mut lines = BufReader::new(driver.stdout.take().expect("its output")).lines();
        let port = loop {
            let line = lines.next().expect("chromedriver says where it listens").expect("text");
            if let Some((_, port)) = line.split_once("started successfully on port ") {
                break port.trim_end_matches('.').parse().expect("a port");
            }
        };
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let mut arguments = vec![
            "--headless=new".to_owned(),
            // The sandbox wants rights that root in a container has not; the page is our own.
            "--no-sandbox".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--disable-gpu".to_owned(),
            "--window-size=1200,900".to_owned(),
            "--hide-scrollbars".to_owned(),
            format!("--user-data-dir={}", profile.path().join("profile").display()),
        ];
        if dark {
            arguments.push("--force-dark-mode".to_owned());
        }
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": { "args": arguments },
            // The console and all requests are kept.
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" }
        } } });
        let mut browser = Self { driver, address, session: String::new(), _profile: profile };
        let answer = browser.send("POST", "", &wanted);
        browser.session = format!("/{}", answer["sessionId"].as_str().expect("a session"));
        browser
    }

    #[track_caller]
    fn send(&self, method: &str, command: &str, body: &Value) -> Value {
        let mut request = Request::new(method, &format!("/session{}{command}", self.session))
            .header("Host", "localhost")
            .header("Content-Type", "application/json");
        if method == "POST" {
            request = request.body(body.to_string());
        }
        let (status, answer) = self.exchange(&request);
        assert!(status.contains(" 200 "), "{command}: {status}: {answer}");
        answer["value"].clone()
    }

    /// The driver leaves the connection open, whatever it says; what counts is the length that it announces.
    #[track_caller]
    fn exchange(&self, request: &Request) -> (String, Value) {
        let mut stream = TcpStream::connect(self.address).expect("the driver listens");
        stream.set_read_timeout(Some(Duration::from_mins(1))).expect("a socket");
        stream.write_all(request.head("").as_bytes()).expect("a request goes out");
        stream.write_all(&request.body).expect("a request goes out");
        let mut answer = BufReader::new(stream);
        let (mut status, mut length) = (String::new(), 0);
        answer.read_line(&mut status).expect("an answer");
        loop {
            let mut line = String::new();
            answer.read_line(&mut line).expect("a head");
            match line.trim().split_once(':') {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.trim().parse().expect("a number");
                }
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; length];
        answer.read_exact(&mut body).expect("a body");
        (status, serde_json::from_slice(&body).expect("JSON"))
    }

    #[track_caller]
    pub fn open(&self, url: &str) {
        self.send("POST", "/url", &json!({ "url": url }));
    }

    /// What a script returns.
    #[track_caller]
    pub fn run(&self, script: &str) -> Value {
        self.send("POST", "/execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// The text of an expression.
    #[track_caller]
    pub fn text(&self, expression: &str) -> String {
        self.run(&format!("return String({expression})")).as_str().expect("text").to_owned()
    }

    /// Waits until an expression holds.
    #[track_caller]
    pub fn wait(&self, expression: &str) {
        let begun = Instant::now();
        while self.run(&format!("return Boolean({expression})")) != true {
            assert!(
                begun.elapsed() < PATIENCE,
                "{expression} does not hold:\n{}\n{:?}",
                self.text("document.body.innerText"),
                self.log("browser")
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    #[track_caller]
    fn element(&self, selector: &str) -> String {
        let found = self.send("POST", "/element", &json!({ "using": "css selector", "value": selector }));
        let id = found.as_object().and_then(|found| found.values().next()?.as_str().map(str::to_owned));
        id.unwrap_or_else(|| panic!("no {selector}"))
    }

    /// Types as a person does.
    #[track_caller]
    pub fn type_into(&self, selector: &str, text: &str) {
        self.send("POST", &format!("/element/{}/value", self.element(selector)), &json!({ "text": text }));
    }

    #[track_caller]
    pub fn click(&self, selector: &str) {
        self.send("POST", &format!("/element/{}/click", self.element(selector)), &json!({}));
    }

    /// The entries since the last look: `browser` or `performance`.
    #[track_caller]
    pub fn log(&self, kind: &str) -> Vec<Value> {
        let entries = self.send("POST", "/se/log", &json!({ "type": kind }));
        entries.as_array().expect("a list").clone()
    }

    /// What the window shows, as PNG.
    #[track_caller]
    pub fn picture(&self) -> Vec<u8> {
        let text = self.send("GET", "/screenshot", &Value::Null);
        base64::engine::general_purpose::STANDARD.decode(text.as_str().expect("base64")).expect("base64")
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // The end of the session ends the browser; a driver that is killed would leave it behind. Nobody waits for
        // the answer of a driver that hangs.
        if !std::thread::panicking() {
            self.send("DELETE", "", &Value::Null);
        } else if let Ok(mut stream) = TcpStream::connect(self.address) {
            let end =
                Request::new("DELETE", &format!("/session{}", self.session)).header("Host", "localhost");
            let _ = stream.set_read_timeout(Some(PATIENCE));
            let _ = stream.write_all(end.head("").as_bytes());
            let _ = stream.read(&mut [0; 1]);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
