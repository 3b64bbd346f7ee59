//! A server of a test's own, to be stopped, killed, paused and started again on its port and data; it goes when it is
//! dropped.

use std::fs;
use std::io::Write as _;
use std::process::Command;
use std::time::Instant;

use super::{START_LIMIT, Server, mariadb_command, mysql_command};

/// Over [`super::SMALL_AND_QUICK`]: what was committed survives a kill.
const SURVIVES_KILLS: [&str; 2] = ["--innodb-flush-log-at-trx-commit=2", "--innodb-doublewrite=ON"];

impl Server {
    /// A MariaDB with further options.
    pub fn own_mariadb(options: &[&str]) -> Self {
        Self::start("MariaDB", &|folder| {
            let mut command = mariadb_command(folder);
            command.extend(SURVIVES_KILLS.iter().chain(options).map(Into::into));
            command
        })
    }

    /// A MySQL 9 with further options.
    pub fn own_mysql97(options: &[&str]) -> Self {
        Self::start("MySQL", &|folder| {
            let mut command = mysql_command(folder);
            command.extend(SURVIVES_KILLS.iter().chain(options).map(Into::into));
            command
        })
    }

    /// Sends the process a signal: `STOP`, `CONT`.
    #[track_caller]
    pub fn signal(&self, signal: &str) {
        let folder = self.folder.as_ref().expect("a server of our own");
        let id = fs::read_to_string(folder.join("pid")).expect("its process id");
        let sent = Command::new("kill").args([&format!("-{signal}"), id.trim()]).status();
        assert!(sent.expect("kill runs").success(), "{signal} to {id}");
    }

    /// Ends the process by `TERM` or `KILL` and waits until it is gone.
    #[track_caller]
    pub fn end(&self, signal: &str) {
        self.signal(signal);
        let folder = self.folder.as_ref().expect("a server of our own");
        let begun = Instant::now();
        while !folder.join("exit").exists() {
            assert!(begun.elapsed() < START_LIMIT, "{} does not end", self.name);
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }

    /// Starts the ended process again, and waits until it answers.
    #[track_caller]
    pub fn start_again(&self) {
        let folder = self.folder.as_ref().expect("a server of our own");
        let mut watchdog = self.watchdog.stdin.as_ref().expect("its standard input");
        let begun = Instant::now();
        watchdog.write_all(b"again\n").expect("the watchdog reads");
        while folder.join("exit").exists() {
            assert!(begun.elapsed() < START_LIMIT, "{} does not start again", self.name);
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        assert!(self.wait_until_it_answers(folder), "{} has lost its port", self.name);
    }

    /// Copies a database into one of the same name on another server.
    #[track_caller]
    pub fn copy_to(&self, other: &Self, db: &str) {
        let client = self.client();
        let mut dump = Command::new("mariadb-dump");
        dump.args(client.get_args()).arg(db);
        dump.envs(client.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let output = dump.output().expect("mariadb-dump runs; script/setup installs it");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let folder = self.temporary_folder();
        let file = folder.path().join("dump.sql");
        fs::write(&file, output.stdout).expect("a writable temporary folder");
        other.load_sql(db, &file);
    }
}
