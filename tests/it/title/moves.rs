//! Moves that the grammar allows, and the ones that it does not, each with the rule that refuses it.

use byline::base::Digest;
use byline::keys::CreatorKey;
use byline::ledger::body::{
    Anchor, AnchorKind, Ground, Outcome, Redact, RedactGround, RevokeReason, StateRoot, TitleOffer,
};
use byline::ledger::broken::{Broken, KeyEnd};
use byline::ledger::{Entry, EntryBody, KeyIncept, LeafHash, LeafIndex, TreeSize};

use super::desk::*;

/// Writes a history.
pub(crate) type History = fn() -> Desk;

/// Every history here by its name. Each asserts what becomes of its moves.
pub(crate) const ALL: &[(&str, History)] = &[
    ("a share given twice", double_transfer),
    ("a transfer by a revoked key", transfer_by_a_revoked_key),
    ("a transfer by a stranger", transfer_by_a_non_holder),
    ("an old transfer again", replay),
    ("more than is held", more_than_held),
    ("accepted by a third person", third_person),
    ("accepted too late", too_late),
    ("accepted twice", accepted_twice),
    ("under an old title entry", stale_title),
    ("rotations", rotations),
    ("revocations", revocations),
    ("a stolen key", stolen_key),
    ("exclusive licences", exclusive_licences),
    ("joint holders", joint_holders),
    ("a consent with a stolen key", stolen_consent),
    ("ends of licences", licence_ends),
    ("reservations", reservations),
    ("disputes", disputes),
    ("an arbiter", arbiter),
    ("a recovery key", recovery_key),
    ("kinds of the log", log_kinds),
    ("registrations", registrations),
    ("names of other entries", wrong_names),
    ("keys that were never there", unknown_keys),
    ("an offer taken back", withdrawn_offer),
    ("a key under two identities", two_identities),
];

fn whole(prev: LeafHash, to: &Person) -> EntryBody {
    EntryBody::TitleOffer(offer(asset(1), prev, to.id(), 10_000))
}

fn people() -> [Person; 3] {
    [Person::new(0), Person::new(1), Person::new(2)]
}

/// Three people, and the first one's picture.
fn begun() -> (Desk, Person, Person, Person, LeafHash) {
    let [a, b, c] = people();
    let mut desk = Desk::with(&[&a, &b, &c]);
    let title = desk.stands(register(asset(1), 1), a.key());
    (desk, a, b, c, title)
}

fn double_transfer() -> Desk {
    let (mut desk, a, b, c, title) = begun();
    let to_b = desk.stands(whole(title, &b), a.key());
    let to_c = desk.stands(whole(title, &c), a.key());
    desk.stands(accept(asset(1), to_b), b.key());
    let by = LeafIndex(6);
    let offer = LeafIndex(5);
    assert_eq!(
        desk.void(accept(asset(1), to_c), c.key()),
        Broken::OfferSpent { offer, by }
    );
    let moved = Some(by);
    assert_eq!(desk.void(whole(title, &c), a.key()), Broken::NotHolder { moved });
    desk
}

fn transfer_by_a_revoked_key() -> Desk {
    let [a, b, _] = people();
    let mut desk = Desk::new(Vec::new());
    let event = desk.stands(a.incept(), a.key());
    desk.stands(b.incept(), b.key());
    let title = desk.stands(register(asset(1), 1), a.key());
    desk.stands(a.revoke(a.next(), event, RevokeReason::Retired), a.next());
    let (by, how) = (LeafIndex(3), KeyEnd::Revoked);
    assert_eq!(desk.void(whole(title, &b), a.key()), Broken::KeyEnded { by, how });
    desk
}

fn transfer_by_a_non_holder() -> Desk {
    let (mut desk, _, b, c, title) = begun();
    assert_eq!(
        desk.void(whole(title, &c), b.key()),
        Broken::NotHolder { moved: None }
    );
    assert_eq!(
        desk.void(grant(asset(1), title, &exclusive(c.id(), &[], 0, None)), b.key()),
        Broken::NotHolder { moved: None }
    );
    desk
}

fn replay() -> Desk {
    let (mut desk, a, b, _, title) = begun();
    let offered = desk.stands(whole(title, &b), a.key());
    let again = desk.log[4].clone();
    assert_eq!(
        desk.put(again.clone()),
        Err(Broken::Duplicate {
            earlier: LeafIndex(4)
        })
    );
    let head = desk.stands(accept(asset(1), offered), b.key());
    // The title comes back, and with it nothing of what was signed before it left.
    desk.moves(asset(1), head, 10_000, &b, &a);
    assert!(desk.put(again).is_err());
    let by = LeafIndex(6);
    assert_eq!(
        desk.void(accept(asset(1), offered), b.key()),
        Broken::OfferSpent {
            offer: LeafIndex(4),
            by
        }
    );
    let current = LeafIndex(8);
    assert_eq!(
        desk.void(whole(title, &b), a.key()),
        Broken::StaleTitle { current }
    );
    desk
}

fn more_than_held() -> Desk {
    let (mut desk, a, b, c, title) = begun();
    let head = desk.moves(asset(1), title, 4000, &a, &b);
    let over = |points| EntryBody::TitleOffer(offer(asset(1), head, c.id(), points));
    assert!(
        matches!(desk.void(over(4001), b.key()), Broken::OfferTooMuch { held, .. } if held.points() == 4000)
    );
    assert!(matches!(
        desk.void(over(6001), a.key()),
        Broken::OfferTooMuch { .. }
    ));
    desk.stands(over(4000), b.key());
    desk
}

fn third_person() -> Desk {
    let (mut desk, a, b, c, title) = begun();
    let offered = desk.stands(whole(title, &b), a.key());
    let wrong = Broken::NotRecipient { offer: LeafIndex(4) };
    assert_eq!(desk.void(accept(asset(1), offered), c.key()), wrong);
    assert_eq!(desk.void(accept(asset(1), offered), a.key()), wrong);
    desk.stands(accept(asset(1), offered), b.key());
    desk
}

fn too_late() -> Desk {
    let (mut desk, a, b, _, title) = begun();
    let until = |at| byline::base::Timestamp::from_unix_s(NOW.unix_s() + at);
    let open = offer(asset(1), title, b.id(), 10_000);
    let by_index = TitleOffer {
        until_index: Some(LeafIndex(6)),
        ..open
    };
    let by_time = TitleOffer {
        until: Some(until(60)),
        ..open
    };
    let first = desk.stands(EntryBody::TitleOffer(by_index), a.key());
    let second = desk.stands(EntryBody::TitleOffer(by_time), a.key());
    // This one stands at index 6 and is signed in second 60; the next one in second 70.
    assert!(matches!(
        desk.void(accept(asset(1), first), b.key()),
        Broken::Late { .. }
    ));
    assert!(matches!(
        desk.void(accept(asset(1), second), b.key()),
        Broken::Late { .. }
    ));
    let never = TitleOffer {
        until_index: Some(desk.next_index()),
        ..open
    };
    assert!(matches!(
        desk.void(EntryBody::TitleOffer(never), a.key()),
        Broken::Late { .. }
    ));
    let last = TitleOffer {
        until: Some(until(desk.clock + 10 * TICK)),
        until_index: Some(LeafIndex(desk.next_index().0 + 2)),
        ..open
    };
    let third = desk.stands(EntryBody::TitleOffer(last), a.key());
    desk.stands(accept(asset(1), third), b.key());
    desk
}

fn accepted_twice() -> Desk {
    let (mut desk, a, b, _, title) = begun();
    let offered = desk.stands(
        EntryBody::TitleOffer(offer(asset(1), title, b.id(), 5000)),
        a.key(),
    );
    desk.stands(accept(asset(1), offered), b.key());
    let (offer, by) = (LeafIndex(4), LeafIndex(5));
    assert_eq!(
        desk.void(accept(asset(1), offered), b.key()),
        Broken::OfferSpent { offer, by }
    );
    desk
}

fn stale_title() -> Desk {
    let (mut desk, a, b, c, title) = begun();
    let head = desk.moves(asset(1), title, 4000, &a, &b);
    let current = LeafIndex(5);
    let stale = Broken::StaleTitle { current };
    let part = |prev| EntryBody::TitleOffer(offer(asset(1), prev, c.id(), 1000));
    assert_eq!(desk.void(part(title), a.key()), stale);
    assert_eq!(
        desk.void(grant(asset(1), title, &exclusive(c.id(), &[], 0, None)), a.key()),
        stale
    );
    assert_eq!(desk.void(reserve(asset(1), title), a.key()), stale);
    desk.stands(part(head), a.key());
    // What one holder does leaves the other's share, and the offers on it, alone.
    let from_b = desk.stands(part(head), b.key());
    desk.moves(asset(1), head, 2000, &a, &c);
    assert_eq!(
        desk.void(accept(asset(1), LeafHash::of(b"")), c.key()),
        Broken::UnknownEntry { field: "offer" }
    );
    desk.stands(accept(asset(1), from_b), c.key());
    desk
}

fn rotations() -> Desk {
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

fn revocations() -> Desk {
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

fn stolen_key() -> Desk {
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

fn exclusive_licences() -> Desk {
    let (mut desk, a, b, c, title) = begun();
    let first = exclusive(b.id(), &[250, 276], 0, Some(1000));
    let licence = desk.stands(grant(asset(1), title, &first), a.key());
    let with = LeafIndex(4);
    let overlap = Broken::ExclusiveOverlap { with };
    for scope in [
        exclusive(c.id(), &[276], 1000, None),
        exclusive(c.id(), &[], 500, Some(600)),
        exclusive(c.id(), &[250, 840], 0, Some(0)),
    ] {
        assert_eq!(desk.void(grant(asset(1), title, &scope), a.key()), overlap);
    }
    desk.stands(
        grant(asset(1), title, &exclusive(c.id(), &[840], 0, None)),
        a.key(),
    );
    desk.stands(
        grant(asset(1), title, &exclusive(c.id(), &[276], 1001, None)),
        a.key(),
    );
    // Other licences may be granted beside it, and it outlives a sale.
    let mut open = exclusive(c.id(), &[], 0, None);
    open.exclusive = false;
    desk.stands(grant(asset(1), title, &open), a.key());
    let head = desk.moves(asset(1), title, 10_000, &a, &c);
    let again = grant(asset(1), head, &exclusive(c.id(), &[250], 300, Some(400)));
    assert_eq!(desk.void(again, c.key()), overlap);
    // Ended, it covers only what was before its end.
    desk.stands(end(asset(1), licence), b.key());
    let at = desk.clock - TICK;
    let reaching_back = grant(asset(1), head, &exclusive(b.id(), &[250], at - 1, None));
    assert_eq!(desk.void(reaching_back, c.key()), overlap);
    desk.stands(
        grant(asset(1), head, &exclusive(b.id(), &[250], at, None)),
        c.key(),
    );
    // Ended in its second second, it has covered its first; ended in its first, nothing.
    for (after, territory, is_taken) in [(1, 392, true), (0, 410, false)] {
        let from = desk.clock + 2 * TICK;
        let short = exclusive(b.id(), &[territory], from, None);
        let licence = desk.stands(grant(asset(1), head, &short), c.key());
        desk.clock = from + after;
        desk.stands(end(asset(1), licence), c.key());
        let one_second = exclusive(a.id(), &[territory], from, Some(from));
        let again = desk.says(grant(asset(1), head, &one_second), c.key());
        assert_eq!(again.is_err(), is_taken);
    }
    desk
}

fn joint_holders() -> Desk {
    let (mut desk, a, b, c, title) = begun();
    let head = desk.moves(asset(1), title, 3000, &a, &b);
    let scope = exclusive(c.id(), &[], 0, None);
    let by_a = desk.stands(grant(asset(1), head, &scope), a.key());
    let standing = desk.state.asset(&asset(1), desk.size()).unwrap();
    assert!(standing.titles[0].licences.is_empty());
    assert_eq!(standing.titles[0].waiting[0].grants.len(), 1);
    // Taken back before the other one signed, so that one signature is not enough.
    desk.stands(end(asset(1), by_a), a.key());
    let by_b = desk.stands(grant(asset(1), head, &scope), b.key());
    assert!(
        desk.state.asset(&asset(1), desk.size()).unwrap().titles[0]
            .licences
            .is_empty()
    );
    // A part that was signed before its signer's share moved no longer counts.
    let moved = desk.moves(asset(1), head, 1000, &b, &c);
    desk.stands(grant(asset(1), head, &scope), a.key());
    desk.stands(grant(asset(1), moved, &scope), c.key());
    assert!(
        desk.state.asset(&asset(1), desk.size()).unwrap().titles[0]
            .licences
            .is_empty()
    );
    desk.stands(grant(asset(1), moved, &scope), b.key());
    let standing = desk.state.asset(&asset(1), desk.size()).unwrap();
    assert_eq!(standing.titles[0].licences.len(), 1);
    assert!(standing.titles[0].waiting.is_empty());
    let by = LeafIndex(13);
    assert_eq!(
        desk.void(end(asset(1), by_b), b.key()),
        Broken::LicenceEnded { by }
    );
    let shares: Vec<u16> = standing.titles[0]
        .holders
        .iter()
        .map(|holder| holder.share.points())
        .collect();
    assert_eq!(shares, [7000, 2000, 1000]);
    desk
}

/// One of two holders agreed with a key that was declared stolen before the other one agreed.
fn stolen_consent() -> Desk {
    let [mut a, b, c] = people();
    let mut desk = Desk::new(Vec::new());
    let event = desk.stands(a.incept(), a.key());
    for person in [&b, &c] {
        desk.stands(person.incept(), person.key());
    }
    let title = desk.stands(register(asset(1), 1), a.key());
    let head = desk.moves(asset(1), title, 5000, &a, &b);
    let scope = exclusive(c.id(), &[], 0, None);
    let since = LeafIndex(6);
    desk.stands(grant(asset(1), head, &scope), a.key());
    desk.stands(
        a.revoke(a.next(), event, RevokeReason::Compromised { since }),
        a.next(),
    );
    desk.stands(grant(asset(1), head, &scope), b.key());
    let licences = |desk: &Desk| {
        let standing = desk.state.asset(&asset(1), desk.size()).unwrap();
        standing.titles[0].licences.len()
    };
    assert_eq!(licences(&desk), 0);
    desk.stands(a.rotate(event), a.next());
    a.rotated();
    desk.stands(grant(asset(1), head, &scope), a.key());
    assert_eq!(licences(&desk), 1);
    desk
}

fn licence_ends() -> Desk {
    let (mut desk, a, b, c, title) = begun();
    let licence = desk.stands(grant(asset(1), title, &exclusive(b.id(), &[], 0, None)), a.key());
    let of = LeafIndex(4);
    assert_eq!(
        desk.void(end(asset(1), licence), c.key()),
        Broken::NotParty { of }
    );
    desk.stands(end(asset(1), licence), b.key());
    let by = LeafIndex(6);
    assert_eq!(
        desk.void(end(asset(1), licence), a.key()),
        Broken::LicenceEnded { by }
    );
    let head = desk.moves(asset(1), title, 5000, &a, &c);
    let waiting = desk.stands(
        grant(asset(1), head, &exclusive(b.id(), &[], 1000, None)),
        a.key(),
    );
    let of = LeafIndex(10);
    assert_eq!(
        desk.void(end(asset(1), waiting), c.key()),
        Broken::NotParty { of }
    );
    desk
}

fn reservations() -> Desk {
    let (mut desk, a, b, c, title) = begun();
    let reservation = desk.stands(reserve(asset(1), title), a.key());
    let stranger = Broken::NotHolder { moved: None };
    assert_eq!(desk.void(reserve(asset(1), title), c.key()), stranger);
    assert_eq!(desk.void(lift(asset(1), reservation), c.key()), stranger);
    let head = desk.moves(asset(1), title, 10_000, &a, &b);
    // It survives the sale, and the seller can no longer lift it; but who registered may still reserve.
    let moved = Some(LeafIndex(8));
    assert_eq!(
        desk.void(lift(asset(1), reservation), a.key()),
        Broken::NotHolder { moved }
    );
    desk.stands(reserve(asset(1), title), a.key());
    let last = desk.moves(asset(1), head, 5000, &b, &c);
    // Two holders now: it falls with the second one.
    desk.stands(lift(asset(1), reservation), b.key());
    let by = LeafIndex(13);
    assert_eq!(
        desk.void(lift(asset(1), reservation), b.key()),
        Broken::Lifted { by }
    );
    let in_force = |desk: &Desk| {
        let standing = desk.state.asset(&asset(1), desk.size()).unwrap();
        standing.titles[0].reservations.len()
    };
    assert_eq!(in_force(&desk), 3);
    desk.stands(lift(asset(1), reservation), c.key());
    assert_eq!(in_force(&desk), 2);
    // What the registration itself reserves is lifted the same way.
    desk.stands(lift(asset(1), title), b.key());
    desk.stands(lift(asset(1), title), c.key());
    assert_eq!(in_force(&desk), 1);
    // Who lifted it and sold his share counts no more; the buyer has not lifted it.
    let kept = desk.stands(reserve(asset(1), last), c.key());
    desk.stands(lift(asset(1), kept), c.key());
    desk.moves(asset(1), last, 5000, &c, &a);
    desk.stands(lift(asset(1), kept), b.key());
    assert_eq!(in_force(&desk), 2);
    desk.stands(lift(asset(1), kept), a.key());
    assert_eq!(in_force(&desk), 1);
    let open = desk.stands(register(asset(2), 2), a.key());
    assert!(matches!(
        desk.void(lift(asset(2), open), a.key()),
        Broken::WrongKind { .. }
    ));
    assert!(matches!(
        desk.void(lift(asset(1), last), b.key()),
        Broken::WrongKind { .. }
    ));
    desk
}

fn disputes() -> Desk {
    let (mut desk, a, b, c, title) = begun();
    let opened = desk.stands(dispute(asset(1), title, Ground::FirstRegistration), b.key());
    let of = LeafIndex(4);
    assert_eq!(
        desk.void(answer(asset(1), opened), c.key()),
        Broken::NotParty { of }
    );
    desk.stands(answer(asset(1), opened), a.key());
    // It blocks nothing.
    desk.moves(asset(1), title, 10_000, &a, &c);
    desk.stands(answer(asset(1), opened), c.key());
    desk.stands(answer(asset(1), opened), a.key());
    let stranger = Broken::NotOpener {
        dispute: LeafIndex(4),
    };
    assert_eq!(
        desk.void(close(asset(1), opened, Outcome::Withdrawn), c.key()),
        stranger
    );
    let outcome = Outcome::Upheld;
    assert_eq!(
        desk.void(close(asset(1), opened, outcome), b.key()),
        Broken::Arbiter { outcome }
    );
    desk.stands(close(asset(1), opened, Outcome::Settled), b.key());
    let by = LeafIndex(13);
    assert_eq!(
        desk.void(answer(asset(1), opened), a.key()),
        Broken::DisputeClosed { by }
    );
    assert_eq!(
        desk.void(close(asset(1), opened, Outcome::Withdrawn), b.key()),
        Broken::DisputeClosed { by }
    );
    let standing = desk.state.asset(&asset(1), desk.size()).unwrap();
    assert_eq!(standing.disputes[0].answers.len(), 3);
    assert_eq!(standing.open_disputes().count(), 0);
    desk
}

fn arbiter() -> Desk {
    let [a, b, c] = people();
    let mut desk = Desk::new(vec![c.id()]);
    for person in [&a, &b, &c] {
        desk.stands(person.incept(), person.key());
    }
    let title = desk.stands(register(asset(1), 1), a.key());
    let opened = desk.stands(dispute(asset(1), title, Ground::AiOrHuman), b.key());
    assert_eq!(
        desk.void(close(asset(1), opened, Outcome::Withdrawn), c.key()),
        Broken::NotOpener {
            dispute: LeafIndex(4)
        }
    );
    desk.stands(close(asset(1), opened, Outcome::Rejected), c.key());
    desk
}

fn recovery_key() -> Desk {
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

fn log_kinds() -> Desk {
    let (mut desk, a, b, _, title) = begun();
    let log = CreatorKey::from_seed(&[2; 32]);
    let root = |covers| {
        EntryBody::StateRoot(StateRoot {
            root: Digest::of(b"map"),
            keys: 1,
            covers: TreeSize(covers),
        })
    };
    let anchor = |covers| {
        EntryBody::Anchor(Anchor {
            evidence: Digest::of(b"token"),
            kind: AnchorKind::OpenTimestamps,
            covers: TreeSize(covers),
        })
    };
    let redact = |index, leaf| {
        EntryBody::Redact(Redact {
            index: LeafIndex(index),
            leaf,
            ground: RedactGround::Erasure,
        })
    };
    for body in [root(1), anchor(1), redact(3, title)] {
        assert_eq!(desk.void(body, a.key()), Broken::NotLogKey);
    }
    let index = desk.next_index();
    let covers = TreeSize(index.0 - 1);
    assert_eq!(
        desk.void(root(covers.0), &log),
        Broken::CoversLess { covers, index }
    );
    desk.stands(root(desk.next_index().0), &log);
    desk.stands(anchor(7), &log);
    desk.stands(redact(3, title), &log);
    let index = desk.next_index();
    let covers = TreeSize(index.0 + 1);
    let more = Broken::CoversMore { covers, index };
    assert_eq!(desk.void(root(covers.0), &log), more);
    assert!(matches!(desk.void(anchor(100), &log), Broken::CoversMore { .. }));
    assert!(matches!(
        desk.void(redact(100, title), &log),
        Broken::CoversMore { .. }
    ));
    // The log's key is nobody's.
    for body in [whole(title, &b), register(asset(2), 2)] {
        assert_eq!(desk.void(body, &log), Broken::LogKeyEnters);
    }
    let incept = EntryBody::KeyIncept(KeyIncept {
        key: log.public(),
        next: None,
        recovery: None,
    });
    assert_eq!(desk.void(incept, &log), Broken::LogKeyEnters);
    desk
}

fn registrations() -> Desk {
    let (mut desk, a, b, c, title) = begun();
    let earlier = LeafIndex(3);
    assert_eq!(
        desk.void(register(asset(1), 9), a.key()),
        Broken::AssetTwice { earlier }
    );
    // The same content by another: both are kept, and the later one is contested.
    desk.stands(register(asset(2), 1), b.key());
    desk.stands(register(asset(3), 1), a.key());
    let claims = desk.claims(&Digest::of(&[2, 1]));
    let said: Vec<_> = claims
        .iter()
        .map(|claim| (claim.entry.index.0, claim.entry.identity, claim.is_contested))
        .collect();
    assert_eq!(said, [(3, a.id(), false), (5, b.id(), true), (6, a.id(), true)]);
    // The same asset id by another: a chain of its own, which the first one cannot touch.
    let squat = desk.stands(register(asset(1), 5), c.key());
    assert_eq!(
        desk.void(whole(squat, &b), a.key()),
        Broken::NotHolder { moved: None }
    );
    desk.moves(asset(1), squat, 10_000, &c, &b);
    let standing = desk.state.asset(&asset(1), desk.size()).unwrap();
    let holders: Vec<_> = standing
        .titles
        .iter()
        .map(|title| title.holders[0].identity)
        .collect();
    assert_eq!(holders, [a.id(), b.id()]);
    desk.moves(asset(1), title, 10_000, &a, &b);
    assert!(desk.state.asset(&asset(9), desk.size()).is_none());
    desk
}

fn wrong_names() -> Desk {
    let (mut desk, a, b, _, title) = begun();
    let offered = desk.stands(whole(title, &b), a.key());
    let named = LeafIndex(4);
    let wrong = |field| Broken::WrongKind { named, field };
    let unknown = |field| Broken::UnknownEntry { field };
    let nothing = LeafHash::of(b"nothing");
    let open = exclusive(b.id(), &[], 0, None);
    assert_eq!(desk.void(whole(offered, &b), a.key()), wrong("title"));
    assert_eq!(desk.void(whole(nothing, &b), a.key()), unknown("title"));
    assert_eq!(desk.void(end(asset(1), offered), a.key()), wrong("grant"));
    assert_eq!(desk.void(end(asset(1), nothing), a.key()), unknown("grant"));
    assert_eq!(desk.void(lift(asset(1), offered), a.key()), wrong("reservation"));
    assert_eq!(desk.void(answer(asset(1), offered), a.key()), wrong("dispute"));
    assert_eq!(
        desk.void(close(asset(1), nothing, Outcome::Settled), a.key()),
        unknown("dispute")
    );
    assert_eq!(
        desk.void(dispute(asset(1), nothing, Ground::Other), b.key()),
        unknown("entry")
    );
    // An entry about another asset is not there.
    let other = desk.stands(register(asset(2), 2), a.key());
    assert_eq!(
        desk.void(grant(asset(1), other, &open), a.key()),
        unknown("title")
    );
    assert_eq!(desk.void(accept(asset(2), offered), b.key()), unknown("offer"));
    assert_eq!(desk.void(accept(asset(3), offered), b.key()), unknown("offer"));
    assert!(matches!(
        desk.void(accept(asset(1), title), b.key()),
        Broken::WrongKind { field: "offer", .. }
    ));
    desk
}

fn unknown_keys() -> Desk {
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

fn withdrawn_offer() -> Desk {
    let (mut desk, a, b, _, title) = begun();
    let offered = desk.stands(whole(title, &b), a.key());
    let head = desk.moves(asset(1), title, 10_000, &a, &a);
    let (offer, by) = (LeafIndex(4), LeafIndex(6));
    assert_eq!(
        desk.void(accept(asset(1), offered), b.key()),
        Broken::OfferSpent { offer, by }
    );
    desk.moves(asset(1), head, 1, &a, &b);
    desk
}

fn two_identities() -> Desk {
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

/// An entry signed by nobody it names: for checks of what is void by its signature.
pub(crate) fn unsigned(entry: &Entry) -> Entry {
    let mut bytes = entry.bytes().to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    Entry::decode(&bytes).unwrap()
}
