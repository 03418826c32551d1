//! What an image says about itself in EXIF, XMP, IPTC-IIM and text chunks: read whole, added to with care.
//!
//! Every value is [`Untrusted`]; nothing here is evidence of more than that somebody wrote it. Knows no keys and no claims.
//! Reading is total: what cannot be read becomes a [`Note`]. Writing ([`patch`]) keeps what is there and says what it did.

mod charset;
mod exif;
#[cfg(test)]
mod exif_tests;
mod exif_write;
#[cfg(test)]
mod exiftool_tests;
pub mod generator;
mod iptc;
mod patch;
#[cfg(test)]
mod patch_tests;
mod plan;
#[cfg(test)]
mod samples;
mod tiff;
mod twins;
mod unwritten;
mod wanted;
mod xmp;
mod xmp_names;
#[cfg(test)]
mod xmp_tests;
mod xmp_walk;
mod xmp_write;

pub use patch::{
    Conflict, Kept, MetadataError, Missing, PatchOptions, Patched, Registry, Written, check_written, patch,
    patch_with,
};
pub use wanted::instance_id;

use crate::asset::Asset;
use crate::base::limits::PARTS_MAX;
use crate::base::{SourceType, Untrusted};

/// Where in the file a field stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// The EXIF block.
    Exif,
    /// The IPTC-IIM datasets.
    Iptc,
    /// A text of the container's own kind: PNG text chunk, JPEG or GIF comment.
    Text,
    /// The XMP packet.
    Xmp,
}

impl Source {
    /// The word in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Exif => "exif",
            Self::Iptc => "iptc",
            Self::Text => "text",
            Self::Xmp => "xmp",
        }
    }
}

/// One value found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Where.
    pub source: Source,
    /// `Exif:Artist`, `dc:creator[1]`, `IPTC:By-line`, `text:parameters`. Of XMP and texts it may hold a stranger's words;
    /// what a terminal could take for a command is written `\u{1b}`, markup is not escaped.
    pub name: String,
    /// The value in words, at most [`crate::base::limits::FIELD_BYTES_MAX`] bytes.
    pub value: Untrusted,
}

/// Something about a source that a reader should know: a part not read, a character set assumed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Which source.
    pub source: Source,
    /// A sentence of byline's own, without final period.
    pub text: String,
}

impl Note {
    fn new(source: Source, text: &str) -> Self {
        Self {
            source,
            text: text.to_owned(),
        }
    }

    fn of(source: Source, what: &dyn std::fmt::Display) -> Self {
        Self {
            source,
            text: what.to_string(),
        }
    }
}

/// All that a file says about itself, unjudged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// Every value, by source: EXIF, XMP, IPTC, texts; within each in file order.
    pub fields: Vec<Field>,
    /// What could not be read, and what was assumed.
    pub notes: Vec<Note>,
    /// Orientation of the picture, 1 to 8 (Exif 3.0, tag 0x0112); 1 where none is stated.
    pub orientation: u8,
}

/// What a file states about rights, each as the first source that states it (EXIF, XMP, IPTC: MWG 2.0), unjudged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    /// Copyright notice.
    pub copyright: Option<Untrusted>,
    /// Credit line.
    pub credit: Option<Untrusted>,
    /// Creators, one per name.
    pub creators: Vec<Untrusted>,
    /// The reservation of data mining, as found (a PLUS URI where the standard is kept).
    pub data_mining: Option<Untrusted>,
    /// URL where a licence is had.
    pub licensor_url: Option<Untrusted>,
    /// Who holds the copyright.
    pub owner: Option<Untrusted>,
    /// Usage terms.
    pub usage_terms: Option<Untrusted>,
    /// URL of the rights statement.
    pub web_statement: Option<Untrusted>,
}

/// Reads everything an image says about itself.
#[must_use]
pub fn read(asset: &Asset) -> Metadata {
    let layout = asset.layout();
    let mut found = Metadata {
        orientation: 1,
        ..Metadata::default()
    };
    if let Some(block) = asset.exif_block() {
        let facts = exif::read(block);
        found.orientation = facts.orientation.unwrap_or(1);
        found.fields.extend(facts.fields);
        found.notes.extend(facts.notes);
    }
    if let Some(bytes) = &layout.xmp {
        found.take_xmp(bytes);
    }
    if let Some(datasets) = &layout.iptc {
        let (fields, notes) = iptc::read(datasets);
        found.fields.extend(fields);
        found.notes.extend(notes);
    }
    for chunk in layout.texts.iter().take(PARTS_MAX) {
        found.fields.push(Field {
            source: Source::Text,
            name: harmless(&format!("text:{}", chunk.keyword.raw())),
            value: capped(&chunk.text),
        });
    }
    found
}

/// A stranger's name for a field, fit to be shown and compared.
fn harmless(name: &str) -> String {
    let escape = |c: char| {
        if Untrusted::is_harmful(c) {
            c.escape_unicode().to_string()
        } else {
            c.to_string()
        }
    };
    name.chars().map(escape).collect()
}

fn capped(text: &Untrusted) -> Untrusted {
    let raw = text.raw();
    let end = raw.floor_char_boundary(crate::base::limits::FIELD_BYTES_MAX);
    Untrusted::new(raw.get(..end).unwrap_or_default())
}

impl Metadata {
    fn take_xmp(&mut self, bytes: &[u8]) {
        let (text, fault) = xmp::characters(bytes);
        let packet = xmp::read(&text);
        for fault in fault.iter().chain(&packet.faults) {
            self.notes.push(Note::of(Source::Xmp, fault));
        }
        self.fields.extend(packet.leaves.into_iter().map(|leaf| Field {
            source: Source::Xmp,
            name: harmless(&leaf.path),
            value: Untrusted::new(leaf.value),
        }));
    }

    /// The first value of a name. An array's name means its first item, a text's its default or else first language.
    #[must_use]
    pub fn first(&self, name: &str) -> Option<&Untrusted> {
        self.all(name).next()
    }

    /// Every value of a name, array items and languages included, the exact name first.
    pub fn all<'a, 'n>(&'a self, name: &'n str) -> impl Iterator<Item = &'a Untrusted> + use<'a, 'n> {
        let exact = self.fields.iter().filter(move |field| field.name == name);
        let indexed = self.fields.iter().filter(move |field| {
            let index = field
                .name
                .strip_prefix(name)
                .and_then(|rest| rest.strip_prefix('['));
            index
                .and_then(|rest| rest.strip_suffix(']'))
                .is_some_and(|index| !index.contains(['[', '/']))
        });
        exact.chain(indexed).map(|field| &field.value)
    }

    /// The digital source type that the file declares, and the field that says so; unsigned, so a claim and no more.
    #[must_use]
    pub fn source_type(&self) -> Option<(SourceType, String)> {
        self.fields.iter().find_map(|field| {
            let named = matches!(
                field.name.as_str(),
                "Iptc4xmpExt:DigitalSourceType" | "Iptc4xmpExt:digitalsourcetype"
            );
            let term = SourceType::parse(field.value.raw()).filter(|_| named)?;
            Some((term, format!("{} {}", field.source.word(), field.name)))
        })
    }

    /// `xmpMM:DocumentID`: the work.
    #[must_use]
    pub fn document_id(&self) -> Option<&Untrusted> {
        self.first("xmpMM:DocumentID")
    }

    /// `xmpMM:InstanceID`: this rendition of the file.
    #[must_use]
    pub fn instance_id(&self) -> Option<&Untrusted> {
        self.first("xmpMM:InstanceID")
    }

    /// What the file states about rights.
    #[must_use]
    pub fn rights(&self) -> Rights {
        let pick = |names: &[&str]| {
            let mut found = names.iter().filter_map(|name| self.first(name));
            found.find(|value| !value.raw().trim().is_empty()).cloned()
        };
        let mut creators: Vec<Untrusted> = self.all("dc:creator").cloned().collect();
        if creators.is_empty() {
            creators.extend(pick(&["Exif:Artist"]));
        }
        if creators.is_empty() {
            creators.extend(self.all("IPTC:By-line").cloned());
        }
        Rights {
            copyright: pick(&["Exif:Copyright", "dc:rights", "IPTC:CopyrightNotice"]),
            credit: pick(&["photoshop:Credit", "IPTC:Credit"]),
            creators,
            data_mining: pick(&["plus:DataMining"]),
            licensor_url: pick(&["plus:Licensor[1]/plus:LicensorURL", "plus:LicensorURL"]),
            owner: pick(&[
                "plus:CopyrightOwner[1]/plus:CopyrightOwnerName",
                "xmpRights:Owner",
            ]),
            usage_terms: pick(&["xmpRights:UsageTerms"]),
            web_statement: pick(&["xmpRights:WebStatement"]),
        }
    }
}
