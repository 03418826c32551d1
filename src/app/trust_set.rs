//! Whom the user trusts, as anchors for the manifest reader.

use std::path::PathBuf;

use super::{Error, Kind, fault};
use crate::base::limits::KEY_FILE_BYTES_MAX;
use crate::keys::pem::{certificate_text, certificates};
use crate::keys::{ListKind, TrustList, TrustStore};
use crate::manifest::{AnchorList, AnchorSet, Purpose, TrustAnchors};
use crate::store::pipe;

/// Anchors by the names the user knows them under, and those of `--trust` files.
///
/// A creator's root anchors claims and named identities alike; timestamps are anchored only by what was added for them. A `--trust`
/// file anchors all three. The lists of others stand beside them, for claims or for time alone.
pub(crate) fn anchors(
    trust: &TrustStore,
    lists: Vec<TrustList>,
    extra: &[PathBuf],
) -> Result<TrustAnchors, Error> {
    let mut anchors = TrustAnchors {
        lists: lists.into_iter().map(of_list).collect(),
        ..TrustAnchors::default()
    };
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
        let bytes = pipe::read(path, KEY_FILE_BYTES_MAX).map_err(|error| Error {
            fix: Some("give a file with certificates in PEM, a pipe, or - for standard input".to_owned()),
            ..fault::read(path, &error)
        })?;
        let pem = String::from_utf8(bytes).map_err(|_| {
            Error::new(
                Kind::Key,
                "trust.not-pem",
                format!("`{}` is not PEM text", path.display()),
            )
            .fix("convert it with: openssl x509 -inform der -in FILE -out FILE.pem")
        })?;
        if let Err(error) = certificates(&pem) {
            let what = format!("`{}` holds no certificate to trust", path.display());
            return Err(Error::new(Kind::Key, "trust.not-pem", what)
                .why(error.to_string())
                .fix("give a file with certificates in PEM; the holder of a byline key makes one with `byline key export NAME --root`"));
        }
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

fn of_list(list: TrustList) -> AnchorList {
    AnchorList {
        says: list.says(),
        purpose: match list.kind {
            ListKind::C2pa | ListKind::Interim => Purpose::Authorities,
            ListKind::InterimLeaves => Purpose::Signers,
            ListKind::Tsa => Purpose::Time,
        },
        usages: list.kind.usages(),
        certificates: list.certificates,
    }
}
