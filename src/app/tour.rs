//! STUB.
/// Stub.
pub enum TourLine {
    /// x.
    Text(String),
}
/// Stub.
pub fn tour(_: &super::App, _: &std::path::Path, _: &mut dyn FnMut(TourLine)) -> Result<(), super::Error> {
    Err(super::stub())
}
