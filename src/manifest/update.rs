//! Update manifests: what a signer adds to a signed picture later without touching it. byline adds the receipt of a ledger, which
//! cannot stand in the manifest that the ledger's entry names.
//!
//! ```text
//! c2pa.repository-receipt, JSON:
//!   repository  uri: the log's origin; manifestId: the manifest that was registered
//!   anchor      uri: the form of the proof; proof: the entry with its COSE receipt (RFC 9942), base64
//! ```
//!
//! Such a manifest states nothing of the picture itself. Where the same certificate signed it and the manifest below, what that one
//! states stands; an update by somebody else is never read so: anyone can put one on any signed picture.
//!
//! Source: C2PA 2.4, 11.2 (update manifests), 18 (repository receipt).

use std::io::Cursor;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use c2pa::{Builder, BuilderIntent, Context, Manifest, Reader, Relationship, ValidationState};
use serde_json::{Value, json};

use super::roles::Signs;
use super::sign::{ManifestSigner, SignError, Signed, SignedAsset};
use super::store::Active;
use super::{SPEC_VERSION, contents, cost, read_back, shape};
use crate::asset::{Asset, Format, StorePlace};

/// What a ledger gives for a picture.
#[derive(Clone, Copy, Debug)]
pub struct Receipt<'a> {
    /// The log's origin.
    pub origin: &'a str,
    /// The entry with its COSE receipt, as bytes.
    pub statement: &'a [u8],
}

impl ManifestSigner {
    /// Puts a receipt into a signed picture, in an update manifest on top of the manifest that is there. Every byte outside the
    /// store stays.
    ///
    /// # Errors
    /// [`SignError::NoUpdate`] for a picture without manifest and for formats in which a longer store changes bytes that are signed.
    pub fn add_receipt(&self, asset: &Asset, receipt: &Receipt<'_>) -> Result<SignedAsset, SignError> {
        let no = |why| SignError::NoUpdate { why };
        let StorePlace::Found { jumbf, .. } = &asset.layout().store else {
            return Err(no("there is no manifest in it to add to"));
        };
        if !matches!(asset.format(), Format::Jpeg | Format::Png) {
            return Err(no(
                "only JPEG and PNG can take a longer manifest store without other bytes changing",
            ));
        }
        cost::check(asset)?;
        let below = Active::parse(jumbf).map_err(read_back::Fault::Store)?;
        let definition = json!({
            "claim_version": 2,
            "claim_generator_info": [generator()],
            "format": asset.format().mime(),
            "assertions": [{
                "label": LABEL,
                "kind": "Json",
                "created": true,
                "data": {
                    "repository": {"uri": receipt.origin, "manifestId": below.label},
                    "anchor": {"uri": FORM, "proof": BASE64.encode(receipt.statement)},
                },
            }],
        });
        let context = self.context(Signs::Update)?;
        let mut builder = Builder::from_shared_context(&context)
            .with_definition(definition)
            .map_err(SignError::Sdk)?;
        builder.set_intent(BuilderIntent::Update);
        let signer = context.signer().map_err(SignError::Sdk)?;
        let mut written = Cursor::new(Vec::with_capacity(asset.bytes().len()));
        let mime = asset.format().mime();
        let made = builder.sign(signer, mime, &mut Cursor::new(asset.bytes()), &mut written);
        let store = made.map_err(SignError::Sdk)?;
        drop(written);
        let bare = asset.without_store()?;
        let embedded = bare.embed_store(&store)?;
        let jumbf = store;
        let updated = self.finish(Signed { embedded, jumbf }, &bare)?;
        validate(&context, &updated.asset)?;
        Ok(updated)
    }
}

/// The SDK's whole validation, the hard binding of the manifest below included.
fn validate(context: &Arc<Context>, asset: &Asset) -> Result<(), SignError> {
    let reader = Reader::from_shared_context(context)
        .with_stream(asset.format().mime(), Cursor::new(asset.bytes()))
        .map_err(SignError::Sdk)?;
    if reader.validation_state() == ValidationState::Invalid {
        return Err(SignError::ReadBack(read_back::Fault::Invalid));
    }
    Ok(())
}

fn generator() -> Value {
    json!({"name": "byline", "version": env!("CARGO_PKG_VERSION"), "specVersion": SPEC_VERSION})
}

/// The manifest whose words stand under an update manifest by the same certificate, and our own look at its bytes.
///
/// The SDK compares the manifest below with the hash that the update states of it; here its signature and the hashes of its
/// assertions are checked too.
pub(super) fn below<'r, 'a>(reader: &'r Reader, top: &Active<'a>) -> Option<(&'r Manifest, Active<'a>)> {
    let signer = leaf(reader.active_manifest()?)?;
    down(reader, top, |manifest, own| {
        read_back::signature_holds(own)
            && shape::all_linked(own).unwrap_or(false)
            && leaf(manifest).as_ref() == Some(&signer)
    })
}

/// The manifest whose hard binding counts under an update manifest, whoever signed them.
pub(super) fn bound<'a>(reader: &Reader, top: &Active<'a>) -> Option<Active<'a>> {
    down(reader, top, |_, _| true).map(|(_, own)| own)
}

/// The first manifest under an update that is none, if all on the way fit.
fn down<'r, 'a>(
    reader: &'r Reader,
    top: &Active<'a>,
    fits: impl Fn(&Manifest, &Active<'a>) -> bool,
) -> Option<(&'r Manifest, Active<'a>)> {
    if !top.is_update {
        return None;
    }
    let mut manifest = reader.active_manifest()?;
    for _ in &top.manifest_labels {
        let [parent] = manifest.ingredients() else {
            return None;
        };
        if *parent.relationship() != Relationship::ParentOf {
            return None;
        }
        let label = parent.active_manifest()?;
        manifest = reader.get_manifest(label)?;
        let own = Active::labelled(top.store(), label).ok()?;
        if !fits(manifest, &own) {
            return None;
        }
        if !own.is_update {
            return Some((manifest, own));
        }
    }
    None
}

/// The certificate that signed a manifest, DER.
fn leaf(manifest: &Manifest) -> Option<Vec<u8>> {
    let info = manifest.signature_info()?;
    contents::certificates(info.cert_chain()).into_iter().next()
}

/// The proof in a manifest's repository receipt; nothing of it is checked here.
pub(super) fn receipt(own: &Active<'_>) -> Option<Vec<u8>> {
    let assertion = own.find(|label| label == LABEL)?;
    let value: Value = serde_json::from_slice(own.payload(assertion, *b"json")?).ok()?;
    let text = value["anchor"]["proof"].as_str()?;
    if text.len() > PROOF_TEXT_MAX {
        return None;
    }
    BASE64.decode(text).ok()
}

const LABEL: &str = "c2pa.repository-receipt";
/// The form of the proof: a SCITT transparent statement.
const FORM: &str = "https://www.rfc-editor.org/rfc/rfc9943";
/// Longest proof read, characters: a statement of eight receipts fits.
const PROOF_TEXT_MAX: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::super::coverage::HardBinding;
    use super::super::facts::{Binding, Chain};
    use super::super::judge::complete;
    use super::super::samples::{claim, drawn, identity, now, reader, signer};
    use super::super::{ManifestEvidence, ManifestFacts};
    use super::*;
    use crate::base::SourceType;

    const RECEIPT: Receipt<'_> = Receipt {
        origin: "studio.example",
        statement: b"statement",
    };

    fn facts(asset: &Asset, by: u8) -> ManifestFacts {
        let asset = Asset::parse(asset.bytes().to_vec()).unwrap();
        match reader(Some(&identity(by))).read(&asset, now()) {
            ManifestEvidence::Read(facts) => *facts,
            other => panic!("{other:?}"),
        }
    }

    fn signed(format: image::ImageFormat) -> Asset {
        let claim = claim(SourceType::DigitalCapture);
        signer(&identity(1)).sign(&drawn(format), &claim).unwrap().asset
    }

    #[test]
    fn what_its_own_signer_said_stands_under_an_update() {
        for format in [image::ImageFormat::Jpeg, image::ImageFormat::Png] {
            let before = signed(format);
            let mut after = Asset::parse(before.bytes().to_vec()).unwrap();
            for updates in 1..3 {
                after = signer(&identity(1)).add_receipt(&after, &RECEIPT).unwrap().asset;
                let (was, is) = (facts(&before, 1), facts(&after, 1));
                assert_eq!(is.binding, Binding::Match);
                assert_eq!(is.content_digest, Some(before.content_digest()));
                assert!(matches!(is.chain, Chain::Anchored { .. }));
                assert_eq!(is.active.receipt.as_deref(), Some(RECEIPT.statement));
                assert_eq!(is.active.manifests, was.active.manifests + updates);
                assert_eq!(is.active.actions.len(), was.active.actions.len());
                assert_eq!(is.active.metadata, was.active.metadata);
                assert_eq!(is.identities.len(), was.identities.len());
                assert!(is.identities.iter().all(|one| one.holds));
            }
        }
    }

    /// Anybody can put an update on a signed picture; then nothing of what was said before is read as theirs.
    #[test]
    fn a_strangers_update_says_nothing_of_the_picture() {
        let before = signed(image::ImageFormat::Jpeg);
        let after = signer(&identity(2)).add_receipt(&before, &RECEIPT).unwrap().asset;
        let is = facts(&after, 2);
        assert_eq!(is.binding, Binding::Match);
        assert!(is.active.metadata.is_none() && is.identities.is_empty());
        assert!(is.active.actions.iter().all(|one| one.source_type.is_none()));
        assert_eq!(facts(&after, 1).chain, Chain::Unlisted);
    }

    /// Whoever signed what stands under an update: what it leaves out of its hash, an update does not put in.
    #[test]
    fn what_is_bound_under_an_update_is_looked_at() {
        let before = signed(image::ImageFormat::Jpeg);
        let after = signer(&identity(2)).add_receipt(&before, &RECEIPT).unwrap().asset;
        let is = facts(&after, 2);
        assert!(matches!(
            is.coverage.binding,
            HardBinding::Data { exact: true, .. }
        ));
        // The store as the SDK gives it out, of which the manifest below is not found.
        let StorePlace::Found { jumbf, .. } = &after.layout().store else {
            panic!()
        };
        let top = Active::parse(jumbf).unwrap();
        let none = HardBinding::None;
        assert_eq!(
            complete(Binding::Match, &after, &none, Some(&top)),
            Binding::Incomplete
        );
    }

    #[test]
    fn what_cannot_grow_or_holds_nothing_takes_no_receipt() {
        let refused = |asset: &Asset| signer(&identity(1)).add_receipt(asset, &RECEIPT).unwrap_err();
        let bare = drawn(image::ImageFormat::Jpeg);
        assert!(matches!(refused(&bare), SignError::NoUpdate { .. }));
        assert!(matches!(
            refused(&signed(image::ImageFormat::WebP)),
            SignError::NoUpdate { .. }
        ));
    }
}
