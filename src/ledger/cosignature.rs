//! Cosignatures: a witness says that a checkpoint follows, append-only, from all that it saw of the log before.
//!
//! ```text
//! U+2014 SPACE witness-name SPACE base64(key-id[4] || time, u64 big-endian seconds || Ed25519[64]) \n
//!
//! signed message: cosignature/v1
//!                 time 1679315147
//!                 (the text of the checkpoint's note)
//! ```
//!
//! The message does not name the witness, so a key of this type belongs to one name alone.
//!
//! Source: <https://c2sp.org/tlog-cosignature>, Ed25519, signature type 0x04.

use std::fmt;

use super::note::{KeyLine, KeyName, Note, NoteError, SignatureLine, key_id, line_of, write_key};
use crate::keys::{CreatorKey, PublicKey};

const TYPE_COSIGNATURE: u8 = 0x04;
const HEADER: &str = "cosignature/v1";
/// Bytes of time and signature.
const COSIGNATURE_LEN: usize = 8 + 64;

/// The name and the public key of a witness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CosignerKey {
    name: KeyName,
    key: PublicKey,
    id: [u8; 4],
}

impl CosignerKey {
    /// Joins a name and an Ed25519 key.
    #[must_use]
    pub fn new(name: KeyName, key: PublicKey) -> Self {
        let id = key_id(&name, TYPE_COSIGNATURE, key.as_bytes());
        Self { name, key, id }
    }

    /// Reads `name+keyid+base64`.
    ///
    /// # Errors
    /// [`NoteError::VerifierKey`] also for a key of another type: a log's key (0x01) vouches for nobody else's log.
    pub fn parse(line: &str) -> Result<Self, NoteError> {
        let read = KeyLine::parse(line)?;
        if read.kind != TYPE_COSIGNATURE {
            return Err(NoteError::VerifierKey {
                why: "the key is not of type 0x04, Ed25519 cosignature",
            });
        }
        let key = read.ed25519()?;
        Ok(Self::new(read.name, key))
    }

    /// The name.
    #[must_use]
    pub const fn name(&self) -> &KeyName {
        &self.name
    }

    /// The key.
    #[must_use]
    pub const fn key(&self) -> &PublicKey {
        &self.key
    }

    /// Whether a line is this witness's, good or not.
    #[must_use]
    pub fn is_of(&self, line: &SignatureLine<'_>) -> bool {
        line.is_by(&self.name, self.id)
    }

    /// The note with this witness's line in it, in the place of any that it had before.
    #[must_use]
    pub fn added_to(&self, note: &str, line: &str) -> String {
        let Ok(parsed) = Note::parse(note) else {
            return note.to_owned();
        };
        let mut text = format!("{}\n", parsed.text);
        for other in parsed.lines.iter().filter(|other| !self.is_of(other)) {
            text.push_str(other.line);
            text.push('\n');
        }
        text.push_str(line);
        text
    }

    /// When this witness cosigned the note, seconds since 1970; the latest time where it did so more than once, `None` where
    /// it did not.
    ///
    /// # Errors
    /// [`NoteError::BadSignature`] if one line carries this key's name and id and does not verify: then nothing in the note
    /// counts.
    pub fn time_of(&self, note: &Note<'_>) -> Result<Option<u64>, NoteError> {
        let mut latest = None;
        for line in note.lines.iter().filter(|line| self.is_of(line)) {
            let time = self
                .verify(note.text, &line.signature)
                .ok_or(NoteError::BadSignature)?;
            latest = latest.max(Some(time));
        }
        Ok(latest)
    }

    fn verify(&self, text: &str, bytes: &[u8]) -> Option<u64> {
        let bytes: &[u8; COSIGNATURE_LEN] = bytes.try_into().ok()?;
        let (time, signature) = bytes.split_first_chunk::<8>()?;
        let time = u64::from_be_bytes(*time);
        // A time of 0 would be a statement without one, which this type does not have; 2^63 is past the end.
        if time == 0 || i64::try_from(time).is_err() {
            return None;
        }
        let is_good = self
            .key
            .verify_strict(message(time, text).as_bytes(), signature.try_into().ok()?);
        is_good.then_some(time)
    }
}

/// `name+keyid+base64(0x04 || key)`.
impl fmt::Display for CosignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_key(f, &self.name, TYPE_COSIGNATURE, self.key.as_bytes())
    }
}

/// The secret of a witness, with its name.
#[derive(Debug)]
pub struct Cosigner {
    verifier: CosignerKey,
    key: CreatorKey,
}

impl Cosigner {
    /// Joins a name and a key, which must serve nothing else.
    #[must_use]
    pub fn new(name: KeyName, key: CreatorKey) -> Self {
        let verifier = CosignerKey::new(name, key.public());
        Self { verifier, key }
    }

    /// What others check its cosignatures with.
    #[must_use]
    pub const fn verifier(&self) -> &CosignerKey {
        &self.verifier
    }

    /// The signature line, its line break included, over the text of a checkpoint's note.
    ///
    /// The caller has checked that the checkpoint follows from the last one it cosigned, and has made it durable.
    #[must_use]
    pub fn cosign(&self, text: &str, time_s: u64) -> String {
        let signature = self.key.sign(message(time_s, text).as_bytes());
        let bytes = [time_s.to_be_bytes().as_slice(), &signature].concat();
        line_of(&self.verifier.name, self.verifier.id, &bytes)
    }
}

fn message(time_s: u64, text: &str) -> String {
    format!("{HEADER}\ntime {time_s}\n{text}")
}

#[cfg(test)]
mod tests {
    use super::super::note::LogKey;
    use super::*;

    const TEXT: &str =
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

    fn log() -> LogKey {
        let name = KeyName::parse("example.com/behind-the-sofa").unwrap();
        LogKey::new(name, CreatorKey::from_seed(&[1; 32]))
    }

    fn witness(name: &str, seed: u8) -> Cosigner {
        Cosigner::new(KeyName::parse(name).unwrap(), CreatorKey::from_seed(&[seed; 32]))
    }

    fn time(note: &str, key: &CosignerKey) -> Result<Option<u64>, NoteError> {
        key.time_of(&Note::parse(note)?)
    }

    #[test]
    fn a_cosignature_counts_for_its_witness_alone() {
        let (w1, w2) = (witness("witness.example/w1", 2), witness("witness.example/w2", 3));
        let note = format!("{}{}", log().sign_note(TEXT), w1.cosign(TEXT, 1_679_315_147));
        assert_eq!(time(&note, w1.verifier()), Ok(Some(1_679_315_147)));
        assert_eq!(time(&note, w2.verifier()), Ok(None));
        // The log's own signature is not touched by it, and passes over it.
        assert_eq!(log().verifier().open(&note), Ok(TEXT));
        // Same name, other key: an unknown key. Same key, other name: another id.
        let other = witness("witness.example/w1", 4);
        assert_eq!(time(&note, other.verifier()), Ok(None));
        let renamed = witness("witness.example/other", 2);
        assert_eq!(time(&note, renamed.verifier()), Ok(None));
    }

    #[test]
    fn the_latest_of_several_times_counts() {
        let w = witness("w", 2);
        let note = format!(
            "{}{}{}",
            log().sign_note(TEXT),
            w.cosign(TEXT, 7),
            w.cosign(TEXT, 5)
        );
        assert_eq!(time(&note, w.verifier()), Ok(Some(7)));
    }

    #[test]
    fn a_wrong_cosignature_by_a_known_witness_spoils_the_note() {
        let w = witness("w", 2);
        let good = w.cosign(TEXT, 5);
        let id = w.verifier.id;
        let bad = |bytes: &[u8]| {
            let line = line_of(w.verifier.name(), id, bytes);
            let note = format!("{}{good}{line}", log().sign_note(TEXT));
            assert_eq!(time(&note, w.verifier()), Err(NoteError::BadSignature));
        };
        let sign = |message: &str, time: u64| {
            [time.to_be_bytes().as_slice(), &w.key.sign(message.as_bytes())].concat()
        };
        bad(&[1]);
        bad(&sign(&message(6, TEXT), 5));
        bad(&sign(TEXT, 5));
        bad(&sign(&message(0, TEXT), 0));
        bad(&sign(&message(1 << 63, TEXT), 1 << 63));
        bad(&sign(&message(5, "another\n"), 5));
        let mut long = sign(&message(5, TEXT), 5);
        long.push(0);
        bad(&long);
        bad(&w.key.sign(TEXT.as_bytes()));
    }

    #[test]
    fn keys_of_witnesses_and_of_logs_are_not_mixed() {
        let w = witness("witness.example/w1", 2);
        let line = w.verifier().to_string();
        assert_eq!(CosignerKey::parse(&line).as_ref(), Ok(w.verifier()));
        assert!(super::super::note::VerifierKey::parse(&line).is_err());
        assert!(CosignerKey::parse(&log().verifier().to_string()).is_err());
        assert!(CosignerKey::parse(&line.replace("w1", "w2")).is_err());
    }

    /// The cosignature in c2sp.org/tlog-witness is by a key that the text does not give; its form at least is ours.
    #[test]
    fn the_message_is_that_of_the_specification() {
        let wanted = "cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
        assert_eq!(message(1_679_315_147, TEXT), wanted);
    }
}
