//! The service as `serve` builds it, on a loopback port, with a fixed clock and laid-out randomness.

#![allow(
    dead_code,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "shared by several test crates, each using a part; a failure here is a failed test"
)]

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::rt::System;
use serde_json::Value;
use wp_sidecar::ambient::{Clock, Random};
use wp_sidecar::app::App;
use wp_sidecar::http::server;
use wp_sidecar::mail::{Mailer, Message};
use wp_sidecar::settings::{Settings, Sources};

use super::http::{Request, Response};
use super::server::Server;
use super::wordpress::KEYS;

/// When the recordings began, in Unix seconds.
pub const NOW: i64 = 1_795_288_302;

/// A file of the project.
pub fn project(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(file)
}

/// The dump of a recorded site: `6.1`, `6.8` or `7.1`.
pub fn dump(version: &str) -> PathBuf {
    let full = match version {
        "6.1" => "6.1.12",
        "6.8" => "6.8.8",
        "7.1" => "7.1.0",
        other => panic!("no dump of WordPress {other}"),
    };
    project(&format!("fixtures/sql/wordpress-{full}-buddypress-14.5.2.sql"))
}

/// What a test's service is made of.
pub struct Setup {
    settings: Vec<(String, String)>,
    clock: Clock,
    random: Random,
    keep_mails: bool,
}

impl Setup {
    /// A service on that database, with the keys of the recorded sites.
    pub fn on(database_url: &str) -> Self {
        let mut settings = vec![
            ("database.url".to_owned(), database_url.to_owned()),
            ("server.listen".to_owned(), "127.0.0.1:0".to_owned()),
            // No test may mail by accident.
            ("mail.transport".to_owned(), "off".to_owned()),
            ("limits.enabled".to_owned(), "false".to_owned()),
        ];
        settings.extend(
            KEYS.iter().map(|(name, value)| (format!("keys.{}", name.to_lowercase()), (*value).to_owned())),
        );
        Self { settings, clock: Clock::fixed(NOW), random: Random::System, keep_mails: false }
    }

    /// A service beside a site's own wp-config.php.
    pub fn beside(wordpress: &Path) -> Self {
        let path = wordpress.to_str().expect("a path").to_owned();
        Self {
            settings: vec![
                ("wordpress.path".to_owned(), path),
                ("mail.transport".to_owned(), "off".to_owned()),
                ("limits.enabled".to_owned(), "false".to_owned()),
            ],
            clock: Clock::System,
            random: Random::System,
            keep_mails: false,
        }
    }

    /// One more setting; the last of a name wins.
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The machine's clock instead of a fixed one.
    pub fn system_clock(mut self) -> Self {
        self.clock = Clock::System;
        self
    }

    /// Random bytes that the test lays out.
    pub fn scripted(mut self) -> Self {
        self.random = Random::scripted();
        self
    }

    /// Mails stay in the service: see [`TestApp::take_mails`].
    pub fn keep_mails(mut self) -> Self {
        self.keep_mails = true;
        self
    }

    /// Starts it.
    #[track_caller]
    pub fn start(self) -> TestApp {
        let sources = Sources { command_line: self.settings, ..Sources::default() };
        let settings = Settings::load(&sources).unwrap_or_else(|error| panic!("{error}"));
        TestApp::serve(settings, self.clock, self.random, self.keep_mails)
    }
}

/// Work for the server's own thread.
type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A running service; it ends when this is dropped.
pub struct TestApp {
    pub app: Arc<App>,
    pub address: SocketAddr,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
    /// Where the database's connections live; nothing else may use the pool.
    spawn: Box<dyn Fn(Task) + Send>,
}

impl TestApp {
    /// A service on a fresh copy of a recorded site.
    #[track_caller]
    pub fn recorded(server: &'static Server, version: &str) -> Self {
        Setup::on(&server.url(&server.database_from(&dump(version))))
            .set("wordpress.version", version)
            .start()
    }

    #[track_caller]
    fn serve(settings: Settings, clock: Clock, random: Random, keep_mails: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let _ = tracing_subscriber::fmt().with_test_writer().with_max_level(tracing::Level::WARN).try_init();
        let (started, start) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            System::new().block_on(async move {
                let mut app = App::new(settings, clock, random).expect("an application");
                if keep_mails {
                    app.mailer = Mailer::keeping(&app.settings.mail);
                }
                let app = Arc::new(app);
                let refreshed = app.refresh().await.map(drop);
                let mails = actix_web::rt::spawn(app.mailer.clone().run());
                let mailer = app.mailer.clone();
                let running = server::run(&app, &Arc::default(), listener).expect("a server");
                let arbiter = System::current().arbiter().clone();
                let spawn: Box<dyn Fn(Task) + Send> = Box::new(move |task| {
                    arbiter.spawn(task);
                });
                started.send((app, running.handle(), spawn, refreshed)).expect("the test waits");
                running.await.expect("the server ends well");
                mailer.drain(Duration::ZERO).await;
                let _ = mails.await;
            });
        });
        let (app, handle, spawn, refreshed) = start.recv().expect("the server starts");
        refreshed.unwrap_or_else(|error| panic!("{error}"));
        Self { app, address, handle, thread: Some(thread), spawn }
    }

    /// Reads the site's options again, as happens by itself every few seconds.
    #[track_caller]
    pub fn refresh(&self) {
        let (done, wait) = mpsc::channel();
        let app = Arc::clone(&self.app);
        (self.spawn)(Box::pin(async move {
            let _ = done.send(app.refresh().await.map(drop));
        }));
        wait.recv().expect("the server runs").unwrap_or_else(|error| panic!("{error}"));
    }

    /// Runs work beside the service, with its own connections.
    #[track_caller]
    pub fn on_server<T: Send + 'static>(
        &self,
        work: impl FnOnce(Arc<App>) -> Pin<Box<dyn Future<Output = T>>> + Send + 'static,
    ) -> T {
        let (done, wait) = mpsc::channel();
        let app = Arc::clone(&self.app);
        (self.spawn)(Box::pin(async move {
            // What is spawned here stays on the server's thread and need not be `Send`.
            actix_web::rt::spawn(async move {
                let _ = done.send(work(app).await);
            });
        }));
        wait.recv().expect("the work ends")
    }

    /// Sends a request.
    #[track_caller]
    pub fn send(&self, request: &Request) -> Response {
        request.send(self.address)
    }

    #[track_caller]
    pub fn get(&self, target: &str) -> Response {
        self.send(&Request::get(target))
    }

    /// Posts to `controller/method` with `insecure=cool`.
    #[track_caller]
    pub fn call(&self, method: &str, form: &[(&str, &str)]) -> Response {
        self.send(&Request::post(&format!("/api/{method}/?insecure=cool"), form))
    }

    /// Logs in and gives the answer.
    #[track_caller]
    pub fn generate_auth_cookie(&self, username: &str, password: &str) -> Value {
        let answer =
            self.call("user/generate_auth_cookie", &[("username", username), ("password", password)]);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// Logs in and gives the cookie.
    #[track_caller]
    pub fn cookie(&self, username: &str, password: &str) -> String {
        self.generate_auth_cookie(username, password)["cookie"].as_str().expect("a cookie").to_owned()
    }

    /// Whether the service takes a cookie.
    #[track_caller]
    pub fn is_valid(&self, cookie: &str) -> bool {
        let answer = self.call("user/validate_auth_cookie", &[("cookie", cookie)]);
        answer.json()["valid"].as_bool().expect("true or false")
    }

    /// The nonce for a method of the controller user.
    #[track_caller]
    pub fn nonce(&self, method: &str) -> String {
        let answer = self.get(&format!("/api/get_nonce/?controller=user&method={method}")).json();
        answer["nonce"].as_str().expect("a nonce").to_owned()
    }

    /// The mails since the last call.
    pub fn take_mails(&self) -> Vec<Message> {
        self.app.mailer.take_kept()
    }

    /// Moves a fixed clock.
    pub fn set_now(&self, now: i64) {
        self.app.clock.set(now);
    }

    /// Lays out the random bytes to come.
    pub fn script(&self, bytes: &[&[u8]]) {
        if let Random::Scripted(script) = &self.app.random {
            let mut script = script.lock().expect("the script");
            script.clear();
            for bytes in bytes {
                script.push(bytes);
            }
        }
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        (self.spawn)(Box::pin(self.handle.stop(false)));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The 64 random bytes from which the service makes this session token.
pub fn bytes_of_token(token: &str) -> [u8; 64] {
    bytes_of_text(token)
}

/// The random bytes from which the service makes this text: 64 for a session token, 32 for a reset key.
pub fn bytes_of_text<const N: usize>(token: &str) -> [u8; N] {
    let alphabet = wp_sidecar::wp::random_text::LETTERS_AND_DIGITS;
    let mut number = [0_u8; N];
    for letter in token.bytes().rev() {
        let digit = alphabet.iter().position(|known| *known == letter).expect("a letter of a token");
        let mut carry = digit;
        for byte in number.iter_mut().rev() {
            let value = usize::from(*byte) * alphabet.len() + carry;
            *byte = u8::try_from(value % 256).expect("below 256");
            carry = value / 256;
        }
    }
    number
}
