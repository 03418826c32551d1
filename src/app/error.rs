//! Errors of deeds: what happened, why, what to do (`style.md`, "Errors and messages").

/// What kind of thing went wrong; the exit code and the HTTP status follow from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Kind {
    /// Nothing was found to decide by. Exit code 3.
    Absent,
    /// The ledger's own record contradicts what is asked: a move that breaks a rule of the log. The code is the rule's id,
    /// what was found is said, and what would satisfy it. Exit code 1.
    Refused,
    /// The request makes no sense: a command line that no file could satisfy. Exit code 2.
    Request,
    /// A key or certificate cannot be used.
    Key,
    /// Two things contradict each other: an output that exists, a name taken twice.
    Conflict,
    /// The evidence contradicts what was signed: a ledger damaged, rolled back or rewritten. Exit code 1.
    Contradicted,
    /// A bound was passed.
    Limit,
    /// The input is not what it should be.
    Input,
    /// File, disk, lock, port or network failed.
    World,
}

/// A deed that could not be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What kind of failure.
    pub kind: Kind,
    /// Stable name for scripts, `key.permissions`.
    pub code: &'static str,
    /// What happened, with the name of the thing.
    pub what: String,
    /// Why: what was found, what was wanted.
    pub why: Option<String>,
    /// What to do.
    pub fix: Option<String>,
}

impl Error {
    /// An error that says what happened.
    #[must_use]
    pub fn new(kind: Kind, code: &'static str, what: impl Into<String>) -> Self {
        Self {
            kind,
            code,
            what: what.into(),
            why: None,
            fix: None,
        }
    }

    /// Adds why.
    #[must_use]
    pub fn why(mut self, why: impl Into<String>) -> Self {
        self.why = Some(why.into());
        self
    }

    /// What to do: as said, else what helps with this kind of failure.
    #[must_use]
    pub fn remedy(&self) -> &str {
        let of_kind = match self.kind {
            Kind::Absent => "name another file or ledger, or record what is looked for first",
            Kind::Conflict => "look at both, and name another or move one away",
            Kind::Contradicted => "byline audit names what is wrong; compare with another copy",
            Kind::Input => "get an undamaged copy; `byline inspect` shows what can be read of a picture",
            Kind::Key => {
                "`byline key list` and `byline key show` say what there is; restore the key from a backup"
            }
            Kind::Limit => "give less at a time, or a smaller file",
            Kind::Refused => "`byline explain` followed by the code says what the rule asks for",
            Kind::Request => "--help after the command says what it takes",
            Kind::World => "check the path, its permissions and the disk, then run the same command again",
        };
        self.fix.as_deref().unwrap_or(of_kind)
    }

    /// Adds what to do.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }
}

/// The three parts on three lines, as they are printed after `error: `. Names in it must have been escaped by whoever
/// put them there; `render::human::error` escapes the whole once more.
impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.what)?;
        if let Some(why) = &self.why {
            write!(f, "\n  why: {why}")?;
        }
        write!(f, "\n  do:  {}", self.remedy())
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_always_says_what_to_do() {
        let kinds = [
            Kind::Absent,
            Kind::Refused,
            Kind::Request,
            Kind::Key,
            Kind::Conflict,
            Kind::Contradicted,
            Kind::Limit,
            Kind::Input,
            Kind::World,
        ];
        for kind in kinds {
            let error = Error::new(kind, "x", "x");
            assert!(error.to_string().contains("\n  do:  "), "{kind:?}");
            assert_eq!(error.fix("this").remedy(), "this");
        }
    }
}
