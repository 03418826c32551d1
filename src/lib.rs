//! Provenance and copyright of images: signs, registers, verifies and audits.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        clippy::format_collect,
        clippy::single_range_in_vec_init,
        clippy::zero_repeat_side_effects,
        clippy::trivially_copy_pass_by_ref,
        reason = "tests may fail loudly and say things the plain way"
    )
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
