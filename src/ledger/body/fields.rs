//! The fields of a payload: written and read in ascending order, each at most once.

use super::BodyError;
use crate::base::Digest;
use crate::keys::{KeyId, PublicKey};
use crate::ledger::cbor::{CborError, Reader, Writer};
use crate::ledger::hash::LeafHash;

pub(super) const FIELD_KIND: u64 = 0;
/// Longest list of any field.
pub(super) const LIST_MAX: usize = 256;

/// A payload being written.
pub(super) struct Payload {
    out: Writer,
    fields: u8,
}

impl Payload {
    pub(super) fn new(kind: u64) -> Self {
        let mut out = Writer::with_capacity(512);
        // The head of a map of fewer than 24 pairs is one byte; its count is set at the end.
        out.map(0);
        let mut payload = Self { out, fields: 0 };
        payload.uint(FIELD_KIND, kind);
        payload
    }

    /// Begins a field; the caller writes exactly one value.
    pub(super) fn field(&mut self, field: u64) -> &mut Writer {
        self.fields = self.fields.saturating_add(1);
        self.out.uint(field)
    }

    pub(super) fn uint(&mut self, field: u64, value: u64) {
        self.field(field).uint(value);
    }

    pub(super) fn code(&mut self, field: u64, code: u8) {
        self.uint(field, u64::from(code));
    }

    pub(super) fn bytes(&mut self, field: u64, bytes: &[u8; 32]) {
        self.field(field).bytes(bytes);
    }

    pub(super) fn maybe_uint(&mut self, field: u64, value: Option<u64>) {
        if let Some(value) = value {
            self.uint(field, value);
        }
    }

    pub(super) fn maybe_bytes(&mut self, field: u64, bytes: Option<&[u8; 32]>) {
        if let Some(bytes) = bytes {
            self.bytes(field, bytes);
        }
    }

    pub(super) fn finish(self) -> Vec<u8> {
        let mut bytes = self.out.finish();
        debug_assert!(self.fields < 24, "the head of the map has one byte");
        if let Some(head) = bytes.first_mut() {
            *head |= self.fields;
        }
        bytes
    }
}

/// A payload being read.
pub(super) struct Fields<'a> {
    reader: Reader<'a>,
    left: usize,
    next: Option<u64>,
}

impl<'a> Fields<'a> {
    pub(super) fn open(payload: &'a [u8]) -> Result<Self, BodyError> {
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

    pub(super) fn optional<T, E>(
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

    pub(super) fn required<T, E>(
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

    pub(super) fn uint(&mut self, field: u64) -> Result<u64, BodyError> {
        self.required(field, Reader::uint)
    }

    pub(super) fn leaf(&mut self, field: u64) -> Result<LeafHash, BodyError> {
        self.required(field, leaf)
    }

    pub(super) fn digest(&mut self, field: u64) -> Result<Digest, BodyError> {
        self.required(field, digest)
    }

    pub(super) fn maybe_digest(&mut self, field: u64) -> Result<Option<Digest>, BodyError> {
        self.optional(field, digest)
    }

    pub(super) fn thumbprint(&mut self, field: u64) -> Result<KeyId, BodyError> {
        self.required(field, thumbprint)
    }

    pub(super) fn code<T>(
        &mut self,
        field: u64,
        name: &'static str,
        from: impl Fn(u8) -> Option<T>,
    ) -> Result<T, BodyError> {
        self.required(field, |read| code(name, read, from))
    }

    pub(super) fn maybe_code<T>(
        &mut self,
        field: u64,
        name: &'static str,
        from: impl Fn(u8) -> Option<T>,
    ) -> Result<Option<T>, BodyError> {
        self.optional(field, |read| code(name, read, from))
    }

    pub(super) fn close(self) -> Result<(), BodyError> {
        match self.next {
            Some(found) => Err(BodyError::Field { found }),
            None if self.reader.is_done() => Ok(()),
            None => Err(CborError::Unexpected { at: self.reader.at() }.into()),
        }
    }
}

pub(super) fn digest(read: &mut Reader<'_>) -> Result<Digest, BodyError> {
    Ok(Digest::from_bytes(read.array_of::<32>()?))
}

pub(super) fn leaf(read: &mut Reader<'_>) -> Result<LeafHash, BodyError> {
    Ok(LeafHash::from_bytes(read.array_of::<32>()?))
}

pub(super) fn thumbprint(read: &mut Reader<'_>) -> Result<KeyId, BodyError> {
    Ok(KeyId::from_bytes(read.array_of::<32>()?))
}

pub(super) fn public_key(read: &mut Reader<'_>) -> Result<PublicKey, BodyError> {
    PublicKey::from_bytes(read.array_of::<32>()?).ok_or(BodyError::PublicKey)
}

pub(super) fn code<T>(
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

pub(super) fn list<T>(
    field: &'static str,
    read: &mut Reader<'_>,
    item: impl Fn(&mut Reader<'_>) -> Result<T, BodyError>,
) -> Result<Vec<T>, BodyError> {
    let len = read.array()?;
    if len == 0 || len > LIST_MAX {
        return Err(BodyError::List { field });
    }
    let mut items = Vec::with_capacity(len);
    for _ in 0..len {
        items.push(item(read)?);
    }
    Ok(items)
}
