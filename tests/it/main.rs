//! The one integration test binary: the SDK links once.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::as_conversions,
    clippy::print_stderr,
    reason = "tests may fail loudly and say what they skipped"
)]

mod cli;
mod crash;
mod ledger;
mod schemas;
mod tidy;
