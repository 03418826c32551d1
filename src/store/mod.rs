//! The only disk: durable files, the user's files, and the ledger file. Knows no images and no reports.

pub mod durable;
pub mod files;
pub mod index;
pub mod ledger_file;
pub mod lock;
pub mod mark;
mod recover;
mod secrets;

pub use durable::DurableError;
pub use files::FileError;
pub use ledger_file::{Inclusion, LedgerFile, Lookup, NewLedger, Places, Receipt, StoreError, TornTail};
