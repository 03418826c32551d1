//! What the stores are put together from: boxes, claims, assertions, and a signature that somebody made for something else.

use std::io::Write as _;

use ciborium::Value;
use sha2::{Digest as _, Sha256};

use crate::attacks::jumbf::Node;
use crate::bombs::carriers::be32;

pub const LABEL: &str = "urn:c2pa:3fa85f64-5717-4562-b3fc-2c963f66afa6";
pub const REST: [u8; 12] = *b"\x00\x11\x00\x10\x80\x00\x00\xAA\x00\x38\x9B\x71";
/// Type of an embedded file.
pub const EMBEDDED: [u8; 16] = *b"\x40\xcb\x0c\x32\xbb\x8a\x48\x9d\xa7\x0b\x2a\xd6\xf4\x7f\x43\x69";

pub fn superbox(kind: [u8; 4], label: &str, children: &[Node]) -> Node {
    let mut uuid = [0; 16];
    uuid[..4].copy_from_slice(&kind);
    uuid[4..].copy_from_slice(&REST);
    superbox_of(uuid, label, children)
}

pub fn superbox_of(uuid: [u8; 16], label: &str, children: &[Node]) -> Node {
    let description = [&uuid[..], &[3], label.as_bytes(), &[0]].concat();
    let mut node = Node::new(*b"jumb", b"");
    node.children.push(Node::new(*b"jumd", &description));
    node.children.extend_from_slice(children);
    node
}

pub fn whole(manifests: Vec<Node>) -> Vec<u8> {
    superbox(*b"c2pa", "c2pa", &manifests).bytes()
}

pub fn cbor(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    ciborium::into_writer(value, &mut out).unwrap();
    out
}

pub fn map(entries: Vec<(&str, Value)>) -> Value {
    Value::Map(
        entries
            .into_iter()
            .map(|(key, value)| (key.into(), value))
            .collect(),
    )
}

pub fn link(url: &str) -> Value {
    map(vec![("url", url.into()), ("hash", Value::Bytes(vec![0; 32]))])
}

/// An assertion in CBOR.
pub fn data(label: &str, value: &Value) -> Node {
    superbox(*b"cbor", label, &[Node::new(*b"cbor", &cbor(value))])
}

pub fn many_assertions(count: usize) -> Vec<Node> {
    (0..count)
        .map(|n| data(&format!("org.a__{n}"), &Value::Null))
        .collect()
}

pub fn ingredient(manifest: &str) -> Node {
    let value = map(vec![
        ("relationship", "componentOf".into()),
        ("dc:format", "image/jpeg".into()),
        ("activeManifest", link(&format!("self#jumbf=/c2pa/{manifest}"))),
        (
            "claimSignature",
            link(&format!("self#jumbf=/c2pa/{manifest}/c2pa.signature")),
        ),
        (
            "validationResults",
            map(vec![(
                "activeManifest",
                map(vec![
                    ("success", Value::Array(vec![])),
                    ("informational", Value::Array(vec![])),
                    ("failure", Value::Array(vec![])),
                ]),
            )]),
        ),
    ]);
    data("c2pa.ingredient.v3", &value)
}

pub fn claim(label: &str, links: Vec<Value>, more: &[(&str, Value)]) -> Vec<u8> {
    let mut entries = vec![
        ("instanceID", "xmp:iid:1".into()),
        ("claim_generator_info", map(vec![("name", "a".into())])),
        (
            "signature",
            format!("self#jumbf=/c2pa/{label}/c2pa.signature").into(),
        ),
        ("created_assertions", Value::Array(links)),
        ("alg", "sha256".into()),
    ];
    for (name, value) in more {
        entries.retain(|(key, _)| key != name);
        entries.push((*name, value.clone()));
    }
    cbor(&map(entries))
}

/// A manifest whose claim names its assertions by their hashes; several of one label get numbers.
pub fn manifest(label: &str, assertions: &[Node], signature: &[u8]) -> Node {
    let mut seen = std::collections::BTreeMap::new();
    let mut own = assertions.to_vec();
    // Without a hard binding a reader may stop before it looks at anything else.
    if !own.iter().any(|node| node.label().starts_with("c2pa.hash.")) {
        own.insert(0, data("c2pa.hash.data", &binding()));
    }
    let mut links = Vec::new();
    for node in &mut own {
        let base = node.label();
        let count: &mut usize = seen.entry(base.clone()).or_default();
        if *count > 0 {
            node.set_label(&format!("{base}__{count}"));
        }
        *count += 1;
        let hash = Sha256::digest(&node.bytes()[8..]);
        let url = format!("self#jumbf=c2pa.assertions/{}", node.label());
        links.push(map(vec![
            ("url", url.into()),
            ("hash", Value::Bytes(hash.to_vec())),
        ]));
    }
    let mut node = with_claim(label, &own, &claim(label, links, &[]));
    if !signature.is_empty() {
        *node.child("c2pa.signature").content() = signature.to_vec();
    }
    node
}

pub fn binding() -> Value {
    map(vec![
        ("exclusions", Value::Array(vec![])),
        ("alg", "sha256".into()),
        ("hash", Value::Bytes(vec![0; 32])),
        ("pad", Value::Bytes(vec![])),
    ])
}

pub fn with_claim(label: &str, assertions: &[Node], claim: &[u8]) -> Node {
    superbox(
        *b"c2ma",
        label,
        &[
            superbox(*b"c2as", "c2pa.assertions", assertions),
            superbox(*b"c2cl", "c2pa.claim.v2", &[Node::new(*b"cbor", claim)]),
            superbox(*b"c2cs", "c2pa.signature", &[Node::new(*b"cbor", &signature())]),
        ],
    )
}

/// A manifest that names another one so many times, which has so many assertions.
pub fn mentions(count: usize, assertions: usize) -> Vec<u8> {
    let other = "urn:c2pa:4fa85f64-5717-4562-b3fc-2c963f66afa6";
    let list: Vec<Node> = (0..count).map(|_| ingredient(other)).collect();
    whole(vec![
        manifest(other, &many_assertions(assertions), &[]),
        manifest(LABEL, &list, &[]),
    ])
}

/// Manifests of which each names those that `of` says; the first is the active one, and so the last in the store.
pub fn chain(count: usize, of: impl Fn(usize, usize) -> Vec<usize>) -> Vec<u8> {
    let label = |index: usize| format!("urn:c2pa:3fa85f64-5717-4562-b3fc-{index:012}");
    let manifests = (0..count).rev().map(|index| {
        let list: Vec<Node> = of(index, count)
            .into_iter()
            .map(|to| ingredient(&label(to)))
            .collect();
        manifest(&label(index), &list, &[])
    });
    whole(manifests.collect())
}

pub fn deep_boxes(depth: usize) -> Vec<u8> {
    let mut description = b"jumdc2ma".to_vec();
    description.extend(REST);
    description.extend(b"\x03a\0");
    let head = description.len() + 4;
    let description = [&be32(head)[..], &description].concat();
    let each = 8 + description.len();
    let mut inside = Vec::new();
    for left in (1..=depth).rev() {
        inside.extend(be32(left * each));
        inside.extend(b"jumb");
        inside.extend(&description);
    }
    let mut node = superbox(*b"c2pa", "c2pa", &[]).bytes();
    node.extend(&inside);
    let len = node.len();
    node[..4].copy_from_slice(&be32(len));
    node
}

/// A compressed manifest (C2PA 2.4, 11.1.4.5) of one assertion of so many zeros.
pub fn compressed(zeros: usize) -> Node {
    let node = superbox(*b"c2ma", LABEL, &[]);
    let head = node.bytes();
    let mut packed = Vec::new();
    {
        let mut encoder = brotli::CompressorWriter::new(&mut packed, 1 << 16, 5, 22);
        let length = head.len() + 8 + zeros;
        encoder.write_all(&be32(length)).unwrap();
        encoder.write_all(&head[4..]).unwrap();
        encoder.write_all(&be32(zeros + 8)).unwrap();
        encoder.write_all(b"free").unwrap();
        let piece = vec![0; 1 << 20];
        for _ in 0..zeros >> 20 {
            encoder.write_all(&piece).unwrap();
        }
    }
    superbox(*b"c2cm", LABEL, &[Node::new(*b"brob", &packed)])
}

pub fn packed(manifest: &Node) -> Node {
    let mut packed = Vec::new();
    {
        let mut encoder = brotli::CompressorWriter::new(&mut packed, 1 << 16, 5, 22);
        encoder.write_all(&manifest.bytes()).unwrap();
    }
    superbox(*b"c2cm", &manifest.label(), &[Node::new(*b"brob", &packed)])
}

/// The signature of a real manifest.
pub fn signature() -> Vec<u8> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = std::fs::read(folder.join("fixtures/hostile/claim.jpg")).unwrap();
    let mut store = Vec::new();
    let mut at = 2;
    while file[at + 1] != 0xda {
        let length = usize::from(u16::from_be_bytes([file[at + 2], file[at + 3]]));
        let body = &file[at + 4..at + 2 + length];
        if file[at + 1] == 0xeb {
            // Later segments repeat the box's header.
            store.extend_from_slice(if store.is_empty() { &body[8..] } else { &body[16..] });
        }
        at += 2 + length;
    }
    Node::parse(&store).signature().clone()
}
