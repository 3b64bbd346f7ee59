//! A genuine Prometheus of a test's own, with the settings of `docs/grafana`. It ends with the test.

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::app::project;
use crate::calls::wait_until;
use crate::http::Request;
use crate::process::{own_address, tied};
use crate::server::Server;

/// The server.
pub struct Prometheus {
    address: SocketAddr,
    process: Child,
    _folder: TempDir,
}

impl Prometheus {
    /// It asks that address for figures every second, which is also how long an answer may take.
    #[track_caller]
    pub fn start(target: SocketAddr) -> Self {
        let folder = Server::mariadb().temporary_folder();
        let settings = std::fs::read_to_string(project("docs/grafana/prometheus.yml")).expect("the settings");
        let settings = replaced(&settings, "127.0.0.1:9108", &target.to_string());
        let settings = replaced(&settings, "scrape_interval: 15s", "scrape_interval: 1s");
        let settings = replaced(&settings, "evaluation_interval: 15s", "evaluation_interval: 1s");
        let file = folder.path().join("prometheus.yml");
        std::fs::write(&file, settings).expect("a file");
        std::fs::copy(project("docs/grafana/alerts.yml"), folder.path().join("alerts.yml")).expect("a file");
        let address = own_address();
        let process = tied("prometheus")
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()))
            .arg(format!("--web.listen-address={address}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("prometheus runs; script/setup installs it");
        let server = Self { address, process, _folder: folder };
        wait_until("Prometheus answers", || std::net::TcpStream::connect(address).is_ok());
        wait_until("Prometheus is ready", || server.get("/-/ready").0 == 200);
        server
    }

    /// What an expression gives now.
    #[track_caller]
    pub fn query(&self, expression: &str) -> Vec<Value> {
        let (status, text) = self.get(&format!("/api/v1/query?query={}", encoded(expression)));
        assert_eq!(status, 200, "{expression}: {text}");
        let answer: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(
            (&answer["status"], &answer["warnings"]),
            (&"success".into(), &Value::Null),
            "{expression}"
        );
        answer["data"]["result"].as_array().expect("a vector").clone()
    }

    /// What `path` of the API gives.
    #[track_caller]
    pub fn api(&self, path: &str) -> Value {
        let (status, text) = self.get(path);
        assert_eq!(status, 200, "{path}: {text}");
        serde_json::from_str(&text).expect("JSON")
    }

    fn get(&self, target: &str) -> (u16, String) {
        let answer = Request::get(target).header("Accept-Encoding", "identity").send(self.address);
        let chunked = answer.header("transfer-encoding").is_some();
        (answer.status, if chunked { unchunked(&answer.text()) } else { answer.text() })
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What `promtool` says of a text; it ends with success.
#[track_caller]
pub fn promtool(arguments: &[&str], input: &str) -> String {
    let mut tool = Command::new("promtool")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool runs; script/setup installs it");
    // It may say what is wrong before it has read all.
    let _ = tool.stdin.take().expect("its input").write_all(input.as_bytes());
    let done = tool.wait_with_output().expect("it ends");
    let said = [done.stdout, done.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(done.status.success(), "{arguments:?}: {said}");
    said
}

#[track_caller]
fn replaced(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from} is not in\n{text}");
    text.replace(from, to)
}

fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "%{byte:02X}");
        text
    })
}

fn unchunked(text: &str) -> String {
    let (mut rest, mut whole) = (text, String::new());
    while let Some((length, behind)) = rest.split_once("\r\n") {
        let length = usize::from_str_radix(length, 16).expect("a chunk's length");
        whole.push_str(&behind[..length]);
        rest = behind[length..].trim_start_matches("\r\n");
    }
    whole
}
