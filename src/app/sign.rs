//! STUB.
use super::{App, Error, request::SignRequest};
use crate::report::sign::{SignReport, SignSummary};
/// Stub.
pub struct SignItem {
    /// x.
    pub input: std::path::PathBuf,
    /// x.
    pub result: Result<SignReport, Error>,
}
/// Stub.
pub fn sign(_: &App, _: &SignRequest, _: &mut dyn FnMut(SignItem)) -> Result<SignSummary, Error> {
    Err(super::stub())
}
