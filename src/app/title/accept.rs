//! The recipient's side: an offer is checked offline, shown in words, accepted; where the recipient cannot write the ledger,
//! the acceptance goes back in a file that the ledger's holder takes.

use std::path::{Path, PathBuf};

use super::desk::{Desk, SCHEMA};
use super::fields;
use super::offer::write;
use super::view;
use super::what::signer;
use super::who::Names;
use crate::app::request::LedgerChoice;
use crate::app::{App, Error, Kind, fault, ledger_open};
use crate::base::Untrusted;
use crate::base::statement::uuid_text;
use crate::keys::{Identity, KeyId};
use crate::ledger::handover::{HANDOVER_BYTES_MAX, Handover, HandoverError, Proven, Purpose};
use crate::ledger::title::{AssetStanding, OfferStanding};
use crate::ledger::{Entry, EntryBody, KeyIncept, LeafHash, Subject, TitleAccept, TitleOffer, VerifierKey};
use crate::report::title::{TitleDeed, TitleReport};
use crate::store::{files, folder};

/// Accept an offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptOffer {
    /// The hand-over file.
    pub file: PathBuf,
    /// The recipient's key by its local name.
    pub key: Option<String>,
    /// The ledger, where the recipient can write it.
    pub ledger: LedgerChoice,
    /// The answer file; named after the offer when absent. Where it is named, nothing is recorded here.
    pub output: Option<PathBuf>,
}

/// What an offer file says, every proof and signature in it checked. Records nothing.
pub fn look(app: &App, file: &Path) -> Result<TitleReport, Error> {
    let handover = read(file, &[Purpose::Offer])?;
    let names = Names::of(app)?;
    Ok(Looked::at(file, &handover, names)?.report())
}

/// Accepts an offer: records it where the ledger can be written, else writes an answer file.
pub fn accept(app: &App, request: &AcceptOffer) -> Result<TitleReport, Error> {
    let handover = read(&request.file, &[Purpose::Offer])?;
    let looked = Looked::at(&request.file, &handover, Names::of(app)?)?;
    let identity = signer(app, request.key.as_deref())?;
    looked.check_recipient(&identity)?;
    let body = EntryBody::TitleAccept(TitleAccept {
        asset_id: looked.body.asset_id,
        offer: handover.offer,
    });
    if request.output.is_none()
        && let Some(mut desk) = writable(app, &request.ledger, &handover)?
    {
        let sentence = format!(
            "{} of the title is yours in the log: recorded holder",
            looked.body.share
        );
        return desk.record(
            app,
            &identity,
            body,
            (TitleDeed::Accepted, sentence),
            &looked.body.asset_id,
        );
    }
    let answer = answer_of(app, &handover, &looked, &identity, body)?;
    let output = request.output.clone().unwrap_or_else(|| {
        let mut name = request.file.clone().into_os_string();
        name.push(".answer");
        PathBuf::from(name)
    });
    write(
        &output,
        &answer.text(&[
            "The answer to an offer of a title. The ledger's holder records it: byline ledger take FILE"
                .to_owned(),
        ]),
    )?;
    let mut report = looked.report();
    report.done = TitleDeed::Accepted;
    "the acceptance is signed; the title moves when the ledger's holder records it"
        .clone_into(&mut report.sentence);
    report.written = Some(Untrusted::new(output.to_string_lossy()));
    report.notes = vec![format!(
        "give the file to whoever keeps the ledger, who records it with: byline ledger take {}",
        output.display()
    )];
    Ok(report)
}

/// Records the entries of an answer file.
pub fn take(app: &App, file: &Path, ledger: &LedgerChoice) -> Result<TitleReport, Error> {
    let handover = read(file, &[Purpose::Answer, Purpose::Request])?;
    let purpose = handover.purpose;
    let mut desk = Desk::write(app, ledger)?;
    if *desk.log_key() != handover.log {
        return Err(other_log(file, &handover, desk.log_key()));
    }
    let entries: Vec<Entry> = handover.entries.into_iter().map(|one| one.entry).collect();
    if purpose == Purpose::Request {
        return take_request(app, file, desk, &entries);
    }
    let accepted = entries.iter().find_map(|entry| match entry.body() {
        EntryBody::TitleAccept(body) => Some((body.asset_id, entry.signer())),
        _ => None,
    });
    let is_answer =
        |entry: &Entry| matches!(entry.body(), EntryBody::KeyIncept(_) | EntryBody::TitleAccept(_));
    let Some((asset_id, by)) = accepted.filter(|_| entries.iter().all(is_answer)) else {
        return Err(unusable(
            file,
            "it holds no acceptance, or more than one and its key",
        ));
    };
    let entries = without_known_keys(&desk, entries);
    let recorded = desk.append(app, &entries)?;
    desk.learn([&by])?;
    let sentence = format!(
        "the acceptance by {} is recorded; the title moved",
        desk.names.word(&by)
    );
    desk.report((TitleDeed::Taken, sentence), recorded, Some(&asset_id))
}

/// The key may have entered since the file was made.
fn without_known_keys(desk: &Desk, mut entries: Vec<Entry>) -> Vec<Entry> {
    let is_known = |entry: &Entry| {
        matches!(entry.body(), EntryBody::KeyIncept(_)) && desk.ledger.key(&entry.signer()).is_some()
    };
    entries.retain(|entry| !is_known(entry));
    entries
}

/// Records what somebody signed for this ledger: the grammar says who may say what, whoever brings it.
fn take_request(app: &App, file: &Path, mut desk: Desk, entries: &[Entry]) -> Result<TitleReport, Error> {
    let Some(last) = entries.last() else {
        return Err(unusable(file, "it holds no entry"));
    };
    let asset_id = match last.body().subject() {
        Subject::Asset(asset_id) => Some(asset_id),
        Subject::Identity(_) | Subject::Log => None,
    };
    let recorded = desk.append(app, &without_known_keys(&desk, entries.to_vec()))?;
    desk.learn([&last.signer()])?;
    let at = |leaf: &LeafHash| desk.ledger.find_entry(leaf);
    let sentence = format!("recorded: {}", fields::says(last, &desk.names, &at));
    desk.report((TitleDeed::Taken, sentence), recorded, asset_id.as_ref())
}

/// An offer whose proofs hold, and what it says.
struct Looked<'a> {
    handover: &'a Handover,
    names: Names,
    proven: Proven,
    standing: AssetStanding,
    offer: OfferStanding,
    body: TitleOffer,
}

impl<'a> Looked<'a> {
    fn at(file: &Path, handover: &'a Handover, mut names: Names) -> Result<Self, Error> {
        let proven = handover.prove().map_err(|error| contradicted(file, &error))?;
        handover.entries.iter().for_each(|one| names.learn(&one.entry));
        let offered = handover.offered();
        let Some((body, offered)) = offered.and_then(|one| match one.entry.body() {
            EntryBody::TitleOffer(body) => Some((*body, one)),
            _ => None,
        }) else {
            return Err(unusable(file, "the entry it names is no title.offer in it"));
        };
        let size = proven.checkpoint.size();
        let standing = proven.state.asset(&body.asset_id, size);
        let standing = standing.ok_or_else(|| unusable(file, "it does not carry the registration"))?;
        let leaf = offered.entry.id();
        let open = standing
            .titles
            .iter()
            .flat_map(|title| &title.offers)
            .find(|offer| offer.entry.leaf == leaf);
        let Some(offer) = open.copied() else {
            return Err(
                Error::new(Kind::Refused, "ledger.title.offerSpent", "the offer is not open")
                    .why(format!(
                        "by the entries in the file it does not stand as of size {size}"
                    ))
                    .fix("ask the present holder for a new offer"),
            );
        };
        Ok(Self {
            handover,
            names,
            proven,
            standing,
            offer,
            body,
        })
    }

    fn check_recipient(&self, identity: &Identity) -> Result<(), Error> {
        let key = identity.ledger_key().public().key_id();
        let same = |wanted: &KeyId| *wanted == key || *wanted == identity.first_key();
        if same(&self.body.to) {
            return Ok(());
        }
        Err(Error::new(
            Kind::Refused,
            "ledger.title.notRecipient",
            format!(
                "the offer of entry {} is made to someone else",
                self.offer.entry.index
            ),
        )
        .why(format!(
            "it names {}, and key `{}` is {}",
            self.names.word(&self.body.to),
            identity.name(),
            key.hex()
        ))
        .fix("sign with the key it names: --key NAME; or ask for an offer to yours"))
    }

    fn report(&self) -> TitleReport {
        let until = self
            .body
            .until
            .map_or_else(String::new, |time| format!(", until {}", time.rfc3339()));
        let sentence = format!(
            "{} offers {} of the title of asset {} to {}{until}",
            self.names.word(&self.offer.entry.identity),
            self.body.share,
            uuid_text(self.body.asset_id),
            self.names.word(&self.body.to),
        );
        TitleReport {
            schema: SCHEMA,
            done: TitleDeed::Shown,
            sentence,
            origin: Untrusted::new(self.handover.log.name().as_str()),
            log_key: self.handover.log.to_string(),
            tree_size: self.proven.checkpoint.size().0,
            time: None,
            recorded: Vec::new(),
            written: None,
            asset: Some(view::asset(&self.standing, &[], &self.names)),
            not_checked: vec![
                "whether the log's key is the one you know: compare it with one from elsewhere".to_owned(),
                "whether the log left an entry about this asset out, or recorded one since".to_owned(),
                "whether a picture you hold is this asset: byline ledger history PICTURE on the ledger's side, or compare its file hash"
                    .to_owned(),
            ],
            notes: Vec::new(),
        }
    }
}

/// The ledger of an offer, where it lies here and its log key too; `None` where it does not.
fn writable(app: &App, choice: &LedgerChoice, handover: &Handover) -> Result<Option<Desk>, Error> {
    let Some(path) = ledger_open::path(app, choice).filter(|path| folder::exists(path)) else {
        return Ok(None);
    };
    let there = ledger_open::read(app, &path)?.header().verifier.clone();
    if there != handover.log {
        return match choice {
            LedgerChoice::File(file) => Err(other_log(file, handover, &there)),
            _ => Ok(None),
        };
    }
    match Desk::write(app, choice) {
        Ok(desk) => Ok(Some(desk)),
        Err(error) if error.code == "ledger.log-key" => Ok(None),
        Err(error) => Err(error),
    }
}

fn answer_of(
    app: &App,
    handover: &Handover,
    looked: &Looked<'_>,
    identity: &Identity,
    body: EntryBody,
) -> Result<Handover, Error> {
    let key = identity.ledger_key();
    let now = app.clock.now();
    let mut bodies = Vec::new();
    if looked
        .proven
        .state
        .keys()
        .public(&key.public().key_id())
        .is_none()
    {
        bodies.push(EntryBody::KeyIncept(KeyIncept {
            key: key.public(),
            next: identity.commitments().next,
            recovery: identity.commitments().recovery,
        }));
    }
    bodies.push(body);
    let entries = bodies
        .into_iter()
        .map(|body| Entry::sign(body, key, now).map_err(|error| Desk::unmade(&error)));
    let entries = entries.collect::<Result<_, Error>>()?;
    let (log, offer) = (handover.log.clone(), handover.offer);
    Ok(Handover::to_keeper(Purpose::Answer, log, offer, entries))
}

fn read(file: &Path, wanted: &[Purpose]) -> Result<Handover, Error> {
    let bytes = files::read(file, HANDOVER_BYTES_MAX).map_err(|error| fault::read(file, &error))?;
    let text = String::from_utf8(bytes).map_err(|_| unusable(file, "it is no text"))?;
    let handover = Handover::parse(&text).map_err(|error| unusable(file, &error.to_string()))?;
    let purpose = handover.purpose;
    if wanted.contains(&purpose) {
        return Ok(handover);
    }
    let (is, done) = match purpose {
        Purpose::Answer => (
            "the answer to an offer",
            "the ledger's keeper records it with `byline ledger take FILE`",
        ),
        Purpose::Offer => (
            "an offer",
            "its recipient answers it with `byline ledger accept FILE`",
        ),
        Purpose::Request => (
            "for a ledger's keeper",
            "who records it with `byline ledger take FILE`",
        ),
    };
    Err(unusable(file, &format!("it is {is}")).fix(done))
}

fn unusable(file: &Path, why: &str) -> Error {
    Error::new(
        Kind::Input,
        "handover.unusable",
        format!("cannot use `{}` as a hand-over file", file.display()),
    )
    .why(why)
    .fix("ask whoever sent it for the file anew")
}

fn contradicted(file: &Path, error: &HandoverError) -> Error {
    Error::new(
        Kind::Refused,
        "handover.unproven",
        format!("`{}` does not prove what it says", file.display()),
    )
    .why(error.to_string())
    .fix("do not accept; ask whoever sent it for the file anew, and the log's holder for a checkpoint")
}

fn other_log(file: &Path, handover: &Handover, here: &VerifierKey) -> Error {
    Error::new(
        Kind::Refused,
        "handover.other-log",
        format!("`{}` is for another log", file.display()),
    )
    .why(format!("it names {}, and this ledger is {here}", handover.log))
    .fix("name the right ledger with --ledger FILE")
}
