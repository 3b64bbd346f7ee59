//! `check --url` against a genuine WordPress that answers over HTTP.

use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::beside::{Done, run, utf8};
use crate::server::{Server, free_port};
use crate::wordpress::{RealWordPress, SUITES};

/// PHP's own web server; it goes with this value, or with the test process.
struct Web {
    process: Child,
    url: String,
}

impl Web {
    fn serve(site: &Path, port: u16) -> Self {
        let process = Command::new("setpriv")
            .args([
                "--pdeathsig",
                "KILL",
                "php",
                "-d",
                "display_errors=0",
                "-d",
                "opcache.revalidate_freq=0",
                "-S",
                &format!("127.0.0.1:{port}"),
                "-t",
            ])
            .arg(site)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("php runs; script/setup installs it");
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(30), "PHP does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { process, url: format!("http://127.0.0.1:{port}") }
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A site that answers, and the cookie of its administrator as WordPress itself makes it.
fn site(suite: &str) -> (RealWordPress, Web, String) {
    let port = free_port();
    let url = format!("http://127.0.0.1:{port}");
    let wordpress = RealWordPress::site(suite).url(&url).start(Server::mariadb());
    own_admin_folder(wordpress.path());
    let web = Web::serve(wordpress.path(), port);
    let cookie = wordpress_cookie(&wordpress);
    (wordpress, web, cookie)
}

/// What is asked for finds WordPress by its own place, so it must not be a link into the package.
fn own_admin_folder(site: &Path) {
    let admin = site.join("wp-admin");
    let package = admin.canonicalize().expect("the package");
    fs::remove_file(&admin).expect("a link");
    fs::create_dir(&admin).expect("a folder");
    for entry in fs::read_dir(package).expect("the package") {
        let path = entry.expect("the package").path();
        let own = admin.join(path.file_name().expect("a name"));
        if path.is_file() {
            fs::copy(&path, own).expect("a writable folder");
        } else {
            symlink(&path, own).expect("a new link");
        }
    }
}

fn wordpress_cookie(wordpress: &RealWordPress) -> String {
    let cookie = wordpress.php(
        "$end = time() + 3600;
        return wp_generate_auth_cookie( 1, $end, 'logged_in', WP_Session_Tokens::get_instance( 1 )->create( $end ) );",
    );
    cookie.as_str().expect("a cookie").to_owned()
}

#[track_caller]
fn check(wordpress: &RealWordPress, url: &str, cookie: &str, more: &[&str]) -> Done {
    let mut arguments =
        vec!["check", "--url", url, "--wp-path", utf8(wordpress.path()), "--set", "mail.transport=off"];
    arguments.extend(more);
    let done = run(&arguments, cookie);
    for part in cookie.split('|').filter(|part| part.len() > 40) {
        assert!(!done.stdout.contains(part) && !done.stderr.contains(part), "{done:?}");
    }
    done
}

#[track_caller]
fn failed(done: &Done, texts: &[&str]) {
    assert_eq!(done.code, 1, "{done:?}");
    let line = done.line("live");
    for text in texts {
        assert!(line.starts_with("failed ") && line.contains(text), "{text} is not in {line}");
    }
}

#[test]
fn the_live_site_takes_the_cookie_that_the_service_signs() {
    for suite in SUITES {
        let (wordpress, web, cookie) = site(suite);
        let sessions = wordpress.php("return get_user_meta( 1, 'session_tokens', true );");
        let encoded = cookie.replace('|', "%7C");
        for given in [&cookie, &encoded] {
            let done = check(&wordpress, &web.url, given, &[]);
            assert_eq!(done.code, 0, "{suite}: {done:?}");
            assert_eq!(
                done.line("live"),
                "ok       live: the site takes a cookie that the service signed, for user 1, and both make the same nonces"
            );
            assert!(
                done.stdout.contains("ok       site-clock: the site's clock and the service's agree"),
                "{done:?}"
            );
        }
        assert_eq!(wordpress.php("return get_user_meta( 1, 'session_tokens', true );"), sessions, "{suite}");
    }
}

#[test]
fn salts_that_the_visit_itself_makes_wordpress_write_are_read_again() {
    let (mut wordpress, web, cookie) = site(SUITES[2]);
    wordpress.remove_constants(&["NONCE_KEY", "NONCE_SALT"]);
    let made = "SELECT COUNT(*) FROM wp_options WHERE option_name IN ('nonce_key', 'nonce_salt')";
    let delete = "DELETE FROM wp_options WHERE option_name IN ('nonce_key', 'nonce_salt')";
    wordpress.server().exec(wordpress.database(), delete);
    let done = check(&wordpress, &web.url, &cookie, &[]);
    assert!(done.line("salts").contains("nobody has made NONCE_KEY, NONCE_SALT yet"), "{done:?}");
    let line = done.line("live");
    assert!(line.starts_with("ok ") && line.ends_with("both make the same nonces"), "{line}");
    assert_eq!(wordpress.server().query(wordpress.database(), made)[0][0], "2");
}

#[test]
fn a_live_site_that_disagrees_is_told_apart_by_how_it_does() {
    let (mut wordpress, web, cookie) = site(SUITES[2]);
    // The service has other keys than the site.
    let done = check(&wordpress, &web.url, &cookie, &["--set", "keys.logged_in_key=another"]);
    failed(&done, &["the site takes the user's cookie and the service refuses it", "reads other keys"]);
    let done = check(&wordpress, &web.url, &cookie, &["--set", "keys.nonce_key=another"]);
    assert_eq!(done.code, 0, "{done:?}");
    assert!(
        done.line("live").starts_with("warning ") && done.line("live").contains("makes other nonces"),
        "{done:?}"
    );
    // The user logged out.
    wordpress.php("WP_Session_Tokens::get_instance( 1 )->destroy_all();");
    let done = check(&wordpress, &web.url, &cookie, &[]);
    failed(
        &done,
        &["site and service both refuse the user's cookie", "its session has ended", "log in to the site"],
    );
    // The site has other keys than the service reads: a process of its own was started with them.
    let cookie = wordpress_cookie(&wordpress);
    let settings = ["LOGGED_IN_KEY", "LOGGED_IN_SALT"].map(|name| {
        let (_, value) = crate::wordpress::KEYS.into_iter().find(|(key, _)| *key == name).expect("a key");
        format!("keys.{}={value}", name.to_lowercase())
    });
    wordpress.set_constant("LOGGED_IN_KEY", "'changed'");
    let done = check(&wordpress, &web.url, &cookie, &["--set", &settings[0], "--set", &settings[1]]);
    failed(&done, &["the site refuses the user's own cookie, which the service takes"]);
}

#[test]
fn what_does_not_answer_as_wordpress_does_is_said() {
    let (wordpress, web, cookie) = site(SUITES[2]);
    let done = check(&wordpress, &format!("{}/elsewhere", web.url), &cookie, &[]);
    failed(&done, &["/elsewhere/wp-admin/admin-ajax.php?action=rest-nonce", "give the address"]);
    let closed = format!("http://127.0.0.1:{}", free_port());
    failed(&check(&wordpress, &closed, &cookie, &[]), &["cannot be reached"]);
    failed(
        &check(&wordpress, "example.org", &cookie, &[]),
        &["\"example.org\" is no http:// or https:// address"],
    );
    failed(&check(&wordpress, &web.url, "", &[]), &["no cookie on standard input"]);
    failed(
        &check(&wordpress, &web.url, "nonsense", &[]),
        &["both refuse the user's cookie: it has not exactly four parts"],
    );
    let foreign = format!("wordpress_logged_in_abc={cookie}");
    failed(
        &check(&wordpress, &web.url, &foreign, &[]),
        &["the cookie is called wordpress_logged_in_abc", "COOKIEHASH"],
    );
    let found = run(
        &[
            "check",
            "--json",
            "--url",
            &web.url,
            "--wp-path",
            utf8(wordpress.path()),
            "--set",
            "mail.transport=off",
        ],
        &cookie,
    );
    let found = found.json();
    let live =
        found["findings"].as_array().expect("findings").iter().find(|finding| finding["check"] == "live");
    assert_eq!(live.expect("it is there")["status"], json!("ok"));
}
