//! The deeds: one file each, a request in, a report out. The rooms meet here and nowhere else.
//!
//! The system clock and randomness are read here alone; every other room is handed time and random bytes.

pub mod audit;
pub mod batch;
pub mod compare;
#[cfg(feature = "postgres")]
pub mod engine;
pub mod error;
pub mod explain;
mod fault;
pub mod find;
mod generated;
pub mod inspect;
pub mod key;
mod laid;
pub mod ledger;
mod ledger_open;
mod likeness;
#[cfg(feature = "online")]
pub mod online;
pub mod picture_name;
pub mod proof;
pub mod publish;
pub mod report_file;
pub mod request;
pub mod sign;
pub mod title;
pub mod trust;
mod trust_set;
pub mod verify;
pub mod witness;

use std::path::{Path, PathBuf};

pub use error::{Error, Kind};
use zeroize::Zeroizing;

use crate::base::Timestamp;

/// Where byline keeps what is its own (DESIGN.md 4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dirs {
    /// Settings and trust.
    pub config: PathBuf,
    /// Keys and the default ledger.
    pub data: PathBuf,
    /// High-water marks of ledgers.
    pub state: PathBuf,
}

impl Dirs {
    /// All three below one folder, as `BYLINE_HOME` asks.
    #[must_use]
    pub fn below(home: &Path) -> Self {
        Self {
            config: home.join("config"),
            data: home.join("data"),
            state: home.join("state"),
        }
    }

    /// The folder of keys.
    #[must_use]
    pub fn keys(&self) -> PathBuf {
        self.data.join("keys")
    }

    /// The folder of people and lists the user trusts.
    #[must_use]
    pub fn trust(&self) -> PathBuf {
        self.config.join("trust")
    }

    /// The folder of imported trust lists.
    #[must_use]
    pub fn lists(&self) -> PathBuf {
        self.config.join("lists")
    }

    /// The ledger used when none is named.
    #[must_use]
    pub fn default_ledger(&self) -> PathBuf {
        self.data.join("default.ledger")
    }
}

/// A source of time; tests fix it, `--at` fixes it.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;
}

/// A source of random bytes; tests fix it.
pub trait Entropy: Send + Sync {
    /// Fills `bytes`; fails when the system has no randomness to give.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Error>;
}

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Timestamp::from_unix_ms(since.map_or(0, |t| i64::try_from(t.as_millis()).unwrap_or(i64::MAX)))
    }
}

/// A clock that stands still, for `--at` and for tests.
#[derive(Clone, Copy, Debug)]
pub struct FixedClock(pub Timestamp);

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// The system's randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Error> {
        getrandom::fill(bytes).map_err(|_| {
            Error::new(Kind::World, "entropy.unavailable", "cannot get random bytes")
                .why("the system's random source failed")
                .fix("try again; on a fresh virtual machine wait until it has gathered randomness")
        })
    }
}

/// Why a passphrase is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// To open an existing key of this name.
    Open(String),
    /// To protect a new key of this name; the asker confirms it by a second entry.
    New(String),
}

/// Where passphrases come from: a terminal, a file descriptor, the service manager.
pub trait Passphrases: Send + Sync {
    /// The passphrase, or why there is none.
    fn passphrase(&self, ask: &Ask) -> Result<Zeroizing<String>, Error>;
}

/// Told of progress on long work; a terminal draws it, tests ignore it.
pub trait Progress: Send + Sync {
    /// Work of so many steps begins.
    fn start(&self, steps: u64, what: &str);
    /// So many steps are done in all.
    fn reach(&self, done: u64);
    /// The work ended.
    fn finish(&self);
}

/// Says nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn start(&self, _: u64, _: &str) {}
    fn reach(&self, _: u64) {}
    fn finish(&self) {}
}

/// What every deed is given.
pub struct App {
    /// Where things lie.
    pub dirs: Dirs,
    /// The time.
    pub clock: Box<dyn Clock>,
    /// Random bytes.
    pub entropy: Box<dyn Entropy>,
    /// Passphrases.
    pub passphrases: Box<dyn Passphrases>,
    /// Progress.
    pub progress: Box<dyn Progress>,
}

impl App {
    /// So many random bytes.
    pub fn random<const N: usize>(&self) -> Result<[u8; N], Error> {
        let mut bytes = [0u8; N];
        self.entropy.fill(&mut bytes)?;
        Ok(bytes)
    }
}
