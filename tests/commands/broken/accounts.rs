//! The database account: its password and its rights.

use super::{found, site};
use crate::beside::Beside;
use crate::server::Server;

#[test]
fn a_password_that_is_wrong() {
    for server in [Server::mariadb(), Server::mysql97()] {
        let done = Beside::recorded(server).constant("DB_PASSWORD", Some("'hush-hush'")).check();
        found(
            &done,
            "failed",
            "database",
            &["Access denied", "account sidecar", "DB_USER and DB_PASSWORD", "another host", "REQUIRE SSL"],
        );
    }
}

#[test]
fn an_account_without_any_right_in_the_database() {
    for server in [Server::mariadb(), Server::mysql97()] {
        let site = Beside::recorded(server).account(&[]);
        let done = site.check();
        found(
            &done,
            "failed",
            "database",
            &["Access denied", "grant the account its rights", "SET DEFAULT ROLE"],
        );
        let grant = format!(
            "GRANT SELECT, INSERT, UPDATE ON `{}`.`wp_users` TO 'wp_sidecar'@'localhost';",
            site.database
        );
        assert!(done.stdout.contains(&grant), "{done:?}");
    }
}

#[test]
fn an_account_with_too_few_rights() {
    for server in [Server::mariadb(), Server::mysql97()] {
        let done =
            Beside::recorded(server).account(&["GRANT SELECT, INSERT ON `{db}`.* TO {account}"]).check();
        found(
            &done,
            "failed",
            "grants",
            &[
                "lacks UPDATE on wp_users; UPDATE, DELETE on wp_usermeta; UPDATE, DELETE on wp_options",
                "UPDATE, DELETE on wp_bp_xprofile_data",
                "grant what is missing, see below",
            ],
        );
        assert!(done.stdout.contains("IDENTIFIED BY 'a password of your own';"), "{done:?}");
        // All else is found out by then.
        found(&done, "ok", "salts", &[]);
    }
}

#[test]
fn an_account_that_may_not_even_read() {
    let done = site().account(&["GRANT SELECT ON `{db}`.`wp_posts` TO {account}"]).check();
    found(&done, "failed", "grants", &["lacks SELECT, INSERT, UPDATE on wp_users"]);
    found(&done, "failed", "tables", &["no wp_users, wp_usermeta"]);
}

#[test]
fn an_account_with_too_many_rights() {
    for server in [Server::mariadb(), Server::mysql97()] {
        let site = Beside::recorded(server);
        let done = site.check();
        assert_eq!(done.code, 0, "{done:?}");
        found(
            &done,
            "warning",
            "grants",
            &["more than the service needs", " on *.*", "an account of its own"],
        );
        let escaped = site.database.replace('_', "\\_");
        let site = site.account(&[&format!("GRANT ALL PRIVILEGES ON `{escaped}`.* TO {{account}}")]);
        let done = site.check();
        found(&done, "warning", "grants", &[&format!("needs: ALL PRIVILEGES on `{escaped}`.*")]);
    }
}

#[test]
fn a_role_that_is_not_the_default() {
    let role = crate::beside::account_name();
    let create = format!("CREATE ROLE {role}");
    let grant = format!("GRANT SELECT, INSERT, UPDATE, DELETE ON `{{db}}`.* TO {role}");
    let give = format!("GRANT {role} TO {{account}}");
    for (server, default) in [
        (Server::mariadb(), format!("SET DEFAULT ROLE {role} FOR {{account}}")),
        (Server::mysql97(), format!("SET DEFAULT ROLE {role} TO {{account}}")),
    ] {
        let all = [create.as_str(), &grant, &give, "GRANT SELECT ON `{db}`.`wp_links` TO {account}"];
        let site = Beside::recorded(server).account(&all);
        let done = site.check();
        found(
            &done,
            "failed",
            "grants",
            &["lacks SELECT", "make the role that it was granted its default role"],
        );
        let account = format!("'{}'@'%'", site.user);
        server.exec("", &default.replace("{account}", &account));
        found(&site.check(), "warning", "grants", &["may do more"]);
        drop(site);
        server.exec("", &format!("DROP ROLE {role}"));
    }
}

#[test]
fn an_account_without_a_password_gets_in_as_php_does() {
    for server in [Server::mariadb(), Server::mysql97()] {
        let site = Beside::recorded(server)
            .account(&[
                "GRANT ALL PRIVILEGES ON `{db}`.* TO {account}",
                "ALTER USER {account} IDENTIFIED BY ''",
            ])
            .constant("DB_PASSWORD", Some("''"));
        found(&site.check(), "ok", "database", &[&format!("account {}@", site.user)]);
        let url = site.url().replace(":hush-hush@", ":@");
        let site = site.set("database.url", &url);
        found(&site.check(), "ok", "database", &[&format!("account {}@", site.user)]);
        // Where there is one, an empty one is refused.
        let wrong = Beside::recorded(server).account(&[]).constant("DB_PASSWORD", Some("''"));
        found(&wrong.check(), "failed", "database", &["Access denied", "using password: NO"]);
    }
}

#[test]
fn an_account_that_is_locked_out() {
    for server in [Server::mariadb(), Server::mysql97()] {
        for (statement, advice) in [
            ("ALTER USER {account} ACCOUNT LOCK", "unlock the account"),
            ("ALTER USER {account} PASSWORD EXPIRE", "the password has expired: set one"),
        ] {
            let site = Beside::recorded(server)
                .account(&["GRANT ALL PRIVILEGES ON `{db}`.* TO {account}", statement]);
            found(&site.check(), "failed", "database", &[advice]);
        }
    }
    let system_user = "ALTER USER {account} IDENTIFIED VIA unix_socket";
    let done = site().account(&[system_user]).check();
    found(&done, "failed", "database", &["Access denied", "is the system user of its name"]);
}

#[test]
fn an_account_that_logs_in_otherwise() {
    let site = || Beside::recorded(Server::mariadb());
    let tls = site().account(&["ALTER USER {account} REQUIRE SSL"]);
    let url = format!("{}?ssl-mode=disabled", tls.url());
    let done = tls.set("database.url", &url).check();
    found(&done, "failed", "database", &["Access denied", "one that wants TLS (REQUIRE SSL)"]);
    Server::mariadb().exec("", "INSTALL SONAME 'auth_ed25519'");
    let done =
        site().account(&["ALTER USER {account} IDENTIFIED VIA ed25519 USING PASSWORD('hush-hush')"]).check();
    Server::mariadb().exec("", "UNINSTALL SONAME 'auth_ed25519'");
    let texts =
        ["unknown authentication plugin: client_ed25519", "let the account log in by mysql_native_password"];
    found(&done, "failed", "database", &texts);
}
