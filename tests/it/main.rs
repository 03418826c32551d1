//! The one integration test binary: the SDK links once.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::too_many_lines,
    clippy::case_sensitive_file_extension_comparisons,
    clippy::as_conversions,
    clippy::print_stderr,
    reason = "tests may fail loudly and say what they skipped"
)]

mod asset_judges;
mod attacks;
mod audit;
mod audit_published;
mod bad_input;
mod ca;
mod cli;
mod corpus;
mod crash;
mod deeds;
mod deeds_keys;
mod deeds_shown;
mod drift;
mod evidence;
mod faults;
mod files;
mod find;
mod formats;
mod generated;
mod history;
mod hostile;
mod inspect;
mod judges;
mod kept;
mod ledger;
mod ledger_index;
mod likeness;
mod lists;
mod pages;
mod parents;
mod proofs;
mod proofs_state;
mod publish;
mod python;
mod readme;
mod receipts;
mod run;
mod schemas;
mod stamp;
mod state;
mod stated;
mod tidy;
mod title;
mod tlog_judges;
mod tlog_vectors;
mod tsa;
mod witness;
