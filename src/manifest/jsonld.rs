//! `cawg.metadata` and `cawg.training-mining`: the statement's rights and AI fields as JSON-LD, twins of what goes into XMP.
//!
//! Sources: CAWG metadata assertion 1.1; CAWG training and data mining 1.1; IPTC Photo Metadata 2025.1; PLUS LDF.

use serde_json::{Map, Value, json};

use crate::base::Statement;
use crate::base::statement::{Mining, Role, uuid_text};

/// IPTC's property for how a picture came to be.
pub(super) const SOURCE_TYPE: &str = "Iptc4xmpExt:DigitalSourceType";

/// The JSON-LD of `cawg.metadata`; `extra` members win.
pub(super) fn metadata(statement: &Statement, extra: &Map<String, Value>) -> Value {
    let mut out = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            out.insert(name.to_owned(), value);
        }
    };
    let text = |value: &Option<String>| value.as_ref().map(|text| json!(text));
    let localised = |value: &Option<String>| value.as_ref().map(|text| json!({"x-default": text}));
    let named = |value: &Option<String>, field: &str| value.as_ref().map(|text| json!([{field: text}]));

    // The person is the creator only where the role says so: a producer of generated work is not (metadata.md 7.1).
    let person = statement.by.as_ref();
    match statement.role {
        Some(Role::Creator) => put("dc:creator", person.map(|name| json!([name]))),
        Some(Role::Publisher) => put("dc:publisher", person.map(|name| json!([name]))),
        Some(Role::Editor | Role::Producer) | None => {
            put("dc:contributor", person.map(|name| json!([name])));
        }
    }
    put("dc:title", localised(&statement.title));
    put("dc:description", localised(&statement.description));
    put("dc:rights", localised(&statement.copyright));
    put("photoshop:Credit", text(&statement.credit));
    put(
        "photoshop:DateCreated",
        statement.created.map(|moment| json!(moment.iso8601())),
    );
    put("xmp:CreatorTool", text(&statement.software));
    put("xmpRights:Marked", statement.marked().map(|yes| json!(yes)));
    put("xmpRights:UsageTerms", localised(&statement.usage_terms));
    put("xmpRights:WebStatement", text(&statement.web_statement));
    put(
        "plus:CopyrightOwner",
        named(&statement.copyright_owner, "plus:CopyrightOwnerName"),
    );
    put(
        "plus:Licensor",
        named(&statement.licensor_url, "plus:LicensorURL"),
    );
    put(
        "plus:DataMining",
        statement.mining.map(|mining| json!(mining.plus_uri())),
    );
    put(SOURCE_TYPE, Some(json!(statement.source.uri())));
    if statement.source.is_ai() {
        put("Iptc4xmpExt:AISystemUsed", text(&statement.ai_system));
        put("Iptc4xmpExt:AISystemVersionUsed", text(&statement.ai_version));
        put("Iptc4xmpExt:AIPromptInformation", text(&statement.prompt));
        put("Iptc4xmpExt:AIPromptWriterName", text(&statement.prompt_writer));
    }
    put(
        "Iptc4xmpExt:DigImageGUID",
        Some(json!(format!("urn:uuid:{}", uuid_text(statement.ids.document)))),
    );
    out.extend(extra.clone());
    out.insert("@context".to_owned(), context());
    Value::Object(out)
}

/// The CBOR map of `cawg.training-mining`.
pub(super) fn training_mining(mining: Mining) -> Value {
    let entries: Map<String, Value> = mining
        .cawg_entries()
        .into_iter()
        .filter_map(|(name, allowed)| {
            let word = if allowed? { "allowed" } else { "notAllowed" };
            Some((name.to_owned(), json!({ "use": word })))
        })
        .collect();
    json!({ "entries": entries })
}

fn context() -> Value {
    json!({
        "dc": "http://purl.org/dc/elements/1.1/",
        "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
        "photoshop": "http://ns.adobe.com/photoshop/1.0/",
        "plus": "http://ns.useplus.org/ldf/xmp/1.0/",
        "xmp": "http://ns.adobe.com/xap/1.0/",
        "xmpRights": "http://ns.adobe.com/xap/1.0/rights/"
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_reserves_training_allows_nothing_else() {
        let of = |mining| training_mining(mining)["entries"].clone();
        let no = json!({"use": "notAllowed"});
        assert_eq!(
            of(Mining::NoTraining),
            json!({"cawg.ai_training": no, "cawg.ai_generative_training": no})
        );
        assert_eq!(
            of(Mining::NoGenerativeTraining),
            json!({"cawg.ai_generative_training": no})
        );
        assert_eq!(of(Mining::Allowed).as_object().map(Map::len), Some(4));
    }
}
