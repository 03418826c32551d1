//! The record of a signed parent: what was found when it was opened, also what the SDK leaves out of it.
//!
//! An expired certificate below the parent was valid when somebody took that picture in and said so, so the SDK passes over it. Other
//! validators do not: what they find and the record does not hold is news to them, and makes them call the new manifest invalid.

use c2pa::validation_results::{IngredientDeltaValidationResult, StatusCodes, ValidationResults};
use c2pa::validation_status::ValidationStatus;
use c2pa::{Context, Ingredient, Manifest, Reader};
use serde_json::Value;
use std::io::Cursor;
use std::sync::Arc;

use super::contents;
use super::sign::SignError;
use crate::asset::Asset;
use crate::base::Timestamp;
use crate::keys::LeafInfo;

/// Records which certificates below a parent have expired, as of a time.
pub(super) fn record_expired(
    ingredient: &mut Ingredient,
    parent: &Asset,
    context: &Arc<Context>,
    now: Timestamp,
) -> Result<(), SignError> {
    let Some(results) = ingredient.validation_results() else {
        return Ok(());
    };
    if results.ingredient_deltas().is_none_or(Vec::is_empty) {
        return Ok(());
    }
    let reader = Reader::from_shared_context(context)
        .with_stream(parent.format().mime(), Cursor::new(parent.bytes()))
        .map_err(SignError::Sdk)?;
    let found = unrecorded(&reader, results, now);
    if found.is_empty() {
        return Ok(());
    }
    let results = found.into_iter().fold(results.clone(), with_expired);
    replace(ingredient, &results).map_err(|error| SignError::Sdk(c2pa::Error::JsonError(error)))
}

/// A certificate that has expired below the parent.
struct Expired {
    /// The ingredient assertion that took its manifest in.
    assertion: String,
    /// The signature.
    signature: String,
}

/// Expired certificates of manifests below the parent that no record speaks of.
fn unrecorded(reader: &Reader, results: &ValidationResults, now: Timestamp) -> Vec<Expired> {
    let mut manifests: Vec<&Manifest> = reader.iter_manifests().collect();
    manifests.sort_by_key(|manifest| manifest.label());
    let recorded: Vec<&ValidationResults> = manifests
        .iter()
        .flat_map(|manifest| manifest.ingredients())
        .filter_map(Ingredient::validation_results)
        .chain([results])
        .collect();
    let mut out: Vec<Expired> = Vec::new();
    for manifest in &manifests {
        for ingredient in manifest.ingredients() {
            let taken_in = ingredient
                .active_manifest()
                .and_then(|label| reader.get_manifest(label));
            let (Some(own), Some(label)) = (taken_in, ingredient.label()) else {
                continue;
            };
            let Some(signature) = uri(own, "c2pa.signature").filter(|_| is_expired(own, now)) else {
                continue;
            };
            let known = out.iter().any(|one| one.signature == signature)
                || recorded.iter().any(|results| names_expired(results, &signature));
            if let (false, Some(assertion)) = (known, uri(manifest, &format!("c2pa.assertions/{label}"))) {
                out.push(Expired { assertion, signature });
            }
        }
    }
    out
}

/// Whether a manifest's certificate was not valid when it was signed, as far as somebody vouches for that time, else now.
fn is_expired(manifest: &Manifest, now: Timestamp) -> bool {
    let Some(info) = manifest.signature_info() else {
        return false;
    };
    let at = info
        .time
        .as_deref()
        .and_then(Timestamp::parse_rfc3339)
        .unwrap_or(now);
    let chain = contents::certificates(info.cert_chain());
    let leaf = chain.first().and_then(|der| LeafInfo::parse(der).ok());
    leaf.is_some_and(|leaf| !leaf.validity.contains(at))
}

fn uri(manifest: &Manifest, place: &str) -> Option<String> {
    Some(format!("self#jumbf=/c2pa/{}/{place}", manifest.label()?))
}

fn names_expired(results: &ValidationResults, signature: &str) -> bool {
    let own = results.active_manifest().into_iter();
    let deltas = results.ingredient_deltas().into_iter().flatten();
    own.chain(deltas.map(IngredientDeltaValidationResult::validation_deltas))
        .flat_map(StatusCodes::failure)
        .any(|one| one.code() == EXPIRED && one.url() == Some(signature))
}

fn with_expired(mut results: ValidationResults, expired: Expired) -> ValidationResults {
    let status = serde_json::from_value::<ValidationStatus>(serde_json::json!({
        "code": EXPIRED,
        "url": expired.signature,
        "explanation": "certificate expired"
    }));
    if let Ok(status) = status {
        let status = status
            .set_kind(c2pa::status_tracker::LogKind::Failure)
            .set_ingredient_uri(expired.assertion);
        results.add_status(status);
    }
    results
}

/// Puts results in the place of those in an ingredient; its bytes stay.
fn replace(ingredient: &mut Ingredient, results: &ValidationResults) -> Result<(), serde_json::Error> {
    let mut json = serde_json::to_value(&*ingredient)?;
    if let Value::Object(map) = &mut json {
        map.insert("validation_results".to_owned(), serde_json::to_value(results)?);
    }
    let resources = ingredient.resources().clone();
    *ingredient = serde_json::from_value(json)?;
    *ingredient.resources_mut() = resources;
    Ok(())
}

const EXPIRED: &str = c2pa::validation_status::SIGNING_CREDENTIAL_EXPIRED;
