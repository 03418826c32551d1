//! The ledger file as bytes, format v1: a header that people can read, then frames. All numbers are little-endian.
//!
//! ```text
//! header, 4,096 bytes
//!   0     signed note by the log key (c2sp.org/signed-note), then zeros:
//!           byline-ledger/v1
//!           (origin)
//!           (verifier key of the log)
//!           (created, RFC 3339)
//!           (public | private)
//!           arbiter (thumbprint of an identity's first key)   at most 8 such lines, ascending, often none
//!           (empty line, signature line)
//!
//! frame, at a multiple of 8
//!   0     u32   length of the payload
//!   4     u8    kind: 1 entry, 2 commit, 3 redacted, 4 filler, 5 cosignatures, 6 seal
//!   5     u8    flags, 0
//!   6     u16   0
//!   8     ...   payload
//!   ...   0 to 7 zeros, to the next multiple of 8
//!
//! payload of a commit, 192 bytes
//!   0     u64   tree size
//!   8     32    root hash
//!   40    u64   offset of the previous commit frame, 0 for the first
//!   48    i64   wall time, milliseconds since 1970
//!   56    u32   CRC-32C of all bytes from the end of the previous commit frame (for the first: from the
//!               beginning of the file) up to here
//!   60    u32   0
//!   64    64    Ed25519 of the log key over the C2SP checkpoint text (origin, size, root): each commit is a checkpoint
//!   128   64    Ed25519 of the log key over "byline-commit/v1\n", the origin, "\n", the frame's offset (u64) and bytes
//!               0 to 128 of this payload, so that place, time and history of the commit are signed too
//! ```
//!
//! What counts is everything up to the last commit that verifies. Kinds 3, 5 and 6 are reserved; 4 is passed over. Zeros
//! from there to the end of the file are room that a writer made ahead, and say nothing.
//!
//! A true example: the header's note (U+2014 as an escape) and the first commit of a public ledger, made at the same second
//! with the log key of seed 32 x 0x02. The lines of the commit: the frame's first 8 bytes, size, root, previous commit, time,
//! CRC-32C and zeros, signature of the checkpoint, signature of the commit.
//!
//! ```text
//! byline-ledger/v1
//! example.org/ledger
//! example.org/ledger+2220b9c7+AYE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU
//! 2026-05-28T20:26:40Z
//! public
//!
//! \u{2014} example.org/ledger IiC5x/26VlFcKKTJ58ApdgCde9wQseRIkdsWmGG8D3L/AwzXlSeSWe58qnIbfhBDmkIonPFFifWPL0Y8km/Rk5Sh0gQ=
//! ```
//!
//! ```text
//! c000000002000000
//! 0000000000000000
//! e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
//! 0000000000000000
//! 008844709e010000
//! 69f75b3900000000
//! 27bb7bd93974d520df3a83cd5e10d2192486ffcb32c0e5832985a503cf8f512d139e9bcb6afd732e8fa5f3b7cf4c790ecaa27eb2aac408694c0043a86c015008
//! d29f08c72624b7dd571f62e7e023d65fbf1114ee6f7b0b6469e04694187c65f4b01e721cd5aecb7a4ea7621cb57bd0d6ead621a3f60fa0fea5a7809df436f50c
//! ```

use super::checkpoint::VerifiedCheckpoint;
use super::hash::RootHash;
use super::note::{KeyName, LogKey, NoteError, VerifierKey};
use super::secret::LookupMode;
use super::tree::TreeSize;
use crate::base::Timestamp;
use crate::base::limits::ENTRY_BYTES_MAX;
use crate::keys::KeyId;

/// Bytes of the header.
pub const HEADER_LEN: u64 = 4096;
/// Bytes before a payload.
pub const FRAME_HEAD_LEN: u64 = 8;
/// Bytes of a commit's payload.
pub const COMMIT_LEN: usize = 192;
/// Bytes of a commit frame.
pub const COMMIT_FRAME_LEN: u64 = 200;
/// Longest payload of any frame, bytes.
pub const PAYLOAD_MAX: usize = ENTRY_BYTES_MAX;

/// Most arbiters that a ledger may name.
pub const ARBITERS_MAX: usize = 8;

const ARBITER: &str = "arbiter ";
const VERSION_LINE: &str = "byline-ledger/v1";
const COMMIT_CONTEXT: &str = "byline-commit/v1\n";

/// What the header says, its signature checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The log's key and, as the key's name, its origin.
    pub verifier: VerifierKey,
    /// When the ledger was made, whole seconds.
    pub created: Timestamp,
    /// How digests in it are made.
    pub mode: LookupMode,
    /// Identities that may find for either side of a dispute; ascending.
    pub arbiters: Vec<KeyId>,
    /// The signed note that says it, as it stands in the file before the zeros.
    pub note: String,
}

/// Why a header is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// A line is not what the format has there.
    #[error("the header breaks the format: {why}")]
    Malformed {
        /// Which rule.
        why: &'static str,
    },
    /// The note is refused.
    #[error("the header's note is refused: {0}")]
    Note(#[from] NoteError),
    /// Not a ledger file.
    #[error("not a byline ledger: its first line is not {VERSION_LINE}")]
    NotALedger,
}

impl Header {
    /// Makes the 4,096 bytes.
    ///
    /// # Errors
    /// When the time lies outside the years 0 to 9999, or there are more than [`ARBITERS_MAX`] arbiters.
    pub fn write(
        key: &LogKey,
        created: Timestamp,
        mode: LookupMode,
        arbiters: &[KeyId],
    ) -> Result<Vec<u8>, HeaderError> {
        let created = Timestamp::from_unix_s(created.unix_s()).rfc3339();
        let verifier = key.verifier();
        let mut text = format!(
            "{VERSION_LINE}\n{}\n{verifier}\n{created}\n{}\n",
            verifier.name(),
            mode.word()
        );
        for arbiter in std::collections::BTreeSet::from_iter(arbiters) {
            text.extend([ARBITER, &arbiter.hex(), "\n"]);
        }
        let mut bytes = key.sign_note(&text).into_bytes();
        bytes.resize(usize::try_from(HEADER_LEN).unwrap_or(4096), 0);
        Self::parse(&bytes)?;
        Ok(bytes)
    }

    /// Reads and verifies the first 4,096 bytes of a file.
    pub fn parse(bytes: &[u8]) -> Result<Self, HeaderError> {
        let wrong = |why| HeaderError::Malformed { why };
        if !bytes.starts_with(VERSION_LINE.as_bytes()) {
            return Err(HeaderError::NotALedger);
        }
        if u64::try_from(bytes.len()) != Ok(HEADER_LEN) {
            return Err(wrong("shorter than 4,096 bytes"));
        }
        let end = bytes
            .iter()
            .position(|byte| *byte == 0)
            .ok_or(wrong("no zeros after the note"))?;
        let (note, zeros) = bytes.split_at(end);
        if zeros.iter().any(|byte| *byte != 0) {
            return Err(wrong("bytes after the note that are not zero"));
        }
        Self::open(std::str::from_utf8(note).map_err(|_| wrong("not UTF-8"))?)
    }

    /// Reads and verifies the note alone, as it is published beside the tiles. It vouches for itself: compare the key with
    /// one that is known.
    pub fn open(note: &str) -> Result<Self, HeaderError> {
        let wrong = |why| HeaderError::Malformed { why };
        let lines: Vec<&str> = note.split('\n').take(6 + ARBITERS_MAX).collect();
        let [VERSION_LINE, origin, verifier, created, mode, rest @ ..] = lines.as_slice() else {
            return Err(HeaderError::NotALedger);
        };
        let verifier = VerifierKey::parse(verifier)?;
        let text = verifier.open(note)?;
        let named = rest.iter().take_while(|line| !line.is_empty());
        let arbiters = named.map(|line| line.strip_prefix(ARBITER).and_then(KeyId::parse_hex));
        let arbiters: Vec<KeyId> = arbiters
            .collect::<Option<_>>()
            .ok_or(wrong("a line after the mode that names no arbiter"))?;
        let is_sorted = arbiters.is_sorted_by(|a, b| a < b);
        if !is_sorted || text.lines().count() != arbiters.len().saturating_add(5) {
            return Err(wrong("more than 8 arbiters, or not in ascending order"));
        }
        if verifier.note(text, &signature_of(note)?) != note {
            return Err(wrong("further signatures"));
        }
        if verifier.name().as_str() != *origin {
            return Err(wrong("the origin is not the key's name"));
        }
        let time = Timestamp::parse_rfc3339(created).filter(|time| time.rfc3339() == *created);
        Ok(Self {
            created: time.ok_or(wrong("the time is not RFC 3339 in UTC"))?,
            mode: LookupMode::from_word(mode).ok_or(wrong("the mode is neither public nor private"))?,
            verifier,
            arbiters,
            note: note.to_owned(),
        })
    }

    /// The log's name.
    #[must_use]
    pub const fn origin(&self) -> &KeyName {
        self.verifier.name()
    }
}

/// The one signature of a header's note.
fn signature_of(note: &str) -> Result<[u8; 64], HeaderError> {
    use base64::Engine as _;
    let wrong = HeaderError::Malformed {
        why: "the signature line is not the log key's",
    };
    let line = note
        .trim_end_matches('\n')
        .rsplit('\n')
        .next()
        .unwrap_or_default();
    let text = line.rsplit(' ').next().unwrap_or_default();
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(text)
        .map_err(|_| wrong)?;
    let signature = bytes
        .get(4..)
        .and_then(|signature| signature.try_into().ok())
        .ok_or(wrong)?;
    Ok(signature)
}

/// The kind of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FrameKind {
    /// One entry.
    Entry,
    /// A signed state of the log.
    Commit,
    /// Zeros to fill a sector.
    Filler,
}

impl FrameKind {
    const fn code(self) -> u8 {
        match self {
            Self::Entry => 1,
            Self::Commit => 2,
            Self::Filler => 4,
        }
    }
}

/// Why bytes are no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// The bytes end inside the frame.
    #[error("the file ends inside a frame")]
    Ends,
    /// A kind this version does not know.
    #[error("unknown frame kind {found}")]
    Kind {
        /// The number.
        found: u8,
    },
    /// A length that the kind does not allow.
    #[error("a frame of kind {kind} says it has {found} bytes")]
    Length {
        /// The kind's number.
        kind: u8,
        /// The length.
        found: u32,
    },
    /// Flags, reserved bytes or padding that are not zero.
    #[error("reserved bytes or padding of a frame are not zero")]
    NotZero,
}

/// One frame of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// What it is.
    pub kind: FrameKind,
    /// What it holds.
    pub payload: &'a [u8],
    /// Bytes of the whole frame, padding included.
    pub len: usize,
}

impl<'a> Frame<'a> {
    /// Reads the frame at the beginning of `bytes`.
    ///
    /// # Errors
    /// [`FrameError::Ends`] also when more bytes may make it whole.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, FrameError> {
        let (head, rest) = bytes.split_first_chunk::<8>().ok_or(FrameError::Ends)?;
        let [l0, l1, l2, l3, kind, flags, r0, r1] = *head;
        let found = u32::from_le_bytes([l0, l1, l2, l3]);
        let (code, payload_len) = (kind, usize::try_from(found).unwrap_or(usize::MAX));
        let kind = match (code, payload_len) {
            (1, 1..=PAYLOAD_MAX) => FrameKind::Entry,
            (2, COMMIT_LEN) => FrameKind::Commit,
            (4, 0..=PAYLOAD_MAX) => FrameKind::Filler,
            (1 | 2 | 4, _) => return Err(FrameError::Length { kind, found }),
            _ => return Err(FrameError::Kind { found: kind }),
        };
        if flags != 0 || r0 != 0 || r1 != 0 {
            return Err(FrameError::NotZero);
        }
        let padded = payload_len.next_multiple_of(8);
        let (payload, padding) = rest.get(..padded).ok_or(FrameError::Ends)?.split_at(payload_len);
        let filled = kind == FrameKind::Filler && payload.iter().any(|byte| *byte != 0);
        if filled || padding.iter().any(|byte| *byte != 0) {
            return Err(FrameError::NotZero);
        }
        Ok(Self {
            kind,
            payload,
            len: padded.saturating_add(8),
        })
    }

    /// Appends a frame to `out`.
    pub fn write(kind: FrameKind, payload: &[u8], out: &mut Vec<u8>) {
        let len = u32::try_from(payload.len()).unwrap_or(u32::MAX);
        out.extend_from_slice(&len.to_le_bytes());
        out.extend_from_slice(&[kind.code(), 0, 0, 0]);
        out.extend_from_slice(payload);
        out.resize(out.len().next_multiple_of(8), 0);
    }
}

/// What a commit frame says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commit {
    /// How many entries the log has at this commit.
    pub size: TreeSize,
    /// The root over them.
    pub root: RootHash,
    /// Offset of the commit frame before; 0 for the first.
    pub previous: u64,
    /// The log's clock when it committed.
    pub time: Timestamp,
    /// CRC-32C of the bytes since the previous commit.
    pub crc: u32,
    /// Signature over the checkpoint text.
    pub signature: [u8; 64],
    /// Signature over place, time and history.
    pub seal: [u8; 64],
}

impl Commit {
    /// Reads the payload of a commit frame; `None` when its length or reserved bytes are wrong.
    #[must_use]
    pub fn parse(payload: &[u8]) -> Option<Self> {
        let payload: &[u8; COMMIT_LEN] = payload.try_into().ok()?;
        if payload.get(60..64)? != [0; 4] {
            return None;
        }
        Some(Self {
            size: TreeSize(u64::from_le_bytes(*payload.first_chunk()?)),
            root: RootHash::from_bytes(payload.get(8..40)?.try_into().ok()?),
            previous: u64::from_le_bytes(payload.get(40..48)?.try_into().ok()?),
            time: Timestamp::from_unix_ms(i64::from_le_bytes(payload.get(48..56)?.try_into().ok()?)),
            crc: u32::from_le_bytes(payload.get(56..60)?.try_into().ok()?),
            signature: payload.get(64..128)?.try_into().ok()?,
            seal: payload.get(128..192)?.try_into().ok()?,
        })
    }

    /// Signs a commit that will stand at `offset` after bytes whose running CRC-32C is `crc_before`.
    /// Returns it with its frame and the checkpoint it is.
    #[must_use]
    pub fn sign(state: CommitState, key: &LogKey) -> (Self, Vec<u8>, VerifiedCheckpoint) {
        let (checkpoint, signature) = VerifiedCheckpoint::sign(state.size, state.root, key);
        let mut commit = Self {
            size: state.size,
            root: state.root,
            previous: state.previous,
            time: state.time,
            crc: 0,
            signature,
            seal: [0; 64],
        };
        commit.crc = crc32c::crc32c_append(state.crc_before, &commit.crc_covered());
        commit.seal = key.sign(&commit.seal_message(key.verifier().name(), state.offset));
        let mut payload = commit.first_half();
        payload.extend_from_slice(&commit.seal);
        let mut frame = Vec::with_capacity(200);
        Frame::write(FrameKind::Commit, &payload, &mut frame);
        (commit, frame, checkpoint)
    }

    /// The CRC that this commit should have after bytes whose running CRC-32C is `crc_before`.
    #[must_use]
    pub fn crc_after(&self, crc_before: u32) -> u32 {
        crc32c::crc32c_append(crc_before, &self.crc_covered())
    }

    /// The checkpoint, when its signature matches the log's key.
    #[must_use]
    pub fn checkpoint(&self, key: &VerifierKey) -> Option<VerifiedCheckpoint> {
        VerifiedCheckpoint::from_signature(self.size, self.root, &self.signature, key)
    }

    /// Whether place, time and history are signed by the log's key.
    #[must_use]
    pub fn is_sealed(&self, key: &VerifierKey, offset: u64) -> bool {
        key.key()
            .verify_strict(&self.seal_message(key.name(), offset), &self.seal)
    }

    /// The bytes that the seal signs.
    #[must_use]
    pub fn seal_message(&self, origin: &KeyName, offset: u64) -> Vec<u8> {
        let mut message = Vec::with_capacity(256);
        message.extend_from_slice(COMMIT_CONTEXT.as_bytes());
        message.extend_from_slice(origin.as_str().as_bytes());
        message.push(b'\n');
        message.extend_from_slice(&offset.to_le_bytes());
        message.extend_from_slice(&self.first_half());
        message
    }

    fn first_half(&self) -> Vec<u8> {
        let mut out = self.counted();
        out.extend_from_slice(&self.crc.to_le_bytes());
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&self.signature);
        out
    }

    fn counted(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(192);
        out.extend_from_slice(&self.size.0.to_le_bytes());
        out.extend_from_slice(self.root.as_bytes());
        out.extend_from_slice(&self.previous.to_le_bytes());
        out.extend_from_slice(&self.time.unix_ms().to_le_bytes());
        out
    }

    fn crc_covered(&self) -> Vec<u8> {
        let mut out = vec![192, 0, 0, 0, FrameKind::Commit.code(), 0, 0, 0];
        out.extend_from_slice(&self.counted());
        out
    }
}

/// What a commit is made from.
#[derive(Clone, Copy, Debug)]
pub struct CommitState {
    /// Entries in the log.
    pub size: TreeSize,
    /// The root over them.
    pub root: RootHash,
    /// Offset of the previous commit frame; 0 for the first.
    pub previous: u64,
    /// Offset this commit frame will have.
    pub offset: u64,
    /// The log's clock.
    pub time: Timestamp,
    /// CRC-32C of the bytes between the previous commit frame and this one.
    pub crc_before: u32,
}
