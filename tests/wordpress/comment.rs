//! Comments: what the service writes is what `wp_new_comment()` writes for the same user, text and options.

mod cases;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};
use wp_sidecar::account::Context;
use wp_sidecar::account::caller::Caller;
use wp_sidecar::account::capabilities::Capabilities;
use wp_sidecar::account::comment::{Policy, Reason, Submission, Wish};
use wp_sidecar::store::posts::Post;
use wp_sidecar::store::users::UserBy;
use wp_sidecar::wp::time_zone::SiteZone;

use crate::app::{Setup, TestApp};
use crate::http::Request;
use crate::server::Server;
use crate::wordpress::{RealWordPress, SUITES};
use cases::{Case, Prior, cases};

const PASSWORD: &str = "anna Pass 1";

/// The options that a comment's fate hangs on, as a fresh site has them.
const OPTIONS: [(&str, &str); 9] = [
    ("comment_moderation", "0"),
    ("comment_max_links", "2"),
    ("moderation_keys", ""),
    ("disallowed_keys", ""),
    ("comment_previously_approved", "0"),
    ("close_comments_for_old_posts", "0"),
    ("close_comments_days_old", "14"),
    ("moderation_notify", "0"),
    ("comments_notify", "0"),
];

/// A WordPress with users of several roles and the service beside it.
struct Site {
    app: TestApp,
    wordpress: RealWordPress,
    users: BTreeMap<String, User>,
    /// Of the user `writer`.
    post: u64,
}

#[derive(serde::Deserialize)]
struct User {
    id: u64,
    #[serde(skip)]
    cookie: String,
}

impl Site {
    #[track_caller]
    fn open(suite: &str) -> Self {
        let wordpress = RealWordPress::open(suite, Server::mariadb());
        let made = wordpress.php_with(
            "
            update_option( 'json_api_controllers', 'core,user,auth' );
            $made = array( 'users' => array() );
            foreach ( array( 'reader' => 'subscriber', 'writer' => 'author', 'boss' => 'editor', 'nobody' => '',
                'it.s me' => 'subscriber' ) as $login => $role ) {
                $id = wp_insert_user( array(
                    'user_login' => $login,
                    'user_pass'  => $args,
                    'user_email' => str_replace( ' ', '_', $login ) . '@example.org',
                    'user_url'   => 'http://example.org/?a=1&b=' . strlen( $login ),
                    'role'       => $role,
                ) );
                $made['users'][ $login ] = array( 'id' => $id );
            }
            get_user_by( 'login', 'reader' )->add_cap( 'read_private_posts', false );
            $made['post'] = wp_insert_post( array(
                'post_title'  => 'Tea & \"cake\"',
                'post_status' => 'publish',
                'post_author' => $made['users']['writer']['id'],
            ) );
            return $made;
            ",
            json!(PASSWORD),
        );
        let app = Setup::beside(wordpress.path()).start();
        let mut users: BTreeMap<String, User> = serde_json::from_value(made["users"].clone()).expect("users");
        for (login, user) in &mut users {
            user.cookie = app.cookie(login, PASSWORD);
        }
        Self { app, wordpress, users, post: made["post"].as_u64().expect("a post") }
    }

    #[track_caller]
    fn sql(&self, sql: &str) -> Vec<Vec<String>> {
        self.wordpress.server().query(self.wordpress.database(), sql)
    }

    #[track_caller]
    fn set_options<'a>(&self, options: impl Iterator<Item = (&'a str, &'a str)>) {
        self.sql(&statements(options));
    }

    /// What the service makes of a case: the row without number and dates, or the refusal.
    #[track_caller]
    fn by_service(&self, case: &Case) -> Value {
        // One call of the client: there are many cases.
        let mut sql = format!(
            "DELETE FROM wp_comments; UPDATE wp_posts SET comment_count = 0 WHERE ID = {};",
            self.post
        );
        sql += &statements(OPTIONS.into_iter().chain(case.options.iter().copied()));
        for prior in &case.prior {
            let _ = write!(
                sql,
                "INSERT INTO wp_comments (comment_post_ID, comment_author, comment_author_email, user_id, \
                 comment_content, comment_approved, comment_date_gmt, comment_type) VALUES ({}, '{}', '{}', {}, \
                 _utf8mb4 X'{}', '{}', UTC_TIMESTAMP() - INTERVAL {} SECOND, 'comment');",
                self.post,
                prior.author,
                prior.email,
                self.users.get(prior.user).map_or(0, |user| user.id),
                hex::encode(prior.content),
                prior.approved,
                prior.age
            );
        }
        self.sql(&sql);
        let post = self.post.to_string();
        let user = &self.users[case.user];
        let form = [
            ("cookie", user.cookie.as_str()),
            ("post_id", &post),
            ("content", &case.content),
            ("comment_status", "1"),
        ];
        let request = Request::post("/api/user/post_comment/?insecure=cool", &form);
        let answer = self.app.send(&request.header("User-Agent", case.agent));
        let Some(id) = answer.json()["comment_id"].as_u64() else {
            return answer.json()["error"].clone();
        };
        let row = self.sql(&format!(
            "SELECT HEX(JSON_OBJECT('author', comment_author, 'email', comment_author_email, 'url', \
             comment_author_url, 'ip', comment_author_IP, 'content', comment_content, 'karma', comment_karma, \
             'approved', comment_approved, 'agent', comment_agent, 'type', comment_type, 'parent', comment_parent, \
             'user', user_id, 'post', comment_post_ID, 'count', (SELECT comment_count FROM wp_posts WHERE ID = {post}) \
             )) FROM wp_comments WHERE comment_ID = {id}"
        ));
        serde_json::from_slice(&hex::decode(&row[0][0]).expect("hex")).expect("a row")
    }

    /// What WordPress makes of all cases.
    #[track_caller]
    fn by_wordpress(&self, cases: &[Case]) -> Vec<Value> {
        let cases: Vec<Value> = cases
            .iter()
            .map(|case| {
                let prior: Vec<Value> = case.prior.iter().map(|prior| prior.json(self)).collect();
                json!({
                    "user": self.users[case.user].id,
                    "content": case.content,
                    "agent": case.agent,
                    "options": case.options.iter().copied().collect::<BTreeMap<_, _>>(),
                    "prior": prior,
                })
            })
            .collect();
        let answer = self.wordpress.php_with(
            "
            global $wpdb;
            $made = array();
            foreach ( $args['cases'] as $case ) {
                $wpdb->query( \"DELETE FROM $wpdb->comments\" );
                $wpdb->update( $wpdb->posts, array( 'comment_count' => 0 ), array( 'ID' => $args['post'] ) );
                foreach ( $args['options'] as $option ) {
                    $wpdb->update( $wpdb->options, array( 'option_value' => $option[1] ), array( 'option_name' => $option[0] ) );
                }
                foreach ( $case['options'] as $name => $value ) {
                    $wpdb->update( $wpdb->options, array( 'option_value' => $value ), array( 'option_name' => $name ) );
                }
                foreach ( $case['prior'] as $prior ) {
                    $prior['comment_date_gmt'] = gmdate( 'Y-m-d H:i:s', time() - $prior['age'] );
                    unset( $prior['age'] );
                    $wpdb->insert( $wpdb->comments, $prior );
                }
                wp_cache_flush();
                wp_set_current_user( 0 );
                $user = wp_set_current_user( $case['user'] );
                if ( current_user_can( 'unfiltered_html' ) ) {
                    // As wp_handle_comment_submission() does for who has no form of the site.
                    kses_remove_filters();
                    kses_init_filters();
                    remove_filter( 'pre_comment_content', 'wp_filter_post_kses' );
                    add_filter( 'pre_comment_content', 'wp_filter_kses' );
                }
                $id = wp_new_comment( wp_slash( array(
                    'comment_post_ID'      => $args['post'],
                    'comment_author'       => $user->user_login,
                    'comment_author_email' => $user->user_email,
                    'comment_author_url'   => $user->user_url,
                    'comment_content'      => $case['content'],
                    'comment_author_IP'    => '127.0.0.1',
                    'comment_agent'        => $case['agent'],
                    'user_id'              => $user->ID,
                ) ), true );
                if ( is_wp_error( $id ) ) {
                    $made[] = $id->get_error_message();
                    continue;
                }
                $row    = $wpdb->get_row( \"SELECT * FROM $wpdb->comments WHERE comment_ID = $id\" );
                $made[] = array(
                    'author'   => $row->comment_author,
                    'email'    => $row->comment_author_email,
                    'url'      => $row->comment_author_url,
                    'ip'       => $row->comment_author_IP,
                    'content'  => $row->comment_content,
                    'karma'    => (int) $row->comment_karma,
                    'approved' => $row->comment_approved,
                    'agent'    => $row->comment_agent,
                    'type'     => $row->comment_type,
                    'parent'   => (int) $row->comment_parent,
                    'user'     => (int) $row->user_id,
                    'post'     => (int) $row->comment_post_ID,
                    'count'    => (int) $wpdb->get_var( \"SELECT comment_count FROM $wpdb->posts WHERE ID = {$args['post']}\" ),
                );
            }
            return $made;
            ",
            json!({ "post": self.post, "options": OPTIONS, "cases": cases }),
        );
        answer.as_array().expect("a list").clone()
    }
}

/// Statements that set these options.
fn statements<'a>(options: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    options.fold(String::new(), |mut sql, (name, value)| {
        let value = hex::encode(value);
        let _ = write!(
            sql,
            "UPDATE wp_options SET option_value = _utf8mb4 X'{value}' WHERE option_name = '{name}';"
        );
        sql
    })
}

impl Prior {
    fn json(self, site: &Site) -> Value {
        json!({
            "comment_post_ID": site.post,
            "comment_author": self.author,
            "comment_author_email": self.email,
            "user_id": site.users.get(self.user).map_or(0, |user| user.id),
            "comment_content": self.content,
            "comment_approved": self.approved,
            "comment_type": "comment",
            "age": self.age,
        })
    }
}

#[test]
fn a_comment_is_written_as_wordpress_writes_it() {
    for suite in SUITES {
        let mut site = Site::open(suite);
        let cookie = site.app.cookie("admin", crate::wordpress::ADMIN.1);
        let admin = User { id: 1, cookie };
        site.users.insert("admin".into(), admin);
        let cases = cases();
        let wanted = site.by_wordpress(&cases);
        assert_eq!(wanted.len(), cases.len());
        let mut different = Vec::new();
        let mut fates = BTreeMap::<String, usize>::new();
        for (case, wanted) in cases.iter().zip(wanted) {
            let made = site.by_service(case);
            let fate = wanted["approved"].as_str().or(wanted.as_str()).expect("a fate").to_owned();
            *fates.entry(fate).or_default() += 1;
            // D9 refuses what WordPress stores: nothing.
            let empty = wanted["content"].as_str().is_some_and(|text| text.trim_ascii().is_empty());
            if empty {
                assert_eq!(
                    made, "Comment 'content' is empty after sanitization.",
                    "{suite}: {:?}",
                    case.content
                );
            } else if made != wanted {
                different.push(format!(
                    "{suite}, {} {:?} {:?}:\n  here {made}\n  WordPress {wanted}",
                    case.user, case.content, case.options
                ));
            }
        }
        println!("{suite}: {} comments compared: {fates:?}", cases.len());
        assert!(different.is_empty(), "{} differ:\n{}", different.len(), different.join("\n"));
    }
}

#[test]
fn wordpress_counts_and_lists_them_as_they_are() {
    for suite in SUITES {
        let site = Site::open(suite);
        site.set_options(OPTIONS.into_iter());
        let post = site.post.to_string();
        let mut ids = Vec::new();
        for (user, status) in [("reader", "1"), ("boss", "1"), ("boss", "hold"), ("writer", "1")] {
            let form = [
                ("cookie", site.users[user].cookie.as_str()),
                ("post_id", &post),
                ("content", &format!("by {user}, {status}")),
                ("comment_status", status),
            ];
            let answer = site.app.call("user/post_comment", &form);
            ids.push(answer.json()["comment_id"].as_u64().unwrap_or_else(|| panic!("{}", answer.text())));
        }
        let seen = site.wordpress.php_with(
            "
            $before = (int) get_post( $args['post'] )->comment_count;
            wp_update_comment_count_now( $args['post'] );
            clean_post_cache( $args['post'] );
            $after = (int) get_post( $args['post'] )->comment_count;
            $list  = get_comments( array( 'post_id' => $args['post'], 'status' => 'all', 'orderby' => 'comment_ID', 'order' => 'ASC' ) );
            return array(
                'counts'   => array( $before, $after ),
                'ids'      => array_map( 'intval', wp_list_pluck( $list, 'comment_ID' ) ),
                'approved' => wp_list_pluck( $list, 'comment_approved' ),
                'contents' => wp_list_pluck( $list, 'comment_content' ),
                'types'    => wp_list_pluck( $list, 'comment_type' ),
                'users'    => array_map( 'intval', wp_list_pluck( $list, 'user_id' ) ),
                'near'     => max( array_map( function ( $comment ) {
                    return abs( time() - strtotime( $comment->comment_date_gmt . ' UTC' ) );
                }, $list ) ) < 600,
            );
            ",
            json!({ "post": site.post }),
        );
        let users: Vec<u64> = ["reader", "boss", "boss", "writer"].map(|user| site.users[user].id).into();
        assert_eq!(
            seen,
            json!({
                "counts": [3, 3],
                "ids": ids,
                "approved": ["1", "1", "0", "1"],
                "contents": ["by reader, 1", "by boss, 1", "by boss, hold", "by writer, 1"],
                "types": ["comment", "comment", "comment", "comment"],
                "users": users,
                "near": true,
            }),
            "{suite}"
        );
    }
}

#[test]
fn dates_are_those_of_the_sites_time_zone() {
    // Around changes of the clock in both hemispheres, and far ahead.
    let moments = [
        0_i64,
        1_774_745_999,
        1_774_746_000,
        1_792_890_000,
        1_792_889_999,
        1_795_288_302,
        1_775_318_400,
        1_775_314_799,
        2_000_000_000,
        4_102_444_800,
    ];
    // Without countries that change their mind: this service and PHP have databases of different days.
    let zones = [
        ("", "0"),
        ("", "5.75"),
        ("", "-3.5"),
        ("", "-0.5"),
        ("", "14"),
        ("", "-12"),
        ("", "5.755"),
        ("", ""),
        ("UTC", "3"),
        ("Europe/Berlin", ""),
        ("America/St_Johns", "0"),
        ("Australia/Lord_Howe", "0"),
        ("Asia/Kathmandu", "0"),
        ("America/New_York", "7"),
        ("Pacific/Apia", "0"),
        ("Asia/Calcutta", "0"),
        ("Europe/Dublin", "0"),
    ];
    for suite in SUITES {
        let wordpress = RealWordPress::open(suite, Server::mariadb());
        let wanted = wordpress.php_with(
            "
            $dates = array();
            foreach ( $args['zones'] as $zone ) {
                update_option( 'timezone_string', $zone[0] );
                update_option( 'gmt_offset', $zone[1] );
                foreach ( $args['moments'] as $moment ) {
                    $dates[] = ( new DateTime( '@' . $moment ) )->setTimezone( wp_timezone() )->format( 'Y-m-d H:i:s' );
                }
            }
            return $dates;
            ",
            json!({ "zones": zones, "moments": moments }),
        );
        let mut wanted = wanted.as_array().expect("dates").iter();
        for (name, offset) in zones {
            for moment in moments {
                let made = SiteZone::new(name, offset).mysql(moment);
                assert_eq!(Some(&json!(made)), wanted.next(), "{suite}: {name} {offset} at {moment}");
            }
        }
    }
}

#[test]
fn those_are_told_whom_wordpress_tells() {
    for suite in SUITES {
        let site = Site::open(suite);
        let told = site.wordpress.php_with(
            "
            global $wpdb;
            foreach ( array( 'moderation_notify', 'comments_notify' ) as $name ) {
                update_option( $name, '1' );
            }
            foreach ( array( 'reader', 'writer', 'boss' ) as $login ) {
                foreach ( array( '0', '1' ) as $known ) {
                    update_option( 'comment_previously_approved', $known );
                    $wpdb->query( \"DELETE FROM $wpdb->comments\" );
                    $user = wp_set_current_user( get_user_by( 'login', $login )->ID );
                    wp_new_comment( wp_slash( array(
                        'comment_post_ID'      => $args,
                        'comment_author'       => $user->user_login,
                        'comment_author_email' => $user->user_email,
                        'comment_author_url'   => '',
                        'comment_content'      => 'x',
                        'user_id'              => $user->ID,
                    ) ), true );
                }
            }
            $wpdb->query( \"DELETE FROM $wpdb->comments\" );
            ",
            json!(site.post),
        );
        assert_eq!(told, Value::Null);
        let wanted: Vec<(String, String)> = site
            .wordpress
            .take_mails()
            .iter()
            .map(|mail| {
                (mail["to"].as_str().unwrap().to_owned(), mail["subject"].as_str().unwrap().to_owned())
            })
            .collect();
        let mut made = Vec::new();
        for login in ["reader", "writer", "boss"] {
            for known in ["0", "1"] {
                site.sql("DELETE FROM wp_comments");
                site.set_options([("comment_previously_approved", known)].into_iter());
                let (user, post) = (site.users[login].id, i64::try_from(site.post).expect("a number"));
                let notice = site.app.on_server(move |app| {
                    Box::pin(async move {
                        let site = app.site().expect("a site");
                        let context = Context {
                            db: &app.db,
                            hashing: &app.hashing,
                            limits: &app.limits,
                            caller: &Caller::stays(),
                            site: &site,
                            random: &app.random,
                            now: app.clock.now(),
                        };
                        let by = UserBy::Id(user);
                        let user =
                            app.db.find_user_with_meta(by, &["wp_capabilities"]).await.expect("a database");
                        let submission = Submission {
                            post_id: post,
                            content: b"x",
                            wish: Wish::Appear,
                            ip: None,
                            agent: b"",
                        };
                        let policy = Policy { no_trash: false, network: None, siteurl: None };
                        let posted = context.post_comment(&user.expect("a user"), &submission, &policy).await;
                        posted.expect("a comment").notice
                    })
                });
                if let Some(notice) = notice {
                    let words = match notice.reason {
                        Reason::Waits(_) => "Please moderate",
                        Reason::Published { .. } => "Comment",
                    };
                    let subject = format!("[{}] {words}: \"{}\"", "Sidecar Site", notice.post_title);
                    made.extend(notice.to.into_iter().map(|to| (to, subject.replace("&amp;", "&"))));
                }
            }
        }
        assert!(wanted.len() >= 3, "{wanted:?}");
        assert_eq!(made, wanted, "{suite}");
    }
}

#[test]
fn a_user_may_what_wordpress_says() {
    for suite in SUITES {
        let wordpress = RealWordPress::open(suite, Server::mariadb());
        let told = wordpress.php(
            "
            global $wpdb;
            $told = array();
            foreach ( array( 'administrator', 'editor', 'author', 'contributor', 'subscriber', '' ) as $role ) {
                $id = wp_insert_user( array( 'user_login' => \"u$role\", 'user_pass' => 'x', 'role' => $role ) );
                foreach ( array( 'post', 'page', 'attachment' ) as $type ) {
                    foreach ( array( 'publish', 'private', 'draft', 'pending', 'future', 'auto-draft' ) as $status ) {
                        foreach ( array( $id, 1 ) as $author ) {
                            $wpdb->insert( $wpdb->posts, array(
                                'post_type'   => $type,
                                'post_status' => $status,
                                'post_author' => $author,
                            ) );
                            $post   = $wpdb->insert_id;
                            $told[] = array(
                                'user'   => $id,
                                'meta'   => serialize( get_user_meta( $id, 'wp_capabilities', true ) ),
                                'roles'  => serialize( get_option( 'wp_user_roles' ) ),
                                'post'   => $post,
                                'type'   => $type,
                                'status' => $status,
                                'author' => $author,
                                'seen'   => get_post_status( $post ),
                                'may'    => array(
                                    user_can( $id, 'read_post', $post ),
                                    user_can( $id, 'edit_post', $post ),
                                    user_can( $id, 'moderate_comments' ),
                                ),
                            );
                        }
                    }
                }
            }
            return $told;
            ",
        );
        for told in told.as_array().expect("a list") {
            let text = |name: &str| told[name].as_str().expect("a text").to_owned();
            let number = |name: &str| told[name].as_u64().expect("a number");
            let capabilities = Capabilities::new(Some(text("meta").as_bytes()), text("roles").as_bytes());
            let post = Post {
                id: number("post"),
                author: number("author"),
                parent: 0,
                kind: text("type"),
                status: text("status"),
                comment_status: "open".to_owned(),
                has_password: false,
                date_gmt: String::new(),
                title: Vec::new(),
            };
            let may = [
                capabilities.may_read(number("user"), &post, &text("seen")),
                capabilities.may_edit(number("user"), &post, None),
                capabilities.has("moderate_comments"),
            ];
            assert_eq!(json!(may), told["may"], "{suite}: {post:?} {}", text("meta"));
        }
    }
}
