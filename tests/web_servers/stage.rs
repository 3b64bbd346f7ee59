//! A real WordPress under php-fpm and the real service, both on one database: what stands behind a web server.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use serde_json::json;
use tempfile::TempDir;

use crate::http::Response;
use crate::php_fpm;
use crate::place::Place;
use crate::process::{Service, Setup};
use crate::program::Program;
use crate::server::Server;
use crate::wordpress::RealWordPress;

/// The host of the site's address.
pub const HOST: &str = "site.test";

/// The permalinks of the recorded site.
pub const PRETTY: &str = "/%year%/%monthnum%/%postname%/";

/// The rules that WordPress writes for Apache.
const HTACCESS: &str = "RewriteEngine On\nRewriteBase {folder}/\nRewriteRule ^index\\.php$ - [L]\n\
                        RewriteCond %{REQUEST_FILENAME} !-f\nRewriteCond %{REQUEST_FILENAME} !-d\n\
                        RewriteRule . {folder}/index.php [L]\n";

/// Says that PHP answered, and whom it took for the user.
const MARK: &str = "<?php\nheader( 'X-Answered-By: WordPress' );\n\
                    add_action( 'init', function () { header( 'X-User: ' . get_current_user_id() ); } );\n";

/// Adds that to a site.
pub fn mark(site: &Path) {
    fs::write(site.join("wp-content/mu-plugins/mark.php"), MARK).expect("a writable site");
}

/// Both, until this is dropped.
pub struct Stage {
    pub place: Place,
    pub service: Service,
    pub wordpress: RealWordPress,
    pub socket: PathBuf,
    folder: TempDir,
    _php: Program,
}

impl Stage {
    /// At that place, with these permalinks (empty: plain ones) and further settings of the service.
    #[track_caller]
    pub fn open(place: Place, permalinks: &str, set: impl FnOnce(Setup) -> Setup) -> Self {
        let server = Server::mariadb();
        let url = format!("http://{HOST}{}", place.folder);
        let wordpress = RealWordPress::site("trixie").url(&url).start(server);
        wordpress.php_with(
            "update_option( 'json_api_controllers', 'core,user,auth' );
            update_option( 'json_api_base', $args['base'] );
            $GLOBALS['wp_rewrite']->set_permalink_structure( $args['permalinks'] );
            flush_rewrite_rules( false );",
            json!({ "base": place.base, "permalinks": permalinks }),
        );
        let file = |name: &str| wordpress.path().join(name);
        mark(wordpress.path());
        // Debian's package has a link to its own.
        let _ = fs::remove_file(file(".htaccess"));
        fs::write(file(".htaccess"), HTACCESS.replace("{folder}", place.folder)).expect("a writable site");

        let folder = server.temporary_folder();
        if let Some(name) = place.folder.strip_prefix('/') {
            symlink(wordpress.path(), folder.path().join(name)).expect("a new link");
        }
        let php = Program::start(&php_fpm::command(folder.path(), 2));
        let service = set(Setup::beside(wordpress.path())).start();
        let socket = php_fpm::socket(folder.path());
        Self { place, service, wordpress, socket, folder, _php: php }
    }

    /// The document root that has the site in its folder.
    pub fn root(&self) -> &Path {
        if self.place.folder.is_empty() { self.wordpress.path() } else { self.folder.path() }
    }
}

/// Who answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answerer {
    Service,
    WordPress,
    /// The web server by itself: a file, a redirect, an error.
    WebServer,
}

impl Answerer {
    pub fn of(answer: &Response) -> Self {
        let says = |name, value| answer.header(name).is_some_and(|found| found.contains(value));
        match (says("content-security-policy", "default-src 'none'"), says("x-answered-by", "WordPress")) {
            (true, false) => Self::Service,
            (false, true) => Self::WordPress,
            (false, false) => Self::WebServer,
            (true, true) => panic!("both answered: {answer:?}"),
        }
    }
}
