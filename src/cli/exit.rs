//! Exit codes: one enum, one table.

use std::process::ExitCode;

use byline::app::{Error, Kind};
use byline::report::Ending;

/// How the command ends. In a batch the worst wins; the order of the variants is the order of badness:
/// 70 over 4 over 2 over 1 over 3 over 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// 0: done, or the verdict meets what was required.
    Done,
    /// 3: not enough evidence.
    NotEnough,
    /// 1: the evidence contradicts the claim.
    Contradicted,
    /// 2: the command line is wrong.
    CommandLine,
    /// 4: the world failed: file, key, lock, disk.
    World,
    /// 70: a bug in byline.
    Bug,
}

impl Exit {
    /// The number the shell sees.
    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Contradicted => 1,
            Self::CommandLine => 2,
            Self::NotEnough => 3,
            Self::World => 4,
            Self::Bug => 70,
        }
    }

    /// For `main`.
    pub(crate) fn code(self) -> ExitCode {
        ExitCode::from(self.number())
    }
}

impl From<Ending> for Exit {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::Done => Self::Done,
            Ending::NotEnough => Self::NotEnough,
            Ending::Contradicted => Self::Contradicted,
            Ending::Failed => Self::World,
        }
    }
}

impl From<&Error> for Exit {
    fn from(error: &Error) -> Self {
        match error.kind {
            Kind::Request => Self::CommandLine,
            Kind::Contradicted | Kind::Refused => Self::Contradicted,
            Kind::Absent => Self::NotEnough,
            _ => Self::World,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_of_a_batch_wins() {
        let order = [
            Exit::Bug,
            Exit::World,
            Exit::CommandLine,
            Exit::Contradicted,
            Exit::NotEnough,
            Exit::Done,
        ];
        assert_eq!(order.map(Exit::number), [70, 4, 2, 1, 3, 0]);
        assert!(order.windows(2).all(|pair| pair[0] > pair[1]));
    }

    #[test]
    fn a_request_nobody_could_fulfil_is_a_wrong_command_line() {
        assert_eq!(
            Exit::from(&Error::new(Kind::Request, "x", "x")),
            Exit::CommandLine
        );
        assert_eq!(Exit::from(&Error::new(Kind::Key, "x", "x")), Exit::World);
        assert_eq!(
            Exit::from(&Error::new(Kind::Refused, "x", "x")),
            Exit::Contradicted
        );
        assert_eq!(Exit::from(&Error::new(Kind::Absent, "x", "x")), Exit::NotEnough);
        assert_eq!(Exit::from(Ending::NotEnough), Exit::NotEnough);
    }
}
