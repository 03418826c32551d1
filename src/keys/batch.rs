//! Many Ed25519 signatures at once: one multiscalar multiplication, one term per signature and one per *distinct* key.
//!
//! The equation, over all signatures i and keys j, with 128-bit coefficients z:
//!
//! ```text
//! 8 ( sum_i(z_i s_i) B  -  sum_i z_i R_i  -  sum_j ( sum_{i of j} z_i k_i ) A_j ) = 0,   k_i = SHA-512(R_i, A_i, M_i)
//! ```
//!
//! The coefficients are derived from a hash over every input, so an answer depends on nothing but the input; a forger
//! must find signatures whose errors cancel under coefficients that change with each try: 2^-128 a try.
//!
//! Against [`PublicKey::verify_strict`]: honest signatures pass both; one that was not made with the secret key fails
//! both. They differ in one case, which needs the *secret key itself*: its holder can add a point of small order to
//! `R`; the strict rule refuses that, the factor 8 forgives it. It forges nothing, but it makes signatures on which
//! two verifiers differ; who must not differ verifies strictly. Non-canonical scalars and points, and commitments and
//! keys of small order, are refused here as there.

use std::collections::HashMap;

use curve25519_dalek::constants::ED25519_BASEPOINT_POINT;
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::{IsIdentity as _, VartimeMultiscalarMul as _};

use super::ed25519::{PublicKey, SIGNATURE_LEN, is_canonical, is_small_order};
use crate::base::Hasher;
use crate::base::digest::sha512;

/// Whether every signature is its key's over its message; an empty batch is. Says not which one failed: bisect, or
/// ask [`PublicKey::verify_strict`] one by one. Best with some hundreds to some thousands of items and few keys.
#[must_use]
pub fn verify_batch<const PARTS: usize>(items: &[Item<'_, PARTS>]) -> bool {
    if let [(key, message, signature)] = items {
        return key.verify_strict(&message.concat(), signature);
    }
    let Some(terms) = items.iter().map(Term::read).collect::<Option<Vec<_>>>() else {
        return false;
    };
    equation_holds(items, &terms)
}

/// A key, a message in parts that follow each other, and the key's signature over it.
pub type Item<'a, const PARTS: usize> = (PublicKey, [&'a [u8]; PARTS], [u8; SIGNATURE_LEN]);

/// What one signature brings into the equation, before its coefficient.
struct Term {
    challenge: Scalar,
    commitment: CompressedEdwardsY,
    response: Scalar,
}

impl Term {
    fn read<const PARTS: usize>((key, message, signature): &Item<'_, PARTS>) -> Option<Self> {
        let (commitment, response) = signature.split_first_chunk::<32>()?;
        if !is_canonical(commitment) || is_small_order(commitment) {
            return None;
        }
        let response: Option<Scalar> = Scalar::from_canonical_bytes(response.try_into().ok()?).into();
        let before = [&commitment[..], key.as_bytes()];
        let challenge = sha512(before.into_iter().chain(*message));
        Some(Self {
            challenge: Scalar::from_bytes_mod_order_wide(&challenge),
            commitment: CompressedEdwardsY(*commitment),
            response: response?,
        })
    }
}

fn equation_holds<const PARTS: usize>(items: &[Item<'_, PARTS>], terms: &[Term]) -> bool {
    let coefficients = coefficients(terms);
    let mut base = Scalar::ZERO;
    let mut places: HashMap<PublicKey, usize> = HashMap::new();
    let mut keys: Vec<(EdwardsPoint, Scalar)> = Vec::new();
    for (((key, _, _), term), z) in items.iter().zip(terms).zip(&coefficients) {
        base -= z * term.response;
        let place = *places.entry(*key).or_insert(keys.len());
        if place == keys.len() {
            let Some(point) = CompressedEdwardsY(*key.as_bytes()).decompress() else {
                return false;
            };
            keys.push((point, Scalar::ZERO));
        }
        keys[place].1 += z * term.challenge;
    }
    let scalars: Vec<Scalar> = std::iter::once(base)
        .chain(keys.iter().map(|(_, scalar)| *scalar))
        .chain(coefficients)
        .collect();
    let mut points: Vec<Option<EdwardsPoint>> = Vec::with_capacity(scalars.len());
    points.push(Some(ED25519_BASEPOINT_POINT));
    points.extend(keys.iter().map(|(point, _)| Some(*point)));
    points.extend(terms.iter().map(|term| term.commitment.decompress()));
    EdwardsPoint::optional_multiscalar_mul(scalars, points)
        .is_some_and(|sum| sum.mul_by_cofactor().is_identity())
}

/// One 128-bit coefficient a signature, drawn from a hash over the whole batch: `R`, key and message are in the
/// challenge, `s` stands beside it.
fn coefficients(terms: &[Term]) -> Vec<Scalar> {
    let mut hasher = Hasher::new();
    hasher.update(b"byline ed25519 batch v1");
    for term in terms {
        hasher.update(term.challenge.as_bytes());
        hasher.update(term.response.as_bytes());
        hasher.update(term.commitment.as_bytes());
    }
    let seed = hasher.finish();
    let mut out = Vec::with_capacity(terms.len());
    for (counter, pair) in (0u64..).zip(terms.chunks(2)) {
        let mut block = Hasher::new();
        block.update(seed.as_bytes());
        block.update(&counter.to_le_bytes());
        let block = block.finish();
        for half in block.as_bytes().chunks_exact(16).take(pair.len()) {
            let mut wide = [0u8; 32];
            wide[..16].copy_from_slice(half);
            out.push(Scalar::from_bytes_mod_order(wide));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use curve25519_dalek::constants::EIGHT_TORSION;
    use proptest::prelude::*;

    use super::*;
    use crate::keys::CreatorKey;

    type Signed = (PublicKey, Vec<u8>, [u8; SIGNATURE_LEN]);

    fn sign_many(count: usize, keys: u8) -> Vec<Signed> {
        let keys: Vec<CreatorKey> = (0..keys.max(1))
            .map(|n| CreatorKey::from_seed(&[n; 32]))
            .collect();
        (0..count)
            .map(|n| {
                let key = &keys[n % keys.len()];
                let message = format!("entry {n}").into_bytes();
                let signature = key.sign(&message);
                (key.public(), message, signature)
            })
            .collect()
    }

    fn verify(signed: &[Signed]) -> bool {
        let items: Vec<_> = signed
            .iter()
            .map(|(key, message, sig)| (*key, [message.as_slice()], *sig))
            .collect();
        verify_batch(&items)
    }

    #[test]
    fn honest_batches_of_every_small_size_pass() {
        for count in (0..20).chain([189, 190, 191, 300]) {
            assert!(verify(&sign_many(count, 3)), "{count}");
        }
    }

    #[test]
    fn one_wrong_message_among_a_thousand_is_refused() {
        let mut signed = sign_many(1_024, 3);
        assert!(verify(&signed));
        signed[700].1.push(b'!');
        assert!(!verify(&signed));
    }

    #[test]
    fn two_signatures_of_one_key_do_not_stand_in_for_each_other() {
        let mut signed = sign_many(4, 1);
        let first = signed[0].2;
        signed[0].2 = signed[1].2;
        signed[1].2 = first;
        assert!(!verify(&signed));
    }

    /// Errors that cancel when all coefficients are equal: s of one up by one, of another down by one.
    #[test]
    fn errors_that_cancel_in_a_plain_sum_are_refused() {
        let mut signed = sign_many(8, 1);
        for (index, delta) in [(2, Scalar::ONE), (5, -Scalar::ONE)] {
            let s: [u8; 32] = signed[index].2[32..].try_into().unwrap();
            let s = Scalar::from_canonical_bytes(s).unwrap() + delta;
            signed[index].2[32..].copy_from_slice(s.as_bytes());
        }
        assert!(!verify(&signed));
    }

    /// s + L is the same residue, and a second spelling of the signature.
    #[test]
    fn second_spelling_of_a_signature_is_refused() {
        const ORDER: [u8; 32] = [
            0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
        ];
        let mut signed = sign_many(4, 1);
        let mut carry = 0u16;
        for (byte, order) in signed[1].2[32..].iter_mut().zip(ORDER) {
            let sum = u16::from(*byte) + u16::from(order) + carry;
            *byte = (sum & 0xff) as u8;
            carry = sum >> 8;
        }
        assert!(!signed[1].0.verify_strict(&signed[1].1, &signed[1].2));
        assert!(!verify(&signed));
    }

    #[test]
    fn commitments_of_small_order_are_refused() {
        let mut signed = sign_many(4, 1);
        for point in EIGHT_TORSION {
            signed[1].2[..32].copy_from_slice(point.compress().as_bytes());
            assert!(!verify(&signed));
        }
    }

    #[test]
    fn key_that_is_no_point_is_refused() {
        let mut signed = sign_many(4, 1);
        let mut bytes = [0u8; 32];
        bytes[0] = 2;
        signed[3].0 = PublicKey::from_bytes(bytes).unwrap();
        assert!(!verify(&signed));
    }

    /// The one known difference, made by a signer who holds the secret: R plus a point of small order. The cofactor
    /// forgives it, the strict rule does not. Who needs one answer verifies strictly.
    #[test]
    fn torsion_added_by_the_signer_passes_the_batch_and_not_the_strict_rule() {
        let secret = Scalar::from(123_456_789u64);
        let public = EdwardsPoint::mul_base(&secret).compress();
        let nonce = Scalar::from(987_654_321u64);
        let commitment = (EdwardsPoint::mul_base(&nonce) + EIGHT_TORSION[1]).compress();
        let message = b"a signature with torsion".to_vec();
        let challenge = Scalar::from_bytes_mod_order_wide(&sha512([
            &commitment.as_bytes()[..],
            public.as_bytes(),
            &message,
        ]));
        let mut signature = [0u8; 64];
        signature[..32].copy_from_slice(commitment.as_bytes());
        signature[32..].copy_from_slice((nonce + challenge * secret).as_bytes());
        let key = PublicKey::from_bytes(public.to_bytes()).unwrap();
        assert!(!key.verify_strict(&message, &signature));
        let mut signed = sign_many(3, 1);
        signed.push((key, message, signature));
        assert!(verify(&signed));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_flipped_bit_in_any_signature_is_refused(
            count in 2usize..40, keys in 1u8..5, which in any::<proptest::sample::Index>(), bit in 0usize..512,
        ) {
            let mut signed = sign_many(count, keys);
            prop_assert!(verify(&signed));
            let index = which.index(count);
            signed[index].2[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(!verify(&signed));
            prop_assert!(!signed[index].0.verify_strict(&signed[index].1, &signed[index].2));
        }

        #[test]
        fn another_key_is_refused(count in 2usize..40, which in any::<proptest::sample::Index>()) {
            let mut signed = sign_many(count, 2);
            let index = which.index(count);
            signed[index].0 = CreatorKey::from_seed(&[200; 32]).public();
            prop_assert!(!verify(&signed));
        }
    }
}
