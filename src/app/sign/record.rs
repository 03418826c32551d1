//! What the ledger gets to know, and the one commit per group.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Shared;
use crate::app::find;
use crate::app::find::alike::{self, Alike, Wholes};
use crate::app::request::{LedgerChoice, SignRequest};
use crate::app::title::desk::incept;
use crate::app::{App, Error, Kind, ledger_open};
use crate::asset::pixels::Picture;
use crate::base::fingerprint::{Look, QUALITY_MIN};
use crate::base::statement::uuid_text;
use crate::base::{Digest, Fingerprint, Statement, Untrusted};
use crate::ledger::{DigestForm, Entry, EntryBody, LeafIndex, LookupMode, Registration, Rights};
use crate::manifest::{Claim, Parent, SignedAsset};
use crate::report::find::Uniqueness;
use crate::report::sign::LedgerLine;
use crate::similar::index::Code;
use crate::similar::variants::Attitude;
use crate::store::deep::DeepRecord;
use crate::store::folder;
use crate::store::kept::KeptStores;
use crate::store::ledger_file::{LedgerFile, Lookup, StoreError};
use crate::store::looks;

/// The ledger of a run, open for appending; of a dry run, for reading.
pub(super) struct Recorder {
    path: PathBuf,
    ledger: Mutex<LedgerFile>,
    /// The codes of what is registered, to which those of this run are added; absent in a dry run, which adds none.
    wholes: Option<Result<Mutex<Wholes>, Error>>,
    /// Whether deep records are kept.
    deep: bool,
    /// The entries that had a record before, once that is asked; what this run adds is of entries of its own, or asked once.
    deep_before: Mutex<Option<BTreeSet<LeafIndex>>>,
    /// Whether a ledger was named that was not there before.
    is_new: bool,
}

impl Recorder {
    /// Opens the ledger chosen; `None` for none.
    ///
    /// # Errors
    /// When it cannot be opened, or deep records are wanted of a private one.
    pub(super) fn open(app: &App, request: &SignRequest) -> Result<Option<Self>, Error> {
        let Some(path) = ledger_open::path(app, &request.ledger) else {
            return Ok(None);
        };
        let is_new = matches!(request.ledger, LedgerChoice::File(_)) && !folder::exists(&path);
        let ledger = ledger_open::write(app, &path)?;
        let wholes = Alike::open(&ledger, &path).map(|alike| Mutex::new(Wholes::of(&alike)));
        let recorder = Self::of(path, ledger, Some(wholes), request)?;
        Ok(Some(Self { is_new, ..recorder }))
    }

    /// The ledger chosen as a dry run sees it: nothing is made, and nothing can be appended. `None` where there is none yet.
    ///
    /// # Errors
    /// As [`Recorder::open`].
    pub(super) fn look(app: &App, request: &SignRequest) -> Result<Option<Self>, Error> {
        match ledger_open::path(app, &request.ledger) {
            Some(path) if folder::exists(&path) => {
                let ledger = ledger_open::read(app, &path)?;
                Self::of(path, ledger, None, request).map(Some)
            }
            _ => Ok(None),
        }
    }

    fn of(
        path: PathBuf,
        ledger: LedgerFile,
        wholes: Option<Result<Mutex<Wholes>, Error>>,
        request: &SignRequest,
    ) -> Result<Self, Error> {
        check_deep(request, ledger.header().mode)?;
        // Where the file cannot be read, the first try to add to it says so.
        let deep = request.deep || !matches!(ledger.deep(), Ok(None));
        Ok(Self {
            path,
            ledger: Mutex::new(ledger),
            wholes,
            deep,
            deep_before: Mutex::default(),
            is_new: false,
        })
    }

    /// The log's origin.
    pub(super) fn origin(&self) -> String {
        self.lock().header().origin().as_str().to_owned()
    }

    /// How the ledger makes its digests.
    pub(super) fn mode(&self) -> LookupMode {
        self.lock().header().mode
    }

    /// The manifest stores kept beside it.
    pub(super) fn kept(&self) -> KeptStores {
        KeptStores::of(&self.lock())
    }

    /// A digest as the ledger holds it.
    pub(super) fn recorded(&self, digest: Digest) -> Digest {
        self.lock().as_recorded(digest)
    }

    /// The mark by which a part file says that this ledger knows of it or not.
    pub(super) fn mark(&self) -> String {
        let digits = Digest::of(self.origin().as_bytes()).hex();
        digits.chars().take(12).collect()
    }

    /// Entries about this very file, earliest first.
    pub(super) fn find(&self, file: Digest) -> Result<Vec<(LeafIndex, Entry)>, Error> {
        self.lock()
            .find(Lookup::File(file))
            .map_err(|error| self.fault(&error))
    }

    /// Records registrations in one commit, the key's own first entry before them when the log does not know it yet.
    pub(super) fn append(
        &self,
        shared: &Shared<'_>,
        registrations: Vec<Registration>,
        looks: &[Option<Look>],
    ) -> Result<Vec<LedgerLine>, Error> {
        if registrations.is_empty() {
            return Ok(Vec::new());
        }
        let mut ledger = self.lock();
        let now = shared.app.clock.now();
        let key = shared.identity.ledger_key();
        let refused = |error| {
            Error::new(Kind::Input, "ledger.entry", "cannot make a ledger entry").why(format!("{error}"))
        };
        let mut entries = Vec::with_capacity(registrations.len() + 1);
        entries.extend(incept(shared.app, &ledger, &shared.identity)?);
        let incepts = entries.len();
        let ids: Vec<[u8; 16]> = registrations.iter().map(|one| one.asset_id).collect();
        for registration in registrations {
            let dressed = ledger.dress(registration).map_err(|error| self.fault(&error))?;
            entries.push(Entry::sign(EntryBody::AssetRegister(dressed), key, now).map_err(refused)?);
        }
        let receipts = ledger.append(&entries, now).map_err(|error| self.fault(&error))?;
        let recorded = receipts.iter().zip(&entries).skip(incepts).zip(looks);
        let looks: Vec<looks::Record> = recorded
            .filter_map(|((receipt, entry), look)| match entry.body() {
                EntryBody::AssetRegister(body) => Some(looks::Record {
                    index: receipt.index,
                    file: body.file,
                    look: (*look)?,
                }),
                _ => None,
            })
            .collect();
        // A failure costs the statistics these looks, which they say; the pictures are recorded all the same.
        let _ = looks::add(&ledger, &looks);
        let tree_size = ledger.size().0;
        let lines = receipts
            .iter()
            .skip(incepts)
            .zip(ids)
            .map(|(receipt, id)| LedgerLine {
                ledger: Untrusted::new(self.path.to_string_lossy()),
                index: receipt.index.0,
                tree_size,
                asset_id: uuid_text(id),
            });
        Ok(lines.collect())
    }

    /// Whether deep records are kept.
    pub(super) const fn is_deep(&self) -> bool {
        self.deep
    }

    /// Whether an entry of an earlier run is without its deep record; says no to whoever asks a second time.
    pub(super) fn lacks_deep(&self, index: LeafIndex) -> bool {
        if !self.deep {
            return false;
        }
        let mut before = self.deep_before.lock().unwrap_or_else(PoisonError::into_inner);
        let known = before.get_or_insert_with(|| match self.lock().deep() {
            Ok(Some(deep)) => deep.entries(),
            _ => BTreeSet::new(),
        });
        known.insert(index)
    }

    /// Keeps the deep records of pictures just registered; says in a sentence why not. They are registered all the same.
    pub(super) fn keep_deep(&self, records: &[DeepRecord]) -> Result<(), String> {
        if records.is_empty() {
            return Ok(());
        }
        let kept = self.lock().append_deep(records);
        kept.map_err(|error| format!("its deep record was not kept: {error}; {}", find::deep::MEND))
    }

    /// How unusual a picture just registered is among those registered before it, which it then joins.
    ///
    /// # Errors
    /// When the codes of the ledger, or the entry of the nearest picture, cannot be read.
    pub(super) fn uniqueness(
        &self,
        registration: &Registration,
        attitudes: &[(Attitude, Code)],
        index: u64,
    ) -> Result<Option<Uniqueness>, Error> {
        let Some(wholes) = &self.wholes else {
            return Ok(None);
        };
        let mut wholes = wholes
            .as_ref()
            .map_err(Clone::clone)?
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let ledger = self.lock();
        let twins = match registration.pixel {
            Some((rule, digest)) => ledger.find(Lookup::Pixel(rule, digest)),
            None => Ok(Vec::new()),
        };
        let found = twins.and_then(|twins| {
            let before = twins.into_iter().filter(|(twin, _)| twin.0 < index);
            let same = find::Same {
                twins: before.map(|(twin, _)| twin).collect(),
                ..find::Same::default()
            };
            let codes = compared_by(registration).map(|()| attitudes.to_vec());
            find::uniqueness(&ledger, &wholes, codes, &same)
        });
        wholes.add(LeafIndex(index), registration);
        found.map(Some).map_err(|error| self.fault(&error))
    }

    /// What an interrupted write had left in the ledger when it was opened, or that it is a new one, in a sentence.
    pub(super) fn opening(&self) -> Option<String> {
        if self.is_new {
            let (path, mode) = (self.path.display(), self.lock().header().mode.word());
            return Some(format!(
                "the ledger: `{path}` was not there, and is a new {mode} one"
            ));
        }
        let torn = ledger_open::torn(&self.lock())?;
        Some(format!("the ledger: {torn}"))
    }

    /// That the entries are on the disk but the high-water mark is not, in a sentence.
    pub(super) fn unmarked(&self) -> Option<String> {
        let ledger = self.lock();
        let error = ledger.mark_error()?;
        Some(format!(
            "the entry is recorded, but the ledger's high-water mark could not be written: {error}; an older copy put in its place would not be noticed"
        ))
    }

    fn lock(&self) -> MutexGuard<'_, LedgerFile> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fault(&self, error: &StoreError) -> Error {
        ledger_open::fault(&self.path, error)
    }
}

/// Why a picture has no code that says enough to be compared by, if so.
fn compared_by(registration: &Registration) -> Result<(), String> {
    match alike::plain(registration) {
        Some((_, quality)) if quality >= QUALITY_MIN => Ok(()),
        Some((_, quality)) => Err(alike::too_flat(quality)),
        None => Err("pixels of this kind are not decoded here".to_owned()),
    }
}

/// A private ledger has no deep records.
pub(super) fn check_deep(request: &SignRequest, mode: LookupMode) -> Result<(), Error> {
    if !request.deep || mode != LookupMode::Private {
        return Ok(());
    }
    Err(ledger_open::no_deep_in_private())
}

/// What is recorded of a signed picture: hashes, codes and numbers, no names, prompts or paths (DESIGN.md 1.6).
pub(super) fn registration(
    shared: &Shared<'_>,
    statement: &Statement,
    signed: &SignedAsset,
    picture: Option<&Picture>,
    fingerprints: &[Fingerprint],
    claim: &Claim,
) -> Registration {
    let parent = parent(shared, claim);
    // Files with one page or frame in common are not the same picture, and the first is all that is decoded.
    let whole = picture.filter(|_| signed.asset.frames() == 1);
    Registration {
        asset_id: statement.ids.registry,
        digests: DigestForm::Plain,
        file: signed.asset.digest(),
        content: signed.asset.content_digest(),
        pixel: whole.map(|seen| (seen.pixel_digest.algorithm.code(), seen.pixel_digest.digest)),
        manifest: signed.manifest_digest,
        fingerprints: fingerprints.to_vec(),
        source: statement.source,
        family: statement.family,
        role: statement.role,
        mining: statement.mining,
        rights: rights(statement),
        parents: parent.into_iter().collect(),
    }
}

/// The file the picture was made from.
pub(super) fn parent(shared: &Shared<'_>, claim: &Claim) -> Option<Digest> {
    match &claim.parent {
        Parent::SignedInput { asset, .. } => Some(asset.digest()),
        Parent::File { .. } => shared.parent.as_ref().map(|file| file.digest),
        Parent::None | Parent::SameFile => None,
    }
}

/// Known terms the statement names; free text stays in the file.
pub(super) fn rights(statement: &Statement) -> Vec<Rights> {
    const LICENCES: [(&str, Rights); 8] = [
        ("creativecommons.org/publicdomain/zero/", Rights::Cc0),
        ("creativecommons.org/publicdomain/mark/", Rights::PublicDomain),
        ("creativecommons.org/licenses/by/4.0", Rights::CcBy),
        ("creativecommons.org/licenses/by-sa/4.0", Rights::CcBySa),
        ("creativecommons.org/licenses/by-nc/4.0", Rights::CcByNc),
        ("creativecommons.org/licenses/by-nc-sa/4.0", Rights::CcByNcSa),
        ("creativecommons.org/licenses/by-nd/4.0", Rights::CcByNd),
        ("creativecommons.org/licenses/by-nc-nd/4.0", Rights::CcByNcNd),
    ];
    let places = [
        &statement.web_statement,
        &statement.usage_terms,
        &statement.copyright,
    ];
    let named = places.into_iter().flatten().find_map(|text| {
        LICENCES
            .iter()
            .find(|(mark, _)| text.contains(mark))
            .map(|(_, licence)| *licence)
    });
    let mut rights: Vec<Rights> = named.into_iter().collect();
    if named.is_none() && statement.reserves_all() {
        rights.push(Rights::AllReserved);
    }
    if statement.licensor_url.is_some() {
        rights.push(Rights::LicenceOffered);
    }
    rights
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::SourceType;
    use crate::base::statement::Ids;

    #[test]
    fn only_terms_that_are_stated_become_codes() {
        let ids = Ids {
            document: [0; 16],
            instance: [0; 16],
            registry: [0; 16],
        };
        let mut statement = Statement::of(SourceType::DigitalCreation, ids);
        assert!(rights(&statement).is_empty());
        for notice in ["(c) 2026 Ada", "Public domain, CC0 1.0"] {
            statement.copyright = Some(notice.into());
            assert!(rights(&statement).is_empty(), "{notice}");
        }
        statement.copyright = Some("(c) 2026 Ada. All rights reserved".into());
        assert_eq!(rights(&statement), [Rights::AllReserved]);
        statement.web_statement = Some("https://creativecommons.org/licenses/by/4.0/".into());
        statement.licensor_url = Some("https://example.org".into());
        assert_eq!(rights(&statement), [Rights::CcBy, Rights::LicenceOffered]);
    }
}
