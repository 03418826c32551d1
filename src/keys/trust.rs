//! Whom the user trusts: people by the name the user gave them, with their roots, certificates and ledger keys.
//!
//! ```text
//! byline trust v1
//! name: alice                           what the user calls this person, as in SSH's known hosts
//! says: Alice Doe                       what the person's file called itself
//! added: 2026-05-01T10:00:00Z
//! since: 2026-05-01T09:00:00Z           from when the certificate of the person's newest public file is valid
//!
//! [ledger keys]
//! [anchors]                             a certificate issued below one of these is this person's
//! [certificates]                        exactly these certificates are this person's
//! [timestamp anchors]                   a timestamp by an authority below one of these is believed, and nothing else is
//! ```
//!
//! A CA's root vouches for everybody it has certified, so a public file of a person with a CA's certificate pins the
//! certificate alone; a root becomes an anchor when it is the person's own, or when the user adds it by itself.

use std::fmt::Write as _;

use thiserror::Error;

use super::ed25519::{KeyId, PublicKey};
use super::name::{LocalName, NameError};
use super::pem::{self, PemError};
use super::public::PublicFile;
use super::sections::{Sections, SectionsError};
use super::x509::{CertificateError, LeafInfo, parse};
use crate::base::{Timestamp, Untrusted};

/// Why a trust file cannot be read.
#[derive(Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum TrustError {
    /// A certificate cannot be read.
    #[error("a certificate in the trust file: {0}")]
    Certificate(#[from] CertificateError),
    /// Nothing in it could be recognised by.
    #[error("nothing to recognise anybody by")]
    Empty,
    /// A line is missing or holds something else.
    #[error("`{line}` of the trust file is missing or unreadable")]
    Line {
        /// Its name.
        line: &'static str,
    },
    /// The name is no local name.
    #[error("the name in the trust file: {0}")]
    Name(#[from] NameError),
    /// A section holds something else.
    #[error("[{title}] of the trust file: {why}")]
    Pem {
        /// Its title.
        title: &'static str,
        /// What is wrong.
        why: PemError,
    },
    /// The text has another form.
    #[error("the trust file: {0}")]
    Sections(#[from] SectionsError),
}

/// One person, studio or authority that the user trusts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustEntry {
    /// When the user added it.
    pub added: Timestamp,
    /// CA certificates in DER: whatever they issue is this entry's.
    pub anchors: Vec<Vec<u8>>,
    /// Leaf certificates in DER: these themselves are this entry's.
    pub certificates: Vec<Vec<u8>>,
    /// Certificates in DER that anchor time-stamping authorities (RFC 3161), and nothing else.
    pub timestamp_anchors: Vec<Vec<u8>>,
    /// Keys of ledger entries, the oldest first.
    pub ledger_keys: Vec<PublicKey>,
    /// What the user calls it.
    pub name: LocalName,
    /// What the file it came from called itself. Nobody has checked it.
    pub says: Untrusted,
    /// From when the certificate of its newest public file is valid; absent where there was none, or byline did not note it yet.
    pub since: Option<Timestamp>,
}

/// What another public file of somebody is to an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Successor {
    /// Of a newer key under the same root: the entry with that key as well.
    Newer(TrustEntry),
    /// Of an older key under the same root.
    Older,
}

impl TrustEntry {
    /// Trusts the holder of a public file under `name`.
    #[must_use]
    pub fn from_public(name: LocalName, file: &PublicFile, now: Timestamp) -> Self {
        let (anchors, certificates) = match &file.root {
            Some(root) => (vec![root.clone()], Vec::new()),
            None => (Vec::new(), file.chain.first().cloned().into_iter().collect()),
        };
        Self {
            added: now,
            anchors,
            certificates,
            timestamp_anchors: Vec::new(),
            ledger_keys: vec![file.ledger_key],
            name,
            says: file.name.clone(),
            since: Some(file.leaf.validity.not_before),
        }
    }

    /// What a public file of another key is, whose root is this entry's: that root signed its certificate, whose key, and the ledger
    /// key, signed the file. Nothing where it is somebody else's, or its key is known. Keys before it stay, for what they signed.
    #[must_use]
    pub fn succeeded_by(&self, file: &Self) -> Option<Successor> {
        let [key] = file.ledger_keys.as_slice() else {
            return None;
        };
        let is_own =
            !self.ledger_keys.is_empty() && file.anchors.iter().any(|root| self.anchors.contains(root));
        if !is_own || self.ledger_keys.contains(key) {
            return None;
        }
        if file.since < self.since {
            return Some(Successor::Older);
        }
        let mut newer = self.clone();
        newer.ledger_keys.push(*key);
        newer.says = file.says.clone();
        newer.since = file.since;
        Some(Successor::Newer(newer))
    }

    /// Trusts certificates under `name`: CAs become anchors, others are pinned.
    pub fn from_certificates(
        name: LocalName,
        ders: Vec<Vec<u8>>,
        now: Timestamp,
    ) -> Result<Self, TrustError> {
        let mut entry = Self {
            added: now,
            anchors: Vec::new(),
            certificates: Vec::new(),
            timestamp_anchors: Vec::new(),
            ledger_keys: Vec::new(),
            name,
            says: Untrusted::default(),
            since: None,
        };
        for der in ders {
            let info = LeafInfo::parse(&der)?;
            if entry.says.raw().is_empty() {
                entry.says = info.display_name().cloned().unwrap_or_default();
            }
            let list = if parse(&der)?.is_ca() {
                &mut entry.anchors
            } else {
                &mut entry.certificates
            };
            if !list.contains(&der) {
                list.push(der);
            }
        }
        if entry.is_empty() {
            Err(TrustError::Empty)
        } else {
            Ok(entry)
        }
    }

    /// The same certificates as anchors for timestamps alone: whom they certify otherwise is not known by them.
    #[must_use]
    pub fn for_timestamps(mut self) -> Self {
        self.timestamp_anchors.append(&mut self.anchors);
        self.timestamp_anchors.append(&mut self.certificates);
        self.ledger_keys.clear();
        self
    }

    /// The trust file of this entry; the same entry always gives the same bytes.
    #[must_use]
    pub fn to_text(&self) -> String {
        // One line, and nothing in it that a terminal obeys when somebody looks at the file.
        let says: String = self
            .says
            .raw()
            .chars()
            .map(|c| if Untrusted::is_harmful(c) { '\u{fffd}' } else { c })
            .collect();
        let mut text = format!(
            "{FIRST}\nname: {}\nsays: {says}\nadded: {}\n",
            self.name, self.added
        );
        if let Some(since) = self.since {
            let _ = writeln!(text, "since: {since}");
        }
        let keys: String = self.ledger_keys.iter().map(pem::public_key_text).collect();
        let pem = |ders: &[Vec<u8>]| {
            ders.iter()
                .map(|der| pem::certificate_text(der))
                .collect::<String>()
        };
        for (title, body) in [
            (KEYS, keys),
            (ANCHORS, pem(&self.anchors)),
            (CERTIFICATES, pem(&self.certificates)),
            (TIMESTAMPS, pem(&self.timestamp_anchors)),
        ] {
            if !body.is_empty() {
                let _ = write!(text, "\n[{title}]\n{body}");
            }
        }
        text
    }

    /// Reads a trust file.
    pub fn parse(text: &str) -> Result<Self, TrustError> {
        let sections = Sections::parse(
            text,
            FIRST,
            &["name", "says", "added", "since"],
            &[KEYS, ANCHORS, CERTIFICATES, TIMESTAMPS],
        )?;
        let line = |line| sections.value(line).ok_or(TrustError::Line { line });
        let ders = |title| {
            let list = sections.section(title).map(pem::certificates).transpose();
            list.map(Option::unwrap_or_default)
                .map_err(|why| TrustError::Pem { title, why })
        };
        let keys = sections.section(KEYS).map(pem::public_keys).transpose();
        let since = sections.value("since").map(Timestamp::parse_rfc3339);
        let since = since.map(|since| since.ok_or(TrustError::Line { line: "since" }));
        let entry = Self {
            added: Timestamp::parse_rfc3339(line("added")?).ok_or(TrustError::Line { line: "added" })?,
            anchors: ders(ANCHORS)?,
            certificates: ders(CERTIFICATES)?,
            timestamp_anchors: ders(TIMESTAMPS)?,
            ledger_keys: keys
                .map(Option::unwrap_or_default)
                .map_err(|why| TrustError::Pem { title: KEYS, why })?,
            name: LocalName::parse(line("name")?)?,
            says: sections.value("says").unwrap_or_default().into(),
            since: since.transpose()?,
        };
        let lists = [&entry.anchors, &entry.certificates, &entry.timestamp_anchors];
        for der in lists.into_iter().flatten() {
            parse(der)?;
        }
        if entry.is_empty() {
            Err(TrustError::Empty)
        } else {
            Ok(entry)
        }
    }

    /// Thumbprints of the ledger keys.
    #[must_use]
    pub fn key_ids(&self) -> Vec<KeyId> {
        self.ledger_keys.iter().map(PublicKey::key_id).collect()
    }

    fn is_empty(&self) -> bool {
        self.anchors.is_empty()
            && self.certificates.is_empty()
            && self.timestamp_anchors.is_empty()
            && self.ledger_keys.is_empty()
    }
}

/// Everybody the user trusts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustStore {
    entries: Vec<TrustEntry>,
}

impl TrustStore {
    /// Takes entries; who comes first by name is asked first.
    #[must_use]
    pub fn new(mut entries: Vec<TrustEntry>) -> Self {
        entries.sort_by(|one, other| one.name.cmp(&other.name));
        Self { entries }
    }

    /// The entries, by name.
    #[must_use]
    pub fn entries(&self) -> &[TrustEntry] {
        &self.entries
    }

    /// Whose ledger key this is.
    #[must_use]
    pub fn who_writes(&self, key: &KeyId) -> Option<&TrustEntry> {
        self.entries
            .iter()
            .find(|entry| entry.ledger_keys.iter().any(|known| known.key_id() == *key))
    }
}

const FIRST: &str = "byline trust v1";
const KEYS: &str = "ledger keys";
const ANCHORS: &str = "anchors";
const CERTIFICATES: &str = "certificates";
const TIMESTAMPS: &str = "timestamp anchors";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Identity;
    use crate::keys::bundle::tests::identity;
    use crate::keys::x509::tests::now;

    fn alice() -> (Identity, TrustEntry) {
        let identity = identity();
        let file = PublicFile::read(&PublicFile::write(&identity).unwrap()).unwrap();
        (
            identity,
            TrustEntry::from_public(LocalName::parse("alice").unwrap(), &file, now()),
        )
    }

    #[test]
    fn trust_file_goes_out_and_comes_back() {
        let (_, mut entry) = alice();
        assert_eq!(TrustEntry::parse(&entry.to_text()), Ok(entry.clone()));
        entry.says = "A\u{1b}[31m\nname: mallory".into();
        let back = TrustEntry::parse(&entry.to_text()).unwrap();
        assert_eq!(back.name, entry.name);
        assert_eq!(back.says, "A\u{fffd}[31m\u{fffd}name: mallory".into());
    }

    #[test]
    fn anchor_for_timestamps_names_nobody() {
        let (identity, entry) = alice();
        let entry = entry.for_timestamps();
        assert_eq!((entry.timestamp_anchors.len(), entry.anchors.len()), (1, 0));
        assert_eq!(TrustEntry::parse(&entry.to_text()), Ok(entry.clone()));
        let store = TrustStore::new(vec![entry]);
        assert_eq!(store.who_writes(&identity.ledger_key().public().key_id()), None);
    }

    #[test]
    fn writer_is_known_by_ledger_key() {
        let (identity, entry) = alice();
        let store = TrustStore::new(vec![entry]);
        let who = store
            .who_writes(&identity.ledger_key().public().key_id())
            .unwrap();
        assert_eq!(who.name.as_str(), "alice");
        assert!(store.who_writes(&KeyId::from_bytes([0; 32])).is_none());
    }

    #[test]
    fn pinned_certificate_stands_for_itself_alone() {
        let (identity, _) = alice();
        let leaf = identity.chain_der()[0].clone();
        let name = LocalName::parse("alice").unwrap();
        let entry = TrustEntry::from_certificates(name.clone(), vec![leaf.clone(), leaf], now()).unwrap();
        assert_eq!((entry.anchors.len(), entry.certificates.len()), (0, 1));
        let root = identity.root_der().unwrap().to_vec();
        assert_eq!(
            TrustEntry::from_certificates(name, vec![root], now())
                .unwrap()
                .anchors
                .len(),
            1
        );
    }

    /// An entry of a public file with the key of a seed, under the same root, valid from a second on.
    fn later(entry: &TrustEntry, seed: u8, since: i64) -> TrustEntry {
        TrustEntry {
            ledger_keys: vec![crate::keys::CreatorKey::from_seed(&[seed; 32]).public()],
            since: Some(Timestamp::from_unix_s(since)),
            ..entry.clone()
        }
    }

    #[test]
    fn rotated_key_stands_beside_those_before_it() {
        let (_, entry) = alice();
        let since = entry.since.unwrap().unix_s();
        let file = later(&entry, 77, since);
        let Some(Successor::Newer(both)) = entry.succeeded_by(&file) else {
            panic!("no successor");
        };
        assert_eq!(both.ledger_keys, [entry.ledger_keys[0], file.ledger_keys[0]]);
        assert_eq!(TrustEntry::parse(&both.to_text()), Ok(both.clone()));
        assert_eq!(both.succeeded_by(&file), None, "it is known");
        assert_eq!(both.succeeded_by(&entry), None);
    }

    /// Whoever kept an old key cannot be put in the place of the new one by an old file.
    #[test]
    fn older_key_takes_no_place() {
        let (_, entry) = alice();
        let older = later(&entry, 77, entry.since.unwrap().unix_s() - 1);
        assert_eq!(entry.succeeded_by(&older), Some(Successor::Older));
        // An entry of before that was noted takes any.
        let plain = TrustEntry { since: None, ..entry };
        assert!(matches!(plain.succeeded_by(&older), Some(Successor::Newer(_))));
        assert!(!plain.to_text().contains("since"));
    }

    #[test]
    fn key_below_another_root_and_root_without_key_succeed_nobody() {
        let (identity, entry) = alice();
        let mut other = later(&entry, 77, i64::from(u32::MAX));
        other.anchors = vec![identity.chain_der()[0].clone()];
        assert_eq!(entry.succeeded_by(&other), None);
        let root = identity.root_der().unwrap().to_vec();
        let root = TrustEntry::from_certificates(entry.name.clone(), vec![root], now()).unwrap();
        assert_eq!(entry.succeeded_by(&root), None);
        // Whoever was trusted by a root alone has no key that another could follow.
        assert_eq!(root.succeeded_by(&later(&entry, 77, i64::from(u32::MAX))), None);
    }

    #[test]
    fn file_that_recognises_nobody_is_refused() {
        let text = "byline trust v1\nname: a\nsays: b\nadded: 2026-05-01T10:00:00Z\n";
        assert_eq!(TrustEntry::parse(text), Err(TrustError::Empty));
        assert_eq!(
            TrustEntry::parse("byline trust v1\nname: ../a\n"),
            Err(TrustError::Line { line: "added" })
        );
        assert_eq!(
            TrustEntry::parse(&text.replace("name: a", "name: ../a")),
            Err(TrustError::Name(NameError))
        );
    }
}
