//! A live site that is reached by TLS, whose authority only the owner knows: nginx before the plugins.

use std::fs;
use std::net::{IpAddr, TcpStream};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::{compare, findings, log_of, site};
use crate::beside::utf8;
use crate::plugins::{Answer, Plugins, Recorded};
use crate::server::own_address;

/// nginx; it goes with this value, or with the test process.
struct Front {
    process: Child,
    url: String,
    folder: TempDir,
}

impl Front {
    fn before(plugins: &Plugins) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let address = own_address();
        certificate(folder.path(), address.ip());
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {kind};\n"))
            .concat();
        let is_root = fs::metadata(folder.path()).expect("a folder").uid() == 0;
        let user = if is_root { "user root;\n" } else { "" };
        let configuration = format!(
            "{user}daemon off;\nmaster_process off;\npid nginx.pid;\nevents {{}}\nhttp {{\naccess_log off;\n{temporary}\
             server {{\nlisten {address} ssl;\nssl_certificate site.pem;\nssl_certificate_key key.pem;\n\
             location / {{ proxy_pass {}; }}\n}}\n}}\n",
            plugins.url()
        );
        fs::write(folder.path().join("nginx.conf"), configuration).expect("a writable folder");
        let installed = Path::new("/usr/sbin/nginx");
        let process = Command::new("setpriv")
            .args(["--pdeathsig", "KILL"])
            .arg(if installed.exists() { installed } else { Path::new("nginx") })
            .args(["-e", "stderr", "-p"])
            .arg(folder.path())
            .arg("-c")
            .arg(folder.path().join("nginx.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("nginx runs; script/setup installs it");
        let front = Self { process, url: format!("https://{address}"), folder };
        let begun = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(30), "nginx does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        front
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// `authority.pem`, and with its signature `site.pem` with `key.pem`.
fn certificate(folder: &Path, address: IpAddr) {
    let names = format!("subjectAltName=IP:{address}\nbasicConstraints=CA:FALSE\n");
    fs::write(folder.join("names"), names).expect("a file");
    let new = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc";
    for arguments in [
        format!("req -x509 {new} -days 2 -subj /CN=authority -keyout authority.key -out authority.pem"),
        format!("req {new} -subj /CN=site -keyout key.pem -out site.csr"),
        "x509 -req -in site.csr -CA authority.pem -CAkey authority.key -days 2 -extfile names -out site.pem"
            .to_owned(),
    ] {
        let made = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output();
        let made = made.expect("openssl runs; script/setup installs it");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }
}

#[test]
fn a_site_with_an_authority_of_its_own_is_believed_if_the_owner_names_it() {
    let site =
        site().sql("UPDATE wp_options SET option_value = 'https://127.0.0.1' WHERE option_name = 'home'");
    // What came by TLS needs no word for going without it; the service is told how the site was asked.
    let recorded = [Recorded {
        id: String::new(),
        path: "/api/user/info/".to_owned(),
        pairs: vec![("dev".to_owned(), "1".to_owned())],
        answer: Answer::new(
            200,
            "text/plain; charset: UTF-8;charset=UTF-8",
            r#"{"status":"ok","version":"3.6.0"}"#,
        ),
    }];
    let plugins = Plugins::answering(&recorded);
    let front = Front::before(&plugins);
    let authority = front.folder.path().join("authority.pem");
    let done = compare(&site, &front.url, &log_of(&recorded), &["--json"]);
    let report = done.json();
    let why = findings(&report, "failed")[0]["what"].as_str().expect("why");
    assert!(done.code == 2 && why.contains("invalid peer certificate"), "{report:#}");
    assert_eq!(plugins.take_asked(), [""; 0]);
    let done = compare(&site, &front.url, &log_of(&recorded), &["--json", "--ca", utf8(&authority)]);
    let report = done.json();
    assert_eq!((done.code, &report["status"]), (0, &"equal".into()), "{report:#}");
    assert_eq!(plugins.take_asked().len(), 1);
}
