//! What the filters of `wp_insert_user` (`pre_user_*`) make of a user's fields before they are stored.
//!
//! `wp_insert_user` gets slashed values, and some filters see the slashes; these functions take and give plain
//! text and slash it in between, as happens to a form. Lengths and uniqueness are checked elsewhere.

use super::entities::Quotes;
use super::kses::{Place, targeted_link_rel, wp_kses};
use super::{
    Rules, addslashes, sanitize_email, sanitize_text_field, sanitize_title, sanitize_url, sanitize_user,
    specialchars, stripslashes, trim, wp_strip_all_tags,
};

/// `display_name`, `nickname`, `first_name`, `last_name` and a comment's author; held against 6.1, 6.8 and 7.1.
#[must_use]
pub fn display_name(name: &[u8], rules: Rules) -> Vec<u8> {
    let line = stripslashes(&sanitize_text_field(&addslashes(name), rules));
    specialchars(&wp_kses(&line, Place::Default, rules), Quotes::Keep, rules)
}

/// `user_email` and a comment's e-mail; held against 6.1, 6.8 and 7.1. `&` is stored as `&amp;`.
#[must_use]
pub fn user_email(email: &[u8], rules: Rules) -> Vec<u8> {
    let slashed = addslashes(trim(email));
    let email = stripslashes(&sanitize_email(trim(&slashed)));
    wp_kses(&email, Place::Default, rules)
}

/// `user_url` and a comment's URL; held against 6.1, 6.8 and 7.1. `&` is stored as `&amp;`.
#[must_use]
pub fn user_url(url: &[u8], rules: Rules) -> Vec<u8> {
    let url = sanitize_url(&wp_strip_all_tags(&addslashes(url)), rules);
    wp_kses(&stripslashes(&url), Place::Default, rules)
}

/// `description`, what a user writes about himself; held against 6.1, 6.8 and 7.1.
#[must_use]
pub fn description(text: &[u8], rules: Rules) -> Vec<u8> {
    let text = wp_kses(text, Place::Description, rules);
    if rules.version.at_least(6, 7) { text } else { targeted_link_rel(text, rules) }
}

/// `user_nicename` when one is given: `wp_insert_user` makes a strict login of it first. For a new user
/// without one see [`super::nicename_from_login`].
#[must_use]
pub fn user_nicename(nicename: &[u8], rules: Rules) -> Vec<u8> {
    sanitize_title(&sanitize_user(&addslashes(nicename), true, rules), rules)
}

#[cfg(test)]
mod tests {
    use super::super::vectors::{self, RULES_6_8};
    use super::*;

    #[test]
    fn display_name_agrees_with_the_recorded_vectors() {
        vectors::bytes("fuzzed-6.8.8", "display_name", |input, _| display_name(input, RULES_6_8));
    }

    #[test]
    fn user_email_agrees_with_the_recorded_vectors() {
        vectors::bytes("fuzzed-6.8.8", "user_email", |input, _| user_email(input, RULES_6_8));
    }

    #[test]
    fn user_url_agrees_with_the_recorded_vectors() {
        vectors::bytes("fuzzed-6.8.8", "user_url", |input, _| user_url(input, RULES_6_8));
    }

    #[test]
    fn description_agrees_with_the_recorded_vectors() {
        for (file, list) in [("wordpress-6.8.8", "pre_user_description"), ("fuzzed-6.8.8", "description")] {
            vectors::bytes(file, list, |input, _| description(input, RULES_6_8));
        }
    }

    #[test]
    fn a_given_nicename_is_made_a_strict_login_first() {
        assert_eq!(user_nicename("Jöhn Döe+%41!".as_bytes(), RULES_6_8), b"john-doe");
    }
}
