//! Taking the manifest store out of a TIFF or DNG: its entry goes, its bytes are cut off or zeroed.

use super::tiff_read::{Ifd, Tiff, tags};
use super::tiff_write::set;
use super::{AssetError, Format};

/// The file without tag 0xCD41. A directory that holds nothing else leaves the chain.
pub(super) fn without_store(format: Format, bytes: &[u8]) -> Result<Vec<u8>, AssetError> {
    let broken = |offset| AssetError::Malformed {
        format,
        what: "an image file directory is broken",
        offset,
    };
    let tiff = Tiff::parse(bytes).ok_or_else(|| broken(0))?;
    let pages = tiff.pages().map_err(broken)?;
    let mut out = bytes.to_vec();
    // Where the pointer to the page at hand stands.
    let mut pointer_at = tiff.first_at();
    for page in &pages {
        pointer_at = shrunk(&tiff, page, pointer_at, &mut out);
    }
    let width = if tiff.big { 20 } else { 12 };
    let stores = pages
        .iter()
        .flat_map(|page| &page.entries)
        .filter(|entry| entry.tag == tags::C2PA);
    for (entry, value) in stores.filter_map(|entry| Some((entry, entry.value.clone()?))) {
        if (entry.at..entry.at.saturating_add(width)).contains(&value.start) {
            continue; // It stood in the entry, which is gone.
        }
        if value.end == out.len() {
            out.truncate(value.start);
        } else if let Some(hole) = out.get_mut(value) {
            hole.fill(0);
        }
    }
    Ok(out)
}

/// Rewrites one directory in its place without the store's entry; says where its pointer to the next one then stands.
fn shrunk(tiff: &Tiff<'_>, page: &Ifd, pointer_at: usize, out: &mut [u8]) -> usize {
    let (head, width, pointer) = if tiff.big { (8, 20, 8) } else { (2, 12, 4) };
    let left = page.entries.iter().filter(|entry| entry.tag != tags::C2PA);
    let left: Vec<usize> = left.map(|entry| entry.at).collect();
    if left.len() == page.entries.len() {
        return page.next_at;
    }
    let next_end = page.next_at.saturating_add(pointer);
    let next = tiff.bytes.get(page.next_at..next_end).unwrap_or_default();
    if left.is_empty() {
        set(out, pointer_at, next);
        return pointer_at;
    }
    let start = page.at.saturating_add(head);
    let end = start.saturating_add(left.len().saturating_mul(width));
    let entries = left
        .iter()
        .filter_map(|at| tiff.bytes.get(*at..at.checked_add(width)?));
    let mut table: Vec<u8> = entries.flatten().copied().collect();
    table.extend_from_slice(next);
    table.resize(next_end.saturating_sub(start), 0);
    set(out, start, &table);
    let count64 = u64::try_from(left.len()).unwrap_or(u64::MAX);
    let count16 = u16::try_from(left.len()).unwrap_or(u16::MAX);
    match (tiff.big, tiff.little) {
        (true, true) => set(out, page.at, &count64.to_le_bytes()),
        (true, false) => set(out, page.at, &count64.to_be_bytes()),
        (false, true) => set(out, page.at, &count16.to_le_bytes()),
        (false, false) => set(out, page.at, &count16.to_be_bytes()),
    }
    end
}
