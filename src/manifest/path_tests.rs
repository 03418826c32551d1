//! Signers whose chain leads to an anchor that may not vouch for them: each is as good as one on no list.

use std::sync::Arc;

use image::ImageFormat;
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose as Eku, GeneralSubtree, NameConstraints};

use super::facts::{Chain, ManifestEvidence, ManifestFacts, State};
use super::samples::{claim, drawn, now, signer};
use super::{AnchorList, ManifestReader, Purpose, TrustAnchors};
use crate::base::SourceType;
use crate::keys::bundle::Parts;
use crate::keys::path::PathFault;
use crate::keys::pem::certificate_text;
use crate::keys::profile::tests::issued::below_an_authority;
use crate::keys::{Commitments, CreatorKey, Identity, LocalName, SignerKeys};

/// A picture signed by a chain of this kind, read with its root as an anchor of the user's, or of a list.
fn read(change: impl Fn(usize, &mut CertificateParams), on_a_list: bool) -> ManifestFacts {
    let (chain, root) = below_an_authority(change);
    let parts = Parts {
        chain,
        commitments: Commitments::default(),
        keys: SignerKeys::Creator(CreatorKey::from_seed(&[1; 32])),
        root: None,
        root_key: None,
    };
    let identity = Identity::assemble(&LocalName::parse("alice").unwrap(), parts).unwrap();
    let signed = signer(&Arc::new(identity))
        .sign(&drawn(ImageFormat::Jpeg), &claim(SourceType::DigitalCapture))
        .unwrap();
    let trust = if on_a_list {
        TrustAnchors {
            lists: vec![AnchorList {
                says: "the list".to_owned(),
                purpose: Purpose::Authorities,
                certificates: vec![root],
                usages: &[],
            }],
            ..TrustAnchors::default()
        }
    } else {
        TrustAnchors::root("alice", &certificate_text(&root))
    };
    match ManifestReader::new(&trust).unwrap().read(&signed.asset, now()) {
        ManifestEvidence::Read(facts) => *facts,
        other => panic!("{other:?}"),
    }
}

fn only_for(place: usize, domain: &'static str) -> impl Fn(usize, &mut CertificateParams) {
    move |at, params| {
        if at == place {
            params.name_constraints = Some(NameConstraints {
                permitted_subtrees: vec![GeneralSubtree::Rfc822Name(domain.to_owned())],
                excluded_subtrees: vec![],
            });
        }
        if at == 0 {
            let email = rcgen::SanType::Rfc822Name("alice@example.com".try_into().unwrap());
            params.subject_alt_names = vec![email];
        }
    }
}

#[test]
fn a_signer_whom_the_authority_may_not_name_is_on_no_list() {
    for place in [1, 2] {
        let good = read(only_for(place, "example.com"), false);
        assert!(matches!(good.chain, Chain::Anchored { .. }), "{:?}", good.chain);
        assert!(good.identities.iter().all(|one| one.trusted) && !good.identities.is_empty());
        let on_a_list = read(only_for(place, "example.com"), true);
        assert!(matches!(on_a_list.chain, Chain::Listed { .. }));
        let refused = Chain::Refused { why: PathFault::Name };
        let bad = read(only_for(place, "example.org"), false);
        assert_eq!(bad.chain, refused);
        assert_eq!(bad.state, State::Valid);
        // Of whoever is named by such a certificate, too.
        assert!(bad.identities.iter().all(|one| !one.trusted && one.holds));
        assert_eq!(read(only_for(place, "example.org"), true).chain, refused);
    }
}

#[test]
fn a_certificate_for_stamps_or_answers_signs_no_picture() {
    for other in [Eku::TimeStamping, Eku::OcspSigning] {
        let change = |place: usize, params: &mut CertificateParams| {
            if place == 0 {
                params.extended_key_usages = vec![other.clone()];
            }
        };
        let why = PathFault::Usage;
        assert_eq!(read(change, false).chain, Chain::Refused { why });
        assert_eq!(read(change, true).chain, Chain::Refused { why });
    }
}
