//! RFC 3161 time stamps, judged by us: the SDK takes any anchor for an authority's, whatever it was given for.

use c2pa::crypto::cose::CertificateTrustPolicy;
use c2pa::crypto::time_stamp::{tsa_signer_cert_der_from_token, verify_time_stamp};
use c2pa::status_tracker::StatusTracker;
use ciborium::Value;

use super::listed::Listed;
use super::store::{Active, get};
use crate::base::{Timestamp, Untrusted};
use crate::keys::der::{Der, INTEGER, SEQUENCE, trimmed};
use crate::keys::x509::LeafInfo;

/// What a signature's time stamp comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    /// What it says; `None` where it does not hold: its own signature, or the signature it stands on, is another.
    pub(super) at: Option<Timestamp>,
    /// Who signed it, as its certificate says.
    pub(super) authority: Option<Untrusted>,
    /// Whose anchors for time the authority's certificate ends at.
    pub(super) vouched: Vouched,
}

/// Who vouches for an authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Vouched {
    /// The user.
    You,
    /// A list of others, in a verdict's words.
    List(String),
    /// Nobody.
    Nobody,
}

/// Anchors for time, and nothing else: the user's, then those of lists.
pub(super) struct Authorities {
    /// Absent where the user gave none: each policy asked costs a signature check.
    pub(super) yours: Option<CertificateTrustPolicy>,
    pub(super) lists: Vec<Listed>,
}

impl Authorities {
    /// Nobody.
    pub(super) fn nobody() -> Self {
        Self {
            yours: None,
            lists: Vec::new(),
        }
    }

    /// When this token over this message was made, and who vouches for the authority that made it; nothing where it does not hold. Each
    /// policy asked costs a check of its signature, so lists are asked where the token `may_lead` to one of them.
    fn judge(
        &self,
        token: &[u8],
        message: &[u8],
        may_lead: impl Fn(&[u8]) -> bool,
    ) -> Option<(Timestamp, Vouched)> {
        let asked = |policy: &CertificateTrustPolicy| made(token, message, policy, true);
        if let Some(at) = self.yours.as_ref().and_then(asked) {
            return Some((at, Vouched::You));
        }
        let mut lists = self.lists.iter();
        let listed = |list: &Listed| Some((asked(list.policy())?, Vouched::List(list.says().to_owned())));
        let on = may_lead(token).then(|| lists.find_map(listed)).flatten();
        on.or_else(|| Some((stated(token, message)?, Vouched::Nobody)))
    }
}

impl Stamp {
    /// The stamp of a manifest's signature (`sigTst2`, or `sigTst` of claims of version 1), against anchors for time alone; `may_lead`
    /// says false of bytes that cannot lead to a list.
    pub(super) fn read(
        own: &Active<'_>,
        anchors: &Authorities,
        may_lead: impl Fn(&[u8]) -> bool,
    ) -> Option<Self> {
        let parts = own.cose().ok()?;
        let (kind, token) = parts.unprotected.iter().find_map(|(key, stamps)| {
            let kind = key.as_text().filter(|key| matches!(*key, "sigTst" | "sigTst2"))?;
            let first = get(stamps, "tstTokens")?.as_array()?.first()?;
            Some((kind, get(first, "val")?.as_bytes()?.as_slice()))
        })?;
        let message = match kind {
            "sigTst" => Some(own.claim.to_vec()),
            _ => encode(&Value::Bytes(parts.signature.clone())),
        };
        let message = message.and_then(|message| countersigned(&parts.protected, message));
        let judged = message.and_then(|message| anchors.judge(token, &message, may_lead));
        let (at, vouched) = judged.map_or((None, Vouched::Nobody), |(at, by)| (Some(at), by));
        Some(Self {
            at,
            authority: authority(token),
            vouched,
        })
    }
}

/// The time that a time-stamp token or response (RFC 3161) states over a message, whoever signed it; nothing where it is of other
/// bytes, or not signed by the certificate in it.
#[must_use]
pub fn stated(token: &[u8], message: &[u8]) -> Option<Timestamp> {
    made(token, message, &CertificateTrustPolicy::passthrough(), false)
}

/// The time a token states over a message, where it holds by a policy.
fn made(
    token: &[u8],
    message: &[u8],
    policy: &CertificateTrustPolicy,
    asks_trust: bool,
) -> Option<Timestamp> {
    let info = verify_time_stamp(token, message, policy, &mut StatusTracker::default(), asks_trust).ok()?;
    let time: chrono::DateTime<chrono::Utc> = info.gen_time.into();
    Some(Timestamp::from_unix_s(time.timestamp()))
}

/// Whether an answer holds a token over this message that answers this very request; whose token it is, is judged when reading.
pub(super) fn answers(answer: &[u8], message: &[u8], request: &[u8]) -> bool {
    let anyone = CertificateTrustPolicy::passthrough();
    let info = verify_time_stamp(answer, message, &anyone, &mut StatusTracker::default(), false);
    let Ok(info) = info else { return false };
    let echoed = info.nonce.as_ref().map(|nonce| nonce.as_slice().to_vec());
    // RFC 3161, 2.4.2: the same nonce, or none if none was sent.
    nonce(request).map(trimmed) == echoed.as_deref().map(trimmed)
}

/// Who signed a token, as its certificate says.
fn authority(token: &[u8]) -> Option<Untrusted> {
    let der = tsa_signer_cert_der_from_token(token).ok()??;
    let leaf = LeafInfo::parse(&der).ok()?;
    leaf.subject_cn.or(leaf.subject_o)
}

/// COSE's Sig_structure of a countersignature (RFC 9052, 4.4), over which C2PA has the imprint made (C2PA 2.4, 10.3.2.5).
fn countersigned(protected: &[u8], message: Vec<u8>) -> Option<Vec<u8>> {
    encode(&Value::Array(vec![
        Value::Text("CounterSignature".to_owned()),
        Value::Bytes(protected.to_vec()),
        Value::Bytes(Vec::new()),
        Value::Bytes(message),
    ]))
}

fn encode(value: &Value) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    ciborium::into_writer(value, &mut out).ok()?;
    Some(out)
}

/// The nonce of a TimeStampReq: the first INTEGER after the message imprint (RFC 3161, 2.4.1).
fn nonce(request: &[u8]) -> Option<&[u8]> {
    let mut request = Der::new(Der::new(request).take(SEQUENCE)?);
    request.next()?;
    request.next()?;
    while let Some(item) = request.next() {
        if item.tag == INTEGER {
            return Some(item.value);
        }
    }
    None
}
