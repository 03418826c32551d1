//! What the rooms' errors mean to a user: what happened, why, what to do.

use std::io::ErrorKind;
use std::path::Path;

use super::{Error, Kind};
use crate::asset::AssetError;
use crate::manifest::{SignError, TimestampError, TrustError};
use crate::metadata::{MetadataError, Missing};
use crate::store::files::{FileError, Unplaced};
use crate::store::folder::FolderError;

/// A file could not be read.
pub(crate) fn read(path: &Path, error: &FileError) -> Error {
    file("cannot read", path, error)
}

/// A file could not be written; what was there is there still.
pub(crate) fn write(path: &Path, error: &FileError) -> Error {
    file("cannot write", path, error)
}

/// A recorded picture could not be put in place; it is kept.
pub(crate) fn unplaced(path: &Path, entry: u64, unplaced: &Unplaced) -> Error {
    let name = path.display();
    let Some(part) = &unplaced.part else {
        return Error::new(
            Kind::World,
            "sign.unsynced",
            format!(
                "`{name}` is in place and recorded as entry {entry}, but a power cut may still undo its name"
            ),
        )
        .why(unplaced.source.to_string())
        .fix("check the disk, then run the same command again");
    };
    let fix = match unplaced.source {
        FileError::Changed | FileError::Exists => {
            format!("look at both files; move `{name}` away or give the finished one another name with mv")
        }
        _ => "run the same command again: it puts the finished file in place".to_owned(),
    };
    Error::new(
        Kind::World,
        "sign.unplaced",
        format!("`{name}` is signed and recorded as entry {entry}, but not in place"),
    )
    .why(format!(
        "{}; the finished file is kept as `{}`",
        unplaced.source,
        part.display()
    ))
    .fix(fix)
}

fn file(what: &str, path: &Path, error: &FileError) -> Error {
    let (kind, code, fix) = match error {
        FileError::Changed => (
            Kind::World,
            "file.changed",
            "wait until nothing writes it, then try again",
        ),
        FileError::Exists => (
            Kind::Conflict,
            "file.exists",
            "name another output or move that one away; a command that has --force replaces it with that",
        ),
        FileError::NotRegular { .. } => (Kind::Input, "file.not-regular", "give a regular file or a folder"),
        FileError::ReadOnly { .. } => (
            Kind::Conflict,
            "file.read-only",
            "write elsewhere with -o, or give yourself write permission with chmod u+w",
        ),
        FileError::TooLarge { .. } => (
            Kind::Limit,
            "file.too-large",
            "give a smaller one; no file may have more bytes than that",
        ),
        FileError::Io { source, .. } => (Kind::World, "file.io", of_system(source.kind())),
    };
    Error::new(kind, code, format!("{what} `{}`", path.display()))
        .why(error.to_string())
        .fix(fix)
}

/// What to do when the system refuses a file.
const fn of_system(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::NotFound => "check the name and the folder: nothing is there",
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            "give yourself permission with chmod or chown, or name a file elsewhere"
        }
        ErrorKind::StorageFull => "make room on the disk, then run the same command again",
        _ => "check the path and the disk, then run the same command again",
    }
}

/// The bytes are no image, or a broken one.
pub(crate) fn asset(path: &Path, error: &AssetError) -> Error {
    Error::new(
        Kind::Input,
        "image.unreadable",
        format!("cannot use `{}` as an image", path.display()),
    )
    .why(error.to_string())
    .fix(remedy(path, error).unwrap_or(
        "get an undamaged copy; byline reads JPEG, PNG, WebP, TIFF, DNG, AVIF, HEIC, GIF, SVG and JPEG XL",
    ))
}

/// What to do about bytes that are no image here, where another copy is no help.
pub(crate) fn remedy(path: &Path, error: &AssetError) -> Option<&'static str> {
    match error {
        AssetError::Utf16 => Some(UTF16),
        _ => is_manifest_file(path).then_some(BESIDE),
    }
}

/// Whether a file is a manifest beside a picture, by its name.
fn is_manifest_file(path: &Path) -> bool {
    path.extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("c2pa"))
}

/// What to do about an SVG in UTF-16.
const UTF16: &str = "ask for it in UTF-8, or save it so: iconv -f UTF-16 -t UTF-8, and without the encoding in its first line; credentials in it would no longer fit";

/// How a manifest beside a picture is read.
const BESIDE: &str = "a manifest store is read with the picture that it is about: byline verify PICTURE --manifest FILE.c2pa, or byline inspect PICTURE --manifest FILE.c2pa";

/// The metadata could not be written.
pub(crate) fn metadata(path: &Path, error: &MetadataError) -> Error {
    Error::new(
        Kind::Input,
        "metadata.unwritable",
        format!("cannot write metadata into `{}`", path.display()),
    )
    .why(error.to_string())
    .fix("`byline inspect` shows what the file says; have a picture editor write it anew, then sign that")
}

/// Metadata that was written is not there when read back.
pub(crate) fn not_written(path: &Path, missing: &Missing, is_cut: bool) -> Error {
    Error::new(
        Kind::Input,
        "metadata.lost",
        format!("metadata written into `{}` does not read back", path.display()),
    )
    .why(format!("missing: {}", missing.fields.join(", ")))
    .fix(if is_cut {
        "nothing was written; the picture is cut off: get it whole"
    } else {
        "nothing was written; please report this picture"
    })
}

/// An error with what caused it, each said once.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut why = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if !why.contains(&text) {
            why = format!("{why}: {text}");
        }
        source = cause.source();
    }
    why
}

/// The claim could not be signed.
pub(crate) fn sign(path: &Path, error: &SignError) -> Error {
    let mut why = with_causes(error);
    if let SignError::Timestamp(TimestampError::Unreachable { why: said }) = error {
        why = format!("{why} ({})", said.raw());
    }
    let made = Error::new(
        Kind::Input,
        "sign.refused",
        format!("cannot sign `{}`", path.display()),
    )
    .why(why);
    match error {
        SignError::Certificate => Error { kind: Kind::Key, code: "sign.certificate", ..made }
            .fix("`byline key show` names the rule that the certificate breaks"),
        SignError::CertificateTime => Error { kind: Kind::Key, code: "sign.clock", ..made }
            .fix("nothing was written; set this machine's clock right, or sign with a key whose certificates are valid now: `byline key show` has their dates"),
        SignError::NoUpdate { .. } => made
            .fix("write the proof or the receipt beside the picture: `byline ledger prove` without --embed, or with --cose FILE"),
        SignError::Timestamp(TimestampError::Forbidden { .. }) => Error { kind: Kind::World, code: "sign.timestamp", ..made }
            .fix("name a public authority, or allow one in your own network with --timestamp-private"),
        SignError::Timestamp(_) => Error { kind: Kind::World, code: "sign.timestamp", ..made }
            .fix("try again later or with another --timestamp URL; without --timestamp the picture is signed untimed"),
        _ => made.fix("nothing was written; `byline inspect` shows what the file holds: have a picture editor write it anew, then sign that"),
    }
}

/// A folder could not be listed.
pub(crate) fn folder(error: &FolderError) -> Error {
    Error::new(
        Kind::World,
        "folder.unreadable",
        format!("cannot list `{}`", error.path.display()),
    )
    .why(error.source.to_string())
    .fix("make it readable, or name what you can read below it; the others were looked at")
}

/// A trust anchor cannot be used.
pub(crate) fn trust(error: &TrustError) -> Error {
    Error::new(Kind::Key, "trust.unusable", "cannot use a trust anchor")
        .why(error.to_string())
        .fix("`byline trust list` shows whom you added; remove the one that is damaged and add it anew")
}
