//! What is counted of requests: each once, under the endpoint it led to and the end it had.

use std::collections::BTreeMap;

use crate::calls::{call, call_from, login, nonce, register, wait_until};
use crate::http::Request;
use crate::process::{Service, Setup};
use crate::proxy::{Door, Proxy};
use crate::server::Server;
use crate::wire::{HangUp, Wire};

/// How often each end was counted, by `endpoint code status`; the looks of whoever started the service are left out.
fn ends(service: &Service) -> BTreeMap<String, u64> {
    let text = service.figures();
    let samples =
        text.lines().filter_map(|line| line.strip_prefix("wp_sidecar_http_requests_total{endpoint=\""));
    let counted = samples.map(|sample| {
        let (labels, count) = sample.split_once("\"} ").expect("a sample");
        (labels.replace("\",code=\"", " ").replace("\",status=\"", " "), count.parse().expect("a count"))
    });
    counted.filter(|(labels, count)| *count > 0 && !labels.starts_with("health/ready")).collect()
}

fn expected(rows: &[(&str, u64)]) -> BTreeMap<String, u64> {
    rows.iter().map(|(labels, count)| ((*labels).to_owned(), *count)).collect()
}

#[test]
fn each_request_counts_once_by_endpoint_code_and_status() {
    let (service, _) = Service::recorded(Server::mariadb(), |setup| {
        setup.set("limits.nonce_address", "2/1d").set("limits.body_bytes", "1024")
    });
    let get = |target: &str| service.get(target).status;
    let info = "/api/user/info/?insecure=cool";
    assert_eq!(
        [get(info), get("/?json=user/info&insecure=cool"), get("/api/USER/INFO/?insecure=cool")],
        [200; 3]
    );
    assert_eq!(service.send(&Request::new("HEAD", info)).status, 200);
    assert_eq!(get("/api/user/info/"), 400, "without TLS");
    assert_eq!(get("/api/user/info/?insecure=cool&callback=1("), 400);
    assert_eq!(get("/api/user/validate_auth_cookie/?insecure=cool&dev=1"), 200, "an error, indented");
    assert_eq!(get("/api/user/info/?insecure=cool&redirect=/there"), 302);
    assert_eq!(service.send(&Request::new("OPTIONS", info)).status, 204);
    assert_eq!(service.send(&Request::new("PUT", info)).status, 405);
    assert_eq!(get("/nowhere"), 404);
    assert_eq!(get("/api/user/no_such_method/?insecure=cool"), 400);
    assert_eq!(get("/api/no_such/info/"), 400);
    assert_eq!(service.send(&call("user/info", &[("a", &"x".repeat(2000))])).status, 413);
    for status in [200, 200, 429] {
        let given = call_from("203.0.113.1", "get_nonce", &[("controller", "user"), ("method", "register")]);
        assert_eq!(service.send(&given).status, status);
    }
    assert_eq!(service.send(&login("john", "wrong")).status, 401);
    assert_eq!(service.send(&login("john", "john Pass 3")).status, 200);
    assert_eq!(
        [get("/docs"), get("/docs/page.css"), get("/docs/"), get("/openapi.json")],
        [200, 200, 308, 200]
    );
    assert_eq!([get("/health/live"), get("/metrics")], [200, 404]);
    let wanted = expected(&[
        ("user/info 200 ok", 4),
        ("user/info 400 error", 2),
        ("user/info 302 ok", 1),
        ("user/validate_auth_cookie 200 error", 1),
        ("other 204 none", 1),
        ("other 405 error", 1),
        ("other 404 error", 2),
        ("other 400 error", 2),
        ("other 413 error", 1),
        ("core/get_nonce 200 ok", 2),
        ("core/get_nonce 429 error", 1),
        ("user/generate_auth_cookie 401 error", 1),
        ("user/generate_auth_cookie 200 ok", 1),
        ("docs 200 none", 2),
        ("docs 308 none", 1),
        ("openapi 200 none", 1),
        ("health/live 200 none", 1),
    ]);
    assert_eq!(ends(&service), wanted);
    for (figure, count) in [
        ("http_request_seconds_count{endpoint=\"user/info\"}", 7.0),
        ("http_request_seconds_bucket{endpoint=\"user/info\",le=\"+Inf\"}", 7.0),
        ("limits_refused_total{limit=\"nonce_address\"}", 1.0),
        ("limits_refused_total{limit=\"body_bytes\"}", 1.0),
        ("limits_refused_total{limit=\"connections\"}", 0.0),
        ("events_total{event=\"limited\"}", 1.0),
        ("events_total{event=\"login_failed\"}", 1.0),
        ("events_total{event=\"login_ok\"}", 1.0),
        ("events_total{event=\"registration\"}", 0.0),
        ("http_requests_running", 0.0),
    ] {
        assert_eq!(service.figure(&format!("wp_sidecar_{figure}")), Some(count), "{figure}");
    }
}

#[test]
fn nobody_who_hangs_up_is_missed_and_what_he_began_counts_once() {
    let server = Server::mariadb();
    let (service, database) = Service::recorded(server, |setup| setup);
    let row = "BEGIN; SELECT * FROM wp_options WHERE option_name = 'user_count' FOR UPDATE";
    let held = server.hold(&database, row);
    let mut wire = Wire::connect(service.address);
    wire.send(&register("leaver", &nonce(service.address)));
    server.wait_for_updates(&database, 1);
    assert_eq!(service.figure("wp_sidecar_http_requests_running"), Some(1.0));
    wait_until("his is the only connection", || service.figure("wp_sidecar_http_connections") == Some(1.0));
    wire.hang_up(HangUp::Close);
    wait_until("he is counted", || service.figure("wp_sidecar_http_requests_running") == Some(0.0));
    drop(held);
    let written = "SELECT COUNT(*) FROM wp_users WHERE user_login = 'leaver'";
    wait_until("what he began is written", || server.query(&database, written) == [["1"]]);
    let wanted = expected(&[("core/get_nonce 200 ok", 1), ("user/register 499 none", 1)]);
    assert_eq!(ends(&service), wanted);
    wait_until("his connection is gone", || service.figure("wp_sidecar_http_connections") == Some(0.0));
}

#[test]
fn while_the_database_is_away_refusals_count_under_their_endpoints_and_errors_by_kind() {
    let server = Server::mariadb();
    let database = server.database_from(&crate::app::dump("6.8"));
    let proxy = Proxy::before(server.host(), server.port());
    let url = format!(
        "mysql://{}:{}@127.0.0.1:{}/{database}?ssl-mode=disabled",
        server.user(),
        server.password(),
        proxy.port()
    );
    let service = Setup::on(&url).start();
    let before = ends(&service);
    assert_eq!(service.figure("wp_sidecar_database_up"), Some(1.0));
    proxy.door(Door::Closed);
    proxy.cut();
    for _ in 0..3 {
        assert_eq!(service.get("/api/user/get_userinfo/?insecure=cool&user_id=3").status, 503);
    }
    let mut wanted = before;
    wanted.insert("user/get_userinfo 503 error".to_owned(), 3);
    assert_eq!(ends(&service), wanted);
    assert_eq!(service.figure("wp_sidecar_database_up"), Some(0.0));
    let errors = |kind: &str| {
        let name = format!("wp_sidecar_database_errors_total{{kind=\"{kind}\"}}");
        service.figure(&name).expect("a figure")
    };
    assert!(errors("connect") + errors("connection_lost") >= 3.0, "{}", service.figures());
    assert_eq!((errors("refused"), errors("timeout")), (0.0, 0.0));
    proxy.door(Door::Open);
    wait_until("it is back", || service.get("/health/ready").status == 200);
    assert_eq!(service.figure("wp_sidecar_database_up"), Some(1.0));
}

#[test]
fn no_request_can_add_a_label() {
    let (service, _) = Service::recorded(Server::mariadb(), |setup| setup);
    let names = || -> Vec<String> {
        let text = service.figures();
        let series = text.lines().filter(|line| !line.starts_with('#'));
        series.map(|line| line.rsplit_once(' ').expect("a sample").0.to_owned()).collect()
    };
    // Each end that the hostile ones have, once.
    for request in ["/x", "/api/user/x/?insecure=cool", "/api/user/info/?insecure=cool"].map(Request::get) {
        service.send(&request);
    }
    service.send(&Request::new("PUT", "/x"));
    let before = names();
    for number in 0..100 {
        let odd = format!("%22%7D%0A{number}");
        for target in [
            format!("/{odd}"),
            format!("/api/{odd}/{odd}/"),
            format!("/api/user/m{number}/?insecure=cool"),
            format!("/api/c{number}/info/"),
            format!("/?json=c{number}.m{number}"),
        ] {
            service.send(&Request::get(&target).header("User-Agent", &target));
        }
        service.send(&Request::new(&format!("METHOD{number}"), "/x"));
    }
    assert_eq!(names(), before);
}
