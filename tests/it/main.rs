//! The one integration test binary.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::as_conversions,
    reason = "tests may fail loudly"
)]

mod crash;
mod ledger;
mod ledger_index;
