//! Which manifest is judged: the one in the file, the one that was given, or, where a flag asks for the network, the one that the file
//! names an address of; and the issuer's answer about revocation, asked for under the same flag.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::asset::{Asset, StorePlace};
use crate::base::{Digest, Timestamp, Untrusted};
use crate::manifest::{ManifestEvidence, ManifestFacts, ManifestReader, OpenWhy, Revocation};
use crate::report::verify::{FetchLine, FetchOf, ManifestPlace, ManifestSource};

/// What verification asks of the network, each within limits of its own: the bytes, or why there are none, in words of ours.
pub(crate) trait Fetch: Sync {
    /// A manifest store.
    fn manifest(&self, url: &str) -> Result<Vec<u8>, String>;
    /// An issuer's answer to a question (OCSP).
    fn answer(&self, url: &str, question: &[u8]) -> Result<Vec<u8>, String>;
}

/// The network under the flag, and what was answered before in the same run: a batch has few signers.
pub(super) struct Net<'a> {
    fetch: &'a dyn Fetch,
    answers: Mutex<Answers>,
}

/// By address and question.
type Answers = HashMap<(String, Digest), Result<Vec<u8>, String>>;

/// What is judged, and how it was come by.
pub(super) struct Found {
    /// What the manifest says and what holds of it.
    pub(super) evidence: ManifestEvidence,
    /// Which manifest that is.
    pub(super) source: ManifestSource,
    /// The store, where it is not in the file.
    pub(super) store: Option<Vec<u8>>,
    /// What was fetched.
    pub(super) fetches: Vec<FetchLine>,
}

impl<'a> Net<'a> {
    pub(super) fn new(fetch: &'a dyn Fetch) -> Self {
        Self {
            fetch,
            answers: Mutex::default(),
        }
    }

    /// An answer, and whether it was had before.
    fn answer(&self, url: &str, question: &[u8]) -> (Result<Vec<u8>, String>, bool) {
        let key = (url.to_owned(), Digest::of(question));
        let known = |key| {
            let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
            answers.get(key).cloned()
        };
        if let Some(before) = known(&key) {
            return (before, true);
        }
        let new = self.fetch.answer(url, question);
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= ANSWERS_KEPT {
            answers.clear();
        }
        answers.insert(key, new.clone());
        (new, false)
    }
}

/// Reads the manifest that is to be judged.
pub(super) fn find(
    reader: &ManifestReader,
    asset: &Asset,
    given: Option<(&Path, &[u8])>,
    net: Option<&Net<'_>>,
    at: Timestamp,
) -> Found {
    let mut found = match given {
        Some((path, store)) => beside(reader, asset, given_as(path, asset, store), store.to_vec(), at),
        None => inside(reader, asset, at),
    };
    let Some(net) = net else { return found };
    if let ManifestEvidence::RemoteOnly { url } = &found.evidence {
        let (fetched, line) = manifest(net, url);
        let fetched = fetched.map(|store| {
            let source = ManifestSource {
                name: Some(url.clone()),
                own_passed_over: false,
                place: ManifestPlace::Fetched,
            };
            beside(reader, asset, source, store, at)
        });
        // What is no manifest is an answer like any other that does not help.
        match fetched {
            Some(new) if matches!(new.evidence, ManifestEvidence::Read(_)) => found = new,
            Some(_) => {
                found.fetches.push(FetchLine {
                    answered: false,
                    outcome: "what is there is no manifest that can be read".to_owned(),
                    ..line
                });
                return found;
            }
            None => {}
        }
        found.fetches.push(line);
    }
    if let ManifestEvidence::Read(facts) = &mut found.evidence {
        ask_issuer(reader, facts, net, &mut found.fetches, at);
    }
    found
}

fn inside(reader: &ManifestReader, asset: &Asset, at: Timestamp) -> Found {
    let evidence = reader.read(asset, at);
    let address = match &evidence {
        ManifestEvidence::RemoteOnly { url } => Some(url.clone()),
        _ => None,
    };
    Found {
        evidence,
        source: ManifestSource {
            name: address,
            own_passed_over: false,
            place: if asset.layout().store == StorePlace::Absent {
                ManifestPlace::Absent
            } else {
                ManifestPlace::Embedded
            },
        },
        store: None,
        fetches: Vec::new(),
    }
}

fn given_as(path: &Path, asset: &Asset, store: &[u8]) -> ManifestSource {
    let own_passed_over = match &asset.layout().store {
        StorePlace::Absent => false,
        StorePlace::Damaged { .. } => true,
        StorePlace::Found { jumbf, .. } => jumbf.as_slice() != store,
    };
    ManifestSource {
        name: Some(Untrusted::new(path.to_string_lossy())),
        own_passed_over,
        place: ManifestPlace::Given,
    }
}

fn beside(
    reader: &ManifestReader,
    asset: &Asset,
    source: ManifestSource,
    store: Vec<u8>,
    at: Timestamp,
) -> Found {
    Found {
        evidence: reader.read_beside(asset, &store, at),
        source,
        store: Some(store),
        fetches: Vec::new(),
    }
}

fn manifest(net: &Net<'_>, url: &Untrusted) -> (Option<Vec<u8>>, FetchLine) {
    let found = net.fetch.manifest(url.raw());
    let line = line(FetchOf::Manifest, url.clone(), &found, "fetched");
    (found.ok(), line)
}

/// Asks whether the certificate was revoked, where the file leaves that open: at most two of the addresses that it names.
fn ask_issuer(
    reader: &ManifestReader,
    facts: &mut ManifestFacts,
    net: &Net<'_>,
    fetches: &mut Vec<FetchLine>,
    at: Timestamp,
) {
    if !matches!(facts.revocation, Revocation::NotChecked { .. }) {
        return;
    }
    let Some(question) = reader.question(facts) else {
        return;
    };
    for url in question.responders.iter().take(RESPONDERS_ASKED) {
        let (answer, before) = net.answer(url, &question.der);
        let said = if before {
            "answered for an earlier picture of this run"
        } else {
            "answered"
        };
        let mut line = line(FetchOf::Revocation, Untrusted::from(url.as_str()), &answer, said);
        if let Ok(answer) = answer {
            match reader.answered(facts, &answer, at) {
                Revocation::NotChecked {
                    why: OpenWhy::Unusable(fault),
                } => {
                    line.answered = false;
                    line.outcome = fault.to_string();
                }
                settled => facts.revocation = settled,
            }
        }
        fetches.push(line);
        if !matches!(facts.revocation, Revocation::NotChecked { .. }) {
            return;
        }
    }
}

fn line(of: FetchOf, url: Untrusted, found: &Result<Vec<u8>, String>, said: &str) -> FetchLine {
    FetchLine {
        answered: found.is_ok(),
        bytes: found
            .as_ref()
            .map_or(0, |bytes| u64::try_from(bytes.len()).unwrap_or(u64::MAX)),
        of,
        outcome: match found {
            Ok(_) => said.to_owned(),
            Err(why) => why.clone(),
        },
        url,
    }
}

/// Addresses of an issuer that are asked for one picture.
const RESPONDERS_ASKED: usize = 2;
/// Most answers remembered in one run.
const ANSWERS_KEPT: usize = 4096;

#[cfg(test)]
#[path = "credentials_tests.rs"]
mod tests;
