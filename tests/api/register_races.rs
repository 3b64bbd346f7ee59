//! Several services register at the same moment: exactly one wins (D16).

use std::sync::Barrier;

use crate::app::{Setup, TestApp, dump};
use crate::http::Request;
use crate::server::Server;

/// How often each race is run.
const ROUNDS: usize = 60;

/// How many run against each other.
const RUNNERS: usize = 4;

/// Two services on one database; each pool of its own, so they share nothing but the tables. Phpass, so that the
/// time goes into the race and not into hashes.
fn services(server: &'static Server) -> (Vec<TestApp>, String) {
    let database = server.database_from(&dump("6.1"));
    let start = || {
        Setup::on(&server.url(&database))
            .set("wordpress.version", "6.1")
            .set("database.max_connections", "8")
            .keep_mails()
            .start()
    };
    (vec![start(), start()], database)
}

/// Runs the races, each after `before`; `form` gives each runner's own name, e-mail and slug. Returns the error texts of the losers.
fn race(
    apps: &[TestApp],
    before: impl Fn(),
    form: impl Fn(usize, usize) -> (String, String, String) + Sync,
    winners: usize,
) -> Vec<String> {
    let nonce = apps[0].nonce("register");
    let mut losers = Vec::new();
    for round in 0..ROUNDS {
        before();
        let start = Barrier::new(RUNNERS);
        let answers = std::thread::scope(|scope| {
            let runners: Vec<_> = (0..RUNNERS)
                .map(|runner| {
                    let (start, nonce, form) = (&start, &nonce, &form);
                    let address = apps[runner % apps.len()].address;
                    scope.spawn(move || {
                        let (name, email, slug) = form(round, runner);
                        let form = [
                            ("username", name.as_str()),
                            ("email", email.as_str()),
                            ("user_nicename", slug.as_str()),
                            ("nonce", nonce.as_str()),
                            ("user_pass", "p"),
                        ];
                        let request = Request::post("/api/user/register/?insecure=cool", &form);
                        start.wait();
                        request.send(address)
                    })
                })
                .collect();
            runners.into_iter().map(|runner| runner.join().expect("a runner")).collect::<Vec<_>>()
        });
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), winners, "round {round}");
        for answer in answers.iter().filter(|answer| answer.status != 200) {
            assert_eq!(answer.status, 400, "round {round}: {}", answer.text());
            losers.push(answer.json()["error"].as_str().expect("a text").to_owned());
        }
    }
    losers
}

/// The count is right, and nobody has what another has.
fn assert_tidy(server: &Server, database: &str, column: &str, users: usize) {
    assert_tidy_but_for_the_count(server, database, column, users);
    let count =
        server.query(database, "SELECT option_value FROM wp_options WHERE option_name = 'user_count'");
    assert_eq!(count, [[(12 + users).to_string()]]);
}

fn assert_tidy_but_for_the_count(server: &Server, database: &str, column: &str, users: usize) {
    let count = |sql: &str| server.query(database, sql)[0][0].clone();
    assert_eq!(count("SELECT COUNT(*) FROM wp_users"), (12 + users).to_string());
    let twice = format!("SELECT {column}, COUNT(*) FROM wp_users GROUP BY {column} HAVING COUNT(*) > 1");
    assert!(server.query(database, &twice).is_empty());
    let whole = "SELECT COUNT(*) FROM (SELECT user_id FROM wp_usermeta WHERE user_id > 12 \
                 GROUP BY user_id HAVING COUNT(*) = 14) complete";
    assert_eq!(count(whole), users.to_string());
}

fn same_name(server: &'static Server) {
    let (apps, database) = services(server);
    let name = |round: usize, runner: usize| {
        // The same to the column.
        let name = if runner.is_multiple_of(2) { format!("Racer {round}") } else { format!("racer {round}") };
        (name, format!("{round}.{runner}@example.net"), String::new())
    };
    let losers = race(&apps, || (), name, 1);
    assert!(losers.iter().all(|text| text == "Username already exists."), "{losers:?}");
    assert_tidy(server, &database, "user_login", ROUNDS);
}

fn same_email(server: &'static Server) {
    let (apps, database) = services(server);
    let name = |round: usize, runner: usize| {
        (format!("racer {round} {runner}"), format!("R{round}@example.net"), String::new())
    };
    let losers = race(&apps, || (), name, 1);
    assert!(losers.iter().all(|text| text == "E-mail address is already in use."), "{losers:?}");
    assert_tidy(server, &database, "user_email", ROUNDS);
}

fn same_nicename(server: &'static Server) {
    let (apps, database) = services(server);
    let name = |round: usize, runner: usize| {
        (format!("racer {round} {runner}"), format!("{round}.{runner}@example.net"), format!("slug {round}"))
    };
    race(&apps, || (), name, RUNNERS);
    assert_tidy(server, &database, "user_nicename", ROUNDS * RUNNERS);
}

#[test]
fn of_several_with_the_same_name_one_is_registered_on_mariadb() {
    same_name(Server::mariadb());
}

#[test]
fn of_several_with_the_same_name_one_is_registered_on_mysql() {
    same_name(Server::mysql97());
}

#[test]
fn of_several_with_the_same_address_one_is_registered_on_mariadb() {
    same_email(Server::mariadb());
}

#[test]
fn of_several_with_the_same_address_one_is_registered_on_mysql() {
    same_email(Server::mysql97());
}

#[test]
fn all_who_want_the_same_slug_get_one_of_their_own_on_mariadb() {
    same_nicename(Server::mariadb());
}

#[test]
fn all_who_want_the_same_slug_get_one_of_their_own_on_mysql() {
    same_nicename(Server::mysql97());
}

#[test]
fn the_first_registrations_of_a_site_without_a_count_race_as_well() {
    for server in [Server::mariadb(), Server::mysql97()] {
        let (apps, database) = services(server);
        let name = |round: usize, runner: usize| {
            (format!("racer {round}"), format!("{round}.{runner}@example.net"), String::new())
        };
        let forget = || server.exec(&database, "DELETE FROM wp_options WHERE option_name = 'user_count'");
        race(&apps, forget, name, 1);
        assert_tidy(server, &database, "user_login", ROUNDS);
    }
}

#[test]
fn on_a_large_site_whose_count_stays_as_it_is_they_race_as_well() {
    for server in [Server::mariadb(), Server::mysql97()] {
        let (apps, database) = services(server);
        let name = |round: usize, runner: usize| {
            (format!("racer {round}"), format!("{round}.{runner}@example.net"), String::new())
        };
        let large = "UPDATE wp_options SET option_value = '54321' WHERE option_name = 'user_count'";
        server.exec(&database, large);
        race(&apps, || (), name, 1);
        assert_tidy_but_for_the_count(server, &database, "user_login", ROUNDS);
        let count =
            server.query(&database, "SELECT option_value FROM wp_options WHERE option_name = 'user_count'");
        assert_eq!(count, [["54321"]]);
    }
}
