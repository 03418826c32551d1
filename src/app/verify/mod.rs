//! Verify: what can be said of a picture, each question by itself, and one word.
//!
//! A picture that cannot be read is a verdict; a file that cannot be opened is an error.

mod beside;
mod credentials;
mod describe;
mod four;
mod identity;
pub(super) mod ledger;
pub(super) mod made;
mod no_image;
mod notes;
mod open;
pub(super) mod origin;
mod revoked;
mod rights;
mod signals;
pub(super) mod thumbnail;
mod word;
mod worked_out;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

pub use beside::Found as FoundBeside;
#[cfg(feature = "online")]
pub(crate) use credentials::Fetch;
pub(crate) use describe::{codes, generator, image, ingredients, oddity, signer};
pub(crate) use four::ask;
pub(super) use four::unanswered;
pub(crate) use identity::identities;
pub(crate) use made::actions;

use super::key::OwnKey;
use super::request::{ListChoice, VerifyRequest};
use super::title::who::Names;
use super::{App, Error, Kind, batch, fault, key, picture_name, proof, trust, trust_set};
use crate::asset::{Asset, AssetError};
use crate::base::limits::{FILE_BYTES_MAX, MANIFEST_BYTES_MAX};
use crate::base::{Timestamp, Untrusted};
use crate::keys::lists::TrustList;
use crate::keys::x509::LeafInfo;
use crate::keys::{KeyId, PublicKey};
use crate::ledger::title::Compromised;
use crate::manifest::{ManifestEvidence, ManifestFacts, ManifestReader, Revocation};
use crate::metadata::{self, Metadata, generator};
use crate::report::proof::ProofReport;
use crate::report::verify::{
    FourQuestions, LedgerAnswer, LedgerHit, ResultWord, VerifyReport, VerifySummary,
};
use crate::report::{Check, Outcome};
use crate::store::files;
use crate::store::folder::{self, Expanded, Found};
use crate::store::pipe;
use credentials::Net;
use ledger::{Asked, Hashes};
use word::Held;

/// What was found of one picture.
#[derive(Debug)]
pub struct VerifyItem {
    /// The picture.
    pub input: PathBuf,
    /// What was wanted beside the report.
    pub beside: FoundBeside,
    /// The report, or why the file could not be opened.
    pub result: Result<Box<VerifyReport>, Error>,
}

/// What is wanted of the pictures that are still to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// What the request asks for.
    AsAsked,
    /// Nothing beside the verdict, nor what only a page would show: a page is full at some time.
    VerdictAlone,
}

/// What all pictures of one run share.
struct Shared<'a> {
    app: &'a App,
    request: &'a VerifyRequest,
    /// Whether somebody said [`Rest::VerdictAlone`].
    verdict_alone: AtomicBool,
    reader: ManifestReader,
    asked: Option<Asked>,
    /// The manifest store that was given for the one picture.
    manifest: Option<(&'a Path, Vec<u8>)>,
    net: Option<Net<'a>>,
    proof: Option<(&'a PathBuf, Vec<u8>)>,
    believers: Option<proof::Believers>,
    /// Longest side of pictures for a page, pixels.
    side: u32,
    names: Names,
    /// This machine's own keys.
    own: Vec<OwnKey>,
    at: Timestamp,
}

impl<'a> Shared<'a> {
    /// The name of the key that signed, where it is one of this machine's; not asked of an issuer who is known.
    fn own_key(&self, facts: &ManifestFacts, issuer: &Check) -> Option<&str> {
        let leaf = facts.signer.as_ref()?.chain_der.first()?;
        if issuer.outcome == Outcome::Pass {
            return None;
        }
        let found = self.own.iter().find(|key| key.leaf.as_ref() == Some(leaf));
        found.map(|key| key.name.as_str())
    }

    /// The revocation in the ledger asked by which a signature by this key counts for nothing.
    fn disowned(&self, key: &KeyId, answer: &LedgerAnswer) -> Result<Option<Compromised>, Error> {
        let asked = self.asked.as_ref();
        asked.map_or(Ok(None), |asked| asked.disowned(key, &answer.entries))
    }

    /// Whether the signed thumbnail is to be compared in any case, and where a heat map of that goes.
    fn thumbnail(&self) -> (bool, Option<&Path>) {
        let is_asked = self.request.thumbnail && !self.verdict_alone.load(Ordering::Relaxed);
        (is_asked, self.request.heatmap.as_deref())
    }

    /// What a request asks for, opened once.
    fn of(
        app: &'a App,
        request: &'a VerifyRequest,
        net: Option<&'a dyn credentials::Fetch>,
        found: &[Found],
    ) -> Result<Self, Error> {
        thumbnail::check_request(request, found)?;
        let trust = trust::store(app)?;
        let anchors = trust_set::anchors(&trust, lists(app, request.lists)?, &request.extra_trust)?;
        let (own, at) = (key::own(app), app.clock.now());
        let names = Names::with(&own, trust, at);
        Ok(Self {
            app,
            request,
            verdict_alone: AtomicBool::new(false),
            reader: ManifestReader::new(&anchors).map_err(|error| fault::trust(&error))?,
            asked: Asked::open(app, &request.ledger, names.clone()),
            names,
            own,
            side: beside::side(found.len()),
            manifest: manifest_beside(request, found)?,
            net: net.map(Net::new),
            proof: proof_beside(request, found)?,
            believers: match &request.whom {
                Some(whom) => Some(proof::Believers::open(app, whom)?),
                None => None,
            },
            at,
        })
    }
}

/// Verifies pictures, tells of each in the order of the inputs, and counts. What `each` gives back counts for pictures whose turn has
/// not come: some that follow may already have been looked at.
pub fn verify(
    app: &App,
    request: &VerifyRequest,
    each: &mut dyn FnMut(VerifyItem) -> Rest,
) -> Result<VerifySummary, Error> {
    if !request.online {
        return verify_over(app, request, None, each);
    }
    #[cfg(feature = "online")]
    {
        verify_over(app, request, Some(&super::online::Internet::new()), each)
    }
    #[cfg(not(feature = "online"))]
    {
        Err(Error::new(
            Kind::Request,
            "verify.offline",
            "this byline was built without network",
        )
        .fix("build it with the feature `online`"))
    }
}

/// As [`verify`], over a network of the caller's.
fn verify_over(
    app: &App,
    request: &VerifyRequest,
    net: Option<&dyn credentials::Fetch>,
    each: &mut dyn FnMut(VerifyItem) -> Rest,
) -> Result<VerifySummary, Error> {
    let Expanded {
        files: found,
        unlisted,
        links,
        hidden,
    } = folder::expand(&request.inputs);
    let shared = Shared::of(app, request, net, &found)?;
    let mut summary = VerifySummary {
        schema: "verify-summary.v1",
        links,
        hidden: picture_name::hidden(&hidden),
        ..VerifySummary::default()
    };
    for error in &unlisted {
        let result = Err(fault::folder(error));
        count(&mut summary, &result);
        let input = error.path.clone();
        let beside = FoundBeside::Nothing;
        each(VerifyItem {
            input,
            beside,
            result,
        });
    }
    app.progress
        .start(u64::try_from(found.len()).unwrap_or(u64::MAX), "verifying");
    let mut done = 0;
    batch::run(
        found.len(),
        request.jobs,
        |index| one(&shared, &found[index]),
        |first, group| {
            done += u64::try_from(group.len()).unwrap_or(0);
            for (file, result) in found[first..].iter().zip(group) {
                let Some(result) = result.transpose() else {
                    continue;
                };
                let (result, beside) = match result {
                    Ok((report, beside)) => (Ok(report), beside),
                    Err(error) => (Err(error), FoundBeside::Nothing),
                };
                count(&mut summary, &result);
                let rest = each(VerifyItem {
                    input: file.path.clone(),
                    beside,
                    result,
                });
                if rest == Rest::VerdictAlone {
                    shared.verdict_alone.store(true, Ordering::Relaxed);
                }
            }
            app.progress.reach(done);
        },
    );
    app.progress.finish();
    Ok(summary)
}

/// The lists of others that count.
fn lists(app: &App, choice: ListChoice) -> Result<Vec<TrustList>, Error> {
    match choice {
        ListChoice::Asked => trust::lists::all(app),
        ListChoice::NotAsked => Ok(Vec::new()),
    }
}

/// The proof file of a request, which is about one picture.
fn proof_beside<'a>(
    request: &'a VerifyRequest,
    found: &[Found],
) -> Result<Option<(&'a PathBuf, Vec<u8>)>, Error> {
    let Some(file) = &request.proof else {
        return Ok(None);
    };
    if found.len() != 1 {
        let what = "a proof file is about one picture";
        return Err(Error::new(Kind::Request, "proof.many", what)
            .why(format!("{} pictures are to be verified", found.len()))
            .fix("verify one picture at a time with --proof"));
    }
    Ok(Some((file, proof::read(file)?)))
}

/// The manifest store of a request, which is of one picture.
fn manifest_beside<'a>(
    request: &'a VerifyRequest,
    found: &[Found],
) -> Result<Option<(&'a Path, Vec<u8>)>, Error> {
    let Some(file) = &request.manifest else {
        return Ok(None);
    };
    if found.len() != 1 {
        let what = "a manifest beside a picture is of one picture";
        return Err(Error::new(Kind::Request, "verify.manifests", what)
            .why(format!("{} pictures are to be verified", found.len()))
            .fix("verify one picture at a time with --manifest"));
    }
    Ok(Some((file, read_manifest(file)?)))
}

/// Reads a manifest store from a file of its own; what is in it is judged with the picture.
pub(crate) fn read_manifest(file: &Path) -> Result<Vec<u8>, Error> {
    let limit = u64::try_from(MANIFEST_BYTES_MAX).unwrap_or(u64::MAX);
    files::read(file, limit).map_err(|error| fault::read(file, &error))
}

/// A report with what was wanted beside it.
type Judged = (Box<VerifyReport>, FoundBeside);

/// One file; `None` for what lay in a folder and is no picture.
fn one(shared: &Shared<'_>, file: &Found) -> Result<Option<Judged>, Error> {
    let bytes =
        pipe::read_picture(&file.path, FILE_BYTES_MAX).map_err(|error| fault::read(&file.path, &error))?;
    match Asset::parse(bytes) {
        Ok(asset) => {
            let given = shared.manifest.as_ref().map(|(path, store)| (*path, store.as_slice()));
            let found = credentials::find(&shared.reader, &asset, given, shared.net.as_ref(), shared.at);
            let report = judge(shared, &file.path, &asset, &found)?;
            let beside = beside::find(shared, &asset, &found);
            Ok(Some((Box::new(report), beside)))
        }
        Err(AssetError::NotAnImage | AssetError::Empty)
            // A file called a picture is told, whatever is in it.
            if !file.named && !picture_name::is_one(&file.path) =>
        {
            Ok(None)
        }
        Err(error) => {
            let report = no_image::report(shared, &file.path, &error);
            Ok(Some((Box::new(report), beside::of_unreadable(shared))))
        }
    }
}

/// Judges the evidence.
fn judge(
    shared: &Shared<'_>,
    path: &Path,
    asset: &Asset,
    credentials: &credentials::Found,
) -> Result<VerifyReport, Error> {
    let (found, picture) = (OnceLock::new(), OnceLock::new());
    let (held, checks, facts) = weigh_as_asked(shared, credentials);
    let word = word::word(held, &checks);
    let hashes = Hashes {
        asset,
        metadata: &found,
        picture: &picture,
        content: facts.and_then(|facts| facts.content_digest),
        manifest: facts.and_then(|facts| facts.manifest_digest),
    };
    let mut notes = notes::of(&credentials.evidence, asset, facts, shared.at);
    notes.extend(notes::passed_over(path, &credentials.source));
    let ledger = match &shared.asked {
        Some(asked) => told(asked, &hashes, word, &mut notes)?,
        None => ledger::not_asked(shared.request),
    };
    let (word, disowned) = disown(shared, facts, word, &ledger)?;
    let [proof, receipt] = proofs(shared, facts, (path, asset));
    let metadata: &Metadata = found.get_or_init(|| metadata::read(asset));
    let from_generators = generator::read_or_seek(asset, metadata);
    let thumbnail = shared.witness(facts, word, (asset, metadata.orientation), &mut notes)?;
    let disowning = |key: &KeyId| shared.disowned(key, &ledger);
    let identities = facts.map(|facts| identity::named(facts, word, disowning));
    let identities = identities.transpose()?.unwrap_or_default();
    let revocation = facts.map(|facts| revoked::check(facts, shared.net.is_some()));
    let evidence = open::Evidence {
        checks: &checks,
        facts,
        identities: &identities,
        revocation: revocation.as_ref(),
        ledger: &ledger,
        named_ledger: shared.named_ledger(),
        own: facts.and_then(|facts| shared.own_key(facts, &checks.issuer)),
        online: shared.net.is_some(),
        another_day: shared.app.clock.is_another_day(),
        picture: path,
        place: credentials.source.place,
        several_stores: shared.manifest.is_none() && asset.has_several_stores(),
        at: shared.at,
    };
    let required = shared.request.require;
    let ((sentence, open), next) = (evidence.verdict(word, disowned), evidence.next(word));
    Ok(VerifyReport {
        schema: "verify-report.v1",
        file: Untrusted::new(path.to_string_lossy()),
        result: word,
        sentence,
        remedy: open.first().map(|point| point.settle.clone()).or(next),
        required,
        met: word::met(required, word, &checks, (&ledger, &[&proof, &receipt])),
        made: made::made(facts, word, &ledger.entries, Some((metadata, &from_generators))),
        thumbnail: thumbnail.map(Box::new),
        rights: rights::rights(facts.filter(|_| word != ResultWord::Changed), Some(metadata)),
        checks,
        ledger,
        proof,
        receipt,
        manifest: credentials.source.clone(),
        fetches: credentials.fetches.clone(),
        revocation,
        signer: facts.and_then(describe::signer),
        identities,
        notes,
        not_checked: notes::not_checked(facts, &open, shared.net.is_some()),
        open,
        image: Some(describe::image(asset)),
        c2pa: facts.map(describe::c2pa),
        at: shared.at.rfc3339(),
    })
}

/// What the proof file beside the picture proves, and what the receipt in it does.
fn proofs(
    shared: &Shared<'_>,
    facts: Option<&ManifestFacts>,
    (path, asset): (&Path, &Asset),
) -> [Option<Box<ProofReport>>; 2] {
    let beside = shared.proof.as_ref().zip(shared.believers.as_ref());
    let beside = beside.map(|((file, bytes), by)| Box::new(by.judge(file, bytes, Some((path, asset)), &[])));
    let receipt = facts.and_then(|facts| facts.active.receipt.as_deref());
    let receipt =
        receipt.map(|receipt| Box::new(in_picture(shared, receipt, (path, asset), &signed_by(facts))));
    [beside, receipt]
}

/// What the ledger knows, and, of a picture that nothing else identifies, what it looks like: told, and counted for nothing.
fn told(
    asked: &Asked,
    hashes: &Hashes<'_>,
    word: ResultWord,
    notes: &mut Vec<String>,
) -> Result<LedgerAnswer, Error> {
    let mut answer = asked.ask(hashes)?;
    let is_nameless = matches!(
        word,
        ResultWord::NoCredentials
            | ResultWord::RemoteOnly
            | ResultWord::UnknownIssuer
            | ResultWord::Unreadable
    );
    let is_known = answer.entries.iter().any(LedgerHit::is_about_the_picture);
    let is_open = !is_known && answer.check.outcome == Outcome::Unknown;
    (answer.look_alike, answer.looks_not_searched) = match is_open {
        true if is_nameless => asked.look_alike(hashes).unwrap_or_else(|error| {
            let why = format!("look-alikes were not searched: {}", error.what);
            notes.push(why.clone());
            (None, Some(why))
        }),
        true => (None, Some(IDENTIFIED.to_owned())),
        false => (None, None),
    };
    let lost_its_own = matches!(
        word,
        ResultWord::NoCredentials | ResultWord::RemoteOnly | ResultWord::Unreadable
    );
    if lost_its_own {
        answer.kept = asked.kept(&answer);
    }
    if is_known {
        match asked.earlier_alike(&answer.entries, hashes) {
            Ok(found) => answer.earlier_alike = found,
            Err(error) => notes.push(format!("earlier look-alikes were not searched: {}", error.what)),
        }
    }
    Ok(answer)
}

/// Why no look-alikes are searched for a file whose manifest says what it is.
const IDENTIFIED: &str = "its manifest says what it is; byline find searches all the same";

/// What a ledger's receipt in the picture proves.
fn in_picture(
    shared: &Shared<'_>,
    receipt: &[u8],
    (path, asset): (&Path, &Asset),
    keys: &[PublicKey],
) -> ProofReport {
    if let Some(by) = &shared.believers {
        return by.judge(path, receipt, Some((path, asset)), keys);
    }
    let ledger = shared.asked.as_ref().and_then(Asked::ledger);
    proof::in_picture(receipt, (path, asset), keys, ledger, &shared.names)
}

/// The key of the certificate that signed, where ledgers could have entries by it.
fn signed_by(facts: Option<&ManifestFacts>) -> Vec<PublicKey> {
    let signer = facts.and_then(|facts| facts.signer.as_ref());
    let leaf = signer.and_then(|signer| LeafInfo::parse(signer.chain_der.first()?).ok());
    leaf.and_then(|leaf| leaf.public_key).into_iter().collect()
}

/// The word where the ledger declares the key of a good signature compromised, and why.
fn disown(
    shared: &Shared<'_>,
    facts: Option<&ManifestFacts>,
    word: ResultWord,
    ledger: &LedgerAnswer,
) -> Result<(ResultWord, Option<String>), Error> {
    let leaf = facts.and_then(|facts| facts.signer.as_ref()?.leaf.as_ref());
    let key = leaf.and_then(|leaf| Some(leaf.public_key.as_ref()?.key_id()));
    let Some(key) = key.filter(|_| word != ResultWord::Changed) else {
        return Ok((word, None));
    };
    Ok(match shared.disowned(&key, ledger)? {
        Some(Compromised { by, since }) => {
            let said = format!(
                "entry {by} of the ledger declares the key of this signature compromised from entry {since} on, and holds no entry \
                 from before about this file"
            );
            (ResultWord::Revoked, Some(said))
        }
        None => (word, None),
    })
}

/// The result word and the four answers for evidence, and the facts where there are any.
pub(super) fn weighed(evidence: &ManifestEvidence) -> (ResultWord, FourQuestions, Option<&ManifestFacts>) {
    let (held, checks, facts) = weigh(evidence, false);
    (word::word(held, &checks), checks, facts)
}

/// As [`weigh`], in the words of the day that was asked about.
fn weigh_as_asked<'a>(
    shared: &Shared<'_>,
    credentials: &'a credentials::Found,
) -> (Held, FourQuestions, Option<&'a ManifestFacts>) {
    let (held, mut checks, facts) = weigh(&credentials.evidence, !credentials.fetches.is_empty());
    if shared.app.clock.is_another_day() {
        four::as_of(&mut checks, facts);
    }
    (held, checks, facts)
}

/// Evidence as what is held, the four answers, and the facts where there are any.
fn weigh(evidence: &ManifestEvidence, was_fetched: bool) -> (Held, FourQuestions, Option<&ManifestFacts>) {
    match evidence {
        ManifestEvidence::Read(facts) => {
            let held = Held::Manifest {
                revoked: matches!(facts.revocation, Revocation::Revoked { .. }),
                fit: facts.credential_fit,
            };
            (held, four::ask(facts), Some(facts))
        }
        ManifestEvidence::Absent => (
            Held::Nothing,
            four::unanswered("the file holds no manifest"),
            None,
        ),
        ManifestEvidence::RemoteOnly { .. } => (
            Held::Address,
            four::unanswered(if was_fetched {
                "the file only names an address of its credentials, and what was fetched from there is no help"
            } else {
                "the file only names an address of its credentials, and byline does not go there"
            }),
            None,
        ),
        ManifestEvidence::Unreadable { .. } => (
            Held::Damaged,
            four::unanswered("the manifest cannot be read"),
            None,
        ),
    }
}

/// Counts a result.
fn count(summary: &mut VerifySummary, result: &Result<Box<VerifyReport>, Error>) {
    match result {
        Ok(report) => {
            summary.files += 1;
            let mut entries = report.ledger.entries.iter();
            summary.registered += u64::from(entries.any(LedgerHit::is_about_the_picture));
            summary.alike += u64::from(report.ledger.look_alike.is_some());
            summary.looks_not_searched += u64::from(report.ledger.looks_not_searched.is_some());
            if report.ledger.check.outcome == Outcome::Unknown && report.ledger.tree_size.is_none() {
                summary.not_asked += 1;
                summary.ledger_unread |= report.ledger.unread;
                let why = &mut summary.not_asked_why;
                why.get_or_insert_with(|| report.ledger.check.note.clone());
            }
            *summary.results.entry(report.result).or_default() += 1;
        }
        Err(_) => summary.failed += 1,
    }
}

#[cfg(test)]
#[path = "contradict_tests.rs"]
mod tests;
