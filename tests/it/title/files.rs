//! The same histories in ledger files: what the audit finds in them, and what a writer that continues them accepts.

use byline::base::Timestamp;
use byline::ledger::audit::{Audit, Finding, Rule};
use byline::ledger::body::TitleOffer;
use byline::ledger::broken::Broken;
use byline::ledger::{AppendError, Entry, EntryBody, LeafIndex, Subject};
use byline::store::{LedgerFile, StoreError};

use super::desk::*;
use super::moves;
use crate::ledger::{Bench, audit_bytes, forged_with};

/// A ledger file of whatever entries, as an operator could make who holds the log key.
fn file_of(desk: &Desk, entries: &[Entry]) -> Vec<u8> {
    let bytes: Vec<Vec<u8>> = entries.iter().map(|entry| entry.bytes().to_vec()).collect();
    let time = entries.last().map_or(NOW, |entry| entry.time());
    forged_with(&bytes, &desk.policy.arbiters, time)
}

/// What the desk found, as the audit names it: the log knows by itself that the same bytes stand there twice.
fn found_at_the_desk(desk: &Desk) -> Vec<(u64, Broken)> {
    let mut found = Vec::new();
    for (at, judged) in desk.judged.iter().enumerate() {
        let earlier = desk.log[..at].iter().position(|entry| *entry == desk.log[at]);
        let earlier = earlier.map(|earlier| LeafIndex(earlier as u64));
        match (earlier, judged) {
            (Some(earlier), _) => found.push((at as u64, Broken::Duplicate { earlier })),
            (None, Err(broken)) => found.push((at as u64, *broken)),
            (None, Ok(_)) => {}
        }
    }
    found
}

/// A history, its name on the record should something fail.
fn begun(name: &str, history: fn() -> Desk) -> Desk {
    eprintln!("{name}");
    history()
}

fn found_by(audit: &Audit) -> Vec<(u64, Broken)> {
    let broken = |finding: &Finding| match finding.rule {
        Rule::Broken { rule } => Some((finding.place.index.unwrap().0, rule)),
        // The roots of these histories are invented.
        Rule::StateMap => None,
        other => panic!("{other}"),
    };
    audit.findings.iter().filter_map(broken).collect()
}

#[test]
fn the_audit_names_every_void_entry_and_ends_in_the_same_state() {
    for (name, history) in moves::ALL {
        let desk = begun(name, *history);
        let audit = audit_bytes(&file_of(&desk, &desk.log));
        assert_eq!(found_by(&audit), found_at_the_desk(&desk));
        let state = audit.state.unwrap();
        for asset_id in (0..4).map(asset) {
            assert_eq!(
                state.asset(&asset_id, desk.size()),
                desk.state.asset(&asset_id, desk.size())
            );
        }
    }
}

#[test]
fn a_writer_that_continues_the_file_accepts_and_refuses_the_same() {
    for (name, history) in moves::ALL {
        let desk = begun(name, *history);
        let found = found_at_the_desk(&desk);
        let bench = Bench::new();
        drop(bench.create(byline::ledger::LookupMode::Public));
        for (at, entry) in desk.log.iter().enumerate() {
            std::fs::remove_dir_all(&bench.places.state).unwrap();
            std::fs::write(&bench.path, file_of(&desk, &desk.log[..at])).unwrap();
            let mut ledger = bench.open().unwrap();
            let appended = ledger.append(std::slice::from_ref(entry), entry.time());
            let wanted = found.iter().find(|(index, _)| *index == at as u64);
            match (appended, wanted.map(|(_, broken)| *broken)) {
                (Ok(receipts), None) => assert_eq!(receipts[0].index.0, at as u64),
                (Ok(receipts), Some(Broken::Duplicate { earlier })) => {
                    assert_eq!((receipts[0].index, receipts[0].already), (earlier, true));
                }
                (Err(StoreError::Append(AppendError::Broken { rule, .. })), Some(broken)) => {
                    assert_eq!(rule, broken, "entry {at}");
                }
                other => panic!("entry {at}: {other:?}"),
            }
        }
    }
}

#[test]
fn a_whole_history_in_one_batch_is_judged_as_entry_by_entry() {
    let mut compared = 0;
    for (name, history) in moves::ALL {
        let desk = begun(name, *history);
        let good: Vec<Entry> = (desk.log.iter().zip(&desk.judged))
            .filter(|(_, judged)| judged.is_ok())
            .map(|(entry, _)| entry.clone())
            .collect();
        let replayed = good
            .iter()
            .fold(Desk::new(desk.policy.arbiters.clone()), |mut desk, entry| {
                // Indexes shift where void entries are left out, so what names an index may no longer stand.
                let _ = desk.put(entry.clone());
                desk
            });
        if replayed.judged.iter().any(Result::is_err) {
            continue;
        }
        let bench = Bench::new();
        drop(bench.create(byline::ledger::LookupMode::Public));
        std::fs::remove_dir_all(&bench.places.state).unwrap();
        std::fs::write(&bench.path, file_of(&desk, &[])).unwrap();
        let now = Timestamp::from_unix_s(NOW.unix_s() + desk.clock);
        let mut ledger = bench.open().unwrap();
        ledger.append(&good, now).unwrap();
        drop(ledger);
        let audit = audit_bytes(&std::fs::read(&bench.path).unwrap());
        assert_eq!(audit.findings, []);
        let ledger = LedgerFile::open_read(&bench.path, None).unwrap();
        for asset_id in (0..4).map(asset) {
            let history = ledger.history(&asset_id, ledger.size()).unwrap();
            assert_eq!(history.standing, replayed.state.asset(&asset_id, ledger.size()));
        }
        compared += 1;
    }
    assert!(compared > 15, "{compared}");
}

#[test]
fn what_nobody_signed_is_void_and_named_by_its_signature_alone() {
    let (a, b) = (Person::new(0), Person::new(1));
    let mut desk = Desk::with(&[&a, &b]);
    let title = desk.stands(register(asset(1), 1), a.key());
    let offered = desk.stands(
        EntryBody::TitleOffer(offer(asset(1), title, b.id(), 10_000)),
        a.key(),
    );
    let before = desk.log.clone();
    desk.stands(accept(asset(1), offered), b.key());
    let forged = moves::unsigned(&desk.log[4]);
    let entries = [before, vec![forged]].concat();
    let audit = audit_bytes(&file_of(&desk, &entries));
    let ids: Vec<_> = audit
        .findings
        .iter()
        .map(|finding| (finding.place.index.unwrap().0, finding.rule.id()))
        .collect();
    assert_eq!(ids, [(4, "ledger.entry.signature")]);
    let state = audit.state.unwrap();
    let title = &state.asset(&asset(1), desk.size()).unwrap().titles[0];
    assert_eq!(title.holders[0].identity, a.id());
    // The writer that continues it lets the true acceptance through, which only the void one would forbid.
    let bench = Bench::new();
    drop(bench.create(byline::ledger::LookupMode::Public));
    std::fs::remove_dir_all(&bench.places.state).unwrap();
    std::fs::write(&bench.path, file_of(&desk, &entries)).unwrap();
    bench
        .open()
        .unwrap()
        .append(&desk.log[4..], desk.log[4].time())
        .unwrap();
}

#[test]
fn an_acceptance_recorded_after_its_time_is_refused_and_named() {
    let (a, b) = (Person::new(0), Person::new(1));
    let mut desk = Desk::with(&[&a, &b]);
    let title = desk.stands(register(asset(1), 1), a.key());
    let until = Timestamp::from_unix_s(NOW.unix_s() + 60);
    let timed = TitleOffer {
        until: Some(until),
        ..offer(asset(1), title, b.id(), 10_000)
    };
    let offered = desk.stands(EntryBody::TitleOffer(timed), a.key());
    // Signed in time by its signer's clock.
    desk.stands(accept(asset(1), offered), b.key());
    for (late, is_found) in [(0, false), (1, true)] {
        let bench = Bench::new();
        drop(bench.create(byline::ledger::LookupMode::Public));
        let now = Timestamp::from_unix_s(until.unix_s() + late);
        let appended = bench.open().unwrap().append(&desk.log, now);
        let is_late = matches!(
            appended,
            Err(StoreError::Append(AppendError::Broken {
                position: 4,
                rule: Broken::Late { .. }
            }))
        );
        assert_eq!(is_late, is_found);
        let entries: Vec<_> = desk.log.iter().map(|entry| entry.bytes().to_vec()).collect();
        let audit = audit_bytes(&forged_with(&entries, &[], now));
        let ids: Vec<_> = found_by(&audit)
            .iter()
            .map(|(index, broken)| (*index, broken.id()))
            .collect();
        assert_eq!(ids == [(4, "ledger.title.late")], is_found);
    }
}

#[test]
fn a_redaction_of_another_entry_is_refused_and_named() {
    let a = Person::new(0);
    let mut desk = Desk::with(&[&a]);
    let title = desk.stands(register(asset(1), 1), a.key());
    desk.stands(register(asset(2), 2), a.key());
    let log = byline::keys::CreatorKey::from_seed(&[2; 32]);
    let redact = |index, leaf| {
        EntryBody::Redact(byline::ledger::body::Redact {
            index: LeafIndex(index),
            leaf,
            ground: byline::ledger::body::RedactGround::Order,
        })
    };
    desk.stands(redact(1, title), &log);
    desk.stands(redact(2, title), &log);
    desk.stands(redact(0, desk.log[0].id()), &log);
    let audit = audit_bytes(&file_of(&desk, &desk.log));
    let index = LeafIndex(2);
    assert_eq!(found_by(&audit), [(4, Broken::RedactsOther { index })]);
    let bench = Bench::new();
    drop(bench.create(byline::ledger::LookupMode::Public));
    let mut ledger = bench.open().unwrap();
    ledger.append(&desk.log[..4], desk.log[4].time()).unwrap();
    assert!(matches!(
        ledger.append(&desk.log[4..5], desk.log[4].time()),
        Err(StoreError::Append(AppendError::Broken {
            rule: Broken::RedactsOther { .. },
            ..
        }))
    ));
    // A failed append leaves nothing behind that a later one would trip over.
    ledger.append(&desk.log[5..], desk.log[5].time()).unwrap();
    assert!(matches!(desk.log[0].body().subject(), Subject::Identity(_)));
}

#[test]
fn a_void_rotation_that_names_a_later_one_stays_void_for_the_writer() {
    let mut a = Person::new(0);
    let mut desk = Desk::new(Vec::new());
    let event = desk.stands(a.incept(), a.key());
    let time = Timestamp::from_unix_s(NOW.unix_s() + 2 * TICK);
    let first = Entry::sign(a.rotate(event), a.next(), time).unwrap();
    a.rotated();
    // Signed ahead under the rotation before it, but recorded before that one: it names no latest event then.
    assert!(matches!(
        desk.says(a.rotate(first.id()), a.next()),
        Err(Broken::StaleKeyEvent { .. })
    ));
    desk.put(first).unwrap();
    let bench = Bench::new();
    drop(bench.create(byline::ledger::LookupMode::Public));
    std::fs::remove_dir_all(&bench.places.state).unwrap();
    std::fs::write(&bench.path, file_of(&desk, &desk.log)).unwrap();
    let mut ledger = bench.open().unwrap();
    for n in 1..4 {
        desk.stands(register(asset(n), n), a.key());
        let last = desk.log.last().unwrap();
        ledger.append(std::slice::from_ref(last), last.time()).unwrap();
    }
    assert_eq!(
        ledger.identity(&a.id()).unwrap().unwrap().current,
        a.key().public().key_id()
    );
}
