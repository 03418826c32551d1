//! JSON out of a file, within bounds: depth and number of values are judged before anything is allocated.

use std::borrow::Cow;

use serde_json::Value;

use super::cap;
use crate::base::Untrusted;
use crate::base::limits::{GENERATOR_BYTES_MAX, JSON_DEPTH_MAX, JSON_NODES_MAX};

/// Why a text was not read as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum JsonFault {
    /// It is no JSON.
    #[error("it is not valid JSON")]
    Broken,
    /// It is nested too deeply.
    #[error("its JSON is nested deeper than {JSON_DEPTH_MAX}")]
    Deep,
    /// It is too long.
    #[error("its JSON is longer than {GENERATOR_BYTES_MAX} bytes")]
    Long,
    /// It holds too many values.
    #[error("its JSON holds more than {JSON_NODES_MAX} values")]
    Many,
}

/// Reads one JSON text. `NaN` and `Infinity`, which Python writes and JSON does not know, are null.
pub(super) fn parse(text: &str) -> Result<Value, JsonFault> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
    if text.len() > GENERATOR_BYTES_MAX {
        return Err(JsonFault::Long);
    }
    if !text.starts_with(['{', '[', '"']) {
        return Err(JsonFault::Broken);
    }
    serde_json::from_str(&judged(text)?).map_err(|_| JsonFault::Broken)
}

/// Judges depth and number of values by the punctuation outside strings, and writes null for Python's numbers.
fn judged(text: &str) -> Result<Cow<'_, str>, JsonFault> {
    let (mut depth, mut values) = (0usize, 0usize);
    let (mut in_string, mut escaped) = (false, false);
    let mut strange = false;
    for byte in text.bytes() {
        if in_string {
            in_string = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => {
                depth = depth.saturating_add(1);
                values = values.saturating_add(1);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' => values = values.saturating_add(1),
            b'N' | b'I' => strange = true,
            _ => {}
        }
        if depth > JSON_DEPTH_MAX {
            return Err(JsonFault::Deep);
        }
        if values > JSON_NODES_MAX {
            return Err(JsonFault::Many);
        }
    }
    Ok(if strange {
        Cow::Owned(without_nan(text))
    } else {
        Cow::Borrowed(text)
    })
}

fn without_nan(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(quote) = rest.find('"') {
        let (outside, string) = rest.split_at(quote);
        out.push_str(&nulls(outside));
        let end = string_end(string);
        let (string, after) = string.split_at(end);
        out.push_str(string);
        rest = after;
    }
    out.push_str(&nulls(rest));
    out
}

fn nulls(outside: &str) -> String {
    outside
        .replace("-Infinity", "null")
        .replace("Infinity", "null")
        .replace("NaN", "null")
}

/// Where a string that begins at byte 0 with its quote ends, the closing quote included.
pub(super) fn string_end(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        if byte == b'"' && !escaped {
            return at.saturating_add(1);
        }
        escaped = !escaped && byte == b'\\';
    }
    text.len()
}

/// A text, number or truth value in words; empty texts, lists and objects are none.
pub(super) fn word(value: &Value) -> Option<Untrusted> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => return None,
    };
    (!text.is_empty()).then(|| cap(&text))
}

/// The first of several keys of an object that holds a word.
pub(super) fn pick(object: &Value, keys: &[&str]) -> Option<Untrusted> {
    keys.iter().find_map(|key| word(object.get(key)?))
}

/// A number of pixels.
pub(super) fn side(value: &Value) -> Option<u32> {
    match value {
        Value::Number(number) => u32::try_from(number.as_u64()?).ok(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
    .filter(|side| *side > 0)
}

/// Width and height out of `512x768` or `(512, 768)`.
pub(super) fn size(text: &str) -> Option<(u32, u32)> {
    let (width, height) = text
        .trim()
        .trim_matches(['(', ')', '[', ']'])
        .split_once(['x', ',', '\u{d7}'])?;
    let side = |text: &str| text.trim().parse().ok().filter(|side: &u32| *side > 0);
    Some((side(width)?, side(height)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_judged_outside_strings_and_before_parsing() {
        let deep = format!(
            "{}{}",
            "[".repeat(JSON_DEPTH_MAX + 1),
            "]".repeat(JSON_DEPTH_MAX + 1)
        );
        assert_eq!(parse(&deep), Err(JsonFault::Deep));
        let fits = format!("{}{}", "[".repeat(JSON_DEPTH_MAX), "]".repeat(JSON_DEPTH_MAX));
        assert!(parse(&fits).is_ok());
        let many = format!("[{}0]", "0,".repeat(JSON_NODES_MAX));
        assert_eq!(parse(&many), Err(JsonFault::Many));
        let long = format!("\"{}\"", "a".repeat(GENERATOR_BYTES_MAX));
        assert_eq!(parse(&long), Err(JsonFault::Long));
        let text = format!("{{\"a\": \"\\\"{}\"}}", "[,".repeat(JSON_NODES_MAX));
        assert!(parse(&text).is_ok());
        assert_eq!(parse("{\"a\":"), Err(JsonFault::Broken));
        assert_eq!(parse("12"), Err(JsonFault::Broken));
        assert_eq!(parse(""), Err(JsonFault::Broken));
    }

    #[test]
    fn numbers_of_python_are_null_and_words_of_people_stay() {
        let read =
            parse("{\"a\": [NaN, -Infinity], \"b\": \"NaN \\\" Infinity\", \"c\": 18446744073709551615}")
                .unwrap();
        assert_eq!(read["a"], serde_json::json!([null, null]));
        assert_eq!(read["b"], "NaN \" Infinity");
        assert_eq!(word(&read["c"]).unwrap().raw(), "18446744073709551615");
    }

    #[test]
    fn sizes_are_read_in_the_forms_generators_use() {
        assert_eq!(size("512x768"), Some((512, 768)));
        assert_eq!(size("(512, 768)"), Some((512, 768)));
        assert_eq!(size("0x768"), None);
        assert_eq!(size("99999999999x1"), None);
        assert_eq!(size("square"), None);
    }
}
