//! Rights out of pictures that another tool signed.

use image::ImageFormat;
use serde_json::json;

use super::*;
use crate::asset::Asset;
use crate::base::limits::FIELD_BYTES_MAX;
use crate::manifest::ManifestEvidence;
use crate::manifest::samples::{drawn, identity, now, reader, with_assertion};
use crate::metadata::{self, Field};

const WORK: &str = "stds.schema-org.CreativeWork";

/// The facts of a picture with an assertion of this label that says this.
fn read(label: &str, value: &Value) -> ManifestFacts {
    let value = ciborium::Value::serialized(value).unwrap();
    let signed = with_assertion(&identity(1), &drawn(ImageFormat::Jpeg), label, &value);
    match reader(None).read(&Asset::parse(signed).unwrap(), now()) {
        ManifestEvidence::Read(facts) => *facts,
        other => panic!("{other:?}"),
    }
}

fn told(lines: &[RightsLine]) -> Vec<(&str, &str, &str)> {
    let lines = lines.iter();
    lines
        .map(|line| (line.field.as_str(), line.value.raw(), line.source.as_str()))
        .collect()
}

#[test]
fn author_notice_and_licence_of_a_creative_work_are_told_as_signed() {
    let work = json!({
        "@context": "https://schema.org",
        "@type": "CreativeWork",
        "author": [{"@type": "Person", "name": "Ada"}, {"@type": "Person", "name": "Bob"}],
        "copyrightNotice": "(c) 2026 Ada",
        "copyrightYear": 2026,
        "license": "https://a.example/licence",
        "usageInfo": "https://a.example/use",
    });
    let facts = read(WORK, &work);
    let wanted = [
        ("schema:author", "Ada; Bob", "signed"),
        ("schema:copyrightNotice", "(c) 2026 Ada", "signed"),
        ("schema:license", "https://a.example/licence", "signed"),
        ("schema:usageInfo", "https://a.example/use", "signed"),
    ];
    assert_eq!(told(&rights(Some(&facts), None)), wanted);
    // Of a picture that was changed, no facts are asked.
    assert_eq!(rights(None, None), []);
}

#[test]
fn metadata_that_says_the_same_adds_nothing_and_another_creator_disagrees() {
    let facts = read(
        WORK,
        &json!({"author": {"name": "Ada"}, "license": "https://a.example"}),
    );
    let field = |name: &str, value: &str| Field {
        source: metadata::Source::Xmp,
        name: name.to_owned(),
        value: value.into(),
    };
    let metadata = Metadata {
        fields: vec![
            field("dc:creator[1]", "Ada"),
            field("xmpRights:WebStatement", "https://a.example"),
            field("dc:creator[2]", "Eve"),
        ],
        ..Metadata::default()
    };
    let lines = rights(Some(&facts), Some(&metadata));
    let last = lines.last().unwrap();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert_eq!(
        (last.field.as_str(), last.value.raw(), last.disagrees),
        ("dc:creator", "Eve", true)
    );
}

#[test]
fn a_creative_work_of_another_shape_says_nothing_and_a_long_one_is_cut() {
    for odd in [
        // The library writes no work that is not a map.
        json!({"author": 1.5e300, "license": [[["https://a.example"]]]}),
        json!({"author": {"name": {"name": "Ada"}}, "copyrightNotice": {"a": 1}, "copyrightHolder": [null, true]}),
    ] {
        let facts = read(WORK, &odd);
        assert_eq!(rights(Some(&facts), None), [], "{odd}");
    }
    let facts = read(WORK, &json!({"copyrightNotice": "c".repeat(FIELD_BYTES_MAX + 1)}));
    let lines = rights(Some(&facts), None);
    assert_eq!(lines[0].value.raw().len(), FIELD_BYTES_MAX);
}

#[test]
fn what_constrains_a_use_is_told_and_odd_constraints_are_not() {
    let facts = read(
        "c2pa.training-mining",
        &json!({"entries": {
            "c2pa.ai_training": {"use": "constrained", "constraint_info": "ask joe"},
            "c2pa.ai_inference": {"use": "constrained", "constraint_info": {"a": 1}},
            "c2pa.data_mining": {"use": "allowed", "constraint_info": " "},
            "c2pa.odd": "constrained",
        }}),
    );
    let lines = rights(Some(&facts), None);
    let values: Vec<&str> = lines.iter().map(|line| line.value.raw()).collect();
    assert_eq!(
        values,
        [
            "constrained: ai_inference; allowed: data_mining",
            "constrained: ask joe (ai_training)"
        ]
    );
}
