//! The commands. Only `main` uses this room.

mod demo;
mod log;
mod openapi;
mod serve;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

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
    /// Start a private database with a small site and serve that; nothing is left behind.
    Demo(demo::Arguments),
    /// Print the OpenAPI document of the interface, or a collection for Postman or an editor.
    Openapi(openapi::Arguments),
}

/// Where the settings come from.
#[derive(Args)]
struct SettingsArguments {
    /// The folder of wp-settings.php; its wp-config.php is read as data.
    #[arg(long, value_name = "DIR")]
    wp_path: Option<String>,
    /// A settings file.
    #[arg(long, value_name = "FILE")]
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
        Sources { config_file: self.config, environment: ambient::environment(), command_line }
    }
}

fn parse_setting(text: &str) -> Result<(String, String), &'static str> {
    let (name, value) = text.split_once('=').ok_or("expected SECTION.KEY=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Parses the command line and runs the command.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    log::start(arguments.log_format, ambient::environment().get("RUST_LOG"));
    let done = match arguments.command {
        Command::Serve(settings) => serve::run(&settings.sources()),
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Openapi(arguments) => openapi::run(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line, as scripts and service managers like it.
            #[expect(clippy::print_stderr, reason = "a command's last words")]
            {
                eprintln!("wp-sidecar: {error:#}");
            }
            ExitCode::FAILURE
        }
    }
}
