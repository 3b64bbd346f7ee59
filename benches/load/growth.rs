//! What more users cost: the same requests on a small site and on a large one.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use wp_sidecar::wp::auth_cookie;
use wp_sidecar::wp::password;
use wp_sidecar::wp::version::WpVersion;

use crate::server::Server;
use crate::spread::Spread;
use crate::stage::{Program, READING, path, project};
use crate::users::{self, FAR, FIRST, stored, token};
use crate::wordpress::{KEYS, RealWordPress};
use crate::wrk::Load;

const VERSION: WpVersion = WpVersion::new(6, 8);
const PASSWORD: &str = "bench-Pass-1";
/// Users that are asked for, spread over all.
const ASKED: u64 = 1_000;
const SMALL: u64 = 1_000;
const MANY_SESSIONS: usize = 2_000;
const MANY_ROWS: u64 = 10_000;

/// A site of so many users, with a service beside it.
struct Site {
    users: u64,
    wordpress: RealWordPress,
    service: Program,
    hash: String,
}

/// From 1,000 users to so many.
pub fn measure(users: u64, buffer_pool: &str, rounds: usize, time: Duration) -> String {
    let pool = format!("--innodb-buffer-pool-size={buffer_pool}");
    let log = "--innodb-log-file-size=1G";
    let server: &'static Server = Box::leak(Box::new(Server::own_mariadb(&[&pool, log])));
    let small = Site::new(server, SMALL);
    let large = Site::new(server, users);
    let mut table =
        format!("| endpoint | {SMALL} users, µs | {users} users, µs | times |\n| --- | --- | --- | --- |\n");
    for method in READING {
        let [mut before, mut after, mut times] = [(); 3].map(|()| Vec::new());
        for round in 0..=rounds {
            let (few, many) = (small.median(method, time), large.median(method, time));
            // The first round warms up.
            if round > 0 {
                before.push(few);
                after.push(many);
                times.push(many / few);
            }
        }
        let _ = writeln!(
            table,
            "| `{method}` | {:.0} | {:.0} | {:.2} |",
            Spread::of(before),
            Spread::of(after),
            Spread::of(times)
        );
    }
    format!("{table}\n{}", small.burdened(rounds, time))
}

impl Site {
    fn new(server: &'static Server, users: u64) -> Self {
        let dump = project("fixtures/sql/wordpress-6.8.8-buddypress-14.5.2.sql");
        let wordpress = RealWordPress::from_dump("trixie", server, &dump);
        let hash = password::hash(PASSWORD.as_bytes(), VERSION, 10, [7; 16]);
        let service = start(wordpress.path());
        users::add(&wordpress, users, &hash);
        Self { users, wordpress, service, hash }
    }

    /// The median time of one request at a time, in microseconds.
    fn median(&self, method: &str, time: Duration) -> f64 {
        let step = (self.users / ASKED.min(self.users)).max(1);
        let asked = (FIRST..FIRST + self.users).step_by(usize::try_from(step).expect("a small number"));
        let requests = asked.map(|id| path(method, &self.cookie(id), id)).collect();
        self.load(requests, time)
    }

    fn load(&self, requests: Vec<String>, time: Duration) -> f64 {
        let to = format!("http://{}", self.service.address);
        let figures = Load { to, requests, headers: Vec::new(), connections: 1, time }.run();
        assert_eq!(figures.refused, 0);
        figures.median
    }

    fn cookie(&self, id: u64) -> String {
        let key = |name| KEYS.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value);
        let salt = [key("LOGGED_IN_KEY"), key("LOGGED_IN_SALT")].concat();
        let login = format!("user{id}");
        auth_cookie::generate(&login, self.hash.as_bytes(), FAR, &token(id), salt.as_bytes(), VERSION)
    }

    /// One user with very many sessions, and one with very many meta rows.
    fn burdened(&self, rounds: usize, time: Duration) -> String {
        let usual = |site: &Self| site.median("get_currentuserinfo", time);
        let before = Spread::of((0..rounds).map(|_| usual(self)));
        let (sessions, rows) = (FIRST, FIRST + 1);
        let list = stored((0..MANY_SESSIONS as u64).map(|number| number + FIRST));
        let sql = format!(
            "UPDATE wp_usermeta SET meta_value = '{}' WHERE user_id = {sessions} AND meta_key = 'session_tokens'",
            String::from_utf8_lossy(&list)
        );
        self.exec(&sql);
        let many: Vec<String> =
            (0..MANY_ROWS).map(|row| format!("({rows},'more_{row}','value {row}')")).collect();
        self.exec(&format!(
            "INSERT INTO wp_usermeta (user_id, meta_key, meta_value) VALUES {}",
            many.join(",")
        ));
        let after = Spread::of((0..rounds).map(|_| usual(self)));
        let login = |id: u64| {
            let request = format!(
                "/api/user/generate_auth_cookie/?insecure=cool username=user{id}&password={PASSWORD}"
            );
            Spread::of((0..rounds).map(|_| self.load(vec![request.clone()], time) / 1000.0))
        };
        let (plain, with_sessions, with_rows) = (login(FIRST + 2), login(sessions), login(rows));
        let own = |id: u64| {
            let request = path("validate_auth_cookie", &self.cookie(id), id);
            Spread::of((0..rounds).map(|_| self.load(vec![request.clone()], time)))
        };
        format!(
            "| figure | median (least to greatest) |\n| --- | --- |\n\
             | `get_currentuserinfo` of others before there are such users, µs | {before:.0} |\n\
             | and when there are, µs | {after:.0} |\n\
             | login of a usual user, ms | {plain:.1} |\n\
             | login of the user with {MANY_SESSIONS} live sessions and more, ms | {with_sessions:.1} |\n\
             | login of the user with {MANY_ROWS} meta rows, ms | {with_rows:.1} |\n\
             | `validate_auth_cookie` of a usual user, µs | {:.0} |\n\
             | of the user with the sessions, µs | {:.0} |\n\
             | of the user with the rows, µs | {:.0} |\n",
            own(FIRST + 3),
            own(sessions),
            own(rows),
        )
    }

    fn exec(&self, sql: &str) {
        let mut client = self.wordpress.server().client();
        let client = client.arg(self.wordpress.database()).stdin(Stdio::piped());
        let mut client = client.spawn().expect("mariadb runs");
        client.stdin.take().expect("its input").write_all(sql.as_bytes()).expect("mariadb reads");
        assert!(client.wait().expect("mariadb ends").success(), "{}", sql.get(..100).unwrap_or(sql));
    }
}

/// More sessions than the default keeps, or the first login would do away with the many.
fn start(wordpress: &Path) -> Program {
    Program::service(wordpress, &["sessions.max_per_user=100000"])
}
