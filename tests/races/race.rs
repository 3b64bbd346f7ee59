//! A site, two processes of the service, and all that call them.

use std::collections::HashSet;
use std::net::SocketAddr;

use serde_json::json;

use crate::app::dump;
use crate::http::Request;
use crate::ledger::Ledger;
use crate::meeting::Meeting;
use crate::process::Process;
use crate::server::Server;
use crate::tables::Tables;
use crate::wordpress::{RealWordPress, SUITES};
use crate::worker::Worker;

/// Callers of the two processes.
const WORKERS: usize = 8;

/// What each caller asks, besides its first logins.
const ACTS: usize = 180;

/// A user there before.
#[derive(Clone, Debug)]
pub struct User {
    pub id: u64,
    pub login: String,
}

/// What all callers know.
pub struct Race {
    pub seed: u64,
    pub addresses: Vec<SocketAddr>,
    /// Those whom everybody writes to.
    pub users: Vec<User>,
    /// Those who never logged in before: their first session is a new row.
    pub newcomers: Vec<User>,
    pub password: String,
    pub nonce: String,
    pub acts: usize,
    /// A WordPress writes too.
    pub beside: bool,
}

/// The site with both processes.
pub struct Track {
    pub race: Race,
    pub wordpress: RealWordPress,
    /// Who was there before the race.
    pub before: HashSet<u64>,
    _processes: Vec<Process>,
}

impl Track {
    /// WordPress 6.1: its hashes are cheap, so that the time goes into the race.
    #[track_caller]
    pub fn new(server: &'static Server, seed: u64, beside: bool) -> Self {
        let wordpress = RealWordPress::from_dump(SUITES[0], server, &dump("6.1"));
        // Those of the dump nobody here answers for.
        let sessions = "DELETE FROM wp_usermeta WHERE meta_key = 'session_tokens'";
        server.exec(wordpress.database(), sessions);
        let password = "race Pass 1";
        let users = add_users(&wordpress, "runner", 4, password);
        let newcomers = add_users(&wordpress, "newcomer", 40, password);
        let before = Tables::read(&wordpress).users.iter().map(|user| user.id).collect();
        let processes: Vec<Process> = (0..2).map(|_| Process::beside(&wordpress, &[])).collect();
        let addresses: Vec<SocketAddr> = processes.iter().map(|process| process.address).collect();
        let nonce = "/api/get_nonce/?controller=user&method=register";
        let nonce =
            Request::get(nonce).send(addresses[0]).json()["nonce"].as_str().expect("a nonce").to_owned();
        let password = password.to_owned();
        let race = Race { seed, addresses, users, newcomers, password, nonce, acts: ACTS, beside };
        Self { race, wordpress, before, _processes: processes }
    }

    /// All callers at once. Gives what they were answered.
    pub fn run(&self) -> Ledger {
        let meeting = Meeting::new(WORKERS);
        let mut ledger = Ledger::default();
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..WORKERS)
                .map(|number| {
                    let (race, meeting) = (&self.race, &meeting);
                    scope.spawn(move || {
                        let _attendance = meeting.attend();
                        let mut worker = Worker::new(race, number);
                        worker.run(meeting);
                        worker.ledger
                    })
                })
                .collect();
            for worker in workers {
                ledger.append(worker.join().expect("a caller is answered as it may be"));
            }
        });
        ledger
    }
}

/// Users made by WordPress.
#[track_caller]
pub fn add_users(wordpress: &RealWordPress, name: &str, count: usize, password: &str) -> Vec<User> {
    let ids = wordpress.php_with(
        "$ids = array();
        for ( $i = 0; $i < $args['count']; $i++ ) {
            $login = \"{$args['name']}$i\";
            $ids[] = wp_insert_user( array(
                'user_login' => $login, 'user_pass' => $args['password'], 'user_email' => \"$login@example.org\",
            ) );
        }
        return $ids;",
        json!({ "name": name, "count": count, "password": password }),
    );
    let ids: Vec<u64> = serde_json::from_value(ids).expect("ids");
    ids.into_iter().enumerate().map(|(place, id)| User { id, login: format!("{name}{place}") }).collect()
}
