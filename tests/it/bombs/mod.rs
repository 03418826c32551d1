//! Bombs: files under one megabyte that ask for more time or memory than any picture needs, one way of asking each.
//!
//! Written for readers of every format, of EXIF and XMP, of the text of generators, and of manifest stores. What a reader must do
//! about one is to answer: refusing it is an answer.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::format_collect,
    clippy::large_stack_arrays,
    clippy::needless_pass_by_value,
    clippy::trivially_copy_pass_by_ref,
    reason = "files are put together the plain way"
)]

mod boxes;
pub mod carriers;
pub mod cost;
mod manifests;
mod pixels;
mod structures;
mod tiffs;
mod words;

/// A file that asks for too much.
pub struct Bomb {
    /// What it asks, with the ending of its format.
    pub name: String,
    /// The file.
    pub bytes: Vec<u8>,
}

impl Bomb {
    fn new(name: impl Into<String>, bytes: Vec<u8>) -> Self {
        let name = name.into();
        assert!(bytes.len() < BYTES_MAX, "{name}: {} bytes", bytes.len());
        Self { name, bytes }
    }
}

/// Every bomb, by its kind and in order.
pub fn all() -> Vec<(&'static str, Bomb)> {
    let kinds = [
        ("pixels", pixels::bombs()),
        ("structure", structures::bombs()),
        ("boxes", boxes::bombs()),
        ("tiff and exif", tiffs::bombs()),
        ("xmp and text", words::bombs()),
        ("manifest", manifests::bombs()),
    ];
    kinds
        .into_iter()
        .flat_map(|(kind, bombs)| bombs.into_iter().map(move |bomb| (kind, bomb)))
        .collect()
}

/// Every bomb is smaller, bytes.
pub const BYTES_MAX: usize = 1_000_000;
