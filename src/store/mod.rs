//! The only disk: every file that byline reads or writes goes through here. Knows no images and no reports.

pub mod cosigned;
pub mod durable;
mod error;
pub mod files;
pub mod folder;
mod index;
mod index_file;
pub mod keyfile;
pub mod ledger_file;
pub mod lock;
pub mod mark;
mod recover;
mod secrets;

pub mod passphrase_input;
pub mod publish;
pub mod published;
pub mod trust_file;
pub mod witness_state;

pub use error::StoreError;
pub use ledger_file::{Inclusion, LedgerFile, Lookup, NewLedger, Places, Receipt, TornTail};
