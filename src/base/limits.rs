//! Every bound in one place, each with its unit and its reason. A file beyond a bound is a verdict, not a crash.
//!
//! # What bounds what
//!
//! Time is bounded by counts, not by a clock: the same file is refused, or read, on every machine and under any load. Each parser
//! compares a length with the bytes left before it allocates, and walks without recursion or to a depth that is bounded.
//!
//! | what is read | bounded by |
//! |---|---|
//! | any file | [`FILE_BYTES_MAX`]; parts of one container: [`PARTS_MAX`] |
//! | AVIF, HEIC | [`BMFF_BOXES_MAX`], in boxes of boxes too |
//! | TIFF, DNG | 2,000 directories of [`PARTS_MAX`] entries, 262,144 strips and tiles over all (`asset::tiff_read`) |
//! | SVG | 20 x [`PARTS_MAX`] nodes, 1,000 elements deep, 64 KiB before the root (`asset::svg`); no entities, no DTD |
//! | pixels | [`PIXELS_MAX`], [`SIDE_MAX`]; memory, that of the coefficients of progressive JPEG too: [`DECODE_BYTES_MAX`], and of small files [`DECODE_BYTES_FREE`] and [`DECODE_RATIO_MAX`]; 100 scans of a JPEG (`asset::scan`) |
//! | compressed text | [`INFLATE_BYTES_MAX`] over the file, [`INFLATE_RATIO_MAX`], [`INFLATE_BYTES_FREE`] |
//! | EXIF | [`EXIF_BYTES_MAX`], 8,192 entries, chains of 16 directories (`metadata::tiff`) |
//! | XMP | [`XMP_BYTES_MAX`], [`XMP_NODES_MAX`], [`XMP_DEPTH_MAX`] |
//! | IPTC | 1,024 data sets (`metadata::iptc`) |
//! | one field of any of them | [`FIELD_BYTES_MAX`] |
//! | text of generators | [`GENERATOR_BYTES_MAX`], [`GENERATOR_TEXTS_MAX`], [`JSON_DEPTH_MAX`], [`JSON_NODES_MAX`], [`GRAPH_NODES_MAX`], [`GRAPH_INPUTS_MAX`] |
//! | a manifest store | [`MANIFEST_BYTES_MAX`], [`BOX_DEPTH_MAX`], [`PARTS_MAX`] |
//! | the same, before the C2PA SDK sees it | [`STORE_BOXES_MAX`], [`STORE_ITEMS_MAX`], [`STORE_STEPS_MAX`], [`INFLATE_BYTES_MAX`] over its compressed manifests (`manifest::cost`) |
//! | a signed thumbnail | [`THUMBNAIL_BYTES_MAX`], [`THUMBNAIL_PIXELS_MAX`] |
//! | keys, certificates, lists | [`KEY_FILE_BYTES_MAX`], [`LIST_FILE_BYTES_MAX`], [`LIST_CERTIFICATES_MAX`] |
//! | a ledger entry | [`ENTRY_BYTES_MAX`] |
//!
//! `cargo bench --bench bombs` measures what files made to cost much do cost, `--bench mutants` what files broken by chance do.

/// Largest image file read, bytes: what fits six times into a small server's memory.
pub const FILE_BYTES_MAX: u64 = 1 << 30;
/// Most pixels a decoder may be asked for: 60,000 x 60,000 headers are refused before any allocation.
pub const PIXELS_MAX: u64 = 300_000_000;
/// Longest side a decoder may be asked for, pixels.
pub const SIDE_MAX: u32 = 65_535;
/// Most bytes a decoder may allocate for one picture.
pub const DECODE_BYTES_MAX: u64 = 2 << 30;
/// Most bytes a decoder may allocate for any picture however small its file: 64 million pixels of three bytes. Of a TIFF half of it,
/// for its decoder needs the room twice.
pub const DECODE_BYTES_FREE: u64 = 192 << 20;
/// Most decoded bytes for each byte of the file beyond that.
pub const DECODE_RATIO_MAX: u64 = 5;
/// Largest C2PA manifest store, bytes.
pub const MANIFEST_BYTES_MAX: usize = 64 << 20;
/// Most boxes of a manifest store that is checked, those in compressed manifests counted; large real ones have some hundred.
pub const STORE_BOXES_MAX: usize = 10_000;
/// Most values in the CBOR and JSON of such a store: read, each takes some 600 bytes. Large real ones have some ten thousand.
pub const STORE_ITEMS_MAX: usize = 200_000;
/// Most steps that checking a manifest store may take, of which 20,000 are a millisecond: `manifest::cost` says what is a step.
/// A picture of three hundred signed parents stays below it.
pub const STORE_STEPS_MAX: u64 = 20_000_000;
/// Most boxes of an AVIF or HEIC, in all containers of boxes; the C2PA SDK takes time by the square of their number.
pub const BMFF_BOXES_MAX: usize = 10_000;
/// Most boxes, chunks or segments in one container.
pub const PARTS_MAX: usize = 100_000;
/// Deepest nesting of boxes.
pub const BOX_DEPTH_MAX: usize = 16;
/// Largest EXIF block read, bytes (EXIF in JPEG ends at 64 KiB; HEIC and PNG may hold more).
pub const EXIF_BYTES_MAX: usize = 8 << 20;
/// Largest XMP packet read, bytes.
pub const XMP_BYTES_MAX: usize = 16 << 20;
/// Most XML nodes of an XMP packet.
pub const XMP_NODES_MAX: usize = 50_000;
/// Deepest nesting of XML elements in an XMP packet.
pub const XMP_DEPTH_MAX: usize = 64;
/// Most bytes that inflating one chunk may yield.
pub const INFLATE_BYTES_MAX: usize = 16 << 20;
/// Most bytes that inflating may yield for each byte it is given; deflate can do 1032, text that people write about 10.
pub const INFLATE_RATIO_MAX: usize = 100;
/// Most bytes that inflating may yield whatever the ratio: padding of small packets inflates well.
pub const INFLATE_BYTES_FREE: usize = 1 << 16;
/// Most bytes of generator text read of one file; graphs of large workflows have some hundred KiB.
pub const GENERATOR_BYTES_MAX: usize = 16 << 20;
/// Most texts of one file that are tried as generator text.
pub const GENERATOR_TEXTS_MAX: usize = 64;
/// Deepest nesting of JSON read out of a file.
pub const JSON_DEPTH_MAX: usize = 64;
/// Most values of one JSON text.
pub const JSON_NODES_MAX: usize = 200_000;
/// Most nodes of one graph of generator steps; large workflows have some hundred.
pub const GRAPH_NODES_MAX: usize = 4096;
/// Most values and links of all nodes of one graph; real nodes have about ten.
pub const GRAPH_INPUTS_MAX: usize = 32_768;
/// Longest text of one metadata field shown or kept, bytes.
pub const FIELD_BYTES_MAX: usize = 1 << 16;
/// Largest ledger entry, bytes. The hard cap of tile entry bundles is 65,535 (c2sp.org/tlog-tiles).
pub const ENTRY_BYTES_MAX: usize = 16 << 10;
/// Largest key file, certificate chain or trust file, bytes.
pub const KEY_FILE_BYTES_MAX: u64 = 1 << 20;
/// How long a command waits for another that makes or changes keys, milliseconds.
pub const KEY_FOLDER_WAIT_MS: u64 = 10_000;
/// Largest file of a trust list, bytes.
pub const LIST_FILE_BYTES_MAX: u64 = 4 << 20;
/// Most certificates in a trust list: the largest in use has 64.
pub const LIST_CERTIFICATES_MAX: usize = 2000;
/// Longest side of the claim thumbnail, pixels.
pub const THUMBNAIL_SIDE_MAX: u32 = 512;
/// Largest claim thumbnail of others that is decoded, bytes: those of cameras and generators stay under 1 MiB.
pub const THUMBNAIL_BYTES_MAX: usize = 4 << 20;
/// Most pixels of a claim thumbnail of others that is decoded.
pub const THUMBNAIL_PIXELS_MAX: u64 = 16 << 20;

const _: () = assert!(ENTRY_BYTES_MAX <= 65_535);
const _: () = assert!(EXIF_BYTES_MAX <= XMP_BYTES_MAX);
const _: () = assert!(INFLATE_BYTES_FREE <= INFLATE_BYTES_MAX);
