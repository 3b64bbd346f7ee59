//! Private database servers for the tests: one of each kind per test process, started on first use.
//!
//! Not here: what is in the databases. Statements go through the `mariadb` command line client, so
//! that a test's own view of the database does not depend on the driver under test.

#![allow(
    dead_code,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "shared by several test crates, each using a part; a failure here is a failed test"
)]

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU16, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

#[path = "own_server.rs"]
mod own_server;

/// The account that may do everything on a private server, over TCP and over the socket.
const USER: &str = "sidecar";
const PASSWORD: &str = "side-car-1";

/// How long a server may take to answer. A second is usual; a busy CI machine gets more.
const START_LIMIT: Duration = Duration::from_secs(90);

/// Ends the server and removes its folder when the test process is gone, however it went: the shell
/// waits for the end of its standard input, whose other end only the test process holds. A line from
/// there starts a server that has ended once more.
const WATCHDOG: &str = r#"
    folder=$1; shift
    exec 3<&0
    again=yes
    while [ "$again" ]; do
        "$@" 3<&- </dev/null >>"$folder/log" 2>&1 &
        server=$!
        {
            if read -r _ <&3; then touch "$folder/again"; fi
            [ -e "$folder/exit" ] || kill -9 "$server"
        } 2>/dev/null &
        wait "$server"
        echo $? >"$folder/exit"
        wait
        again=
        if [ -e "$folder/again" ]; then again=yes; rm -f "$folder/again" "$folder/exit"; fi
    done
    rm -rf "$folder"
"#;

/// The same for the databases that the tests made on a server that is not ours.
const SWEEPER: &str = r#"
    prefix=$1; shift
    read -r _
    "$@" -N -e "SELECT schema_name FROM information_schema.schemata WHERE LEFT(schema_name, CHAR_LENGTH('$prefix')) = '$prefix'" |
        while read -r database; do "$@" -e "DROP DATABASE \`$database\`" </dev/null; done
"#;

/// A connection that holds what its statements locked.
pub struct Session {
    client: Child,
    statements: Option<ChildStdin>,
}

impl Drop for Session {
    fn drop(&mut self) {
        // The client ends with its input, and what was begun is rolled back.
        drop(self.statements.take());
        let _ = self.client.wait();
    }
}

/// A database server with an account that may do everything.
pub struct Server {
    name: &'static str,
    host: String,
    port: u16,
    user: String,
    password: String,
    /// What follows the database in [`Server::url`], `?` included.
    options: String,
    socket: Option<PathBuf>,
    /// Removed after the test process; `None` on a server that is not ours.
    folder: Option<PathBuf>,
    next_database: AtomicU32,
    /// Its standard input holds the server up; see [`WATCHDOG`].
    watchdog: Child,
}

impl Server {
    /// The MariaDB of this machine, in a temporary folder. With `TEST_DATABASE_URL` set
    /// (`mysql://user:password@host:port`), that server instead.
    pub fn mariadb() -> &'static Self {
        static SERVER: OnceLock<Server> = OnceLock::new();
        SERVER.get_or_init(|| match std::env::var("TEST_DATABASE_URL") {
            Ok(url) if !url.is_empty() => Self::external(&url),
            _ => Self::start("MariaDB", &mariadb_command),
        })
    }

    /// A genuine MySQL 9 with its strict default modes; the account uses caching_sha2_password.
    /// `script/fetch` puts it into the cache folder.
    pub fn mysql97() -> &'static Self {
        static SERVER: OnceLock<Server> = OnceLock::new();
        SERVER.get_or_init(|| Self::start("MySQL", &mysql_command))
    }

    /// For messages: which server this is.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// `mysql://user:password@host:port/db`, over TCP.
    pub fn url(&self, db: &str) -> String {
        format!(
            "mysql://{}:{}@{}:{}/{db}{}",
            percent_encode(&self.user),
            percent_encode(&self.password),
            self.host,
            self.port,
            self.options
        )
    }

    /// The unix socket of a private server.
    pub fn socket(&self) -> Option<&Path> {
        self.socket.as_deref()
    }

    /// A folder for what all tests of this process share; `None` on a server that is not ours.
    pub fn scratch(&self, name: &str) -> Option<PathBuf> {
        let folder = self.folder.as_ref()?.join(name);
        fs::create_dir_all(&folder).expect("a writable temporary folder");
        Some(folder)
    }

    /// A temporary folder, within the server's own so that it goes even when the test process is killed.
    pub fn temporary_folder(&self) -> TempDir {
        let mut folder = tempfile::Builder::new();
        folder.prefix("wp-sidecar-test-");
        match &self.folder {
            Some(parent) => folder.tempdir_in(parent),
            None => folder.tempdir(),
        }
        .expect("a temporary folder")
    }

    /// The host, as a URL has it.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The TCP port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The account's name.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The account's password.
    pub fn password(&self) -> &str {
        &self.password
    }

    /// `SELECT VERSION()`.
    pub fn version(&self) -> String {
        self.query("", "SELECT VERSION()")[0][0].clone()
    }

    /// An empty database of its own for a test. It goes when the test process ends.
    pub fn create_database(&self) -> String {
        let number = self.next_database.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}{number}", database_prefix());
        self.exec(
            "",
            &format!("CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci"),
        );
        name
    }

    /// A database of its own with a dump loaded (about 50 ms on MariaDB, 170 ms on MySQL).
    pub fn database_from(&self, dump: &Path) -> String {
        let name = self.create_database();
        self.load_sql(&name, dump);
        name
    }

    /// Runs a file of statements.
    #[track_caller]
    pub fn load_sql(&self, db: &str, path: &Path) {
        let file = File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        self.run(db, file.into(), &path.display().to_string());
    }

    /// Runs statements and drops their results.
    #[track_caller]
    pub fn exec(&self, db: &str, sql: &str) {
        self.query(db, sql);
    }

    /// Runs statements and gives the rows of all of them as text; NULL comes as `NULL`.
    #[track_caller]
    pub fn query(&self, db: &str, sql: &str) -> Vec<Vec<String>> {
        // A file rather than a pipe: nothing has to feed it while the client writes its answer.
        let mut file = tempfile::tempfile().expect("a temporary file");
        std::io::Write::write_all(&mut file, sql.as_bytes()).expect("a writable temporary file");
        std::io::Seek::rewind(&mut file).expect("a temporary file");
        let output = self.run(db, file.into(), sql);
        output.lines().map(|line| line.split('\t').map(unescape).collect()).collect()
    }

    #[track_caller]
    fn run(&self, db: &str, statements: Stdio, what: &str) -> String {
        let output = self
            .client()
            .args(["--batch", "--skip-column-names", db])
            .stdin(statements)
            .output()
            .expect("the mariadb client runs; script/setup installs it");
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{} refused {what}: {complaint}", self.name);
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Runs statements on a connection that stays open, with what they lock, until the session is dropped.
    #[track_caller]
    pub fn hold(&self, db: &str, sql: &str) -> Session {
        let mut client = self
            .client()
            .args(["--batch", "--skip-column-names", "--unbuffered", db])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the mariadb client runs; script/setup installs it");
        let mut statements = client.stdin.take().expect("its input");
        writeln!(statements, "{sql}; SELECT 'held';").expect("the client reads");
        let mut answers = BufReader::new(client.stdout.take().expect("its output")).lines();
        let held = answers.by_ref().map_while(Result::ok).any(|line| line == "held");
        assert!(held, "{} refused {sql}", self.name);
        Session { client, statements: Some(statements) }
    }

    /// Waits until so many connections are in the middle of an UPDATE; with its row held, they wait for that.
    #[track_caller]
    pub fn wait_for_updates(&self, db: &str, count: usize) {
        // InnoDB's own tables are not read anew while somebody keeps reading them.
        let sql = format!(
            "SELECT COUNT(*) FROM information_schema.processlist \
             WHERE db = '{db}' AND command IN ('Query', 'Execute') AND info LIKE 'UPDATE%'"
        );
        let begun = Instant::now();
        while self.query("", &sql)[0][0] != count.to_string() {
            assert!(begun.elapsed() < START_LIMIT, "{count} connections never wait for a row");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The command line client with the account that may do everything.
    pub fn client(&self) -> Command {
        let mut client = Command::new("mariadb");
        client
            .args(["--no-defaults", "--default-character-set=utf8mb4"])
            .arg(format!("--user={}", self.user))
            .env("MYSQL_PWD", &self.password);
        match &self.socket {
            Some(socket) => client.arg("--socket").arg(socket),
            None => client
                .arg(format!("--host={}", self.host.trim_matches(['[', ']'])))
                .arg(format!("--port={}", self.port))
                .arg("--protocol=tcp"),
        };
        client
    }

    fn start(name: &'static str, command: &dyn Fn(&Path) -> Vec<OsString>) -> Self {
        // Another process may take the port between our asking for it and the server's.
        for _ in 0..3 {
            if let Some(server) = Self::try_start(name, command) {
                return server;
            }
        }
        panic!("{name} found no port for itself");
    }

    /// `None` when the port was taken meanwhile.
    fn try_start(name: &'static str, command: &dyn Fn(&Path) -> Vec<OsString>) -> Option<Self> {
        let guard =
            tempfile::Builder::new().prefix("wp-sidecar-test-").tempdir().expect("a temporary folder");
        let folder = guard.path().to_owned();
        let port = free_port();
        let socket = folder.join("s.sock");
        let mut arguments = command(&folder);
        arguments.extend([
            format!("--port={port}").into(),
            "--bind-address=127.0.0.1".into(),
            option("--socket=", &socket),
            option("--pid-file=", &folder.join("pid")),
        ]);

        let watchdog = shell(WATCHDOG).arg(&folder).args(&arguments).spawn().expect("sh runs");
        // From here on the watchdog removes it.
        let _ = guard.keep();
        let server = Self {
            name,
            host: Ipv4Addr::LOCALHOST.to_string(),
            port,
            user: USER.into(),
            password: PASSWORD.into(),
            options: String::new(),
            socket: Some(socket),
            folder: Some(folder.clone()),
            next_database: AtomicU32::new(0),
            watchdog,
        };

        server.wait_until_it_answers(&folder).then_some(server)
    }

    /// False when another process has its port.
    #[track_caller]
    fn wait_until_it_answers(&self, folder: &Path) -> bool {
        let begun = Instant::now();
        while !self.answers() {
            let log = || fs::read_to_string(folder.join("log")).unwrap_or_default();
            if folder.join("exit").exists() {
                let log = log();
                // MariaDB's and MySQL's words.
                if log.contains("already in use") || log.contains("Do you already have another") {
                    return false;
                }
                panic!("{} did not start:\n{log}", self.name);
            }
            assert!(begun.elapsed() < START_LIMIT, "{} does not answer:\n{}", self.name, log());
            std::thread::sleep(Duration::from_millis(20));
        }
        true
    }

    fn answers(&self) -> bool {
        self.socket.as_ref().is_some_and(|socket| socket.exists())
            && self
                .client()
                .args(["-e", "SELECT 1"])
                .stdin(Stdio::null())
                .output()
                .is_ok_and(|output| output.status.success())
    }

    fn external(url: &str) -> Self {
        let parsed = ExternalUrl::parse(url)
            .unwrap_or_else(|| panic!("TEST_DATABASE_URL must read mysql://user:password@host:port"));
        let mut server = Self {
            name: "the server of TEST_DATABASE_URL",
            host: parsed.host,
            port: parsed.port,
            user: parsed.user,
            password: parsed.password,
            options: parsed.options,
            socket: None,
            folder: None,
            next_database: AtomicU32::new(0),
            watchdog: shell("read -r _").spawn().expect("sh runs"),
        };
        server.exec("", "SELECT 1");
        let client = server.client();
        server.watchdog = shell(SWEEPER)
            .arg(database_prefix())
            .arg(client.get_program())
            .args(client.get_args())
            .env("MYSQL_PWD", &server.password)
            .spawn()
            .expect("sh runs");
        server
    }
}

/// A loopback port that is free now and stays so while nobody listens there: below those that the system gives to
/// whoever connects.
pub fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        // Test processes side by side begin at places of their own.
        let number = std::process::id().wrapping_mul(6151).wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = 15_000 + u16::try_from(number % 15_000).expect("below 15,000");
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}

/// Where the genuine servers lie that `script/fetch` fetched.
#[track_caller]
pub fn cached(what: &str) -> PathBuf {
    let cache = std::env::var_os("WP_SIDECAR_TEST_CACHE")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join(".cache"), PathBuf::from);
    let path = cache.join(what);
    assert!(path.exists(), "{} is missing: script/fetch gets it", path.display());
    path
}

fn mariadb_command(folder: &Path) -> Vec<OsString> {
    let data = folder.join("data");
    // A server that starts clears its folder of temporary tables; in /tmp those of its neighbours are there too, and
    // a neighbour that misses one dies of it.
    let temporary = folder.join("tmp");
    fs::create_dir(&temporary).expect("a writable temporary folder");
    let mut install = Command::new("mariadb-install-db");
    install
        .args([
            "--no-defaults",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            // Otherwise it gives up where this machine's own name cannot be looked up.
            "--force",
            "--innodb-log-file-size=16M",
        ])
        .arg(option("--datadir=", &data))
        .arg(option("--tmpdir=", &temporary))
        .args(as_root(folder))
        .stdin(Stdio::null());
    let output = install.output().expect("mariadb-install-db runs; script/setup installs it");
    assert!(
        output.status.success(),
        "mariadb-install-db: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    // Two accounts: with a bare '%' the anonymous one of localhost, where there is one, goes first.
    let init = folder.join("init.sql");
    let accounts = ["%", "localhost"].map(|host| {
        format!(
            "CREATE USER IF NOT EXISTS '{USER}'@'{host}' IDENTIFIED BY '{PASSWORD}';\n\
             GRANT ALL ON *.* TO '{USER}'@'{host}' WITH GRANT OPTION;\n"
        )
    });
    fs::write(&init, accounts.concat()).expect("a writable temporary folder");

    let mut command = vec![
        program("mariadbd").into(),
        "--no-defaults".into(),
        option("--datadir=", &data),
        option("--tmpdir=", &temporary),
        option("--init-file=", &init),
        "--character-set-server=utf8mb4".into(),
        "--innodb-log-file-size=16M".into(),
    ];
    command.extend(SMALL_AND_QUICK.map(OsString::from));
    command.extend(as_root(folder));
    command
}

/// The server runs under the loader and libraries that were fetched with it.
fn mysql_command(folder: &Path) -> Vec<OsString> {
    let mysql = cached("mysql");
    let data = folder.join("data");
    // Preparing a data folder takes MySQL two seconds, a copy of a prepared one a tenth of one.
    let copied = Command::new("cp")
        .args(["-R", "--reflink=auto"])
        .args([&mysql.join("data"), &data])
        .status()
        .expect("cp runs");
    assert!(copied.success(), "could not copy MySQL's data folder");
    let mut command = vec![
        mysql.join("loader").into(),
        "--library-path".into(),
        mysql.join("lib").into(),
        mysql.join("sbin/mysqld").into(),
        "--no-defaults".into(),
        option("--basedir=", &mysql),
        option("--datadir=", &data),
        "--secure-file-priv=NULL".into(),
        "--mysqlx=OFF".into(),
        "--innodb-redo-log-capacity=16M".into(),
    ];
    command.extend(SMALL_AND_QUICK.map(OsString::from));
    command.extend(as_root(folder));
    command
}

/// What both kinds of server are told. Nothing here has to survive a power cut.
const SMALL_AND_QUICK: [&str; 8] = [
    "--skip-log-bin",
    "--skip-name-resolve",
    "--max-connections=300",
    "--performance-schema=OFF",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-flush-method=nosync",
    "--innodb-doublewrite=OFF",
    "--innodb-buffer-pool-size=64M",
];

/// The servers refuse to run as root unless they are told to.
fn as_root(folder: &Path) -> Option<OsString> {
    let owner = fs::metadata(folder).expect("the temporary folder").uid();
    (owner == 0).then(|| "--user=root".into())
}

/// Debian keeps servers in sbin, which is not on everybody's path.
fn program(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/local/sbin", "/usr/sbin", "/usr/libexec"].map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
        .unwrap_or_else(|| panic!("{name} is missing: script/setup installs it"))
}

fn option(name: &str, path: &Path) -> OsString {
    let mut option = OsString::from(name);
    option.push(path);
    option
}

/// A shell that lives as long as this process, out of reach of a Ctrl-C at the terminal, and holds
/// none of our output pipes open.
fn shell(script: &str) -> Command {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", script, "watchdog"])
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    shell
}

fn database_prefix() -> String {
    format!("wp_sidecar_test_{}_", std::process::id())
}

/// Undoes what the client's batch mode does to a value.
fn unescape(field: &str) -> String {
    let mut text = String::with_capacity(field.len());
    let mut characters = field.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            text.push(character);
            continue;
        }
        match characters.next() {
            Some('n') => text.push('\n'),
            Some('t') => text.push('\t'),
            Some('0') => text.push('\0'),
            Some(other) => text.push(other),
            None => text.push('\\'),
        }
    }
    text
}

/// What `TEST_DATABASE_URL` says.
#[derive(Debug, PartialEq)]
pub struct ExternalUrl {
    pub user: String,
    pub password: String,
    /// As the URL has it: an IPv6 address in brackets.
    pub host: String,
    /// 3306 unless given.
    pub port: u16,
    /// `?` and what follows, or nothing.
    pub options: String,
}

impl ExternalUrl {
    /// `None` unless it reads `mysql://user:password@host:port`; a database after it is passed over.
    pub fn parse(url: &str) -> Option<Self> {
        let rest = url.strip_prefix("mysql://").or_else(|| url.strip_prefix("mariadb://"))?;
        let (rest, options) = match rest.split_once('?') {
            Some((rest, options)) => (rest, format!("?{options}")),
            None => (rest, String::new()),
        };
        let (authority, _) = rest.split_once('/').unwrap_or((rest, ""));
        let (account, place) = authority.rsplit_once('@')?;
        let (user, password) = account.split_once(':').unwrap_or((account, ""));
        let (host, port) = match place.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
            _ => (place, 3306),
        };
        (!host.is_empty()).then_some(())?;
        Some(Self {
            user: percent_decode(user)?,
            password: percent_decode(password)?,
            host: host.into(),
            port,
            options,
        })
    }
}

fn percent_encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next()?, rest.next()?];
        bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
    }
    String::from_utf8(bytes).ok()
}

/// An address that no other process takes: each has a part of the loopback network of its own, by its number.
pub fn own_address() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(20_000);
    let [_, high, middle, low] = std::process::id().to_be_bytes();
    ([127, 64 + high, middle, low], NEXT.fetch_add(1, Ordering::Relaxed)).into()
}
