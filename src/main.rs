//! The command `wp-sidecar`: parse, run, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    wp_sidecar::cli::main()
}
