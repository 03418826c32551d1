//! Reports as JSON: one document over several lines, or one line each for a batch.
//!
//! Strings are written by [`escape`](super::escape), so no raw control or bidi character gets into the document.

use schemars::Schema;
use serde::Serialize;
use serde_json::ser::Formatter;
use serde_json::{Map, Serializer, Value};

use super::escape::Inert;

/// One document over several lines, with a line break at its end.
#[must_use]
pub fn pretty<T: Serialize + ?Sized>(report: &T) -> String {
    written(report, Inert::pretty())
}

/// One document on one line, with a line break at its end.
#[must_use]
pub fn line<T: Serialize + ?Sized>(report: &T) -> String {
    written(report, Inert::compact())
}

/// A JSON Schema as it stands in `schemas/`: keys sorted, indented, with a line break at its end.
#[must_use]
pub fn schema(schema: &Schema) -> String {
    pretty(&sorted(schema.as_value()))
}

fn written<T: Serialize + ?Sized, F: Formatter>(report: &T, formatter: F) -> String {
    let mut bytes = Vec::new();
    let written = report.serialize(&mut Serializer::with_formatter(&mut bytes, formatter));
    // Reports are plain structs: only a map with keys that are not text could fail, and no report has one.
    debug_assert!(written.is_ok(), "a report that is not JSON");
    bytes.push(b'\n');
    String::from_utf8(bytes).unwrap_or_default()
}

/// The schemas are our own and shallow, so recursion is bounded.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        Value::Object(fields) => {
            let mut names: Vec<_> = fields.iter().collect();
            names.sort_by_key(|(name, _)| name.as_str());
            Value::Object(
                names
                    .into_iter()
                    .map(|(name, value)| (name.clone(), sorted(value)))
                    .collect::<Map<_, _>>(),
            )
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_line_and_a_document_is_indented() {
        let value = serde_json::json!({"b": 1, "a": ["x\ny"]});
        assert_eq!(line(&value), "{\"b\":1,\"a\":[\"x\\ny\"]}\n");
        assert_eq!(
            pretty(&sorted(&value)),
            "{\n  \"a\": [\n    \"x\\ny\"\n  ],\n  \"b\": 1\n}\n"
        );
    }
}
