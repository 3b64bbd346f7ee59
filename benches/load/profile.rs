//! Where the service's time goes while it checks cookies: samples of perf, put together by what they belong to.

use std::fmt::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::rounds::CONNECTIONS;
use crate::stage::Stage;

const METHOD: &str = "validate_auth_cookie";

/// What a function belongs to, by a piece of its name; the first that fits counts.
const OWNERS: [(&str, &[&str]); 9] = [
    ("this service: `http`", &["wp_sidecar::http"]),
    ("this service: `account`", &["wp_sidecar::account"]),
    ("this service: `store`, with its pool", &["wp_sidecar::store"]),
    (
        "this service: `wp`, and the hashes of a cookie",
        &["wp_sidecar::wp", "md5::", "sha2::", "hmac::", "subtle::"],
    ),
    ("the driver, sqlx, with its buffers", &["sqlx", "bytes::", "futures_"]),
    ("the HTTP library, actix", &["actix", "http::", "httparse", "percent_encoding"]),
    ("the runtime, tokio", &["tokio", "mio::", "parking_lot", "tracing"]),
    (
        "memory: the allocator and copies",
        &["mi_", "memmove", "memset", "memcmp", "memcpy", "__rust_", "alloc::"],
    ),
    ("the standard library", &["core::", "std::", "hashbrown", "libc", "clock_gettime", "vdso"]),
];

/// Loads the service and samples it meanwhile.
pub fn measure(stage: &Stage, time: Duration) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("perf.data");
    let load = stage.load(&stage.service, METHOD, CONNECTIONS, time + Duration::from_secs(2));
    std::thread::scope(|scope| {
        scope.spawn(|| load.run());
        std::thread::sleep(Duration::from_secs(1));
        let mut perf = Command::new("perf");
        perf.args(["record", "--freq=1999", "--pid", &stage.service.id().to_string(), "--output"]);
        perf.arg(&data).args(["--", "sleep", &time.as_secs().to_string()]);
        let done = perf.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("perf runs");
        assert!(done.success(), "perf may not look at processes here");
    });
    let mut report = Command::new("perf");
    report.args(["report", "--stdio", "--no-children", "--sort", "symbol", "--input"]).arg(&data);
    let output = report.stderr(Stdio::null()).output().expect("perf runs");
    table(&String::from_utf8_lossy(&output.stdout))
}

fn table(report: &str) -> String {
    let mut shares = [0.0; OWNERS.len() + 2];
    for line in report.lines() {
        let Some((share, symbol)) = line.trim().split_once('%') else { continue };
        let Ok(share) = share.parse::<f64>() else { continue };
        let symbol = symbol.trim();
        let owner = if symbol.starts_with("[k]") {
            OWNERS.len()
        } else {
            let owns = |names: &[&str]| names.iter().any(|name| symbol.contains(name));
            OWNERS.iter().position(|(_, names)| owns(names)).unwrap_or(OWNERS.len() + 1)
        };
        shares[owner] += share;
    }
    let names = OWNERS.iter().map(|(name, _)| *name).chain(["the kernel: sockets and waking", "all else"]);
    let mut table =
        format!("| `{METHOD}`, {CONNECTIONS} connections | share of the service's time |\n| --- | --- |\n");
    for (name, share) in names.zip(shares) {
        let _ = writeln!(table, "| {name} | {share:.0} % |");
    }
    table
}
