//! From a path and the variable `json` to controller and method, as JSON API's rewrite rules and dispatcher do it.

use super::error::ApiError;
use super::params::{Param, Params};
use crate::wp::php_text::addslashes;

/// What the request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Lower case.
    pub controller: String,
    /// As sent.
    pub method: String,
}

/// The address under which the interface lies.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Option `home`, without a slash at its end.
    pub home: &'a str,
    /// Option `json_api_base`; empty where there are no pretty URLs.
    pub base: &'a str,
}

impl<'a> Place<'a> {
    /// The path of the site itself: `/blog` of `https://example.org/blog`, empty for a site at the root.
    #[must_use]
    pub fn folder(self) -> &'a str {
        site_path(self.home)
    }

    /// The path of a method below the site's own, as [`resolve`] reads it; core's methods stand without their
    /// controller, as web servers are told to forward them. A site without a base is asked by `json` alone.
    #[must_use]
    pub fn path_of(self, controller: &str, method: &str) -> String {
        let asked = if controller == "core" { method.to_owned() } else { format!("{controller}/{method}") };
        match self.base.trim_matches('/') {
            "" => format!("/?json={asked}"),
            base => format!("/{base}/{asked}/"),
        }
    }

    /// Whether a path asks for the interface.
    #[must_use]
    pub fn holds(self, path: &str) -> bool {
        in_path(path, self).is_some()
    }
}

/// Finds the target. `None`: neither the path nor `json` asks for the interface.
pub fn resolve(path: &str, params: &Params, place: Place<'_>) -> Result<Option<Target>, ApiError> {
    let asked = match steering(params)? {
        Some(json) => Some(json),
        None => in_path(path, place),
    };
    Ok(asked.map(|asked| target(&asked)))
}

/// The variable `json` of form or query; an empty one or `0` counts as absent, a JSON body never steers.
fn steering(params: &Params) -> Result<Option<String>, ApiError> {
    let filled = |param: Option<&Param>| param.filter(|param| !param.is_falsy()).cloned();
    let (form, query) = (filled(params.from_form("json")), filled(params.from_query("json")));
    let chosen = match (form, query) {
        (Some(form), Some(query)) if form != query => return Err(ApiError::VariableMismatch),
        (form, query) => form.or(query),
    };
    match chosen {
        // Slashed as WordPress slashes a request: what is unknown is echoed.
        Some(Param::Text(json)) => Ok(Some(String::from_utf8_lossy(&addslashes(&json)).into_owned())),
        Some(Param::Array(_)) => Err(ApiError::NotText("json")),
        None => Ok(None),
    }
}

/// What stands behind the base in the path, matched as sent; `info` for the base alone.
fn in_path(path: &str, place: Place<'_>) -> Option<String> {
    if place.base.is_empty() {
        return None;
    }
    let wanted = site_path(place.home);
    let mut rest = segments(path);
    for segment in segments(wanted) {
        if rest.next()? != segment {
            return None;
        }
    }
    let mut rest = rest.peekable();
    if rest.peek() == Some(&"index.php") {
        rest.next();
    }
    for segment in segments(place.base) {
        if rest.next()? != segment {
            return None;
        }
    }
    let asked: Vec<&str> = rest.collect();
    if asked.is_empty() {
        return Some("info".to_owned());
    }
    Some(String::from_utf8_lossy(&addslashes(asked.join("/").as_bytes())).into_owned())
}

/// The path of the site's address: `/blog` of `https://example.org/blog`.
fn site_path(home: &str) -> &str {
    let behind_scheme = home.split_once("://").map_or(home, |(_, rest)| rest);
    behind_scheme.find('/').and_then(|slash| behind_scheme.get(slash..)).unwrap_or_default()
}

/// The parts between slashes; doubled ones and those at the ends count for nothing.
fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

fn target(asked: &str) -> Target {
    let separator = asked.find(['/', '.']).and_then(|at| asked.split_at_checked(at));
    if let Some((controller, rest)) = separator {
        let method = rest.get(1..).unwrap_or_default();
        if is_word(controller) && is_word(method) {
            return Target { controller: controller.to_ascii_lowercase(), method: method.to_owned() };
        }
    }
    // Everything else is core's: the method stands behind the first slash, else behind the first dot.
    let method = asked.split_once('/').or_else(|| asked.split_once('.')).map_or(asked, |(_, method)| method);
    Target { controller: "core".to_owned(), method: method.to_owned() }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::params::Body;

    const PLACE: Place<'_> = Place { home: "http://127.0.0.1:8068", base: "api" };

    fn at(path: &str, query: &str) -> Option<String> {
        within(PLACE, path, query)
    }

    fn within(place: Place<'_>, path: &str, query: &str) -> Option<String> {
        let params = Params::parse(query.as_bytes(), Body::None).unwrap();
        resolve(path, &params, place)
            .unwrap()
            .map(|target| format!("{} {}", target.controller, target.method))
    }

    #[test]
    fn a_path_below_the_base_names_controller_and_method() {
        for path in ["/api/user/info/", "/api/user/info", "/api/user.info/", "/index.php/api/user/info/"] {
            assert_eq!(at(path, "").unwrap(), "user info", "{path}");
        }
        assert_eq!(at("/api/USER/INFO/", "").unwrap(), "user INFO");
        assert_eq!(at("/api//user///info//", "").unwrap(), "user info");
    }

    #[test]
    fn the_base_alone_asks_for_info_and_a_lone_word_for_a_core_method() {
        assert_eq!(at("/api/", "").unwrap(), "core info");
        assert_eq!(at("/api", "").unwrap(), "core info");
        assert_eq!(at("/api/get_nonce/", "").unwrap(), "core get_nonce");
        assert_eq!(at("/api/user/", "").unwrap(), "core user");
    }

    #[test]
    fn what_is_no_pair_of_words_goes_to_core() {
        assert_eq!(at("/api/us-er/info/", "").unwrap(), "core info");
        assert_eq!(at("/api/user%2Finfo/", "").unwrap(), "core user%2Finfo");
        assert_eq!(at("/api/user/info/extra/", "").unwrap(), "core info/extra");
    }

    #[test]
    fn what_is_echoed_has_the_slashes_of_wordpress() {
        assert_eq!(at("/", "json=user/a'b").unwrap(), r"core a\'b");
        assert_eq!(at("/api/user/a'b/", "").unwrap(), r"core a\'b");
    }

    #[test]
    fn the_base_is_matched_in_its_own_letter_case() {
        assert_eq!(at("/API/user/info/", ""), None);
        assert_eq!(at("/apis/user/info/", ""), None);
        assert_eq!(at("/", ""), None);
    }

    #[test]
    fn the_variable_json_wins_over_the_path_wherever_it_stands() {
        for json in ["user/info", "user.info", "user%2Finfo"] {
            assert_eq!(at("/", &format!("json={json}")).unwrap(), "user info");
            assert_eq!(at("/some/page/", &format!("json={json}")).unwrap(), "user info");
        }
        assert_eq!(at("/api/get_nonce/", "json=user/info").unwrap(), "user info");
        assert_eq!(at("/api/get_nonce/", "json=").unwrap(), "core get_nonce");
        assert_eq!(at("/api/get_nonce/", "json=0").unwrap(), "core get_nonce");
    }

    #[test]
    fn a_form_that_contradicts_the_query_is_refused_and_a_json_body_never_steers() {
        let form = Params::parse(b"json=user/info", Body::Urlencoded(b"json=auth/info")).unwrap();
        assert!(matches!(resolve("/", &form, PLACE), Err(ApiError::VariableMismatch)));
        let json = Params::parse(b"", Body::Json(br#"{"json":"auth/info"}"#)).unwrap();
        assert_eq!(resolve("/api/user/info", &json, PLACE).unwrap().unwrap().controller, "user");
    }

    #[test]
    fn every_method_is_found_at_the_path_that_is_told_of_it() {
        for home in ["https://example.org", "https://example.org/blog"] {
            for base in ["api", "mobile/v1", ""] {
                let place = Place { home, base };
                for endpoint in crate::http::endpoints::ENDPOINTS {
                    let told = place.path_of(endpoint.controller, endpoint.method);
                    let (path, query) = told.split_once('?').unwrap_or((&told, ""));
                    let found = within(place, &format!("{}{path}", place.folder()), query).unwrap();
                    assert_eq!(found, format!("{} {}", endpoint.controller, endpoint.method));
                }
            }
        }
    }

    #[test]
    fn the_sites_own_path_and_base_are_kept() {
        let place = Place { home: "https://example.org/blog", base: "mobile/v1" };
        assert_eq!(within(place, "/blog/mobile/v1/user/info/", "").unwrap(), "user info");
        assert_eq!(within(place, "/blog/index.php/mobile/v1/user/info/", "").unwrap(), "user info");
        assert_eq!(within(place, "/mobile/v1/user/info/", ""), None);
        assert_eq!(within(Place { base: "", ..place }, "/blog/user/info/", ""), None);
    }
}
