//! Trust somebody by a certificate that stands in a picture: only one whose fingerprint was had over another way.

use std::path::{Path, PathBuf};

use super::{AddTrust, Error, Kind, entry_name, keep};
use crate::app::{App, fault};
use crate::asset::Asset;
use crate::base::Digest;
use crate::base::limits::FILE_BYTES_MAX;
use crate::keys::LeafInfo;
use crate::keys::trust::TrustEntry;
use crate::manifest::{ManifestEvidence, ManifestReader, TrustAnchors};
use crate::report::trust::TrustReport;
use crate::store::files;

/// Trust the holder of a certificate in a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddFromPicture {
    /// The picture.
    pub picture: PathBuf,
    /// SHA-256 of the certificate, as its holder gave it; whoever gives none is told what there is.
    pub sha256: Option<Digest>,
    /// What to call it; made from the certificate when absent.
    pub name: Option<String>,
    /// Take one of its time stamp's certificates, and believe the timestamps of those it certifies, and nothing else.
    pub timestamps: bool,
}

/// The certificates in a picture, DER, each once.
struct Carried {
    /// Of its signature, then of its named identities.
    signers: Vec<Vec<u8>>,
    /// Of its time stamp, the authority's own first.
    stamp: Vec<Vec<u8>>,
}

/// Adds a certificate of those that a picture's signature, its named identities or its time stamp carry.
///
/// # Errors
/// [`Kind::Request`] without a fingerprint, [`Kind::Input`] where no certificate of that kind in the picture has it.
pub fn add_from(app: &App, request: &AddFromPicture) -> Result<TrustReport, Error> {
    let path = &request.picture;
    let carried = certificates(app, path)?;
    let (found, others) = if request.timestamps {
        (&carried.stamp, &carried.signers)
    } else {
        (&carried.signers, &carried.stamp)
    };
    let Some(wanted) = request.sha256 else {
        let what = "a certificate is trusted by its fingerprint, not because a picture holds it";
        return Err(Error::new(Kind::Request, "trust.fingerprint", what)
            .why(format!("`{}` holds {}", path.display(), carried.told()))
            .fix("ask its holder for the fingerprint, over another way than the picture came; then give it with --sha256, and with --timestamps one of the timestamp's"));
    };
    let Some(der) = found.iter().find(|der| Digest::of(der) == wanted) else {
        let what = format!("no certificate in `{}` has this fingerprint", path.display());
        let error = Error::new(Kind::Input, "trust.other-certificate", what)
            .why(format!("it holds {}", carried.told()));
        let is_other = others.iter().any(|der| Digest::of(der) == wanted);
        return Err(error.fix(match (is_other, request.timestamps) {
            (true, true) => "that one signed the picture: without --timestamps it is trusted as a signer's",
            (true, false) => "that one is the timestamp's: give --timestamps too, and it is believed for time alone",
            (false, true) => "the timestamp is not by an authority below the certificate whose fingerprint you were given",
            (false, false) => "the picture is not signed with the certificate whose fingerprint you were given: ask its holder",
        }));
    };
    let says = LeafInfo::parse(der)
        .ok()
        .and_then(|info| info.display_name().cloned());
    let named = AddTrust {
        file: path.clone(),
        name: request.name.clone(),
        timestamps: request.timestamps,
    };
    let name = entry_name(&named, says.as_ref().map_or("", |says| says.raw()))?;
    let entry = TrustEntry::from_certificates(name, vec![der.clone()], app.clock.now()).map_err(|error| {
        let what = format!("cannot trust the certificate in `{}`", path.display());
        Error::new(Kind::Input, "trust.certificate", what).why(error.to_string())
    })?;
    let entry = if request.timestamps {
        entry.for_timestamps()
    } else {
        entry
    };
    keep(app, path, entry)
}

impl Carried {
    /// All of them, in a few words each.
    fn told(&self) -> String {
        let list = |ders: &[Vec<u8>]| ders.iter().map(|der| told(der)).collect::<Vec<_>>().join("; ");
        let signers = format!("the signer's first: {}", list(&self.signers));
        if self.stamp.is_empty() {
            return signers;
        }
        format!(
            "{signers}; and of its timestamp, the authority's own first: {}",
            list(&self.stamp)
        )
    }
}

/// The certificates that a picture carries.
fn certificates(app: &App, path: &Path) -> Result<Carried, Error> {
    let bytes = files::read(path, FILE_BYTES_MAX).map_err(|error| fault::read(path, &error))?;
    let asset = Asset::parse(bytes).map_err(|error| fault::asset(path, &error))?;
    let reader = ManifestReader::new(&TrustAnchors::default()).map_err(|error| fault::trust(&error))?;
    let mut found: Vec<Vec<u8>> = Vec::new();
    let mut stamp = Vec::new();
    if let ManifestEvidence::Read(facts) = reader.read(&asset, app.clock.now()) {
        let signer = facts.signer.iter().flat_map(|signer| &signer.chain_der);
        let named = facts.identities.iter().flat_map(|one| &one.chain_der);
        for der in signer.chain(named) {
            if !found.contains(der) {
                found.push(der.clone());
            }
        }
        stamp = facts.stamp_chain;
    }
    if found.is_empty() {
        let what = format!("`{}` holds no certificate of a signer", path.display());
        return Err(Error::new(Kind::Input, "trust.no-certificate", what)
            .why("it holds no manifest, or one that cannot be read")
            .fix("ask whoever signed it for their certificate in PEM: byline trust add FILE"));
    }
    Ok(Carried {
        signers: found,
        stamp,
    })
}

/// A certificate in a few words: its fingerprint, and whom it names.
fn told(der: &[u8]) -> String {
    let info = LeafInfo::parse(der).ok();
    let name = info.as_ref().and_then(LeafInfo::display_name);
    let name = name.map_or_else(|| "no name".to_owned(), |name| format!("{:?}", name.raw()));
    format!("{} of {name}", Digest::of(der).hex())
}
