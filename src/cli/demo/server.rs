//! A private database server in a temporary folder, reachable by its socket alone.

use std::ffi::OsStr;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};
use tempfile::TempDir;

/// How long a server may take to open its socket.
const START: Duration = Duration::from_mins(1);
const POLL: Duration = Duration::from_millis(50);

/// A running server; dropping it ends it and removes its folder.
pub struct DemoServer {
    process: Child,
    folder: TempDir,
}

impl DemoServer {
    /// Makes a data folder and starts the server on it.
    pub fn start() -> anyhow::Result<Self> {
        let program = find(&["mariadbd", "mysqld"]).context(
            "no database server found; install one, for example: apt-get install mariadb-server-core \
             mariadb-client-core",
        )?;
        let folder = tempfile::Builder::new().prefix("wp-sidecar-demo-").tempdir()?;
        let data = folder.path().join("data");
        initialise(&program, &data)?;
        let process = command(&program)
            .arg("--no-defaults")
            .arg(option("--datadir", &data))
            .arg(option("--socket", &folder.path().join("mysql.sock")))
            .arg(option("--pid-file", &folder.path().join("mysql.pid")))
            // When it starts it clears this folder of temporary tables, and in /tmp those of a live server may lie.
            .arg(option("--tmpdir", folder.path()))
            .args(["--skip-networking", "--innodb-buffer-pool-size=32M", "--user"])
            .arg(user())
            .args(if is_mariadb(&program) { &[][..] } else { &["--secure-file-priv=NULL", "--mysqlx=OFF"] })
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(folder.path().join("log"))?)
            // Ctrl-C is for the service alone, which then ends the server.
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let mut server = Self { process, folder };
        server.wait_for_socket()?;
        Ok(server)
    }

    /// The address of its only database.
    pub fn url(&self) -> String {
        let socket = self.socket().to_string_lossy().into_owned();
        let options = [("socket", socket.as_str()), ("ssl-mode", "DISABLED")];
        // Two texts always make a query.
        let options = serde_urlencoded::to_string(options).unwrap_or_default();
        format!("mysql://root@localhost/wordpress?{options}")
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("mysql.sock")
    }

    fn wait_for_socket(&mut self) -> anyhow::Result<()> {
        let mut waited = Duration::ZERO;
        while std::os::unix::net::UnixStream::connect(self.socket()).is_err() {
            if waited > START || self.process.try_wait()?.is_some() {
                let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
                bail!(
                    "the database server did not start: {}",
                    log.lines().last().unwrap_or("no reason given")
                );
            }
            std::thread::sleep(POLL);
            waited += POLL;
        }
        Ok(())
    }
}

impl Drop for DemoServer {
    fn drop(&mut self) {
        // Nothing is worth keeping, so it need not close its files; the folder goes with the TempDir.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Makes the data folder with a root account that needs no password, and the database.
fn initialise(program: &Path, data: &Path) -> anyhow::Result<()> {
    let mut setup = if is_mariadb(program) {
        let installer = find(&["mariadb-install-db"]).context("mariadb-install-db is missing")?;
        let mut setup = Command::new(installer);
        setup.args([
            "--no-defaults",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            "--force",
        ]);
        setup
    } else {
        let mut setup = Command::new(program);
        setup.args(["--no-defaults", "--initialize-insecure"]);
        setup
    };
    let done = setup
        .arg(option("--datadir", data))
        .arg(option("--tmpdir", data.parent().unwrap_or(data)))
        .arg("--user")
        .arg(user())
        .stdin(Stdio::null())
        .output()?;
    if !done.status.success() {
        let text = String::from_utf8_lossy(&done.stderr).into_owned();
        bail!("cannot make a database: {}", text.lines().last().unwrap_or("no reason given"));
    }
    std::fs::create_dir_all(data.join("wordpress"))?;
    Ok(())
}

fn is_mariadb(program: &Path) -> bool {
    program.file_name() == Some(OsStr::new("mariadbd"))
}

/// Ends the server with this process even when that is killed, where the system can.
fn command(program: &Path) -> Command {
    match find(&["setpriv"]) {
        Some(setpriv) => {
            let mut command = Command::new(setpriv);
            command.args(["--pdeathsig", "KILL", "--"]).arg(program);
            command
        }
        None => Command::new(program),
    }
}

fn option(name: &str, path: &Path) -> std::ffi::OsString {
    let mut option = std::ffi::OsString::from(name);
    option.push("=");
    option.push(path);
    option
}

/// The account that runs the server: the one that runs this.
fn user() -> String {
    let named = Command::new("id").arg("-un").output().ok();
    named.map(|done| String::from_utf8_lossy(&done.stdout).trim().to_owned()).unwrap_or_default()
}

/// A program on the path or where servers are installed.
fn find(names: &[&str]) -> Option<PathBuf> {
    let path = crate::ambient::environment().remove("PATH").unwrap_or_default();
    let folders = path.split(':').chain(["/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/usr/bin"]);
    let folders: Vec<&str> = folders.collect();
    names.iter().find_map(|name| {
        folders.iter().map(|folder| Path::new(folder).join(name)).find(|path| path.is_file())
    })
}
