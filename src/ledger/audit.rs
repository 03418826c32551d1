//! The audit: everything that a ledger file says is derived again from its bytes, and each thing that does not hold is
//! named with its place, its rule and what follows from it. Memory stays bounded by the number of keys and entries
//! (a dozen bytes a registration where there is [`Options::room`]), not by the bytes of the file. Hostile bytes give findings,
//! never a panic.
//!
//! Signatures come first, then the reducer: what its signer did not sign, or what breaks a rule, is void and moves nothing.
//!
//! Signatures are verified in batches ([`crate::keys::verify_batch`] says in which one case, which needs the signer's
//! own secret, that differs from the strict rule); [`Options::signatures`] asks for the strict rule one by one.

mod entries;
mod finding;
mod maps;
mod options;
mod replay;
mod unsealed;
mod work;

use std::collections::{HashMap, HashSet};
use std::io::{self, Read};

pub use entries::audit_entries;
pub use finding::{Consequence, Finding, Place, Rule};
pub use maps::{StateMaps, is_state_root, last_bytes_sign_state};
pub use options::{Options, Signatures};
pub use replay::Replay;

use self::maps::{MapCheck, Maps};
use self::unsealed::Unsealed;
pub(in crate::ledger) use self::work::in_parallel;
use self::work::{Decoded, Job, Message, Signature, SignatureOf};
use super::body::EntryBody;
use super::checkpoint::{Checkpoint, VerifiedCheckpoint};
use super::entry::Meaning;
use super::frame::{Commit, Header};
use super::hash::{LeafHash, RootHash};
use super::note::VerifierKey;
use super::rules::{AHEAD_MS_MAX, Broken, Rules, check_deadline};
use super::scan::{Beyond, Item, Scan, Stop};
use super::title::{Did, Policy, State};
use super::tree::{CompactRange, LeafIndex, TreeSize};
use crate::base::Timestamp;
use crate::keys::{KeyId, PublicKey};

/// How far an audit has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of the file done.
    pub bytes: u64,
    /// Entries done.
    pub entries: u64,
}

/// What an audit found.
#[derive(Debug)]
pub struct Audit {
    /// The header, if it can be read.
    pub header: Option<Header>,
    /// The last commit that verifies, as a checkpoint.
    pub checkpoint: Option<VerifiedCheckpoint>,
    /// When the log made that commit.
    pub last_commit: Option<Timestamp>,
    /// Entries before the last commit, counted.
    pub size: TreeSize,
    /// The root over them, derived again from their bytes.
    pub root: RootHash,
    /// Bytes read.
    pub bytes: u64,
    /// Commits read.
    pub commits: u64,
    /// Keys that entered the log.
    pub keys: u64,
    /// Pictures recorded.
    pub registrations: u64,
    /// State maps that the log signs.
    pub state_roots: u64,
    /// Signatures verified.
    pub signatures: u64,
    /// What does not hold, in order of place; at most [`FINDINGS_MAX`].
    pub findings: Vec<Finding>,
    /// How many findings there were beyond those.
    pub findings_left_out: u64,
    /// Bytes that were not audited, as the walk could not go on before them.
    pub bytes_not_audited: u64,
    /// Whether the audit ended early, at the first state map that the log signs: see [`StateMaps::Wait`].
    pub wants_maps: bool,
    /// What the log says of keys and pictures; none when the header cannot be read.
    pub state: Option<State>,
}

/// Most findings kept; further ones are counted.
pub const FINDINGS_MAX: usize = 1000;
const START: Place = Place {
    index: None,
    offset: 0,
};

impl Audit {
    fn blank() -> Self {
        Self {
            header: None,
            checkpoint: None,
            last_commit: None,
            size: TreeSize(0),
            root: RootHash::empty(),
            bytes: 0,
            commits: 0,
            keys: 0,
            registrations: 0,
            state_roots: 0,
            signatures: 0,
            findings: Vec::new(),
            findings_left_out: 0,
            bytes_not_audited: 0,
            wants_maps: false,
            state: None,
        }
    }

    /// Whether some finding contradicts what the ledger claims; a torn tail alone does not.
    #[must_use]
    pub fn is_contradicted(&self) -> bool {
        self.findings
            .iter()
            .any(|finding| finding.consequence() == Consequence::Contradicted)
    }
}

/// Audits a whole file.
///
/// # Errors
/// Only when reading fails, or there is no room; whatever the bytes are is a finding.
pub fn audit(source: impl Read, options: &Options, progress: &mut dyn FnMut(Progress)) -> io::Result<Audit> {
    let (mut scan, header) = Scan::open(source)?;
    let mut auditor = match Auditor::new(options, header) {
        Ok(auditor) => auditor,
        Err(mut done) => {
            done.bytes = scan.end()?;
            done.bytes_not_audited = done.bytes;
            return Ok(*done);
        }
    };
    let mut job = Job::default();
    let stop = loop {
        match scan.next_item()? {
            Ok(Item::Entry { offset, bytes }) => job.push_entry(offset, bytes),
            Ok(Item::Commit {
                offset,
                commit,
                is_crc_right,
            }) => job.push_commit(offset, commit, is_crc_right),
            Err(stop) => break stop,
        }
        if job.is_full(options.threads) {
            auditor.take(&mut job, options)?;
            if auditor.done.wants_maps {
                return Ok(auditor.done);
            }
            progress(Progress {
                bytes: scan.offset(),
                entries: auditor.range.size().0,
            });
        }
    };
    auditor.take(&mut job, options)?;
    if auditor.done.wants_maps {
        return Ok(auditor.done);
    }
    auditor.stopped(stop, &mut scan)?;
    progress(Progress {
        bytes: auditor.done.bytes,
        entries: auditor.range.size().0,
    });
    Ok(auditor.finish(options))
}

/// Every checkpoint that the log must contain, each once.
fn known(options: &Options) -> Vec<VerifiedCheckpoint> {
    let mut all: Vec<VerifiedCheckpoint> = Vec::new();
    for known in options.known.iter().chain(&options.since) {
        let is_same =
            |other: &VerifiedCheckpoint| (other.size(), other.root()) == (known.size(), known.root());
        if !all.iter().any(is_same) {
            all.push(known.clone());
        }
    }
    all
}

/// What the audit knows of the log so far.
struct Auditor {
    done: Audit,
    verifier: VerifierKey,
    range: CompactRange,
    state: State,
    /// Entries but the registrations that stand, which the state knows.
    others: HashMap<LeafHash, LeafIndex>,
    rules: Rules,
    maps: Maps,
    /// Offset of the last commit frame, and after it.
    previous: u64,
    end: u64,
    clock: Option<Timestamp>,
    /// Entries since the last commit whose time may be ahead of the coming one's.
    ahead: Vec<(Place, Timestamp)>,
    /// Entries since the last commit that had to be recorded by some time.
    due: Vec<(Place, Did)>,
    is_root_lost: bool,
    last: Option<(u64, Commit)>,
    known_left: Vec<VerifiedCheckpoint>,
    unsealed: Unsealed,
    /// Signatures below are taken from an earlier audit.
    since: TreeSize,
}

impl Auditor {
    fn new(options: &Options, header: Result<Header, super::frame::HeaderError>) -> Result<Self, Box<Audit>> {
        header.map(|header| Self::of(options, header)).map_err(|why| {
            let mut done = Audit::blank();
            done.findings.push(Finding {
                place: START,
                rule: Rule::Header { why },
            });
            Box::new(done)
        })
    }

    fn of(options: &Options, header: Header) -> Self {
        let mut done = Audit::blank();
        if options.key.as_ref().is_some_and(|key| *key != header.verifier) {
            done.findings.push(Finding {
                place: START,
                rule: Rule::OtherLogKey,
            });
        }
        done.header = Some(header.clone());
        Self {
            done,
            state: match &options.room {
                None => State::new(Policy::of(&header)),
                Some(room) => State::in_room(Policy::of(&header), room.clone()),
            },
            others: HashMap::new(),
            verifier: header.verifier,
            range: CompactRange::new(),
            rules: Rules {
                mode: header.mode,
                latest: None,
            },
            maps: Maps::new(options),
            previous: 0,
            end: super::frame::HEADER_LEN,
            clock: None,
            ahead: Vec::new(),
            due: Vec::new(),
            is_root_lost: false,
            last: None,
            known_left: known(options),
            unsealed: Unsealed::default(),
            since: options
                .since
                .as_ref()
                .map_or(TreeSize(0), VerifiedCheckpoint::size),
        }
    }

    /// There will be no commits: no entry is ahead of a clock, and none waits for one.
    const fn has_no_clock(&mut self) {
        self.clock = Some(Timestamp::from_unix_ms(i64::MAX));
    }

    fn find(&mut self, place: Place, rule: Rule) {
        if self.done.findings.len() < FINDINGS_MAX {
            self.done.findings.push(Finding { place, rule });
        } else {
            self.done.findings_left_out = self.done.findings_left_out.saturating_add(1);
        }
    }

    /// Works through what was read: decoding and signatures in parallel, then rules and tree in order.
    fn take(&mut self, job: &mut Job, options: &Options) -> io::Result<()> {
        let decoded = job.decode(options.threads);
        let signatures = self.signatures(&decoded);
        self.done.signatures = self
            .done
            .signatures
            .saturating_add(u64::try_from(signatures.len()).unwrap_or(u64::MAX));
        let mut unsigned = HashSet::new();
        for bad in work::bad_signatures(&signatures, options) {
            let (place, of) = (bad.place, bad.of);
            unsigned.extend(place.index);
            match of {
                SignatureOf::Entry => self.find(place, Rule::Signature { of }),
                SignatureOf::Checkpoint | SignatureOf::Seal => self.unsealed.push(place, of),
            }
        }
        self.unsealed.asked(&signatures);
        drop(signatures);
        for (offset, item) in decoded {
            match item {
                Decoded::Entry(id, entry) => {
                    let index = LeafIndex(self.range.size().0);
                    let place = Place {
                        index: Some(index),
                        offset,
                    };
                    self.range.push(id);
                    match entry {
                        Ok(entry) => {
                            let is_signed = unsigned.is_empty() || !unsigned.contains(&index);
                            self.entry(place, index, &id, &entry.meaning, is_signed);
                        }
                        Err(why) => self.find(place, Rule::Entry { why }),
                    }
                }
                Decoded::Commit(commit, is_crc_right) => self.commit(offset, commit, is_crc_right),
            }
        }
        job.clear();
        let failure = self.maps.take_failure().or_else(|| self.state.take_failure());
        failure.map_or(Ok(()), Err)
    }

    /// Every signature of what was read whose key is known: it entered before, or enters here, or is carried.
    fn signatures<'a>(&self, decoded: &[(u64, Decoded<'a>)]) -> Vec<Signature<'a>> {
        let entries = decoded.iter().filter_map(|(_, item)| match item {
            Decoded::Entry(_, entry) => entry.as_ref().ok().map(|entry| &entry.meaning),
            Decoded::Commit(..) => None,
        });
        let entering = entries.filter_map(|entry| Some((entry.signer(), entry.body().own_key()?)));
        let entering: HashMap<KeyId, PublicKey> = entering.collect();
        let mut index = self.range.size().0;
        let mut signatures = Vec::with_capacity(decoded.len().saturating_mul(2));
        for (offset, item) in decoded {
            let mut place = Place {
                index: None,
                offset: *offset,
            };
            match item {
                Decoded::Entry(_, entry) => {
                    place.index = Some(LeafIndex(index));
                    index = index.saturating_add(1);
                    let Ok(entry) = entry else { continue };
                    if index <= self.since.0 {
                        continue;
                    }
                    let known = self.state.key_of(&entry.meaning);
                    let key = known.or_else(|| entering.get(&entry.meaning.signer()).copied());
                    signatures.extend(key.map(|key| Signature {
                        place,
                        of: SignatureOf::Entry,
                        key,
                        message: Message::Entry(entry.message()),
                        bytes: entry.signature,
                    }));
                }
                Decoded::Commit(commit, _) if index >= self.since.0 => {
                    signatures.extend(self.commit_signatures(place, commit));
                }
                Decoded::Commit(..) => {}
            }
        }
        signatures
    }

    fn entry(&mut self, place: Place, index: LeafIndex, id: &LeafHash, entry: &Meaning, is_signed: bool) {
        match entry.body() {
            EntryBody::KeyIncept(_) => self.done.keys = self.done.keys.saturating_add(1),
            EntryBody::AssetRegister(_) => {
                self.done.registrations = self.done.registrations.saturating_add(1);
            }
            EntryBody::StateRoot(_) => self.done.state_roots = self.done.state_roots.saturating_add(1),
            _ => {}
        }
        // Of a registration that stands, the state itself remembers it.
        let judged = match self.others.get(id).copied() {
            Some(earlier) => Err(Broken::Duplicate { earlier }),
            None if is_signed => self.judge(place, index, id, entry),
            // Named already; what nobody signed is void.
            None => Ok(false),
        };
        let is_kept = judged.unwrap_or_else(|rule| {
            self.find(place, Rule::Broken { rule });
            false
        });
        if !is_kept {
            self.others.entry(*id).or_insert(index);
        }
        self.rules.passed(entry);
        let clock = self.clock.map_or(i64::MIN, Timestamp::unix_ms);
        if entry.time().unix_ms() > clock.saturating_add(AHEAD_MS_MAX) {
            self.ahead.push((place, entry.time()));
        }
    }

    /// Takes a signed entry into the state; whether the state itself remembers it by its id.
    fn judge(
        &mut self,
        place: Place,
        index: LeafIndex,
        id: &LeafHash,
        entry: &Meaning,
    ) -> Result<bool, Broken> {
        let did = self.state.step(index, id, entry)?;
        if let EntryBody::StateRoot(said) = entry.body() {
            match self.maps.check(&self.state, index, said) {
                MapCheck::Right => {}
                MapCheck::Wrong(rule) => self.find(place, rule),
                MapCheck::Wanted => self.done.wants_maps = true,
            }
        }
        self.maps.stood(id, entry);
        if matches!(did, Did::Moved { deadline: Some(_) }) {
            self.due.push((place, did));
        }
        // The commit that covers this entry, and with it the log's clock, comes later.
        let endless = Timestamp::from_unix_ms(i64::MAX);
        let conduct = self.rules.check(entry, endless, |leaf| self.named(leaf, entry));
        if let Err(rule) = conduct {
            self.find(place, Rule::Broken { rule });
        }
        Ok(did == Did::Registered)
    }

    /// Where the entry stands that a redaction names.
    fn named(&self, leaf: &LeafHash, entry: &Meaning) -> Option<LeafIndex> {
        let EntryBody::Redact(body) = entry.body() else {
            return None;
        };
        let is_registration = self.state.leaf_at(body.index) == Some(*leaf);
        let registration = is_registration.then_some(body.index);
        registration.or_else(|| self.others.get(leaf).copied())
    }

    fn commit(&mut self, offset: u64, commit: &Commit, is_crc_right: bool) {
        let place = Place { index: None, offset };
        self.done.commits = self.done.commits.saturating_add(1);
        if !is_crc_right {
            let covers_header_alone = self.previous == 0 && offset == super::frame::HEADER_LEN;
            let is_other_header = covers_header_alone && commit.is_sealed(&self.verifier, offset);
            let from = if self.previous == 0 { 0 } else { self.end };
            self.find(
                place,
                if is_other_header {
                    Rule::OtherHeader
                } else {
                    Rule::Crc { from }
                },
            );
        }
        if commit.previous != self.previous {
            let (found, wanted) = (commit.previous, self.previous);
            self.find(place, Rule::Chain { found, wanted });
        }
        if let Some(clock) = self.clock
            && commit.time < clock
        {
            let (found, earlier) = (commit.time, clock);
            self.find(place, Rule::CommitTime { found, earlier });
        }
        let (size, root) = (self.range.size(), self.range.root());
        if commit.size != size || commit.root != root {
            // One changed entry spoils every later root; only the first commit that shows it is news.
            if !self.is_root_lost || commit.size != size {
                let (claimed, counted) = (commit.size, size);
                self.find(place, Rule::Root { claimed, counted });
            }
            self.is_root_lost = true;
        }
        let clock = commit.time;
        for (place, time) in std::mem::take(&mut self.ahead) {
            if time.unix_ms() > clock.unix_ms().saturating_add(AHEAD_MS_MAX) {
                let rule = Broken::Ahead { time, clock };
                self.find(place, Rule::Broken { rule });
            }
        }
        for (place, did) in std::mem::take(&mut self.due) {
            if let Err(rule) = check_deadline(did, clock) {
                self.find(place, Rule::Broken { rule });
            }
        }
        self.compare_known(place, size, [root, commit.root]);
        (self.done.size, self.done.root) = (size, root);
        self.previous = offset;
        self.end = offset.saturating_add(super::frame::COMMIT_FRAME_LEN);
        self.clock = Some(commit.time);
        self.last = Some((offset, *commit));
    }

    fn commit_signatures(&self, place: Place, commit: &Commit) -> [Signature<'static>; 2] {
        let key = *self.verifier.key();
        let text = Checkpoint {
            origin: self.verifier.name().clone(),
            size: commit.size,
            root: commit.root,
        };
        let checkpoint = Signature {
            place,
            of: SignatureOf::Checkpoint,
            key,
            message: Message::Made(text.text().into_bytes()),
            bytes: commit.signature,
        };
        let seal = Signature {
            place,
            of: SignatureOf::Seal,
            key,
            message: Message::Made(commit.seal_message(self.verifier.name(), place.offset)),
            bytes: commit.seal,
        };
        [checkpoint, seal]
    }

    /// Compares with the checkpoints known from elsewhere; each names a commit of the true log. Two histories there are only
    /// where neither the root that was counted nor the one that the commit claims is the known one: if one is, this copy is
    /// damaged, and the rule that compares these two has said so.
    fn compare_known(&mut self, place: Place, size: TreeSize, roots: [RootHash; 2]) {
        let (here, later) = std::mem::take(&mut self.known_left)
            .into_iter()
            .partition(|known| known.size() <= size);
        self.known_left = later;
        let here: Vec<VerifiedCheckpoint> = here;
        for known in here {
            if known.size() != size || !roots.contains(&known.root()) {
                self.find(place, Rule::Fork { known: known.size() });
            }
        }
    }

    /// Judges what follows the last commit: nothing, a torn tail, or damage with commits after it.
    fn stopped(&mut self, stop: Stop, scan: &mut Scan<impl Read>) -> io::Result<()> {
        let mut is_covered = false;
        if let Stop::Broken { offset, why } = stop {
            let beyond = scan.seek_later(&self.verifier, self.done.size, self.previous)?;
            let end = scan.end()?;
            self.done.bytes_not_audited = end.saturating_sub(offset);
            let place = Place { index: None, offset };
            is_covered = matches!(beyond, Beyond::Commit { .. });
            let rule = match beyond {
                Beyond::Commit { offset: commit, size } => Rule::Damage { why, commit, size },
                Beyond::Foreign { offset: foreign } => Rule::Foreign { why, foreign },
                Beyond::Nothing => Rule::NotAFrame { why },
            };
            self.find(place, rule);
        }
        self.done.bytes = scan.end()?;
        let tail = self.done.bytes.saturating_sub(self.end);
        // Where a signed commit follows, these bytes are no tail: that commit covers them.
        if tail > 0 && !is_covered {
            let place = Place {
                index: None,
                offset: self.end,
            };
            self.find(place, Rule::Tail { bytes: tail });
        }
        Ok(())
    }

    fn finish(mut self, options: &Options) -> Audit {
        let place = Place {
            index: None,
            offset: self.end,
        };
        if let Some((_, commit)) = self.last {
            self.done.checkpoint = commit.checkpoint(&self.verifier);
            self.done.last_commit = Some(commit.time);
        } else {
            self.find(place, Rule::NoCommit);
        }
        let left = std::mem::take(&mut self.known_left);
        for known in left {
            self.find(
                place,
                Rule::Rollback {
                    known: known.size(),
                    found: self.done.size,
                },
            );
        }
        let key = options.key.as_ref().unwrap_or(&self.verifier).clone();
        let mut expected = options.known.iter().chain(&options.since);
        let is_told = |finding: &Finding| finding.rule == Rule::OtherLogKey;
        if expected.any(|known| known.origin() != key.name()) && !self.done.findings.iter().any(is_told) {
            self.find(place, Rule::OtherLogKey);
        }
        self.unsealed.tell(&mut self.done);
        self.done.state = Some(self.state);
        self.done
    }
}
