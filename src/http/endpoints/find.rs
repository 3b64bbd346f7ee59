//! Looking things up in the table. What stands in it is not known here.

use super::{ENDPOINTS, Endpoint, Gate};

/// The endpoint of a controller in lower case and a method in any letter case.
#[must_use]
pub fn find(controller: &str, method: &str) -> Option<&'static Endpoint> {
    find_with_place(controller, method).map(|(_, endpoint)| endpoint)
}

/// The same with its place in the table.
#[must_use]
pub fn find_with_place(controller: &str, method: &str) -> Option<(usize, &'static Endpoint)> {
    ENDPOINTS.iter().enumerate().find(|(_, endpoint)| {
        endpoint.controller == controller && endpoint.method.eq_ignore_ascii_case(method)
    })
}

/// The gate of a controller that is served here.
#[must_use]
pub fn gate_of(controller: &str) -> Option<Gate> {
    ENDPOINTS.iter().find(|endpoint| endpoint.controller == controller).map(|endpoint| endpoint.gate)
}
