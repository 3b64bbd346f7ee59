//! The same site's own WordPress under nginx and php-fpm, on the same tables.

use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use wp_sidecar::wp::auth_cookie::AuthCookie;
use wp_sidecar::wp::nonce::{self, Subject};

use crate::http::Request;
use crate::php_fpm;
use crate::rounds::CONNECTIONS;
use crate::spread::Spread;
use crate::stage::{Program, Stage, USER, free_address};
use crate::wordpress::KEYS;
use crate::wrk::Load;

/// `users/me` of the REST API against `get_currentuserinfo`: the nearest that WordPress itself has.
pub fn measure(stage: &Stage, rounds: usize, time: Duration) -> String {
    let web = Web::start(stage);
    let path = "/index.php?rest_route=/wp/v2/users/me".to_owned();
    let headers = headers(stage);
    let mut request = Request::get(&path);
    for header in &headers {
        let (name, value) = header.split_once(": ").expect("a header");
        request = request.header(name, value);
    }
    let begun = Instant::now();
    let mut said = String::from("nothing");
    while !said.contains("\"id\":3") {
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "WordPress does not know the cookie's user: {said}"
        );
        std::thread::sleep(Duration::from_millis(100));
        if TcpStream::connect(web.address).is_ok() {
            said = request.send(web.address).text();
        }
    }
    let to = format!("http://{}", web.address);
    let theirs = Load { to, requests: vec![path], headers, connections: CONNECTIONS, time };
    let ours = stage.load(&stage.service, "get_currentuserinfo", CONNECTIONS, time);
    let [mut php, mut own, mut ratio] = [(); 3].map(|()| Vec::new());
    for _ in 0..rounds {
        let (theirs, ours) = (theirs.run(), ours.run());
        assert_eq!((theirs.refused, ours.refused), (0, 0));
        php.push(theirs.rate);
        own.push(ours.rate);
        ratio.push(ours.rate / theirs.rate);
    }
    format!(
        "| figure | median (least to greatest) |\n| --- | --- |\n\
         | WordPress {} under nginx and php-fpm, `GET /wp/v2/users/me`, requests a second | {:.0} |\n\
         | the service, `get_currentuserinfo`, requests a second | {:.0} |\n\
         | times as many | {:.0} |\n",
        stage.wordpress.version(),
        Spread::of(php),
        Spread::of(own),
        Spread::of(ratio),
    )
}

/// The cookie and the nonce that the REST API wants beside it.
fn headers(stage: &Stage) -> Vec<String> {
    let name = stage.wordpress.php("return LOGGED_IN_COOKIE;");
    let name = name.as_str().expect("a name");
    let cookie = AuthCookie::parse_unslashed(stage.cookie.as_bytes()).expect("a cookie");
    let key = |name| KEYS.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value);
    let salt = [key("NONCE_KEY"), key("NONCE_SALT")].concat();
    let now = stage.wordpress.php("return time();").as_i64().expect("a time");
    let subject = Subject { action: "wp_rest", user_id: USER.2, token: cookie.session_token() };
    let nonce = nonce::create(nonce::tick(now), subject, salt.as_bytes());
    vec![format!("Cookie: {name}={}", stage.cookie.replace('|', "%7C")), format!("X-WP-Nonce: {nonce}")]
}

/// nginx and php-fpm, from a folder of their own.
struct Web {
    address: SocketAddr,
    _programs: [Program; 2],
    _folder: TempDir,
}

impl Web {
    fn start(stage: &Stage) -> Self {
        let folder = stage.server.temporary_folder();
        let (address, cores) = (free_address(), std::thread::available_parallelism().map_or(1, usize::from));
        let path = |file: &str| folder.path().join(file);
        let fpm = php_fpm::command(folder.path(), cores * 2);
        let socket = php_fpm::socket(folder.path());
        let root = fs::metadata(folder.path()).expect("a folder").uid() == 0;
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {};\n", path(kind).display()))
            .concat();
        let nginx_user = if root { "user root;\n" } else { "" };
        let nginx = format!(
            "{nginx_user}daemon off;\nmaster_process off;\npid {pid};\nerror_log {log};\n\
             events {{ worker_connections 1024; }}\n\
             http {{\naccess_log off;\nkeepalive_requests 1000000;\n{temporary}\
             server {{\nlisten {address};\nroot {site};\n\
             location ~ \\.php$ {{\nfastcgi_pass unix:{socket};\n\
             fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;\n\
             fastcgi_param SCRIPT_NAME $fastcgi_script_name;\n\
             fastcgi_param REQUEST_METHOD $request_method;\nfastcgi_param REQUEST_URI $request_uri;\n\
             fastcgi_param QUERY_STRING $query_string;\nfastcgi_param SERVER_NAME $server_name;\n\
             fastcgi_param SERVER_PORT $server_port;\nfastcgi_param SERVER_PROTOCOL $server_protocol;\n\
             fastcgi_param REMOTE_ADDR $remote_addr;\nfastcgi_param HTTP_HOST $http_host;\n}}\n}}\n}}\n",
            pid = path("nginx.pid").display(),
            log = path("nginx.log").display(),
            site = stage.wordpress.path().display(),
            socket = socket.display(),
        );
        fs::write(path("nginx.conf"), nginx).expect("a writable folder");
        let fpm = Program::listening(&fpm, address);
        let mut command = Command::new(program("nginx"));
        command.arg("-p").arg(folder.path()).arg("-c").arg(path("nginx.conf"));
        command.arg("-e").arg(path("nginx.log"));
        let nginx = Program::listening(&command, address);
        Self { address, _programs: [nginx, fpm], _folder: folder }
    }
}

fn program(name: &str) -> PathBuf {
    let path = Path::new("/usr/sbin").join(name);
    if path.exists() { path } else { name.into() }
}
