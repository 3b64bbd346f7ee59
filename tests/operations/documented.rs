//! `docs/observability.md` says what there is, and there is what it says.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::project;
use crate::http::Request;
use crate::process::Service;
use crate::redis_server::RedisServer;
use crate::server::Server;

/// Name, type and labels of each figure.
type Figures = BTreeMap<String, (String, BTreeSet<String>)>;

/// From the table of the page: name, type, labels, meaning.
fn documented() -> Figures {
    let page = std::fs::read_to_string(project("docs/observability.md")).expect("the page");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.strip_suffix(" |"));
    let cells =
        rows.map(|row| row.split(" | ").map(|cell| cell.trim_matches('`').to_owned()).collect::<Vec<_>>());
    let figures =
        cells.filter(|cells| ["counter", "gauge", "histogram"].iter().any(|kind| cells[1] == *kind));
    figures
        .map(|cells| {
            let [name, kind, labels, meaning] = &cells[..] else { panic!("four cells: {cells:?}") };
            assert!(meaning.ends_with('.'), "{name}: {meaning}");
            let labels = labels.split(", ").map(|label| label.trim_matches('`').to_owned());
            (name.clone(), (kind.clone(), labels.filter(|label| !label.is_empty()).collect()))
        })
        .collect()
}

/// As a running service writes them.
fn rendered(text: &str) -> Figures {
    let mut figures = Figures::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').expect("a type");
            let twice = figures.insert(name.to_owned(), (kind.to_owned(), BTreeSet::new()));
            assert_eq!(twice, None, "{name} stands there twice");
        } else if let Some(rest) = line.strip_prefix("# HELP ") {
            assert!(rest.ends_with('.'), "{line}");
        } else {
            let (sample, _) = line.rsplit_once(' ').expect("a sample");
            let (name, labels) = sample.split_once('{').unwrap_or((sample, ""));
            let whole = |name: &str| figures.contains_key(name).then(|| name.to_owned());
            let cut = ["_bucket", "_sum", "_count"].iter().find_map(|end| whole(name.strip_suffix(end)?));
            let name = whole(name).or(cut).unwrap_or_else(|| panic!("a sample without a figure: {line}"));
            let labels = labels.trim_end_matches('}').split("\",").filter(|label| !label.is_empty());
            let labels = labels.map(|label| label.split_once('=').expect("a label").0.to_owned());
            figures.get_mut(&name).expect("a figure").1.extend(labels.filter(|label| label != "le"));
        }
    }
    figures
}

#[test]
fn each_figure_is_documented_and_each_documented_one_is_there() {
    let redis = RedisServer::start();
    let (service, _) =
        Service::recorded(Server::mariadb(), |setup| setup.set("limits.redis_url", &redis.url()));
    service.send(&Request::get("/api/user/info/?insecure=cool"));
    assert_eq!(rendered(&service.figures()), documented());
}
