//! Ways to the database, and the session that is opened there.

use std::io::copy;
use std::net::{TcpListener, TcpStream};
use std::thread;

use actix_web::rt::System;
use wp_sidecar::ambient::{Clock, Random};
use wp_sidecar::app::App;
use wp_sidecar::settings::{Settings, Sources};

use crate::app::{Setup, dump};
use crate::server::Server;

/// Passes connections on from `[::1]`, since the servers listen on 127.0.0.1.
fn ipv6_door(to: u16) -> u16 {
    let listener = TcpListener::bind("[::1]:0").expect("the IPv6 loopback");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        for inside in listener.incoming().map_while(Result::ok) {
            let outside = TcpStream::connect(("127.0.0.1", to)).expect("the server");
            let pump = |mut from: TcpStream, mut into: TcpStream| {
                thread::spawn(move || {
                    let _ = copy(&mut from, &mut into);
                    let _ = into.shutdown(std::net::Shutdown::Both);
                });
            };
            pump(inside.try_clone().expect("a socket"), outside.try_clone().expect("a socket"));
            pump(outside, inside);
        }
    });
    port
}

#[test]
fn the_database_is_reached_by_address_by_ipv6_and_by_socket_and_over_tls() {
    let mut ways = 0;
    for server in [Server::mariadb(), Server::mysql97()] {
        let database = server.database_from(&dump("6.8"));
        let account = format!("{}:{}", server.user(), server.password());
        let door = ipv6_door(server.port());
        let mut urls = vec![server.url(&database), format!("mysql://{account}@[::1]:{door}/{database}")];
        if let Some(socket) = server.socket() {
            let socket = serde_urlencoded::to_string([("socket", socket.to_str().unwrap())]).unwrap();
            urls.push(format!("mysql://{account}@localhost/{database}?{socket}"));
        }
        if server.name().contains("MySQL") {
            urls.push(format!("mysql://{account}@127.0.0.1:{}/{database}?ssl-mode=REQUIRED", server.port()));
        }
        for url in urls {
            let app = Setup::on(&url).set("wordpress.version", "6.8").start();
            assert!(app.is_valid(&app.cookie("john", "john Pass 3")), "{}", server.name());
            ways += 1;
        }
    }
    assert!(ways >= 5, "{ways}");
}

#[test]
fn zero_dates_are_read_and_strict_modes_do_not_hold() {
    for server in [Server::mariadb(), Server::mysql97()] {
        let database = server.database_from(&dump("6.8"));
        server.exec(
            &database,
            "SET SESSION sql_mode = ''; UPDATE wp_users SET user_registered = '0000-00-00 00:00:00' WHERE ID = 3; \
             UPDATE wp_users SET user_registered = '2024-00-00 00:00:00' WHERE ID = 2",
        );
        let app = Setup::on(&server.url(&database)).set("wordpress.version", "6.8").start();
        let registered = |username: &str, password: &str| {
            app.generate_auth_cookie(username, password)["user"]["registered"].as_str().unwrap().to_owned()
        };
        assert_eq!(registered("john", "john Pass 3"), "0000-00-00 00:00:00");
        assert_eq!(registered("editor", "editor-Pass-2"), "2024-00-00 00:00:00");
    }
}

#[test]
fn tables_of_another_prefix_and_shared_user_tables_are_used() {
    let server = Server::mariadb();
    let database = server.database_from(&dump("6.8"));
    server.exec(
        &database,
        "RENAME TABLE wp_options TO Shop_options, wp_users TO all_users, wp_usermeta TO all_usermeta; \
         UPDATE all_usermeta SET meta_key = 'Shop_capabilities' WHERE meta_key = 'wp_capabilities'",
    );
    let folder = tempfile::tempdir().unwrap();
    let config = format!(
        "<?php define('DB_HOST', '{}:{}'); define('DB_USER', '{}'); define('DB_PASSWORD', '{}'); define('DB_NAME', '{database}');
         define('CUSTOM_USER_TABLE', 'all_users'); define('CUSTOM_USER_META_TABLE', 'all_usermeta'); $table_prefix = 'Shop_';",
        server.host(),
        server.port(),
        server.user(),
        server.password()
    );
    std::fs::write(folder.path().join("wp-config.php"), config).unwrap();
    let app = Setup::beside(folder.path()).set("wordpress.version", "6.8").start();
    let user = &app.generate_auth_cookie("john", "john Pass 3")["user"];
    assert_eq!(user["capabilities"], serde_json::json!({"subscriber": true}));
}

/// A user of MySQL that has not logged in yet: the server knows no short way for it.
fn new_account(database: &str) -> String {
    let server = Server::mysql97();
    let name = database.trim_start_matches("wp_sidecar_test_");
    server.exec(
        "",
        &format!(
            "CREATE USER '{name}'@'%' IDENTIFIED WITH caching_sha2_password BY 'new-1'; GRANT ALL ON {database}.* TO '{name}'@'%'"
        ),
    );
    format!("mysql://{name}:new-1@127.0.0.1:{}/{database}", server.port())
}

/// What the service says of a database when it starts.
fn first_words(url: &str) -> Result<(), String> {
    let settings = [("database.url", url), ("wordpress.version", "6.8")];
    let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let sources = Sources { command_line: settings.into(), ..Sources::default() };
    let settings = Settings::load(&sources).unwrap();
    System::new().block_on(async {
        let app = App::new(settings, Clock::System, Random::System).unwrap();
        let said = app.refresh().await.map(drop).map_err(|error| error.to_string());
        app.db.close().await;
        said
    })
}

#[test]
fn a_new_account_of_mysql_logs_in_over_tls() {
    for mode in ["", "?ssl-mode=required"] {
        let database = Server::mysql97().database_from(&dump("6.8"));
        assert_eq!(first_words(&format!("{}{mode}", new_account(&database))), Ok(()), "{mode}");
    }
}

#[test]
fn without_tls_the_service_says_what_mysql_needs() {
    let database = Server::mysql97().database_from(&dump("6.8"));
    let url = format!("{}?ssl-mode=disabled", new_account(&database));
    let said = first_words(&url);
    if cfg!(feature = "mysql-rsa") {
        assert_eq!(said, Ok(()));
        return;
    }
    let said = said.unwrap_err();
    for part in
        ["caching_sha2_password", "TLS", "ssl-mode=required", "MYSQL_CLIENT_FLAGS", "--features mysql-rsa"]
    {
        assert!(said.contains(part), "{said}");
    }
    assert!(!said.contains("new-1"), "{said}");
    // Once the account has logged in over TLS, the server remembers it and needs no TLS until it starts anew.
    let with_tls = url.replace("?ssl-mode=disabled", "");
    assert_eq!(first_words(&with_tls), Ok(()));
    assert_eq!(first_words(&url), Ok(()));
}

#[test]
fn a_name_that_a_latin1_column_cannot_hold_is_nobodys() {
    for server in [Server::mariadb(), Server::mysql97()] {
        let database = server.database_from(&dump("6.8"));
        server.exec(
            &database,
            "SET SESSION sql_mode = ''; ALTER TABLE wp_users MODIFY user_login varchar(60) CHARACTER SET latin1 NOT NULL DEFAULT '', \
             MODIFY user_email varchar(100) CHARACTER SET latin1 NOT NULL DEFAULT ''",
        );
        let app = Setup::on(&server.url(&database)).set("wordpress.version", "6.8").start();
        let answer = app.call("auth/generate_auth_cookie", &[("username", "日本"), ("password", "x")]);
        assert_eq!(answer.status, 401, "{}: {}", server.name(), answer.text());
        assert!(app.is_valid(&app.cookie("john", "john Pass 3")));
    }
}
