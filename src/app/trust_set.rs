//! Whom the user trusts, as anchors for the manifest reader.

use std::path::PathBuf;

use super::{App, Error, Kind, fault};
use crate::base::limits::KEY_FILE_BYTES_MAX;
use crate::keys::pem::certificate_text;
use crate::keys::{TrustEntry, TrustStore};
use crate::manifest::{AnchorSet, TrustAnchors};
use crate::store::files;
use crate::store::trust_file::TrustFolder;

/// Everybody the user added.
pub(crate) fn load(app: &App) -> Result<TrustStore, Error> {
    let unreadable =
        |why: String| Error::new(Kind::Key, "trust.unreadable", "cannot read whom you trust").why(why);
    let files = TrustFolder::new(app.dirs.trust())
        .read_all()
        .map_err(|error| unreadable(error.to_string()))?;
    let mut entries = Vec::with_capacity(files.len());
    for (path, bytes) in files {
        let entry = std::str::from_utf8(&bytes)
            .map_err(|error| error.to_string())
            .and_then(|text| TrustEntry::parse(text).map_err(|error| error.to_string()));
        entries.push(entry.map_err(|why| unreadable(format!("`{}`: {why}", path.display())))?);
    }
    Ok(TrustStore::new(entries))
}

/// Anchors by the names the user knows them under, and those of `--trust` files.
///
/// A creator's root anchors claims and named identities alike; timestamps are anchored only by what was added for them. A `--trust`
/// file anchors all three.
pub(crate) fn anchors(trust: &TrustStore, extra: &[PathBuf]) -> Result<TrustAnchors, Error> {
    let mut anchors = TrustAnchors::default();
    for entry in trust.entries() {
        let set = |ders: &mut dyn Iterator<Item = &Vec<u8>>| AnchorSet {
            name: entry.name.to_string(),
            pem: ders.map(|der| certificate_text(der)).collect(),
        };
        let signers = set(&mut entry.anchors.iter().chain(&entry.certificates));
        anchors.c2pa.push(signers.clone());
        anchors.cawg.push(signers);
        anchors.tsa.push(set(&mut entry.timestamp_anchors.iter()));
    }
    for path in extra {
        let bytes = files::read(path, KEY_FILE_BYTES_MAX).map_err(|error| fault::read(path, &error))?;
        let pem = String::from_utf8(bytes).map_err(|_| {
            Error::new(
                Kind::Key,
                "trust.not-pem",
                format!("`{}` is not PEM text", path.display()),
            )
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
