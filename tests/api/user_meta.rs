//! `get_user_meta`, `update_user_meta`, `update_user_meta_vars` and `delete_user_meta` over HTTP.

use std::sync::Barrier;

use serde_json::{Value, json};

use crate::app::{Setup, TestApp, dump};
use crate::http::{Request, Response};
use crate::rows::{Looker, changes};
use crate::server::Server;

struct Site {
    server: &'static Server,
    database: String,
    app: TestApp,
    cookie: String,
}

impl Site {
    #[track_caller]
    fn new(server: &'static Server) -> Self {
        let database = server.database_from(&dump("6.8"));
        let app = Setup::on(&server.url(&database)).set("wordpress.version", "6.8").start();
        let cookie = app.cookie("john", "john Pass 3");
        Self { server, database, app, cookie }
    }

    #[track_caller]
    fn call(&self, method: &str, form: &[(&str, &str)]) -> Response {
        let mut fields = vec![("cookie", self.cookie.as_str())];
        fields.extend(form);
        self.app.call(&format!("user/{method}"), &fields)
    }

    #[track_caller]
    fn update(&self, key: &str, value: &str) -> Value {
        let answer = self.call("update_user_meta", &[("meta_key", key), ("meta_value", value)]);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["updated"].clone()
    }

    #[track_caller]
    fn json(&self, method: &str, mut fields: Value) -> Response {
        fields["cookie"] = self.cookie.as_str().into();
        self.app.send(
            &Request::new("POST", &format!("/api/user/{method}/?insecure=cool"))
                .header("Content-Type", "application/json")
                .body(fields.to_string()),
        )
    }

    #[track_caller]
    fn stored(&self, key: &str) -> Vec<String> {
        let key = hex::encode(key);
        self.server
            .query(
                &self.database,
                &format!(
                    "SELECT COALESCE(meta_value, 'NULL') FROM wp_usermeta WHERE user_id = 3 \
                     AND CAST(meta_key AS BINARY) = X'{key}' ORDER BY umeta_id"
                ),
            )
            .into_iter()
            .map(|mut row| row.remove(0))
            .collect()
    }

    #[track_caller]
    fn insert(&self, key: &str, value: &str) {
        let (key, value) = (hex::encode(key), hex::encode(value));
        self.server.exec(
            &self.database,
            &format!(
                "INSERT INTO wp_usermeta (user_id, meta_key, meta_value) \
                 VALUES (3, _utf8mb4 X'{key}', _utf8mb4 X'{value}')"
            ),
        );
    }
}

#[track_caller]
fn refused(answer: &Response, text: &str) {
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert_eq!(answer.json(), json!({"status": "error", "error": text}));
}

const NO_KEY: &str = "You must include a 'meta_key' var in your request.";
const NO_VALUE: &str = "You must include a 'meta_value' var in your request.";
const NO_NEW_VALUE: &str = "You must include a 'meta_value' var in your request. If you have multiple values for any \
    meta_key, you must send it as an array meta_value[] in POST method.";
const NO_VARS: &str = "You must include one or more vars in your request to add or update as user_meta. e.g. 'name', \
    'website', 'skills'. You must provide multiple meta_key vars in this format: \
    &name=Ali&website=parorrey.com&description=This is test description. If any field has the possibility to hold \
    more than one value for any multi-select fields or check boxes, you must provide an array of values and use POST \
    method.";

#[test]
fn the_cookie_is_asked_for_first_and_then_what_each_method_needs() {
    let site = Site::new(Server::mariadb());
    for method in ["get_user_meta", "update_user_meta", "update_user_meta_vars", "delete_user_meta"] {
        let method = format!("user/{method}");
        refused(
            &site.app.call(&method, &[("meta_key", "wp_capabilities")]),
            "You must include a 'cookie' var in your request. Use the `generate_auth_cookie` method.",
        );
        refused(
            &site.app.call(&method, &[("cookie", "x")]),
            "Invalid cookie. Use the `generate_auth_cookie` method.",
        );
        refused(&site.app.call(&method, &[("cookie[]", "x")]), "The 'cookie' var must be text.");
    }
    for method in ["update_user_meta", "delete_user_meta"] {
        for form in [vec![], vec![("meta_value", "x")], vec![("meta_key", "0"), ("meta_value", "x")]] {
            refused(&site.call(method, &form), NO_KEY);
        }
    }
    for form in [vec![("meta_key", "x")], vec![("meta_key", "x"), ("meta_value", "0")]] {
        refused(&site.call("update_user_meta", &form), NO_NEW_VALUE);
        refused(&site.call("delete_user_meta", &form), NO_VALUE);
    }
    refused(
        &site.call("update_user_meta", &[("meta_key[]", "x"), ("meta_value", "x")]),
        "The 'meta_key' var must be text.",
    );
    refused(&site.call("update_user_meta_vars", &[]), NO_VARS);
    refused(
        &site.call("update_user_meta", &[("meta_key", "WP_capabilities"), ("meta_value", "x")]),
        "The meta_key 'WP_capabilities' is protected.",
    );
}

#[test]
fn the_list_of_all_meta_has_first_stored_texts_and_no_empty_ones() {
    let site = Site::new(Server::mariadb());
    site.insert("Multi", "other spelling");
    site.insert("5", "five");
    site.insert("status", "mine");
    let all = site.call("get_user_meta", &[]);
    let all = all.text();
    assert!(all.starts_with(r#"{"status":"mine","nickname":"John Profile","first_name":"John""#), "{all}");
    assert!(
        all.contains(r#""multi":"one","#) && all.contains(r#""Multi":"other spelling","0":"five"}"#),
        "{all}"
    );
    for absent in ["description", "wp_user_level", "use_ssl", "empty", "session_tokens"] {
        assert!(!all.contains(&format!("\"{absent}\":")), "{absent} in {all}");
    }
    for key in ["", "0", "<b>", " \t"] {
        assert_eq!(site.call("get_user_meta", &[("meta_key", key)]).text(), all, "{key}");
    }
    assert_eq!(site.call("get_user_meta", &[("meta_key[]", "num")]).text(), all);
}

#[test]
fn one_key_is_read_byte_for_byte_and_shown_as_filtered() {
    let site = Site::new(Server::mariadb());
    let read = |key: &str| site.call("get_user_meta", &[("meta_key", key)]).text();
    assert_eq!(read("multi"), r#"{"status":"ok","multi":["one","two","three"]}"#);
    assert_eq!(read("MULTI"), r#"{"status":"ok","MULTI":[]}"#);
    assert_eq!(read(" <i>num</i> "), r#"{"status":"ok","num":["42"]}"#);
    site.insert("a'b", "x");
    assert_eq!(read("a'b"), r#"{"status":"ok","a\\'b":[]}"#);
    site.insert("broken", "a:1:{i:0;s:9:\"x\";}");
    assert_eq!(read("broken"), r#"{"status":"ok","broken":[false]}"#);
    site.server.exec(&site.database, "UPDATE wp_usermeta SET meta_value = NULL WHERE meta_key = 'broken'");
    assert_eq!(read("broken"), r#"{"status":"ok","broken":[null]}"#);
    assert_eq!(read("7"), r#"{"status":"ok","0":[]}"#);
}

#[test]
fn reading_takes_two_statements_on_a_warm_connection() {
    let server = Server::mariadb();
    let site = Site::new(server);
    for form in [vec![], vec![("meta_key", "multi")]] {
        site.call("get_user_meta", &form);
        let sqls = |form: &[(&str, &str)]| {
            server.exec("", "SET GLOBAL log_output = 'TABLE'");
            server.exec("", "TRUNCATE mysql.general_log; SET GLOBAL general_log = 1");
            site.call("get_user_meta", form);
            server.exec("", "SET GLOBAL general_log = 0");
            server.query(
                "",
                &format!(
                    "SELECT argument FROM mysql.general_log WHERE command_type = 'Execute' AND thread_id IN \
                     (SELECT id FROM information_schema.processlist WHERE db = '{}') \
                     AND argument LIKE '%usermeta%'",
                    site.database
                ),
            )
        };
        let seen = sqls(&form);
        assert!((1..=2).contains(&seen.len()), "{seen:?}");
    }
}

#[test]
fn texts_are_kept_as_sent_and_items_of_arrays_are_trimmed() {
    let site = Site::new(Server::mariadb());
    assert!(site.update("t", " It's \"a\" \\ b\t").is_u64());
    assert_eq!(site.stored("t"), [" It's \"a\" \\ b\t"]);
    assert!(site.update("back\\slash'", "x").is_u64());
    assert_eq!(site.stored("back\\slash'"), ["x"]);
    assert!(site.update(" k ", "x").is_u64());
    assert_eq!(site.stored(" k "), ["x"]);
    let form = [
        ("meta_key", "deep"),
        ("meta_value[a][b]", " 1 "),
        ("meta_value[a][]", "it's\0"),
        ("meta_value[5]", "x"),
        ("meta_value[05]", "y\\"),
    ];
    assert!(site.call("update_user_meta", &form).json()["updated"].is_u64());
    assert_eq!(
        site.stored("deep"),
        [
            "a:3:{s:1:\"a\";a:2:{s:1:\"b\";s:1:\"1\";i:0;s:5:\"it's\0\";}i:5;s:1:\"x\";s:2:\"05\";s:2:\"y\\\";}"
        ]
    );
    assert_eq!(site.call("update_user_meta", &form).text(), r#"{"status":"ok","updated":false}"#);
    let read = site.call("get_user_meta", &[("meta_key", "deep")]);
    assert_eq!(
        read.text(),
        r#"{"status":"ok","deep":[{"a":{"b":"1","0":"it's\u0000"},"5":"x","05":"y\\"}]}"#
    );
}

#[test]
fn unchanged_is_what_php_calls_identical() {
    let site = Site::new(Server::mariadb());
    assert_eq!(site.update("num", "42"), false);
    assert_eq!(site.update("NUM", "42"), false);
    assert_eq!(site.update("NUM", "43"), true);
    assert_eq!((site.stored("num"), site.stored("NUM")), (vec!["43".to_owned()], vec![]));
    assert_eq!(site.update("multi", "one"), true);
    assert_eq!(site.stored("multi"), ["one", "one", "one"]);
    assert_eq!(site.update("multi", "one"), false);
    // Letter case is a change, although the collation does not see it.
    assert_eq!(site.update("multi", "ONE"), true);
    assert_eq!(site.stored("multi"), ["ONE", "ONE", "ONE"]);
    // A stored list of numbers is not the list of texts that a form can send.
    site.insert("numbers", "a:1:{i:0;i:1;}");
    let form = [("meta_key", "numbers"), ("meta_value[]", "1")];
    assert_eq!(site.call("update_user_meta", &form).json()["updated"], true);
    assert_eq!(site.stored("numbers"), ["a:1:{i:0;s:1:\"1\";}"]);
    // Two rows, one of them exactly this key: that one alone decides.
    site.insert("Twin", "x");
    site.insert("twin", "y");
    assert_eq!(site.update("twin", "y"), false);
    assert_eq!(site.update("tWin", "y"), true);
    assert_eq!((site.stored("Twin"), site.stored("twin")), (vec!["y".to_owned()], vec!["y".to_owned()]));
    // NULL is no text.
    site.server.exec(&site.database, "UPDATE wp_usermeta SET meta_value = NULL WHERE meta_key = 'empty'");
    assert_eq!(site.update("empty", "x"), true);
}

#[test]
fn what_the_columns_cannot_hold_is_false_and_not_written() {
    let site = Site::new(Server::mariadb());
    let looker = Looker::new(site.server, &site.database);
    let before = looker.look();
    assert_eq!(site.update(&"k".repeat(256), "x"), false);
    assert_eq!(site.update(&format!("num{}", " ".repeat(300)), "x"), false);
    let cookie = percent_encoding::utf8_percent_encode(&site.cookie, percent_encoding::NON_ALPHANUMERIC);
    for body in
        ["meta_key=num&meta_value=%FF", "meta_key=n%FFm&meta_value=x", "meta_key=num&meta_value[]=%C3"]
    {
        let request = Request::new("POST", "/api/user/update_user_meta/?insecure=cool")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(format!("cookie={cookie}&{body}"));
        assert_eq!(site.app.send(&request).text(), r#"{"status":"ok","updated":false}"#, "{body}");
    }
    assert_eq!(changes(&before, &looker.look()), []);
    assert!(site.update(&"ü".repeat(255), "x").is_u64());
}

#[test]
fn older_tables_refuse_what_their_charset_lacks() {
    for server in [Server::mariadb(), Server::mysql97()] {
        for (charset, kept, lost) in
            [("utf8mb3", "日本", "🐎"), ("latin1", "é", "日本"), ("cp1251", "я", "é"), ("ascii", "x", "é")]
        {
            let site = Site::new(server);
            server.exec(&site.database, "DELETE FROM wp_usermeta WHERE meta_key = 'unicode'");
            server.exec(
                &site.database,
                &format!(
                    "ALTER TABLE wp_usermeta MODIFY meta_key varchar(255) CHARACTER SET {charset}, \
                     MODIFY meta_value longtext CHARACTER SET {charset}"
                ),
            );
            site.app.refresh();
            let looker = Looker::new(server, &site.database);
            assert!(site.update(&format!("a{kept}"), kept).is_u64(), "{charset}");
            assert_eq!(site.update(&format!("a{kept}"), kept), false, "{charset}");
            let before = looker.look();
            assert_eq!(site.update("num", lost), false, "{charset}");
            assert_eq!(site.update(&format!("b{lost}"), "x"), false, "{charset}");
            let delete = [("meta_key", "num"), ("meta_value", lost)];
            assert_eq!(site.call("delete_user_meta", &delete).json()["deleted"], false, "{charset}");
            let read = site.call("get_user_meta", &[("meta_key", lost)]);
            assert_eq!(read.json(), json!({"status": "ok", lost: []}), "{charset}");
            assert_eq!(changes(&before, &looker.look()), [], "{charset}");
        }
    }
}

#[test]
fn variables_and_custom_fields_are_keys_in_the_order_sent() {
    let site = Site::new(Server::mariadb());
    let cookie = percent_encoding::utf8_percent_encode(&site.cookie, percent_encoding::NON_ALPHANUMERIC);
    let request = Request::new(
        "POST",
        "/api/user/update_user_meta_vars/?insecure=cool&home_town=+Lahore+&controller=x&method=y&include=z",
    )
    .header("Content-Type", "application/x-www-form-urlencoded")
    .body(format!(
        "cookie={cookie}&tags[]=+a+&tags[x][y]=b&custom_fields['Eye_Colour']=+brown&custom_fields[list][]=1\
         &key=k&nonce=n&jwt=j&data_format=d&redirect=&redirect_ok=&exclude=e&num=42&dev=&callback=\
         &json_encode_options=64&json_unescaped_unicode=&empty_one="
    ));
    let answer = site.app.send(&request);
    let ids: Vec<u64> =
        answer.json().as_object().unwrap().values().filter_map(|value| value["updated"].as_u64()).collect();
    let [town, tags, eye, list, empty] = ids[..] else { panic!("{}", answer.text()) };
    assert_eq!(
        answer.text(),
        format!(
            r#"{{"status":"ok","home town":{{"updated":{town}}},"tags":{{"updated":{tags}}},"eye_colour":{{"updated":{eye}}},"list":{{"updated":{list}}},"num":{{"updated":false}},"empty one":{{"updated":{empty}}}}}"#
        )
    );
    assert!(town < tags && tags < eye && eye < list && list < empty);
    assert_eq!(site.stored("home_town"), ["Lahore"]);
    assert_eq!(site.stored("tags"), ["a:2:{i:0;s:1:\"a\";s:1:\"x\";a:1:{s:1:\"y\";s:1:\"b\";}}"]);
    assert_eq!(site.stored("eye_colour"), ["brown"]);
    assert_eq!(site.stored("list"), ["a:1:{i:0;s:1:\"1\";}"]);
    assert_eq!(site.stored("empty_one"), [""]);
    let protocol = "SELECT COUNT(*) FROM wp_usermeta WHERE meta_key IN ('insecure','key','nonce','jwt','data_format',\
        'redirect','redirect_ok','exclude','include','controller','method','dev','callback','custom_fields','json',\
        'json_encode_options','json_unescaped_unicode','cookie')";
    assert_eq!(site.server.query(&site.database, protocol), [["0"]]);
}

#[test]
fn numbers_as_names_are_counted_anew_and_nought_is_no_key() {
    let site = Site::new(Server::mariadb());
    let answer = site.call("update_user_meta_vars", &[("7", "a"), ("9", "b")]);
    let id = answer.json()["1"]["updated"].as_u64().unwrap();
    assert_eq!(answer.json(), json!({"status": "ok", "0": {"updated": false}, "1": {"updated": id}}));
    assert_eq!((site.stored("0"), site.stored("1")), (vec![], vec!["b".to_owned()]));
}

#[test]
fn a_json_body_gives_keys_and_values_too() {
    let site = Site::new(Server::mariadb());
    let answer = site.json(
        "update_user_meta_vars",
        json!({"age": 41, "vip": true, "gone": null, "custom_fields": {"map": {"a": [1, "x"]}, "none": []}}),
    );
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(site.stored("age"), ["41"]);
    assert_eq!(site.stored("vip"), ["1"]);
    assert_eq!(site.stored("gone"), [""]);
    assert_eq!(site.stored("map"), ["a:1:{s:1:\"a\";a:2:{i:0;s:1:\"1\";i:1;s:1:\"x\";}}"]);
    assert_eq!(site.stored("none"), ["a:0:{}"]);
    refused(&site.json("update_user_meta_vars", json!({"custom_fields": {}})), NO_VARS);
    refused(&site.json("update_user_meta_vars", json!({"custom_fields": "text", "dev": ""})), NO_VARS);
    refused(&site.json("update_user_meta", json!({"meta_key": "x", "meta_value": []})), NO_NEW_VALUE);
}

#[test]
fn rows_of_exactly_one_value_are_deleted() {
    let site = Site::new(Server::mariadb());
    let delete = |key: &str, value: &str| {
        site.call("delete_user_meta", &[("meta_key", key), ("meta_value", value)]).json()["deleted"].clone()
    };
    assert_eq!(delete("multi", "two"), true);
    assert_eq!(site.stored("multi"), ["one", "three"]);
    assert_eq!(delete("MULTI", "ONE"), true);
    assert_eq!(site.stored("multi"), ["three"]);
    assert_eq!(delete("multi", "one"), false);
    assert_eq!(delete("nothing", "x"), false);
    assert_eq!(delete("<b>", "x"), false);
    site.insert("ser", "s:18:\"a:1:{i:0;s:1:\"x\";}\";");
    assert_eq!(delete("ser", "a:1:{i:0;s:1:\"x\";}"), true);
    site.insert("quo'te", "it's");
    assert_eq!(delete("quo'te", "it's"), true);
    assert_eq!(
        site.call("delete_user_meta", &[("meta_key[]", "num"), ("meta_value", "42")]).json()["deleted"],
        false
    );
    assert_eq!(site.stored("num"), ["42"]);
}

#[test]
fn a_value_that_the_filter_empties_deletes_nothing() {
    let site = Site::new(Server::mariadb());
    for value in ["<b>", " ", "%41", "<script>x</script>"] {
        refused(&site.call("delete_user_meta", &[("meta_key", "multi"), ("meta_value", value)]), NO_VALUE);
    }
    refused(&site.call("delete_user_meta", &[("meta_key", "multi"), ("meta_value[]", "one")]), NO_VALUE);
    assert_eq!(site.stored("multi"), ["one", "two", "three"]);
}

#[test]
fn a_failure_half_way_leaves_nothing() {
    for server in [Server::mariadb(), Server::mysql97()] {
        let site = Site::new(server);
        // The second row that is added fails.
        server
            .exec(&site.database, "ALTER TABLE wp_usermeta ADD CONSTRAINT stop CHECK (meta_key <> 'second')");
        let looker = Looker::new(server, &site.database);
        let before = looker.look();
        let answer = site.call("update_user_meta_vars", &[("num", "1"), ("first", "1"), ("second", "2")]);
        assert_eq!(answer.status, 503, "{}", answer.text());
        assert_eq!(changes(&before, &looker.look()), [], "{}", server.name());
        assert_eq!(site.call("update_user_meta_vars", &[("num", "1"), ("first", "1")]).status, 200);
    }
}

#[test]
fn many_writers_of_new_keys_make_one_row_of_each() {
    for server in [Server::mariadb(), Server::mysql97()] {
        let site = Site::new(server);
        let cookie = site.cookie.as_str();
        let address = site.app.address;
        let barrier = Barrier::new(8);
        std::thread::scope(|scope| {
            for writer in 0..8 {
                let barrier = &barrier;
                scope.spawn(move || {
                    let value = writer.to_string();
                    // Half of them the other way round, so that locks could meet.
                    let mut keys = ["k_one", "k_two", "k_three", "num"];
                    if writer % 2 == 1 {
                        keys.reverse();
                    }
                    for round in 0..10 {
                        let value = format!("{value}-{round}");
                        let mut form = vec![("cookie", cookie)];
                        form.extend(keys.map(|key| (key, value.as_str())));
                        barrier.wait();
                        let answer = Request::post("/api/user/update_user_meta_vars/?insecure=cool", &form)
                            .send(address);
                        assert_eq!(answer.status, 200, "{}", answer.text());
                    }
                });
            }
        });
        let values: Vec<Vec<String>> =
            ["k_one", "k_two", "k_three", "num"].map(|key| site.stored(key)).into();
        assert!(
            values.iter().all(|rows| rows.len() == 1 && *rows == values[0]),
            "{}: {values:?}",
            server.name()
        );
    }
}
