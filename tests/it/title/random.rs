//! Random histories with hostile steps: the reducer against the model, and against appends that read only what they need.
//!
//! `BYLINE_HISTORIES=N` sets how many (2,000); `BYLINE_HISTORY=N` runs that one alone and prints it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use byline::base::Timestamp;
use byline::keys::{CreatorKey, KeyId};
use byline::ledger::body::{
    Anchor, AnchorKind, Ground, KeyRotate, LicenceGrant, Outcome, Redact, RedactGround, RevokeReason,
    StateRoot, TitleOffer,
};
use byline::ledger::title::AssetStanding;
use byline::ledger::{Entry, EntryBody, KeyIncept, LeafHash, LeafIndex, TreeSize};

use super::append_agrees;
use super::desk::*;
use super::model::Model;

/// A small generator of numbers (SplitMix64): the same history for the same seed, on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.roll() % end.max(1) as u64) as usize
    }

    fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// Three people, all their keys, and what they know of the log.
pub(crate) struct Play {
    dice: Dice,
    pub(crate) desk: Desk,
    model: Model,
    /// How far each person has rotated, as the players believe.
    at: Vec<usize>,
}

const ASSETS: [u8; 2] = [1, 2];

/// The players, the same in every history: making keys takes longer than using them.
static PEOPLE: LazyLock<Vec<Person>> = LazyLock::new(|| (0..3).map(Person::new).collect());
static IDS: LazyLock<Vec<Vec<KeyId>>> = LazyLock::new(|| {
    let ids = |person: &Person| person.keys.iter().map(|key| key.public().key_id()).collect();
    PEOPLE.iter().map(ids).collect()
});
static LOG: LazyLock<CreatorKey> = LazyLock::new(|| CreatorKey::from_seed(&[2; 32]));

/// The key of a person at a place in the row.
fn key_of(who: usize, at: usize) -> &'static CreatorKey {
    &PEOPLE[who].keys[at]
}

impl Play {
    fn new(seed: u64) -> Self {
        let arbiters = if seed.is_multiple_of(3) {
            vec![IDS[2][0]]
        } else {
            Vec::new()
        };
        let log = LOG.public().key_id();
        let mut play = Self {
            dice: Dice(seed),
            desk: Desk::new(arbiters.clone()),
            model: Model::new(log, arbiters),
            at: vec![0; 3],
        };
        for who in 0..3 {
            if !play.dice.one_in(12) {
                let (body, key) = (PEOPLE[who].incept(), key_of(who, 0));
                play.say(body, key);
            }
        }
        for (who, n) in ASSETS.into_iter().enumerate() {
            let (body, key) = (register(asset(n), n), key_of(who, 0));
            play.say(body, key);
        }
        play
    }

    /// The key someone would use; sometimes an old or a future one.
    fn some_key(&mut self, who: usize) -> &'static CreatorKey {
        let at = if self.dice.one_in(16) {
            self.dice.below(4)
        } else {
            self.at[who]
        };
        key_of(who, at)
    }

    fn say(&mut self, body: EntryBody, key: &CreatorKey) {
        let time = Timestamp::from_unix_s(NOW.unix_s() + self.desk.clock);
        let entry = Entry::sign(body, key, time).unwrap();
        self.put(&entry);
    }

    fn put(&mut self, entry: &Entry) {
        let at = self.desk.log.len();
        let modelled = self.model.put(entry);
        let judged = self.desk.put(entry.clone());
        let judged = judged.map(|_| ()).map_err(|broken| broken.id());
        // A key event again is the same key again; the log itself names it a duplicate, before either is asked.
        assert_eq!(judged, modelled, "entry {at}: {:?}", entry.body());
        if judged.is_ok()
            && let EntryBody::KeyRotate(body) = entry.body()
            && let Some(who) = IDS.iter().position(|ids| ids[0] == body.identity)
        {
            self.at[who] += 1;
        }
    }

    /// Any leaf hash: mostly of an entry about the asset, sometimes of any entry or none.
    fn some_leaf(&mut self, asset_id: [u8; 16]) -> LeafHash {
        let about: Vec<LeafHash> = (self.desk.log.iter())
            .filter(|entry| entry.body().subject() == byline::ledger::Subject::Asset(asset_id))
            .map(Entry::id)
            .collect();
        match self.dice.below(30) {
            0 => LeafHash::of(b"nothing"),
            1 => self.dice.pick(&self.desk.log).id(),
            _ if about.is_empty() => LeafHash::of(b"nothing"),
            _ => *self.dice.pick(&about),
        }
    }

    /// Mostly the leaf hash that `kind` of entry has; else any.
    fn leaf_of(&mut self, asset_id: [u8; 16], is_it: impl Fn(&EntryBody) -> bool) -> LeafHash {
        let found: Vec<LeafHash> = (self.desk.log.iter().zip(&self.desk.judged))
            .filter(|(entry, judged)| judged.is_ok() && is_it(entry.body()))
            .filter(|(entry, _)| entry.body().subject() == byline::ledger::Subject::Asset(asset_id))
            .map(|(entry, _)| entry.id())
            .collect();
        if found.is_empty() || self.dice.one_in(10) {
            self.some_leaf(asset_id)
        } else {
            // Later ones are the more interesting ones.
            let at = found.len() - 1 - self.dice.below(found.len().min(3));
            found[at]
        }
    }

    fn standing(&self, asset_id: [u8; 16]) -> Option<AssetStanding> {
        self.desk.state.asset(&asset_id, self.desk.size())
    }

    /// A holder and its title entry; sometimes someone else's.
    fn some_title(&mut self, asset_id: [u8; 16]) -> (usize, LeafHash) {
        let holders: Vec<_> = self.standing(asset_id).map_or_else(Vec::new, |standing| {
            let titles = standing.titles.into_iter();
            titles.flat_map(|title| title.holders).collect()
        });
        if holders.is_empty() || self.dice.one_in(12) {
            return (self.dice.below(3), self.some_leaf(asset_id));
        }
        let mut holder = *self.dice.pick(&holders);
        if self.dice.one_in(12) {
            let is_title =
                |body: &EntryBody| matches!(body, EntryBody::AssetRegister(_) | EntryBody::TitleAccept(_));
            holder.head = self.leaf_of(asset_id, is_title);
        }
        let who = PEOPLE.iter().position(|person| person.id() == holder.identity);
        let who = who.filter(|_| !self.dice.one_in(16));
        (who.unwrap_or_else(|| self.dice.below(3)), holder.head)
    }

    fn some_id(&mut self) -> KeyId {
        let (who, at) = (self.dice.below(3), self.dice.below(4));
        let at = if self.dice.one_in(3) { at } else { 0 };
        IDS[who][at]
    }

    fn some_time(&mut self, spread: i64) -> Timestamp {
        let offset = self.dice.below(2 * spread as usize) as i64 - spread;
        Timestamp::from_unix_s(NOW.unix_s() + self.desk.clock + offset)
    }

    fn step(&mut self) {
        let asset_id = asset(*self.dice.pick(&ASSETS));
        match self.dice.below(30) {
            0 => self.any_again(),
            1 => self.register(asset_id),
            2..=5 => self.offer(asset_id),
            6..=11 => self.accept(asset_id),
            12..=15 => self.grant(asset_id),
            16..=18 => {
                let grant = self.leaf_of(asset_id, |body| matches!(body, EntryBody::LicenceGrant(_)));
                self.anyone(end(asset_id, grant));
            }
            19 => {
                let (who, title) = self.some_title(asset_id);
                let key = self.some_key(who);
                self.say(reserve(asset_id, title), key);
            }
            20..=21 => {
                let is_one = |body: &EntryBody| {
                    matches!(body, EntryBody::RightsReserve(_) | EntryBody::AssetRegister(_))
                };
                let reservation = self.leaf_of(asset_id, is_one);
                self.anyone(lift(asset_id, reservation));
            }
            22 => {
                if self.dice.one_in(2) {
                    return self.log_speaks();
                }
                let entry = self.some_leaf(asset_id);
                self.anyone(dispute(asset_id, entry, Ground::Title));
            }
            23 => self.privileged(asset_id),
            24 => {
                let dispute = self.leaf_of(asset_id, |body| matches!(body, EntryBody::DisputeOpen(_)));
                self.anyone(answer(asset_id, dispute));
            }
            25 => self.rotate(),
            26..=27 => self.revoke(),
            _ => self.close(asset_id),
        }
    }

    fn anyone(&mut self, body: EntryBody) {
        let who = self.dice.below(3);
        let key = self.some_key(who);
        self.say(body, key);
    }

    fn close(&mut self, asset_id: [u8; 16]) {
        let dispute = self.leaf_of(asset_id, |body| matches!(body, EntryBody::DisputeOpen(_)));
        let outcome = *self.dice.pick(Outcome::ALL);
        self.anyone(close(asset_id, dispute, outcome));
    }

    /// The same bytes once more.
    fn any_again(&mut self) {
        let entry = self.dice.pick(&self.desk.log).clone();
        self.put(&entry);
    }

    fn register(&mut self, asset_id: [u8; 16]) {
        if self.dice.one_in(4) {
            let who = self.dice.below(3);
            let (body, at) = (PEOPLE[who].incept(), self.dice.below(2));
            let body = match body {
                EntryBody::KeyIncept(incept) if at == 1 => EntryBody::KeyIncept(KeyIncept {
                    key: key_of(who, 1).public(),
                    ..incept
                }),
                body => body,
            };
            let key = key_of(who, at);
            return self.say(body, key);
        }
        let content = self.dice.below(3) as u8;
        self.anyone(register(asset_id, content));
    }

    fn offer(&mut self, asset_id: [u8; 16]) {
        let (who, prev) = self.some_title(asset_id);
        let points = *self.dice.pick(&[1, 2500, 5000, 10_000]);
        let to = if self.dice.one_in(6) {
            self.some_id()
        } else {
            IDS[self.dice.below(3)][0]
        };
        let until_index = self
            .dice
            .one_in(4)
            .then(|| LeafIndex(self.desk.log.len() as u64 + self.dice.below(6) as u64));
        let until = self.dice.one_in(4).then(|| self.some_time(4 * TICK));
        let body = TitleOffer {
            until_index,
            until,
            ..offer(asset_id, prev, to, points)
        };
        let key = self.some_key(who);
        self.say(EntryBody::TitleOffer(body), key);
    }

    fn accept(&mut self, asset_id: [u8; 16]) {
        let offered = self.leaf_of(asset_id, |body| matches!(body, EntryBody::TitleOffer(_)));
        let to = self.desk.log.iter().find(|entry| entry.id() == offered);
        let to = to.and_then(|entry| match entry.body() {
            EntryBody::TitleOffer(body) => Some(body.to),
            _ => None,
        });
        let who = to.and_then(|to| IDS.iter().position(|ids| ids.contains(&to)));
        let who = who.filter(|_| !self.dice.one_in(6));
        let who = who.unwrap_or_else(|| self.dice.below(3));
        let key = self.some_key(who);
        self.say(accept(asset_id, offered), key);
    }

    fn grant(&mut self, asset_id: [u8; 16]) {
        let (who, title) = self.some_title(asset_id);
        let to = IDS[self.dice.below(2)][0];
        let territories = *self.dice.pick(&[&[][..], &[250], &[250, 276], &[276]]);
        let (from, until) = *self
            .dice
            .pick(&[(0, None), (0, Some(99)), (100, None), (150, Some(160))]);
        let mut scope = exclusive(to, territories, from, until);
        scope.exclusive = !self.dice.one_in(6);
        let body = LicenceGrant {
            asset_id,
            title,
            scope,
        };
        let key = self.some_key(who);
        self.say(EntryBody::LicenceGrant(body), key);
    }

    fn privileged(&mut self, asset_id: [u8; 16]) {
        let entry = self.some_leaf(asset_id);
        let (who, of) = (self.dice.below(3), self.dice.below(3));
        let of = if self.dice.one_in(4) { of } else { who };
        let key = &PEOPLE[who].recovery;
        let identity = IDS[of][0];
        self.say(privileged(asset_id, entry, key, identity), key);
    }

    /// A key event of someone, mostly the latest.
    fn some_event(&mut self, who: usize) -> LeafHash {
        let events = self
            .desk
            .log
            .iter()
            .filter(|entry| matches!(entry.body(), EntryBody::KeyIncept(_) | EntryBody::KeyRotate(_)));
        let id = IDS[who][0];
        let own = |entry: &&Entry| entry.body().subject() == byline::ledger::Subject::Identity(id);
        let events: Vec<LeafHash> = events.filter(own).map(Entry::id).collect();
        match events.last() {
            Some(last) if !self.dice.one_in(3) => *last,
            Some(_) => *self.dice.pick(&events),
            None => LeafHash::of(b"nothing"),
        }
    }

    fn rotate(&mut self) {
        let who = self.dice.below(3);
        let to = if self.dice.one_in(5) {
            self.dice.below(4)
        } else {
            (self.at[who] + 1).min(3)
        };
        let (key, prev) = (key_of(who, to), self.some_event(who));
        let recovery = self
            .dice
            .one_in(4)
            .then(|| committed(&PEOPLE[self.dice.below(3)].recovery));
        let of = if self.dice.one_in(8) {
            self.dice.below(3)
        } else {
            who
        };
        let next = (!self.dice.one_in(6)).then(|| committed(key_of(who, (to + 1).min(3))));
        let body = KeyRotate {
            identity: IDS[of][0],
            key: key.public(),
            prev,
            next,
            recovery,
        };
        self.say(EntryBody::KeyRotate(body), key);
    }

    fn revoke(&mut self) {
        let who = self.dice.below(3);
        let key = match self.dice.below(4) {
            0 => &PEOPLE[who].recovery,
            1 => self.some_key(who),
            2 => key_of(self.dice.0 as usize % 3, 1),
            _ => key_of(who, (self.at[who] + 1).min(3)),
        };
        let size = self.desk.log.len();
        let reason = if self.dice.one_in(4) {
            RevokeReason::Retired
        } else {
            RevokeReason::Compromised {
                since: LeafIndex(self.dice.below(size + 3) as u64),
            }
        };
        let event = self.some_event(who);
        let body = PEOPLE[who].revoke(key, event, reason);
        self.say(body, key);
    }

    fn log_speaks(&mut self) {
        let size = self.desk.log.len();
        // Half of them right: the size itself is one of many.
        let covers = [self.dice.below(size + 3), size][self.dice.below(2)] as u64;
        let leaf = self.dice.pick(&self.desk.log).id();
        let body = match self.dice.below(3) {
            0 => EntryBody::StateRoot(StateRoot {
                root: byline::base::Digest::of(b"map"),
                keys: 1,
                covers: TreeSize(covers),
            }),
            1 => EntryBody::Anchor(Anchor {
                evidence: byline::base::Digest::of(b"token"),
                kind: AnchorKind::Rfc3161,
                covers: TreeSize(covers),
            }),
            _ => EntryBody::Redact(Redact {
                index: LeafIndex(covers),
                leaf,
                ground: RedactGround::Policy,
            }),
        };
        let log = &*LOG;
        match self.dice.below(4) {
            0 => self.anyone(body),
            1 => self.say(register(asset(1), 1), log),
            _ => self.say(body, log),
        }
    }

    /// Where the reducer and the model leave the assets.
    fn compare(&self) {
        let size = self.desk.log.len();
        for asset_id in ASSETS.map(asset) {
            let roots = self.model.roots(&asset_id, size);
            let Some(standing) = self.standing(asset_id) else {
                assert!(roots.is_empty());
                continue;
            };
            assert_eq!(standing.titles.len(), roots.len());
            for (title, root) in standing.titles.iter().zip(roots) {
                assert_eq!(title.registered.index.0, root as u64);
                let total: u32 = title
                    .holders
                    .iter()
                    .map(|one| u32::from(one.share.points()))
                    .sum();
                assert_eq!(total, 10_000);
                let mut held: Vec<_> = (self.model.holders(root, size).into_iter())
                    .map(|held| (held.by, held.share, held.head as u64))
                    .collect();
                held.sort_unstable();
                let mut found: Vec<_> = (title.holders.iter())
                    .map(|one| (one.identity, one.share.points(), one.since.0))
                    .collect();
                found.sort_unstable();
                assert_eq!(found, held);
                let licences: Vec<_> = (self.model.licences(root, size).into_iter())
                    .map(|at| (at as u64, self.model.end_of(at, size).map(|end| end as u64)))
                    .collect();
                let found: Vec<_> = (title.licences.iter())
                    .map(|one| (one.entry.index.0, one.ended.map(|end| end.0)))
                    .collect();
                assert_eq!(found, licences);
                let reserved: Vec<_> = self.model.reservations(root, size);
                let found: Vec<_> = (title.reservations.iter())
                    .map(|one| one.entry.index.0 as usize)
                    .collect();
                assert_eq!(found, reserved);
                let suspect = title.suspect.map(|suspicion| suspicion.since.0 as usize);
                assert_eq!(suspect, self.model.suspect_since(root, size));
            }
            for dispute in &standing.disputes {
                let closed = self.model.closed(dispute.entry.index.0 as usize, size);
                let found = dispute.closed.map(|(entry, _)| entry.index.0 as usize);
                assert_eq!(found, closed);
            }
        }
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

pub(crate) fn play(seed: u64) -> Play {
    let mut play = Play::new(seed);
    let steps = 10 + play.dice.below(40);
    for _ in 0..steps {
        play.step();
    }
    play.compare();
    play
}

#[test]
fn random_histories_are_judged_as_the_model_judges_them() {
    if let Some(seed) = number("BYLINE_HISTORY") {
        let play = play(seed);
        for (at, (entry, judged)) in play.desk.log.iter().zip(&play.desk.judged).enumerate() {
            eprintln!("{at} {} {judged:?}", entry.body().kind());
        }
        append_agrees(&play.desk);
        return;
    }
    let histories = number("BYLINE_HISTORIES").unwrap_or(2000);
    let threads = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let tallies: Vec<Tally> = std::thread::scope(|scope| {
        let part = |thread| {
            let mut tally = Tally::default();
            for seed in (0..histories).filter(|seed| seed % threads == thread) {
                let one = std::panic::catch_unwind(|| {
                    let play = play(seed);
                    if seed % 32 == 0 {
                        append_agrees(&play.desk);
                    }
                    play
                });
                let play = one.unwrap_or_else(|_| panic!("history {seed}"));
                tally.count(&play.desk);
            }
            tally
        };
        let running: Vec<_> = (0..threads)
            .map(|thread| scope.spawn(move || part(thread)))
            .collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let mut all = Tally::default();
    for tally in tallies {
        all.add(tally);
    }
    all.print();
    // The play must reach every kind that stands and nearly every rule, or it proves nothing about them.
    if histories >= 2000 {
        assert!(all.stood.len() >= 16, "{:?}", all.stood);
        assert!(all.refused.len() >= 34, "{:?}", all.refused);
    }
}

/// How often each kind stood and each rule refused.
#[derive(Default)]
struct Tally {
    stood: BTreeMap<&'static str, u64>,
    refused: BTreeMap<&'static str, u64>,
}

impl Tally {
    fn count(&mut self, desk: &Desk) {
        for (entry, judged) in desk.log.iter().zip(&desk.judged) {
            match judged {
                Ok(_) => *self.stood.entry(entry.body().kind()).or_default() += 1,
                Err(broken) => *self.refused.entry(broken.id()).or_default() += 1,
            }
        }
    }

    fn add(&mut self, other: Self) {
        for (kind, count) in other.stood {
            *self.stood.entry(kind).or_default() += count;
        }
        for (rule, count) in other.refused {
            *self.refused.entry(rule).or_default() += count;
        }
    }

    fn print(&self) {
        for (name, count) in self.stood.iter().chain(&self.refused) {
            eprintln!("{count:>9} {name}");
        }
    }
}
