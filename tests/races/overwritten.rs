//! How often WordPress overwrites a session that the service made: measured and printed. What is judged is that
//! nothing else comes to harm.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use crate::check::sessions;
use crate::ledger::{Ledger, Session};
use crate::process::{Process, call};
use crate::race::{User, add_users};
use crate::seed::{alone, seed};
use crate::server::Server;
use crate::tables::Tables;
use crate::theirs::{Writer, turn};
use crate::wordpress::{RealWordPress, SUITES};

const PASSWORD: &str = "race Pass 1";

/// Names for how many seconds users log in here, one at a time.
const VARIABLE: &str = "WP_SIDECAR_RACES_SECONDS";

/// What holds when nobody names another.
const SECONDS: u64 = 6;

/// How long it is the same user, in seconds: the lists stay short.
const TURN: f64 = 0.5;

/// The same user logs in on both sides: here without pause, in WordPress with that many milliseconds between two.
fn measure(suite: &str, pause: u64) {
    let _alone = alone();
    let test = format!("WordPress of {suite}, {pause} ms between two logins there");
    let seed = seed(&test);
    let wordpress = RealWordPress::open(suite, Server::mariadb());
    wordpress.php("update_option( 'json_api_controllers', 'core,user,auth' );");
    let users = add_users(&wordpress, "runner", 40, PASSWORD);
    let process = Process::beside(&wordpress, &[]);
    let writer = Writer {
        seed,
        choices: &["log_in"],
        pause,
        turn: Some(TURN),
        users: &users,
        newcomers: &[],
        password: PASSWORD,
    };
    let (ledger, theirs) = writer.while_running(&wordpress, || log_in(&process, &users));
    let tables = Tables::read(&wordpress);
    let damage = sessions::check(&ledger, &theirs, &tables, &wordpress);

    let started: HashSet<String> = ledger.sessions.iter().map(Session::verifier).collect();
    assert_eq!(started.len(), ledger.sessions.len());
    let mut windows = theirs.windows.clone();
    windows.sort_by(f64::total_cmp);
    let window = windows.get(windows.len() / 2).copied().unwrap_or_default();
    let (all, lost) = (ledger.sessions.len(), damage.overwritten);
    println!(
        "WordPress {}, {pause} ms between two logins there: {lost} of {all} sessions made here were overwritten, \
         {} of 10,000; {} logins there, each {:.1} ms from reading the list to writing it",
        wordpress.version(),
        10_000 * lost / all,
        theirs.sessions.len(),
        1000.0 * window,
    );
}

fn log_in(process: &Process, users: &[User]) -> Ledger {
    let mut ledger = Ledger::default();
    let begun = Instant::now();
    let seconds = std::env::var(VARIABLE).map_or(SECONDS, |text| text.parse().expect(VARIABLE));
    while begun.elapsed() < Duration::from_secs(seconds) {
        let user = turn(users, TURN);
        let form = [("username", user.login.as_str()), ("password", PASSWORD)];
        let answer = call(process.address, "user/generate_auth_cookie", &form);
        let cookie = answer["cookie"].as_str().unwrap_or_else(|| panic!("a login: {answer}")).to_owned();
        ledger.sessions.push(Session { user_id: user.id, cookie, ended: false });
    }
    ledger
}

#[test]
fn how_often_a_wordpress_that_never_rests_overwrites_a_session() {
    measure(SUITES[0], 0);
}

#[test]
fn how_often_a_login_a_second_in_wordpress_overwrites_a_session() {
    measure(SUITES[0], 1000);
}

/// Since 6.8 a login takes bcrypt's time between reading the list and writing it.
#[test]
fn how_often_a_login_a_second_in_a_wordpress_with_bcrypt_overwrites_a_session() {
    measure(SUITES[1], 1000);
}
