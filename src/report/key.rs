//! What there is to say about the user's own keys. Never a secret.

use schemars::JsonSchema;
use serde::Serialize;

use super::title::Recorded;
use crate::base::Untrusted;

/// What a deed on keys did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct KeyReport {
    /// Always `key-report.v1`.
    pub schema: &'static str,
    /// What was done.
    pub done: KeyDeed,
    /// The keys it is about.
    pub keys: Vec<KeyView>,
    /// The file that was written, where one was.
    pub written: Option<Untrusted>,
    /// What would have been written, where no file was named: a public file, certificates or a request.
    pub text: Option<String>,
    /// Ledger entries that were made, where some were.
    pub recorded: Vec<Recorded>,
    /// Facts worth knowing, such as what a risk is.
    pub notes: Vec<String>,
}

/// What was done with keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum KeyDeed {
    /// A part of it was written out.
    Exported,
    /// It came from elsewhere.
    Imported,
    /// They were listed.
    Listed,
    /// It was made.
    Made,
    /// A request for a CA was made.
    Requested,
    /// It was declared ended.
    Revoked,
    /// Its next key took its place.
    Rotated,
    /// It was shown.
    Shown,
}

/// One key, as its public file says; no passphrase is needed to know this.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct KeyView {
    /// The name on this machine.
    pub name: String,
    /// What the certificate calls its holder.
    pub says: Option<Untrusted>,
    /// Organisation in the certificate.
    pub organization: Option<Untrusted>,
    /// E-mail address in the certificate.
    pub email: Option<Untrusted>,
    /// `ed25519`, `es256` or `es384`.
    pub algorithm: Option<String>,
    /// Thumbprint of the key that signs ledger entries (RFC 9679): the fingerprint people compare.
    pub key_id: Option<String>,
    /// SHA-256 of the certificate.
    pub certificate_id: Option<String>,
    /// Who issued the certificate: `self` or `ca`.
    pub made: Option<String>,
    /// How the secret lies on disk: `passphrase` or `none`.
    pub protection: String,
    /// Whether its next key lies beside it: what `byline key rotate` hands over to. Keys made by early versions have none.
    pub next: bool,
    /// How many earlier keys of it are kept.
    pub retired: u64,
    /// First moment of the certificate, RFC 3339.
    pub valid_from: Option<String>,
    /// Last moment of the certificate, RFC 3339.
    pub valid_until: Option<String>,
    /// `valid`, `expired`, `not-yet-valid`, or `unreadable`.
    pub state: String,
}
