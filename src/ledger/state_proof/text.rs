//! State proofs as text: one spelling each.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::{Placed, StateProof};
use crate::base::limits::ENTRY_BYTES_MAX;
use crate::keys::{KeyId, PublicKey};
use crate::ledger::body::Share;
use crate::ledger::hash::{LeafHash, NodeHash};
use crate::ledger::map::{Holding, MapProof, Title, Topic};
use crate::ledger::proof::PROOF_HASHES_MAX;
use crate::ledger::tree::LeafIndex;

/// Longest state proof read, bytes: some dozens of joint holders fit; one needs about 5,000.
pub const STATE_PROOF_BYTES_MAX: usize = 1 << 20;

const FORMAT: &str = "byline-state-proof/";
const VERSION_LINE: &str = "byline-state-proof/v1";
/// Bytes of an Ed25519 public key.
const KEY_LEN: usize = 32;

/// Why text is no state proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StateProofError {
    /// A line is not what the format has there.
    #[error("not a state proof: {why}")]
    Malformed {
        /// Which rule is broken.
        why: &'static str,
    },
    /// More bytes than any proof has.
    #[error("the state proof has {found} bytes; at most {limit_bytes} are read")]
    TooLong {
        /// Bytes found.
        found: usize,
        /// Bytes allowed.
        limit_bytes: usize,
    },
}

impl StateProof {
    /// Whether text is meant as a state proof, of whatever version.
    #[must_use]
    pub fn is_meant(text: &str) -> bool {
        text.starts_with(FORMAT)
    }

    /// The text of the file.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = format!("{VERSION_LINE}\nabout {}\n{}", self.topic, self.map.text());
        // Writing to a string cannot fail.
        for title in &self.titles {
            let _ = writeln!(out, "registered {}", BASE64.encode(title.registered.as_bytes()));
            for holder in &title.holders {
                let title = BASE64.encode(holder.title.as_bytes());
                let (identity, points) = (holder.identity.hex(), holder.share.points());
                let _ = writeln!(out, "holder {identity} {points} {title}");
            }
        }
        self.root.write("state", &mut out);
        for entry in &self.entries {
            entry.write("entry", &mut out);
        }
        out.push('\n');
        out.push_str(&self.checkpoint);
        out
    }

    /// Reads a state proof; one spelling only. Verifies nothing.
    pub fn parse(text: &str) -> Result<Self, StateProofError> {
        let wrong = |why| StateProofError::Malformed { why };
        if text.len() > STATE_PROOF_BYTES_MAX {
            return Err(StateProofError::TooLong {
                found: text.len(),
                limit_bytes: STATE_PROOF_BYTES_MAX,
            });
        }
        let (head, checkpoint) = text
            .split_once("\n\n")
            .ok_or(wrong("no empty line before the checkpoint"))?;
        let rest = head
            .strip_prefix(VERSION_LINE)
            .ok_or(wrong("its first line is not byline-state-proof/v1"))?;
        let rest = rest
            .strip_prefix("\nabout ")
            .ok_or(wrong("no line says what it is about"))?;
        let (about, rest) = rest.split_once('\n').ok_or(wrong("it ends too early"))?;
        let topic = Topic::parse(about).ok_or(wrong("it is about no asset, content or pixel digest"))?;
        let (map, rest) = cut(rest, |line| {
            line.starts_with("registered ") || line.starts_with("state ")
        });
        let map = MapProof::parse(&map).map_err(|_| wrong("the way through the map cannot be read"))?;
        let (titles, rest) = cut(rest, |line| line.starts_with("state "));
        let (root, mut rest) = cut(rest, |line| line.starts_with("entry "));
        let mut entries = Vec::new();
        while !rest.is_empty() {
            let (first, more) = rest.split_once('\n').unwrap_or((rest, ""));
            let (hashes, after) = cut(more, |line| line.starts_with("entry "));
            entries.push(
                placed("entry ", &format!("{first}\n{hashes}")).ok_or(wrong("an entry cannot be read"))?,
            );
            rest = after;
        }
        let read = Self {
            topic,
            map,
            titles: read_titles(&titles).ok_or(wrong("a registration or holder cannot be read"))?,
            root: placed("state ", &root).ok_or(wrong("the state.root entry cannot be read"))?,
            entries,
            checkpoint: checkpoint.to_owned(),
        };
        if read.text() == text {
            Ok(read)
        } else {
            Err(wrong("something in it is not spelt as it should be"))
        }
    }
}

impl Placed {
    fn write(&self, word: &str, out: &mut String) {
        let entry = BASE64.encode([self.entry.as_slice(), self.key.as_bytes()].concat());
        let _ = writeln!(out, "{word} {} {entry}", self.index);
        for hash in &self.hashes {
            let _ = writeln!(out, "{}", BASE64.encode(hash.as_bytes()));
        }
    }
}

/// The lines before the first that `begins` something else, each ended, and the rest.
fn cut(text: &str, begins: impl Fn(&str) -> bool) -> (String, &str) {
    let mut len = 0usize;
    for line in text.split_inclusive('\n') {
        if begins(line) {
            break;
        }
        len = len.saturating_add(line.len());
    }
    let (mut lines, rest) = text
        .split_at_checked(len)
        .map_or((String::new(), ""), |(a, b)| (a.to_owned(), b));
    if !lines.is_empty() && !lines.ends_with('\n') {
        lines.push('\n');
    }
    (lines, rest)
}

fn read_titles(lines: &str) -> Option<Vec<Title>> {
    let mut titles: Vec<Title> = Vec::new();
    for line in lines.lines() {
        if let Some(registered) = line.strip_prefix("registered ") {
            titles.push(Title {
                registered: LeafHash::from_bytes(hash(registered)?),
                holders: Vec::new(),
            });
        } else {
            titles.last_mut()?.holders.push(holding(line)?);
        }
    }
    Some(titles)
}

fn holding(line: &str) -> Option<Holding> {
    let words: Vec<&str> = line.splitn(4, ' ').collect();
    let ["holder", identity, share, title] = words.as_slice() else {
        return None;
    };
    Some(Holding {
        identity: KeyId::parse_hex(identity)?,
        share: Share::basis_points(share.parse().ok()?)?,
        title: LeafHash::from_bytes(hash(title)?),
    })
}

fn placed(word: &str, lines: &str) -> Option<Placed> {
    let mut lines = lines.lines();
    let (index, entry) = lines.next()?.strip_prefix(word)?.split_once(' ')?;
    let mut entry = BASE64.decode(entry).ok()?;
    let key = entry.split_off(entry.len().checked_sub(KEY_LEN)?);
    if entry.len() > ENTRY_BYTES_MAX {
        return None;
    }
    let hashes = lines
        .map(|line| hash(line).map(NodeHash::from_bytes))
        .collect::<Option<Vec<_>>>()?;
    (hashes.len() <= PROOF_HASHES_MAX).then_some(Placed {
        index: LeafIndex(index.parse().ok()?),
        entry,
        key: PublicKey::from_slice(&key)?,
        hashes,
    })
}

fn hash(text: &str) -> Option<[u8; 32]> {
    BASE64.decode(text).ok()?.try_into().ok()
}
