//! What declares AI without the settings of a generator: China's label and the fields of XMP.

use serde_json::json;

use super::LabelMeaning;
use super::samples::{generated, jpeg_tag, one, or, text, user_comment, xmp};
use crate::base::SourceType;
use crate::metadata::tiff::Order;

#[test]
fn the_chinese_label_is_read_in_its_four_places() {
    let label = json!({"Label": "1", "ContentProducer": "001191X", "ProduceID": "p-1", "ContentPropagator": "Q", "PropagateID": "q-1"});
    let below = json!({ "AIGC": label });
    let as_text = json!({"AIGC": label.to_string()});
    let places = [
        xmp(&[("TC260:AIGC", &label.to_string())]),
        text("AIGC", &label.to_string()),
        user_comment(Order::Big, Order::Little, &below.to_string()),
        jpeg_tag(0x010E, &below.to_string()),
        jpeg_tag(0x010E, &as_text.to_string()),
    ];
    for asset in places {
        let record = one(&asset);
        let label = record.label.clone().unwrap();
        assert_eq!(label.meaning, LabelMeaning::Is);
        let ids = [
            &label.producer,
            &label.produce_id,
            &label.propagator,
            &label.propagate_id,
        ];
        assert_eq!(ids.map(or), ["001191X", "p-1", "Q", "q-1"]);
        assert_eq!(record.source_type, Some(SourceType::TrainedAlgorithmicMedia));
        assert_eq!(or(&record.tool), "-", "a number in a register is no tool");
    }
    for (producer, tool) in [
        ("Doubao", "Doubao"),
        ("STUDIO 2025", "STUDIO 2025"),
        ("001191110102MACQD9K64010000", "-"),
    ] {
        let label = json!({"Label": "1", "ContentProducer": producer, "ProduceID": "p-1"});
        assert_eq!(or(&one(&text("AIGC", &label.to_string())).tool), tool);
    }
    let rows = [
        ("2", LabelMeaning::May),
        ("3", LabelMeaning::Suspected),
        ("9", LabelMeaning::Unknown),
    ];
    for (number, meaning) in rows {
        let record = one(&text("AIGC", &json!({ "Label": number }).to_string()));
        assert_eq!(record.label.unwrap().meaning, meaning);
        assert_eq!(record.source_type, None, "only 1 says that it is");
    }
}

#[test]
fn fields_of_xmp_that_speak_of_a_model_are_a_record() {
    let term = |name: &str| format!("http://cv.iptc.org/newscodes/digitalsourcetype/{name}");
    let (all, part) = (
        term("trainedAlgorithmicMedia"),
        term("compositeWithTrainedAlgorithmicMedia"),
    );
    let google = one(&xmp(&[
        ("photoshop:Credit", "Made with Google AI"),
        ("Iptc4xmpExt:DigitalSourceType", &all),
    ]));
    assert_eq!(
        (or(&google.tool), google.source_type),
        ("Google AI", Some(SourceType::TrainedAlgorithmicMedia))
    );
    let edited = one(&xmp(&[
        ("photoshop:Credit", "Edited with Google AI"),
        ("Iptc4xmpExt:DigitalSourceType", &part),
    ]));
    assert_eq!(
        edited.source_type,
        Some(SourceType::CompositeWithTrainedAlgorithmicMedia)
    );
    let meta = one(&xmp(&[
        ("photoshop:Credit", "Meta AI"),
        ("Iptc4xmpExt:DigitalSourceType", &all),
    ]));
    assert_eq!(or(&meta.tool), "Meta AI");
    let nobody = one(&xmp(&[("Iptc4xmpExt:DigitalSourceType", &all)]));
    assert_eq!(
        (or(&nobody.tool), nobody.source_type),
        ("-", Some(SourceType::TrainedAlgorithmicMedia))
    );
    let named = one(&xmp(&[
        ("Iptc4xmpExt:AISystemUsed", "Model House"),
        ("Iptc4xmpExt:AISystemVersionUsed", "7"),
        ("Iptc4xmpExt:AIPromptInformation", "a cat"),
    ]));
    let read = [&named.tool, &named.tool_version, &named.settings.prompt].map(or);
    assert_eq!(read, ["Model House", "7", "a cat"]);
    assert_eq!(named.source_type, None, "which part the system made is not said");
    let human = [
        ("photoshop:Credit", "Alice"),
        ("Iptc4xmpExt:DigitalSourceType", &term("digitalCapture")),
    ];
    assert_eq!(generated(&xmp(&human)).records, []);
}
