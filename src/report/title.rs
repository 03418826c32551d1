//! Titles, licences, reservations and disputes: what a deed recorded, and where an asset stands.

use schemars::JsonSchema;
use serde::Serialize;

use crate::base::Untrusted;

/// What a deed on a ledger did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TitleReport {
    /// Always `title-report.v1`.
    pub schema: &'static str,
    /// What was done.
    pub done: TitleDeed,
    /// What was done, in a sentence.
    pub sentence: String,
    /// The log's origin.
    pub origin: Untrusted,
    /// The log's public key as a C2SP verifier key.
    pub log_key: String,
    /// Size of the log that this is said of.
    pub tree_size: u64,
    /// When the log was last written, RFC 3339; absent where only a checkpoint is known.
    pub time: Option<String>,
    /// Entries that were recorded; none where they wait in the file written.
    pub recorded: Vec<Recorded>,
    /// The file that was written for the other side, where one was.
    pub written: Option<Untrusted>,
    /// The asset, as it stands after this.
    pub asset: Option<AssetView>,
    /// What could not be checked here.
    pub not_checked: Vec<String>,
    /// Facts worth knowing.
    pub notes: Vec<String>,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TitleDeed {
    /// An offer was accepted.
    Accepted,
    /// Evidence of time was recorded.
    Anchored,
    /// A dispute was answered.
    Answered,
    /// A dispute was closed.
    Closed,
    /// A dispute was opened.
    Disputed,
    /// A licence was ended.
    Ended,
    /// A licence was granted.
    Granted,
    /// A reservation was lifted.
    Lifted,
    /// A share was offered.
    Offered,
    /// An entry may be dropped.
    Redacted,
    /// Uses were reserved.
    Reserved,
    /// The root of the state map was signed.
    Rooted,
    /// An offer was looked at; nothing was recorded.
    Shown,
    /// The entries of an answer were recorded.
    Taken,
}

/// An entry that was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Recorded {
    /// The ledger file.
    pub ledger: Untrusted,
    /// Leaf index.
    pub index: u64,
    /// Kind of the entry, `title.offer`.
    pub kind: String,
    /// Entry id: its leaf hash.
    pub id: String,
    /// Tree size of the signed checkpoint that covers it.
    pub tree_size: u64,
    /// Whether it stood in the log before.
    pub already: bool,
}

/// Where an asset stands, as of a size of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AssetView {
    /// Asset id, UUID.
    pub asset_id: String,
    /// A chain of title for each identity that registered it, earliest first.
    pub titles: Vec<TitleView>,
    /// Disputes about any of its entries, earliest first.
    pub disputes: Vec<DisputeView>,
    /// Every registration of the same content, earliest first, whoever made it; one alone is this asset's own.
    pub claims: Vec<ClaimView>,
}

/// A key or identity, by thumbprint and by the name you know it under.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Who {
    /// Thumbprint; of an identity, that of its first key.
    pub key: String,
    /// The name you know it under.
    pub known_as: Option<String>,
}

/// One chain of title.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TitleView {
    /// Leaf index of the registration it begins with.
    pub registered: u64,
    /// Who registered.
    pub by: Who,
    /// Leaf index of the latest title entry.
    pub last: u64,
    /// Recorded holders, the largest share first.
    pub holders: Vec<HolderView>,
    /// Offers that may still be accepted.
    pub offers: Vec<OfferView>,
    /// Licences that took effect, ended ones too.
    pub licences: Vec<LicenceView>,
    /// Exclusive licences that wait for the word of other holders.
    pub waiting: Vec<LicenceView>,
    /// Reservations in force.
    pub reservations: Vec<ReservationView>,
    /// Leaf index from which the chain is contested, since an entry was signed with a key declared compromised.
    pub contested_since: Option<u64>,
}

/// A recorded holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HolderView {
    /// Who.
    pub who: Who,
    /// Basis points of the whole.
    pub basis_points: u16,
    /// Leaf index of the title entry that touched the share last.
    pub since: u64,
}

/// An open offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OfferView {
    /// Leaf index of the title.offer.
    pub index: u64,
    /// By whom.
    pub by: Who,
    /// To whom.
    pub to: Who,
    /// Basis points of the whole.
    pub basis_points: u16,
    /// Last second in which it can be accepted, RFC 3339.
    pub until: Option<String>,
    /// First leaf index at which it can no longer be accepted.
    pub until_index: Option<u64>,
    /// Whether nobody can accept it any more.
    pub over: bool,
}

/// Whether a licence covers the time at which it is told of; whether somebody ended it is another question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LicenceTerm {
    /// It begins later.
    NotYet,
    /// It has run out.
    Over,
    /// It does.
    Running,
}

/// A licence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LicenceView {
    /// Leaf index of the grant by which it took effect, or of the first grant that waits.
    pub index: u64,
    /// Of an exclusive licence that waits: the grants there are, by leaf index.
    pub parts: Vec<u64>,
    /// To whom; absent when everyone is licensed.
    pub licensee: Option<Who>,
    /// SPDX identifier, or SHA-256 of the terms.
    pub terms: String,
    /// ISO 3166-1 numeric codes; empty for the whole world.
    pub territories: Vec<u16>,
    /// First second, RFC 3339.
    pub from: String,
    /// Last second, RFC 3339; absent when it has no end.
    pub until: Option<String>,
    /// Whether it excludes others.
    pub exclusive: bool,
    /// Leaf index of the licence.end.
    pub ended: Option<u64>,
    /// Whether it covers the time at which this is told.
    pub term: LicenceTerm,
    /// Grants of the same title to somebody else that cover a part of the same time and place, where one of the two excludes
    /// others; by leaf index. The ledger records both and does not say which holds.
    pub conflicts: Vec<u64>,
}

/// A reservation in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReservationView {
    /// Leaf index of the rights.reserve, or of the registration that reserves.
    pub index: u64,
    /// By whom.
    pub by: Who,
    /// Uses, `cawg.ai_training: notAllowed`.
    pub uses: Vec<String>,
}

/// A dispute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DisputeView {
    /// Leaf index of the dispute.open.
    pub index: u64,
    /// Leaf index of the entry it contests.
    pub about: u64,
    /// What is contested, `first-registration`.
    pub ground: String,
    /// By whom.
    pub by: Who,
    /// Whether the recovery key of an identity opened it.
    pub privileged: bool,
    /// Answers: leaf index and stance.
    pub answers: Vec<AnswerView>,
    /// Leaf index of the dispute.close; absent while it is open.
    pub closed: Option<u64>,
    /// By whom it was closed.
    pub closed_by: Option<Who>,
    /// How it ended.
    pub outcome: Option<String>,
}

/// An answer to a dispute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AnswerView {
    /// Leaf index.
    pub index: u64,
    /// By whom.
    pub by: Who,
    /// `denied` or `conceded`.
    pub stance: String,
}

/// A registration among others of the same content or pixels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ClaimView {
    /// Leaf index.
    pub index: u64,
    /// Asset id, UUID.
    pub asset_id: String,
    /// By whom.
    pub by: Who,
    /// How it says the picture was made, its bare IPTC term.
    pub source_type: Option<String>,
    /// What the signer says to be to the picture.
    pub role: Option<String>,
    /// Whether another identity had registered the same content or pixels before.
    pub contested: bool,
}

/// The fields of an entry's body, by name; a field that its kind does not have or that is not stated is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EntryFields {
    /// Asset id, UUID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asset_id: Option<String>,
    /// Identity: thumbprint of its first key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// Commitment to the next key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Commitment to the recovery key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovery: Option<String>,
    /// Entry id of an earlier entry that this one leans on: key event, title entry, offer, grant, reservation, contested
    /// entry, dispute or redacted entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub names: Option<String>,
    /// Thumbprint of the recipient or licensee.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Basis points of the whole title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis_points: Option<u16>,
    /// First second, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Last second, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// First leaf index beyond.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until_index: Option<u64>,
    /// SPDX identifier or SHA-256 of terms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terms: Option<String>,
    /// ISO 3166-1 numeric codes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub territories: Vec<u16>,
    /// Whether a licence excludes others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exclusive: Option<bool>,
    /// Uses, `cawg.ai_training: notAllowed`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uses: Vec<String>,
    /// Reason, ground, stance, outcome or kind of evidence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub word: Option<String>,
    /// SHA-256 of evidence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    /// A leaf index named: since which entry a key is compromised, or which entry is redacted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<u64>,
    /// Root of the state map.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
    /// How many entries a statement of the log covers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub covers: Option<u64>,
}

/// Counts of a ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StatsReport {
    /// Always `stats-report.v1`.
    pub schema: &'static str,
    /// The ledger as named by the caller.
    pub ledger: Untrusted,
    /// The log's origin.
    pub origin: Untrusted,
    /// Tree size.
    pub tree_size: u64,
    /// When the log was last written, RFC 3339.
    pub time: Option<String>,
    /// Entries by kind, the most first.
    pub kinds: Vec<Count>,
    /// Registrations by digital source type.
    pub source_types: Vec<Count>,
    /// Entries by signing key.
    pub keys: Vec<KeyCount>,
    /// Entries by month, `2026-05`, in the order of time.
    pub months: Vec<Count>,
}

/// How many of one thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Count {
    /// Of what.
    pub what: String,
    /// How many.
    pub count: u64,
}

/// How many entries of one key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct KeyCount {
    /// Whose.
    pub who: Who,
    /// How many.
    pub count: u64,
}
