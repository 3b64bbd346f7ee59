//! Guessing passwords: at one account, at many from many addresses, and what becomes of those who know theirs.
//!
//! The proxy before the service is on loopback and trusted, so a header gives each attempt the address it needs.

use std::collections::BTreeMap;

use crate::app::Setup;
use crate::http::{Request, Response};
use crate::server::Server;
use crate::site::{JOHN, Site};

const EDITOR: (&str, &str) = ("editor", "editor-Pass-2");

/// Failures that one account takes, and one address.
const ACCOUNT: usize = 10;
const ADDRESS: usize = 20;

fn limited(set: impl FnOnce(Setup) -> Setup) -> Site {
    // The numbers that are usual, in a time in which nothing grows back while a test runs.
    let usual = |setup: Setup| {
        setup
            .set("limits.enabled", "true")
            .set("limits.login_account", "10/10h")
            .set("limits.login_address", "20/10h")
            .set("limits.login_global", "1000/100h")
    };
    Site::with(Server::mariadb(), |setup| set(usual(setup)))
}

fn attempt(address: &str, name: &str, password: &str) -> Request {
    let form = [("username", name), ("password", password)];
    Request::post("/api/user/generate_auth_cookie/?insecure=cool", &form).header("X-Forwarded-For", address)
}

fn log_in(site: &Site, address: &str, (name, password): (&str, &str)) -> Response {
    site.app.send(&attempt(address, name, password))
}

#[track_caller]
fn fails(site: &Site, address: &str, name: &str) {
    let answer = log_in(site, address, (name, "wrong"));
    let error = answer.json()["error"].clone();
    assert_eq!(
        (answer.status, error),
        (401, "Invalid username/email and/or password.".into()),
        "{address} {name}"
    );
}

#[track_caller]
fn assert_limited(answer: &Response, about: &str) {
    assert_eq!(answer.status, 429, "{about}: {}", answer.text());
    let seconds: u32 = answer.header("retry-after").expect("a time to come back").parse().expect("seconds");
    assert!((1..=3600).contains(&seconds), "{about}: {seconds}");
    let text =
        format!(r#"{{"status":"error","error":"Too many requests. Try again in {seconds} seconds."}}"#);
    assert_eq!(answer.text(), text, "{about}");
    assert_eq!(answer.header("cache-control"), Some("no-store"), "{about}");
}

#[test]
fn one_account_is_not_guessed_from_one_address_and_the_right_password_is_not_told() {
    let site = limited(|setup| setup);
    let before = site.looker.look();
    for _ in 0..ACCOUNT {
        fails(&site, "203.0.113.1", JOHN.0);
    }
    assert_limited(&log_in(&site, "203.0.113.1", (JOHN.0, "wrong")), "a wrong password");
    assert_limited(&log_in(&site, "203.0.113.1", JOHN), "the right one");
    // No other form of the request gets through.
    let forms: [(&str, &[(&str, &str)]); 6] = [
        ("auth/generate_auth_cookie", &[("username", JOHN.0), ("password", JOHN.1)]),
        ("user/generate_auth_cookie", &[("email", "john@example.org"), ("password", JOHN.1)]),
        ("user/generate_auth_cookie", &[("username", "john@example.org"), ("password", JOHN.1)]),
        ("user/generate_auth_cookie", &[("username", "JOHN"), ("password", JOHN.1)]),
        ("user/generate_auth_cookie", &[("username", "jöhn "), ("password", JOHN.1)]),
        ("user/generate_auth_cookie", &[("username", "<b>john</b>"), ("password", JOHN.1)]),
    ];
    for (method, form) in forms {
        for address in ["203.0.113.1", "203.0.113.2", "2001:db8::1"] {
            let request = Request::post(&format!("/api/{method}/?insecure=cool"), form);
            assert_limited(&site.app.send(&request.header("X-Forwarded-For", address)), &format!("{form:?}"));
        }
    }
    // As a script, as text, and as a redirect nothing else is told.
    let query = |more: &str| {
        format!("/api/user/generate_auth_cookie/?insecure=cool&username=john&password=john+Pass+3&{more}")
    };
    for more in ["callback=cb", "dev=1", "redirect_ok=/ok&redirect_error=/error", "json_encode_options=128"] {
        let answer = site.app.send(&Request::get(&query(more)).header("X-Forwarded-For", "203.0.113.1"));
        let told =
            answer.text().contains("Too many requests.") || answer.header("location") == Some("/error");
        assert!(told && !answer.text().contains("cookie"), "{more}: {}", answer.text());
    }
    site.assert_unchanged(&before, "no session was begun");
    // Whoever is somebody else is not concerned.
    assert_eq!(log_in(&site, "203.0.113.3", EDITOR).status, 200);
}

#[test]
fn a_name_that_nobody_has_is_refused_just_as_one_that_somebody_has() {
    let site = limited(|setup| setup);
    let mut heard: BTreeMap<&str, Vec<(u16, String)>> = BTreeMap::new();
    for (number, name) in
        ["john", "nobody", "nobody@example.org", "oldphpass", "no body", "a' OR 1=1"].into_iter().enumerate()
    {
        for _ in 0..ACCOUNT + 2 {
            let answer = log_in(&site, &format!("203.0.113.{number}"), (name, "wrong"));
            let text = answer.text().replace(|letter: char| letter.is_ascii_digit(), "");
            heard.entry(name).or_default().push((answer.status, text));
        }
    }
    let john = &heard["john"];
    assert_eq!((john[ACCOUNT - 1].0, john[ACCOUNT].0), (401, 429));
    for (name, answers) in &heard {
        assert_eq!(answers, john, "{name}");
    }
}

#[test]
fn an_address_that_tries_one_account_after_the_other_is_stopped_whatever_it_claims_to_be() {
    let site = limited(|setup| setup.set("server.trusted_proxies", "192.0.2.1"));
    // Not trusted: what it says of its address makes no difference.
    for number in 0..ADDRESS {
        let address = format!("203.0.113.{number}, 198.51.100.{number}");
        let request = attempt(&address, &format!("nobody{number}"), "wrong");
        let request = request.header("X-Real-IP", &address).header("Forwarded", &format!("for={address}"));
        assert_eq!(site.app.send(&request).status, 401, "{number}");
    }
    assert_limited(&log_in(&site, "203.0.113.99", ("nobody", "wrong")), "the next one");
}

#[test]
fn whose_addresses_are_known_here_is_not_learnt_by_asking_for_one_after_the_other() {
    let site = limited(|setup| setup);
    let ask = |number: usize| {
        let form = [("email", format!("customer{number}@example.net")), ("password", "x".to_owned())];
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let request = Request::post("/api/user/generate_auth_cookie/?insecure=cool", &form);
        site.app.send(&request.header("X-Forwarded-For", "203.0.113.1"))
    };
    for number in 0..ADDRESS {
        assert_eq!(ask(number).json()["error"], "email does not exist.", "{number}");
    }
    assert_limited(&ask(ADDRESS), "one more");
    let known = [("email", "john@example.org"), ("password", "x")];
    let request = Request::post("/api/user/generate_auth_cookie/?insecure=cool", &known);
    assert_limited(&site.app.send(&request.header("X-Forwarded-For", "203.0.113.1")), "one that is known");
}

#[test]
fn neighbours_in_an_ipv6_network_are_one_address() {
    let site = limited(|setup| setup);
    for number in 0..ADDRESS {
        fails(&site, &format!("2001:db8:1:2:{number:x}::{number:x}"), &format!("nobody{number}"));
    }
    assert_limited(&log_in(&site, "2001:db8:1:2:ffff:ffff:ffff:ffff", ("nobody", "wrong")), "a neighbour");
    fails(&site, "2001:db8:1:3::1", "nobody");
    // An IPv4 address is the same in both spellings.
    for number in 0..ADDRESS {
        let address = if number % 2 == 0 { "203.0.113.9" } else { "::ffff:203.0.113.9" };
        fails(&site, address, &format!("somebody{number}"));
    }
    assert_limited(&log_in(&site, "::ffff:203.0.113.9", ("nobody", "wrong")), "the IPv4 address");
}

#[test]
fn a_list_of_stolen_passwords_from_five_hundred_addresses_is_stopped_and_known_callers_are_not() {
    let site = limited(|setup| setup);
    assert_eq!(log_in(&site, "198.51.100.7", JOHN).status, 200);
    // Two tries each: no address and no account comes near its own limit, only all together to that of all.
    for number in 0..500 {
        let address = format!("203.{}.{}.1", number / 250, number % 250);
        fails(&site, &address, &format!("customer{number}"));
        fails(&site, &address, &format!("customer{number}@example.net"));
    }
    assert_limited(&log_in(&site, "203.0.114.1", ("customer", "wrong")), "a new address");
    assert_limited(&log_in(&site, "203.0.114.1", EDITOR), "a new address with a right password");
    // From where somebody logged in well, he still does, and so does another of the house.
    assert_eq!(log_in(&site, "198.51.100.7", JOHN).status, 200);
    assert_eq!(log_in(&site, "198.51.100.7", EDITOR).status, 200);
    fails(&site, "198.51.100.7", "customer");
    // So does an account whose session was begun at the address before the service was started.
    let sessions = site.app.app.clock.now();
    let begun = |ip: &str| {
        let session = format!(
            "a:3:{{s:10:\"expiration\";i:{};s:2:\"ip\";s:{}:\"{ip}\";s:5:\"login\";i:{sessions};}}",
            sessions + 60,
            ip.len()
        );
        format!("a:1:{{s:64:\"{}\";{session}}}", "a".repeat(64))
    };
    site.sql(&format!(
        "INSERT INTO wp_usermeta (user_id, meta_key, meta_value) VALUES (9, 'session_tokens', '{}')",
        begun("198.51.100.8")
    ));
    assert_eq!(log_in(&site, "198.51.100.8", ("tworoles", "two-Pass-9")).status, 200);
}

#[test]
fn an_account_under_attack_stays_open_to_where_its_owner_is() {
    let site = limited(|setup| setup);
    assert_eq!(log_in(&site, "198.51.100.7", JOHN).status, 200);
    for number in 0..ACCOUNT {
        fails(&site, &format!("203.0.113.{number}"), JOHN.0);
    }
    assert_limited(&log_in(&site, "203.0.113.99", (JOHN.0, "wrong")), "the attacker");
    assert_eq!(log_in(&site, "198.51.100.7", JOHN).status, 200);
    // A neighbour of the owner, or the owner who forgot, tries no more than anybody.
    for _ in 0..ACCOUNT {
        fails(&site, "198.51.100.7", JOHN.0);
    }
    assert_limited(&log_in(&site, "198.51.100.7", (JOHN.0, "wrong")), "the neighbour");
}

#[test]
fn hundreds_of_good_logins_from_one_address_are_no_attack() {
    let site = limited(|setup| setup);
    for round in 0..500 {
        let account = if round % 2 == 0 { JOHN } else { EDITOR };
        let answer = log_in(&site, "198.51.100.7", account);
        assert_eq!(answer.status, 200, "{round}: {}", answer.text());
    }
    // The failures of that address are counted as anybody's.
    for number in 0..ADDRESS {
        fails(&site, "198.51.100.7", &format!("nobody{number}"));
    }
    assert_limited(&log_in(&site, "198.51.100.7", ("nobody", "wrong")), "a guess too many");
    assert_eq!(log_in(&site, "198.51.100.7", JOHN).status, 200);
}

#[test]
fn guesses_at_the_same_moment_do_not_outrun_the_count() {
    let site = limited(|setup| setup);
    let address = site.app.address;
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..60)
            .map(|number| {
                scope.spawn(move || {
                    attempt(&format!("203.0.113.{number}"), JOHN.0, "wrong").send(address).status
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let count = |wanted: u16| statuses.iter().filter(|status| **status == wanted).count();
    assert_eq!(count(401), ACCOUNT, "{statuses:?}");
    assert_eq!(count(401) + count(429) + count(503), statuses.len(), "{statuses:?}");
}

#[test]
fn registrations_nonces_and_password_mails_have_their_own_end() {
    let site = limited(|setup| {
        setup.keep_mails().set("limits.register_address", "3/1h").set("limits.nonce_address", "9/1h")
    });
    let nonce = site.app.nonce("register");
    let send = |address: &str, method: &str, form: &[(&str, &str)]| {
        let request = Request::post(&format!("/api/{method}/?insecure=cool"), form);
        site.app.send(&request.header("X-Forwarded-For", address))
    };
    let register = |address: &str, name: &str| {
        let email = format!("{name}@example.net");
        send(
            address,
            "user/register",
            &[("username", name), ("email", &email), ("nonce", &nonce), ("user_pass", "p")],
        )
    };
    for name in ["ann", "bob", "cid"] {
        assert_eq!(register("203.0.113.1", name).status, 200, "{name}");
    }
    let before = site.looker.look();
    assert_limited(&register("203.0.113.1", "dan"), "a fourth user");
    // Neither a name that is taken nor a wrong nonce tells more.
    assert_limited(&register("203.0.113.1", "john"), "a name that is taken");
    site.assert_unchanged(&before, "nobody was registered");
    assert_eq!(register("203.0.113.2", "dan").status, 200);

    let ask =
        |address: &str| send(address, "core/get_nonce", &[("controller", "user"), ("method", "register")]);
    for _ in 0..9 {
        assert_eq!(ask("203.0.113.1").status, 200);
    }
    assert_limited(&ask("203.0.113.1"), "a tenth nonce");

    // Mails to one account, whoever asks, and asking at random.
    let reset =
        |address: &str, login: &str| send(address, "user/retrieve_password", &[("user_login", login)]);
    for login in ["john", "JOHN", "john@example.org"] {
        assert_eq!(reset(&format!("203.0.113.{}", login.len()), login).status, 200, "{login}");
    }
    assert_limited(&reset("203.0.113.99", "john"), "a fourth mail");
    assert_eq!(site.app.take_mails().len(), 3);
    for number in 0..10 {
        assert_eq!(reset("203.0.113.50", &format!("nobody{number}")).status, 400);
    }
    assert_limited(&reset("203.0.113.50", "nobody"), "guessing names");
}
