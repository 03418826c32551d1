//! Signing from memory to memory: the manifest is made by the SDK, put in by our own container writers where we have them, and read
//! back before it counts.
//!
//! JPEG, PNG and WebP: a manifest of the final size is laid out, its place found, the rest of the file hashed (once, shared with the
//! ledger's content digest), and the signed store put in. Other formats: the SDK writes the file.

use std::io::Cursor;
use std::ops::Range;
use std::sync::Arc;

use c2pa::assertions::DataHash;
use c2pa::crypto::cose::{
    CertificateProfileError, CertificateTrustPolicy, check_end_entity_certificate_profile,
};
use c2pa::status_tracker::{ErrorBehavior, StatusTracker};
use c2pa::{Builder, Context, HashRange, Reader, ValidationState};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::claim::Claim;
use super::cost::{self, TooCostly};
use super::parent::record_expired;
use super::plan::{PARENT_ID, Plan, iscc_seq};
use super::read_back;
use super::roles::{Roles, Signs};
use super::signer::{ClaimSigner, Keys, Room, TimestampError, TimestampSource};
use super::stamp::{Authorities, Stamp};
use super::store_size::StoreSize;
use super::trust::{TrustAnchors, USAGES};
use crate::asset::{Asset, AssetError, Embedded, Format, StorePlace};
use crate::base::statement::Role;
use crate::base::{Digest, Hasher, Timestamp};
use crate::keys::Identity;

/// A signed picture, read back: the store is where it was put, the hard binding covers every other byte, the signature is good.
#[derive(Debug)]
pub struct SignedAsset {
    /// The file.
    pub asset: Asset,
    /// SHA-256 of the store's JUMBF bytes.
    pub manifest_digest: Digest,
    /// URN of the new manifest.
    pub manifest_label: String,
    /// What the time stamp says, where one was asked for; whether its authority is trusted is the reader's question.
    pub timestamp: Option<Timestamp>,
}

/// Why a picture could not be signed. Nothing is lost: the input is only read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The container could not take or give up a manifest store.
    #[error(transparent)]
    Asset(#[from] AssetError),
    /// The certificate cannot sign claims, or not at this time.
    #[error("the certificate is not one that may sign claims now")]
    Certificate,
    /// The certificate is not valid at the time of the claim, or by the clock of this machine, which the SDK asks.
    #[error("a certificate of the chain is not valid at the time of signing")]
    CertificateTime,
    /// The picture cannot take an update manifest.
    #[error("it cannot take an update manifest: {why}")]
    NoUpdate {
        /// Why not.
        why: &'static str,
    },
    /// The signed file did not pass its own reading.
    #[error("the signed file does not read back: {0}")]
    ReadBack(#[from] read_back::Fault),
    /// The parent's manifest store is beyond what is checked.
    #[error("the manifest store of the picture it is made from is not checked: {0}")]
    ParentTooCostly(#[from] TooCostly),
    /// The SDK refused the settings, the claim or the file.
    #[error("the C2PA library refused to sign")]
    Sdk(#[source] c2pa::Error),
    /// A time stamp was asked for and could not be had.
    #[error("no time stamp")]
    Timestamp(#[from] TimestampError),
    /// The manifest changed its size while it was signed.
    #[error("the manifest has {found} bytes where {planned} were planned")]
    Resized {
        /// Bytes of the signed store.
        found: usize,
        /// Bytes laid out for it.
        planned: usize,
    },
}

/// Signs claims with one identity; made once, used for all files on all threads.
pub struct ManifestSigner {
    keys: Arc<Keys>,
    roles: Roles,
    sizes: StoreSize,
}

impl ManifestSigner {
    /// Prepares an identity. `trust` judges parents that are signed already; the judgement is recorded with the ingredient.
    ///
    /// # Errors
    /// [`SignError::Certificate`] and [`SignError::CertificateTime`] for a certificate that may not sign claims, or not by this machine's
    /// clock.
    pub fn new(
        identity: Arc<Identity>,
        trust: &TrustAnchors,
        timestamp: Option<Arc<dyn TimestampSource>>,
    ) -> Result<Self, SignError> {
        fits(&identity)?;
        let keys = Arc::new(Keys::new(identity, timestamp).map_err(SignError::Sdk)?);
        Ok(Self {
            roles: Roles::new(Arc::clone(&keys), trust.clone()),
            keys,
            sizes: StoreSize::default(),
        })
    }

    /// Signs a claim into an asset; a store that is there becomes the parent's.
    pub fn sign(&self, asset: &Asset, claim: &Claim) -> Result<SignedAsset, SignError> {
        if !self.keys.identity.leaf_validity().contains(claim.now) {
            return Err(SignError::CertificateTime);
        }
        let plan = Plan::of(asset, claim);
        let stripped = match asset.layout().store {
            StorePlace::Absent => None,
            _ => Some(asset.without_store()?),
        };
        let bare = stripped.as_ref().unwrap_or(asset);
        let builder = self.builder(&plan, claim, bare.format())?;
        let signed = match bare.format() {
            Format::Jpeg | Format::Png | Format::WebP => {
                // A parent's store and a token of an authority have sizes of their own.
                let weight = (plan.parent.is_none() && self.keys.timestamp.is_none())
                    .then(|| StoreSize::weigh(&plan, &builder.definition))
                    .flatten();
                let foretold = weight.and_then(|weight| self.sizes.foretell(weight));
                let signed = embed(builder, bare, foretold, self.keys.timestamp.is_some());
                if let (Some(weight), Ok(signed)) = (weight, &signed) {
                    self.sizes.note(weight, signed.jumbf.len());
                }
                signed
            }
            _ => self.save(builder, claim.statement.role, bare),
        };
        let signed = signed.map_err(|error| self.explain(error))?;
        let signed = self.finish(signed, bare)?;
        if self.keys.timestamp.is_some() && signed.timestamp.is_none() {
            return Err(SignError::Timestamp(TimestampError::Malformed));
        }
        Ok(signed)
    }

    pub(super) fn context(&self, signs: Signs) -> Result<Arc<Context>, SignError> {
        self.roles.context(signs).map_err(SignError::Sdk)
    }

    /// The SDK's builder of a plan, without hard binding.
    fn builder(&self, plan: &Plan<'_>, claim: &Claim, format: Format) -> Result<Builder, SignError> {
        let context = self.context(Signs::Claim {
            role: claim.statement.role,
            judges: plan.parent.is_some(),
        })?;
        let mut builder = Builder::from_shared_context(&context);
        define(&mut builder, plan, format).map_err(SignError::Sdk)?;
        for input in &plan.inputs {
            if let Some(text) = &input.text {
                builder
                    .add_resource(input.id, Cursor::new(text.as_bytes()))
                    .map_err(SignError::Sdk)?;
            }
        }
        if let Some(thumbnail) = plan.thumbnail {
            builder
                .set_thumbnail("image/jpeg", &mut Cursor::new(thumbnail))
                .map_err(SignError::Sdk)?;
        }
        if let Some((parent, title)) = plan.parent {
            cost::check(parent)?;
            let json = json!({"label": PARENT_ID, "relationship": "parentOf", "title": title});
            let mut bytes = Cursor::new(parent.bytes());
            let ingredient = builder
                .add_ingredient_from_stream(json.to_string(), parent.format().mime(), &mut bytes)
                .map_err(SignError::Sdk)?;
            record_expired(ingredient, parent, &context, claim.now)?;
        }
        if let Some(body) = claim.soft_binding {
            builder
                .add_assertion("c2pa.soft-binding", &SoftBinding(iscc_seq(body)))
                .map_err(SignError::Sdk)?;
            if let Some(last) = builder.definition.assertions.last_mut() {
                last.created = true;
            }
        }
        Ok(builder)
    }

    /// The SDK writes the file.
    fn save(&self, mut builder: Builder, role: Option<Role>, bare: &Asset) -> Result<Signed, SignError> {
        // Its writers put the signed store where one of the same size was laid out.
        let signer = ClaimSigner::new(Arc::clone(&self.keys), role, Room::Reserved);
        let mut out = Cursor::new(Vec::with_capacity(bare.bytes().len()));
        let jumbf = builder
            .sign(
                &signer,
                bare.format().mime(),
                &mut Cursor::new(bare.bytes()),
                &mut out,
            )
            .map_err(SignError::Sdk)?;
        let asset = Asset::parse(out.into_inner())?;
        // Not our own writer: the SDK's whole validation, hard binding included, must accept what it wrote.
        let reading = self.context(Signs::Claim { role, judges: true })?;
        let reader = Reader::from_shared_context(&reading)
            .with_stream(asset.format().mime(), Cursor::new(asset.bytes()))
            .map_err(SignError::Sdk)?;
        if reader.validation_state() == ValidationState::Invalid {
            return Err(SignError::ReadBack(read_back::Fault::Invalid));
        }
        let ranges = asset.store_ranges().to_vec();
        Ok(Signed {
            embedded: Embedded { asset, ranges },
            jumbf,
        })
    }

    /// Reads the signed file back and gives it out.
    pub(super) fn finish(&self, signed: Signed, bare: &Asset) -> Result<SignedAsset, SignError> {
        let Signed { embedded, jumbf } = signed;
        let StorePlace::Found { jumbf: found, .. } = &embedded.asset.layout().store else {
            return Err(SignError::ReadBack(read_back::Fault::StoreMissing));
        };
        if *found != jumbf || embedded.asset.store_ranges() != embedded.ranges {
            return Err(SignError::ReadBack(read_back::Fault::StoreMoved));
        }
        let own = read_back::check_signed(&embedded.asset, bare, &self.keys)?;
        let timestamp = Stamp::read(&own, &Authorities::default(), |_| false).and_then(|stamp| stamp.at);
        let manifest_label = own.label;
        if matches!(bare.format(), Format::Jpeg | Format::Png) {
            // What was just compared byte for byte need not be hashed again for the ledger.
            embedded.asset.remember_content(bare.content_digest());
        }
        let manifest_digest = Digest::of(&jumbf);
        Ok(SignedAsset {
            asset: embedded.asset,
            manifest_digest,
            manifest_label,
            timestamp,
        })
    }

    /// Says of an SDK error what we know better.
    fn explain(&self, error: SignError) -> SignError {
        match (self.keys.take_failure(), error) {
            (Some(stamp), _) => SignError::Timestamp(stamp),
            (None, SignError::Sdk(c2pa::Error::CertificateProfileError(error))) => unfit(&error),
            (None, SignError::Sdk(c2pa::Error::CoseInvalidCert)) => SignError::Certificate,
            (None, error) => error,
        }
    }
}

/// Whether the SDK takes the certificate as one that may sign claims, by its own clock: asked once for all pictures.
fn fits(identity: &Identity) -> Result<(), SignError> {
    let leaf = identity.chain_der().first().ok_or(SignError::Certificate)?;
    let mut policy = CertificateTrustPolicy::default();
    policy.add_valid_ekus(USAGES.join("\n").as_bytes());
    let mut log = StatusTracker::with_error_behavior(ErrorBehavior::StopOnFirstError);
    check_end_entity_certificate_profile(leaf, &policy, &mut log, None).map_err(|error| unfit(&error))
}

const fn unfit(error: &CertificateProfileError) -> SignError {
    match error {
        CertificateProfileError::CertificateNotValidAtTime => SignError::CertificateTime,
        _ => SignError::Certificate,
    }
}

/// What came out of signing, before it is read back.
pub(super) struct Signed {
    pub(super) embedded: Embedded,
    pub(super) jumbf: Vec<u8>,
}

/// Lays out, hashes, signs and puts in a store with our own container writers.
///
/// `foretold` is the size that the store will have, if something is known of it; a wrong one costs a second signing. Without any,
/// a claim over nothing is signed to tell; or only laid out, where a signature is time-stamped.
fn embed(
    mut builder: Builder,
    bare: &Asset,
    foretold: Option<usize>,
    is_stamped: bool,
) -> Result<Signed, SignError> {
    let mut planned = if let Some(size) = foretold {
        size
    } else {
        bind(&mut builder, &(WIDEST..WIDEST.saturating_mul(2)), &[0; 32], 0)?;
        let trial = if is_stamped {
            builder.placeholder(STORE_ONLY)
        } else {
            builder.sign_embeddable(STORE_ONLY)
        };
        trial.map_err(SignError::Sdk)?.len()
    };
    let mut found = planned;
    for _ in 0..LAYOUTS_MAX {
        planned = found;
        let (store, content) = lay_out(bare, planned)?;
        // Offsets are laid out as if each took its widest CBOR form; the true ones leave padding in the same assertion.
        let spare = cbor_width(WIDEST)
            .saturating_mul(2)
            .saturating_sub(cbor_width(store.start))
            .saturating_sub(cbor_width(store.len()));
        builder
            .definition
            .assertions
            .retain(|assertion| assertion.label != DataHash::LABEL);
        bind(&mut builder, &store, content.as_bytes(), spare)?;
        let jumbf = builder.sign_embeddable(STORE_ONLY).map_err(SignError::Sdk)?;
        found = jumbf.len();
        if found == planned {
            let embedded = bare.embed_store(&jumbf)?;
            if hole(&embedded.asset, &embedded.ranges) != store {
                return Err(SignError::ReadBack(read_back::Fault::StoreMoved));
            }
            return Ok(Signed { embedded, jumbf });
        }
    }
    Err(SignError::Resized { found, planned })
}

/// Where a store of a size will lie, and the hash of all bytes around it.
fn lay_out(bare: &Asset, size: usize) -> Result<(Range<usize>, Digest), SignError> {
    let blank = vec![0; size];
    if let Some(slot) = bare.store_slot(&blank)? {
        // Container and rest are independent: the hash is that of the file without a store, which the ledger wants anyway.
        return Ok((slot, bare.content_digest()));
    }
    // The RIFF header counts the store.
    let laid_out = bare.embed_store(&blank)?;
    let store = hole_for(bare.format(), &laid_out.ranges, size);
    let content = hash_around(laid_out.asset.bytes(), &store);
    Ok((store, content))
}

/// Puts a hard binding with one exclusion into the builder.
fn bind(builder: &mut Builder, store: &Range<usize>, hash: &[u8], spare: usize) -> Result<(), SignError> {
    let mut binding = DataHash::new("jumbf manifest", "sha256");
    binding.add_exclusion(HashRange::new(
        u64::try_from(store.start).unwrap_or(u64::MAX),
        u64::try_from(store.len()).unwrap_or(u64::MAX),
    ));
    binding.set_hash(hash.to_vec());
    binding.add_padding(vec![0; spare]);
    builder
        .add_assertion(DataHash::LABEL, &binding)
        .map_err(SignError::Sdk)?;
    Ok(())
}

/// Puts what a plan says into a builder.
fn define(builder: &mut Builder, plan: &Plan<'_>, format: Format) -> Result<(), c2pa::Error> {
    let definition = &mut builder.definition;
    definition.claim_version = Some(2);
    definition.claim_generator_info = vec![serde_json::from_value(plan.generator())?];
    definition.title = plan.title.map(str::to_owned);
    format.mime().clone_into(&mut definition.format);
    definition.instance_id.clone_from(&plan.instance_id);
    for input in &plan.inputs {
        let mut out = json!({
            "label": input.id,
            "title": input.title,
            "relationship": "inputTo",
            "data_types": [{"type": input.data_type}]
        });
        if let (Some(_), Value::Object(map)) = (&input.text, &mut out) {
            map.insert(
                "data".to_owned(),
                json!({"format": "text/plain", "identifier": input.id}),
            );
        }
        definition.ingredients.push(serde_json::from_value(out)?);
    }
    for one in &plan.assertions {
        if one.as_json {
            builder.add_assertion_json(one.label, &one.content)?;
        } else {
            builder.add_assertion(one.label, &one.content)?;
        }
        if let Some(last) = builder.definition.assertions.last_mut() {
            last.created = one.vouched;
        }
    }
    Ok(())
}

/// The bytes from the first to the last container part; parts of one store follow each other.
fn span(ranges: &[Range<usize>]) -> Range<usize> {
    let start = ranges.first().map_or(0, |range| range.start);
    start..ranges.last().map_or(start, |range| range.end)
}

/// What a hard binding by data hash leaves out of a file: the store's parts.
///
/// In WebP the byte that makes the chunk's length even stays in: it is no part of the chunk's data (RFC 9649, 2.3), and the SDK
/// calls a hash that leaves it out a mismatch.
pub(super) fn hole(asset: &Asset, ranges: &[Range<usize>]) -> Range<usize> {
    match &asset.layout().store {
        StorePlace::Found { jumbf, .. } => hole_for(asset.format(), ranges, jumbf.len()),
        _ => span(ranges),
    }
}

/// [`hole`] for a store of `size` bytes that lies at these ranges.
fn hole_for(format: Format, ranges: &[Range<usize>], size: usize) -> Range<usize> {
    let whole = span(ranges);
    if format != Format::WebP {
        return whole;
    }
    let data_end = whole.start.saturating_add(RIFF_HEADER).saturating_add(size);
    whole.start..data_end.min(whole.end)
}

/// SHA-256 of everything outside one range.
pub(super) fn hash_around(bytes: &[u8], hole: &Range<usize>) -> Digest {
    let mut hasher = Hasher::new();
    hasher.update(bytes.get(..hole.start).unwrap_or_default());
    hasher.update(bytes.get(hole.end..).unwrap_or_default());
    hasher.finish()
}

/// How many bytes an unsigned integer takes in CBOR (RFC 8949, 3).
const fn cbor_width(value: usize) -> usize {
    match value {
        0..=0x17 => 1,
        0x18..=0xff => 2,
        0x100..=0xffff => 3,
        _ => 5,
    }
}

/// `c2pa.soft-binding` with byte strings, which JSON cannot say.
struct SoftBinding(Vec<u8>);

impl Serialize for SoftBinding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("alg", super::SOFT_BINDING_ALG)?;
        map.serialize_entry("blocks", &[Block(&self.0)])?;
        map.serialize_entry("pad", &Bytes(&[]))?;
        map.end()
    }
}

struct Block<'a>(&'a [u8]);

impl Serialize for Block<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("scope", &json!({}))?;
        map.serialize_entry("value", &Bytes(self.0))?;
        map.end()
    }
}

struct Bytes<'a>(&'a [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

/// The SDK's format for a store without container.
const STORE_ONLY: &str = "application/c2pa";
/// Bytes of a RIFF chunk before its data: type and length.
const RIFF_HEADER: usize = 8;
/// Smallest number whose CBOR form takes five bytes; files end at 2^30.
const WIDEST: usize = 1 << 16;
/// One for a size that was foretold wrongly, one for the size that it then had.
const LAYOUTS_MAX: usize = 2;
