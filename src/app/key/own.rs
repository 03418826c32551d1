//! The user's own keys as others see them, for knowing them again.

use super::key_folder;
use super::open::public_file;
use crate::app::App;
use crate::keys::LocalName;
use crate::keys::public::PublicFile;

/// The public file of every key that has a readable one; asks for no passphrase. What cannot be read is told by `key list`.
pub(crate) fn own(app: &App) -> Vec<(LocalName, PublicFile)> {
    let names = key_folder(app).names().unwrap_or_default();
    names
        .iter()
        .filter_map(|name| Some((LocalName::parse(name).ok()?, public_file(app, name).ok()??)))
        .collect()
}
