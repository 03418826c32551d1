//! Manifest stores: deep, wide, compressed, and such that each part names all the others. None is signed; the signature in them is
//! a real one of another manifest, so that a reader that checks it for every mention has its work.

mod parts;

use ciborium::Value;

use super::Bomb;
use super::carriers::{be32, jpeg_with_store, png_of, with_store, zlib_zeros};
use crate::attacks::jumbf::Node;
use parts::{
    EMBEDDED, LABEL, cbor, chain, claim, compressed, data, deep_boxes, ingredient, link, manifest,
    many_assertions, map, mentions, packed, signature, superbox, superbox_of, whole, with_claim,
};

pub fn bombs() -> Vec<Bomb> {
    let mut out = Vec::new();
    for (name, store) in stores() {
        out.push(Bomb::new(format!("store-{name}.jpg"), jpeg_with_store(&store)));
    }
    // One that is quick to read, one wide and one deep, in every format.
    for (name, store) in [
        ("mentions", mentions(300, 300)),
        ("deep-boxes", deep_boxes(10_000)),
        (
            "assertions",
            whole(vec![manifest(LABEL, &many_assertions(1_500), &[])]),
        ),
    ] {
        for (ending, bytes) in with_store(&store) {
            out.push(Bomb::new(format!("store-{name}-in.{ending}"), bytes));
        }
    }
    out.extend(thumbnails());
    out
}

fn stores() -> Vec<(&'static str, Vec<u8>)> {
    let mut out = chains();
    out.extend(trees());
    out.extend(claims());
    out.extend(assertions());
    out.extend(signatures());
    out
}

/// Ingredients of ingredients.
fn chains() -> Vec<(&'static str, Vec<u8>)> {
    let linear = |count: usize| chain(count, |index, count| (index + 1..count).take(1).collect());
    vec![
        ("1600-mentions-of-10", mentions(1_600, 10)),
        ("1000-mentions-of-1500", mentions(1_000, 1_500)),
        ("100-mentions-of-4000", mentions(100, 4_000)),
        ("60-mentions-of-1000", mentions(60, 1_000)),
        ("chain-of-30", linear(30)),
        ("chain-of-70", linear(70)),
        (
            "doubling-60",
            chain(60, |index, count| {
                if index + 1 < count {
                    vec![index + 1; 2]
                } else {
                    vec![]
                }
            }),
        ),
        (
            "tenfold-50",
            chain(50, |index, count| {
                if index + 1 < count {
                    vec![index + 1; 10]
                } else {
                    vec![]
                }
            }),
        ),
        (
            "all-to-all-35",
            chain(35, |index, count| (index + 1..count).collect()),
        ),
        ("cycle", chain(3, |index, count| vec![(index + 1) % count])),
        ("itself", chain(1, |_, _| vec![0; 1_000])),
        ("70-unnamed-manifests", chain(70, |_, _| vec![])),
        (
            "same-label-70-times",
            whole((0..70).map(|_| manifest(LABEL, &[], &[])).collect()),
        ),
        (
            "nobody-1800-times",
            whole(vec![manifest(
                LABEL,
                &(0..1_800)
                    .map(|_| ingredient("urn:c2pa:nobody"))
                    .collect::<Vec<_>>(),
                &[],
            )]),
        ),
    ]
}

/// Boxes.
fn trees() -> Vec<(&'static str, Vec<u8>)> {
    let label = "a".repeat(900_000);
    let wide = (0..22_000)
        .map(|_| superbox(*b"json", "a", &[]))
        .collect::<Vec<_>>();
    let empty = vec![Node::new(*b"free", b""); 110_000];
    let open = {
        let mut bytes = whole(vec![manifest(LABEL, &[], &[])]);
        bytes.extend([0, 0, 0, 0].repeat(100_000));
        let len = bytes.len();
        bytes[..4].copy_from_slice(&be32(len));
        bytes
    };
    let large = {
        let mut bytes = whole(vec![]);
        let inner = [&be32(1)[..], b"jumb", &u64::MAX.to_be_bytes()].concat();
        bytes.extend(inner);
        let len = bytes.len();
        bytes[..4].copy_from_slice(&be32(len));
        bytes
    };
    vec![
        ("deep-40", deep_boxes(40)),
        ("deep-25000", deep_boxes(25_000)),
        ("wide-22000", whole(wide.clone())),
        ("110000-free-boxes", whole(empty)),
        (
            "wide-assertion-store",
            whole(vec![superbox(
                *b"c2ma",
                LABEL,
                &[superbox(*b"c2as", "c2pa.assertions", &wide)],
            )]),
        ),
        ("long-label", whole(vec![superbox(*b"c2ma", &label, &[])])),
        ("open-boxes", open),
        ("box-of-all", large),
        ("compressed-16-mib", whole(vec![compressed(16 << 20)])),
        ("compressed-40-mib", whole(vec![compressed(40 << 20)])),
        (
            "compressed-15-times-30-mib",
            whole(vec![compressed(30 << 20); 15]),
        ),
        (
            "compressed-2000-assertions",
            whole(vec![packed(&manifest(LABEL, &many_assertions(20_000), &[]))]),
        ),
        (
            "compressed-chain",
            whole(
                (0..14)
                    .map(|n| packed(&manifest(&format!("urn:c2pa:{n}"), &many_assertions(2_000), &[])))
                    .collect(),
            ),
        ),
    ]
}

/// Claims.
fn claims() -> Vec<(&'static str, Vec<u8>)> {
    let nothing = |count: usize| -> Vec<Value> {
        (0..count)
            .map(|n| link(&format!("self#jumbf=c2pa.assertions/a__{n}")))
            .collect()
    };
    let named =
        |list: Vec<Value>, also: &[Node]| whole(vec![with_claim(LABEL, also, &claim(LABEL, list, &[]))]);
    let large = data("org.large", &Value::Bytes(vec![0; 700_000]));
    let raw = |bytes: Vec<u8>| whole(vec![with_claim(LABEL, &[], &bytes)]);
    let redacted: Vec<Value> = (0..10_000)
        .map(|n| Value::Text(format!("self#jumbf=/c2pa/{LABEL}/c2pa.assertions/a{n}")))
        .collect();
    let generators: Vec<Value> = (0..20_000)
        .map(|_| map(vec![("name", "a".into()), ("version", "1".into())]))
        .collect();
    vec![
        ("9000-missing-assertions", named(nothing(9_000), &[])),
        (
            "one-of-700-kb-3000-times",
            named(
                vec![link("self#jumbf=c2pa.assertions/org.large"); 3_000],
                &[large],
            ),
        ),
        (
            "10000-redactions",
            whole(vec![with_claim(
                LABEL,
                &[],
                &claim(LABEL, vec![], &[("redacted_assertions", Value::Array(redacted))]),
            )]),
        ),
        (
            "20000-generators",
            whole(vec![with_claim(
                LABEL,
                &[],
                &claim(
                    LABEL,
                    vec![],
                    &[("claim_generator_info", Value::Array(generators))],
                ),
            )]),
        ),
        ("claim-deep-arrays", raw(vec![0x81; 900_000])),
        ("claim-open-arrays", raw(vec![0x9f; 900_000])),
        ("claim-tags", raw(vec![0xc1; 900_000])),
        ("claim-deep-maps", raw(b"\xa1\x61a".repeat(300_000))),
        (
            "claim-says-4-billion",
            raw(b"\x9b\0\0\0\0\xff\xff\xff\xff".to_vec()),
        ),
        (
            "claim-map-says-all",
            raw(b"\xbb\x7f\xff\xff\xff\xff\xff\xff\xff".to_vec()),
        ),
        (
            "claim-bytes-say-all",
            raw(b"\x5b\x7f\xff\xff\xff\xff\xff\xff\xff".to_vec()),
        ),
        ("claim-text-says-4-gb", raw(b"\x7b\0\0\0\x01\0\0\0\0".to_vec())),
        (
            "claim-open-text",
            raw([b"\x7f", &b"\x61a".repeat(440_000)[..], &[0xff]].concat()),
        ),
        (
            "claim-900000-nulls",
            raw([&[0x9a, 0, 0x0d, 0xbb, 0xa0][..], &[0xf6; 900_000]].concat()),
        ),
        (
            "claim-keys",
            raw(cbor(&Value::Map(
                (0..100_000).map(|n| (n.into(), Value::Null)).collect(),
            ))),
        ),
    ]
}

/// Assertions.
fn assertions() -> Vec<(&'static str, Vec<u8>)> {
    let one = |label: &str, value: &Value| whole(vec![manifest(LABEL, &[data(label, value)], &[])]);
    let json = |label: &str, text: &str| {
        let node = superbox(*b"json", label, &[Node::new(*b"json", text.as_bytes())]);
        whole(vec![manifest(LABEL, &[node], &[])])
    };
    let ranges = Value::Array(
        (0..25_000)
            .map(|n| map(vec![("start", (n * 2).into()), ("length", 1.into())]))
            .collect(),
    );
    let boxes = Value::Array(
        (0..12_000)
            .map(|n| {
                map(vec![
                    ("names", Value::Array(vec![format!("B{n}").into()])),
                    ("hash", Value::Bytes(vec![0; 32])),
                    ("pad", Value::Bytes(vec![])),
                ])
            })
            .collect(),
    );
    let paths = Value::Array(
        (0..30_000)
            .map(|_| map(vec![("xpath", "/uuid".into()), ("offset", 0.into())]))
            .collect(),
    );
    let merkle = Value::Array(
        (0..9_000)
            .map(|n| {
                map(vec![
                    ("uniqueId", n.into()),
                    ("localId", n.into()),
                    ("count", 4_000_000_000_u64.into()),
                    ("hashes", Value::Array(vec![Value::Bytes(vec![0; 32])])),
                ])
            })
            .collect(),
    );
    let inputs: Vec<Value> = (0..80)
        .map(|n| link(&format!("self#jumbf=c2pa.assertions/c2pa.ingredient.v3__{n}")))
        .collect();
    let action = map(vec![
        ("action", "c2pa.placed".into()),
        ("parameters", map(vec![("ingredients", Value::Array(inputs))])),
    ]);
    let actions = |count: usize, one: &Value| map(vec![("actions", Value::Array(vec![one.clone(); count]))]);
    let small = map(vec![("action", "c2pa.edited".into())]);
    let placed = {
        let mut list: Vec<Node> = (0..80).map(|_| ingredient("urn:c2pa:nobody")).collect();
        list.push(data("c2pa.actions.v2", &actions(70, &action)));
        whole(vec![manifest(LABEL, &list, &[])])
    };
    let identity = map(vec![
        (
            "signer_payload",
            map(vec![
                (
                    "referenced_assertions",
                    Value::Array(
                        (0..4_000)
                            .map(|n| link(&format!("self#jumbf=c2pa.assertions/a__{n}")))
                            .collect(),
                    ),
                ),
                ("sig_type", "cawg.x509.cose".into()),
            ]),
        ),
        ("signature", Value::Bytes(signature())),
        ("pad1", Value::Bytes(vec![])),
    ]);
    let identities: Vec<Node> = (0..70)
        .map(|_| {
            let mut payload = identity.clone();
            if let Value::Map(entries) = &mut payload {
                entries[0].1 = map(vec![
                    (
                        "referenced_assertions",
                        Value::Array(vec![link("self#jumbf=c2pa.assertions/c2pa.hash.data")]),
                    ),
                    ("sig_type", "cawg.x509.cose".into()),
                ]);
            }
            data("cawg.identity", &payload)
        })
        .collect();
    vec![
        (
            "5000-assertions",
            whole(vec![manifest(LABEL, &many_assertions(5_000), &[])]),
        ),
        (
            "6000-same-assertions",
            whole(vec![manifest(LABEL, &vec![data("a", &Value::Null); 6_000], &[])]),
        ),
        (
            "25000-exclusions",
            one(
                "c2pa.hash.data",
                &map(vec![
                    ("exclusions", ranges),
                    ("alg", "sha256".into()),
                    ("hash", Value::Bytes(vec![0; 32])),
                    ("pad", Value::Bytes(vec![])),
                ]),
            ),
        ),
        (
            "exclusion-of-all",
            one(
                "c2pa.hash.data",
                &map(vec![
                    (
                        "exclusions",
                        Value::Array(vec![map(vec![
                            ("start", u64::MAX.into()),
                            ("length", u64::MAX.into()),
                        ])]),
                    ),
                    ("hash", Value::Bytes(vec![0; 32])),
                    ("pad", Value::Bytes(vec![])),
                ]),
            ),
        ),
        (
            "12000-hashed-boxes",
            one(
                "c2pa.hash.boxes",
                &map(vec![("alg", "sha256".into()), ("boxes", boxes)]),
            ),
        ),
        (
            "30000-bmff-paths",
            one(
                "c2pa.hash.bmff.v3",
                &map(vec![
                    ("exclusions", paths),
                    ("alg", "sha256".into()),
                    ("hash", Value::Bytes(vec![0; 32])),
                    ("name", "a".into()),
                ]),
            ),
        ),
        (
            "9000-merkle-trees",
            one(
                "c2pa.hash.bmff.v3",
                &map(vec![
                    ("exclusions", Value::Array(vec![])),
                    ("alg", "sha256".into()),
                    ("merkle", merkle),
                    ("name", "a".into()),
                ]),
            ),
        ),
        ("30000-actions", one("c2pa.actions.v2", &actions(30_000, &small))),
        ("actions-by-ingredients", placed),
        ("identity-of-4000", one("cawg.identity", &identity)),
        ("70-identities", whole(vec![manifest(LABEL, &identities, &[])])),
        (
            "metadata-deep",
            json(
                "c2pa.metadata",
                &format!(
                    "{{\"@context\":{{}},\"a:b\":{}1{}}}",
                    "[".repeat(120),
                    "]".repeat(120)
                ),
            ),
        ),
        ("metadata-too-deep", json("c2pa.metadata", &"[".repeat(900_000))),
        (
            "metadata-keys",
            json(
                "c2pa.metadata",
                &format!(
                    "{{\"@context\":{{}}{}}}",
                    (0..70_000).map(|n| format!(",\"a:{n}\":1")).collect::<String>()
                ),
            ),
        ),
        (
            "json-900000",
            json("org.a", &format!("[{}1]", "1,".repeat(440_000))),
        ),
        (
            "cbor-800000-arrays",
            one("org.a", &Value::Array(vec![Value::Array(vec![]); 800_000])),
        ),
        (
            "soft-binding-blocks",
            one(
                "c2pa.soft-binding",
                &map(vec![
                    ("alg", "a".into()),
                    (
                        "blocks",
                        Value::Array(vec![
                            map(vec![
                                ("scope", map(vec![])),
                                ("value", Value::Bytes(vec![1]))
                            ]);
                            40_000
                        ]),
                    ),
                ]),
            ),
        ),
        ("large-700-kb", one("org.large", &Value::Bytes(vec![0; 700_000]))),
    ]
}

/// Signatures.
fn signatures() -> Vec<(&'static str, Vec<u8>)> {
    let mut own: Value = ciborium::from_reader(&signature()[..]).unwrap();
    let chain = |own: &mut Value, times: usize| {
        let parts = match own {
            Value::Tag(_, inner) => inner.as_array_mut().unwrap(),
            other => other.as_array_mut().unwrap(),
        };
        let mut protected: Value = ciborium::from_reader(&parts[0].as_bytes().unwrap()[..]).unwrap();
        let x5chain = protected
            .as_map_mut()
            .unwrap()
            .iter_mut()
            .find(|(key, _)| key.as_integer() == Some(33.into()) || key.as_text() == Some("x5chain"))
            .unwrap();
        let list: Vec<Value> = match &x5chain.1 {
            Value::Array(list) => list.clone(),
            one => vec![one.clone()],
        };
        x5chain.1 = Value::Array(list.iter().cycle().take(times).cloned().collect());
        parts[0] = Value::Bytes(cbor(&protected));
    };
    let mut out = Vec::new();
    for (name, times) in [
        ("chain-of-100-certificates", 100),
        ("chain-of-900-certificates", 900),
    ] {
        chain(&mut own, times);
        let bytes = cbor(&own);
        if bytes.len() < 900_000 {
            out.push((name, whole(vec![manifest(LABEL, &[], &bytes)])));
        }
    }
    let mut padded: Value = ciborium::from_reader(&signature()[..]).unwrap();
    let parts = match &mut padded {
        Value::Tag(_, inner) => inner.as_array_mut().unwrap(),
        other => other.as_array_mut().unwrap(),
    };
    let tokens = Value::Array(vec![
        map(vec![("val", Value::Bytes(b"\x30\x82\x10\0".repeat(20)))]);
        8_000
    ]);
    parts[1]
        .as_map_mut()
        .unwrap()
        .push(("sigTst2".into(), map(vec![("tstTokens", tokens)])));
    out.push((
        "8000-time-stamps",
        whole(vec![manifest(LABEL, &[], &cbor(&padded))]),
    ));
    let parts = match &mut padded {
        Value::Tag(_, inner) => inner.as_array_mut().unwrap(),
        other => other.as_array_mut().unwrap(),
    };
    *parts[1].as_map_mut().unwrap() = (0..150_000).map(|n| (n.into(), Value::Null)).collect();
    out.push((
        "150000-headers",
        whole(vec![manifest(LABEL, &[], &cbor(&padded))]),
    ));
    out.push((
        "signature-deep",
        whole(vec![manifest(LABEL, &[], &[0x81; 900_000])]),
    ));
    out
}

/// Claim thumbnails whose hash holds: the picture must be compared with them.
fn thumbnails() -> Vec<Bomb> {
    let thumb = |png: &[u8], media: &str| {
        let toggled = [&[0][..], media.as_bytes(), &[0]].concat();
        let node = superbox_of(
            EMBEDDED,
            "c2pa.thumbnail.claim",
            &[Node::new(*b"bfdb", &toggled), Node::new(*b"bidb", png)],
        );
        whole(vec![manifest(LABEL, &[node], &[])])
    };
    let black = |side: usize| png_of((side, side, 8, 0, 0), &[], &zlib_zeros((side + 1) * side));
    let small = thumb(&black(64), "image/png");
    let store = |bytes: &[u8]| super::carriers::chunk(b"caBX", bytes);
    let picture = |side: usize, colour: u8, wide: usize| {
        png_of(
            (side, side, 8, colour, 0),
            &store(&small),
            &zlib_zeros((side * wide + 1) * side),
        )
    };
    let huge = thumb(&black(20_000), "image/png");
    let giant = |side: u16| {
        let mut bytes = jpeg_with_store(&small);
        let at = bytes.windows(2).rposition(|pair| pair == [0xff, 0xc0]).unwrap();
        bytes[at + 5..at + 7].copy_from_slice(&side.to_be_bytes());
        bytes[at + 7..at + 9].copy_from_slice(&side.to_be_bytes());
        bytes
    };
    vec![
        Bomb::new("thumbnail-of-20000.jpg", jpeg_with_store(&huge)),
        Bomb::new(
            "thumbnail-of-4000.jpg",
            jpeg_with_store(&thumb(&black(4_000), "image/png")),
        ),
        Bomb::new("thumbnail-and-7000-rgba.png", picture(7_000, 6, 4)),
        Bomb::new("thumbnail-and-8100-rgb.png", picture(8_100, 2, 3)),
        Bomb::new("thumbnail-and-14000-grey.png", picture(14_000, 0, 1)),
        Bomb::new("thumbnail-and-jpeg-8000.jpg", giant(8_000)),
        Bomb::new("thumbnail-and-jpeg-5000.jpg", giant(5_000)),
    ]
}
