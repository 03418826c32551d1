//! The content digest of TIFF and DNG: SHA-256 over what the directories say, not over where it stands.
//!
//! The hash takes, in this order: the text `byline tiff 1\0`, the byte order mark, the version, and for each directory
//! of the main chain, sub-IFDs in the order met: `0x49`, its entries sorted by tag, each as tag u16, type u16, count
//! u64 and length u64 of what follows (all little-endian), then its value's bytes. For offsets of strips, tiles, JPEG
//! thumbnails and DNG big tables the pointed bytes take the place of the value, each with its length u64 before it. For
//! pointers to directories (sub-IFDs, EXIF, GPS, interoperability) only the count is taken, and the directories are
//! hashed later. Left out: tag 0xCD41, a directory that holds nothing else, and free space.
//!
//! Bytes that no directory points to do not count: no reader shows them.

use std::collections::{BTreeSet, VecDeque};

use super::bytes::index64;
use super::tiff_read::{Entry, Ifd, Tiff, tags};
use crate::base::limits::PARTS_MAX;
use crate::base::{Digest, Hasher};

/// The digest; `None` where the structure is broken or points to the same bytes over and over.
pub(super) fn digest(bytes: &[u8]) -> Option<Digest> {
    let tiff = Tiff::parse(bytes)?;
    let mut feed = Feed {
        tiff,
        hasher: Hasher::new(),
        // Twice: thumbnails may share their data; not more, or a small file costs hours.
        left: bytes.len().checked_mul(2)?,
        waiting: tiff.pages().ok()?.into(),
        seen: BTreeSet::new(),
    };
    feed.hasher.update(b"byline tiff 1\0");
    feed.hasher.update(bytes.get(..4)?);
    while let Some(ifd) = feed.waiting.pop_front() {
        feed.directory(&ifd)?;
    }
    Some(feed.hasher.finish())
}

struct Feed<'a> {
    tiff: Tiff<'a>,
    hasher: Hasher,
    /// How many bytes may still be hashed.
    left: usize,
    waiting: VecDeque<Ifd>,
    seen: BTreeSet<u64>,
}

impl Feed<'_> {
    fn directory(&mut self, ifd: &Ifd) -> Option<()> {
        let mut entries: Vec<&Entry> = ifd
            .entries
            .iter()
            .filter(|entry| entry.tag != tags::C2PA)
            .collect();
        if entries.is_empty() {
            return Some(());
        }
        entries.sort_by_key(|entry| entry.tag);
        self.hasher.update(&[0x49]);
        for entry in entries {
            self.entry(ifd, entry)?;
        }
        Some(())
    }

    fn entry(&mut self, ifd: &Ifd, entry: &Entry) -> Option<()> {
        if tags::FREE.contains(&entry.tag) {
            return Some(());
        }
        self.hasher.update(&entry.tag.to_le_bytes());
        self.hasher.update(&entry.kind.to_le_bytes());
        self.hasher.update(&entry.count.to_le_bytes());
        if matches!(
            entry.tag,
            tags::SUB_IFDS | tags::EXIF | tags::GPS | tags::INTEROPERABILITY
        ) {
            for at in self.tiff.numbers(entry) {
                if self.seen.len() < PARTS_MAX && self.seen.insert(at) {
                    // A pointer into the blue counts as a value, so that it is not silent.
                    match self.tiff.ifd(index64(at)) {
                        Some(child) => self.waiting.push_back(child),
                        None => self.hasher.update(&at.to_le_bytes()),
                    }
                }
            }
            return Some(());
        }
        let lengths = tags::POINTERS
            .iter()
            .find(|pair| pair.0 == entry.tag)
            .and_then(|pair| ifd.entry(pair.1));
        let Some(lengths) = lengths else {
            let value = self.tiff.value(entry).unwrap_or_default();
            return self.piece(value);
        };
        let tiff = self.tiff;
        for (offset, len) in tiff.numbers(entry).into_iter().zip(tiff.numbers(lengths)) {
            // A cut picture counts with what is there.
            let from = index64(offset).min(tiff.bytes.len());
            let to = from.saturating_add(index64(len)).min(tiff.bytes.len());
            self.piece(tiff.bytes.get(from..to)?)?;
        }
        Some(())
    }

    fn piece(&mut self, bytes: &[u8]) -> Option<()> {
        self.left = self.left.checked_sub(bytes.len())?;
        self.hasher
            .update(&u64::try_from(bytes.len()).ok()?.to_le_bytes());
        self.hasher.update(bytes);
        Some(())
    }
}
