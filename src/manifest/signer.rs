//! An identity as the SDK wants it: signs claims and, as a named identity, vouches for what the claim says of rights.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::ThreadId;

use c2pa::dynamic_assertion::{DynamicAssertion, DynamicAssertionContent, PartialClaim};
use c2pa::identity::SignerPayload;
use c2pa::identity::builder::{CredentialHolder, IdentityAssertionBuilder, IdentityBuilderError};
use c2pa::{Signer, SigningAlg};

use super::envelope::Envelope;
use super::plan::Plan;
use super::read_back::signature_holds;
use super::stamp;
use super::store::Active;
use crate::base::Untrusted;
use crate::base::statement::Role;
use crate::keys::{Identity, SigningAlgorithm};

/// Gets RFC 3161 time-stamp tokens; the network is the caller's business.
pub trait TimestampSource: Send + Sync {
    /// Sends a DER-encoded TimeStampReq and returns the whole DER-encoded TimeStampResp.
    fn token(&self, request_der: &[u8]) -> Result<Vec<u8>, TimestampError>;
}

/// Why no time stamp could be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimestampError {
    /// The address is not one that may be asked.
    #[error("the address is not one byline asks: {why}")]
    Forbidden {
        /// Which rule it breaks.
        why: &'static str,
    },
    /// The answer is no time-stamp token over what was asked: refused, garbage, over another signature, or with another nonce.
    #[error("the answer is no time stamp over this signature and request")]
    Malformed,
    /// The authority answered with something else than a time stamp.
    #[error("the authority answered with status {status}")]
    Refused {
        /// HTTP status.
        status: u16,
    },
    /// The answer exceeds the limit.
    #[error("the answer is larger than {limit} bytes")]
    TooLarge {
        /// Most bytes taken.
        limit: u64,
    },
    /// The authority could not be reached in time.
    #[error("the authority could not be reached")]
    Unreachable {
        /// What the network said.
        why: Untrusted,
    },
}

/// What signing threads share: the key, the time-stamp source, and why a stamp failed on which thread.
pub(super) struct Keys {
    pub(super) identity: Arc<Identity>,
    pub(super) timestamp: Option<Arc<dyn TimestampSource>>,
    envelope: Envelope,
    failures: Mutex<HashMap<ThreadId, TimestampError>>,
}

impl Keys {
    pub(super) fn new(
        identity: Arc<Identity>,
        timestamp: Option<Arc<dyn TimestampSource>>,
    ) -> c2pa::Result<Self> {
        Ok(Self {
            envelope: Envelope::of(&identity).map_err(|_| c2pa::Error::CoseSignature)?,
            identity,
            timestamp,
            failures: Mutex::new(HashMap::new()),
        })
    }

    /// A signature with certificates, of something that lies elsewhere: COSE_Sign1.
    pub(super) fn sign_whole(&self, payload: &[u8]) -> c2pa::Result<Vec<u8>> {
        self.envelope.sign(payload, &|data| self.sign(data))
    }

    /// The bare signature of some bytes.
    pub(super) fn sign(&self, data: &[u8]) -> c2pa::Result<Vec<u8>> {
        let made = self.identity.sign(data);
        made.map_err(|_| c2pa::Error::CoseSignature)
    }

    /// Whether a claim's signature, just made, is this identity's. Without a time stamp it is made again and must be the same: all
    /// signatures are deterministic (RFC 8032, 5.1.6; RFC 6979), and that the key is the certificate's was seen when it was opened. That takes
    /// half as long as verifying it, which the SDK does where it laid out the signature.
    pub(super) fn made(&self, active: &Active<'_>) -> bool {
        if self.timestamp.is_some() {
            return signature_holds(active);
        }
        let again = self.sign_whole(active.claim);
        again.is_ok_and(|again| again == active.signature)
    }

    /// Takes why this thread's last time stamp failed; the SDK keeps only a text of it.
    pub(super) fn take_failure(&self) -> Option<TimestampError> {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.remove(&std::thread::current().id())
    }

    fn fail(&self, error: TimestampError) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.insert(std::thread::current().id(), error);
    }
}

/// Signs claims with an identity and adds its `cawg.identity`, in one role or in none; plain, it adds nothing.
pub(super) struct ClaimSigner {
    keys: Arc<Keys>,
    named: Option<Arc<IdentityAssertionBuilder>>,
    room: Room,
}

/// How long the `cawg.identity` of a store is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    /// What it has to say: the store has the size that it then has.
    Own,
    /// What was reserved for it, filled up with zeros: for stores whose size is laid out before they are signed.
    Reserved,
}

impl ClaimSigner {
    pub(super) fn new(keys: Arc<Keys>, role: Option<Role>, room: Room) -> Self {
        let mut named = IdentityAssertionBuilder::for_credential_holder(Named(Arc::clone(&keys)));
        named.add_referenced_assertions(&Plan::VOUCHED_BY_IDENTITY);
        if let Some(role) = role {
            named.add_roles(&[role.cawg()]);
        }
        Self {
            keys,
            named: Some(Arc::new(named)),
            room,
        }
    }

    /// For updates, which have no hard binding that an identity could vouch for.
    pub(super) const fn plain(keys: Arc<Keys>) -> Self {
        Self {
            keys,
            named: None,
            room: Room::Own,
        }
    }
}

impl Signer for ClaimSigner {
    fn sign(&self, data: &[u8]) -> c2pa::Result<Vec<u8>> {
        if self.direct_cose_handling() {
            self.keys.sign_whole(data)
        } else {
            self.keys.sign(data)
        }
    }

    /// Left to itself the SDK judges the certificate for each picture anew, and fills the signature up with zeros. A time stamp is its to
    /// ask for and to put in, and then the rest is as well.
    fn direct_cose_handling(&self) -> bool {
        self.keys.timestamp.is_none()
    }

    fn alg(&self) -> SigningAlg {
        algorithm(self.keys.identity.algorithm())
    }

    fn certs(&self) -> c2pa::Result<Vec<Vec<u8>>> {
        Ok(self.keys.identity.chain_der().to_vec())
    }

    fn reserve_size(&self) -> usize {
        let whole = self.keys.envelope.len();
        if self.direct_cose_handling() {
            return whole;
        }
        whole.saturating_add(COSE_SPARE).saturating_add(TIMESTAMP_RESERVE)
    }

    fn send_timestamp_request(&self, message: &[u8]) -> Option<c2pa::Result<Vec<u8>>> {
        let source = self.keys.timestamp.as_ref()?;
        let answer = self
            .timestamp_request_body(message)
            .map_err(|_| TimestampError::Malformed)
            .and_then(|request| {
                let answer = source.token(&request)?;
                stamp::answers(&answer, message, &request)
                    .then_some(answer)
                    .ok_or(TimestampError::Malformed)
            });
        Some(answer.map_err(|error| {
            self.keys.fail(error);
            c2pa::Error::BadParam("time stamp".to_owned())
        }))
    }

    fn dynamic_assertions(&self) -> Vec<Box<dyn DynamicAssertion>> {
        let boxed = |named: &Arc<IdentityAssertionBuilder>| -> Box<dyn DynamicAssertion> {
            match self.room {
                Room::Own => Box::new(Unpadded(Arc::clone(named))),
                Room::Reserved => Box::new(Arc::clone(named)),
            }
        };
        self.named.iter().map(boxed).collect()
    }
}

/// An identity's assertion in its own length. The SDK would lay the room out as a list of numbers, read that back and fill it up: a
/// tenth of the time that a small picture takes, and a kibibyte of zeros in each file.
struct Unpadded(Arc<IdentityAssertionBuilder>);

impl DynamicAssertion for Unpadded {
    fn label(&self) -> String {
        self.0.label()
    }

    fn reserve_size(&self) -> c2pa::Result<usize> {
        Ok(PLACEHOLDER)
    }

    fn content(
        &self,
        label: &str,
        _: Option<usize>,
        claim: &PartialClaim,
    ) -> c2pa::Result<DynamicAssertionContent> {
        self.0.content(label, None, claim)
    }
}

/// The named identity: the same key and certificates as the claim's (CAWG identity 1.1, 8.2).
struct Named(Arc<Keys>);

impl CredentialHolder for Named {
    fn sig_type(&self) -> &'static str {
        "cawg.x509.cose"
    }

    fn reserve_size(&self) -> usize {
        self.0.envelope.len().saturating_add(REFERENCES_RESERVE)
    }

    fn sign(&self, payload: &SignerPayload) -> Result<Vec<u8>, IdentityBuilderError> {
        let mut cbor = Vec::new();
        ciborium::into_writer(payload, &mut cbor)
            .map_err(|error| IdentityBuilderError::CborGenerationError(error.to_string()))?;
        let made = self.0.sign_whole(&cbor);
        made.map_err(|error| IdentityBuilderError::SignerError(error.to_string()))
    }
}

const fn algorithm(ours: SigningAlgorithm) -> SigningAlg {
    match ours {
        SigningAlgorithm::Ed25519 => SigningAlg::Ed25519,
        SigningAlgorithm::Es256 => SigningAlg::Es256,
        SigningAlgorithm::Es384 => SigningAlg::Es384,
    }
}

/// Room beside certificates and signature, bytes, where a time stamp is put in; what is left over becomes zero padding. The SDK's padding
/// finds its size only where more than 255 bytes are left over.
const COSE_SPARE: usize = 512;
/// Room for a time-stamp token with its certificates, bytes; tokens in the field have 3 to 8 KiB.
const TIMESTAMP_RESERVE: usize = 12 << 10;
/// What stands for an identity's assertion until it is made, bytes: any length that holds a list.
const PLACEHOLDER: usize = 16;
/// Room for what an identity's assertion holds beside the signature, bytes: up to six references to assertions, a role, and padding.
const REFERENCES_RESERVE: usize = 1536;
