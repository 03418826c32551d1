//! RFC 3161 time stamps, judged by us: the SDK takes any anchor for an authority's, whatever it was given for.

use c2pa::crypto::cose::CertificateTrustPolicy;
use c2pa::crypto::time_stamp::{tsa_signer_cert_der_from_token, verify_time_stamp};
use c2pa::status_tracker::StatusTracker;
use ciborium::Value;

use super::contexts::names;
use super::listed::Listed;
use super::path::{Anchors, Way};
use super::store::{Active, get};
use crate::base::{Timestamp, Untrusted};
use crate::keys::der::{Der, INTEGER, OCTETS, OID, SEQUENCE, TIME, time, trimmed};
use crate::keys::path::{PathFault, may_stamp};
use crate::keys::pem::certificate_text;
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
    /// Why an anchor that its chain leads to does not vouch for it.
    pub(super) refused: Option<PathFault>,
    /// The certificates in it from the authority's own upwards, DER.
    pub(super) chain_der: Vec<Vec<u8>>,
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
#[derive(Default)]
pub(super) struct Authorities {
    /// What the user gave that certifies others.
    pub(super) yours: Anchors,
    /// Authorities that the user gave themselves, DER.
    pub(super) pinned: Vec<Vec<u8>>,
    pub(super) lists: Vec<Listed>,
}

/// A token that holds.
struct Held {
    at: Timestamp,
    vouched: Vouched,
    /// Why an anchor that its chain leads to does not vouch for it.
    refused: Option<PathFault>,
}

impl Authorities {
    /// When this token over this message was made, and who vouches for the authority that made it; nothing where it does not hold. Each
    /// anchor asked costs a check of its signature, so lists are asked where the token `may_lead` to one of them.
    fn judge(
        &self,
        token: &[u8],
        chain: &[Vec<u8>],
        message: &[u8],
        may_lead: impl Fn(&[u8]) -> bool,
    ) -> Option<Held> {
        let held = |at, vouched| Held {
            at,
            vouched,
            refused: None,
        };
        let asked = |policy: &CertificateTrustPolicy| {
            let at = made(token, message, policy, true)?;
            Some((at, at.unix_s()))
        };
        let leaf = chain.first();
        // The library notes that a certificate is for something else, and goes on.
        let fit = leaf.is_some_and(|leaf| may_stamp(leaf));
        let mut refused = (leaf.is_some() && !fit).then_some(PathFault::Usage);
        if let Some(leaf) = leaf.filter(|leaf| fit && self.pinned.contains(leaf))
            && let Some((at, _)) = itself(leaf).and_then(|policy| asked(&policy))
        {
            return Some(held(at, Vouched::You));
        }
        let lists = self.lists.iter().filter(|_| may_lead(token));
        let lists = lists.map(|list| (list.anchors(), Vouched::List(list.says().to_owned())));
        for (anchors, vouched) in std::iter::once((&self.yours, Vouched::You)).chain(lists) {
            match anchors.follow(chain, asked) {
                Way::There(at) if fit => return Some(held(at, vouched)),
                Way::Refused(fault) => refused = refused.or(Some(fault)),
                Way::There(_) | Way::Nowhere => {}
            }
        }
        Some(Held {
            refused,
            ..held(stated(token, message)?, Vouched::Nobody)
        })
    }
}

/// One authority's own certificate as the library's policy.
fn itself(leaf: &[u8]) -> Option<CertificateTrustPolicy> {
    let mut policy = CertificateTrustPolicy::default();
    policy
        .add_end_entity_credentials(certificate_text(leaf).as_bytes())
        .ok()?;
    Some(policy)
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
        let chain_der = chain(token);
        let judged = message.and_then(|message| anchors.judge(token, &chain_der, &message, may_lead));
        let refused = judged.as_ref().and_then(|held| held.refused);
        let (at, vouched) = judged.map_or((None, Vouched::Nobody), |held| (Some(held.at), held.vouched));
        Some(Self {
            at,
            authority: authority(token),
            vouched,
            refused,
            chain_der,
        })
    }
}

/// The time that a time-stamp token or response (RFC 3161) states over a message, whoever signed it; nothing where it is of other
/// bytes, or not signed by the certificate in it.
#[must_use]
pub fn stated(token: &[u8], message: &[u8]) -> Option<Timestamp> {
    made(token, message, &CertificateTrustPolicy::passthrough(), false)
}

/// The time a token states over a message, where it holds by a policy and gives one time.
fn made(
    token: &[u8],
    message: &[u8],
    policy: &CertificateTrustPolicy,
    asks_trust: bool,
) -> Option<Timestamp> {
    let info = verify_time_stamp(token, message, policy, &mut StatusTracker::default(), asks_trust).ok()?;
    one_time(token, info.gen_time.into())
}

/// The time in a token, where the library's is about the same. The library gives the attribute signingTime (RFC 5652, 11.3) in its
/// place where there is one, and asks whether the authority's certificate was valid at that: RFC 3161 knows genTime alone (2.4.2).
fn one_time(token: &[u8], librarys: chrono::DateTime<chrono::Utc>) -> Option<Timestamp> {
    let at = gen_time(token)?;
    (librarys.timestamp().abs_diff(at.unix_s()) <= APART_S_MAX).then_some(at)
}

/// Whether an answer holds a token over this message that answers this very request; whose token it is, is judged when reading.
pub(super) fn answers(answer: &[u8], message: &[u8], request: &[u8]) -> bool {
    let anyone = CertificateTrustPolicy::passthrough();
    let info = verify_time_stamp(answer, message, &anyone, &mut StatusTracker::default(), false);
    let Ok(info) = info else { return false };
    let echoed = info.nonce.as_ref().map(|nonce| nonce.as_slice().to_vec());
    // RFC 3161, 2.4.2: the same nonce, or none if none was sent.
    let is_echo = nonce(request).map(trimmed) == echoed.as_deref().map(trimmed);
    is_echo && one_time(answer, info.gen_time.into()).is_some()
}

/// Who signed a token, as its certificate says.
fn authority(token: &[u8]) -> Option<Untrusted> {
    let der = tsa_signer_cert_der_from_token(token).ok()??;
    let leaf = LeafInfo::parse(&der).ok()?;
    leaf.subject_cn.or(leaf.subject_o)
}

/// The certificates in a token from that of its signer upwards, DER, each the first that bears the name of the issuer before it: in the
/// order in which the library puts them. Nothing where they cannot be read.
fn chain(token: &[u8]) -> Vec<Vec<u8>> {
    let leaf = tsa_signer_cert_der_from_token(token).ok().flatten();
    let (Some(leaf), Some(mut rest)) = (leaf, certificates(token)) else {
        return Vec::new();
    };
    rest.retain(|der| *der != leaf);
    let mut chain = vec![leaf];
    while chain.len() < CERTIFICATES_MAX {
        let issuer = chain
            .last()
            .and_then(|last| names(last))
            .map(|(issuer, _)| issuer);
        let is_next = |der: &&[u8]| names(der).map(|(_, subject)| subject) == issuer;
        let Some(at) = rest.iter().position(|der| issuer.is_some() && is_next(der)) else {
            break;
        };
        chain.push(rest.remove(at).to_vec());
    }
    chain
}

/// The certificates of a token (RFC 5652, 5.1).
fn certificates(token: &[u8]) -> Option<Vec<&[u8]>> {
    let mut signed = content_onwards(token)?;
    signed.item(SEQUENCE)?;
    let mut list = Der::new(signed.take(CONTEXT_0)?);
    let mut out = Vec::new();
    while !list.is_empty() {
        out.push(list.item(SEQUENCE)?.whole);
    }
    Some(out)
}

/// The genTime of a token's TSTInfo (RFC 3161, 2.4.2; RFC 5652, 5.2), without the fraction of a second that it may have.
fn gen_time(token: &[u8]) -> Option<Timestamp> {
    let mut content = Der::new(content_onwards(token)?.take(SEQUENCE)?);
    content.item(OID)?;
    let info = Der::new(content.take(CONTEXT_0)?).take(OCTETS)?;
    let mut info = Der::new(Der::new(info).take(SEQUENCE)?);
    // Version, policy, imprint, serial number.
    for tag in [INTEGER, OID, SEQUENCE, INTEGER] {
        info.item(tag)?;
    }
    let stated = info.take(TIME)?;
    let Some(dot) = stated.iter().position(|byte| *byte == b'.') else {
        return time(stated);
    };
    let (whole, fraction) = stated.split_at_checked(dot)?;
    let (_, digits) = fraction.strip_suffix(b"Z")?.split_first()?;
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    time(&[whole, b"Z"].concat()).filter(|_| is_number)
}

/// The SignedData of a token from its content on (RFC 5652, 5.1); the token may stand in a response (RFC 3161, 2.4.2).
fn content_onwards(token: &[u8]) -> Option<Der<'_>> {
    let mut outer = Der::new(Der::new(token).take(SEQUENCE)?);
    // A response begins with its status.
    if outer.item(SEQUENCE).is_some() {
        outer = Der::new(outer.take(SEQUENCE)?);
    }
    outer.item(OID)?;
    let mut signed = Der::new(Der::new(outer.take(CONTEXT_0)?).take(SEQUENCE)?);
    signed.item(INTEGER)?;
    signed.item(SET)?;
    Some(signed)
}

/// Most seconds between genTime and signingTime: one authority's clock, and a zone that somebody forgot.
const APART_S_MAX: u64 = 86_400;
/// Most certificates of a token that are put in order; real ones hold two to four.
const CERTIFICATES_MAX: usize = 16;
/// `[0]` around a value.
const CONTEXT_0: u8 = 0xa0;
/// `SET`.
const SET: u8 = 0x31;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::der::wrapped;

    /// A token around a genTime, with nobody's signature.
    fn token(stated: &[u8]) -> Vec<u8> {
        let item = wrapped;
        let info = [
            item(INTEGER, &[1]),
            item(OID, &[42, 3, 4]),
            item(SEQUENCE, &[]),
            item(INTEGER, &[7]),
            item(TIME, stated),
        ];
        let info = item(OCTETS, &item(SEQUENCE, &info.concat()));
        let content = [item(OID, &[42]), item(CONTEXT_0, &info)].concat();
        let signed = [item(INTEGER, &[3]), item(SET, &[]), item(SEQUENCE, &content)].concat();
        let signed = item(CONTEXT_0, &item(SEQUENCE, &signed));
        item(SEQUENCE, &[item(OID, &[42]), signed].concat())
    }

    #[test]
    fn a_time_is_read_out_of_a_token_and_out_of_a_response() {
        let read = |bytes: &[u8]| gen_time(bytes).map(Timestamp::rfc3339);
        let token = |stated: &str| token(stated.as_bytes());
        let response = |token: &[u8]| {
            let status = wrapped(SEQUENCE, &wrapped(INTEGER, &[0]));
            wrapped(SEQUENCE, &[&status, token].concat())
        };
        let wanted = Some("2026-01-01T00:00:00Z".to_owned());
        for stated in ["20260101000000Z", "20260101000000.5Z", "20260101000000.34352Z"] {
            assert_eq!(read(&token(stated)), wanted, "{stated}");
            assert_eq!(read(&response(&token(stated))), wanted, "{stated}");
        }
        for wrong in [
            "",
            ".Z",
            "20260101000000.Z",
            "20260101000000.5",
            "20260101000000.5x5Z",
            "20260101000000.5.5Z",
            "202601010000Z",
        ] {
            assert_eq!(read(&token(wrong)), None, "{wrong}");
        }
        let whole = token("20260101000000Z");
        assert_eq!(read(&whole[..whole.len() - 1]), None);
    }
}
