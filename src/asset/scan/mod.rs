//! One pass over a JPEG (ITU-T T.81: baseline, extended and progressive Huffman, 8 bits, 1, 3 or 4 components): its pixel digest
//! and its picture at a reduced size. Arithmetic, lossless, hierarchical and 12-bit coding are not read.
//!
//! # The rule `jpeg-coefficients.v1`
//!
//! Two JPEGs share the digest exactly when they hold the same quantised picture: metadata, Huffman tables, restart markers, scan
//! order, and baseline against progressive do not count, and no inverse DCT, whose rounding differs between decoders, takes part.
//! Orientation is metadata here and does not count. The digest is SHA-256 over
//!
//! ```text
//! "byline jpeg coefficients v1\0"            28 bytes
//! width, height                              u16 big-endian each, as stored
//! components                                 u8: 1, 3 or 4
//! colour                                     u8: 0 grey, 1 YCbCr, 2 RGB, 3 CMYK, 4 CMYK inverted (Adobe), 5 YCCK inverted (Adobe)
//! per component, in the order of SOF
//!   sampling factors                         u8 horizontal, u8 vertical (1, 1 for a single component)
//!   quantisation steps                       64 x u16 big-endian, zigzag order, as of the component's first scan
//! per component, in the order of SOF
//!   SHA-256 of its tokens                    32 bytes
//! ```
//!
//! and the tokens of a component are those of its blocks, rows from the top, blocks from the left, without blocks that only fill
//! up an MCU; of each block DC always (the value itself, not the difference) and every other coefficient that is not 0, in zigzag
//! order, each as u16 little-endian `k + 64 * (value + 512)` with `k` its place in the zigzag, for values from -511 to 511; any
//! other value is `k` followed by the value as i16 little-endian.
//!
//! # Damage
//!
//! A missing EOI is nothing. Where data ends early or makes no sense, decoding stops, the rest is grey, and `whole` is false.

mod bits;
mod channel;
mod colour;
mod dct;
mod header;
mod huffman;
mod progressive;
mod sequential;

use channel::{Channel, Plane};
use colour::Colour;
use dct::Scale;
use header::{Frame, ScanHeader, Settings};

use crate::base::{Digest, Hasher};

/// Most scans of one JPEG: encoders write about ten; each costs a walk over all blocks.
const SCANS_MAX: usize = 100;

/// What one pass yields.
pub(super) struct Scan {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) digest: Digest,
    /// Whether every coefficient was there.
    pub(super) whole: bool,
    colour: Colour,
    planes: Vec<Plane>,
}

/// Why there is no [`Scan`].
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ScanError {
    /// A coding process that is not read here.
    Unsupported,
    /// Beyond the limits; nothing was allocated.
    TooLarge {
        width: u32,
        height: u32,
        limit_pixels: u64,
    },
    /// What contradicts itself.
    Damaged(&'static str),
}

/// Decodes so that the longest side of the reduced picture is at least `side`, where the picture has as much. The coefficients of a
/// progressive picture, which are held until its last scan, may take `budget` bytes.
pub(super) fn scan(bytes: &[u8], side: u32, budget: u64) -> Result<Scan, ScanError> {
    if !bytes.starts_with(&[0xff, 0xd8]) {
        return Err(ScanError::Damaged("no JPEG"));
    }
    let mut settings = Settings::default();
    let mut state: Option<State> = None;
    let mut at = 2;
    let mut ended = false;
    while let Some((code, body_at)) = header::next_marker(bytes, at) {
        at = body_at;
        match code {
            0xd9 => {
                ended = true;
                break;
            }
            0x01 | 0xd0..=0xd8 => continue,
            0xc3 | 0xc5..=0xc7 | 0xc8..=0xcf | 0xdc | 0xde | 0xdf => return Err(ScanError::Unsupported),
            _ => {}
        }
        let Some((body, next)) = header::segment(bytes, at) else {
            break;
        };
        at = next;
        match code {
            0xc0..=0xc2 if state.is_some() => return Err(ScanError::Damaged("two frames")),
            0xc0..=0xc2 => state = Some(State::new(Frame::parse(code, body)?.within(budget)?, side)),
            0xda => {
                let state = state.as_mut().ok_or(ScanError::Damaged("scan before frame"))?;
                match state.scan(bytes, at, body, &settings)? {
                    Some(next) => at = next,
                    None => break,
                }
            }
            other => settings.take(other, body)?,
        }
    }
    state
        .ok_or(ScanError::Damaged("no frame"))?
        .finish(&settings, ended)
}

/// Between the scans.
struct State {
    frame: Frame,
    side: usize,
    /// Of each component, once its first scan has been met.
    slots: Vec<Option<Slot>>,
    scans: usize,
    damaged: bool,
}

struct Slot {
    quant: Box<[u16; 64]>,
    channel: Channel,
    /// Whether a sequential scan brought the component.
    scanned: bool,
    /// Coefficients of a progressive picture, 64 per block, MCU fillers included.
    stored: Vec<[i16; 64]>,
    stored_wide: usize,
}

impl State {
    fn new(frame: Frame, side: u32) -> Self {
        let slots = frame.components.iter().map(|_| None).collect();
        Self {
            frame,
            side: crate::asset::raster::index(side),
            slots,
            scans: 0,
            damaged: false,
        }
    }

    /// Decodes the scan whose data begins at `at`; yields where the next marker is, or `None` when decoding must stop.
    fn scan(
        &mut self,
        bytes: &[u8],
        at: usize,
        body: &[u8],
        settings: &Settings,
    ) -> Result<Option<usize>, ScanError> {
        self.scans += 1;
        let header = ScanHeader::parse(body, &self.frame);
        let header = match header {
            Ok(header) if self.scans <= SCANS_MAX => header,
            other if self.scans == 1 => return Err(other.err().unwrap_or(ScanError::Damaged("scans"))),
            _ => {
                self.damaged = true;
                return Ok(None);
            }
        };
        for part in &header.parts {
            self.open(part.component, settings)?;
        }
        let mut bits = bits::Bits::new(bytes, at);
        let done = if self.frame.progressive {
            progressive::decode(self, &header, settings, &mut bits)
        } else {
            sequential::decode(self, &header, settings, &mut bits)
        };
        self.damaged |= done.is_none();
        Ok(done.map(|()| bits.marker()))
    }

    /// Sets up a component at its first scan.
    fn open(&mut self, index: usize, settings: &Settings) -> Result<(), ScanError> {
        if self.slots[index].is_some() {
            return Ok(());
        }
        let component = &self.frame.components[index];
        let quant = settings.quant[usize::from(component.table & 3)].clone();
        let quant = quant.ok_or(ScanError::Damaged("no quantisation table"))?;
        let size = self.frame.samples_of(component);
        let wanted = if Colour::of(&self.frame, settings).luma_alone() && index > 0 {
            // Chroma of the thumbnail is halved anyhow; three eighths keep 4:2:0 pictures of a few megapixels at 1/8.
            self.side * 3 / 8
        } else {
            self.side
        };
        let scale = Scale::for_side(size.0.max(size.1), wanted);
        let blocks = self.frame.blocks_of(component);
        let (mut stored, mut stored_wide) = (Vec::new(), 0);
        if self.frame.progressive {
            let mcus = self.frame.mcus();
            stored_wide = mcus.0 * usize::from(component.horizontal);
            stored = vec![[0; 64]; stored_wide * mcus.1 * usize::from(component.vertical)];
        }
        let channel = Channel::new(blocks, size, &quant, scale);
        self.slots[index] = Some(Slot {
            quant,
            channel,
            scanned: false,
            stored,
            stored_wide,
        });
        Ok(())
    }

    fn finish(mut self, settings: &Settings, ended: bool) -> Result<Scan, ScanError> {
        if self.frame.progressive {
            for slot in self.slots.iter_mut().flatten() {
                slot.settle();
            }
        }
        let complete = self.slots.iter().all(Option::is_some);
        let slots: Vec<Slot> = self.slots.into_iter().flatten().collect();
        if !complete {
            return Err(ScanError::Damaged("a component without a scan"));
        }
        let colour = Colour::of(&self.frame, settings);
        let digest = digest(&self.frame, colour, &slots);
        let planes = slots.into_iter().map(|slot| slot.channel.plane).collect();
        let whole = !self.damaged && (ended || !self.frame.progressive);
        let (width, height) = (u32::from(self.frame.width), u32::from(self.frame.height));
        Ok(Scan {
            width,
            height,
            digest,
            whole,
            colour,
            planes,
        })
    }
}

impl Slot {
    /// Makes tokens and samples of stored coefficients.
    fn settle(&mut self) {
        let wide = self.channel.blocks_wide;
        for (y, row) in self
            .stored
            .chunks_exact(self.stored_wide.max(1))
            .take(self.channel.blocks_high)
            .enumerate()
        {
            for (x, block) in row.iter().take(wide).enumerate() {
                // A stored block is always there.
                let _ = self.channel.take(channel::Stored(block), (x, y), 0);
            }
            self.channel.end_row();
        }
    }
}

fn digest(frame: &Frame, colour: Colour, slots: &[Slot]) -> Digest {
    let mut hasher = Hasher::new();
    hasher.update(b"byline jpeg coefficients v1\0");
    hasher.update(&frame.width.to_be_bytes());
    hasher.update(&frame.height.to_be_bytes());
    let [count, ..] = frame.components.len().to_le_bytes();
    hasher.update(&[count, colour.code()]);
    for (component, slot) in frame.components.iter().zip(slots) {
        hasher.update(&[component.horizontal, component.vertical]);
        for step in slot.quant.iter() {
            hasher.update(&step.to_be_bytes());
        }
    }
    for slot in slots {
        hasher.update(slot.channel.digest().as_bytes());
    }
    hasher.finish()
}
