//! The package installed on a machine where systemd is process 1, from the first file to the last.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::machine::Machine;
use crate::package::{package, project};
use crate::server::Server;
use crate::smtp::SmtpSink;
use crate::wordpress::KEYS;

/// Where the service listens: a part of the loopback network that nobody else has.
fn own_address() -> String {
    let [_, high, middle, low] = std::process::id().to_be_bytes();
    format!("127.{}.{middle}.{low}:20000", 64 + high)
}

/// A site's folder that the web server's group alone may read, on a database of the test's own.
fn lay_site(folder: &Path, server: &Server) {
    let database = server.database_from(&project("fixtures/sql/wordpress-6.8.8-buddypress-14.5.2.sql"));
    // The socket, where there is one: the unit leaves both ways open.
    let host = server
        .socket()
        .map_or_else(|| format!("{}:{}", server.host(), server.port()), |_| "localhost".to_owned());
    let account = [
        ("DB_NAME", database.as_str()),
        ("DB_USER", server.user()),
        ("DB_PASSWORD", server.password()),
        ("DB_HOST", host.as_str()),
    ];
    let lines =
        account.into_iter().chain(KEYS).map(|(name, value)| format!("define( '{name}', '{value}' );"));
    let config = lines.collect::<Vec<_>>().join("\n");
    fs::create_dir_all(folder.join("wp-includes")).expect("a folder");
    fs::write(folder.join("wp-settings.php"), "<?php\n").expect("a file");
    fs::write(folder.join("wp-includes/version.php"), "<?php\n$wp_version = '6.8.8';\n").expect("a file");
    let path = folder.join("wp-config.php");
    fs::write(&path, format!("<?php\n{config}\n$table_prefix = 'wp_';\n")).expect("a file");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("a file of the test's own");
}

#[test]
fn a_machine_installs_runs_upgrades_and_purges_it() {
    let server = Server::mariadb();
    let machine = Machine::new();
    fs::copy(package(), machine.shared().join("wp-sidecar.deb")).expect("a copy");
    lay_site(&machine.shared().join("site"), server);
    let sink = SmtpSink::start();
    // By a name, not by an address.
    let mail = format!("smtp://localhost:{}", sink.port());
    let program = include_str!("installed.sh").replace("ADDRESS", &own_address()).replace("MAIL", &mail);
    let Some(output) = machine.run(&program, server.socket()) else { return };
    assert!(output.ends_with("all is well\n"), "{output}");
    sink.wait_for_mail("oldphpass@example.org", "[Rig Site] Password Reset");
}
