//! What a signature carries that it does not cover: its unprotected headers (RFC 9052, 3) and a payload of its own.

use ciborium::Value;

use super::finding::Finding;
use super::store::{Cose, not_zero};
use crate::base::Untrusted;

/// What is found there that C2PA does not put there.
pub(super) fn findings(cose: &Cose) -> Vec<Finding> {
    let mut out = Vec::new();
    if !cose.payload.is_null() {
        out.push(Finding::PayloadAttached);
    }
    out.extend(
        cose.unprotected
            .iter()
            .filter_map(|(key, value)| header(key, value)),
    );
    out
}

fn header(key: &Value, value: &Value) -> Option<Finding> {
    match key.as_text() {
        Some("pad" | "pad2") => {
            let len = not_zero(value);
            (len > 0).then_some(Finding::SignaturePadNotZero { len })
        }
        Some("sigTst" | "sigTst2" | "rVals" | "x5chain") => None,
        // 33 is x5chain (RFC 9360); old claims carry it unprotected.
        None if key.as_integer() == Some(33.into()) => None,
        text => {
            // Zeros under a number are somebody's padding; under a text, `pad` with a byte changed.
            let shown = text.map_or_else(|| integer(key), str::to_owned);
            let is_padding = key.is_integer() && value.is_bytes() && not_zero(value) == 0;
            let is_unused = is_padding || UNUSED.contains(&shown.as_str()) && is_short(value);
            let key = Untrusted::new(shown);
            Some(if is_unused {
                Finding::HeaderUnused { key }
            } else {
                Finding::HeaderUnknown { key }
            })
        }
    }
}

/// Headers that honest signers write unprotected and no validator decides anything by: content type and key id (RFC 9052, 3.1), hash and
/// address of a certificate (RFC 9360, 2), and the time that the C2PA SDK wrote until 2023 where it had no time-stamping authority.
const UNUSED: [&str; 5] = ["3", "4", "34", "35", "temp_signing_time"];
/// Longest value of such a header, bytes.
const VALUE_BYTES_MAX: usize = 128;

/// Whether nothing much can be hidden in a value: a number, a text, bytes, or two of them.
fn is_short(value: &Value) -> bool {
    match value {
        Value::Text(text) => text.len() <= VALUE_BYTES_MAX,
        Value::Bytes(bytes) => bytes.len() <= VALUE_BYTES_MAX,
        Value::Array(list) => list.len() <= 2 && list.iter().all(|one| !one.is_array() && is_short(one)),
        Value::Tag(_, inner) => !inner.is_tag() && is_short(inner),
        Value::Integer(_) => true,
        _ => false,
    }
}

fn integer(key: &Value) -> String {
    key.as_integer()
        .map_or_else(|| "?".to_owned(), |number| i128::from(number).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(key: Value, value: Value) -> Vec<Finding> {
        findings(&Cose {
            protected: Vec::new(),
            unprotected: vec![(key, value)],
            payload: Value::Null,
            signature: Vec::new(),
        })
    }

    #[test]
    fn what_c2pa_puts_there_is_passed_over_and_padding_must_be_zero() {
        assert_eq!(found("sigTst2".into(), Value::Map(Vec::new())), []);
        assert_eq!(found(33.into(), Value::Bytes(vec![7; 5000])), []);
        assert_eq!(found("pad".into(), Value::Bytes(vec![0; 5000])), []);
        let padded = found("pad2".into(), Value::Bytes(vec![0, 7, 7]));
        assert_eq!(padded, [Finding::SignaturePadNotZero { len: 2 }]);
    }

    #[test]
    fn short_headers_of_known_names_are_told_and_all_others_are_bytes_that_nothing_covers() {
        let names = |key: Value, value: Value| found(key, value).first().map(Finding::name);
        let (unused, unknown) = (
            Some("coverage.signatureHeader.unused"),
            Some("coverage.signatureHeader.unknown"),
        );
        let time = || Value::from("2023-05-16T17:10:34.000Z");
        assert_eq!(names("temp_signing_time".into(), time()), unused);
        assert_eq!(names(4.into(), Value::Bytes(vec![7; 32])), unused);
        let hash = vec![Value::from(-16), Value::Bytes(vec![7; 32])];
        assert_eq!(names(34.into(), Value::Array(hash)), unused);
        assert_eq!(names(1_129_333_092.into(), Value::Bytes(vec![0; 2000])), unused);
        // The algorithm decides, and must be signed; much can be hidden in what is long or nested.
        assert_eq!(names(1.into(), Value::from(-8)), unknown);
        assert_eq!(names("note".into(), time()), unknown);
        assert_eq!(names(4.into(), Value::Bytes(vec![7; 129])), unknown);
        let nested = Value::Array(vec![Value::Array(vec![Value::Null])]);
        assert_eq!(names(34.into(), nested), unknown);
        assert_eq!(names("temp_signing_time".into(), Value::Map(Vec::new())), unknown);
    }

    #[test]
    fn a_payload_beside_the_claim_is_told() {
        let cose = Cose {
            protected: Vec::new(),
            unprotected: Vec::new(),
            payload: Value::Bytes(Vec::new()),
            signature: Vec::new(),
        };
        assert_eq!(findings(&cose), [Finding::PayloadAttached]);
    }
}
