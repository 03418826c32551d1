//! Passphrases that come by a file descriptor or from a service manager: one line, bounded, wiped.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use zeroize::Zeroizing;

/// Longest passphrase, bytes.
const BYTES_MAX: u64 = 4_096;

/// Reads the first line of an open file descriptor of this process, to its end or its line break.
pub fn from_descriptor(number: u32) -> io::Result<Zeroizing<String>> {
    first_line(Path::new(&format!("/dev/fd/{number}")))
}

/// Reads the first line of a file, as a service manager gives secrets (systemd.exec(5), `LoadCredential=`).
pub fn first_line(path: &Path) -> io::Result<Zeroizing<String>> {
    // Sized at once: growing would leave copies of the secret behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(
        usize::try_from(BYTES_MAX).unwrap_or(0).saturating_add(1),
    ));
    File::open(path)?.take(BYTES_MAX + 1).read_to_end(&mut bytes)?;
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if u64::try_from(line.len()).is_ok_and(|length| length > BYTES_MAX) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "a passphrase of more than 4096 bytes",
        ));
    }
    let text = std::str::from_utf8(line);
    let text =
        text.map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "a passphrase that is not UTF-8"))?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// Reads a file of secrets that nobody else may read.
///
/// # Errors
/// Also when its mode lets other users at it, or it is no text.
#[cfg(feature = "postgres")]
pub fn private_text(path: &Path) -> io::Result<Zeroizing<String>> {
    let wrong = |why| io::Error::new(io::ErrorKind::InvalidData, why);
    let file = super::durable::open_regular(path)?;
    if std::os::unix::fs::MetadataExt::mode(&file.metadata()?) & 0o077 != 0 {
        return Err(wrong("its mode lets other users at it; wanted 0600"));
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(FILE_BYTES));
    let limit = u64::try_from(FILE_BYTES).unwrap_or(0);
    file.take(limit).read_to_end(&mut bytes)?;
    if bytes.len() == FILE_BYTES {
        return Err(wrong("it is too long"));
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| wrong("it is not UTF-8"))?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// A file of secrets is shorter, bytes.
#[cfg(feature = "postgres")]
const FILE_BYTES: usize = 1 << 16;

#[cfg(test)]
mod tests {
    use std::os::fd::AsRawFd as _;

    use super::*;

    #[test]
    fn first_line_of_a_descriptor_is_the_passphrase() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        std::fs::write(&path, "correct horse \r\nbattery\n").unwrap();
        let file = File::open(&path).unwrap();
        let number = u32::try_from(file.as_raw_fd()).unwrap();
        assert_eq!(from_descriptor(number).unwrap().as_str(), "correct horse ");
        assert!(from_descriptor(9_999).is_err());
    }

    #[test]
    fn what_is_too_long_or_not_text_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        std::fs::write(&path, "x".repeat(4_096)).unwrap();
        assert_eq!(first_line(&path).unwrap().len(), 4_096);
        std::fs::write(&path, "x".repeat(4_097)).unwrap();
        assert!(first_line(&path).is_err());
        std::fs::write(&path, [0xff, b'\n']).unwrap();
        assert!(first_line(&path).is_err());
    }
}
