//! The command `wp-sidecar`.
fn main() {}
