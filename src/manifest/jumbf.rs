//! The manifest store's box tree, walked by us and not by the SDK: labels, places and contents, with bounds on depth and count.
//!
//! ```text
//! superbox   LBox u32be | "jumb" | description box | content boxes and superboxes
//! descr.     LBox u32be | "jumd" | type UUID (16) | toggles (1) | label, NUL | [id u32] | [SHA-256] | [private box]
//! ```
//! Source: ISO/IEC 19566-5 (JUMBF); C2PA 2.4, 11.1.

use std::ops::Range;

use crate::base::limits::{BOX_DEPTH_MAX, MANIFEST_BYTES_MAX, PARTS_MAX};

/// Why the bytes are not a box tree within bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JumbfError {
    /// A box ends beyond its parent, or is smaller than its own header.
    #[error("a box at byte {at} does not fit its parent")]
    BadLength {
        /// Offset in the store.
        at: usize,
    },
    /// A superbox does not begin with a description box.
    #[error("the superbox at byte {at} has no description box")]
    NoDescription {
        /// Offset in the store.
        at: usize,
    },
    /// A label has no end or is not printable ASCII.
    #[error("the description box at byte {at} has a bad label")]
    BadLabel {
        /// Offset in the store.
        at: usize,
    },
    /// The tree is deeper, wider or longer than the bounds allow.
    #[error("the box tree is beyond its bounds")]
    TooLarge,
}

/// One superbox.
#[derive(Clone, Debug)]
pub(super) struct Superbox {
    /// Index of the superbox around it.
    pub(super) parent: Option<usize>,
    /// Type UUID of the description box.
    pub(super) kind: [u8; 16],
    /// Label; empty where none is given.
    pub(super) label: String,
    /// Everything after the superbox's own header: what C2PA hashes (2.4, 8.4.2.3).
    pub(super) body: Range<usize>,
    /// Content boxes that are not superboxes: type and payload.
    pub(super) contents: Vec<([u8; 4], Range<usize>)>,
}

/// The superboxes of a manifest store, parents before children, in file order.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    boxes: Vec<Superbox>,
    parts: usize,
}

/// Which labels a walk takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Labels {
    /// Any; what is no text is replaced.
    Any,
    /// Printable ASCII alone, as honest tools write them.
    Printable,
}

impl Tree {
    /// Walks the store without recursion.
    pub(super) fn parse(store: &[u8]) -> Result<Self, JumbfError> {
        Self::parse_with(store, Labels::Printable)
    }

    /// As [`Tree::parse`], of labels that need not be what they should.
    pub(super) fn parse_with(store: &[u8], labels: Labels) -> Result<Self, JumbfError> {
        if store.len() > MANIFEST_BYTES_MAX {
            return Err(JumbfError::TooLarge);
        }
        let mut boxes: Vec<Superbox> = Vec::new();
        let mut open: Vec<Frame> = vec![Frame {
            at: 0,
            end: store.len(),
            owner: None,
            depth: 0,
        }];
        let mut parts: usize = 0;
        while let Some(frame) = open.last_mut() {
            if frame.at >= frame.end {
                open.pop();
                continue;
            }
            parts = parts.saturating_add(1);
            if parts > PARTS_MAX {
                return Err(JumbfError::TooLarge);
            }
            let at = frame.at;
            // Zero bytes after the last box are padding of the store, not boxes; coverage looks at them.
            if frame.owner.is_none() && !boxes.is_empty() {
                break;
            }
            let (kind, payload) = header(store, at, frame.end)?;
            frame.at = payload.end;
            let (owner, depth) = (frame.owner, frame.depth);
            if &kind == b"jumb" {
                let (superbox, children) = describe(store, (owner, labels), payload)?;
                boxes.push(superbox);
                if depth.saturating_add(1) > BOX_DEPTH_MAX {
                    return Err(JumbfError::TooLarge);
                }
                open.push(Frame {
                    at: children.start,
                    end: children.end,
                    owner: Some(boxes.len().saturating_sub(1)),
                    depth: depth.saturating_add(1),
                });
            } else if let Some(owner) = owner.and_then(|index| boxes.get_mut(index)) {
                owner.contents.push((kind, payload));
            } else {
                return Err(JumbfError::NoDescription { at });
            }
        }
        if boxes.is_empty() {
            return Err(JumbfError::NoDescription { at: 0 });
        }
        Ok(Self { boxes, parts })
    }

    /// How many boxes there are, superboxes and others.
    pub(super) const fn parts(&self) -> usize {
        self.parts
    }

    /// The superbox at an index.
    pub(super) fn get(&self, index: usize) -> Option<&Superbox> {
        self.boxes.get(index)
    }

    /// Every superbox, in file order.
    pub(super) fn all(&self) -> impl Iterator<Item = &Superbox> {
        self.boxes.iter()
    }

    /// Every superbox inside another, however deep, in file order.
    pub(super) fn below(&self, index: usize) -> impl Iterator<Item = (usize, &Superbox)> {
        let end = self.get(index).map_or(0, |one| one.body.end);
        self.boxes
            .iter()
            .enumerate()
            .skip(index.saturating_add(1))
            .take_while(move |(_, one)| one.body.start < end)
    }

    /// Every superbox directly inside another, in file order.
    pub(super) fn children(&self, parent: usize) -> impl Iterator<Item = (usize, &Superbox)> {
        self.boxes
            .iter()
            .enumerate()
            .filter(move |(_, one)| one.parent == Some(parent))
    }

    /// The first superbox directly inside another whose label fits.
    pub(super) fn child(&self, parent: usize, fits: impl Fn(&str) -> bool) -> Option<(usize, &Superbox)> {
        self.children(parent).find(|(_, one)| fits(&one.label))
    }

    /// Where the store's own superbox ends; what follows is padding or foreign.
    pub(super) fn end(&self) -> usize {
        self.boxes.first().map_or(0, |store| store.body.end)
    }

    /// The label of the innermost superbox at a place, for messages of tests.
    #[cfg(test)]
    pub(super) fn label_at(&self, at: usize) -> Option<&str> {
        let inner = self.boxes.iter().rev().find(|one| one.body.contains(&at))?;
        Some(&inner.label)
    }

    /// The manifests of the store, oldest first; the last is the active one (C2PA 2.4, 11.1.4.2).
    pub(super) fn manifests(&self) -> impl Iterator<Item = (usize, &Superbox)> {
        self.children(0)
    }
}

struct Frame {
    at: usize,
    end: usize,
    owner: Option<usize>,
    depth: usize,
}

/// Type and payload range of the box at `at`, which must end by `end`.
fn header(store: &[u8], at: usize, end: usize) -> Result<([u8; 4], Range<usize>), JumbfError> {
    let bad = JumbfError::BadLength { at };
    let head: &[u8; 8] = slice(store, at, 8)
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or(bad)?;
    let [a, b, c, d, kind @ ..] = *head;
    let short = usize::try_from(u32::from_be_bytes([a, b, c, d])).map_err(|_| bad)?;
    let (skip, length) = match short {
        0 => (8, end.checked_sub(at).ok_or(bad)?),
        1 => {
            let wide: [u8; 8] = at
                .checked_add(8)
                .and_then(|from| slice(store, from, 8))
                .and_then(|b| b.try_into().ok())
                .ok_or(bad)?;
            (16, usize::try_from(u64::from_be_bytes(wide)).map_err(|_| bad)?)
        }
        _ => (8, short),
    };
    let stop = at.checked_add(length).filter(|stop| *stop <= end).ok_or(bad)?;
    let start = at.checked_add(skip).filter(|start| *start <= stop).ok_or(bad)?;
    Ok((kind, start..stop))
}

/// Reads a superbox's description; returns it and the range of what follows the description box.
fn describe(
    store: &[u8],
    (parent, labels): (Option<usize>, Labels),
    body: Range<usize>,
) -> Result<(Superbox, Range<usize>), JumbfError> {
    let at = body.start;
    let (kind, payload) = header(store, at, body.end)?;
    if &kind != b"jumd" {
        return Err(JumbfError::NoDescription { at });
    }
    let bytes = store.get(payload.clone()).ok_or(JumbfError::BadLength { at })?;
    let (uuid, rest) = bytes
        .split_first_chunk::<16>()
        .ok_or(JumbfError::BadLength { at })?;
    let (toggles, rest) = rest.split_first().ok_or(JumbfError::BadLength { at })?;
    let label = if toggles & LABEL_PRESENT == 0 {
        String::new()
    } else {
        let end = rest
            .iter()
            .position(|byte| *byte == 0)
            .ok_or(JumbfError::BadLabel { at })?;
        let text = rest.get(..end).unwrap_or_default();
        if labels == Labels::Printable && !text.iter().all(|byte| (0x20..0x7f).contains(byte)) {
            return Err(JumbfError::BadLabel { at });
        }
        String::from_utf8_lossy(text).into_owned()
    };
    let children = payload.end..body.end;
    Ok((
        Superbox {
            parent,
            kind: *uuid,
            label,
            body,
            contents: Vec::new(),
        },
        children,
    ))
}

fn slice(bytes: &[u8], at: usize, len: usize) -> Option<&[u8]> {
    bytes.get(at..at.checked_add(len)?)
}

/// Toggle bit of the description box: a label follows.
const LABEL_PRESENT: u8 = 0b10;

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::manifest) fn boxed(kind: [u8; 4], payload: &[u8]) -> Vec<u8> {
        let mut out = u32::try_from(payload.len() + 8).unwrap().to_be_bytes().to_vec();
        out.extend_from_slice(&kind);
        out.extend_from_slice(payload);
        out
    }

    pub(in crate::manifest) fn superbox(label: &str, inside: &[u8]) -> Vec<u8> {
        let mut description = [7u8; 16].to_vec();
        description.push(3);
        description.extend_from_slice(label.as_bytes());
        description.push(0);
        let mut payload = boxed(*b"jumd", &description);
        payload.extend_from_slice(inside);
        boxed(*b"jumb", &payload)
    }

    #[test]
    fn labels_parents_and_contents_are_found() {
        let claim = superbox("c2pa.claim.v2", &boxed(*b"cbor", &[0xa0]));
        let store = superbox("c2pa", &superbox("urn:c2pa:x", &claim));
        let tree = Tree::parse(&store).unwrap();
        let (manifest, _) = tree.manifests().next().unwrap();
        let (_, claim) = tree.child(manifest, |label| label == "c2pa.claim.v2").unwrap();
        assert_eq!(&store[claim.contents[0].1.clone()], &[0xa0]);
        assert_eq!(tree.end(), store.len());
    }

    #[test]
    fn a_store_cut_anywhere_is_refused_and_never_panics() {
        let store = superbox("c2pa", &superbox("urn:c2pa:x", &boxed(*b"cbor", &[0xa0])));
        for end in 0..store.len() {
            assert!(Tree::parse(&store[..end]).is_err(), "{end}");
        }
    }

    #[test]
    fn nesting_beyond_the_bound_is_refused() {
        let mut store = superbox("x", &[]);
        for _ in 0..40 {
            store = superbox("x", &store);
        }
        assert_eq!(Tree::parse(&store).unwrap_err(), JumbfError::TooLarge);
    }

    #[test]
    fn a_label_with_controls_is_refused() {
        let store = superbox("c2pa", &superbox("a\u{1b}b", &[]));
        assert!(matches!(Tree::parse(&store), Err(JumbfError::BadLabel { .. })));
    }
}
