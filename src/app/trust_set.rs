//! Whom the user trusts, as anchors for the manifest reader.

use std::path::PathBuf;

use super::{App, Error, Kind, fault};
use crate::base::limits::KEY_FILE_BYTES_MAX;
use crate::keys::trust::TrustStore;
use crate::manifest::{AnchorSet, TrustAnchors};
use crate::store::{files, trust_file};

/// Everybody the user added.
pub(crate) fn load(app: &App) -> Result<TrustStore, Error> {
    trust_file::load(&app.dirs.trust()).map_err(|error| {
        Error::new(Kind::Key, "trust.unreadable", "cannot read whom you trust").why(error.to_string())
    })
}

/// Anchors by the names the user knows them under, and those of `--trust` files.
///
/// A creator's root anchors claims and named identities alike; it anchors no timestamps.
pub(crate) fn anchors(trust: &TrustStore, extra: &[PathBuf]) -> Result<TrustAnchors, Error> {
    let mut anchors = TrustAnchors::default();
    for entry in trust.entries() {
        let set = AnchorSet {
            name: entry.name.to_string(),
            pem: entry.pem(),
        };
        anchors.c2pa.push(set.clone());
        anchors.cawg.push(set);
    }
    for path in extra {
        let bytes = files::read(path, KEY_FILE_BYTES_MAX).map_err(|error| fault::read(path, &error))?;
        let pem = String::from_utf8(bytes).map_err(|_| {
            Error::new(Kind::Key, "trust.not-pem", format!("`{}` is not PEM text", path.display()))
                .fix("convert it with: openssl x509 -inform der -in FILE -out FILE.pem")
        })?;
        let set = AnchorSet {
            name: format!("--trust {}", path.display()),
            pem,
        };
        anchors.c2pa.push(set.clone());
        anchors.cawg.push(set.clone());
        anchors.tsa.push(set);
    }
    Ok(anchors)
}
