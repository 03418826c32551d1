//! What an entry says: kinds and fields, and their place in the payload's CBOR map. No free text anywhere: hashes,
//! codes, thumbprints and numbers.
//!
//! The schema for others is `schemas/entry.cddl`; the numbers of kinds and fields never change their meaning.

use super::cbor::{CborError, Reader, Writer};
use super::secret::LedgerSecret;
use crate::base::fingerprint::Algorithm;
use crate::base::statement::{Family, Mining, Role};
use crate::base::{Digest, Fingerprint, SourceType};
use crate::keys::PublicKey;

/// Most parents of one registration: the most ingredients a manifest may name here.
pub const PARENTS_MAX: usize = 64;

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EntryBody {
    /// A picture is recorded.
    AssetRegister(Registration),
    /// A key enters the log; its first entry.
    KeyIncept(KeyIncept),
}

/// A key enters the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyIncept {
    /// The key that signs this entry and later ones.
    pub key: PublicKey,
    /// SHA-256 of the next key's 32 bytes, so that a thief of this key cannot rotate to one of his own.
    pub next: Option<Digest>,
}

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
    /// What the signer is to the picture.
    pub role: Role,
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

/// Terms that have a name of their own. The numbers stand in entries and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Rights {
    /// All rights reserved.
    AllReserved,
    /// A work in the public domain, marked so.
    PublicDomain,
    /// CC0-1.0.
    Cc0,
    /// CC-BY-4.0.
    CcBy,
    /// CC-BY-SA-4.0.
    CcBySa,
    /// CC-BY-NC-4.0.
    CcByNc,
    /// CC-BY-NC-SA-4.0.
    CcByNcSa,
    /// CC-BY-ND-4.0.
    CcByNd,
    /// CC-BY-NC-ND-4.0.
    CcByNcNd,
    /// A licence is offered; its terms stand in the file or at its web statement.
    LicenceOffered,
}

impl Rights {
    /// Every code with its name (SPDX identifiers where there is one) and its number.
    pub const ALL: [(Self, &'static str, u8); 10] = [
        (Self::AllReserved, "all-rights-reserved", 1),
        (Self::PublicDomain, "public-domain", 2),
        (Self::Cc0, "CC0-1.0", 3),
        (Self::CcBy, "CC-BY-4.0", 4),
        (Self::CcBySa, "CC-BY-SA-4.0", 5),
        (Self::CcByNc, "CC-BY-NC-4.0", 6),
        (Self::CcByNcSa, "CC-BY-NC-SA-4.0", 7),
        (Self::CcByNd, "CC-BY-ND-4.0", 8),
        (Self::CcByNcNd, "CC-BY-NC-ND-4.0", 9),
        (Self::LicenceOffered, "licence-offered", 10),
    ];

    /// The number in entries.
    #[must_use]
    pub fn code(self) -> u8 {
        Self::ALL.iter().find(|row| row.0 == self).map_or(1, |row| row.2)
    }

    /// The name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|row| row.0 == self).map_or("", |row| row.1)
    }

    /// The terms of a number.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.iter().find(|row| row.2 == code).map(|row| row.0)
    }

    /// The terms of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|row| row.1 == name).map(|row| row.0)
    }
}

/// Why a payload is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BodyError {
    /// Not the encoding.
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// A code that has no meaning here.
    #[error("unknown {field} code {found}")]
    Code {
        /// Which field.
        field: &'static str,
        /// The code.
        found: u64,
    },
    /// A field that the kind does not have, or out of order, or twice.
    #[error("field {found} is unknown here, out of order or given twice")]
    Field {
        /// Number of the field.
        found: u64,
    },
    /// A kind that this version does not know.
    #[error("unknown kind {found}")]
    Kind {
        /// Number of the kind.
        found: u64,
    },
    /// A list that is empty where absent is meant, too long, or not in its order.
    #[error("the list of {field} is empty, too long, unsorted or repeats itself")]
    List {
        /// Which field.
        field: &'static str,
    },
    /// A key that is no usable Ed25519 key.
    #[error("the key is no Ed25519 public key")]
    PublicKey,
    /// Fingerprints of a keyed registration would tell what its keyed digests hide.
    #[error("a keyed registration carries fingerprints")]
    Revealing,
}

impl EntryBody {
    /// The kind's name in reports, `asset.register`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::AssetRegister(_) => "asset.register",
            Self::KeyIncept(_) => "key.incept",
        }
    }

    /// Brings lists into their order and sets the version bits of ids, so that one value has one encoding.
    pub(super) fn settle(&mut self) -> Result<(), BodyError> {
        let Self::AssetRegister(body) = self else {
            return Ok(());
        };
        body.asset_id = v4(body.asset_id);
        body.fingerprints.sort_by_key(|print| print.algorithm.code());
        body.rights.sort_by_key(|rights| rights.code());
        body.check()
    }

    pub(super) fn write(&self) -> Vec<u8> {
        match self {
            Self::AssetRegister(body) => body.write(),
            Self::KeyIncept(body) => body.write(),
        }
    }

    /// Reads a payload; `asset_id` is the one the claims name as subject, if they name one.
    pub(super) fn read(payload: &[u8], asset_id: Option<[u8; 16]>) -> Result<Self, BodyError> {
        let mut fields = Fields::open(payload)?;
        let kind = fields.required(FIELD_KIND, Reader::uint)?;
        let body = match (kind, asset_id) {
            (KIND_KEY_INCEPT, None) => Self::KeyIncept(KeyIncept::read(&mut fields)?),
            (KIND_ASSET_REGISTER, Some(asset_id)) => {
                Self::AssetRegister(Registration::read(&mut fields, asset_id)?)
            }
            (found, _) => return Err(BodyError::Kind { found }),
        };
        fields.close()?;
        Ok(body)
    }
}

impl KeyIncept {
    fn write(&self) -> Vec<u8> {
        let mut out = Writer::with_capacity(80);
        out.map(2 + usize::from(self.next.is_some()));
        out.uint(FIELD_KIND).uint(KIND_KEY_INCEPT);
        out.uint(1).bytes(self.key.as_bytes());
        if let Some(next) = &self.next {
            out.uint(2).bytes(next.as_bytes());
        }
        out.finish()
    }

    fn read(fields: &mut Fields<'_>) -> Result<Self, BodyError> {
        let key = fields.required(1, Reader::array_of::<32>)?;
        let key = PublicKey::from_bytes(key).ok_or(BodyError::PublicKey)?;
        let next = fields.optional(2, digest)?;
        Ok(Self { key, next })
    }
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

    fn write(&self) -> Vec<u8> {
        let optional = [
            self.pixel.is_some(),
            !self.fingerprints.is_empty(),
            self.family.is_some(),
            self.mining.is_some(),
            !self.rights.is_empty(),
            !self.parents.is_empty(),
            self.digests == DigestForm::Keyed,
        ];
        let mut out = Writer::with_capacity(512);
        out.map(6 + optional.into_iter().filter(|there| *there).count());
        out.uint(FIELD_KIND).uint(KIND_ASSET_REGISTER);
        out.uint(1).bytes(self.file.as_bytes());
        out.uint(2).bytes(self.content.as_bytes());
        if let Some((rule, digest)) = &self.pixel {
            out.uint(3)
                .array(2)
                .uint(u64::from(*rule))
                .bytes(digest.as_bytes());
        }
        out.uint(4).bytes(self.manifest.as_bytes());
        if !self.fingerprints.is_empty() {
            out.uint(5).array(self.fingerprints.len());
            for print in &self.fingerprints {
                out.array(3)
                    .uint(u64::from(print.algorithm.code()))
                    .uint(u64::from(print.quality));
                out.bytes(&print.bits);
            }
        }
        out.uint(6).uint(u64::from(self.source.code()));
        if let Some(family) = self.family {
            out.uint(7).uint(u64::from(family.code()));
        }
        out.uint(8).uint(u64::from(self.role.code()));
        if let Some(mining) = self.mining {
            out.uint(9).uint(u64::from(mining.code()));
        }
        if !self.rights.is_empty() {
            out.uint(10).array(self.rights.len());
            self.rights.iter().for_each(|rights| {
                out.uint(u64::from(rights.code()));
            });
        }
        if !self.parents.is_empty() {
            out.uint(11).array(self.parents.len());
            self.parents.iter().for_each(|parent| {
                out.bytes(parent.as_bytes());
            });
        }
        if self.digests == DigestForm::Keyed {
            out.uint(12).uint(1);
        }
        out.finish()
    }

    fn read(fields: &mut Fields<'_>, asset_id: [u8; 16]) -> Result<Self, BodyError> {
        let keyed = |read: &mut Reader<'_>| {
            code("digest form", read, |code| {
                (code == 1).then_some(DigestForm::Keyed)
            })
        };
        let read = Self {
            asset_id,
            file: fields.required(1, digest)?,
            content: fields.required(2, digest)?,
            pixel: fields.optional(3, pixel)?,
            manifest: fields.required(4, digest)?,
            fingerprints: fields
                .optional(5, |read| list("fingerprints", read, fingerprint))?
                .unwrap_or_default(),
            source: fields.required(6, |read| code("source type", read, SourceType::from_code))?,
            family: fields.optional(7, |read| code("family", read, Family::from_code))?,
            role: fields.required(8, |read| code("role", read, Role::from_code))?,
            mining: fields.optional(9, |read| code("mining", read, Mining::from_code))?,
            rights: fields
                .optional(10, |read| {
                    list("rights", read, |read| code("rights", read, Rights::from_code))
                })?
                .unwrap_or_default(),
            parents: fields
                .optional(11, |read| list("parents", read, digest))?
                .unwrap_or_default(),
            digests: fields.optional(12, keyed)?.unwrap_or(DigestForm::Plain),
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

fn digest(read: &mut Reader<'_>) -> Result<Digest, BodyError> {
    Ok(Digest::from_bytes(read.array_of::<32>()?))
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

fn code<T>(
    field: &'static str,
    read: &mut Reader<'_>,
    from: impl Fn(u8) -> Option<T>,
) -> Result<T, BodyError> {
    let found = read.uint()?;
    u8::try_from(found)
        .ok()
        .and_then(from)
        .ok_or(BodyError::Code { field, found })
}

fn list<T>(
    field: &'static str,
    read: &mut Reader<'_>,
    item: impl Fn(&mut Reader<'_>) -> Result<T, BodyError>,
) -> Result<Vec<T>, BodyError> {
    let len = read.array()?;
    if len == 0 || len > LIST_MAX {
        return Err(BodyError::List { field });
    }
    (0..len).map(|_| item(read)).collect()
}

/// The fields of a payload, read in ascending order.
struct Fields<'a> {
    reader: Reader<'a>,
    left: usize,
    next: Option<u64>,
}

impl<'a> Fields<'a> {
    fn open(payload: &'a [u8]) -> Result<Self, BodyError> {
        let mut reader = Reader::new(payload);
        let left = reader.map()?;
        let mut fields = Self {
            reader,
            left,
            next: None,
        };
        fields.advance()?;
        Ok(fields)
    }

    fn advance(&mut self) -> Result<(), BodyError> {
        self.next = match self.left.checked_sub(1) {
            None => None,
            Some(left) => {
                self.left = left;
                Some(self.reader.uint()?)
            }
        };
        Ok(())
    }

    fn optional<T, E>(
        &mut self,
        field: u64,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, E>,
    ) -> Result<Option<T>, BodyError>
    where
        BodyError: From<E>,
    {
        if self.next != Some(field) {
            return Ok(None);
        }
        let value = read(&mut self.reader)?;
        self.advance()?;
        Ok(Some(value))
    }

    fn required<T, E>(
        &mut self,
        field: u64,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, E>,
    ) -> Result<T, BodyError>
    where
        BodyError: From<E>,
    {
        let found = self.next.unwrap_or(field);
        self.optional(field, read)?.ok_or(BodyError::Field { found })
    }

    fn close(self) -> Result<(), BodyError> {
        match self.next {
            Some(found) => Err(BodyError::Field { found }),
            None if self.reader.is_done() => Ok(()),
            None => Err(CborError::Unexpected { at: self.reader.at() }.into()),
        }
    }
}

const FIELD_KIND: u64 = 0;
const KIND_KEY_INCEPT: u64 = 1;
const KIND_ASSET_REGISTER: u64 = 16;
const LIST_MAX: usize = 256;

const _: () = assert!(PARENTS_MAX <= LIST_MAX);
