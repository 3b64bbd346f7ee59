//! One of many callers: asks what its choices say, and keeps what it was answered.

use std::collections::HashMap;
use std::net::SocketAddr;

use serde_json::Value;

use crate::ledger::{Deleted, Ledger, Refused, Registered, Session, Span, Written, now};
use crate::meeting::Meeting;
use crate::process::{call, refusal};
use crate::race::{Race, User};
use crate::seed::Choices;

/// Keys that all callers write, WordPress too.
pub const SHARED: [&str; 3] = ["race_colour", "race_place", "race_size"];

/// Beginnings of keys that are only ever written together, with one value.
pub const PAIR: [&str; 2] = ["race_left", "race_right"];

/// Beginning of keys that all begin with at the same moment; WordPress takes the newest.
pub const CLASH: &str = "race_clash_";

/// After so many acts all callers meet, and do the same to the same.
const BETWEEN_MEETINGS: usize = 4;

/// The field that the user's names follow.
pub const FULL_NAME: &str = "Name";

/// What the service says when it could not do what it was asked.
const GIVEN_UP: &str = "The database is not available. Try again in a moment.";

/// How often a caller whose session WordPress overwrote logs in again for one question.
const LOGINS: usize = 50;

pub struct Worker<'a> {
    race: &'a Race,
    number: usize,
    to: SocketAddr,
    choices: Choices,
    /// The cookies with which it acts, by user.
    acting: HashMap<u64, String>,
    /// Places in the ledger of sessions that it may end.
    open: Vec<usize>,
    registrations: usize,
    pub ledger: Ledger,
}

impl<'a> Worker<'a> {
    pub fn new(race: &'a Race, number: usize) -> Self {
        Self {
            race,
            number,
            to: race.addresses[number % race.addresses.len()],
            choices: Choices::new(race.seed, number),
            acting: HashMap::new(),
            open: Vec::new(),
            registrations: 0,
            ledger: Ledger::default(),
        }
    }

    pub fn run(&mut self, meeting: &Meeting) {
        let race = self.race;
        for user in &race.users {
            let cookie = self.log_in(user);
            self.acting.insert(user.id, cookie);
        }
        for act in 0..race.acts {
            if act % BETWEEN_MEETINGS == 0 {
                self.clash(act / BETWEEN_MEETINGS, meeting);
            }
            let user = &race.users[self.choices.below(race.users.len())];
            let mark = format!("w{}n{act}", self.number);
            match self.choices.below(100) {
                0..25 => self.register(&mark),
                25..45 => {
                    self.log_in(user);
                    self.open.push(self.ledger.sessions.len() - 1);
                }
                45..55 => self.clear(),
                55..63 => self.write(user, &format!("race_{mark}"), &mark),
                63..80 => {
                    let key = SHARED[self.choices.below(SHARED.len())];
                    self.write(user, key, &mark);
                }
                80..88 => self.write_pair(user, "", &mark),
                88..94 => self.delete(user),
                _ => self.update_profile(user, &mark, act),
            }
        }
    }

    /// What only one can have, or what only one should begin, wanted by all at the same moment.
    fn clash(&mut self, round: usize, meeting: &Meeting) {
        let race = self.race;
        // The same choice for all.
        let mut choices = Choices::new(race.seed, 1000 + round);
        let user = &race.users[choices.below(race.users.len())];
        let mark = format!("w{}r{round}", self.number);
        let kind = choices.below(4);
        meeting.wait();
        match kind {
            0 => {
                self.log_in(&race.newcomers[round % race.newcomers.len()]);
            }
            1 => self.write(user, &format!("{CLASH}{round}"), &mark),
            2 => self.write_pair(user, &format!("_{round}"), &mark),
            _ => {
                let login = format!("clash {round}");
                // Some want the address too, some the name alone.
                let email = format!("clash{round}.{}@example.net", self.choices.below(4));
                self.register_as(login, email, &login_slug(round), &mark);
            }
        }
    }

    /// Asks, and notes when.
    fn ask(&mut self, method: &str, form: &[(&str, &str)]) -> (Span, Value) {
        let begun = now();
        let answer = call(self.to, method, form);
        self.ledger.operations += 1;
        (Span { begun, ended: now() }, answer)
    }

    /// Asks with the user's cookie; where WordPress may have overwritten its session, with a new one then. `None` when
    /// the service gives up.
    fn ask_as(&mut self, user: &User, method: &str, form: &[(&str, &str)]) -> Option<(Span, Value)> {
        for _ in 0..LOGINS {
            let cookie = self.acting[&user.id].clone();
            let mut form = form.to_vec();
            form.push(("cookie", &cookie));
            let (span, answer) = self.ask(method, &form);
            match refusal(&answer) {
                None => return Some((span, answer)),
                Some(GIVEN_UP) => return None,
                Some(text) if self.race.beside && text.starts_with("Invalid cookie.") => {
                    self.ledger.turned_away += 1;
                    let cookie = self.log_in(user);
                    self.acting.insert(user.id, cookie);
                }
                Some(text) => panic!("{method}: {text}"),
            }
        }
        panic!("{method}: no session of user {} lives long enough", user.id);
    }

    /// A name, an address and a slug that others want as well.
    fn register(&mut self, mark: &str) {
        let next = 2 * self.registrations;
        self.registrations += 1;
        // Different to the letter, the same to the column.
        let letter = ["racer", "Racer"][self.choices.below(2)];
        let login = format!("{letter} {:05}", next + self.choices.below(4));
        let email = format!("r{}@example.net", next + self.choices.below(4));
        self.register_as(login, email, &login_slug(next / 8), mark);
    }

    fn register_as(&mut self, login: String, email: String, slug: &str, mark: &str) {
        let (span, answer) = self.ask(
            "user/register",
            &[
                ("username", &login),
                ("email", &email),
                ("user_nicename", slug),
                ("nonce", &self.race.nonce),
                ("user_pass", "p"),
                ("custom_fields[race_mark]", mark),
            ],
        );
        match refusal(&answer) {
            None => {
                let user_id = answer["user_id"].as_u64().expect("an id");
                let cookie = answer["cookie"].as_str().expect("a cookie").to_owned();
                let mark = mark.to_owned();
                self.ledger.registered.push(Registered { span, user_id, login, email, mark, cookie });
            }
            Some(text) => self.ledger.refused.push(Refused { login, email, text: text.to_owned() }),
        }
    }

    fn log_in(&mut self, user: &User) -> String {
        let form = [("username", user.login.as_str()), ("password", &self.race.password)];
        let (_, answer) = self.ask("user/generate_auth_cookie", &form);
        let cookie = answer["cookie"].as_str().unwrap_or_else(|| panic!("a login: {answer}")).to_owned();
        self.ledger.sessions.push(Session { user_id: user.id, cookie: cookie.clone(), ended: false });
        cookie
    }

    /// Ends one of its sessions.
    fn clear(&mut self) {
        if self.open.is_empty() {
            return;
        }
        let place = self.open.swap_remove(self.choices.below(self.open.len()));
        let cookie = self.ledger.sessions[place].cookie.clone();
        let (_, answer) = self.ask("auth/clear_auth_cookie", &[("cookie", &cookie)]);
        match refusal(&answer) {
            None => self.ledger.sessions[place].ended = true,
            Some(_) if self.race.beside => self.ledger.turned_away += 1,
            Some(text) => panic!("auth/clear_auth_cookie: {text}"),
        }
    }

    fn write(&mut self, user: &User, key: &str, value: &str) {
        let form = [("meta_key", key), ("meta_value", value)];
        match self.ask_as(user, "user/update_user_meta", &form) {
            Some((span, answer)) => self.keep(span, user, key, value, &answer["updated"]),
            None => self.ledger.given_up.push(value.to_owned()),
        }
    }

    /// In either order, so that two who lock as they go would lock each other out.
    fn write_pair(&mut self, user: &User, end: &str, value: &str) {
        let keys = PAIR.map(|key| format!("{key}{end}"));
        let mut form = keys.each_ref().map(|key| (key.as_str(), value));
        if self.choices.below(2) == 0 {
            form.reverse();
        }
        let Some((span, answer)) = self.ask_as(user, "user/update_user_meta_vars", &form) else {
            self.ledger.given_up.push(value.to_owned());
            return;
        };
        for key in keys {
            let label = key.replace('_', " ");
            self.keep(span, user, &key, value, &answer[&label]["updated"]);
        }
    }

    /// No value is ever written twice, so each write changes something.
    fn keep(&mut self, span: Span, user: &User, key: &str, value: &str, updated: &Value) {
        assert!(*updated == Value::Bool(true) || updated.is_u64(), "{key} = {value}: {updated}");
        self.ledger.written.push(Written {
            span,
            user_id: user.id,
            key: key.to_owned(),
            value: value.to_owned(),
            added: updated.as_u64(),
        });
    }

    /// Deletes a value that it wrote, unless somebody wrote another meanwhile.
    fn delete(&mut self, user: &User) {
        let mine = |written: &&Written| {
            written.user_id == user.id && !PAIR.iter().any(|key| written.key.starts_with(key))
        };
        let Some(last) = self.ledger.written.iter().rev().find(mine).cloned() else {
            return;
        };
        let form = [("meta_key", last.key.as_str()), ("meta_value", &last.value)];
        // A deletion that was given up leaves the value where it was.
        if let Some((span, answer)) = self.ask_as(user, "user/delete_user_meta", &form)
            && answer["deleted"].as_bool().expect("true or false")
        {
            let Written { user_id, key, value, .. } = last;
            self.ledger.deleted.push(Deleted { span, user_id, key, value });
        }
    }

    /// The names follow: two words, so that first and last name follow too.
    fn update_profile(&mut self, user: &User, mark: &str, act: usize) {
        let value = format!("{mark} {act}");
        let Some((span, answer)) = self.ask_as(user, "user/xprofile_update", &[(FULL_NAME, &value)]) else {
            self.ledger.given_up.push(value);
            return;
        };
        assert_eq!(answer[FULL_NAME]["updated"], true, "{answer}");
        let key = FULL_NAME.to_owned();
        self.ledger.profiles.push(Written { span, user_id: user.id, key, value, added: None });
    }
}

/// The nicename wanted with several names.
fn login_slug(number: usize) -> String {
    format!("slug {number}")
}
