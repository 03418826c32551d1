//! IPTC-IIM in: the datasets that name people, rights and dates. Not written.
//!
//! A dataset is `1C <record u8> <dataset u8> <length u16> <bytes>`; record 1 dataset 90 names the character set.
//! Source: IPTC-NAA Information Interchange Model 4.2, sections 1.5 and 6.

use super::charset;
use super::{Field, Note, Source};
use crate::base::Untrusted;
use crate::base::limits::FIELD_BYTES_MAX;

/// Most datasets read.
const DATASETS_MAX: usize = 1024;

const NAMES: [(u8, &str); 13] = [
    (5, "ObjectName"),
    (25, "Keywords"),
    (40, "SpecialInstructions"),
    (55, "DateCreated"),
    (60, "TimeCreated"),
    (65, "OriginatingProgram"),
    (80, "By-line"),
    (85, "By-lineTitle"),
    (105, "Headline"),
    (110, "Credit"),
    (115, "Source"),
    (116, "CopyrightNotice"),
    (120, "Caption-Abstract"),
];

/// Reads datasets; total: what cannot be read becomes a note.
pub(super) fn read(datasets: &[u8]) -> (Vec<Field>, Vec<Note>) {
    let (mut fields, mut notes) = (Vec::new(), Vec::new());
    let mut rest = datasets;
    while fields.len() < DATASETS_MAX {
        let [0x1C, record, dataset, high, low, after @ ..] = rest else {
            break;
        };
        let len = usize::from(u16::from_be_bytes([*high, *low]));
        // The top bit announces an extended length; no field read here needs one.
        let Some((value, next)) = after.split_at_checked(len).filter(|_| len < 0x8000) else {
            notes.push(Note::new(
                Source::Iptc,
                "an IPTC dataset is longer than the block; the rest was not read",
            ));
            return (fields, notes);
        };
        rest = next;
        let Some((_, name)) = NAMES.iter().find(|row| *record == 2 && row.0 == *dataset) else {
            continue;
        };
        let decoded = charset::utf8_or_latin1(value.get(..len.min(FIELD_BYTES_MAX)).unwrap_or(value));
        if let Some(remark) = decoded.remark {
            notes.push(Note::new(Source::Iptc, &format!("IPTC:{name}: {remark}")));
        }
        fields.push(Field {
            source: Source::Iptc,
            name: format!("IPTC:{name}"),
            value: Untrusted::new(decoded.text),
        });
    }
    if rest.iter().any(|byte| *byte != 0) {
        notes.push(Note::new(
            Source::Iptc,
            "the IPTC block does not end with a dataset; the rest was not read",
        ));
    }
    (fields, notes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dataset(number: u8, value: &[u8]) -> Vec<u8> {
        [&[0x1C, 2, number, 0, u8::try_from(value.len()).unwrap()], value].concat()
    }

    #[test]
    fn people_and_rights_are_named_and_the_rest_is_passed_over() {
        let block = [
            dataset(0, b"\0\x04"),
            dataset(80, b"Alice"),
            dataset(116, b"(c) Ren\xe9"),
            vec![0],
        ]
        .concat();
        let (fields, notes) = read(&block);
        let found: Vec<_> = fields
            .iter()
            .map(|field| (field.name.as_str(), field.value.raw()))
            .collect();
        assert_eq!(
            found,
            [
                ("IPTC:By-line", "Alice"),
                ("IPTC:CopyrightNotice", "(c) Ren\u{e9}")
            ]
        );
        assert_eq!(notes.len(), 1);
    }

    #[test]
    fn a_dataset_longer_than_the_block_is_noted() {
        let (fields, notes) = read(b"\x1c\x02\x50\x00\xffAlice");
        assert!(fields.is_empty());
        assert_eq!(notes.len(), 1);
    }
}
