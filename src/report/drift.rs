//! Whether the pictures of a ledger grow alike.

use schemars::JsonSchema;
use serde::Serialize;

use crate::base::Untrusted;

/// Likeness within a ledger, by group.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct DriftReport {
    /// Always `drift-report.v1`.
    pub schema: &'static str,
    /// The ledger as named by the caller.
    pub ledger: Untrusted,
    /// The log's origin.
    pub origin: Untrusted,
    /// Tree size.
    pub tree_size: u64,
    /// What the pictures are grouped by.
    pub by: GroupedBy,
    /// The answer.
    pub answer: DriftAnswer,
    /// The answer in a sentence.
    pub sentence: String,
    /// What the answer was told by; absent when nothing was compared.
    pub told_by: Option<DriftMeasure>,
    /// How often chance alone shows as much, 0 to 1; already for as many tests as were made.
    pub chance: Option<f64>,
    /// A loss of diversity below this would probably not have been noticed, percent.
    pub noticed_percent: Option<f64>,
    /// What diversity and likeness are those of: looks, or PDQ codes where looks are lacking.
    pub seen_by: DriftSight,
    /// Pictures looked into that have no look.
    pub without_look: u64,
    /// Registrations in the ledger.
    pub registrations: u64,
    /// Those left out: without a PDQ code, as in a private ledger, or with one of a quality below 50.
    pub left_out: u64,
    /// Pictures looked into.
    pub pictures: u64,
    /// Pictures of different looks: near copies (at most 31 of 256 bits) counted once.
    pub distinct: u64,
    /// How many pictures of each group are compared; absent when fewer than two groups have 100 different ones.
    pub sample: Option<u64>,
    /// The diversity of as many pictures that have nothing to do with each other.
    pub sample_of_strangers: Option<f64>,
    /// The groups: months in the order of time, others the largest first.
    pub groups: Vec<DriftGroup>,
    /// Clusters of near copies.
    pub cluster_count: u64,
    /// The ten largest of them.
    pub clusters: Vec<DriftCluster>,
    /// Nearest distances of different pictures.
    pub nearest: DriftNearest,
    /// What the figures do and do not say.
    pub notes: Vec<String>,
    /// When the report was made, RFC 3339.
    pub at: String,
}

/// What pictures are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GroupedBy {
    /// The key that registered them.
    Creator,
    /// The generator's algorithm family.
    Family,
    /// The month of registration, UTC, by the signers' clocks.
    Month,
    /// How they were made: by AI, by a person, captured.
    Source,
}

/// Do the pictures grow alike?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DriftAnswer {
    /// One group is more alike than another.
    Different,
    /// They do not: they grow less alike.
    LessAlike,
    /// They do.
    MoreAlike,
    /// No change, or difference, shows.
    NoChange,
    /// There are too few pictures to tell.
    TooFew,
}

/// What an answer is told by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DriftMeasure {
    /// The diversity of different pictures: Vendi score of order 2.
    Diversity,
    /// The share of near copies.
    NearCopies,
}

/// What sees how alike two pictures are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DriftSight {
    /// PDQ codes: the same layout, weakly; blind to style and subject.
    Codes,
    /// Looks, 72 numbers of layout and colours.
    Looks,
}

/// One group.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct DriftGroup {
    /// Its name: `2026-05`, `diffusion`, a key.
    pub name: String,
    /// Pictures.
    pub pictures: u64,
    /// Those that look the same as an older one of the ledger (at most 31 bits).
    pub near_copies: u64,
    /// Others whose nearest older one is a relative (32 to 64 bits), of those looked at.
    pub related: u64,
    /// Pictures that relatives were looked for of: all, or 1,000 drawn by lot.
    pub related_of: u64,
    /// Pictures after near copies of older ones are put aside.
    pub distinct: u64,
    /// What is compared with other groups; absent below 100 different pictures.
    pub compared: Option<DriftCompared>,
}

/// A group as if it had as many pictures as every other that is compared.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct DriftCompared {
    /// How many wholly different pictures the sample is as diverse as, near copies put aside.
    pub diversity: f64,
    /// Lower end of the 95 % band.
    pub diversity_low: f64,
    /// Upper end of the 95 % band.
    pub diversity_high: f64,
    /// Mean likeness of a pair, 0 for strangers, 1 for copies; near copies put aside.
    pub likeness: f64,
    /// Of 1,000 pictures in samples of that size, how many look the same as another of their sample.
    pub copies_per_thousand: f64,
    /// Median distance to the nearest other one of the sample, bits of 256.
    pub nearest_bits: u32,
}

/// Pictures that look like the same one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DriftCluster {
    /// How many.
    pub pictures: u64,
    /// Leaf indices, oldest first; at most ten.
    pub entries: Vec<u64>,
}

/// How far the nearest other picture is, near copies put aside.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct DriftNearest {
    /// Pictures looked at.
    pub looked_at: u64,
    /// Median distance that was counted, bits of 256.
    pub median_bits: Option<u32>,
    /// Median distance that chance gives to as many unrelated pictures.
    pub median_by_chance_bits: Option<u32>,
    /// Every distance at which pictures have their nearest, or would by chance.
    pub distances: Vec<DriftDistance>,
}

/// One distance.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct DriftDistance {
    /// Bits of 256.
    pub bits: u32,
    /// Pictures whose nearest is that far.
    pub counted: u64,
    /// Pictures that chance would give.
    pub by_chance: f64,
}
