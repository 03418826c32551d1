//! A holder offers a share; the file that goes to the recipient carries all that the recipient needs to check it offline.

use std::path::PathBuf;

use super::desk::Desk;
use super::what::{pick, signer};
use crate::app::request::LedgerChoice;
use crate::app::{App, Error, Kind, fault};
use crate::base::statement::uuid_text;
use crate::base::{Timestamp, Untrusted};
use crate::keys::KeyId;
use crate::ledger::handover::{Carried, Handover, Purpose};
use crate::ledger::{Entry, EntryBody, LeafHash, LeafIndex, Share, TitleOffer};
use crate::report::title::{TitleDeed, TitleReport};
use crate::store::files::Staged;

/// Offer a share of a title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferTitle {
    /// A picture, an asset id, a hash or a leaf index.
    pub what: PathBuf,
    /// A thumbprint, a public file or a name in the user's trust.
    pub to: String,
    /// How much of the whole; everything the signer holds when absent.
    pub share: Option<Share>,
    /// The last second in which it can be accepted.
    pub expires: Option<Timestamp>,
    /// The signer's key by its local name.
    pub key: Option<String>,
    /// The ledger.
    pub ledger: LedgerChoice,
    /// The file for the recipient; named after the asset when absent.
    pub output: Option<PathBuf>,
}

/// Records a title.offer and writes the hand-over file.
pub fn offer(app: &App, request: &OfferTitle) -> Result<TitleReport, Error> {
    let mut desk = Desk::write(app, &request.ledger)?;
    let to = desk.names.resolve(&request.to)?;
    let identity = signer(app, request.key.as_deref())?;
    let picked = pick(&mut desk, &request.what, &identity)?;
    if let Some(until) = request.expires.filter(|until| *until < app.clock.now()) {
        return Err(ended(until, app.clock.now()));
    }
    let share = request
        .share
        .or_else(|| picked.holder().map(|holder| holder.share))
        .unwrap_or(Share::WHOLE);
    let output = match desk.to {
        Some(_) => None,
        None => Some(output_of(request.output.as_ref(), picked.asset_id)?),
    };
    let body = TitleOffer {
        asset_id: picked.asset_id,
        prev: picked.head(),
        to,
        share,
        until_index: None,
        until: request.expires,
        terms: None,
    };
    desk.learn([&to])?;
    let entries = desk.sign(app, &identity, EntryBody::TitleOffer(body))?;
    let recorded = desk.append(app, &entries)?;
    let who = desk.names.word(&to);
    let Some(output) = output else {
        let sentence = format!("{share} of the title is offered to {who}");
        let mut report = desk.report((TitleDeed::Offered, sentence), recorded, Some(&picked.asset_id))?;
        report.notes.push(
            "once it is recorded, `byline ledger offer --again INDEX` on any copy of the ledger writes the file for the recipient"
                .to_owned(),
        );
        return Ok(report);
    };
    let leaf = entries.last().map_or(LeafHash::from_bytes([0; 32]), Entry::id);
    let file = carry(&mut desk, &picked.asset_id, leaf, &to)?;
    write(&output, &file.text(&[TO_RECIPIENT.to_owned()])).map_err(|error| {
        let index = recorded.last().map_or(0, |one| one.index);
        error.fix(format!("the offer is recorded as entry {index}: `byline ledger offer --again {index} -o FILE` writes its file"))
    })?;
    let sentence = format!("{share} of the title is offered to {who}; nothing moves until it is accepted");
    let mut report = desk.report((TitleDeed::Offered, sentence), recorded, Some(&picked.asset_id))?;
    report.written = Some(Untrusted::new(output.to_string_lossy()));
    report.notes.push(format!(
        "give the file to the recipient, who answers with: byline ledger accept {}",
        output.display()
    ));
    report.notes.push(
        "an offer is taken back by moving the share first, for instance to yourself: offer it to your own key and accept"
            .to_owned(),
    );
    Ok(report)
}

/// Write the file of an offer that was recorded before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferAgain {
    /// Leaf index of the title.offer.
    pub index: LeafIndex,
    /// The ledger, or a copy of it.
    pub ledger: LedgerChoice,
    /// The file for the recipient; named after the asset when absent.
    pub output: Option<PathBuf>,
}

/// Writes the hand-over file of a recorded offer once more; records nothing.
///
/// # Errors
/// When the entry is no offer, or the file exists.
pub fn offer_again(app: &App, request: &OfferAgain) -> Result<TitleReport, Error> {
    let mut desk = Desk::read(app, &request.ledger)?;
    let entry = desk.entry(request.index)?;
    let EntryBody::TitleOffer(body) = entry.body() else {
        return Err(Error::new(
            Kind::Request,
            "offer.none",
            format!("entry {} is no offer of a title", request.index),
        )
        .fix("`byline ledger history` shows which entry is"));
    };
    let output = output_of(request.output.as_ref(), body.asset_id)?;
    let file = carry(&mut desk, &body.asset_id, entry.id(), &body.to)?;
    write(&output, &file.text(&[TO_RECIPIENT.to_owned()]))?;
    desk.learn([&body.to])?;
    let (share, who) = (body.share, desk.names.word(&body.to));
    let sentence = format!("entry {} offers {share} of the title to {who}", request.index);
    let mut report = desk.report((TitleDeed::Offered, sentence), Vec::new(), Some(&body.asset_id))?;
    report.written = Some(Untrusted::new(output.to_string_lossy()));
    Ok(report)
}

/// Where the file for the recipient goes; it must be free.
fn output_of(wanted: Option<&PathBuf>, asset_id: [u8; 16]) -> Result<PathBuf, Error> {
    let output = wanted.cloned().unwrap_or_else(|| {
        let id = uuid_text(asset_id);
        PathBuf::from(format!(
            "{}.byline-offer",
            id.split('-').next().unwrap_or("title")
        ))
    });
    if crate::store::folder::exists(&output) {
        return Err(fault::write(&output, &crate::store::files::FileError::Exists));
    }
    Ok(output)
}

/// What a person reads at the head of an offer.
const TO_RECIPIENT: &str =
    "An offer of a title. The recipient looks at it and answers: byline ledger accept FILE";

fn ended(until: Timestamp, now: Timestamp) -> Error {
    Error::new(
        Kind::Refused,
        "ledger.title.late",
        "the offer would have ended before it is made",
    )
    .why(format!("--expires names {until}, and it is {now}"))
    .fix("name a later day with --expires, or leave it out")
}

/// Every entry about the asset and the key events of its signers and the recipient, each with its proof.
fn carry(desk: &mut Desk, asset_id: &[u8; 16], offer: LeafHash, to: &KeyId) -> Result<Handover, Error> {
    let history = desk.history(asset_id, desk.ledger.size())?;
    let mut entries: Vec<(LeafIndex, Entry)> = Vec::new();
    let mut keys: Vec<KeyId> = vec![*to];
    for event in history.events {
        keys.push(event.entry.signer());
        entries.push((event.index, event.entry));
    }
    keys.sort_unstable();
    keys.dedup();
    for key in keys {
        let events = desk.ledger.key_events(&key).map_err(|error| desk.fault(&error))?;
        entries.extend(events);
    }
    entries.sort_by_key(|(index, _)| *index);
    entries.dedup_by_key(|(index, _)| *index);
    let mut carried = Vec::with_capacity(entries.len());
    for (index, entry) in entries {
        let proof = desk.ledger.prove(index).map_err(|error| desk.fault(&error))?;
        carried.push(Carried {
            place: Some((index, proof.hashes)),
            entry,
        });
    }
    Ok(Handover {
        purpose: Purpose::Offer,
        log: desk.log_key().clone(),
        offer,
        checkpoint: Some(desk.ledger.checkpoint().note().to_owned()),
        entries: carried,
    })
}

/// Writes a file that must not exist.
pub(super) fn write(path: &std::path::Path, text: &str) -> Result<(), Error> {
    Staged::write(path, text.as_bytes(), false)
        .and_then(Staged::commit)
        .map_err(|error| fault::write(path, &error))
}
