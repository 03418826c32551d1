//! The verdict on a state proof: who holds an asset, which registration of a digest came first, or that there is none.

use super::{ENTRY, IMAGE, INCLUSION, Judge, LOG, NO_CHECKPOINT, STATE};
use crate::app::likeness;
use crate::asset::Asset;
use crate::base::Digest;
use crate::keys::KeyId;
use crate::ledger::map::{self, Title, Topic};
use crate::ledger::state_proof::{Known, StateProof, StateProven, StateUnproven};
use crate::ledger::{Entry, EntryBody, LeafHash, LeafIndex, Share, TreeSize};
use crate::report::proof::{ProofForm, ProofReport, StateTitle, StateView};
use crate::report::title::{HolderView, Who};
use crate::report::{Check, Outcome};
use crate::store::ledger_file::LedgerFile;

impl Judge<'_> {
    pub(super) fn state_proof(&self, proof: &StateProof, report: &mut ProofReport) {
        report.form = Some(ProofForm::StateProof);
        report.index = Some(proof.root.index.0);
        report.checks.state = Check::new(STATE, Outcome::NotChecked, NO_CHECKPOINT);
        report.checks.entry = Check::new(ENTRY, Outcome::NotChecked, NO_CHECKPOINT);
        let Some(accepted) = self.under(&proof.checkpoint, report) else {
            return;
        };
        let proven = match proof.verify_under(&accepted.checkpoint, &accepted.log) {
            Ok(proven) => proven,
            Err(why) => return self.refuse(why, report),
        };
        let note = format!(
            "the state.root entry and all that are named stand in {} entries",
            accepted.checkpoint.size()
        );
        report.checks.inclusion = Check::new(INCLUSION, Outcome::Pass, note);
        report.checks.entry = Check::new(ENTRY, Outcome::Pass, "each signed by the key it names");
        let note = format!(
            "the map that the log signed as entry {} says so",
            proof.root.index
        );
        report.checks.state = Check::new(STATE, Outcome::Pass, note);
        if let Some((_, asset)) = self.image {
            report.checks.image = self.topic_is(asset, (&proof.topic, proven.known.as_ref()), report);
        }
        report.notes.extend(self.later(&proof.topic, proven.covers));
        report.not_checked.push(format!(
            "what entries from {} on say: ask the ledger, `byline ledger history`",
            proven.covers
        ));
        if proven.known.is_none() {
            report.not_checked.push(
                "whether a picture that looks alike is registered, as one is that was recompressed or resized: `byline find PICTURE`"
                    .to_owned(),
            );
        }
        report
            .not_checked
            .push("whether the log made its map right: `byline audit` makes it again".to_owned());
        report.state = Some(self.view(&proof.topic, &proven));
    }

    /// Which question a proof that does not hold has answered with no; those after it are not asked.
    fn refuse(&self, why: StateUnproven, report: &mut ProofReport) {
        const FAILED: &str = "the proof does not hold, so this was not looked at";
        let checks = &mut report.checks;
        for (id, check) in [
            (INCLUSION, &mut checks.inclusion),
            (ENTRY, &mut checks.entry),
            (STATE, &mut checks.state),
        ] {
            *check = Check::new(id, Outcome::NotChecked, FAILED);
        }
        if self.image.is_some() {
            checks.image = Check::new(IMAGE, Outcome::NotChecked, FAILED);
        }
        let (id, check) = match why {
            StateUnproven::Checkpoint(_) => (LOG, &mut checks.log),
            StateUnproven::Entry(_) | StateUnproven::Signature => (ENTRY, &mut checks.entry),
            StateUnproven::Inclusion(_) => (INCLUSION, &mut checks.inclusion),
            _ => (STATE, &mut checks.state),
        };
        *check = Check::new(id, Outcome::Fail, why.to_string());
    }

    /// Whether a picture is what the proof is about.
    fn topic_is(
        &self,
        asset: &Asset,
        (topic, known): (&Topic, Option<&Known>),
        report: &mut ProofReport,
    ) -> Check {
        let registrations = known.into_iter().flat_map(|known| &known.entries);
        let mut said = None;
        for (_, entry) in registrations {
            if let EntryBody::AssetRegister(body) = entry.body() {
                let check = self.picture(asset, body, report);
                if check.outcome == Outcome::Pass {
                    return check;
                }
                said = Some(check);
            }
        }
        said.unwrap_or_else(|| self.absent_is(asset, topic))
    }

    /// Whether a picture is the one that is absent.
    fn absent_is(&self, asset: &Asset, topic: &Topic) -> Check {
        let recorded = |digest: Digest| self.ledger.map_or(digest, |ledger| ledger.as_recorded(digest));
        let (is_it, note) = match topic {
            Topic::Asset(_) => {
                let note = "an asset id that is absent says nothing of a picture";
                return Check::new(IMAGE, Outcome::Unknown, note);
            }
            Topic::Content(digest) => (
                recorded(asset.content_digest()) == *digest,
                "it is about the content of this picture",
            ),
            Topic::Pixel(rule, digest) => {
                let is_it = likeness::all_pixels(asset)
                    .is_some_and(|seen| seen.algorithm.code() == *rule && recorded(seen.digest) == *digest);
                (is_it, "it is about the pixels of this picture")
            }
        };
        if is_it {
            return Check::new(IMAGE, Outcome::Pass, note);
        }
        match self.ledger {
            Some(_) => Check::new(IMAGE, Outcome::Fail, "it is about another picture"),
            // Who has no ledger cannot tell a keyed digest from that of another picture.
            None => Check::new(
                IMAGE,
                Outcome::Unknown,
                "it is about another picture, or its digest is keyed with the secret of a private ledger",
            ),
        }
    }

    /// What the ledger beside it has about the topic since.
    fn later(&self, topic: &Topic, covers: TreeSize) -> Option<String> {
        let indexes = later(self.ledger?, topic, covers);
        let list: Vec<String> = indexes.iter().map(LeafIndex::to_string).collect();
        (!list.is_empty()).then(|| {
            format!(
                "the ledger has entries about it since then: {}; `byline ledger root` signs a newer state",
                list.join(", ")
            )
        })
    }

    /// A key by its name, or that of another key which the ledger beside the proof gives to the same identity.
    fn who(&self, key: &KeyId) -> Who {
        let beside = |ledger: &LedgerFile| self.names.in_ledger(ledger, key).ok().flatten();
        Who {
            known_as: self.names.name(key).or_else(|| self.ledger.and_then(beside)),
            key: key.hex(),
        }
    }

    fn view(&self, topic: &Topic, proven: &StateProven) -> StateView {
        let known = proven.known.as_ref();
        let titles = known
            .map(|known| titles(known, &|key| self.who(key)))
            .unwrap_or_default();
        let first = known.and_then(|known| known.entries.first());
        StateView {
            about: topic.to_string(),
            as_of: proven.covers.0,
            time: proven.root.time().rfc3339(),
            registered: known.is_some(),
            first: first.map(|(index, _)| index.0),
            titles,
            flags: known.map(|known| flags(topic, known.status)).unwrap_or_default(),
        }
    }
}

/// Entries of a ledger about a topic that stand at or after a size.
fn later(ledger: &LedgerFile, topic: &Topic, covers: TreeSize) -> Vec<LeafIndex> {
    let entries: Vec<LeafIndex> = match topic {
        Topic::Asset(id) => ledger.history(id, ledger.size()).map_or_else(
            |_| Vec::new(),
            |history| history.events.iter().map(|event| event.index).collect(),
        ),
        Topic::Content(digest) => ledger.find_recorded_content(*digest).map_or_else(
            |_| Vec::new(),
            |found| found.iter().map(|(index, _)| *index).collect(),
        ),
        Topic::Pixel(..) => Vec::new(),
    };
    let is_later = |index: &LeafIndex| index.within(covers).is_none();
    entries.into_iter().filter(is_later).collect()
}

fn titles(known: &Known, who: &dyn Fn(&KeyId) -> Who) -> Vec<StateTitle> {
    let entry = |leaf: &LeafHash| known.entries.iter().find(|(_, entry)| entry.id() == *leaf);
    let index = |found: Option<&(LeafIndex, Entry)>| found.map_or(0, |(index, _)| index.0);
    let title = |title: &Title| {
        let registered = entry(&title.registered);
        let by = registered.map(|(_, entry)| who(&entry.signer()));
        StateTitle {
            registered: index(registered),
            by: by.unwrap_or(Who {
                key: String::new(),
                known_as: None,
            }),
            holders: title
                .holders
                .iter()
                .map(|holder| HolderView {
                    who: who(&holder.identity),
                    basis_points: holder.share.points(),
                    since: index(entry(&holder.title)),
                })
                .collect(),
        }
    };
    known.titles.iter().map(title).collect()
}

fn flags(topic: &Topic, status: u16) -> Vec<String> {
    let words: &[(u16, &str)] = match topic {
        Topic::Asset(_) => &[
            (map::DISPUTED, "disputed"),
            (map::SUSPECT, "suspect"),
            (map::LICENSED, "licensed"),
            (map::EXCLUSIVE, "exclusive"),
            (map::RESERVED, "reserved"),
        ],
        Topic::Content(_) | Topic::Pixel(..) => &[(map::AGAIN, "again")],
    };
    let holds = words.iter().filter(|(flag, _)| status & flag != 0);
    holds.map(|(_, word)| (*word).to_owned()).collect()
}

/// The answer in a sentence.
pub(super) fn sentence(state: &StateView, what: &str) -> String {
    let size = state.as_of;
    if !state.registered {
        return format!("as of its first {size} entries, the log you rely on has no registration of this");
    }
    let Some(title) = state.titles.first() else {
        let first = state.first.unwrap_or_default();
        return format!(
            "as of its first {size} entries, the log you rely on first registered {what} as entry {first}"
        );
    };
    let holder = |holder: &HolderView| {
        let who = who(&holder.who);
        match holder.basis_points {
            WHOLE => who,
            points => format!("{who} ({})", percent(points)),
        }
    };
    let holders: Vec<String> = title.holders.iter().map(holder).collect();
    let others = match state.titles.len() {
        1 => "",
        _ => "; others registered the same id",
    };
    format!(
        "as of its first {size} entries, the log you rely on has {what} held by {}{others}",
        holders.join(" and ")
    )
}

fn who(who: &Who) -> String {
    let known = who.known_as.clone();
    known.unwrap_or_else(|| format!("the unknown key {}", who.key.get(..16).unwrap_or(&who.key)))
}

/// Basis points as percent, as shares are told elsewhere.
fn percent(points: u16) -> String {
    Share::basis_points(points).map_or_else(String::new, |share| share.to_string())
}

const WHOLE: u16 = 10_000;
