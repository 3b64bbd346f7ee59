//! A reset key written here is WordPress's own: its check accepts it, and the page of the mailed link shows the form.

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::json;

use crate::app::Setup;
use crate::http::{Request, Response};
use crate::server::Server;
use crate::smtp::SmtpSink;
use crate::wordpress::{RealWordPress, SUITES};

/// Ends a server when the test is gone, however it went: only the test holds the other end of the standard input.
const UNTIL_WE_GO: &str = r#""$@" & read -r _; kill $!; wait"#;

/// PHP's own web server on a site's folder.
struct Web {
    child: Child,
    address: SocketAddr,
}

impl Web {
    fn start(site: &Path) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = free.local_addr().expect("an address");
        drop(free);
        let mut child = Command::new("sh")
            .args(["-c", UNTIL_WE_GO, "sh", "php", "-S", &address.to_string(), "-t"])
            .arg(site)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("php runs; script/setup installs it");
        let mut said = BufReader::new(child.stderr.take().expect("its errors")).lines();
        assert!(said.any(|line| line.expect("text").contains("started")), "PHP's server starts");
        // It blocks when nobody reads what it says.
        std::thread::spawn(move || said.for_each(drop));
        Self { child, address }
    }

    fn get(&self, target: &str, cookie: &str) -> Response {
        Request::get(target).header("Cookie", cookie).send(self.address)
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

#[test]
fn the_key_that_was_mailed_opens_the_form_of_each_wordpress() {
    for suite in SUITES {
        let wordpress = RealWordPress::open(suite, Server::mariadb());
        // A dot at the end and an entity in the address are what WordPress itself stumbles over.
        let login = "o'neil & co.";
        wordpress.php_with(
            "
            global $wpdb;
            $id = wp_insert_user( array( 'user_login' => 'plain', 'user_pass' => 'x', 'user_email' => 'x&y@example.org' ) );
            $wpdb->update( $wpdb->users, array( 'user_login' => $args['login'] ), array( 'ID' => $id ) );
            update_option( 'json_api_controllers', 'core,user' );
            return $id;
            ",
            json!({ "login": login }),
        );
        let sink = SmtpSink::start();
        let app = Setup::beside(wordpress.path())
            .set("mail.transport", "smtp")
            .set("mail.smtp_url", &sink.url())
            .start();
        for (asked, login, email) in
            [("admin", "admin", "admin@example.org"), ("x&y@example.org", login, "x&y@example.org")]
        {
            let answer = app.call("user/retrieve_password", &[("user_login", asked)]);
            assert_eq!(answer.status, 200, "{suite}: {}", answer.text());
            let mail = sink.take().remove(0);
            assert_eq!(mail.to, [email]);
            let link = url::Url::parse(&mail.link()).expect("an address");
            let part = |name: &str| {
                let found = link.query_pairs().find(|(key, _)| key == name);
                found.map(|(_, value)| value.into_owned()).expect("a part of the link")
            };
            assert_eq!(part("login"), login);
            accepts(&wordpress, &part("key"), login);
            shows_the_form(&wordpress, &link);
        }
    }
}

fn accepts(wordpress: &RealWordPress, key: &str, login: &str) {
    let checked = wordpress.php_with(
        "
        $checked = array();
        foreach ( array( $args['key'], 'x' . $args['key'] ) as $key ) {
            $user      = check_password_reset_key( $key, $args['login'] );
            $checked[] = is_wp_error( $user ) ? $user->get_error_code() : $user->user_login;
        }
        return $checked;
        ",
        json!({ "key": key, "login": login }),
    );
    assert_eq!(checked, json!([login, "invalid_key"]), "WordPress {}", wordpress.version());
}

/// The page keeps the key in a cookie and leads to itself without it.
fn shows_the_form(wordpress: &RealWordPress, link: &url::Url) {
    let web = Web::start(wordpress.path());
    let target = format!("{}?{}", link.path(), link.query().expect("a query"));
    let first = web.get(&target, "");
    assert_eq!(first.status, 302, "{}", first.text());
    let cookie = first.headers.iter().filter(|(name, _)| name == "set-cookie");
    let cookie = cookie.map(|(_, value)| value).find(|value| value.starts_with("wp-resetpass-"));
    let cookie = cookie.and_then(|value| value.split(';').next()).expect("the key's cookie");
    let second = web.get(first.header("location").expect("an address"), cookie);
    let page = second.text();
    assert_eq!(second.status, 200, "{page}");
    assert!(page.contains("name=\"resetpassform\"") && page.contains("name=\"pass1\""), "{page}");
    // Without the cookie it is the form that asks for the name again.
    assert!(!web.get("/wp-login.php?action=rp", "").text().contains("name=\"pass1\""));
}
