//! A registration whose COMMIT goes wrong: vetoed by a cluster, or unheard of because the connection broke.
//!
//! A proxy before the database does to one COMMIT what a cluster or a cable would.

use serde_json::json;

use crate::app::{Setup, TestApp, dump};
use crate::proxy::{Fault, Proxy, Trigger};
use crate::rows::{Change, Looker, changes};
use crate::server::Server;

fn service(server: &'static Server) -> (TestApp, Proxy, String) {
    let database = server.database_from(&dump("6.8"));
    let proxy = Proxy::before(server.host(), server.port());
    let url = format!(
        "mysql://{}:{}@127.0.0.1:{}/{database}?ssl-mode=disabled",
        server.user(),
        server.password(),
        proxy.port()
    );
    (Setup::on(&url).set("wordpress.version", "6.8").keep_mails().start(), proxy, database)
}

/// Registers with these faults in the way of its commits, the first first.
#[track_caller]
fn with(faults: &[Fault]) {
    let server = Server::mariadb();
    let (app, proxy, database) = service(server);
    let looker = Looker::new(server, &database);
    let before = looker.look();
    let nonce = app.nonce("register");
    for fault in faults {
        proxy.arm(Trigger::Text("COMMIT"), *fault);
    }
    let form = [
        ("username", "ann"),
        ("email", "ann@example.net"),
        ("nonce", nonce.as_str()),
        ("user_pass", "p"),
        ("notify", "both"),
    ];
    let answer = app.call("user/register", &form);
    assert_eq!(answer.status, 200, "{faults:?}: {}", answer.text());
    assert_eq!(proxy.disarm(), 0, "{faults:?}");
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
    let (app, proxy, database) = service(server);
    let nonce = app.nonce("register");
    proxy.arm(Trigger::Text("COMMIT"), Fault::Veto(1180));
    let form =
        [("username", "ann"), ("email", "ann@example.net"), ("nonce", nonce.as_str()), ("user_pass", "p")];
    let answer = app.call("user/register", &form);
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert_eq!(server.query(&database, "SELECT COUNT(*) FROM wp_users WHERE user_login = 'ann'"), [["0"]]);
    assert!(app.take_mails().is_empty());
}
