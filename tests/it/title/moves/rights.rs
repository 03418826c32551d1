//! Licences, reservations and disputes: moves that the grammar allows, and the ones that it does not.

use super::*;

pub(super) fn exclusive_licences() -> Desk {
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

pub(super) fn joint_holders() -> Desk {
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
pub(super) fn stolen_consent() -> Desk {
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

pub(super) fn licence_ends() -> Desk {
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

pub(super) fn reservations() -> Desk {
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

pub(super) fn disputes() -> Desk {
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

pub(super) fn arbiter() -> Desk {
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
