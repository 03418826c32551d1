//! Entries for the ledger's benches, signed as many creators' machines would.

#![allow(dead_code, reason = "each bench uses some of it")]

use byline::base::fingerprint::Algorithm;
use byline::base::statement::{Family, Mining, Role};
use byline::base::{Digest, Fingerprint, SourceType, Timestamp};
use byline::keys::CreatorKey;
use byline::ledger::{DigestForm, Entry, EntryBody, KeyIncept, Registration, Rights};

/// The clock of every bench.
pub(crate) const NOW: Timestamp = Timestamp::from_unix_ms(1_780_000_000_000);

/// Creators' keys.
pub(crate) fn keys(count: u64) -> Vec<CreatorKey> {
    (0..count)
        .map(|n| CreatorKey::from_seed(Digest::of(&n.to_le_bytes()).as_bytes()))
        .collect()
}

/// The first entry of a key.
pub(crate) fn incept(key: &CreatorKey) -> Entry {
    let body = KeyIncept {
        key: key.public(),
        next: Some(Digest::of(b"next")),
        recovery: None,
    };
    Entry::sign(EntryBody::KeyIncept(body), key, NOW).unwrap()
}

/// A registration as `byline sign` makes it: every digest, five fingerprints.
pub(crate) fn registration(n: u64) -> Registration {
    let digest = |what: u8| digest(what, n);
    let mut asset_id = [0; 16];
    asset_id.copy_from_slice(&digest(0).as_bytes()[..16]);
    let fingerprints = Algorithm::ALL
        .iter()
        .map(|algorithm| Fingerprint {
            algorithm: *algorithm,
            bits: *digest(100 + algorithm.code()).as_bytes(),
            quality: 100,
        })
        .collect();
    Registration {
        asset_id,
        digests: DigestForm::Plain,
        file: digest(1),
        content: digest(2),
        pixel: Some((1, digest(3))),
        manifest: digest(4),
        fingerprints,
        source: SourceType::ALL[0],
        family: Some(Family::Diffusion),
        role: Some(Role::Producer),
        mining: Some(Mining::None),
        rights: vec![Rights::AllReserved],
        parents: Vec::new(),
    }
}

/// One of the digests of registration `n`: 1 file, 2 content, 3 pixels, 4 manifest.
pub(crate) fn digest(what: u8, n: u64) -> Digest {
    Digest::of(&[&[what], &n.to_le_bytes()[..]].concat())
}

/// Registration `n`, signed.
pub(crate) fn entry(key: &CreatorKey, n: u64) -> Entry {
    Entry::sign(EntryBody::AssetRegister(registration(n)), key, NOW).unwrap()
}

/// Registrations by all keys in turns, signed by two threads.
pub(crate) fn in_two(keys: &[CreatorKey], range: std::ops::Range<u64>) -> Vec<Entry> {
    let middle = range.start.midpoint(range.end);
    let make = |range: std::ops::Range<u64>| -> Vec<Entry> {
        range.map(|n| entry(&keys[n as usize % keys.len()], n)).collect()
    };
    std::thread::scope(|scope| {
        let second = scope.spawn(|| make(middle..range.end));
        let mut all = make(range.start..middle);
        all.extend(second.join().unwrap());
        all
    })
}
