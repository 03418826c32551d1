//! Makes a proof of an entry, as a file that needs neither this ledger nor a network.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::closest::Closest;
use super::embed;
use super::judge::Judge;
use crate::app::request::LedgerChoice;
use crate::app::title::who::Names;
use crate::app::{App, Error, Kind, fault, ledger, ledger_open, witness};
use crate::asset::Asset;
use crate::base::Untrusted;
use crate::base::limits::FILE_BYTES_MAX;
use crate::ledger::policy::Policy;
use crate::ledger::proof_file::ProofFile;
use crate::ledger::receipt::TransparentStatement;
use crate::ledger::{LeafIndex, VerifiedCheckpoint};
use crate::manifest::Receipt;
use crate::report::proof::{ProofReport, ProofWord};
use crate::store::files::{self, Staged};
use crate::store::folder;
use crate::store::ledger_file::LedgerFile;

/// Prove this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProveRequest {
    /// A picture, a leaf index, an asset id or a hash.
    pub what: PathBuf,
    /// The ledger.
    pub ledger: LedgerChoice,
    /// The proof file to write; beside the picture when absent.
    pub output: Option<PathBuf>,
    /// The entry with a COSE receipt, to be written too.
    pub cose: Option<PathBuf>,
    /// The picture with the receipt in it, to be written too.
    pub embed: Option<PathBuf>,
    /// The local name of the key that signs it in; the only one when absent.
    pub identity: Option<String>,
    /// Whether files that exist are replaced.
    pub overwrite: bool,
}

/// Makes a proof of the entry that is closest to `what`, checks it as anybody would, and only then writes it.
pub fn prove(app: &App, request: &ProveRequest) -> Result<ProofReport, Error> {
    let (path, ledger) = ledger::open(app, &request.ledger)?;
    let fail = |error| ledger_open::fault(&path, &error);
    let names = Names::of(app)?;
    let image = image(&request.what)?;
    let found = ledger::find(&path, &ledger, &request.what)?;
    let Some(closest) = Closest::of(&ledger, found, image.as_ref()) else {
        return Err(nothing(&request.what, &path));
    };
    let (index, _, entry) = &closest.chosen;
    let output = request
        .output
        .clone()
        .unwrap_or_else(|| beside(&request.what, &format!("entry-{index}"), "tlog-proof"));
    let policy = witness::policy(app, &ledger.header().verifier)?;
    let checkpoint = under(&path, &ledger, *index, &policy)?;
    let key = ledger
        .key(&entry.signer())
        .ok_or_else(|| damaged(&path, *index))?;
    let hashes = ledger.inclusion_at(*index, checkpoint.size()).map_err(fail)?;
    let proof = ProofFile::new(entry, key, *index, hashes, checkpoint.note().to_owned());
    let judge = Judge {
        policy: &policy,
        ledger: Some(&ledger),
        names: &names,
        image: image.as_ref().map(|asset| (request.what.as_path(), asset)),
        offered: &[],
    };
    let text = proof.text();
    let mut report = judge.judge(&output, text.as_bytes());
    if report.result == ProofWord::Contradicted {
        return Ok(report);
    }
    let unmet = witness::unmet(app, &ledger.header().verifier, checkpoint.note())?;
    report.notes.extend(unmet);
    let mut staged = vec![stage(&output, text.as_bytes(), request.overwrite)?];
    if request.cose.is_some() || request.embed.is_some() {
        let origin = ledger.header().origin().as_str();
        let places = ledger_open::places(app, origin);
        let receipt = ledger.sign_receipt(&places, *index, entry).map_err(fail)?;
        let statement = TransparentStatement::new(entry.clone(), receipt).bytes();
        if let Some(to) = &request.cose {
            staged.push(stage(to, &statement, request.overwrite)?);
        }
        if let Some(to) = &request.embed {
            let picture = image.as_ref().ok_or_else(|| no_picture(&request.what))?;
            let receipt = Receipt {
                origin,
                statement: &statement,
            };
            let picture = (request.what.as_path(), picture);
            let made = embed::embed(app, picture, request.identity.as_deref(), &receipt)?;
            if closest.is_another_file() {
                return Err(another_file(&request.what, *index));
            }
            staged.push(stage(to, made.bytes(), request.overwrite)?);
            let note = "the picture with the receipt is another file than was registered: the ledger knows it by its content";
            report.notes.push(note.to_owned());
        }
    }
    for (to, file) in staged {
        file.commit().map_err(|error| fault::write(&to, &error))?;
        report.written.push(Untrusted::new(to.to_string_lossy()));
    }
    report.notes.extend(closest.note());
    Ok(report)
}

/// The checkpoint to prove the entry under: the last that witnesses cosigned, where it covers the entry and is of this very
/// history; else the ledger's last.
pub(super) fn under(
    path: &Path,
    ledger: &LedgerFile,
    index: LeafIndex,
    policy: &Policy,
) -> Result<VerifiedCheckpoint, Error> {
    let cosigned = witness::cosigned_last(path, &ledger.header().verifier)?;
    let fits = |cosigned: &VerifiedCheckpoint| {
        index.within(cosigned.size()).is_some()
            && ledger
                .root_at(cosigned.size())
                .is_ok_and(|root| root == cosigned.root())
            && policy.check(cosigned.note()).is_ok()
    };
    Ok(cosigned
        .filter(fits)
        .unwrap_or_else(|| ledger.checkpoint().clone()))
}

/// `IMAGE.ENDING`, or `STEM.ENDING` here where no picture was named.
pub(super) fn beside(what: &Path, stem: &str, ending: &str) -> PathBuf {
    let mut name = OsString::from(stem);
    if folder::exists(what) {
        what.as_os_str().clone_into(&mut name);
    }
    name.push(format!(".{ending}"));
    PathBuf::from(name)
}

/// The picture, where `what` is one.
pub(super) fn image(what: &Path) -> Result<Option<Asset>, Error> {
    if !folder::exists(what) {
        return Ok(None);
    }
    let bytes = files::read(what, FILE_BYTES_MAX).map_err(|error| fault::read(what, &error))?;
    let asset = Asset::parse(bytes).map_err(|error| fault::asset(what, &error))?;
    Ok(Some(asset))
}

pub(super) fn stage(to: &Path, bytes: &[u8], overwrite: bool) -> Result<(PathBuf, Staged), Error> {
    let staged = Staged::write(to, bytes, overwrite).map_err(|error| fault::write(to, &error))?;
    Ok((to.to_owned(), staged))
}

fn no_picture(what: &Path) -> Error {
    let what = format!("`{}` is no picture to put a receipt into", what.display());
    Error::new(Kind::Request, "embed.no-picture", what).fix("name the signed picture itself")
}

fn another_file(what: &Path, index: LeafIndex) -> Error {
    let what = format!(
        "will not put the receipt of entry {index} into `{}`",
        what.display()
    );
    Error::new(Kind::Input, "embed.another-file", what)
        .why("that entry is about another file with the same pixels; this file is not registered itself")
        .fix("name the file that was registered; or register this one: byline sign")
}

fn nothing(what: &Path, ledger: &Path) -> Error {
    Error::new(
        Kind::Absent,
        "ledger.no-entry",
        format!("`{}` is not in the ledger `{}`", what.display(), ledger.display()),
    )
    .why("neither its file, content, pixels nor manifest stand in an entry")
    .fix("name the ledger it was registered in with --ledger FILE; of a picture of your own: sign and register it, byline sign")
}

fn damaged(ledger: &Path, index: LeafIndex) -> Error {
    Error::new(
        Kind::Conflict,
        "ledger.damaged",
        format!("cannot prove entry {index} of `{}`", ledger.display()),
    )
    .why("the key that signed it never entered this ledger")
    .fix("byline audit names what is wrong")
}
