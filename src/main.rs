//! The command `wp-sidecar`: parse, run, exit code.

use std::process::ExitCode;

/// Requests are made of many small pieces; the system's own allocator takes twice as long for them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    wp_sidecar::cli::main()
}
