//! What is fetched, what is not, and what becomes of it, over a network that is a table.

use std::sync::Arc;

use image::ImageFormat;

use super::*;
use crate::keys::bundle::Parts;
use crate::keys::ocsp_samples::{GOOD, Wanted, revoked};
use crate::keys::profile::tests::issued::{root_key, with_responders};
use crate::keys::{Commitments, CreatorKey, Identity, LocalName, SignerKeys};
use crate::manifest::TrustAnchors;
use crate::manifest::samples::{by_other_tool, drawn, now};

/// A network that answers from a table and notes what was asked.
#[derive(Default)]
struct Table {
    answers: HashMap<String, Vec<u8>>,
    asked: Mutex<Vec<String>>,
}

impl Table {
    fn with(url: &str, bytes: Vec<u8>) -> Self {
        Self {
            answers: HashMap::from([(url.to_owned(), bytes)]),
            ..Self::default()
        }
    }

    fn get(&self, url: &str) -> Result<Vec<u8>, String> {
        self.asked.lock().unwrap().push(url.to_owned());
        self.answers
            .get(url)
            .cloned()
            .ok_or_else(|| "it cannot be reached".to_owned())
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Fetch for Table {
    fn manifest(&self, url: &str) -> Result<Vec<u8>, String> {
        self.get(url)
    }

    fn answer(&self, url: &str, _: &[u8]) -> Result<Vec<u8>, String> {
        self.get(url)
    }
}

const MANIFEST: &str = "https://example.org/picture.c2pa";
const FIRST: &str = "http://ocsp.example.org/";
const SECOND: &str = "http://ocsp2.example.org/";
const THIRD: &str = "http://ocsp3.example.org/";

/// Somebody whose certificate names three addresses for questions.
fn signer() -> Arc<Identity> {
    let (leaf, root) = with_responders(&[FIRST, SECOND, THIRD]);
    let parts = Parts {
        chain: vec![leaf],
        commitments: Commitments::default(),
        keys: SignerKeys::Creator(CreatorKey::from_seed(&[1; 32])),
        root: Some(root),
        root_key: None,
    };
    Arc::new(Identity::assemble(&LocalName::parse("alice").unwrap(), parts).unwrap())
}

fn reader() -> ManifestReader {
    ManifestReader::new(&TrustAnchors::root("alice", signer().root_pem().unwrap())).unwrap()
}

/// A picture that names an address of its manifest.
fn pointing() -> Asset {
    let packet = format!(
        "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
         <rdf:Description rdf:about=\"\" xmlns:dcterms=\"http://purl.org/dc/terms/\" dcterms:provenance=\"{MANIFEST}\"/>\
         </rdf:RDF></x:xmpmeta>"
    );
    drawn(ImageFormat::Jpeg)
        .with_metadata(None, Some(&packet))
        .unwrap()
}

fn judged(asset: &Asset, net: Option<&Net<'_>>) -> Found {
    find(&reader(), asset, None, net, now())
}

fn answer(status: &[u8]) -> Vec<u8> {
    let (leaf, root) = with_responders(&[FIRST, SECOND, THIRD]);
    let text = |days: i64| {
        let at = Timestamp::from_unix_s(now().unix_s() + days * 86_400).rfc3339();
        at.get(..19).unwrap().replace(['-', ':', 'T'], "") + "Z"
    };
    let (this, next) = (text(-1), text(6));
    let wanted = Wanted {
        about: (&leaf, &root),
        status,
        this_update: &this,
        next_update: Some(&next),
    };
    wanted.signed(&root_key(), &[])
}

fn facts(found: &Found) -> &ManifestFacts {
    match &found.evidence {
        ManifestEvidence::Read(facts) => facts,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_manifest_is_fetched_only_where_a_flag_asks_and_is_judged_as_one_beside_the_picture() {
    let picture = pointing();
    let (_, store) = by_other_tool(&signer(), &picture, None, true);
    let offline = judged(&picture, None);
    assert!(matches!(offline.evidence, ManifestEvidence::RemoteOnly { .. }));
    assert!(offline.fetches.is_empty());

    let table = Table::with(MANIFEST, store.clone());
    let found = judged(&picture, Some(&Net::new(&table)));
    assert_eq!(found.source.place, ManifestPlace::Fetched);
    assert_eq!(found.source.name.as_ref().unwrap().raw(), MANIFEST);
    assert_eq!(facts(&found).binding, crate::manifest::Binding::Match);
    let line = &found.fetches[0];
    assert_eq!((line.url.raw(), line.answered), (MANIFEST, true));
    assert_eq!(line.bytes, u64::try_from(store.len()).unwrap());

    // Of another picture: fetched, and judged to be that.
    let mut bytes = picture.bytes().to_vec();
    let at = bytes.len() - 20;
    bytes[at] ^= 1;
    let changed = Asset::parse(bytes).unwrap();
    let found = judged(&changed, Some(&Net::new(&table)));
    assert_eq!(facts(&found).binding, crate::manifest::Binding::Mismatch);
}

#[test]
fn what_cannot_be_fetched_or_is_no_manifest_leaves_an_address_alone() {
    let picture = pointing();
    let nothing = Table::default();
    let found = judged(&picture, Some(&Net::new(&nothing)));
    assert!(matches!(found.evidence, ManifestEvidence::RemoteOnly { .. }));
    assert_eq!(found.source.place, ManifestPlace::Absent);
    assert_eq!(found.fetches.len(), 1);
    assert_eq!(found.fetches[0].outcome, "it cannot be reached");
    for junk in [b"<html>".to_vec(), Vec::new(), vec![0xff; 5000]] {
        let table = Table::with(MANIFEST, junk);
        let found = judged(&picture, Some(&Net::new(&table)));
        assert!(matches!(found.evidence, ManifestEvidence::RemoteOnly { .. }));
        assert_eq!(found.fetches.len(), 1);
        assert!(!found.fetches[0].answered && found.fetches[0].outcome.contains("no manifest"));
    }
}

#[test]
fn a_picture_with_its_own_manifest_has_none_fetched() {
    let (file, _) = by_other_tool(&signer(), &pointing(), None, false);
    let table = Table::default();
    let found = judged(&Asset::parse(file).unwrap(), Some(&Net::new(&table)));
    assert_eq!(found.source.place, ManifestPlace::Embedded);
    assert!(!table.asked().contains(&MANIFEST.to_owned()));
}

#[test]
fn the_issuer_is_asked_where_the_file_leaves_it_open_and_not_beyond_an_answer() {
    let (file, _) = by_other_tool(&signer(), &drawn(ImageFormat::Jpeg), None, false);
    let asset = Asset::parse(file).unwrap();
    let offline = judged(&asset, None);
    assert!(matches!(
        facts(&offline).revocation,
        Revocation::NotChecked { .. }
    ));

    let table = Table::with(FIRST, answer(GOOD));
    let net = Net::new(&table);
    let found = judged(&asset, Some(&net));
    assert!(matches!(facts(&found).revocation, Revocation::NotRevoked { .. }));
    assert_eq!(table.asked(), [FIRST]);
    // The next picture by the same signer asks nobody again, and says so.
    let again = judged(&asset, Some(&net));
    assert!(matches!(facts(&again).revocation, Revocation::NotRevoked { .. }));
    assert_eq!(table.asked(), [FIRST]);
    assert!(again.fetches[0].outcome.contains("earlier picture"));

    let table = Table::with(SECOND, answer(&revoked("20260201000000Z", None)));
    let found = judged(&asset, Some(&Net::new(&table)));
    assert!(matches!(facts(&found).revocation, Revocation::Revoked { .. }));
    assert_eq!(table.asked(), [FIRST, SECOND]);
}

#[test]
fn at_most_two_addresses_are_asked_and_what_is_no_answer_settles_nothing() {
    let (file, _) = by_other_tool(&signer(), &drawn(ImageFormat::Jpeg), None, false);
    let asset = Asset::parse(file).unwrap();
    let mut table = Table::with(FIRST, b"<html>".to_vec());
    table
        .answers
        .insert(SECOND.to_owned(), answer(GOOD)[..200].to_vec());
    table.answers.insert(THIRD.to_owned(), answer(GOOD));
    let found = judged(&asset, Some(&Net::new(&table)));
    assert!(matches!(facts(&found).revocation, Revocation::NotChecked { .. }));
    assert_eq!(table.asked(), [FIRST, SECOND]);
    assert!(
        found
            .fetches
            .iter()
            .all(|line| !line.answered && line.outcome.contains("cannot be read"))
    );
}

#[test]
fn an_answer_in_the_file_is_enough_and_a_given_manifest_is_asked_about_too() {
    let (file, _) = by_other_tool(&signer(), &drawn(ImageFormat::Jpeg), Some(answer(GOOD)), false);
    let table = Table::default();
    let found = judged(&Asset::parse(file).unwrap(), Some(&Net::new(&table)));
    assert!(matches!(facts(&found).revocation, Revocation::NotRevoked { .. }));
    assert!(table.asked().is_empty() && found.fetches.is_empty());

    let bare = drawn(ImageFormat::Jpeg);
    let (_, store) = by_other_tool(&signer(), &bare, None, true);
    let table = Table::with(FIRST, answer(GOOD));
    let given = Some((Path::new("a.c2pa"), store.as_slice()));
    let found = find(&reader(), &bare, given, Some(&Net::new(&table)), now());
    assert_eq!(found.source.place, ManifestPlace::Given);
    assert!(matches!(facts(&found).revocation, Revocation::NotRevoked { .. }));
}
