//! The one form in which byline lays out a manifest store, so that of its own files no byte is left unlooked at.
//!
//! A claim's hashes cover assertions; its signature covers the claim. What frames them (box headers, type UUIDs, toggles, labels, the
//! null where a payload would be) nothing covers, and the SDK reads past it. A store made here is therefore written anew from what is
//! signed and compared byte for byte.
//!
//! ```text
//! store      "c2pa"              the manifests of pictures it was made from, as found, then
//! manifest   label of the claim  assertion store | claim | signature, in this order
//! ```
//! Source: C2PA 2.4, 11.1 (labels and type UUIDs); ISO/IEC 19566-5, B.3 (description box).

use std::borrow::Cow;

use ciborium::Value;

use super::jumbf::Tree;
use super::store::{Active, StoreError, decode, text};

/// Bytes in pieces, in order: a store is compared with what it should be without being copied.
type Pieces<'a> = Vec<Cow<'a, [u8]>>;

/// Whether the store is, to the byte, what byline writes around the claim and signature in it.
pub(super) fn is_ours(active: &Active<'_>) -> Result<bool, StoreError> {
    let tree = &active.tree;
    let Some((last, _)) = tree.manifests().last() else {
        return Ok(false);
    };
    let Some(manifest) = manifest(tree, last, active) else {
        return Ok(false);
    };
    let mut manifests = raw(tree, active, 0, Some(last));
    manifests.extend(manifest);
    let whole = superbox(*b"c2pa", "c2pa", manifests);
    let stands = active.store().get(..tree.end());
    Ok(stands.is_some_and(|stands| is_same(&whole, stands))
        && all_linked(active)?
        && is_ours_below(tree, active)?)
}

/// Whether what stands below an update, which the SDK reads past as well, has that form too, as far as byline wrote it. An update
/// follows in the store what it is on.
fn is_ours_below(tree: &Tree, top: &Active<'_>) -> Result<bool, StoreError> {
    let mut is_update = top.is_update;
    for (index, found) in tree.manifests().collect::<Vec<_>>().into_iter().rev().skip(1) {
        if !is_update {
            return Ok(true);
        }
        let below = Active::labelled(top.store(), &found.label)?;
        if !below.is_by_byline() {
            return Ok(true);
        }
        let written = manifest(tree, index, &below);
        let stands = boxed(*b"jumb", vec![top.bytes(&found.body).into()]).concat();
        if !written.is_some_and(|written| is_same(&written, &stands)) || !all_linked(&below)? {
            return Ok(false);
        }
        is_update = below.is_update;
    }
    Ok(!is_update)
}

/// The boxes in a box, as found, but for one.
fn raw<'a>(tree: &Tree, active: &'a Active<'_>, parent: usize, all_but: Option<usize>) -> Pieces<'a> {
    let kept = tree.children(parent).filter(|(index, _)| Some(*index) != all_but);
    kept.flat_map(|(_, one)| boxed(*b"jumb", vec![active.bytes(&one.body).into()]))
        .collect()
}

/// The manifest at an index of the tree as byline writes it.
fn manifest<'a>(tree: &Tree, index: usize, active: &'a Active<'_>) -> Option<Pieces<'a>> {
    let (label, signature) = (signed_label(active)?, again(active)?);
    let (assertions, _) = tree.child(index, |label| label == "c2pa.assertions")?;
    let inside = [
        superbox(*b"c2as", "c2pa.assertions", raw(tree, active, assertions, None)),
        superbox(
            *b"c2cl",
            "c2pa.claim.v2",
            boxed(*b"cbor", vec![active.claim.into()]),
        ),
        superbox(
            *b"c2cs",
            "c2pa.signature",
            boxed(*b"cbor", vec![signature.into()]),
        ),
    ];
    let kind = if active.is_update { *b"c2um" } else { *b"c2ma" };
    Some(superbox(kind, &label, inside.concat()))
}

/// Whether the claim names every assertion once, by the hash of its bytes as they stand.
pub(super) fn all_linked(active: &Active<'_>) -> Result<bool, StoreError> {
    let links = active.links()?;
    let each_holds = active
        .assertions
        .iter()
        .all(|assertion| active.link_holds(&links, assertion) == Some(true));
    Ok(each_holds && links.len() == active.assertions.len())
}

/// Whether the manifest has the label that the claim gives it.
pub(super) fn is_named_as_claimed(active: &Active<'_>) -> bool {
    signed_label(active).is_some_and(|label| label == active.label)
}

/// The manifest's label as the claim says it: it names its signature by the full path.
fn signed_label(active: &Active<'_>) -> Option<String> {
    let path = text(active.said()?, "signature")?.strip_prefix("self#jumbf=/c2pa/")?;
    Some(path.strip_suffix("/c2pa.signature")?.to_owned())
}

/// A COSE_Sign1 in the shortest form; `None` where its padding is not of bytes, for zeros have other forms too.
fn again(active: &Active<'_>) -> Option<Vec<u8>> {
    let value: Value = decode(active.signature)?;
    let unprotected = &active.cose().ok()?.unprotected;
    let is_pad = |key: &Value| matches!(key.as_text(), Some("pad" | "pad2"));
    if unprotected
        .iter()
        .any(|(key, value)| is_pad(key) && !value.is_bytes())
    {
        return None;
    }
    let mut out = Vec::with_capacity(active.signature.len());
    ciborium::into_writer(&value, &mut out).ok()?;
    Some(out)
}

fn superbox<'a>(kind: [u8; 4], label: &str, inside: Pieces<'a>) -> Pieces<'a> {
    let described = [&kind[..], &UUID_REST, &[REQUESTABLE], label.as_bytes(), &[0]].concat();
    let mut parts = boxed(*b"jumd", vec![described.into()]);
    parts.extend(inside);
    boxed(*b"jumb", parts)
}

fn boxed(kind: [u8; 4], mut parts: Pieces<'_>) -> Pieces<'_> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    // Longer stores than the bound are refused before; a false length here would only compare unequal.
    let length = u32::try_from(length.saturating_add(8)).unwrap_or(u32::MAX);
    let head = [length.to_be_bytes(), kind].concat();
    parts.insert(0, head.into());
    parts
}

/// Whether pieces, one after the other, are these bytes and no more.
fn is_same(pieces: &Pieces<'_>, bytes: &[u8]) -> bool {
    let left = pieces
        .iter()
        .try_fold(bytes, |left, piece| left.strip_prefix(piece.as_ref()));
    left.is_some_and(<[u8]>::is_empty)
}

/// What follows the four letters in every type UUID of C2PA.
const UUID_REST: [u8; 12] = *b"\x00\x11\x00\x10\x80\x00\x00\xAA\x00\x38\x9B\x71";
/// Toggles: the box may be asked for, and has a label.
const REQUESTABLE: u8 = 0b11;
