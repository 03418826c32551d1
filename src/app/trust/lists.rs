//! Trust lists that others keep: what counts now, a newer one brought, the shipped one back.

use std::path::PathBuf;

use super::{certificate, on_disk, report};
use crate::app::key::path_text;
use crate::app::{App, Error, Kind};
use crate::base::Timestamp;
use crate::base::limits::LIST_FILE_BYTES_MAX;
use crate::keys::lists::{ListError, ListKind, TrustList};
use crate::report::trust::{ListView, TrustDeed, TrustReport};
use crate::store::pipe;
use crate::store::trust_file::{TrustFileError, TrustFolder};

/// Bring a list in the place of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportList {
    /// Certificates in PEM.
    pub file: PathBuf,
    /// Which list it is.
    pub kind: ListKind,
    /// Of what day it is; today when absent.
    pub dated: Option<Timestamp>,
}

/// The four lists as they count: imported ones, else those that ship. One that cannot be read is an error, not a list less.
pub fn all(app: &App) -> Result<Vec<TrustList>, Error> {
    let imported = imported(app)?;
    ListKind::ALL
        .into_iter()
        .map(|kind| match imported.iter().find(|list| list.kind == kind) {
            Some(list) => Ok(list.clone()),
            None => shipped(kind),
        })
        .collect()
}

/// Brings a list.
pub fn import(app: &App, request: &ImportList) -> Result<TrustReport, Error> {
    let now = app.clock.now();
    let name = path_text(&request.file);
    let bytes = pipe::read(&request.file, LIST_FILE_BYTES_MAX).map_err(|error| {
        Error::new(Kind::World, "file.unreadable", format!("cannot read `{name}`")).why(error.to_string())
    })?;
    let text = String::from_utf8_lossy(&bytes);
    let dated = request.dated.unwrap_or(now);
    let list = TrustList::from_pem(request.kind, &text, dated, now).map_err(|error| {
        Error::new(
            Kind::Input,
            "trust.list",
            format!("`{name}` is no list of the kind `{}`", request.kind.word()),
        )
        .why(error.to_string())
        .fix("give the list as its keeper publishes it, certificates in PEM, and say which list it is with --as")
    })?;
    let before = current(app, request.kind)?;
    folder(app)
        .replace(request.kind.word(), &list.to_text())
        .map_err(|error| on_disk(&error))?;
    let mut notes = Vec::new();
    let changed = changed(&list, &before);
    if changed.added.is_empty() && changed.removed.is_empty() {
        notes.push("the certificates are those of the list before it".to_owned());
    }
    if list.dated < before.dated {
        notes.push(format!(
            "it is older than the list before it, which is {}",
            before.says()
        ));
    }
    notes.push(format!(
        "the list that ships with byline comes back with: byline trust import --reset --as {}",
        request.kind.word()
    ));
    Ok(TrustReport {
        lists: vec![changed],
        ..report(TrustDeed::Imported, &[], notes)
    })
}

/// Gives imported lists up, one or all, for those that ship.
pub fn reset(app: &App, kind: Option<ListKind>) -> Result<TrustReport, Error> {
    let mut lists = Vec::new();
    for kind in ListKind::ALL
        .into_iter()
        .filter(|one| kind.is_none_or(|kind| kind == *one))
    {
        // What cannot be read any more is given up too: this is the way out.
        let before = current(app, kind).ok();
        match folder(app).remove(kind.word()) {
            Ok(_) => {}
            Err(TrustFileError::Missing { .. }) => continue,
            Err(error) => return Err(on_disk(&error)),
        }
        let list = shipped(kind)?;
        lists.push(before.map_or_else(|| view(&list), |before| changed(&list, &before)));
    }
    let notes = if lists.is_empty() {
        vec!["no list was imported; those that ship with byline count already".to_owned()]
    } else {
        Vec::new()
    };
    Ok(TrustReport {
        lists,
        ..report(TrustDeed::Reset, &[], notes)
    })
}

/// A list in short.
pub(super) fn view(list: &TrustList) -> ListView {
    ListView {
        list: list.kind.word(),
        says: list.says(),
        dated: list.dated.rfc3339(),
        frozen: list.kind.is_frozen(),
        imported: list.imported.map(Timestamp::rfc3339),
        certificates: u64::try_from(list.certificates.len()).unwrap_or(u64::MAX),
        added: Vec::new(),
        removed: Vec::new(),
    }
}

fn changed(list: &TrustList, before: &TrustList) -> ListView {
    let views = |ders: Vec<&[u8]>| ders.into_iter().filter_map(certificate).collect();
    ListView {
        added: views(list.beyond(before)),
        removed: views(before.beyond(list)),
        ..view(list)
    }
}

fn current(app: &App, kind: ListKind) -> Result<TrustList, Error> {
    let imported = imported(app)?;
    let list = imported.into_iter().find(|list| list.kind == kind);
    list.map_or_else(|| shipped(kind), Ok)
}

fn imported(app: &App) -> Result<Vec<TrustList>, Error> {
    let files = folder(app).read_all().map_err(|error| on_disk(&error))?;
    let mut lists = Vec::new();
    for (path, bytes) in files {
        let named = path
            .file_stem()
            .and_then(|stem| ListKind::from_word(stem.to_str()?));
        let list = TrustList::parse(&String::from_utf8_lossy(&bytes));
        let why = match (list, named) {
            (Ok(list), Some(kind)) if list.kind == kind => {
                lists.push(list);
                continue;
            }
            (Ok(_), _) => "it holds another list than its name says".to_owned(),
            (Err(error), _) => error.to_string(),
        };
        return Err(Error::new(
            Kind::Input,
            "trust.list-unreadable",
            format!("cannot read the trust list `{}`", path_text(&path)),
        )
        .why(why)
        .fix("give it up for the one that ships: byline trust import --reset"));
    }
    Ok(lists)
}

fn shipped(kind: ListKind) -> Result<TrustList, Error> {
    TrustList::shipped(kind).map_err(|error: ListError| {
        Error::new(
            Kind::World,
            "trust.list-shipped",
            format!("the {} in this program is damaged", kind.title()),
        )
        .why(error.to_string())
        .fix("install byline again")
    })
}

fn folder(app: &App) -> TrustFolder {
    TrustFolder::of_lists(app.dirs.lists())
}
