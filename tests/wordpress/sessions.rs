//! The row of sessions that both sides write: nothing in it is lost, and it stays one row.

use std::process::Command;
use std::sync::Arc;

use actix_web::rt::{System, spawn};
use serde_json::json;
use wp_sidecar::account::Context;
use wp_sidecar::account::caller::Caller;
use wp_sidecar::ambient::{Clock, Random};
use wp_sidecar::app::App;
use wp_sidecar::settings::{Settings, Sources};
use wp_sidecar::wp::sessions::NewSession;

use crate::server::Server;
use crate::site::{PASSWORD, Site, each};
use crate::wordpress::SUITES;

/// What plugins may put beside a session's own fields.
const FILTER: &str = "
    class Sidecar_Place { public $city = 'Åre'; protected $code = 7; private $list = array( 1.5, null ); }
    add_filter( 'attach_session_information', function ( $fields ) {
        $fields['place']  = new Sidecar_Place();
        $fields['deep']   = array( 'a' => array( true, 'b' => array() ), -1 => 0.1 );
        $fields['quoted'] = 'it\\'s \"x\"';
        $fields['login']  = 'replaced later';
        return $fields;
    } );";

#[test]
fn fields_that_plugins_attach_survive_a_login_here() {
    each(|site| {
        site.add_plugin("attach", FILTER);
        let id = site.add_user("anna");
        let cookie = site.wordpress_cookie("anna", PASSWORD);
        let entries = || {
            site.wordpress.php_with(
                "return array_map( 'serialize', get_user_meta( $args, 'session_tokens', true ) );",
                json!(id),
            )
        };
        let before = entries();
        let (key, session) = before.as_object().expect("sessions").iter().next().expect("a session");
        assert!(session.as_str().is_some_and(|text| text.contains("Sidecar_Place")), "{session}");

        let here = site.app.cookie("anna", PASSWORD);
        let after = entries();
        assert_eq!(after.as_object().map(serde_json::Map::len), Some(2));
        assert_eq!(after[key], *session);
        assert_eq!(site.wordpress_takes(&[&cookie, &here]), [true, true]);

        // Nor does ending another session touch them.
        site.app.call("auth/clear_auth_cookie", &[("cookie", &here)]);
        assert_eq!(entries(), before);
    });
}

#[test]
fn a_session_of_the_service_reads_in_wordpress_as_its_own() {
    each(|site| {
        let id = site.add_user("anna");
        let request = crate::http::Request::post(
            "/api/user/generate_auth_cookie/?insecure=cool",
            &[("username", "anna"), ("password", PASSWORD), ("seconds", "1000")],
        );
        site.app.send(
            &request.header("User-Agent", "Ünser App/1.0 \\ \"q\"").header("X-Forwarded-For", "192.0.2.7"),
        );
        let said = site.wordpress.php_with(
            "$mine = current( WP_Session_Tokens::get_instance( $args )->get_all() );
            $_SERVER['REMOTE_ADDR']     = '192.0.2.7';
            $_SERVER['HTTP_USER_AGENT'] = wp_slash( 'Ünser App/1.0 \\\\ \"q\"' );
            $manager = WP_Session_Tokens::get_instance( $args );
            $token   = $manager->create( $mine['expiration'] );
            $theirs  = $manager->get( $token );
            // The clock moved on.
            $same = abs( $mine['login'] - $theirs['login'] ) < 60 && is_int( $mine['login'] );
            unset( $mine['login'], $theirs['login'] );
            return array( 'mine' => $mine, 'theirs' => $theirs, 'same' => $same );",
            json!(id),
        );
        assert_eq!(said["mine"].to_string(), said["theirs"].to_string());
        assert_eq!(said["same"], true);
    });
}

#[test]
fn twenty_logins_at_a_time_keep_twenty_sessions_and_those_of_wordpress() {
    each(|site| {
        let id = site.add_user("anna");
        let own = site.wordpress_cookie("anna", PASSWORD);
        let mut cookies: Vec<String> = std::thread::scope(|scope| {
            let logins: Vec<_> = (0..20)
                .map(|_| {
                    let to = site.app.address;
                    scope.spawn(move || {
                        let form = [("username", "anna"), ("password", PASSWORD)];
                        let target = "/api/user/generate_auth_cookie/?insecure=cool";
                        let answer = crate::http::Request::post(target, &form).send(to).json();
                        answer["cookie"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
                    })
                })
                .collect();
            logins.into_iter().map(|login| login.join().expect("a login")).collect()
        });
        cookies.push(own);
        let cookies: Vec<&str> = cookies.iter().map(String::as_str).collect();
        assert_eq!(site.wordpress_takes(&cookies), [true; 21]);
        assert_eq!(rows(site, id), 1);
    });
}

fn rows(site: &Site, id: u64) -> usize {
    let sql =
        format!("SELECT umeta_id FROM {{p}}usermeta WHERE user_id = {id} AND meta_key = 'session_tokens'");
    site.query(&sql).len()
}

#[test]
fn first_logins_at_a_time_make_one_row() {
    for server in [Server::mariadb(), Server::mysql97()] {
        let site = Site::on(server, SUITES[2]);
        first_logins(&site, &site.wordpress.database_url());
    }
}

/// Some hosts change the default, which is REPEATABLE READ.
#[test]
fn first_logins_at_a_time_make_one_row_in_read_committed_too() {
    for server in [Server::mariadb(), Server::mysql97()] {
        let site = Site::on(server, SUITES[2]);
        let account = PlainAccount::new(server, site.wordpress.database());
        assert_eq!(account.isolation(), "READ-COMMITTED", "{}", server.name());
        first_logins(&site, &account.url());
    }
}

/// 20 sessions of each of 10 users without a row, started together; no hashing spreads them.
fn first_logins(site: &Site, url: &str) {
    let ids: Vec<u64> = (0..10).map(|place| site.add_user(&format!("user{place}"))).collect();
    let settings = [
        ("wordpress.path", site.wordpress.path().to_str().expect("a path")),
        ("database.url", url),
        ("database.max_connections", "30"),
    ];
    let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let sources = Sources { command_line: settings.into(), ..Sources::default() };
    let settings = Settings::load(&sources).unwrap_or_else(|error| panic!("{error}"));
    System::new().block_on(async {
        let app = Arc::new(App::new(settings, Clock::System, Random::System).expect("an application"));
        let known = app.refresh().await.expect("a site");
        for id in &ids {
            let id = *id;
            let mut starts = Vec::new();
            for place in 0..20 {
                let (app, known) = (Arc::clone(&app), Arc::clone(&known));
                starts.push(spawn(async move {
                    let now = app.clock.now();
                    let context = Context {
                        db: &app.db,
                        hashing: &app.hashing,
                        limits: &app.limits,
                        caller: &Caller::stays(),
                        site: &known,
                        random: &app.random,
                        now,
                    };
                    let token = format!("token{place}");
                    let session = NewSession {
                        token: &token,
                        expiration: now + 100,
                        ip: None,
                        user_agent: b"",
                        login: now,
                    };
                    context.start_session(id, &[], session, 1000).await
                }));
            }
            for start in starts {
                start.await.expect("a task").unwrap_or_else(|error| panic!("{error}"));
            }
        }
        app.db.close().await;
    });
    for id in ids {
        assert_eq!(rows(site, id), 1, "{}", site.wordpress.server().name());
        let count = site
            .wordpress
            .php_with("return count( WP_Session_Tokens::get_instance( $args )->get_all() );", json!(id));
        assert_eq!(count, 20, "{}", site.wordpress.server().name());
    }
}

/// An account without the right to pass over `init_connect`, which gives its sessions another isolation level; the
/// sessions of the other tests keep theirs.
struct PlainAccount {
    server: &'static Server,
    database: String,
}

impl PlainAccount {
    const PASSWORD: &str = "plain-1";

    fn new(server: &'static Server, database: &str) -> Self {
        let account = Self { server, database: database.to_owned() };
        server.exec(
            "",
            &format!(
                "CREATE USER '{name}'@'%' IDENTIFIED BY '{}'; GRANT ALL ON {database}.* TO '{name}'@'%';
                 SET GLOBAL init_connect = 'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED'",
                Self::PASSWORD,
                name = account.name(),
            ),
        );
        account
    }

    /// Not longer than a name may be.
    fn name(&self) -> String {
        format!("p{}", self.database.trim_start_matches("wp_sidecar_test_"))
    }

    fn url(&self) -> String {
        let (host, port) = (self.server.host(), self.server.port());
        format!("mysql://{}:{}@{host}:{port}/{}", self.name(), Self::PASSWORD, self.database)
    }

    fn isolation(&self) -> String {
        let mut client = Command::new("mariadb");
        client
            .args(["--no-defaults", "--skip-ssl-verify-server-cert", "--protocol=tcp", "--batch"])
            .args([
                "--skip-column-names",
                "-e",
                "SHOW VARIABLES WHERE Variable_name IN ('tx_isolation', 'transaction_isolation')",
            ])
            .arg(format!("--host={}", self.server.host()))
            .arg(format!("--port={}", self.server.port()))
            .arg(format!("--user={}", self.name()))
            .env("MYSQL_PWD", Self::PASSWORD);
        let output = client.output().expect("the mariadb client runs");
        let text = String::from_utf8_lossy(&output.stdout);
        let complaint = String::from_utf8_lossy(&output.stderr);
        let level = text.lines().next().and_then(|line| line.split('\t').nth(1));
        level.unwrap_or_else(|| panic!("{text}{complaint}")).to_owned()
    }
}

impl Drop for PlainAccount {
    fn drop(&mut self) {
        self.server.exec("", &format!("SET GLOBAL init_connect = ''; DROP USER '{}'@'%'", self.name()));
    }
}
