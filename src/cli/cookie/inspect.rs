//! `wp-sidecar cookie inspect`: a cookie part by part. Token and signature are secret and never shown.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use crate::account::explain_cookie::{Explanation, Reason, explain, why_wrong};
use crate::cli::SettingsArguments;
use crate::cli::desk::Desk;
use crate::cli::given::{self, Given};
use crate::cli::words;
use crate::wp::auth_cookie::AuthCookie;
use crate::wp::cookie_names::CookieNames;
use crate::wp::password::HashKind;
use crate::wp::salts::Scheme;
use crate::wp::session_token::hash_token;

/// As much of a session's key as tells it from others.
pub const KEY_SHOWN: usize = 12;

#[derive(Args)]
pub struct Arguments {
    /// One JSON object instead of lines.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: SettingsArguments,
}

/// Prints what is known. The exit code is 1 when WordPress would refuse the cookie.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let input = given::read_input("the cookie")?;
    let sources = arguments.settings.sources();
    let (is_taken, text) = actix_web::rt::System::new().block_on(async {
        let desk = Desk::open_to_look(&sources).await?;
        let given = given::cookie(&input, &desk.site.cookies)?;
        let mut told = explain(&desk.app.db, &desk.site, desk.now, &given.value, given.scheme()).await?;
        if let Some(at) = told.reasons.iter().position(|reason| *reason == Reason::BadSignature) {
            told.reasons.splice(at..=at, why_wrong(&desk.site, &given.value, given.named).await);
        }
        desk.app.db.close().await;
        let text = if arguments.json {
            as_json(&told, &given, &desk.site.cookies).to_string()
        } else {
            lines(&told, &given, &desk).join("\n")
        };
        Ok::<_, anyhow::Error>((is_taken(&told, &given), text))
    })?;
    writeln!(std::io::stdout().lock(), "{text}")?;
    Ok(if is_taken { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn is_taken(told: &Explanation, given: &Given) -> bool {
    told.reasons.is_empty() && given.foreign_name.is_none()
}

fn lines(told: &Explanation, given: &Given, desk: &Desk) -> Vec<String> {
    let now = desk.now;
    let mut lines = Vec::new();
    let mut add = |name: &str, text: String| lines.push(words::one_line(&format!("{name:<11} {text}")));
    if let Some(name) = &given.foreign_name {
        add("name", name.clone());
    }
    if let Some(cookie) = AuthCookie::parse_unslashed(&given.value) {
        let until = cookie.expiration();
        add("login", String::from_utf8_lossy(cookie.login()).into_owned());
        add("expiration", format!("{until}, {}, {}", words::moment(until), words::distance(now, until)));
        let key = hash_token(cookie.token());
        let key = key.get(..KEY_SHOWN).unwrap_or_default();
        let length = match cookie.token().len() {
            1 => "1 character".to_owned(),
            length => format!("{length} characters"),
        };
        add("token", format!("{length}, of the session {key}…"));
    } else {
        let parts = given.value.split(|byte| *byte == b'|').count();
        add("parts", format!("{parts}, where login|expiration|token|signature are four"));
    }
    if let Some(found) = &told.user {
        let login = String::from_utf8_lossy(&found.user.login);
        add(
            "user",
            format!("{}, {login}, password stored as {}", found.user.id, HashKind::of(&found.user.pass)),
        );
        let signature = match told.scheme {
            Some(scheme) => format!("right, in the scheme {}", scheme_name(scheme)),
            None => "wrong".to_owned(),
        };
        add("signature", signature);
        add(
            "session",
            match &told.session {
                Some(session) => {
                    let begun = session.login.map(|login| format!("begun {}, ", words::moment(login)));
                    let ip = session.ip.as_ref().map(|ip| format!(", from {ip}"));
                    let agent = session.user_agent.as_ref().map(|agent| format!(", by {agent}"));
                    let end = format!(
                        "{}, {}",
                        words::moment(session.expiration),
                        words::distance(now, session.expiration)
                    );
                    let [begun, ip, agent] = [begun, ip, agent].map(Option::unwrap_or_default);
                    format!("{begun}ends {end}{ip}{agent}")
                }
                None => "none of this user has that token".to_owned(),
            },
        );
    }
    if is_taken(told, given) {
        add("verdict", format!("valid: WordPress takes it as {}", scheme_name(given.scheme())));
    }
    if given.foreign_name.is_some() {
        add("verdict", format!("refused: {}", other_name(&desk.site.cookies)));
    }
    for reason in &told.reasons {
        add("verdict", format!("refused: {}", sentence(*reason)));
    }
    lines
}

fn as_json(told: &Explanation, given: &Given, names: &CookieNames) -> Value {
    let cookie = AuthCookie::parse_unslashed(&given.value);
    let reason = |code: &str, text: String| json!({ "reason": code, "text": text });
    let other_name = given.foreign_name.iter().map(|_| reason("other_name", other_name(names)));
    let reasons = told.reasons.iter().map(|found| reason(code(*found), sentence(*found)));
    json!({
        "valid": is_taken(told, given),
        "reasons": other_name.chain(reasons).collect::<Vec<_>>(),
        "foreign_name": given.foreign_name,
        "login": cookie.as_ref().map(|cookie| String::from_utf8_lossy(cookie.login()).into_owned()),
        "expiration": cookie.as_ref().map(AuthCookie::expiration),
        "user_id": told.user.as_ref().map(|found| found.user.id),
        "scheme": told.scheme.map(scheme_name),
        "session": told.session.as_ref().map(|session| json!({
            "key": cookie.as_ref().map(|cookie| hash_token(cookie.token()).chars().take(KEY_SHOWN).collect::<String>()),
            "login": session.login,
            "expiration": session.expiration,
            "ip": session.ip,
            "user_agent": session.user_agent,
        })),
    })
}

pub fn scheme_name(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::LoggedIn => "logged_in",
        Scheme::SecureAuth => "secure_auth",
        Scheme::Auth => "auth",
        Scheme::Nonce => "nonce",
    }
}

fn code(reason: Reason) -> &'static str {
    match reason {
        Reason::Malformed => "malformed",
        Reason::Expired => "expired",
        Reason::UnknownUser => "unknown_user",
        Reason::OddLogin => "odd_login",
        Reason::OtherScheme(_) => "other_scheme",
        Reason::Slashed => "slashed",
        Reason::BadSignature => "bad_signature",
        Reason::ChangedPassword => "changed_password",
        Reason::OtherKeys => "other_keys",
        Reason::EndedSession => "ended_session",
    }
}

fn other_name(names: &CookieNames) -> String {
    let CookieNames { logged_in, secure_auth, auth, .. } = names;
    format!("WordPress reads no cookie of this name here, but {logged_in}, {secure_auth} and {auth}")
}

/// Why, in a sentence.
pub fn sentence(reason: Reason) -> String {
    match reason {
        Reason::Malformed => "it has not exactly four parts".to_owned(),
        Reason::Expired => "it has expired (in a POST request it holds for an hour more)".to_owned(),
        Reason::UnknownUser => {
            "nobody here has this login: the user was deleted, or it is a cookie of another site".to_owned()
        }
        Reason::OddLogin => {
            "WordPress strips parts of its login before it looks, and then finds nobody: such a user cannot log in \
             at all"
                .to_owned()
        }
        Reason::OtherScheme(scheme) => format!(
            "it is signed in another scheme, {}; the API takes logged_in cookies, a browser's go by their names",
            scheme_name(scheme)
        ),
        Reason::Slashed => {
            "its login or token has a quote or a backslash, which WordPress escapes before it looks"
                .to_owned()
        }
        Reason::BadSignature => {
            "its signature is wrong: other keys and salts, or another password".to_owned()
        }
        Reason::ChangedPassword => {
            "the password was changed after it was made, or a login has renewed its hash".to_owned()
        }
        Reason::OtherKeys => {
            "it was signed with other keys and salts, by another site, or altered: it fits no \
             password with the keys that the service reads"
                .to_owned()
        }
        Reason::EndedSession => {
            "its session has ended: the user logged out, or all sessions were ended".to_owned()
        }
    }
}
