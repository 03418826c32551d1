//! What a statement asks to be written: each field with its place, its shape and what to do when the file has one already.
//!
//! Which field for which case: `metadata.md` 7.1, decided thus where it leaves a choice:
//! - `dc:creator` and EXIF Artist only for [`Role::Creator`]: an editor or producer is not the author. They become an
//!   `Iptc4xmpExt:Contributor` with their CAWG role; `photoshop:Credit` is written only when stated.
//! - EXIF Software and `xmp:CreatorTool` name the stated program, else, for wholly generated pictures, the AI system.
//! - Document ids and EXIF ImageUniqueID found in a file are the work's own and stay; the instance id is always new.

use crate::base::statement::{Role, uuid_text};
use crate::base::{Authorship, Moment, Statement, Timestamp};

use super::patch::Registry;
use super::tiff::Place;

/// What to do with a field that the file has already, with another value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Policy {
    /// Adds a further item to the array.
    Append,
    /// Leaves it and reports a conflict.
    Conflict,
    /// Leaves it: it identifies the work, and the work has its identity.
    Keep,
    /// Replaces it and reports that: it described the picture before it was edited. A mark of a trained model is never
    /// replaced by a word without one; that is a conflict.
    Outdated,
    /// Replaces it: it describes this rendition of the file.
    Renew,
}

/// How two values of a field are told equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sameness {
    /// Same instant, else same text.
    Instant,
    /// Same digital source type, whatever its spelling.
    SourceType,
    /// Same text.
    Text,
}

/// An array's kind in RDF.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Unordered.
    Bag,
    /// Ordered.
    Seq,
}

/// The shape and content of an XMP value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// One text in an array.
    Item(Kind, String),
    /// Text in the default language.
    Lang(String),
    /// One structure in an array.
    Struct(Kind, Vec<(&'static str, Shape)>),
    /// Plain text.
    Text(String),
}

/// One XMP property to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct XmpWanted {
    /// `dc:rights`.
    pub(super) name: &'static str,
    /// What it holds.
    pub(super) shape: Shape,
    /// What to do when there is one.
    pub(super) policy: Policy,
    /// How to compare.
    pub(super) sameness: Sameness,
}

impl XmpWanted {
    /// The paths and texts a reader finds once this is written as the first item.
    pub(super) fn leaves(&self) -> Vec<(String, &str)> {
        let mut found = Vec::new();
        let mut todo = vec![(self.name.to_owned(), &self.shape)];
        while let Some((path, shape)) = todo.pop() {
            match shape {
                Shape::Text(text) | Shape::Lang(text) => found.push((path, text.as_str())),
                Shape::Item(_, text) => found.push((format!("{path}[1]"), text.as_str())),
                Shape::Struct(_, fields) => {
                    todo.extend(
                        fields
                            .iter()
                            .rev()
                            .map(|(name, shape)| (format!("{path}[1]/{name}"), shape)),
                    );
                }
            }
        }
        found
    }
}

/// One EXIF tag to write; all are text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ExifWanted {
    /// The directory, the picture's own or Exif.
    pub(super) place: Place,
    /// The tag.
    pub(super) tag: u16,
    /// The text, without its final NUL.
    pub(super) text: String,
    /// What to do when there is one.
    pub(super) policy: Policy,
    /// A tag that gives this one its meaning and is written and judged with it: OffsetTimeOriginal of DateTimeOriginal.
    pub(super) with: Option<(u16, String)>,
}

/// The EXIF tags of a statement.
pub(super) fn exif(statement: &Statement) -> Vec<ExifWanted> {
    let mut wanted = Vec::new();
    let mut add = |place, tag, text: Option<String>, policy, with| {
        if let Some(text) = text {
            wanted.push(ExifWanted {
                place,
                tag,
                text,
                policy,
                with,
            });
        }
    };
    let creator = statement
        .by
        .clone()
        .filter(|_| statement.role == Some(Role::Creator));
    let unique = crate::base::digest::hex(uuid_of(statement.ids.document).as_ref());
    add(
        Place::Chain(0),
        0x010E,
        statement.description.clone(),
        Policy::Conflict,
        None,
    );
    add(
        Place::Chain(0),
        0x0131,
        software(statement),
        Policy::Conflict,
        None,
    );
    add(Place::Chain(0), 0x013B, creator, Policy::Conflict, None);
    add(
        Place::Chain(0),
        0x8298,
        statement.copyright.clone(),
        Policy::Conflict,
        None,
    );
    let (created, offset) = statement.created.and_then(Moment::exif).unzip();
    add(
        Place::Exif,
        0x9003,
        created,
        Policy::Conflict,
        offset.map(|offset| (0x9011, offset)),
    );
    add(Place::Exif, 0xA420, Some(unique), Policy::Keep, None);
    wanted
}

/// The XMP properties of a statement, for a packet that may hold a document id already.
pub(super) fn xmp(
    statement: &Statement,
    document: Option<&str>,
    registry: Registry<'_>,
    now: Timestamp,
) -> Vec<XmpWanted> {
    let mut list = List::default();
    list.add(
        "Iptc4xmpExt:DigitalSourceType",
        Some(Shape::Text(statement.source.uri())),
    );
    list.last_sameness(Sameness::SourceType);
    if statement.source.is_edit() {
        list.last_policy(Policy::Outdated);
    }
    people(&mut list, statement);
    rights(&mut list, statement);
    list.text("Iptc4xmpExt:AISystemUsed", statement.ai_system.as_ref());
    list.text("Iptc4xmpExt:AISystemVersionUsed", statement.ai_version.as_ref());
    list.text("Iptc4xmpExt:AIPromptWriterName", statement.prompt_writer.as_ref());
    list.text("Iptc4xmpExt:AIPromptInformation", statement.prompt.as_ref());
    list.text("xmp:CreatorTool", software(statement).as_ref());
    let created = statement.created.map(Moment::iso8601);
    list.text("photoshop:DateCreated", created.as_ref());
    list.last_sameness(Sameness::Instant);
    list.text("xmp:CreateDate", created.as_ref());
    list.last_sameness(Sameness::Instant);
    list.last_policy(Policy::Keep);
    ids(&mut list, statement, document, registry);
    list.text("xmp:MetadataDate", Some(&now.rfc3339()));
    list.last_policy(Policy::Renew);
    list.wanted
}

fn people(list: &mut List, statement: &Statement) {
    if let Some(by) = &statement.by {
        if statement.role == Some(Role::Creator) {
            list.add("dc:creator", Some(Shape::Item(Kind::Seq, by.clone())));
        } else {
            let mut fields = vec![("Iptc4xmpExt:Name", Shape::Lang(by.clone()))];
            fields.extend(
                statement
                    .role
                    .map(|role| ("Iptc4xmpExt:Role", Shape::Item(Kind::Bag, role.cawg().to_owned()))),
            );
            list.add("Iptc4xmpExt:Contributor", Some(Shape::Struct(Kind::Bag, fields)));
            list.last_policy(Policy::Append);
        }
    }
    list.add("dc:title", statement.title.clone().map(Shape::Lang));
    list.add("dc:description", statement.description.clone().map(Shape::Lang));
    list.text("photoshop:Credit", statement.credit.as_ref());
}

fn rights(list: &mut List, statement: &Statement) {
    list.add("dc:rights", statement.copyright.clone().map(Shape::Lang));
    list.text(
        "xmpRights:Marked",
        statement
            .marked()
            .map(|yes| if yes { "True" } else { "False" }.to_owned())
            .as_ref(),
    );
    list.add(
        "xmpRights:UsageTerms",
        statement.usage_terms.clone().map(Shape::Lang),
    );
    list.text("xmpRights:WebStatement", statement.web_statement.as_ref());
    let owner = statement.copyright_owner.clone();
    let owner =
        owner.map(|owner| Shape::Struct(Kind::Seq, vec![("plus:CopyrightOwnerName", Shape::Text(owner))]));
    list.add("plus:CopyrightOwner", owner);
    let licensor = statement.licensor_url.clone();
    let licensor = licensor.map(|url| Shape::Struct(Kind::Seq, vec![("plus:LicensorURL", Shape::Text(url))]));
    list.add("plus:Licensor", licensor);
    list.text(
        "plus:DataMining",
        statement
            .mining
            .map(|mining| mining.plus_uri().to_owned())
            .as_ref(),
    );
}

fn ids(list: &mut List, statement: &Statement, document: Option<&str>, registry: Registry<'_>) {
    let own = format!("xmp.did:{}", uuid_text(statement.ids.document));
    list.text(
        "xmpMM:OriginalDocumentID",
        Some(&document.unwrap_or(&own).to_owned()),
    );
    list.last_policy(Policy::Keep);
    list.text("xmpMM:DocumentID", Some(&own));
    list.last_policy(Policy::Keep);
    list.text("xmpMM:InstanceID", Some(&instance_id(statement)));
    list.last_policy(Policy::Renew);
    list.text(
        "Iptc4xmpExt:DigImageGUID",
        Some(&uuid_text(statement.ids.document)),
    );
    list.last_policy(Policy::Keep);
    let mut entry = vec![(
        "Iptc4xmpExt:RegItemId",
        Shape::Text(uuid_text(statement.ids.registry)),
    )];
    match registry {
        Registry::Named(name) => entry.push(("Iptc4xmpExt:RegOrgId", Shape::Text(name.to_owned()))),
        Registry::None => return,
        Registry::Unnamed => {}
    }
    list.add("Iptc4xmpExt:RegistryId", Some(Shape::Struct(Kind::Bag, entry)));
    list.last_policy(Policy::Append);
}

/// The `xmpMM:InstanceID` that [`super::patch`] writes for a statement; the C2PA claim names the same.
#[must_use]
pub fn instance_id(statement: &Statement) -> String {
    format!("xmp.iid:{}", uuid_text(statement.ids.instance))
}

/// The first field with a character that neither XML 1.0 nor an EXIF text can hold.
pub(super) fn unwritable(exif: &[ExifWanted], xmp: &[XmpWanted]) -> Option<String> {
    let bad = |text: &str| {
        text.chars()
            .any(|c| matches!(c, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}'))
    };
    let in_xmp = xmp
        .iter()
        .find(|wanted| wanted.leaves().iter().any(|leaf| bad(leaf.1)));
    let in_exif = exif.iter().find(|wanted| bad(&wanted.text));
    in_xmp
        .map(|wanted| wanted.name.to_owned())
        .or_else(|| in_exif.map(|wanted| super::exif::name(wanted.place, wanted.tag)))
}

fn software(statement: &Statement) -> Option<String> {
    let generator = || {
        let system = statement
            .ai_system
            .as_ref()
            .filter(|_| statement.source.authorship() == Authorship::Ai)?;
        Some(match &statement.ai_version {
            Some(version) => format!("{system} {version}"),
            None => system.clone(),
        })
    };
    statement.software.clone().or_else(generator)
}

/// The bytes of the UUID that `uuid_text` writes: version and variant bits set.
fn uuid_of(random: [u8; 16]) -> [u8; 16] {
    let mut bytes = random;
    bytes[6] = (bytes[6] & 0x0F) | 0x40;
    bytes[8] = (bytes[8] & 0x3F) | 0x80;
    bytes
}

/// What is asked for, as it is gathered.
#[derive(Default)]
struct List {
    wanted: Vec<XmpWanted>,
    /// Whether the last property named was stated at all: what is said of one that was not must not befall the one before it.
    stated: bool,
}

impl List {
    fn add(&mut self, name: &'static str, shape: Option<Shape>) {
        self.stated = shape.is_some();
        if let Some(shape) = shape {
            self.wanted.push(XmpWanted {
                name,
                shape,
                policy: Policy::Conflict,
                sameness: Sameness::Text,
            });
        }
    }

    fn text(&mut self, name: &'static str, text: Option<&String>) {
        self.add(name, text.cloned().map(Shape::Text));
    }

    fn last_policy(&mut self, policy: Policy) {
        if let Some(last) = self.wanted.last_mut().filter(|_| self.stated) {
            last.policy = policy;
        }
    }

    fn last_sameness(&mut self, sameness: Sameness) {
        if let Some(last) = self.wanted.last_mut().filter(|_| self.stated) {
            last.sameness = sameness;
        }
    }
}
