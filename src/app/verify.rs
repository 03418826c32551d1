//! STUB.
use super::{App, Error, request::VerifyRequest};
use crate::report::verify::{VerifyReport, VerifySummary};
/// Stub.
pub struct VerifyItem {
    /// x.
    pub input: std::path::PathBuf,
    /// x.
    pub result: Result<Box<VerifyReport>, Error>,
}
/// Stub.
pub fn verify(_: &App, _: &VerifyRequest, _: &mut dyn FnMut(VerifyItem)) -> Result<VerifySummary, Error> {
    Err(super::stub())
}
