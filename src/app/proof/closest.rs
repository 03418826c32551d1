//! Which entry a picture means: the closest one, not the first of all that have something in common with it.

use crate::app::ledger::Answer;
use crate::asset::{Asset, StorePlace};
use crate::base::Digest;
use crate::ledger::{EntryBody, LeafIndex};
use crate::report::verify::MatchedBy;
use crate::store::ledger_file::LedgerFile;

/// What was found for a word or a picture: the entry that is meant, and the others.
pub(super) struct Closest {
    pub(super) chosen: Answer,
    others: Vec<Answer>,
}

impl Closest {
    /// Chooses by the very file, then by its content, then by its pixels; of equals one with its manifest, then the earliest.
    /// A file whose pixels are somebody else's too must not be taken for theirs while it is registered itself.
    pub(super) fn of(ledger: &LedgerFile, mut found: Vec<Answer>, picture: Option<&Asset>) -> Option<Self> {
        let manifest = picture
            .and_then(manifest)
            .map(|digest| ledger.as_recorded(digest));
        let is_other_manifest = |(_, _, entry): &Answer| match entry.body() {
            EntryBody::AssetRegister(body) => manifest.is_none_or(|digest| body.manifest != digest),
            _ => true,
        };
        found.sort_by_key(|answer| (answer.1, is_other_manifest(answer), answer.0));
        let mut found = found.into_iter();
        let chosen = found.next()?;
        Some(Self {
            chosen,
            others: found.collect(),
        })
    }

    pub(super) const fn index(&self) -> LeafIndex {
        self.chosen.0
    }

    /// Whether only the pixels are those of the entry: it is about another file, perhaps of somebody else.
    pub(super) fn is_another_file(&self) -> bool {
        self.chosen.1 == Some(MatchedBy::Pixel)
    }

    /// A sentence that names the others, each with what it has in common with what was asked.
    pub(super) fn note(&self) -> Option<String> {
        let other = |(index, by, _): &Answer| match by {
            Some(MatchedBy::File) => format!("{index} (the very file)"),
            Some(MatchedBy::Content) => format!("{index} (the same content)"),
            Some(MatchedBy::Manifest) => format!("{index} (the same manifest)"),
            Some(MatchedBy::Pixel) => format!("{index} (same pixels, another file)"),
            None => index.to_string(),
        };
        let others: Vec<String> = self.others.iter().map(other).collect();
        (!others.is_empty()).then(|| {
            let chosen = self.index();
            format!(
                "this is about entry {chosen}, the closest; further entries: {}",
                others.join(", ")
            )
        })
    }
}

/// The digest of the manifest store in a picture.
fn manifest(picture: &Asset) -> Option<Digest> {
    match &picture.layout().store {
        StorePlace::Found { jumbf, .. } => Some(Digest::of(jumbf)),
        _ => None,
    }
}
