//! A connection that breaks at each command of each request in turn, and commits that go wrong.

use std::sync::Arc;
use std::time::Duration;

use crate::app::{Setup, TestApp};
use crate::checker::{Checker, check_sessions, keys_of};
use crate::deed::{Deed, PASSWORD, Record, Writer, run_all};
use crate::proxy::{Fault, Proxy, Trigger};
use crate::server::Server;
use crate::stage::{make_administrators, prepare, url};

/// More commands than any request has; a sweep that gets here would never end.
const MOST_COMMANDS: usize = 100;

/// The service's own.
const CONNECTIONS: usize = 5;

/// What [`Site::deeds`] gives.
const KINDS: [&str; 8] =
    ["register", "three keys of meta", "one key of meta", "profile", "comment", "login", "logout", "read"];

/// A service without anything that runs beside its requests, behind a proxy.
struct Site {
    server: Server,
    database: String,
    proxy: Proxy,
    app: TestApp,
    nonce: String,
    writer: Arc<Writer>,
    keys: Vec<String>,
}

impl Site {
    fn new() -> Self {
        let server = Server::own_mariadb(&[]);
        let database = prepare(&server);
        let proxy = Proxy::before(server.host(), server.port());
        let app = Setup::on(&url(&proxy, &database, "?ssl-mode=disabled"))
            .set("wordpress.version", "6.1")
            .set("database.max_connections", &CONNECTIONS.to_string())
            .set("database.statement_seconds", "1")
            .start();
        let nonce = app.nonce("register");
        let writer = Arc::new(Writer::register(app.address, &nonce, "writer"));
        make_administrators(&server, &database);
        let keys = keys_of(&server, &database, writer.id);
        Self { server, database, proxy, app, nonce, writer, keys }
    }

    /// One of each kind of deed, the writing ones first.
    fn deeds(&self, tag: &str) -> Vec<Deed> {
        let mut deeds = Deed::writing(tag);
        deeds.extend([Deed::LogIn, Deed::LogOut(self.app.cookie("writer", PASSWORD)), Deed::Read]);
        deeds
    }

    fn run(&self, deed: Deed, tag: &str) -> Record {
        deed.run(self.app.address, &self.writer, tag, &self.nonce)
    }

    fn checker(&self) -> Checker<'_> {
        Checker { server: &self.server, database: &self.database, keys: &self.keys }
    }
}

#[test]
fn a_connection_may_break_at_any_command_of_any_request() {
    let site = Site::new();
    let mut records = Vec::new();
    for (number, fault) in Fault::LOSSES.into_iter().enumerate() {
        for (kind, name) in KINDS.into_iter().enumerate() {
            let (mut done, mut commands) = (0, 0);
            loop {
                let tag = format!("f{number}k{kind}c{commands}");
                let deed = site.deeds(&tag).swap_remove(kind);
                site.proxy.arm(Trigger::After(commands), fault);
                let record = site.run(deed, &tag);
                assert_eq!(record.wrong, None, "{fault:?} at command {commands} of {:?}", record.deed);
                let met = site.proxy.disarm() == 0;
                // The next request has a connection again.
                assert!(site.app.is_valid(&site.writer.cookie));
                done += usize::from(record.is_acknowledged());
                records.push(record);
                if !met {
                    break;
                }
                commands += 1;
                assert!(commands < MOST_COMMANDS, "{fault:?}");
            }
            // The last one met no fault.
            assert!(done > 0 && commands > 0, "{fault:?} {name}: {done} done of {commands}");
            println!("{fault:?} at each command of {name}: {commands} commands");
        }
    }
    site.checker().check(&records);
    check_sessions(site.app.address, &records);
}

#[test]
fn a_commit_that_the_cluster_vetoes_is_done_again_by_every_request() {
    let site = Site::new();
    let mut records = Vec::new();
    for deed in Deed::writing("veto") {
        for code in [1213, 3101] {
            site.proxy.arm(Trigger::Text("COMMIT"), Fault::Veto(code));
        }
        let record = site.run(deed, "veto");
        assert!(record.is_acknowledged(), "{:?}: {}", record.deed, record.answer);
        assert_eq!(site.proxy.disarm(), 0, "{:?}", record.deed);
        records.push(record);
    }
    site.checker().check(&records);
}

#[test]
fn a_commit_without_an_answer_ends_with_its_deadline() {
    let site = Site::new();
    let mut records = Vec::new();
    for fault in [Fault::HungBefore, Fault::HungAfter] {
        let tag = format!("{fault:?}");
        // A registration asks how its commit ended; the others leave that to the client.
        let deeds: Vec<Deed> = Deed::writing(&tag).into_iter().take(2).collect();
        for _ in &deeds {
            site.proxy.arm(Trigger::Text("COMMIT"), fault);
        }
        for record in run_all(site.app.address, &site.writer, &tag, &site.nonce, deeds) {
            assert_eq!(record.wrong, None, "{fault:?} {:?}", record.deed);
            assert_eq!(record.is_acknowledged(), matches!(record.deed, Deed::Register(_)), "{fault:?}");
            assert!(record.took >= Duration::from_secs(1) && record.took < Duration::from_secs(4));
            records.push(record);
        }
        assert_eq!(site.proxy.disarm(), 0, "{fault:?}");
    }
    site.checker().check(&records);
}

#[test]
fn connections_that_all_break_at_their_first_word_do_not_wait_for_each_other() {
    let site = Site::new();
    for _ in 0..CONNECTIONS {
        site.proxy.arm(Trigger::Text("BEGIN"), Fault::LostBefore);
    }
    // More than there are connections, so that none is free when the first of them breaks.
    let (address, writer, nonce) = (site.app.address, &site.writer, site.nonce.as_str());
    let records: Vec<Record> = std::thread::scope(|scope| {
        let run = |number: usize| {
            let tag = format!("all{number}");
            scope.spawn(move || Deed::Meta(format!("meta{tag}")).run(address, writer, &tag, nonce))
        };
        let runners: Vec<_> = (0..4 * CONNECTIONS).map(run).collect();
        runners.into_iter().map(|runner| runner.join().expect("a request")).collect()
    });
    assert_eq!(site.proxy.disarm(), 0);
    for record in &records {
        assert_eq!(record.wrong, None);
        assert!(record.took < Duration::from_secs(2), "{:?} took {:?}", record.deed, record.took);
    }
    site.checker().check(&records);
}
