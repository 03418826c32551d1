//! The laws of the codec over every kind: one value, one string of bytes.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;

use super::super::body::*;
use super::super::note::KeyName;
use super::*;
use crate::base::Digest;
use crate::ledger::tree::{LeafIndex, TreeSize};

const NOW: Timestamp = Timestamp::from_unix_ms(1_780_000_000_123);

fn key() -> CreatorKey {
    CreatorKey::from_seed(&[1; 32])
}

fn any_digest() -> impl Strategy<Value = Digest> {
    any::<[u8; 32]>().prop_map(Digest::from_bytes)
}

fn any_leaf() -> impl Strategy<Value = LeafHash> {
    any::<[u8; 32]>().prop_map(LeafHash::from_bytes)
}

fn any_id() -> impl Strategy<Value = KeyId> {
    any::<[u8; 32]>().prop_map(KeyId::from_bytes)
}

fn any_time() -> impl Strategy<Value = Timestamp> {
    (0..=SECONDS_MAX).prop_map(Timestamp::from_unix_s)
}

fn maybe<S: Strategy>(of: S) -> impl Strategy<Value = Option<S::Value>>
where
    S::Value: Clone,
{
    proptest::option::of(of)
}

fn any_use() -> impl Strategy<Value = Option<Use>> {
    maybe(proptest::sample::select(Use::ALL))
}

fn about_keys() -> impl Strategy<Value = EntryBody> {
    let key = key().public();
    prop_oneof![
        (maybe(any_digest()), maybe(any_digest()))
            .prop_map(move |(next, recovery)| EntryBody::KeyIncept(KeyIncept { key, next, recovery })),
        (any_id(), any_leaf(), maybe(any_digest()), maybe(any_digest())).prop_map(
            move |(identity, prev, next, recovery)| EntryBody::KeyRotate(KeyRotate {
                identity,
                key,
                prev,
                next,
                recovery
            })
        ),
        (any_id(), any_leaf(), maybe(any::<u64>())).prop_map(move |(identity, event, since)| {
            let reason = since.map_or(RevokeReason::Retired, |since| RevokeReason::Compromised {
                since: LeafIndex(since),
            });
            EntryBody::KeyRevoke(KeyRevoke {
                identity,
                key,
                event,
                reason,
            })
        }),
    ]
}

prop_compose! {
    fn any_scope()(
        licensee in maybe(any_id()),
        digest in any_digest(),
        code in maybe(3..=9u8),
        territories in proptest::collection::btree_set(1..=999u16, 0..6),
        times in (any_time(), any_time()),
        endless in any::<bool>(),
        exclusive in any::<bool>(),
    ) -> Scope {
        let (from, until) = (times.0.min(times.1), times.0.max(times.1));
        Scope {
            licensee,
            terms: code.and_then(Rights::from_code).map_or(Terms::Digest(digest), Terms::Code),
            territories: territories.into_iter().rev().collect(),
            from,
            until: (!endless).then_some(until),
            exclusive: exclusive && licensee.is_some(),
        }
    }
}

fn about_titles() -> impl Strategy<Value = EntryBody> {
    let offer = (
        any::<[u8; 16]>(),
        any_leaf(),
        any_id(),
        1..=10_000u16,
        maybe(any::<u64>()),
        maybe(any_time()),
        maybe(any_digest()),
    );
    prop_oneof![
        offer.prop_map(|(asset_id, prev, to, share, until_index, until, terms)| {
            EntryBody::TitleOffer(TitleOffer {
                asset_id,
                prev,
                to,
                share: Share::basis_points(share).unwrap(),
                until_index: until_index.map(LeafIndex),
                until,
                terms,
            })
        }),
        (any::<[u8; 16]>(), any_leaf())
            .prop_map(|(asset_id, offer)| EntryBody::TitleAccept(TitleAccept { asset_id, offer })),
        (any::<[u8; 16]>(), any_leaf(), any_scope()).prop_map(|(asset_id, title, scope)| {
            EntryBody::LicenceGrant(LicenceGrant {
                asset_id,
                title,
                scope,
            })
        }),
        (any::<[u8; 16]>(), any_leaf())
            .prop_map(|(asset_id, grant)| EntryBody::LicenceEnd(LicenceEnd { asset_id, grant })),
    ]
}

fn about_rights() -> impl Strategy<Value = EntryBody> {
    let uses = (any_use(), any_use(), any_use(), any_use());
    prop_oneof![
        (any::<[u8; 16]>(), any_leaf(), uses, maybe(any_digest())).prop_map(
            |(asset_id, title, (a, b, c, d), terms)| {
                let uses = Uses {
                    data_mining: a,
                    ai_inference: b,
                    ai_training: c.or(Some(Use::NotAllowed)),
                    ai_generative_training: d,
                };
                let constrained = uses.labelled().iter().any(|one| one.1 == Some(Use::Constrained));
                EntryBody::RightsReserve(RightsReserve {
                    asset_id,
                    title,
                    uses,
                    terms: terms.filter(|_| constrained),
                })
            }
        ),
        (any::<[u8; 16]>(), any_leaf()).prop_map(|(asset_id, reservation)| {
            EntryBody::RightsLift(RightsLift {
                asset_id,
                reservation,
            })
        }),
    ]
}

fn disputes() -> impl Strategy<Value = EntryBody> {
    let (id, evidence) = (any::<[u8; 16]>(), maybe(any_digest()));
    let key = key().public();
    let open = (
        id,
        any_leaf(),
        proptest::sample::select(Ground::ALL),
        evidence,
        maybe(any_id()),
    );
    let stance = proptest::sample::select(Stance::ALL);
    let outcome = proptest::sample::select(Outcome::ALL);
    prop_oneof![
        open.prop_map(move |(asset_id, entry, ground, evidence, identity)| {
            EntryBody::DisputeOpen(DisputeOpen {
                asset_id,
                entry,
                ground,
                evidence,
                privilege: identity.map(|identity| Privilege { key, identity }),
            })
        }),
        (id, any_leaf(), stance, maybe(any_digest())).prop_map(|(asset_id, dispute, stance, evidence)| {
            EntryBody::DisputeAnswer(DisputeAnswer {
                asset_id,
                dispute,
                stance,
                evidence,
            })
        }),
        (id, any_leaf(), outcome, maybe(any_digest())).prop_map(|(asset_id, dispute, outcome, evidence)| {
            EntryBody::DisputeClose(DisputeClose {
                asset_id,
                dispute,
                outcome,
                evidence,
            })
        }),
    ]
}

fn of_the_log() -> impl Strategy<Value = EntryBody> {
    prop_oneof![
        (
            any::<u64>(),
            any_leaf(),
            proptest::sample::select(RedactGround::ALL)
        )
            .prop_map(|(index, leaf, ground)| EntryBody::Redact(Redact {
                index: LeafIndex(index),
                leaf,
                ground
            })),
        (any_digest(), any::<u64>(), any::<u64>()).prop_map(|(root, keys, covers)| {
            EntryBody::StateRoot(StateRoot {
                root,
                keys,
                covers: TreeSize(covers),
            })
        }),
        (
            any_digest(),
            proptest::sample::select(AnchorKind::ALL),
            any::<u64>()
        )
            .prop_map(|(evidence, kind, covers)| EntryBody::Anchor(Anchor {
                evidence,
                kind,
                covers: TreeSize(covers),
            })),
    ]
}

fn any_body() -> impl Strategy<Value = EntryBody> {
    prop_oneof![
        about_keys(),
        about_titles(),
        about_rights(),
        disputes(),
        of_the_log()
    ]
}

fn encoded_again(entry: &Entry) -> Vec<u8> {
    let protected = protected(entry.body(), entry.signer(), entry.time());
    let mut out = Writer::default();
    out.tag(TAG_COSE_SIGN1).array(4).bytes(&protected).map(0);
    out.bytes(&entry.body().write()).bytes(entry.signature());
    out.finish()
}

proptest! {
    #[test]
    fn every_kind_decodes_to_itself(body in any_body(), seconds in 0..SECONDS_MAX) {
        let now = Timestamp::from_unix_s(seconds);
        let entry = Entry::sign(body, &key(), now).unwrap();
        let again = Entry::decode(entry.bytes()).unwrap();
        prop_assert_eq!(again.body(), entry.body());
        prop_assert_eq!(&again, &entry);
        prop_assert_eq!(again.time(), now);
        prop_assert!(again.verify_strict(&key().public()));
        prop_assert_eq!(encoded_again(&again), entry.bytes());
    }

    #[test]
    fn a_changed_entry_of_any_kind_is_refused_or_is_another_value(
        body in any_body(),
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let entry = Entry::sign(body, &key(), NOW).unwrap();
        let mut bytes = entry.bytes().to_vec();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(changed) = Entry::decode(&bytes) {
            prop_assert_eq!(encoded_again(&changed), bytes);
        }
    }
}

/// One body of every kind, small.
fn one_of_each() -> Vec<EntryBody> {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut found: Vec<EntryBody> = Vec::new();
    while found.len() < 15 {
        let body = any_body().new_tree(&mut runner).unwrap().current();
        if found.iter().all(|known| known.kind() != body.kind()) {
            found.push(body);
        }
    }
    found
}

#[test]
fn every_changed_byte_of_every_kind_is_refused_or_breaks_the_signature() {
    for body in one_of_each() {
        let entry = Entry::sign(body, &key(), NOW).unwrap();
        for at in 0..entry.bytes().len() {
            for flip in [1, 0x20, 0x80] {
                let mut bytes = entry.bytes().to_vec();
                bytes[at] ^= flip;
                let Ok(changed) = Entry::decode(&bytes) else {
                    continue;
                };
                assert_eq!(encoded_again(&changed), bytes, "{} {at}", entry.body().kind());
                assert!(!changed.verify_strict(&key().public()));
            }
        }
        for len in 0..entry.bytes().len() {
            assert!(Entry::decode(&entry.bytes()[..len]).is_err());
        }
    }
}

#[test]
fn the_schema_gives_every_kind_the_number_it_is_written_with() {
    let schema = include_str!("../../../schemas/entry.cddl");
    for body in one_of_each() {
        let number = match body.write().as_slice() {
            [_, 0, 0x18, number, ..] | [_, 0, number, ..] => *number,
            other => panic!("{other:?}"),
        };
        let rule = format!("\n{} = {{\n  0 => {number},\n", body.kind().replace('.', "-"));
        assert!(schema.contains(&rule), "{rule}");
    }
}

#[test]
fn no_entry_is_longer_than_the_cap() {
    for body in one_of_each() {
        let entry = Entry::sign(body, &key(), NOW).unwrap();
        assert!(
            entry.bytes().len() < 620,
            "{}: {}",
            entry.body().kind(),
            entry.bytes().len()
        );
    }
    let long = vec![0xd2; ENTRY_BYTES_MAX + 1];
    assert_eq!(
        Entry::decode(&long),
        Err(EntryError::TooLong {
            found: ENTRY_BYTES_MAX + 1,
            limit_bytes: ENTRY_BYTES_MAX
        })
    );
}

fn scope() -> Scope {
    Scope {
        licensee: None,
        terms: Terms::Code(Rights::CcBy),
        territories: Vec::new(),
        from: NOW,
        until: None,
        exclusive: false,
    }
}

#[test]
fn fields_that_contradict_each_other_are_not_signed() {
    let refused = |body| match Entry::sign(body, &key(), NOW) {
        Err(EntryError::Body(error)) => error,
        other => panic!("{other:?}"),
    };
    let grant = |edit: &dyn Fn(&mut Scope)| {
        let mut scope = scope();
        edit(&mut scope);
        refused(EntryBody::LicenceGrant(LicenceGrant {
            asset_id: [0; 16],
            title: LeafHash::of(b""),
            scope,
        }))
    };
    let early = Some(Timestamp::from_unix_s(NOW.unix_s() - 1));
    assert!(matches!(
        grant(&|scope| scope.until = early),
        BodyError::Contradiction { .. }
    ));
    assert!(matches!(
        grant(&|scope| scope.exclusive = true),
        BodyError::Contradiction { .. }
    ));
    assert!(matches!(
        grant(&|scope| scope.terms = Terms::Code(Rights::AllReserved)),
        BodyError::Code { .. }
    ));
    assert!(matches!(
        grant(&|scope| scope.territories = vec![4, 4]),
        BodyError::List { .. }
    ));
    for wrong in [0, 1000] {
        assert!(matches!(
            grant(&|scope| scope.territories = vec![wrong]),
            BodyError::Range { .. }
        ));
    }
    let reserve = |uses, terms| {
        refused(EntryBody::RightsReserve(RightsReserve {
            asset_id: [0; 16],
            title: LeafHash::of(b""),
            uses,
            terms,
        }))
    };
    assert!(matches!(
        reserve(Uses::default(), None),
        BodyError::Contradiction { .. }
    ));
    let not_constrained = Uses {
        ai_training: Some(Use::NotAllowed),
        ..Uses::default()
    };
    assert!(matches!(
        reserve(not_constrained, Some(Digest::of(b""))),
        BodyError::Contradiction { .. }
    ));
    assert!(Share::basis_points(0).is_none() && Share::basis_points(10_001).is_none());
}

#[test]
fn a_kind_under_a_header_of_another_subject_is_refused() {
    let rotate = |identity| {
        EntryBody::KeyRotate(KeyRotate {
            identity,
            key: key().public(),
            prev: LeafHash::of(b""),
            next: None,
            recovery: None,
        })
    };
    // The header of a rotation of another identity over the payload of a state root: the log has no other subject.
    let header = protected(&rotate(KeyId::from_bytes([9; 32])), key().public().key_id(), NOW);
    let payload = EntryBody::StateRoot(StateRoot {
        root: Digest::of(b""),
        keys: 0,
        covers: TreeSize(0),
    })
    .write();
    let decode = |header: &[u8], payload: &[u8]| {
        let mut out = Writer::default();
        out.tag(TAG_COSE_SIGN1).array(4).bytes(header).map(0);
        out.bytes(payload).bytes(&[0; 64]);
        Entry::decode(&out.finish())
    };
    assert!(matches!(
        decode(&header, &payload),
        Err(EntryError::Header { .. })
    ));
    let own = protected(&rotate(key().public().key_id()), key().public().key_id(), NOW);
    assert!(decode(&own, &payload).is_ok());
    let accept = EntryBody::TitleAccept(TitleAccept {
        asset_id: [0; 16],
        offer: LeafHash::of(b""),
    })
    .write();
    assert_eq!(
        decode(&own, &accept),
        Err(EntryError::Body(BodyError::Kind { found: 18 }))
    );
}

#[test]
fn an_entry_that_carries_another_key_is_not_signed() {
    let other = CreatorKey::from_seed(&[2; 32]).public();
    let identity = key().public().key_id();
    let bodies = [
        EntryBody::KeyRotate(KeyRotate {
            identity,
            key: other,
            prev: LeafHash::of(b""),
            next: None,
            recovery: None,
        }),
        EntryBody::KeyRevoke(KeyRevoke {
            identity,
            key: other,
            event: LeafHash::of(b""),
            reason: RevokeReason::Retired,
        }),
        EntryBody::DisputeOpen(DisputeOpen {
            asset_id: [0; 16],
            entry: LeafHash::of(b""),
            ground: Ground::Title,
            evidence: None,
            privilege: Some(Privilege { key: other, identity }),
        }),
    ];
    for body in bodies {
        assert_eq!(Entry::sign(body, &key(), NOW), Err(EntryError::WrongKey));
    }
}

#[test]
fn the_log_signs_with_its_own_key() {
    let log = LogKey::new(KeyName::parse("example.org/ledger").unwrap(), key());
    let body = EntryBody::Anchor(Anchor {
        evidence: Digest::of(b"token"),
        kind: AnchorKind::Rfc3161,
        covers: TreeSize(3),
    });
    let entry = Entry::sign_as_log(body, &log, NOW).unwrap();
    assert_eq!(entry.signer(), log.verifier().key().key_id());
    assert!(entry.verify_strict(log.verifier().key()));
}

#[test]
fn licences_overlap_only_where_both_time_and_place_meet() {
    let at = |from, until: Option<i64>, territories: &[u16]| Scope {
        territories: territories.to_vec(),
        from: Timestamp::from_unix_s(from),
        until: until.map(Timestamp::from_unix_s),
        ..scope()
    };
    let first = at(100, Some(200), &[250, 276]);
    for (other, meets) in [
        (at(200, None, &[276]), true),
        (at(201, None, &[276]), false),
        (at(0, Some(100), &[]), true),
        (at(0, Some(99), &[]), false),
        (at(150, None, &[840]), false),
        (at(0, None, &[]), true),
    ] {
        assert_eq!(first.overlaps(&other), meets);
        assert_eq!(other.overlaps(&first), meets);
    }
}
