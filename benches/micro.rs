//! Micro-benchmarks of what every request does by itself: `cargo bench --bench micro`.

#![allow(clippy::expect_used, missing_docs, reason = "a tool of developers: what fails ends it")]

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use wp_sidecar::http::figures::{Figures, Row};
use wp_sidecar::http::params::{Body, Params};
use wp_sidecar::telemetry::Histogram;
use wp_sidecar::wp::auth_cookie::{self, AuthCookie};
use wp_sidecar::wp::password::{self, Reference};
use wp_sidecar::wp::php_json::{self, JsonOptions};
use wp_sidecar::wp::php_serialize::{serialize, unserialize};
use wp_sidecar::wp::php_value::{PhpArray, PhpValue};
use wp_sidecar::wp::phpass::PortableHash;
use wp_sidecar::wp::sessions::{NewSession, Sessions};
use wp_sidecar::wp::version::WpVersion;

const VERSION: WpVersion = WpVersion::new(6, 8);
/// As long as WordPress's own.
const SALT: &[u8] = &[b's'; 128];
const TOKEN: &str = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6kL9nP2r";
const PHPASS: &[u8] = b"$P$B12345678Rb7CvwKpIN0aVqGBmsCCY.";

fn cookie(c: &mut Criterion) {
    let pass = b"$wp$2y$10$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyz01234";
    let cookie = auth_cookie::generate("john", pass, 2_000_000_000, TOKEN, SALT, VERSION);
    c.bench_function("cookie: parse and verify", |b| {
        b.iter(|| {
            let cookie = AuthCookie::parse(black_box(cookie.as_bytes())).expect("four parts");
            assert!(cookie.verify(black_box(pass), SALT, VERSION));
        });
    });
}

fn sessions(c: &mut Criterion) {
    for count in [1, 2_000] {
        let mut list = Sessions::default();
        for number in 0..count {
            let token = format!("{TOKEN}{number}");
            let (ip, user_agent) = (Some("203.0.113.9"), b"Mozilla/5.0 (Linux; Android 14)".as_slice());
            list.add(
                NewSession { token: &token, expiration: 2_000_000_000, ip, user_agent, login: 1 },
                count,
            );
        }
        let stored = list.serialize();
        let value = unserialize(&stored).expect("what was just written");
        let token = format!("{TOKEN}{}", count - 1);
        c.bench_function(&format!("{count} sessions: look one up"), |b| {
            b.iter(|| assert!(Sessions::has_live(Some(black_box(&stored)), token.as_bytes(), 1)));
        });
        c.bench_function(&format!("{count} sessions: unserialize"), |b| {
            b.iter(|| unserialize(black_box(&stored)));
        });
        c.bench_function(&format!("{count} sessions: serialize"), |b| {
            b.iter(|| serialize(black_box(&value)));
        });
    }
}

fn parameters(c: &mut Criterion) {
    let form: Vec<u8> =
        (0..100).flat_map(|i| format!("field_{i}[a][]=some+text%20{i}&").into_bytes()).collect();
    c.bench_function("parameters: a cookie in the query", |b| {
        let query =
            b"insecure=cool&cookie=john%7C2000000000%7CaB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6kL9nP2r%7C00ff";
        b.iter(|| Params::parse(black_box(query), Body::None));
    });
    c.bench_function("parameters: a form of 100 nested fields", |b| {
        b.iter(|| Params::parse(b"insecure=cool", Body::Urlencoded(black_box(&form))));
    });
}

fn json(c: &mut Criterion) {
    let mut answer = PhpArray::new();
    for number in 0..20 {
        answer.insert(format!("field_{number}").as_str(), "Some \"text\" with/slashes and Umlaute: äöü");
    }
    let answer = PhpValue::from(answer);
    c.bench_function("json: 20 texts to escape", |b| {
        b.iter(|| php_json::encode(black_box(&answer), JsonOptions::default()));
    });
}

fn hashes(c: &mut Criterion) {
    let stored = PortableHash::parse(PHPASS, false).expect("a hash");
    c.bench_function("phpass: 8,192 rounds", |b| b.iter(|| stored.verify(black_box(b"password"))));
    let bcrypt = password::hash(b"password", VERSION, 10, [7; 16]);
    let mut group = c.benchmark_group("bcrypt");
    group.sample_size(10);
    group.bench_function("cost 10", |b| {
        b.iter(|| password::check(b"password", Some(bcrypt.as_bytes()), VERSION, Reference::new(10)));
    });
    group.finish();
}

fn figures(c: &mut Criterion) {
    let figures = Figures::default();
    c.bench_function("figures: a request", |b| {
        b.iter(|| black_box(figures.begin()).leads_to(Row::endpoint(0)));
    });
    let histogram = Histogram::default();
    c.bench_function("figures: a duration", |b| {
        b.iter(|| histogram.observe(black_box(Duration::from_micros(40))));
    });
}

criterion_group!(benches, cookie, sessions, parameters, json, figures, hashes);
criterion_main!(benches);
