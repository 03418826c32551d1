//! Sign: metadata first, signature last, ledger after, and only then the rename (DESIGN.md 1.5).
//!
//! Pictures are made ready on several threads; whatever is ready goes into the ledger as one commit, and only what the
//! ledger acknowledged is renamed into place. A crash leaves the old file and a finished one beside it, which the next run
//! puts in place if the ledger knows it and removes if not.

mod again;
mod against;
mod describe;
mod keep;
mod one;
mod place;
mod readback;
mod record;
mod resume;
mod taken;
mod words;

use std::path::PathBuf;
use std::sync::Arc;

pub use place::place_of;

use super::ledger_open::UNSYNCED;
use super::request::{LedgerChoice, SignRequest, SourceChoice};
use super::{App, Error, Kind, batch, fault, key, picture_name};
use crate::asset::Asset;
use crate::base::limits::FILE_BYTES_MAX;
use crate::base::{Digest, Timestamp};
use crate::keys::Identity;
use crate::ledger::{LeafIndex, LookupMode};
use crate::manifest::{ManifestReader, ManifestSigner, Parent, TimestampSource, TrustAnchors};
use crate::report::sign::{Held, LedgerLine, SignOutcome, SignReport, SignSummary};
use crate::store::deep::DeepRecord;
use crate::store::files;
use crate::store::folder;
use crate::store::kept::KeptStores;
use one::Made;
use place::Job;
use record::Recorder;

/// What became of one picture.
#[derive(Debug)]
pub struct SignItem {
    /// The picture.
    pub input: PathBuf,
    /// The report, or why there is none.
    pub result: Result<SignReport, Error>,
}

/// What all pictures of one run share.
struct Shared<'a> {
    app: &'a App,
    request: &'a SignRequest,
    identity: Arc<Identity>,
    signer: ManifestSigner,
    reader: ManifestReader,
    recorder: Option<Recorder>,
    /// Where signed manifest stores are kept, where that was asked for.
    kept: Option<KeptStores>,
    origin: Option<String>,
    /// How the ledger of this run makes its digests.
    mode: LookupMode,
    /// What part files say of the ledger of this run.
    mark: String,
    parent: Option<ParentFile>,
    /// What is stated in this run, as it is counted for knowing the same run again.
    stated: Digest,
}

/// The file given with `--parent`.
struct ParentFile {
    bytes: Vec<u8>,
    digest: Digest,
    title: Option<String>,
}

impl Shared<'_> {
    fn parent(&self) -> Result<Parent, Error> {
        let Some(file) = &self.parent else {
            return Ok(Parent::None);
        };
        let path = self.request.parent.clone().unwrap_or_default();
        let asset = Asset::parse(file.bytes.clone()).map_err(|error| fault::asset(&path, &error))?;
        Ok(Parent::File {
            asset: Box::new(asset),
            title: file.title.clone(),
        })
    }
}

/// Signs the pictures, tells of each in the order of the inputs, and counts.
pub fn sign(app: &App, request: &SignRequest, each: &mut dyn FnMut(SignItem)) -> Result<SignSummary, Error> {
    let start = app.clock.now();
    words::check(request.source, &request.words)?;
    if request.keep_manifests && request.ledger == LedgerChoice::None {
        let what = "manifests are kept beside a ledger, and none is used";
        return Err(Error::new(Kind::Request, "sign.keep-without-ledger", what)
            .fix("name a ledger, or leave --keep-manifests out"));
    }
    let found = folder::expand(&request.inputs);
    let jobs = place::plan(&found.files, &request.place)?;
    let mut summary = SignSummary {
        schema: "sign-summary.v1",
        links: found.links,
        hidden: picture_name::hidden(&found.hidden),
        ..SignSummary::default()
    };
    for error in found.unlisted {
        let item = SignItem {
            result: Err(fault::folder(&error)),
            input: error.path,
        };
        count(&mut summary, &item);
        each(item);
    }
    if jobs.is_empty() {
        // No key is needed for nothing.
        return Ok(summary);
    }
    let shared = prepare(app, request)?;
    let leftovers = if request.dry_run {
        Vec::new()
    } else {
        resume::leftovers(&jobs)
    };
    let had_leftovers = !leftovers.is_empty();
    resume::finish(shared.recorder.as_ref(), leftovers);
    // Said with the first picture and with the run: of one picture there is no summary, of many no notes are shown.
    let mut torn = shared.recorder.as_ref().and_then(Recorder::opening);
    summary.notes = torn.iter().cloned().collect();
    if let SourceChoice::Stated(term) = request.source {
        summary
            .notes
            .extend(words::creator_of_a_models(term, request.words.role));
    }
    app.progress
        .start(u64::try_from(jobs.len()).unwrap_or(u64::MAX), "signing");
    let mut done = 0;
    batch::run(
        jobs.len(),
        request.jobs,
        |index| one::make(&shared, &jobs[index]),
        |first, group| {
            done += u64::try_from(group.len()).unwrap_or(0);
            settle(&shared, &jobs[first..], group, &mut |mut item| {
                if let Ok(report) = &mut item.result {
                    report.notes.extend(torn.take());
                }
                count(&mut summary, &item);
                each(item);
            });
            app.progress.reach(done);
        },
    );
    app.progress.finish();
    if had_leftovers {
        // One that could not be placed may be one too many now that this run signed the same.
        resume::finish(shared.recorder.as_ref(), resume::leftovers(&jobs));
    }
    summary.elapsed_ms = elapsed(start, app.clock.now());
    Ok(summary)
}

fn elapsed(start: Timestamp, end: Timestamp) -> u64 {
    u64::try_from(end.unix_ms().saturating_sub(start.unix_ms())).unwrap_or(0)
}

fn count(summary: &mut SignSummary, item: &SignItem) {
    let counter = match &item.result {
        Ok(report) => match report.outcome {
            SignOutcome::Signed => &mut summary.signed,
            SignOutcome::Skipped => &mut summary.skipped,
            SignOutcome::DryRun => &mut summary.dry_run,
        },
        Err(_) => &mut summary.failed,
    };
    *counter += 1;
    if let Ok(report) = &item.result {
        summary.conflicts += u64::from(!report.conflicts.is_empty());
        summary.not_carried += u64::from(!report.not_carried.is_empty());
        summary.contradicted += u64::from(!report.contradictions.is_empty());
        summary.faulty += u64::from(!report.faults.is_empty());
        let holds = |what| u64::from(report.holds.contains(&what));
        summary.with_place += holds(Held::PlaceOrDevice);
        summary.with_prompt += holds(Held::Prompt);
        summary.with_pages += holds(Held::SeveralPages);
    }
}

/// Loads key, ledger and parent once.
fn prepare<'a>(app: &'a App, request: &'a SignRequest) -> Result<Shared<'a>, Error> {
    let identity = Arc::new(key::open(app, request.identity.as_deref())?);
    in_time(&identity, app.clock.now())?;
    // A dry run signs as well, for what reading it back tells, and asks nobody for the time.
    let stamps = timestamps(request)?.filter(|_| !request.dry_run);
    let own = own_anchors(&identity);
    let signer = ManifestSigner::new(Arc::clone(&identity), &own, stamps)
        .map_err(|error| fault::sign(&PathBuf::from(identity.name()), &error))?;
    let recorder = if request.dry_run {
        Recorder::look(app, request)?
    } else {
        Recorder::open(app, request)?
    };
    let origin = recorder.as_ref().map(Recorder::origin);
    let parent = parent_file(request)?;
    let kept = recorder
        .as_ref()
        .filter(|_| request.keep_manifests && !request.dry_run);
    Ok(Shared {
        kept: kept.map(Recorder::kept),
        app,
        request,
        reader: ManifestReader::new(&own).map_err(|error| fault::trust(&error))?,
        origin,
        // One that is made for this run is public.
        mode: recorder.as_ref().map_or(LookupMode::Public, Recorder::mode),
        mark: recorder
            .as_ref()
            .map_or_else(|| files::NO_MARK.to_owned(), Recorder::mark),
        recorder,
        signer,
        stated: again::stated(request, parent.as_ref().map(|file| file.digest)),
        parent,
        identity,
    })
}

/// That the certificate is valid now: what is signed outside of its time nobody can confirm.
fn in_time(identity: &Identity, now: Timestamp) -> Result<(), Error> {
    let validity = identity.leaf_validity();
    if validity.contains(now) {
        return Ok(());
    }
    let name = identity.name();
    let (code, what) = if now < validity.not_before {
        (
            "certificate.not-yet-valid",
            format!("is valid only from {}", validity.not_before.rfc3339()),
        )
    } else {
        (
            "certificate.expired",
            format!("expired at {}", validity.not_after.rfc3339()),
        )
    };
    Err(Error::new(Kind::Key, code, format!("cannot sign with the key `{name}`"))
        .why(format!("its certificate {what}; it is now {}", now.rfc3339()))
        .fix(format!(
            "check the clock; `byline key rotate {name}` makes a key of your own anew, `byline key csr {name}` asks a CA for a certificate"
        )))
}

/// The time-stamping authority, where one is asked for.
#[cfg(feature = "online")]
fn timestamps(request: &SignRequest) -> Result<Option<Arc<dyn TimestampSource>>, Error> {
    use super::online::{HttpTimestamps, Reach};
    let Some(url) = &request.timestamp else {
        return Ok(None);
    };
    let reach = if request.timestamp_private {
        Reach::Anywhere
    } else {
        Reach::Public
    };
    let source = HttpTimestamps::new(url, reach).map_err(|error| {
        Error::new(
            Kind::Request,
            "timestamp.url",
            format!("cannot use `{url}` as a time-stamping authority"),
        )
        .why(error.to_string())
    })?;
    Ok(Some(Arc::new(source)))
}

/// This build has no network.
#[cfg(not(feature = "online"))]
fn timestamps(request: &SignRequest) -> Result<Option<Arc<dyn TimestampSource>>, Error> {
    match &request.timestamp {
        None => Ok(None),
        Some(_) => Err(Error::new(
            Kind::Request,
            "timestamp.offline",
            "this byline was built without network",
        )
        .fix("build it with the feature `online`")),
    }
}

/// The creator's own root, by which the read-back must find its signature trusted.
pub(super) fn own_anchors(identity: &Identity) -> TrustAnchors {
    match identity.root_pem() {
        Some(pem) => TrustAnchors::root(identity.name(), pem),
        None => TrustAnchors::default(),
    }
}

fn parent_file(request: &SignRequest) -> Result<Option<ParentFile>, Error> {
    let Some(path) = &request.parent else {
        return Ok(None);
    };
    let bytes = files::read(path, FILE_BYTES_MAX).map_err(|error| fault::read(path, &error))?;
    let digest = Digest::of(&bytes);
    let title = path.file_name().map(|name| name.to_string_lossy().into_owned());
    Ok(Some(ParentFile { bytes, digest, title }))
}

/// Records a group in one commit, then renames what was recorded into place.
fn settle(
    shared: &Shared<'_>,
    jobs: &[Job],
    mut group: Vec<Result<Made, Error>>,
    each: &mut dyn FnMut(SignItem),
) {
    // What could not be put in place any more is not recorded either.
    for (job, made) in jobs.iter().zip(&mut group) {
        if let Ok(Made::Ready(ready)) = made
            && let Err(error) = ready.staged.check()
        {
            *made = Err(fault::write(&job.output, &error));
        }
    }
    let ready = group.iter().filter_map(|made| match made {
        Ok(Made::Ready(ready)) => Some((ready.registration.clone(), ready.look)),
        _ => None,
    });
    let (registrations, looks): (Vec<_>, Vec<_>) = ready.unzip();
    let mut lines = match &shared.recorder {
        Some(recorder) => recorder
            .append(shared, registrations, &looks)
            .map(Vec::into_iter)
            .map(Some),
        None => Ok(None),
    };
    let unmarked = shared.recorder.as_ref().and_then(Recorder::unmarked);
    let unkept = match &lines {
        Ok(Some(lines)) => keep_deep(shared.recorder.as_ref(), &mut group, lines.as_slice()).err(),
        _ => None,
    };
    for (job, made) in jobs.iter().zip(group) {
        let result = match made {
            Ok(Made::PassedOver) => continue,
            Ok(Made::Reported(report)) => Ok(*report),
            Ok(Made::Ready(mut ready)) => match &mut lines {
                Ok(lines) => {
                    if let Some(kept) = &mut ready.kept {
                        kept.settle();
                    }
                    ready.report.notes.extend(unmarked.clone());
                    ready.report.notes.extend(unkept.clone());
                    let line = lines.as_mut().and_then(Iterator::next);
                    compare(shared.recorder.as_ref(), &mut ready, line.as_ref());
                    place(job, *ready, line)
                }
                Err(error) => {
                    // The entry may be on the disk or not: the next run looks, and finishes or clears up.
                    if error.code == UNSYNCED {
                        if let Some(kept) = &mut ready.kept {
                            kept.settle();
                        }
                        ready.staged.keep();
                    }
                    Err(error.clone())
                }
            },
            Err(error) => Err(error),
        };
        each(SignItem {
            input: job.input.clone(),
            result,
        });
    }
}

/// Keeps what the pictures just recorded look like in many places, and says of how many points.
fn keep_deep(
    recorder: Option<&Recorder>,
    group: &mut [Result<Made, Error>],
    lines: &[LedgerLine],
) -> Result<(), String> {
    let Some(recorder) = recorder.filter(|recorder| recorder.is_deep()) else {
        return Ok(());
    };
    let ready = group.iter_mut().filter_map(|made| match made {
        Ok(Made::Ready(ready)) => Some(ready),
        _ => None,
    });
    let (mut records, mut counts) = (Vec::new(), Vec::new());
    for (ready, line) in ready.zip(lines) {
        if let Some(print) = ready.deep.take() {
            let points = u32::try_from(print.points.len()).unwrap_or(u32::MAX);
            counts.push((&mut ready.report.deep_points, points));
            records.push(DeepRecord {
                index: LeafIndex(line.index),
                file: ready.registration.file,
                print,
            });
        }
    }
    recorder.keep_deep(&records)?;
    for (told, points) in counts {
        *told = Some(points);
    }
    Ok(())
}

/// Says how unusual a picture is that was just recorded. What cannot be said does not undo it.
fn compare(recorder: Option<&Recorder>, ready: &mut one::Ready, line: Option<&LedgerLine>) {
    let (Some(recorder), Some(line)) = (recorder, line) else {
        return;
    };
    match recorder.uniqueness(&ready.registration, &ready.attitudes, line.index) {
        Ok(found) => ready.report.uniqueness = found,
        Err(error) => {
            let note = format!(
                "it was not compared with the pictures registered before: {}",
                error.what
            );
            ready.report.notes.push(note);
        }
    }
}

/// Puts a picture in place. One that the ledger knows is kept where it waits if that fails.
fn place(job: &Job, ready: one::Ready, line: Option<LedgerLine>) -> Result<SignReport, Error> {
    let one::Ready {
        staged, mut report, ..
    } = ready;
    let Some(line) = line else {
        return match staged.commit() {
            Ok(()) => Ok(report),
            Err(error) => Err(fault::write(&job.output, &error)),
        };
    };
    let entry = line.index;
    report.ledger = Some(line);
    match staged.commit_or_keep() {
        Ok(()) => Ok(report),
        Err(unplaced) => Err(fault::unplaced(&job.output, entry, &unplaced)),
    }
}
