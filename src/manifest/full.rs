//! All that a manifest store says, unjudged: every manifest, every assertion, as JSON where it is JSON or CBOR.
//!
//! What JSON cannot say is an object: bytes `{"bytes": n, "hex": ...}` (long ones with their SHA-256, zeros as `"zeros": true`), tags
//! `{"tag": n, "value": ...}`, maps whose keys are no distinct texts `{"pairs": [[key, value], ...]}`, numbers beyond 64 bits
//! `{"number": "..."}`, what lies beyond the bounds `{"cut": ...}`.

use ciborium::Value as Cbor;
use serde_json::{Map, Value, json};

use super::items;
use super::jumbf::{Superbox, Tree};
use super::store::{StoreError, decode};
use crate::base::digest::hex;
use crate::base::limits::{BOX_DEPTH_MAX, FIELD_BYTES_MAX, PARTS_MAX, STORE_ITEMS_MAX};
use crate::base::{Digest, Untrusted};
use crate::keys::x509::LeafInfo;

/// One manifest of a store.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FullManifest {
    /// Label.
    pub label: Untrusted,
    /// Whether it speaks of the file; the others speak of what the file was made from.
    pub active: bool,
    /// Whether it is compressed; byline does not inflate it, so nothing else is known of it.
    pub compressed: bool,
    /// The claim.
    pub claim: Option<Value>,
    /// Common name and organisation of the certificate it was signed with; whether it was, is not judged here.
    pub signer: (Option<Untrusted>, Option<Untrusted>),
    /// Assertions, and data boxes and credentials after them, in file order.
    pub parts: Vec<FullPart>,
}

/// One assertion, data box or credential.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FullPart {
    /// Label with its instance.
    pub label: Untrusted,
    /// Size of its contents in bytes.
    pub bytes: usize,
    /// Media type of a file in it.
    pub media_type: Option<Untrusted>,
    /// What it says; absent of files and of what cannot be read.
    pub content: Option<Value>,
}

/// Takes a whole store apart, the active manifest first, then from the newest to the oldest.
///
/// # Errors
/// [`StoreError::Boxes`] if the box tree is broken.
pub fn full(store: &[u8]) -> Result<Vec<FullManifest>, StoreError> {
    let tree = Tree::parse(store)?;
    let mut budget = PARTS_MAX;
    let mut list: Vec<FullManifest> = tree
        .manifests()
        .map(|(index, found)| manifest(store, &tree, index, found, &mut budget))
        .collect();
    list.reverse();
    if let Some(active) = list.first_mut() {
        active.active = true;
    }
    Ok(list)
}

fn manifest(store: &[u8], tree: &Tree, index: usize, found: &Superbox, budget: &mut usize) -> FullManifest {
    let mut out = FullManifest {
        label: Untrusted::from(found.label.as_str()),
        compressed: found.kind.starts_with(b"c2cm"),
        ..FullManifest::default()
    };
    for (place, child) in tree.children(index) {
        match child.label.as_str() {
            "c2pa.claim" | "c2pa.claim.v2" => out.claim = part(store, child, budget).content,
            "c2pa.signature" => out.signer = signer(store, child).unwrap_or_default(),
            _ => out
                .parts
                .extend(tree.children(place).map(|(_, one)| part(store, one, budget))),
        }
    }
    out
}

fn part(store: &[u8], found: &Superbox, budget: &mut usize) -> FullPart {
    let mut out = FullPart {
        label: Untrusted::from(found.label.as_str()),
        ..FullPart::default()
    };
    for (kind, range) in &found.contents {
        let bytes = store.get(range.clone()).unwrap_or_default();
        out.bytes = out.bytes.saturating_add(bytes.len());
        match kind {
            b"cbor" => out.content = out.content.or_else(|| of_cbor(bytes, budget)),
            b"json" => out.content = out.content.or_else(|| of_json(bytes, budget)),
            // One byte of toggles, then the media type and a zero.
            b"bfdb" => {
                let text = bytes.get(1..).unwrap_or_default();
                let text = text.split(|byte| *byte == 0).next().unwrap_or_default();
                out.media_type = Some(Untrusted::from_utf8_lossy(text));
            }
            _ => {}
        }
    }
    out
}

/// A text of CBOR, as far as the budget goes. One of far more values is not read at all: as values they take much more than as bytes.
fn of_cbor(bytes: &[u8], budget: &mut usize) -> Option<Value> {
    if items::of_cbor(bytes) > STORE_ITEMS_MAX {
        return Some(cut());
    }
    Some(plain(&decode(bytes)?, budget))
}

/// A text of JSON, if the budget has room for all of it.
fn of_json(bytes: &[u8], budget: &mut usize) -> Option<Value> {
    let Some(left) = budget.checked_sub(items::of_json(bytes)) else {
        return Some(cut());
    };
    *budget = left;
    serde_json::from_slice(bytes).ok()
}

fn cut() -> Value {
    json!({"cut": "too many values"})
}

/// Names of the leaf certificate in a COSE_Sign1, protected or not.
fn signer(store: &[u8], found: &Superbox) -> Option<(Option<Untrusted>, Option<Untrusted>)> {
    let (_, range) = found.contents.iter().find(|(kind, _)| kind == b"cbor")?;
    let parts = match decode(store.get(range.clone())?)? {
        Cbor::Tag(18, inner) => inner.into_array().ok()?,
        other => other.into_array().ok()?,
    };
    let protected = parts.first()?.as_bytes().and_then(|bytes| decode(bytes));
    let chain = |header: &Cbor| {
        // 33 is x5chain (RFC 9360).
        let entries = header.as_map()?.iter();
        let (_, chain) = entries
            .into_iter()
            .find(|(key, _)| key.as_integer() == Some(33.into()) || key.as_text() == Some("x5chain"))?;
        let first = chain.as_array().map_or(Some(chain), |list| list.first())?;
        first.as_bytes().cloned()
    };
    let der = protected
        .as_ref()
        .and_then(chain)
        .or_else(|| chain(parts.get(1)?))?;
    let leaf = LeafInfo::parse(&der).ok()?;
    Some((leaf.subject_cn, leaf.subject_o))
}

/// CBOR as JSON, without loss but for the bounds.
fn plain(value: &Cbor, budget: &mut usize) -> Value {
    nested(value, BOX_DEPTH_MAX.saturating_mul(2), budget)
}

/// The decoder has bounded the nesting already; this bounds it further.
fn nested(value: &Cbor, depth: usize, budget: &mut usize) -> Value {
    let Some(left) = budget.checked_sub(1) else {
        return cut();
    };
    *budget = left;
    let Some(depth) = depth.checked_sub(1) else {
        return json!({"cut": "nested too deep"});
    };
    match value {
        Cbor::Bool(truth) => json!(truth),
        Cbor::Bytes(bytes) => binary(bytes),
        Cbor::Float(number) if number.is_finite() => json!(number),
        Cbor::Float(number) => json!({"number": number.to_string()}),
        Cbor::Integer(number) => {
            let wide = i128::from(*number);
            match (u64::try_from(wide), i64::try_from(wide)) {
                (Ok(number), _) => json!(number),
                (Err(_), Ok(number)) => json!(number),
                (Err(_), Err(_)) => json!({"number": wide.to_string()}),
            }
        }
        Cbor::Null => Value::Null,
        Cbor::Text(text) => words(text),
        Cbor::Tag(tag, inner) => json!({"tag": tag, "value": nested(inner, depth, budget)}),
        Cbor::Array(items) => items.iter().map(|item| nested(item, depth, budget)).collect(),
        Cbor::Map(entries) => {
            let mut map = Map::new();
            for (key, value) in entries {
                let Cbor::Text(key) = key else { break };
                map.insert(key.clone(), nested(value, depth, budget));
            }
            if map.len() == entries.len() {
                return Value::Object(map);
            }
            let pairs: Vec<Value> = entries
                .iter()
                .map(|(key, value)| json!([nested(key, depth, budget), nested(value, depth, budget)]))
                .collect();
            json!({ "pairs": pairs })
        }
        _ => json!({"cut": "a kind of value unknown here"}),
    }
}

fn binary(bytes: &[u8]) -> Value {
    if bytes.len() > SHOWN_BYTES && bytes.iter().all(|byte| *byte == 0) {
        json!({"bytes": bytes.len(), "zeros": true})
    } else if bytes.len() > SHOWN_BYTES {
        json!({"bytes": bytes.len(), "sha256": Digest::of(bytes).hex()})
    } else {
        json!({"bytes": bytes.len(), "hex": hex(bytes)})
    }
}

fn words(text: &str) -> Value {
    let mut end = text.len().min(FIELD_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    match text.get(..end) {
        Some(start) if end < text.len() => json!({"cut": start, "bytes": text.len()}),
        _ => json!(text),
    }
}

/// Name and version of the program that a claim names first.
#[must_use]
pub fn generator(claim: &Value) -> Option<Untrusted> {
    let info = &claim["claim_generator_info"];
    let info = if info.is_array() { &info[0] } else { info };
    let (name, version) = (info["name"].as_str(), info["version"].as_str());
    match (name, version) {
        (Some(name), Some(version)) => Some(Untrusted::new(format!("{name} {version}"))),
        (Some(name), None) => Some(Untrusted::from(name)),
        (None, _) => claim["claim_generator"].as_str().map(Untrusted::from),
    }
}

/// Longest byte string shown whole, bytes.
const SHOWN_BYTES: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::jumbf::tests::{boxed, superbox};

    fn shown(value: &Cbor) -> Value {
        plain(value, &mut 100)
    }

    #[test]
    fn what_json_cannot_say_is_not_lost() {
        assert_eq!(shown(&Cbor::from(u64::MAX)), json!(u64::MAX));
        assert_eq!(shown(&Cbor::from(-7)), json!(-7));
        let low = ciborium::value::Integer::try_from(-(1_i128 << 64)).unwrap();
        assert_eq!(
            shown(&Cbor::Integer(low)),
            json!({"number": "-18446744073709551616"})
        );
        assert_eq!(
            shown(&Cbor::Bytes(vec![1, 255])),
            json!({"bytes": 2, "hex": "01ff"})
        );
        assert_eq!(
            shown(&Cbor::Bytes(vec![0; 900])),
            json!({"bytes": 900, "zeros": true})
        );
        assert_eq!(
            shown(&Cbor::Tag(0, Box::new("now".into()))),
            json!({"tag": 0, "value": "now"})
        );
        let twice = Cbor::Map(vec![("a".into(), 1.into()), ("a".into(), 2.into())]);
        assert_eq!(shown(&twice), json!({"pairs": [["a", 1], ["a", 2]]}));
        let numbered = Cbor::Map(vec![(1.into(), "x".into())]);
        assert_eq!(shown(&numbered), json!({"pairs": [[1, "x"]]}));
    }

    #[test]
    fn depth_number_and_length_have_bounds() {
        let mut deep = Cbor::Null;
        for _ in 0..100 {
            deep = Cbor::Array(vec![deep]);
        }
        assert!(shown(&deep).to_string().contains("nested too deep"));
        let many = Cbor::Array(vec![Cbor::Null; 1000]);
        assert!(shown(&many).to_string().contains("too many values"));
        let long = shown(&Cbor::Text("x".repeat(FIELD_BYTES_MAX + 1)));
        assert_eq!(long["bytes"], json!(FIELD_BYTES_MAX + 1));
    }

    #[test]
    fn a_text_of_too_many_values_is_not_read_at_all() {
        let part = |kind: [u8; 4], bytes: &[u8]| superbox("a", &boxed(kind, bytes));
        let store = |parts: &[Vec<u8>]| {
            let manifest = superbox("urn:c2pa:a", &superbox("c2pa.assertions", &parts.concat()));
            let found = full(&superbox("c2pa", &manifest)).unwrap();
            found[0]
                .parts
                .iter()
                .map(|part| part.content.clone().unwrap())
                .collect::<Vec<_>>()
        };
        let list = |count: usize| [&b"\x9f"[..], &vec![0x80; count], b"\xff"].concat();
        let text = |count: usize| format!("[{}0]", "0,".repeat(count)).into_bytes();
        let shown = store(&[part(*b"cbor", &list(1000)), part(*b"json", &text(1000))]);
        assert_eq!(
            (
                shown[0].as_array().unwrap().len(),
                shown[1].as_array().unwrap().len()
            ),
            (1000, 1001)
        );
        assert_eq!(store(&[part(*b"cbor", &list(STORE_ITEMS_MAX))]), [cut()]);
        // Each alone is within the bound, together they are not.
        let shown = store(&[
            part(*b"json", &text(60_000)),
            part(*b"json", &text(60_000)),
            part(*b"json", b"1"),
        ]);
        assert_eq!(
            (shown[0].as_array().unwrap().len(), &shown[1], &shown[2]),
            (60_001, &cut(), &json!(1))
        );
    }
}
