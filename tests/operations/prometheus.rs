//! A real Prometheus reads the figures, and `docs/grafana` asks it for what there is.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::app::project;
use crate::calls::{call, call_from, login, nonce, wait_until};
use crate::process::Service;
use crate::prometheus_server::{Prometheus, promtool};
use crate::redis_server::RedisServer;
use crate::server::Server;
use crate::smtp::SmtpSink;

fn dashboard() -> Value {
    let text = std::fs::read_to_string(project("docs/grafana/wp-sidecar.json")).expect("the dashboard");
    serde_json::from_str(&text).expect("JSON")
}

/// Panels that show something, by their titles.
fn panels(dashboard: &Value) -> Vec<(&str, &Value)> {
    let panels = dashboard["panels"].as_array().expect("panels").iter();
    panels
        .filter(|panel| panel["type"] != "row")
        .map(|panel| (panel["title"].as_str().expect("a title"), panel))
        .collect()
}

/// The expressions of a panel, as Grafana would send them with all instances chosen.
fn expressions(panel: &Value) -> Vec<String> {
    let targets = panel["targets"].as_array().expect("targets").iter();
    targets.map(|target| substituted(target["expr"].as_str().expect("an expression"))).collect()
}

fn substituted(expression: &str) -> String {
    let text = expression.replace("$__rate_interval", "1m").replace("$job", ".*").replace("$instance", ".*");
    assert!(!text.contains('$'), "a variable that is not known: {text}");
    text
}

/// A bit of everything, and failures too.
fn make_traffic(service: &Service) {
    let given = nonce(service.address);
    let form =
        [("username", "new"), ("email", "new@example.net"), ("nonce", given.as_str()), ("notify", "both")];
    assert_eq!(service.send(&call("user/register", &form)).status, 200);
    assert_eq!(service.send(&login("john", "john Pass 3")).status, 200);
    for status in [401, 429] {
        let login = call_from(
            "203.0.113.5",
            "user/generate_auth_cookie",
            &[("username", "editor"), ("password", "no")],
        );
        assert_eq!(service.send(&login).status, status);
    }
    for _ in 0..20 {
        assert_eq!(service.get("/api/user/info/?insecure=cool").status, 200);
        assert_eq!(service.get("/api/user/get_userinfo/?insecure=cool&user_id=3").status, 200);
    }
    assert_eq!(service.get("/nowhere").status, 404);
}

#[test]
fn promtool_finds_no_fault_in_figures_alerts_and_settings() {
    let redis = RedisServer::start();
    let (service, _) =
        Service::recorded(Server::mariadb(), |setup| setup.set("limits.redis_url", &redis.url()));
    service.get("/api/user/info/?insecure=cool");
    assert_eq!(promtool(&["check", "metrics"], &service.figures()), "");
    let file = |name: &str| project("docs/grafana").join(name).display().to_string();
    promtool(&["check", "rules", "--lint=all", "--lint-fatal", &file("alerts.yml")], "");
    promtool(&["check", "config", &file("prometheus.yml")], "");
}

#[test]
fn alerts_fire_for_what_hangs_and_for_callers_that_give_up_but_not_for_slow_clients() {
    promtool(&["test", "rules", &project("tests/operations/alerts.yml").display().to_string()], "");
}

#[test]
fn each_panel_and_each_alert_asks_prometheus_for_figures_that_are_there() {
    let (sink, redis) = (SmtpSink::start(), RedisServer::start());
    let (service, _) = Service::recorded(Server::mariadb(), |setup| {
        setup
            .set("limits.redis_url", &redis.url())
            .set("limits.login_account", "1/1d")
            .set("mail.transport", "smtp")
            .set("mail.smtp_url", &sink.url())
    });
    let prometheus = Prometheus::start(service.metrics);
    make_traffic(&service);
    sink.wait_for(2);
    // A rate needs two readings, and some of them before the traffic.
    let seen = "rate(wp_sidecar_http_requests_total{endpoint=\"user/info\",code=\"200\"}[1m]) > 0";
    wait_until("Prometheus has seen the traffic", || {
        service.get("/api/user/info/?insecure=cool");
        !prometheus.query(seen).is_empty()
    });
    wait_until("it was read without a fault", || {
        let target = &prometheus.api("/api/v1/targets")["data"]["activeTargets"][0];
        target["health"] == "up" && target["lastError"] == ""
    });
    let dashboard = dashboard();
    let panels = panels(&dashboard);
    assert!(panels.len() > 20, "{}", panels.len());
    for (title, panel) in &panels {
        for expression in expressions(panel) {
            wait_until(&format!("{title} shows something: {expression}"), || {
                !prometheus.query(&expression).is_empty()
            });
        }
    }
    for annotation in dashboard["annotations"]["list"].as_array().expect("annotations") {
        prometheus.query(&substituted(annotation["expr"].as_str().expect("an expression")));
    }
    for variable in dashboard["templating"]["list"].as_array().expect("variables") {
        let Some(query) = variable["definition"].as_str() else { continue };
        let (series, label) =
            query["label_values(".len()..].trim_end_matches(')').rsplit_once(", ").expect("a label");
        let found = prometheus.query(&substituted(series));
        assert!(found[0]["metric"][label].is_string(), "{query}: {found:?}");
    }
    let counted = "wp_sidecar_http_requests_total{endpoint=\"user/get_userinfo\",code=\"200\"}";
    wait_until("all were counted", || prometheus.query(counted)[0]["value"][1] == "20");
    // The alerts of a service that is well: each can be asked, none is wrong, none fires. On a busy machine one may be
    // about to.
    let wanted = |group: &Value| group["rules"].as_array().expect("rules").clone();
    let rules = || -> Vec<Value> {
        let groups = prometheus.api("/api/v1/rules");
        groups["data"]["groups"].as_array().expect("groups").iter().flat_map(wanted).collect()
    };
    wait_until("the rules were asked", || rules().iter().all(|rule| rule["health"] != "unknown"));
    for rule in rules() {
        assert_eq!(rule["health"], "ok", "{rule}");
        assert_ne!(rule["state"], "firing", "{rule}");
    }
}

#[test]
fn an_alert_fires_when_redis_is_away_and_mails_are_given_up() {
    let mut redis = RedisServer::start();
    let sink = SmtpSink::with_manner(|line| {
        if line.starts_with("RCPT") { crate::smtp::Answer::Say("550 No") } else { crate::smtp::Answer::Usual }
    });
    let (service, _) = Service::recorded(Server::mariadb(), |setup| {
        setup
            .set("limits.redis_url", &redis.url())
            .set("mail.transport", "smtp")
            .set("mail.smtp_url", &sink.url())
    });
    let prometheus = Prometheus::start(service.metrics);
    wait_until("the figures were read", || !prometheus.query("wp_sidecar_mail_failed_total").is_empty());
    redis.kill();
    make_traffic_that_fails(&service);
    let state = |name: &str| {
        let groups = prometheus.api("/api/v1/rules");
        let rules = groups["data"]["groups"][0]["rules"].as_array().expect("rules");
        let rule = rules.iter().find(|rule| rule["name"] == name).expect("the rule");
        rule["state"].as_str().expect("a state").to_owned()
    };
    wait_until("the mails' alert fires", || state("WpSidecarMailFailing") == "firing");
    wait_until("that of Redis is about to", || state("WpSidecarRedisAway") == "pending");
    wait_until("that of the service itself rests", || state("WpSidecarDown") == "inactive");
}

fn make_traffic_that_fails(service: &Service) {
    let reset = call("user/retrieve_password", &[("user_login", "john")]);
    assert_ne!(service.send(&reset).json()["status"], "ok");
}

#[test]
fn the_dashboard_can_be_imported_and_shows_all_figures() {
    let dashboard = dashboard();
    assert_eq!(dashboard["uid"], "wp-sidecar");
    let (mut ids, mut asked) = (BTreeSet::new(), String::new());
    for panel in dashboard["panels"].as_array().expect("panels") {
        assert!(ids.insert(panel["id"].as_u64().expect("a number")), "two panels with one number: {panel}");
    }
    for (title, panel) in panels(&dashboard) {
        assert_eq!(panel["datasource"]["uid"], "${datasource}", "{title}");
        assert!(panel["fieldConfig"]["defaults"]["unit"].is_string(), "{title}");
        let place = &panel["gridPos"];
        assert!(
            place["x"].as_u64().expect("a place") + place["w"].as_u64().expect("a width") <= 24,
            "{title}"
        );
        asked += &expressions(panel).join("\n");
    }
    let page = std::fs::read_to_string(project("docs/observability.md")).expect("the page");
    let names = page.lines().filter_map(|line| line.strip_prefix("| `wp_sidecar_")?.split_once('`'));
    for (name, _) in names {
        assert!(asked.contains(&format!("wp_sidecar_{name}")), "no panel shows wp_sidecar_{name}");
    }
}
