//! Keys rotated, revoked and stolen: what their entries may still move.

use super::*;

pub(super) fn rotations() -> Desk {
    let [mut a, b, mut c] = people();
    let mut desk = Desk::new(Vec::new());
    let event = desk.stands(a.incept(), a.key());
    desk.stands(b.incept(), b.key());
    let title = desk.stands(register(asset(1), 1), a.key());
    let to_a = desk.stands(register(asset(2), 2), b.key());
    let to_a = desk.stands(
        EntryBody::TitleOffer(offer(asset(2), to_a, a.id(), 10_000)),
        b.key(),
    );
    // A thief of the key in use has nothing to rotate with.
    let thief = CreatorKey::from_seed(&[66; 32]);
    let to = |key: &CreatorKey, prev| {
        let EntryBody::KeyRotate(mut body) = a.rotate(prev) else {
            unreachable!()
        };
        body.key = key.public();
        EntryBody::KeyRotate(body)
    };
    let (by_thief, by_old) = (to(&thief, event), to(&a.keys[0], event));
    let (early, skipped) = (to(&a.keys[1], LeafHash::of(b"")), to(&a.keys[2], event));
    assert_eq!(
        desk.void(by_thief, &thief),
        Broken::NotCommitted { event: LeafIndex(0) }
    );
    assert_eq!(
        desk.void(by_old, &a.keys[0]),
        Broken::InceptTwice {
            earlier: LeafIndex(0)
        }
    );
    assert_eq!(
        desk.void(early, &a.keys[1]),
        Broken::StaleKeyEvent { latest: LeafIndex(0) }
    );
    assert_eq!(
        desk.void(skipped, &a.keys[2]),
        Broken::NotCommitted { event: LeafIndex(0) }
    );
    let event = desk.stands(a.rotate(event), a.next());
    a.rotated();
    let (by, how) = (LeafIndex(9), KeyEnd::Rotated);
    assert_eq!(
        desk.void(whole(title, &b), &a.keys[0]),
        Broken::KeyEnded { by, how }
    );
    // The title is the identity's, whichever key it speaks by; so is an offer to its first key.
    desk.stands(accept(asset(2), to_a), a.key());
    desk.moves(asset(1), title, 10_000, &a, &b);
    desk.stands(a.rotate(event), a.next());
    // Who committed to no next key cannot rotate.
    c.keys.truncate(1);
    let alone = EntryBody::KeyIncept(KeyIncept {
        key: c.keys[0].public(),
        next: None,
        recovery: None,
    });
    let event = desk.stands(alone, c.key());
    c = Person::new(2);
    let at = LeafIndex(15);
    assert_eq!(
        desk.void(c.rotate(event), c.next()),
        Broken::NoNextKey { event: at }
    );
    desk
}

pub(super) fn revocations() -> Desk {
    let [mut a, b, _] = people();
    let mut desk = Desk::new(Vec::new());
    let event = desk.stands(a.incept(), a.key());
    let other = desk.stands(b.incept(), b.key());
    let compromised = |since| RevokeReason::Compromised {
        since: LeafIndex(since),
    };
    assert_eq!(
        desk.void(a.revoke(a.key(), event, compromised(0)), a.key()),
        Broken::RevokesItself
    );
    assert_eq!(
        desk.void(a.revoke(b.key(), event, compromised(0)), b.key()),
        Broken::NotRevoker
    );
    let thief = CreatorKey::from_seed(&[66; 32]);
    assert_eq!(
        desk.void(a.revoke(&thief, event, compromised(0)), &thief),
        Broken::NotRevoker
    );
    assert_eq!(
        desk.void(a.revoke(a.next(), other, compromised(0)), a.next()),
        Broken::UnknownEntry { field: "key event" }
    );
    let (since, index) = (LeafIndex(7), LeafIndex(6));
    assert_eq!(
        desk.void(a.revoke(a.next(), event, compromised(7)), a.next()),
        Broken::SinceLater { since, index }
    );
    desk.stands(a.revoke(a.next(), event, RevokeReason::Retired), a.next());
    let earlier = LeafIndex(7);
    assert_eq!(
        desk.void(a.revoke(&a.recovery, event, RevokeReason::Retired), &a.recovery),
        Broken::RevokedTwice { earlier }
    );
    desk.stands(a.revoke(&a.recovery, event, compromised(5)), &a.recovery);
    let earlier = LeafIndex(9);
    assert_eq!(
        desk.void(a.revoke(a.next(), event, compromised(5)), a.next()),
        Broken::RevokedTwice { earlier }
    );
    // A revoked identity comes back with the key it committed to, which may say more of the one before.
    let second = desk.stands(a.rotate(event), a.next());
    a.rotated();
    desk.stands(a.revoke(a.key(), event, compromised(4)), a.key());
    assert_eq!(
        desk.void(a.revoke(&a.keys[0], second, compromised(4)), &a.keys[0]),
        Broken::KeyEnded {
            by: LeafIndex(7),
            how: KeyEnd::Revoked
        }
    );
    desk.stands(register(asset(1), 1), a.key());
    desk
}

pub(super) fn stolen_key() -> Desk {
    let [mut a, b, _] = people();
    let thief = Person::new(3);
    let mut desk = Desk::new(Vec::new());
    let event = desk.stands(a.incept(), a.key());
    for person in [&b, &thief] {
        desk.stands(person.incept(), person.key());
    }
    let first = desk.stands(register(asset(1), 1), a.key());
    let second = desk.stands(register(asset(2), 2), a.key());
    // The thief moves one title to himself and sells it on, and offers the other.
    let moved = desk.moves(asset(1), first, 10_000, &a, &thief);
    desk.moves(asset(1), moved, 10_000, &thief, &b);
    let offered = desk.stands(
        EntryBody::TitleOffer(offer(asset(2), second, thief.id(), 10_000)),
        a.key(),
    );
    let since = LeafIndex(5);
    desk.stands(
        a.revoke(a.next(), event, RevokeReason::Compromised { since }),
        a.next(),
    );
    let revocation = LeafIndex(10);
    assert_eq!(
        desk.void(accept(asset(2), offered), thief.key()),
        Broken::OfferSuspect { revocation }
    );
    desk.stands(a.rotate(event), a.next());
    a.rotated();
    let title = &desk.state.asset(&asset(1), desk.size()).unwrap().titles[0];
    let suspicion = title.suspect.unwrap();
    assert_eq!(
        (suspicion.since, suspicion.revocation),
        (LeafIndex(6), revocation)
    );
    assert_eq!(title.holders[0].identity, b.id());
    let safe = &desk.state.asset(&asset(2), desk.size()).unwrap().titles[0];
    assert_eq!((safe.suspect, safe.offers.len()), (None, 0));
    desk.stands(privileged(asset(1), moved, &a.recovery, a.id()), &a.recovery);
    desk.stands(
        EntryBody::TitleOffer(offer(asset(2), second, b.id(), 10_000)),
        a.key(),
    );
    desk
}

pub(super) fn recovery_key() -> Desk {
    let [mut a, b, _] = people();
    let mut desk = Desk::new(Vec::new());
    let event = desk.stands(a.incept(), a.key());
    desk.stands(b.incept(), b.key());
    let title = desk.stands(register(asset(1), 1), a.key());
    let moved = desk.moves(asset(1), title, 10_000, &a, &b);
    assert_eq!(
        desk.void(privileged(asset(1), moved, &b.recovery, a.id()), &b.recovery),
        Broken::NotRecovery
    );
    let stranger = Person::new(7);
    let unknown = privileged(asset(1), moved, &stranger.recovery, stranger.id());
    assert_eq!(desk.void(unknown, &stranger.recovery), Broken::UnknownIdentity);
    let opened = desk.stands(privileged(asset(1), moved, &a.recovery, a.id()), &a.recovery);
    // Whoever has the key in use cannot take it back; a key that came later can.
    let dispute = LeafIndex(7);
    assert_eq!(
        desk.void(close(asset(1), opened, Outcome::Withdrawn), a.key()),
        Broken::Privileged { dispute }
    );
    desk.stands(a.rotate(event), a.next());
    a.rotated();
    desk.stands(close(asset(1), opened, Outcome::Withdrawn), a.key());
    // A rotation without a recovery key keeps the one before.
    desk.stands(privileged(asset(1), moved, &a.recovery, a.id()), &a.recovery);
    desk
}

pub(super) fn unknown_keys() -> Desk {
    let (mut desk, a, _, _, title) = begun();
    let stranger = Person::new(7);
    assert_eq!(
        desk.void(register(asset(2), 2), stranger.key()),
        Broken::UnknownKey
    );
    assert_eq!(
        desk.void(dispute(asset(1), title, Ground::Other), stranger.key()),
        Broken::UnknownKey
    );
    assert_eq!(
        desk.void(stranger.rotate(title), stranger.next()),
        Broken::UnknownIdentity
    );
    let revoke = stranger.revoke(stranger.next(), title, RevokeReason::Retired);
    assert_eq!(desk.void(revoke, stranger.next()), Broken::UnknownIdentity);
    // An offer to someone who is not there yet waits for that key.
    let offered = desk.stands(whole(title, &stranger), a.key());
    assert_eq!(
        desk.void(accept(asset(1), offered), stranger.key()),
        Broken::UnknownKey
    );
    desk.stands(stranger.incept(), stranger.key());
    desk.stands(accept(asset(1), offered), stranger.key());
    desk
}

pub(super) fn two_identities() -> Desk {
    let [mut a, b, _] = people();
    let mut desk = Desk::new(Vec::new());
    let event = desk.stands(a.incept(), a.key());
    // The key that was committed to enters as an identity of its own: then it is no longer there to rotate to.
    let own = EntryBody::KeyIncept(KeyIncept {
        key: a.next().public(),
        next: None,
        recovery: None,
    });
    desk.stands(own, a.next());
    let earlier = LeafIndex(1);
    assert_eq!(
        desk.void(a.rotate(event), a.next()),
        Broken::InceptTwice { earlier }
    );
    desk.stands(register(asset(1), 1), a.next());
    // And the first key goes on, as the rotation is void.
    desk.stands(register(asset(2), 2), a.key());
    a.rotated();
    desk.stands(b.incept(), b.key());
    assert_eq!(
        desk.void(a.incept(), &a.keys[0]),
        Broken::InceptTwice {
            earlier: LeafIndex(0)
        }
    );
    desk
}
