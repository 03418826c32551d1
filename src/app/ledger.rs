//! STUB.
use super::{
    App, Error,
    request::{InitRequest, LedgerChoice},
};
use crate::report::ledger::LedgerReport;
/// Stub.
pub fn init(_: &App, _: &InitRequest) -> Result<LedgerReport, Error> {
    Err(super::stub())
}
/// Stub.
pub fn show(_: &App, _: &LedgerChoice, _: Option<u64>, _: u64) -> Result<LedgerReport, Error> {
    Err(super::stub())
}
/// Stub.
pub fn history(_: &App, _: &LedgerChoice, _: &std::path::Path) -> Result<LedgerReport, Error> {
    Err(super::stub())
}
