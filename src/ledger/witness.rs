//! The rule of a witness: it cosigns a checkpoint of a log that follows from the last one it cosigned, and no other.
//!
//! ```text
//! POST add-checkpoint        old 20852014                     the size that the witness has seen last
//!                            (base64 of a hash, one a line)   at most 63: the consistency proof
//!                            (empty line)
//!                            (the checkpoint, a signed note)
//!
//! 200  cosignature lines          400  not in this form, or old > new
//! 403  no good signature          404  unknown log
//! 409  another size was seen last: that size and a line break follow
//! 422  the proof does not hold
//! ```
//!
//! Pure: whoever calls [`judge`] must hold the state of that log while it does, make [`Next::note`] durable, and only then
//! answer. Two requests judged by one state would roll it back.
//!
//! Source: <https://c2sp.org/tlog-witness>.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::checkpoint::{Checkpoint, CheckpointError, VerifiedCheckpoint};
use super::cosignature::{Cosigner, CosignerKey};
use super::hash::{NodeHash, RootHash};
use super::note::{NOTE_BYTES_MAX, Note, NoteError, VerifierKey, signature_lines};
use super::proof::{PROOF_HASHES_MAX, verify_consistency};
use super::proof_file::read_hash;
use super::tree::TreeSize;

/// Longest request read, bytes.
pub const REQUEST_BYTES_MAX: usize = 64 << 10;
/// The media type of the answer that names a size.
pub const SIZE_MEDIA_TYPE: &str = "text/x.tlog.size";

const _: () = assert!(PROOF_HASHES_MAX * 45 + NOTE_BYTES_MAX + 64 < REQUEST_BYTES_MAX);

/// A request to cosign a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size that the witness is thought to have seen last.
    pub old: TreeSize,
    /// That the first `old` entries are the beginning of the checkpoint's.
    pub proof: Vec<NodeHash>,
    /// The checkpoint, with all its signatures.
    pub note: String,
}

/// Why a checkpoint is not cosigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// 409: the witness saw another size last.
    #[error("the last cosigned checkpoint has size {size}")]
    Conflict {
        /// That size.
        size: TreeSize,
    },
    /// 403: no signature by a key of the log, or one that does not match.
    #[error("the checkpoint is not signed by the log: {0}")]
    Forbidden(NoteError),
    /// 400: not a request.
    #[error("not an add-checkpoint request: {why}")]
    Malformed {
        /// Which rule is broken.
        why: &'static str,
    },
    /// 422: the checkpoint does not follow from the last one.
    #[error("the checkpoint does not follow from the last one that was cosigned")]
    Unproven,
    /// 404: not a log of this witness.
    #[error("the log is not known here")]
    UnknownLog,
}

impl Refusal {
    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::Malformed { .. } => 400,
            Self::Forbidden(_) => 403,
            Self::UnknownLog => 404,
            Self::Conflict { .. } => 409,
            Self::Unproven => 422,
        }
    }

    /// The body of the answer: the size for a conflict, else one line of why.
    #[must_use]
    pub fn body(&self) -> String {
        match self {
            Self::Conflict { size } => format!("{size}\n"),
            other => format!("{other}\n"),
        }
    }
}

/// A checkpoint that may be cosigned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next {
    /// The cosignature lines to answer with.
    pub cosignatures: String,
    /// The note to keep: the log's own signature and the witness's, and nothing else that came along. A forged line in the
    /// witness's name would make the note unreadable to the witness itself.
    pub note: String,
}

impl AddCheckpoint {
    /// Reads the body of a request; one spelling only.
    pub fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let wrong = |why| Refusal::Malformed { why };
        if body.len() > REQUEST_BYTES_MAX {
            return Err(wrong("longer than 64 KiB"));
        }
        let text = std::str::from_utf8(body).map_err(|_| wrong("not UTF-8"))?;
        let (head, note) = text
            .split_once("\n\n")
            .ok_or(wrong("no empty line before the checkpoint"))?;
        let mut lines = head.split('\n');
        let old = lines
            .next()
            .and_then(|line| line.strip_prefix("old "))
            .ok_or(wrong("the first line is not `old` with a size"))?;
        let old = size(old).ok_or(wrong("the old size is no number, or has signs or leading zeros"))?;
        let lines: Vec<&str> = lines.collect();
        if lines.len() > PROOF_HASHES_MAX {
            return Err(wrong("more than 63 proof lines"));
        }
        let proof = lines.into_iter().map(read_hash).collect::<Option<Vec<_>>>();
        Ok(Self {
            old,
            proof: proof.ok_or(wrong("a proof line is not the base64 of a hash"))?,
            note: note.to_owned(),
        })
    }

    /// The body of the request.
    #[must_use]
    pub fn body(&self) -> String {
        let mut text = format!("old {}\n", self.old);
        for hash in &self.proof {
            text.push_str(&BASE64.encode(hash.as_bytes()));
            text.push('\n');
        }
        text.push('\n');
        text.push_str(&self.note);
        text
    }

    /// What the checkpoint says of itself: the log it is of, before anything is verified.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] when it is no checkpoint.
    pub fn named(&self) -> Result<Checkpoint, Refusal> {
        let why = "the checkpoint is none";
        let note = Note::parse(&self.note).map_err(|_| Refusal::Malformed { why })?;
        Checkpoint::parse(note.text).map_err(|_| Refusal::Malformed { why })
    }
}

/// Judges a request by the log's key and the last checkpoint that was cosigned, and cosigns.
///
/// `latest` is `None` for a log of which nothing was cosigned yet. `time_s` is the witness's clock, seconds since 1970.
pub fn judge(
    request: &AddCheckpoint,
    log: &VerifierKey,
    latest: Option<(TreeSize, RootHash)>,
    witness: &Cosigner,
    time_s: u64,
) -> Result<Next, Refusal> {
    let own = log.own_note(&request.note).map_err(Refusal::Forbidden)?;
    let checkpoint = VerifiedCheckpoint::open(&own, log).map_err(|error| match error {
        CheckpointError::Note(error) => Refusal::Forbidden(error),
        CheckpointError::Origin => Refusal::UnknownLog,
        CheckpointError::Malformed { why } => Refusal::Malformed { why },
    })?;
    let (size, root) = (checkpoint.size(), checkpoint.root());
    if request.old > size {
        return Err(Refusal::Malformed {
            why: "the old size is larger than the checkpoint's",
        });
    }
    let (seen, seen_root) = latest.unwrap_or((TreeSize(0), RootHash::empty()));
    if request.old != seen {
        return Err(Refusal::Conflict { size: seen });
    }
    let follows = if seen.0 == 0 {
        // Everything follows from nothing; but nothing has one root, and needs no proof.
        request.proof.is_empty() && (size.0 > 0 || root == RootHash::empty())
    } else {
        verify_consistency((seen, seen_root), (size, root), &request.proof).is_ok()
    };
    if !follows {
        return Err(Refusal::Unproven);
    }
    let text = Note::parse(&own).map_err(Refusal::Forbidden)?.text;
    let cosignatures = witness.cosign(text, time_s.max(1));
    let note = format!("{own}{cosignatures}");
    Ok(Next { cosignatures, note })
}

/// What a witness answered, as its client reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It cosigned: its line, its line break included, and the time in it.
    Cosigned {
        /// The line.
        line: String,
        /// Seconds since 1970, by the witness's clock.
        time_s: u64,
    },
    /// It saw another size last.
    Seen {
        /// That size.
        size: TreeSize,
    },
    /// It refused, or answered what the protocol does not have.
    Refused {
        /// The status.
        status: u16,
    },
}

impl Answer {
    /// Reads an answer to a request for the checkpoint `note`; lines of other keys than the witness's are passed over.
    #[must_use]
    pub fn read(status: u16, body: &[u8], note: &str, key: &CosignerKey) -> Self {
        let refused = Self::Refused { status };
        let Ok(text) = std::str::from_utf8(body) else {
            return refused;
        };
        match status {
            200 => cosigned(text, note, key).unwrap_or(refused),
            409 => text
                .strip_suffix('\n')
                .and_then(size)
                .map_or(refused, |size| Self::Seen { size }),
            _ => refused,
        }
    }
}

fn cosigned(body: &str, note: &str, key: &CosignerKey) -> Option<Answer> {
    if body.len() > NOTE_BYTES_MAX {
        return None;
    }
    let text = Note::parse(note).ok()?.text;
    let lines = signature_lines(body).ok()?;
    let one = Note { text, lines };
    let time_s = key.time_of(&one).ok()??;
    let line = one.lines.iter().find(|line| key.is_of(line))?.line;
    let line = format!("{line}\n");
    Some(Answer::Cosigned { line, time_s })
}

/// A size without sign or leading zeros.
fn size(text: &str) -> Option<TreeSize> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(TreeSize(number))
}

#[cfg(test)]
#[path = "witness_tests.rs"]
mod tests;
