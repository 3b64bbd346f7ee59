//! The arrangement of `docker-compose.yml`, without containers: the wp-config.php of WordPress's image asks the same
//! environment in PHP and in the service, which runs as a user who owns nothing and may write nothing; Caddy runs the
//! Caddyfile that compose mounts.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::app::project;
use crate::http::{Request, Response};
use crate::php_fpm;
use crate::process::own_address;
use crate::program::Program;
use crate::server::Server;
use crate::stage::{self, Answerer, HOST};
use crate::wordpress::{ADMIN, RealWordPress};

/// What stands in the image's file in place of keys, until it is started.
const PHRASE: &str = "put your unique phrase here";

/// Who the image runs as.
const NOBODY: &str = "10001";

fn allow(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a file of the test's own");
}

/// The image's wp-config.php, with keys as its first start makes them.
fn wp_config() -> String {
    let mut text = fs::read_to_string(project("fixtures/wp-config/docker.php")).expect("the fixture");
    let mut number = 0;
    while text.contains(PHRASE) {
        number += 1;
        text = text.replacen(PHRASE, &format!("{number:040x}"), 1);
    }
    assert_eq!(number, 8, "as many keys");
    text
}

/// The arrangement.
struct Containers {
    web: SocketAddr,
    service: SocketAddr,
    volume: tempfile::TempDir,
    _programs: [Program; 3],
    _wordpress: RealWordPress,
}

impl Containers {
    fn start() -> Self {
        let server = Server::mariadb();
        let wordpress = RealWordPress::site("trixie").url(&format!("http://{HOST}")).start(server);
        wordpress.php("update_option( 'json_api_controllers', 'core,user,auth' );");
        stage::mark(wordpress.path());
        fs::write(wordpress.path().join("wp-config.php"), wp_config()).expect("a writable site");

        // What the service sees of the volume: a few files, all read-only.
        let volume =
            tempfile::Builder::new().prefix("wp-sidecar-test-").tempdir().expect("a temporary folder");
        allow(volume.path(), 0o755);
        let html = volume.path().join("html");
        for file in ["wp-config.php", "wp-settings.php", "wp-includes/version.php"] {
            let copy = html.join(file);
            fs::create_dir_all(copy.parent().expect("a folder")).expect("a new folder");
            fs::copy(wordpress.path().join(file), &copy).expect("a file of the site");
            allow(&copy, 0o444);
        }
        let secret = volume.path().join("db-password");
        fs::write(&secret, format!("{}\n", server.password())).expect("a new file");
        allow(&secret, 0o444);
        let environment = [
            ("WORDPRESS_DB_HOST", server.host().to_owned()),
            ("WORDPRESS_DB_PORT", server.port().to_string()),
            ("WORDPRESS_DB_NAME", wordpress.database().to_owned()),
            ("WORDPRESS_DB_USER", server.user().to_owned()),
            ("WORDPRESS_DB_PASSWORD_FILE", secret.display().to_string()),
        ];

        let mut php = php_fpm::command(volume.path(), 2);
        php.envs(environment.clone());
        let php = Program::start(&php);

        let address = own_address();
        let binary = volume.path().join("wp-sidecar");
        fs::copy(env!("CARGO_BIN_EXE_wp-sidecar"), &binary).expect("the binary");
        let mut service = as_nobody(volume.path(), &binary);
        service.envs(environment).args(["serve", "--log-format", "json"]);
        service.env("WP_SIDECAR__SERVER__LISTEN", address.to_string());
        service.env("WP_SIDECAR__WORDPRESS__PATH", &html);
        service.env("WP_SIDECAR__MAIL__TRANSPORT", "smtp");
        service.env("WP_SIDECAR__MAIL__SMTP_URL", "smtp://127.0.0.1:1025");
        let service = Program::start(&service).listens_at(address);

        let web = own_address();
        let caddyfile = fs::read_to_string(project("packaging/docker/Caddyfile")).expect("the Caddyfile");
        let socket = php_fpm::socket(volume.path());
        let caddyfile = [
            (":80 {", format!("http://:{} {{\n\tbind {}", web.port(), web.ip())),
            ("/var/www/html", wordpress.path().display().to_string()),
            ("wordpress:9000", format!("unix/{}", socket.display())),
            ("auto_https off", "auto_https off\n\tadmin off".to_owned()),
        ]
        .into_iter()
        .fold(caddyfile, |text, (from, to)| {
            assert!(text.contains(from), "{from}");
            text.replace(from, &to)
        });
        fs::write(volume.path().join("Caddyfile"), caddyfile).expect("a new file");
        let snippet = project("packaging/caddy/wp-sidecar.caddy");
        symlink(snippet, volume.path().join("wp-sidecar.caddy")).expect("a new link");
        let mut caddy = Command::new("caddy");
        caddy.args(["run", "--adapter", "caddyfile", "--config"]).arg(volume.path().join("Caddyfile"));
        caddy.env("XDG_DATA_HOME", volume.path()).env("XDG_CONFIG_HOME", volume.path());
        caddy.env("WP_SIDECAR_AT", address.to_string());
        let caddy = Program::start(&caddy).listens_at(web);
        Self { web, service: address, volume, _programs: [caddy, service, php], _wordpress: wordpress }
    }

    /// The image's health check.
    fn is_ready(&self, address: SocketAddr) -> bool {
        // It asks the address of the container itself.
        let script = fs::read_to_string(project("packaging/docker/is-ready")).expect("the health check");
        assert!(script.contains("/127.0.0.1/"));
        let here = self.volume.path().join("is-ready");
        fs::write(&here, script.replace("/127.0.0.1/", &format!("/{}/", address.ip()))).expect("a new file");
        allow(&here, 0o755);
        let mut command = Command::new(here);
        command.env("WP_SIDECAR__SERVER__LISTEN", format!("0.0.0.0:{}", address.port()));
        command.output().expect("bash runs").status.success()
    }

    fn send(&self, request: &Request) -> Response {
        request.clone().header("Host", HOST).send(self.web)
    }
}

/// The binary as the image's user where the test is root, and else as whoever runs the test.
fn as_nobody(folder: &Path, binary: &Path) -> Command {
    use std::os::unix::fs::MetadataExt as _;
    if fs::metadata(folder).expect("a folder").uid() != 0 {
        return Command::new(binary);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", "--no-new-privs"]);
    command.args(["--inh-caps=-all", "--bounding-set=-all"]).arg(binary);
    command
}

#[test]
fn a_site_of_containers_is_served_with_the_keys_that_its_image_made() {
    let containers = Containers::start();
    crate::calls::wait_until("the service is healthy", || containers.is_ready(containers.service));
    assert!(!containers.is_ready(own_address()), "nobody is healthy where nobody is");

    let login = "/api/user/generate_auth_cookie/?insecure=cool";
    let answer: Value =
        containers.send(&Request::post(login, &[("username", ADMIN.0), ("password", ADMIN.1)])).json();
    let text = |name: &str| answer[name].as_str().unwrap_or_else(|| panic!("{answer}"));
    let cookie = format!("{}={}", text("cookie_name"), text("cookie").replace('|', "%7C"));
    let page = containers.send(&Request::get("/").header("Cookie", &cookie));
    assert_eq!((Answerer::of(&page), page.header("x-user")), (Answerer::WordPress, Some("1")));
}
