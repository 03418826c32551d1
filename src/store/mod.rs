//! The only disk: every file that byline reads or writes goes through here. Knows no images and no reports.

pub mod audited;
pub mod codes;
pub mod cosigned;
pub mod deep;
mod disk;
pub mod durable;
mod error;
pub mod files;
pub mod folder;
pub mod group;
mod index;
mod journal;
pub mod kept;
mod key_spare;
pub mod keyfile;
pub mod ledger_file;
pub mod lock;
pub mod looks;
pub mod mark;
mod past;
pub mod pipe;
mod recover;
#[cfg(test)]
mod samples_for_tests;
pub mod scratch;
mod sealed;
mod secrets;
#[cfg(test)]
mod sim;

pub mod passphrase_input;
pub mod publish;
pub mod published;
pub mod trust_file;
pub mod witness_state;

pub use error::StoreError;
pub use group::Group;
pub use key_spare::Beside;
pub use ledger_file::{Inclusion, LedgerFile, Lookup, NewLedger, Places, Receipt, TornTail};
