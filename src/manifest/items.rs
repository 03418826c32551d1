//! How many values a text of CBOR or JSON has, counted without reading them: what it would take as values is known before it is.

/// Values of a CBOR text (RFC 8949, section 3): every head is one, keys, tags and ends of indefinite lengths too. Bytes that are no
/// CBOR count one each.
pub(super) fn of_cbor(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    let mut count = 0_usize;
    while let Some((first, after)) = rest.split_first() {
        count = count.saturating_add(1);
        let argument = match first & 31 {
            small @ 0..=23 => Some((u64::from(small), after)),
            24 => number::<1>(after),
            25 => number::<2>(after),
            26 => number::<4>(after),
            27 => number::<8>(after),
            // Indefinite lengths and their ends: what is inside follows as values of its own.
            31 => Some((0, after)),
            _ => None,
        };
        let skipped = argument.and_then(|(argument, after)| match first >> 5 {
            2 | 3 => after.get(usize::try_from(argument).ok()?..),
            _ => Some(after),
        });
        rest = match skipped {
            Some(rest) => rest,
            None => return count.saturating_add(after.len()),
        };
    }
    count
}

/// A bound on the values of a JSON text: one more than the marks that begin or part them, in strings too.
pub(super) fn of_json(bytes: &[u8]) -> usize {
    let marks = bytes.iter().filter(|byte| b"[{,:".contains(byte));
    marks.count().saturating_add(1)
}

fn number<const N: usize>(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (number, rest) = bytes.split_first_chunk::<N>()?;
    let value = number.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    Some((value, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ciborium::Value;
    use proptest::prelude::*;

    fn cbor(value: &Value) -> Vec<u8> {
        let mut out = Vec::new();
        ciborium::into_writer(value, &mut out).unwrap();
        out
    }

    /// Values of a value, itself counted.
    fn counted(value: &Value) -> usize {
        1 + match value {
            Value::Array(list) => list.iter().map(counted).sum(),
            Value::Map(list) => list.iter().map(|(k, v)| counted(k) + counted(v)).sum(),
            Value::Tag(_, inner) => counted(inner),
            _ => 0,
        }
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".{0,300}".prop_map(Value::from),
            prop::collection::vec(any::<u8>(), 0..300).prop_map(Value::Bytes),
        ];
        leaf.prop_recursive(4, 60, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(Value::Array),
                prop::collection::vec((inner.clone(), inner.clone()), 0..8).prop_map(Value::Map),
                (any::<u64>(), inner).prop_map(|(tag, value)| Value::Tag(tag, value.into())),
            ]
        })
    }

    proptest! {
        #[test]
        fn as_many_as_a_reader_finds(value in values()) {
            prop_assert_eq!(of_cbor(&cbor(&value)), counted(&value));
        }
    }

    #[test]
    fn lengths_that_lie_and_heads_that_are_none_hide_nothing() {
        assert_eq!(of_cbor(&[]), 0);
        // A text of 2^64 - 1 bytes, a reserved head, a number cut short: all that follows may be values.
        for lie in [
            &[0x7b, 255, 255, 255, 255, 255, 255, 255, 255][..],
            &[0x1c],
            &[0x19, 1],
        ] {
            let bytes = [lie, &[0x80; 50]].concat();
            assert!(of_cbor(&bytes) >= 50, "{lie:x?}");
        }
        // [_ [], [] ] and (_ "a")
        assert_eq!(of_cbor(&[0x9f, 0x80, 0x80, 0xff]), 4);
        assert_eq!(of_cbor(&[0x7f, 0x61, b'a', 0xff]), 3);
    }

    #[test]
    fn json_has_at_most_as_many() {
        assert_eq!(of_json(b"[[],[],{}]"), 7);
        assert_eq!(of_json(br#"{"a":1,"b":[2,3]}"#), 7);
        assert_eq!(of_json(b"1"), 1);
    }
}
