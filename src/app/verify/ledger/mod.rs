//! What a ledger knows of a picture: asked by content, file and manifest hash, and by pixel hash: of the picture where content and
//! file miss, else the one that its entry holds.
//!
//! A manifest's hash says nothing about the pixels around it: it can be put into any picture. Such an entry is told, and counts for
//! nothing.

mod earlier;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::app::find::{self, alike::Alike, deep::DeepRecords};
use crate::app::request::{LedgerChoice, VerifyRequest};
use crate::app::title::line;
use crate::app::title::who::Names;
use crate::app::{App, Error, Kind, ledger_open, likeness};
use crate::asset::Asset;
use crate::asset::pixels::{self, Picture, PixelError};
use crate::base::{Digest, Untrusted};
use crate::keys::KeyId;
use crate::ledger::proof;
use crate::ledger::title::Compromised;
use crate::ledger::{Entry, EntryBody, LeafIndex};
use crate::metadata::Metadata;
use crate::report::find::NearLine;
use crate::report::verify::{LedgerAnswer, LedgerHit, MatchedBy};
use crate::report::{Check, Outcome};
use crate::similar::chance::Likeness;
use crate::store::folder;
use crate::store::kept::KeptStores;
use crate::store::ledger_file::{LedgerFile, Lookup, StoreError};

/// A ledger that is asked; opened once for all pictures.
pub(in crate::app) struct Asked {
    path: PathBuf,
    /// The ledger, or what speaks against it: that is told beside the other answers and takes none of them away.
    opened: Result<Opened, Error>,
    /// Whether it was named; the default ledger is asked unasked.
    named: bool,
}

/// A ledger whose history is what was signed.
struct Opened {
    ledger: LedgerFile,
    names: Names,
    /// Its codes, once they are needed.
    alike: OnceLock<Result<Alike, Error>>,
    /// Its deep records, once they are needed.
    deep: OnceLock<DeepRecords>,
    /// What the ledger declares of keys, asked once a key.
    compromised: Mutex<BTreeMap<KeyId, Option<Compromised>>>,
}

/// What is known of a picture's hashes; each is computed when it is asked for.
pub(in crate::app) struct Hashes<'a> {
    /// The picture.
    pub(in crate::app) asset: &'a Asset,
    /// Its metadata, for the orientation.
    pub(in crate::app) metadata: &'a OnceLock<Metadata>,
    /// What it looks like.
    pub(in crate::app) picture: &'a OnceLock<Result<Picture, PixelError>>,
    /// The content digest where the signed hash is that very hash.
    pub(in crate::app) content: Option<Digest>,
    /// Digest of the manifest store.
    pub(in crate::app) manifest: Option<Digest>,
}

impl Asked {
    /// Opens the ledger of a request; `None` when none was named and there is no default ledger.
    pub(in crate::app) fn open(app: &App, choice: &LedgerChoice, names: Names) -> Option<Self> {
        let path = ledger_open::path(app, choice)?;
        if *choice == LedgerChoice::Default && !folder::exists(&path) {
            return None;
        }
        let opened = ledger_open::read(app, &path).map(|ledger| Opened {
            ledger,
            names,
            alike: OnceLock::new(),
            deep: OnceLock::new(),
            compromised: Mutex::default(),
        });
        Some(Self {
            path,
            opened,
            named: *choice != LedgerChoice::Default,
        })
    }

    /// The ledger, where nothing speaks against it.
    pub(in crate::app) fn ledger(&self) -> Option<&LedgerFile> {
        self.opened.as_ref().ok().map(|opened| &opened.ledger)
    }

    /// The ledger, or what speaks against it.
    pub(in crate::app) fn opened(&self) -> Result<&LedgerFile, Error> {
        match &self.opened {
            Ok(opened) => Ok(&opened.ledger),
            Err(error) => Err(error.clone()),
        }
    }

    /// The nearest registered picture that looks like this one, and why looks were not searched where they were not.
    ///
    /// # Errors
    /// When the ledger's codes or the entry found cannot be read.
    pub(in crate::app) fn look_alike(
        &self,
        hashes: &Hashes<'_>,
    ) -> Result<(Option<NearLine>, Option<String>), Error> {
        let Ok(opened) = &self.opened else {
            return Ok((None, None));
        };
        let alike = opened
            .alike
            .get_or_init(|| Alike::open(&opened.ledger, &self.path));
        let alike = alike.as_ref().map_err(Clone::clone)?;
        let found = opened
            .look_alike(alike, hashes)
            .map_err(|error| ledger_open::fault(&self.path, &error))?;
        let why_not = match &found {
            Some(_) => None,
            None if alike.is_private() => Some(find::alike::PRIVATE.to_owned()),
            None => find::wanted(hashes).err(),
        };
        Ok((found, why_not))
    }

    /// Earlier entries by other keys of pictures that look like the one that these entries are about, nearest first.
    ///
    /// The entry holds the codes: nothing is decoded but where a mirrored or turned copy may be about.
    ///
    /// # Errors
    /// When the ledger's codes or an entry found cannot be read.
    pub(in crate::app) fn earlier_alike(
        &self,
        entries: &[LedgerHit],
        hashes: &Hashes<'_>,
    ) -> Result<Vec<NearLine>, Error> {
        let first = entries.iter().find(|entry| entry.is_about_the_picture());
        let (Ok(opened), Some(first)) = (&self.opened, first) else {
            return Ok(Vec::new());
        };
        // In a ledger of one key nobody else registered anything.
        if opened.ledger.keys() < 2 {
            return Ok(Vec::new());
        }
        let alike = opened
            .alike
            .get_or_init(|| Alike::open(&opened.ledger, &self.path));
        let alike = alike.as_ref().map_err(Clone::clone)?;
        opened
            .earlier_alike(alike, LeafIndex(first.index), hashes)
            .map_err(|error| ledger_open::fault(&self.path, &error))
    }

    /// The revocation by which a signature by this key counts for nothing: the ledger declares the key compromised, and holds no entry
    /// by it about this very file from before. The same content is not enough: whoever has the key can sign other words over it.
    pub(in crate::app) fn disowned(
        &self,
        key: &KeyId,
        entries: &[LedgerHit],
    ) -> Result<Option<Compromised>, Error> {
        let Ok(opened) = &self.opened else { return Ok(None) };
        let found = opened.compromised(key);
        let found = found.map_err(|error| ledger_open::fault(&self.path, &error))?;
        Ok(found.filter(|Compromised { since, .. }| {
            let is_older = |hit: &LedgerHit| {
                hit.matched == MatchedBy::File && hit.index < since.0 && hit.key == key.hex() && hit.proven
            };
            !entries.iter().any(is_older)
        }))
    }

    /// The closest entry of an answer whose signed manifest is kept beside the ledger; nothing of it is read.
    pub(in crate::app) fn kept(&self, answer: &LedgerAnswer) -> Option<u64> {
        let Ok(opened) = &self.opened else { return None };
        let stores = KeptStores::of(&opened.ledger);
        let mut about: Vec<&LedgerHit> = answer.entries.iter().collect();
        about.retain(|entry| entry.is_about_the_picture());
        about.sort_by_key(|entry| (entry.matched, entry.index));
        let near = answer.look_alike.as_ref().map(|near| near.index);
        let mut found = about.iter().map(|entry| entry.index).chain(near);
        found.find(|index| {
            let entry = opened.ledger.entry(LeafIndex(*index));
            entry.is_ok_and(|entry| match entry.body() {
                EntryBody::AssetRegister(body) => stores.has(&body.manifest),
                _ => false,
            })
        })
    }

    /// Every entry about the picture, earliest first, each with its proof checked; or that the ledger cannot be asked.
    ///
    /// # Errors
    /// When an entry that it needs cannot be read.
    pub(in crate::app) fn ask(&self, hashes: &Hashes<'_>) -> Result<LedgerAnswer, Error> {
        match self.ask_surely(hashes) {
            Err(error) if self.opened.is_err() || error.code == "ledger.private" => Ok(self.broken(&error)),
            answer => answer,
        }
    }

    /// As [`Asked::ask`], for a question that a ledger which cannot be asked leaves unanswered.
    ///
    /// # Errors
    /// Also when the ledger could not be opened, or is private and its secret is not here.
    pub(in crate::app) fn ask_surely(&self, hashes: &Hashes<'_>) -> Result<LedgerAnswer, Error> {
        let opened = self.opened.as_ref().map_err(Clone::clone);
        let answer = opened.and_then(|opened| {
            let answer = opened.ask(hashes);
            answer.map_err(|error| ledger_open::fault(&self.path, &error))
        });
        let answer = match answer {
            Err(error) if error.kind == Kind::Contradicted => self.broken(&error),
            answer => answer?,
        };
        Ok(LedgerAnswer {
            ledger: Some(Untrusted::new(self.path.to_string_lossy())),
            ..answer
        })
    }

    /// The answer of a ledger that cannot be asked, or whose history is not what was signed: what is in the picture is judged all the
    /// same. A history that was changed or put back may hide what speaks against the picture, whoever named the ledger; one that cannot be
    /// opened leaves open what was asked, and the default one, which nobody asked for, is told and passed over.
    fn broken(&self, error: &Error) -> LedgerAnswer {
        let is_against = error.kind == Kind::Contradicted;
        let outcome = match (self.named, is_against) {
            (_, true) => Outcome::Fail,
            (true, false) => Outcome::Unknown,
            (false, false) => Outcome::NotChecked,
        };
        let why = error.why.as_deref().unwrap_or(&error.what);
        let note = match error.code {
            _ if !is_against => format!("it was not asked: {why}"),
            "ledger.rolled-back" => {
                "rolled back: an older copy stands where a newer one was seen; byline audit says what is wrong"
                    .to_owned()
            }
            "ledger.forked" => {
                "forked: it shows another history than was seen before; byline audit says what is wrong".to_owned()
            }
            _ => "damaged: it is not as it was signed; byline audit says what is wrong".to_owned(),
        };
        LedgerAnswer {
            ledger: Some(Untrusted::new(self.path.to_string_lossy())),
            unread: self.named && !is_against && error.code != "ledger.private",
            ..LedgerAnswer::of(Check::new(error.code, outcome, note))
        }
    }
}

impl Opened {
    fn ask(&self, hashes: &Hashes<'_>) -> Result<LedgerAnswer, StoreError> {
        let found = self.find(hashes)?;
        let title = self.title(&found)?;
        let mut entries = Vec::with_capacity(found.len());
        for (index, matched, entry) in &found {
            entries.extend(self.hit(*index, *matched, entry)?);
        }
        let answer = check(hashes.asset, &entries);
        Ok(LedgerAnswer {
            title,
            tree_size: Some(self.ledger.size().0),
            entries,
            ..LedgerAnswer::of(answer)
        })
    }

    /// The nearest by the looks of the whole, or by points where that leaves open what it is.
    fn look_alike(&self, alike: &Alike, hashes: &Hashes<'_>) -> Result<Option<NearLine>, StoreError> {
        let mut nearest = None;
        if alike.pictures() > 0
            && let Ok(wanted) = find::wanted(hashes)
        {
            let found = alike.near(&self.ledger, &wanted, Likeness::Related, 1)?;
            if let Some(near) = found.shown.first() {
                nearest = find::near_line(&self.ledger, &self.names, alike, near)?;
            }
        }
        let deep = self.deep.get_or_init(|| DeepRecords::open(&self.ledger));
        if deep.pictures() > 0
            && find::is_open(&[], nearest.as_slice())
            && let Ok(picture) = hashes.picture()
            && let Some((found, _)) = deep.near(&self.ledger, picture, 1)?
            && let Some(near) = found.first()
        {
            return find::deep_line(&self.ledger, &self.names, deep, picture, near);
        }
        Ok(nearest)
    }

    /// The title of the earliest registration that is about this file, not just about the same pixels or with the same credentials.
    fn title(&self, found: &[(LeafIndex, MatchedBy, Entry)]) -> Result<Option<String>, StoreError> {
        let close = found
            .iter()
            .find(|(_, matched, _)| matches!(matched, MatchedBy::Content | MatchedBy::File));
        let Some(EntryBody::AssetRegister(body)) = close.map(|(_, _, entry)| entry.body()) else {
            return Ok(None);
        };
        let history = self.ledger.history(&body.asset_id, self.ledger.size())?;
        line::title(&history, &self.names, &self.ledger)
    }

    fn find(&self, hashes: &Hashes<'_>) -> Result<Vec<(LeafIndex, MatchedBy, Entry)>, StoreError> {
        let asset = hashes.asset;
        let mut found = Found::default();
        let content = hashes.content.unwrap_or_else(|| asset.content_digest());
        found.add(MatchedBy::Content, self.ledger.find(Lookup::Content(content))?);
        if hashes.content.is_some() && self.is_this_file(asset, &found, hashes.manifest) {
            found
                .0
                .iter_mut()
                .for_each(|(_, matched, _)| *matched = MatchedBy::File);
        } else if !found.0.is_empty() {
            // The whole file is hashed only where there is something to tell apart.
            found.add(MatchedBy::File, self.ledger.find(Lookup::File(asset.digest()))?);
        }
        if let Some(manifest) = hashes.manifest {
            found.add(MatchedBy::Manifest, self.ledger.find(Lookup::Manifest(manifest))?);
        }
        if found
            .0
            .iter()
            .all(|(_, matched, _)| *matched == MatchedBy::Manifest)
            && self.ledger.size().0 > 0
            && asset.frames() == 1
            && let Ok(picture) = hashes.picture()
        {
            let seen = picture.pixel_digest;
            found.add(
                MatchedBy::Pixel,
                self.ledger
                    .find(Lookup::Pixel(seen.algorithm.code(), seen.digest))?,
            );
        }
        if asset.frames() == 1 {
            self.add_twins(&mut found)?;
        }
        found.0.sort_by_key(|(index, _, _)| *index);
        Ok(found.0)
    }

    /// Adds what other entries say of the pixels of the entries found. Their digest stands in those entries: no decode.
    fn add_twins(&self, found: &mut Found) -> Result<(), StoreError> {
        let about = found
            .0
            .iter()
            .filter(|(_, matched, _)| matches!(matched, MatchedBy::Content | MatchedBy::File));
        let mut pixels: Vec<(u8, Digest)> = about
            .filter_map(|(_, _, entry)| match entry.body() {
                EntryBody::AssetRegister(body) => body.pixel,
                _ => None,
            })
            .collect();
        pixels.dedup();
        for digest in pixels {
            let known: Vec<LeafIndex> = found.0.iter().map(|(index, _, _)| *index).collect();
            found.add(MatchedBy::Pixel, self.ledger.same_pixels(digest, &known)?);
        }
        Ok(())
    }

    /// Whether the one entry found by content is about this very file, without hashing the file once more: the validated hard
    /// binding covers every byte outside the store and says where the store lies, the store has the recorded bytes, and its
    /// container parts hold nothing else.
    fn is_this_file(&self, asset: &Asset, found: &Found, manifest: Option<Digest>) -> bool {
        let [(_, _, entry)] = found.0.as_slice() else {
            return false;
        };
        let EntryBody::AssetRegister(registration) = entry.body() else {
            return false;
        };
        manifest.is_some_and(|digest| self.ledger.as_recorded(digest) == registration.manifest)
            && asset.is_framed_as_ours()
    }

    /// An entry as a line, its signature and its inclusion in the last signed checkpoint checked.
    fn hit(
        &self,
        index: LeafIndex,
        matched: MatchedBy,
        entry: &Entry,
    ) -> Result<Option<LedgerHit>, StoreError> {
        let EntryBody::AssetRegister(registration) = entry.body() else {
            return Ok(None);
        };
        Ok(Some(LedgerHit {
            index: index.0,
            matched,
            time: entry.time().rfc3339(),
            key: entry.signer().hex(),
            known_as: self.names.in_ledger(&self.ledger, &entry.signer())?,
            source_type: registration.source.term().to_owned(),
            role: registration.role.map(|role| role.word().to_owned()),
            proven: is_proven(&self.ledger, index, entry),
            suspect: self
                .compromised(&entry.signer())?
                .and_then(|key| key.suspect(index))
                .map(|by| by.0),
            redacted: self.ledger.redaction(&entry.id())?.map(|index| index.0),
        }))
    }

    /// The revocation that declares a key compromised, and from which entry on.
    fn compromised(&self, key: &KeyId) -> Result<Option<Compromised>, StoreError> {
        let known = || self.compromised.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known().get(key) {
            return Ok(*found);
        }
        let found = self.ledger.compromised(key)?;
        known().insert(*key, found);
        Ok(found)
    }
}

/// Whether an entry's signature and its inclusion in the last signed checkpoint are good.
pub(in crate::app) fn is_proven(ledger: &LedgerFile, index: LeafIndex, entry: &Entry) -> bool {
    let signed = ledger
        .key(&entry.signer())
        .is_some_and(|key| ledger.is_signed(entry, &key));
    signed
        && ledger.prove(index).is_ok_and(|inclusion| {
            let checkpoint = &inclusion.checkpoint;
            proof::verify_inclusion(
                entry.id(),
                index,
                checkpoint.size(),
                checkpoint.root(),
                &inclusion.hashes,
            )
            .is_ok()
        })
}

/// Entries found so far; the closest match of each entry is kept.
#[derive(Default)]
struct Found(Vec<(LeafIndex, MatchedBy, Entry)>);

impl Found {
    fn add(&mut self, matched: MatchedBy, entries: Vec<(LeafIndex, Entry)>) {
        for (index, entry) in entries {
            match self.0.iter_mut().find(|(known, _, _)| *known == index) {
                Some(known) => known.1 = known.1.min(matched),
                None => self.0.push((index, matched, entry)),
            }
        }
    }
}

impl Hashes<'_> {
    /// What the picture looks like, decoded once.
    pub(in crate::app) fn picture(&self) -> Result<&Picture, &PixelError> {
        let metadata = || self.metadata.get_or_init(|| crate::metadata::read(self.asset));
        let look = || pixels::look(self.asset, metadata().orientation);
        self.picture.get_or_init(look).as_ref()
    }

    /// How the picture is to be turned to be seen, 1 to 8.
    pub(in crate::app) fn orientation(&self) -> u8 {
        self.metadata
            .get_or_init(|| crate::metadata::read(self.asset))
            .orientation
    }
}

fn check(asset: &Asset, entries: &[LedgerHit]) -> Check {
    if entries.iter().any(|entry| !entry.proven) {
        return Check::new(
            "ledger.inclusion",
            Outcome::Fail,
            "an entry about this picture is not covered by the ledger's own signatures; audit the ledger",
        );
    }
    let closest = entries
        .iter()
        .filter(|entry| entry.is_about_the_picture())
        .min_by_key(|entry| (entry.matched, entry.index));
    let Some(closest) = closest else {
        let hashes = match asset.frames() {
            1 => "file, content or pixel hash".to_owned(),
            _ => format!(
                "file or content (of its {} the first alone is decoded, so pixels are not asked)",
                likeness::frames(asset)
            ),
        };
        let credentials = entries.first().map_or(String::new(), |other| {
            format!(
                "; its credentials are those of entry {}, which is about a file with other bytes",
                other.index
            )
        });
        let note = format!("not registered here by {hashes}{credentials}");
        return Check::new("ledger.entry", Outcome::Unknown, note);
    };
    if let Some(by) = closest.suspect {
        let note = format!(
            "it is entry {}, which is suspect: entry {by} declares its key compromised from before then on",
            closest.index
        );
        return Check::new("ledger.inclusion", Outcome::Fail, note);
    }
    let what = match closest.matched {
        MatchedBy::File => "this very file",
        MatchedBy::Content => "this picture, with other credentials or none",
        MatchedBy::Pixel | MatchedBy::Manifest => "the same pixels in another file",
    };
    Check::new(
        "ledger.inclusion",
        Outcome::Pass,
        format!("{what} is entry {}", closest.index),
    )
}

/// Registered pictures looked at for earlier ones by other keys.
const ALIKE_MAX: usize = 64;
/// Earlier ones that are told.
const ALIKE_SHOWN: usize = 3;

/// The answer about a file that is no picture.
pub(super) fn not_read() -> LedgerAnswer {
    let note = "what cannot be read as an image is not looked up";
    LedgerAnswer::of(Check::new("ledger.entry", Outcome::NotChecked, note))
}

/// The answer where no ledger is asked.
pub(super) fn not_asked(request: &VerifyRequest) -> LedgerAnswer {
    let note = match request.ledger {
        LedgerChoice::None => "no ledger was asked",
        _ => "there is no default ledger; name one with --ledger",
    };
    LedgerAnswer::of(Check::new("ledger.entry", Outcome::NotChecked, note))
}
