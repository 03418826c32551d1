//! The grammar of ownership: the same verdict on every entry from the reducer over the whole log, from an append that reads
//! only what it needs, from the audit of the file, and from a slow model.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "histories here are short"
)]

mod desk;
mod files;
mod map;
mod model;
pub(crate) mod moves;
mod random;
mod traces;

use byline::ledger::title::State;
use byline::ledger::{LeafIndex, TreeSize};

use self::desk::{Desk, Past};

#[test]
fn every_move_is_judged_as_the_grammar_says() {
    for (name, history) in moves::ALL {
        eprintln!("{name}");
        history();
    }
}

#[test]
fn an_append_that_reads_only_what_it_needs_judges_the_same() {
    for (name, history) in moves::ALL {
        eprintln!("{name}");
        append_agrees(&history());
    }
}

/// Judges every entry by a state made for it alone, from the entries before it that it depends on.
fn append_agrees(desk: &Desk) {
    for (at, entry) in desk.log.iter().enumerate() {
        let mut state = State::new(desk.policy.clone());
        let past = Past(&desk.log[..at]);
        state.prepare(entry, &past).unwrap();
        let judged = state.step(LeafIndex(at as u64), &entry.id(), entry);
        assert_eq!(judged, desk.judged[at], "entry {at}");
        if let byline::ledger::Subject::Asset(asset_id) = entry.body().subject() {
            let history =
                byline::ledger::title::history(&past, &desk.policy, &asset_id, TreeSize(u64::MAX)).unwrap();
            let stands = |event: &byline::ledger::title::Event| match event.judged {
                byline::ledger::title::Judged::Stands(did) => Ok(did),
                byline::ledger::title::Judged::Void(broken) => Err(broken),
            };
            for event in &history.events {
                assert_eq!(stands(event), desk.judged[event.index.0 as usize]);
            }
        }
    }
}
