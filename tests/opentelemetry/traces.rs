//! Spans, their parents, and what stands in them.

use std::net::TcpListener;
use std::time::Duration;

use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;

use crate::calls::{call, login, nonce, wait_until};
use crate::collector::{Collector, attributes};
use crate::http::Request;
use crate::process::{Service, Setup, own_address};
use crate::server::Server;
use crate::smtp::SmtpSink;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";
const PASSWORD: &str = "john Pass 3";

/// A service that sends its spans soon.
fn service(collector: &Collector, set: impl FnOnce(Setup) -> Setup) -> (Service, String) {
    Service::recorded(Server::mariadb(), |setup| {
        set(setup
            .variable("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url())
            .variable("OTEL_BSP_SCHEDULE_DELAY", "50"))
    })
}

fn traced(request: Request) -> Request {
    request.header("traceparent", &format!("00-{TRACE}-{PARENT}-01"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn children<'a>(spans: &'a [Span], parent: &'a Span) -> impl Iterator<Item = &'a Span> {
    spans.iter().filter(|span| span.parent_span_id == parent.span_id)
}

#[test]
fn a_request_is_a_span_of_its_callers_trace_with_what_it_did_below_it() {
    let collector = Collector::start();
    let (service, _) = service(&collector, |setup| setup);
    let answer = service.send(&traced(login("john", PASSWORD)));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let (request, spans) = collector.wait_for_span("POST user/generate_auth_cookie");
    assert_eq!((hex(&request.trace_id), hex(&request.parent_span_id)), (TRACE.to_owned(), PARENT.to_owned()));
    assert_eq!(request.kind(), SpanKind::Server);
    let mut found: Vec<(String, String)> = attributes(&request.attributes).into_iter().collect();
    found.sort();
    let id = answer.header("x-request-id").expect("a name");
    let wanted = [
        ("http.request.method", "POST"),
        ("http.response.status_code", "200 as a number"),
        ("http.route", "user/generate_auth_cookie"),
        ("request_id", id),
    ];
    assert_eq!(found, wanted.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let names: Vec<&str> = children(&spans, &request).map(|span| span.name.as_str()).collect();
    for name in ["connection", "statement", "hashing_queue", "hash"] {
        assert!(names.contains(&name), "{name} is not among {names:?}");
    }
    for child in children(&spans, &request) {
        assert_eq!(child.trace_id, request.trace_id);
        assert!(child.start_time_unix_nano >= request.start_time_unix_nano, "{child:?}");
        if child.name == "statement" {
            assert_eq!(child.kind(), SpanKind::Client);
            assert_eq!(attributes(&child.attributes)["db.system.name"], "mysql");
        }
    }
    let resource = collector.resource();
    assert_eq!(
        (resource["service.name"].as_str(), resource["service.version"].as_str()),
        ("wp-sidecar", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn a_stranger_chooses_no_trace_and_a_failure_is_marked() {
    let collector = Collector::start();
    let (service, database) = service(&collector, |setup| {
        setup.set("server.trusted_proxies", "192.0.2.0/24").variable("OTEL_SERVICE_NAME", "my-api")
    });
    Server::mariadb().exec(&database, "RENAME TABLE wp_users TO elsewhere");
    let request = Request::get("/api/user/get_userinfo/?insecure=cool&user_id=3");
    assert_eq!(service.send(&traced(request)).status, 503);
    let (request, _) = collector.wait_for_span("GET user/get_userinfo");
    assert_ne!(hex(&request.trace_id), TRACE);
    assert_eq!(hex(&request.parent_span_id), "");
    assert_eq!(request.status.expect("a status").code(), StatusCode::Error);
    assert_eq!(collector.resource()["service.name"], "my-api");
}

#[test]
fn a_mail_that_leaves_later_is_a_trace_of_its_own_that_leads_back() {
    let collector = Collector::start();
    let sink = SmtpSink::start();
    let (service, _) =
        service(&collector, |setup| setup.set("mail.transport", "smtp").set("mail.smtp_url", &sink.url()));
    let given = nonce(service.address);
    let form = [("username", "new"), ("email", "new@example.net"), ("nonce", &given), ("notify", "user")];
    let answer = service.send(&call("user/register", &form));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let both = |spans: &[Span]| {
        ["mail", "POST user/register"].iter().all(|name| spans.iter().any(|span| span.name == *name))
    };
    let spans = collector.wait_for("the mail", both);
    let request = spans.iter().find(|span| span.name == "POST user/register").expect("the request");
    let mail = spans.iter().find(|span| span.name == "mail").expect("the mail");
    assert_eq!(mail.links.iter().map(|link| &link.span_id).collect::<Vec<_>>(), [&request.span_id]);
    let id = answer.header("x-request-id").expect("a name");
    assert_eq!(attributes(&mail.attributes)["request_id"], id);
    assert!(mail.parent_span_id.is_empty(), "{mail:?}");
    let sending: Vec<&Span> = children(&spans, mail).collect();
    assert_eq!(attributes(&sending[0].attributes)["kind"], "new user, to the user", "{sending:?}");
    // What it wrote, in a task of its own, stands below it.
    assert!(children(&spans, request).filter(|span| span.name == "statement").count() > 5);
}

#[test]
fn no_secret_and_nobodys_name_leaves_the_service() {
    let collector = Collector::start();
    let (service, _) = service(&collector, |setup| setup.log("trace"));
    let ip = "203.0.113.77";
    let answer = service.send(&login("john", PASSWORD).header("X-Forwarded-For", ip));
    let cookie = crate::calls::cookie(&answer);
    let form = [("cookie", cookie.as_str()), ("meta_key", "some_key"), ("meta_value", "some value")];
    for method in ["user/update_user_meta", "user/get_user_meta", "user/get_currentuserinfo"] {
        assert_eq!(service.send(&call(method, &form).header("Cookie", "a=secret-Cookie")).status, 200);
    }
    service.send(&login("john", "wrong-Password").header("X-Forwarded-For", ip));
    service.send(&Request::get("/secret-Path?secret-Query").header("User-Agent", "secret-Agent"));
    let spans =
        collector.wait_for("the last request", |spans| spans.iter().any(|span| span.name == "GET other"));
    for span in spans.iter().filter(|span| span.parent_span_id.is_empty()) {
        assert!(["POST", "GET"].contains(&span.name.split(' ').next().unwrap()), "nobody's span: {span:?}");
    }
    let said = collector.said();
    let signature = cookie.rsplit('|').next().expect("a signature");
    for secret in
        [PASSWORD, "wrong-Password", &cookie, signature, "john", ip, "some_key", "some value", "secret-"]
    {
        assert!(!said.contains(secret), "{secret} was sent");
    }
}

#[test]
fn what_the_service_asks_the_database_for_itself_sends_nothing() {
    let collector = Collector::start();
    // Nearly every span is a batch of its own.
    let (service, _) = service(&collector, |setup| setup.variable("OTEL_BSP_SCHEDULE_DELAY", "1"));
    let statements = || service.figure("wp_sidecar_database_statement_seconds_count");
    let before = statements();
    wait_until("it asks by itself", || statements() > before);
    assert_eq!(service.get("/api/user/info/?insecure=cool").status, 200);
    collector.wait_for_span("GET user/info");
    assert_eq!(collector.empty_exports(), 0);
}

#[test]
fn what_waits_is_sent_when_the_service_ends() {
    let collector = Collector::start();
    let (mut service, _) = service(&collector, |setup| setup.variable("OTEL_BSP_SCHEDULE_DELAY", "3600000"));
    assert_eq!(service.get("/api/user/info/?insecure=cool").status, 200);
    service.signal("TERM");
    assert!(service.wait(Duration::from_secs(20)).success());
    collector.wait_for_span("GET user/info");
}

#[test]
fn a_collector_that_is_away_or_says_nothing_costs_one_warning_and_nobody_anything() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    for address in [own_address(), silent.local_addr().expect("an address")] {
        let (mut service, _) = Service::recorded(Server::mariadb(), |setup| {
            setup
                .variable("OTEL_EXPORTER_OTLP_ENDPOINT", &format!("http://{address}"))
                .variable("OTEL_EXPORTER_OTLP_TIMEOUT", "300")
                .variable("OTEL_BSP_SCHEDULE_DELAY", "10")
                .variable("OTEL_BSP_MAX_QUEUE_SIZE", "64")
        });
        // Many more than the queue holds.
        for _ in 0..300 {
            assert_eq!(service.get("/api/user/info/?insecure=cool").status, 200);
        }
        service.wait_for_line("traces cannot be exported");
        for _ in 0..100 {
            assert_eq!(service.get("/api/user/info/?insecure=cool").status, 200);
        }
        let warnings =
            service.lines().iter().filter(|line| line.contains("traces cannot be exported")).count();
        assert_eq!(warnings, 1);
        service.signal("TERM");
        assert!(service.wait(Duration::from_secs(20)).success());
    }
}

#[test]
fn a_way_to_send_that_is_not_built_in_is_refused_at_the_start() {
    let setup = Setup::on("mysql://user:password@127.0.0.1:1/wordpress")
        .variable("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4317")
        .variable("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
    let done = setup.run();
    assert!(!done.status.success());
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    let wanted = "wp-sidecar: OTEL_EXPORTER_OTLP_PROTOCOL=grpc is not built in; leave it out, or set it to http/protobuf\n";
    assert_eq!(said, wanted);
}
