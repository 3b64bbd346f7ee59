//! Unit tests, by form.

use std::path::Path;

use super::*;

fn no_environment(_: &str) -> Option<String> {
    None
}

fn read(text: &str) -> WpConfig {
    let text = format!("<?php\n{text}");
    WpConfig::parse(Path::new("/site/wp-config.php"), Path::new("/site"), text.as_bytes(), &no_environment)
}

fn string(text: &str) -> Option<String> {
    read(&format!("define('X', {text});")).string("X").expect("X can be told")
}

#[test]
fn the_first_define_wins() {
    let config = read("define('A', 'one'); define('A', 'two'); const A = 'three';");
    assert_eq!(config.string("A"), Ok(Some("one".to_owned())));
}
