//! The section `facebook.*`.

use url::Url;

use super::read::Reader;
use super::smtp::is_this_machine;
use super::{Facebook, SettingsError};

/// The address carries tokens and the app's secret, so it is taken without TLS for a test server only.
pub(super) fn read(reader: &Reader<'_>) -> Result<Facebook, SettingsError> {
    let graph_url = reader.with("facebook.graph_url", |text| {
        let url = Url::parse(text.trim()).ok()?;
        let is_safe = match url.scheme() {
            "https" => url.has_host(),
            "http" => url.host_str().is_some_and(is_this_machine),
            _ => false,
        };
        let is_bare = url.query().is_none() && url.fragment().is_none();
        (is_safe && is_bare).then(|| text.trim().trim_end_matches('/').to_owned())
    })?;
    Ok(Facebook {
        app_id: reader.text("facebook.app_id")?,
        app_secret: reader.secret("facebook.app_secret")?,
        graph_url: graph_url.unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Settings, Sources};

    fn graph_url(url: &str) -> Option<String> {
        let setting = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let command_line = vec![setting("database.url", "mysql://u@h/d"), setting("facebook.graph_url", url)];
        let sources = Sources { command_line, ..Sources::default() };
        Settings::load(&sources).ok().map(|settings| settings.facebook.graph_url)
    }

    #[test]
    fn tokens_cross_no_network_in_the_clear() {
        for url in [
            "https://graph.facebook.com/v24.0",
            "http://127.0.0.1:8081",
            "http://localhost",
            "http://[::1]:1",
        ] {
            assert_eq!(graph_url(url).as_deref(), Some(url));
        }
        assert_eq!(graph_url("https://graph.facebook.com/").as_deref(), Some("https://graph.facebook.com"));
        for url in ["http://graph.facebook.com", "ftp://127.0.0.1", "graph.facebook.com", "", "https://g?x=1"]
        {
            assert_eq!(graph_url(url), None, "{url}");
        }
    }
}
