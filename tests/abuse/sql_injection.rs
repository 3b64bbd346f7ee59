//! SQL in every parameter of every endpoint, in the transport's own parameters and in headers.
//!
//! The payloads call a function that leaves a row in a table without transactions: whatever part of a request is
//! read as SQL, and however that statement ends, the row stays.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use wp_sidecar::http::endpoints::{ENDPOINTS, Endpoint};

use crate::graph::{APP_ID, APP_SECRET, Graph};
use crate::http::{Request, Response};
use crate::rows::{Change, Looker, Rows, changes};
use crate::server::Server;
use crate::site::{JOHN, Site, encoded, form, post, post_json};

/// The trap: `executed()` leaves a row whatever becomes of the statement that calls it.
const TRAP: &str = "
    CREATE TABLE trap (id int NOT NULL AUTO_INCREMENT PRIMARY KEY) ENGINE=MyISAM;
    DELIMITER //
    CREATE FUNCTION executed() RETURNS int MODIFIES SQL DATA
    BEGIN INSERT INTO trap VALUES (NULL); RETURN 1; END//
    CREATE PROCEDURE execute() BEGIN INSERT INTO trap VALUES (NULL); END//
    DELIMITER ;
";

/// Quotes of all kinds, comments, further statements, and what the service's own statements are built with.
const PAYLOADS: &[&[u8]] = &[
    b"'",
    b"\"",
    b"\\",
    b"\\'",
    b"' OR executed() -- ",
    b"\" OR executed() -- ",
    b"\\' OR executed() -- ",
    b" OR executed()",
    b") OR executed() -- ",
    b"') OR (executed()) #",
    b"' AND SLEEP(30) AND '1'='1",
    b"' OR BENCHMARK(9000000000, SHA2('x', 512)) OR '",
    b"' UNION SELECT executed(),2,3,4,5,6,7,8,9,10 -- ",
    b"'; CALL execute(); -- ",
    b"; CALL execute()",
    b"' || executed() || '",
    b"' + executed() + '",
    b"%' OR executed() LIKE '%",
    b"' PROCEDURE ANALYSE(EXTRACTVALUE(1, CONCAT(1, executed())), 1) -- ",
    b"' INTO OUTFILE '/tmp/sidecar",
    b"/*!50000 OR executed() */",
    b"`, executed(), `",
    b"?",
    b"? OR executed()",
    b"{users}",
    b"{usermeta} WHERE executed() -- ",
    b"{list}",
    b"{",
    b"}{",
    b"{nope} ' OR executed() -- ",
    b":login @x $1 %s %d",
    b"\xbf' OR executed() -- ",
    b"\xbf\x27 OR executed() #",
    b"\x00' OR executed() -- ",
    b"\x1a' OR executed() -- ",
    b"\xca\xbc OR executed() -- ",
    b"\xef\xbc\x87 OR executed() -- ",
    b"\xe2\x80\x99 OR executed() -- ",
    b"0x27204f5220",
    b"1e309",
];

/// All the characters that end something, for the places that one request each is enough for.
const POLYGLOTS: &[&str] = &[
    "' OR executed() OR \" OR executed() OR \\' OR `",
    "1 OR executed(); {users} ? {list} */ OR executed() /* ') OR executed() -- \u{2bc}\u{ff07}",
];

/// Parameters of `register` that take any text, so that one request can attack them all.
const FREE_TEXTS: &[&str] = &[
    "user_pass",
    "display_name",
    "user_nicename",
    "user_url",
    "nickname",
    "first_name",
    "last_name",
    "description",
    "rich_editing",
    "comment_shortcuts",
    "admin_color",
    "use_ssl",
    "show_admin_bar_front",
    "custom_fields",
    "notify",
];

const TRANSPORT: &[&str] = &[
    "json",
    "callback",
    "dev",
    "redirect",
    "redirect_ok",
    "redirect_error",
    "json_encode_options",
    "json_unescaped_unicode",
    "insecure",
    "controller",
    "method",
    "custom_fields",
    "key",
    "jwt",
    "cookie[]",
];

const HEADERS: &[&str] = &[
    "User-Agent",
    "X-Forwarded-For",
    "X-Forwarded-Proto",
    "Forwarded",
    "Cookie",
    "Referer",
    "Accept-Language",
    "X-Real-IP",
    "Client-IP",
    "Authorization",
];

/// The attack on one server.
struct Attack {
    site: Site,
    graph: Graph,
    payloads: Vec<&'static [u8]>,
    /// Names and cookies that only one request may use.
    count: u32,
    nonce: String,
    clear_cookie: String,
}

impl Attack {
    #[track_caller]
    fn on(server: &'static Server, payloads: Vec<&'static [u8]>) -> Self {
        let graph = Graph::start();
        let mut site = Site::with(server, |setup| {
            setup
                .set("facebook.app_id", APP_ID)
                .set("facebook.app_secret", APP_SECRET)
                .set("facebook.graph_url", &graph.url())
                .keep_mails()
        });
        site.sql(TRAP);
        site.looker = Looker::new(server, &site.database);
        // The trap springs, even where the statement fails afterwards.
        site.sql("SELECT 1 FROM wp_users WHERE user_login = '' OR executed()");
        assert!(!site.sql("SELECT id FROM trap").is_empty());
        site.sql("TRUNCATE TABLE trap");
        let nonce = site.app.nonce("register");
        let clear_cookie = site.app.cookie(JOHN.0, JOHN.1);
        Self { site, graph, payloads, count: 0, nonce, clear_cookie }
    }

    /// A value with which the method would do its work.
    fn valid(&mut self, endpoint: &Endpoint, name: &str) -> String {
        self.count += 1;
        let count = self.count;
        let registers = endpoint.method == "register";
        match name {
            "cookie" if endpoint.method == "clear_auth_cookie" => self.clear_cookie.clone(),
            "cookie" => self.site.cookie.clone(),
            "controller" => "user".to_owned(),
            "method" => "register".to_owned(),
            "username" if registers => format!("ann{count}"),
            "email" if registers => format!("ann{count}@example.net"),
            "username" | "user_login" => JOHN.0.to_owned(),
            "email" => String::new(),
            "password" => JOHN.1.to_owned(),
            "nonce" => self.nonce.clone(),
            "user_id" => "3".to_owned(),
            "post_id" => "29".to_owned(),
            "comment_status" | "use_ssl" => "1".to_owned(),
            "seconds" => "60".to_owned(),
            "type" => "full".to_owned(),
            "field" => "Bio".to_owned(),
            "user_registered" => "2026-01-31 23:59:59".to_owned(),
            "notify" => "both".to_owned(),
            "access_token" => {
                let person = json!({"id": "1", "first_name": "A", "last_name": "B", "email": format!("fb{count}@example.net")});
                self.graph.add("token", person);
                "token".to_owned()
            }
            _ => format!("text {count}"),
        }
    }

    /// All parameters with good values, the attacked ones aside.
    fn others(&mut self, endpoint: &Endpoint, attacked: &[&str]) -> Vec<(String, Vec<u8>)> {
        let mut fields = Vec::new();
        for parameter in endpoint.parameters {
            let name = match parameter.name {
                "<label>" => "Bio",
                "custom_fields" => "custom_fields[plain]",
                name => name,
            };
            let wins_over_the_name = name == "email" && endpoint.method != "register";
            if !attacked.contains(&parameter.name) && !wins_over_the_name {
                fields.push((name.to_owned(), self.valid(endpoint, parameter.name).into_bytes()));
            }
        }
        fields
    }

    /// Sends it; whatever happens, it is no failure of the service and takes no time.
    #[track_caller]
    fn send(&self, endpoint: &Endpoint, request: &Request, about: &str) -> Response {
        if endpoint.method == "post_comment" {
            self.site.app.set_now(self.site.app.app.clock.now() + 60);
        }
        let begun = Instant::now();
        let answer = self.site.app.send(request);
        let text = answer.text();
        assert!(answer.status < 500, "{about}: {} {text}", answer.status);
        assert!(begun.elapsed() < Duration::from_secs(20), "{about}: {:?}", begun.elapsed());
        for leak in ["SQL syntax", "sqlx", "MySQL", "MariaDB", "wp_users", "wp_usermeta"] {
            let echoed = about.contains(leak) || request.target.contains(leak);
            assert!(echoed || !text.contains(leak), "{about}: {text}");
        }
        answer
    }

    /// Every payload alone and behind a good value; as a form and as JSON.
    fn attack_parameters(&mut self, endpoint: &Endpoint, names: &[&'static str]) {
        let to = format!("{}/{}", endpoint.controller, endpoint.method);
        for (turn, payload) in self.payloads.clone().into_iter().enumerate() {
            let about = format!("{to} {names:?} {}", payload.escape_ascii());
            let mut fields = self.others(endpoint, names);
            for name in names {
                match *name {
                    "<label>" => fields.extend([(payload, &b"x"[..]), (b"Bio", payload)].map(owned)),
                    "custom_fields" => {
                        fields.push(owned((&[b"custom_fields[", payload, b"]"].concat(), payload)));
                    }
                    "access_token" => {
                        self.meet_person(&String::from_utf8_lossy(payload));
                        fields.push(owned((b"access_token", payload)));
                    }
                    name => fields.push(owned((name.as_bytes(), payload))),
                }
            }
            self.send(endpoint, &post(&to, &fields), &about);

            let text = std::str::from_utf8(payload).ok().filter(|_| turn % 2 == 1);
            let Some(text) = text else { continue };
            let mut object: serde_json::Map<String, Value> = self
                .others(endpoint, names)
                .into_iter()
                .map(|(name, value)| (name, String::from_utf8(value).unwrap().into()))
                .collect();
            for name in names {
                object.insert((*name).to_owned(), format!("{}{text}", self.valid(endpoint, name)).into());
            }
            self.send(endpoint, &post_json(&to, &object.into()), &about);
        }
    }

    /// Facebook knows somebody of this name by this token.
    fn meet_person(&self, name: &str) {
        let person = json!({"id": "1", "name": name, "first_name": name, "last_name": name, "email": "eve@example.net"});
        self.graph.add(name, person);
    }

    /// The answer says nothing about whether a condition behind the value holds.
    fn ask_a_question(&mut self, endpoint: &Endpoint, name: &str) {
        let to = format!("{}/{}", endpoint.controller, endpoint.method);
        for (start, end) in
            [("' AND '1'='", ""), ("' AND '1'='", "' -- "), (" AND 1=", ""), ("\" AND 1=", " -- ")]
        {
            let good = self.valid(endpoint, name);
            let fields = self.others(endpoint, &[name]);
            let [yes, no] = ["1", "2"].map(|right| {
                let mut fields = fields.clone();
                fields.push((name.to_owned(), format!("{good}{start}{right}{end}").into_bytes()));
                self.send(endpoint, &post(&to, &fields), &to)
            });
            assert_eq!(shape(&yes), shape(&no), "{to} {name} {start}");
        }
    }

    fn attack_transport(&mut self, endpoint: &Endpoint) {
        let to = format!("{}/{}", endpoint.controller, endpoint.method);
        for polyglot in POLYGLOTS {
            let fields = self.others(endpoint, &[]);
            let body = form(&fields);
            let mut requests: Vec<Request> = TRANSPORT
                .iter()
                .map(|name| {
                    let safe = if *name == "insecure" { "" } else { "insecure=cool&" };
                    let query = format!("{safe}{}={}", encoded(name), encoded(polyglot));
                    Request::new("POST", &format!("/api/{to}/?{query}"))
                })
                .collect();
            requests.push(Request::new("POST", &format!("/api/{}/?insecure=cool", encoded(polyglot))));
            requests.push(Request::new("POST", &format!("/api/{to}{}/?insecure=cool", encoded(polyglot))));
            requests.push(Request::new("POST", &format!("/{}?json={to}&insecure=cool", encoded(polyglot))));
            for header in HEADERS {
                // What the service would look for in it, with the payload in every place.
                let value = match *header {
                    "Forwarded" => format!("for=\"{polyglot}\";proto={polyglot}"),
                    "Cookie" => {
                        format!("wordpress_logged_in_{}={}; {polyglot}", "a".repeat(32), encoded(polyglot))
                    }
                    _ => (*polyglot).to_owned(),
                };
                requests
                    .push(Request::new("POST", &format!("/api/{to}/?insecure=cool")).header(header, &value));
            }
            for request in requests {
                let request =
                    request.header("Content-Type", "application/x-www-form-urlencoded").body(body.clone());
                let about = format!("{} {:?}", request.target, request.headers.first());
                self.send(endpoint, &request, &about);
            }
        }
    }

    fn attack(&mut self, endpoint: &'static Endpoint) {
        let before = self.site.looker.look();
        let (together, alone): (Vec<&str>, Vec<&str>) = endpoint
            .parameters
            .iter()
            .map(|parameter| parameter.name)
            .partition(|name| endpoint.method == "register" && FREE_TEXTS.contains(name));
        for names in alone.chunks(1).chain(together.chunks(together.len().max(1))) {
            self.attack_parameters(endpoint, names);
        }
        for parameter in endpoint.parameters {
            if !endpoint.finishes {
                self.ask_a_question(endpoint, parameter.name);
            }
        }
        self.attack_transport(endpoint);
        assert_only_its_own(endpoint, &before, &self.site.looker.look());
        self.site.sql("DELETE FROM wp_users WHERE ID > 12; DELETE FROM wp_usermeta WHERE user_id > 12");
        self.site.app.take_mails();
    }
}

fn owned((name, value): (&[u8], &[u8])) -> (String, Vec<u8>) {
    (String::from_utf8_lossy(name).into_owned(), value.to_vec())
}

/// What two answers have to have in common: all but the digits that an answer repeats, and what is new each time.
fn shape(answer: &Response) -> (u16, BTreeSet<String>, String) {
    let json = answer.json();
    let names = json.as_object().unwrap().keys().map(|name| undigited(name)).collect();
    (answer.status, names, undigited(&json["error"].to_string()))
}

fn undigited(text: &str) -> String {
    text.replace(|letter: char| letter.is_ascii_digit(), "1")
}

/// Only rows that this method is there to write: john's own, new users' and new comments.
#[track_caller]
fn assert_only_its_own(endpoint: &Endpoint, before: &Rows, after: &Rows) {
    let tables: &[&str] = match endpoint.method {
        "register" | "fb_connect" => &["wp_users", "wp_usermeta", "wp_options"],
        "generate_auth_cookie"
        | "clear_auth_cookie"
        | "update_user_meta"
        | "update_user_meta_vars"
        | "delete_user_meta" => &["wp_usermeta"],
        "retrieve_password" => &["wp_users"],
        "post_comment" => &["wp_comments", "wp_posts"],
        "xprofile_update" => &["wp_bp_xprofile_data", "wp_users", "wp_usermeta"],
        _ => &[],
    };
    let made = changes(before, after);
    for change in &made {
        let (Change::Insert { table, key, .. }
        | Change::Update { table, key, .. }
        | Change::Delete { table, key }) = change;
        let about = format!("{endpoint:?}: {change:?}");
        assert!(tables.contains(&table.as_str()), "{about}");
        if matches!(change, Change::Insert { .. }) {
            continue;
        }
        let old = &before[&(table.clone(), key.clone())];
        match table.as_str() {
            "wp_users" => assert_eq!(key, "3", "{about}"),
            "wp_usermeta" | "wp_bp_xprofile_data" => {
                assert_eq!(old["user_id"].as_deref(), Some("3"), "{about}");
            }
            "wp_options" => assert_eq!(old["option_name"].as_deref(), Some("user_count"), "{about}"),
            "wp_posts" => assert_eq!(key, "29", "{about}"),
            other => panic!("a row of {other} changed: {about}"),
        }
        if let ("wp_usermeta", Some(Some(name))) = (table.as_str(), old.get("meta_key")) {
            let logs_in = endpoint.method.ends_with("_auth_cookie");
            assert!(!name.ends_with("capabilities") && !name.ends_with("user_level"), "{about}");
            assert!(logs_in || name != "session_tokens", "{about}");
        }
    }
    if endpoint.finishes && endpoint.method != "delete_user_meta" {
        assert!(!made.is_empty(), "{endpoint:?} did its work at least once");
    }
}

fn no_part_of_a_request_is_read_as_sql(server: &'static Server, payloads: Vec<&'static [u8]>) {
    let mut attack = Attack::on(server, payloads);
    for endpoint in ENDPOINTS {
        attack.attack(endpoint);
    }
    attack.site.assert_alive("after all of it");
}

#[test]
fn no_part_of_a_request_is_read_as_sql_by_mariadb() {
    no_part_of_a_request_is_read_as_sql(Server::mariadb(), PAYLOADS.to_vec());
}

#[test]
fn no_part_of_a_request_is_read_as_sql_by_mysql() {
    // The service's statements are the same; what differs is the server that would read more into them.
    let polyglots = POLYGLOTS.iter().map(|text| text.as_bytes());
    no_part_of_a_request_is_read_as_sql(Server::mysql97(), polyglots.collect());
}

#[test]
fn meta_that_looks_like_sql_is_stored_as_it_is() {
    let site = Site::new(Server::mariadb());
    // Keys are numbered, since the collation takes some of these texts for equal.
    let texts: Vec<String> = PAYLOADS
        .iter()
        .filter_map(|payload| std::str::from_utf8(payload).ok())
        .enumerate()
        .map(|(number, text)| format!("{number}{text}"))
        .collect();
    for text in &texts {
        let value = format!("v{text}v");
        let request = post(
            "user/update_user_meta",
            &[("cookie", site.cookie.as_str()), ("meta_key", text), ("meta_value", &value)],
        );
        assert_eq!(site.app.send(&request).status, 200, "{text}");
    }
    let stored: BTreeSet<(String, String)> = site
        .sql("SELECT HEX(meta_key), HEX(meta_value) FROM wp_usermeta WHERE user_id = 3 AND meta_value LIKE 'v%v'")
        .into_iter()
        .map(|row| (row[0].clone(), row[1].clone()))
        .collect();
    let wanted: BTreeSet<(String, String)> =
        texts.iter().map(|text| (hex::encode_upper(text), hex::encode_upper(format!("v{text}v")))).collect();
    assert_eq!(stored, wanted);
}
