//! Local names: what a key or a person is called on this machine, and so also in file names.

use std::fmt;

use thiserror::Error;

/// A name of 1 to 64 ASCII letters, digits, `.`, `_` and `-`, beginning with a letter or digit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalName(String);

/// Why a word is no local name.
#[derive(Debug, Error, PartialEq, Eq)]
#[error(
    "a name has 1 to {NAME_BYTES_MAX} letters, digits, `.`, `_` or `-` (ASCII), the first a letter or digit"
)]
pub struct NameError;

impl LocalName {
    /// Takes a word.
    pub fn parse(word: &str) -> Result<Self, NameError> {
        let first = word.as_bytes().first().ok_or(NameError)?;
        let fits = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        if word.len() > NAME_BYTES_MAX || !first.is_ascii_alphanumeric() || !word.as_bytes().iter().all(fits)
        {
            return Err(NameError);
        }
        Ok(Self(word.to_owned()))
    }

    /// Makes a name out of any text: what does not fit becomes `-`; `None` if nothing is left.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let mut out = String::new();
        for c in text.chars() {
            match c {
                'a'..='z' | '0'..='9' | '.' | '_' => out.push(c),
                'A'..='Z' => out.push(c.to_ascii_lowercase()),
                _ if out.ends_with('-') => {}
                _ => out.push('-'),
            }
            if out.len() == NAME_BYTES_MAX {
                break;
            }
        }
        let trimmed = out.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        Self::parse(trimmed).ok()
    }

    /// The word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LocalName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Longest name, bytes: fits a file name with any ending.
const NAME_BYTES_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_leave_their_folder() {
        for word in [
            "",
            ".",
            "..",
            "../x",
            "a/b",
            "a b",
            "-rf",
            ".hidden",
            "a\u{e4}",
            "a\0",
            &"x".repeat(65),
        ] {
            assert_eq!(LocalName::parse(word), Err(NameError), "{word:?}");
        }
        for word in ["a", "alice", "Alice-2.0_x", &"x".repeat(64)] {
            assert!(LocalName::parse(word).is_ok(), "{word:?}");
        }
    }

    #[test]
    fn any_text_gives_a_name_or_none() {
        assert_eq!(
            LocalName::from_text("Alice Doe (Studio)!").unwrap().as_str(),
            "alice-doe-studio"
        );
        assert_eq!(
            LocalName::from_text("../../etc/passwd").unwrap().as_str(),
            "etc-passwd"
        );
        assert_eq!(LocalName::from_text("\u{5f20}"), None);
    }
}
