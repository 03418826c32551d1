//! STUB.
/// Stub.
pub fn audit(
    _: &super::App,
    _: &super::request::AuditRequest,
) -> Result<crate::report::audit::AuditReport, super::Error> {
    Err(super::stub())
}
