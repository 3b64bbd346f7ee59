//! Controller `core`: what the transport itself offers.

pub(super) mod catalog;
pub mod get_nonce;
pub mod info;
