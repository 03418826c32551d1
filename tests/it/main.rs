//! The one integration test binary: the SDK links once.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::too_many_lines,
    clippy::trivially_copy_pass_by_ref,
    clippy::case_sensitive_file_extension_comparisons,
    clippy::as_conversions,
    clippy::print_stderr,
    reason = "tests may fail loudly and say what they skipped"
)]

mod against;
mod asset_judges;
mod attacks;
mod audit;
mod audit_given;
mod audit_published;
mod bad_input;
mod bombs;
mod bounded;
mod ca;
mod cli;
mod closest;
mod compared;
mod contained;
mod corpus;
mod crash;
mod deeds;
mod deeds_keys;
mod deeds_shown;
mod deep;
mod detached;
mod drift;
#[cfg(feature = "postgres")]
mod engine;
mod evidence;
mod faults;
mod files;
mod find;
mod find_told;
mod formats;
mod fuzzed;
mod generated;
mod handed;
mod history;
mod hostile;
mod inspect;
mod judges;
mod kept;
mod ledger;
mod ledger_index;
mod likeness;
mod lists;
mod mended;
mod mutate;
mod open_points;
mod pages;
mod parents;
mod proofs;
mod proofs_state;
mod publish;
mod python;
mod readme;
mod receipts;
mod rotated;
mod run;
mod schemas;
mod signable;
mod stamp;
mod state;
mod stated;
mod tails;
mod tidy;
mod title;
mod tlog_judges;
mod tlog_vectors;
mod tsa;
mod unsaid;
mod witness;
mod worded;
