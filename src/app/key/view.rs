//! Lists and shows keys; asks for no passphrase.

use super::open::public_file;
use super::{fault, key_folder};
use crate::app::{App, Error};
use crate::keys::{KeyId, LocalName};
use crate::report::key::{KeyDeed, KeyReport, KeyView};
use crate::store::Beside;
use crate::store::keyfile::SecretForm;

pub(super) const SCHEMA: &str = "key-report.v1";

/// Every key.
pub fn list(app: &App) -> Result<KeyReport, Error> {
    let names = key_folder(app)
        .names()
        .map_err(|error| fault::key_file("*", &error))?;
    let mut notes = Vec::new();
    let keys = names.iter().map(|name| {
        of(app, name).unwrap_or_else(|error| {
            notes.push(format!("{name}: {}", error.why.unwrap_or(error.what)));
            unreadable(app, name)
        })
    });
    let keys = keys.collect::<Vec<_>>();
    let lost = key_folder(app)
        .lost()
        .map_err(|error| fault::key_file("*", &error))?;
    for name in &lost {
        notes.push(format!(
            "{name}: its secret is not here, what belongs to it is; `byline key show {name}` says what can be done"
        ));
    }
    if keys.is_empty() && lost.is_empty() {
        notes.push("there is no key yet; `byline key new` makes one".to_owned());
    }
    Ok(KeyReport {
        schema: SCHEMA,
        done: KeyDeed::Listed,
        keys,
        written: None,
        text: None,
        recorded: Vec::new(),
        notes,
    })
}

/// One key.
pub fn show(app: &App, name: &str) -> Result<KeyReport, Error> {
    let name = LocalName::parse(name).map_err(|error| fault::name(name, &error))?;
    let keys = vec![of(app, name.as_str())?];
    Ok(KeyReport {
        schema: SCHEMA,
        done: KeyDeed::Shown,
        keys,
        written: None,
        text: None,
        recorded: Vec::new(),
        notes: Vec::new(),
    })
}

/// The name under which a key lies here; keys that cannot be read have none.
pub(super) fn named(app: &App, id: &KeyId) -> Result<Option<String>, Error> {
    let names = key_folder(app)
        .names()
        .map_err(|error| fault::key_file("*", &error))?;
    let is_it = |name: &String| {
        let public = public_file(app, name).ok().flatten();
        public.is_some_and(|public| public.key_id() == *id)
    };
    Ok(names.into_iter().find(is_it))
}

/// One key, as its public file says.
pub(super) fn of(app: &App, name: &str) -> Result<KeyView, Error> {
    let folder = key_folder(app);
    if folder.form(name).is_none() {
        return Err(fault::key_file(name, &folder.absent(name)));
    }
    let Some(public) = public_file(app, name)? else {
        return Ok(unreadable(app, name));
    };
    let now = app.clock.now();
    let validity = public.leaf.validity;
    let state = if now > validity.not_after {
        "expired"
    } else if now < validity.not_before {
        "not-yet-valid"
    } else {
        "valid"
    };
    Ok(KeyView {
        says: public.leaf.subject_cn.clone(),
        organization: public.leaf.subject_o.clone(),
        email: public.leaf.email.clone(),
        algorithm: Some(public.algorithm.name().to_owned()),
        key_id: Some(public.key_id().hex()),
        certificate_id: Some(public.leaf.sha256.hex()),
        made: Some(if public.root.is_some() { "self" } else { "ca" }.to_owned()),
        valid_from: Some(validity.not_before.rfc3339()),
        valid_until: Some(validity.not_after.rfc3339()),
        state: state.to_owned(),
        ..unreadable(app, name)
    })
}

fn unreadable(app: &App, name: &str) -> KeyView {
    let folder = key_folder(app);
    let protection = match folder.form(name) {
        Some(SecretForm::Unencrypted) => "none",
        _ => "passphrase",
    };
    KeyView {
        name: name.to_owned(),
        says: None,
        organization: None,
        email: None,
        algorithm: None,
        key_id: None,
        certificate_id: None,
        made: None,
        protection: protection.to_owned(),
        next: folder.has_beside(name, Beside::Next) || folder.has_beside(name, Beside::NewNext),
        retired: u64::try_from(folder.retired(name)).unwrap_or(u64::MAX),
        valid_from: None,
        valid_until: None,
        state: "unreadable".to_owned(),
    }
}
