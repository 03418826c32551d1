//! The key container: an age file (c2sp.org/age) for one passphrase. DOOR to `age`.
//!
//! Authenticated as a whole, unlike encrypted PKCS#8, where a quarter of the bit flips in the last 64 bytes decrypt to
//! *another* key without an error.

use std::io::{Read as _, Write as _};

use age::secrecy::SecretString;
use age::{DecryptError, scrypt};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::base::limits::KEY_FILE_BYTES_MAX;

/// How hard guessing is: scrypt N = 2^18, about a second of one core and 256 MiB a guess.
pub const WORK_FACTOR: WorkFactor = WorkFactor(18);

/// The binary logarithm of scrypt's N.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkFactor(u8);

impl WorkFactor {
    /// Takes 1 to 20; anything below [`WORK_FACTOR`] is for tests alone.
    #[must_use]
    pub const fn new(log_n: u8) -> Option<Self> {
        if log_n >= 1 && log_n <= WORK_FACTOR_MAX {
            Some(Self(log_n))
        } else {
            None
        }
    }
}

/// A passphrase, wiped when dropped and never shown.
pub struct Passphrase(SecretString);

impl Passphrase {
    /// Takes a passphrase; `None` for an empty one, which would protect nothing.
    #[must_use]
    pub fn new(mut text: Zeroizing<String>) -> Option<Self> {
        if text.is_empty() {
            None
        } else {
            Some(Self(SecretString::from(std::mem::take(&mut *text))))
        }
    }
}

impl std::fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passphrase(hidden)")
    }
}

/// Why a container did not open, or was not made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ContainerError {
    /// Bytes changed or are missing.
    #[error("the key file is damaged")]
    Damaged,
    /// The container is for other recipients than a passphrase.
    #[error("the key file is not encrypted with a passphrase")]
    NotPassphrase,
    /// Encrypting failed.
    #[error("the key could not be encrypted")]
    NotSealed(#[source] std::io::Error),
    /// More work than any file of ours asks for.
    #[error("the key file asks for 2^{found} steps of work, more than 2^{WORK_FACTOR_MAX}")]
    TooMuchWork {
        /// The binary logarithm asked for.
        found: u8,
    },
    /// The passphrase is another one, or the bytes that depend on it changed.
    #[error("the passphrase does not open the key file")]
    WrongPassphrase,
}

/// Encrypts a secret text.
pub fn seal(secret: &str, passphrase: &Passphrase, work: WorkFactor) -> Result<Vec<u8>, ContainerError> {
    let failed = ContainerError::NotSealed;
    let mut recipient = scrypt::Recipient::new(passphrase.0.clone());
    recipient.set_work_factor(work.0);
    let recipient: &dyn age::Recipient = &recipient;
    let encryptor = age::Encryptor::with_recipients(std::iter::once(recipient))
        .map_err(|error| failed(std::io::Error::other(error)))?;
    let mut out = Vec::new();
    let mut writer = encryptor.wrap_output(&mut out).map_err(failed)?;
    writer.write_all(secret.as_bytes()).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(out)
}

/// Decrypts a container; the text is wiped when dropped.
pub fn open(container: &[u8], passphrase: &Passphrase) -> Result<Zeroizing<String>, ContainerError> {
    let decryptor = age::Decryptor::new_buffered(container).map_err(|_| ContainerError::Damaged)?;
    if !decryptor.is_scrypt() {
        return Err(ContainerError::NotPassphrase);
    }
    let mut identity = scrypt::Identity::new(passphrase.0.clone());
    identity.set_max_work_factor(WORK_FACTOR_MAX);
    let identity: &dyn age::Identity = &identity;
    let reader = decryptor
        .decrypt(std::iter::once(identity))
        .map_err(|error| match error {
            DecryptError::DecryptionFailed
            | DecryptError::KeyDecryptionFailed
            | DecryptError::NoMatchingKeys => ContainerError::WrongPassphrase,
            DecryptError::ExcessiveWork { required, .. } => ContainerError::TooMuchWork { found: required },
            _ => ContainerError::Damaged,
        })?;
    // Sized at once: growing would leave copies of the secret behind. The plain text is shorter than the container.
    let mut plain = Zeroizing::new(Vec::with_capacity(container.len()));
    reader
        .take(KEY_FILE_BYTES_MAX)
        .read_to_end(&mut plain)
        .map_err(|_| ContainerError::Damaged)?;
    let text = std::str::from_utf8(&plain).map_err(|_| ContainerError::Damaged)?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// Whether bytes begin as an age file does.
#[must_use]
pub fn is_container(bytes: &[u8]) -> bool {
    bytes.starts_with(b"age-encryption.org/v1\n")
}

const WORK_FACTOR_MAX: u8 = 20;

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::keys::Identity;
    use crate::keys::bundle::tests::{identity, name};

    pub(crate) fn passphrase(text: &str) -> Passphrase {
        Passphrase::new(Zeroizing::new(text.to_owned())).unwrap()
    }

    const CHEAP: WorkFactor = WorkFactor(1);

    #[test]
    fn sealed_key_opens_with_its_passphrase_and_no_other() {
        let secret = identity().to_secret_text().unwrap();
        let container = seal(&secret, &passphrase("correct horse"), CHEAP).unwrap();
        assert!(is_container(&container));
        assert!(!container.windows(7).any(|window| window == b"PRIVATE"));
        assert_eq!(
            open(&container, &passphrase("correct horse")).unwrap().as_str(),
            secret.as_str()
        );
        for wrong in ["correct hors", "correct horse ", "Correct horse"] {
            assert!(matches!(
                open(&container, &passphrase(wrong)),
                Err(ContainerError::WrongPassphrase)
            ));
        }
    }

    #[test]
    fn default_work_is_what_the_design_says() {
        let container = seal("x", &passphrase("p"), WORK_FACTOR).unwrap();
        let header = String::from_utf8_lossy(&container[..80]);
        let stanza = header.lines().nth(1).unwrap();
        assert!(
            stanza.starts_with("-> scrypt ") && stanza.ends_with(" 18"),
            "{stanza}"
        );
    }

    #[test]
    fn no_flipped_bit_gives_another_key() {
        let secret = identity().to_secret_text().unwrap();
        let container = seal(&secret, &passphrase("p"), CHEAP).unwrap();
        // Every bit of the header, and every third byte of the rest.
        for place in (0..200).chain((200..container.len()).step_by(3)) {
            for bit in 0..8 {
                if place >= 200 && bit != place % 8 {
                    continue;
                }
                let mut flipped = container.clone();
                flipped[place] ^= 1 << bit;
                let opened = open(&flipped, &passphrase("p"));
                assert!(opened.is_err(), "byte {place} bit {bit}");
            }
        }
    }

    #[test]
    fn shortened_or_lengthened_container_is_refused() {
        let container = seal("secret", &passphrase("p"), CHEAP).unwrap();
        for length in 0..container.len() {
            assert!(open(&container[..length], &passphrase("p")).is_err(), "{length}");
        }
        let mut longer = container;
        longer.push(0);
        assert!(open(&longer, &passphrase("p")).is_err());
    }

    #[test]
    fn work_beyond_the_limit_is_refused_before_it_is_done() {
        let container = seal("secret", &passphrase("p"), CHEAP).unwrap();
        let text: Vec<u8> = container;
        let place = text.windows(3).position(|window| window == b" 1\n").unwrap();
        let mut heavy = text[..=place].to_vec();
        heavy.extend_from_slice(b"40\n");
        heavy.extend_from_slice(&text[place + 3..]);
        assert!(matches!(
            open(&heavy, &passphrase("p")),
            Err(ContainerError::TooMuchWork { found: 40 })
        ));
    }

    #[test]
    fn empty_passphrase_is_none_and_debug_hides_it() {
        assert!(Passphrase::new(Zeroizing::new(String::new())).is_none());
        assert_eq!(format!("{:?}", passphrase("hush")), "Passphrase(hidden)");
    }

    #[test]
    fn identity_survives_the_container() {
        let identity = identity();
        let container = seal(&identity.to_secret_text().unwrap(), &passphrase("p"), CHEAP).unwrap();
        let back = Identity::from_secret_text(&name(), &open(&container, &passphrase("p")).unwrap()).unwrap();
        assert_eq!(back.ledger_key().public(), identity.ledger_key().public());
    }
}
