//! Marks by which services and tools name themselves where they write no settings: who made the picture, and nothing of how.

use super::super::{Field, Metadata, Source};
use super::midjourney::is_uuid;
use super::{Dialect, FoundIn, Record, Settings, said};

/// What programs that make nothing but generated pictures write as the program, by its beginning.
const PROGRAMS: [&str; 9] = [
    "Adobe Firefly",
    "ComfyUI",
    "DALL-E",
    "Fooocus",
    "Ideogram",
    "InvokeAI",
    "Midjourney",
    "NovelAI",
    "Stable Diffusion",
];

/// Fields that name a program.
const OF_PROGRAMS: [&str; 3] = ["Exif:Software", "text:Software", "xmp:CreatorTool"];

/// Fewest characters of the signature that Grok writes; a person's "Signature: " is a word or two.
const SIGNATURE_LEN_MIN: usize = 40;

/// The record of the first mark; `None` where there is none.
pub(super) fn record(metadata: &Metadata) -> Option<Record> {
    metadata.fields.iter().find_map(|field| {
        let (tool, remark) = mark(field, metadata)?;
        let found_in = FoundIn {
            place: place(field.source),
            name: field.name.strip_prefix("text:").unwrap_or(&field.name).to_owned(),
        };
        let mut record = Record::new(Dialect::Mark, &found_in, tool, Settings::default());
        record.remarks.extend(remark);
        if field.name == JOB {
            record.job_id = said(field.value.raw());
        }
        Some(record)
    })
}

fn mark(field: &Field, metadata: &Metadata) -> Option<(&'static str, Option<&'static str>)> {
    let value = field.value.raw();
    match field.name.as_str() {
        "Exif:Make" if value == "Ideogram AI" => Some(("Ideogram", None)),
        "Exif:ImageDescription" if is_signed_by_grok(value, metadata) => Some(("Grok", Some(BY_FORM))),
        "text:TensorArtMetadata" => Some(("TensorArt", None)),
        JOB => Some(("Hugging Face", None)),
        name if OF_PROGRAMS.contains(&name) => {
            let begins = |program: &&str| {
                value
                    .get(..program.len())
                    .is_some_and(|start| start.eq_ignore_ascii_case(program))
            };
            Some((PROGRAMS.into_iter().find(begins)?, None))
        }
        _ => None,
    }
}

/// Grok names itself nowhere: a signature in base64 as the description, a UUID as the artist.
fn is_signed_by_grok(description: &str, metadata: &Metadata) -> bool {
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    let signature = description.strip_prefix("Signature: ").map(str::trim);
    signature.is_some_and(|text| text.len() >= SIGNATURE_LEN_MIN && text.chars().all(is_base64))
        && metadata
            .first("Exif:Artist")
            .is_some_and(|artist| is_uuid(artist.raw().trim()))
}

const fn place(source: Source) -> &'static str {
    match source {
        Source::Exif => "EXIF",
        Source::Iptc => "IPTC",
        Source::Text => "text",
        Source::Xmp => "XMP",
    }
}

/// The number of a job of Hugging Face.
const JOB: &str = "text:hf-job-id";

const BY_FORM: &str = "known by its form alone: the file names no service";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Untrusted;

    fn marked(rows: &[(Source, &str, &str)]) -> Option<Record> {
        let field = |(source, name, value): &(Source, &str, &str)| Field {
            source: *source,
            name: (*name).to_owned(),
            value: Untrusted::new(*value),
        };
        record(&Metadata {
            fields: rows.iter().map(field).collect(),
            ..Metadata::default()
        })
    }

    const ARTIST: (Source, &str, &str) = (
        Source::Exif,
        "Exif:Artist",
        "0b6a3f4e-7c1d-4a5b-9e2f-8d7c6b5a4f3e",
    );
    const SIGNATURE: &str = "Signature: MEUCIQDx0T3v8Yq2bq3nq1gq0c1zq9vJp4mXo6c2kYd1bq3nAg==";

    #[test]
    fn each_service_is_known_by_its_mark() {
        let rows = [
            (Source::Exif, "Exif:Make", "Ideogram AI", "Ideogram"),
            (Source::Text, "text:TensorArtMetadata", "{}", "TensorArt"),
            (Source::Text, "text:hf-job-id", "j-1", "Hugging Face"),
            (Source::Text, "text:Software", "NovelAI", "NovelAI"),
            (Source::Exif, "Exif:Software", "midjourney 7", "Midjourney"),
            (Source::Xmp, "xmp:CreatorTool", "Adobe Firefly 4", "Adobe Firefly"),
        ];
        for (source, name, value, tool) in rows {
            let record = marked(&[(source, name, value)]).unwrap();
            assert_eq!(record.tool.unwrap().raw(), tool, "{name}");
            assert_eq!(record.job_id.is_some(), name == JOB);
        }
        let grok = marked(&[(Source::Exif, "Exif:ImageDescription", SIGNATURE), ARTIST]).unwrap();
        assert_eq!(
            (grok.tool.unwrap().raw(), &grok.remarks[..]),
            ("Grok", &[BY_FORM][..])
        );
    }

    #[test]
    fn words_of_people_are_no_mark() {
        let by_hand = (
            Source::Exif,
            "Exif:ImageDescription",
            "Signature: the dean, and his wife",
        );
        let described = (Source::Exif, "Exif:ImageDescription", SIGNATURE);
        let by_name = (Source::Exif, "Exif:Artist", "Ada Painter");
        for rows in [
            &[(Source::Text, "text:Software", "GIMP")][..],
            &[(Source::Exif, "Exif:Make", "Ideal")],
            &[(Source::Xmp, "dc:creator[1]", "Midjourney")],
            &[by_hand, ARTIST],
            &[described],
            &[described, by_name],
        ] {
            assert_eq!(marked(rows), None, "{rows:?}");
        }
    }
}
