//! The mail room against a real SMTP server, a slow one, a refusing one, and a local program.

use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use wp_sidecar::mail::comment::{CommentMail, Task};
use wp_sidecar::mail::{MailError, Mailer, Message, Patience, SiteNames, new_user, new_user_admin};
use wp_sidecar::settings::{Mail, MailTransport, smtp::SmtpServer};

use crate::smtp::{Answer, SmtpSink};

fn settings(url: &str) -> Mail {
    let server = SmtpServer::parse(url).expect("a server");
    Mail { transport: MailTransport::Smtp(server), from_address: None, from_name: None }
}

fn hasty() -> Patience {
    Patience {
        pauses: [1, 1].map(Duration::from_millis).to_vec(),
        deliver_limit: Duration::from_millis(300),
        attempt_limit: Duration::from_secs(5),
        places: 2,
    }
}

fn site() -> SiteNames<'static> {
    SiteNames {
        blogname: "Mum & Dad's",
        network_name: "Mum & Dad's",
        home: "https://www.example.org",
        admin_email: "admin@example.org",
        host: "example.org".to_owned(),
    }
}

fn message() -> Message {
    new_user_admin(&site(), "john", "john@example.org")
}

fn mailer(sink: &SmtpSink) -> Mailer {
    let mailer = Mailer::with_patience(&settings(&sink.url()), hasty());
    tokio::spawn(mailer.clone().run());
    mailer
}

const ENOUGH: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn a_queued_mail_arrives_while_nobody_waits() {
    let sink = SmtpSink::start();
    let mailer = mailer(&sink);
    mailer.queue(message());
    mailer.drain(ENOUGH).await;
    let mails = sink.take();
    assert_eq!(mails.len(), 1);
    let mail = &mails[0];
    assert_eq!((mail.from.as_str(), mail.to[0].as_str()), ("wordpress@example.org", "admin@example.org"));
    assert_eq!(mail.header("From"), "WordPress <wordpress@example.org>");
    assert_eq!(mail.header("Subject"), "[Mum & Dad's] New User Registration");
    assert!(mail.body.contains("Login name: john\nE-mail: john@example.org\n"), "{}", mail.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_learns_that_the_mail_was_taken() {
    let sink = SmtpSink::start();
    assert_eq!(mailer(&sink).deliver(message()).await, Ok(()));
    assert_eq!(sink.take().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_told_without_the_address() {
    let sink = SmtpSink::with_manner(|line| match line {
        "RCPT TO:<admin@example.org>" => Answer::Say("550 5.1.1 <admin@example.org>: nobody here"),
        _ => Answer::Usual,
    });
    let failed = mailer(&sink).deliver(message()).await.unwrap_err();
    assert_eq!(failed, MailError::Failed("permanent error (550): 5.1.1 (address) nobody here".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_says_nothing_is_not_waited_for_longer_than_the_limit() {
    for silent_at in ["", "MAIL", "DATA", "."] {
        let sink = SmtpSink::with_manner(move |line| {
            if line.get(..4).unwrap_or(line) == silent_at { Answer::Nothing } else { Answer::Usual }
        });
        assert_eq!(mailer(&sink).deliver(message()).await, Err(MailError::TimedOut), "{silent_at}");
        assert!(sink.take().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queued_mail_leaves_although_the_first_attempt_hears_no_greeting() {
    let mut is_silent = true;
    let sink = SmtpSink::with_manner(move |line| match line {
        "" if std::mem::take(&mut is_silent) => Answer::Nothing,
        _ => Answer::Usual,
    });
    let patience = Patience { attempt_limit: Duration::from_secs(1), ..hasty() };
    let mailer = Mailer::with_patience(&settings(&sink.url()), patience);
    tokio::spawn(mailer.clone().run());
    mailer.queue(message());
    assert_eq!(sink.wait_for(1).len(), 1);
    mailer.drain(ENOUGH).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_is_a_failure() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let mailer = Mailer::with_patience(&settings(&format!("smtp://127.0.0.1:{port}")), hasty());
    tokio::spawn(mailer.clone().run());
    assert!(matches!(mailer.deliver(message()).await, Err(MailError::Failed(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_server_gets_the_mail_a_little_later() {
    let mut busy = 2;
    let sink = SmtpSink::with_manner(move |line| match line.get(..4) {
        Some("RCPT") if busy > 0 => {
            busy -= 1;
            Answer::Say("450 come back later")
        }
        _ => Answer::Usual,
    });
    let mailer = mailer(&sink);
    mailer.queue(message());
    assert_eq!(sink.wait_for(1).len(), 1);
    mailer.drain(ENOUGH).await;
    assert!(sink.take().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_refused_for_good_is_not_tried_again_and_one_refused_too_often_neither() {
    for (answer, attempts) in [("550 no", 1), ("450 not now", 3)] {
        let sink =
            SmtpSink::with_manner(
                move |line| {
                    if line.starts_with("RCPT") { Answer::Say(answer) } else { Answer::Usual }
                },
            );
        let mailer = mailer(&sink);
        mailer.queue(message());
        sink.wait_for_line("RCPT", attempts);
        mailer.drain(ENOUGH).await;
        let tried = sink.lines().iter().filter(|line| line.starts_with("RCPT")).count();
        assert_eq!(tried, attempts, "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_takes_no_more_and_blocks_nobody() {
    let sink = SmtpSink::with_manner(|_| Answer::Nothing);
    let mailer = mailer(&sink);
    mailer.queue(message());
    mailer.queue(message());
    // Two places, both taken.
    mailer.queue(message());
    assert_eq!(mailer.deliver(message()).await, Err(MailError::Full));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_the_service_cuts_pauses_short_and_waits_no_longer_than_its_limit() {
    let mut first = true;
    let sink = SmtpSink::with_manner(move |line| {
        if line.starts_with("RCPT") && std::mem::take(&mut first) {
            Answer::Say("450 not now")
        } else {
            Answer::Usual
        }
    });
    let patience = Patience { pauses: vec![Duration::from_hours(1)], ..hasty() };
    let mailer = Mailer::with_patience(&settings(&sink.url()), patience);
    tokio::spawn(mailer.clone().run());
    mailer.queue(message());
    sink.wait_for_line("RCPT", 1);
    mailer.drain(ENOUGH).await;
    assert_eq!(sink.take().len(), 1);
    assert_eq!(mailer.deliver(message()).await, Err(MailError::Ending));

    let silent = SmtpSink::with_manner(|_| Answer::Nothing);
    let mailer = self::mailer(&silent);
    mailer.queue(message());
    mailer.drain(Duration::from_millis(10)).await;
    assert!(silent.take().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_starttls_learns_no_password_where_tls_was_asked_for() {
    let sink = SmtpSink::start();
    let url = format!("smtp+starttls://me:secret@127.0.0.1:{}", sink.port());
    let mailer = Mailer::with_patience(&settings(&url), hasty());
    tokio::spawn(mailer.clone().run());
    assert!(matches!(mailer.deliver(message()).await, Err(MailError::Failed(_))));
    assert!(!sink.lines().iter().any(|line| line.starts_with("AUTH") || line.starts_with("MAIL")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_talks_without_tls_gets_nothing_where_tls_is_wanted_from_the_start() {
    let sink = SmtpSink::start();
    let url = format!("smtps://me:secret@127.0.0.1:{}", sink.port());
    let patience = Patience { deliver_limit: ENOUGH, ..hasty() };
    let mailer = Mailer::with_patience(&settings(&url), patience);
    tokio::spawn(mailer.clone().run());
    assert!(matches!(mailer.deliver(message()).await, Err(MailError::Failed(_))));
    assert!(!sink.lines().iter().any(|line| line.starts_with("EHLO")));
}

#[tokio::test(flavor = "multi_thread")]
async fn user_and_password_are_sent_to_a_server_on_this_machine() {
    let sink = SmtpSink::start();
    let url = format!("smtp://me:p%40ss@127.0.0.1:{}", sink.port());
    let mailer = Mailer::with_patience(&settings(&url), hasty());
    tokio::spawn(mailer.clone().run());
    assert_eq!(mailer.deliver(message()).await, Ok(()));
    // "\0me\0p@ss"
    assert!(sink.lines().contains(&"AUTH PLAIN AG1lAHBAc3M=".to_owned()), "{:?}", sink.lines());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_local_program_gets_the_mail_and_its_refusal_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (program, kept) = (folder.path().join("sendmail"), folder.path().join("mail"));
    let write = |script: &str| {
        std::fs::write(&program, script).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    };
    write(&format!("#!/bin/sh\necho \"$@\" >{0}\nexec cat >>{0}\n", kept.display()));
    let mail = Mail {
        transport: MailTransport::Sendmail(program.clone()),
        from_address: None,
        from_name: Some("The Site".to_owned()),
    };
    let mailer = Mailer::with_patience(&mail, Patience { deliver_limit: ENOUGH, ..hasty() });
    tokio::spawn(mailer.clone().run());
    assert_eq!(mailer.deliver(message()).await, Ok(()));
    let text = std::fs::read_to_string(&kept).unwrap();
    assert!(text.starts_with("-i -f wordpress@example.org -- admin@example.org\n"), "{text}");
    assert!(text.contains("From: \"The Site\" <wordpress@example.org>\r\n"), "{text}");

    write("#!/bin/sh\ncat >/dev/null\necho \"admin@example.org is unknown\" >&2\nexit 67\n");
    let failed = mailer.deliver(message()).await.unwrap_err();
    assert_eq!(failed, MailError::Failed("internal client error: (address) is unknown".into()));

    std::fs::remove_file(&program).unwrap();
    assert!(matches!(mailer.deliver(message()).await, Err(MailError::Failed(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_that_is_off_says_so() {
    let mailer = Mailer::new(&Mail { transport: MailTransport::Off, from_address: None, from_name: None });
    assert!(mailer.is_off());
    mailer.queue(message());
    assert_eq!(mailer.deliver(message()).await, Err(MailError::Off));
}

#[test]
fn mails_about_comments_come_from_the_site_or_from_the_comments_author() {
    let comment = CommentMail {
        post_title: "Open".to_owned(),
        post_link: "https://example.org/?p=29".to_owned(),
        admin_link: "https://example.org/wp-admin".to_owned(),
        comment_id: 5,
        author: "john".to_owned(),
        email: "john@example.org".to_owned(),
        url: String::new(),
        ip: "127.0.0.1".to_owned(),
        content: "x".to_owned(),
        task: Task::Read { may_moderate: false },
        no_trash: false,
    };
    let mail = comment.message(&site(), "editor@example.org");
    assert_eq!((mail.from.name.as_str(), mail.reply_to.as_deref()), ("john", Some("john@example.org")));
    let mail =
        CommentMail { task: Task::Approve { waiting: 1 }, ..comment }.message(&site(), "admin@example.org");
    assert_eq!((mail.from.name.as_str(), mail.reply_to), ("WordPress", None));
}

#[test]
fn a_new_user_gets_a_link_on_a_line_of_its_own() {
    let mail = new_user(
        &site(),
        "john@example.org",
        "john",
        "https://example.org/link",
        "https://example.org/login",
    );
    assert_eq!(
        (mail.to.as_str(), mail.subject.as_str()),
        ("john@example.org", "[Mum & Dad's] Login Details")
    );
    assert!(mail.body.contains("\n\nhttps://example.org/link\n\n"), "{}", mail.body);
    assert!(mail.body.contains("login name is: john\n"), "{}", mail.body);
}
