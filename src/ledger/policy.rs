//! Trust policies: whose checkpoints are believed, and how many witnesses must have cosigned them.
//!
//! ```text
//! log example.org/ledger+3e2f...+AQ...
//! witness W1 witness.example/w1+...+BA... https://witness.example
//! witness W2 ...
//! witness W3 ...
//! group two-of-three 2 W1 W2 W3
//! quorum two-of-three
//! ```
//!
//! Names are octets without a meaning of their own. A witness whose key is of a type that this version cannot check
//! (ML-DSA-44) may stand in a policy; it never counts as having cosigned, so it can make a quorum harder but never easier.
//!
//! Source: <https://c2sp.org/tlog-policy>.

use std::collections::HashMap;
use std::fmt;

use super::checkpoint::{Checkpoint, CheckpointError, VerifiedCheckpoint};
use super::cosignature::CosignerKey;
use super::note::{KeyLine, KeyName, Note, NoteError, VerifierKey};

/// Longest policy file read, bytes.
pub const POLICY_BYTES_MAX: usize = 256 << 10;
/// Most logs, and most witnesses and groups together (the specification asks for at least 32 of each).
pub const POLICY_NAMES_MAX: usize = 256;

const TYPE_ML_DSA: u8 = 0x06;
const ML_DSA_KEY_LEN: usize = 1312;

/// Logs, witnesses and the quorum.
#[derive(Clone, Debug)]
pub struct Policy {
    logs: Vec<VerifierKey>,
    witnesses: Vec<Witness>,
    members: Vec<Member>,
    quorum: Quorum,
}

/// A witness of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// Its name and key.
    pub key: CosignerKey,
    /// Where it is asked (the submission prefix of c2sp.org/tlog-witness), where the policy says.
    pub url: Option<String>,
}

/// What must have witnessed a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quorum {
    /// The name at this place.
    Member(usize),
    /// Nobody.
    None,
}

/// One name of a policy, its meaning, in the order of their definition.
#[derive(Clone, Debug)]
enum Member {
    /// At least so many of these must hold; each stands before the group.
    Group { least: usize, members: Vec<usize> },
    /// The witness at this place must have cosigned.
    Witness(usize),
    /// A witness whose cosignatures cannot be checked.
    Unchecked,
}

/// How many of a log's witnesses should have cosigned, in the words of a policy's group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threshold {
    /// Every one.
    All,
    /// At least one.
    Any,
    /// At least so many.
    Least(usize),
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Any => f.write_str("any"),
            Self::Least(least) => write!(f, "{least}"),
        }
    }
}

/// Why a policy is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the policy is refused: {why}")]
pub struct PolicyError {
    /// The line, from 1; the one after the last for what is missing.
    pub line: usize,
    /// Which rule is broken.
    pub why: PolicyFault,
}

/// Which rule of policies is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyFault {
    /// A control character.
    #[error("it holds a control character other than tab")]
    Control,
    /// The same key twice.
    #[error("its key stands in the policy before")]
    DuplicateKey,
    /// The same name twice.
    #[error("its name is defined before, or is `none`")]
    DuplicateName,
    /// A keyword or a number of words that the format does not have.
    #[error(
        "wanted `log KEY [URL]`, `witness NAME KEY [URL]`, `group NAME K|any|all NAME...` or `quorum NAME`"
    )]
    Form,
    /// A key that cannot be used.
    #[error("{0}")]
    Key(NoteError),
    /// A member of two groups.
    #[error("a member of the group is a member of a group before")]
    MemberTwice,
    /// No quorum line.
    #[error("the policy has no quorum line")]
    NoQuorum,
    /// The last line has no line break: the file may have been cut.
    #[error("it has no line break at its end; the file may have been cut short")]
    NotEnded,
    /// A second quorum line.
    #[error("the quorum is defined before")]
    SecondQuorum,
    /// A threshold that can never or always be met.
    #[error("the threshold is not a number from 1 to the number of members")]
    Threshold,
    /// Beyond the limits.
    #[error("the policy is longer than 256 KiB, or has more than 256 logs, or witnesses and groups")]
    TooLong,
    /// A name that is not defined above.
    #[error("it names what is not defined on a line before")]
    Unknown,
}

/// Why a checkpoint does not meet a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unmet {
    /// The checkpoint itself does not hold, or a known witness's cosignature is wrong.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// Not enough witnesses have cosigned.
    #[error(
        "the quorum is not met: {found} of {known} witnesses have cosigned, which the policy finds too few"
    )]
    Quorum {
        /// Witnesses of the policy that have cosigned.
        found: usize,
        /// Witnesses of the policy.
        known: usize,
    },
    /// The log is not one of the policy's.
    #[error("the checkpoint is of a log that is not known")]
    UnknownLog,
}

/// A checkpoint that meets a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The checkpoint.
    pub checkpoint: VerifiedCheckpoint,
    /// The key that signed it.
    pub log: VerifierKey,
    /// Who of the policy's witnesses has cosigned.
    pub cosigned: Vec<Cosigned>,
}

/// A witness and when it cosigned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosigned {
    /// The name of its key.
    pub witness: KeyName,
    /// Seconds since 1970, by its clock.
    pub time_s: u64,
}

impl Policy {
    /// Believes this log without witnesses.
    #[must_use]
    pub fn of_log(log: VerifierKey) -> Self {
        Self {
            logs: vec![log],
            witnesses: Vec::new(),
            members: Vec::new(),
            quorum: Quorum::None,
        }
    }

    /// Believes no log.
    #[must_use]
    pub const fn of_nobody() -> Self {
        Self {
            logs: Vec::new(),
            witnesses: Vec::new(),
            members: Vec::new(),
            quorum: Quorum::None,
        }
    }

    /// The same witnesses and quorum for this log alone.
    #[must_use]
    pub fn with_log(self, log: VerifierKey) -> Self {
        Self {
            logs: vec![log],
            ..self
        }
    }

    /// The same logs without any witness.
    #[must_use]
    pub fn without_witnesses(&self) -> Self {
        Self {
            logs: self.logs.clone(),
            witnesses: Vec::new(),
            members: Vec::new(),
            quorum: Quorum::None,
        }
    }

    /// The logs.
    #[must_use]
    pub fn logs(&self) -> &[VerifierKey] {
        &self.logs
    }

    /// The witnesses whose cosignatures can be checked.
    #[must_use]
    pub fn witnesses(&self) -> &[Witness] {
        &self.witnesses
    }

    /// The text of a policy that asks for one log and so many of its witnesses, or none where there are none. Their URLs
    /// hold no spaces.
    #[must_use]
    pub fn write(log: &VerifierKey, witnesses: &[Witness], threshold: Threshold) -> String {
        let mut text = format!(
            "# Witnesses of {} (c2sp.org/tlog-policy).\nlog {log}\n",
            log.name()
        );
        let mut names = String::new();
        for (number, witness) in (1..).zip(witnesses) {
            let url = witness.url.as_deref().unwrap_or_default();
            let line = format!("witness W{number} {} {url}", witness.key);
            text.push_str(line.trim_end());
            text.push('\n');
            names = format!("{names} W{number}");
        }
        if witnesses.is_empty() {
            text.push_str("quorum none\n");
        } else {
            text = format!("{text}group witnesses {threshold}{names}\nquorum witnesses\n");
        }
        text
    }

    /// The same policy, content with any number of cosignatures; those of its witnesses are still checked.
    #[must_use]
    pub fn without_quorum(self) -> Self {
        Self {
            quorum: Quorum::None,
            ..self
        }
    }

    /// Whether no witness is needed.
    #[must_use]
    pub const fn is_content_without_witnesses(&self) -> bool {
        matches!(self.quorum, Quorum::None)
    }

    /// Reads a policy file.
    pub fn parse(bytes: &[u8]) -> Result<Self, PolicyError> {
        let mut reading = Reading::default();
        let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
        let fault = |line, why| PolicyError { line, why };
        if bytes.len() > POLICY_BYTES_MAX {
            return Err(fault(1, PolicyFault::TooLong));
        }
        let ended = lines.len().saturating_sub(1);
        for (line, text) in (1..).zip(lines) {
            let is_last = line > ended;
            if is_last && !text.is_empty() {
                return Err(fault(line, PolicyFault::NotEnded));
            }
            reading.line(text).map_err(|why| fault(line, why))?;
        }
        let quorum = reading
            .quorum
            .ok_or(fault(ended.saturating_add(1), PolicyFault::NoQuorum))?;
        Ok(Self {
            logs: reading.logs,
            witnesses: reading.witnesses,
            members: reading.members,
            quorum,
        })
    }

    /// Checks a checkpoint: signed by one of the logs, and cosigned by enough witnesses.
    ///
    /// # Errors
    /// A line of a known key that does not verify spoils the whole note, whatever the others say.
    pub fn check(&self, checkpoint: &str) -> Result<Accepted, Unmet> {
        let note = Note::parse(checkpoint).map_err(CheckpointError::from)?;
        let origin = Checkpoint::parse(note.text)?.origin;
        let mut signed = None;
        for log in self.logs.iter().filter(|log| *log.name() == origin) {
            match VerifiedCheckpoint::open(checkpoint, log) {
                Ok(verified) => signed = Some((verified, log)),
                Err(CheckpointError::Note(NoteError::Unsigned)) => {}
                Err(other) => return Err(other.into()),
            }
        }
        let (verified, log) = match signed {
            Some(signed) => signed,
            None if self.logs.iter().any(|log| *log.name() == origin) => {
                return Err(CheckpointError::Note(NoteError::Unsigned).into());
            }
            None => return Err(Unmet::UnknownLog),
        };
        let mut times = Vec::with_capacity(self.witnesses.len());
        for witness in &self.witnesses {
            times.push(witness.key.time_of(&note).map_err(CheckpointError::from)?);
        }
        let cosigned: Vec<Cosigned> = self
            .witnesses
            .iter()
            .zip(&times)
            .filter_map(|(witness, time)| {
                let witness = witness.key.name().clone();
                time.map(|time_s| Cosigned { witness, time_s })
            })
            .collect();
        if !self.is_met(&times) {
            let (found, known) = (cosigned.len(), self.witnesses.len());
            return Err(Unmet::Quorum { found, known });
        }
        Ok(Accepted {
            checkpoint: verified,
            log: log.clone(),
            cosigned,
        })
    }

    fn is_met(&self, times: &[Option<u64>]) -> bool {
        let Quorum::Member(quorum) = self.quorum else {
            return true;
        };
        // Groups name only what stands before them, so one pass decides them all.
        let mut held: Vec<bool> = Vec::with_capacity(self.members.len());
        for member in &self.members {
            let holds = match member {
                Member::Group { least, members } => {
                    let of = members.iter().filter(|at| held.get(**at) == Some(&true));
                    of.count() >= *least
                }
                Member::Witness(at) => times.get(*at).is_some_and(Option::is_some),
                Member::Unchecked => false,
            };
            held.push(holds);
        }
        held.get(quorum) == Some(&true)
    }
}

/// A policy file half read.
#[derive(Default)]
struct Reading<'a> {
    logs: Vec<VerifierKey>,
    witnesses: Vec<Witness>,
    witness_keys: Vec<Vec<u8>>,
    members: Vec<Member>,
    names: HashMap<&'a [u8], usize>,
    grouped: Vec<usize>,
    quorum: Option<Quorum>,
}

impl<'a> Reading<'a> {
    fn line(&mut self, line: &'a [u8]) -> Result<(), PolicyFault> {
        if line
            .iter()
            .any(|byte| (*byte < 0x20 && *byte != b'\t') || *byte == 0x7f)
        {
            return Err(PolicyFault::Control);
        }
        let words: Vec<&[u8]> = line
            .split(|byte| matches!(byte, b' ' | b'\t'))
            .filter(|word| !word.is_empty())
            .collect();
        match words.as_slice() {
            [] => Ok(()),
            [word, ..] if word.first() == Some(&b'#') => Ok(()),
            [b"log", key] | [b"log", key, _] => self.log(key),
            [b"witness", name, key] => self.witness(name, key, None),
            [b"witness", name, key, url] => self.witness(name, key, Some(url)),
            [b"group", name, least, first, rest @ ..] => self.group(name, least, first, rest),
            [b"quorum", name] => self.quorum(name),
            _ => Err(PolicyFault::Form),
        }
    }

    fn log(&mut self, key: &[u8]) -> Result<(), PolicyFault> {
        let key = VerifierKey::parse(key_text(key)?).map_err(PolicyFault::Key)?;
        if self.logs.iter().any(|known| known.key() == key.key()) {
            return Err(PolicyFault::DuplicateKey);
        }
        self.logs.push(key);
        room(self.logs.len())
    }

    fn witness(&mut self, name: &'a [u8], key: &[u8], url: Option<&[u8]>) -> Result<(), PolicyFault> {
        let text = key_text(key)?;
        let line = KeyLine::parse(text).map_err(PolicyFault::Key)?;
        if self.witness_keys.contains(&line.key) {
            return Err(PolicyFault::DuplicateKey);
        }
        let member = if line.kind == TYPE_ML_DSA && line.key.len() == ML_DSA_KEY_LEN {
            Member::Unchecked
        } else {
            let key = CosignerKey::parse(text).map_err(PolicyFault::Key)?;
            let url = url.map(|url| String::from_utf8_lossy(url).into_owned());
            self.witnesses.push(Witness { key, url });
            Member::Witness(self.witnesses.len().saturating_sub(1))
        };
        self.witness_keys.push(line.key);
        self.define(name, member)
    }

    fn group(
        &mut self,
        name: &'a [u8],
        least: &[u8],
        first: &[u8],
        rest: &[&[u8]],
    ) -> Result<(), PolicyFault> {
        let mut members = Vec::with_capacity(rest.len().saturating_add(1));
        for member in std::iter::once(&first).chain(rest) {
            let at = *self.names.get(*member).ok_or(PolicyFault::Unknown)?;
            if self.grouped.contains(&at) {
                return Err(PolicyFault::MemberTwice);
            }
            self.grouped.push(at);
            members.push(at);
        }
        let least = match least {
            b"all" => members.len(),
            b"any" => 1,
            digits => threshold(digits, members.len())?,
        };
        self.define(name, Member::Group { least, members })
    }

    fn quorum(&mut self, name: &[u8]) -> Result<(), PolicyFault> {
        if self.quorum.is_some() {
            return Err(PolicyFault::SecondQuorum);
        }
        self.quorum = Some(match name {
            b"none" => Quorum::None,
            name => Quorum::Member(*self.names.get(name).ok_or(PolicyFault::Unknown)?),
        });
        Ok(())
    }

    fn define(&mut self, name: &'a [u8], member: Member) -> Result<(), PolicyFault> {
        let at = self.members.len();
        if name == b"none" || self.names.insert(name, at).is_some() {
            return Err(PolicyFault::DuplicateName);
        }
        self.members.push(member);
        room(self.members.len())
    }
}

fn room(count: usize) -> Result<(), PolicyFault> {
    if count > POLICY_NAMES_MAX {
        return Err(PolicyFault::TooLong);
    }
    Ok(())
}

fn key_text(key: &[u8]) -> Result<&str, PolicyFault> {
    std::str::from_utf8(key).map_err(|_| {
        PolicyFault::Key(NoteError::VerifierKey {
            why: "it is not ASCII",
        })
    })
}

/// A number without sign or leading zeros, from 1 to `most`.
fn threshold(digits: &[u8], most: usize) -> Result<usize, PolicyFault> {
    let text = std::str::from_utf8(digits).map_err(|_| PolicyFault::Threshold)?;
    let number: usize = text.parse().map_err(|_| PolicyFault::Threshold)?;
    if number.to_string() == text && (1..=most).contains(&number) {
        Ok(number)
    } else {
        Err(PolicyFault::Threshold)
    }
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;
