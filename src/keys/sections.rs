//! The text form that key, public and trust files share: a first line, `name: value` lines, and PEM under `[titles]`.
//!
//! ```text
//! byline trust v1
//! name: alice
//!
//! [ledger key]
//! -----BEGIN PUBLIC KEY-----
//! ...
//! ```
//!
//! Lines that begin with `#` are for people and are passed over. Everything else must be known: a file that says more
//! than this version reads is refused, not half read.

use thiserror::Error;

/// Why a text has not this form.
#[derive(Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum SectionsError {
    /// The first line is another one.
    #[error("the first line is not `{wanted}`")]
    FirstLine {
        /// What it must be.
        wanted: &'static str,
    },
    /// A line that is neither a value nor inside a section.
    #[error("line {number} is neither `name: value` nor inside a section")]
    Line {
        /// Counted from 1.
        number: usize,
    },
    /// A value or section this version does not know, or one that comes twice.
    #[error("line {number} names something unknown or named before")]
    Unknown {
        /// Counted from 1.
        number: usize,
    },
}

/// A text taken apart; borrows, so that secrets are not copied about.
#[derive(Default)]
pub(super) struct Sections<'a> {
    values: Vec<(&'a str, &'a str)>,
    sections: Vec<(&'a str, &'a str)>,
}

impl<'a> Sections<'a> {
    /// Takes a text apart. `values` may come once each, `sections` once each.
    pub(super) fn parse(
        text: &'a str,
        first: &'static str,
        values: &[&str],
        sections: &[&str],
    ) -> Result<Self, SectionsError> {
        let mut out = Self::default();
        let mut open: Option<(&'a str, usize)> = None;
        let mut seen_first = false;
        let mut offset = 0usize;
        for (number, line) in (1usize..).zip(text.split_inclusive('\n')) {
            let start = offset;
            offset = offset.saturating_add(line.len());
            let line = line.trim_end_matches(['\n', '\r']);
            if line.starts_with('#') && open.is_none() {
                continue;
            }
            if !seen_first {
                if line != first {
                    return Err(SectionsError::FirstLine { wanted: first });
                }
                seen_first = true;
            } else if let Some(title) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                if let Some((title, from)) = open.take() {
                    out.sections.push((title, &text[from..start]));
                }
                if !sections.contains(&title) || out.section(title).is_some() {
                    return Err(SectionsError::Unknown { number });
                }
                open = Some((title, offset));
            } else if open.is_none() && !line.is_empty() {
                let (name, value) = line.split_once(": ").ok_or(SectionsError::Line { number })?;
                if !values.contains(&name) || out.value(name).is_some() {
                    return Err(SectionsError::Unknown { number });
                }
                out.values.push((name, value));
            }
        }
        if let Some((title, from)) = open {
            out.sections.push((title, &text[from..]));
        }
        if seen_first {
            Ok(out)
        } else {
            Err(SectionsError::FirstLine { wanted: first })
        }
    }

    pub(super) fn value(&self, name: &str) -> Option<&'a str> {
        self.values
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| *value)
    }

    pub(super) fn section(&self, title: &str) -> Option<&'a str> {
        self.sections
            .iter()
            .find(|(known, _)| *known == title)
            .map(|(_, body)| *body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Sections<'_>, SectionsError> {
        Sections::parse(text, "test v1", &["a", "b"], &["s", "t"])
    }

    #[test]
    fn values_and_sections_are_found() {
        let parsed = parse("# hello\ntest v1\na: 1: 2\n\n[s]\nx\n# y\n[t]\nz").unwrap();
        assert_eq!(parsed.value("a"), Some("1: 2"));
        assert_eq!(parsed.value("b"), None);
        assert_eq!(parsed.section("s"), Some("x\n# y\n"));
        assert_eq!(parsed.section("t"), Some("z"));
    }

    #[test]
    fn what_is_not_known_is_refused() {
        assert_eq!(
            parse("").err(),
            Some(SectionsError::FirstLine { wanted: "test v1" })
        );
        assert_eq!(
            parse("test v2\n").err(),
            Some(SectionsError::FirstLine { wanted: "test v1" })
        );
        assert_eq!(
            parse("test v1\nc: 1\n").err(),
            Some(SectionsError::Unknown { number: 2 })
        );
        assert_eq!(
            parse("test v1\na: 1\na: 2\n").err(),
            Some(SectionsError::Unknown { number: 3 })
        );
        assert_eq!(
            parse("test v1\nwords\n").err(),
            Some(SectionsError::Line { number: 2 })
        );
        assert_eq!(
            parse("test v1\n[u]\n").err(),
            Some(SectionsError::Unknown { number: 2 })
        );
        assert_eq!(
            parse("test v1\n[s]\n[s]\n").err(),
            Some(SectionsError::Unknown { number: 3 })
        );
    }
}
