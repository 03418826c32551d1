//! Look-up modes: whether who holds a file may ask a ledger for it, or only who also holds the ledger's secret.

use crate::base::digest::{Digest, Hasher};

/// How the digests in a ledger's registrations are made; fixed in its header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LookupMode {
    /// Digests are HMAC-SHA256 under the ledger's secret; fingerprints are left out.
    Private,
    /// Digests are plain SHA-256: who holds the file may ask whether it is registered.
    Public,
}

impl LookupMode {
    /// The word in the header, `public` or `private`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Public => "public",
        }
    }

    /// Reads the word in the header.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Private, Self::Public]
            .into_iter()
            .find(|mode| mode.word() == word)
    }
}

/// The secret of a private ledger. Who has it can test which pictures the ledger holds; it signs nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct LedgerSecret([u8; 32]);

impl LedgerSecret {
    /// Takes 32 random bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes, for writing the secret file.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The digest as it stands in a private ledger: HMAC-SHA256 (RFC 2104) of its 32 bytes.
    #[must_use]
    pub fn keyed(&self, digest: &Digest) -> Digest {
        hmac(&self.0, digest.as_bytes())
    }
}

impl Drop for LedgerSecret {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}

impl std::fmt::Debug for LedgerSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LedgerSecret")
    }
}

/// HMAC-SHA256 for keys of at most one block (RFC 2104, section 2). Over `base`'s hasher, as `sha2` stays behind its door.
fn hmac(key: &[u8], message: &[u8]) -> Digest {
    let pad = |with: u8| {
        let mut block = [with; 64];
        block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
        let mut hasher = Hasher::new();
        hasher.update(&block);
        hasher
    };
    let (mut inner, mut outer) = (pad(0x36), pad(0x5c));
    inner.update(message);
    outer.update(inner.finish().as_bytes());
    outer.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test cases 1 and 2.
    #[test]
    fn hmac_gives_the_published_answers() {
        assert_eq!(
            hmac(&[0x0b; 20], b"Hi There").hex(),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        );
        assert_eq!(
            hmac(b"Jefe", b"what do ya want for nothing?").hex(),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
