//! The verdict on a proof: seven questions, each answered by itself.

mod state;

use std::path::Path;

use crate::app::ledger::view;
use crate::app::likeness;
use crate::app::title::who::Names;
use crate::asset::Asset;
use crate::base::{Digest, Timestamp, Untrusted};
use crate::keys::PublicKey;
use crate::ledger::body::DigestForm;
use crate::ledger::checkpoint::{Checkpoint, CheckpointError};
use crate::ledger::note::{Note, NoteError};
use crate::ledger::policy::{Accepted, Cosigned, Policy, Unmet};
use crate::ledger::proof_file::ProofFile;
use crate::ledger::receipt::{NoReceipt, TransparentStatement};
use crate::ledger::state_proof::StateProof;
use crate::ledger::{Entry, EntryBody, LeafIndex, Registration, VerifiedCheckpoint};
use crate::report::ledger::EntryView;
use crate::report::proof::{CosignedLine, ProofChecks, ProofForm, ProofReport, ProofWord};
use crate::report::verify::MatchedBy;
use crate::report::{Check, Outcome};
use crate::store::ledger_file::{LedgerFile, Lookup, StoreError};

/// What a proof is judged by.
pub(super) struct Judge<'a> {
    pub(super) policy: &'a Policy,
    pub(super) ledger: Option<&'a LedgerFile>,
    pub(super) names: &'a Names,
    pub(super) image: Option<(&'a Path, &'a Asset)>,
    /// Keys that came with the picture: whoever brings the key that a thumbprint names, it is that key.
    pub(super) offered: &'a [PublicKey],
}

impl Judge<'_> {
    /// Judges the bytes of a proof file or of a statement with receipts.
    pub(super) fn judge(&self, file: &Path, bytes: &[u8]) -> ProofReport {
        let mut report = self.blank(file);
        if bytes.first() == Some(&COSE_SIGN1) {
            match TransparentStatement::parse(bytes) {
                Ok(statement) => self.statement(&statement, &mut report),
                Err(why) => unreadable(&mut report, &why.to_string()),
            }
        } else {
            match std::str::from_utf8(bytes) {
                Ok(text) => self.text(text, &mut report),
                Err(_) => unreadable(&mut report, "it is neither text nor COSE"),
            }
        }
        report.result = match (report.checks.word(), &report.state) {
            (ProofWord::Recorded, Some(state)) if !state.registered => ProofWord::NotRegistered,
            (word, _) => word,
        };
        report.sentence = sentence(&report);
        report
    }

    fn text(&self, text: &str, report: &mut ProofReport) {
        if StateProof::is_meant(text) {
            match StateProof::parse(text) {
                Ok(proof) => self.state_proof(&proof, report),
                Err(why) => unreadable(report, &why.to_string()),
            }
            return;
        }
        match ProofFile::parse(text) {
            Ok(proof) => self.proof_file(&proof, report),
            Err(why) => unreadable(report, &why.to_string()),
        }
    }

    fn blank(&self, file: &Path) -> ProofReport {
        let path = |path: &Path| Untrusted::new(path.to_string_lossy());
        let not_asked = |id, note: &str| Check::new(id, Outcome::NotChecked, note);
        // What was given and cannot be compared was given all the same.
        let given = |is_given: bool, lacking, none| if is_given { lacking } else { none };
        ProofReport {
            schema: "proof-report.v1",
            file: path(file),
            form: None,
            image: self.image.map(|(image, _)| path(image)),
            matched: None,
            result: ProofWord::NotProven,
            sentence: String::new(),
            checks: ProofChecks {
                log: not_asked(LOG, "there is no readable proof"),
                witnesses: not_asked(
                    WITNESSES,
                    given(
                        !self.policy.is_content_without_witnesses(),
                        NO_CHECKPOINT,
                        "no witness is asked for",
                    ),
                ),
                inclusion: not_asked(INCLUSION, NO_CHECKPOINT),
                entry: not_asked(ENTRY, "there is no readable entry"),
                image: not_asked(
                    IMAGE,
                    given(
                        self.image.is_some(),
                        "there is no readable entry to compare it with",
                        "no picture was given",
                    ),
                ),
                history: not_asked(
                    HISTORY,
                    given(self.ledger.is_some(), NO_CHECKPOINT, "no ledger was given"),
                ),
                state: not_asked(STATE, "the proof is of an entry, not of a state"),
            },
            origin: None,
            index: None,
            tree_size: None,
            root: None,
            cosigned: Vec::new(),
            entry: None,
            state: None,
            written: Vec::new(),
            notes: Vec::new(),
            not_checked: Vec::new(),
        }
    }

    fn proof_file(&self, proof: &ProofFile, report: &mut ProofReport) {
        report.form = Some(ProofForm::TlogProof);
        report.index = Some(proof.index().0);
        if let Some(accepted) = self.under(proof.checkpoint(), report) {
            report.checks.inclusion = match proof.is_under(&accepted.checkpoint) {
                Ok(()) => Check::new(
                    INCLUSION,
                    Outcome::Pass,
                    format!("entry {} of {}", proof.index(), accepted.checkpoint.size()),
                ),
                Err(why) => Check::new(INCLUSION, Outcome::Fail, why.to_string()),
            };
        }
        match proof.signed_entry() {
            Ok(entry) => {
                report.checks.entry = signed_by_its_key();
                self.entry(proof.index(), &entry, report);
            }
            Err(why) => {
                report.checks.entry = Check::new(ENTRY, Outcome::Fail, why.to_string());
                if self.image.is_some() {
                    let note = "the entry does not hold, so there is nothing to compare it with";
                    report.checks.image = Check::new(IMAGE, Outcome::NotChecked, note);
                }
            }
        }
        report
            .not_checked
            .push("whether later entries say otherwise: ask the ledger, `byline ledger history`".to_owned());
    }

    /// The checkpoint, where one of the logs signed it; answers what is asked of it alone.
    fn under(&self, checkpoint: &str, report: &mut ProofReport) -> Option<Accepted> {
        if let Some(named) = named(checkpoint) {
            report.origin = Some(Untrusted::new(named.origin.as_str()));
            report.tree_size = Some(named.size.0);
            report.root = Some(named.root.hex());
        }
        let (log, accepted) = self.log(checkpoint);
        report.checks.log = log;
        let accepted = accepted?;
        report.checks.witnesses = self.witnesses(checkpoint, report);
        report.checks.history = self.history(&accepted.checkpoint);
        Some(accepted)
    }

    fn statement(&self, statement: &TransparentStatement, report: &mut ProofReport) {
        report.form = Some(ProofForm::CoseReceipt);
        let mut check = Check::new(
            LOG,
            Outcome::Unknown,
            "it holds no receipt by a log that you rely on",
        );
        for log in self.policy.logs() {
            match statement.verify(log) {
                Ok(receipt) => {
                    report.origin = Some(Untrusted::new(log.name().as_str()));
                    report.index = Some(receipt.index().0);
                    report.tree_size = Some(receipt.size().0);
                    check = Check::new(LOG, Outcome::Pass, "the receipt is signed by the log you rely on");
                    report.checks.inclusion = Check::new(
                        INCLUSION,
                        Outcome::Pass,
                        "the entry is in the log; a receipt does not sign its index and tree size",
                    );
                }
                Err(NoReceipt::UnknownLog) => {}
                Err(why) => check = Check::new(LOG, Outcome::Fail, why.to_string()),
            }
        }
        report.checks.log = check;
        if !self.policy.is_content_without_witnesses() {
            report.checks.witnesses = Check::new(
                WITNESSES,
                Outcome::Unknown,
                "a receipt carries no cosignatures; the proof file of the same entry does",
            );
        }
        let entry = statement.entry();
        let signer = entry.signer();
        let in_ledger = self.ledger.and_then(|ledger| ledger.key(&signer));
        let offered = || self.offered.iter().copied().find(|key| key.key_id() == signer);
        let key = in_ledger
            .or_else(|| self.names.trusted_key(&signer))
            .or_else(offered);
        report.checks.entry = match key {
            Some(key) if entry.verify_strict(&key) => signed_by_its_key(),
            Some(_) => Check::new(
                ENTRY,
                Outcome::Fail,
                "the entry is not signed by the key it names",
            ),
            None => Check::new(
                ENTRY,
                Outcome::Unknown,
                "a receipt does not carry the signer's key, and you do not know it",
            ),
        };
        self.entry(LeafIndex(report.index.unwrap_or(0)), entry, report);
    }

    fn entry(&self, index: LeafIndex, entry: &Entry, report: &mut ProofReport) {
        let suspect = self
            .ledger
            .and_then(|ledger| ledger.compromised(&entry.signer()).ok().flatten());
        let suspect = suspect.and_then(|key| key.suspect(index)).map(|by| by.0);
        report.notes.extend(suspect.map(|by| {
            format!("the ledger holds entry {by}, which declares the key of this entry compromised from before it on")
        }));
        report.entry = Some(EntryView {
            suspect,
            ..view(index, entry, None, self.names)
        });
        if let Some((_, asset)) = self.image {
            report.checks.image = match entry.body() {
                EntryBody::AssetRegister(registration) => self.picture(asset, registration, report),
                _ => Check::new(IMAGE, Outcome::Fail, "the entry is about no picture"),
            };
        }
    }

    /// Whether the checkpoint is signed by one of the logs, whatever witnesses say.
    fn log(&self, checkpoint: &str) -> (Check, Option<Accepted>) {
        match self.policy.without_witnesses().check(checkpoint) {
            Ok(accepted) => {
                let note = "the checkpoint is signed by the log you rely on";
                (Check::new(LOG, Outcome::Pass, note), Some(accepted))
            }
            Err(why @ (Unmet::UnknownLog | Unmet::Quorum { .. })) => {
                (Check::new(LOG, Outcome::Unknown, why.to_string()), None)
            }
            Err(Unmet::Checkpoint(CheckpointError::Note(NoteError::Unsigned))) => {
                let note = "the checkpoint is signed by another key than that of the log you rely on";
                (Check::new(LOG, Outcome::Unknown, note), None)
            }
            Err(Unmet::Checkpoint(why)) => (Check::new(LOG, Outcome::Fail, why.to_string()), None),
        }
    }

    fn witnesses(&self, checkpoint: &str, report: &mut ProofReport) -> Check {
        let (outcome, note) = match self.policy.check(checkpoint) {
            Ok(accepted) => {
                report.cosigned = accepted.cosigned.iter().map(cosigned).collect();
                if self.policy.is_content_without_witnesses() && accepted.cosigned.is_empty() {
                    let note = "no witness is asked for: the log alone vouches for its history";
                    (Outcome::NotChecked, note.to_owned())
                } else {
                    (Outcome::Pass, cosigned_by(&accepted.cosigned))
                }
            }
            Err(why @ Unmet::Quorum { .. }) => (Outcome::Unknown, why.to_string()),
            Err(why) => (Outcome::Fail, why.to_string()),
        };
        Check::new(WITNESSES, outcome, note)
    }

    /// Whether the ledger beside it has the same history, as far as the proof goes.
    fn history(&self, checkpoint: &VerifiedCheckpoint) -> Check {
        let Some(ledger) = self.ledger else {
            return Check::new(HISTORY, Outcome::NotChecked, "no ledger was given");
        };
        if ledger.header().origin() != checkpoint.origin() {
            return Check::new(HISTORY, Outcome::NotChecked, "the ledger given is another log");
        }
        let (size, found) = (checkpoint.size(), ledger.size());
        if size > found {
            let note =
                format!("the ledger has {found} entries, fewer than the {size} of the proof: an older copy");
            return Check::new(HISTORY, Outcome::Fail, note);
        }
        match ledger.root_at(size) {
            Ok(root) if root == checkpoint.root() => Check::new(
                HISTORY,
                Outcome::Pass,
                format!("up to size {size}, the ledger has the root hash of the checkpoint"),
            ),
            Ok(_) => Check::new(
                HISTORY,
                Outcome::Fail,
                format!(
                    "the ledger's first {size} entries are others than those of the proof: keep both as evidence"
                ),
            ),
            Err(why) => Check::new(HISTORY, Outcome::Unknown, why.to_string()),
        }
    }

    fn picture(&self, asset: &Asset, registration: &Registration, report: &mut ProofReport) -> Check {
        let mut found = |by: MatchedBy, note: &str| {
            report.matched = Some(by);
            Check::new(IMAGE, Outcome::Pass, note)
        };
        let file = asset.digest();
        let no_secret = |ledger: &&LedgerFile| {
            matches!(ledger.find(Lookup::File(file)), Err(StoreError::NoSecret { .. }))
        };
        let keyed = registration.digests == DigestForm::Keyed;
        if keyed && self.ledger.is_none_or(|ledger| no_secret(&ledger)) {
            let note = "the entry's hashes are keyed; only who has the private ledger can compare";
            return Check::new(IMAGE, Outcome::Unknown, note);
        }
        let recorded = |digest: Digest| match self.ledger {
            Some(ledger) if keyed => ledger.as_recorded(digest),
            _ => digest,
        };
        if recorded(file) == registration.file {
            return found(MatchedBy::File, "this very file");
        }
        if recorded(asset.content_digest()) == registration.content {
            return found(MatchedBy::Content, "this picture, with other credentials or none");
        }
        if let Some((rule, digest)) = registration.pixel
            && let Some(seen) = likeness::all_pixels(asset)
            && seen.algorithm.code() == rule
            && recorded(seen.digest) == digest
        {
            return found(MatchedBy::Pixel, "the same pixels in another file");
        }
        let note = "neither the file, its content nor its pixels are those of the entry";
        Check::new(IMAGE, Outcome::Fail, note)
    }
}

fn signed_by_its_key() -> Check {
    Check::new(ENTRY, Outcome::Pass, "signed by the key it names")
}

fn unreadable(report: &mut ProofReport, why: &str) {
    report.checks.log = Check::new(LOG, Outcome::Unknown, why);
}

/// What a checkpoint says of itself.
fn named(checkpoint: &str) -> Option<Checkpoint> {
    Checkpoint::parse(Note::parse(checkpoint).ok()?.text).ok()
}

/// By whom a checkpoint is cosigned.
pub(in crate::app) fn cosigned_by(lines: &[Cosigned]) -> String {
    let names: Vec<&str> = lines.iter().map(|line| line.witness.as_str()).collect();
    format!("cosigned by {}", names.join(", "))
}

/// A cosignature as a line.
pub(in crate::app) fn cosigned(line: &Cosigned) -> CosignedLine {
    CosignedLine {
        witness: Untrusted::new(line.witness.as_str()),
        time: Timestamp::from_unix_s(i64::try_from(line.time_s).unwrap_or(i64::MAX)).rfc3339(),
    }
}

fn sentence(report: &ProofReport) -> String {
    let open = |outcome| {
        let checks = report.checks.all();
        let first = checks.into_iter().find(|check| check.outcome == outcome);
        first.map_or_else(String::new, |check| check.note.clone())
    };
    match report.result {
        ProofWord::Recorded | ProofWord::NotRegistered if report.state.is_some() => {
            let state = report.state.as_ref();
            state.map_or_else(String::new, |state| state::sentence(state, subject(report)))
        }
        ProofWord::Recorded | ProofWord::NotRegistered => match (report.index, report.form) {
            (Some(index), Some(ProofForm::TlogProof)) => {
                let what = subject(report);
                format!("the log you rely on holds {what} as entry {index}, signed by the key it names")
            }
            _ => format!(
                "the log you rely on holds {}, signed by the key it names",
                subject(report)
            ),
        },
        ProofWord::NotProven => open(Outcome::Unknown),
        ProofWord::Contradicted => open(Outcome::Fail),
    }
}

/// What a sentence says is recorded: a file whose pixels alone are those of the entry is not what was recorded.
fn subject(report: &ProofReport) -> &'static str {
    match report.matched {
        Some(MatchedBy::Pixel) => "another file with the same pixels",
        _ => "this",
    }
}

/// Said of what only a checkpoint of the log that was named could answer.
const NO_CHECKPOINT: &str = "the proof holds no checkpoint that the log you rely on signed";
/// The first byte of a tagged COSE_Sign1.
pub(super) const COSE_SIGN1: u8 = 0xd2;
const LOG: &str = "ledger.proof.log";
pub(in crate::app) const WITNESSES: &str = "ledger.proof.witnesses";
const INCLUSION: &str = "ledger.proof.inclusion";
const ENTRY: &str = "ledger.proof.entry";
const IMAGE: &str = "ledger.proof.image";
const HISTORY: &str = "ledger.proof.history";
const STATE: &str = "ledger.proof.state";
