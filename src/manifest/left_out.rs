//! What a hash of boxes leaves out of the file, as its assertion states it. The SDK follows any list that was signed, and says of a
//! longer one no more than that there is one.

use ciborium::Value;

use super::store::{Active, StoreError, decode, get, text};
use crate::asset::{Asset, C2PA_UUID, Format};
use crate::base::Untrusted;

/// What the hard binding of boxes leaves out besides the manifest store and what C2PA always leaves out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct LeftOut {
    /// The boxes that mean nothing, `free` or `skip`.
    pub(super) padding: bool,
    /// The tables of where a picture's data lies, as C2PA had it once (C2PA 1.0 to 1.3, A.4).
    pub(super) places: bool,
    /// Anything else, as the assertion names it.
    pub(super) more: Vec<Untrusted>,
}

/// Where the extended type of a `uuid` box stands (ISO/IEC 14496-12, 4.2).
const TYPE_AT: u32 = 8;

/// Tables whose numbers move with the store; older signers left them out.
const PLACES: [&str; 6] = [
    "/meta/iloc",
    "/mfra/tfra",
    "/moof/traf/tfhd",
    "/moof/traf/trun",
    "/moov/trak/mdia/minf/stbl/co64",
    "/moov/trak/mdia/minf/stbl/stco",
];

/// Of `c2pa.hash.bmff` and its versions; `None` where there is none (C2PA 2.4, 18.8).
pub(super) fn of_bmff(active: &Active<'_>) -> Result<Option<LeftOut>, StoreError> {
    assertion(active, "c2pa.hash.bmff")?
        .as_ref()
        .map(in_bmff)
        .transpose()
}

fn in_bmff(value: &Value) -> Result<LeftOut, StoreError> {
    // A Merkle tree covers the media data in its stead.
    let has_tree = get(value, "merkle")
        .and_then(Value::as_array)
        .is_some_and(|trees| !trees.is_empty());
    let mut left = LeftOut::default();
    for one in list(value, "exclusions")? {
        let path = text(one, "xpath").ok_or(MALFORMED)?;
        match path {
            "/ftyp" | "/mfra" => {}
            "/free" | "/skip" => left.padding = true,
            "/mdat" if has_tree => {}
            "/uuid" if is_store(one) => {}
            _ if PLACES.contains(&path) => left.places = true,
            _ => left.more.push(Untrusted::from(path)),
        }
    }
    Ok(left)
}

/// Of `c2pa.hash.boxes`; `None` where there is none (C2PA 2.4, 18.9).
pub(super) fn of_boxes(active: &Active<'_>, asset: &Asset) -> Result<Option<LeftOut>, StoreError> {
    let value = assertion(active, "c2pa.hash.boxes")?;
    value.as_ref().map(|value| in_boxes(value, asset)).transpose()
}

fn in_boxes(value: &Value, asset: &Asset) -> Result<LeftOut, StoreError> {
    let mut left = LeftOut::default();
    let (mut count, mut last) = (0_usize, None);
    for one in list(value, "boxes")? {
        let names = list(one, "names")?;
        count = count.saturating_add(names.len());
        last = names.last().and_then(Value::as_text);
        let is_store = matches!(names, [name] if name.as_text() == Some("C2PA"));
        let is_whole = get(one, "excluded").and_then(Value::as_bool) != Some(true)
            && get(one, "exclusions").is_none_or(Value::is_null);
        if !is_store && !is_whole {
            let names = names.iter().filter_map(Value::as_text);
            left.more.extend(names.map(Untrusted::from));
        }
    }
    if !is_to_the_end(count, last, asset) {
        left.more.push(Untrusted::from("all that follows"));
    }
    Ok(left)
}

/// Whether a list of so many boxes, with this last one, is of the whole file: the SDK asks of no box behind it.
fn is_to_the_end(count: usize, last: Option<&str>, asset: &Asset) -> bool {
    match asset.format() {
        Format::Gif => last == Some("3B"),
        Format::Jpeg => last == Some("EOI"),
        Format::Jxl => {
            let unheld = usize::from(asset.store_ranges().is_empty());
            count == asset.jxl_boxes().saturating_add(unheld)
        }
        Format::Png => last == Some("IEND"),
        _ => true,
    }
}

const MALFORMED: StoreError = StoreError::Malformed { what: "hard binding" };

fn assertion(active: &Active<'_>, label: &str) -> Result<Option<Value>, StoreError> {
    let Some(found) = active.find(|one| one.starts_with(label)) else {
        return Ok(None);
    };
    let value = active.payload(found, *b"cbor").and_then(decode);
    value.map(Some).ok_or(MALFORMED)
}

fn list<'v>(map: &'v Value, name: &str) -> Result<&'v [Value], StoreError> {
    match get(map, name) {
        None => Ok(&[]),
        Some(value) => value.as_array().map(Vec::as_slice).ok_or(MALFORMED),
    }
}

/// Whether what an exclusion of `uuid` boxes asks of them is met by the store's box alone.
fn is_store(exclusion: &Value) -> bool {
    let is_type = |data: &Value| {
        get(data, "offset").and_then(Value::as_integer) == Some(TYPE_AT.into())
            && get(data, "value").and_then(Value::as_bytes).map(Vec::as_slice) == Some(C2PA_UUID)
    };
    get(exclusion, "data")
        .and_then(Value::as_array)
        .is_some_and(|data| data.iter().any(is_type))
}

#[cfg(test)]
mod tests {
    use super::super::facts::Binding;
    use super::super::samples::{boxes_by_other_tool, drawn, identity, now, reader};
    use super::super::{Finding, ManifestEvidence, ManifestFacts};
    use super::*;
    use crate::asset::Asset;

    fn bmff(json: &serde_json::Value) -> LeftOut {
        in_bmff(&Value::serialized(json).unwrap()).unwrap()
    }

    fn paths(left: &LeftOut) -> Vec<&str> {
        left.more.iter().map(Untrusted::raw).collect()
    }

    #[test]
    fn what_c2pa_leaves_out_is_told_from_what_a_signer_adds() {
        let all = ["/ftyp", "/mfra", "/free", "/meta/iloc"].map(|path| serde_json::json!({"xpath": path}));
        let left = bmff(&serde_json::json!({"exclusions": all}));
        assert_eq!((left.padding, left.places, paths(&left).len()), (true, true, 0));

        let few = bmff(&serde_json::json!({"exclusions": [{"xpath": "/ftyp"}]}));
        assert_eq!(few, LeftOut::default());
        let wide =
            serde_json::json!({"exclusions": [{"xpath": "/mdat"}, {"xpath": "/meta"}, {"xpath": "/uuid"}]});
        assert_eq!(paths(&bmff(&wide)), ["/mdat", "/meta", "/uuid"]);
    }

    #[test]
    fn a_merkle_tree_stands_for_the_media_data() {
        let mdat = serde_json::json!([{"xpath": "/mdat", "subset": [{"offset": 16, "length": 0}]}]);
        let with_tree = serde_json::json!({"exclusions": mdat, "merkle": [{"count": 1}]});
        assert_eq!(paths(&bmff(&with_tree)), [""; 0]);
        let with_none = serde_json::json!({"exclusions": mdat, "merkle": []});
        assert_eq!(paths(&bmff(&with_none)), ["/mdat"]);
    }

    #[test]
    fn of_uuid_boxes_only_the_store_may_be_left_out() {
        let of = |id: &[u8]| {
            let data = Value::Map(vec![
                ("offset".into(), TYPE_AT.into()),
                ("value".into(), Value::Bytes(id.to_vec())),
            ]);
            let one = Value::Map(vec![
                ("xpath".into(), "/uuid".into()),
                ("data".into(), Value::Array(vec![data])),
            ]);
            let value = Value::Map(vec![("exclusions".into(), Value::Array(vec![one]))]);
            in_bmff(&value).unwrap().more.len()
        };
        assert_eq!(of(C2PA_UUID), 0);
        assert_eq!(of(&[7; 16]), 1);
    }

    #[test]
    fn exclusions_of_another_shape_are_not_read_as_none() {
        let odd = [
            serde_json::json!({"exclusions": "/ftyp"}),
            serde_json::json!({"exclusions": ["/ftyp"]}),
        ];
        for json in odd {
            assert!(in_bmff(&Value::serialized(&json).unwrap()).is_err());
        }
    }

    /// A JPEG signed over its segments, some of them left out, up to one of them, and what is judged of it.
    fn judged(left_out: &[&str], last: &str) -> ManifestFacts {
        let alice = identity(1);
        let bytes = boxes_by_other_tool(&alice, &drawn(image::ImageFormat::Jpeg), left_out, last);
        match reader(Some(&alice)).read(&Asset::parse(bytes).unwrap(), now()) {
            ManifestEvidence::Read(facts) => *facts,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_hash_of_segments_without_the_picture_is_incomplete() {
        let whole = judged(&[], "EOI");
        assert_eq!(whole.binding, Binding::Match, "{:?}", whole.statuses);
        assert_eq!(whole.coverage.findings, []);

        let less = judged(&["SOS"], "EOI");
        assert_eq!(less.binding, Binding::Incomplete, "{:?}", less.statuses);
        let names = vec![Untrusted::from("SOS")];
        assert_eq!(less.coverage.findings, [Finding::BoxesLeftOut { names }]);
    }

    #[test]
    fn a_hash_of_the_first_segments_alone_is_incomplete() {
        let short = judged(&[], "DHT");
        assert_eq!(short.binding, Binding::Incomplete, "{:?}", short.statuses);
    }

    #[test]
    fn a_box_put_behind_a_jpeg_xl_is_not_in_a_list_of_boxes() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/images/container.jxl");
        let bytes = std::fs::read(path).unwrap();
        let asset = Asset::parse(bytes.clone()).unwrap();
        // As listed for a file with its store.
        let listed = asset.jxl_boxes() + 1;
        assert!(is_to_the_end(listed, Some("jxlc"), &asset));
        let longer = Asset::parse([&bytes[..], b"\0\0\0\x09xml \0"].concat()).unwrap();
        assert!(!is_to_the_end(listed, Some("jxlc"), &longer));
    }
}
