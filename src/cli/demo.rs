//! `wp-sidecar demo`: a private database with a small site, gone when it ends.

mod server;

use std::net::TcpListener;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;

use super::serve;
use crate::ambient::{Clock, Random};
use crate::app::App;
use crate::settings::{Settings, Sources};

/// The tables of a WordPress site and the rows of the demo site; one session, whose SQL mode the first sets.
const SITE: &str = concat!(include_str!("../../wp-schema.sql"), include_str!("../../fixtures/demo.sql"));

#[derive(Debug, Args)]
pub struct Arguments {
    /// Where to listen.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: String,
}

/// Serves the demo site until Ctrl-C.
pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let listener = TcpListener::bind(&arguments.listen).with_context(|| {
        format!("cannot listen on {}; choose another address with --listen", arguments.listen)
    })?;
    let address = listener.local_addr()?;
    let database = server::DemoServer::start()?;
    let setting = |name: &str, value: String| (name.to_owned(), value);
    let sources = Sources {
        command_line: vec![
            setting("database.url", database.url()),
            setting("server.listen", address.to_string()),
            setting("wordpress.version", "7.1".to_owned()),
            setting("wordpress.home", format!("http://{address}")),
            setting("wordpress.siteurl", format!("http://{address}")),
            setting("mail.transport", "off".to_owned()),
        ],
        ..Sources::default()
    };
    let settings = Settings::load(&sources)?;
    let done = actix_web::rt::System::new().block_on(async {
        let app = Arc::new(App::new(settings, Clock::System, Random::System)?);
        app.db.run_script(SITE).await.context("loading the demo site")?;
        app.refresh().await?;
        print_how_to(&format!("http://{address}"));
        serve::serve(&app, &Arc::default(), listener).await
    });
    drop(database);
    done
}

/// Lines to paste.
#[expect(clippy::print_stdout, reason = "the demo speaks to a person")]
fn print_how_to(site: &str) {
    println!(
        r#"
wp-sidecar demo: {site} answers the API of a small WordPress site, which has no pages. No mails leave it, so
retrieve_password is refused. Ctrl-C ends it and leaves nothing behind.

In a browser: {site}/docs

Log in and keep the cookie:
  curl -s '{site}/api/user/generate_auth_cookie/?insecure=cool&dev=1' -d username=anna -d password=demo-anna-1
  COOKIE=$(curl -s '{site}/api/user/generate_auth_cookie/?insecure=cool' -d username=anna -d password=demo-anna-1 | sed 's/.*"cookie":"\([^"]*\)".*/\1/')

Ask whether it holds, and whose it is:
  curl -s '{site}/api/user/validate_auth_cookie/?insecure=cool' --data-urlencode "cookie=$COOKIE"
  curl -s '{site}/api/user/get_currentuserinfo/?insecure=cool&dev=1' --data-urlencode "cookie=$COOKIE"

Register a user:
  NONCE=$(curl -s '{site}/api/get_nonce/?controller=user&method=register' | sed 's/.*"nonce":"\([^"]*\)".*/\1/')
  curl -s '{site}/api/user/register/?insecure=cool' -d username=carl -d email=carl@example.org -d user_pass=carl-Pass-1 -d nonce=$NONCE -d notify=none

Write and read user meta:
  curl -s '{site}/api/user/update_user_meta/?insecure=cool' --data-urlencode "cookie=$COOKIE" -d meta_key=color -d meta_value=green
  curl -s '{site}/api/user/get_user_meta/?insecure=cool' --data-urlencode "cookie=$COOKIE" -d meta_key=color

Write and read the extended profile:
  curl -s '{site}/api/user/xprofile_update/?insecure=cool' --data-urlencode "cookie=$COOKIE" -d Location=Oslo
  curl -s '{site}/api/user/xprofile/?insecure=cool&user_id=2&field=Name,Location'

Comment on a post:
  curl -s '{site}/api/user/post_comment/?insecure=cool' --data-urlencode "cookie=$COOKIE" -d post_id=1 -d comment_status=1 -d content=Hello

Look a user up:
  curl -s '{site}/api/user/get_userinfo/?insecure=cool&dev=1&user_id=1'
"#
    );
}
