//! STUB.
/// Stub.
pub fn inspect(
    _: &super::App,
    _: &std::path::Path,
) -> Result<crate::report::inspect::InspectReport, super::Error> {
    Err(super::stub())
}
