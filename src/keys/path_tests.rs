//! Each rule of a path by one that breaks it and nothing else.

use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, CustomExtension, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose as Eku, GeneralSubtree, IsCa, Issuer, KeyUsagePurpose as Ku, NameConstraints,
    SanType,
};

use super::*;
use crate::keys::profile::tests::{TestKey, ca_params, leaf_params};

/// A holder, an authority and the one above it, each as made by `change` of its place.
fn path(change: impl Fn(usize, &mut CertificateParams)) -> Result<(), PathFault> {
    let mut all = [leaf_params(), ca_params("issuer", 0), ca_params("root", 1)];
    for (place, params) in all.iter_mut().enumerate() {
        change(place, params);
    }
    let [leaf, issuer, root] = all;
    let by = |params: &CertificateParams, above: &CertificateParams| {
        let above = Issuer::from_params(above, TestKey::new(2));
        params.signed_by(&TestKey::new(1), &above).unwrap().der().to_vec()
    };
    let ders = [by(&leaf, &issuer), by(&issuer, &root), by(&root, &root)];
    check_path(&[&ders[0], &ders[1], &ders[2]])
}

/// The same with constraints in the certificate at a place, and names in the holder's.
fn named(at: usize, permitted: &[GeneralSubtree], excluded: &[GeneralSubtree]) -> Result<(), PathFault> {
    path(|place, params| {
        if place == at {
            params.name_constraints = Some(NameConstraints {
                permitted_subtrees: permitted.to_vec(),
                excluded_subtrees: excluded.to_vec(),
            });
        }
        if place == 0 {
            params.subject_alt_names = vec![
                SanType::Rfc822Name("alice@example.com".try_into().unwrap()),
                SanType::DnsName("www.example.com".try_into().unwrap()),
                SanType::URI("https://www.example.com/alice".try_into().unwrap()),
                SanType::IpAddress([10, 1, 2, 3].into()),
            ];
        }
    })
}

fn organisation(value: &str) -> GeneralSubtree {
    let mut name = DistinguishedName::new();
    name.push(DnType::OrganizationName, value);
    GeneralSubtree::DirectoryName(name)
}

#[test]
fn a_path_that_the_others_vary_holds() {
    assert_eq!(path(|_, _| {}), Ok(()));
}

/// Wherever above the holder the rule stands, in the anchor too.
#[test]
fn an_authority_issues_to_the_names_it_may() {
    let email = |value: &str| GeneralSubtree::Rfc822Name(value.to_owned());
    let dns = |value: &str| GeneralSubtree::DnsName(value.to_owned());
    let ip = |value| GeneralSubtree::IpAddress(CidrSubnet::from_v4_prefix(value, 16));
    for at in [1, 2] {
        let inside = [email("example.com"), dns("example.com"), ip([10, 1, 0, 0])];
        let outside = [
            email("example.org"),
            dns("example.org"),
            ip([10, 2, 0, 0]),
            organisation("Other"),
        ];
        for one in inside {
            assert_eq!(named(at, std::slice::from_ref(&one), &[]), Ok(()), "{one:?}");
            assert_eq!(
                named(at, &[], std::slice::from_ref(&one)),
                Err(PathFault::Name),
                "{one:?}"
            );
        }
        for one in outside {
            assert_eq!(
                named(at, std::slice::from_ref(&one), &[]),
                Err(PathFault::Name),
                "{one:?}"
            );
            assert_eq!(named(at, &[], std::slice::from_ref(&one)), Ok(()), "{one:?}");
        }
        assert_eq!(named(at, &[], &[organisation("STUDIO")]), Err(PathFault::Name));
    }
    // The names of the authority between them count too: `O=CA` there, `O=Studio` in the holder's.
    assert_eq!(named(1, &[organisation("studio")], &[]), Ok(()));
    assert_eq!(named(2, &[organisation("studio")], &[]), Err(PathFault::Name));
    assert_eq!(
        named(2, &[organisation("Studio"), organisation("CA")], &[]),
        Ok(())
    );
}

#[test]
fn a_critical_extension_that_nobody_knows_is_refused_wherever_it_stands() {
    for at in [0, 1, 2] {
        let with = |critical| {
            path(|place, params| {
                if place == at {
                    let mut own =
                        CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99999, 1], vec![5, 0]);
                    own.set_criticality(critical);
                    params.custom_extensions.push(own);
                }
            })
        };
        assert_eq!(with(true), Err(PathFault::CriticalUnknown));
        assert_eq!(with(false), Ok(()));
    }
}

/// The anchor's number as that of any other.
#[test]
fn no_more_authorities_than_allowed_stand_below_one() {
    let with = |most| {
        path(|place, params| {
            if place == 2 {
                params.is_ca = IsCa::Ca(BasicConstraints::Constrained(most));
            }
        })
    };
    assert_eq!(with(0), Err(PathFault::TooLong));
    assert_eq!(with(1), Ok(()));
}

#[test]
fn who_may_certify_nobody_stands_above_nobody() {
    for at in [1, 2] {
        let with = |change: &dyn Fn(&mut CertificateParams)| {
            path(|place, params| {
                if place == at {
                    change(params);
                }
            })
        };
        let no = Err(PathFault::NoAuthority);
        assert_eq!(with(&|params| params.is_ca = IsCa::ExplicitNoCa), no);
        assert_eq!(with(&|params| params.key_usages = vec![Ku::DigitalSignature]), no);
        assert_eq!(with(&|params| params.key_usages.clear()), Ok(()));
    }
}

#[test]
fn rules_that_stand_twice_or_cannot_be_read_are_refused() {
    let with = |extensions: &[Vec<u8>]| {
        path(|place, params| {
            if place == 1 {
                let own = |value: &Vec<u8>| CustomExtension::from_oid_content(&[2, 5, 29, 30], value.clone());
                params.custom_extensions = extensions.iter().map(own).collect();
            }
        })
    };
    let none = vec![0x30, 0];
    assert_eq!(with(std::slice::from_ref(&none)), Ok(()));
    assert_eq!(with(&[none.clone(), none]), Err(PathFault::Unreadable));
    assert_eq!(with(&[vec![0x30, 5]]), Err(PathFault::Unreadable));
    assert_eq!(with(&[vec![0x30, 2, 0xa5, 0]]), Err(PathFault::Unreadable));
    assert_eq!(check_path(&[]), Err(PathFault::Unreadable));
    assert_eq!(check_path(&[&[0x30, 0]]), Err(PathFault::Unreadable));
}

#[test]
fn a_path_without_end_is_not_followed() {
    let root = ca_params("root", 200).self_signed(&TestKey::new(2)).unwrap();
    let der: &[u8] = root.der();
    let leaf = leaf_params().self_signed(&TestKey::new(1)).unwrap();
    let path: Vec<&[u8]> = std::iter::once(&**leaf.der())
        .chain(vec![der; PATH_MAX])
        .collect();
    assert_eq!(check_path(&path[..PATH_MAX]), Ok(()));
    assert_eq!(check_path(&path), Err(PathFault::TooLong));
}

#[test]
fn only_what_is_made_for_stamps_alone_may_stamp() {
    let may = |usages: Vec<Eku>| {
        let mut params = leaf_params();
        params.extended_key_usages = usages;
        may_stamp(params.self_signed(&TestKey::new(1)).unwrap().der())
    };
    assert!(may(vec![Eku::TimeStamping]));
    for other in [Eku::EmailProtection, Eku::OcspSigning, Eku::Any, Eku::CodeSigning] {
        assert!(!may(vec![other.clone()]) && !may(vec![Eku::TimeStamping, other]));
    }
    assert!(!may(vec![]) && !may_stamp(b"no certificate"));
}
