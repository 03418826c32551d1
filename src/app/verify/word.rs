//! From four answers to one word: total and pure. Taking evidence away never raises the word.

use crate::report::proof::{ProofReport, ProofWord};
use crate::report::verify::{FourQuestions, LedgerAnswer, OpenPoint, Requirement, ResultWord};
use crate::report::{Check, Outcome};

/// What kind of credentials the file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// None.
    Nothing,
    /// A manifest that was read; whether its issuer revoked the certificate.
    Manifest {
        /// Revoked.
        revoked: bool,
        /// Whether the certificate keeps the profile's rules.
        fit: bool,
    },
    /// Only an address.
    Address,
    /// Something that could not be read.
    Damaged,
}

/// The result word (DESIGN.md 3).
pub(super) fn word(held: Held, checks: &FourQuestions) -> ResultWord {
    let Held::Manifest { revoked, fit } = held else {
        return match held {
            Held::Nothing => ResultWord::NoCredentials,
            Held::Address => ResultWord::RemoteOnly,
            Held::Damaged | Held::Manifest { .. } => ResultWord::Unreadable,
        };
    };
    let failed = |check: &Check| check.outcome == Outcome::Fail;
    let passed = |check: &Check| check.outcome == Outcome::Pass;
    if failed(&checks.unchanged) || failed(&checks.signature) {
        ResultWord::Changed
    } else if revoked {
        ResultWord::Revoked
    } else if !(passed(&checks.unchanged) && passed(&checks.signature) && passed(&checks.time) && fit) {
        ResultWord::NotConfirmed
    } else if passed(&checks.issuer) {
        ResultWord::Trusted
    } else {
        ResultWord::UnknownIssuer
    }
}

/// Whether the requirement is met.
pub(super) fn met(
    required: Requirement,
    word: ResultWord,
    checks: &FourQuestions,
    (ledger, proofs): (&LedgerAnswer, &[&Option<Box<ProofReport>>]),
) -> bool {
    let passed = |check: &Check| check.outcome == Outcome::Pass;
    let mut proofs = proofs.iter().filter_map(|proof| proof.as_deref());
    let is_proven = proofs.any(|proof| proof.result == ProofWord::Recorded);
    match required {
        Requirement::Trusted => word == ResultWord::Trusted,
        Requirement::Intact => {
            passed(&checks.unchanged)
                && passed(&checks.signature)
                && !matches!(word, ResultWord::Changed | ResultWord::Revoked)
        }
        Requirement::Registered => {
            (passed(&ledger.check) || is_proven) && !matches!(word, ResultWord::Changed | ResultWord::Revoked)
        }
    }
}

/// The word in a sentence, and what would settle what is open.
///
/// Where a manifest was read, what would settle it stands with the open points.
pub(super) fn sentence(
    word: ResultWord,
    checks: &FourQuestions,
    open: &[OpenPoint],
) -> (String, Option<&'static str>) {
    match word {
        ResultWord::Trusted => {
            let against = open.first().map_or_else(String::new, |point| {
                format!("; but a named identity does not hold: {}", point.what)
            });
            (
                format!(
                    "unchanged, well signed in time, and {}{against}",
                    checks.issuer.note
                ),
                None,
            )
        }
        ResultWord::UnknownIssuer => (
            "the picture is unchanged and well signed, by somebody you have not said you know".to_owned(),
            None,
        ),
        ResultWord::NotConfirmed => {
            let first = open.first().map_or("", |point| point.what.as_str());
            let more = match open.len() {
                0 | 1 => String::new(),
                number => format!(" (and {} more)", number - 1),
            };
            let unchanged = checks.unchanged.outcome == Outcome::Pass;
            let start = if unchanged {
                "the picture is unchanged; what is open: "
            } else {
                "nothing speaks against the picture; what is open: "
            };
            (
                format!("{start}{first}{more}. This does not mean that the file was altered"),
                None,
            )
        }
        ResultWord::Changed => {
            let failed = if checks.unchanged.outcome == Outcome::Fail {
                &checks.unchanged
            } else {
                &checks.signature
            };
            (failed.note.clone(), None)
        }
        ResultWord::Revoked => (checks.issuer.note.clone(), None),
        ResultWord::NoCredentials => (
            "nothing in the file is signed: who made it, and how, is unknown".to_owned(),
            None,
        ),
        ResultWord::RemoteOnly => (
            checks.unchanged.note.clone(),
            Some(
                "ask for the file with its credentials inside, or for them beside it (--manifest); --online fetches them from that address, where somebody then learns that you look",
            ),
        ),
        ResultWord::Unreadable => (
            "the file, or the credentials in it, cannot be read".to_owned(),
            Some("get an undamaged copy, or ask whoever signed it to sign it anew"),
        ),
    }
}

/// The sentence on a file with more than one manifest store, and what would settle which counts: the copy is not to blame.
pub(super) const SEVERAL: (&str, &str) = (
    "the file holds more than one C2PA manifest store, and C2PA allows one: none of them is believed",
    "ask whoever signed it to sign the original anew, with a newer program; other copies of this file hold as many",
);

/// What to do about a picture without credentials that looks like one that is registered.
pub(super) const COMPARE: &str = "ask whoever sent it for the original file, and compare the two; all registered pictures that look like it: ";

/// What to do about a picture of which nothing is known.
pub(super) const ASK_FOR_IT: &str = "ask whoever sent it for the original file, which may hold credentials; if whoever made it keeps a ledger, look for it there: ";

/// What to do about a picture that is registered and holds no credentials.
pub(super) const ASK_FOR_SIGNED: &str =
    "what the ledger says stands above; ask whoever sent it for the file as it was signed";

/// What to do about bytes, statements or a signature that do not fit.
pub(super) const CHANGED: &str = "disregard what the credentials say; ask whoever signed it for the original";

/// What to do about a certificate that its issuer revoked.
pub(super) const REVOKED: &str = "ask the issuer why; what was signed before that day may still be sound";

/// What to do about a signature by a key that its owner has given up.
pub(super) const DISOWNED: &str = "ask whoever owns the key for the picture, signed with another one; byline ledger history names the revocation";

/// What to do about a signature by a key of one's own: it is trusted as anybody's is, by being added.
pub(super) fn own_key(name: &str) -> String {
    format!(
        "this is your own key `{name}`: byline key export {name} --public -o {name}.byline; byline trust add {name}.byline"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTCOMES: [Outcome; 4] = [
        Outcome::Fail,
        Outcome::NotChecked,
        Outcome::Unknown,
        Outcome::Pass,
    ];

    fn rank(word: ResultWord) -> u8 {
        match word {
            ResultWord::Trusted => 2,
            ResultWord::UnknownIssuer => 1,
            _ => 0,
        }
    }

    fn questions(pick: [Outcome; 4]) -> FourQuestions {
        let check = |outcome| Check::new("x", outcome, "note");
        FourQuestions {
            unchanged: check(pick[0]),
            signature: check(pick[1]),
            time: check(pick[2]),
            issuer: check(pick[3]),
        }
    }

    fn every() -> impl Iterator<Item = [Outcome; 4]> {
        (0..256usize).map(|n| {
            [
                OUTCOMES[n & 3],
                OUTCOMES[(n >> 2) & 3],
                OUTCOMES[(n >> 4) & 3],
                OUTCOMES[n >> 6],
            ]
        })
    }

    #[test]
    fn only_four_times_yes_is_trusted() {
        for pick in every() {
            let held = Held::Manifest {
                revoked: false,
                fit: true,
            };
            let is_trusted = word(held, &questions(pick)) == ResultWord::Trusted;
            assert_eq!(is_trusted, pick == [Outcome::Pass; 4], "{pick:?}");
        }
    }

    #[test]
    fn taking_evidence_away_never_raises_the_word() {
        let held = Held::Manifest {
            revoked: false,
            fit: true,
        };
        for pick in every() {
            for place in 0..4 {
                let mut less = pick;
                if less[place] == Outcome::Fail {
                    continue;
                }
                less[place] = Outcome::NotChecked;
                assert!(
                    rank(word(held, &questions(less))) <= rank(word(held, &questions(pick))),
                    "{pick:?} {place}"
                );
            }
        }
    }

    #[test]
    fn changed_bytes_or_a_bad_signature_are_changed_whatever_else_holds() {
        for pick in every() {
            let fails = pick[0] == Outcome::Fail || pick[1] == Outcome::Fail;
            for revoked in [false, true] {
                let word = word(Held::Manifest { revoked, fit: true }, &questions(pick));
                assert_eq!(word == ResultWord::Changed, fails, "{pick:?}");
            }
        }
    }
}
