//! Registrations: which bytes, which pixels, how made, which rights.

use super::BodyError;
use super::fields::{Fields, LIST_MAX, Payload, code, digest, list};
use super::terms::Rights;
use crate::base::fingerprint::Algorithm;
use crate::base::statement::{Family, Mining, Role};
use crate::base::{Digest, Fingerprint, SourceType};
use crate::ledger::cbor::{CborError, Reader};
use crate::ledger::secret::LedgerSecret;

/// Most parents of one registration: the most ingredients a manifest may name here.
pub const PARENTS_MAX: usize = 64;

/// A picture is recorded: which bytes, which pixels, how made, which rights. What is not stated is absent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// The asset's id, given out before signing (UUIDv4; the version bits are set when the entry is made).
    pub asset_id: [u8; 16],
    /// Whether the digests below are plain or keyed by a private ledger's secret.
    pub digests: DigestForm,
    /// The whole file, signed manifest included.
    pub file: Digest,
    /// The file without its manifest store.
    pub content: Digest,
    /// The decoded pixels, with the number of the rule they were decoded by.
    pub pixel: Option<(u8, Digest)>,
    /// The bytes of the manifest store.
    pub manifest: Digest,
    /// Perceptual fingerprints, at most one of each algorithm; sorted by algorithm when the entry is made.
    pub fingerprints: Vec<Fingerprint>,
    /// How the picture came to be.
    pub source: SourceType,
    /// The generator's algorithm family.
    pub family: Option<Family>,
    /// What the signer says to be to the picture.
    pub role: Option<Role>,
    /// Reservation of data mining and training.
    pub mining: Option<Mining>,
    /// Under which known terms the picture is offered.
    pub rights: Vec<Rights>,
    /// File digests of the pictures this one was made from, in the claim's order, each once.
    pub parents: Vec<Digest>,
}

/// How the digests of a registration were made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DigestForm {
    /// HMAC-SHA256 under the secret of a private ledger.
    Keyed,
    /// Plain SHA-256.
    Plain,
}

impl Registration {
    /// The registration as a private ledger records it: digests under the secret, fingerprints left out.
    #[must_use]
    pub fn keyed(mut self, secret: &LedgerSecret) -> Self {
        if self.digests == DigestForm::Keyed {
            return self;
        }
        self.digests = DigestForm::Keyed;
        self.file = secret.keyed(&self.file);
        self.content = secret.keyed(&self.content);
        self.manifest = secret.keyed(&self.manifest);
        self.pixel = self.pixel.map(|(rule, digest)| (rule, secret.keyed(&digest)));
        self.parents
            .iter_mut()
            .for_each(|parent| *parent = secret.keyed(parent));
        self.fingerprints.clear();
        self
    }

    fn check(&self) -> Result<(), BodyError> {
        if self.digests == DigestForm::Keyed && !self.fingerprints.is_empty() {
            return Err(BodyError::Revealing);
        }
        if !self
            .fingerprints
            .is_sorted_by(|a, b| a.algorithm.code() < b.algorithm.code())
        {
            return Err(BodyError::List {
                field: "fingerprints",
            });
        }
        if !self.rights.is_sorted_by(|a, b| a.code() < b.code()) {
            return Err(BodyError::List { field: "rights" });
        }
        let repeats = |(at, parent)| self.parents.iter().take(at).any(|earlier| earlier == parent);
        if self.parents.len() > PARENTS_MAX || self.parents.iter().enumerate().any(repeats) {
            return Err(BodyError::List { field: "parents" });
        }
        Ok(())
    }

    pub(super) fn write(&self, out: &mut Payload) {
        out.bytes(1, self.file.as_bytes());
        out.bytes(2, self.content.as_bytes());
        if let Some((rule, digest)) = &self.pixel {
            let pair = out.field(3).array(2);
            pair.uint(u64::from(*rule)).bytes(digest.as_bytes());
        }
        out.bytes(4, self.manifest.as_bytes());
        if !self.fingerprints.is_empty() {
            let list = out.field(5).array(self.fingerprints.len());
            for print in &self.fingerprints {
                list.array(3)
                    .uint(u64::from(print.algorithm.code()))
                    .uint(u64::from(print.quality))
                    .bytes(&print.bits);
            }
        }
        out.code(6, self.source.code());
        out.maybe_uint(7, self.family.map(|family| u64::from(family.code())));
        out.maybe_uint(8, self.role.map(|role| u64::from(role.code())));
        out.maybe_uint(9, self.mining.map(|mining| u64::from(mining.code())));
        if !self.rights.is_empty() {
            let list = out.field(10).array(self.rights.len());
            self.rights.iter().for_each(|rights| {
                list.uint(u64::from(rights.code()));
            });
        }
        if !self.parents.is_empty() {
            let list = out.field(11).array(self.parents.len());
            self.parents.iter().for_each(|parent| {
                list.bytes(parent.as_bytes());
            });
        }
        if self.digests == DigestForm::Keyed {
            out.uint(12, 1);
        }
    }

    pub(super) fn settle(&mut self) -> Result<(), BodyError> {
        self.asset_id = v4(self.asset_id);
        self.fingerprints.sort_by_key(|print| print.algorithm.code());
        self.rights.sort_by_key(|rights| rights.code());
        self.check()
    }

    pub(super) fn read(fields: &mut Fields<'_>, asset_id: [u8; 16]) -> Result<Self, BodyError> {
        let read = Self {
            asset_id,
            file: fields.required(1, digest)?,
            content: fields.required(2, digest)?,
            pixel: fields.optional(3, pixel)?,
            manifest: fields.required(4, digest)?,
            fingerprints: fields
                .optional(5, |read| list("fingerprints", read, fingerprint))?
                .unwrap_or_default(),
            source: fields.code(6, "source type", SourceType::from_code)?,
            family: fields.maybe_code(7, "family", Family::from_code)?,
            role: fields.maybe_code(8, "role", Role::from_code)?,
            mining: fields.maybe_code(9, "mining", Mining::from_code)?,
            rights: fields
                .optional(10, |read| {
                    list("rights", read, |read| code("rights", read, Rights::from_code))
                })?
                .unwrap_or_default(),
            parents: fields
                .optional(11, |read| list("parents", read, digest))?
                .unwrap_or_default(),
            digests: fields
                .maybe_code(12, "digest form", |code| (code == 1).then_some(DigestForm::Keyed))?
                .unwrap_or(DigestForm::Plain),
        };
        read.check()?;
        Ok(read)
    }
}

/// The 16 bytes with the version and variant bits of a UUIDv4 (RFC 9562, 5.4).
#[must_use]
pub fn v4(id: [u8; 16]) -> [u8; 16] {
    uuid::Builder::from_random_bytes(id).into_uuid().into_bytes()
}

fn pixel(read: &mut Reader<'_>) -> Result<(u8, Digest), BodyError> {
    let at = read.at();
    if read.array()? != 2 {
        return Err(CborError::Unexpected { at }.into());
    }
    Ok((
        code("pixel rule", read, |code| (code > 0).then_some(code))?,
        digest(read)?,
    ))
}

fn fingerprint(read: &mut Reader<'_>) -> Result<Fingerprint, BodyError> {
    let at = read.at();
    if read.array()? != 3 {
        return Err(CborError::Unexpected { at }.into());
    }
    let algorithm = code("fingerprint", read, Algorithm::from_code)?;
    let quality = code("quality", read, |quality| (quality <= 100).then_some(quality))?;
    Ok(Fingerprint {
        algorithm,
        bits: read.array_of::<32>()?,
        quality,
    })
}

const _: () = assert!(PARENTS_MAX <= LIST_MAX);
