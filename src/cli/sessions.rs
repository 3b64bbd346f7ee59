//! `wp-sidecar sessions`: who is logged in where, and ending that.

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::bail;
use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::SettingsArguments;
use super::cookie::KEY_SHOWN;
use super::desk::Desk;
use super::words;
use crate::account::sessions::stored;
use crate::wp::sessions::SessionEntry;

#[derive(Subcommand)]
pub enum Command {
    /// List a user's live sessions.
    List(ListArguments),
    /// End a user's sessions: their cookies no longer hold.
    End(EndArguments),
}

#[derive(Args)]
pub struct ListArguments {
    /// Login, e-mail address or number.
    user: String,
    /// A JSON list instead of lines.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: SettingsArguments,
}

#[derive(Args)]
pub struct EndArguments {
    /// Login, e-mail address or number.
    user: String,
    /// Only the session whose key begins so, as the list shows it.
    #[arg(long, value_name = "KEY", value_parser = NonEmptyStringValueParser::new())]
    session: Option<String>,
    #[command(flatten)]
    settings: SettingsArguments,
}

pub fn run(command: Command) -> anyhow::Result<ExitCode> {
    let text = actix_web::rt::System::new().block_on(async {
        match command {
            Command::List(arguments) => list(arguments).await,
            Command::End(arguments) => end(arguments).await,
        }
    })?;
    writeln!(std::io::stdout().lock(), "{text}")?;
    Ok(ExitCode::SUCCESS)
}

async fn list(arguments: ListArguments) -> anyhow::Result<String> {
    let desk = Desk::open_to_look(&arguments.settings.sources()).await?;
    let found = desk.find_user(&arguments.user).await?;
    desk.app.db.close().await;
    let sessions = stored(found.user.id, &found.meta)?;
    let live: Vec<SessionEntry<'_>> =
        sessions.entries().filter(|session| session.expiration >= desk.now).collect();
    if arguments.json {
        return Ok(live.iter().map(as_json).collect::<Value>().to_string());
    }
    let login = String::from_utf8_lossy(&found.user.login);
    let head = format!("user {}, {login}: {} live", found.user.id, sessions_of(live.len()));
    let lines = live.iter().map(|session| line(session, desk.now));
    Ok(std::iter::once(words::one_line(&head)).chain(lines).collect::<Vec<_>>().join("\n"))
}

async fn end(arguments: EndArguments) -> anyhow::Result<String> {
    let desk = Desk::open_to_look(&arguments.settings.sources()).await?;
    let found = desk.find_user(&arguments.user).await?;
    let beginning = arguments.session.unwrap_or_default();
    // As `cookie inspect` shows it.
    let beginning = beginning.trim_end_matches('…');
    let is_chosen = |key: &[u8]| key.starts_with(beginning.as_bytes());
    let live = stored(found.user.id, &found.meta)?;
    let live =
        live.entries().filter(|session| session.expiration >= desk.now && is_chosen(&session.key)).count();
    if !beginning.is_empty() && live != 1 {
        bail!("{} of user {} begin with {beginning:?}", sessions_of(live), found.user.id);
    }
    let ended = desk.account().end_sessions(found.user.id, is_chosen).await?;
    desk.app.db.close().await;
    let login = String::from_utf8_lossy(&found.user.login);
    Ok(words::one_line(&format!("user {}, {login}: {} ended", found.user.id, sessions_of(ended))))
}

fn sessions_of(count: usize) -> String {
    match count {
        0 => "no sessions".to_owned(),
        1 => "1 session".to_owned(),
        count => format!("{count} sessions"),
    }
}

fn line(session: &SessionEntry<'_>, now: i64) -> String {
    let begun = session.login.map_or_else(|| "at some time".to_owned(), words::moment);
    let until =
        format!("{} ({})", words::moment(session.expiration), words::distance(now, session.expiration));
    let ip = session.ip.map_or("-".into(), String::from_utf8_lossy);
    let agent = session.user_agent.map_or("-".into(), String::from_utf8_lossy);
    words::one_line(&format!("{}  begun {begun}  ends {until}  from {ip}  by {agent}", key(session)))
}

fn as_json(session: &SessionEntry<'_>) -> Value {
    let text = |bytes: Option<&[u8]>| bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    json!({
        "session": key(session),
        "login": session.login,
        "expiration": session.expiration,
        "ip": text(session.ip),
        "user_agent": text(session.user_agent),
    })
}

fn key(session: &SessionEntry<'_>) -> String {
    String::from_utf8_lossy(&session.key).chars().take(KEY_SHOWN).collect()
}
