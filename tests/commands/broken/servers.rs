//! The database server: whether it answers, what it is, and its clock.

use super::{closed_port, found, site};
use crate::beside::Beside;
use crate::server::Server;

#[test]
fn a_database_that_is_away() {
    let done = site().constant("DB_HOST", Some(&format!("'127.0.0.1:{}'", closed_port()))).check();
    found(&done, "failed", "database", &["Connection refused", "127.0.0.1:", "is the server running"]);
    // What needs no database is looked at all the same.
    found(&done, "ok", "mail", &[]);
    found(&done, "ok", "object-cache", &[]);
}

#[test]
fn a_database_that_is_not_there() {
    let done = site().constant("DB_NAME", Some("'nowhere'")).check();
    found(&done, "failed", "database", &["nowhere", "compare DB_NAME"]);
}

#[test]
fn a_clock_that_is_wrong_and_a_server_that_takes_no_writes() {
    let server: &'static Server = Box::leak(Box::new(Server::own_mariadb(&["--skip-ssl"])));
    let site =
        Beside::recorded(server).account(&["GRANT SELECT, INSERT, UPDATE, DELETE ON `{db}`.* TO {account}"]);
    for (shift, status, text) in [
        ("+ 100", "warning", "seconds ahead of the service's"),
        ("- 4000", "failed", "seconds behind the service's"),
    ] {
        server.exec("", &format!("SET GLOBAL init_connect = 'SET timestamp = UNIX_TIMESTAMP() {shift}'"));
        found(&site.check(), status, "clock", &[text, "NTP"]);
    }
    server.exec("", "SET GLOBAL init_connect = ''; SET GLOBAL read_only = 1");
    found(&site.check(), "failed", "database", &["it takes no writes (read_only is on)", "replica"]);
    // An account that may do everything writes all the same.
    let all = Beside::recorded(server);
    found(
        &all.check(),
        "warning",
        "database",
        &["read_only is on, and this account may write all the same", "replica"],
    );
    let by_name = Beside::recorded(server)
        .account(&["GRANT READ ONLY ADMIN ON *.* TO {account}", "GRANT SELECT ON `{db}`.* TO {account}"]);
    found(&by_name.check(), "warning", "database", &["this account may write all the same"]);
    // Without a certificate there is no TLS.
    let url = format!("{}?ssl-mode=required", all.server.url(&all.database));
    let done = all.set("database.url", &url).check();
    found(
        &done,
        "failed",
        "database",
        &["server does not support TLS", "turn TLS on in the server, or drop ssl-mode"],
    );
}

#[test]
fn a_mysql_that_takes_no_writes_takes_those_of_administrators_unless_it_refuses_them_too() {
    let server: &'static Server = Box::leak(Box::new(Server::own_mysql97(&[])));
    let all = Beside::recorded(server);
    let site =
        Beside::recorded(server).account(&["GRANT SELECT, INSERT, UPDATE, DELETE ON `{db}`.* TO {account}"]);
    server.exec("", "SET GLOBAL read_only = 1");
    found(&all.check(), "warning", "database", &["this account may write all the same"]);
    found(&site.check(), "failed", "database", &["it takes no writes"]);
    server.exec("", "SET GLOBAL super_read_only = 1");
    found(&all.check(), "failed", "database", &["it takes no writes"]);
}
