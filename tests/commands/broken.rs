//! `check` on sites that something is wrong with: it names each fault and says what to do.

mod accounts;
mod files;
mod keys;
mod mails;
mod servers;

use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

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

/// Who may do what with a file.
fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("a file of our own");
}

/// A port on which nobody listens.
fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port()
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
fn limits_that_are_off() {
    let done = site().set("limits.enabled", "false").check();
    found(&done, "warning", "limits", &["off", "remove limits.enabled = false"]);
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
    site.config.pop();
    let texts = [
        "prefix wp_, all 11",
        "wp-config.php sets no $table_prefix: the prefix is assumed",
        "set $table_prefix",
    ];
    found(&site.check(), "warning", "tables", &texts);
    found(&site.set("wordpress.table_prefix", "blog_").check(), "failed", "tables", &["(prefix blog_)"]);
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
fn a_site_without_an_address() {
    let done = site()
        .sql("UPDATE wp_options SET option_value = '' WHERE option_name IN ('siteurl', 'home')")
        .check();
    found(
        &done,
        "warning",
        "cookies",
        &["the names end in nothing", ": the option siteurl is empty -> set the"],
    );
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
        &site().sql(&role("author")).check(),
        "warning",
        "registration",
        &["becomes author, with publish_posts"],
    );
    found(&site().sql(&role("contributor")).check(), "ok", "registration", &["new users become contributor"]);
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
fn every_capability_that_rules_or_publishes_counts() {
    let site = site().sql("UPDATE wp_options SET option_value = 'keeper' WHERE option_name = 'default_role'");
    let check = |capability: &str, held: u8| {
        let capabilities =
            format!(r#"a:2:{{s:4:"read";b:1;s:{}:"{capability}";b:{held};}}"#, capability.len());
        let role = format!(
            r#"a:1:{{s:6:"keeper";a:2:{{s:4:"name";s:6:"Keeper";s:12:"capabilities";{capabilities}}}}}"#
        );
        site.server.exec(
            &site.database,
            &format!("UPDATE wp_options SET option_value = '{role}' WHERE option_name = 'wp_user_roles'"),
        );
        site.check()
    };
    for capability in [
        "promote_users",
        "create_users",
        "delete_users",
        "install_plugins",
        "edit_plugins",
        "edit_theme_options",
        "edit_others_pages",
    ] {
        let text = format!("everybody who registers becomes keeper, with {capability}");
        found(&check(capability, 1), "failed", "registration", &[&text]);
    }
    for capability in ["publish_pages", "upload_files", "moderate_comments", "list_users"] {
        found(&check(capability, 1), "warning", "registration", &[&format!("with {capability}")]);
    }
    found(&check("promote_users", 0), "ok", "registration", &["new users become keeper"]);
    found(&check("edit_posts", 1), "ok", "registration", &["new users become keeper"]);
}

#[test]
fn a_buddypress_without_profiles() {
    let done = site()
        .sql("UPDATE wp_options SET option_value = 'a:1:{s:8:\"activity\";s:1:\"1\";}' WHERE option_name = 'bp-active-components'")
        .check();
    found(&done, "warning", "buddypress", &["without xprofile", "Settings > BuddyPress"]);
    let done = site()
        .sql("UPDATE wp_options SET option_value = 'a:0:{}' WHERE option_name = 'bp-active-components'")
        .check();
    found(&done, "warning", "buddypress", &["active, without any component, but without xprofile"]);
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
fn permalinks_and_controllers_that_keep_apps_out() {
    let set = |name: &str, value: &str| {
        site()
            .sql(&format!("UPDATE wp_options SET option_value = '{value}' WHERE option_name = '{name}'"))
            .check()
    };
    found(&set("permalink_structure", ""), "warning", "permalinks", &["plain", "?json="]);
    found(
        &set("json_api_controllers", "core"),
        "warning",
        "permalinks",
        &["not switched on: user, auth; their methods are refused", "wp option update"],
    );
    let no_base = site().sql(
        "DELETE FROM wp_options WHERE option_name = 'json_api_base'; \
              INSERT INTO wp_options (option_name, option_value) VALUES ('json_api_base', '')",
    );
    found(&no_base.check(), "warning", "permalinks", &["no base"]);
    let slashes = site().sql(
        "DELETE FROM wp_options WHERE option_name = 'json_api_base'; \
              INSERT INTO wp_options (option_name, option_value) VALUES ('json_api_base', 'my/api/')",
    );
    found(&slashes.check(), "ok", "permalinks", &["/my/api/, controllers"]);
}

#[test]
fn hashes_that_the_service_cannot_check() {
    let done =
        site().sql("UPDATE wp_users SET user_pass = CONCAT('$6$', REPEAT('x', 60)) WHERE ID = 1").check();
    found(&done, "warning", "passwords", &["1 crypt", "password reset"]);
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
