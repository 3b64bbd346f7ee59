//! The page in a browser: somebody logs in, calls, and logs out.

use crate::app::TestApp;
use crate::chromium::Chromium;
use crate::http::Request;
use crate::page::site;

/// Whether the service takes a cookie.
fn takes(app: &TestApp, cookie: &str) -> bool {
    let path = "/blog/mobile/user/validate_auth_cookie/?insecure=cool";
    app.send(&Request::post(path, &[("cookie", cookie)])).json()["valid"] == true
}

/// Every address that the browser asked for.
fn asked(browser: &Chromium) -> Vec<String> {
    let requests = browser.log("performance").into_iter().filter_map(|entry| {
        let message: serde_json::Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
        let message = &message["message"];
        let sent = message["method"] == "Network.requestWillBeSent";
        sent.then(|| message["params"]["request"]["url"].as_str().map(str::to_owned))?
    });
    requests.collect()
}

/// For a person to look at: one of them is in the README.
fn keep_picture(browser: &Chromium, name: &str) {
    if let Some(folder) = std::env::var_os("WP_SIDECAR_PICTURES") {
        std::fs::write(std::path::Path::new(&folder).join(name), browser.picture()).expect("a file");
    }
}

#[test]
fn somebody_logs_in_on_the_page_sees_the_cookie_calls_with_it_and_logs_out() {
    let app = site(&[("home", "http://example.org/blog"), ("json_api_base", "mobile")], &[]);
    let own = format!("http://{}/", app.address);
    let browser = Chromium::start(false);
    browser.open(&format!("{own}docs"));
    browser.wait("document.querySelectorAll('details.method').length === 22");

    browser.type_into("#login-name", "john");
    browser.type_into("#login-password", "wrong");
    browser.click("#login button");
    browser
        .wait("document.getElementById('notice').textContent === 'Invalid username/email and/or password.'");
    browser.run("document.getElementById('login-password').value = ''");
    browser.type_into("#login-password", "john Pass 3");
    browser.click("#login button");
    browser.wait("!document.getElementById('session').hidden");
    let cookie = browser.text("document.getElementById('cookie').textContent");
    assert!(cookie.starts_with("john|") && takes(&app, &cookie), "{cookie}");
    assert_eq!(browser.text("document.getElementById('who').textContent"), "john");
    let filled = "[...document.querySelectorAll('[data-keeps=cookie]')].map((input) => input.value)";
    assert_eq!(browser.text(&format!("new Set({filled}).size")), "1");
    assert_eq!(browser.text(&format!("{filled}[0]")), cookie);

    browser.run("location.hash = 'user_get_currentuserinfo'");
    browser.wait("document.getElementById('user_get_currentuserinfo').open");
    browser.click("#user_get_currentuserinfo button[type=submit]");
    browser.wait("document.querySelector('#user_get_currentuserinfo .result pre')");
    let shown = browser.text("document.querySelector('#user_get_currentuserinfo .result pre').textContent");
    let answer: serde_json::Value = serde_json::from_str(&shown).expect("JSON");
    assert_eq!((answer["status"].as_str(), answer["user"]["id"].as_u64()), (Some("ok"), Some(3)));
    let shell =
        browser.text("document.querySelectorAll('#user_get_currentuserinfo .result pre')[1].textContent");
    assert!(shell.starts_with(&format!("curl -s '{own}blog/mobile/user/get_currentuserinfo/'")), "{shell}");

    // What somebody stored is shown as text.
    browser.run("location.hash = 'user_update_user_meta'");
    browser.wait("document.getElementById('user_update_user_meta').open");
    browser.type_into("#user_update_user_meta-meta_key", "color");
    browser.type_into("#user_update_user_meta-meta_value", "<img src=x onerror=alert(1)>");
    browser.click("#user_update_user_meta button[type=submit]");
    browser.wait("document.querySelector('#user_update_user_meta .result pre')");
    browser.run("location.hash = 'user_get_user_meta'");
    browser.click("#user_get_user_meta button[type=submit]");
    browser.wait("document.querySelector('#user_get_user_meta .result pre')");
    let shown = browser.text("document.querySelector('#user_get_user_meta .result pre').textContent");
    assert!(shown.contains("<img src=x onerror=alert(1)>"), "{shown}");
    assert_eq!(browser.text("document.images.length"), "0");

    browser.type_into("#filter", "user/get_currentuserinfo");
    browser.run("scrollTo(0, 0)");
    keep_picture(&browser, "docs.png");

    browser.click("#logout");
    browser.wait("document.getElementById('session').hidden");
    assert!(!takes(&app, &cookie));
    assert_eq!(browser.text(&format!("{filled}.join('')")), "");

    let asked = asked(&browser);
    assert!(asked.iter().any(|address| address.ends_with("/docs/page.js")), "{asked:?}");
    // The browser's own empty tab was there before.
    for address in asked.iter().filter(|address| !address.starts_with("chrome://")) {
        assert!(address.starts_with(&own) || address.starts_with("data:"), "it asked {address}");
    }
    // The one refused login is an error to the browser; the policy has refused nothing.
    for entry in browser.log("browser") {
        let text = entry["message"].as_str().unwrap_or_default();
        assert!(text.contains("401"), "the console says {text}");
    }
}

#[test]
fn a_method_is_found_by_a_part_of_its_name() {
    let app = site(&[], &[]);
    let browser = Chromium::start(true);
    browser.open(&format!("http://{}/docs", app.address));
    browser.wait("document.querySelectorAll('details.method').length === 22");
    browser.type_into("#filter", "avatar");
    let left = "[...document.querySelectorAll('details.method')].filter((method) => !method.hidden).length";
    browser.wait(&format!("{left} === 1"));
    browser.click("details.method:not([hidden]) > summary");
    keep_picture(&browser, "docs-dark.png");
}
