//! `stds.schema-org.CreativeWork`: who made a picture and what may be done with it, in the words of schema.org, as JSON-LD. CAWG's
//! metadata took its place, and much of what was signed before holds it.
//!
//! Sources: C2PA 1.4, "Creative work assertion"; schema.org, "CreativeWork".

use std::slice;

use serde_json::Value;

use super::contents::short;
use crate::base::Untrusted;

/// Label of the assertion.
pub(super) const LABEL: &str = "stds.schema-org.CreativeWork";

/// What the assertion says of rights, each property once, several values of one with semicolons between them. Shapes that schema.org
/// does not know, and blanks, say nothing.
pub(super) fn statements(work: &Value) -> Vec<(&'static str, Untrusted)> {
    let mut out: Vec<(&'static str, Untrusted)> = Vec::new();
    for (names, field, parts) in PROPERTIES {
        let Some(said) = names.iter().find_map(|name| texts(&work[*name], parts)) else {
            continue;
        };
        // The notice has the year in it as a rule.
        let is_told = field == YEAR
            && out
                .iter()
                .any(|(one, notice)| *one == NOTICE && notice.raw().contains(&said));
        if !is_told {
            out.push((field, short(&said)));
        }
    }
    out
}

/// A property as it may be written, how we name it, and what tells of a node that stands for its value, first choice first.
type Property = (&'static [&'static str], &'static str, &'static [&'static str]);

/// What somebody is called, before where to find them.
const NAMED: &[&str] = &["name", "legalName", "legalname", "@value", "url", "@id"];
/// A year is a number or a text, and no node.
const NUMBER: &[&str] = &[];
/// Where terms can be read, before what they are called.
const FOUND_AT: &[&str] = &["url", "@id", "@value", "name"];

const NOTICE: &str = "schema:copyrightNotice";
const YEAR: &str = "schema:copyrightYear";

/// Cameras write the holder with a capital.
const PROPERTIES: [Property; 9] = [
    (&["author"], "schema:author", NAMED),
    (&["creator"], "schema:creator", NAMED),
    (&["copyrightNotice"], NOTICE, NAMED),
    (
        &["copyrightHolder", "CopyrightHolder"],
        "schema:copyrightHolder",
        NAMED,
    ),
    (&["copyrightYear"], YEAR, NUMBER),
    (&["creditText"], "schema:creditText", NAMED),
    (&["license"], "schema:license", FOUND_AT),
    (&["usageInfo"], "schema:usageInfo", FOUND_AT),
    (&["acquireLicensePage"], "schema:acquireLicensePage", FOUND_AT),
];

/// Most values read of one property.
const VALUES_MAX: usize = 64;

/// The texts of a value or of a list of them.
fn texts(value: &Value, parts: &[&str]) -> Option<String> {
    let list = match value {
        Value::Array(list) => list.as_slice(),
        one => slice::from_ref(one),
    };
    let said = list
        .iter()
        .take(VALUES_MAX)
        .filter_map(|one| text(one, parts))
        .filter(|text| !text.trim().is_empty());
    let said: Vec<String> = said.collect();
    (!said.is_empty()).then(|| said.join("; "))
}

fn text(value: &Value, parts: &[&str]) -> Option<String> {
    match value {
        Value::Number(number) if parts == NUMBER => number.as_u64().map(|year| year.to_string()),
        Value::Object(node) => {
            let told = parts.iter().filter_map(|part| node.get(*part)?.as_str());
            told.map(str::to_owned).find(|text| !text.trim().is_empty())
        }
        other => other.as_str().map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::limits::FIELD_BYTES_MAX;
    use serde_json::json;

    fn said(work: &Value) -> Vec<(&'static str, String)> {
        let all = statements(work).into_iter();
        all.map(|(field, value)| (field, value.raw().to_owned()))
            .collect()
    }

    #[test]
    fn texts_nodes_and_lists_of_them_are_read() {
        let work = json!({
            "@context": "http://schema.org/",
            "@type": "CreativeWork",
            "author": [{"@type": "Person", "name": "Ada"}, "Bob"],
            "copyrightNotice": "(c) 2026 Ada",
            "copyrightYear": 2026,
            "CopyrightHolder": {"legalname": "Ada GmbH", "name": " "},
            "license": {"@type": "CreativeWork", "name": "By", "url": "https://a.example/by"},
            "usageInfo": "ask first",
            "acquireLicensePage": {"@id": "https://a.example/buy"},
            "creditText": "Ada / Agency",
            "url": "https://a.example",
        });
        let wanted = [
            ("schema:author", "Ada; Bob"),
            ("schema:copyrightNotice", "(c) 2026 Ada"),
            ("schema:copyrightHolder", "Ada GmbH"),
            ("schema:creditText", "Ada / Agency"),
            ("schema:license", "https://a.example/by"),
            ("schema:usageInfo", "ask first"),
            ("schema:acquireLicensePage", "https://a.example/buy"),
        ];
        assert_eq!(
            said(&work),
            wanted.map(|(field, value)| (field, value.to_owned()))
        );
        let year = json!({"copyrightNotice": "(c) Ada", "copyrightYear": 2026});
        assert_eq!(
            said(&year).last(),
            Some(&("schema:copyrightYear", "2026".to_owned()))
        );
    }

    #[test]
    fn other_shapes_say_nothing() {
        for odd in [
            json!(null),
            json!("author"),
            json!(7),
            json!({"author": 7, "license": 1.5, "copyrightYear": 1.5}),
            json!([{"author": "Ada"}]),
            json!({"author": null, "license": true, "copyrightHolder": {}}),
            json!({"author": [[["Ada"]]], "license": {"url": {"url": "https://a.example"}}}),
            json!({"author": [{"name": ["Ada"]}, {"name": 7}, " ", ""], "copyrightNotice": "\t"}),
            json!({"@graph": [{"author": "Ada"}]}),
        ] {
            assert_eq!(said(&odd), [], "{odd}");
        }
    }

    #[test]
    fn what_is_long_or_many_is_cut() {
        let long = "\u{e9}".repeat(FIELD_BYTES_MAX);
        let work = json!({"author": long, "creator": vec!["Ada"; 10_000]});
        let found = said(&work);
        assert_eq!(found[0].1.len(), FIELD_BYTES_MAX);
        assert_eq!(found[1].1.split("; ").count(), VALUES_MAX);
    }
}
