//! Find: the registered pictures that are, or look like, a picture, and how unusual it is.
//!
//! What is found by hash is the same file, content or pixels. What is found by looks is only like it, and is said so with its
//! distance and how often unrelated pictures come as near.

pub(super) mod alike;
pub(super) mod deep;
mod kept;
pub(super) mod words;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::request::FindRequest;
use super::title::line;
use super::verify::ledger::{Asked, Hashes, is_proven};
use super::{App, Error, Kind, batch, fault, ledger_open, picture_name, trust};
use crate::asset::pixels::Picture;
use crate::asset::{Asset, AssetError};
use crate::base::limits::FILE_BYTES_MAX;
use crate::base::statement::uuid_text;
use crate::base::{Timestamp, Untrusted};
use crate::keys::TrustStore;
use crate::ledger::{Entry, EntryBody, LeafIndex};
use crate::report::find::{
    ChanceLine, FindReport, FindSummary, FindWord, KeptLine, NearLine, NearWord, Nearest, PointsLine,
    Uniqueness,
};
use crate::report::verify::{LedgerAnswer, LedgerHit, MatchedBy};
use crate::similar::chance::{Likeness, Strangers};
use crate::similar::index::Code;
use crate::store::files;
use crate::store::folder::{self, Expanded, Found};
use crate::store::ledger_file::{LedgerFile, StoreError};
use alike::{Alike, Near, Wanted, Wholes};
use deep::{DeepNear, DeepRecords};
use kept::Keeper;

/// What was found of one picture.
#[derive(Debug)]
pub struct FindItem {
    /// The picture.
    pub input: PathBuf,
    /// The report, or why there is none.
    pub result: Result<Box<FindReport>, Error>,
}

/// What all pictures of one run share.
struct Shared<'a> {
    request: &'a FindRequest,
    asked: &'a Asked,
    ledger: &'a LedgerFile,
    path: &'a Path,
    trust: &'a TrustStore,
    alike: Alike,
    deep: DeepRecords,
    wholes: Option<Wholes>,
    keeper: Keeper<'a>,
    at: Timestamp,
}

/// Looks for pictures, tells of each in the order of the inputs, and counts.
///
/// # Errors
/// When there is no such ledger, or it is not as it was signed.
pub fn find(app: &App, request: &FindRequest, each: &mut dyn FnMut(FindItem)) -> Result<FindSummary, Error> {
    let trust = trust::store(app)?;
    let path = ledger_open::path(app, &request.ledger).ok_or_else(|| {
        Error::new(
            Kind::Request,
            "find.no-ledger",
            "a picture is looked for in a ledger",
        )
    })?;
    let Some(asked) = Asked::open(app, &request.ledger, trust.clone()) else {
        // Says that there is none, and how to make one.
        ledger_open::read(app, &path)?;
        return Err(Error::new(
            Kind::Absent,
            "ledger.missing",
            "there is no default ledger",
        ));
    };
    let ledger = asked.opened()?;
    let alike = Alike::open(ledger, &path)?;
    let at = app.clock.now();
    let shared = Shared {
        request,
        asked: &asked,
        ledger,
        trust: &trust,
        wholes: request.uniqueness.then(|| Wholes::of(&alike)),
        alike,
        deep: DeepRecords::open(ledger),
        path: &path,
        keeper: Keeper::new(app, (ledger, &path), &trust, at),
        at,
    };
    let expanded = folder::expand(&request.inputs);
    if request.recover.is_some() && expanded.files.len() != 1 {
        let what = "the credentials of one picture are given back at a time";
        return Err(Error::new(Kind::Request, "find.recover-many", what)
            .why(format!("{} pictures are looked for", expanded.files.len()))
            .fix("look for one picture with --recover"));
    }
    Ok(run(app, &shared, expanded, each))
}

fn run(
    app: &App,
    shared: &Shared<'_>,
    Expanded { files, unlisted }: Expanded,
    each: &mut dyn FnMut(FindItem),
) -> FindSummary {
    let mut summary = FindSummary {
        schema: "find-summary.v1",
        ..FindSummary::default()
    };
    for error in &unlisted {
        summary.failed += 1;
        each(FindItem {
            input: error.path.clone(),
            result: Err(fault::folder(error)),
        });
    }
    app.progress
        .start(u64::try_from(files.len()).unwrap_or(u64::MAX), "looking");
    let mut done = 0;
    batch::run(
        files.len(),
        shared.request.jobs,
        |index| one(shared, &files[index]),
        |first, group| {
            done += u64::try_from(group.len()).unwrap_or(0);
            for (file, result) in files[first..].iter().zip(group) {
                let Some(result) = result.transpose() else {
                    continue;
                };
                count(&mut summary, &result);
                each(FindItem {
                    input: file.path.clone(),
                    result,
                });
            }
            app.progress.reach(done);
            true
        },
    );
    app.progress.finish();
    summary
}

fn count(summary: &mut FindSummary, result: &Result<Box<FindReport>, Error>) {
    match result {
        Ok(report) => {
            summary.files += 1;
            match report.result {
                FindWord::Registered => summary.registered += 1,
                FindWord::LooksLike => summary.alike += 1,
                FindWord::NothingLikeIt | FindWord::NotSearched => {}
            }
        }
        Err(_) => summary.failed += 1,
    }
}

/// One file; `None` for what lay in a folder and is no picture.
fn one(shared: &Shared<'_>, file: &Found) -> Result<Option<Box<FindReport>>, Error> {
    let bytes = files::read(&file.path, FILE_BYTES_MAX).map_err(|error| fault::read(&file.path, &error))?;
    match Asset::parse(bytes) {
        Ok(asset) => look(shared, &file.path, &asset).map(|report| Some(Box::new(report))),
        Err(AssetError::NotAnImage | AssetError::Empty)
            if !file.named && !picture_name::is_one(&file.path) =>
        {
            Ok(None)
        }
        Err(error) => Err(fault::asset(&file.path, &error)),
    }
}

fn look(shared: &Shared<'_>, path: &Path, asset: &Asset) -> Result<FindReport, Error> {
    let (metadata, picture) = (OnceLock::new(), OnceLock::new());
    let hashes = Hashes {
        asset,
        metadata: &metadata,
        picture: &picture,
        content: None,
        manifest: None,
    };
    let answer = shared.asked.ask_surely(&hashes)?;
    let same: Vec<LeafIndex> = answer
        .entries
        .iter()
        .filter(|entry| entry.is_about_the_picture())
        .map(|entry| LeafIndex(entry.index))
        .collect();
    let wanted = wanted(&hashes);
    let mut not_searched = shared.alike.gaps();
    not_searched.extend(shared.deep.gaps(shared.request.deep));
    let mut near = Vec::new();
    let mut near_more = 0;
    match &wanted {
        Ok(wanted) => {
            let most = shared.request.most.saturating_add(same.len());
            let found = shared
                .alike
                .near(shared.ledger, wanted, Likeness::Related, most)
                .map_err(|error| ledger_open::fault(shared.path, &error))?;
            near_more = found.more;
            let others = found.shown.iter().filter(|near| !same.contains(&near.index));
            for one in others.take(shared.request.most) {
                let line = near_line(shared.ledger, shared.trust, &shared.alike, one);
                near.extend(line.map_err(|error| ledger_open::fault(shared.path, &error))?);
            }
        }
        Err(why) => not_searched.insert(0, format!("its looks: {why}")),
    }
    let deep_searched = add_by_points(shared, &hashes, &same, &mut near)?;
    let kept = kept(shared, &hashes, &answer.entries, &near)?;
    let result = word(&shared.alike, &same, &near, wanted.is_ok());
    let sentence = sentence(result, &answer, &near, &shared.alike, &not_searched);
    Ok(FindReport {
        schema: "find-report.v1",
        file: Untrusted::new(path.to_string_lossy()),
        result,
        sentence,
        uniqueness: match &shared.wholes {
            Some(wholes) => Some(asked_uniqueness(
                shared,
                wholes,
                wanted.as_ref(),
                &answer.entries,
            )?),
            None => None,
        },
        ledger: answer,
        pictures: shared.alike.pictures(),
        near,
        near_more,
        kept,
        deep_pictures: shared.deep.pictures(),
        deep_searched,
        not_searched,
        at: shared.at.rfc3339(),
    })
}

/// Adds what looks alike by points, where that was asked for or the looks of the whole leave it open; says whether it was looked for.
fn add_by_points(
    shared: &Shared<'_>,
    hashes: &Hashes<'_>,
    same: &[LeafIndex],
    near: &mut Vec<NearLine>,
) -> Result<bool, Error> {
    if shared.deep.pictures() == 0 || !(shared.request.deep || is_open(same, near)) {
        return Ok(false);
    }
    let Ok(picture) = hashes.picture() else {
        return Ok(false);
    };
    let fault = |error| ledger_open::fault(shared.path, &error);
    let known: Vec<u64> = near.iter().map(|near| near.index).collect();
    let most = shared.request.most.saturating_add(same.len() + known.len());
    let found = shared.deep.near(shared.ledger, picture, most).map_err(fault)?;
    for one in found {
        if near.len() < shared.request.most && !same.contains(&one.index) && !known.contains(&one.index.0) {
            let line = deep_line(shared.ledger, shared.trust, &shared.deep, picture, &one);
            near.extend(line.map_err(fault)?);
        }
    }
    Ok(true)
}

/// Whether the looks of the whole leave open what it is.
pub(super) fn is_open(same: &[LeafIndex], near: &[NearLine]) -> bool {
    same.is_empty() && near.iter().all(|near| near.likeness > NearWord::EditedCopy)
}

/// The manifests kept of what was found, the closest first; one of them given back where that is asked for.
///
/// A file that still is the registered one has its own, and needs no other.
fn kept(
    shared: &Shared<'_>,
    hashes: &Hashes<'_>,
    entries: &[LedgerHit],
    near: &[NearLine],
) -> Result<Vec<KeptLine>, Error> {
    let recover = shared.request.recover.as_ref();
    let mut about: Vec<&LedgerHit> = entries.iter().collect();
    about.retain(|entry| {
        entry.is_about_the_picture() && (recover.is_some() || entry.matched != MatchedBy::File)
    });
    about.sort_by_key(|entry| (entry.matched, entry.index));
    let about = about.iter().map(|entry| entry.index);
    let found: Vec<u64> = about.chain(near.iter().map(|near| near.index)).collect();
    let mut lines = Vec::new();
    let mut left = recover;
    for index in &found {
        let Some(mut kept) = shared.keeper.find(hashes, *index)? else {
            continue;
        };
        if let Some(wanted) = left.filter(|wanted| wanted.entry.is_none_or(|entry| entry == *index)) {
            kept::recover(&mut kept, wanted)?;
            left = None;
        }
        lines.push(kept.line);
    }
    match left {
        Some(wanted) => Err(kept::none(wanted, &found)),
        None => Ok(lines),
    }
}

/// What a picture is looked for by, or why it cannot be.
pub(super) fn wanted(hashes: &Hashes<'_>) -> Result<Wanted, String> {
    match hashes.picture() {
        Ok(picture) => Wanted::of(picture),
        Err(error) => Err(error.to_string()),
    }
}

fn word(alike: &Alike, same: &[LeafIndex], near: &[NearLine], is_searched: bool) -> FindWord {
    if !same.is_empty() {
        FindWord::Registered
    } else if !near.is_empty() {
        FindWord::LooksLike
    } else if is_searched && !alike.is_private() {
        FindWord::NothingLikeIt
    } else {
        FindWord::NotSearched
    }
}

fn sentence(
    word: FindWord,
    answer: &LedgerAnswer,
    near: &[NearLine],
    alike: &Alike,
    not_searched: &[String],
) -> String {
    match (word, near.first()) {
        (FindWord::LooksLike, Some(nearest)) => near_words(nearest),
        (FindWord::Registered, _) => answer.check.note.clone(),
        (FindWord::NotSearched, _) => format!(
            "it is not registered by file, content or pixels; not searched: {}",
            not_searched.join("; ")
        ),
        _ => format!("none of {} looks like it", words::pictures(alike.pictures())),
    }
}

/// A likeness in a clause: `looks like ... entry 4 as mirrored: 6 of 256 details differ`.
pub(super) fn near_words(near: &NearLine) -> String {
    let view = near
        .view
        .as_ref()
        .map_or_else(String::new, |view| format!(" ({view})"));
    if let Some(points) = &near.points {
        return format!(
            "{} entry {}{view}: {} of its {} points agree",
            words::looks(near.likeness),
            near.index,
            points.agreeing,
            points.of
        );
    }
    format!(
        "{} entry {}{view}: {} of 256 details differ",
        words::looks(near.likeness),
        near.index,
        near.distance_bits
    )
}

/// What was recorded of a picture that was found, its proof checked; `None` for what is no registration.
pub(super) fn near_line(
    ledger: &LedgerFile,
    trust: &TrustStore,
    alike: &Alike,
    near: &Near,
) -> Result<Option<NearLine>, StoreError> {
    let chance = near
        .is_plain()
        .then(|| words::chance(Strangers::reference().chance(near.distance_bits, alike.pictures())));
    let how = How {
        distance_bits: near.distance_bits,
        likeness: words::likeness(near.distance_bits),
        points: None,
        view: words::view(near.by, near.of),
        chance,
    };
    recorded(ledger, trust, (near.index, &near.entry), how)
}

/// What was recorded of a picture that was found by its points; `None` for what is no registration.
pub(super) fn deep_line(
    ledger: &LedgerFile,
    trust: &TrustStore,
    deep: &DeepRecords,
    picture: &Picture,
    near: &DeepNear,
) -> Result<Option<NearLine>, StoreError> {
    let points = deep::points(near);
    let how = How {
        distance_bits: alike::plain_distance(&near.entry, picture),
        likeness: NearWord::AgreeingPoints,
        view: deep::view(&points),
        points: Some(points),
        chance: Some(words::chance(deep::chance(deep.pictures()))),
    };
    recorded(ledger, trust, (near.index, &near.entry), how)
}

/// How one picture is like another.
struct How {
    distance_bits: u32,
    likeness: NearWord,
    points: Option<PointsLine>,
    view: Option<String>,
    chance: Option<ChanceLine>,
}

fn recorded(
    ledger: &LedgerFile,
    trust: &TrustStore,
    (index, entry): (LeafIndex, &Entry),
    how: How,
) -> Result<Option<NearLine>, StoreError> {
    let EntryBody::AssetRegister(body) = entry.body() else {
        return Ok(None);
    };
    let history = ledger.history(&body.asset_id, ledger.size())?;
    let signer = entry.signer();
    Ok(Some(NearLine {
        index: index.0,
        asset_id: uuid_text(body.asset_id),
        distance_bits: how.distance_bits,
        likeness: how.likeness,
        points: how.points,
        view: how.view,
        chance: how.chance,
        time: entry.time().rfc3339(),
        key: signer.hex(),
        known_as: trust.who_writes(&signer).map(|known| known.name.to_string()),
        source_type: body.source.term().to_owned(),
        authorship: body.source.authorship(),
        role: body.role.map(|role| role.word().to_owned()),
        title: line::title(&history, trust),
        proven: is_proven(ledger, index, entry),
    }))
}

fn asked_uniqueness(
    shared: &Shared<'_>,
    wholes: &Wholes,
    wanted: Result<&Wanted, &String>,
    entries: &[LedgerHit],
) -> Result<Uniqueness, Error> {
    let about = entries.iter().filter(|entry| entry.is_about_the_picture());
    let same: Vec<LeafIndex> = about.map(|entry| LeafIndex(entry.index)).collect();
    let code = match wanted {
        Ok(wanted) => wanted.plain().copied().ok_or_else(|| alike::too_flat(0)),
        Err(why) => Err(why.clone()),
    };
    uniqueness(shared.ledger, wholes, code, &same).map_err(|error| ledger_open::fault(shared.path, &error))
}

/// How unusual a picture is among those in `wholes`; `twins` are the entries of its very pixels.
pub(super) fn uniqueness(
    ledger: &LedgerFile,
    wholes: &Wholes,
    code: Result<Code, String>,
    twins: &[LeafIndex],
) -> Result<Uniqueness, StoreError> {
    let mut found = Uniqueness {
        pictures: wholes.pictures(),
        not_compared: wholes.without_code(),
        nearest: None,
        chance: None,
        twins: twins.iter().map(|index| index.0).collect(),
        near_twins: Vec::new(),
        sentence: String::new(),
    };
    let code = if wholes.is_private() {
        Err("a private ledger records no fingerprints".to_owned())
    } else {
        code
    };
    if let Ok(code) = &code {
        let most = NEAR_TWINS_MAX.saturating_add(twins.len().min(TWINS_MAX));
        let near: Vec<(u32, LeafIndex)> = wholes
            .nearest(code, most)
            .into_iter()
            .filter(|(_, index)| !twins.contains(index))
            .take(NEAR_TWINS_MAX)
            .collect();
        if let Some((distance_bits, index)) = near.first() {
            let entry = ledger.entry(*index)?;
            found.chance = Some(words::chance(wholes.chance(*distance_bits)));
            found.nearest = Some(Nearest {
                index: index.0,
                time: entry.time().rfc3339(),
                key: entry.signer().hex(),
                distance_bits: *distance_bits,
                likeness: words::likeness(*distance_bits),
            });
        }
        let alike = near
            .iter()
            .filter(|(distance_bits, _)| words::likeness(*distance_bits) == NearWord::SamePicture);
        found.near_twins = alike.map(|(_, index)| index.0).collect();
    }
    found.sentence = words::uniqueness(&found, code.as_ref().err().map(String::as_str));
    Ok(found)
}

const NEAR_TWINS_MAX: usize = 8;
/// Twins looked past for the nearest other picture.
const TWINS_MAX: usize = 1024;
