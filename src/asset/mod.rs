//! An image as bytes in a container: what format it is, where its parts lie, and how to put parts in or take them out.
//!
//! Knows no keys, claims or ledger, and decodes pixels in `pixels` alone.

pub mod format;
pub mod pixels;
pub(crate) mod raster;
mod pixel_samples;
mod scan;

pub use format::Format;
