//! Temporary.
use super::{App, Ask, Error, Kind};
use crate::keys::{Identity, LocalName, Passphrase, container};
use crate::store::keyfile::KeyFolder;

pub(crate) fn open(app: &App, name: Option<&str>) -> Result<Identity, Error> {
    let folder = KeyFolder::new(app.dirs.keys());
    let fail = |why: String| Error::new(Kind::Key, "key.unusable", "cannot use the key").why(why);
    let names = folder.names().map_err(|e| fail(e.to_string()))?;
    let name = match (name, names.as_slice()) {
        (Some(name), _) => name.to_owned(),
        (None, [one]) => one.clone(),
        _ => return Err(fail("say which with --key".into())),
    };
    let local = LocalName::parse(&name).map_err(|e| fail(e.to_string()))?;
    let stored = folder.read(&name).map_err(|e| fail(e.to_string()))?;
    let text = if container::is_container(&stored.bytes) {
        let pass = Passphrase::new(app.passphrases.passphrase(&Ask::Open(name))?)
            .ok_or_else(|| fail("empty".into()))?;
        container::open(&stored.bytes, &pass).map_err(|e| fail(e.to_string()))?
    } else {
        zeroize::Zeroizing::new(String::from_utf8_lossy(&stored.bytes).into_owned())
    };
    Identity::from_secret_text(&local, &text).map_err(|e| fail(e.to_string()))
}
