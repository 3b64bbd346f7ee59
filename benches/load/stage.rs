//! What is measured: a database server with a WordPress site on it, the service, and the floor.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::http::Request;
use crate::server::Server;
use crate::users;
use crate::wordpress::RealWordPress;
use crate::wrk::Load;

/// The user who asks: its login, password and number.
pub const USER: (&str, &str, u64) = ("john", "john Pass 3", 3);

/// Users beside the recorded ones, so that the server plans its statements as on a real site.
const USERS: u64 = 1_000;

/// Connections to the database, the service's default.
pub const DATABASE_CONNECTIONS: u32 = 10;

/// The endpoints that read, each with what is asked behind `insecure=cool`.
pub const READING: [&str; 5] =
    ["validate_auth_cookie", "get_currentuserinfo", "get_userinfo", "get_user_meta", "xprofile"];

/// How long a program may take to answer.
const START_LIMIT: Duration = Duration::from_mins(1);

/// All of it.
pub struct Stage {
    pub server: &'static Server,
    pub wordpress: RealWordPress,
    pub service: Program,
    pub cookie: String,
}

impl Stage {
    /// A MariaDB with the tables of a recorded site and some more users, and the service beside that site's WordPress.
    pub fn new(buffer_pool: &str) -> Self {
        let pool = format!("--innodb-buffer-pool-size={buffer_pool}");
        let server: &'static Server = Box::leak(Box::new(Server::own_mariadb(&[&pool])));
        let dump = project("fixtures/sql/wordpress-6.8.8-buddypress-14.5.2.sql");
        let wordpress = RealWordPress::from_dump("trixie", server, &dump);
        users::add(&wordpress, USERS, "*");
        let service = Program::service(wordpress.path(), &[]);
        let (login, password, _) = USER;
        let cookie = service.cookie(login, password);
        Self { server, wordpress, service, cookie }
    }

    /// The floor over one of its pools.
    pub fn floor(&self, pool: &str) -> Program {
        let (login, _, id) = USER;
        let mut command = Command::new(built("examples/floor"));
        command.args(["--pool", pool, "--login", login, "--user-id", &id.to_string()]);
        command.args(["--connections", &DATABASE_CONNECTIONS.to_string()]);
        command.args(["--database-url", &self.wordpress.database_url()]);
        Program::start(command, "/api/user/validate_auth_cookie/")
    }

    /// The path of a reading endpoint, with all that it takes.
    pub fn path(&self, method: &str) -> String {
        path(method, &self.cookie, USER.2)
    }

    /// Asks a program again and again.
    pub fn load(&self, program: &Program, method: &str, connections: usize, time: Duration) -> Load {
        Load {
            to: format!("http://{}", program.address),
            requests: vec![self.path(method)],
            headers: Vec::new(),
            connections,
            time,
        }
    }

    /// Processor time that the database server has used, in seconds.
    pub fn server_seconds(&self) -> f64 {
        let file = self.server.query("", "SELECT @@pid_file");
        let text = fs::read_to_string(&file[0][0]).expect("the server's process id");
        processor_seconds(text.trim().parse().expect("a number"))
    }
}

/// The path of a reading endpoint.
pub fn path(method: &str, cookie: &str, user: u64) -> String {
    let cookie = serde_urlencoded::to_string([("cookie", cookie)]).expect("a text");
    let more = match method {
        "get_userinfo" => format!("user_id={user}"),
        "xprofile" => format!("user_id={user}&field=Name,Bio,Location&{cookie}"),
        _ => cookie,
    };
    format!("/api/user/{method}/?insecure=cool&{more}")
}

/// A program that serves HTTP; killed when this is dropped.
pub struct Program {
    child: Child,
    pub address: SocketAddr,
    /// From the start of the program to its first good answer.
    pub started_in: Duration,
}

impl Program {
    /// The service beside a site, with its default settings but for mails.
    pub fn service(wordpress: &Path, more: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wp-sidecar"));
        command.arg("serve").arg("--wp-path").arg(wordpress);
        for setting in ["mail.transport=off"].iter().chain(more) {
            command.args(["--set", setting]);
        }
        Self::start(command, "/health/ready")
    }

    /// Starts a command that takes `--listen`, and waits until that path answers well.
    pub fn start(mut command: Command, path: &str) -> Self {
        let address = free_address();
        command.args(["--listen", &address.to_string()]);
        let begun = Instant::now();
        let mut program = Self::listening(&command, address);
        program.wait(begun, path);
        program
    }

    /// A program that listens there by itself.
    pub fn listening(command: &Command, address: SocketAddr) -> Self {
        // It goes with this process, however that ends.
        let mut bound = Command::new("setpriv");
        bound.args(["--pdeathsig", "TERM", "--"]).arg(command.get_program()).args(command.get_args());
        let child = bound.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let child = child.unwrap_or_else(|error| panic!("{command:?}: {error}"));
        Self { child, address, started_in: Duration::ZERO }
    }

    fn wait(&mut self, begun: Instant, path: &str) {
        loop {
            if TcpStream::connect(self.address).is_ok() && Request::get(path).send(self.address).status == 200
            {
                break;
            }
            if let Some(status) = self.child.try_wait().expect("a child") {
                panic!("{} ended: {status}", self.address);
            }
            assert!(begun.elapsed() < START_LIMIT, "{} does not answer", self.address);
            std::thread::sleep(Duration::from_millis(1));
        }
        self.started_in = begun.elapsed();
    }

    /// Logs in.
    #[track_caller]
    pub fn cookie(&self, username: &str, password: &str) -> String {
        let form = [("username", username), ("password", password)];
        let request = Request::post("/api/user/generate_auth_cookie/?insecure=cool", &form);
        let answer: Value = request.send(self.address).json();
        answer["cookie"].as_str().unwrap_or_else(|| panic!("no login: {answer}")).to_owned()
    }

    /// Processor time used, in seconds.
    pub fn seconds(&self) -> f64 {
        processor_seconds(self.child.id())
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// A figure of `/proc/<id>/status`, in megabytes.
    pub fn megabytes(&self, name: &str) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("a process");
        let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("that figure");
        let kilobytes: f64 =
            line.trim_start_matches(':').trim().trim_end_matches(" kB").parse().expect("a number");
        kilobytes / 1024.0
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Politely: who has children of his own ends them.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}

/// Processor time of a process with all its threads.
fn processor_seconds(id: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).expect("a process");
    // The name may hold blanks; behind it the fields are numbers.
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks: f64 = [11, 12].map(|field: usize| fields[field].parse::<f64>().expect("ticks")).iter().sum();
    // The kernel counts in hundredths for programs, whatever its own clock.
    ticks / 100.0
}

/// A loopback address that nobody listens on.
pub fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("its address")
}

/// A file of the project.
pub fn project(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(file)
}

/// Something that was built beside the service.
fn built(file: &str) -> PathBuf {
    let service = Path::new(env!("CARGO_BIN_EXE_wp-sidecar"));
    let path = service.parent().expect("a folder").join(file);
    assert!(path.exists(), "{} is missing: script/bench builds it", path.display());
    path
}
