//! Who or what is named as having made a picture: what is signed before what anybody may write.

use image::ImageFormat;

use super::*;
use crate::asset::Asset;
use crate::base::Statement;
use crate::manifest::ManifestEvidence;
use crate::manifest::samples::{claim, drawn, identity, now, reader, signer, with_assertion};
use crate::metadata::{Field, Source, generator};

/// Tool and model named of a picture whose XMP names an editor; nothing is an empty text.
fn made_of(facts: &ManifestFacts, word: ResultWord) -> [String; 2] {
    let metadata = Metadata {
        fields: vec![Field {
            source: Source::Xmp,
            name: "xmp:CreatorTool".to_owned(),
            value: "Lightroom".into(),
        }],
        ..Metadata::default()
    };
    let generated = generator::read_or_seek(&drawn(ImageFormat::Jpeg), &metadata);
    let made = made(Some(facts), word, &[], Some((&metadata, &generated)));
    [made.tool, made.model].map(|name| name.unwrap_or_default().raw().to_owned())
}

fn read(bytes: Vec<u8>) -> ManifestFacts {
    match reader(None).read(&Asset::parse(bytes).unwrap(), now()) {
        ManifestEvidence::Read(facts) => *facts,
        other => panic!("{other:?}"),
    }
}

/// A picture of a model, signed with these names.
fn signed(source: SourceType, system: Option<&str>, model: Option<&str>) -> ManifestFacts {
    let mut claim = claim(source);
    claim.statement = Statement {
        software: None,
        ai_system: system.map(str::to_owned),
        ai_version: None,
        model: model.map(str::to_owned),
        ..claim.statement
    };
    let signed = signer(&identity(1)).sign(&drawn(ImageFormat::Jpeg), &claim);
    read(signed.unwrap().asset.bytes().to_vec())
}

const AI: SourceType = SourceType::TrainedAlgorithmicMedia;

#[test]
fn a_signed_model_comes_before_an_editor_that_metadata_names() {
    let facts = signed(AI, None, Some("Flux"));
    assert_eq!(made_of(&facts, ResultWord::Trusted), ["", "Flux"]);
    let facts = signed(AI, Some("PainterX"), Some("MyModel 3"));
    assert_eq!(
        made_of(&facts, ResultWord::UnknownIssuer),
        ["PainterX", "MyModel 3"]
    );
}

#[test]
fn a_model_among_the_ingredients_is_named_without_a_disclosure() {
    let mut facts = signed(AI, None, Some("Flux"));
    facts.active.model = None;
    assert_eq!(made_of(&facts, ResultWord::Trusted), ["", "Flux"]);
    // One that only a part of the picture was made with is not the picture's.
    for one in &mut facts.ingredients {
        one.depth = 1;
    }
    assert_eq!(made_of(&facts, ResultWord::Trusted), ["Lightroom", ""]);
}

#[test]
fn metadata_names_the_tool_where_the_manifest_names_none_or_does_not_count() {
    let facts = signed(AI, None, None);
    assert_eq!(made_of(&facts, ResultWord::Trusted), ["Lightroom", ""]);
    let facts = signed(AI, Some("PainterX"), Some("Flux"));
    assert_eq!(made_of(&facts, ResultWord::Changed), ["Lightroom", ""]);
}

#[test]
fn a_disclosure_of_another_shape_names_no_model() {
    for odd in [
        ciborium::Value::Null,
        7.into(),
        " ".into(),
        ciborium::Value::Array(vec!["Flux".into()]),
    ] {
        let value = ciborium::Value::Map(vec![("modelName".into(), odd)]);
        let picture = drawn(ImageFormat::Jpeg);
        let facts = read(with_assertion(
            &identity(1),
            &picture,
            "c2pa.ai-disclosure",
            &value,
        ));
        assert_eq!(made_of(&facts, ResultWord::UnknownIssuer), ["Other Tool 1", ""]);
    }
}
