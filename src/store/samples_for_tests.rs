//! Entries for the tests of this room.

use crate::base::statement::Role;
use crate::base::{Digest, SourceType, Timestamp};
use crate::keys::CreatorKey;
use crate::ledger::{DigestForm, Entry, EntryBody, KeyIncept, Registration};

pub(super) const NOW: Timestamp = Timestamp::from_unix_ms(1_780_000_000_000);

pub(super) fn incept(key: &CreatorKey) -> Entry {
    let body = KeyIncept {
        key: key.public(),
        next: None,
        recovery: None,
    };
    Entry::sign(EntryBody::KeyIncept(body), key, NOW).unwrap()
}

/// The asset whose id is 16 times this byte; all its digests are this one.
pub(super) fn register(key: &CreatorKey, asset: u8, digest: Digest) -> Entry {
    let body = Registration {
        asset_id: [asset; 16],
        digests: DigestForm::Plain,
        file: digest,
        content: digest,
        pixel: None,
        manifest: digest,
        fingerprints: Vec::new(),
        source: SourceType::ALL[0],
        family: None,
        role: Some(Role::Creator),
        mining: None,
        rights: Vec::new(),
        parents: Vec::new(),
    };
    Entry::sign(EntryBody::AssetRegister(body), key, NOW).unwrap()
}
