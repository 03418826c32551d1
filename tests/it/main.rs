//! The one integration binary: the SDK links once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "tests may fail loudly and say what they skipped"
)]

mod cli;
mod schemas;
mod tidy;
//! The one integration test binary.
#![allow(missing_docs, clippy::unwrap_used, clippy::as_conversions, reason = "tests may fail loudly")]

mod crash;
mod ledger;
