//! Trust lists of the field: who may sign claims and timestamps according to others, apart from whom one knows oneself.
//!
//! Four ship with byline, each with its date, and each can be replaced by a newer one:
//!
//! ```text
//! byline trust list v1
//! list: c2pa                            which of the four it replaces
//! dated: 2026-11-26T00:00:00Z           of what day it is, as the user said
//! imported: 2026-11-26T10:00:00Z
//!
//! [certificates]
//! ```
//!
//! Source of the shipped ones, with licences: `lists/README.md`.

use std::fmt::Write as _;

use thiserror::Error;

use super::pem::{self, PemError};
use super::sections::{Sections, SectionsError};
use super::x509::{CertificateError, parse};
use crate::base::limits::LIST_CERTIFICATES_MAX;
use crate::base::{Digest, Timestamp};

/// Which list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ListKind {
    /// The C2PA trust list: authorities that certify signers of claims.
    C2pa,
    /// The interim trust list: authorities, before there was a C2PA trust list.
    Interim,
    /// The interim trust list: certificates of signers, each for itself.
    InterimLeaves,
    /// The C2PA time-stamp list: authorities that certify time-stamping authorities.
    Tsa,
}

/// Why a text is no trust list.
#[derive(Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ListError {
    /// A certificate cannot be read.
    #[error("a certificate in the list: {0}")]
    Certificate(#[from] CertificateError),
    /// A certificate that certifies others, in a list of signers.
    #[error("certificate {sha256} is an authority's; the list holds signers alone")]
    Authority {
        /// Which.
        sha256: Digest,
    },
    /// A certificate that certifies nobody, in a list of authorities.
    #[error("certificate {sha256} is no authority's; the list holds authorities alone")]
    Leaf {
        /// Which.
        sha256: Digest,
    },
    /// A line is missing or holds something else.
    #[error("`{line}` of the list is missing or unreadable")]
    Line {
        /// Its name.
        line: &'static str,
    },
    /// There are no certificates in it.
    #[error("{0}")]
    Pem(#[from] PemError),
    /// It holds a private key.
    #[error("it holds a private key, which belongs into no list")]
    Secret,
    /// The text has another form.
    #[error("the list: {0}")]
    Sections(#[from] SectionsError),
    /// Too many.
    #[error("it holds {found} certificates, more than {limit}")]
    TooMany {
        /// How many.
        found: usize,
        /// Most read.
        limit: usize,
    },
}

/// One list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustList {
    /// Certificates in DER, each once, in the order of the text.
    pub certificates: Vec<Vec<u8>>,
    /// Of what day it is.
    pub dated: Timestamp,
    /// When the user brought it; absent for what ships with byline.
    pub imported: Option<Timestamp>,
    /// Which list it is.
    pub kind: ListKind,
}

impl ListKind {
    /// Every list, in the order they are asked.
    pub const ALL: [Self; 4] = [Self::C2pa, Self::Tsa, Self::InterimLeaves, Self::Interim];

    /// The word for `--as`, and the name of its file.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::C2pa => "c2pa",
            Self::Interim => "interim",
            Self::InterimLeaves => "interim-leaves",
            Self::Tsa => "tsa",
        }
    }

    /// The list of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// What it is called.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::C2pa => "C2PA trust list",
            Self::Interim => "interim list, authorities",
            Self::InterimLeaves => "interim list, signers",
            Self::Tsa => "C2PA time-stamp list",
        }
    }

    /// Whether its certificates are signers' own, and vouch for nobody else.
    #[must_use]
    pub const fn is_of_leaves(self) -> bool {
        matches!(self, Self::InterimLeaves)
    }

    /// Whether nothing is added to it any more.
    #[must_use]
    pub const fn is_frozen(self) -> bool {
        matches!(self, Self::Interim | Self::InterimLeaves)
    }

    /// Extended key usages of which a signer's certificate must have one, as object identifiers: an authority on the list
    /// certifies others for other ends too.
    ///
    /// Source: C2PA certificate policy (`c2pa-kp-claimSigning`); `itl-store.cfg`, without its two for timestamps and OCSP.
    #[must_use]
    pub const fn usages(self) -> &'static [&'static str] {
        match self {
            Self::C2pa => &[CLAIM_SIGNING],
            Self::Interim | Self::InterimLeaves => &[EMAIL_PROTECTION, DOCUMENT_SIGNING, MICROSOFT_SIGNING],
            Self::Tsa => &[],
        }
    }

    const fn text(self) -> (&'static str, &'static str) {
        match self {
            Self::C2pa => (include_str!("lists/c2pa.pem"), "2026-08-13T00:00:00Z"),
            Self::Interim => (include_str!("lists/itl-anchors.pem"), CLOSED),
            Self::InterimLeaves => (include_str!("lists/itl-allowed.pem"), CLOSED),
            Self::Tsa => (include_str!("lists/tsa.pem"), "2026-08-13T00:00:00Z"),
        }
    }
}

impl TrustList {
    /// The list of this kind that ships with byline. Its certificates are not looked into again: a test does.
    ///
    /// # Errors
    /// None: the texts are part of the program, and a test reads them.
    pub fn shipped(kind: ListKind) -> Result<Self, ListError> {
        let (text, dated) = kind.text();
        let dated = Timestamp::parse_rfc3339(dated).ok_or(ListError::Line { line: "dated" })?;
        Ok(Self {
            certificates: pem::certificates(text)?,
            dated,
            imported: None,
            kind,
        })
    }

    /// A list from a file that the user brings: PEM certificates with whatever stands between them.
    pub fn from_pem(kind: ListKind, text: &str, dated: Timestamp, now: Timestamp) -> Result<Self, ListError> {
        Ok(Self {
            certificates: certificates(kind, text)?,
            dated,
            imported: Some(now),
            kind,
        })
    }

    /// The file of an imported list.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!(
            "{FIRST}\nlist: {}\ndated: {}\nimported: {}\n\n[{CERTIFICATES}]\n",
            self.kind.word(),
            self.dated,
            self.imported.unwrap_or(self.dated)
        );
        for der in &self.certificates {
            let _ = write!(text, "{}", pem::certificate_text(der));
        }
        text
    }

    /// Reads the file of an imported list.
    pub fn parse(text: &str) -> Result<Self, ListError> {
        let sections = Sections::parse(text, FIRST, &["list", "dated", "imported"], &[CERTIFICATES])?;
        let time = |line: &'static str| {
            let value = sections.value(line).and_then(Timestamp::parse_rfc3339);
            value.ok_or(ListError::Line { line })
        };
        let kind = sections.value("list").and_then(ListKind::from_word);
        let kind = kind.ok_or(ListError::Line { line: "list" })?;
        let body = sections.section(CERTIFICATES);
        Ok(Self {
            certificates: certificates(kind, body.unwrap_or_default())?,
            dated: time("dated")?,
            imported: Some(time("imported")?),
            kind,
        })
    }

    /// The list in a verdict's words: "the C2PA trust list of 2026-08-13". Of one that the user brought without saying of what day it is,
    /// only the day of the import is known.
    #[must_use]
    pub fn says(&self) -> String {
        let day = |at: Timestamp| at.rfc3339().get(..10).unwrap_or_default().to_owned();
        let dated = day(self.dated);
        let name = match self.kind {
            ListKind::C2pa => "the C2PA trust list",
            ListKind::Tsa => "the C2PA time-stamp list",
            ListKind::Interim | ListKind::InterimLeaves => "the interim list",
        };
        match self.imported {
            None if self.kind.is_frozen() => format!("the frozen interim list (closed {dated})"),
            None => format!("{name} of {dated}"),
            Some(at) if at == self.dated => format!("{name}, imported by you on {dated}"),
            Some(_) => format!("{name} of {dated}, imported by you"),
        }
    }

    /// Certificates that the other list lacks, in order.
    #[must_use]
    pub fn beyond(&self, other: &Self) -> Vec<&[u8]> {
        let lacks = |der: &&Vec<u8>| !other.certificates.contains(*der);
        self.certificates
            .iter()
            .filter(lacks)
            .map(Vec::as_slice)
            .collect()
    }
}

fn certificates(kind: ListKind, text: &str) -> Result<Vec<Vec<u8>>, ListError> {
    if text.contains("PRIVATE KEY-----") {
        return Err(ListError::Secret);
    }
    let mut out: Vec<Vec<u8>> = Vec::new();
    let found = pem::certificates(text)?;
    if found.len() > LIST_CERTIFICATES_MAX {
        return Err(ListError::TooMany {
            found: found.len(),
            limit: LIST_CERTIFICATES_MAX,
        });
    }
    for der in found {
        let is_ca = parse(&der)?.is_ca();
        let sha256 = Digest::of(&der);
        match (kind.is_of_leaves(), is_ca) {
            (true, true) => return Err(ListError::Authority { sha256 }),
            (false, false) => return Err(ListError::Leaf { sha256 }),
            _ if out.contains(&der) => {}
            _ => out.push(der),
        }
    }
    Ok(out)
}

const FIRST: &str = "byline trust list v1";
const CERTIFICATES: &str = "certificates";
/// When the interim list was frozen.
const CLOSED: &str = "2026-01-01T00:00:00Z";
const CLAIM_SIGNING: &str = "1.3.6.1.4.1.62558.2.1";
const DOCUMENT_SIGNING: &str = "1.3.6.1.5.5.7.3.36";
const EMAIL_PROTECTION: &str = "1.3.6.1.5.5.7.3.4";
const MICROSOFT_SIGNING: &str = "1.3.6.1.4.1.311.76.59.1.9";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::x509::tests::now;

    #[test]
    fn shipped_lists_are_read_whole_and_are_what_their_kind_says() {
        let counts = [
            (ListKind::C2pa, 30),
            (ListKind::Tsa, 22),
            (ListKind::InterimLeaves, 64),
            (ListKind::Interim, 14),
        ];
        for (kind, count) in counts {
            let list = TrustList::shipped(kind).unwrap();
            assert_eq!(list.certificates.len(), count, "{kind:?}");
            assert_eq!(certificates(kind, kind.text().0).as_ref(), Ok(&list.certificates));
            assert_eq!(ListKind::from_word(kind.word()), Some(kind));
            for der in &list.certificates {
                assert_eq!(parse(der).unwrap().is_ca(), !kind.is_of_leaves(), "{kind:?}");
            }
        }
    }

    /// The texts are those whose provenance the table beside them states.
    #[test]
    fn shipped_texts_are_those_of_the_table_beside_them() {
        let table = include_str!("lists/README.md");
        for kind in ListKind::ALL {
            let digest = Digest::of(kind.text().0.as_bytes()).hex();
            assert!(table.contains(&digest), "{kind:?} {digest}");
        }
        let usages = include_str!("lists/itl-store.cfg");
        assert!(table.contains(&Digest::of(usages.as_bytes()).hex()));
        for usage in ListKind::Interim.usages() {
            assert!(usages.lines().any(|line| line == *usage), "{usage}");
        }
    }

    #[test]
    fn a_list_goes_out_and_comes_back() {
        let (text, _) = ListKind::Tsa.text();
        let list = TrustList::from_pem(ListKind::Tsa, text, now(), now()).unwrap();
        assert_eq!(TrustList::parse(&list.to_text()), Ok(list.clone()));
        let day = now().rfc3339();
        let said = format!("the C2PA time-stamp list, imported by you on {}", &day[..10]);
        assert_eq!(list.says(), said, "of what day it is, nobody said");
        let dated = Timestamp::parse_rfc3339("2026-01-02T00:00:00Z").unwrap();
        let of_a_day = TrustList::from_pem(ListKind::Tsa, text, dated, now()).unwrap();
        assert_eq!(
            of_a_day.says(),
            "the C2PA time-stamp list of 2026-01-02, imported by you"
        );
        let shipped = TrustList::shipped(ListKind::Tsa).unwrap();
        assert!(list.beyond(&shipped).is_empty());
        assert_eq!(shipped.says(), "the C2PA time-stamp list of 2026-08-13");
    }

    #[test]
    fn what_is_no_list_of_its_kind_is_refused() {
        let read = |kind: ListKind, text: &str| TrustList::from_pem(kind, text, now(), now()).map(|_| ());
        let (leaves, _) = ListKind::InterimLeaves.text();
        let (authorities, _) = ListKind::C2pa.text();
        assert!(matches!(
            read(ListKind::C2pa, leaves),
            Err(ListError::Leaf { .. })
        ));
        assert!(matches!(
            read(ListKind::InterimLeaves, authorities),
            Err(ListError::Authority { .. })
        ));
        assert!(matches!(
            read(ListKind::C2pa, "hello"),
            Err(ListError::Pem(PemError::Missing { .. }))
        ));
        assert!(matches!(read(ListKind::C2pa, ""), Err(ListError::Pem(_))));
        let secret = format!("{authorities}\n-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
        assert_eq!(read(ListKind::C2pa, &secret), Err(ListError::Secret));
        let cut = &authorities[..authorities.len() - 40];
        assert!(matches!(read(ListKind::C2pa, cut), Err(ListError::Pem(_))));
        let wrong = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert!(matches!(
            read(ListKind::C2pa, wrong),
            Err(ListError::Certificate(_) | ListError::Pem(_))
        ));
    }

    #[test]
    fn a_file_of_another_kind_or_without_its_day_is_refused() {
        let text = TrustList::shipped(ListKind::C2pa).unwrap().to_text();
        for (from, to) in [
            ("list: c2pa", "list: all"),
            ("dated: 2", "dated: x"),
            ("trust list v1", "trust list v2"),
        ] {
            assert!(TrustList::parse(&text.replace(from, to)).is_err(), "{to}");
        }
        assert!(TrustList::parse(&text).is_ok());
    }
}
