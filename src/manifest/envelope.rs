//! The signature of a claim as a whole: a COSE_Sign1 whose payload lies elsewhere, with the certificates in its protected header.
//!
//! Source: C2PA 2.1, 13.2 and 14.5; RFC 9052, 4.2 and 4.4; RFC 9360, 2.

use coset::cbor::value::Value;
use coset::{
    CborSerializable as _, CoseError, CoseSign1, HeaderBuilder, ProtectedHeader, SignatureContext,
    TaggedCborSerializable as _, iana, sig_structure_data,
};

use crate::keys::{Identity, SigningAlgorithm};

/// What stays the same in all signatures of an identity, made once.
pub(super) struct Envelope {
    protected: ProtectedHeader,
    /// All that stands before the signature.
    front: Vec<u8>,
    /// Bytes of the bare signature, which ends the whole.
    signature_len: usize,
}

impl Envelope {
    /// Lays out the header with algorithm and chain.
    pub(super) fn of(identity: &Identity) -> Result<Self, CoseError> {
        let (algorithm, signature_len) = match identity.algorithm() {
            SigningAlgorithm::Ed25519 => (iana::Algorithm::EdDSA, 64),
            SigningAlgorithm::Es256 => (iana::Algorithm::ES256, 64),
            SigningAlgorithm::Es384 => (iana::Algorithm::ES384, 96),
        };
        let mut chain: Vec<Value> = identity.chain_der().iter().cloned().map(Value::Bytes).collect();
        let certificates = match chain.len() {
            1 => chain.remove(0),
            _ => Value::Array(chain),
        };
        let header = HeaderBuilder::new()
            .algorithm(algorithm)
            .value(X5CHAIN, certificates)
            .build();
        let protected = ProtectedHeader {
            original_data: Some(header.to_vec()?),
            ..ProtectedHeader::default()
        };
        let blank = CoseSign1 {
            protected: protected.clone(),
            signature: vec![0; signature_len],
            ..CoseSign1::default()
        };
        let mut front = blank.to_tagged_vec()?;
        front.truncate(front.len().saturating_sub(signature_len));
        Ok(Self {
            protected,
            front,
            signature_len,
        })
    }

    /// Bytes of each signature with all that is around it.
    pub(super) const fn len(&self) -> usize {
        self.front.len().saturating_add(self.signature_len)
    }

    /// Signs a payload with what makes bare signatures: a tagged COSE_Sign1, [`Self::len`] bytes.
    pub(super) fn sign(
        &self,
        payload: &[u8],
        bare: &dyn Fn(&[u8]) -> c2pa::Result<Vec<u8>>,
    ) -> c2pa::Result<Vec<u8>> {
        let header = self.protected.clone();
        let signature = bare(&sig_structure_data(
            SignatureContext::CoseSign1,
            header,
            None,
            &[],
            payload,
        ))?;
        if signature.len() != self.signature_len {
            return Err(c2pa::Error::CoseSignature);
        }
        Ok([self.front.as_slice(), &signature].concat())
    }
}

/// Label of the header that carries certificates (RFC 9360, 2).
const X5CHAIN: i64 = 33;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::read_back::holds;
    use crate::manifest::samples::identity;

    fn signed(seed: u8, payload: &[u8]) -> (Envelope, Vec<u8>) {
        let identity = identity(seed);
        let envelope = Envelope::of(&identity).unwrap();
        let whole = envelope.sign(payload, &|data| Ok(identity.sign(data).unwrap()));
        (envelope, whole.unwrap())
    }

    #[test]
    fn the_sdk_verifies_it_over_its_payload_and_no_other() {
        let (envelope, whole) = signed(1, b"claim");
        assert_eq!(whole.len(), envelope.len());
        assert!(holds(&whole, b"claim"));
        assert!(!holds(&whole, b"clain"));
    }

    #[test]
    fn a_bare_signature_of_another_length_is_refused() {
        let (envelope, _) = signed(1, b"claim");
        assert!(envelope.sign(b"claim", &|_| Ok(vec![0; 65])).is_err());
    }
}
