//! Tiles: the hashes and the entries of a log as static files that never change.
//!
//! ```text
//! tile/0/x001/x234/067          256 leaf hashes, 8,192 bytes
//! tile/1/004.p/17               17 hashes, each over a full tile of the level below
//! tile/entries/x001/x234/067    256 entries, each after its length (u16, big-endian)
//! ```
//!
//! Knows no disk and no network: paths are words here.
//!
//! Source: <https://c2sp.org/tlog-tiles>.

use std::fmt;

use super::hash::NodeHash;
use super::tree::TreeSize;
use crate::base::limits::ENTRY_BYTES_MAX;

/// Hashes in a full tile, entries in a full bundle.
pub const TILE_WIDTH: u16 = 256;
/// Bytes of a hash in a tile.
pub const HASH_LEN: usize = 32;
/// Highest level that the specification names; no log of less than 2^64 entries has tiles above level 7.
pub const LEVEL_MAX: u8 = 63;
/// Most bytes of a bundle of entries.
pub const BUNDLE_BYTES_MAX: usize = 256 * (ENTRY_BYTES_MAX + 2);
/// Longest path read, bytes; the longest there is has 41.
const PATH_BYTES_MAX: usize = 64;

/// What a tile holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TileKind {
    /// Entries: a bundle.
    Entries,
    /// Hashes of this level, 0 to [`LEVEL_MAX`]: of leaves at level 0, of full tiles of the level below elsewhere.
    Hashes(u8),
}

/// The place of one tile or bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    kind: TileKind,
    index: u64,
    width: u16,
}

/// Why a path or the bytes of a tile are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TileError {
    /// A bundle does not hold as many entries as its path says.
    #[error("the bundle of entries breaks the format: {why}")]
    Bundle {
        /// Which rule.
        why: &'static str,
    },
    /// A tile has not as many bytes as its path says.
    #[error("the tile has {found} bytes; wanted {wanted}")]
    Length {
        /// Bytes found.
        found: usize,
        /// Bytes wanted.
        wanted: usize,
    },
    /// Not a path of a tile.
    #[error("not the path of a tile: {why}")]
    Path {
        /// Which rule is broken.
        why: &'static str,
    },
    /// A log that loses entries.
    #[error("a log of {old} entries cannot have become one of {new}")]
    Shrinks {
        /// Size before.
        old: TreeSize,
        /// Size after.
        new: TreeSize,
    },
}

impl Tile {
    /// A tile of `width` hashes or entries; `None` unless 1 <= width <= 256 and the level is at most [`LEVEL_MAX`].
    #[must_use]
    pub const fn try_new(kind: TileKind, index: u64, width: u16) -> Option<Self> {
        let is_level = match kind {
            TileKind::Entries => true,
            TileKind::Hashes(level) => level <= LEVEL_MAX,
        };
        if is_level && width >= 1 && width <= TILE_WIDTH {
            Some(Self { kind, index, width })
        } else {
            None
        }
    }

    /// The full tile at an index.
    pub(super) const fn full(kind: TileKind, index: u64) -> Self {
        Self {
            kind,
            index,
            width: TILE_WIDTH,
        }
    }

    /// The tile at an index as a log of `size` entries has it: full, partial, or `None`.
    #[must_use]
    pub fn of_log(kind: TileKind, index: u64, size: TreeSize) -> Option<Self> {
        let count = count_at(kind, size);
        match index.cmp(&(count >> 8)) {
            std::cmp::Ordering::Less => Self::try_new(kind, index, TILE_WIDTH),
            std::cmp::Ordering::Equal => Self::try_new(kind, index, u16::from(low_byte(count))),
            std::cmp::Ordering::Greater => None,
        }
    }

    /// What it holds.
    #[must_use]
    pub const fn kind(&self) -> TileKind {
        self.kind
    }

    /// Its index within its level.
    #[must_use]
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// How many hashes or entries it holds, 1 to 256.
    #[must_use]
    pub const fn width(&self) -> u16 {
        self.width
    }

    /// Whether it holds 256, and so never changes again.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.width == TILE_WIDTH
    }

    /// The tile that stands here once the log has grown.
    #[must_use]
    pub const fn filled(self) -> Self {
        Self::full(self.kind, self.index)
    }

    /// Bytes of a tile of hashes of this width.
    #[must_use]
    pub fn hash_bytes(&self) -> usize {
        usize::from(self.width) * HASH_LEN
    }

    /// Reads a path below the log's prefix; one spelling only.
    pub fn parse(path: &str) -> Result<Self, TileError> {
        let wrong = |why| TileError::Path { why };
        if path.len() > PATH_BYTES_MAX {
            return Err(wrong("longer than any tile's"));
        }
        let rest = path
            .strip_prefix("tile/")
            .ok_or(wrong("it does not begin with `tile/`"))?;
        let (level, rest) = rest.split_once('/').ok_or(wrong("it names no index"))?;
        let kind = match level {
            "entries" => TileKind::Entries,
            _ => TileKind::Hashes(
                decimal(level)
                    .and_then(|level| u8::try_from(level).ok())
                    .filter(|level| *level <= LEVEL_MAX)
                    .ok_or(wrong("the level is not a number from 0 to 63"))?,
            ),
        };
        let (index, width) = match rest.split_once(".p/") {
            None => (rest, TILE_WIDTH),
            Some((index, width)) => {
                let width = decimal(width)
                    .and_then(|width| u16::try_from(width).ok())
                    .filter(|width| (1..TILE_WIDTH).contains(width))
                    .ok_or(wrong("the width is not a number from 1 to 255"))?;
                (index, width)
            }
        };
        let index = parse_index(index).ok_or(wrong("the index is not written in groups of three digits"))?;
        Self::try_new(kind, index, width).ok_or(wrong("its numbers are out of range"))
    }
}

/// The path below the log's prefix.
impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TileKind::Entries => f.write_str("tile/entries/")?,
            TileKind::Hashes(level) => write!(f, "tile/{level}/")?,
        }
        let mut groups = vec![self.index % 1000];
        let mut rest = self.index / 1000;
        while rest > 0 {
            groups.push(rest % 1000);
            rest /= 1000;
        }
        for (left, group) in groups.iter().enumerate().rev() {
            if left > 0 {
                write!(f, "x{group:03}/")?;
            } else {
                write!(f, "{group:03}")?;
            }
        }
        if self.is_full() {
            Ok(())
        } else {
            write!(f, ".p/{}", self.width)
        }
    }
}

/// Returns the tiles and bundles that a log of `new` entries has and a log of `old` entries lacks.
///
/// In the order to write them: bundles first, then the levels from the lowest. Yields nothing when the sizes are equal.
///
/// # Errors
/// [`TileError::Shrinks`] if `new < old`: a log only grows.
pub fn new_tiles(old: TreeSize, new: TreeSize) -> Result<impl Iterator<Item = Tile>, TileError> {
    if new < old {
        return Err(TileError::Shrinks { old, new });
    }
    Ok(kinds().flat_map(move |kind| {
        let (before, after) = (count_at(kind, old), count_at(kind, new));
        let full = (before >> 8..after >> 8).map(move |index| Tile::full(kind, index));
        let partial = if before == after {
            None
        } else {
            Tile::try_new(kind, after >> 8, u16::from(low_byte(after)))
        };
        full.chain(partial)
    }))
}

/// The bundles, then every level that a log can have.
fn kinds() -> impl Iterator<Item = TileKind> {
    std::iter::once(TileKind::Entries).chain((0..8).map(TileKind::Hashes))
}

/// How many entries or hashes of a kind a log of `size` entries has.
fn count_at(kind: TileKind, size: TreeSize) -> u64 {
    match kind {
        TileKind::Entries => size.0,
        TileKind::Hashes(level) => size.0.checked_shr(u32::from(level) * 8).unwrap_or(0),
    }
}

/// How many hashes stand in the partial tile at the end of so many.
pub(super) const fn low_byte(count: u64) -> u8 {
    count.to_le_bytes()[0]
}

/// Reads the hashes of a tile.
pub fn read_hashes(bytes: &[u8], width: u16) -> Result<Vec<NodeHash>, TileError> {
    let wanted = usize::from(width) * HASH_LEN;
    if bytes.len() != wanted {
        let found = bytes.len();
        return Err(TileError::Length { found, wanted });
    }
    let (hashes, _) = bytes.as_chunks::<HASH_LEN>();
    Ok(hashes.iter().map(|hash| NodeHash::from_bytes(*hash)).collect())
}

/// The bytes of a tile.
#[must_use]
pub fn write_hashes(hashes: &[NodeHash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| *hash.as_bytes()).collect()
}

/// Reads exactly `width` entries of a bundle.
///
/// # Errors
/// [`TileError::Bundle`] also for an empty entry and for one of more than [`ENTRY_BYTES_MAX`] bytes.
pub fn read_bundle(bytes: &[u8], width: u16) -> Result<Vec<&[u8]>, TileError> {
    let wrong = |why| TileError::Bundle { why };
    let mut rest = bytes;
    let mut entries = Vec::with_capacity(usize::from(width));
    for _ in 0..width {
        let (len, after) = rest
            .split_first_chunk::<2>()
            .ok_or(wrong("it holds too few entries"))?;
        let len = usize::from(u16::from_be_bytes(*len));
        if len == 0 || len > ENTRY_BYTES_MAX {
            return Err(wrong("an entry is empty or longer than 16 KiB"));
        }
        let (entry, after) = after
            .split_at_checked(len)
            .ok_or(wrong("it ends inside an entry"))?;
        entries.push(entry);
        rest = after;
    }
    if rest.is_empty() {
        Ok(entries)
    } else {
        Err(wrong("bytes follow the last entry"))
    }
}

/// The bytes of the partial tile or bundle that was published while this one had only `width` hashes or entries; `None` where
/// it has fewer.
#[must_use]
pub fn older(kind: TileKind, bytes: &[u8], width: u16) -> Option<&[u8]> {
    if let TileKind::Hashes(_) = kind {
        return bytes.get(..usize::from(width).saturating_mul(HASH_LEN));
    }
    let mut end = 0usize;
    for _ in 0..width {
        let (len, _) = bytes.get(end..)?.split_first_chunk::<2>()?;
        end = end
            .saturating_add(2)
            .saturating_add(usize::from(u16::from_be_bytes(*len)));
    }
    bytes.get(..end)
}

/// Appends one entry to a bundle; `None` for an entry longer than the format allows.
pub fn write_entry(entry: &[u8], bundle: &mut Vec<u8>) -> Option<()> {
    let len = u16::try_from(entry.len()).ok()?;
    bundle.extend_from_slice(&len.to_be_bytes());
    bundle.extend_from_slice(entry);
    Some(())
}

/// A number without sign or leading zeros.
fn decimal(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

fn parse_index(text: &str) -> Option<u64> {
    let mut groups: Vec<&str> = text.split('/').collect();
    let last = groups.pop()?;
    let mut index = 0u64;
    for group in groups {
        let group = group.strip_prefix('x')?;
        index = index.checked_mul(1000)?.checked_add(three_digits(group)?)?;
        // A first group of zeros would be a second spelling.
        if index == 0 {
            return None;
        }
    }
    index.checked_mul(1000)?.checked_add(three_digits(last)?)
}

fn three_digits(text: &str) -> Option<u64> {
    let is_three = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_three.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(old: u64, new: u64) -> Vec<String> {
        new_tiles(TreeSize(old), TreeSize(new))
            .unwrap()
            .map(|tile| tile.to_string())
            .collect()
    }

    /// The examples of c2sp.org/tlog-tiles.
    #[test]
    fn paths_and_counts_are_those_of_the_specification() {
        let tile = Tile::full(TileKind::Hashes(0), 1_234_067);
        assert_eq!(tile.to_string(), "tile/0/x001/x234/067");
        let all = paths(0, 70_000);
        let level = |prefix: &str| all.iter().filter(|path| path.starts_with(prefix)).count();
        assert_eq!((level("tile/0/"), level("tile/entries/")), (274, 274));
        assert!(all.contains(&"tile/0/273.p/112".to_owned()));
        assert!(all.contains(&"tile/entries/273.p/112".to_owned()));
        assert_eq!(
            &all[all.len() - 3..],
            ["tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"]
        );
        assert_eq!(
            paths(0, 256),
            ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]
        );
    }

    #[test]
    fn a_grown_log_needs_only_what_is_new() {
        assert_eq!(paths(5, 5), Vec::<String>::new());
        assert_eq!(paths(0, 0), Vec::<String>::new());
        assert_eq!(paths(5, 7), ["tile/entries/000.p/7", "tile/0/000.p/7"]);
        assert_eq!(
            paths(255, 257),
            [
                "tile/entries/000",
                "tile/entries/001.p/1",
                "tile/0/000",
                "tile/0/001.p/1",
                "tile/1/000.p/1"
            ]
        );
        assert_eq!(paths(257, 258), ["tile/entries/001.p/2", "tile/0/001.p/2"]);
        let shrinks = TileError::Shrinks {
            old: TreeSize(3),
            new: TreeSize(2),
        };
        assert_eq!(new_tiles(TreeSize(3), TreeSize(2)).err(), Some(shrinks));
        // Sizes of strangers are counted, never collected.
        let mut huge = new_tiles(TreeSize(0), TreeSize(u64::MAX)).unwrap();
        assert_eq!(huge.next(), Some(Tile::full(TileKind::Entries, 0)));
        let last = new_tiles(TreeSize(u64::MAX - 1), TreeSize(u64::MAX)).unwrap();
        assert_eq!(last.count(), 2);
    }

    /// By the formula of the specification, not by the code above.
    #[test]
    fn what_all_steps_add_is_what_the_end_has() {
        for end in [1u64, 255, 256, 257, 511, 512, 65_536, 65_793, 70_000] {
            let mut steps = std::collections::BTreeSet::new();
            for (old, new) in [(0, end / 3), (end / 3, end / 2), (end / 2, end)] {
                steps.extend(paths(old, new).into_iter().filter(|path| !path.contains(".p/")));
            }
            let mut wanted = std::collections::BTreeSet::new();
            for level in 0..7u32 {
                for index in 0..end >> (8 * (level + 1)) {
                    wanted.insert(Tile::full(TileKind::Hashes(level as u8), index).to_string());
                    if level == 0 {
                        wanted.insert(Tile::full(TileKind::Entries, index).to_string());
                    }
                }
            }
            assert_eq!(steps, wanted, "{end}");
        }
    }

    #[test]
    fn paths_go_out_and_come_back() {
        for index in [0, 1, 999, 1000, 1001, 999_999, 1_000_000, 1_234_067, u64::MAX] {
            for kind in [TileKind::Entries, TileKind::Hashes(0), TileKind::Hashes(63)] {
                for width in [1, 9, 10, 255, 256] {
                    let tile = Tile::try_new(kind, index, width).unwrap();
                    assert!(tile.to_string().len() <= PATH_BYTES_MAX);
                    assert_eq!(Tile::parse(&tile.to_string()), Ok(tile));
                }
            }
        }
        assert_eq!(Tile::try_new(TileKind::Hashes(64), 0, 1), None);
        assert_eq!(Tile::try_new(TileKind::Entries, 0, 0), None);
        assert_eq!(Tile::try_new(TileKind::Entries, 0, 257), None);
    }

    #[test]
    fn second_spellings_of_a_path_are_refused() {
        for bad in [
            "",
            "tile/",
            "tile/0",
            "tile/0/",
            "/tile/0/000",
            "tile/0/0",
            "tile/0/00",
            "tile/0/0000",
            "tile/00/000",
            "tile/+0/000",
            "tile/64/000",
            "tile/-1/000",
            "tile/data/000",
            "tile/entries/000/",
            "tile/0/x000/000",
            "tile/0/x000/x001/000",
            "tile/0/001/000",
            "tile/0/X001/000",
            "tile/0/x01/000",
            "tile/0/x001/0a0",
            "tile/0/x001/+00",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/01",
            "tile/0/000.p/",
            "tile/0/000.p/1.p/1",
            "tile/0/000.p/1/",
            "tile/0/../checkpoint",
            "tile/0/x018/x446/x744/x073/x709/x551/616",
            "tile/0/x018/x446/x744/x073/x709/x551/x615/x000/x000/x000/x000/x000/000",
        ] {
            assert!(matches!(Tile::parse(bad), Err(TileError::Path { .. })), "{bad}");
        }
    }

    #[test]
    fn a_bundle_holds_exactly_the_entries_it_names() {
        let entries: [&[u8]; 3] = [b"one", &[7; ENTRY_BYTES_MAX], b"three"];
        let mut bundle = Vec::new();
        for entry in entries {
            write_entry(entry, &mut bundle).unwrap();
        }
        assert_eq!(read_bundle(&bundle, 3).unwrap(), entries);
        let refused =
            |bytes: &[u8], width| matches!(read_bundle(bytes, width), Err(TileError::Bundle { .. }));
        assert!(refused(&bundle, 2) && refused(&bundle, 4));
        for cut in [0, 1, 2, 4, bundle.len() - 1] {
            assert!(refused(&bundle[..cut], 3), "{cut}");
        }
        assert!(refused(&[&bundle[..], &[0]].concat(), 3));
        assert!(refused(&[0, 0], 1));
        let mut long = Vec::new();
        write_entry(&vec![7; ENTRY_BYTES_MAX + 1], &mut long).unwrap();
        assert!(refused(&long, 1));
        assert_eq!(write_entry(&vec![0; 65_536], &mut long), None);
    }

    #[test]
    fn a_tile_has_the_bytes_of_its_width() {
        let hashes = [NodeHash::from_bytes([1; 32]), NodeHash::from_bytes([2; 32])];
        let bytes = write_hashes(&hashes);
        assert_eq!(read_hashes(&bytes, 2).unwrap(), hashes);
        for (bytes, width) in [(&bytes[..], 1), (&bytes[..], 3), (&bytes[..63], 2), (&[], 1)] {
            assert!(matches!(read_hashes(bytes, width), Err(TileError::Length { .. })));
        }
    }

    #[test]
    fn a_log_has_a_tile_up_to_its_size() {
        let at = |kind, index| Tile::of_log(kind, index, TreeSize(70_000)).map(|tile| tile.width());
        assert_eq!(at(TileKind::Entries, 272), Some(256));
        assert_eq!(at(TileKind::Hashes(0), 273), Some(112));
        assert_eq!(at(TileKind::Hashes(0), 274), None);
        assert_eq!(at(TileKind::Hashes(2), 0), Some(1));
        assert_eq!(at(TileKind::Hashes(3), 0), None);
        assert_eq!(at(TileKind::Hashes(63), 0), None);
    }
}
