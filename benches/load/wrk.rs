//! The load generator `wrk`, and what it says.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

/// Prints the figures that its own report rounds.
const REPORT: &str = r#"
done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format("figures %d %d %d %d %d %d\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
"#;

/// Takes the requests of a file in turn: a path on each line, behind a blank the body of a POST.
const IN_TURN: &str = r#"
local requests = {}
local form = { ["Content-Type"] = "application/x-www-form-urlencoded" }
init = function()
  for line in io.lines(FILE) do
    local path, body = line:match("^(%S+) ?(.*)$")
    if body == "" then
      requests[#requests + 1] = wrk.format("GET", path)
    else
      form["Host"] = wrk.headers["Host"]
      requests[#requests + 1] = wrk.format("POST", path, form, body)
    end
  end
end
local next = 0
request = function()
  next = next % #requests + 1
  return requests[next]
end
"#;

/// What is asked for.
#[derive(Clone)]
pub struct Load {
    /// `http://address`
    pub to: String,
    /// Paths, each with a body behind a blank where it is a POST.
    pub requests: Vec<String>,
    /// Headers of all of them.
    pub headers: Vec<String>,
    /// Connections at a time.
    pub connections: usize,
    /// For so long.
    pub time: Duration,
}

/// What came of it.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    /// Requests a second.
    pub rate: f64,
    /// Half of the answers took no longer, in microseconds.
    pub median: f64,
    /// Of a hundred answers one took longer, in microseconds.
    pub p99: f64,
    /// Answers of a status from 400 on.
    pub refused: u64,
}

impl Load {
    /// Loads the server.
    #[track_caller]
    pub fn run(&self) -> Figures {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut command = Command::new("wrk");
        command.args(["--threads=1", "--timeout=20s"]);
        command.arg(format!("--connections={}", self.connections));
        command.arg(format!("--duration={}s", self.time.as_secs().max(1)));
        command.arg("--script").arg(self.script(&folder));
        for header in &self.headers {
            command.args(["--header", header]);
        }
        let done = command.arg(&self.to).output().expect("wrk runs; script/bench installs it");
        let text = String::from_utf8_lossy(&done.stdout);
        let line = text.lines().find_map(|line| line.strip_prefix("figures "));
        let line = line.unwrap_or_else(|| panic!("wrk: {text}{}", String::from_utf8_lossy(&done.stderr)));
        let figures: Vec<u64> = line.split(' ').map(|figure| figure.parse().expect("a number")).collect();
        let [requests, duration, median, p99, refused, broken] = figures[..] else { panic!("wrk: {line}") };
        assert!(broken == 0 && requests > 0, "wrk had {broken} broken connections at {}", self.to);
        let exact = |figure: u64| f64::from(u32::try_from(figure).expect("less than an hour"));
        Figures {
            rate: exact(requests) / exact(duration) * 1e6,
            median: exact(median),
            p99: exact(p99),
            refused,
        }
    }

    fn script(&self, folder: &TempDir) -> PathBuf {
        let requests = folder.path().join("requests");
        fs::write(&requests, self.requests.join("\n")).expect("a writable folder");
        let script = folder.path().join("script.lua");
        let file = format!("FILE = {:?}\n", requests.to_str().expect("a path"));
        fs::write(&script, [&file, IN_TURN, REPORT].concat()).expect("a writable folder");
        script
    }
}
