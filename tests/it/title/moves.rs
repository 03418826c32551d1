//! Moves that the grammar allows, and the ones that it does not, each with the rule that refuses it.

mod keys;
mod rights;

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
    ("rotations", keys::rotations),
    ("revocations", keys::revocations),
    ("a stolen key", keys::stolen_key),
    ("exclusive licences", rights::exclusive_licences),
    ("joint holders", rights::joint_holders),
    ("a consent with a stolen key", rights::stolen_consent),
    ("ends of licences", rights::licence_ends),
    ("reservations", rights::reservations),
    ("disputes", rights::disputes),
    ("an arbiter", rights::arbiter),
    ("a recovery key", keys::recovery_key),
    ("kinds of the log", log_kinds),
    ("registrations", registrations),
    ("names of other entries", wrong_names),
    ("keys that were never there", keys::unknown_keys),
    ("an offer taken back", withdrawn_offer),
    ("a key under two identities", keys::two_identities),
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

/// An entry signed by nobody it names: for checks of what is void by its signature.
pub(crate) fn unsigned(entry: &Entry) -> Entry {
    let mut bytes = entry.bytes().to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    Entry::decode(&bytes).unwrap()
}
