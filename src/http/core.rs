//! Controller `core`: what the transport itself offers.

mod catalog;
pub mod get_nonce;
pub mod info;
