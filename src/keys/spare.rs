//! Keys kept for later: the next key of an identity, and its recovery key. The text is what the container encrypts.
//!
//! ```text
//! byline spare key v1
//! use: next              or recovery
//! identity: (64 hex)     thumbprint of the identity's first key
//!
//! [key]                  Ed25519, PKCS#8 in PEM
//! ```

use thiserror::Error;
use zeroize::Zeroizing;

use super::ed25519::{CreatorKey, KeyId};
use super::pem::{PemError, PrivateKey, PrivateKeyRef, private_key, private_key_text};
use super::sections::{Sections, SectionsError};
use crate::base::Digest;

/// What a spare key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpareUse {
    /// The identity hands over to it.
    Next,
    /// It may revoke, and open privileged disputes; it lies elsewhere.
    Recovery,
}

impl SpareUse {
    /// The word in the text and in messages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Recovery => "recovery",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [Self::Next, Self::Recovery]
            .into_iter()
            .find(|one| one.word() == word)
    }
}

/// A key kept for later, and the identity it is kept for.
#[derive(Debug)]
pub struct SpareKey {
    /// What for.
    pub purpose: SpareUse,
    /// Thumbprint of the identity's first key.
    pub identity: KeyId,
    /// The key.
    pub key: CreatorKey,
}

/// Why a text is no spare key.
#[derive(Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum SpareError {
    /// Not an Ed25519 key.
    #[error("the key in it is not Ed25519")]
    Kind,
    /// A line or section is missing or holds something else.
    #[error("`{line}` of the file is missing or unreadable")]
    Line {
        /// Its name.
        line: &'static str,
    },
    /// The key cannot be read.
    #[error("the key in it: {0}")]
    Pem(#[from] PemError),
    /// The text has another form.
    #[error(transparent)]
    Sections(#[from] SectionsError),
}

impl SpareKey {
    /// What an identity commits to: SHA-256 of the public key's 32 bytes.
    #[must_use]
    pub fn commitment(&self) -> Digest {
        Digest::of(self.key.public().as_bytes())
    }

    /// The secret text, wiped when dropped. It is the key: encrypt it.
    pub fn to_secret_text(&self) -> Result<Zeroizing<String>, PemError> {
        let key = private_key_text(PrivateKeyRef::Creator(&self.key))?;
        // Sized at once: growing would leave copies of the secret behind.
        let mut out = Zeroizing::new(String::with_capacity(key.len().saturating_add(256)));
        let identity = self.identity.hex();
        let parts = [
            FIRST,
            "\n",
            USE,
            ": ",
            self.purpose.word(),
            "\n",
            IDENTITY,
            ": ",
            &identity,
            "\n\n[",
            KEY,
            "]\n",
            &key,
        ];
        for part in parts {
            out.push_str(part);
        }
        Ok(out)
    }

    /// Reads the secret text.
    pub fn from_secret_text(text: &str) -> Result<Self, SpareError> {
        let sections = Sections::parse(text, FIRST, &[USE, IDENTITY], &[KEY])?;
        let value = |line| sections.value(line).ok_or(SpareError::Line { line });
        let purpose = SpareUse::from_word(value(USE)?).ok_or(SpareError::Line { line: USE })?;
        let identity = KeyId::parse_hex(value(IDENTITY)?).ok_or(SpareError::Line { line: IDENTITY })?;
        let key = sections.section(KEY).ok_or(SpareError::Line { line: KEY })?;
        match private_key(key)? {
            PrivateKey::Creator(key) => Ok(Self {
                purpose,
                identity,
                key,
            }),
            PrivateKey::Ecdsa(_) => Err(SpareError::Kind),
        }
    }
}

const FIRST: &str = "byline spare key v1";
const USE: &str = "use";
const IDENTITY: &str = "identity";
const KEY: &str = "key";

#[cfg(test)]
mod tests {
    use super::*;

    fn spare(purpose: SpareUse) -> SpareKey {
        SpareKey {
            purpose,
            identity: KeyId::from_bytes([7; 32]),
            key: CreatorKey::from_seed(&[8; 32]),
        }
    }

    #[test]
    fn text_goes_out_and_comes_back() {
        for purpose in [SpareUse::Next, SpareUse::Recovery] {
            let made = spare(purpose);
            let back = SpareKey::from_secret_text(&made.to_secret_text().unwrap()).unwrap();
            assert_eq!(back.purpose, purpose);
            assert_eq!(back.identity, made.identity);
            assert_eq!(back.commitment(), made.commitment());
        }
    }

    #[test]
    fn another_use_or_no_identity_is_refused() {
        let text = spare(SpareUse::Next).to_secret_text().unwrap();
        assert_eq!(
            SpareKey::from_secret_text(&text.replace("use: next", "use: spare")).err(),
            Some(SpareError::Line { line: "use" })
        );
        assert_eq!(
            SpareKey::from_secret_text(&text.replace("identity: 07", "identity: 7")).err(),
            Some(SpareError::Line { line: "identity" })
        );
        assert!(SpareKey::from_secret_text(text.split("[key]").next().unwrap()).is_err());
    }

    #[test]
    fn a_signing_key_file_is_no_spare_key() {
        let secret = crate::keys::bundle::tests::identity().to_secret_text().unwrap();
        assert!(matches!(
            SpareKey::from_secret_text(&secret),
            Err(SpareError::Sections(SectionsError::FirstLine { .. }))
        ));
    }
}
