//! What a picture looks like in a hundred places, as data: how it is computed and compared is `similar::deep`'s business.

/// Most points of one picture.
pub const POINTS_MAX: usize = 100;

/// Ways in which a look is looked up.
pub const TABLES: usize = 2;

/// Bits of a key.
pub const KEY_BITS: usize = 24;

/// Bytes of a sketch.
pub const SKETCH_LEN: usize = 512;

/// What a picture looks like around one place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LocalPoint {
    /// Where it is in the canonical luma, sixteenths of a pixel.
    pub x: u16,
    /// See `x`.
    pub y: u16,
    /// Its size: `2^(size/16)` pixels of the canonical luma.
    pub size: u8,
    /// Which way it points, 256ths of a turn, clockwise from the right.
    pub turn: u8,
    /// Its look, of that size and turned that way.
    pub bits: [u8; 16],
}

impl LocalPoint {
    /// Bytes of a point.
    pub const LEN: usize = 22;

    /// The key of this look in a table, and 32 other bits of it, by which most of what has the same key is told apart.
    #[must_use]
    pub fn key(&self, table: usize) -> (u32, u32) {
        let bits = u128::from_le_bytes(self.bits);
        let (key, check) = places(table).split_at(KEY_BITS);
        let gather = |places: &[u8]| {
            let bit = |place: &u8| u32::from(bits >> place & 1 == 1);
            places.iter().fold(0, |found, place| found << 1 | bit(place))
        };
        (gather(key), gather(check))
    }

    /// Which bits the key of a table is made of, the first the most significant.
    #[must_use]
    pub fn key_places(table: usize) -> &'static [u8] {
        places(table).split_at(KEY_BITS).0
    }

    /// How many of the 128 bits differ.
    #[must_use]
    pub fn distance_bits(&self, other: &Self) -> u32 {
        (u128::from_le_bytes(self.bits) ^ u128::from_le_bytes(other.bits)).count_ones()
    }
}

/// One look that is searched for in one table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    /// In which table.
    pub table: usize,
    /// Under which key.
    pub key: u32,
    /// The other bits.
    pub check: u32,
    /// Which point asks: several probes of one point count once.
    pub point: u8,
    /// Points of one group are counted together: those of the picture as it is, and those of it mirrored.
    pub group: u8,
}

/// What a picture looks like in many places, and all of it in a few tones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalPrint {
    /// Sides of the canonical luma, pixels.
    pub size: (u16, u16),
    /// The places, at most [`POINTS_MAX`].
    pub points: Vec<LocalPoint>,
    /// Means of 32 x 32 equal cells of the picture, in 16 tones: two of a row in a byte, the left one in the upper half.
    pub sketch: [u8; SKETCH_LEN],
}

impl LocalPrint {
    /// Bytes of a print, with room for [`POINTS_MAX`] points.
    pub const LEN: usize = 8 + POINTS_MAX * LocalPoint::LEN + SKETCH_LEN;

    /// The tone of a cell, 0 to 15.
    #[must_use]
    pub fn tone(&self, column: usize, row: usize) -> u8 {
        let byte = self
            .sketch
            .get(usize::midpoint(row * 32, column))
            .copied()
            .unwrap_or(0);
        if column.is_multiple_of(2) {
            byte >> 4
        } else {
            byte & 15
        }
    }

    /// Always [`Self::LEN`] bytes: sides, number of points, the points, zeros, the sketch; numbers little-endian.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(Self::LEN);
        out.extend_from_slice(&self.size.0.to_le_bytes());
        out.extend_from_slice(&self.size.1.to_le_bytes());
        let points = self.points.get(..POINTS_MAX).unwrap_or(&self.points);
        out.extend_from_slice(&u32::try_from(points.len()).unwrap_or(0).to_le_bytes());
        for point in points {
            out.extend_from_slice(&point.x.to_le_bytes());
            out.extend_from_slice(&point.y.to_le_bytes());
            out.extend_from_slice(&[point.size, point.turn]);
            out.extend_from_slice(&point.bits);
        }
        out.resize(Self::LEN - SKETCH_LEN, 0);
        out.extend_from_slice(&self.sketch);
        out
    }

    /// Of bytes as [`Self::to_bytes`] makes them; `None` for any others.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (head, rest) = bytes.split_first_chunk::<8>()?;
        let (area, sketch) = rest.split_last_chunk::<SKETCH_LEN>()?;
        let [w0, w1, h0, h1, count @ ..] = *head;
        let count = usize::try_from(u32::from_le_bytes(count)).ok()?;
        let (points, zeros) = area.split_at_checked(count.checked_mul(LocalPoint::LEN)?)?;
        let is_whole = area.len() == POINTS_MAX * LocalPoint::LEN && zeros.iter().all(|byte| *byte == 0);
        let size = (u16::from_le_bytes([w0, w1]), u16::from_le_bytes([h0, h1]));
        let point = |bytes: &[u8; LocalPoint::LEN]| {
            let [x0, x1, y0, y1, size, turn, bits @ ..] = *bytes;
            LocalPoint {
                x: u16::from_le_bytes([x0, x1]),
                y: u16::from_le_bytes([y0, y1]),
                size,
                turn,
                bits,
            }
        };
        is_whole.then(|| Self {
            size,
            points: points.as_chunks().0.iter().map(point).collect(),
            sketch: *sketch,
        })
    }
}

fn places(table: usize) -> &'static [u8; 56] {
    ORDER.get(table).unwrap_or(&ORDER[0])
}

/// Which bits make the key and the check of each table, drawn once.
const ORDER: [[u8; 56]; TABLES] = [
    [
        29, 115, 1, 105, 14, 122, 112, 15, 117, 24, 76, 94, 78, 48, 64, 96, 126, 39, 127, 54, 70, 87, 99, 82,
        19, 124, 65, 84, 62, 90, 71, 21, 66, 107, 18, 101, 6, 40, 25, 20, 36, 95, 42, 93, 7, 110, 123, 118,
        111, 74, 49, 60, 98, 5, 35, 106,
    ],
    [
        12, 34, 2, 61, 119, 38, 8, 97, 0, 86, 11, 55, 57, 103, 104, 59, 89, 27, 75, 17, 23, 43, 58, 22, 3,
        114, 53, 125, 33, 46, 67, 32, 102, 77, 45, 113, 91, 30, 92, 73, 9, 63, 26, 108, 47, 88, 50, 51, 72,
        83, 68, 16, 100, 69, 31, 44,
    ],
];
