//! `check` on sites that something is wrong with: it names each fault and says what to do.

use std::net::TcpListener;

use crate::beside::{Beside, Done, run};
use crate::server::Server;

/// The finding has that status, and its line says all of the texts; the exit code follows.
#[track_caller]
fn found(done: &Done, status: &str, check: &str, texts: &[&str]) {
    let line = done.line(check);
    assert!(line.starts_with(&format!("{status:<8} {check}: ")), "{line}\n{done:?}");
    for text in texts {
        assert!(line.contains(text), "{text} is not in {line}");
    }
    if status != "ok" {
        assert!(line.contains(" -> "), "no advice: {line}");
    }
    if status == "failed" {
        assert_eq!(done.code, 1, "{done:?}");
    }
    assert_eq!(done.stderr, "", "{done:?}");
}

fn site() -> Beside {
    Beside::recorded(Server::mariadb())
}

/// A port on which nobody listens.
fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port()
}

#[test]
fn a_folder_without_wp_config() {
    let folder = tempfile::tempdir().expect("a folder");
    let done = run(&["check", "--wp-path", folder.path().to_str().expect("a path")], "");
    found(&done, "failed", "wp-config", &["there is no wp-config.php in", "set wordpress.path"]);
}

#[test]
fn a_setting_that_nobody_knows_or_that_is_not_allowed() {
    let done = run(&["check", "--set", "server.listn=x"], "");
    found(
        &done,
        "failed",
        "settings",
        &["command line: unknown setting server.listn; did you mean server.listen?"],
    );
    let done = run(&["check", "--set", "server.listen=8080"], "");
    found(&done, "failed", "settings", &["server.listen = \"8080\" is not allowed; allowed: address:port"]);
    let done = run(&["check"], "");
    found(&done, "failed", "settings", &["no database"]);
    let done = run(&["check", "--json"], "").json();
    assert_eq!(
        (done["status"].as_str(), done["findings"][0]["check"].as_str()),
        (Some("failed"), Some("settings"))
    );
}

#[test]
fn a_constant_that_is_computed_and_a_file_that_is_not_understood() {
    let done = site().constant("DB_HOST", Some("lookup()")).check();
    found(&done, "failed", "wp-config", &["DB_HOST cannot be told from", "set database.url instead"]);
    let mut odd = site();
    let end = odd.config.len() - 1;
    odd.config.insert(end, "include unknown_file();".to_owned());
    let texts = [
        "CUSTOM_USER_TABLE cannot be told from",
        "a file whose name is not known",
        "write it there as a plain value",
    ];
    // What is said elsewhere need not be told from there.
    let url = odd.server.url(&odd.database);
    let done = odd.set("database.url", &url).set("wordpress.table_prefix", "wp_").check();
    found(&done, "failed", "wp-config", &texts);
    let done = site().constant("WP_DEBUG", Some("lookup()")).check();
    found(&done, "ok", "wp-config", &["not needed and not told: WP_DEBUG"]);
    let done = site().constant("WP_CONTENT_DIR", Some("lookup()")).check();
    found(
        &done,
        "warning",
        "wp-config",
        &["WP_CONTENT_DIR cannot be told", "avatars", "set wordpress.uploads_path"],
    );
    found(&done, "warning", "object-cache", &["not looked for: WP_CONTENT_DIR cannot be told"]);
}

#[test]
fn limits_that_are_off() {
    let done = site().set("limits.enabled", "false").check();
    found(&done, "warning", "limits", &["off", "remove limits.enabled = false"]);
}

#[test]
fn a_database_that_is_away() {
    let done = site().constant("DB_HOST", Some(&format!("'127.0.0.1:{}'", closed_port()))).check();
    found(&done, "failed", "database", &["Connection refused", "127.0.0.1:", "is the server running"]);
    // What needs no database is looked at all the same.
    found(&done, "ok", "mail", &[]);
    found(&done, "ok", "object-cache", &[]);
}

#[test]
fn a_password_that_is_wrong() {
    for server in [Server::mariadb(), Server::mysql97()] {
        let done = Beside::recorded(server).constant("DB_PASSWORD", Some("'hush-hush'")).check();
        found(&done, "failed", "database", &["Access denied", "account sidecar", "DB_USER and DB_PASSWORD"]);
    }
}

#[test]
fn a_database_that_is_not_there() {
    let done = site().constant("DB_NAME", Some("'nowhere'")).check();
    found(&done, "failed", "database", &["nowhere", "compare DB_NAME"]);
}

#[test]
fn an_account_without_any_right_in_the_database() {
    for server in [Server::mariadb(), Server::mysql97()] {
        let site = Beside::recorded(server).account(&[]);
        let done = site.check();
        found(&done, "failed", "database", &["Access denied", "grant the account its rights"]);
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
fn another_prefix_than_the_tables_have() {
    let mut site = site();
    site.config.retain(|line| !line.contains("table_prefix"));
    site.config.push("$table_prefix = 'blog_';".to_owned());
    let done = site.check();
    found(
        &done,
        "failed",
        "tables",
        &["no blog_users", "(prefix blog_)", "tables with the prefix wp_: set $table_prefix"],
    );
    let empty = crate::beside::Beside::recorded(Server::mariadb());
    let other = empty.server.create_database();
    let done = empty.constant("DB_NAME", Some(&format!("'{other}'"))).check();
    found(&done, "failed", "tables", &["sees no table here"]);
}

#[test]
fn tables_that_are_gone_or_keep_no_transactions() {
    let done = site().sql("DROP TABLE wp_bp_xprofile_data").check();
    found(&done, "failed", "tables", &["no wp_bp_xprofile_data", "some tables of this WordPress are gone"]);
    let done = site().sql("ALTER TABLE wp_usermeta ENGINE=MyISAM").check();
    found(&done, "warning", "tables", &["wp_usermeta (MyISAM)", "ENGINE=InnoDB"]);
}

#[test]
fn a_version_that_is_wrong_unknown_or_nowhere_said() {
    let beside = site();
    beside.write("wp-includes/version.php", "<?php\n$wp_version = '6.1.12';\n");
    found(
        &beside.check(),
        "failed",
        "version",
        &["WordPress 6.1", "the database was written by 6.8 or later"],
    );
    beside.write("wp-includes/version.php", "<?php\n$wp_version = '9.9';\n");
    found(&beside.check(), "warning", "version", &["WordPress 9.9", "newer than 7.1", "--url"]);
    beside.write("wp-includes/version.php", "<?php // nothing\n");
    found(&beside.check(), "warning", "version", &["assumed", "set wordpress.path, or wordpress.version"]);
    let done = site().set("wordpress.version", "6.1").check();
    found(&done, "ok", "version", &["6.8"]);
}

#[test]
fn keys_that_are_repeated_left_as_in_the_sample_or_not_there() {
    let done = site()
        .constant("AUTH_KEY", Some("'hush-hush'"))
        .constant("AUTH_SALT", Some("'hush-hush'"))
        .constant("NONCE_KEY", Some("'put your unique phrase here'"))
        .sql("INSERT INTO wp_options (option_name, option_value) VALUES ('auth_key', 'x1'), ('auth_salt', 'x2'), \
              ('nonce_key', 'x3')")
        .check();
    found(
        &done,
        "warning",
        "salts",
        &[
            "from the database: AUTH_KEY, AUTH_SALT, NONCE_KEY",
            "AUTH_KEY and AUTH_SALT, which have the same value as another",
            "NONCE_KEY, which still hold the sample's phrase",
        ],
    );
    let site = site().constant("LOGGED_IN_SALT", None);
    let before = site.content();
    let done = site.check();
    found(&done, "warning", "salts", &["nobody has made LOGGED_IN_SALT yet"]);
    found(&done, "ok", "cookies", &[]);
    assert_eq!(site.content(), before, "check makes no salt");
}

#[test]
fn a_site_without_an_address() {
    let done = site()
        .sql("UPDATE wp_options SET option_value = '' WHERE option_name IN ('siteurl', 'home')")
        .check();
    found(&done, "warning", "cookies", &["the names end in nothing"]);
    found(&done, "failed", "permalinks", &["the site has no address"]);
}

#[test]
fn a_registration_that_gives_more_than_anybody_should_get() {
    let role = |role: &str| {
        format!("UPDATE wp_options SET option_value = '{role}' WHERE option_name = 'default_role'")
    };
    let done = site().sql(&role("administrator")).check();
    found(
        &done,
        "failed",
        "registration",
        &["everybody who registers becomes administrator, with manage_options"],
    );
    found(&site().sql(&role("editor")).check(), "failed", "registration", &["edit_others_posts"]);
    found(
        &site().sql(&role("wizard")).check(),
        "warning",
        "registration",
        &["wizard, which this site does not have"],
    );
    let closed = "UPDATE wp_options SET option_value = '0' WHERE option_name = 'users_can_register'";
    found(&site().sql(closed).check(), "ok", "registration", &["closed"]);
}

#[test]
fn a_buddypress_without_profiles() {
    let done = site()
        .sql("UPDATE wp_options SET option_value = 'a:1:{s:8:\"activity\";s:1:\"1\";}' WHERE option_name = 'bp-active-components'")
        .check();
    found(&done, "warning", "buddypress", &["without xprofile", "Settings > BuddyPress"]);
}

#[test]
fn mails_that_cannot_leave() {
    let set = |name: &str, value: &str| {
        site()
            .set("mail.transport", name)
            .set(if name == "smtp" { "mail.smtp_url" } else { "mail.sendmail_path" }, value)
    };
    found(
        &set("sendmail", "/nowhere/sendmail").check(),
        "failed",
        "mail",
        &["/nowhere/sendmail is no program"],
    );
    let url = format!("smtp://127.0.0.1:{}", closed_port());
    found(&set("smtp", &url).check(), "failed", "mail", &["SMTP at 127.0.0.1:", "mail.smtp_url"]);
    let sink = crate::smtp::SmtpSink::start();
    found(&set("smtp", &sink.url()).check(), "ok", "mail", &["it lets the service in"]);
}

#[test]
fn half_a_facebook_app() {
    let done = site().set("facebook.app_id", "1234").check();
    found(&done, "failed", "facebook", &["without facebook.app_secret"]);
    let done = site().set("facebook.app_secret", "hush-hush").check();
    found(&done, "failed", "facebook", &["without facebook.app_id"]);
    let done = site().set("facebook.app_id", "1234").set("facebook.app_secret", "hush-hush").check();
    found(&done, "ok", "facebook", &["app 1234"]);
}

#[test]
fn an_object_cache_that_outlives_requests() {
    let site = site();
    site.write("wp-content/object-cache.php", "<?php\n/*\n * Plugin Name: Redis Object Cache Drop-In\n */\n");
    found(&site.check(), "warning", "object-cache", &["object-cache.php", "(Redis)", "does not see at once"]);
}

#[test]
fn permalinks_and_controllers_that_keep_apps_out() {
    let set = |name: &str, value: &str| {
        site()
            .sql(&format!("UPDATE wp_options SET option_value = '{value}' WHERE option_name = '{name}'"))
            .check()
    };
    found(&set("permalink_structure", ""), "warning", "permalinks", &["plain", "?json="]);
    found(&set("json_api_controllers", "core"), "warning", "permalinks", &["without the controllers user"]);
    let no_base = site().sql(
        "DELETE FROM wp_options WHERE option_name = 'json_api_base'; \
              INSERT INTO wp_options (option_name, option_value) VALUES ('json_api_base', '')",
    );
    found(&no_base.check(), "warning", "permalinks", &["no base"]);
}

#[test]
fn hashes_that_the_service_cannot_check() {
    let done =
        site().sql("UPDATE wp_users SET user_pass = CONCAT('$6$', REPEAT('x', 60)) WHERE ID = 1").check();
    found(&done, "warning", "passwords", &["1 crypt", "password reset"]);
}

#[test]
fn a_clock_that_is_wrong_and_a_server_that_takes_no_writes() {
    let server: &'static Server = Box::leak(Box::new(Server::own_mariadb(&[])));
    let site =
        Beside::recorded(server).account(&["GRANT SELECT, INSERT, UPDATE, DELETE ON `{db}`.* TO {account}"]);
    for (shift, status, text) in [
        ("+ 100", "warning", "seconds ahead of the service's"),
        ("- 4000", "failed", "seconds behind the service's"),
    ] {
        server.exec("", &format!("SET GLOBAL init_connect = 'SET timestamp = UNIX_TIMESTAMP() {shift}'"));
        found(&site.check(), status, "clock", &[text, "NTP"]);
    }
    server.exec("", "SET GLOBAL init_connect = ''; SET GLOBAL read_only = 1");
    found(&site.check(), "failed", "database", &["it takes no writes (read_only is on)", "replica"]);
}

#[test]
fn what_a_table_holds_cannot_make_a_line_of_its_own() {
    let done = site().sql("UPDATE wp_options SET option_value = 'x\nok       salts: fine\u{1b}[2K' WHERE option_name = 'default_role'").check();
    found(&done, "warning", "registration", &["which this site does not have"]);
    assert!(!done.stdout.contains('\u{1b}'), "{done:?}");
}

#[test]
fn a_network_without_its_own_tables() {
    let network = || site().constant("MULTISITE", Some("true"));
    found(
        &network().check(),
        "failed",
        "tables",
        &["no wp_sitemeta", "some tables of this WordPress are gone"],
    );
    let site = network().sql(
        "CREATE TABLE wp_sitemeta (meta_id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, site_id bigint NOT NULL, \
         meta_key varchar(255), meta_value longtext); \
         INSERT INTO wp_sitemeta (site_id, meta_key, meta_value) VALUES (1, 'siteurl', 'http://ms.test/'), \
         (1, 'registration', 'none')",
    );
    let done = site.check();
    found(&done, "ok", "tables", &["all 12 tables"]);
    found(&done, "ok", "cookies", &["COOKIEHASH from siteurl of the network, http://ms.test"]);
    found(&done, "ok", "registration", &["closed"]);
}
