//! A site's folder on a copy of a recorded database, and the binary beside it.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;
use tempfile::TempDir;

use crate::app::dump;
use crate::server::Server;
use crate::wordpress::KEYS;

/// What a command said.
#[derive(Debug)]
pub struct Done {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Done {
    /// Its output as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The line of a finding.
    #[track_caller]
    pub fn line(&self, check: &str) -> &str {
        let mark = format!(" {check}: ");
        let mut lines = self.stdout.lines().filter(|line| {
            line.contains(&mark) && ["ok", "warning", "failed"].iter().any(|status| line.starts_with(status))
        });
        let line = lines.next().unwrap_or_else(|| panic!("nothing is said of {check}: {self:?}"));
        assert!(lines.next().is_none(), "{check} stands there twice: {self:?}");
        line
    }
}

/// Runs the binary. No secret of any site may ever be in what it says.
#[track_caller]
pub fn run(arguments: &[&str], input: &str) -> Done {
    done(Command::new(env!("CARGO_BIN_EXE_wp-sidecar")).args(arguments), input)
}

/// The same as somebody whom the modes of files bind. They bind root too, without the power to pass over them.
#[track_caller]
pub fn run_bound(arguments: &[&str], input: &str) -> Done {
    if !rustix::process::getuid().is_root() {
        return run(arguments, input);
    }
    let mut bound = Command::new("setpriv");
    bound.args(["--bounding-set", "-dac_override,-dac_read_search", "--"]);
    done(bound.arg(env!("CARGO_BIN_EXE_wp-sidecar")).args(arguments), input)
}

#[track_caller]
fn done(command: &mut Command, input: &str) -> Done {
    let mut process = command
        .env_remove("RUST_LOG")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut stdin = process.stdin.take().expect("its input");
    // A command that does not read it ends before.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    let output = process.wait_with_output().expect("it ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let done = Done {
        code: output.status.code().expect("an exit code"),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    };
    for secret in KEYS.iter().map(|(_, value)| *value).chain(["side-car-1", "hush-hush"]) {
        assert!(!done.stdout.contains(secret) && !done.stderr.contains(secret), "{secret} shows: {done:?}");
    }
    done
}

/// A site of the recorded 6.8, with a folder.
pub struct Beside {
    folder: TempDir,
    pub server: &'static Server,
    pub database: String,
    /// Lines of wp-config.php.
    pub config: Vec<String>,
    /// Further arguments of every command.
    pub arguments: Vec<String>,
    /// The account's name.
    pub user: String,
    /// Accounts that go with this value.
    accounts: Vec<String>,
}

impl Drop for Beside {
    fn drop(&mut self) {
        for account in &self.accounts {
            // The server may be one that stays.
            let _ = self.server.client().args(["-e", &format!("DROP USER {account}")]).output();
        }
    }
}

impl Beside {
    pub fn recorded(server: &'static Server) -> Self {
        let database = server.database_from(&dump("6.8"));
        let define = |(name, value): (&str, &str)| format!("define( '{name}', '{value}' );");
        let host = format!("{}:{}", server.host(), server.port());
        let account = [
            ("DB_NAME", database.as_str()),
            ("DB_USER", server.user()),
            ("DB_PASSWORD", server.password()),
            ("DB_HOST", host.as_str()),
        ];
        let mut config: Vec<String> = account.into_iter().chain(KEYS).map(define).collect();
        config.push("$table_prefix = 'wp_';".to_owned());
        let folder = server.temporary_folder();
        let site = Self {
            folder,
            server,
            database,
            config,
            arguments: Vec::new(),
            user: server.user().to_owned(),
            accounts: Vec::new(),
        };
        fs::create_dir_all(site.path().join("wp-includes")).expect("a folder");
        fs::create_dir_all(site.path().join("wp-content")).expect("a folder");
        site.write("wp-includes/version.php", "<?php\n$wp_version = '6.8.8';\n");
        site.set("mail.transport", "off")
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("wordpress")
    }

    pub fn write(&self, file: &str, text: &str) {
        fs::write(self.path().join(file), text).expect("a writable folder");
    }

    /// One more setting.
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.arguments.extend(["--set".to_owned(), format!("{name}={value}")]);
        self
    }

    /// Defines a constant otherwise; `None` leaves it out.
    pub fn constant(mut self, name: &str, value: Option<&str>) -> Self {
        let start = format!("define( '{name}',");
        self.config.retain(|line| !line.starts_with(&start));
        self.config.extend(value.map(|value| format!("{start} {value} );")));
        self
    }

    /// Runs statements on its database.
    #[track_caller]
    pub fn sql(self, statements: &str) -> Self {
        self.server.exec(&self.database, statements);
        self
    }

    /// Lets the service come as an account of its own, with these statements; `{account}` and `{db}` are filled in.
    #[track_caller]
    pub fn account(self, statements: &[&str]) -> Self {
        let create = "CREATE USER {account} IDENTIFIED BY 'hush-hush'";
        let statements =
            [create].iter().chain(statements).map(|text| text.replace("{db}", &self.database)).collect();
        self.with_account(statements)
    }

    /// Lets it come as the account that `check` proposes, made under a name of the test's own.
    #[track_caller]
    pub fn minimal_account(self) -> Self {
        let proposed = self.run(&["check", "--json"], "").json();
        let statements = proposed["minimal_account"].as_array().expect("statements").iter();
        let statement = |text: &Value| {
            let text = text.as_str().expect("a statement").replace("a password of your own", "hush-hush");
            let (before, _) = text.split_once("'wp_sidecar'@").expect("the account's name");
            let behind = text
                .split_once(" IDENTIFIED")
                .map_or(String::new(), |(_, rest)| format!(" IDENTIFIED{rest}"));
            format!("{before}{{account}}{behind}")
        };
        let statements = statements.map(statement).collect();
        self.with_account(statements)
    }

    #[track_caller]
    fn with_account(mut self, statements: Vec<String>) -> Self {
        let name = account_name();
        let account = format!("'{name}'@'%'");
        self.accounts.push(account.clone());
        for statement in statements {
            self.server.exec("", &statement.replace("{account}", &account));
        }
        self.user.clone_from(&name);
        self.constant("DB_USER", Some(&format!("'{name}'"))).constant("DB_PASSWORD", Some("'hush-hush'"))
    }

    /// The URL of its database, for the account that the service comes as.
    pub fn url(&self) -> String {
        format!(
            "mysql://{}:hush-hush@{}:{}/{}",
            self.user,
            self.server.host(),
            self.server.port(),
            self.database
        )
    }

    /// Runs a command with the settings of the site.
    #[track_caller]
    pub fn run(&self, command: &[&str], input: &str) -> Done {
        let arguments = self.arguments(command);
        run(&arguments.iter().map(String::as_str).collect::<Vec<_>>(), input)
    }

    /// `check` as somebody whom the modes of files bind.
    #[track_caller]
    pub fn check_bound(&self) -> Done {
        let arguments = self.arguments(&["check"]);
        run_bound(&arguments.iter().map(String::as_str).collect::<Vec<_>>(), "")
    }

    /// Writes wp-config.php and gives the arguments of a command with the settings of the site.
    #[track_caller]
    pub fn arguments(&self, command: &[&str]) -> Vec<String> {
        self.write("wp-config.php", &format!("<?php\n{}\n", self.config.join("\n")));
        let path = self.path();
        let own = command.iter().copied().chain(["--wp-path", utf8(&path)]).map(str::to_owned);
        own.chain(self.arguments.iter().cloned()).collect()
    }

    #[track_caller]
    pub fn check(&self) -> Done {
        self.run(&["check"], "")
    }

    /// What is in all tables, as the server sums it up.
    #[track_caller]
    pub fn content(&self) -> Vec<Vec<String>> {
        let tables = self.server.query(&self.database, "SHOW TABLES");
        let names: Vec<String> = tables.iter().map(|row| format!("`{}`", row[0])).collect();
        self.server.query(&self.database, &format!("CHECKSUM TABLE {}", names.join(", ")))
    }
}

/// A name that no other test's account has.
pub fn account_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("check_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

pub fn utf8(path: &Path) -> &str {
    path.to_str().expect("a path of UTF-8")
}
