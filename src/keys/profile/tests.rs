//! Each broken rule by a certificate that breaks it and nothing else.

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose as Eku, IsCa,
    Issuer, KeyIdMethod, KeyUsagePurpose as Ku, PublicKeyData, SerialNumber, SigningKey,
};

use super::*;
use crate::keys::x509::tests::now;
use crate::keys::{CreatorKey, EcdsaKey, SignerKeys};

pub(crate) mod issued;

pub(crate) struct TestKey(CreatorKey, [u8; 32]);

impl TestKey {
    pub(crate) fn new(seed: u8) -> Self {
        let key = CreatorKey::from_seed(&[seed; 32]);
        let public = *key.public().as_bytes();
        Self(key, public)
    }
}

impl PublicKeyData for TestKey {
    fn der_bytes(&self) -> &[u8] {
        &self.1
    }
    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &rcgen::PKCS_ED25519
    }
}

impl SigningKey for TestKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        Ok(self.0.sign(message).to_vec())
    }
}

fn names(organization: Option<&str>, common: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    if let Some(organization) = organization {
        name.push(DnType::OrganizationName, organization);
    }
    name.push(DnType::CommonName, common);
    name
}

fn base(name: DistinguishedName) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.not_before = rcgen::date_time_ymd(2026, 1, 1);
    params.not_after = rcgen::date_time_ymd(2027, 1, 1);
    params.serial_number = Some(SerialNumber::from_slice(&[1, 2, 3]));
    params.key_identifier_method = KeyIdMethod::PreSpecified(vec![9; 20]);
    params.distinguished_name = name;
    params
}

pub(crate) fn leaf_params() -> CertificateParams {
    let mut params = base(names(Some("Studio"), "Alice"));
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![Ku::DigitalSignature];
    params.extended_key_usages = vec![Eku::EmailProtection];
    params.use_authority_key_identifier_extension = true;
    params
}

pub(crate) fn ca_params(common: &str, path_len: u8) -> CertificateParams {
    let mut params = base(names(Some("CA"), common));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(path_len));
    params.key_usages = vec![Ku::KeyCertSign];
    params
}

fn root() -> Vec<u8> {
    ca_params("root", 1)
        .self_signed(&TestKey::new(2))
        .unwrap()
        .der()
        .to_vec()
}

fn signed(params: &CertificateParams) -> Vec<u8> {
    let issuer_params = ca_params("root", 1);
    let issuer = Issuer::from_params(&issuer_params, TestKey::new(2));
    params
        .signed_by(&TestKey::new(1), &issuer)
        .unwrap()
        .der()
        .to_vec()
}

fn faults_of(change: impl FnOnce(&mut CertificateParams)) -> Vec<ProfileFault> {
    let mut params = leaf_params();
    change(&mut params);
    check_chain(&[signed(&params), root()], Some(&public(1)), now())
        .err()
        .unwrap_or_default()
}

fn public(seed: u8) -> ClaimsPublic {
    ClaimsPublic::of(&SignerKeys::Creator(CreatorKey::from_seed(&[seed; 32])))
}

#[test]
fn leaf_that_the_others_vary_breaks_no_rule() {
    assert_eq!(faults_of(|_| {}), vec![]);
}

#[test]
fn extended_key_usage_must_be_there_and_fit() {
    assert_eq!(
        faults_of(|p| p.extended_key_usages.clear()),
        vec![ProfileFault::EkuMissing]
    );
    assert_eq!(
        faults_of(|p| p.extended_key_usages = vec![Eku::CodeSigning]),
        vec![ProfileFault::EkuWrong {
            found: vec!["codeSigning".into()]
        }]
    );
    assert_eq!(
        faults_of(|p| p.extended_key_usages = vec![Eku::Other(vec![1, 3, 6, 1, 4, 1, 62558, 2, 1])]),
        vec![ProfileFault::EkuWrong {
            found: vec!["1.3.6.1.4.1.62558.2.1".into()]
        }]
    );
    assert_eq!(
        faults_of(|p| p.extended_key_usages.push(Eku::Any)),
        vec![ProfileFault::EkuAny]
    );
    assert_eq!(
        faults_of(|p| p.extended_key_usages.push(Eku::TimeStamping)),
        vec![ProfileFault::EkuMixed]
    );
}

#[test]
fn key_usage_must_be_there_and_be_digital_signature() {
    assert_eq!(
        faults_of(|p| p.key_usages.clear()),
        vec![ProfileFault::KeyUsageMissing]
    );
    assert!(matches!(
        faults_of(|p| p.key_usages = vec![Ku::KeyEncipherment])[..],
        [ProfileFault::KeyUsageWrong { .. }]
    ));
    assert_eq!(
        faults_of(|p| p.key_usages.push(Ku::KeyCertSign)),
        vec![ProfileFault::KeyCertSignOnLeaf]
    );
}

#[test]
fn leaf_must_not_be_a_ca() {
    assert_eq!(
        faults_of(|p| p.is_ca = IsCa::Ca(BasicConstraints::Unconstrained)),
        vec![ProfileFault::LeafIsCa]
    );
}

#[test]
fn authority_key_identifier_must_be_there() {
    assert_eq!(
        faults_of(|p| p.use_authority_key_identifier_extension = false),
        vec![ProfileFault::AuthorityKeyIdMissing]
    );
}

#[test]
fn organization_must_be_there() {
    assert_eq!(
        faults_of(|p| p.distinguished_name = names(None, "Alice")),
        vec![ProfileFault::NoOrganization]
    );
}

#[test]
fn certificate_must_be_valid_now() {
    assert!(matches!(
        faults_of(|p| p.not_after = rcgen::date_time_ymd(2026, 2, 1))[..],
        [ProfileFault::Expired { place: 0, .. }]
    ));
    assert!(matches!(
        faults_of(|p| p.not_before = rcgen::date_time_ymd(2026, 12, 1))[..],
        [ProfileFault::NotYetValid { place: 0, .. }]
    ));
    let mut ca = ca_params("root", 1);
    ca.not_after = rcgen::date_time_ymd(2026, 2, 1);
    let root = ca.self_signed(&TestKey::new(2)).unwrap().der().to_vec();
    assert!(matches!(
        check_chain(&[signed(&leaf_params()), root], None, now()).unwrap_err()[..],
        [ProfileFault::Expired { place: 1, .. }]
    ));
}

#[test]
fn key_must_be_the_one_of_the_certificate() {
    let leaf = signed(&leaf_params());
    assert_eq!(
        check_chain(std::slice::from_ref(&leaf), Some(&public(3)), now()),
        Err(vec![ProfileFault::KeyMismatch])
    );
    let ecdsa = ClaimsPublic::of(&SignerKeys::Ecdsa {
        claims: EcdsaKey::P256(p256::ecdsa::SigningKey::from_slice(&[3; 32]).unwrap()),
        ledger: CreatorKey::from_seed(&[1; 32]),
    });
    assert_eq!(
        check_chain(&[leaf], Some(&ecdsa), now()),
        Err(vec![ProfileFault::KeyMismatch])
    );
}

#[test]
fn order_is_leaf_first() {
    let leaf = signed(&leaf_params());
    assert_eq!(
        check_chain(&[root(), leaf.clone()], None, now()),
        Err(vec![ProfileFault::RootFirst])
    );
    let stranger = ca_params("stranger", 1)
        .self_signed(&TestKey::new(5))
        .unwrap()
        .der()
        .to_vec();
    assert_eq!(
        check_chain(&[leaf, stranger], None, now()),
        Err(vec![ProfileFault::WrongOrder { place: 0 }])
    );
}

#[test]
fn root_alone_is_no_signer() {
    let faults = check_chain(&[root()], None, now()).unwrap_err();
    assert!(faults.contains(&ProfileFault::LeafIsCa), "{faults:?}");
}

#[test]
fn self_signed_leaf_that_is_no_ca_passes() {
    let leaf = leaf_params()
        .self_signed(&TestKey::new(1))
        .unwrap()
        .der()
        .to_vec();
    assert_eq!(check_chain(&[leaf], Some(&public(1)), now()), Ok(()));
}

#[test]
fn each_certificate_must_be_signed_by_the_next() {
    let same_name_other_key = ca_params("root", 1)
        .self_signed(&TestKey::new(7))
        .unwrap()
        .der()
        .to_vec();
    assert_eq!(
        check_chain(&[signed(&leaf_params()), same_name_other_key], None, now()),
        Err(vec![ProfileFault::ChainBroken { place: 0 }])
    );
}

/// The forgery that SDK 0.90 calls Trusted: a certificate issued by an ordinary end-entity key.
#[test]
fn end_entity_must_not_issue() {
    let middle = leaf_params();
    let middle_der = signed(&middle);
    let mut forged = leaf_params();
    forged.distinguished_name = names(Some("Somebody famous"), "Forged");
    let issuer = Issuer::from_params(&middle, TestKey::new(1));
    let forged = forged
        .signed_by(&TestKey::new(3), &issuer)
        .unwrap()
        .der()
        .to_vec();
    let faults = check_chain(&[forged, middle_der, root()], None, now()).unwrap_err();
    assert!(
        faults.contains(&ProfileFault::IssuerMayNotSign {
            place: 1,
            why: "is no CA"
        }),
        "{faults:?}"
    );
    assert!(
        faults
            .iter()
            .all(|fault| matches!(fault, ProfileFault::IssuerMayNotSign { place: 1, .. }))
    );
}

#[test]
fn path_length_must_hold() {
    let root = ca_params("root", 0)
        .self_signed(&TestKey::new(2))
        .unwrap()
        .der()
        .to_vec();
    let root_params = ca_params("root", 0);
    let middle_params = ca_params("middle", 0);
    let middle = middle_params
        .signed_by(
            &TestKey::new(4),
            &Issuer::from_params(&root_params, TestKey::new(2)),
        )
        .unwrap();
    let leaf = leaf_params()
        .signed_by(
            &TestKey::new(1),
            &Issuer::from_params(&middle_params, TestKey::new(4)),
        )
        .unwrap();
    let chain = [leaf.der().to_vec(), middle.der().to_vec(), root];
    assert_eq!(
        check_chain(&chain, Some(&public(1)), now()),
        Err(vec![ProfileFault::IssuerMayNotSign {
            place: 2,
            why: "allows fewer certificates below it"
        }])
    );
}

#[test]
fn critical_extension_nobody_knows_is_refused() {
    let faults = faults_of(|params| {
        let mut extension = rcgen::CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 1, 1], vec![5, 0]);
        extension.set_criticality(true);
        params.custom_extensions.push(extension);
    });
    assert_eq!(
        faults,
        vec![ProfileFault::CriticalExtensionUnknown {
            place: 0,
            oid: "1.3.6.1.4.1.1.1".into()
        }]
    );
}

/// Bytes of a good certificate with one thing replaced; its own signature no longer fits, which a chain of one
/// does not ask about.
fn patched(from: &[u8], to: &[u8]) -> Vec<ProfileFault> {
    let mut der = signed(&leaf_params());
    let places: Vec<usize> = (0..der.len() - from.len())
        .filter(|&place| &der[place..place + from.len()] == from)
        .collect();
    assert!(!places.is_empty());
    for place in places {
        der[place..place + to.len()].copy_from_slice(to);
    }
    check_chain(&[der], None, now()).unwrap_err()
}

#[test]
fn other_versions_keys_and_algorithms_are_refused() {
    // [0] { INTEGER 2 } says version 3.
    assert_eq!(
        patched(&[0xa0, 3, 2, 1, 2], &[0xa0, 3, 2, 1, 1]),
        vec![ProfileFault::NotVersion3 { place: 0, found: 2 }]
    );
    // Ed25519 becomes Ed448 in the signature algorithms and the key.
    let faults = patched(&[0x06, 3, 0x2b, 0x65, 0x70], &[0x06, 3, 0x2b, 0x65, 0x71]);
    assert_eq!(
        faults,
        vec![
            ProfileFault::SignatureAlgorithmUnsupported {
                place: 0,
                oid: "1.3.101.113".into()
            },
            ProfileFault::UnsupportedKey {
                oid: "1.3.101.113".into()
            },
        ]
    );
}

#[test]
fn two_names_of_one_signature_algorithm_are_refused() {
    let mut der = signed(&leaf_params());
    let last = der
        .windows(5)
        .rposition(|window| window == [0x06, 3, 0x2b, 0x65, 0x70])
        .unwrap();
    der[last + 4] = 0x71;
    let faults = check_chain(&[der], None, now()).unwrap_err();
    assert!(
        faults.contains(&ProfileFault::SignatureAlgorithmsDiffer { place: 0 }),
        "{faults:?}"
    );
}

#[test]
fn rsa_of_1024_bits_is_weak() {
    let key = rsa_of_1024_bits();
    let issuer_params = ca_params("root", 1);
    let issuer = Issuer::from_params(&issuer_params, TestKey::new(2));
    let der = leaf_params().signed_by(&key, &issuer).unwrap().der().to_vec();
    assert_eq!(
        check_chain(&[der], None, now()),
        Err(vec![
            ProfileFault::WeakKey {
                place: 0,
                bits: 1_024
            },
            ProfileFault::UnsupportedKey {
                oid: "1.2.840.113549.1.1.1".into()
            }
        ])
    );
}

#[test]
fn nothing_and_rubbish_and_too_much_are_refused() {
    assert_eq!(
        check_chain(&[], None, now()),
        Err(vec![ProfileFault::NoCertificate])
    );
    assert_eq!(
        check_chain(&[vec![1, 2, 3]], None, now()),
        Err(vec![ProfileFault::Unreadable { place: 0 }])
    );
    let many = vec![signed(&leaf_params()); 9];
    assert_eq!(
        check_chain(&many, None, now()),
        Err(vec![ProfileFault::TooLong { found: 9, limit: 8 }])
    );
}

#[test]
fn ecdsa_chains_of_both_curves_verify() {
    for claims in [
        EcdsaKey::P256(p256::ecdsa::SigningKey::from_slice(&[3; 32]).unwrap()),
        EcdsaKey::P384(Box::new(p384::ecdsa::SigningKey::from_slice(&[3; 48]).unwrap())),
    ] {
        let keys = SignerKeys::Ecdsa {
            claims,
            ledger: CreatorKey::from_seed(&[1; 32]),
        };
        let key = EcdsaTestKey(&keys, ClaimsPublic::of(&keys));
        let ca = ca_params("root", 1);
        let root = ca.self_signed(&key).unwrap().der().to_vec();
        let leaf = leaf_params()
            .signed_by(&key, &Issuer::from_params(&ca, &key))
            .unwrap()
            .der()
            .to_vec();
        assert_eq!(check_chain(&[leaf.clone(), root], Some(&key.1), now()), Ok(()));
        let mut broken = leaf;
        let last = broken.len() - 1;
        broken[last] ^= 1;
        let root = ca.self_signed(&key).unwrap().der().to_vec();
        assert_eq!(
            check_chain(&[broken, root], None, now()),
            Err(vec![ProfileFault::ChainBroken { place: 0 }])
        );
    }
}

struct EcdsaTestKey<'a>(&'a SignerKeys, ClaimsPublic);

impl PublicKeyData for EcdsaTestKey<'_> {
    fn der_bytes(&self) -> &[u8] {
        &self.1.bytes
    }
    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        match self.1.algorithm {
            SigningAlgorithm::Ed25519 => &rcgen::PKCS_ED25519,
            SigningAlgorithm::Es256 => &rcgen::PKCS_ECDSA_P256_SHA256,
            SigningAlgorithm::Es384 => &rcgen::PKCS_ECDSA_P384_SHA384,
        }
    }
}

impl SigningKey for EcdsaTestKey<'_> {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let SignerKeys::Ecdsa { claims, .. } = self.0 else {
            return Err(rcgen::Error::RemoteKeyError);
        };
        claims.sign_der(message).map_err(|_| rcgen::Error::RemoteKeyError)
    }
}

#[test]
fn every_fault_says_what_was_found_wanted_and_to_do() {
    let at = now();
    let all = [
        ProfileFault::EkuMissing,
        ProfileFault::Expired {
            place: 3,
            not_after: at,
            now: at,
        },
        ProfileFault::IssuerMayNotSign {
            place: 1,
            why: "is no CA",
        },
    ];
    for fault in all {
        for text in [fault.found(), fault.wanted().to_owned(), fault.todo().to_owned()] {
            assert!(text.len() > 5 && !text.ends_with('.') && text.is_ascii());
        }
        assert!(fault.code().starts_with("certificate."));
    }
}

/// A certificate of the profile that `keys` signed for itself.
pub(crate) fn self_signed_leaf(keys: &SignerKeys) -> Vec<u8> {
    let key = EcdsaTestKey(keys, ClaimsPublic::of(keys));
    leaf_params().self_signed(&key).unwrap().der().to_vec()
}

/// A certificate of the profile for the key of `keys`, and the root of a test authority that issued it.
pub(crate) fn issued_by_ca(keys: &SignerKeys) -> (Vec<u8>, Vec<u8>) {
    let issuer_params = ca_params("root", 1);
    let issuer = Issuer::from_params(&issuer_params, TestKey::new(2));
    let key = EcdsaTestKey(keys, ClaimsPublic::of(keys));
    (
        leaf_params().signed_by(&key, &issuer).unwrap().der().to_vec(),
        root(),
    )
}

/// A weak key of RSA; what it signs with is rubbish.
struct WeakRsa(Vec<u8>);

impl PublicKeyData for WeakRsa {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }
    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &rcgen::PKCS_RSA_SHA256
    }
}

impl SigningKey for WeakRsa {
    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        Ok(vec![0x5a; 128])
    }
}

/// SEQUENCE { INTEGER of 128 bytes, INTEGER 65537 }.
fn rsa_of_1024_bits() -> WeakRsa {
    let mut key = vec![0x30, 0x81, 0x89, 0x02, 0x81, 0x81, 0x00];
    key.extend_from_slice(&[0xc5; 128]);
    key.extend_from_slice(&[0x02, 0x03, 0x01, 0x00, 0x01]);
    WeakRsa(key)
}

/// RSA is verified as every other key is: a certificate that bears two equal names is no root by that alone.
#[test]
fn rsa_root_with_a_signature_that_is_none_is_no_root() {
    use crate::keys::x509::is_self_signed;
    let ca = ca_params("root", 1);
    let key = rsa_of_1024_bits();
    let root = ca.self_signed(&key).unwrap().der().to_vec();
    assert!(!is_self_signed(&root));
    let leaf = leaf_params()
        .signed_by(&TestKey::new(1), &Issuer::from_params(&ca, &key))
        .unwrap()
        .der()
        .to_vec();
    assert!(!is_self_signed(&leaf));
}

#[test]
fn roots_of_rsa_that_are_in_use_sign_themselves() {
    use crate::keys::x509::is_self_signed;
    use crate::keys::{ListKind, TrustList};
    let rsa = |der: &&Vec<u8>| {
        let certificate = parse(der).unwrap();
        certificate
            .signature_algorithm
            .algorithm
            .to_id_string()
            .starts_with("1.2.840.113549")
            && same_name(certificate.issuer(), certificate.subject())
    };
    let mut found = 0;
    for kind in ListKind::ALL {
        let list = TrustList::shipped(kind).unwrap();
        for der in list.certificates.iter().filter(rsa) {
            assert!(is_self_signed(der));
            found += 1;
        }
    }
    assert!(found > 0);
}
