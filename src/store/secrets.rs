//! Small secret files of 32 bytes, as hexadecimal digits: the log key and the secret of a private ledger. Mode 0600,
//! created exclusively, refused when others may read them. They are not encrypted: a log key signs checkpoints, never
//! entries, and a batch must be recorded without anybody typing a passphrase.

use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use zeroize::Zeroizing;

use super::durable::{self, Existing};
use super::error::StoreError;
use crate::base::Digest;

/// Which secret a file holds; its first line says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    LedgerSecret,
    LogKey,
    WitnessKey,
}

impl Kind {
    const fn line(self) -> &'static str {
        match self {
            Self::LedgerSecret => "byline-ledger-secret/v1",
            Self::LogKey => "byline-log-key/v1",
            Self::WitnessKey => "byline-witness-key/v1",
        }
    }
}

pub(super) fn create(path: &Path, kind: Kind, bytes: &[u8; 32]) -> Result<(), StoreError> {
    durable::create_directory(durable::parent(path), 0o700)?;
    let text = Zeroizing::new(format!("{}\n{}\n", kind.line(), crate::base::digest::hex(bytes)));
    Ok(durable::write(path, text.as_bytes(), 0o600, Existing::Refuse)?)
}

pub(super) fn read(path: &Path, kind: Kind) -> Result<Zeroizing<[u8; 32]>, StoreError> {
    let wrong = |why| StoreError::KeyFile {
        path: path.to_owned(),
        why,
    };
    let unreadable = |source| StoreError::Secret {
        path: path.to_owned(),
        source,
    };
    let file = durable::open_regular(path).map_err(unreadable)?;
    let mode = file.metadata().map_err(unreadable)?.mode();
    if mode & 0o077 != 0 {
        return Err(wrong("its mode lets other users at it; wanted 0600"));
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(1024));
    file.take(1024).read_to_end(&mut bytes).map_err(unreadable)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| wrong("it is not text"))?;
    match text.lines().collect::<Vec<_>>().as_slice() {
        [line, digits] if *line == kind.line() => {
            let secret =
                Digest::parse_hex(digits).ok_or(wrong("its second line is not 64 hexadecimal digits"))?;
            Ok(Zeroizing::new(*secret.as_bytes()))
        }
        _ => Err(wrong("its first line does not name this kind of secret")),
    }
}
