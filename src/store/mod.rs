//! The only disk: every file that byline reads or writes goes through here. Knows no images and no reports.

pub mod files;
pub mod folder;
pub mod keyfile;
pub mod trust_file;
