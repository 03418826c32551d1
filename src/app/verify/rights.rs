//! Rights statements, each with its source; what they are worth is not judged.

use serde_json::Value;

use crate::base::Untrusted;
use crate::manifest::{ManifestFacts, MiningFacts};
use crate::metadata::Metadata;
use crate::report::verify::RightsLine;

/// Fields that speak of rights, in `cawg.metadata`, XMP, EXIF, IPTC-IIM and texts of PNG.
const FIELDS: [&str; 20] = [
    "dc:creator",
    "dc:contributor",
    "dc:publisher",
    "dc:rights",
    "Iptc4xmpExt:Contributor",
    "photoshop:Credit",
    "plus:CopyrightOwner",
    "plus:DataMining",
    "plus:Licensor",
    "xmpRights:Marked",
    "xmpRights:Owner",
    "xmpRights:UsageTerms",
    "xmpRights:WebStatement",
    "cc:license",
    "Exif:Copyright",
    "IPTC:By-line",
    "IPTC:CopyrightNotice",
    "IPTC:Credit",
    "text:Author",
    "text:Copyright",
];

/// Rights lines: from the signed manifest (if its bytes hold), then from the file's metadata where that says more.
pub(super) fn rights(facts: Option<&ManifestFacts>, metadata: Option<&Metadata>) -> Vec<RightsLine> {
    let mut lines: Vec<RightsLine> = Vec::new();
    if let Some(facts) = facts {
        from_manifest(facts, &mut lines);
    }
    for field in metadata.iter().flat_map(|metadata| &metadata.fields) {
        let plain = field.name.split('[').next().unwrap_or_default();
        let speaks = FIELDS
            .iter()
            .any(|known| plain == *known || plain.starts_with(&format!("{known}/")));
        let said = lines.iter().any(|line| says(line, plain, field.value.raw()));
        // Cameras write a field of blanks.
        let is_blank = field
            .value
            .raw()
            .chars()
            .all(|char| char.is_whitespace() || char == '\0');
        // The role is a word beside the name.
        let is_role = field.name.ends_with("Iptc4xmpExt:Role[1]") || field.name.ends_with("Iptc4xmpExt:Role");
        if speaks && !said && !is_blank && !is_role {
            let disagrees = is_twin(plain)
                && lines
                    .iter()
                    .any(|line| line.source == SIGNED && kin(&line.field) == kin(plain));
            lines.push(RightsLine {
                disagrees,
                field: plain.to_owned(),
                value: field.value.clone(),
                source: field.source.word().to_owned(),
            });
        }
    }
    lines
}

fn from_manifest(facts: &ManifestFacts, lines: &mut Vec<RightsLine>) {
    let signed = |field: &str, value: String| RightsLine {
        field: field.to_owned(),
        value: Untrusted::new(value),
        source: SIGNED.to_owned(),
        disagrees: false,
    };
    if let Some(Value::Object(map)) = &facts.active.metadata {
        for name in FIELDS {
            if let Some(value) = map.get(name) {
                lines.push(signed(name, flat(value)));
            }
        }
    }
    for (field, value) in &facts.active.work {
        if !lines.iter().any(|line| says(line, field, value.raw())) {
            lines.push(signed(field, value.raw().to_owned()));
        }
    }
    let (constrained, plain): (Vec<_>, Vec<_>) = facts
        .active
        .mining
        .iter()
        .partition(|one| one.constraint.is_some());
    lines.extend(mining(&plain).map(|value| signed("training-mining", value)));
    let constrained = constraints(&constrained).into_iter();
    lines.extend(constrained.map(|value| signed("training-mining", value)));
}

/// What is said of each use, uses of one answer together: `notAllowed: ai_inference, data_mining`.
fn mining(entries: &[&MiningFacts]) -> Option<String> {
    let answers = together(entries, |one| one.answer.raw().to_owned());
    let parts: Vec<String> = answers
        .iter()
        .map(|(answer, uses)| format!("{answer}: {}", uses.join(", ")))
        .collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// What is said of uses together with what constrains them, uses of one answer together: `constrained: ask first (ai_training)`.
fn constraints(entries: &[&MiningFacts]) -> Vec<String> {
    let answer = |one: &MiningFacts| {
        let by = one.constraint.as_ref().map(Untrusted::raw).unwrap_or_default();
        format!("{}: {by}", one.answer.raw())
    };
    let answers = together(entries, answer).into_iter();
    answers
        .map(|(answer, uses)| format!("{answer} ({})", uses.join(", ")))
        .collect()
}

/// The uses that have one answer, under it, in the order they are named in.
fn together<'a>(
    entries: &[&'a MiningFacts],
    answer: impl Fn(&MiningFacts) -> String,
) -> Vec<(String, Vec<&'a str>)> {
    let mut answers: Vec<(String, Vec<&str>)> = Vec::new();
    for entry in entries {
        // Older files state the same uses under `c2pa.` too.
        let name = entry.name.raw();
        let name = name
            .strip_prefix("cawg.")
            .or_else(|| name.strip_prefix("c2pa."))
            .unwrap_or(name);
        let answer = answer(entry);
        match answers.iter_mut().find(|(known, _)| *known == answer) {
            Some((_, uses)) if uses.contains(&name) => {}
            Some((_, uses)) => uses.push(name),
            None => answers.push((answer, vec![name])),
        }
    }
    answers
}

/// Whether a line says this of this field already: alone, among others, or within a structure shown as JSON.
fn says(line: &RightsLine, field: &str, value: &str) -> bool {
    let (said, value) = (line.value.raw().to_lowercase(), value.to_lowercase());
    let same =
        said == value || said.split("; ").any(|part| part == value) || said.contains(&format!("\"{value}\""));
    same && kin(&line.field) == kin(field)
}

/// The source of what the verified manifest holds.
const SIGNED: &str = "signed";

/// Whether a field of the file's metadata must say what the manifest says of it (`metadata.md` 7.3, rule 9).
fn is_twin(field: &str) -> bool {
    matches!(kin(field), "dc:creator" | "dc:rights" | "plus:DataMining")
}

/// The property a field stands for: EXIF and XMP write one statement under two names, schema.org has its own, and structures have
/// parts. A licence of schema.org is the web statement of XMP (IPTC, "Quick guide to IPTC Photo Metadata on Google Images").
fn kin(field: &str) -> &str {
    match field.split(['[', '/']).next().unwrap_or_default() {
        "Exif:Copyright" | "IPTC:CopyrightNotice" | "schema:copyrightNotice" | "text:Copyright" => {
            "dc:rights"
        }
        "IPTC:By-line" | "schema:author" | "schema:creator" | "text:Author" => "dc:creator",
        "IPTC:Credit" | "schema:creditText" => "photoshop:Credit",
        "schema:acquireLicensePage" => "plus:Licensor",
        "schema:copyrightHolder" => "plus:CopyrightOwner",
        "schema:license" => "xmpRights:WebStatement",
        "schema:usageInfo" => "xmpRights:UsageTerms",
        "Iptc4xmpExt:Contributor" => "dc:contributor",
        first => first,
    }
}

/// The strings of a JSON-LD value, joined; structure that is no string is shown as JSON.
fn flat(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(shallow).collect::<Vec<_>>().join("; "),
        Value::Object(map) => map.values().map(shallow).collect::<Vec<_>>().join("; "),
        other => other.to_string(),
    }
}

fn shallow(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(field: &str, value: &str) -> RightsLine {
        RightsLine {
            field: field.to_owned(),
            value: value.into(),
            source: SIGNED.to_owned(),
            disagrees: false,
        }
    }

    #[test]
    fn a_statement_is_made_once_whatever_its_case_and_block() {
        assert!(says(
            &line("xmpRights:Marked", "true"),
            "xmpRights:Marked",
            "True"
        ));
        assert!(says(&line("dc:rights", "(c) Ada"), "Exif:Copyright", "(c) Ada"));
        assert!(says(&line("dc:creator", "Ada; Bob"), "dc:creator", "Bob"));
        let owner = line("plus:CopyrightOwner", "{\"plus:CopyrightOwnerName\":\"Ada\"}");
        assert!(says(&owner, "plus:CopyrightOwner", "Ada"));
    }

    #[test]
    fn another_field_or_another_value_is_another_statement() {
        assert!(!says(&line("dc:creator", "Ada"), "photoshop:Credit", "Ada"));
        assert!(!says(&line("dc:rights", "(c) Ada"), "dc:rights", "(c) Bob"));
        assert!(!says(&line("dc:creator", "Ada Bob"), "dc:creator", "Ada"));
    }

    fn of_use(name: &str, answer: &str, constraint: Option<&str>) -> MiningFacts {
        MiningFacts {
            name: name.into(),
            answer: answer.into(),
            constraint: constraint.map(Untrusted::from),
        }
    }

    #[test]
    fn uses_with_one_answer_stand_on_one_line() {
        let entries = [
            of_use("cawg.ai_inference", "notAllowed", None),
            of_use("cawg.data_mining", "allowed", None),
            of_use("cawg.ai_training", "notAllowed", None),
            of_use("c2pa.ai_training", "notAllowed", None),
        ];
        assert_eq!(
            mining(&entries.each_ref()).as_deref(),
            Some("notAllowed: ai_inference, ai_training; allowed: data_mining")
        );
        assert_eq!(mining(&[]), None);
    }

    #[test]
    fn uses_with_one_constraint_stand_on_one_line() {
        let entries = [
            of_use("cawg.ai_training", "constrained", Some("ask joe")),
            of_use("cawg.data_mining", "constrained", Some("ask ann")),
            of_use("cawg.ai_inference", "constrained", Some("ask joe")),
        ];
        assert_eq!(
            constraints(&entries.each_ref()),
            [
                "constrained: ask joe (ai_training, ai_inference)",
                "constrained: ask ann (data_mining)"
            ]
        );
    }
}

#[cfg(test)]
#[path = "rights_tests.rs"]
mod of_files;
