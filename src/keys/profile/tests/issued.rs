//! What the authority of these tests issues beside good leaves.

use super::*;

/// The key of that authority.
pub(crate) fn root_key() -> CreatorKey {
    CreatorKey::from_seed(&[2; 32])
}

/// A certificate by that authority for a responder of its own, or for another end.
pub(crate) fn responder(key: &CreatorKey, for_ocsp: bool) -> Vec<u8> {
    let mut params = leaf_params();
    params.extended_key_usages = vec![if for_ocsp {
        Eku::OcspSigning
    } else {
        Eku::EmailProtection
    }];
    let ca = ca_params("root", 1);
    let issuer = Issuer::from_params(&ca, TestKey::new(2));
    // Of the subject's key only the public half is read.
    let subject = TestKey(CreatorKey::from_seed(&[0; 32]), *key.public().as_bytes());
    params.signed_by(&subject, &issuer).unwrap().der().to_vec()
}

/// A certificate by that authority with another serial number.
pub(crate) fn with_serial(serial: u8) -> Vec<u8> {
    let mut params = leaf_params();
    params.serial_number = Some(SerialNumber::from_slice(&[serial]));
    signed(&params)
}

/// A root that bears that authority's name and has another key.
pub(crate) fn same_name_as_root(seed: u8) -> Vec<u8> {
    let root = ca_params("root", 1).self_signed(&TestKey::new(seed)).unwrap();
    root.der().to_vec()
}

/// A certificate by that authority that names addresses for questions about it (OCSP), and the root; the key has the seed 1.
pub(crate) fn with_responders(urls: &[&str]) -> (Vec<u8>, Vec<u8>) {
    use crate::keys::der::{OID, SEQUENCE, wrapped};
    let one = |url: &&str| {
        let method = wrapped(OID, &[0x2b, 6, 1, 5, 5, 7, 0x30, 1]);
        wrapped(SEQUENCE, &[method, wrapped(0x86, url.as_bytes())].concat())
    };
    let all: Vec<u8> = urls.iter().flat_map(one).collect();
    let mut params = leaf_params();
    params.not_after = rcgen::date_time_ymd(2096, 1, 1);
    let access =
        rcgen::CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], wrapped(SEQUENCE, &all));
    params.custom_extensions = vec![access];
    (signed(&params), root())
}

/// A chain (DER) of a leaf, whose key has the seed 1, and an authority between it and the root, with that root; leaf and authority as
/// `change` of their places, 0 and 1, makes them.
pub(crate) fn below_an_authority(change: impl Fn(usize, &mut CertificateParams)) -> (Vec<Vec<u8>>, Vec<u8>) {
    let mut all = [leaf_params(), ca_params("issuer", 0), ca_params("root", 1)];
    for (place, params) in all.iter_mut().enumerate() {
        params.not_after = rcgen::date_time_ymd(2096, 1, 1);
        change(place, params);
    }
    let [leaf, issuer, root] = &all;
    let der = |certificate: rcgen::Certificate| certificate.der().to_vec();
    let chain = vec![
        der(leaf
            .signed_by(&TestKey::new(1), &Issuer::from_params(issuer, TestKey::new(3)))
            .unwrap()),
        der(issuer
            .signed_by(&TestKey::new(3), &Issuer::from_params(root, TestKey::new(2)))
            .unwrap()),
    ];
    (chain, der(root.self_signed(&TestKey::new(2)).unwrap()))
}
