//! Reservations of data mining and training.

use std::path::PathBuf;

use super::desk::Desk;
use super::fields;
use super::licence::{not_about, not_an_index};
use super::what::{index, pick, signer};
use crate::app::request::LedgerChoice;
use crate::app::{App, Error};
use crate::ledger::body::Uses;
use crate::ledger::{EntryBody, LeafHash, RightsLift, RightsReserve, Subject};
use crate::report::title::{TitleDeed, TitleReport};

/// Reserve uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReserveUses {
    /// A picture, an asset id, a hash or a leaf index.
    pub what: PathBuf,
    /// Which.
    pub uses: Uses,
    /// The signer's key by its local name.
    pub key: Option<String>,
    /// The ledger.
    pub ledger: LedgerChoice,
}

/// Records a rights.reserve.
pub fn reserve(app: &App, request: &ReserveUses) -> Result<TitleReport, Error> {
    let mut desk = Desk::write(app, &request.ledger)?;
    let identity = signer(app, request.key.as_deref())?;
    let picked = pick(&mut desk, &request.what, &identity)?;
    // Who registered the picture may reserve even after the title moved on.
    let own = picked
        .title()
        .filter(|title| picked.holder().is_none() && title.registered.identity == picked.identity);
    let title: LeafHash = own.map_or_else(|| picked.head(), |title| title.registered.leaf);
    let body = EntryBody::RightsReserve(RightsReserve {
        asset_id: picked.asset_id,
        title,
        uses: request.uses,
        terms: None,
    });
    let sentence = format!("stated in the log: {}", fields::uses(request.uses).join(", "));
    desk.record(
        app,
        &identity,
        body,
        (TitleDeed::Reserved, sentence),
        &picked.asset_id,
    )
}

/// Lift a reservation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiftReservation {
    /// Leaf index of the rights.reserve, or of the registration whose own reservation is meant.
    pub reservation: PathBuf,
    /// The signer's key by its local name.
    pub key: Option<String>,
    /// The ledger.
    pub ledger: LedgerChoice,
}

/// Records a rights.lift.
pub fn lift(app: &App, request: &LiftReservation) -> Result<TitleReport, Error> {
    let mut desk = Desk::write(app, &request.ledger)?;
    let index = index(&request.reservation).ok_or_else(|| not_an_index(&request.reservation))?;
    let reservation = desk.entry(index)?;
    let Subject::Asset(asset_id) = reservation.body().subject() else {
        return Err(not_about(index.0));
    };
    let identity = signer(app, request.key.as_deref())?;
    let body = EntryBody::RightsLift(RightsLift {
        asset_id,
        reservation: reservation.id(),
    });
    let holders = desk.asset(&asset_id)?.map_or(0, |asset| {
        asset
            .titles
            .iter()
            .map(|title| title.holders.len())
            .max()
            .unwrap_or(0)
    });
    let all = if holders > 1 {
        "; it falls when every recorded holder has said so"
    } else {
        ""
    };
    let sentence = format!("the reservation of entry {index} is lifted{all}");
    desk.record(app, &identity, body, (TitleDeed::Lifted, sentence), &asset_id)
}
