//! The service locks nothing that a WordPress would have to wait for, or that it would have to wait for: two who wait
//! for each other are a deadlock, and WordPress does not do again what a deadlock undid.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::app::{Setup, dump};
use crate::process::call;
use crate::seed::alone;
use crate::server::Server;

/// Another client that holds a lock until this is dropped.
struct Holder(Child);

impl Holder {
    /// Locks the list of sessions, as WordPress does for the time of its update.
    fn new(server: &'static Server, database: &str, user_id: u64) -> Self {
        let sql = format!(
            "BEGIN; UPDATE wp_usermeta SET meta_value = 'held' WHERE umeta_id = \
             (SELECT * FROM (SELECT umeta_id FROM wp_usermeta WHERE user_id = {user_id} \
             AND meta_key = 'session_tokens') one); SELECT SLEEP(100)"
        );
        let client = Command::new("mariadb")
            .args(["--no-defaults", "--skip-ssl-verify-server-cert", "--protocol=tcp", "-e", &sql, database])
            .arg(format!("--host={}", server.host()))
            .arg(format!("--port={}", server.port()))
            .arg(format!("--user={}", server.user()))
            .env("MYSQL_PWD", server.password())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("the mariadb client runs");
        let holder = Self(client);
        // It sleeps when it has the lock.
        let held = format!(
            "SELECT COUNT(*) FROM information_schema.processlist \
             WHERE db = '{database}' AND info LIKE 'SELECT SLEEP%'"
        );
        let begun = Instant::now();
        while server.query("", &held) != [["1"]] {
            assert!(begun.elapsed() < Duration::from_mins(1), "the other client holds no lock");
            std::thread::sleep(Duration::from_millis(5));
        }
        holder
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_key_is_written_while_another_key_of_the_user_is_locked() {
    let _alone = alone();
    for server in [Server::mariadb(), Server::mysql97()] {
        let database = server.database_from(&dump("6.1"));
        server.exec("", "SET GLOBAL innodb_lock_wait_timeout = 1");
        let setup = Setup::on(&server.url(&database)).set("wordpress.version", "6.1");
        let app = setup.start();
        let cookie = app.cookie("john", "john Pass 3");
        let write = |value: &str| {
            let form = [("cookie", cookie.as_str()), ("meta_key", "nickname"), ("meta_value", value)];
            call(app.address, "user/update_user_meta", &form)
        };
        assert_eq!(write("one")["updated"], true);
        let id = server.query(&database, "SELECT ID FROM wp_users WHERE user_login = 'john'")[0][0].clone();
        let holder = Holder::new(server, &database, id.parse().expect("an id"));
        assert_eq!(write("two")["updated"], true, "on {}", server.name());
        drop(holder);
        server.exec("", "SET GLOBAL innodb_lock_wait_timeout = 50");
    }
}
