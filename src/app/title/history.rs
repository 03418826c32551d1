//! The history of a picture: every entry about it in words, and where that leaves it, as of a size or a time.

use std::path::Path;

use super::desk::Desk;
use super::view;
use super::what::assets;
use crate::app::ledger::{entry_view, find};
use crate::app::request::LedgerChoice;
use crate::app::{App, Error};
use crate::base::Timestamp;
use crate::ledger::title::{Claim, Entered, History, Judged};
use crate::ledger::{EntryBody, LeafHash, LeafIndex, TreeSize};
use crate::report::ledger::{EntryView, LedgerReport};

/// Up to where a history is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsOf {
    /// The whole log.
    Now,
    /// So many entries.
    Size(TreeSize),
    /// Entries signed up to this second, by their signers' clocks, as far as none later stands before them.
    Time(Timestamp),
}

/// Every entry about one picture, earliest first, and where its titles stand. `what` is an image, an asset id, a hash of 64
/// digits or a leaf index.
pub fn history(app: &App, choice: &LedgerChoice, what: &Path, as_of: AsOf) -> Result<LedgerReport, Error> {
    let mut desk = Desk::read(app, choice)?;
    let size = size_of(&desk, as_of)?;
    let mut report = desk.head();
    report.notes.extend(cut_back(app, &desk, as_of));
    report.as_of = Some(size.0);
    if let Some(index) = super::what::index(what)
        && assets(&desk, what).is_err()
    {
        // An entry about a key or the log has no history of its own.
        let entry = desk.entry(index)?;
        let view = desk.view(index, &entry)?;
        report.entries.push(view);
        return Ok(report);
    }
    let matched = find(&desk.path, &desk.ledger, what)?;
    for asset_id in assets(&desk, what)? {
        let history = desk.history(&asset_id, size)?;
        let claims = claims(&mut desk, &history, size)?;
        for view in events(&desk, &history)? {
            let by = matched.iter().find(|(index, _, _)| index.0 == view.index);
            report.entries.push(EntryView {
                matched: by.and_then(|(_, by, _)| *by),
                ..view
            });
        }
        if let Some(standing) = &history.standing {
            report.assets.push(view::asset(standing, &claims, &desk.names));
        }
    }
    report.entries.sort_by_key(|view| view.index);
    Ok(report)
}

fn events(desk: &Desk, history: &History) -> Result<Vec<EntryView>, Error> {
    let at = |leaf: &LeafHash| {
        let found = history.events.iter().find(|event| event.entry.id() == *leaf);
        found.map(|event| event.index)
    };
    let views = history.events.iter().map(|event| {
        Ok(EntryView {
            void: match &event.judged {
                Judged::Stands(_) => None,
                Judged::Void(broken) => Some(format!("{}: {broken}", broken.id())),
            },
            redacted: desk.redacted(&event.entry.id())?,
            suspect: event.suspect.map(|index| index.0),
            ..entry_view(event.index, &event.entry, None, &desk.names, &at)
        })
    });
    views.collect()
}

/// Every registration of the same content or the same pixels, whoever made it: who signs a picture writes a name into it, so two
/// people's files of one picture have the pixels alone in common.
fn claims(desk: &mut Desk, history: &History, size: TreeSize) -> Result<Vec<Claim>, Error> {
    let about = history.events.iter().find_map(|event| match event.entry.body() {
        EntryBody::AssetRegister(body) => Some((body.content, body.pixel)),
        _ => None,
    });
    let Some((content, pixel)) = about else {
        return Ok(Vec::new());
    };
    let found = desk.ledger.find_recorded_content(content);
    let mut found = found.map_err(|error| desk.fault(&error))?;
    if let Some(pixel) = pixel {
        let known: Vec<LeafIndex> = found.iter().map(|(index, _)| *index).collect();
        let twins = desk.ledger.same_pixels(pixel, &known);
        found.extend(twins.map_err(|error| desk.fault(&error))?);
        found.sort_by_key(|(index, _)| *index);
    }
    let mut registrations = Vec::new();
    for (index, entry) in &found {
        let EntryBody::AssetRegister(body) = entry.body() else {
            continue;
        };
        if index.within(size).is_none() {
            continue;
        }
        desk.learn([&entry.signer()])?;
        let identity = desk.standing(&entry.signer())?;
        let identity = identity.map_or(entry.signer(), |standing| standing.identity);
        let entered = Entered {
            index: *index,
            leaf: entry.id(),
            key: entry.signer(),
            identity,
        };
        registrations.push((entered, body));
    }
    Ok(Claim::side_by_side(registrations))
}

/// That the ledger does not reach as far as was asked.
fn cut_back(app: &App, desk: &Desk, as_of: AsOf) -> Option<String> {
    let (all, now) = (desk.ledger.size(), app.clock.now());
    match as_of {
        AsOf::Size(size) if size > all => Some(format!(
            "the ledger has {all} entries, not {size}: this is as of all there are"
        )),
        AsOf::Time(time) if time > now => Some(format!(
            "{time} has not come: this is as of the {all} entries there are now, {now}"
        )),
        _ => None,
    }
}

fn size_of(desk: &Desk, as_of: AsOf) -> Result<TreeSize, Error> {
    let all = desk.ledger.size();
    match as_of {
        AsOf::Now => Ok(all),
        AsOf::Size(size) => Ok(size.min(all)),
        AsOf::Time(time) => {
            for index in 0..all.0 {
                if desk.entry(LeafIndex(index))?.time() > time {
                    return Ok(TreeSize(index));
                }
            }
            Ok(all)
        }
    }
}
