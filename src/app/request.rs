//! What the deeds are asked for: plain values, already free of flags and environment.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use super::proof::Whom;
use crate::base::statement::{Family, Mining, Role};
use crate::base::{Moment, SourceType};
use crate::ledger::VerifierKey;
use crate::report::verify::Requirement;

/// Which ledger a deed uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LedgerChoice {
    /// The default ledger: signing makes it when it is absent, verifying asks it when it exists.
    Default,
    /// A ledger that somebody else keeps, here as a copy: what is to be recorded in it is signed and handed over.
    Copy {
        /// The copy; where the default ledger lies when absent.
        file: Option<PathBuf>,
        /// The file for the keeper.
        to: PathBuf,
    },
    /// This file.
    File(PathBuf),
    /// None.
    None,
}

/// Where signed pictures go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// `NAME.signed.EXT` beside each input.
    Beside,
    /// This file; for one input.
    File(PathBuf),
    /// This folder, under the inputs' names; inputs found below a folder keep their place below it.
    Folder(PathBuf),
    /// Over the inputs.
    InPlace,
}

/// Who says how the picture came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceChoice {
    /// The signer.
    Stated(SourceType),
    /// The file's own metadata.
    FromMetadata,
}

/// What the signer states beside the source type; absent is "not stated".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// Who is named.
    pub by: Option<String>,
    /// What that person is to the picture; where somebody is named, by default producer of generated, creator of human work.
    pub role: Option<Role>,
    /// Title.
    pub title: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// Credit line.
    pub credit: Option<String>,
    /// Copyright notice.
    pub copyright: Option<String>,
    /// Copyright owner.
    pub copyright_owner: Option<String>,
    /// Usage terms.
    pub usage_terms: Option<String>,
    /// URL of the rights statement.
    pub web_statement: Option<String>,
    /// URL where a licence is had.
    pub licensor_url: Option<String>,
    /// Data-mining reservation.
    pub mining: Option<Mining>,
    /// The program that made or edited the picture.
    pub software: Option<String>,
    /// AI system.
    pub ai_system: Option<String>,
    /// Version of the AI system.
    pub ai_version: Option<String>,
    /// Model.
    pub model: Option<String>,
    /// Algorithm family.
    pub family: Option<Family>,
    /// Seed.
    pub seed: Option<String>,
    /// Prompt, to be disclosed.
    pub prompt: Option<String>,
    /// Who wrote the prompt.
    pub prompt_writer: Option<String>,
    /// When the picture was made.
    pub created: Option<Moment>,
    /// Whether the signer knows every step.
    pub all_actions: bool,
}

/// Sign these pictures.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one independent flag of the command line, read by its name"
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignRequest {
    /// Files and folders; a folder stands for the images below it.
    pub inputs: Vec<PathBuf>,
    /// Where the results go.
    pub place: Place,
    /// Whether an existing output may be replaced.
    pub overwrite: bool,
    /// Who says how the picture came to be.
    pub source: SourceChoice,
    /// The local name of the key; the only one when absent.
    pub identity: Option<String>,
    /// What is stated.
    pub words: Words,
    /// The picture this one was made from.
    pub parent: Option<PathBuf>,
    /// URL of an RFC 3161 time-stamping authority.
    pub timestamp: Option<String>,
    /// Whether that authority may be in a private network.
    pub timestamp_private: bool,
    /// The ledger.
    pub ledger: LedgerChoice,
    /// Files looked at side by side; `None` for as many as there are cores.
    pub jobs: Option<NonZeroUsize>,
    /// Only say what would be done.
    pub dry_run: bool,
    /// Whether the signer's words replace what the file's metadata says otherwise.
    pub replace_metadata: bool,
    /// Whether a claim thumbnail is written.
    pub thumbnail: bool,
    /// Whether the signed manifest stores are kept beside the ledger.
    pub keep_manifests: bool,
    /// Whether deep records are kept beside the ledger; where there are any, they are kept in any case.
    pub deep: bool,
}

/// Whether the trust lists that others keep count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListChoice {
    /// They do, shipped or imported.
    Asked,
    /// Only whom the user added counts.
    NotAsked,
}

/// What is wanted beside a verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Beside {
    /// The manifest store as crJSON.
    CrJson,
    /// Nothing.
    #[default]
    Nothing,
    /// What a page shows: small pictures and what generators wrote.
    Page,
}

/// Verify these pictures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyRequest {
    /// Files and folders.
    pub inputs: Vec<PathBuf>,
    /// What is wanted beside each report.
    pub beside: Beside,
    /// The ledger to ask.
    pub ledger: LedgerChoice,
    /// PEM files whose certificates are anchors for this call.
    pub extra_trust: Vec<PathBuf>,
    /// Whether trust lists count.
    pub lists: ListChoice,
    /// The manifest store of the one picture, to be judged instead of one in it.
    pub manifest: Option<PathBuf>,
    /// Whether the network may be asked for a manifest that the file names, and for revocation.
    pub online: bool,
    /// A proof file of the one picture.
    pub proof: Option<PathBuf>,
    /// Who is believed for it, and for receipts in pictures; of those, the ledger that is asked when absent.
    pub whom: Option<Whom>,
    /// Whether the signed thumbnail is compared with the pixels even of an unchanged file; of a changed one it always is.
    pub thumbnail: bool,
    /// Where a heat map of that comparison is written; for one picture.
    pub heatmap: Option<PathBuf>,
    /// What exit code 0 takes.
    pub require: Requirement,
    /// Files looked at side by side; `None` for as many as there are cores.
    pub jobs: Option<NonZeroUsize>,
}

/// When the deep records of a ledger are searched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    /// Whatever the looks of the whole find.
    Always,
    /// Where the looks of the whole leave open what a picture is.
    #[default]
    AsNeeded,
    /// Not at all.
    Never,
}

/// Look for these pictures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindRequest {
    /// Files and folders.
    pub inputs: Vec<PathBuf>,
    /// The ledger to search.
    pub ledger: LedgerChoice,
    /// When the deep records are searched.
    pub depth: Depth,
    /// The server that holds the ledger's codes; those beside the ledger are searched when absent.
    #[cfg(feature = "postgres")]
    pub server: Option<super::engine::Server>,
    /// Most look-alikes told of one picture.
    pub most: usize,
    /// Whether it is told how unusual a picture is.
    pub uniqueness: bool,
    /// Where the kept manifest of what was found is written; for one picture.
    pub recover: Option<Recover>,
    /// Files looked at side by side; `None` for as many as there are cores.
    pub jobs: Option<NonZeroUsize>,
}

/// Give back the credentials that a picture was registered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recover {
    /// The file to write: `NAME.c2pa` for the manifest store alone, the name of a picture for that with its store put back.
    pub path: PathBuf,
    /// The entry whose manifest is meant; the closest found that has one kept when absent.
    pub entry: Option<u64>,
    /// Whether a file that stands there may be replaced.
    pub overwrite: bool,
}

/// Compare two pictures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompareRequest {
    /// The first, taken as the older one.
    pub a: PathBuf,
    /// The second.
    pub b: PathBuf,
    /// Where a heat map is written.
    pub heatmap: Option<PathBuf>,
}

/// Make a ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitRequest {
    /// The file to make; absent for the default ledger.
    pub path: Option<PathBuf>,
    /// The log's origin (C2SP tlog-checkpoint); made from a random name when absent.
    pub origin: Option<String>,
    /// Whether look-ups are keyed.
    pub private: bool,
    /// Whether deep records are kept from the first picture on; not of a private one.
    pub deep: bool,
    /// Who may find for either side of a dispute: thumbprints, public files, or names in the user's trust.
    pub arbiters: Vec<String>,
}

/// Audit a ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRequest {
    /// What is audited.
    pub target: AuditTarget,
    /// The log's key, known from elsewhere.
    pub log_key: Option<VerifierKey>,
    /// Where signatures begin to be checked; at the first when absent.
    pub since: Option<Since>,
    /// The policy file whose witnesses should have cosigned (c2sp.org/tlog-policy); this machine's own for the log when absent.
    pub policy: Option<PathBuf>,
    /// Whether every signature is checked alone, strictly.
    pub strict: bool,
    /// Whether the state maps that the log signs are passed over.
    pub no_state: bool,
    /// Whether it is told if the pictures of a ledger file grow alike.
    pub similarity: bool,
    /// Threads.
    pub jobs: NonZeroUsize,
}

/// What is audited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuditTarget {
    /// A ledger file, or a directory that was published.
    Path(PathBuf),
    /// What was published, on the web.
    Url {
        /// The address of the directory that holds `checkpoint`.
        url: String,
        /// Whether it may be in a private network or on this machine, asked by plain `http`.
        private: bool,
    },
}

/// A checkpoint that an earlier audit ended at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Since {
    /// In a file: a checkpoint or a proof.
    File(PathBuf),
    /// The end of the last sound audit on this machine.
    Last,
}
