//! What a service manager is told, on a real socket in its place.

use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

use crate::app::dump;
use crate::process::Setup;
use crate::server::Server;

/// Longer than any of it takes.
const LIMIT: Duration = Duration::from_secs(30);

/// A manager's end of the socket.
struct Manager(UnixDatagram);

impl Manager {
    fn at(address: &SocketAddr) -> Self {
        let socket = UnixDatagram::bind_addr(address).expect("a socket");
        socket.set_read_timeout(Some(LIMIT)).expect("a socket");
        Self(socket)
    }

    /// The next message, by line.
    #[track_caller]
    fn hear(&self) -> Vec<String> {
        let mut message = [0; 4096];
        let length = self.0.recv(&mut message).expect("a message");
        let text = String::from_utf8(message[..length].to_vec()).expect("UTF-8");
        text.lines().map(str::to_owned).collect()
    }

    /// Nothing has come that was not heard.
    #[track_caller]
    fn heard_all(&self) {
        self.0.set_nonblocking(true).expect("a socket");
        let nothing = self.0.recv(&mut [0; 4096]).expect_err("a message");
        assert_eq!(nothing.kind(), std::io::ErrorKind::WouldBlock);
        self.0.set_nonblocking(false).expect("a socket");
    }
}

#[test]
fn ready_is_said_when_requests_are_answered_and_stopping_when_the_end_begins() {
    let server = Server::mariadb();
    let database = server.database_from(&dump("6.8"));
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("notify");
    let manager = Manager::at(&SocketAddr::from_pathname(&path).expect("a path"));
    let setup = Setup::on(&server.url(&database)).variable("NOTIFY_SOCKET", path.to_str().expect("UTF-8"));
    // The site cannot be read yet.
    let held = server.hold(&database, "LOCK TABLES wp_options WRITE");
    let mut service = setup.set("server.stop_seconds", "20").start_unready();
    assert_eq!(service.get("/api/info/").status, 503);
    manager.heard_all();
    drop(held);
    let told = manager.hear();
    // Not a moment later: nobody waits here.
    assert_eq!(service.get("/health/ready").status, 200);
    assert_eq!(service.get("/api/info/").status, 200);
    let home =
        &server.query(&database, "SELECT option_value FROM wp_options WHERE option_name = 'home'")[0][0];
    let status = format!("STATUS=Serving {home} (WordPress 6.8) on {}", service.address);
    assert_eq!(told, ["READY=1", &status]);
    manager.heard_all();
    service.signal("TERM");
    // More time than the service takes at most, in microseconds.
    assert_eq!(manager.hear(), ["STOPPING=1", "STATUS=Stopping", "EXTEND_TIMEOUT_USEC=35000000"]);
    assert!(service.wait(LIMIT).success());
    manager.heard_all();
}

#[test]
fn a_service_whose_database_is_away_is_ready_and_says_what_it_waits_for() {
    let server = Server::mariadb();
    let database = server.database_from(&dump("6.8"));
    server.exec(&database, "RENAME TABLE wp_options TO wp_away");
    // A name without a file, as some managers have it.
    let name = format!("wp-sidecar-{}", std::process::id());
    let manager = Manager::at(&SocketAddr::from_abstract_name(&name).expect("a name"));
    let service =
        Setup::on(&server.url(&database)).variable("NOTIFY_SOCKET", &format!("@{name}")).start_unready();
    let told = manager.hear();
    assert_eq!(told[0], "READY=1");
    let waits = format!("STATUS=Listening on {}, waiting for the database: ", service.address);
    assert!(told[1].starts_with(&waits) && told[1].contains("wp_options"), "{told:?}");
    assert_eq!(service.get("/health/live").status, 200);
    assert_eq!(service.get("/health/ready").status, 503);
    server.exec(&database, "RENAME TABLE wp_away TO wp_options");
    let told = manager.hear();
    assert!(told.len() == 1 && told[0].starts_with("STATUS=Serving "), "{told:?}");
    assert_eq!(service.get("/health/ready").status, 200);
}

#[test]
fn a_manager_that_cannot_be_reached_keeps_nobody_from_serving() {
    let server = Server::mariadb();
    let folder = tempfile::tempdir().expect("a folder");
    let nobody = folder.path().join("nobody");
    let setup = Setup::on(&server.url(&server.database_from(&dump("6.8"))));
    let service = setup.variable("NOTIFY_SOCKET", nobody.to_str().expect("UTF-8")).start();
    let line = service.wait_for_line("the service manager cannot be told anything");
    assert!(line.contains(nobody.to_str().expect("UTF-8")), "{line}");
}

#[test]
fn a_mail_program_that_may_not_gain_the_rights_it_needs_is_warned_of() {
    let server = Server::mariadb();
    let url = server.url(&server.database_from(&dump("6.8")));
    let told = |setup: Setup| {
        let service = setup.set("mail.transport", "sendmail").start();
        service.lines().iter().any(|line| line.contains("NoNewPrivileges") && line.contains("WARN"))
    };
    assert!(told(Setup::on(&url).no_new_privileges()));
    assert!(!told(Setup::on(&url)));
}
