//! Where the parts of an image file lie, as found by one bounded walk over its structure.

use std::ops::Range;

use super::{AssetError, Format};
use crate::base::Untrusted;
use crate::base::limits::{INFLATE_BYTES_MAX, PARTS_MAX};

/// What the walk over a container found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// Width and height in pixels as the header states them, before orientation.
    pub size: Option<(u32, u32)>,
    /// The EXIF block as a TIFF structure, without any `Exif\0\0` prefix. `None` for TIFF and DNG: there the whole file
    /// is the block, see [`super::Asset::exif_block`].
    pub exif: Option<Vec<u8>>,
    /// The XMP packet as found; ExtendedXMP of a JPEG is spliced into its `rdf:RDF`.
    pub xmp: Option<Vec<u8>>,
    /// The IPTC IIM datasets.
    pub iptc: Option<Vec<u8>>,
    /// Texts of the container's own kind: PNG text chunks, JPEG and GIF comments.
    pub texts: Vec<TextChunk>,
    /// The C2PA manifest store.
    pub store: StorePlace,
    /// Where the image ends by the container's own rule, in bytes; what follows is no part of it.
    pub image_end: usize,
    /// Facts worth stating that are no errors.
    pub oddities: Vec<Oddity>,
    /// Of a JPEG: the entropy-coded data of its first scan.
    pub(super) first_scan_data: Option<Range<usize>>,
}

/// One text of a container's own kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextChunk {
    /// The keyword, `parameters`; `Comment` where the container has none.
    pub keyword: Untrusted,
    /// The text, decoded and inflated.
    pub text: Untrusted,
    /// The kind of part: `tEXt`, `zTXt`, `iTXt`, `COM`, `comment extension`.
    pub place: &'static str,
    /// Where the part begins, in bytes.
    pub offset: usize,
}

/// Where the C2PA manifest store is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum StorePlace {
    /// There is none.
    #[default]
    Absent,
    /// There is something in the store's place that is no whole store.
    Damaged {
        /// What is wrong.
        why: Damage,
        /// The parts that hold it.
        ranges: Vec<Range<usize>>,
    },
    /// There is exactly one.
    Found {
        /// Its container parts, whole, in file order: APP11 segments, chunk, box. TIFF: the value's bytes. SVG: the base64 text.
        ranges: Vec<Range<usize>>,
        /// The JUMBF superbox, joined.
        jumbf: Vec<u8>,
    },
}

/// What is wrong with a manifest store as a part of its container, in a sentence. What is inside is judged elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Damage {
    /// The checksum of the part does not match.
    #[error("the checksum of the C2PA manifest store does not match")]
    Checksum,
    /// The text is no base64.
    #[error("the C2PA manifest store is not valid base64")]
    Encoding,
    /// The box does not have the length it claims.
    #[error("the length of the C2PA manifest store is not the one it states")]
    Length,
    /// It stands in the middle of other parts: a length before it is wrong.
    #[error("the C2PA manifest store stands where no part of the file begins")]
    Misplaced,
    /// It does not begin with a JUMBF superbox labelled `c2pa`.
    #[error("what stands in the place of the C2PA manifest store is not a C2PA JUMBF box")]
    NotJumbf,
    /// Padding is not zero.
    #[error("the padding of the C2PA manifest store is not zero")]
    Padding,
    /// The pieces are not numbered without gaps, or repeat a different box header.
    #[error("the pieces of the C2PA manifest store are out of sequence")]
    Sequence,
    /// There are several.
    #[error("there are several C2PA manifest stores in the file, and none of them was chosen")]
    Several,
    /// It exceeds the size limit.
    #[error("the C2PA manifest store is larger than the limit")]
    TooLarge,
}

/// A fact about a container that is worth stating; none of them is an error by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Oddity {
    /// A part follows the end of the image.
    AfterEnd {
        /// Where, in bytes.
        offset: usize,
    },
    /// Picture data lies in a part that by its kind holds none, and that no hash of the boxes covers.
    DataInPadding {
        /// Where the data begins, in bytes.
        offset: usize,
        /// Whether all of it lies in parts that mean nothing, which some hashes do cover.
        in_padding: bool,
    },
    /// What is shown depends on more than the file: a script runs, or another address is asked.
    Elsewhere {
        /// Where the first of it begins, in bytes.
        offset: usize,
    },
    /// Parts that mean nothing hold bytes other than zero.
    Padding {
        /// Where the first of them begins, in bytes.
        offset: usize,
        /// How many bytes there are in all of them.
        len: usize,
        /// How many of these are in parts that some hashes of the boxes do cover.
        hashed: usize,
    },
    /// There is a still picture and a sequence, and the file's type says which of them is shown.
    PictureAndSequence {
        /// Where the sequence's box begins, in bytes.
        offset: usize,
    },
    /// Tracks hold offsets of their own, which signing would not move.
    PlacesInTracks {
        /// Where the first box of them begins, in bytes.
        offset: usize,
    },
    /// A directory has one tag twice with different values, and programs differ in which they take.
    TagTwice {
        /// The tag.
        tag: u16,
        /// Where the directory begins, in bytes.
        offset: usize,
    },
    /// A part of the metadata could not be read.
    Unreadable {
        /// Which part.
        what: &'static str,
        /// Where, in bytes.
        offset: usize,
    },
    /// There are several parts where one is expected; the first was taken.
    Several {
        /// Which part.
        what: &'static str,
        /// Where the next one is, in bytes.
        offset: usize,
    },
    /// The pieces of the manifest store are numbered from another number than 1.
    PiecesFrom {
        /// The first one's.
        number: u32,
    },
    /// There are several C2PA manifest stores.
    SeveralStores {
        /// Where the second one begins, in bytes.
        offset: usize,
    },
    /// Bytes in the header that belong to no part.
    Stray {
        /// Where they begin.
        offset: usize,
        /// How many.
        len: usize,
    },
    /// The parts of the store do not follow each other without a gap.
    StoreNotContiguous {
        /// Where the first gap begins, in bytes.
        offset: usize,
    },
    /// Bytes follow the image.
    TrailingBytes {
        /// Where they begin.
        from: usize,
        /// How many.
        len: usize,
    },
    /// The file ends before the image does.
    Truncated {
        /// The part that is cut, or the file's length, in bytes.
        offset: usize,
    },
    /// The EXIF block has an `Exif\0\0` prefix where its container wants none.
    WrongExifPrefix {
        /// Where, in bytes.
        offset: usize,
    },
}

/// A part that holds a store: its container range, and its JUMBF bytes or what is wrong.
type StorePart = (Range<usize>, Result<Vec<u8>, Damage>);

/// A walk under way: counts parts, gathers findings.
pub(super) struct Walk<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) format: Format,
    pub(super) layout: Layout,
    /// How many bytes inflating may still yield, over all parts.
    pub(super) inflate_left: usize,
    parts: usize,
    stores: Vec<StorePart>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(format: Format, bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            format,
            layout: Layout::default(),
            inflate_left: INFLATE_BYTES_MAX,
            parts: 0,
            stores: Vec::new(),
        }
    }

    /// Counts one part against the limit.
    pub(super) fn part(&mut self) -> Result<(), AssetError> {
        self.parts = self.parts.saturating_add(1);
        if self.parts > PARTS_MAX {
            return Err(AssetError::TooManyParts {
                format: self.format,
                limit: PARTS_MAX,
            });
        }
        Ok(())
    }

    /// The error for a structure broken at `offset`.
    pub(super) fn malformed(&self, what: &'static str, offset: usize) -> AssetError {
        AssetError::Malformed {
            format: self.format,
            what,
            offset,
        }
    }

    /// Notes an oddity; of those that a file may repeat at will, the first ones.
    pub(super) fn odd(&mut self, oddity: Oddity) {
        let repeats = matches!(oddity, Oddity::Several { .. } | Oddity::Unreadable { .. });
        if repeats && self.layout.oddities.len() >= ODDITIES_MAX {
            return;
        }
        self.layout.oddities.push(oddity);
    }

    /// Takes the EXIF block unless there was one, dropping a wrong prefix.
    pub(super) fn exif(&mut self, block: &[u8], offset: usize) {
        if self.layout.exif.is_some() {
            return self.odd(Oddity::Several { what: "EXIF", offset });
        }
        let block = match block.strip_prefix(EXIF_PREFIX) {
            Some(rest) => {
                self.odd(Oddity::WrongExifPrefix { offset });
                rest
            }
            None => block,
        };
        if block.len() > crate::base::limits::EXIF_BYTES_MAX {
            return self.odd(Oddity::Unreadable { what: "EXIF", offset });
        }
        self.layout.exif = Some(block.to_vec());
    }

    /// Takes the XMP packet unless there was one.
    pub(super) fn xmp(&mut self, packet: &[u8], offset: usize) {
        if self.layout.xmp.is_some() {
            return self.odd(Oddity::Several { what: "XMP", offset });
        }
        if packet.len() > crate::base::limits::XMP_BYTES_MAX {
            return self.odd(Oddity::Unreadable { what: "XMP", offset });
        }
        self.layout.xmp = Some(packet.to_vec());
    }

    /// Notes a store in one part: its container range, and its JUMBF bytes or what is wrong.
    pub(super) fn store(&mut self, range: Range<usize>, jumbf: Result<Vec<u8>, Damage>) {
        self.stores.push((range, jumbf));
    }

    /// Where no part was a store but one stands in the bytes all the same, notes it as damaged: who put a length wrong did not take
    /// the credentials away.
    pub(super) fn search_for_store(&mut self) {
        if self.stores.is_empty()
            && let Some(at) = super::jumbf::place(self.bytes)
        {
            self.store(at..self.bytes.len(), Err(Damage::Misplaced));
        }
    }

    /// Ends the walk: the image ends at `end`.
    pub(super) fn finish(mut self, end: usize) -> Layout {
        let len = self.bytes.len();
        self.layout.image_end = end.min(len);
        if end < len {
            self.odd(Oddity::TrailingBytes {
                from: end,
                len: len.saturating_sub(end),
            });
        }
        if self.stores.len() > 1 {
            let ranges: Vec<_> = self.stores.iter().map(|store| store.0.clone()).collect();
            self.odd(Oddity::SeveralStores {
                offset: ranges.get(1).map_or(0, |range| range.start),
            });
            self.layout.store = StorePlace::Damaged {
                why: Damage::Several,
                ranges,
            };
        } else if let Some((range, jumbf)) = self.stores.pop() {
            let ranges = vec![range];
            self.layout.store = match jumbf.and_then(super::jumbf::checked) {
                Ok(jumbf) => StorePlace::Found { ranges, jumbf },
                Err(why) => StorePlace::Damaged { why, ranges },
            };
        }
        self.layout
    }
}

/// Most oddities of a kind that repeats.
const ODDITIES_MAX: usize = 64;
/// What stands before the TIFF block in a JPEG APP1 segment (Exif 3.0, 4.7.2).
pub(super) const EXIF_PREFIX: &[u8] = b"Exif\0\0";
