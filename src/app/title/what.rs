//! Which asset the user means: by a picture, an asset id, a hash, or the leaf index of an entry.

use std::path::Path;

use super::desk::Desk;
use crate::app::ledger::find;
use crate::app::{App, Error, Kind};
use crate::base::statement::uuid_text;
use crate::keys::{Identity, KeyId};
use crate::ledger::title::{AssetStanding, Holder, TitleStanding};
use crate::ledger::{LeafHash, LeafIndex, Subject};
use crate::report::verify::MatchedBy;
use crate::store::folder;

/// The assets that a word of the user means, by their registrations, earliest first.
pub(super) fn assets(desk: &Desk, what: &Path) -> Result<Vec<[u8; 16]>, Error> {
    if let Some(index) = index(what) {
        return match desk.entry(index)?.body().subject() {
            Subject::Asset(id) => Ok(vec![id]),
            _ => Err(Error::new(
                Kind::Request,
                "ledger.not-an-asset",
                format!("entry {index} is about no picture"),
            )
            .fix("name a picture, an asset id or an entry about one; `byline ledger show` lists entries")),
        };
    }
    let found = find(&desk.path, &desk.ledger, what)?;
    assets_at(desk, found.iter().map(|(index, _, _)| *index).collect())
}

/// The assets that a deed may be about: of a picture only those that it matches most closely, and never by its pixels alone,
/// which another file of another person may have too.
fn closest(desk: &Desk, what: &Path) -> Result<Vec<[u8; 16]>, Error> {
    if index(what).is_some() {
        return assets(desk, what);
    }
    let found = find(&desk.path, &desk.ledger, what)?;
    let best = found.iter().map(|(_, by, _)| *by).min().flatten();
    if best == Some(MatchedBy::Pixel) {
        return Err(Error::new(
            Kind::Absent,
            "ledger.only-pixels",
            format!(
                "the ledger knows the pixels of `{}`, but not the file",
                what.display()
            ),
        )
        .why("another file with the same pixels is registered, perhaps by someone else")
        .fix("name the asset by its id, which `byline ledger history` shows"));
    }
    let close = found.iter().filter(|(_, by, _)| *by == best);
    assets_at(desk, close.map(|(index, _, _)| *index).collect())
}

fn assets_at(desk: &Desk, mut indexes: Vec<LeafIndex>) -> Result<Vec<[u8; 16]>, Error> {
    indexes.sort_unstable();
    let mut ids: Vec<[u8; 16]> = Vec::new();
    for index in indexes {
        if let Subject::Asset(id) = desk.entry(index)?.body().subject()
            && !ids.contains(&id)
        {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// A word that is a leaf index and no file.
pub(super) fn index(what: &Path) -> Option<LeafIndex> {
    let index = what.to_str()?.parse::<u64>().ok()?;
    (!folder::exists(what)).then_some(LeafIndex(index))
}

/// The asset and chain of title that a deed is about.
pub(super) struct Picked {
    pub(super) asset_id: [u8; 16],
    pub(super) standing: AssetStanding,
    /// The identity of the signer.
    pub(super) identity: KeyId,
    place: usize,
}

impl Picked {
    /// The chain of title.
    pub(super) fn title(&self) -> Option<&TitleStanding> {
        self.standing.titles.get(self.place)
    }

    pub(super) fn holder(&self) -> Option<&Holder> {
        self.title()?.holder(&self.identity)
    }

    /// The title entry that the signer's next word leans on. Where the signer holds no share it is the latest one, so that
    /// the ledger itself says what is wrong.
    pub(super) fn head(&self) -> LeafHash {
        let last = || {
            self.title()
                .map_or(LeafHash::from_bytes([0; 32]), |title| title.last.leaf)
        };
        self.holder().map_or_else(last, |holder| holder.head)
    }
}

/// The asset that is meant, and in it the chain in which the signer holds a share.
pub(super) fn pick(desk: &mut Desk, what: &Path, identity: &Identity) -> Result<Picked, Error> {
    let key = identity.ledger_key().public().key_id();
    let identity = desk.standing(&key)?.map_or(key, |standing| standing.identity);
    let mut picked = Vec::new();
    for asset_id in closest(desk, what)? {
        if let Some(standing) = desk.asset(&asset_id)? {
            let held = standing
                .titles
                .iter()
                .position(|title| title.holder(&identity).is_some());
            picked.push((
                held,
                Picked {
                    asset_id,
                    standing,
                    identity,
                    place: held.unwrap_or(0),
                },
            ));
        }
    }
    let held = picked.iter().filter(|(held, _)| held.is_some()).count();
    if held > 1 {
        let ids: Vec<String> = picked.iter().map(|(_, one)| uuid_text(one.asset_id)).collect();
        return Err(Error::new(
            Kind::Request,
            "ledger.which-asset",
            format!("`{}` means several assets", what.display()),
        )
        .why(format!("it was registered more than once: {}", ids.join(", ")))
        .fix("name one by its asset id"));
    }
    picked.sort_by_key(|(held, _)| held.is_none());
    let first = picked.into_iter().next();
    first.map(|(_, one)| one).ok_or_else(|| unregistered(what))
}

/// Nothing in this ledger is about it.
pub(super) fn unregistered(what: &Path) -> Error {
    Error::new(
        Kind::Absent,
        "ledger.unregistered",
        format!("nothing in this ledger is about `{}`", what.display()),
    )
    .why("no registration has its file, content or pixel hash, or that id")
    .fix("`byline sign` registers a picture; or name another ledger with --ledger FILE")
}

/// Opens the user's key.
pub(super) fn signer(app: &App, key: Option<&str>) -> Result<Identity, Error> {
    crate::app::key::open(app, key)
}
