//! Whether an earlier run did already what this one is asked for: same bytes, same words, same key, same ledger.

use super::place::Job;
use super::{Shared, describe, keep};
use crate::app::request::{Place, SignRequest, SourceChoice, Words};
use crate::app::{Error, fault};
use crate::asset::Asset;
use crate::base::limits::FILE_BYTES_MAX;
use crate::base::{Digest, Hasher};
use crate::ledger::{EntryBody, LeafIndex};
use crate::manifest;
use crate::report::sign::SignReport;
use crate::store::files;
use crate::store::folder;

/// What an earlier run did about a picture.
pub(super) enum Before {
    /// Exactly this: there is nothing to do.
    Done(Box<SignReport>),
    /// Nothing that is known here.
    Nothing,
    /// It signed the file that stands where this run's output goes, but not from this, or it is to be done again.
    Other {
        /// The entry by which this key registered that file.
        entry: u64,
        /// How it differs.
        how: &'static str,
    },
}

impl Before {
    /// What is said of an earlier signature beside a new one.
    pub(super) fn note(&self) -> Option<String> {
        match self {
            Self::Other { entry, how } => Some(format!(
                "signed anew: the file that stood here, entry {entry} of the ledger, was {how}"
            )),
            Self::Done(_) | Self::Nothing => None,
        }
    }
}

/// What stands in the output's place: ours, and from what it was made.
///
/// A file counts as ours only where the ledger holds its very bytes under this key; then what its manifest says of its own making
/// is this key's word.
pub(super) fn before(shared: &Shared<'_>, job: &Job, asset: &Asset) -> Result<Before, Error> {
    let Some(recorder) = &shared.recorder else {
        return Ok(Before::Nothing);
    };
    let in_place = matches!(shared.request.place, Place::InPlace);
    let standing = if in_place {
        None
    } else if folder::exists(&job.output) && !folder::same_file(&job.input, &job.output) {
        Some(files::read(&job.output, FILE_BYTES_MAX).map_err(|error| fault::read(&job.output, &error))?)
    } else {
        return Ok(Before::Nothing);
    };
    let digest = standing.as_deref().map_or_else(|| asset.digest(), Digest::of);
    let mine = shared.identity.ledger_key().public().key_id();
    let found = recorder.find(digest)?;
    let Some((index, registration)) = found.iter().find_map(|(index, entry)| match entry.body() {
        EntryBody::AssetRegister(registration) if entry.signer() == mine => Some((index.0, registration)),
        _ => None,
    }) else {
        return Ok(Before::Nothing);
    };
    let standing = standing.map(Asset::parse);
    let signed = match &standing {
        None => Some(asset),
        Some(parsed) => parsed.as_ref().ok(),
    };
    let run = signed.and_then(manifest::run);
    let other = |how| Ok(Before::Other { entry: index, how });
    match run {
        Some(run) if run.stated != shared.stated => other("signed with another statement"),
        Some(run) if !in_place && run.input != asset.digest() => other("made from another file"),
        Some(_) if shared.request.overwrite => other("signed from the same, and --force was given"),
        Some(_) => {
            let mut report = describe::skipped(
                job,
                asset.format().name(),
                registration.source.uri(),
                format!("already signed with this statement and registered as entry {index} of the ledger"),
            );
            let signed = signed.unwrap_or(asset);
            keep::keep_after(shared, &job.input, signed, &mut report)?;
            keep::deep_after(shared, signed, LeafIndex(index), &mut report);
            Ok(Before::Done(Box::new(report)))
        }
        None => other("signed by a byline that did not record from what"),
    }
}

/// A digest of everything the signer states of a picture, the parent and what decides the manifest's content included.
///
/// Every part is written with its length before it, so that no two statements come to the same bytes.
pub(super) fn stated(request: &SignRequest, parent: Option<Digest>) -> Digest {
    let mut hasher = Hasher::new();
    let mut add = |part: Option<&str>| {
        // Absent and empty differ.
        let length = part.map_or(u64::MAX, |text| u64::try_from(text.len()).unwrap_or(u64::MAX - 1));
        hasher.update(&length.to_be_bytes());
        hasher.update(part.unwrap_or_default().as_bytes());
    };
    add(Some("byline.run/1"));
    let source = match request.source {
        SourceChoice::Stated(term) => Some(term.uri()),
        SourceChoice::FromMetadata => None,
    };
    add(source.as_deref());
    add(parent.map(|digest| digest.hex()).as_deref());
    for flag in [
        request.thumbnail,
        request.replace_metadata,
        request.words.all_actions,
    ] {
        add(Some(if flag { "1" } else { "0" }));
    }
    // Every field by its name: a new one cannot be forgotten here.
    let Words {
        by,
        role,
        title,
        description,
        credit,
        copyright,
        copyright_owner,
        usage_terms,
        web_statement,
        licensor_url,
        mining,
        software,
        ai_system,
        ai_version,
        model,
        family,
        seed,
        prompt,
        prompt_writer,
        created,
        all_actions: _,
    } = &request.words;
    add(role.map(crate::base::statement::Role::cawg));
    add(mining.map(crate::base::statement::Mining::plus_uri));
    add(family.map(crate::base::statement::Family::word));
    add(created.map(crate::base::Moment::iso8601).as_deref());
    for text in [
        by,
        title,
        description,
        credit,
        copyright,
        copyright_owner,
        usage_terms,
        web_statement,
        licensor_url,
        software,
        ai_system,
        ai_version,
        model,
        seed,
        prompt,
        prompt_writer,
    ] {
        add(text.as_deref());
    }
    hasher.finish()
}
