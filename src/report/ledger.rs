//! Views of a ledger: its head, one entry, the history of one picture.

use schemars::JsonSchema;
use serde::Serialize;

use super::title::{AssetView, EntryFields, Who};
use super::verify::MatchedBy;
use crate::base::Untrusted;

/// The head of a ledger, and entries of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LedgerReport {
    /// Always `ledger-report.v1`.
    pub schema: &'static str,
    /// The ledger as named by the caller.
    pub ledger: Untrusted,
    /// The log's origin.
    pub origin: Untrusted,
    /// The log's public key as a C2SP verifier key.
    pub log_key: String,
    /// `public` or `private` look-ups.
    pub mode: String,
    /// Whose word closes a dispute for either side.
    pub arbiters: Vec<Who>,
    /// Tree size of the last signed checkpoint.
    pub tree_size: u64,
    /// Root hash, 64 hexadecimal digits.
    pub root: String,
    /// Time of the last commit, RFC 3339.
    pub time: Option<String>,
    /// Facts worth knowing, such as a torn tail that was set aside.
    pub notes: Vec<String>,
    /// Entries shown, in log order.
    pub entries: Vec<EntryView>,
    /// Of a history: where each asset stands, as of `as_of` entries.
    pub assets: Vec<AssetView>,
    /// Of a history: the size of the log that it is said of.
    pub as_of: Option<u64>,
}

/// A JSON view of one entry; the signed bytes are CBOR, this is not what is signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EntryView {
    /// Leaf index.
    pub index: u64,
    /// Kind, `asset.register`.
    pub kind: String,
    /// What it says, in a sentence.
    pub says: String,
    /// When it was recorded, by the signer's clock, RFC 3339.
    pub time: String,
    /// Thumbprint of the signing key.
    pub key: String,
    /// The name you know that key under.
    pub known_as: Option<String>,
    /// Entry id: SHA-256 of the entry bytes.
    pub id: String,
    /// What matched when entries were looked up by picture.
    pub matched: Option<MatchedBy>,
    /// The registration, for `asset.register`.
    pub registration: Option<RegistrationView>,
    /// The fields of every other kind.
    pub fields: EntryFields,
    /// Of a history: the rule it breaks, so that it changed nothing.
    pub void: Option<String>,
    /// The redact entry by which the log says that the body of this one may be dropped; what is shown here is the body still held.
    pub redacted: Option<u64>,
    /// Of a history: the key.revoke that declared its key compromised as of before it.
    pub suspect: Option<u64>,
}

/// One entry of an export: one line of JSON each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EntryLine {
    /// Always `entry-line.v1`.
    pub schema: &'static str,
    /// The entry.
    #[serde(flatten)]
    pub entry: EntryView,
}

/// A registration in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RegistrationView {
    /// Asset id, UUID.
    pub asset_id: String,
    /// SHA-256 of the file (keyed in private ledgers).
    pub file: String,
    /// SHA-256 of the file without manifest store (keyed in private ledgers).
    pub content: String,
    /// Pixel hash (keyed in private ledgers).
    pub pixel: Option<String>,
    /// SHA-256 of the manifest store (keyed in private ledgers).
    pub manifest: Option<String>,
    /// Digital source type, its bare term.
    pub source_type: String,
    /// Algorithm family, where stated.
    pub family: Option<String>,
    /// Role of the key's holder.
    pub role: Option<String>,
    /// Data-mining reservation as a PLUS code.
    pub mining: Option<String>,
    /// Known terms: SPDX identifiers, `all-rights-reserved`, `licence-offered`.
    pub rights: Vec<String>,
    /// Fingerprints: algorithm, bits, quality.
    pub fingerprints: Vec<super::sign::FingerprintLine>,
    /// Content hashes of parents.
    pub parents: Vec<String>,
}
