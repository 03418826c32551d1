//! What a manifest store would cost the SDK, told from its structure before the SDK sees it.
//!
//! The SDK checks a manifest again for every ingredient that names it, and each check takes time by the square of the manifest's
//! assertions; it inflates every compressed manifest for itself. A store of half a megabyte can so keep it busy for minutes. What
//! is counted here are the steps that measuring found it to take; the same file is refused on every machine, however fast.
//!
//! ```text
//! steps = for each manifest 2 a^2
//!       + for each ingredient assertion 10,000, and where it names manifest m: a(m)^2 + 20,000
//!       + for each ingredient that an action names 50 a + 500         a: boxes in the manifest's assertion store
//! ```
//! 20,000 steps take the SDK (0.91.6) about a millisecond.

use std::collections::HashMap;

use ciborium::Value;
use memchr::memmem;

use super::items;
use super::jumbf::{JumbfError, Labels, Superbox, Tree};
use super::store::{decode, get, text};
use crate::asset::{Asset, Damage, StorePlace, unpack_brotli};
use crate::base::limits::{INFLATE_BYTES_MAX, STORE_BOXES_MAX, STORE_ITEMS_MAX, STORE_STEPS_MAX};

/// Why a store is not given to the SDK.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TooCostly {
    /// The box tree is broken or beyond its bounds, so nothing can be counted.
    #[error(transparent)]
    Boxes(#[from] JumbfError),
    /// Its compressed manifests inflate to too much, or not at all.
    #[error("its compressed manifests are broken or inflate to more than {limit_bytes} bytes")]
    Inflated {
        /// The limit, over all manifests.
        limit_bytes: usize,
    },
    /// The container parts that hold it are broken, so nobody knows what a reader takes for the store.
    #[error("{0}")]
    Place(#[from] Damage),
    /// There are too many boxes, those in compressed manifests counted.
    #[error("it has more than {limit} boxes")]
    Parts {
        /// The limit.
        limit: usize,
    },
    /// There are too many values in its CBOR and JSON, those in compressed manifests counted.
    #[error("its assertions have more than {limit} values")]
    Items {
        /// The limit.
        limit: usize,
    },
    /// Much that looks like a store stands where the format has no place for one.
    #[error("its boxes stand where the format has no place for them")]
    Unplaced,
    /// Checking it takes too long.
    #[error("its manifests name each other so often that checking them would take more than {limit} steps")]
    Steps {
        /// The limit.
        limit: u64,
    },
}

/// Whether the SDK can be asked about a file within bounds.
///
/// # Errors
/// Which bound the file's store exceeds.
pub(super) fn check(asset: &Asset) -> Result<(), TooCostly> {
    match &asset.layout().store {
        StorePlace::Found { jumbf, .. } => check_store(jumbf),
        StorePlace::Damaged { why, .. } => Err(TooCostly::Place(*why)),
        StorePlace::Absent => check_unplaced(asset.bytes()),
    }
}

/// A file in which no store is where the format has one: what looks like boxes must be few, should the SDK see a store after all.
fn check_unplaced(bytes: &[u8]) -> Result<(), TooCostly> {
    let superboxes = memmem::find_iter(bytes, b"jumb").take(UNPLACED_MAX.saturating_add(1));
    if superboxes.count() > UNPLACED_MAX || memmem::find(bytes, b"c2cm").is_some() {
        return Err(TooCostly::Unplaced);
    }
    Ok(())
}

/// Whether the SDK can be asked about a store within bounds.
pub(super) fn check_store(store: &[u8]) -> Result<(), TooCostly> {
    let mut room = Room {
        boxes: STORE_BOXES_MAX,
        inflated: INFLATE_BYTES_MAX,
        items: STORE_ITEMS_MAX,
    };
    let tree = room.walk(store)?;
    let mut found: Vec<Counted> = Vec::new();
    for (index, one) in tree.manifests() {
        match one.contents.iter().find(|(kind, _)| kind == b"brob") {
            None => found.push(Counted::of(store, &tree, index)),
            Some((_, range)) => {
                let inner = room.inflate(store.get(range.clone()).unwrap_or_default())?;
                let tree = room.walk(&inner)?;
                let mut counted = Counted::of(&inner, &tree, 0);
                // The SDK knows the manifest by the label outside.
                counted.label.clone_from(&one.label);
                found.push(counted);
            }
        }
    }
    let steps = steps(&found);
    if steps > STORE_STEPS_MAX {
        return Err(TooCostly::Steps {
            limit: STORE_STEPS_MAX,
        });
    }
    Ok(())
}

/// What may still be walked and inflated of one store.
struct Room {
    boxes: usize,
    inflated: usize,
    items: usize,
}

impl Room {
    fn walk(&mut self, store: &[u8]) -> Result<Tree, TooCostly> {
        let tree = Tree::parse_with(store, Labels::Any)?;
        let limit = STORE_BOXES_MAX;
        let left = self.boxes.checked_sub(tree.parts());
        self.boxes = left.ok_or(TooCostly::Parts { limit })?;
        for (kind, range) in tree.all().flat_map(|one| &one.contents) {
            let bytes = store.get(range.clone()).unwrap_or_default();
            let items = match kind {
                b"cbor" => items::of_cbor(bytes),
                b"json" => items::of_json(bytes),
                _ => continue,
            };
            let limit = STORE_ITEMS_MAX;
            let left = self.items.checked_sub(items);
            self.items = left.ok_or(TooCostly::Items { limit })?;
        }
        Ok(tree)
    }

    fn inflate(&mut self, packed: &[u8]) -> Result<Vec<u8>, TooCostly> {
        let limit_bytes = INFLATE_BYTES_MAX;
        let out = unpack_brotli(packed, self.inflated).map_err(|_| TooCostly::Inflated { limit_bytes })?;
        self.inflated = self.inflated.saturating_sub(out.len());
        Ok(out)
    }
}

/// One manifest, counted.
#[derive(Clone)]
struct Counted {
    label: String,
    /// Superboxes in it, at least its assertions.
    parts: u64,
    /// What each ingredient assertion names: a manifest, or none.
    names: Vec<Named>,
    /// Ingredients that its actions name.
    placed: u64,
}

/// What an ingredient assertion names.
#[derive(Clone)]
enum Named {
    Manifest(String),
    Nothing,
    /// It could not be read here; the SDK may do better.
    Unknown,
}

impl Counted {
    fn of(store: &[u8], tree: &Tree, index: usize) -> Self {
        let mut out = Self {
            label: tree.get(index).map(|one| one.label.clone()).unwrap_or_default(),
            parts: 0,
            names: Vec::new(),
            placed: 0,
        };
        for (_, part) in tree.below(index) {
            out.parts = out.parts.saturating_add(1);
            if part.label.starts_with("c2pa.ingredient") {
                out.names.push(named(store, part));
            } else if part.label.starts_with("c2pa.actions") {
                out.placed = out.placed.saturating_add(placed(store, part));
            }
        }
        out
    }

    const fn check_steps(&self) -> u64 {
        self.parts.saturating_mul(self.parts)
    }
}

fn steps(all: &[Counted]) -> u64 {
    let heaviest = all.iter().map(Counted::check_steps).max().unwrap_or(0);
    let mut by_label: HashMap<&str, u64> = HashMap::new();
    for one in all {
        let known = by_label.entry(&one.label).or_default();
        *known = one.check_steps().max(*known);
    }
    let mention = |named: &Named| {
        let check = match named {
            Named::Nothing => return INGREDIENT_STEPS,
            Named::Manifest(label) => by_label.get(label.as_str()).copied(),
            Named::Unknown => Some(heaviest),
        };
        let check = check.map_or(0, |steps| steps.saturating_add(SIGNATURE_STEPS));
        INGREDIENT_STEPS.saturating_add(check)
    };
    all.iter().fold(0, |sum: u64, one| {
        let mentions = one.names.iter().map(mention).fold(0, u64::saturating_add);
        let each_placed = one.parts.saturating_mul(50).saturating_add(500);
        sum.saturating_add(one.check_steps().saturating_mul(2))
            .saturating_add(mentions)
            .saturating_add(one.placed.saturating_mul(each_placed))
    })
}

/// The manifest that an ingredient assertion names.
fn named(store: &[u8], part: &Superbox) -> Named {
    let Some(value) = content(store, part) else {
        return Named::Unknown;
    };
    let link = ["activeManifest", "c2pa_manifest"]
        .into_iter()
        .find_map(|name| get(&value, name));
    let Some(link) = link else { return Named::Nothing };
    // `self#jumbf=/c2pa/LABEL`, the whole or a part of it.
    let label = text(link, "url").map(|url| {
        let path = url.rsplit_once("jumbf=").map_or(url, |(_, path)| path);
        let path = path.trim_start_matches('/');
        let path = path.strip_prefix("c2pa/").unwrap_or(path);
        path.split('/').next().unwrap_or_default().to_owned()
    });
    label.map_or(Named::Unknown, Named::Manifest)
}

/// How many ingredients the actions of an assertion name.
fn placed(store: &[u8], part: &Superbox) -> u64 {
    let Some(value) = content(store, part) else {
        return 0;
    };
    let actions = get(&value, "actions").and_then(Value::as_array);
    let count = |action: &Value| {
        let parameters = get(action, "parameters");
        let list = parameters
            .and_then(|parameters| get(parameters, "ingredients"))
            .and_then(Value::as_array);
        let one = parameters.and_then(|parameters| get(parameters, "ingredient"));
        list.map_or(0, Vec::len)
            .saturating_add(usize::from(one.is_some()))
    };
    let sum = actions
        .into_iter()
        .flatten()
        .map(count)
        .fold(0, usize::saturating_add);
    u64::try_from(sum).unwrap_or(u64::MAX)
}

/// An assertion's CBOR, or its JSON as if it were CBOR.
fn content(store: &[u8], part: &Superbox) -> Option<Value> {
    let (kind, range) = part.contents.first()?;
    let bytes = store.get(range.clone())?;
    match kind {
        b"cbor" => decode(bytes),
        b"json" => Value::serialized(&serde_json::from_slice::<serde_json::Value>(bytes).ok()?).ok(),
        _ => None,
    }
}

/// Most superboxes outside a store's place.
const UNPLACED_MAX: usize = 300;
const INGREDIENT_STEPS: u64 = 10_000;
const SIGNATURE_STEPS: u64 = 20_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::jumbf::tests::{boxed, superbox};

    fn assertion(label: &str, value: &Value) -> Vec<u8> {
        let mut cbor = Vec::new();
        ciborium::into_writer(value, &mut cbor).unwrap();
        superbox(label, &boxed(*b"cbor", &cbor))
    }

    fn map(name: &str, value: Value) -> Value {
        Value::Map(vec![(name.into(), value)])
    }

    fn manifest(label: &str, assertions: &[Vec<u8>]) -> Vec<u8> {
        superbox(label, &superbox("c2pa.assertions", &assertions.concat()))
    }

    fn naming(label: &str) -> Vec<u8> {
        let url = format!("self#jumbf=/c2pa/{label}");
        assertion(
            "c2pa.ingredient.v3",
            &map("activeManifest", map("url", url.into())),
        )
    }

    fn store(manifests: &[Vec<u8>]) -> Vec<u8> {
        superbox("c2pa", &manifests.concat())
    }

    fn packed(manifest: &[u8]) -> Vec<u8> {
        let packed = crate::asset::pack_brotli(manifest);
        superbox("urn:c2pa:packed", &boxed(*b"brob", &packed))
    }

    #[test]
    fn hundreds_of_parents_named_once_are_checked() {
        let few = vec![assertion("a", &Value::Null); 20];
        let parents: Vec<_> = (0..300)
            .map(|n| manifest(&format!("urn:c2pa:{n}"), &few))
            .collect();
        let names: Vec<_> = (0..300).map(|n| naming(&format!("urn:c2pa:{n}"))).collect();
        let active = manifest("urn:c2pa:active", &names);
        // Each has 22 superboxes of three boxes; of more, the boxes are too many first.
        assert_eq!(check_store(&store(&[parents[..100].concat(), active])), Ok(()));
        let steps = steps(&vec![
            Counted {
                label: String::new(),
                parts: 21,
                names: Vec::new(),
                placed: 0
            };
            300
        ]);
        assert!(steps < STORE_STEPS_MAX, "{steps}");
    }

    #[test]
    fn one_large_manifest_named_often_is_refused_wherever_it_is_named() {
        let large = vec![assertion("a", &Value::Null); 800];
        let parent = manifest("urn:c2pa:parent", &large);
        let wanted = Err(TooCostly::Steps {
            limit: STORE_STEPS_MAX,
        });
        for url in ["urn:c2pa:parent", "urn:c2pa:parent/c2pa.signature"] {
            let active = manifest("urn:c2pa:active", &vec![naming(url); 60]);
            assert_eq!(check_store(&store(&[parent.clone(), active])), wanted);
        }
        let once = manifest("urn:c2pa:active", &[naming("urn:c2pa:parent")]);
        assert_eq!(check_store(&store(&[parent.clone(), once])), Ok(()));
        let unread = superbox("c2pa.ingredient", &boxed(*b"cbor", &[0xff]));
        let active = manifest("urn:c2pa:active", &vec![unread; 60]);
        assert_eq!(check_store(&store(&[parent, active])), wanted);
    }

    #[test]
    fn actions_that_name_ingredients_are_counted() {
        let list = Value::Array(vec![Value::Null; 100]);
        let action = map("parameters", map("ingredients", list));
        let actions = assertion(
            "c2pa.actions.v2",
            &map("actions", Value::Array(vec![action; 300])),
        );
        let active = manifest(
            "urn:c2pa:active",
            &[vec![actions], vec![naming("x"); 20]].concat(),
        );
        assert!(matches!(
            check_store(&store(&[active])),
            Err(TooCostly::Steps { .. })
        ));
    }

    #[test]
    fn compressed_manifests_are_looked_into() {
        let few = manifest("urn:c2pa:packed", &[naming("x")]);
        assert_eq!(check_store(&store(&[packed(&few)])), Ok(()));
        let many = manifest("urn:c2pa:packed", &vec![assertion("a", &Value::Null); 6_000]);
        let limit = STORE_BOXES_MAX;
        assert_eq!(
            check_store(&store(&[packed(&many)])),
            Err(TooCostly::Parts { limit })
        );
        let zeros = manifest("urn:c2pa:packed", &[boxed(*b"free", &vec![0; 9 << 20])]);
        assert_eq!(check_store(&store(&[packed(&zeros)])), Ok(()));
        let limit_bytes = INFLATE_BYTES_MAX;
        let twice = store(&[packed(&zeros), packed(&zeros)]);
        assert_eq!(check_store(&twice), Err(TooCostly::Inflated { limit_bytes }));
        let broken = superbox("x", &boxed(*b"brob", b"no brotli"));
        assert_eq!(
            check_store(&store(&[broken])),
            Err(TooCostly::Inflated { limit_bytes })
        );
    }

    #[test]
    fn values_are_counted_wherever_they_stand() {
        let many = Value::Array(vec![Value::Null; 120_000]);
        let limit = STORE_ITEMS_MAX;
        let wanted = Err(TooCostly::Items { limit });
        let cbor = assertion("a", &many);
        let json = superbox(
            "b",
            &boxed(*b"json", format!("[{}0]", "0,".repeat(120_000)).as_bytes()),
        );
        for one in [&cbor, &json] {
            let once = manifest("urn:c2pa:a", std::slice::from_ref(one));
            assert_eq!(check_store(&store(std::slice::from_ref(&once))), Ok(()));
            assert_eq!(check_store(&store(&[once.clone(), packed(&once)])), wanted);
        }
        let both = manifest("urn:c2pa:a", &[cbor, json]);
        assert_eq!(check_store(&store(&[both])), wanted);
    }

    #[test]
    fn labels_of_any_characters_are_counted_and_broken_trees_refused() {
        let odd = manifest("urn:c2pa:a\u{1b}b", &[]);
        assert_eq!(check_store(&store(std::slice::from_ref(&odd))), Ok(()));
        let whole = store(&[odd]);
        assert!(matches!(
            check_store(&whole[..whole.len() - 1]),
            Err(TooCostly::Boxes(_))
        ));
    }
}
