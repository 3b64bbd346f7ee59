//! Logins: how near they come to what the processors can hash, and what is left for others meanwhile.

use std::time::{Duration, Instant};

use wp_sidecar::wp::password::{self, Reference};
use wp_sidecar::wp::version::WpVersion;

use crate::rounds::CONNECTIONS;
use crate::spread::Spread;
use crate::stage::Stage;
use crate::wrk::Load;

const PASSWORD: &str = "bench-Pass-1";
const VERSION: WpVersion = WpVersion::new(6, 8);
/// PHP's default up to 8.3.
const COST: u32 = 10;
const USERS: usize = 64;

/// Distinct users log in, more at a time than there are processors.
pub fn measure(stage: &Stage, rounds: usize, time: Duration) -> String {
    let hash = password::hash(PASSWORD.as_bytes(), VERSION, COST, [7; 16]);
    add_users(stage, &hash);
    let logins = Load {
        to: format!("http://{}", stage.service.address),
        requests: (0..USERS)
            .map(|user| {
                format!(
                    "/api/user/generate_auth_cookie/?insecure=cool username=bench{user}&password={PASSWORD}"
                )
            })
            .collect(),
        headers: Vec::new(),
        connections: CONNECTIONS,
        time,
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let capacity = f64::from(u32::try_from(cores).expect("a small number"));
    let validate = stage.load(&stage.service, "validate_auth_cookie", CONNECTIONS, time);
    let [mut one, mut rates, mut shares, mut kept, mut slower, mut beside] = [(); 6].map(|()| Vec::new());
    for _ in 0..rounds {
        let check = seconds_of_a_check(&hash);
        let alone = logins.run();
        assert_eq!(alone.refused, 0, "logins");
        one.push(check * 1000.0);
        rates.push(alone.rate);
        shares.push(alone.rate * check / capacity);
        let idle = validate.run();
        let (busy, meanwhile) = std::thread::scope(|scope| {
            let meanwhile = scope.spawn(|| logins.run());
            let busy = validate.run();
            (busy, meanwhile.join().expect("logins"))
        });
        kept.push(busy.rate / idle.rate);
        slower.push(busy.p99 / idle.p99);
        beside.push(meanwhile.rate);
    }
    format!(
        "| figure | median (least to greatest) |\n| --- | --- |\n\
         | one check of a bcrypt hash of cost {COST}, ms | {:.1} |\n\
         | logins a second, {CONNECTIONS} at a time | {:.1} |\n\
         | of processors / time of a check | {:.2} |\n\
         | throughput that `validate_auth_cookie` keeps beside them | {:.2} |\n\
         | its p99 beside them, of that without them | {:.2} |\n\
         | logins a second beside a saturated `validate_auth_cookie` | {:.1} |\n",
        Spread::of(one),
        Spread::of(rates),
        Spread::of(shares),
        Spread::of(kept),
        Spread::of(slower),
        Spread::of(beside),
    )
}

fn add_users(stage: &Stage, hash: &str) {
    let rows: Vec<String> = (0..USERS)
        .map(|user| {
            format!("('bench{user}', '{hash}', 'bench{user}', 'bench{user}@example.net', NOW(), 'Bench')")
        })
        .collect();
    let sql = format!(
        "INSERT INTO wp_users (user_login, user_pass, user_nicename, user_email, user_registered, display_name) \
         VALUES {}",
        rows.join(", ")
    );
    stage.server.exec(stage.wordpress.database(), &sql);
}

/// The time of one check on an idle processor: the median of some.
fn seconds_of_a_check(hash: &str) -> f64 {
    let times = (0..9).map(|_| {
        let begun = Instant::now();
        let checked =
            password::check(PASSWORD.as_bytes(), Some(hash.as_bytes()), VERSION, Reference::new(COST));
        assert!(checked.matches, "the hash is of that password");
        begun.elapsed().as_secs_f64()
    });
    Spread::of(times).median
}
