//! One picture: read, metadata written, pixels looked at, claim signed, read back, made durable beside its place.

use std::path::Path;

use super::again::{self, Before};
use super::against;
use super::place::Job;
use super::readback::Accepted;
use super::record::Recorder;
use super::words::{self, Stated};
use super::{Shared, describe, keep, taken};
use crate::app::find;
use crate::app::key::path_text;
use crate::app::request::{LedgerChoice, Place, SourceChoice};
use crate::app::verify::oddity;
use crate::app::{Error, Kind, fault, ledger_open, likeness, picture_name};
use crate::asset::pixels::{self, Picture, PixelError};
use crate::asset::{Asset, AssetError, Format, Oddity, StorePlace};
use crate::base::fingerprint::{Algorithm, Look};
use crate::base::limits::FILE_BYTES_MAX;
use crate::base::local::LocalPrint;
use crate::base::{Fingerprint, SourceType, Statement, Timestamp};
use crate::ledger::Registration;
use crate::manifest::{Basis, Claim, Parent, Run, SignedAsset};
use crate::metadata::generator::{self, Generated};
use crate::metadata::{self, Metadata, PatchOptions, Patched, Registry};
use crate::report::sign::{Held, SignReport};
use crate::similar;
use crate::similar::index::Code;
use crate::similar::variants::Attitude;
use crate::store::files::{self, Over, Staged, Stamp, Wanted};
use crate::store::folder;
use crate::store::kept::New;

/// What became of one picture before the ledger knows of it.
#[derive(Debug)]
pub(super) enum Made {
    /// It lay in a folder and is no picture: not ours to speak of.
    PassedOver,
    /// Signed, durable beside its place, waiting for its entry.
    Ready(Box<Ready>),
    /// Nothing to record.
    Reported(Box<SignReport>),
}

/// A signed picture that waits for its ledger entry and its rename.
#[derive(Debug)]
pub(super) struct Ready {
    /// The finished file.
    pub(super) staged: Staged,
    /// Its manifest store kept beside the ledger, where that was asked for.
    pub(super) kept: Option<New>,
    /// What the ledger will hold.
    pub(super) registration: Registration,
    /// The code of the picture as it is, mirrored and turned.
    pub(super) attitudes: Vec<(Attitude, Code)>,
    /// What will lie beside it for statistics.
    pub(super) look: Option<Look>,
    /// What will be kept beside it, where that is wanted.
    pub(super) deep: Option<LocalPrint>,
    /// What will be reported.
    pub(super) report: SignReport,
}

/// What was seen of the pixels; absent with the reason where they cannot be decoded here.
struct Seen {
    picture: Option<Picture>,
    fingerprints: Vec<Fingerprint>,
    attitudes: Vec<(Attitude, Code)>,
    look: Option<Look>,
    notes: Vec<String>,
}

/// Does one job up to the point where the ledger must know of it.
pub(super) fn make(shared: &Shared<'_>, job: &Job) -> Result<Made, Error> {
    let Some((asset, stamp)) = read(job)? else {
        return Ok(Made::PassedOver);
    };
    let before = match again::before(shared, job, &asset)? {
        Before::Done(report) => return Ok(Made::Reported(report)),
        before => before,
    };
    refuse_overwriting(shared, job, &before)?;
    let run = Run {
        input: asset.digest(),
        stated: shared.stated,
    };
    let now = shared.app.clock.now();
    let found = metadata::read(&asset);
    let said = against::signed(shared, &asset, now);
    let generated = generated(shared, &asset, &found, said.is_some());
    let stated = words::state(shared, said, (&found, &generated))?;
    let contradictions = against::contradictions(shared, &stated, said, (&found, &generated));
    let cut = cut(&asset);
    let (bare, parent) = part(shared, job, asset)?;
    let options = PatchOptions {
        registry: match (&shared.origin, &shared.request.ledger) {
            (_, LedgerChoice::None) => Registry::None,
            (Some(origin), _) => Registry::Named(origin),
            (None, _) => Registry::Unnamed,
        },
        replace_conflicts: shared.request.replace_metadata,
    };
    let patched = metadata::patch_with(&bare, &stated.statement, now, options)
        .map_err(|error| fault::metadata(&job.input, &error))?;
    let beyond = beyond(&bare);
    drop(bare);
    let mut seen = see(&patched.asset, found.orientation);
    seen.notes.extend(worth_knowing(&stated.statement));
    seen.notes.extend(beyond);
    seen.notes.extend(cut.clone());
    seen.notes.extend(kept_elsewhere(&found, said.is_some()));
    seen.notes
        .extend(super::place::misnamed(&job.output, patched.asset.format()));
    let mut claim = claim(shared, job, &stated, parent, &seen, now);
    claim.run = Some(run);
    let deep = deep(shared, &mut seen);
    let signed = shared
        .signer
        .sign(&patched.asset, &claim)
        .map_err(|error| fault::sign(&job.input, &error))?;
    let accepted = check(shared, job, &patched, &signed, now)?;
    let look = seen.look;
    let attitudes = std::mem::take(&mut seen.attitudes);
    let (registration, mut report) = finish(shared, job, &stated, &patched, &claim, &signed, seen);
    disclose(shared, &mut report, &stated, &claim, (&found, &generated));
    report.faults.extend(cut.map(|_| CUT.to_owned()));
    report.contradictions = contradictions;
    accept(&mut report, accepted);
    report.notes.extend(before.note());
    if shared.request.dry_run {
        return Ok(Made::Reported(Box::new(dry(shared, report, deep.as_ref()))));
    }
    let waiting = stage(shared, job, &signed, &stamp)?;
    let kept = keep::keep(shared, &job.input, &signed.asset)?;
    report.kept_manifest = kept.as_ref().map(keep::named);
    Ok(Made::Ready(Box::new(Ready {
        staged: waiting,
        kept,
        attitudes,
        look,
        registration,
        deep,
        report,
    })))
}

/// What is worth knowing of a file with several pages or frames.
fn several(bare: &Asset) -> Vec<String> {
    let pages = (bare.pages() > 1).then(|| SEVERAL_PAGES.to_owned());
    let first_alone = (bare.frames() > 1).then(|| {
        format!(
            "looks are those of the first of {} alone, and no pixel hash is recorded: two files with one of them in common are not the same",
            likeness::frames(bare)
        )
    });
    pages.into_iter().chain(first_alone).collect()
}

/// Adds what reading the signed picture back found. What the picture came with is said once.
fn accept(report: &mut SignReport, accepted: Accepted) {
    report.read_back = Some(accepted.word.to_owned());
    report.notes.extend(accepted.notes);
    report.faults.extend(accepted.faults);
    let is_said = report
        .contradictions
        .iter()
        .any(|one| one.place == against::MANIFEST);
    if let Some(against) = accepted.against.filter(|_| !is_said) {
        report.notes.push(against);
        report
            .faults
            .push("it came with other words of how it was made".to_owned());
    }
}

/// What would be done: the picture was signed in memory for it, and what is drawn anew when it is signed in earnest is left out.
fn dry(shared: &Shared<'_>, report: SignReport, deep: Option<&LocalPrint>) -> SignReport {
    let mut report = describe::as_dry_run(report);
    report.deep_points = deep.map(|print| u32::try_from(print.points.len()).unwrap_or(u32::MAX));
    if shared.request.keep_manifests {
        report.notes.push(keep::KEPT_NOTE.to_owned());
    }
    if shared.origin.is_none() && shared.request.ledger != LedgerChoice::None {
        report.notes.push(NO_LEDGER_YET.to_owned());
    }
    report
}

/// The picture, and which state of its file was read; `None` for what lay in a folder and is no picture.
fn read(job: &Job) -> Result<Option<(Asset, Stamp)>, Error> {
    let (bytes, stamp) =
        files::read_stamped(&job.input, FILE_BYTES_MAX).map_err(|error| fault::read(&job.input, &error))?;
    match Asset::parse(bytes) {
        Ok(asset) => bindable(job, &asset).map(|()| Some((asset, stamp))),
        // A file called a picture is told, whatever is in it.
        Err(AssetError::NotAnImage | AssetError::Empty)
            if !job.named && !picture_name::is_one(&job.input) =>
        {
            Ok(None)
        }
        Err(error) => Err(fault::asset(&job.input, &error)),
    }
}

/// Refuses a picture whose data a signature would not cover, or that would be another one with new parts behind it.
fn bindable(job: &Job, asset: &Asset) -> Result<(), Error> {
    let name = path_text(&job.input);
    if asset.is_big_tiff() {
        let what = format!("`{name}` cannot be signed: it is a BigTIFF");
        return Err(Error::new(Kind::Input, "sign.bigtiff", what)
            .why("the C2PA library would leave 8 bytes of its directory out of what is signed, and with them another picture could be put in")
            .fix("save it as TIFF, which holds pictures of up to 4 GB"));
    }
    for found in &asset.layout().oddities {
        let (code, what, fix) = match found {
            Oddity::DataInPadding { .. } => (
                "sign.unbound",
                format!("`{name}` cannot be signed: a signature would not cover its picture"),
                "write the picture anew with another program, which puts its data into an mdat box",
            ),
            // What is missing would be read from what is put in its place.
            Oddity::Truncated { .. } if grows_at_its_end(asset.format()) => (
                "sign.cut",
                format!("`{name}` cannot be signed: it is cut off"),
                "get it whole; or save what there is of it anew with a picture editor, and sign that",
            ),
            Oddity::PlacesInTracks { .. } => (
                "sign.unmoved",
                format!("`{name}` cannot be signed: what its tracks say of metadata would lead nowhere"),
                "take EXIF and XMP out of it, or write the sequence anew without them, and sign that",
            ),
            Oddity::TagTwice { .. } => (
                "sign.ambiguous",
                format!("`{name}` cannot be signed: programs may read different things in it"),
                "write the picture anew with another program, and sign that",
            ),
            _ => continue,
        };
        return Err(Error::new(Kind::Input, code, what).why(oddity(found)).fix(fix));
    }
    Ok(())
}

/// Whether new parts go behind a picture whose data is found by offsets.
const fn grows_at_its_end(format: Format) -> bool {
    matches!(
        format,
        Format::Avif | Format::Dng | Format::Heic | Format::Heif | Format::Tiff
    )
}

/// What is shown of the file beyond the picture that is signed: other pages, and what another address holds.
fn beyond(asset: &Asset) -> Vec<String> {
    let is_elsewhere = |odd: &&Oddity| matches!(odd, Oddity::Elsewhere { .. });
    let elsewhere = asset.layout().oddities.iter().find(is_elsewhere).map(oddity);
    several(asset).into_iter().chain(elsewhere).collect()
}

/// That the picture is not whole, in a sentence: what is signed is what there is of it.
fn cut(asset: &Asset) -> Option<String> {
    let mut oddities = asset.layout().oddities.iter();
    oddities
        .find(|odd| matches!(odd, Oddity::Truncated { .. }))
        .map(oddity)
}

/// Said of it in a batch.
const CUT: &str = "cut off";

/// What a signer may not know of the words they use.
fn worth_knowing(statement: &Statement) -> Vec<String> {
    let day_alone = statement.created.is_some_and(|made| made.exif().is_none());
    let day_alone = day_alone.then(|| DAY_ALONE.to_owned());
    let notes = retired(statement.source).into_iter().chain(day_alone);
    notes
        .chain(words::creator_of_a_models(statement.source, statement.role))
        .collect()
}

/// That the manifest of the picture is kept elsewhere: signing asks no network, so nothing of it is in the new one.
fn kept_elsewhere(found: &Metadata, is_signed: bool) -> Option<String> {
    found.first("dcterms:provenance").filter(|_| !is_signed)?;
    Some(
        "the file names a manifest that is kept elsewhere (dcterms:provenance): it was not fetched, and the new one does not name it as parent"
            .to_owned(),
    )
}

/// That a source type is one of the terms that IPTC has retired, and what took its place.
fn retired(source: SourceType) -> Option<String> {
    let next = source.successor()?.term();
    let term = source.term();
    Some(format!(
        "{term} is a term that IPTC has retired; {next} took its place (--source {next})"
    ))
}

/// Adds what the entry, the certificate and the file itself tell everybody.
fn disclose(
    shared: &Shared<'_>,
    report: &mut SignReport,
    stated: &Stated,
    claim: &Claim,
    (found, generated): (&Metadata, &Generated),
) {
    let parents = usize::from(super::record::parent(shared, claim).is_some());
    report.entry = ledger_open::path(shared.app, &shared.request.ledger)
        .map(|path| describe::entry(&path, shared.mode, &stated.statement, parents));
    if report.entry.as_ref().is_some_and(|entry| entry.keyed) {
        // Only what the credentials hold is told to anybody: the soft binding.
        let told = Algorithm::Iscc256.name();
        report.fingerprints.retain(|one| one.algorithm == told);
    }
    report.certificate = describe::certificate(&shared.identity);
    report.notes.extend(stated.taken.clone());
    let held = [
        (Held::PlaceOrDevice, describe::personal(found)),
        (Held::Prompt, taken::prompts(generated)),
    ];
    for (what, note) in held {
        report.holds.extend(note.is_some().then_some(what));
        report.notes.extend(note);
    }
}

/// What generators wrote; pixels are decoded for it only where the file is asked how it came to be and says nothing else.
fn generated(shared: &Shared<'_>, asset: &Asset, found: &Metadata, is_signed: bool) -> Generated {
    if shared.request.source == SourceChoice::FromMetadata && found.source_type().is_none() && !is_signed {
        generator::read_with_pixels(asset, found)
    } else {
        // As receivers will read it.
        generator::read_or_seek(asset, found)
    }
}

/// Writes the signed picture beside its place. In place, it may replace only what was read.
fn stage(shared: &Shared<'_>, job: &Job, signed: &SignedAsset, input: &Stamp) -> Result<Staged, Error> {
    let over = if matches!(shared.request.place, Place::InPlace) {
        Over::Just(input)
    } else if shared.request.overwrite {
        Over::Anything
    } else {
        Over::Nothing
    };
    let wanted = Wanted {
        over,
        like: Some(input),
        mark: &shared.mark,
    };
    Staged::write_as(&job.output, signed.asset.bytes(), wanted)
        .map_err(|error| fault::write(&job.output, &error))
}

/// An output that exists is refused before work is spent on it; the rename refuses it once more.
fn refuse_overwriting(shared: &Shared<'_>, job: &Job, before: &Before) -> Result<(), Error> {
    let request = shared.request;
    super::place::refuse_long(job, &request.place)?;
    if matches!(request.place, Place::InPlace) || !folder::exists(&job.output) {
        return Ok(());
    }
    let name = job.output.display();
    if folder::same_file(&job.input, &job.output) {
        return Err(Error::new(
            Kind::Request,
            "sign.onto-itself",
            format!("`{name}` is the input itself"),
        )
        .fix("use --in-place to replace it, or name another output"));
    }
    if request.overwrite {
        return Ok(());
    }
    let error = Error::new(Kind::Conflict, "sign.exists", format!("cannot write `{name}`"));
    Err(match before {
        Before::Other { entry, how } => error
            .why(format!(
                "there is a file of that name, entry {entry} of the ledger, {how}"
            ))
            .fix("use --force to sign anew and replace it, or name another output"),
        Before::Done(_) | Before::Nothing => error
            .why("there is a file of that name, and this run did not make it")
            .fix("name another output, or use --force to replace it"),
    })
}

/// Takes the store out of a picture that is signed already; the signed picture becomes the parent of the new one.
fn part(shared: &Shared<'_>, job: &Job, asset: Asset) -> Result<(Asset, Parent), Error> {
    match &asset.layout().store {
        StorePlace::Absent => Ok((asset, shared.parent()?)),
        StorePlace::Found { .. } => {
            if let Some(parent) = &shared.request.parent {
                let what = format!(
                    "`{}` has credentials of its own, and --parent names another",
                    path_text(&job.input)
                );
                return Err(Error::new(Kind::Request, "sign.two-parents", what)
                    .why("a picture with credentials is itself what the new one was made from")
                    .fix(format!(
                        "leave --parent {} out; or sign a copy without credentials",
                        path_text(parent)
                    )));
            }
            let bare = asset
                .without_store()
                .map_err(|error| fault::asset(&job.input, &error))?;
            let parent = Parent::SignedInput {
                asset: Box::new(asset),
                title: file_name(&job.input),
            };
            Ok((bare, parent))
        }
        StorePlace::Damaged { .. } => Err(Error::new(
            Kind::Input,
            "sign.damaged-store",
            format!(
                "`{}` holds Content Credentials that cannot be read",
                job.input.display()
            ),
        )
        .why("signing would throw away what an earlier signer stated")
        .fix(if asset.has_several_stores() {
            "ask whoever signed it for a file with one manifest store; `byline inspect` shows where they are"
        } else {
            "get an undamaged copy; `byline inspect` shows what is broken"
        })),
    }
}

fn see(asset: &Asset, orientation: u8) -> Seen {
    match pixels::look(asset, orientation) {
        Ok(picture) => {
            let (fingerprints, attitudes) = similar::with_attitudes(&picture);
            Seen {
                fingerprints,
                attitudes,
                look: similar::look::of(&picture),
                picture: Some(picture),
                notes: Vec::new(),
            }
        }
        Err(error) => Seen {
            picture: None,
            fingerprints: Vec::new(),
            attitudes: Vec::new(),
            look: None,
            notes: vec![match error {
                PixelError::Unsupported(format) => format!(
                    "{} pixels are not decoded here: no pixel hash, no fingerprints, no thumbnail",
                    format.name()
                ),
                other => format!("no pixel hash, no fingerprints, no thumbnail: {other}"),
            }],
        },
    }
}

/// What it looks like in many places, where that is recorded.
fn deep(shared: &Shared<'_>, seen: &mut Seen) -> Option<LocalPrint> {
    // A dry run before the first ledger is made has none to ask.
    let asked = shared.request.deep && shared.request.ledger != LedgerChoice::None;
    let is_wanted = shared.recorder.as_ref().map_or(asked, Recorder::is_deep);
    let picture = seen.picture.as_ref().filter(|_| is_wanted)?;
    let print = similar::deep::print(&picture.luma);
    if print.is_none() {
        seen.notes.push(keep::no_deep(&find::deep::too_few()));
    }
    print
}

fn claim(
    shared: &Shared<'_>,
    job: &Job,
    stated: &Stated,
    parent: Parent,
    seen: &Seen,
    now: Timestamp,
) -> Claim {
    let picture = seen.picture.as_ref();
    let thumbnail = picture
        .filter(|_| shared.request.thumbnail)
        .map(similar::thumbnail_jpeg);
    Claim {
        statement: stated.statement.clone(),
        basis: match shared.request.source {
            SourceChoice::Stated(_) => Basis::Signer,
            SourceChoice::FromMetadata => Basis::Metadata {
                field: stated.basis.clone(),
            },
        },
        title: stated.statement.title.clone().or_else(|| file_name(&job.output)),
        thumbnail,
        soft_binding: seen
            .fingerprints
            .iter()
            .find(|one| one.algorithm == Algorithm::Iscc256)
            .map(|one| one.bits),
        parent,
        now,
        metadata: serde_json::Map::new(),
        run: None,
    }
}

/// Said of a TIFF whose manifest store the SDK puts behind its pages.
const SEVERAL_PAGES: &str = "this file has several pages: its manifest stands in a directory of its own behind them, which some \
readers take for a damaged last page";

/// Said of a picture that was made on a day, at no stated time.
const DAY_ALONE: &str = "--created is a day without a time: XMP holds it as such; EXIF has no form for it, and no time is invented (Exif:DateTimeOriginal is not written)";

/// Said by a dry run before the first ledger is made.
const NO_LEDGER_YET: &str = "the ledger does not exist yet: its name is drawn when it is made, and is then written too \
(Iptc4xmpExt:RegOrgId)";

fn file_name(path: &Path) -> Option<String> {
    path.file_name().map(|name| name.to_string_lossy().into_owned())
}

/// The signed file must say what was written and must pass the verifier that receivers use; gives what is worth knowing of it.
fn check(
    shared: &Shared<'_>,
    job: &Job,
    patched: &Patched,
    signed: &SignedAsset,
    now: Timestamp,
) -> Result<Accepted, Error> {
    metadata::check_written(&signed.asset, &patched.written)
        .map_err(|missing| fault::not_written(&job.input, &missing, cut(&signed.asset).is_some()))?;
    super::readback::accept(shared, &signed.asset, now).map_err(|why| {
        Error::new(
            Kind::Input,
            "sign.read-back",
            format!("`{}` was signed, but does not verify", job.input.display()),
        )
        .fix(if cut(&signed.asset).is_some() {
            "nothing was written; the picture is cut off: get it whole"
        } else if why.starts_with("ingredient.") {
            "nothing was written; the credentials it came with are too damaged to be carried on: get an undamaged copy"
        } else if shared.request.timestamp.is_some() {
            "nothing was written; name another --timestamp authority, or none: if that is no help, please report this picture"
        } else {
            "nothing was written; please report this picture"
        })
        .why(why)
    })
}

fn finish(
    shared: &Shared<'_>,
    job: &Job,
    stated: &Stated,
    patched: &Patched,
    claim: &Claim,
    signed: &SignedAsset,
    seen: Seen,
) -> (Registration, SignReport) {
    let registration = super::record::registration(
        shared,
        &stated.statement,
        signed,
        seen.picture.as_ref(),
        &seen.fingerprints,
        claim,
    );
    let mut report = describe::signed(job, stated, patched, claim, signed, &registration);
    report.fingerprints = describe::fingerprints(&seen.fingerprints, seen.look);
    report.notes.extend(seen.notes);
    let has_more = signed.asset.frames() > 1;
    report.holds.extend(has_more.then_some(Held::SeveralPages));
    (registration, report)
}
