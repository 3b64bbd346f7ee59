//! How mails leave.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::process::{Command, Stdio};

use super::{closed_port, found, mode, site};
use crate::beside::Done;
use crate::smtp::{Answer, SmtpSink};

#[test]
fn mails_that_cannot_leave() {
    let set = |name: &str, value: &str| {
        site()
            .set("mail.transport", name)
            .set(if name == "smtp" { "mail.smtp_url" } else { "mail.sendmail_path" }, value)
    };
    found(
        &set("sendmail", "/nowhere/sendmail").check(),
        "failed",
        "mail",
        &["there is no /nowhere/sendmail"],
    );
    let url = format!("smtp://127.0.0.1:{}", closed_port());
    found(&set("smtp", &url).check(), "failed", "mail", &["SMTP at 127.0.0.1:", "mail.smtp_url"]);
    let sink = SmtpSink::start();
    found(&set("smtp", &sink.url()).check(), "ok", "mail", &["it lets the service in"]);
}

#[test]
fn a_mail_server_that_says_nothing_is_given_up() {
    // So does one whose TLS begins at once.
    let sink = SmtpSink::with_manner(|_| Answer::Nothing);
    let url = format!("smtp+starttls://u:p@127.0.0.1:{}", sink.port());
    let done = site().set("mail.transport", "smtp").set("mail.smtp_url", &url).check();
    found(
        &done,
        "failed",
        "mail",
        &["STARTTLS, with a login: nothing is heard within 10 seconds", "does this port want smtps://"],
    );
}

#[test]
fn what_is_found_is_printed_before_the_next_server_answers() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let site = site().set("mail.transport", "smtp").set("mail.smtp_url", &format!("smtp://127.0.0.1:{port}"));
    let mut process = Command::new(env!("CARGO_BIN_EXE_wp-sidecar"))
        .args(site.arguments(&["check"]))
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let (mut client, _) = listener.accept().expect("it asks for its mail server");
    let mut lines = BufReader::new(process.stdout.take().expect("its output")).lines().map_while(Result::ok);
    let mut stdout = String::new();
    while !stdout.contains("passwords: ") {
        stdout.push_str(&lines.next().expect("what is known by now"));
        stdout.push('\n');
    }
    // No later than its patience, or this is not what it tells.
    client.write_all(b"SSH-2.0-OpenSSH_9.2\r\n").expect("it listens");
    stdout.extend(lines.map(|line| format!("{line}\n")));
    let code = process.wait().expect("it ends").code().expect("an exit code");
    let done = Done { code, stdout, stderr: String::new() };
    found(&done, "failed", "mail", &["without TLS: what answers there does not speak SMTP ->"]);
}

#[test]
fn bytes_that_are_no_text_and_a_server_that_hangs_up() {
    for (greeting, text) in [
        (&b"\xff\xfe\x00\x01\r\n"[..], "what answers there does not speak SMTP"),
        (b"", "the server hung up"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let answers = std::thread::spawn(move || {
            let (mut client, _) = listener.accept().expect("it asks for its mail server");
            client.write_all(greeting).expect("it listens");
        });
        let url = format!("smtp://127.0.0.1:{port}");
        let done = site().set("mail.transport", "smtp").set("mail.smtp_url", &url).check();
        answers.join().expect("it was asked");
        found(&done, "failed", "mail", &[text]);
    }
}

#[test]
fn a_program_that_others_may_run_and_a_server_that_is_not_used() {
    let site = site();
    site.write("sendmail", "#!/bin/sh\n");
    let program = site.path().join("sendmail");
    let site =
        site.set("mail.transport", "sendmail").set("mail.sendmail_path", crate::beside::utf8(&program));
    // The group may; the owner, who runs the service here, may not.
    mode(&program, 0o610);
    found(&site.check_bound(), "failed", "mail", &["is no program that the service may run"]);
    mode(&program, 0o700);
    found(&site.check_bound(), "ok", "mail", &["by "]);
    let done = site.set("mail.smtp_url", "smtp://u:hush-hush@127.0.0.1").check();
    found(&done, "warning", "mail", &["mail.smtp_url is set and not used", "set mail.transport to smtp"]);
}
