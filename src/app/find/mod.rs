//! Find: the registered pictures that are, or look like, a picture, and how unusual it is.
//!
//! What is found by hash is the same file, content or pixels. What is found by looks is only like it, and is said so with its
//! distance and how often unrelated pictures come as near.

pub(super) mod alike;
pub(super) mod deep;
mod kept;
mod lines;
#[cfg(feature = "postgres")]
mod server;
pub(super) mod words;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::request::{Depth, FindRequest};
use super::title::who::Names;
use super::verify::ledger::{Asked, Hashes};
use super::verify::thumbnail::Laid;
use super::{App, Error, Kind, batch, fault, ledger_open, likeness, picture_name, trust};
use crate::asset::{Asset, AssetError};
use crate::base::limits::FILE_BYTES_MAX;
use crate::base::{Timestamp, Untrusted};
use crate::ledger::LeafIndex;
use crate::report::find::{
    FindGap, FindReport, FindSummary, FindWord, KeptLine, NearLine, NearWord, Nearest, Uniqueness,
};
use crate::report::verify::{LedgerAnswer, LedgerHit, MatchedBy};
use crate::similar::chance::Likeness;
use crate::similar::index::Code;
use crate::similar::variants::Attitude;
use crate::store::folder::{self, Expanded, Found};
use crate::store::ledger_file::{LedgerFile, StoreError};
use crate::store::pipe;
use alike::{Alike, Nears, Wanted, Wholes};
use deep::DeepRecords;
use kept::Keeper;
use lines::merged;

pub(super) use lines::{deep_line, is_open, near_line, near_words};

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
    names: &'a Names,
    alike: Alike,
    #[cfg(feature = "postgres")]
    elsewhere: Option<server::Elsewhere>,
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
    let names = Names::with_own(app, trust.clone());
    let Some(asked) = Asked::open(app, &request.ledger, names.clone()) else {
        // Says that there is none, and how to make one.
        ledger_open::read(app, &path)?;
        return Err(Error::new(
            Kind::Absent,
            "ledger.missing",
            "there is no default ledger",
        ));
    };
    let ledger = asked.opened()?;
    #[cfg(feature = "postgres")]
    let (elsewhere, alike) = match &request.server {
        Some(server) => {
            let (elsewhere, alike) = server::Elsewhere::open(ledger, server)?;
            (Some(elsewhere), alike)
        }
        None => (None, Alike::open(ledger, &path)?),
    };
    #[cfg(not(feature = "postgres"))]
    let alike = Alike::open(ledger, &path)?;
    let at = app.clock.now();
    let shared = Shared {
        request,
        asked: &asked,
        ledger,
        names: &names,
        wholes: request.uniqueness.then(|| Wholes::of(&alike)),
        alike,
        #[cfg(feature = "postgres")]
        elsewhere,
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
    Expanded {
        files,
        unlisted,
        links,
        hidden,
    }: Expanded,
    each: &mut dyn FnMut(FindItem),
) -> FindSummary {
    let mut summary = FindSummary {
        schema: "find-summary.v1",
        links,
        hidden: picture_name::hidden(&hidden),
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
            summary.looks_not_searched += u64::from(!report.looks_searched);
            for what in &report.not_searched {
                if let Some(gap) = summary.not_searched.iter_mut().find(|gap| gap.what == *what) {
                    gap.files += 1;
                } else if summary.not_searched.len() < GAPS_MAX {
                    let what = what.clone();
                    summary.not_searched.push(FindGap { what, files: 1 });
                }
            }
        }
        Err(_) => summary.failed += 1,
    }
}

/// One file; `None` for what lay in a folder and is no picture.
fn one(shared: &Shared<'_>, file: &Found) -> Result<Option<Box<FindReport>>, Error> {
    let bytes =
        pipe::read_picture(&file.path, FILE_BYTES_MAX).map_err(|error| fault::read(&file.path, &error))?;
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
    let mut not_searched = gaps(shared);
    let mut near = Vec::new();
    let mut near_more = 0;
    match &wanted {
        Ok(wanted) => {
            let most = shared.request.most.saturating_add(same.len());
            let (found, farther) = by_looks(shared, wanted, most)?;
            not_searched.extend(farther);
            near_more = found.more;
            let others = found.shown.iter().filter(|near| !same.contains(&near.index));
            for one in others.take(shared.request.most) {
                let line = near_line(shared.ledger, shared.names, &shared.alike, one);
                near.extend(line.map_err(|error| ledger_open::fault(shared.path, &error))?);
            }
        }
        Err(why) => not_searched.insert(0, format!("its looks: {why}")),
    }
    let (deep_searched, unsearched) = add_by_points(shared, &hashes, &same, &mut near)?;
    not_searched.extend(unsearched);
    not_searched.extend(likeness::first_alone(asset).map(|what| format!("all but the first: {what}")));
    let left_out = near.len().saturating_sub(shared.request.most);
    near_more = near_more.saturating_add(u64::try_from(left_out).unwrap_or(u64::MAX));
    near.truncate(shared.request.most);
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
        looks_searched: wanted.is_ok() && !shared.alike.is_private(),
        not_searched,
        at: shared.at.rfc3339(),
    })
}

/// What cannot be searched for by the looks of the whole, in sentences.
fn gaps(shared: &Shared<'_>) -> Vec<String> {
    #[cfg(feature = "postgres")]
    if let Some(elsewhere) = &shared.elsewhere {
        return elsewhere.gaps(&shared.alike);
    }
    shared.alike.gaps()
}

/// The nearest by the looks of the whole, and how far they were not looked for.
fn by_looks(shared: &Shared<'_>, wanted: &Wanted, most: usize) -> Result<(Nears, Option<String>), Error> {
    #[cfg(feature = "postgres")]
    if let Some(elsewhere) = &shared.elsewhere {
        return elsewhere.near((shared.ledger, shared.path), wanted, most);
    }
    let found = shared.alike.near(shared.ledger, wanted, Likeness::Related, most);
    let found = found.map_err(|error| ledger_open::fault(shared.path, &error))?;
    Ok((found, None))
}

/// Adds what looks alike by points, where that was asked for or the looks of the whole leave it open; says whether it was looked
/// for, and in which records, or for which reason, it was not.
fn add_by_points(
    shared: &Shared<'_>,
    hashes: &Hashes<'_>,
    same: &[LeafIndex],
    near: &mut Vec<NearLine>,
) -> Result<(bool, Vec<String>), Error> {
    let is_open = is_open(same, near);
    match shared.request.depth {
        Depth::AsNeeded if !is_open => return Ok((false, Vec::new())),
        Depth::Never => {
            let is_left_out = is_open && shared.deep.pictures() > 0;
            return Ok((false, is_left_out.then(|| QUICK.to_owned()).into_iter().collect()));
        }
        Depth::Always | Depth::AsNeeded => {}
    }
    // Said of its looks.
    let Ok(picture) = hashes.picture() else {
        return Ok((false, Vec::new()));
    };
    let fault = |error| ledger_open::fault(shared.path, &error);
    let gap = shared.deep.gap(shared.alike.pictures());
    let most = shared.request.most.saturating_add(same.len() + near.len());
    let Some((found, missed)) = shared.deep.near(shared.ledger, picture, most).map_err(fault)? else {
        let has_none = shared.deep.pictures() == 0;
        let why = || format!("the deep records: {}", deep::too_few());
        let unsearched = if has_none { gap } else { Some(why()) };
        return Ok((false, unsearched.into_iter().collect()));
    };
    let mut lines = Vec::new();
    for one in found.iter().filter(|one| !same.contains(&one.index)) {
        let line = deep_line(shared.ledger, shared.names, &shared.deep, picture, one);
        lines.extend(line.map_err(fault)?);
    }
    let is_settled = !lines.is_empty() && shared.request.depth == Depth::AsNeeded;
    *near = merged(std::mem::take(near), lines, is_open);
    let missed = missed.filter(|_| near.is_empty() && same.is_empty());
    Ok((
        true,
        gap.filter(|_| !is_settled).into_iter().chain(missed).collect(),
    ))
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
    let about = about.iter().map(|entry| (entry.index, Laid::EdgeOnEdge));
    let near = near.iter().map(|near| match near.view {
        None if near.points.is_none() => (near.index, Laid::EdgeOnEdge),
        _ => (near.index, Laid::Somehow),
    });
    let found: Vec<(u64, Laid)> = about.chain(near).collect();
    let mut lines = Vec::new();
    let mut left = recover;
    for (index, laid) in &found {
        let Some(mut kept) = shared.keeper.find(hashes, (*index, *laid))? else {
            continue;
        };
        if let Some(wanted) = left.filter(|wanted| wanted.entry.is_none_or(|entry| entry == *index)) {
            kept::recover(&mut kept, wanted)?;
            left = None;
        }
        lines.push(kept.line);
    }
    match left {
        Some(wanted) => {
            let found: Vec<u64> = found.iter().map(|(index, _)| *index).collect();
            Err(kept::none(wanted, &found))
        }
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
        _ => match alike.pictures() {
            0 => "no picture is registered whose looks it could be compared with".to_owned(),
            1 => "the one registered picture does not look like it".to_owned(),
            more => format!("none of {} looks like it", words::pictures(more)),
        },
    }
}

fn asked_uniqueness(
    shared: &Shared<'_>,
    wholes: &Wholes,
    wanted: Result<&Wanted, &String>,
    entries: &[LedgerHit],
) -> Result<Uniqueness, Error> {
    let about = entries.iter().filter(|entry| entry.is_about_the_picture());
    let of = |is_pixel: bool| {
        let some = about
            .clone()
            .filter(move |entry| (entry.matched == MatchedBy::Pixel) == is_pixel);
        some.map(|entry| LeafIndex(entry.index)).collect::<Vec<_>>()
    };
    let same = Same {
        itself: of(false),
        twins: of(true),
    };
    let code = match wanted {
        Ok(wanted) => Ok(wanted.attitudes()),
        Err(why) => Err(why.clone()),
    };
    uniqueness(shared.ledger, wholes, code, &same).map_err(|error| ledger_open::fault(shared.path, &error))
}

/// The entries of a picture's very pixels.
#[derive(Default)]
pub(super) struct Same {
    /// Of this file, or of this picture with other credentials.
    pub(super) itself: Vec<LeafIndex>,
    /// Of other files.
    pub(super) twins: Vec<LeafIndex>,
}

/// How unusual a picture, given by its code in each attitude, is among those in `wholes`, the entries of its very pixels left out.
pub(super) fn uniqueness(
    ledger: &LedgerFile,
    wholes: &Wholes,
    code: Result<Vec<(Attitude, Code)>, String>,
    same: &Same,
) -> Result<Uniqueness, StoreError> {
    let own = [same.itself.as_slice(), same.twins.as_slice()].concat();
    let numbers = |indexes: &[LeafIndex]| indexes.iter().map(|index| index.0).collect();
    let mut found = Uniqueness {
        pictures: wholes.others(&own),
        not_compared: wholes.without_code(),
        nearest: None,
        chance: None,
        itself: numbers(&same.itself),
        twins: numbers(&same.twins),
        near_twins: Vec::new(),
        sentence: String::new(),
    };
    let code = if wholes.is_private() {
        Err("a private ledger records no fingerprints".to_owned())
    } else {
        code
    };
    if let Ok(code) = &code {
        let most = NEAR_TWINS_MAX.saturating_add(own.len().min(TWINS_MAX));
        let near: Vec<(u32, LeafIndex, Attitude)> = wholes
            .nearest(code, most)
            .into_iter()
            .filter(|(_, index, _)| !own.contains(index))
            .take(NEAR_TWINS_MAX)
            .collect();
        if let Some((distance_bits, index, attitude)) = near.first() {
            let entry = ledger.entry(*index)?;
            // What is looked for turned has so many chances more.
            let tries = if *attitude == Attitude::UPRIGHT { 1 } else { 8 };
            let chance = wholes.chance(*distance_bits, found.pictures.saturating_mul(tries));
            found.chance = Some(words::chance(chance));
            found.nearest = Some(Nearest {
                index: index.0,
                time: entry.time().rfc3339(),
                key: entry.signer().hex(),
                distance_bits: *distance_bits,
                likeness: words::likeness(*distance_bits),
                by: words::attitude(*attitude),
            });
        }
        let alike = near
            .iter()
            .filter(|(distance_bits, ..)| words::likeness(*distance_bits) == NearWord::SamePicture);
        found.near_twins = alike.map(|(_, index, _)| index.0).collect();
    }
    found.sentence = words::uniqueness(&found, code.as_ref().err().map(String::as_str));
    Ok(found)
}

const QUICK: &str = "the deep records, which --quick leaves out";
const NEAR_TWINS_MAX: usize = 8;
/// Most sentences of what was not searched that a summary holds.
const GAPS_MAX: usize = 16;
/// Twins looked past for the nearest other picture.
const TWINS_MAX: usize = 1024;
