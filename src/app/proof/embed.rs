//! Puts the receipt of an entry into the picture it is about, signed by the key that signed the picture.

use std::path::Path;
use std::sync::Arc;

use crate::app::{App, Error, Kind, fault, key, sign};
use crate::asset::Asset;
use crate::manifest::{ManifestEvidence, ManifestReader, ManifestSigner, Receipt, State};

/// The picture with the receipt in an update manifest. Its content digest is that of the picture before.
pub(super) fn embed(
    app: &App,
    (path, asset): (&Path, &Asset),
    name: Option<&str>,
    receipt: &Receipt<'_>,
) -> Result<Asset, Error> {
    let identity = Arc::new(key::open(app, name)?);
    let own = sign::own_anchors(&identity);
    let reader = ManifestReader::new(&own).map_err(|error| fault::trust(&error))?;
    let ManifestEvidence::Read(facts) = reader.read(asset, app.clock.now()) else {
        return Err(unsigned(path));
    };
    if facts.state == State::Invalid {
        return Err(broken(path));
    }
    let leaf = facts.signer.as_ref().and_then(|signer| signer.chain_der.first());
    if leaf != identity.chain_der().first() {
        return Err(others(path, identity.name()));
    }
    let signer = ManifestSigner::new(identity, &own, None).map_err(|error| fault::sign(path, &error))?;
    let updated = signer.add_receipt(asset, receipt);
    Ok(updated.map_err(|error| fault::sign(path, &error))?.asset)
}

fn unsigned(path: &Path) -> Error {
    let what = format!("cannot put a receipt into `{}`", path.display());
    Error::new(Kind::Input, "embed.unsigned", what)
        .why("it holds no manifest that a receipt could be added to")
        .fix("name the signed picture; or write the receipt beside it with --cose FILE")
}

fn broken(path: &Path) -> Error {
    let what = format!("will not put a receipt into `{}`", path.display());
    Error::new(Kind::Input, "embed.invalid", what)
        .why("what is signed in it does not hold")
        .fix("`byline verify` says what; name the picture as it was signed")
}

fn others(path: &Path, name: &str) -> Error {
    let what = format!(
        "will not put a receipt into `{}` with key `{name}`",
        path.display()
    );
    Error::new(Kind::Request, "embed.signer", what)
        .why("another certificate signed it; an update by yours would stand as its signer")
        .fix("name its key with --key NAME; or write the receipt beside it with --cose FILE")
}
