//! Statements about rights in words: a field's name, a URI or a structure is for programs, and stands in JSON.

use serde_json::Value;

use crate::base::Untrusted;
use crate::render::escape;
use crate::report::verify::RightsLine;

/// What a field is, in a few words; nothing for those that are known by their names.
pub(in crate::render) fn field(name: &str) -> &'static str {
    match name.split('/').next().unwrap_or_default() {
        "dc:creator" | "schema:author" | "schema:creator" => "Creator",
        "dc:rights" | "Exif:Copyright" | "schema:copyrightNotice" => "Copyright notice",
        "photoshop:Credit" | "schema:creditText" => "Credit line",
        "plus:CopyrightOwner" | "schema:copyrightHolder" | "xmpRights:Owner" => "Named as holder",
        "plus:DataMining" => "Data mining",
        "plus:Licensor" => "Licensor",
        "schema:acquireLicensePage" => "Licences to be had at",
        "schema:copyrightYear" => "Year of copyright",
        "schema:license" => "Licence",
        "training-mining" => "Training and mining",
        "xmpRights:Marked" => "Rights reserved",
        "schema:usageInfo" | "xmpRights:UsageTerms" => "Usage terms",
        "xmpRights:WebStatement" => "Statement on the web",
        _ => "",
    }
}

/// What a statement says: codes in words, structures as the texts in them, all else as it is.
pub(in crate::render) fn value(line: &RightsLine) -> Untrusted {
    let raw = line.value.raw();
    let said = match line.field.split('/').next().unwrap_or_default() {
        "plus:DataMining" => mining(raw).map(str::to_owned),
        "plus:CopyrightOwner" | "plus:Licensor" => structure(raw),
        "training-mining" => Some(uses(raw)),
        "xmpRights:Marked" if raw.eq_ignore_ascii_case("true") => Some("yes".to_owned()),
        "xmpRights:Marked" if raw.eq_ignore_ascii_case("false") => Some("no".to_owned()),
        _ => None,
    };
    said.map_or_else(|| line.value.clone(), Untrusted::new)
}

/// The statement as a line, with the field where words stand for it.
pub(super) fn line(line: &RightsLine) -> String {
    let disagrees = if line.disagrees {
        "; the signed manifest says otherwise"
    } else {
        ""
    };
    let value = escape::value(&value(line));
    let coded = ["plus:", "schema:", "training-mining", "xmpRights:"];
    let is_coded = coded.iter().any(|prefix| line.field.starts_with(prefix));
    match field(&line.field) {
        words if is_coded && !words.is_empty() => {
            let words = words.to_ascii_lowercase();
            format!("{words}: {value} ({}, {}{disagrees})", line.field, line.source)
        }
        _ => format!("{}: {value} ({}{disagrees})", line.field, line.source),
    }
}

/// A value of the PLUS vocabulary of data mining (PLUS LDF 2.0.1).
fn mining(raw: &str) -> Option<&'static str> {
    Some(match raw.rsplit('/').next().unwrap_or_default() {
        "DMI-ALLOWED" => "allowed",
        "DMI-PROHIBITED" => "prohibited",
        "DMI-PROHIBITED-AIMLTRAINING" => "prohibited for the training of any model",
        "DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING" => "prohibited, but for indexing by search engines",
        "DMI-PROHIBITED-GENAIMLTRAINING" => "prohibited for the training of generative models",
        "DMI-PROHIBITED-SEECONSTRAINT" => "prohibited, as constraints stated elsewhere say",
        "DMI-PROHIBITED-SEEEMBEDDEDRIGHTSEXPR" => "prohibited, as a rights expression in the file says",
        "DMI-PROHIBITED-SEELINKEDRIGHTSEXPR" => "prohibited, as a rights expression elsewhere says",
        "DMI-UNSPECIFIED" => "not specified",
        _ => return None,
    })
}

/// Answers and uses in words; what constrains uses, who stand behind it in parentheses, as it was written.
fn uses(raw: &str) -> String {
    let answers = |text: &str| text.replace("notAllowed:", "not allowed:");
    let words = |text: &str| text.replace('_', " ");
    match raw.rsplit_once(" (") {
        Some((constraint, uses)) => {
            let (answer, by) = constraint.split_once(": ").unwrap_or((constraint, ""));
            let answer = answers(&format!("{answer}:"));
            format!("{answer} {by} ({}", words(uses))
        }
        None => words(&answers(raw)),
    }
}

/// The texts of structures, one or more with semicolons between them.
fn structure(raw: &str) -> Option<String> {
    let whole = serde_json::from_str(raw).map(|one| vec![one]);
    let parts = || raw.split("; ").map(serde_json::from_str).collect();
    let found: Vec<Value> = whole.or_else(|_: serde_json::Error| parts()).ok()?;
    let mut texts = Vec::new();
    for one in &found {
        let Value::Object(map) = one else { return None };
        let said = map.values().map(|value| value.as_str().map(str::to_owned));
        texts.push(said.collect::<Option<Vec<_>>>()?.join(", "));
    }
    Some(texts.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(field: &str, value: &str) -> String {
        line(&RightsLine {
            field: field.to_owned(),
            value: value.into(),
            source: "signed".to_owned(),
            disagrees: false,
        })
    }

    #[test]
    fn codes_and_structures_are_told_in_words() {
        for (field, value, wanted) in [
            (
                "plus:CopyrightOwner",
                "{\"plus:CopyrightOwnerName\":\"Ada GmbH\"}",
                "named as holder: Ada GmbH (plus:CopyrightOwner, signed)",
            ),
            (
                "plus:Licensor",
                "{\"plus:LicensorName\":\"Ada\",\"plus:LicensorURL\":\"https://a.example\"}; {\"plus:LicensorName\":\"Bob\"}",
                "licensor: Ada, https://a.example; Bob (plus:Licensor, signed)",
            ),
            (
                "plus:DataMining",
                "http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED",
                "data mining: prohibited (plus:DataMining, signed)",
            ),
            (
                "xmpRights:Marked",
                "True",
                "rights reserved: yes (xmpRights:Marked, signed)",
            ),
            (
                "training-mining",
                "notAllowed: ai_training",
                "training and mining: not allowed: ai training (training-mining, signed)",
            ),
            (
                "training-mining",
                "constrained: ask https://a.example/my_terms (ai_training, data_mining)",
                "training and mining: constrained: ask https://a.example/my_terms (ai training, data mining) (training-mining, signed)",
            ),
            (
                "schema:author",
                "Ada; Bob",
                "creator: Ada; Bob (schema:author, signed)",
            ),
            ("dc:rights", "(c) 2026 Ada", "dc:rights: (c) 2026 Ada (signed)"),
        ] {
            assert_eq!(told(field, value), wanted);
        }
    }

    #[test]
    fn what_is_no_such_code_is_told_as_it_is() {
        for (field, value) in [
            ("plus:DataMining", "DMI-\u{1b}x"),
            ("plus:CopyrightOwner", "{\"a\":[1]}"),
            ("xmpRights:Marked", "perhaps"),
        ] {
            assert!(
                told(field, value).contains(&escape::value(&value.into())),
                "{field}"
            );
        }
    }
}
