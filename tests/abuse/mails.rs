//! Mails whose parts the attacker chooses: no further header, recipient, line end or mail comes of it.

use crate::app::Setup;
use crate::server::Server;
use crate::site::{Site, post};
use crate::smtp::{Received, SmtpSink};

/// All headers that a mail of the service has.
const HEADERS: &[&str] = &[
    "From",
    "To",
    "Reply-To",
    "Subject",
    "Message-ID",
    "Date",
    "Auto-Submitted",
    "Content-Type",
    "Content-Transfer-Encoding",
    "MIME-Version",
];

/// Texts that end a header, a line, or a mail.
const BREAKS: &[&str] = &[
    "x\r\nBcc: eve@evil.example",
    "x\nBcc: eve@evil.example",
    "x\rBcc: eve@evil.example",
    "x%0d%0aBcc: eve@evil.example",
    "x\u{85}Bcc: eve@evil.example",
    "x\u{2028}Bcc: eve@evil.example",
    "x\u{560a}Bcc: eve@evil.example",
    "x\0\r\nBcc: eve@evil.example",
    "x\x0bBcc: eve@evil.example",
    "x\r\n Bcc: eve@evil.example",
    "x\r\n\r\nbody",
    "x\r\n.\r\nMAIL FROM:<eve@evil.example>\r\nRCPT TO:<eve@evil.example>\r\nDATA\r\nSubject: hi\r\n\r\nx\r\n.\r\n",
    "x\n.\nMAIL FROM:<eve@evil.example>\n",
    "x\r.\rMAIL FROM:<eve@evil.example>\r",
    "x\n.\r\nMAIL FROM:<eve@evil.example>\r\n",
    "x\r\n.\nMAIL FROM:<eve@evil.example>\r\n",
    "..x\r\n..\r\n.",
    "x\" <eve@evil.example>, \"",
    "x, eve@evil.example",
    "<eve@evil.example>",
    "=?utf-8?q?x=0D=0ABcc:_eve@evil.example?=",
    "=?utf-8?b?DQpCY2M6IGV2ZUBldmlsLmV4YW1wbGU=?=",
    "x;\r\n\tfilename=evil",
];

/// A site that mails to this server.
fn mailing(sink: &SmtpSink) -> Site {
    Site::with(Server::mariadb(), |setup: Setup| {
        setup.set("mail.transport", "smtp").set("mail.smtp_url", &sink.url())
    })
}

/// One mail, to one of these, and nothing but what the service meant.
#[track_caller]
fn assert_plain(mail: &Received, recipients: &[&str], about: &str) {
    assert_eq!(mail.to.len(), 1, "{about}: {:?}", mail.to);
    assert!(recipients.contains(&mail.to[0].as_str()), "{about}: {:?}", mail.to);
    assert_eq!(mail.from, "wordpress@127.0.0.1", "{about}");
    for (name, value) in &mail.headers {
        assert!(HEADERS.contains(&name.as_str()), "{about}: {name}: {value}");
    }
    let mut names: Vec<&str> = mail.headers.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), mail.headers.len(), "{about}: a header twice");
    assert_eq!(mail.header("To"), mail.to[0], "{about}");
    // Every line ends as lines of mails end.
    let lone = mail.raw.replace("\r\n", "");
    assert!(!lone.contains(['\r', '\n', '\0']), "{about}: {:?}", mail.raw);
    assert!(mail.raw.lines().all(|line| line.len() < 1000), "{about}");
}

#[test]
fn no_field_of_a_registration_adds_a_header_or_a_recipient() {
    let sink = SmtpSink::start();
    let site = mailing(&sink);
    let nonce = site.app.nonce("register");
    for (number, text) in BREAKS.iter().enumerate() {
        let (login, email) = (format!("ann{number}"), format!("ann{number}@example.net"));
        let evil_login = format!("{login}{text}");
        let evil_email = format!("{email}{text}");
        for (username, address) in [(&login, &evil_email), (&evil_login, &email)] {
            let mut fields = vec![
                ("username", username.as_str()),
                ("email", address),
                ("nonce", &nonce),
                ("notify", "both"),
            ];
            for name in [
                "display_name",
                "first_name",
                "last_name",
                "nickname",
                "user_url",
                "user_nicename",
                "description",
            ] {
                fields.push((name, text));
            }
            let answer = site.app.send(&post("user/register", &fields));
            assert!(answer.status < 500, "{text:?}: {}", answer.text());
            if answer.status != 200 {
                continue;
            }
            let id = answer.json()["user_id"].as_u64().unwrap();
            let stored = &site.sql(&format!("SELECT user_email FROM wp_users WHERE ID = {id}"))[0][0]
                .replace("&amp;", "&");
            assert!(
                !stored.contains(char::is_control) && stored.matches('@').count() == 1,
                "{text:?}: {stored}"
            );
            for mail in sink.wait_for(2) {
                assert_plain(&mail, &["admin@example.org", stored], &format!("{text:?}"));
            }
        }
    }
    assert!(sink.take().is_empty());
}

#[test]
fn whoever_asks_for_a_new_password_chooses_nothing_of_the_mail() {
    let sink = SmtpSink::start();
    let site = mailing(&sink);
    let mut told = 0;
    for text in BREAKS {
        for login in [
            format!("john{text}"),
            format!("john@example.org{text}"),
            format!("{text}john"),
            (*text).to_owned(),
            // The name as it is, with the headers below.
            "john".to_owned(),
        ] {
            let request = post("user/retrieve_password", &[("user_login", &login)])
                .header("Host", "evil.example")
                .header("X-Forwarded-Host", "evil.example")
                .header("X-Forwarded-For", "203.0.113.9")
                .header("User-Agent", "evil.example");
            let answer = site.app.send(&request);
            assert!(answer.status < 500, "{login:?}: {}", answer.text());
            let mails = sink.take();
            told += mails.len();
            assert_eq!(mails.len(), usize::from(answer.status == 200), "{login:?}");
            for mail in mails {
                assert_plain(&mail, &["john@example.org"], &login);
                assert!(
                    !mail.raw.contains("evil.example") && !mail.body.contains("evil.example"),
                    "{}",
                    mail.body
                );
                assert!(mail.link().starts_with("http://127.0.0.1:8061/wp-login.php?"), "{}", mail.link());
            }
        }
    }
    assert!(told >= BREAKS.len(), "{told} mails");
    // The same in the stored row, as an import may have left it.
    for (number, text) in BREAKS.iter().enumerate() {
        site.sql(&format!(
            "UPDATE wp_users SET user_login = LEFT(CONCAT('odd{number}', _utf8mb4 X'{}'), 60) WHERE ID = 4",
            hex::encode(text)
        ));
        let answer = site.app.call("user/retrieve_password", &[("user_login", "oldphpass@example.org")]);
        assert!(answer.status < 500, "{text:?}: {}", answer.text());
        for mail in sink.take() {
            assert_plain(&mail, &["oldphpass@example.org"], text);
        }
    }
    site.sql(
        "UPDATE wp_users SET user_email = 'oldphpass@example.org\r\nBcc: eve@evil.example' WHERE ID = 4",
    );
    site.app.call("user/retrieve_password", &[("user_login", "odd0x")]);
    assert!(sink.take().is_empty());
}

#[test]
fn a_comment_writes_one_mail_to_each_and_ends_none() {
    let sink = SmtpSink::start();
    let site = mailing(&sink);
    let people = ["admin@example.org", "editor@example.org"];
    let hex = |text: &str| hex::encode(text);
    for (number, text) in BREAKS.iter().enumerate() {
        // Name and address are what the row says; the post's and the site's names may be as odd.
        site.sql(&format!(
            "UPDATE wp_users SET display_name = _utf8mb4 X'{0}', user_url = _utf8mb4 X'{0}' WHERE ID = 3; \
             UPDATE wp_posts SET post_title = _utf8mb4 X'{0}' WHERE ID = 29; \
             UPDATE wp_options SET option_value = _utf8mb4 X'{0}' WHERE option_name = 'blogname'; \
             UPDATE wp_options SET option_value = '0' WHERE option_name = 'comment_previously_approved'; \
             UPDATE wp_options SET option_value = '{1}' WHERE option_name = 'comment_moderation'",
            hex(text),
            number % 2
        ));
        site.app.refresh();
        site.app.set_now(site.app.app.clock.now() + 60);
        let content = format!("{number} {text}");
        let form =
            [("cookie", &*site.cookie), ("post_id", "29"), ("content", &content), ("comment_status", "1")];
        let request = post("user/post_comment", &form).header("User-Agent", "evil.example");
        let answer = site.app.send(&request);
        assert_eq!(answer.status, 200, "{text:?}: {}", answer.text());
        // A comment that waits is told to both, one that appears to the post's author.
        let mails = sink.wait_for(if number % 2 == 1 { 2 } else { 1 });
        for mail in &mails {
            assert_plain(mail, &people, text);
            assert!(
                !mail.header("From").contains("eve@")
                    || mail.header("From").ends_with("<wordpress@127.0.0.1>"),
                "{mail:?}"
            );
        }
    }
    // Nobody is answered but the comment's author, where the address is one.
    site.sql("UPDATE wp_users SET user_email = 'john@example.org\r\nBcc: eve@evil.example' WHERE ID = 3");
    site.app.set_now(site.app.app.clock.now() + 60);
    let form = [("cookie", &*site.cookie), ("post_id", "29"), ("content", "last"), ("comment_status", "1")];
    assert_eq!(site.app.call("user/post_comment", &form).status, 200);
    for mail in sink.wait_for(1) {
        assert_plain(&mail, &people, "an address with a line break");
    }
    assert!(sink.take().is_empty());
    let commands = sink.lines();
    let recipients = commands.iter().filter(|line| line.starts_with("RCPT"));
    for line in recipients {
        assert!(people.iter().any(|person| line.contains(&format!("<{person}>"))), "{line}");
    }
}
