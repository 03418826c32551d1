//! Why bytes are not an image that byline can handle, or why a part cannot be put in.

use super::Format;

/// What went wrong with an image's container.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AssetError {
    /// There are no bytes at all.
    #[error("the file is empty")]
    Empty,
    /// The file already carries a C2PA manifest store; writing metadata would break it.
    #[error("the {} file carries a C2PA manifest store; metadata cannot change under it", format.name())]
    HoldsStore {
        /// The container.
        format: Format,
    },
    /// The container's structure is broken before its picture data.
    #[error("the {} structure is broken at byte {offset}: {what}", format.name())]
    Malformed {
        /// The container that the magic number names.
        format: Format,
        /// What is wrong there.
        what: &'static str,
        /// Where, in bytes from the start of the file.
        offset: usize,
    },
    /// The magic number is of no format that byline knows.
    #[error("not an image in a format that byline knows")]
    NotAnImage,
    /// A part to be written exceeds what the container can hold.
    #[error("{what} of {found} bytes does not fit into {}: at most {limit} bytes", format.name())]
    PartTooLarge {
        /// The container.
        format: Format,
        /// Which part.
        what: &'static str,
        /// Its size in bytes.
        found: usize,
        /// The most that fits, in bytes.
        limit: usize,
    },
    /// The file exceeds the size limit.
    #[error("the file has {found} bytes, more than the limit of {limit}")]
    TooLarge {
        /// Its size in bytes.
        found: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// The container has more boxes, chunks or segments than the limit allows.
    #[error("the {} file has more than {limit} parts", format.name())]
    TooManyParts {
        /// The container.
        format: Format,
        /// The limit.
        limit: usize,
    },
    /// The container has no place for this, or byline does not write it there.
    #[error("{}: {what}", format.name())]
    Unsupported {
        /// The container.
        format: Format,
        /// What cannot be done, as a clause.
        what: &'static str,
    },
    /// An SVG in UTF-16: a picture, of which nothing is read.
    #[error("the SVG is in UTF-16, and byline reads SVG in UTF-8 alone")]
    Utf16,
}
