//! What is counted of the database: connections, who waits for one, statements, errors.

use super::{assert_figures, begin};
use crate::calls::{call, login, nonce, register, wait_until};
use crate::http::Request;
use crate::process::{Service, Setup};
use crate::server::Server;
use crate::wire::{HangUp, Wire};

#[test]
fn the_pool_shows_what_is_in_use_who_waits_and_what_was_done_again() {
    let server = Server::mariadb();
    let (service, database) = Service::recorded(server, |setup| setup.set("database.max_connections", "2"));
    let given = nonce(service.address);
    assert_figures(&service, &[("database_connections_max", 2.0), ("database_connections_waiting", 0.0)]);
    let held =
        server.hold(&database, "BEGIN; SELECT * FROM wp_options WHERE option_name = 'user_count' FOR UPDATE");
    let mut wires: Vec<Wire> =
        ["one", "two", "three"].map(|name| begin(&service, &register(name, &given))).into();
    wait_until("both are in use and others wait", || {
        let text = service.figures();
        // The third waits, and now and then the service itself, which reads the site.
        ["{state=\"used\"} 2\n", "{state=\"idle\"} 0\n"].iter().all(|state| text.contains(state))
            && !text.contains("wp_sidecar_database_connections_waiting 0\n")
    });
    drop(held);
    for wire in &mut wires {
        assert_eq!(wire.answer().expect("an answer").status, 200);
    }
    wait_until("nobody waits", || service.figure("wp_sidecar_database_connections_waiting") == Some(0.0));
    let statements = service.figure("wp_sidecar_database_statement_seconds_count").expect("a figure");
    assert!(statements > 20.0, "{statements}");
    let connections = service.figure("wp_sidecar_database_connections_opened_total").expect("a figure");
    assert!(connections >= 2.0, "{connections}");
}

#[test]
fn a_database_that_refuses_the_password_is_away_until_it_takes_it_again() {
    let server = Server::mariadb();
    let database = server.database_from(&crate::app::dump("6.8"));
    let account = format!("{database}_app");
    let password = |password: &str| {
        server.exec("", &format!("ALTER USER '{account}'@'%' IDENTIFIED BY '{password}'"));
    };
    server.exec(
        "",
        &format!(
            "CREATE USER '{account}'@'%' IDENTIFIED BY 'old-1'; GRANT ALL ON {database}.* TO '{account}'@'%'"
        ),
    );
    let url = format!("mysql://{account}:old-1@{}:{}/{database}", server.host(), server.port());
    let service = Setup::on(&url).start();
    assert_figures(&service, &[("database_up", 1.0)]);
    let ask = || service.get("/api/user/get_userinfo/?insecure=cool&user_id=3").status;
    password("new-2");
    server.exec("", &format!("KILL USER '{account}'@'%'"));
    wait_until("the account is refused", || {
        ask() == 503 && service.figure("wp_sidecar_database_up") == Some(0.0)
    });
    password("old-1");
    wait_until("it is let in", || ask() == 200);
    assert_figures(&service, &[("database_up", 1.0)]);

    // Some of its connections are in use, and others are not to be had.
    let locked = server.hold(&database, "LOCK TABLES wp_users WRITE");
    password("new-3");
    let mut wires = Vec::new();
    wait_until("it asks for one more", || {
        wires.push(begin(&service, &Request::get("/api/user/get_userinfo/?insecure=cool&user_id=3")));
        service.figure("wp_sidecar_database_up") == Some(0.0)
    });
    password("old-1");
    drop(locked);
    // Those that are open suffice for what comes now.
    wait_until("it is let in again", || {
        assert_eq!(ask(), 200);
        service.figure("wp_sidecar_database_up") == Some(1.0)
    });
}

#[test]
fn who_hangs_up_while_he_waits_for_the_database_counts_in_its_times() {
    let server = Server::mariadb();
    let (service, database) = Service::recorded(server, |setup| {
        setup.set("database.max_connections", "2").set("database.statement_seconds", "600")
    });
    let count = |name: &str| service.figure(&format!("wp_sidecar_database_{name}_count")).expect("a figure");
    // What the service reads for itself would count as well.
    let locked = server.hold(&database, "LOCK TABLES wp_options WRITE, wp_users WRITE, wp_usermeta WRITE");
    let (statements, waits) = (count("statement_seconds"), count("connection_wait_seconds"));
    let begin = || begin(&service, &Request::get("/api/user/get_userinfo/?insecure=cool&user_id=3"));
    let mut callers: Vec<Wire> = (0..2).map(|_| begin()).collect();
    wait_until("all connections are in use", || {
        service.figure("wp_sidecar_database_connections{state=\"used\"}") == Some(2.0)
    });
    callers.extend((0..3).map(|_| begin()));
    wait_until("others wait", || service.figure("wp_sidecar_database_connections_waiting") >= Some(3.0));
    for caller in callers {
        caller.hang_up(HangUp::Close);
    }
    wait_until("they are gone", || service.figure("wp_sidecar_http_requests_running") == Some(0.0));
    assert!(count("statement_seconds") > statements, "{}", service.figures());
    // The service itself may have been one of the five who had a connection or waited.
    assert!(count("connection_wait_seconds") >= waits + 4.0, "{}", service.figures());
    drop(locked);
}

#[test]
fn a_deadlock_counts_as_a_conflict_that_was_done_again_and_a_missing_table_as_refused() {
    let server = Server::mariadb();
    let (service, database) = Service::recorded(server, |setup| setup.set("database.statement_seconds", "2"));
    let cookie = crate::calls::cookie(&service.send(&login("john", "john Pass 3")));
    let form = [("cookie", cookie.as_str()), ("meta_key", "color"), ("meta_value", "green")];
    let row = server.hold(&database, "BEGIN; SELECT * FROM wp_users WHERE user_login = 'john' FOR UPDATE");
    let mut wire = begin(&service, &call("user/update_user_meta", &form));
    wait_until("the lock's wait timed out", || {
        service.figure("wp_sidecar_database_retries_total") >= Some(1.0)
    });
    drop(row);
    assert_eq!(wire.answer().expect("an answer").status, 200);
    let conflicts = service.figure("wp_sidecar_database_errors_total{kind=\"conflict\"}");
    assert_eq!(conflicts, service.figure("wp_sidecar_database_retries_total"));
    server.exec(&database, "RENAME TABLE wp_usermeta TO elsewhere");
    assert_eq!(service.send(&call("user/get_user_meta", &form)).status, 503);
    assert!(service.figure("wp_sidecar_database_errors_total{kind=\"refused\"}") >= Some(1.0));
    assert_figures(&service, &[("database_up", 1.0)]);
}
