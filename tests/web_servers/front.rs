//! A web server in front of a site, configured as a WordPress site's usually is, with what `packaging` adds.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::http::{Request, Response};
use crate::place::Place;
use crate::process::own_address;
use crate::program::Program;
use crate::stage::{HOST, Stage};

/// What it is to stand in front of.
pub struct Behind<'a> {
    pub place: Place,
    pub service: SocketAddr,
    /// The document root.
    pub root: &'a Path,
    /// Of php-fpm.
    pub socket: &'a Path,
}

impl<'a> From<&'a Stage> for Behind<'a> {
    fn from(stage: &'a Stage) -> Self {
        let Stage { place, service, socket, .. } = stage;
        Self { place: *place, service: service.address, root: stage.root(), socket }
    }
}

/// The running web server.
pub struct Front {
    pub name: &'static str,
    pub address: SocketAddr,
    /// Where it speaks TLS, if it does.
    pub tls: SocketAddr,
    _program: Program,
    _folder: TempDir,
}

impl Front {
    /// All three.
    pub fn each<'a>(behind: impl Into<Behind<'a>>) -> [Self; 3] {
        let behind = behind.into();
        // The site's own, which nginx and Apache are told of.
        fs::write(behind.root.join("error.html"), "the site's own page of errors").expect("a writable site");
        [Self::nginx(&behind), Self::apache(&behind), Self::caddy(&behind)]
    }

    /// nginx, on a second address with TLS.
    pub fn nginx(behind: &Behind<'_>) -> Self {
        let folder = folder();
        let (address, tls) = (own_address(), own_address());
        let path = |file: &str| folder.path().join(file);
        let (http, site) = behind.place.nginx(behind.service);
        fs::write(path("http.conf"), http).expect("a writable folder");
        fs::write(path("site.conf"), site).expect("a writable folder");
        certificate(folder.path());
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {};\n", path(kind).display()))
            .concat();
        let user = if is_root(folder.path()) { "user root;\n" } else { "" };
        let configuration = format!(
            "{user}daemon off;\nmaster_process off;\npid nginx.pid;\nevents {{}}\n\
             http {{\naccess_log off;\n{temporary}include http.conf;\n\
             server {{\nlisten {address};\nlisten {tls} ssl;\nssl_certificate certificate.pem;\n\
             ssl_certificate_key key.pem;\nserver_name {HOST};\nroot {root};\nindex index.php;\n\
             error_page 413 502 503 504 /error.html;\ninclude site.conf;\n\
             location / {{ try_files $uri $uri/ {folder}/index.php?$args; }}\n\
             location ~ \\.php$ {{\nfastcgi_pass unix:{socket};\ninclude /etc/nginx/fastcgi_params;\n\
             fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;\n\
             fastcgi_param HTTP_HOST $http_host;\n}}\n}}\n}}\n",
            root = behind.root.display(),
            folder = behind.place.folder,
            socket = behind.socket.display(),
        );
        fs::write(path("nginx.conf"), configuration).expect("a writable folder");
        let mut command = Command::new(installed("nginx"));
        command.arg("-p").arg(folder.path()).arg("-c").arg(path("nginx.conf")).args(["-e", "stderr"]);
        let program = Program::start(&command).listens_at(address);
        Self { name: "nginx", address, tls, _program: program, _folder: folder }
    }

    /// Apache with the `.htaccess` of WordPress.
    pub fn apache(behind: &Behind<'_>) -> Self {
        let folder = folder();
        let address = own_address();
        fs::write(folder.path().join("wp-sidecar.conf"), behind.place.apache(behind.service))
            .expect("a writable folder");
        let modules =
            ["mpm_event", "authz_core", "dir", "rewrite", "headers", "proxy", "proxy_http", "proxy_fcgi"]
                .map(|name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"))
                .concat();
        let configuration = format!(
            "{modules}ServerName {HOST}\nPidFile pid\nErrorLog /dev/stderr\nLogLevel error\n\
             DefaultRuntimeDir {here}\nListen {address}\n\
             <VirtualHost *>\nErrorDocument 502 /error.html\nErrorDocument 503 /error.html\nDocumentRoot {root}\nInclude {here}/wp-sidecar.conf\n\
             <Directory \"{root}\">\nAllowOverride All\nRequire all granted\nDirectoryIndex index.php\n</Directory>\n\
             <FilesMatch \"\\.php$\">\nSetHandler \"proxy:unix:{socket}|fcgi://localhost\"\n</FilesMatch>\n\
             </VirtualHost>\n",
            here = folder.path().display(),
            root = behind.root.display(),
            socket = behind.socket.display(),
        );
        fs::write(folder.path().join("apache.conf"), configuration).expect("a writable folder");
        // Apache does not serve as root, and another user may not read the test's folders.
        let mut command = if is_root(folder.path()) {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
            command.args(["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]);
            command.arg(installed("apache2"));
            command
        } else {
            Command::new(installed("apache2"))
        };
        command.arg("-DFOREGROUND").arg("-d").arg(folder.path()).args(["-f", "apache.conf"]);
        let program = Program::start(&command).listens_at(address);
        Self { name: "Apache", address, tls: address, _program: program, _folder: folder }
    }

    /// Caddy.
    pub fn caddy(behind: &Behind<'_>) -> Self {
        let folder = folder();
        let address = own_address();
        let (snippet, variables) = behind.place.caddy(behind.service);
        fs::write(folder.path().join("wp-sidecar.caddy"), snippet).expect("a writable folder");
        let configuration = format!(
            "{{\n\tadmin off\n\tauto_https off\n\tlog {{\n\t\tlevel ERROR\n\t}}\n}}\n\
             http://:{port} {{\n\tbind {ip}\n\troot * {root}\n\timport {snippet}\n\
             \tphp_fastcgi unix/{socket} {{\n\t\ttry_files {{path}} {{path}}/index.php {folder}/index.php\n\t}}\n\
             \tfile_server\n}}\n",
            port = address.port(),
            ip = address.ip(),
            root = behind.root.display(),
            snippet = folder.path().join("wp-sidecar.caddy").display(),
            socket = behind.socket.display(),
            folder = behind.place.folder,
        );
        fs::write(folder.path().join("Caddyfile"), configuration).expect("a writable folder");
        let mut command = Command::new("caddy");
        command.args(["run", "--adapter", "caddyfile", "--config"]).arg(folder.path().join("Caddyfile"));
        command.envs(variables);
        command.env("XDG_DATA_HOME", folder.path()).env("XDG_CONFIG_HOME", folder.path());
        let program = Program::start(&command).listens_at(address);
        Self { name: "Caddy", address, tls: address, _program: program, _folder: folder }
    }

    /// Sends a request as one for the site.
    #[track_caller]
    pub fn send(&self, request: &Request) -> Response {
        request.clone().header("Host", HOST).send(self.address)
    }

    #[track_caller]
    pub fn get(&self, target: &str) -> Response {
        self.send(&Request::get(target))
    }
}

fn folder() -> TempDir {
    let mut folder = tempfile::Builder::new();
    folder.prefix("wp-sidecar-test-").tempdir().expect("a temporary folder")
}

fn is_root(folder: &Path) -> bool {
    fs::metadata(folder).expect("a folder").uid() == 0
}

/// Debian keeps servers in sbin, which is not on everybody's path.
fn installed(name: &str) -> PathBuf {
    let path = Path::new("/usr/sbin").join(name);
    if path.exists() { path } else { name.into() }
}

/// A certificate that nobody signed, and its key.
fn certificate(folder: &Path) {
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc"])
        .args(["-days", "2", "-subj", &format!("/CN={HOST}"), "-keyout"])
        .arg(folder.join("key.pem"))
        .arg("-out")
        .arg(folder.join("certificate.pem"))
        .output()
        .expect("openssl runs; script/setup installs it");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}
