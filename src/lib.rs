//! Provenance and copyright of images: signs, registers, verifies and audits.
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::as_conversions, reason = "tests may fail loudly")
)]

pub mod app;
pub mod asset;
pub mod base;
pub mod keys;
pub mod ledger;
pub mod manifest;
pub mod metadata;
pub mod render;
pub mod report;
pub mod similar;
pub mod store;
