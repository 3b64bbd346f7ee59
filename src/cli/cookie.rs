//! `wp-sidecar cookie`: explain one, issue one.

mod inspect;

pub use inspect::{KEY_SHOWN, sentence};

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use serde_json::json;

use super::SettingsArguments;
use super::desk::Desk;
use super::words;
use crate::account::explain_cookie;
use crate::settings::Sources;
use crate::wp::auth_cookie::AuthCookie;
use crate::wp::session_token::hash_token;

/// A cookie's life when nobody asks for another: 14 days, as for a login.
const DEFAULT_SECONDS: i64 = 14 * 86_400;

/// What the session says of its client: so that the owner of the account sees where it came from.
const AGENT: &[u8] = b"wp-sidecar cookie issue";

#[derive(Subcommand)]
pub enum Command {
    /// Explain a cookie from standard input, and why WordPress would refuse it.
    Inspect(inspect::Arguments),
    /// Log a user in without a password, for support work: starts a session and prints its cookie.
    Issue(IssueArguments),
}

#[derive(Args)]
pub struct IssueArguments {
    /// Login, e-mail address or number.
    user: String,
    /// How long it holds; no longer than auth.max_cookie_seconds.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_SECONDS, value_parser = clap::value_parser!(i64).range(1..))]
    seconds: i64,
    /// One JSON object: both cookies, their name, their end.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: SettingsArguments,
}

pub fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Inspect(arguments) => inspect::run(arguments),
        Command::Issue(arguments) => {
            let IssueArguments { user, seconds, json, settings } = arguments;
            let text =
                actix_web::rt::System::new().block_on(issue(&settings.sources(), &user, seconds, json))?;
            writeln!(std::io::stdout().lock(), "{text}")?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Starts a session just as a login does.
async fn issue(sources: &Sources, name: &str, seconds: i64, as_json: bool) -> anyhow::Result<String> {
    let desk = Desk::open(sources).await?;
    let found = desk.find_user(name).await?;
    if found.user.login.iter().any(|byte| matches!(byte, b'\'' | b'"' | b'\\' | b'|')) {
        bail!("WordPress takes no cookie of a login with a quote, a backslash or a bar");
    }
    let again = explain_cookie::find(&desk.app.db, &desk.site, &found.user.login).await?;
    if again.is_none_or(|again| again.user.id != found.user.id) {
        bail!("WordPress takes no cookie of this login: it strips parts of it before it looks for the user");
    }
    let auth = &desk.app.settings.auth;
    let expiration = desk.now.saturating_add(seconds.min(auth.max_cookie_seconds));
    let cookie = desk.account().issue_cookie(&found, expiration, None, AGENT, auth.max_sessions).await?;
    desk.app.db.close().await;
    let user_id = found.user.id;
    if as_json {
        return Ok(json!({
            "cookie": cookie.logged_in,
            "cookie_admin": cookie.secure_auth,
            "cookie_name": desk.site.cookies.logged_in,
            "user_id": user_id,
            "expiration": expiration,
        })
        .to_string());
    }
    let key =
        AuthCookie::parse_unslashed(cookie.logged_in.as_bytes()).map(|cookie| hash_token(cookie.token()));
    let key = key.unwrap_or_default();
    // Beside the cookie, so that a script can take standard output as it is.
    writeln!(
        std::io::stderr().lock(),
        "user {user_id} until {}, as {}; wp-sidecar sessions end {} --session {} ends it",
        words::moment(expiration),
        desk.site.cookies.logged_in,
        words::argument(&String::from_utf8_lossy(&found.user.login)),
        key.get(..KEY_SHOWN).unwrap_or_default()
    )
    .context("standard error")?;
    Ok(cookie.logged_in)
}
