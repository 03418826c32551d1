//! Signed notes: text that people can read, with signatures that machines can check.
//!
//! ```text
//! text, each line ended by \n
//! (empty line)
//! U+2014 SPACE key-name SPACE base64(key-id[4] || signature[64]) \n
//! ```
//!
//! The key id is the first four bytes of SHA-256 of the name, "\n", 0x01 and the 32 bytes of the key; a verifier key is
//! the name, the id in hex and the base64 of 0x01 and the key, joined by plus signs. What is signed is the text, its last
//! \n included. A true example, that of the specification, with its verifier key before it (U+2014 as an escape):
//!
//! ```text
//! PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW
//!
//! If you think cryptography is the answer to your problem,
//! then you don't know what your problem is.
//!
//! \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
//! ```
//!
//! Source: <https://c2sp.org/signed-note>, signature type 0x01 (Ed25519).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::base::Digest;
use crate::keys::{CreatorKey, PublicKey};

/// Largest note read, bytes: a header or a checkpoint with more than a dozen signatures.
pub const NOTE_BYTES_MAX: usize = 16 << 10;
/// Most signature lines read (the specification asks for at least 16).
pub const SIGNATURES_MAX: usize = 64;

const TYPE_ED25519: u8 = 0x01;
const LINE_START: &str = "\u{2014} ";

/// Why a note or a key line is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoteError {
    /// The signature of the known key is wrong.
    #[error("the note's signature by the known key does not match its text")]
    BadSignature,
    /// A key name is empty, or holds a space, a plus sign or a character beyond printable ASCII.
    #[error("a key name must be 1 to 200 printable ASCII characters without space or plus")]
    KeyName,
    /// Not the form of a signed note.
    #[error("not a signed note: {why}")]
    Malformed {
        /// Which rule is broken.
        why: &'static str,
    },
    /// No signature by the known key.
    #[error("the note has no signature by the known key")]
    Unsigned,
    /// A verifier key line that cannot be read.
    #[error("not a verifier key: {why}")]
    VerifierKey {
        /// Which rule is broken.
        why: &'static str,
    },
}

/// The name of a key; for a log it is the log's origin. Printable ASCII without space and plus, 1 to 200 bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyName(String);

impl KeyName {
    /// Checks the characters.
    ///
    /// Narrower than the specification, which allows all of Unicode but spaces and plus: a name is printed to terminals.
    pub fn parse(name: &str) -> Result<Self, NoteError> {
        let good = |byte: u8| byte.is_ascii_graphic() && byte != b'+';
        if name.is_empty() || name.len() > 200 || !name.bytes().all(good) {
            return Err(NoteError::KeyName);
        }
        Ok(Self(name.to_owned()))
    }

    /// The characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A name and a public key: whose signature on a note counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: KeyName,
    key: PublicKey,
    id: [u8; 4],
}

impl VerifierKey {
    /// Joins a name and an Ed25519 key.
    #[must_use]
    pub fn new(name: KeyName, key: PublicKey) -> Self {
        let id = key_id(&name, TYPE_ED25519, key.as_bytes());
        Self { name, key, id }
    }

    /// Reads `name+keyid+base64`.
    pub fn parse(line: &str) -> Result<Self, NoteError> {
        let read = KeyLine::parse(line)?;
        if read.kind != TYPE_ED25519 {
            return Err(NoteError::VerifierKey {
                why: "the key is not of type 0x01, Ed25519",
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

    /// The text of a note that this key signed; lines of unknown keys are passed over.
    ///
    /// # Errors
    /// [`NoteError::BadSignature`] if a line carries this key's name and id and does not verify.
    pub fn open<'a>(&self, note: &'a str) -> Result<&'a str, NoteError> {
        let note = Note::parse(note)?;
        let mut found = false;
        for line in note.lines.iter().filter(|line| line.is_by(&self.name, self.id)) {
            let signature = line.signature.as_slice().try_into();
            let signature: &[u8; 64] = signature.map_err(|_| NoteError::BadSignature)?;
            if found || !self.key.verify_strict(note.text.as_bytes(), signature) {
                return Err(NoteError::BadSignature);
            }
            found = true;
        }
        if found {
            Ok(note.text)
        } else {
            Err(NoteError::Unsigned)
        }
    }

    /// A note that this key signed, with its signature alone: lines of other keys are left out.
    pub fn own_note(&self, note: &str) -> Result<String, NoteError> {
        let text = self.open(note)?;
        let parsed = Note::parse(note)?;
        let mut own = parsed.lines.iter().filter(|line| line.is_by(&self.name, self.id));
        let line = own.next().ok_or(NoteError::Unsigned)?;
        Ok(format!("{text}\n{}\n", line.line))
    }

    /// The note made of `text` and a signature that is already there, for showing what a commit signed.
    #[must_use]
    pub fn note(&self, text: &str, signature: &[u8; 64]) -> String {
        format!("{text}\n{}", line_of(&self.name, self.id, signature))
    }
}

/// `name+keyid+base64(0x01 || key)`.
impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_key(f, &self.name, TYPE_ED25519, self.key.as_bytes())
    }
}

/// The secret that signs a log's checkpoints, with the log's origin. Not a creator's key.
#[derive(Debug)]
pub struct LogKey {
    verifier: VerifierKey,
    key: CreatorKey,
}

impl LogKey {
    /// Joins an origin and a key.
    #[must_use]
    pub fn new(origin: KeyName, key: CreatorKey) -> Self {
        Self {
            verifier: VerifierKey::new(origin, key.public()),
            key,
        }
    }

    /// What others check its signatures with.
    #[must_use]
    pub const fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// Signs bytes.
    #[must_use]
    pub fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        self.key.sign(bytes)
    }

    /// Signs text into a note.
    #[must_use]
    pub fn sign_note(&self, text: &str) -> String {
        self.verifier.note(text, &self.sign(text.as_bytes()))
    }
}

/// A note taken apart; nothing in it is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note<'a> {
    /// The text that is signed, its last line break included.
    pub text: &'a str,
    /// The signature lines, in order.
    pub lines: Vec<SignatureLine<'a>>,
}

/// One signature line of a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureLine<'a> {
    /// The whole line, without its line break.
    pub line: &'a str,
    /// The key's name as it stands there; a stranger's may be no [`KeyName`].
    pub name: &'a str,
    /// The key's id.
    pub id: [u8; 4],
    /// What follows the key's id; its form depends on the key's type.
    pub signature: Vec<u8>,
}

impl SignatureLine<'_> {
    /// Whether the line names this key. Verifiers pass over lines of unknown keys, even if they share a name or an id with a
    /// known one.
    #[must_use]
    pub fn is_by(&self, name: &KeyName, id: [u8; 4]) -> bool {
        self.name == name.as_str() && self.id == id
    }
}

impl<'a> Note<'a> {
    /// Takes a note apart.
    pub fn parse(note: &'a str) -> Result<Self, NoteError> {
        let malformed = |why| NoteError::Malformed { why };
        if note.len() > NOTE_BYTES_MAX {
            return Err(malformed("longer than 16 KiB"));
        }
        if note.bytes().any(|byte| byte < 0x20 && byte != b'\n') {
            return Err(malformed("control characters"));
        }
        let at = note
            .rfind("\n\n")
            .ok_or(malformed("no empty line before the signatures"))?;
        let (text, signatures) = (note.get(..=at), note.get(at.saturating_add(2)..));
        let (Some(text), Some(signatures)) = (text, signatures) else {
            return Err(malformed("no signatures"));
        };
        let lines = signature_lines(signatures)?;
        Ok(Self { text, lines })
    }
}

/// Reads one signature line or more, each ended by a line break.
pub(super) fn signature_lines(text: &str) -> Result<Vec<SignatureLine<'_>>, NoteError> {
    let malformed = |why| NoteError::Malformed { why };
    let lines = text
        .strip_suffix('\n')
        .ok_or(malformed("the last line is not ended"))?;
    if lines.split('\n').count() > SIGNATURES_MAX {
        return Err(malformed("more than 64 signatures"));
    }
    lines.split('\n').map(signature_line).collect()
}

fn signature_line(line: &str) -> Result<SignatureLine<'_>, NoteError> {
    let malformed = NoteError::Malformed {
        why: "a signature line has not the form: dash, name, base64",
    };
    let (name, text) = line
        .strip_prefix(LINE_START)
        .and_then(|rest| rest.split_once(' '))
        .ok_or(malformed)?;
    let bytes = BASE64.decode(text).map_err(|_| malformed)?;
    let (id, signature) = bytes.split_first_chunk::<4>().ok_or(malformed)?;
    if name.is_empty() || name.contains('+') || name.contains(char::is_whitespace) || signature.is_empty() {
        return Err(malformed);
    }
    Ok(SignatureLine {
        line,
        name,
        id: *id,
        signature: signature.to_vec(),
    })
}

/// The signature line, its line break included, of a key over some text.
pub(super) fn line_of(name: &KeyName, id: [u8; 4], signature: &[u8]) -> String {
    let bytes = [&id, signature].concat();
    format!("{LINE_START}{name} {}\n", BASE64.encode(bytes))
}

/// The first four bytes of SHA-256 over name, line break, signature type and key.
pub(super) fn key_id(name: &KeyName, kind: u8, key: &[u8]) -> [u8; 4] {
    let digest = Digest::of(&[name.0.as_bytes(), &[b'\n', kind], key].concat());
    let [a, b, c, d, ..] = *digest.as_bytes();
    [a, b, c, d]
}

/// Writes `name+keyid+base64(type || key)`.
pub(super) fn write_key(f: &mut fmt::Formatter<'_>, name: &KeyName, kind: u8, key: &[u8]) -> fmt::Result {
    let id = crate::base::digest::hex(&key_id(name, kind, key));
    write!(f, "{name}+{id}+{}", BASE64.encode([&[kind], key].concat()))
}

/// A verifier key of any type, its id checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KeyLine {
    /// The name.
    pub(super) name: KeyName,
    /// The signature type.
    pub(super) kind: u8,
    /// The key, in the form of its type.
    pub(super) key: Vec<u8>,
}

impl KeyLine {
    /// Reads `name+keyid+base64(type || key)`; one spelling only.
    pub(super) fn parse(line: &str) -> Result<Self, NoteError> {
        let wrong = |why| NoteError::VerifierKey { why };
        if line.len() > NOTE_BYTES_MAX {
            return Err(wrong("longer than 16 KiB"));
        }
        let mut parts = line.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(wrong("wanted name+keyid+key"));
        };
        let name = KeyName::parse(name)?;
        let bytes = BASE64.decode(key).map_err(|_| wrong("the key is not base64"))?;
        let (kind, key) = bytes.split_first().ok_or(wrong("the key is empty"))?;
        if crate::base::digest::hex(&key_id(&name, *kind, key)) != id {
            return Err(wrong("the key id does not match"));
        }
        let (kind, key) = (*kind, key.to_vec());
        Ok(Self { name, kind, key })
    }

    /// The key as an Ed25519 key.
    pub(super) fn ed25519(&self) -> Result<PublicKey, NoteError> {
        let wrong = |why| NoteError::VerifierKey { why };
        let key: [u8; 32] = self
            .key
            .as_slice()
            .try_into()
            .map_err(|_| wrong("an Ed25519 key has 32 bytes"))?;
        PublicKey::from_bytes(key).ok_or(wrong("these 32 bytes are no point of the curve"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> LogKey {
        LogKey::new(
            KeyName::parse("example.org/log").unwrap(),
            CreatorKey::from_seed(&[3; 32]),
        )
    }

    /// The example of c2sp.org/signed-note.
    #[test]
    fn the_note_of_the_specification_opens() {
        let verifier =
            VerifierKey::parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").unwrap();
        let text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
        let note = format!(
            "{text}\n\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
        );
        assert_eq!(verifier.open(&note), Ok(text));
    }

    #[test]
    fn a_changed_text_is_refused_and_a_strange_key_is_passed_over() {
        let note = key().sign_note("hello\n");
        let verifier = key().verifier().clone();
        assert_eq!(verifier.open(&note), Ok("hello\n"));
        assert_eq!(
            verifier.open(&note.replace("hello", "hullo")),
            Err(NoteError::BadSignature)
        );
        let other = LogKey::new(KeyName::parse("other").unwrap(), CreatorKey::from_seed(&[4; 32]));
        assert_eq!(other.verifier().open(&note), Err(NoteError::Unsigned));
        let line = other
            .sign_note("hello\n")
            .rsplit_once("\n\n")
            .unwrap()
            .1
            .to_owned();
        assert_eq!(verifier.open(&format!("{note}{line}")), Ok("hello\n"));
    }

    #[test]
    fn verifier_keys_go_out_and_come_back() {
        let text = key().verifier().to_string();
        assert_eq!(VerifierKey::parse(&text).as_ref(), Ok(key().verifier()));
        let other = text.replace("example", "exbmple");
        assert!(matches!(
            VerifierKey::parse(&other),
            Err(NoteError::VerifierKey { .. })
        ));
    }

    #[test]
    fn notes_that_are_cut_or_written_otherwise_are_refused() {
        let note = key().sign_note("hello\n");
        let verifier = key().verifier().clone();
        for cut in 0..note.len() {
            assert!(note.get(..cut).is_none_or(|note| verifier.open(note).is_err()));
        }
        let unpadded = note.replace('=', "");
        let others = [
            format!("{note}\n"),
            note.replace(" example.org/log ", "  example.org/log "),
            note.replace("\n\n", "\n \n"),
            note.replace('\n', "\r\n"),
            note.replace('\u{2014}', "-"),
            format!("{note}\u{2014} other\u{a0}key AAAAAAE=\n"),
            format!("{note}\u{2014} other AAAA\n"),
            unpadded,
        ];
        for other in others {
            assert!(verifier.open(&other).is_err(), "{other:?}");
        }
        let many = format!("{note}{}", "\u{2014} other AAAAAAE=\n".repeat(64));
        assert_eq!(
            verifier.open(&many),
            Err(NoteError::Malformed {
                why: "more than 64 signatures"
            })
        );
        let twice = format!("{note}{}", note.rsplit_once("\n\n").unwrap().1);
        assert_eq!(verifier.open(&twice), Err(NoteError::BadSignature));
    }

    #[test]
    fn keys_of_other_types_and_second_spellings_are_refused() {
        let line = key().verifier().to_string();
        let (head, _) = line.rsplit_once('+').unwrap();
        let upper = line.replacen(head, &head.to_uppercase(), 1);
        for bad in [
            upper,
            format!("{line}\n"),
            line.trim_end_matches('=').to_owned() + "==",
            format!("{head}+"),
            head.to_owned(),
            String::new(),
        ] {
            assert!(VerifierKey::parse(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn names_with_spaces_plus_signs_or_controls_are_refused() {
        for name in ["", "a b", "a+b", "a\u{1b}b", "a\u{202e}b"] {
            assert_eq!(KeyName::parse(name), Err(NoteError::KeyName));
        }
    }
}
