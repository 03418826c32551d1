//! The active manifest as found in the store's own bytes: claim, signature, hard binding and assertions, each with its place.
//! Beside the SDK: what this reads, the SDK did not tell us.

use std::cell::OnceCell;
use std::ops::Range;

use ciborium::Value;

use super::claim::Run;
use super::jumbf::{JumbfError, Tree};
use super::plan::RUN;
use crate::asset::Damage;
use crate::base::Digest;

/// Why a store's active manifest cannot be taken apart.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The box tree is broken.
    #[error(transparent)]
    Boxes(#[from] JumbfError),
    /// The active manifest is compressed; byline does not inflate it.
    #[error("the active manifest is compressed")]
    Compressed,
    /// The container parts that hold the store are broken.
    #[error("as a part of the file, {0}")]
    Place(#[from] Damage),
    /// A part is not there.
    #[error("the active manifest has no {what}")]
    Missing {
        /// Which part.
        what: &'static str,
    },
    /// A part is not CBOR of the expected shape.
    #[error("the {what} of the active manifest is malformed")]
    Malformed {
        /// Which part.
        what: &'static str,
    },
}

/// The active manifest of a store.
#[derive(Debug)]
pub(super) struct Active<'a> {
    store: &'a [u8],
    /// Manifest label.
    pub(super) label: String,
    /// Whether it is an update manifest: one without a hard binding, on top of another.
    pub(super) is_update: bool,
    /// Labels of all manifests, in file order.
    pub(super) manifest_labels: Vec<String>,
    /// Claim, as signed.
    pub(super) claim: &'a [u8],
    /// The same, decoded; `None` where it is no CBOR.
    said: Option<Value>,
    /// COSE_Sign1, as found.
    pub(super) signature: &'a [u8],
    /// Assertions in file order.
    pub(super) assertions: Vec<Assertion>,
    /// The boxes of the whole store.
    pub(super) tree: Tree,
    cose: Result<Cose, StoreError>,
}

/// One assertion of the active manifest.
#[derive(Clone, Debug)]
pub(super) struct Assertion {
    /// Label with its instance, `c2pa.ingredient.v3__1`.
    pub(super) label: String,
    /// What C2PA hashes.
    pub(super) body: Range<usize>,
    /// Content boxes: type and payload.
    pub(super) contents: Vec<([u8; 4], Range<usize>)>,
    /// Hash of the body, once somebody asked: thumbnails are large, and several checks want it.
    digest: OnceCell<Digest>,
}

/// What a claim says of one assertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    /// Label, the last part of the URI.
    pub(super) label: String,
    /// Stated hash.
    pub(super) hash: Vec<u8>,
    /// Whether the hash is SHA-256.
    pub(super) sha256: bool,
}

/// `c2pa.hash.data`, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DataHash {
    /// Start and length of each exclusion, as stated.
    pub(super) exclusions: Vec<(u64, u64)>,
    /// Hash algorithm, `sha256`.
    pub(super) alg: Option<String>,
    /// Stated hash.
    pub(super) hash: Vec<u8>,
    /// How many bytes of padding are not zero.
    pub(super) pad_not_zero: usize,
}

/// A COSE_Sign1 taken apart (RFC 9052, 4.2).
#[derive(Clone, Debug)]
pub(super) struct Cose {
    /// Protected header, as signed.
    pub(super) protected: Vec<u8>,
    /// Entries of the unprotected header.
    pub(super) unprotected: Vec<(Value, Value)>,
    /// Payload; C2PA wants it to be null.
    pub(super) payload: Value,
    /// The signature itself.
    pub(super) signature: Vec<u8>,
}

impl<'a> Active<'a> {
    /// Takes the last manifest of the store apart.
    pub(super) fn parse(store: &'a [u8]) -> Result<Self, StoreError> {
        Self::last(store, |_| true)
    }

    /// Takes the manifest with this label apart; the last, where labels are given twice.
    pub(super) fn labelled(store: &'a [u8], label: &str) -> Result<Self, StoreError> {
        Self::last(store, |found| found == label)
    }

    fn last(store: &'a [u8], fits: impl Fn(&str) -> bool) -> Result<Self, StoreError> {
        let tree = Tree::parse(store)?;
        let manifest_labels: Vec<String> = tree.manifests().map(|(_, one)| one.label.clone()).collect();
        let (index, manifest) = tree
            .manifests()
            .filter(|(_, one)| fits(&one.label))
            .last()
            .ok_or(StoreError::Missing { what: "box" })?;
        if manifest.kind.starts_with(b"c2cm") {
            return Err(StoreError::Compressed);
        }
        let content = |fits: &dyn Fn(&str) -> bool, what: &'static str| {
            let (_, found) = tree.child(index, fits).ok_or(StoreError::Missing { what })?;
            let cbor = found
                .contents
                .iter()
                .find(|(kind, _)| kind == b"cbor")
                .ok_or(StoreError::Missing { what })?;
            store.get(cbor.1.clone()).ok_or(StoreError::Missing { what })
        };
        let claim = content(&|label| matches!(label, "c2pa.claim" | "c2pa.claim.v2"), "claim")?;
        let signature = content(&|label| label == "c2pa.signature", "signature")?;
        let (assertions, _) = tree
            .child(index, |label| label == "c2pa.assertions")
            .ok_or(StoreError::Missing { what: "assertions" })?;
        let assertions = tree
            .children(assertions)
            .map(|(_, one)| Assertion {
                label: one.label.clone(),
                body: one.body.clone(),
                contents: one.contents.clone(),
                digest: OnceCell::new(),
            })
            .collect();
        let label = manifest.label.clone();
        Ok(Self {
            store,
            is_update: manifest.kind.starts_with(b"c2um"),
            label,
            manifest_labels,
            claim,
            said: decode(claim),
            signature,
            assertions,
            cose: cose(signature),
            tree,
        })
    }

    /// The whole store.
    pub(super) fn store(&self) -> &'a [u8] {
        self.store
    }

    /// The bytes of a range of the store.
    pub(super) fn bytes(&self, range: &Range<usize>) -> &'a [u8] {
        self.store.get(range.clone()).unwrap_or_default()
    }

    /// The claim, decoded.
    pub(super) fn said(&self) -> Option<&Value> {
        self.said.as_ref()
    }

    /// Whether the claim says that byline made it.
    pub(super) fn is_by_byline(&self) -> bool {
        self.said().and_then(generator).is_some_and(is_byline)
    }

    /// From what the claim says byline made it.
    pub(super) fn run(&self) -> Option<Run> {
        let run = get(generator(self.said()?).filter(|info| is_byline(info))?, RUN)?;
        let digest = |name| Digest::parse_hex(text(run, name)?);
        Some(Run {
            input: digest("input")?,
            stated: digest("stated")?,
        })
    }

    /// The first assertion whose label fits.
    pub(super) fn find(&self, fits: impl Fn(&str) -> bool) -> Option<&Assertion> {
        self.assertions.iter().find(|one| fits(&one.label))
    }

    /// The payload of an assertion's first box of a type.
    pub(super) fn payload(&self, assertion: &Assertion, kind: [u8; 4]) -> Option<&'a [u8]> {
        let (_, range) = assertion.contents.iter().find(|(found, _)| *found == kind)?;
        Some(self.bytes(range))
    }

    /// The assertions the claim names, created and gathered.
    pub(super) fn links(&self) -> Result<Vec<Link>, StoreError> {
        let malformed = StoreError::Malformed { what: "claim" };
        let claim = self.said().ok_or(malformed.clone())?;
        let default_sha256 = !matches!(text(claim, "alg"), Some(alg) if alg != "sha256");
        let lists = ["assertions", "created_assertions", "gathered_assertions"];
        lists
            .into_iter()
            .filter_map(|name| get(claim, name)?.as_array())
            .flatten()
            .map(|link| {
                let url = text(link, "url").ok_or(malformed.clone())?;
                let hash = get(link, "hash")
                    .and_then(Value::as_bytes)
                    .ok_or(malformed.clone())?;
                Ok(Link {
                    label: url.rsplit('/').next().unwrap_or_default().to_owned(),
                    hash: hash.clone(),
                    sha256: text(link, "alg").map_or(default_sha256, |alg| alg == "sha256"),
                })
            })
            .collect()
    }

    /// Whether the claim states exactly the bytes of every assertion there is, and no other assertion.
    pub(super) fn is_as_claimed(&self) -> bool {
        let Ok(links) = self.links() else { return false };
        let holds = |one: &Assertion| self.link_holds(&links, one) == Some(true);
        let there = |link: &Link| self.assertions.iter().any(|one| one.label == link.label);
        self.assertions.iter().all(holds) && links.iter().all(there)
    }

    /// Whether the claim states exactly this assertion's bytes; `None` where it is not named or not hashed with SHA-256.
    pub(super) fn link_holds(&self, links: &[Link], assertion: &Assertion) -> Option<bool> {
        let link = links
            .iter()
            .find(|link| link.label == assertion.label && link.sha256)?;
        let digest = assertion
            .digest
            .get_or_init(|| Digest::of(self.bytes(&assertion.body)));
        Some(digest.as_bytes().as_slice() == link.hash)
    }

    /// The hard binding, if it is a data hash.
    pub(super) fn data_hash(&self) -> Result<Option<DataHash>, StoreError> {
        let Some(found) = self.find(|label| label == "c2pa.hash.data") else {
            return Ok(None);
        };
        let malformed = StoreError::Malformed { what: "hard binding" };
        let value = self
            .payload(found, *b"cbor")
            .and_then(decode)
            .ok_or(malformed.clone())?;
        let number = |map: &Value, name: &str| get(map, name)?.as_integer()?.try_into().ok();
        let exclusions = match get(&value, "exclusions") {
            None => Vec::new(),
            Some(list) => list
                .as_array()
                .ok_or(malformed.clone())?
                .iter()
                .map(|one| Some((number(one, "start")?, number(one, "length")?)))
                .collect::<Option<_>>()
                .ok_or(malformed.clone())?,
        };
        let hash = get(&value, "hash")
            .and_then(Value::as_bytes)
            .ok_or(malformed)?
            .clone();
        let pad_not_zero = ["pad", "pad2"]
            .into_iter()
            .filter_map(|name| get(&value, name))
            .map(not_zero)
            .sum();
        Ok(Some(DataHash {
            exclusions,
            alg: text(&value, "alg").map(str::to_owned),
            hash,
            pad_not_zero,
        }))
    }

    /// The certificates that the signature carries, DER, leaf first; none where two headers name some (C2PA 2.4, 14.6).
    pub(super) fn chain(&self) -> Vec<Vec<u8>> {
        self.cose.as_ref().map(certificates).unwrap_or_default()
    }

    /// The signature's COSE_Sign1 parts.
    pub(super) fn cose(&self) -> Result<&Cose, StoreError> {
        self.cose.as_ref().map_err(Clone::clone)
    }
}

/// The certificates that a COSE_Sign1 carries, as [`Active::chain`] has them.
pub(super) fn chain_of(sign1: &[u8]) -> Vec<Vec<u8>> {
    cose(sign1).as_ref().map(certificates).unwrap_or_default()
}

fn certificates(cose: &Cose) -> Vec<Vec<u8>> {
    let protected = decode(&cose.protected);
    let protected = protected.as_ref().and_then(Value::as_map);
    match (
        protected.and_then(|header| chain_in(header)),
        chain_in(&cose.unprotected),
    ) {
        (Some(chain), None) | (None, Some(chain)) => chain,
        _ => Vec::new(),
    }
}

fn cose(sign1: &[u8]) -> Result<Cose, StoreError> {
    let malformed = StoreError::Malformed { what: "signature" };
    let outer = decode(sign1).ok_or(malformed.clone())?;
    let inner = match outer {
        Value::Tag(18, inner) => *inner,
        other => other,
    };
    match inner {
        Value::Array(parts) => match <[Value; 4]>::try_from(parts) {
            Ok(
                [
                    Value::Bytes(protected),
                    Value::Map(unprotected),
                    payload,
                    Value::Bytes(signature),
                ],
            ) => Ok(Cose {
                protected,
                unprotected,
                payload,
                signature,
            }),
            _ => Err(malformed),
        },
        _ => Err(malformed),
    }
}

/// The certificates in a COSE header: one as bytes, or several as an array of bytes.
fn chain_in(header: &[(Value, Value)]) -> Option<Vec<Vec<u8>>> {
    let is_chain = |key: &Value| *key == Value::from(X5CHAIN) || key.as_text() == Some("x5chain");
    let (_, value) = header.iter().find(|(key, _)| is_chain(key))?;
    match value {
        Value::Bytes(one) => Some(vec![one.clone()]),
        Value::Array(list) => list.iter().map(|one| one.as_bytes().cloned()).collect(),
        _ => None,
    }
}

/// The label of certificates in a COSE header (RFC 9360, 2).
const X5CHAIN: u32 = 33;

/// Decodes one CBOR item; the decoder bounds its own depth.
pub(super) fn decode(bytes: &[u8]) -> Option<Value> {
    ciborium::from_reader(bytes).ok()
}

/// What a claim says of the program that made it: a map in claims of version 2, a list of maps before.
fn generator(claim: &Value) -> Option<&Value> {
    let info = get(claim, "claim_generator_info")?;
    info.as_array().map_or(Some(info), |list| list.first())
}

fn is_byline(generator: &Value) -> bool {
    text(generator, "name") == Some("byline")
}

/// The value of a text key.
pub(super) fn get<'v>(map: &'v Value, name: &str) -> Option<&'v Value> {
    map.as_map()?
        .iter()
        .find(|(key, _)| key.as_text() == Some(name))
        .map(|(_, value)| value)
}

/// The text of a text key.
pub(super) fn text<'v>(map: &'v Value, name: &str) -> Option<&'v str> {
    get(map, name)?.as_text()
}

/// How many bytes of a padding value are not zero; anything but bytes counts whole.
pub(super) fn not_zero(value: &Value) -> usize {
    match value {
        Value::Bytes(bytes) => bytes.iter().filter(|byte| **byte != 0).count(),
        Value::Array(items) => items
            .iter()
            .filter(|item| item.as_integer() != Some(0.into()))
            .count(),
        _ => 1,
    }
}
