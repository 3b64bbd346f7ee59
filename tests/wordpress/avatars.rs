//! Uploaded avatars lie where WordPress says that its uploads are.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::app::Setup;
use crate::server::Server;
use crate::wordpress::{RealWordPress, SUITES};

/// Sets the options, and tells where the uploads are then.
const PLACE: &str = r"
update_option( 'active_plugins', array( 'buddypress/bp-loader.php' ) );
update_option( 'json_api_controllers', 'core,user' );
update_option( 'upload_path', $args['path'] );
update_option( 'upload_url_path', $args['url'] );
$place = wp_upload_dir( null, false, true );
return array( $place['basedir'], $place['baseurl'] );
";

#[test]
fn uploaded_avatars_are_found_where_wordpress_keeps_its_uploads() {
    let elsewhere = tempfile::tempdir().unwrap();
    let elsewhere = elsewhere.path().to_str().unwrap();
    for suite in SUITES {
        let mut site = RealWordPress::open(suite, Server::mariadb());
        let inside = site.path().join("inside").to_str().unwrap().to_owned();
        for (path, url) in [
            ("", ""),
            ("wp-content/uploads", ""),
            (" media ", ""),
            ("media/x", "http://cdn.example/x"),
            (elsewhere, ""),
            (elsewhere, "http://cdn.example"),
            (&inside, ""),
        ] {
            compare(&site, path, url);
        }
        for (name, value) in [
            ("WP_CONTENT_URL", "http://e.org/content"),
            ("UPLOADS", "wp-content/files"),
            ("WP_SITEURL", "http://e.org/wp"),
        ] {
            site.set_constant(name, &format!("'{value}'"));
            compare(&site, "", "");
            compare(&site, "media", "");
        }
    }
}

#[track_caller]
fn compare(site: &RealWordPress, path: &str, url: &str) {
    let place = site.php_with(PLACE, json!({"path": path, "url": url}));
    let (folder, address) = (place[0].as_str().unwrap(), place[1].as_str().unwrap());
    let folder = Path::new(folder).join("avatars/1");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("1-bpfull.jpg"), "x").unwrap();
    let app = Setup::beside(site.path()).set("server.listen", "127.0.0.1:0").start();
    let answer = app.call("user/get_avatar", &[("user_id", "1"), ("type", "full")]).json();
    assert_eq!(answer["avatar"], Value::from(format!("{address}/avatars/1/1-bpfull.jpg")), "{path} {url}");
    fs::remove_dir_all(folder.parent().unwrap()).unwrap();
}
