//! Requests, and who is to answer them: all three web servers, sites at the root and in a folder.

use wp_sidecar::http::endpoints::ENDPOINTS;
use wp_sidecar::http::routes;

use crate::front::Front;
use crate::http::Request;
use crate::place::{BLOG, Place, ROOT};
use crate::stage::{Answerer, HOST, PRETTY, Stage};

/// For a site at the root with the base `api`; a `=` in front: as it stands, wherever the site lies.
const SERVICE: &[&str] = &[
    // The controllers, in the spellings of apps.
    "/api/user/info/",
    "/api/user/info",
    "/api/user/info/?insecure=cool",
    "/api/user/info?insecure=cool",
    "/api/USER/Info/",
    "/api/Auth/validate_auth_cookie/",
    "/api/user.info/",
    "/api//user///info//",
    "/index.php/api/user/info/",
    "/index.php/api/user/info",
    "/api/user/no_such_method/",
    // Core.
    "/api/",
    "/api",
    "/api?insecure=cool",
    "/api/info/",
    "/api/core/info/",
    "/api/core.info",
    "/api/INFO/?controller=user",
    "/api/get_nonce/?controller=user&method=register",
    "/index.php/api/get_nonce/?controller=user&method=register",
    // The variable.
    "/?json=user/info",
    "/?json=user.info",
    "/?json=user%2Finfo",
    "/?json=User%2finfo",
    "/?json=auth%2Evalidate_auth_cookie",
    "/?insecure=cool&json=auth/validate_auth_cookie&cookie=x",
    "/index.php?json=user/info",
    "/index.php/?json=info",
    "/?json=info",
    "/?json=get_nonce&controller=user&method=register",
    "/?json=core/info",
    "/?json=core.info",
    "/api/get_nonce/?json=get_nonce&controller=user&method=register",
    "/api/get_posts/?json=user/info",
    "/api/posts/get_post/?json=user/info",
    // Names that only begin like it.
    "/api/user/info/?json_encode_options=64&json_unescaped_unicode=1&jsonx=get_posts",
    "/api/user/info/?xjson=get_posts&callback=a",
    "/api/user/info/?custom_fields%5Bjson%5D=get_posts",
];

/// What WordPress is to answer.
const WORDPRESS: &[&str] = &[
    "/",
    "/index.php",
    "/wp-login.php",
    // Other methods and controllers.
    "/api/get_recent_posts/",
    "/api/get_posts/",
    "/api/get_post/?id=1",
    "/api/core/get_posts/",
    "/api/posts/create_post/",
    "/api/posts.create_post/",
    "/api/respond/submit_comment/",
    "/api/submit_comment/",
    "/api/widgets/get_sidebar/",
    // Names that begin or end like ours.
    "/api/users/",
    "/api/userfoo/",
    "/api/userfoo/info/",
    "/api/userplus/info/",
    "/api/authx/info/",
    "/api/xuser/info/",
    "/api/user_/info/",
    "/api/user-info/",
    "/api/infos/",
    "/api/get_nonce/extra/",
    "/api/user/info/extra/",
    "/api/user/",
    "/api/auth",
    "/apis/user/info/",
    "/apiuser/info/",
    "/API/user/info/",
    "/x/api/user/info/",
    "/index.phpx/api/user/info/",
    "/user/info/",
    // The variable with anything else, or elsewhere.
    "/?json=1",
    "/api/?json=1",
    "/?json=get_posts",
    "/?json=respond.submit_comment",
    "/?json=user",
    "/?json=user/",
    "/?json=user/info/",
    "/?json=userfoo/info",
    "/?json=",
    "/?json",
    "/?JSON=user/info",
    "/?xjson=user/info",
    "/?x=?json=user/info",
    "/api/user/info/?json=get_posts",
    "/api/user/info/?json=1",
    "/api/user/info/?x=1&json=posts/get_post",
    "/some/page/?json=user/info",
    "/wp-login.php?json=user/info",
    // What lies in the service and is nobody's business.
    "/health/ready",
    "/health/live",
    "/metrics",
    "/openapi.json",
    "/docs",
    "/api/health/ready",
    "/api/user/../../health/ready",
];

/// Spellings that could be read in two ways; the service is not to see them.
const DOUBTFUL: &[&str] = &[
    // Two variables: PHP takes the last one.
    "/?json=get_posts&json=user/info",
    "/?json=user/info&json=get_posts",
    "/?json=user/info&json=user/info",
    "/?json=user/info&json",
    "/?json&json=user/info",
    "/?json=user/info&json[]=get_posts",
    "/?json=user/info&%6Ason=get_posts",
    "/?%6a%73%6f%6e=get_posts&json=user/info",
    "/?+json=get_posts&json=user/info",
    "/?%20json=get_posts&json=user/info",
    "/api/user/info/?x&json=get_posts&json=user/info",
    // One, in a spelling that only PHP reads.
    "/?%6ason=user/info",
    "/?json=%75ser/info",
    "/?json=user/inf%6f",
    "/?json[]=user/info",
    "/api/user/info/?%6ason=get_posts",
    "/api/user/info/?+json=get_posts",
    "/api/user/info/?json%00=get_posts",
    "/api/user/info/?json%5B%5D=get_posts",
    // Paths that somebody decodes or tidies.
    "/%61pi/user/info/",
    "/api/%75ser/info/",
    "/api/user%2Finfo/",
    "/api/user/info%2Fx/",
    "/api/user/info%00/",
    "/api/user/info%0a",
    "/api/user/../posts/get_posts/",
    "/api/user/info/..",
    "/api/user/..%2Fposts/get_posts/",
    "/api/posts/../user/info/",
    "/api/./user/info/",
    "/./api/user/info/",
    "/x/../api/user/info/",
    "/api/user/info/;x",
    "/api/user;x/info/",
    "/api/user\\info/",
    "/api/user/info/#",
    "/api/user/info/?x#&json=get_posts",
    "/?x#&json=user/info",
    "/api/user/info/?json=user/info#",
    // Nobody may ask for nginx's own.
    "/wp-sidecar-service",
    "/wp-sidecar-service?json=user/info",
    "=/health/ready",
    "=/metrics",
];

#[track_caller]
fn check(fronts: &[Front], place: Place) {
    for front in fronts {
        let ask = |method: &str, written: &str| {
            let target = place.target(written);
            let answer = front.send(&Request::new(method, &target));
            (Answerer::of(&answer), format!("{} {method} {target}: {answer:?}", front.name))
        };
        for written in SERVICE {
            for method in ["GET", "POST", "HEAD"] {
                let (answerer, what) = ask(method, written);
                assert_eq!(answerer, Answerer::Service, "{what}");
            }
        }
        for written in WORDPRESS {
            let (answerer, what) = ask("GET", written);
            assert_eq!(answerer, Answerer::WordPress, "{what}");
        }
        for written in DOUBTFUL {
            for method in ["GET", "POST"] {
                let (answerer, what) = ask(method, written);
                assert_ne!(answerer, Answerer::Service, "{what}");
            }
        }
        let (answerer, what) = ask("GET", "/wp-includes/js/jquery/jquery.min.js?json=user/info");
        assert_eq!(answerer, Answerer::WebServer, "{what}");
        // It answers to the method, too: those it does not serve are not left to the plugin.
        for method in ["PUT", "DELETE", "OPTIONS"] {
            let (answerer, what) = ask(method, "/api/user/info/");
            assert_eq!(answerer, Answerer::Service, "{what}");
        }
        for endpoint in ENDPOINTS {
            for base in [place.base, ""] {
                let home = format!("http://{HOST}{}", place.folder);
                let path = routes::Place { home: &home, base }.path_of(endpoint.controller, endpoint.method);
                let answer = front.get(&format!("{}{path}", place.folder));
                assert_eq!(Answerer::of(&answer), Answerer::Service, "{} {path}", front.name);
            }
        }
    }
}

#[test]
fn each_web_server_sends_the_service_what_it_answers_and_leaves_all_else_to_php() {
    let stage = Stage::open(ROOT, PRETTY, |setup| setup);
    check(&Front::each(&stage), ROOT);
}

#[test]
fn so_does_it_for_a_site_in_a_folder_with_another_base() {
    let stage = Stage::open(BLOG, PRETTY, |setup| setup);
    let fronts = Front::each(&stage);
    check(&fronts, BLOG);
    for front in &fronts {
        let beside =
            ["/api/user/info/", "/mobile/v1/user/info/", "/?json=user/info", "/blogs/?json=user/info"];
        for target in beside.into_iter().chain(["/blog/api/user/info/", "/blog/mobile/user/info/"]) {
            assert_ne!(Answerer::of(&front.get(target)), Answerer::Service, "{} {target}", front.name);
        }
        let answer = front.get("/blog?json=user/info");
        assert_eq!(Answerer::of(&answer), Answerer::Service, "{}", front.name);
    }
}

#[test]
fn a_site_with_plain_permalinks_is_asked_by_the_variable() {
    let stage = Stage::open(ROOT, "", |setup| setup);
    for front in Front::each(&stage) {
        for target in ["/?json=user/info&insecure=cool", "/index.php?insecure=cool&json=user.info"] {
            let answer = front.get(target);
            assert_eq!(Answerer::of(&answer), Answerer::Service, "{} {target}", front.name);
            assert_eq!(answer.json()["status"], "ok");
        }
        for target in ["/?json=1", "/?p=1&json=get_post", "/?p=1"] {
            let answer = front.get(target);
            assert_eq!(Answerer::of(&answer), Answerer::WordPress, "{} {target}", front.name);
        }
    }
}

#[test]
fn the_api_page_is_shown_where_its_lines_are_switched_on() {
    let place = Place { page: true, ..ROOT };
    let stage = Stage::open(place, PRETTY, |setup| setup);
    for front in Front::each(&stage) {
        for target in ["/docs", "/docs/page.js", "/docs/page.css", "/openapi.json", "/api/user/info/"] {
            let answer = front.get(target);
            assert_eq!(Answerer::of(&answer), Answerer::Service, "{} {target}", front.name);
        }
        assert_eq!(front.get("/docs").status, 200);
        for target in
            ["/docs?json=user/info", "/docs/?json=user/info", "/openapi.json?insecure=cool&json=user/info"]
        {
            let answer = front.get(target).text();
            assert!(!answer.starts_with("{\"status\""), "{} {target}: {answer}", front.name);
        }
        let around = ["/docs/../health/ready", "/docs/%2e%2e/health/ready", "/docs/..%2fhealth/ready"];
        for target in around.into_iter().chain(["/docsx", "/openapi.json/", "/health/ready"]) {
            let answer = front.get(target);
            assert!(
                answer.status != 200 || Answerer::of(&answer) != Answerer::Service,
                "{} {target}",
                front.name
            );
        }
    }
}

#[test]
fn a_whole_address_in_the_request_line_counts_as_its_path_or_goes_to_php() {
    let stage = Stage::open(ROOT, PRETTY, |setup| setup);
    for front in Front::each(&stage) {
        let answer = front.get(&format!("http://{HOST}/api/get_recent_posts/"));
        assert_eq!(Answerer::of(&answer), Answerer::WordPress, "{}", front.name);
        let answer = front.get(&format!("http://{HOST}/api/user/info/"));
        let answered = answer.status == 400 && answer.text().contains("SSL is not enabled");
        assert!(answered || Answerer::of(&answer) == Answerer::WordPress, "{} {answer:?}", front.name);
    }
}
