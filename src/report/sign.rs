//! What signing did to each picture, or would do.

use schemars::JsonSchema;
use serde::Serialize;

use super::Ending;
use super::find::Uniqueness;
use crate::base::fingerprint::Look;
use crate::base::{Fingerprint, Untrusted};

/// What became of one picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SignOutcome {
    /// Signed, verified, recorded, in place.
    Signed,
    /// An earlier run already signed and registered it and the output is there: at most what is kept beside the ledger was added.
    Skipped,
    /// Nothing was done: this is what would be.
    DryRun,
}

/// One picture.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SignReport {
    /// Always `sign-report.v1`.
    pub schema: &'static str,
    /// The picture as named by the caller.
    pub input: Untrusted,
    /// Where the signed picture is, or would be.
    pub output: Untrusted,
    /// What became of it.
    pub outcome: SignOutcome,
    /// Container, by its bytes.
    pub format: String,
    /// Digital source type written.
    pub source_type: String,
    /// Who states how it was made: `signer`, or where in the file it was found.
    pub source_basis: String,
    /// EXIF and XMP fields written.
    pub written: Vec<FieldLine>,
    /// Fields already there with another value: kept as they are.
    pub conflicts: Vec<ConflictLine>,
    /// Where the file itself says otherwise of how the picture was made than what was signed, signed places first. Nothing is refused
    /// for it, and all of it stays visible to receivers.
    pub contradictions: Vec<ContradictionLine>,
    /// What this container cannot carry, each in a sentence.
    pub not_carried: Vec<String>,
    /// Content Credentials: each assertion written, with what it discloses.
    pub assertions: Vec<AssertionLine>,
    /// What the verdict of byline's own read-back is; absent in a dry run.
    pub read_back: Option<String>,
    /// The manifest's label.
    pub manifest: Option<String>,
    /// Hashes recorded, by name.
    pub hashes: Vec<HashLine>,
    /// Fingerprints recorded, by name.
    pub fingerprints: Vec<FingerprintLine>,
    /// The ledger entry; absent with `--no-ledger` and in a dry run.
    pub ledger: Option<LedgerLine>,
    /// What the entry holds beside hashes and fingerprints, or would hold; absent with `--no-ledger`.
    pub entry: Option<EntryLine>,
    /// Whom the certificate names to everybody who gets the picture.
    pub certificate: Option<CertificateLine>,
    /// Where the signed manifest store is kept beside the ledger; absent where that was not asked for.
    pub kept_manifest: Option<Untrusted>,
    /// What the fetched timestamp says, RFC 3339; absent where none was asked for.
    pub timestamp: Option<String>,
    /// How many points of it were recorded beside the ledger, or would be; absent where none were.
    pub deep_points: Option<u32>,
    /// How unusual the picture is among those that the ledger held before; absent with `--no-ledger` and in a dry run.
    pub uniqueness: Option<Uniqueness>,
    /// What is wrong with the picture or with what it was made from, in a few words each; a note says more.
    pub faults: Vec<String>,
    /// What the file holds that its signer may not know of, and that stays in it; a note says more of each.
    pub holds: Vec<Held>,
    /// Facts worth knowing, each in a sentence.
    pub notes: Vec<String>,
}

/// What a file holds that its signer may not know of: all of it stays in the signed file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Held {
    /// A place, a device's number or the name of its owner.
    PlaceOrDevice,
    /// A prompt.
    Prompt,
    /// Pages or frames beyond the first.
    SeveralPages,
}

/// One metadata field written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FieldLine {
    /// `EXIF` or `XMP`.
    pub source: String,
    /// The field, `dc:rights`.
    pub name: String,
    /// What was written.
    pub value: Untrusted,
}

/// One field where the file and the signer differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ConflictLine {
    /// `EXIF`, `IPTC`, `TEXT` or `XMP`.
    pub source: String,
    /// The field.
    pub name: String,
    /// What the file says, several values with `; ` between them.
    pub found: Untrusted,
    /// What the signer says.
    pub wanted: Untrusted,
    /// Whether the file's value stays.
    pub kept: bool,
}

/// One place in the file that contradicts the source type that was signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ContradictionLine {
    /// Where: the manifest that the picture came with, a field of its metadata, or the text of a generator.
    pub place: String,
    /// Digital source type there, or that it implies.
    pub says: String,
    /// All of it in a sentence.
    pub sentence: String,
    /// Whether the signed picture still holds it, so that receivers see the contradiction.
    pub stays: bool,
}

/// One assertion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AssertionLine {
    /// The label, `c2pa.actions.v2`.
    pub label: String,
    /// What it discloses, as JSON.
    pub content: serde_json::Value,
}

/// One hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HashLine {
    /// `file`, `content`, `pixel` (with its rule) or `manifest`.
    pub name: String,
    /// SHA-256, 64 hexadecimal digits.
    pub sha256: String,
}

/// One fingerprint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FingerprintLine {
    /// The algorithm with its version.
    pub algorithm: String,
    /// 64 hexadecimal digits; of a look, 144: its numbers as bytes.
    pub bits: String,
    /// PDQ quality, 0 to 100; 100 for what has none.
    pub quality: u8,
}

impl From<&Look> for FingerprintLine {
    fn from(one: &Look) -> Self {
        Self {
            algorithm: Look::NAME.to_owned(),
            bits: one.hex(),
            quality: 100,
        }
    }
}

impl From<&Fingerprint> for FingerprintLine {
    fn from(one: &Fingerprint) -> Self {
        Self {
            algorithm: one.algorithm.name().to_owned(),
            bits: one.hex(),
            quality: one.quality,
        }
    }
}

/// Where the ledger holds the registration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LedgerLine {
    /// The ledger file.
    pub ledger: Untrusted,
    /// Leaf index of the entry.
    pub index: u64,
    /// Tree size of the signed checkpoint that covers it.
    pub tree_size: u64,
    /// Asset id, UUID.
    pub asset_id: String,
}

/// What a registration states.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EntryLine {
    /// The ledger file.
    pub ledger: Untrusted,
    /// Whether the ledger is private: the entry holds keyed digests and no fingerprints.
    pub keyed: bool,
    /// Asset id, UUID; one that a dry run shows is drawn anew when the picture is signed.
    pub asset_id: String,
    /// Digital source type, its bare term.
    pub source_type: String,
    /// Algorithm family, where stated.
    pub family: Option<String>,
    /// What the signer says to be to the picture; absent where nothing was stated.
    pub role: Option<String>,
    /// Data-mining reservation as a PLUS URI, where stated.
    pub mining: Option<String>,
    /// Known terms that were stated: SPDX identifiers, `all-rights-reserved`, `licence-offered`.
    pub rights: Vec<String>,
    /// How many pictures this one was made from, each by the hash of its file.
    pub parents: u64,
}

/// What the signer's certificate says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CertificateLine {
    /// Common name.
    pub name: Option<Untrusted>,
    /// Organisation.
    pub organization: Option<Untrusted>,
    /// E-mail address.
    pub email: Option<Untrusted>,
}

/// Counts of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SignSummary {
    /// Always `sign-summary.v1`.
    pub schema: &'static str,
    /// Pictures signed.
    pub signed: u64,
    /// Pictures skipped because they were already done.
    pub skipped: u64,
    /// Pictures that failed.
    pub failed: u64,
    /// Pictures a dry run looked at.
    pub dry_run: u64,
    /// Pictures whose metadata says otherwise than the signer.
    pub conflicts: u64,
    /// Pictures that themselves say otherwise of how they were made than what was signed.
    pub contradicted: u64,
    /// Pictures whose container cannot carry all that was to be written.
    pub not_carried: u64,
    /// Pictures with something wrong in them, or in what they were made from.
    pub faulty: u64,
    /// Pictures that hold a place, a device's number or the name of its owner, which stay in them.
    pub with_place: u64,
    /// Pictures that hold a prompt, which stays in them.
    pub with_prompt: u64,
    /// Pictures with several pages or frames, of which the first alone is looked at.
    pub with_pages: u64,
    /// Symbolic links in folders, which were passed over.
    pub links: u64,
    /// Pictures and folders in folders, passed over for a name that begins with a dot.
    pub hidden: u64,
    /// Facts worth knowing about the run, each in a sentence.
    pub notes: Vec<String>,
    /// Milliseconds it took.
    pub elapsed_ms: u64,
}

impl SignSummary {
    /// How the command ends for the batch as such: a folder without a picture leaves nothing to sign.
    #[must_use]
    pub const fn ending(&self) -> Ending {
        match (self.signed, self.skipped, self.failed, self.dry_run) {
            (0, 0, 0, 0) => Ending::NotEnough,
            _ => Ending::Done,
        }
    }
}
