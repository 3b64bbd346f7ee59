//! The commands. Only `main` uses this room.

mod check;
mod compare;
mod completions;
mod cookie;
mod demo;
mod desk;
mod given;
mod live_site;
mod log;
mod man;
mod notify;
mod openapi;
mod serve;
mod sessions;
mod words;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueHint};

use crate::ambient;
use crate::settings::Sources;

/// Serves a WordPress site's mobile apps from the site's own database.
#[derive(Parser)]
#[command(name = "wp-sidecar", version, about, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// How events are written.
    #[arg(long, global = true, value_enum, default_value_t = log::Format::Human)]
    log_format: log::Format,
}

#[derive(Subcommand)]
enum Command {
    /// Serve beside a WordPress site.
    Serve(SettingsArguments),
    /// Look at the site with the settings of serve, and say what is wrong and what to do. Writes nothing.
    Check(check::Arguments),
    /// Ask the live plugins and the service the same requests of an access log, and say where the answers differ.
    Compare(compare::Arguments),
    /// Explain or issue a login cookie.
    #[command(subcommand)]
    Cookie(cookie::Command),
    /// List or end a user's sessions.
    #[command(subcommand)]
    Sessions(sessions::Command),
    /// Start a private database with a small site and serve that; nothing is left behind.
    Demo(demo::Arguments),
    /// Print the OpenAPI document of the interface, or a collection for Postman or an editor.
    Openapi(openapi::Arguments),
    /// Print a script that lets a shell complete commands and options.
    Completions(completions::Arguments),
    /// Print the manual page, or write the pages of all commands.
    Man(man::Arguments),
}

impl Command {
    /// What runs on; the others tell what they find by themselves.
    fn is_service(&self) -> bool {
        matches!(self, Self::Serve(_) | Self::Demo(_))
    }
}

/// Where the settings come from.
#[derive(Args)]
struct SettingsArguments {
    /// The folder of wp-settings.php; its wp-config.php is read as data.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    wp_path: Option<String>,
    /// A settings file.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    config: Option<PathBuf>,
    /// Where to listen, for example 127.0.0.1:8080.
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// Any other setting, for example database.max_connections=20.
    #[arg(long = "set", value_name = "SECTION.KEY=VALUE", value_parser = parse_setting)]
    settings: Vec<(String, String)>,
}

impl SettingsArguments {
    fn sources(self) -> Sources {
        let mut command_line = self.settings;
        command_line.extend(self.wp_path.map(|path| ("wordpress.path".to_owned(), path)));
        command_line.extend(self.listen.map(|listen| ("server.listen".to_owned(), listen)));
        Sources {
            config_file: self.config,
            environment: ambient::environment(),
            unreadable: ambient::unreadable_variables(),
            command_line,
        }
    }
}

fn parse_setting(text: &str) -> Result<(String, String), &'static str> {
    let setting = text.split_once('=').filter(|(name, _)| !name.is_empty());
    let (name, value) = setting.ok_or("expected SECTION.KEY=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Parses the command line and runs the command.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = log::start(arguments.log_format, &ambient::environment(), arguments.command.is_service())
        .and_then(|started| run(arguments.command).inspect(|_| started.finish()));
    match done {
        Ok(code) => code,
        // Whoever reads wants no more; nothing is wrong.
        Err(error) if is_cut_short(&error) => ExitCode::FAILURE,
        Err(error) => {
            // One line, as scripts and service managers like it.
            #[expect(clippy::print_stderr, reason = "a command's last words")]
            {
                eprintln!("wp-sidecar: {}", words::causes(&error));
            }
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    let success = |()| ExitCode::SUCCESS;
    match command {
        Command::Serve(settings) => serve::run(&settings.sources()).map(success),
        Command::Demo(arguments) => demo::run(&arguments).map(success),
        Command::Check(arguments) => check::run(arguments),
        Command::Compare(arguments) => compare::run(arguments),
        Command::Cookie(command) => cookie::run(command),
        Command::Sessions(command) => sessions::run(command),
        Command::Openapi(arguments) => openapi::run(&arguments).map(success),
        Command::Completions(arguments) => completions::run(&arguments).map(success),
        Command::Man(arguments) => man::run(&arguments).map(success),
    }
}

/// Standard output was closed: `wp-sidecar check | head -1`.
fn is_cut_short(error: &anyhow::Error) -> bool {
    let cause = error.downcast_ref::<std::io::Error>();
    cause.is_some_and(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}
