//! Whether the pictures of a ledger grow alike: its registrations grouped, compared, and the answer in a sentence.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;

use super::desk::Desk;
use super::drift_words;
use crate::app::request::LedgerChoice;
use crate::app::{App, Error, Kind};
use crate::base::fingerprint::{Algorithm, Look};
use crate::base::{Authorship, Untrusted};
use crate::keys::KeyId;
use crate::ledger::body::Registration;
use crate::ledger::{Entry, EntryBody, LeafIndex};
use crate::report::drift::{
    DriftCluster, DriftCompared, DriftDistance, DriftGroup, DriftNearest, DriftReport, DriftSight, GroupedBy,
};
use crate::similar::drift::{Drift, Group, Member, Nearest, Order, Question, Told, diversity_of_strangers};
use crate::similar::index::Code;
use crate::store::looks;

/// What to look into.
#[derive(Clone, Debug)]
pub struct DriftRequest {
    /// Which ledger.
    pub ledger: LedgerChoice,
    /// What its pictures are grouped by.
    pub by: GroupedBy,
    /// Threads for searching.
    pub threads: NonZeroUsize,
}

/// A picture that can be compared.
struct Picture {
    index: LeafIndex,
    code: Code,
    look: Option<Look>,
    key: GroupKey,
}

/// What a picture is grouped under.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum GroupKey {
    Creator(KeyId),
    Word(String),
}

/// What was read of the ledger.
#[derive(Default)]
struct Read {
    pictures: Vec<Picture>,
    registrations: u64,
    is_private: bool,
}

/// Looks into every registration. The same ledger gives the same report: what is drawn by lot follows from its root hash.
pub fn drift(app: &App, request: &DriftRequest) -> Result<DriftReport, Error> {
    let mut desk = Desk::read(app, &request.ledger)?;
    let read = read(app, &desk, request.by)?;
    let (keys, left) = groups(&read.pictures, request.by);
    let place: BTreeMap<&GroupKey, usize> = keys.iter().zip(0..).collect();
    let members: Vec<Member> = read
        .pictures
        .iter()
        .map(|picture| Member {
            code: picture.code,
            look: picture.look,
            group: place.get(&picture.key).copied().unwrap_or(keys.len()),
        })
        .collect();
    let root = *desk.ledger.checkpoint().root().as_bytes();
    let question = Question {
        groups: keys.len(),
        order: match request.by {
            GroupedBy::Month => Order::Time,
            GroupedBy::Creator | GroupedBy::Family | GroupedBy::Source => Order::None,
        },
        seed: root.first_chunk().map_or(0, |seed| u64::from_le_bytes(*seed)),
        threads: request.threads.get(),
    };
    app.progress.start(2, "comparing pictures");
    let found = crate::similar::drift::drift(&members, &question);
    app.progress.finish();
    let found = found.map_err(|error| {
        Error::new(Kind::Limit, "similar.full", "cannot compare so many pictures").why(error.to_string())
    })?;
    let creators: BTreeSet<KeyId> = keys.iter().filter_map(GroupKey::creator).collect();
    desk.learn(&creators)?;
    let names = keys.iter().map(|key| name(key, &desk)).collect();
    Ok(report(app, (&desk, request.by), &read, (&found, names, left)))
}

fn read(app: &App, desk: &Desk, by: GroupedBy) -> Result<Read, Error> {
    let mut read = Read::default();
    let size = desk.ledger.size().0;
    let looks = looks::read(&desk.ledger);
    app.progress.start(size, "reading entries");
    for index in (0..size).map(LeafIndex) {
        let entry = desk.entry(index)?;
        if let EntryBody::AssetRegister(body) = entry.body() {
            read.registrations = read.registrations.saturating_add(1);
            read.is_private |= body.digests == crate::ledger::DigestForm::Keyed;
            let pdq = body
                .fingerprints
                .iter()
                .find(|print| print.algorithm == Algorithm::PdqFull && print.quality >= QUALITY_MIN);
            read.pictures.extend(pdq.map(|print| {
                Picture {
                    index,
                    code: print.bits,
                    look: looks
                        .get(&index)
                        .filter(|(file, _)| *file == body.file)
                        .map(|(_, look)| *look),
                    key: key(by, &entry, body),
                }
            }));
        }
        app.progress.reach(index.0);
    }
    app.progress.finish();
    Ok(read)
}

fn key(by: GroupedBy, entry: &Entry, body: &Registration) -> GroupKey {
    let word = match by {
        GroupedBy::Creator => return GroupKey::Creator(entry.signer()),
        GroupedBy::Family => body.family.map_or("not stated", |family| family.word()),
        GroupedBy::Month => return GroupKey::Word(entry.time().rfc3339().chars().take(7).collect()),
        GroupedBy::Source => match body.source.authorship() {
            Authorship::Ai => "AI",
            Authorship::AiMixed => "partly AI",
            Authorship::Algorithmic => "algorithm",
            Authorship::Capture => "captured",
            Authorship::Human => "human",
            Authorship::MaybeAi => "may hold AI",
            Authorship::Unknown => "not stated",
        },
    };
    GroupKey::Word(word.to_owned())
}

impl GroupKey {
    fn creator(&self) -> Option<KeyId> {
        match self {
            Self::Creator(key) => Some(*key),
            Self::Word(_) => None,
        }
    }
}

/// The groups that are shown, in their order, and how many pictures are in others.
///
/// Times are said by signers: one who makes up thousands of months must not drown those that hold pictures.
fn groups(pictures: &[Picture], by: GroupedBy) -> (Vec<GroupKey>, usize) {
    let mut sizes: BTreeMap<&GroupKey, usize> = BTreeMap::new();
    for picture in pictures {
        *sizes.entry(&picture.key).or_default() += 1;
    }
    let mut largest: Vec<(&GroupKey, usize)> = sizes.into_iter().collect();
    largest.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    let most = if by == GroupedBy::Month {
        MONTHS_MAX
    } else {
        GROUPS_MAX
    };
    let left = largest.iter().skip(most).map(|(_, size)| size).sum();
    largest.truncate(most);
    if by == GroupedBy::Month {
        largest.sort();
    }
    (largest.into_iter().map(|(key, _)| key.clone()).collect(), left)
}

fn name(key: &GroupKey, desk: &Desk) -> String {
    match key {
        GroupKey::Word(word) => word.clone(),
        GroupKey::Creator(key) => desk
            .names
            .name(key)
            .unwrap_or_else(|| key.hex().chars().take(8).collect()),
    }
}

fn report(
    app: &App,
    (desk, by): (&Desk, GroupedBy),
    read: &Read,
    (found, names, left): (&Drift, Vec<String>, usize),
) -> DriftReport {
    let groups: Vec<DriftGroup> = names.into_iter().zip(&found.groups).map(group).collect();
    let told = drift_words::told(by, found, &groups);
    let pictures = whole(read.pictures.len());
    DriftReport {
        schema: "drift-report.v1",
        ledger: Untrusted::new(desk.path.to_string_lossy()),
        origin: Untrusted::new(desk.ledger.header().origin().as_str()),
        tree_size: desk.ledger.size().0,
        by,
        answer: told.answer,
        sentence: told.sentence,
        told_by: told.measure,
        chance: found.judgement.chance.map(|chance| rounded(chance, 4)),
        seen_by: match found.told_by {
            Told::Codes => DriftSight::Codes,
            Told::Looks => DriftSight::Looks,
        },
        without_look: whole(
            read.pictures
                .iter()
                .filter(|picture| picture.look.is_none())
                .count(),
        ),
        noticed_percent: found.judgement.noticed.map(|share| rounded(share * 100.0, 1)),
        registrations: read.registrations,
        left_out: read.registrations.saturating_sub(pictures),
        pictures,
        distinct: whole(found.distinct),
        sample: found.sample.map(whole),
        sample_of_strangers: found
            .sample
            .map(|sample| rounded(diversity_of_strangers(found.told_by, sample), 1)),
        groups,
        cluster_count: whole(found.clusters.len()),
        clusters: found
            .clusters
            .iter()
            .take(CLUSTERS_SHOWN)
            .map(|members| DriftCluster {
                pictures: whole(members.len()),
                entries: members
                    .iter()
                    .take(CLUSTERS_SHOWN)
                    .filter_map(|at| read.pictures.get(*at).map(|picture| picture.index.0))
                    .collect(),
            })
            .collect(),
        nearest: nearest(&found.nearest),
        notes: drift_words::notes(by, found.told_by, read.is_private, left),
        at: app.clock.now().rfc3339(),
    }
}

fn group((name, group): (String, &Group)) -> DriftGroup {
    DriftGroup {
        name,
        pictures: whole(group.pictures),
        near_copies: whole(group.copies),
        related: whole(group.related.0),
        related_of: whole(group.related.1),
        distinct: whole(group.distinct),
        compared: group.compared.as_ref().map(|compared| DriftCompared {
            diversity: rounded(compared.diversity.value, 1),
            diversity_low: rounded(compared.diversity.low, 1),
            diversity_high: rounded(compared.diversity.high, 1),
            likeness: rounded(compared.likeness, 4),
            copies_per_thousand: rounded(compared.copies * 1000.0, 1),
            nearest_bits: compared.nearest_bits,
        }),
    }
}

fn nearest(found: &Nearest) -> DriftNearest {
    let mut distances = Vec::new();
    let half = found.looked_at / 2;
    let (mut counted, mut by_chance) = (0, 0.0);
    let (mut median_bits, mut median_by_chance_bits) = (None, None);
    for ((bits, here), chance) in (0..).zip(&found.counted).zip(&found.expected) {
        counted += here;
        by_chance += chance;
        if found.looked_at > 0 && counted > whole(half) {
            median_bits = median_bits.or(Some(bits));
        }
        if found.looked_at > 0 && by_chance * 2.0 >= decimal(found.looked_at) {
            median_by_chance_bits = median_by_chance_bits.or(Some(bits));
        }
        if *here > 0 || *chance >= 0.05 {
            distances.push(DriftDistance {
                bits,
                counted: *here,
                by_chance: rounded(*chance, 1),
            });
        }
    }
    DriftNearest {
        looked_at: whole(found.looked_at),
        median_bits,
        median_by_chance_bits,
        distances,
    }
}

fn whole(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

fn decimal(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

fn rounded(value: f64, places: i32) -> f64 {
    let scale = 10_f64.powi(places);
    (value * scale).round() / scale
}

/// Codes of a lower quality say little of their picture (Meta, ThreatExchange, `pdq/README`: discard 49 and below).
const QUALITY_MIN: u8 = 50;
/// Most months shown: three years.
const MONTHS_MAX: usize = 36;
/// Most other groups shown.
const GROUPS_MAX: usize = 12;
/// Most clusters shown, and pictures of each.
const CLUSTERS_SHOWN: usize = 10;
