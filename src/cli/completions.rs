//! `wp-sidecar completions`: what a shell needs to complete the commands and options. Needs no settings.

use std::io::Write as _;

use clap::{Args, CommandFactory as _};
use clap_complete::{Generator as _, Shell};

#[derive(Debug, Args)]
pub struct Arguments {
    /// Whose script is printed.
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the script.
pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let mut command = super::Arguments::command();
    command.set_bin_name("wp-sidecar");
    command.build();
    // In one piece: the generator panics where its writer fails, and a reader may have seen enough.
    let mut script = Vec::new();
    arguments.shell.try_generate(&command, &mut script)?;
    let mut script = String::from_utf8(script)?;
    if arguments.shell == Shell::Bash {
        script = mend_bash(&script);
    }
    std::io::stdout().write_all(script.as_bytes())?;
    Ok(())
}

/// The generator writes the hyphen of the program's name in two ways, and what it writes for the commands is then never
/// reached (clap's issue 6421). Nothing is found here once it is mended there.
fn mend_bash(script: &str) -> String {
    script.replace("wp__subcmd__sidecar", "wp__sidecar")
}
