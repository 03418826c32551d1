//! Reports as pages: each one file that stands by itself, without scripts, links or pictures from elsewhere.
//!
//! [`frame`] is what all pages have; a report adds its parts. Door to `maud`, which escapes whatever is put into a page when
//! it is compiled in; [`text`] makes visible what could deceive an eye before.

mod audit;
mod drift;
mod frame;
mod history;
mod picture;
mod plot;
mod sheet;
mod verify;

pub use self::audit::audit;
pub use self::drift::drift;
pub use self::sheet::Sheet;
pub use self::verify::verify;
use super::escape;
use crate::base::Untrusted;

/// Text of strangers, whole, on one line. Markup in it is escaped where it is put into the page.
fn whole(text: &Untrusted) -> String {
    escape::whole(text)
}

/// Text of strangers on one line, cut where it grows long.
fn value(text: &Untrusted) -> String {
    escape::value(text)
}

/// Text of ours that may quote strangers.
fn text(text: &str) -> String {
    escape::line(text).into_owned()
}
