//! Attacks on the manifest store. Each has one fault; offsets move only where the fault is that they do.

use ciborium::Value;

use super::cose;
use super::jumbf::Node;

/// An attack: the row of the threat table, what is done, the words that are right, and how.
pub type Attack = (&'static str, &'static str, &'static [&'static str], fn(&mut Node));

const CHANGED: &[&str] = &["CHANGED"];
/// Where the SDK cannot read what is left, nothing more is known than that it is broken.
const NO_READING: &[&str] = &["CHANGED", "UNREADABLE"];

pub const ATTACKS: &[Attack] = &[
    ("V1", "exclusion-wider", CHANGED, |store| exclusion(store, 0, 16)),
    ("V1", "exclusion-elsewhere", CHANGED, |store| {
        exclusion(store, 16, 0);
    }),
    ("V1", "no-exclusion", CHANGED, |store| {
        binding(store, |map| {
            map.retain(|(key, _)| key.as_text() != Some("exclusions"));
        });
    }),
    ("V2", "box-hidden-in-freed-padding", NO_READING, |store| {
        cose::edit(store, |_| {});
        hide(store, 64, |node| {
            node.children.push(Node::new(*b"free", &[7; 56]));
        });
    }),
    ("V2", "assertion-hidden-in-freed-padding", NO_READING, |store| {
        hide(store, 8 + 8 + 17 + 12 + 8 + 9, |node| {
            let mut extra = Node::new(*b"jumb", &[]);
            let mut description =
                node.active().child("c2pa.assertions").children[1].children[0].body[..17].to_vec();
            description.extend(b"org.extra.x\0");
            extra.children = vec![
                Node::new(*b"jumd", &description),
                Node::new(*b"cbor", b"\xa1\x61t\x65extra"),
            ];
            node.active().child("c2pa.assertions").children.push(extra);
        });
    }),
    ("V3", "padding-not-zero", CHANGED, |store| {
        cose::edit(store, |it| cose::hide_in_pad(it));
    }),
    ("V3", "header-unknown-text", CHANGED, |store| {
        cose::edit(store, |it| {
            cose::unprotected(it, "note".into(), "GPS 48.1 N".into());
        });
    }),
    ("V3", "header-unknown-number", CHANGED, |store| {
        cose::edit(store, |it| {
            cose::unprotected(it, 4711.into(), vec![7_u8; 100].into());
        });
    }),
    ("V3", "header-second-pad", CHANGED, |store| {
        cose::edit(store, |it| {
            cose::unprotected(it, "pad2".into(), vec![7_u8; 20].into());
        });
    }),
    ("V4", "label-renamed", CHANGED, |store| {
        let label = store.active().label();
        store.active().set_label(&label.replace(['a', '1'], "b"));
    }),
    ("V4", "label-no-urn", CHANGED, |store| {
        let label = store.active().label();
        store.active().set_label(&"x".repeat(label.len()));
    }),
    ("V4", "manifest-twice", CHANGED, |store| {
        let manifest = store.active().clone();
        store.children.push(manifest);
    }),
    ("V4", "older-manifest-behind", CHANGED, |store| {
        let mut manifest = store.active().clone();
        manifest.set_label("urn:c2pa:00000000-0000-4000-8000-000000000000");
        store.children.push(manifest);
    }),
    ("V6", "no-manifest", NO_READING, |store| {
        store.children.truncate(1);
    }),
    ("V6", "no-claim", NO_READING, |store| {
        store
            .active()
            .children
            .retain(|child| !child.label().starts_with("c2pa.claim"));
    }),
    ("V6", "no-signature", NO_READING, |store| {
        store
            .active()
            .children
            .retain(|child| child.label() != "c2pa.signature");
    }),
    ("V6", "no-assertions", NO_READING, |store| {
        store
            .active()
            .children
            .retain(|child| child.label() != "c2pa.assertions");
    }),
    ("V6", "claim-empty", NO_READING, |store| store.claim().clear()),
    ("V6", "signature-empty", NO_READING, |store| {
        store.signature().clear();
    }),
    ("V7", "fake-hash-label", NO_READING, |store| {
        store.assertion("c2pa.hash").set_label("c2pa.hash.fake");
    }),
    ("V7", "hash-missing", NO_READING, |store| {
        store
            .active()
            .child("c2pa.assertions")
            .children
            .retain(|child| !child.label().starts_with("c2pa.hash"));
    }),
    ("V7", "hash-twice", NO_READING, |store| {
        let hash = store.assertion("c2pa.hash").clone();
        store.active().child("c2pa.assertions").children.push(hash);
    }),
    ("V8", "payload-attached", CHANGED, |store| {
        cose::edit(store, |it| it[2] = Value::Bytes(vec![7; 40]));
    }),
    ("V8", "payload-empty", CHANGED, |store| {
        cose::edit(store, |it| it[2] = Value::Bytes(Vec::new()));
    }),
    ("V9", "algorithm-other", CHANGED, |store| {
        algorithm(store, (-7).into());
    }),
    ("V9", "algorithm-reserved", CHANGED, |store| {
        algorithm(store, 0.into());
    }),
    ("V9", "algorithm-sha1", CHANGED, |store| {
        algorithm(store, (-65_535).into());
    }),
    ("V9", "algorithm-unprotected", CHANGED, |store| {
        cose::edit(store, |it| {
            cose::protected(it, |map| map.retain(|(key, _)| *key != Value::from(1)));
            cose::unprotected(it, 1.into(), (-8).into());
        });
    }),
    ("V9", "signature-flipped", CHANGED, |store| {
        cose::edit(store, |it| it[3].as_bytes_mut().unwrap()[5] ^= 1);
    }),
    ("V9", "signature-all-zero", CHANGED, |store| {
        cose::edit(store, |it| it[3].as_bytes_mut().unwrap().fill(0));
    }),
    ("V9", "signature-short", CHANGED, |store| {
        cose::edit(store, |it| it[3].as_bytes_mut().unwrap().truncate(63));
    }),
    ("V13", "actions-removed", CHANGED, |store| {
        store
            .active()
            .child("c2pa.assertions")
            .children
            .retain(|child| child.label() != "c2pa.actions.v2");
    }),
    ("V13", "actions-zeroed", NO_READING, |store| {
        store.assertion("c2pa.actions").content().fill(0);
    }),
    ("V13", "actions-lie", CHANGED, |store| {
        let bytes = store.assertion("c2pa.actions").content();
        let at = bytes.windows(11).position(|part| part == b"c2pa.create").unwrap();
        bytes[at..at + 11].copy_from_slice(b"c2pa.opened");
    }),
    ("V13", "assertion-not-declared", NO_READING, |store| {
        let mut extra = store.assertion("c2pa.actions").clone();
        extra.set_label("org.extra");
        store.active().child("c2pa.assertions").children.push(extra);
    }),
    ("V13", "assertions-swapped", NO_READING, |store| {
        let hash = store.assertion("c2pa.hash").content().clone();
        let actions = std::mem::replace(store.assertion("c2pa.actions").content(), hash);
        *store.assertion("c2pa.hash").content() = actions;
    }),
    ("V14", "claim-flipped", CHANGED, |store| flip(store.claim(), 20)),
    ("V14", "claim-names-another-tool", CHANGED, |store| {
        let claim = store.claim();
        let at = claim.windows(4).position(|part| part == b"name").unwrap();
        flip(claim, at + 6);
    }),
    ("V16", "certificate-flipped", CHANGED, |store| {
        cose::edit(store, |it| {
            let mut bytes = Vec::new();
            ciborium::into_writer(&it[0], &mut bytes).unwrap();
            flip(&mut bytes, 200);
            it[0] = ciborium::from_reader(&bytes[..]).unwrap();
        });
    }),
    ("B1", "manifest-type-of-an-update", NO_READING, |store| {
        store.active().children[0].body[..4].copy_from_slice(b"c2um");
    }),
    ("B1", "store-type-unknown", NO_READING, |store| {
        store.children[0].body[..4].copy_from_slice(b"c2pX");
    }),
    ("B1", "description-has-a-private-box", NO_READING, |store| {
        hide(store, 24, |node| {
            let description = &mut node.assertion("c2pa.hash").children[0].body;
            description[16] |= 0x10;
            description.extend(Node::new(*b"priv", &[7; 16]).bytes());
        });
    }),
];

fn flip(bytes: &mut [u8], at: usize) {
    let at = at.min(bytes.len() - 1);
    bytes[at] ^= 1;
}

/// Takes `len` bytes from the signature's padding and lets something else of that size be put in.
fn hide(store: &mut Node, len: usize, put: impl FnOnce(&mut Node)) {
    let before = store.bytes().len();
    if !cose::shrink(store, len) {
        return;
    }
    put(store);
    assert_eq!(
        store.bytes().len(),
        before,
        "what is hidden has the size that was freed"
    );
}

fn binding(store: &mut Node, change: impl FnOnce(&mut Vec<(Value, Value)>)) {
    cose::recode(store.assertion("c2pa.hash").content(), change);
}

/// Moves the first exclusion's start back, or makes it longer.
fn exclusion(store: &mut Node, back: i128, longer: i128) {
    binding(store, |map| {
        let Some((_, list)) = map
            .iter_mut()
            .find(|(key, _)| key.as_text() == Some("exclusions"))
        else {
            return;
        };
        let Some(first) = list.as_array_mut().and_then(|list| list.first_mut()) else {
            return;
        };
        for (key, value) in first.as_map_mut().unwrap() {
            let more = match key.as_text() {
                Some("start") => -back,
                Some("length") => longer + back,
                _ => continue,
            };
            let number = i128::from(value.as_integer().unwrap()) + more;
            *value = Value::Integer(number.try_into().unwrap());
        }
    });
}

fn algorithm(store: &mut Node, id: Value) {
    cose::edit(store, |it| {
        cose::protected(it, |map| {
            let alg = map.iter_mut().find(|(key, _)| *key == Value::from(1)).unwrap();
            alg.1 = id;
        });
    });
}
