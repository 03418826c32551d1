//! What a statement contradicts in fields that byline reads and does not write: IPTC-IIM, texts of PNG, a time of EXIF where a day
//! is stated.

use super::patch::Conflict;
use super::{Metadata, Source};
use crate::base::statement::Role;
use crate::base::{Statement, Untrusted};

/// Every such field that says otherwise; it stays as it is.
pub(super) fn conflicts(found: &Metadata, statement: &Statement) -> Vec<Conflict> {
    let creator = statement
        .by
        .as_ref()
        .filter(|_| statement.role == Some(Role::Creator));
    // Longest values: IPTC-IIM 4.2, 6.
    let rows = [
        (Source::Iptc, "IPTC:By-line", creator, 32),
        (
            Source::Iptc,
            "IPTC:Caption-Abstract",
            statement.description.as_ref(),
            2000,
        ),
        (
            Source::Iptc,
            "IPTC:CopyrightNotice",
            statement.copyright.as_ref(),
            128,
        ),
        (Source::Iptc, "IPTC:Credit", statement.credit.as_ref(), 32),
        (Source::Iptc, "IPTC:ObjectName", statement.title.as_ref(), 64),
        (Source::Text, "text:Author", creator, usize::MAX),
        (
            Source::Text,
            "text:Copyright",
            statement.copyright.as_ref(),
            usize::MAX,
        ),
        (
            Source::Text,
            "text:Description",
            statement.description.as_ref(),
            usize::MAX,
        ),
        (Source::Text, "text:Title", statement.title.as_ref(), usize::MAX),
    ];
    let mut told = Vec::new();
    for (source, name, wanted, bytes_max) in rows {
        let Some(wanted) = wanted else { continue };
        let cut = wanted
            .get(..wanted.floor_char_boundary(bytes_max))
            .unwrap_or_default();
        let there: Vec<&Untrusted> = found
            .all(name)
            .filter(|one| !one.raw().trim().is_empty())
            .collect();
        if !there.is_empty() && !there.iter().any(|one| one.raw() == wanted || one.raw() == cut) {
            told.push(conflict(source, name, &there, wanted));
        }
    }
    told.extend(date(found, statement));
    told
}

/// Another day than the one stated.
fn date(found: &Metadata, statement: &Statement) -> Option<Conflict> {
    let created = statement.created?;
    let wanted = created.iso8601();
    let day = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).take(8).collect() };
    // A time is written into EXIF, and compared there.
    let exif = created
        .exif()
        .is_none()
        .then_some((Source::Exif, "Exif:DateTimeOriginal"));
    let mut places = [(Source::Iptc, "IPTC:DateCreated")].into_iter().chain(exif);
    places.find_map(|(source, name)| {
        let there = found.first(name).filter(|one| day(one.raw()).len() == 8)?;
        (day(there.raw()) != day(&wanted)).then(|| conflict(source, name, &[there], &wanted))
    })
}

fn conflict(source: Source, name: &str, found: &[&Untrusted], wanted: &str) -> Conflict {
    let found: Vec<&str> = found.iter().map(|one| one.raw()).collect();
    Conflict {
        source,
        name: name.to_owned(),
        found: Untrusted::new(found.join("; ")),
        wanted: wanted.to_owned(),
        replaced: false,
    }
}
