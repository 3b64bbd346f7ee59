//! `wp_targeted_link_rel`, which ran over comments and descriptions up to 6.6.

use super::super::Rules;

pub(in super::super) fn targeted_link_rel(text: Vec<u8>, _rules: Rules) -> Vec<u8> {
    text
}
