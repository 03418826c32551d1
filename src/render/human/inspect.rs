//! All that a file says about itself, by source, unjudged.

use serde_json::Value;

use super::generator;
use super::shared::{actions, codes, identities, ingredients, row, rows, signer_name, stamp_chain, time};
use crate::base::Untrusted;
use crate::render::page::{Cell, Page, Tone};
use crate::render::{Style, escape};
use crate::report::inspect::{InspectAssertion, InspectC2pa, InspectManifest, InspectReport, MetadataGroup};

/// What one file says.
#[must_use]
pub fn inspect(report: &InspectReport, style: &Style) -> String {
    let mut page = Page::new(style);
    page.head(0, &escape::whole(&report.file), Tone::Strong);
    let image = &report.image;
    let size = match (image.width, image.height) {
        (Some(width), Some(height)) => format!(", {width} x {height} pixels"),
        _ => String::new(),
    };
    page.line(
        2,
        &format!(
            "{}, {} bytes{size}; shown as found, judged not at all",
            image.format, image.bytes
        ),
    );
    page.gap();
    match &report.c2pa {
        None => page.line(0, "Content Credentials: none in the file"),
        Some(c2pa) => credentials(&mut page, c2pa),
    }
    for group in &report.metadata {
        metadata(&mut page, group);
    }
    for claim in &report.generators {
        generator::generator(&mut page, claim);
    }
    if report.metadata.is_empty() {
        page.gap();
        page.line(0, "Metadata: none found");
    }
    sentences(&mut page, "Container", &report.container);
    sentences(&mut page, "Could not be read", &report.unreadable);
    page.text()
}

fn sentences(page: &mut Page, head: &str, sentences: &[String]) {
    if !sentences.is_empty() {
        page.gap();
        page.head(0, head, Tone::Strong);
    }
    for sentence in sentences {
        page.line(2, sentence);
    }
}

fn credentials(page: &mut Page, c2pa: &InspectC2pa) {
    page.head(0, "Content Credentials", Tone::Strong);
    row(page, "Size", &format!("{} bytes", c2pa.bytes));
    rows(page, "Said to be at", c2pa.remote_url.as_ref().map(escape::value));
    rows(page, "Manifest", c2pa.manifest.as_ref().map(escape::value));
    rows(page, "Title", c2pa.title.as_ref().map(escape::value));
    rows(
        page,
        "Claim generator",
        c2pa.generator.as_ref().map(escape::value),
    );
    if let Some(signer) = &c2pa.signer {
        row(page, "In the name of", &signer_name(signer));
        rows(
            page,
            "Certificate from",
            signer.issuer.as_ref().map(escape::value),
        );
        row(
            page,
            "",
            &format!("{}, SHA-256 {}", signer.algorithm, signer.certificate_sha256),
        );
        rows(
            page,
            "Timestamp",
            signer.timestamp.as_ref().map(|stamp| {
                let by = stamp.authority.as_ref().map(escape::value).unwrap_or_default();
                match &stamp.at {
                    Some(at) => format!("{}, says {by}", time(at)),
                    None => "does not hold".to_owned(),
                }
            }),
        );
        rows(page, "", signer.timestamp.as_ref().and_then(stamp_chain));
    }
    identities(page, &c2pa.identities);
    if !c2pa.actions.is_empty() {
        row(page, "Actions", &actions(&c2pa.actions));
    }
    ingredients(page, &c2pa.ingredients);
    for manifest in &c2pa.manifests {
        one_manifest(page, manifest);
    }
    codes(page, &c2pa.codes);
}

/// A manifest: in short, the active one's statements and who made the others; with everything, all of each.
fn one_manifest(page: &mut Page, manifest: &InspectManifest) {
    page.gap();
    let which = if manifest.active {
        "What it says"
    } else {
        "An earlier manifest"
    };
    page.head(
        2,
        &format!("{which}: {}", escape::value(&manifest.label)),
        Tone::Strong,
    );
    if manifest.compressed {
        page.line(4, "compressed; not read");
    }
    if !manifest.active {
        let names: Vec<String> = [&manifest.signer, &manifest.organization]
            .into_iter()
            .flatten()
            .map(escape::value)
            .collect();
        let by = if names.is_empty() {
            "nobody readable".to_owned()
        } else {
            names.join(", ")
        };
        entry(page, "In the name of", &by);
        if let Some(generator) = &manifest.generator {
            entry(page, "Claim generator", &escape::value(generator));
        }
        if !manifest.actions.is_empty() {
            entry(page, "Actions", &actions(&manifest.actions));
        }
    }
    if page.full() {
        if let Some(claim) = &manifest.claim {
            page.line(4, "claim");
            content_lines(page, claim, usize::MAX);
        }
        for assertion in &manifest.assertions {
            whole(page, assertion);
        }
        return;
    }
    let (told, kept): (Vec<_>, Vec<_>) = manifest
        .assertions
        .iter()
        .partition(|one| manifest.active && one.content.is_some() && !is_machinery(one.label.raw()));
    for assertion in told {
        page.line(4, &escape::value(&assertion.label));
        if let Some(content) = &assertion.content {
            content_lines(page, content, SHOWN_LINES);
        }
    }
    if !kept.is_empty() {
        let names: Vec<String> = kept.iter().map(|one| escape::value(&one.label)).collect();
        page.line(4, &format!("shown with --full: {}", names.join(", ")));
    }
}

/// Statements that are shown above in their own words, or that bind bytes to bytes.
fn is_machinery(label: &str) -> bool {
    [
        "c2pa.actions",
        "c2pa.hash.",
        "c2pa.ingredient",
        "c2pa.soft-binding",
        "c2pa.thumbnail.",
        "cawg.identity",
    ]
    .iter()
    .any(|start| label.starts_with(start))
}

fn whole(page: &mut Page, assertion: &InspectAssertion) {
    let what = assertion
        .media_type
        .as_ref()
        .map_or_else(String::new, |media_type| {
            format!(" {}", escape::value(media_type))
        });
    page.line(
        4,
        &format!(
            "{} ({} bytes{what})",
            escape::value(&assertion.label),
            assertion.bytes
        ),
    );
    match &assertion.content {
        Some(content) => content_lines(page, content, usize::MAX),
        None => page.line(6, "bytes, not text"),
    }
}

fn entry(page: &mut Page, label: &str, text: &str) {
    let cell = Cell {
        text: label,
        columns: 18,
        tone: Tone::Plain,
    };
    page.row(4, &[cell], text);
}

/// A value as indented lines, `name: value`, every one escaped.
fn content_lines(page: &mut Page, content: &Value, most: usize) {
    let mut lines = Vec::new();
    outline(content, &mut lines);
    for (depth, line) in lines.iter().take(most) {
        page.line(6 + depth.min(&12) * 2, line);
    }
    let more = lines.len().saturating_sub(most);
    if more > 0 {
        page.line(6, &format!("... ({more} more lines: --full)"));
    }
}

/// Walks a value without recursion: what is left to say stands on a stack, last first.
fn outline(content: &Value, lines: &mut Vec<(usize, String)>) {
    let mut left: Vec<(usize, String, &Value)> = vec![(0, String::new(), content)];
    while let Some((depth, name, value)) = left.pop() {
        if let Some(plain) = one_line(value) {
            lines.push((depth, format!("{name}{plain}")));
            continue;
        }
        let inner = if name.is_empty() { depth } else { depth + 1 };
        if !name.is_empty() {
            lines.push((depth, name.trim_end().to_owned()));
        }
        match value {
            Value::Object(map) => left.extend(
                map.iter()
                    .rev()
                    .map(|(key, value)| (inner, format!("{}: ", text(key)), value)),
            ),
            Value::Array(items) => {
                left.extend(items.iter().rev().map(|value| (inner, "- ".to_owned(), value)));
            }
            _ => {}
        }
    }
}

/// What fits on one line: anything without parts, bytes, and lists of plain things.
fn one_line(value: &Value) -> Option<String> {
    match value {
        Value::Object(map) if map.is_empty() => Some("{}".to_owned()),
        Value::Object(map) => {
            let size = map.get("bytes")?.as_u64()?;
            let rest = match (map.get("hex"), map.get("sha256"), map.get("zeros")) {
                (Some(hex), _, _) => hex.as_str()?.to_owned(),
                (_, Some(sha256), _) => format!("SHA-256 {}", sha256.as_str()?),
                (_, _, Some(_)) => "all zero".to_owned(),
                _ => return None,
            };
            (map.len() == 2).then(|| format!("({size} bytes) {}", text(&rest)))
        }
        Value::Array(items) => {
            let plain = items.iter().all(|item| !item.is_object() && !item.is_array());
            let parts = || items.iter().filter_map(one_line).collect::<Vec<_>>().join(", ");
            plain.then(|| format!("[{}]", parts()))
        }
        Value::String(said) => Some(text(said)),
        other => Some(other.to_string()),
    }
}

/// Text of a file, escaped.
fn text(said: &str) -> String {
    escape::value(&Untrusted::from(said))
}

fn metadata(page: &mut Page, group: &MetadataGroup) {
    page.gap();
    page.head(0, &group.source, Tone::Strong);
    let columns = group
        .fields
        .iter()
        .map(|field| escape::columns(&escape::value(&field.name)) + 2)
        .max()
        .unwrap_or(0)
        .clamp(12, 36);
    for field in &group.fields {
        let name = escape::value(&field.name);
        let cell = Cell {
            text: &name,
            columns,
            tone: Tone::Plain,
        };
        let value = if page.full() {
            escape::whole(&field.value)
        } else {
            escape::value(&field.value)
        };
        page.row(2, &[cell], &value);
    }
}

/// Lines of one assertion shown without being asked for everything.
const SHOWN_LINES: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::inspect::MetadataField;
    use crate::report::verify::ImageFacts;

    fn shown(content: &Value) -> Vec<String> {
        let mut lines = Vec::new();
        outline(content, &mut lines);
        let line = |(depth, text): (usize, String)| format!("{}{text}", " ".repeat(depth));
        lines.into_iter().map(line).collect()
    }

    #[test]
    fn values_are_an_outline_with_every_text_escaped() {
        let content = serde_json::json!({
            "a\u{1b}[2J": "two\nlines\u{202e}",
            "list": [{"x": 1}, [true, null]],
            "flat": ["b", 18_446_744_073_709_551_615_u64],
            "hash": {"bytes": 2, "hex": "01ff"},
            "not bytes": {"bytes": 2, "hex": "01", "more": "z"},
        });
        assert_eq!(
            shown(&content),
            [
                "a\\u{1b}[2J: two\\nlines\\u{202e}",
                "list:",
                " -",
                "  x: 1",
                " - [true, null]",
                "flat: [b, 18446744073709551615]",
                "hash: (2 bytes) 01ff",
                "not bytes:",
                " bytes: 2",
                " hex: 01",
                " more: z",
            ]
        );
    }

    #[test]
    fn a_deep_value_costs_no_stack() {
        let mut deep = Value::Null;
        for _ in 0..120 {
            deep = serde_json::json!({ "a": deep });
        }
        assert_eq!(shown(&deep).len(), 120);
    }

    #[test]
    fn fields_stand_by_source_in_columns_and_escaped() {
        let field = |name: &str, value: &str| MetadataField {
            name: name.into(),
            value: value.into(),
        };
        let report = InspectReport {
            schema: "inspect-report.v1",
            file: "a.jpg".into(),
            image: ImageFacts {
                format: "JPEG".into(),
                bytes: 1234,
                width: Some(640),
                height: Some(480),
                content_sha256: None,
            },
            c2pa: None,
            metadata: vec![MetadataGroup {
                source: "EXIF".into(),
                fields: vec![
                    field("Artist", "A\u{1b}]0;x\u{7}"),
                    field("ImageDescription", "two\nlines"),
                ],
            }],
            generators: vec![],
            container: vec!["12 bytes follow the end of the image at offset 1222".into()],
            unreadable: vec![],
        };
        let expected = "\
a.jpg
  JPEG, 1234 bytes, 640 x 480 pixels; shown as found, judged not at all

Content Credentials: none in the file

EXIF
  Artist            A\\u{1b}]0;x\\u{7}
  ImageDescription  two\\nlines

Container
  12 bytes follow the end of the image at offset 1222
";
        assert_eq!(inspect(&report, &Style::default()), expected);
    }
}
