//! Another client of the database, which keeps its connection, its transaction and its locks.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use crate::server::Server;

/// A connection of the command line client; it ends when this is dropped, and at an error.
pub struct Session {
    client: Child,
    statements: ChildStdin,
    rows: BufReader<ChildStdout>,
}

impl Session {
    /// Connects to a database of that server.
    #[track_caller]
    pub fn open(server: &Server, database: &str) -> Self {
        let mut client = server
            .client()
            .args(["--batch", "--skip-column-names", "--unbuffered", "--skip-reconnect", database])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the mariadb client runs; script/setup installs it");
        let statements = client.stdin.take().expect("its input");
        let rows = BufReader::new(client.stdout.take().expect("its output"));
        Self { client, statements, rows }
    }

    /// Sends statements without waiting for them.
    #[track_caller]
    pub fn send(&mut self, statements: &str) {
        writeln!(self.statements, "{statements}; SELECT '-- done --';").expect("the client reads");
    }

    /// Waits for the statements of the last [`Self::send`] and gives their rows.
    #[track_caller]
    pub fn wait(&mut self) -> Vec<String> {
        let mut rows = Vec::new();
        loop {
            let mut row = String::new();
            assert!(self.rows.read_line(&mut row).expect("text") > 0, "the client ended");
            match row.trim_end() {
                "-- done --" => return rows,
                row => rows.push(row.to_owned()),
            }
        }
    }

    /// Runs statements and gives their rows.
    #[track_caller]
    pub fn run(&mut self, statements: &str) -> Vec<String> {
        self.send(statements);
        self.wait()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.client.kill();
        let _ = self.client.wait();
    }
}
