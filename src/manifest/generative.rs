//! Statements of generative AI in forms older than, or beside, the digital source type of an action: real products wrote them.

use c2pa::Manifest;
use serde_json::Value;

use super::contents::{base, stated_actions};
use crate::base::SourceType;

/// Assertions by which Adobe (until 2023) and Black Forest Labs say that a model had a part in a picture. Adobe's is an action, too.
const LABELS: [&str; 2] = ["com.adobe.generative-ai", "c2pa.ai_generated_content"];
/// What Microsoft's image services wrote as the description of `c2pa.created` in 2023 and 2024, and no source type.
const DESCRIPTION: &str = "AI Generated Image";

/// The source type that such a statement comes to: a picture that was only created is the model's, one with other parts is so in part.
pub(super) fn implied(manifest: &Manifest) -> Option<SourceType> {
    let actions: Vec<&Value> = stated_actions(manifest).collect();
    let labels: Vec<&str> = manifest.assertions().iter().map(base).collect();
    of(&labels, &actions)
}

fn of(labels: &[&str], actions: &[&Value]) -> Option<SourceType> {
    let named =
        |action: &Value, names: &[&str]| action["action"].as_str().is_some_and(|one| names.contains(&one));
    let has = |names: &[&str]| actions.iter().any(|action| named(action, names));
    let described = |action: &&Value| {
        let text = action["description"].as_str().unwrap_or_default();
        named(action, &["c2pa.created"]) && text.eq_ignore_ascii_case(DESCRIPTION)
    };
    let is_said =
        labels.iter().any(|label| LABELS.contains(label)) || has(&LABELS) || actions.iter().any(described);
    let is_whole = has(&["c2pa.created"]) && !has(&["c2pa.opened", "c2pa.placed"]);
    is_said.then_some(if is_whole {
        SourceType::TrainedAlgorithmicMedia
    } else {
        SourceType::CompositeWithTrainedAlgorithmicMedia
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_forms_of_real_products_come_to_a_source_type_and_others_to_none() {
        let created = json!({"action": "c2pa.created"});
        let opened = json!({"action": "c2pa.opened"});
        let bing = json!({"action": "c2pa.created", "description": "AI Generated Image"});
        let adobe = json!({"action": "com.adobe.generative-ai"});
        let other = json!({"action": "c2pa.edited", "description": "AI Generated Image"});
        let (whole, part) = (
            Some(SourceType::TrainedAlgorithmicMedia),
            Some(SourceType::CompositeWithTrainedAlgorithmicMedia),
        );
        assert_eq!(of(&["com.adobe.generative-ai"], &[&created]), whole);
        assert_eq!(of(&["com.adobe.generative-ai"], &[&opened]), part);
        assert_eq!(of(&["com.adobe.generative-ai"], &[]), part);
        assert_eq!(of(&["c2pa.ai_generated_content"], &[&created]), whole);
        assert_eq!(of(&[], &[&opened, &adobe]), part);
        assert_eq!(of(&[], &[&bing]), whole);
        assert_eq!(of(&["stds.schema-org.CreativeWork"], &[&created, &other]), None);
    }
}
