//! The codes of a ledger searched for one picture: the nearest registered pictures, each read again from its entry.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::app::{Error, Kind, ledger_open};
use crate::asset::pixels::Picture;
use crate::base::fingerprint::{Algorithm, QUALITY_MIN};
use crate::ledger::{Entry, EntryBody, LeafIndex, LookupMode, Registration};
use crate::similar::chance::{Chance, Likeness, Strangers};
use crate::similar::index::{self, Code};
use crate::similar::pdq;
use crate::similar::turned::{MAY_DIFFER_BITS, turned};
use crate::similar::variants::{self, Attitude, Variant, View};
use crate::store::codes::Codes;
use crate::store::ledger_file::{LedgerFile, StoreError};

/// The codes of one ledger, read once for all pictures.
pub(in crate::app) struct Alike {
    codes: Codes,
    /// How many registrations have codes, and how many there are.
    pictures: u64,
    registrations: u64,
    private: bool,
}

/// Codes found near one query, nearest first: how many bits differ, where the entry stands, and which of its codes it is.
pub(in crate::app) struct CodesNear {
    pub(in crate::app) hits: Vec<(u32, LeafIndex, Algorithm)>,
    /// How many there are, those left out among them.
    pub(in crate::app) total: u64,
}

/// What a picture is looked for by.
pub(in crate::app) struct Wanted {
    /// Its codes, the plain one first.
    variants: Vec<Variant>,
}

/// A registered picture that looks like the one looked for.
pub(in crate::app) struct Near {
    /// Where its entry stands.
    pub(in crate::app) index: LeafIndex,
    /// Its entry, proved.
    pub(in crate::app) entry: Entry,
    /// How many of 256 bits differ.
    pub(in crate::app) distance_bits: u32,
    /// Which view of the picture looked for came so near.
    pub(in crate::app) by: Variant,
    /// Which part of the registered one.
    pub(in crate::app) of: Algorithm,
}

impl Near {
    /// Whether both pictures were compared as they are.
    pub(in crate::app) fn is_plain(&self) -> bool {
        let Variant {
            view,
            attitude,
            inverted,
            ..
        } = self.by;
        (view, attitude, inverted) == (View::Whole, Attitude::UPRIGHT, false) && self.of == Algorithm::PdqFull
    }
}

/// What a search found.
#[derive(Default)]
pub(in crate::app) struct Nears {
    /// The nearest, by distance, then place in the log.
    pub(in crate::app) shown: Vec<Near>,
    /// How many more there are, at least.
    pub(in crate::app) more: u64,
}

impl Wanted {
    /// What a picture is looked for by, or why its looks say too little, in a sentence.
    pub(in crate::app) fn of(picture: &Picture) -> Result<Self, String> {
        let quality = pdq::of_centre(&picture.luma, 100).quality;
        if quality < QUALITY_MIN {
            return Err(too_flat(quality));
        }
        Ok(Self {
            variants: variants::variants(&picture.luma),
        })
    }

    /// What a registered picture is looked for by, where its entry says enough: as it is, without looking at it.
    pub(in crate::app) fn recorded(registration: &Registration) -> Option<Self> {
        let (code, _) = plain(registration).filter(|(_, quality)| *quality >= QUALITY_MIN)?;
        Some(Self {
            variants: vec![Variant {
                view: View::Whole,
                attitude: Attitude::UPRIGHT,
                inverted: false,
                code,
            }],
        })
    }

    /// All its codes.
    pub(in crate::app) fn codes(&self) -> Vec<Code> {
        self.variants.iter().map(|variant| variant.code).collect()
    }

    /// The code of the whole picture as it is.
    pub(in crate::app) fn plain(&self) -> Option<&Code> {
        self.variants.first().map(|variant| &variant.code)
    }

    /// The codes of the whole picture in its attitudes, as it is first.
    pub(in crate::app) fn attitudes(&self) -> Vec<(Attitude, Code)> {
        let is_whole = |variant: &&Variant| variant.view == View::Whole && !variant.inverted;
        let wholes = self.variants.iter().filter(is_whole);
        wholes.map(|variant| (variant.attitude, variant.code)).collect()
    }
}

/// Why a picture cannot be told from others.
pub(in crate::app) fn too_flat(quality: u8) -> String {
    format!(
        "it is too flat or too small to be told from others by its looks (quality {quality} of 100, {QUALITY_MIN} are needed)"
    )
}

impl Alike {
    /// Reads the codes of a ledger.
    pub(in crate::app) fn open(ledger: &LedgerFile, path: &Path) -> Result<Self, Error> {
        let codes = ledger.codes().map_err(|error| ledger_open::fault(path, &error))?;
        if codes.bits().len() > index::CODES_MAX {
            let what = format!(
                "the pictures of `{}` are too many to be searched by their looks",
                path.display()
            );
            return Err(Error::new(Kind::World, "find.too-many", what).why(format!(
                "it holds {} codes; the limit is {}",
                codes.bits().len(),
                index::CODES_MAX
            )));
        }
        Ok(Self {
            pictures: u64::try_from(codes.pictures()).unwrap_or(u64::MAX),
            registrations: codes.registrations(),
            private: ledger.header().mode == LookupMode::Private,
            codes,
        })
    }

    /// Of codes that are held elsewhere: how many registrations have some, of how many.
    #[cfg(feature = "postgres")]
    pub(in crate::app) fn elsewhere(pictures: u64, registrations: u64) -> Self {
        Self {
            codes: Codes::default(),
            pictures,
            registrations,
            private: false,
        }
    }

    /// How many registered pictures are searched.
    pub(in crate::app) const fn pictures(&self) -> u64 {
        self.pictures
    }

    /// How many registrations have no code worth searching.
    pub(in crate::app) const fn without_code(&self) -> u64 {
        self.registrations.saturating_sub(self.pictures)
    }

    /// Whether the ledger records no codes at all.
    pub(in crate::app) const fn is_private(&self) -> bool {
        self.private
    }

    /// What this ledger cannot be searched for, in sentences.
    pub(in crate::app) fn gaps(&self) -> Vec<String> {
        if self.private {
            return vec![PRIVATE.to_owned()];
        }
        let without = self.without_code();
        let said = match without {
            0 => return Vec::new(),
            1 => "1 registration".to_owned(),
            more => format!("{more} registrations"),
        };
        vec![format!(
            "{said} without a fingerprint that says enough: of a format that is not decoded, too flat or too small"
        )]
    }

    /// The registered pictures of a likeness or a closer one, nearest first, at most `most` of them.
    ///
    /// Each is read from the ledger and compared again: what the file of codes says alone counts for nothing.
    pub(in crate::app) fn near(
        &self,
        ledger: &LedgerFile,
        wanted: &Wanted,
        likeness: Likeness,
        most: usize,
    ) -> Result<Nears, StoreError> {
        // There are no more than an index may hold, see `open`.
        let found = index::scan_within(
            self.codes.bits(),
            &wanted.codes(),
            likeness.radius_bits(),
            HITS_MAX,
            THREADS,
        )
        .unwrap_or_default();
        let place = |hit: &index::Hit| {
            let (index, of) = self.codes.place(usize::try_from(hit.id).ok()?)?;
            Some((hit.distance_bits, index, of))
        };
        let found = found.iter().map(|near| CodesNear {
            hits: near.hits.iter().filter_map(place).collect(),
            total: near.total,
        });
        judged(ledger, wanted, &found.collect::<Vec<_>>(), most)
    }

    /// The registrations of which a picture with this code may be a mirrored or turned copy: few of many, told without the picture.
    pub(in crate::app) fn may_be_turned(&self, code: &Code) -> BTreeSet<LeafIndex> {
        let codes = turned(code);
        let found = index::scan_within(self.codes.bits(), &codes, MAY_DIFFER_BITS, HITS_MAX, THREADS);
        let found = found.unwrap_or_default();
        let hits = found.iter().flat_map(|near| &near.hits);
        hits.filter_map(|hit| Some(self.codes.place(usize::try_from(hit.id).ok()?)?.0))
            .collect()
    }
}

/// The pictures of codes found for each view of the picture looked for, nearest first, at most `most` of them: each is read from the
/// ledger and compared again, so whoever found the codes can hide some, never add any.
pub(in crate::app) fn judged(
    ledger: &LedgerFile,
    wanted: &Wanted,
    found: &[CodesNear],
    most: usize,
) -> Result<Nears, StoreError> {
    let mut best: BTreeMap<LeafIndex, Best> = BTreeMap::new();
    let mut least = 0;
    for (at, near) in found.iter().enumerate() {
        least = least.max(near.total.div_ceil(4));
        let view = wanted
            .variants
            .get(at)
            .filter(|variant| !variant.inverted)
            .map(|variant| variant.view);
        for (distance_bits, index, of) in &near.hits {
            let is_full = view == Some(View::Whole) && *of == Algorithm::PdqFull;
            best.entry(*index)
                .or_default()
                .add((*distance_bits, at, *of), is_full);
        }
    }
    let told = best
        .into_iter()
        .filter_map(|(index, best)| Some((best.told()?, index)));
    let mut ranked: Vec<_> = told.collect();
    ranked.sort_unstable();
    let mut nears = Nears::default();
    let mut left = ranked.into_iter();
    for ((distance_bits, at, of), index) in left.by_ref() {
        let entry = ledger.entry(index)?;
        let Some(variant) = wanted.variants.get(at) else {
            continue;
        };
        if distance(&entry, of, &variant.code) == Some(distance_bits) {
            nears.shown.push(Near {
                index,
                entry,
                distance_bits,
                by: *variant,
                of,
            });
        }
        if nears.shown.len() >= most {
            break;
        }
    }
    // A picture has four codes: a view that so many are near to leads to at least a fourth as many.
    let seen = nears.shown.len().saturating_add(left.len());
    let there = u64::try_from(seen).unwrap_or(u64::MAX).max(least);
    let shown = u64::try_from(nears.shown.len()).unwrap_or(u64::MAX);
    nears.more = there.saturating_sub(shown);
    Ok(nears)
}

/// A code of the picture looked for beside one of a registered picture: how many bits differ, which view, and which part.
type Pair = (u32, usize, Algorithm);

/// The nearest codes of two pictures: of any parts of them, and of both whole.
#[derive(Default)]
struct Best {
    any: Option<Pair>,
    full: Option<Pair>,
}

impl Best {
    fn add(&mut self, this: Pair, is_full: bool) {
        let nearer = |known: Option<Pair>| Some(known.map_or(this, |known| known.min(this)));
        self.any = nearer(self.any);
        if is_full {
            self.full = nearer(self.full);
        }
    }

    /// The pair by which the likeness is told: that of the whole pictures, unless one of parts is clearly nearer.
    ///
    /// In a copy that was only made smaller the inner parts often differ in fewer bits than the whole, by chance: by that it was not cut.
    fn told(&self) -> Option<Pair> {
        let any = self.any?;
        let is_about_as_near = |full: &Pair| {
            full.0 <= any.0.saturating_add(PART_NEARER_BITS) && Likeness::of(full.0) == Likeness::of(any.0)
        };
        Some(self.full.filter(is_about_as_near).unwrap_or(any))
    }
}

/// How far a code is from that of an entry.
fn distance(entry: &Entry, of: Algorithm, code: &Code) -> Option<u32> {
    let EntryBody::AssetRegister(body) = entry.body() else {
        return None;
    };
    let print = body.fingerprints.iter().find(|print| print.algorithm == of)?;
    Some(index::distance_bits(&print.bits, code))
}

/// In how many of 256 bits a picture as it is differs from the one of an entry as it is; all, where one has no code.
pub(in crate::app) fn plain_distance(entry: &Entry, picture: &Picture) -> u32 {
    let code = pdq::of_centre(&picture.luma, 100);
    distance(entry, Algorithm::PdqFull, &code.bits).unwrap_or(256)
}

/// The codes of whole pictures, to which those of a batch are added as they are registered.
pub(in crate::app) struct Wholes {
    codes: index::Index,
    places: Vec<LeafIndex>,
    without_code: u64,
    private: bool,
    strangers: Strangers,
}

impl Wholes {
    /// Those of a ledger.
    pub(in crate::app) fn of(alike: &Alike) -> Self {
        let bits = alike.codes.bits();
        let codes: Vec<Code> = bits.iter().step_by(Codes::KINDS.len()).copied().collect();
        let place = |at: usize| alike.codes.place(at).map(|(index, _)| index);
        let places = (0..bits.len()).step_by(Codes::KINDS.len()).filter_map(place);
        Self {
            places: places.collect(),
            // They are fewer than those that were let in.
            codes: index::Index::scanned(codes).unwrap_or_default(),
            without_code: alike.without_code(),
            private: alike.private,
            strangers: Strangers::reference(),
        }
    }

    /// Adds what was registered.
    pub(in crate::app) fn add(&mut self, index: LeafIndex, registration: &Registration) {
        if self.private {
            return;
        }
        let print = plain(registration).filter(|print| print.1 >= QUALITY_MIN);
        match print {
            Some((code, _)) if self.codes.push(code).is_ok() => self.places.push(index),
            _ => self.without_code += 1,
        }
    }

    /// The nearest, with their distances and attitudes: at most `most`; `attitudes` are those of the picture, upright first. Mirrored and turned ones only where they look the same: all others
    /// are compared as they are.
    pub(in crate::app) fn nearest(
        &self,
        attitudes: &[(Attitude, Code)],
        most: usize,
    ) -> Vec<(u32, LeafIndex, Attitude)> {
        let codes: Vec<Code> = attitudes.iter().map(|(_, code)| *code).collect();
        let found = self.codes.nearest(&codes, most, 1);
        let mut best: BTreeMap<LeafIndex, (u32, Attitude)> = BTreeMap::new();
        for ((attitude, _), hits) in attitudes.iter().zip(&found) {
            let counts = |hit: &&index::Hit| {
                *attitude == Attitude::UPRIGHT || Likeness::of(hit.distance_bits) == Likeness::Same
            };
            for hit in hits.iter().filter(counts) {
                let place = usize::try_from(hit.id).ok().and_then(|at| self.places.get(at));
                let Some(place) = place else { continue };
                let known = best.entry(*place).or_insert((hit.distance_bits, *attitude));
                if hit.distance_bits < known.0 {
                    *known = (hit.distance_bits, *attitude);
                }
            }
        }
        let mut ranked: Vec<_> = best
            .into_iter()
            .map(|(index, (bits, by))| (bits, index, by))
            .collect();
        ranked.sort_by_key(|(bits, index, _)| (*bits, *index));
        ranked.truncate(most);
        ranked
    }

    /// With how many pictures one is compared, these entries of its own not counted.
    pub(in crate::app) fn others(&self, own: &[LeafIndex]) -> u64 {
        let own: BTreeSet<LeafIndex> = own.iter().copied().collect();
        let mine = self.places.iter().filter(|index| own.contains(*index));
        let mine = if own.is_empty() { 0 } else { mine.count() };
        u64::try_from(self.codes.len().saturating_sub(mine)).unwrap_or(u64::MAX)
    }

    /// With how many registrations it is not.
    pub(in crate::app) const fn without_code(&self) -> u64 {
        self.without_code
    }

    /// Whether the ledger records no codes at all.
    pub(in crate::app) const fn is_private(&self) -> bool {
        self.private
    }

    /// How often unrelated pictures of so many come as near.
    pub(in crate::app) fn chance(&self, distance_bits: u32, pictures: u64) -> Chance {
        self.strangers.chance(distance_bits, pictures)
    }
}

/// The code of the whole picture, and its quality.
pub(in crate::app) fn plain(registration: &Registration) -> Option<(Code, u8)> {
    let mut prints = registration.fingerprints.iter();
    let print = prints.find(|print| print.algorithm == Algorithm::PdqFull)?;
    Some((print.bits, print.quality))
}

/// Said of a private ledger.
pub(in crate::app) const PRIVATE: &str =
    "the looks: a private ledger records no fingerprints, so only the same file, content or pixels are found";

/// Codes kept for each view: a picture has four, and all of 256 pictures may be nearer by one view than by others.
pub(in crate::app) const HITS_MAX: usize = 1024;
const THREADS: usize = 2;
/// So many bits nearer must parts of two pictures be than the whole for one to be called cut, turned a little or framed. Copies of 44
/// pictures made smaller, down to a tenth of each side, had parts up to 10 bits nearer, once 30; of copies cut to the inner 95 % of each
/// side a part was at least 28 bits nearer, of those cut to 90 % at least 60.
const PART_NEARER_BITS: u32 = 24;

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: Algorithm = Algorithm::PdqFull;
    const PART: Algorithm = Algorithm::PdqCentre80;

    fn told(part_bits: u32, full_bits: u32) -> Algorithm {
        let mut best = Best::default();
        best.add((part_bits, 5, PART), false);
        best.add((full_bits, 0, WHOLE), true);
        best.told().unwrap().2
    }

    #[test]
    fn a_part_is_told_only_where_it_is_clearly_nearer_than_the_whole() {
        assert_eq!(told(2, 4), WHOLE);
        assert_eq!(told(6, 30), WHOLE);
        assert_eq!(told(6, 31), PART);
        // A whole that is only a relative does not hide that a part is the same.
        assert_eq!(told(31, 32), PART);
        assert_eq!(told(40, 44), WHOLE);
        assert_eq!(Best::default().told(), None);
    }
}
