//! Schemathesis reads the document, makes calls of it, good and bad, and holds every answer to what is told.

use std::process::Command;

use crate::app::{Setup, dump, project};
use crate::server::{Server, cached};

/// What an answer is held to. Not whether the input was refused: PHP takes nearly anything for a parameter.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance,unsupported_method,\
                      allow_header_conformance";

#[test]
fn schemathesis_finds_no_answer_that_the_document_does_not_tell_of() {
    let server = Server::mariadb();
    let app = Setup::on(&server.url(&server.database_from(&dump("6.8"))))
        .set("wordpress.version", "6.8")
        .system_clock()
        .start();
    let files = project("tests/openapi/schemathesis");
    // It leaves folders where it runs.
    let folder = tempfile::tempdir().expect("a folder");
    let done = Command::new(cached("schemathesis").join("bin/python"))
        .args(["-m", "schemathesis.cli", "--config-file"])
        .arg(files.join("schemathesis.toml"))
        .args(["run", "--no-color", "--checks", CHECKS, "--url", &format!("http://{}", app.address)])
        .arg(format!("http://{}/openapi.json", app.address))
        .env("SCHEMATHESIS_HOOKS", "hooks")
        .env("PYTHONPATH", &files)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("WP_SIDECAR_SITE", format!("http://{}", app.address))
        .current_dir(folder.path())
        .output()
        .expect("script/fetch brings schemathesis");
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{text}\n{}", String::from_utf8_lossy(&done.stderr));
    assert!(text.contains("44 selected / 44 total"), "{text}");
    println!("{text}");
}
