//! A server of its own, the proxy before it, the service behind it, and the questions asked after each fault.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::app::dump;
use crate::checker::{Checker, keys_of};
use crate::deed::{Deed, Record, Writer, run_all};
use crate::proxy::Proxy;
use crate::server::Server;
use crate::service::{Service, within};
use crate::session::Session;

/// The service's connections.
pub const POOL: usize = 5;

/// How long a statement of the service may take, in seconds.
pub const STATEMENT_SECONDS: u64 = 2;

/// What a request may take whatever happens.
pub const ANSWER_LIMIT: Duration = Duration::from_secs(STATEMENT_SECONDS + 5);

/// When all must be well again after a fault has ended.
pub const RECOVERY_LIMIT: Duration = Duration::from_secs(5);

/// The service's account, which has no rights but on its database.
pub const ACCOUNT: &str = "site";
const ACCOUNT_PASSWORD: &str = "site-1";

/// All that a fault needs.
pub struct Stage {
    pub service: Service,
    pub proxy: Proxy,
    pub server: Arc<Server>,
    pub database: String,
    pub nonce: String,
    /// What an undisturbed registration leaves.
    pub keys: Vec<String>,
    /// Writes between the faults.
    pub probe: Arc<Writer>,
    probes: AtomicU32,
}

impl Stage {
    /// A MariaDB of its own.
    #[track_caller]
    pub fn mariadb(options: &[&str]) -> Self {
        Self::on(Arc::new(Server::own_mariadb(options)), "?ssl-mode=disabled")
    }

    /// That server; `options` end the service's `database.url`.
    #[track_caller]
    pub fn on(server: Arc<Server>, options: &str) -> Self {
        let database = prepare(&server);
        let proxy = Proxy::before(server.host(), server.port());
        let url = url(&proxy, &database, options);
        let service = Service::start(&url, &settings());
        within(RECOVERY_LIMIT, "it is not ready", || service.is_ready());
        let nonce = service.register_nonce();
        let probe = Arc::new(Writer::register(service.address, &nonce, "probe"));
        let keys = keys_of(&server, &database, probe.id);
        assert_eq!(keys.len(), 14, "{keys:?}");
        Self { service, proxy, server, database, nonce, keys, probe, probes: AtomicU32::new(0) }
    }

    /// Users for a load.
    #[track_caller]
    pub fn writers(&self, count: usize) -> Vec<Arc<Writer>> {
        let names = (0..count).map(|number| format!("w{number}"));
        let writers: Vec<Arc<Writer>> =
            names.map(|name| Arc::new(Writer::register(self.service.address, &self.nonce, &name))).collect();
        make_administrators(&self.server, &self.database);
        writers
    }

    /// Statements of the account that may do everything.
    #[track_caller]
    pub fn sql(&self, sql: &str) -> Vec<Vec<String>> {
        self.server.query(&self.database, sql)
    }

    /// The same where the server may refuse; false if it did.
    #[track_caller]
    pub fn attempt(&self, sql: &str) -> bool {
        let output =
            self.server.client().args(["--batch", "--force", &self.database, "--execute", sql]).output();
        output.expect("the mariadb client runs; script/setup installs it").status.success()
    }

    /// Another client that keeps its transaction.
    #[track_caller]
    pub fn session(&self) -> Session {
        Session::open(&self.server, &self.database)
    }

    /// What compares the tables with what the clients were told.
    pub fn checker(&self) -> Checker<'_> {
        Checker { server: &self.server, database: &self.database, keys: &self.keys }
    }

    /// Ends all connections of the service inside the server.
    #[track_caller]
    pub fn kill_connections(&self) {
        let ids =
            self.sql(&format!("SELECT id FROM information_schema.processlist WHERE user = '{ACCOUNT}'"));
        let kills: Vec<String> = ids.iter().map(|row| format!("KILL {};", row[0])).collect();
        // Some may be gone already.
        self.attempt(&kills.concat());
    }

    /// How many statements of the service the server is busy with; `like` is a pattern of their text.
    #[track_caller]
    pub fn running(&self, like: &str) -> usize {
        let rows = self.sql(&format!(
            "SELECT COUNT(*) FROM information_schema.processlist \
             WHERE user = '{ACCOUNT}' AND db = DATABASE() AND info LIKE '{like}'"
        ));
        rows[0][0].parse().expect("a number")
    }

    /// How many transactions wait for a lock.
    #[track_caller]
    pub fn waiting(&self) -> usize {
        let sql = "SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'";
        self.sql(sql)[0][1].parse().expect("a number")
    }

    /// Does these at the same time, as that user.
    #[track_caller]
    pub fn run(&self, writer: &Arc<Writer>, tag: &str, deeds: Vec<Deed>) -> Vec<Record> {
        run_all(self.service.address, writer, tag, &self.nonce, deeds)
    }

    /// A write that does not matter.
    #[track_caller]
    pub fn probe(&self) -> Record {
        let tag = format!("probe{}", self.probes.fetch_add(1, Ordering::Relaxed));
        Deed::Meta(tag.clone()).run(self.service.address, &self.probe, &tag, "")
    }

    /// Waits until a write works again, and gives the time since `healed`.
    #[track_caller]
    pub fn recovered(&self, fault: &str, healed: Instant) -> Duration {
        loop {
            let record = self.probe();
            assert_eq!(record.wrong, None, "{fault}");
            let since = healed.elapsed();
            if record.is_acknowledged() {
                assert!(since < RECOVERY_LIMIT, "{fault}: well again after {since:?}");
                return since;
            }
            assert!(since < 2 * RECOVERY_LIMIT, "{fault}: not well again after {since:?}");
        }
    }

    /// As many requests as the pool has connections use them all at the same time: none has leaked.
    #[track_caller]
    pub fn uses_all_connections(&self, fault: &str, healed: Instant) {
        loop {
            let (running, statuses) = self.connections_in_use();
            if running == POOL && statuses == [200; POOL] {
                return;
            }
            let since = healed.elapsed();
            assert!(
                since < RECOVERY_LIMIT,
                "{fault}: after {since:?} {running} in use, answers {statuses:?}"
            );
        }
    }

    /// Lets that many requests wait for the same lock; gives how many do, and their answers once they have it.
    #[track_caller]
    fn connections_in_use(&self) -> (usize, Vec<u16>) {
        let mut other = self.session();
        other.run(&format!("BEGIN; SELECT ID FROM wp_users WHERE ID = {} FOR UPDATE", self.probe.id));
        std::thread::scope(|scope| {
            let runners: Vec<_> = (0..POOL).map(|_| scope.spawn(|| self.probe().status)).collect();
            let begun = Instant::now();
            let mut running = 0;
            while running < POOL && begun.elapsed() < Duration::from_secs(1) {
                std::thread::sleep(Duration::from_millis(10));
                running = self.running("%FOR UPDATE%");
            }
            other.run("ROLLBACK");
            (running, runners.into_iter().map(|runner| runner.join().expect("a request")).collect())
        })
    }
}

/// The settings of every service here.
pub fn settings() -> Vec<(&'static str, &'static str)> {
    vec![("database.max_connections", "5"), ("database.statement_seconds", "2")]
}

/// `database.url` through the proxy.
pub fn url(proxy: &Proxy, database: &str, options: &str) -> String {
    format!("mysql://{ACCOUNT}:{ACCOUNT_PASSWORD}@127.0.0.1:{}/{database}{options}", proxy.port())
}

/// Lets the users of the load, and nobody after them, comment fast and at once.
#[track_caller]
pub fn make_administrators(server: &Server, database: &str) {
    server.exec(
        database,
        "UPDATE wp_usermeta SET meta_value = 'a:1:{s:13:\"administrator\";b:1;}' \
         WHERE user_id > 12 AND meta_key = 'wp_capabilities'",
    );
}

/// A site and the service's account; gives the database's name.
#[track_caller]
pub fn prepare(server: &Server) -> String {
    let database = server.database_from(&dump("6.1"));
    prepare_account(server, &database);
    database
}

/// The service's account, with all rights on this database.
#[track_caller]
pub fn prepare_account(server: &Server, database: &str) {
    for host in ["%", "localhost"] {
        server.exec(
            "",
            &format!(
                "CREATE USER IF NOT EXISTS '{ACCOUNT}'@'{host}' IDENTIFIED BY '{ACCOUNT_PASSWORD}'; \
                 GRANT ALL ON {database}.* TO '{ACCOUNT}'@'{host}'"
            ),
        );
    }
}
