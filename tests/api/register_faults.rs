//! A registration whose COMMIT goes wrong: vetoed by a cluster, or unheard of because the connection broke.
//!
//! A proxy before the database does to one COMMIT what a cluster or a cable would.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::json;

use crate::app::{Setup, TestApp, dump};
use crate::rows::{Change, Looker, changes};
use crate::server::Server;

/// What happens to the next COMMIT.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    /// The server rolls back and answers with this error.
    Veto(u16),
    /// The connection breaks before the server hears of it.
    LostBefore,
    /// The server commits; the connection breaks before the client hears of it.
    LostAfter,
}

type Armed = Arc<Mutex<Vec<Fault>>>;

/// Listens before the database; faults are taken from the list, the last first.
fn proxy(server: &'static Server, armed: Armed) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let client = client.expect("a client");
            let database = TcpStream::connect((server.host(), server.port())).expect("the database");
            serve(client, database, Arc::clone(&armed));
        }
    });
    port
}

fn serve(client: TcpStream, database: TcpStream, armed: Armed) {
    let answer: Arc<Mutex<Option<Fault>>> = Arc::default();
    let (mut to_client, mut from_database) =
        (client.try_clone().expect("a socket"), database.try_clone().expect("a socket"));
    let fault = Arc::clone(&answer);
    std::thread::spawn(move || {
        let mut buffer = vec![0; 65_536];
        while let Ok(length @ 1..) = from_database.read(&mut buffer) {
            let written = match fault.lock().expect("the fault").take() {
                None => to_client.write_all(&buffer[..length]),
                Some(Fault::Veto(code)) => to_client.write_all(&error_packet(code)),
                Some(_) => break,
            };
            if written.is_err() {
                break;
            }
        }
        let _ = to_client.shutdown(Shutdown::Both);
        let _ = from_database.shutdown(Shutdown::Both);
    });
    let (mut from_client, mut to_database) = (client, database);
    std::thread::spawn(move || {
        while let Some(packet) = read_packet(&mut from_client) {
            let fault = if packet.get(4..) == Some(&b"\x03COMMIT"[..]) {
                armed.lock().expect("the list").pop()
            } else {
                None
            };
            *answer.lock().expect("the fault") = fault;
            let sent = match fault {
                Some(Fault::LostBefore) => break,
                Some(Fault::Veto(_)) => to_database.write_all(b"\x09\0\0\0\x03ROLLBACK"),
                Some(Fault::LostAfter) | None => to_database.write_all(&packet),
            };
            if sent.is_err() {
                break;
            }
        }
        let _ = from_client.shutdown(Shutdown::Both);
        let _ = to_database.shutdown(Shutdown::Both);
    });
}

/// A packet with its head: three bytes of length, one of sequence.
fn read_packet(from: &mut TcpStream) -> Option<Vec<u8>> {
    let mut packet = vec![0; 4];
    from.read_exact(&mut packet).ok()?;
    let length = u32::from_le_bytes([packet[0], packet[1], packet[2], 0]);
    packet.resize(4 + usize::try_from(length).expect("a length"), 0);
    from.read_exact(&mut packet[4..]).ok()?;
    Some(packet)
}

fn error_packet(code: u16) -> Vec<u8> {
    let mut payload = vec![0xFF];
    payload.extend(code.to_le_bytes());
    payload.extend(b"#40001vetoed by the test");
    let mut packet = vec![u8::try_from(payload.len()).expect("a short one"), 0, 0, 1];
    packet.extend(payload);
    packet
}

fn service(server: &'static Server, armed: &Armed) -> (TestApp, String) {
    let database = server.database_from(&dump("6.8"));
    let port = proxy(server, Arc::clone(armed));
    let url = format!(
        "mysql://{}:{}@127.0.0.1:{port}/{database}?ssl-mode=disabled",
        server.user(),
        server.password()
    );
    (Setup::on(&url).set("wordpress.version", "6.8").keep_mails().start(), database)
}

/// Registers with these faults in the way of its commits, the first first.
#[track_caller]
fn with(faults: &[Fault]) {
    let server = Server::mariadb();
    let armed = Armed::default();
    let (app, database) = service(server, &armed);
    let looker = Looker::new(server, &database);
    let before = looker.look();
    let nonce = app.nonce("register");
    armed.lock().expect("the list").extend(faults.iter().rev());
    let form = [
        ("username", "ann"),
        ("email", "ann@example.net"),
        ("nonce", nonce.as_str()),
        ("user_pass", "p"),
        ("notify", "both"),
    ];
    let answer = app.call("user/register", &form);
    assert_eq!(answer.status, 200, "{faults:?}: {}", answer.text());
    assert!(armed.lock().expect("the list").is_empty(), "{faults:?}");
    let made = changes(&before, &looker.look());
    let new = |wanted: &str| {
        let of_table = |change: &&Change| matches!(change, Change::Insert { table, .. } if table == wanted);
        made.iter().filter(of_table).count()
    };
    assert_eq!((new("wp_users"), new("wp_usermeta"), made.len()), (1, 14, 16), "{faults:?}: {made:?}");
    assert!(app.is_valid(answer.json()["cookie"].as_str().expect("a cookie")), "{faults:?}");
    assert_eq!(app.take_mails().len(), 2, "{faults:?}");
    let count =
        server.query(&database, "SELECT option_value FROM wp_options WHERE option_name = 'user_count'");
    assert_eq!(count, [["13"]], "{faults:?}");
    let again = app.call("user/register", &form).json();
    assert_eq!(again, json!({"status": "error", "error": "Username already exists."}));
}

#[test]
fn a_commit_that_the_cluster_vetoes_is_done_again() {
    // Galera's, Group Replication's.
    with(&[Fault::Veto(1213)]);
    with(&[Fault::Veto(3101), Fault::Veto(3101), Fault::Veto(1213)]);
}

#[test]
fn a_commit_that_never_arrived_is_done_again() {
    with(&[Fault::LostBefore]);
}

#[test]
fn a_commit_that_was_not_heard_of_is_not_done_twice() {
    with(&[Fault::LostAfter]);
    with(&[Fault::Veto(1213), Fault::LostAfter]);
}

#[test]
fn an_error_that_is_no_veto_is_told() {
    let server = Server::mariadb();
    let armed = Armed::default();
    let (app, database) = service(server, &armed);
    let nonce = app.nonce("register");
    armed.lock().expect("the list").push(Fault::Veto(1180));
    let form =
        [("username", "ann"), ("email", "ann@example.net"), ("nonce", nonce.as_str()), ("user_pass", "p")];
    let answer = app.call("user/register", &form);
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert_eq!(server.query(&database, "SELECT COUNT(*) FROM wp_users WHERE user_login = 'ann'"), [["0"]]);
    assert!(app.take_mails().is_empty());
}
