//! A collector: it takes traces by OTLP over HTTP and keeps them.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;

/// What came so far.
#[derive(Default)]
struct Seen {
    exports: Vec<ExportTraceServiceRequest>,
    bytes: Vec<u8>,
}

/// The collector. It stops taking connections when the test process ends.
pub struct Collector {
    pub address: SocketAddr,
    seen: Arc<(Mutex<Seen>, Condvar)>,
}

impl Collector {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let seen: Arc<(Mutex<Seen>, Condvar)> = Arc::default();
        std::thread::spawn({
            let seen = Arc::clone(&seen);
            move || {
                for stream in listener.incoming().flatten() {
                    let seen = Arc::clone(&seen);
                    std::thread::spawn(move || take(stream, &seen));
                }
            }
        });
        Self { address, seen }
    }

    /// `OTEL_EXPORTER_OTLP_ENDPOINT`
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits until the spans that came are such.
    #[track_caller]
    pub fn wait_for(&self, what: &str, is_so: impl Fn(&[Span]) -> bool) -> Vec<Span> {
        let begun = Instant::now();
        let mut seen = self.seen.0.lock().expect("the spans");
        loop {
            let spans = spans(&seen.exports);
            if is_so(&spans) {
                return spans;
            }
            let names: Vec<&str> = spans.iter().map(|span| span.name.as_str()).collect();
            assert!(begun.elapsed() < Duration::from_secs(30), "{what} never came, but {names:?}");
            seen = self.seen.1.wait_timeout(seen, Duration::from_secs(1)).expect("the spans").0;
        }
    }

    /// Waits for a span of that name, and gives all.
    #[track_caller]
    pub fn wait_for_span(&self, name: &str) -> (Span, Vec<Span>) {
        let spans = self.wait_for(name, |spans| spans.iter().any(|span| span.name == name));
        (spans.iter().find(|span| span.name == name).expect("the span").clone(), spans)
    }

    /// The attributes of what sent the spans.
    pub fn resource(&self) -> BTreeMap<String, String> {
        let seen = self.seen.0.lock().expect("the spans");
        let resource = seen.exports[0].resource_spans[0].resource.as_ref().expect("a resource");
        attributes(&resource.attributes)
    }

    /// How many exports came that held no span.
    pub fn empty_exports(&self) -> usize {
        let seen = self.seen.0.lock().expect("the spans");
        seen.exports.iter().filter(|export| spans(std::slice::from_ref(export)).is_empty()).count()
    }

    /// All that was said.
    pub fn said(&self) -> String {
        String::from_utf8_lossy(&self.seen.0.lock().expect("the spans").bytes).into_owned()
    }
}

fn spans(exports: &[ExportTraceServiceRequest]) -> Vec<Span> {
    let resources = exports.iter().flat_map(|export| &export.resource_spans);
    resources.flat_map(|resource| &resource.scope_spans).flat_map(|scope| scope.spans.clone()).collect()
}

/// Names and values, as text.
pub fn attributes(found: &[KeyValue]) -> BTreeMap<String, String> {
    let text = |value: &AnyValue| match value.value.as_ref().expect("a value") {
        Value::StringValue(text) => text.clone(),
        Value::IntValue(number) => format!("{number} as a number"),
        other => panic!("{other:?}"),
    };
    found.iter().map(|pair| (pair.key.clone(), text(pair.value.as_ref().expect("a value")))).collect()
}

/// Requests of one connection, until it ends.
fn take(stream: TcpStream, seen: &(Mutex<Seen>, Condvar)) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            if reader.read_until(b'\n', &mut head).unwrap_or(0) == 0 {
                return;
            }
        }
        let text = String::from_utf8_lossy(&head).to_lowercase();
        assert!(text.starts_with("post /v1/traces http/1.1\r\n"), "{text}");
        assert!(text.contains("content-type: application/x-protobuf"), "{text}");
        let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
        let mut body = vec![0; length.parse().expect("a length")];
        reader.read_exact(&mut body).expect("a body");
        let export = ExportTraceServiceRequest::decode(body.as_slice()).expect("an export of traces");
        {
            let mut seen = seen.0.lock().expect("the spans");
            seen.exports.push(export);
            seen.bytes.extend(head);
            seen.bytes.extend(body);
        }
        seen.1.notify_all();
        let answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n";
        if reader.get_mut().write_all(answer).is_err() {
            return;
        }
    }
}
