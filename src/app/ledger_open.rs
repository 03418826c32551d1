//! Opening ledgers by choice, and what their errors mean to a user.

use std::path::{Path, PathBuf};

use super::request::LedgerChoice;
use super::{App, Error, Kind};
use crate::app::fault::with_causes;
use crate::base::Digest;
use crate::base::digest::hex;
use crate::keys::KeyId;
use crate::ledger::append::AppendError;
use crate::ledger::{LookupMode, TreeSize};
use crate::store::durable::DurableError;
use crate::store::folder;
use crate::store::ledger_file::{LedgerFile, NewLedger, Places, StoreError};
use crate::store::lock::LockError;

/// How long a writer waits for another one, milliseconds: a batch of some thousand pictures takes minutes, a person's
/// patience is shorter.
const LOCK_TIMEOUT_MS: u64 = 60_000;

/// The code of an append that may be on the disk or not.
pub(crate) const UNSYNCED: &str = "ledger.unsynced";

/// The file a choice means; `None` for none.
pub(crate) fn path(app: &App, choice: &LedgerChoice) -> Option<PathBuf> {
    match choice {
        LedgerChoice::Default | LedgerChoice::Copy { file: None, .. } => Some(app.dirs.default_ledger()),
        LedgerChoice::Copy { file: Some(path), .. } | LedgerChoice::File(path) => Some(path.clone()),
        LedgerChoice::None => None,
    }
}

/// Where the files lie that are not beside the ledger: the log's key is named by the origin, so that a ledger can move.
pub(crate) fn places(app: &App, origin: &str) -> Places {
    let name = Digest::of(origin.as_bytes()).hex();
    Places {
        log_key: app.dirs.data.join("logs").join(format!("{}.key", &name[..16])),
        state: app.dirs.state.clone(),
    }
}

/// Opens for looking up.
pub(crate) fn read(app: &App, path: &Path) -> Result<LedgerFile, Error> {
    LedgerFile::open_read(path, Some(&app.dirs.state)).map_err(|error| fault(path, &error))
}

/// Opens for appending; makes the ledger when it is absent.
pub(crate) fn write(app: &App, path: &Path) -> Result<LedgerFile, Error> {
    if !folder::exists(path) {
        match create(app, path, None, false, &[]) {
            // Another process made it first: its ledger is as good.
            Err(error) if error.code == "ledger.exists" => {}
            made => return made,
        }
    }
    let origin = read(app, path)?.header().origin().as_str().to_owned();
    LedgerFile::open_write(path, &places(app, &origin), LOCK_TIMEOUT_MS).map_err(|error| fault(path, &error))
}

/// What an interrupted write left in the ledger, in a sentence.
pub(crate) fn torn(ledger: &LedgerFile) -> Option<String> {
    let tail = ledger.torn_tail()?;
    Some(match &tail.moved_to {
        Some(to) if tail.is_doubtful => format!(
            "{} bytes that no commit covers, at byte {}, were set aside in `{}`; whole entries or a signed commit are in them, and as this machine had no high-water mark of the ledger, nothing here tells whether they were acknowledged: keep that file, and compare with receipts or another copy",
            tail.bytes,
            tail.offset,
            to.display()
        ),
        Some(to) => format!(
            "{} bytes of an interrupted write at byte {} were set aside in `{}`; no acknowledged entry is in them",
            tail.bytes,
            tail.offset,
            to.display()
        ),
        None => format!(
            "{} bytes follow the last commit, and no commit covers them: an interrupted write, or one whose commit was cut off; the file alone does not tell which",
            tail.bytes
        ),
    })
}

/// Makes a ledger; its origin is given or drawn by lot, so that no two ledgers share one.
pub(crate) fn create(
    app: &App,
    path: &Path,
    origin: Option<&str>,
    private: bool,
    arbiters: &[KeyId],
) -> Result<LedgerFile, Error> {
    let lot: [u8; 8] = app.random()?;
    let drawn = format!("byline.local/{}", hex(&lot));
    let origin = origin.unwrap_or(&drawn);
    let new = NewLedger {
        origin,
        mode: if private {
            LookupMode::Private
        } else {
            LookupMode::Public
        },
        arbiters,
        key_seed: app.random()?,
        secret: app.random()?,
        now: app.clock.now(),
    };
    LedgerFile::create(path, &places(app, origin), &new).map_err(|error| fault(path, &error))
}

/// Deep records are a faint picture of each picture: a private ledger has none.
pub(crate) fn no_deep_in_private() -> Error {
    Error::new(
        Kind::Request,
        "sign.deep-private",
        "a private ledger takes no deep records",
    )
    .why("they hold a faint picture of each picture, and lie beside the ledger for whoever can read it")
    .fix("leave --deep out, or take a public ledger")
}

/// What a ledger's error means.
pub(crate) fn fault(path: &Path, error: &StoreError) -> Error {
    if let StoreError::Append(AppendError::Broken { rule, .. }) = error {
        return Error::new(Kind::Refused, rule.id(), "the ledger refuses this entry")
            .why(rule.to_string())
            .fix(rule.remedy());
    }
    if let StoreError::NoEntry { index, size } = error {
        return no_entry(path, &format!("entry {index}"), *size);
    }
    let (kind, code, fix) = meaning(error);
    Error::new(kind, code, format!("cannot use the ledger `{}`", path.display()))
        .why(with_causes(error))
        .fix(fix)
}

/// An index or a size that is beyond the end: whoever asks is told the same by every command.
pub(crate) fn no_entry(path: &Path, asked: &str, size: TreeSize) -> Error {
    let what = format!("the ledger `{}` has no {asked}", path.display());
    Error::new(Kind::Absent, "ledger.no-entry", what)
        .why(format!("it has {size} entries, counted from 0"))
        .fix("`byline ledger show` lists the last ones")
}

/// The kind and code of a ledger's error, and what to do about it.
fn meaning(error: &StoreError) -> (Kind, &'static str, &'static str) {
    match error {
        StoreError::Damaged { .. } | StoreError::UnsignedCommit { .. } | StoreError::NoCommit => (
            Kind::Contradicted,
            "ledger.damaged",
            "byline audit names what is wrong; restore the ledger from a copy",
        ),
        StoreError::Contradicted { .. } => (
            Kind::Contradicted,
            "ledger.damaged",
            "byline audit names all that is wrong; no state of such a ledger is signed or proved",
        ),
        StoreError::RolledBack { .. } => (
            Kind::Contradicted,
            "ledger.rolled-back",
            "put the newer ledger back; going on from the older one would fork its history",
        ),
        StoreError::Forked { .. } => (
            Kind::Contradicted,
            "ledger.forked",
            "find out who wrote the other history; byline audit compares them",
        ),
        StoreError::LoneSecret { .. } => (
            Kind::Conflict,
            "ledger.lone-secret",
            "finish what was begun with `byline ledger init FILE --private`; put the private ledger back; or move the secret away",
        ),
        StoreError::NoSecret { .. } => (
            Kind::Key,
            "ledger.private",
            "put the secret beside the ledger; whoever made the ledger has it",
        ),
        StoreError::Durable(DurableError::Exists { .. }) => {
            (Kind::Conflict, "ledger.exists", "name another file")
        }
        StoreError::Origin(_) => (
            Kind::Request,
            "ledger.origin",
            "name it like studio.example/pictures: no spaces, no plus sign, not empty",
        ),
        StoreError::Io { step: "open", source } if source.kind() == std::io::ErrorKind::NotFound => (
            Kind::World,
            "ledger.missing",
            "make it with `byline ledger init`, or sign a picture: that makes it too; or name another with --ledger FILE",
        ),
        error => of_writing(error),
    }
}

/// As [`meaning`], of errors that only a writer meets, and of the rest.
fn of_writing(error: &StoreError) -> (Kind, &'static str, &'static str) {
    match error {
        StoreError::Lock(LockError::Taken { .. }) => (
            Kind::World,
            "ledger.locked",
            "wait until the other byline has finished, then try again: nothing is signed twice",
        ),
        StoreError::NoLogKey { .. } => (
            Kind::Key,
            "ledger.log-key",
            "only its keeper appends: sign here with --hand-over FILE where a command has it, or answer an offer with `byline ledger accept FILE -o ANSWER`, and give that file to the keeper, who records it with `byline ledger take FILE`",
        ),
        StoreError::Append(AppendError::ClockWentBack { .. }) => (
            Kind::World,
            "ledger.clock",
            "set this machine's clock right; if it is right, the last commit is dated ahead: wait until then, or begin another ledger with `byline ledger init`",
        ),
        StoreError::WrongLogKey { .. } => (
            Kind::Key,
            "ledger.log-key",
            "only the machine that made this ledger can append to it, unless its log key is copied along",
        ),
        StoreError::KeyFile { .. } => (
            Kind::Key,
            "ledger.key-file",
            "where it is yours and whole, `chmod 600` it; else restore it from a backup",
        ),
        StoreError::Io { step: "sync", .. } => (
            Kind::World,
            UNSYNCED,
            "check the disk, then run the same command again: it looks what was recorded and finishes",
        ),
        _ => (
            Kind::World,
            "ledger.io",
            "check that the path is right and the disk has room",
        ),
    }
}
