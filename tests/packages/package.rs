//! The package, made once of the binary under test.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;

/// A file of the project.
pub fn project(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(file)
}

/// The package, as `script/package` makes it. In the folder of targets, where the next run removes it.
pub fn package() -> &'static Path {
    static PACKAGE: OnceLock<PathBuf> = OnceLock::new();
    PACKAGE.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("package");
        let _ = fs::remove_dir_all(&folder);
        let printed = output(
            Command::new(project("script/package"))
                .args(["--binary", env!("CARGO_BIN_EXE_wp-sidecar"), "--to"])
                .arg(folder),
        );
        PathBuf::from(printed.trim_end())
    })
}

/// Its content, unpacked.
pub fn unpacked() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    output(Command::new("dpkg-deb").arg("--extract").arg(package()).arg(folder.path()));
    folder
}

/// What a command prints; it succeeds.
#[track_caller]
pub fn output(command: &mut Command) -> String {
    let done = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    let (stdout, stderr) = (text(done.stdout), text(done.stderr));
    assert!(done.status.success(), "{command:?}: {}\n{stdout}\n{stderr}", done.status);
    stdout
}
