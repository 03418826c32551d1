//! Whom the user trusts, and how they are recognised.

use schemars::JsonSchema;
use serde::Serialize;

use crate::base::Untrusted;

/// What a deed on trust did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TrustReport {
    /// Always `trust-report.v1`.
    pub schema: &'static str,
    /// What was done.
    pub done: TrustDeed,
    /// The entries it is about.
    pub entries: Vec<TrustView>,
    /// Trust lists that others keep, apart from the entries.
    pub lists: Vec<ListView>,
    /// Facts worth knowing, such as what to compare.
    pub notes: Vec<String>,
}

/// One trust list, as it counts now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ListView {
    /// `c2pa`, `tsa`, `interim` or `interim-leaves`.
    pub list: &'static str,
    /// What verdicts call it.
    pub says: String,
    /// Of what day it is, RFC 3339; of a frozen list, when it was closed.
    pub dated: String,
    /// Whether nothing is added to it any more by whoever keeps it.
    pub frozen: bool,
    /// When the user brought it, RFC 3339; absent for what ships with byline.
    pub imported: Option<String>,
    /// How many certificates it holds.
    pub certificates: u64,
    /// Certificates that the list before it lacked; empty unless the deed changed it.
    pub added: Vec<CertificateView>,
    /// Certificates that the list before it held; empty unless the deed changed it.
    pub removed: Vec<CertificateView>,
}

/// What was done with trust.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TrustDeed {
    /// Somebody was added.
    Added,
    /// A list was brought in the place of another.
    Imported,
    /// Somebody was trusted under this name already, by the same keys.
    Known,
    /// They were listed.
    Listed,
    /// Somebody was removed.
    Removed,
    /// Imported lists were given up for those that ship with byline.
    Reset,
    /// A newer key of somebody was taken in beside those before it.
    Rotated,
}

/// One trusted person, studio or authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TrustView {
    /// What the user calls it.
    pub name: String,
    /// What the file it came from called itself. Nobody has checked it.
    pub says: Untrusted,
    /// When the user added it, RFC 3339.
    pub added: String,
    /// Thumbprints of ledger keys: the fingerprints people compare.
    pub key_ids: Vec<String>,
    /// Roots: whatever is issued below them is taken for this entry's.
    pub anchors: Vec<CertificateView>,
    /// Certificates that are this entry's themselves.
    pub certificates: Vec<CertificateView>,
    /// Certificates below which time-stamping authorities are believed, and nobody else.
    pub timestamp_anchors: Vec<CertificateView>,
}

/// A certificate in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CertificateView {
    /// SHA-256 of the certificate.
    pub sha256: String,
    /// Common name, else organisation, of its subject.
    pub subject: Option<Untrusted>,
    /// Last moment, RFC 3339.
    pub valid_until: String,
}
