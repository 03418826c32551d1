//! All that a file says about itself, by source, unjudged.

use super::shared::{actions, codes, identities, ingredients, row, rows, signer_name, time};
use crate::render::page::{Cell, Page, Tone};
use crate::render::{Style, escape, json};
use crate::report::inspect::{InspectC2pa, InspectReport, MetadataGroup};

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
    }
    identities(page, &c2pa.identities);
    if !c2pa.actions.is_empty() {
        row(page, "Actions", &actions(&c2pa.actions));
    }
    ingredients(page, &c2pa.ingredients);
    for assertion in &c2pa.assertions {
        page.gap();
        page.head(2, &escape::value(&assertion.label), Tone::Strong);
        match &assertion.content {
            None => page.line(4, "(not shown)"),
            Some(content) => content_lines(page, content),
        }
    }
    codes(page, &c2pa.codes);
}

fn content_lines(page: &mut Page, content: &serde_json::Value) {
    const SHOWN: usize = 60;
    let text = json::pretty(content);
    let shown = if page.full() { usize::MAX } else { SHOWN };
    for line in text.lines().take(shown) {
        page.line(4, &escape::value(&line.into()));
    }
    let more = text.lines().count().saturating_sub(shown);
    if more > 0 {
        page.line(4, &format!("... ({more} more lines: --full)"));
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::inspect::MetadataField;
    use crate::report::verify::ImageFacts;

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
