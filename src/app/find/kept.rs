//! The signed manifest of a registered picture, kept beside the ledger, for a file that lost it: checked by what judges for
//! `verify`, and given back.
//!
//! What is kept is believed only where it has the digest that the entry states. Then there are two cases. The file is the
//! registered one less its store: put back, it is that file again, byte for byte, and everything can be answered. Or its bytes
//! are others: then the manifest is still well signed or not, and by whom, but its hash is of another file, and all that ties it
//! to this one are looks: those of the codes, and the thumbnail in it. A likeness never attaches anything by itself.

use std::path::Path;
use std::sync::OnceLock;

use crate::app::request::Recover;
use crate::app::verify;
use crate::app::verify::ledger::Hashes;
use crate::app::verify::thumbnail::{self, Laid};
use crate::app::{App, Error, Kind, fault, ledger_open, picture_name, trust, trust_set};
use crate::asset::Asset;
use crate::base::{Digest, Timestamp, Untrusted};
use crate::keys::TrustStore;
use crate::ledger::{EntryBody, LeafIndex, Registration};
use crate::manifest::{ManifestEvidence, ManifestReader};
use crate::report::find::{KeptFit, KeptLine};
use crate::report::verify::FourQuestions;
use crate::report::{Check, Outcome};
use crate::store::files::Staged;
use crate::store::kept::KeptStores;
use crate::store::ledger_file::LedgerFile;

/// The kept manifests of one ledger.
pub(super) struct Keeper<'a> {
    ledger: &'a LedgerFile,
    path: &'a Path,
    stores: KeptStores,
    /// Made when the first kept manifest is read: trust lists are long.
    reader: OnceLock<Result<ManifestReader, Error>>,
    app: &'a App,
    trust: &'a TrustStore,
    at: Timestamp,
}

/// A kept manifest that was read.
pub(super) struct Found {
    pub(super) line: KeptLine,
    /// The store, where it is the one that the entry names.
    store: Option<Vec<u8>>,
    /// The registered file, where this one is that without its store.
    whole: Option<Asset>,
}

impl<'a> Keeper<'a> {
    pub(super) fn new(
        app: &'a App,
        (ledger, path): (&'a LedgerFile, &'a Path),
        trust: &'a TrustStore,
        at: Timestamp,
    ) -> Self {
        Self {
            stores: KeptStores::of(ledger),
            reader: OnceLock::new(),
            ledger,
            path,
            app,
            trust,
            at,
        }
    }

    /// The manifest kept for an entry, against a file; `None` where none is kept.
    pub(super) fn find(
        &self,
        hashes: &Hashes<'_>,
        (index, laid): (u64, Laid),
    ) -> Result<Option<Found>, Error> {
        let entry = self.ledger.entry(LeafIndex(index));
        let entry = entry.map_err(|error| ledger_open::fault(self.path, &error))?;
        let EntryBody::AssetRegister(body) = entry.body() else {
            return Ok(None);
        };
        let store = match self.stores.get(&body.manifest) {
            Ok(None) => return Ok(None),
            Ok(Some(store)) if self.ledger.as_recorded(Digest::of(&store)) == body.manifest => store,
            Ok(Some(_)) => {
                let check = Check::new("ledger.manifest", Outcome::Fail, NOT_THE_ONE);
                return Ok(Some(unread(index, body, check)));
            }
            Err(error) => {
                let check = Check::new("ledger.manifest", Outcome::NotChecked, error.to_string());
                return Ok(Some(unread(index, body, check)));
            }
        };
        self.check(hashes, (index, body), store, laid).map(Some)
    }

    fn check(
        &self,
        hashes: &Hashes<'_>,
        (index, body): (u64, &Registration),
        store: Vec<u8>,
        laid: Laid,
    ) -> Result<Found, Error> {
        // A file whose structure does not let go of its own store is looked at as it is; so is one in which a part that looks like a
        // store may be one that is shown.
        let is_whole = !hashes.asset.has_damaged_store();
        let bare = is_whole.then(|| hashes.asset.without_store().ok()).flatten();
        let bare = bare.as_ref().unwrap_or(hashes.asset);
        let is_content = self.ledger.as_recorded(bare.content_digest()) == body.content;
        let whole = is_content
            .then(|| bare.embed_store(&store).ok())
            .flatten()
            .map(|embedded| embedded.asset)
            .filter(|whole| self.ledger.as_recorded(whole.digest()) == body.file);
        let fit = match (&whole, is_content) {
            (Some(_), _) => KeptFit::RegisteredFile,
            (None, true) => KeptFit::RegisteredContent,
            (None, false) => KeptFit::OtherBytes,
        };
        let reader = self.reader()?;
        let evidence = match &whole {
            Some(whole) => reader.read(whole, self.at),
            None => reader.read_beside(bare, &store, self.at),
        };
        let mut line = judged((index, body), fit, &evidence);
        if fit == KeptFit::OtherBytes
            && let ManifestEvidence::Read(facts) = &evidence
        {
            let seen = thumbnail::of_another_file(facts, hashes.picture(), hashes.orientation(), laid);
            line.thumbnail = Some(seen);
        }
        line.sentence = sentence(&line);
        Ok(Found {
            line,
            store: Some(store),
            whole,
        })
    }

    /// Reads against whom the user trusts, as `verify` does.
    fn reader(&self) -> Result<&ManifestReader, Error> {
        let made = self.reader.get_or_init(|| {
            let anchors = trust_set::anchors(self.trust, trust::lists::all(self.app)?, &[])?;
            ManifestReader::new(&anchors).map_err(|error| fault::trust(&error))
        });
        made.as_ref().map_err(Clone::clone)
    }
}

/// What is kept and counts for nothing.
fn unread(index: u64, body: &Registration, stored: Check) -> Found {
    let sentence = format!(
        "the manifest kept for entry {index} counts for nothing: {}",
        stored.note
    );
    Found {
        line: KeptLine {
            entry: index,
            manifest: body.manifest.hex(),
            fit: None,
            checks: verify::unanswered("what is kept is not the manifest of the entry"),
            result: None,
            signer: None,
            thumbnail: None,
            stored,
            sentence,
            recovered: None,
        },
        store: None,
        whole: None,
    }
}

fn judged((index, body): (u64, &Registration), fit: KeptFit, evidence: &ManifestEvidence) -> KeptLine {
    let (word, mut checks, facts) = verify::weighed(evidence);
    match fit {
        KeptFit::RegisteredFile => {}
        KeptFit::RegisteredContent => {
            checks.unchanged = Check::new("ledger.content", Outcome::Pass, CONTENT);
        }
        KeptFit::OtherBytes => {
            checks.unchanged = Check::new("assertion.dataHash", Outcome::Unknown, OTHER_BYTES);
        }
    }
    KeptLine {
        entry: index,
        manifest: body.manifest.hex(),
        stored: Check::new(
            "ledger.manifest",
            Outcome::Pass,
            "it has the hash that the entry states",
        ),
        fit: Some(fit),
        checks,
        result: (fit == KeptFit::RegisteredFile).then_some(word),
        signer: facts.and_then(verify::signer),
        thumbnail: None,
        sentence: String::new(),
        recovered: None,
    }
}

fn sentence(line: &KeptLine) -> String {
    let entry = line.entry;
    match (line.fit, line.result) {
        (Some(KeptFit::RegisteredFile), Some(word)) => format!(
            "the manifest of entry {entry} is kept; with it put back, this is the registered file again, byte for byte, and that is {}",
            word.word()
        ),
        (Some(KeptFit::RegisteredContent), _) => format!(
            "the manifest of entry {entry} is kept: {}; this file is the registered one without it, byte for byte",
            signed(&line.checks)
        ),
        _ => {
            let seen = line.thumbnail.as_ref();
            let seen = seen.map_or_else(String::new, |check| {
                format!("; its signed thumbnail against this picture: {}", check.note)
            });
            format!(
                "the manifest of entry {entry} is kept: {}; it is bound to the bytes of the registered file, and this file has others, \
                 so it tells of that file and proves nothing of this one{seen}",
                signed(&line.checks)
            )
        }
    }
}

/// Signature, time and issuer in a clause.
fn signed(checks: &FourQuestions) -> &'static str {
    let passed = |check: &Check| check.outcome == Outcome::Pass;
    match (
        checks.signature.outcome,
        passed(&checks.time),
        passed(&checks.issuer),
    ) {
        (Outcome::Pass, true, true) => "well signed in time, by somebody known to you",
        (Outcome::Pass, true, false) => "well signed in time, by somebody you have not said you know",
        (Outcome::Pass, false, _) => "well signed, at a time that is open",
        (Outcome::Fail, _, _) => "its signature does not hold",
        _ => "its signature could not be checked",
    }
}

/// Writes what was kept: the store alone, or the registered file.
///
/// # Errors
/// When the name is neither of a manifest nor of a picture, or of a picture of another format; when a picture is wanted and this is not
/// the registered file, or when it cannot be written.
pub(super) fn recover(found: &mut Found, wanted: &Recover) -> Result<(), Error> {
    let path = &wanted.path;
    let is_sidecar = path
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("c2pa"));
    let (store, whole) = (found.store.as_deref(), found.whole.as_ref());
    let bytes = match (is_sidecar, store, whole) {
        (_, None, _) => {
            return Err(Error::new(Kind::Contradicted, "find.kept-changed", CANNOT)
                .why(found.line.stored.note.clone())
                .fix("restore the folder of manifests beside the ledger from a copy"));
        }
        (true, Some(store), _) => store,
        (false, _, Some(whole)) if picture_name::is_one(path) => {
            refuse_other_ending(path, whole)?;
            whole.bytes()
        }
        (false, _, _) if picture_name::is_one(path) => return Err(not_the_file(found.line.fit)),
        (false, _, _) => {
            return Err(Error::new(
                Kind::Request,
                "find.recover-name",
                format!(
                    "`{}` is the name of neither a manifest nor a picture",
                    path.display()
                ),
            )
            .fix("end it in .c2pa for the manifest alone, or as pictures end for the registered file"));
        }
    };
    Staged::write(path, bytes, wanted.overwrite)
        .and_then(Staged::commit)
        .map_err(|error| fault::write(path, &error))?;
    if is_sidecar && found.whole.is_some() {
        found.line.sentence.push_str(SIDECAR);
    }
    found.line.recovered = Some(Untrusted::new(path.to_string_lossy()));
    Ok(())
}

/// The registered file is given back as it was, never converted: under the ending of another format it would deceive.
fn refuse_other_ending(path: &Path, whole: &Asset) -> Result<(), Error> {
    let format = whole.format();
    if picture_name::formats(path).is_none_or(|(_, known)| known.contains(&format)) {
        return Ok(());
    }
    let to = path.with_extension(picture_name::ending(format));
    let error = Error::new(Kind::Request, "find.recover-format", CANNOT).why(format!(
        "the registered file is {}, and `{}` is the name of another format; it is given back byte for byte, never converted",
        format.name(),
        path.display()
    ));
    Err(error.fix(format!("name it --recover {}", to.display())))
}

/// That a picture is wanted and cannot be had from this file; of the two reasons the one that holds.
fn not_the_file(fit: Option<KeptFit>) -> Error {
    let error = Error::new(Kind::Input, "find.not-the-file", CANNOT);
    match fit {
        Some(KeptFit::RegisteredContent) => error
            .why("this file is the registered one without its manifest, but in this format byline cannot put a manifest back where it lay")
            .fix("give --recover a name that ends in .c2pa: the manifest alone, for byline verify --manifest"),
        _ => error
            .why("this file has other bytes than the registered one: with the manifest in it, it would not verify")
            .fix(
                "look for a copy of the registered file itself, or ask whoever registered it. A name that ends in .c2pa gives the manifest \
                 alone: byline verify FILE --manifest NAME.c2pa reads what was signed of the registered file, and this picture will not verify \
                 against it",
            ),
    }
}

/// That nothing found has a manifest kept.
pub(super) fn none(wanted: &Recover, found: &[u64]) -> Error {
    let why = match (wanted.entry, found) {
        (Some(entry), _) if !found.contains(&entry) => format!("entry {entry} is not among what was found"),
        (_, []) => "nothing registered is, or looks like, this picture".to_owned(),
        _ => "no manifest of what was found is kept beside the ledger".to_owned(),
    };
    Error::new(Kind::Absent, "find.not-kept", CANNOT)
        .why(why)
        .fix("manifests are kept where pictures are signed with --keep-manifests; ask whoever registered it for the original")
}

const CANNOT: &str = "cannot give back the credentials";
/// Said of a sidecar beside the stripped file: the signed hash leaves out the place where the manifest lay inside (C2PA 2.4, 18.5).
const SIDECAR: &str = "; as a file beside it, other readers call it a mismatch, as its hash was made around a manifest inside: give \
                       --recover the name of a picture to have the registered file";
const NOT_THE_ONE: &str =
    "the file kept for it has another hash than the entry states: it was changed, or is of another picture";
const CONTENT: &str =
    "every byte of this file outside a manifest store is as registered (content hash of the entry)";
const OTHER_BYTES: &str =
    "the manifest is bound by a hash to the registered file, and this file has other bytes";
