//! The verdict on one picture: four questions, how it was made, rights, ledger, and one result word.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::compare::CellComparison;
pub use super::credentials::{ActionLine, C2paDetail, CodeLine, IngredientLine};
use super::find::NearLine;
use super::proof::{ProofReport, ProofWord};
use super::{Check, Ending, Outcome};
use crate::base::{Authorship, Untrusted};

/// The answer in one word (DESIGN.md 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub enum ResultWord {
    /// Unchanged, well signed in time, by an issuer you know or one on a trust list.
    #[serde(rename = "TRUSTED")]
    Trusted,
    /// Unchanged and well signed, by an issuer nobody here vouches for.
    #[serde(rename = "UNKNOWN ISSUER")]
    UnknownIssuer,
    /// Unchanged, but the time of signing or the certificate is open.
    #[serde(rename = "NOT CONFIRMED")]
    NotConfirmed,
    /// The bytes are not those that were signed.
    #[serde(rename = "CHANGED")]
    Changed,
    /// The certificate was revoked.
    #[serde(rename = "REVOKED")]
    Revoked,
    /// The file holds no Content Credentials.
    #[serde(rename = "NO CREDENTIALS")]
    NoCredentials,
    /// The file only names a place on the network where its credentials may be.
    #[serde(rename = "REMOTE ONLY")]
    RemoteOnly,
    /// The file or its credentials cannot be read.
    #[serde(rename = "UNREADABLE")]
    Unreadable,
}

impl ResultWord {
    /// The word as printed.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Trusted => "TRUSTED",
            Self::UnknownIssuer => "UNKNOWN ISSUER",
            Self::NotConfirmed => "NOT CONFIRMED",
            Self::Changed => "CHANGED",
            Self::Revoked => "REVOKED",
            Self::NoCredentials => "NO CREDENTIALS",
            Self::RemoteOnly => "REMOTE ONLY",
            Self::Unreadable => "UNREADABLE",
        }
    }
}

/// What a receiver requires before the exit code is 0 (`--require`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Requirement {
    /// Unchanged and well signed, whoever signed.
    Intact,
    /// Found in the ledger, entry and inclusion good.
    Registered,
    /// Unchanged, well signed in time, issuer known.
    Trusted,
}

/// The four questions, always in this order (DESIGN.md 1.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FourQuestions {
    /// Is the picture unchanged since signing?
    pub unchanged: Check,
    /// Is the signature good?
    pub signature: Check,
    /// Was it signed while the certificate was valid?
    pub time: Check,
    /// Is the issuer known to you?
    pub issuer: Check,
}

/// Everything found about one picture.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct VerifyReport {
    /// Always `verify-report.v1`.
    pub schema: &'static str,
    /// The file as named by the caller.
    pub file: Untrusted,
    /// The answer in one word.
    pub result: ResultWord,
    /// The answer in a sentence.
    pub sentence: String,
    /// What would settle an open question, or what to do; absent when nothing is to do.
    pub remedy: Option<String>,
    /// Everything that is open or speaks against the picture, the point that the sentence names first; of a trusted one a named identity
    /// that does not hold, and nothing where there are no credentials to ask about.
    pub open: Vec<OpenPoint>,
    /// What was required for exit code 0.
    pub required: Requirement,
    /// Whether the requirement is met.
    pub met: bool,
    /// The four questions.
    pub checks: FourQuestions,
    /// The signed thumbnail against the pixels; absent where nothing asked for it: the file is not changed, and no flag.
    pub thumbnail: Option<Box<ThumbnailWitness>>,
    /// How the picture was made, as far as anybody says.
    pub made: Made,
    /// Rights statements found, each with its source.
    pub rights: Vec<RightsLine>,
    /// What the ledger knows.
    pub ledger: LedgerAnswer,
    /// What a proof file given beside the picture proves.
    pub proof: Option<Box<ProofReport>>,
    /// What a ledger's receipt in the file proves (`c2pa.repository-receipt`).
    pub receipt: Option<Box<ProofReport>>,
    /// Which manifest was judged.
    pub manifest: ManifestSource,
    /// What was fetched for this picture, in order; empty unless a flag asks for the network.
    pub fetches: Vec<FetchLine>,
    /// Whether the signer's certificate was revoked, by its issuer's answers (OCSP); absent where no manifest was read.
    pub revocation: Option<Check>,
    /// Who signed.
    pub signer: Option<Signer>,
    /// Identities asserted beside the signer (CAWG).
    pub identities: Vec<IdentityLine>,
    /// Facts worth knowing that decide nothing, such as trailing bytes.
    pub notes: Vec<String>,
    /// What was not checked.
    pub not_checked: Vec<String>,
    /// The file itself; absent when it could not be read as an image.
    pub image: Option<ImageFacts>,
    /// What the C2PA validation said, for comparison with other tools.
    pub c2pa: Option<C2paDetail>,
    /// The time at which the verdict holds, RFC 3339.
    pub at: String,
}

/// One thing that is open, or speaks against the picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OpenPoint {
    /// What it is about.
    pub about: OpenAbout,
    /// The id of the check that it is about.
    pub id: String,
    /// The answer of that check.
    pub outcome: Outcome,
    /// What is open, in one sentence without text from the file.
    pub what: String,
    /// What would settle it, or what to do.
    pub settle: String,
}

/// What an open point is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OpenAbout {
    /// The credentials as a whole: they could not be had, or not read.
    Credentials,
    /// Is the picture unchanged since signing?
    Unchanged,
    /// Is the signature good?
    Signature,
    /// Was it signed while the certificate was valid?
    Time,
    /// Is the issuer known to you?
    Issuer,
    /// An identity asserted beside the signer.
    Identity,
    /// Was the certificate revoked?
    Revocation,
    /// Is the picture in a ledger?
    Ledger,
}

impl OpenAbout {
    /// The word as printed, which is the one in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Credentials => "credentials",
            Self::Unchanged => "unchanged",
            Self::Signature => "signature",
            Self::Time => "time",
            Self::Issuer => "issuer",
            Self::Identity => "identity",
            Self::Revocation => "revocation",
            Self::Ledger => "ledger",
        }
    }
}

/// Which manifest was judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ManifestSource {
    /// Where it is.
    pub place: ManifestPlace,
    /// The file that was given, the address that it was fetched from, or, where there is none, the one that the file names for it.
    pub name: Option<Untrusted>,
    /// Whether the file holds another one of its own, which was not judged.
    pub own_passed_over: bool,
}

/// Where the manifest is that was judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ManifestPlace {
    /// There is none.
    Absent,
    /// In the file.
    Embedded,
    /// At the address that the file names.
    Fetched,
    /// In a file beside, as the caller said.
    Given,
}

/// One thing asked of the network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FetchLine {
    /// What for.
    pub of: FetchOf,
    /// The address.
    pub url: Untrusted,
    /// Whether it brought what it was for.
    pub answered: bool,
    /// Bytes received.
    pub bytes: u64,
    /// What came of it, in words of ours.
    pub outcome: String,
}

/// What is asked of the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FetchOf {
    /// A manifest that the file names an address of.
    Manifest,
    /// The issuer's answer about revocation.
    Revocation,
}

/// The signed claim thumbnail as a second witness of what the picture was when it was signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ThumbnailWitness {
    /// Whether thumbnail and pixels show the same picture; not checked where there is no signed thumbnail or a side of it
    /// cannot be decoded.
    pub check: Check,
    /// Width and height of the thumbnail in pixels, where it was decoded.
    pub size: Option<(u32, u32)>,
    /// Thumbnail and pixels cell by cell.
    pub cells: Option<CellComparison>,
    /// The heat map written.
    pub heatmap: Option<Untrusted>,
}

/// Facts of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ImageFacts {
    /// Container, by its bytes.
    pub format: String,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// Width in pixels, as the header says.
    pub width: Option<u32>,
    /// Height in pixels, as the header says.
    pub height: Option<u32>,
    /// SHA-256 of the file without its manifest store; absent where it was not needed.
    pub content_sha256: Option<String>,
}

/// How the picture was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Made {
    /// The class; nothing found is `unknown`, never `human`.
    pub authorship: Authorship,
    /// The answer in words.
    pub words: String,
    /// The digital source type URI it rests on; nothing where it follows from several.
    pub source_type: Option<String>,
    /// Where that was found, and how far it can be believed.
    pub basis: Basis,
    /// The tool named: by the signed manifest, else, where that names no model either, by the file's metadata, which may name a model
    /// in it.
    pub tool: Option<Untrusted>,
    /// The model that the signed manifest names.
    pub model: Option<Untrusted>,
    /// Actions recorded, in order.
    pub actions: Vec<ActionLine>,
    /// The picture it was made from, the one that that was made from, and so on, as far as their own manifests tell anything.
    pub earlier: Vec<IngredientLine>,
    /// What the manifest says of the making, by the names of the C2PA asset rubrics: `fullyGenAIMedia`, `capturedMedia`, ...; empty
    /// where its bytes do not hold.
    pub signals: Vec<String>,
    /// Sources that disagree, each in a sentence.
    pub conflicts: Vec<String>,
    /// Whether the signer took the source type from the file's own metadata rather than stating it.
    pub from_metadata: bool,
    /// Whether there is a manifest whose statements could not be read: what it says of the making is not known.
    pub unread: bool,
    /// Whether a picture this one was made from was already broken when its signer took it in, and the signer recorded that.
    pub from_broken: bool,
}

/// How far a statement about the making can be believed (`metadata.md` 7.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// Signed, by an issuer you know.
    SignedTrusted,
    /// Recorded in the ledger by a key you know.
    LedgerTrusted,
    /// Signed, by an issuer you do not know.
    SignedUnknown,
    /// Recorded in the ledger by a key you do not know.
    LedgerUnknown,
    /// Written in the file's metadata, unsigned.
    Declared,
    /// Implied by what a generator wrote into the file, unsigned.
    GeneratorText,
    /// Nothing was found.
    Nothing,
}

/// One statement about rights.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RightsLine {
    /// The field, `dc:rights`.
    pub field: String,
    /// What it says.
    pub value: Untrusted,
    /// Where it stands: `signed` (in the verified manifest) or the metadata block.
    pub source: String,
    /// Whether it stands in the file's metadata while the verified manifest names another creator or other rights.
    pub disagrees: bool,
}

/// Who signed, as the certificate says; a name proves nothing without the issuer check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Signer {
    /// Subject common name.
    pub name: Option<Untrusted>,
    /// Subject organisation.
    pub organization: Option<Untrusted>,
    /// Issuer of the certificate.
    pub issuer: Option<Untrusted>,
    /// The name you know this signer under, when you do.
    pub known_as: Option<String>,
    /// The list kept by others that its issuer, or its certificate itself, is on; asked only where you do not know it yourself.
    pub listed_on: Option<String>,
    /// SHA-256 of the certificate.
    pub certificate_sha256: String,
    /// Signature algorithm.
    pub algorithm: String,
    /// Signing time by a trusted timestamp, RFC 3339.
    pub signed_at: Option<String>,
    /// The timestamp on the signature, believed or not.
    pub timestamp: Option<TimestampLine>,
    /// First second of the certificate's validity, RFC 3339.
    pub not_before: Option<String>,
    /// Last second of the certificate's validity, RFC 3339.
    pub not_after: Option<String>,
}

/// A timestamp (RFC 3161) on a signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TimestampLine {
    /// What it says, RFC 3339; absent where it does not hold.
    pub at: Option<String>,
    /// The authority, as its certificate says.
    pub authority: Option<Untrusted>,
    /// Whether you, or a list, trust that authority for time.
    pub trusted: bool,
    /// The list kept by others that the authority is on; absent where you trust it yourself, or nobody does.
    pub listed_on: Option<String>,
    /// Its certificates as the file carries them, the authority's own first, the topmost last.
    pub chain: Vec<StampCertificate>,
}

/// A certificate of a timestamp, as the file carries it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StampCertificate {
    /// Common name, else organisation, of its subject.
    pub subject: Option<Untrusted>,
    /// Common name, else organisation, of its issuer.
    pub issuer: Option<Untrusted>,
    /// SHA-256 of the certificate.
    pub sha256: String,
    /// Whether it issued itself, as a root does.
    pub root: bool,
}

/// One CAWG identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct IdentityLine {
    /// Who, as the credential says.
    pub name: Untrusted,
    /// The role claimed, `cawg.creator`.
    pub role: Option<Untrusted>,
    /// Whether it checks out.
    pub check: Check,
}

/// What the ledger knows about the picture.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct LedgerAnswer {
    /// The ledger asked; absent when none was.
    pub ledger: Option<Untrusted>,
    /// Whether a ledger that was named could not be read at all; the command then ends as for any file that cannot be.
    pub unread: bool,
    /// Whether the picture is in it, with entry signature and inclusion good.
    pub check: Check,
    /// Every entry found, earliest first.
    pub entries: Vec<LedgerHit>,
    /// Where the title of the registered picture stands, in one line: recorded holders, open offers and disputes, contested;
    /// absent where no entry is about this file.
    pub title: Option<String>,
    /// The nearest registered picture that it looks like; searched only where nothing else identifies the file. It decides nothing.
    pub look_alike: Option<NearLine>,
    /// Why no look-alike was searched for a picture that is not registered: nothing in a private ledger, of a picture that says too little,
    /// or where a manifest identifies the file.
    pub looks_not_searched: Option<String>,
    /// Earlier entries by other keys of pictures that look like the registered one, nearest first; at most 3. They decide nothing.
    pub earlier_alike: Vec<NearLine>,
    /// Leaf index of the closest entry whose signed manifest is kept beside the ledger, told of a file that lost its own: `find
    /// --recover` checks it and gives it back.
    pub kept: Option<u64>,
    /// Tree size of the last signed checkpoint.
    pub tree_size: Option<u64>,
}

impl LedgerAnswer {
    /// The answer of a ledger that told nothing but this.
    #[must_use]
    pub const fn of(check: Check) -> Self {
        Self {
            ledger: None,
            unread: false,
            check,
            entries: Vec::new(),
            title: None,
            look_alike: None,
            looks_not_searched: None,
            earlier_alike: Vec::new(),
            kept: None,
            tree_size: None,
        }
    }
}

/// One entry about the picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LedgerHit {
    /// Leaf index.
    pub index: u64,
    /// What matched: `file`, `content`, `pixel` or `manifest` hash.
    pub matched: MatchedBy,
    /// When it was recorded, by the ledger's clock, RFC 3339.
    pub time: String,
    /// Thumbprint of the key that recorded it.
    pub key: String,
    /// The name you know that key under.
    pub known_as: Option<String>,
    /// The digital source type recorded.
    pub source_type: String,
    /// The role recorded; absent where none was stated.
    pub role: Option<String>,
    /// Whether entry signature and inclusion in the last signed checkpoint are good.
    pub proven: bool,
    /// The entry that declares the recording key compromised from before this one on; such an entry speaks for nobody.
    pub suspect: Option<u64>,
    /// The redact entry by which the log says that the body of this one may be dropped.
    pub redacted: Option<u64>,
}

impl LedgerHit {
    /// Whether the entry is about these pixels. A manifest alone can be copied into any picture.
    #[must_use]
    pub const fn is_about_the_picture(&self) -> bool {
        !matches!(self.matched, MatchedBy::Manifest)
    }
}

/// Which hash found the entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MatchedBy {
    /// The very file.
    File,
    /// The same file with or without its manifest store.
    Content,
    /// The same pixels in another file.
    Pixel,
    /// The same manifest store, and neither file nor pixels: the entry is about another picture.
    Manifest,
}

impl VerifyReport {
    /// How the command ends for this picture: contradicting evidence is never excused by a requirement.
    #[must_use]
    pub fn ending(&self) -> Ending {
        let is_word_against = |proof: &ProofReport| proof.result == ProofWord::Contradicted;
        if matches!(self.result, ResultWord::Changed | ResultWord::Revoked)
            || matches!(self.ledger.check.outcome, Outcome::Fail)
            || self.proof.as_deref().is_some_and(is_word_against)
        {
            Ending::Contradicted
        } else if self.ledger.unread {
            Ending::Failed
        } else if self.met {
            Ending::Done
        } else {
            Ending::NotEnough
        }
    }
}

/// Counts of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct VerifySummary {
    /// Always `verify-summary.v1`.
    pub schema: &'static str,
    /// Pictures looked at.
    pub files: u64,
    /// Files that could not be opened; the world failed, not the picture.
    pub failed: u64,
    /// How many pictures had each result word; words that none had are absent.
    pub results: BTreeMap<ResultWord, u64>,
    /// How many pictures the ledger knows.
    pub registered: u64,
    /// How many pictures that it does not know look like one that it knows.
    pub alike: u64,
    /// How many pictures that it does not know were not compared by their looks.
    pub looks_not_searched: u64,
    /// How many pictures were not looked for, as the ledger that was named could not be asked.
    pub not_asked: u64,
    /// Why it could not, of the first of them.
    pub not_asked_why: Option<String>,
    /// Whether it could not be read at all; the command then ends as for any file that cannot be.
    pub ledger_unread: bool,
    /// Symbolic links in folders, which were passed over.
    pub links: u64,
    /// Pictures and folders in folders, passed over for a name that begins with a dot.
    pub hidden: u64,
}

impl VerifySummary {
    /// How the command ends for the batch as such: a folder without a picture is no evidence of anything.
    #[must_use]
    pub const fn ending(&self) -> Ending {
        if self.files == 0 && self.failed == 0 {
            Ending::NotEnough
        } else {
            Ending::Done
        }
    }
}
