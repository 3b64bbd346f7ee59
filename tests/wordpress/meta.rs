//! User meta: one table of operations, run by WordPress on one user and by the service on its twin.

use serde_json::{Value, json};

use crate::app::{Setup, TestApp};
use crate::http::Request;
use crate::server::Server;
use crate::wordpress::{RealWordPress, SUITES};

/// WordPress and the service on one database, with two users alike.
struct Twins {
    wordpress: RealWordPress,
    app: TestApp,
    theirs: u64,
    ours: u64,
    cookie: String,
}

impl Twins {
    #[track_caller]
    fn new(suite: &str, server: &'static Server) -> Self {
        let wordpress = RealWordPress::open(suite, server);
        let ids = wordpress.php(
            "update_option( 'json_api_controllers', 'core,user,auth' );
            $ids = array();
            foreach ( array( 'theirs', 'ours' ) as $login ) {
                $ids[] = wp_insert_user( array( 'user_login' => $login, 'user_pass' => 'twin-Pass-1', 'user_email' => \"$login@example.org\", 'nickname' => 'twin' ) );
            }
            return $ids;",
        );
        let app = Setup::beside(wordpress.path()).set("server.listen", "127.0.0.1:0").start();
        let cookie = app.cookie("ours", "twin-Pass-1");
        Self {
            theirs: ids[0].as_u64().expect("an id"),
            ours: ids[1].as_u64().expect("an id"),
            wordpress,
            app,
            cookie,
        }
    }

    /// One operation by the service: `[name, key, value]`.
    #[track_caller]
    fn by_service(&self, operation: &Value) -> Value {
        let method = match operation[0].as_str().expect("a name") {
            "update" => "update_user_meta",
            "delete" => "delete_user_meta",
            other => panic!("unknown operation {other}"),
        };
        let body = json!({"cookie": self.cookie, "meta_key": operation[1], "meta_value": operation[2]});
        let request = Request::new("POST", &format!("/api/user/{method}/?insecure=cool"))
            .header("Content-Type", "application/json")
            .body(body.to_string());
        let answer = self.app.send(&request);
        assert_eq!(answer.status, 200, "{operation}: {}", answer.text());
        let answer = answer.json();
        let result = if method == "update_user_meta" { &answer["updated"] } else { &answer["deleted"] };
        // Which number a row gets is no matter.
        if result.is_u64() { "a number".into() } else { result.clone() }
    }

    /// The same operations through WordPress, which gets its texts slashed as a request's are.
    #[track_caller]
    fn by_wordpress(&self, operations: &[Value]) -> Value {
        self.wordpress.php_with(
            "
            $results = array();
            foreach ( $args['operations'] as list( $name, $key, $value ) ) {
                $key   = wp_slash( $key );
                $value = wp_slash( $value );
                switch ( $name ) {
                    case 'update':
                        $result = update_user_meta( $args['user'], $key, $value );
                        break;
                    case 'delete':
                        $result = delete_user_meta( $args['user'], $key, $value );
                        break;
                }
                $results[] = is_int( $result ) ? 'a number' : $result;
            }
            return $results;
            ",
            json!({"user": self.theirs, "operations": operations}),
        )
    }

    /// All rows of a user but the sessions, in order.
    #[track_caller]
    fn rows(&self, user: u64) -> Vec<Vec<String>> {
        self.wordpress.server().query(
            self.wordpress.database(),
            &format!(
                "SELECT HEX(meta_key), COALESCE(HEX(meta_value), 'NULL') FROM wp_usermeta \
                 WHERE user_id = {user} AND meta_key <> 'session_tokens' ORDER BY umeta_id"
            ),
        )
    }

    /// The same row for both: what no request can make.
    #[track_caller]
    fn put(&self, key: &str, value: Option<&str>) {
        let key = hex::encode(key);
        let value = value.map_or("NULL".to_owned(), |text| format!("_utf8mb4 X'{}'", hex::encode(text)));
        for user in [self.theirs, self.ours] {
            self.wordpress.server().exec(
                self.wordpress.database(),
                &format!(
                    "INSERT INTO wp_usermeta (user_id, meta_key, meta_value) \
                     VALUES ({user}, _utf8mb4 X'{key}', {value})"
                ),
            );
        }
    }
}

/// Rows that are there before: several of a key, twins by the collation, NULL, numbers in stored arrays, broken text.
const BEFORE: &[(&str, Option<&str>)] = &[
    ("multi", Some("one")),
    ("multi", Some("two")),
    ("same", Some("x")),
    ("same", Some("x")),
    ("Case", Some("x")),
    ("case", Some("y")),
    ("upper", Some("x")),
    ("résumé", Some("x")),
    ("nil", None),
    ("nils", None),
    ("nils", Some("")),
    ("blank", Some("")),
    ("nought", Some("0")),
    ("int", Some("a:1:{i:0;i:5;}")),
    ("assoc", Some("a:2:{s:1:\"a\";s:1:\"1\";s:1:\"b\";s:1:\"2\";}")),
    ("broken", Some("a:1:{i:0;s:9:\"x\";}")),
    ("truth", Some("b:1;")),
    ("float", Some("d:0.5;")),
    ("padded", Some(" i:5; ")),
    ("object", Some("O:8:\"stdClass\":1:{s:1:\"a\";i:1;}")),
];

fn operations() -> Vec<Value> {
    let update = |key: &str, value: Value| json!(["update", key, value]);
    let delete = |key: &str, value: &str| json!(["delete", key, value]);
    vec![
        update("new", json!("x")),
        update("new", json!("x")),
        update("new", json!("X")),
        update("NEW", json!("X")),
        update("NEW", json!("y")),
        update("new ", json!("z")),
        update(" new", json!("other row")),
        update("néw", json!("w")),
        update("multi", json!("one")),
        update("multi", json!("one")),
        update("MULTI", json!("two")),
        update("same", json!("x")),
        update("case", json!("y")),
        update("case", json!("z")),
        update("CASE", json!("z")),
        update("Upper", json!("x")),
        update("UPPER", json!("changed")),
        update("resume", json!("x")),
        update("RESUMÉ", json!("cv")),
        update("nil", json!(" ")),
        update("nils", json!("x")),
        update("blank", json!("x")),
        update("nought", json!("00")),
        update("num", json!("5")),
        update("num", json!("5")),
        update("num", json!("5.0")),
        update("num", json!("05")),
        update("int", json!(["5"])),
        update("int", json!(["5"])),
        update("assoc", json!({"b": "2", "a": "1"})),
        update("assoc", json!({"b": "2", "a": "1"})),
        update("assoc", json!({"a": "1"})),
        update("assoc", json!(["1"])),
        update("assoc", json!({"5": "x", "05": "y", "-5": "z", "": "w"})),
        update("deep", json!({"a": {"b": {"c": ["d", {"e": "f"}]}}})),
        update("deep", json!({"a": {"b": {"c": ["d", {"e": "f"}]}}})),
        update("deep", json!({"a": {"b": {"c": ["d", {"e": "g"}]}}})),
        update("items", json!(["", "0", "it's \"q\" \\ b", "日本 🐎", "i:5;"])),
        update("broken", json!("x")),
        update("truth", json!("b:1;")),
        update("float", json!("0.5")),
        update("padded", json!("i:5;")),
        update("object", json!({"a": "1"})),
        update("ser", json!("a:1:{i:0;s:1:\"x\";}")),
        update("ser", json!("a:1:{i:0;s:1:\"x\";}")),
        update("ser", json!("s:18:\"a:1:{i:0;s:1:\"x\";}\";")),
        update("ser2", json!("i:5; hello")),
        update("ser3", json!("a:1: note; }")),
        update("ser4", json!("N;")),
        update("ser5", json!("  N;  ")),
        update("ser6", json!("O:3:\"Foo\":0:{}")),
        update("ser7", json!("b:2")),
        update("quotes", json!("It's \"a\" \\ b \\\\ c \\'")),
        update("quo'te\\s\"", json!("x")),
        update("html", json!("<script>alert(1)</script><b>x</b>&amp;%41")),
        update("spaces", json!(" \t x \n ")),
        update("nul", json!("a\u{0}b")),
        update("uni", json!("日本 🐎 \u{200b} e\u{301}")),
        update("emoji", json!("🐎")),
        update("emoji", json!("🐄")),
        update("🐎", json!("horse")),
        update("🐄", json!("cow")),
        update("ß", json!("x")),
        update("ss", json!("y")),
        update(&"k".repeat(255), json!("x")),
        update(&"k".repeat(256), json!("x")),
        update(&"é".repeat(255), json!("x")),
        update(&format!("new{}", " ".repeat(300)), json!("x")),
        update("long", json!("x".repeat(200_000))),
        update("long", json!("x".repeat(200_000))),
        update("7", json!("x")),
        update("7", json!("x")),
        update("07", json!("y")),
        delete("multi", "three"),
        delete("MULTI", "TWO"),
        delete("same", "x"),
        delete("same", "x"),
        delete("num", "5"),
        delete("num", "05"),
        delete("ser4", "N;"),
        delete("uni", "nothing"),
        delete("quo'te\\s\"", "x"),
        delete("emoji", "🐄"),
        delete("nought", "0 0"),
        delete("gone", "x"),
    ]
}

/// Each operation for itself, so that the first that differs is named.
fn the_service_writes_what_wordpress_writes(suite: &str, server: &'static Server) {
    let twins = Twins::new(suite, server);
    for (key, value) in BEFORE {
        twins.put(key, *value);
    }
    let operations = operations();
    // One process for all of WordPress's, whose cache of its own writes is right all the same.
    let theirs = twins.by_wordpress(&operations);
    let ours: Vec<Value> = operations.iter().map(|operation| twins.by_service(operation)).collect();
    for ((operation, theirs), ours) in operations.iter().zip(theirs.as_array().expect("results")).zip(&ours) {
        let about: String = operation.to_string().chars().take(200).collect();
        assert_eq!(ours, theirs, "{suite} on {}: {about}", server.name());
    }
    assert_eq!(twins.rows(twins.ours), twins.rows(twins.theirs), "{suite} on {}", server.name());
    println!("{} on {}: {} operations alike", twins.wordpress.version(), server.name(), operations.len());
}

#[test]
fn the_service_writes_what_wordpress_of_each_suite_writes() {
    for suite in SUITES {
        the_service_writes_what_wordpress_writes(suite, Server::mariadb());
    }
}

#[test]
fn the_service_writes_what_wordpress_writes_on_mysql() {
    the_service_writes_what_wordpress_writes("sid", Server::mysql97());
}

#[test]
fn wordpress_reads_the_php_values_that_the_service_was_given() {
    for suite in SUITES {
        let twins = Twins::new(suite, Server::mariadb());
        let values = json!({
            "text": "it's \"q\" \\ 日本 🐎",
            "number": "42",
            "look": "a:1:{i:0;s:1:\"x\";}",
            "list": ["a", "b", "i:5;"],
            "map": {"x": "1", "5": "y", "05": "z"},
            "deep": {"a": {"b": [{"c": "d"}, "e"]}},
        });
        for (key, value) in values.as_object().expect("values") {
            assert_eq!(twins.by_service(&json!(["update", key, value])), "a number", "{suite} {key}");
        }
        let read = twins.wordpress.php_with(
            "
            $different = array();
            foreach ( $args['values'] as $key => $value ) {
                $read = get_user_meta( $args['user'], $key );
                if ( serialize( $read ) !== serialize( array( $value ) ) ) {
                    $different[ $key ] = serialize( $read );
                }
            }
            return $different;
            ",
            json!({"user": twins.ours, "values": values}),
        );
        assert_eq!(read, json!([]), "{suite}");
    }
}

#[test]
fn the_service_reads_the_php_values_that_wordpress_was_given() {
    for suite in SUITES {
        let twins = Twins::new(suite, Server::mariadb());
        let written = twins.wordpress.php_with(
            "
            $object       = new stdClass();
            $object->name = 'obj';
            $object->list = array( 1, 2 );
            $values       = array(
                'v_int'    => 5,
                'v_float'  => 0.1 + 0.2,
                'v_exp'    => 1e100,
                'v_true'   => true,
                'v_false'  => false,
                'v_null'   => null,
                'v_blank'  => '',
                'v_text'   => \"it's \\\"q\\\" \\\\ 日本 🐎\",
                'v_look'   => 'a:1:{i:0;s:1:\"x\";}',
                'v_list'   => array( 1, 2.5, true, null, 'x' ),
                'v_map'    => array( 'x' => 1, 5 => 'y', '05' => 'z', -3 => array() ),
                'v_object' => $object,
            );
            foreach ( $values as $key => $value ) {
                add_user_meta( $args['user'], $key, wp_slash( $value ) );
                add_user_meta( $args['user'], $key, 'second' );
            }
            $read = array( 'status' => 'ok' );
            foreach ( array_keys( $values ) as $key ) {
                $read[ $key ] = json_encode( array( 'status' => 'ok', $key => get_user_meta( $args['user'], $key ) ) );
            }
            unset( $read['status'] );
            $firsts = array_filter(
                array_map( function ( $rows ) { return $rows[0]; }, get_user_meta( $args['user'] ) )
            );
            unset( $firsts['session_tokens'] );
            return array( 'read' => $read, 'all' => json_encode( array_merge( array( 'status' => 'ok' ), $firsts ) ) );
            ",
            json!({"user": twins.ours}),
        );
        for (key, wanted) in written["read"].as_object().expect("values") {
            let form = [("cookie", twins.cookie.as_str()), ("meta_key", key)];
            let answer = twins.app.call("user/get_user_meta", &form);
            assert_eq!(answer.text(), wanted.as_str().expect("JSON"), "{suite}");
        }
        let all = twins.app.call("user/get_user_meta", &[("cookie", &twins.cookie)]);
        assert_eq!(all.text(), written["all"].as_str().expect("JSON"), "{suite}");
    }
}
