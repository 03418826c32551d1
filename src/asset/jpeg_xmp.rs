//! XMP in JPEG: the packet of one APP1 segment, and ExtendedXMP that does not fit into it.
//!
//! Source: XMP Specification Part 3, 1.1.3: GUID (32 hexadecimal digits), full length u32, offset u32, portion.

use std::collections::BTreeSet;

use super::bytes::{be32, find, index, take};
use super::layout::{Oddity, Walk};
use crate::base::limits::XMP_BYTES_MAX;

/// What stands before the packet in its APP1 segment.
pub(super) const STANDARD: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
/// What stands before a portion of ExtendedXMP.
pub(super) const EXTENSION: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";

/// Portions of ExtendedXMP as they come.
#[derive(Default)]
pub(super) struct Extended {
    portions: Vec<Portion>,
}

struct Portion {
    guid: [u8; 32],
    full: usize,
    from: usize,
    bytes: Vec<u8>,
    offset: usize,
}

impl Extended {
    /// Takes one portion; what is too short for its header is left out.
    pub(super) fn add(&mut self, piece: &[u8], offset: usize) {
        let guid = super::bytes::array::<32>(piece, 0);
        let (Some(guid), Some(full), Some(from)) = (guid, be32(piece, 32), be32(piece, 36)) else {
            return;
        };
        let bytes = piece.get(40..).unwrap_or_default().to_vec();
        self.portions.push(Portion {
            guid,
            full: index(full),
            from: index(from),
            bytes,
            offset,
        });
    }

    /// Splices the extension that the packet names by its GUID into the packet.
    ///
    /// The GUID is compared as text; that it is the MD5 of the extension is not checked, it proves nothing.
    pub(super) fn join(&mut self, walk: &mut Walk<'_>) {
        let Some(first) = self.portions.first() else {
            return;
        };
        let offset = first.offset;
        let joined = walk.layout.xmp.as_deref().and_then(|packet| self.joined(packet));
        match joined {
            Some(packet) => walk.layout.xmp = Some(packet),
            None => walk.odd(Oddity::Unreadable {
                what: "ExtendedXMP",
                offset,
            }),
        }
    }

    fn joined(&self, packet: &[u8]) -> Option<Vec<u8>> {
        // Extensions of other GUIDs are left-overs of other packets and must be ignored.
        let guids: BTreeSet<[u8; 32]> = self.portions.iter().map(|portion| portion.guid).collect();
        let guid = guids
            .into_iter()
            .take(GUIDS_MAX)
            .find(|guid| find(packet, guid).is_some())?;
        find(packet, b"HasExtendedXMP")?;
        let mut portions: Vec<_> = self
            .portions
            .iter()
            .filter(|portion| portion.guid == guid)
            .collect();
        portions.sort_by_key(|portion| portion.from);
        let full = portions.first()?.full;
        if full > XMP_BYTES_MAX {
            return None;
        }
        let mut extension = Vec::new();
        for portion in portions {
            if portion.full != full || portion.from != extension.len() {
                return None;
            }
            extension.extend_from_slice(&portion.bytes);
        }
        (extension.len() == full).then_some(())?;
        splice(packet, &extension)
    }
}

/// Puts the descriptions of the extension behind those of the packet.
fn splice(packet: &[u8], extension: &[u8]) -> Option<Vec<u8>> {
    const CLOSE: &[u8] = b"</rdf:RDF>";
    let open = find(extension, b"<rdf:RDF")?;
    let tag_end = find(extension.get(open..)?, b">")?.checked_add(open)?;
    // Names declared on the root would be lost with it.
    let tag = extension.get(open..tag_end)?;
    if memchr::memmem::find_iter(tag, b"xmlns:").count() > 1 {
        return None;
    }
    let inner_end = memchr::memmem::rfind(extension, CLOSE)?;
    let inner = extension.get(tag_end.checked_add(1)?..inner_end)?;
    let at = memchr::memmem::rfind(packet, CLOSE)?;
    let mut out = take(packet, 0, at)?.to_vec();
    out.extend_from_slice(inner);
    out.extend_from_slice(packet.get(at..)?);
    Some(out)
}

/// Most extensions of different packets that are looked at.
const GUIDS_MAX: usize = 8;
