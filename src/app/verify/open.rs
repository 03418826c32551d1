//! What is open of a picture, point by point, each with what would settle it; the first is the one that the sentence names.

use std::path::Path;

use super::{Shared, revoked, word};
use crate::app::request::LedgerChoice;
use crate::base::{Digest, Timestamp};
use crate::keys::LeafInfo;
use crate::keys::x509::NAME_CHARS_MAX;
use crate::manifest::{ManifestFacts, Validity};
use crate::report::verify::{
    FourQuestions, IdentityLine, LedgerAnswer, ManifestPlace, OpenAbout, OpenPoint, ResultWord,
};
use crate::report::{Check, Outcome};

/// What the points are made of.
pub(super) struct Evidence<'a> {
    pub(super) checks: &'a FourQuestions,
    /// Absent where no manifest was read.
    pub(super) facts: Option<&'a ManifestFacts>,
    pub(super) identities: &'a [IdentityLine],
    pub(super) revocation: Option<&'a Check>,
    pub(super) ledger: &'a LedgerAnswer,
    /// The ledger asked, where it was named.
    pub(super) named_ledger: Option<&'a Path>,
    /// The name of the key of this machine that signed, where one did and the issuer is not known otherwise.
    pub(super) own: Option<&'a str>,
    /// Whether the network may be asked, and so has been.
    pub(super) online: bool,
    /// Whether the verdict is as of another day.
    pub(super) another_day: bool,
    pub(super) picture: &'a Path,
    pub(super) place: ManifestPlace,
    /// Whether the file holds more than one manifest store, and none was given instead.
    pub(super) several_stores: bool,
    pub(super) at: Timestamp,
}

impl Evidence<'_> {
    /// The verdict in a sentence, and every open point, which begin with the one that it names. `disowned` says why the ledger takes
    /// the word away from the signer's key.
    pub(super) fn verdict(&self, word: ResultWord, disowned: Option<String>) -> (String, Vec<OpenPoint>) {
        let mut open = match self.facts {
            Some(facts) => self.points(word, facts),
            None => Vec::new(),
        };
        if let Some(said) = disowned {
            let check = Check::new(self.ledger.check.id.clone(), Outcome::Fail, said.clone());
            open.insert(0, point(OpenAbout::Ledger, &check, word::DISOWNED.to_owned()));
            return (said, open);
        }
        let (mut sentence, mut remedy) = word::sentence(word, self.checks, &open);
        if word == ResultWord::Unreadable && self.several_stores {
            let (said, settle) = word::SEVERAL;
            (sentence, remedy) = (said.to_owned(), Some(settle));
        }
        if let (ResultWord::UnknownIssuer, Some(name)) = (word, self.own) {
            sentence = format!(
                "the picture is unchanged and well signed, by your own key `{name}`, which you have not said you trust"
            );
        }
        if word == ResultWord::NoCredentials && self.ledger.check.outcome == Outcome::Pass {
            "nothing in the file is signed; what is known of it stands in the ledger"
                .clone_into(&mut sentence);
        }
        if self.another_day {
            sentence = format!("{sentence} (as of {}, not of today)", self.at.rfc3339());
        }
        if self.facts.is_none() {
            let was_asked = self.online && word == ResultWord::RemoteOnly;
            let remedy = remedy.map(|remedy| if was_asked { NOT_THERE } else { remedy });
            open = without_credentials(word, &self.checks.unchanged, remedy);
        }
        (sentence, open)
    }

    /// What to do next where nothing in the file is signed: that is no open point, and most pictures of the world are so.
    pub(super) fn next(&self, word: ResultWord) -> Option<String> {
        let picture = typed(self.picture);
        let is_wanted = word == ResultWord::NoCredentials;
        is_wanted.then(|| match (&self.ledger.look_alike, self.ledger.check.outcome) {
            (_, Outcome::Pass) => word::ASK_FOR_SIGNED.to_owned(),
            (Some(_), _) => format!("{}byline find {picture}{}", word::COMPARE, self.asked_ledger()),
            _ => format!("{}byline find {picture} --ledger FILE", word::ASK_FOR_IT),
        })
    }

    /// The flag for the ledger that was asked; none for the default one.
    fn asked_ledger(&self) -> String {
        match self.named_ledger.map(typed) {
            None => String::new(),
            Some(name) if name == "PICTURE" => " --ledger FILE".to_owned(),
            Some(name) => format!(" --ledger {name}"),
        }
    }

    /// Every point; of a picture that is trusted a named identity that does not hold. Of a changed one only what speaks against it and who could tell more: whatever
    /// else its credentials leave open is not about this file.
    fn points(&self, word: ResultWord, facts: &ManifestFacts) -> Vec<OpenPoint> {
        let mut points = match word {
            ResultWord::Trusted => {
                let mut points = self.named(facts);
                points.retain(|point| point.outcome == Outcome::Fail);
                return points;
            }
            ResultWord::Changed => self.against(facts),
            ResultWord::Revoked => {
                let mut points = self.four(facts);
                points.sort_by_key(|point| point.about != OpenAbout::Issuer);
                points
            }
            _ => self.four(facts),
        };
        if word != ResultWord::Changed {
            points.extend(self.named(facts));
            points.extend(self.revoked());
        }
        points.extend(self.ledger());
        points
    }

    fn against(&self, facts: &ManifestFacts) -> Vec<OpenPoint> {
        let mut points = self.four(facts);
        points.retain(|point| point.outcome == Outcome::Fail);
        points
    }

    fn four(&self, facts: &ManifestFacts) -> Vec<OpenPoint> {
        let checks = self.checks;
        let questions = [
            (
                OpenAbout::Unchanged,
                &checks.unchanged,
                unchanged(&checks.unchanged),
            ),
            (
                OpenAbout::Signature,
                &checks.signature,
                signature(&checks.signature),
            ),
            (OpenAbout::Time, &checks.time, self.time(facts)),
            (OpenAbout::Issuer, &checks.issuer, self.issuer(facts)),
        ];
        let open = questions
            .into_iter()
            .filter(|(_, check, _)| check.outcome != Outcome::Pass);
        open.map(|(about, check, settle)| point(about, check, settle))
            .collect()
    }

    fn time(&self, facts: &ManifestFacts) -> String {
        let leaf = facts.signer.as_ref().and_then(|signer| signer.leaf.as_ref());
        match (facts.validity, leaf) {
            (Validity::InsideAtUnlistedTimestamp, _) => self.stamped(facts),
            (Validity::NotYetValid, Some(leaf)) if self.another_day => format!(
                "ask for a day on which it was signed already, with --at: the certificate begins at {}",
                leaf.validity.not_before.rfc3339()
            ),
            (Validity::NotYetValid, Some(leaf)) => format!(
                "set the clock right, which says {}: the certificate begins at {}; if the clock is right, ask the issuer",
                self.at.rfc3339(),
                leaf.validity.not_before.rfc3339()
            ),
            (Validity::OutsideAtTimestamp, _) => {
                "ask the issuer why it was signed outside of the certificate's time".to_owned()
            }
            (Validity::Unknown, _) => {
                "ask whoever signed it for a copy whose certificate can be read".to_owned()
            }
            _ => format!("ask the issuer; {LEDGER_TELLS}"),
        }
    }

    /// How the authority of a timestamp comes to be believed: by the topmost certificate of it that the file carries, or by the one that
    /// issued it.
    fn stamped(&self, facts: &ManifestFacts) -> String {
        let top = facts
            .stamp_chain
            .split_first()
            .and_then(|(_, above)| above.last());
        if facts.stamp_refused.is_some() {
            return format!("ask the issuer; {LEDGER_TELLS}");
        }
        if let (Some(top), ManifestPlace::Embedded) = (top, self.place) {
            return format!(
                "ask the issuer, or, if you believe the timestamp's authority, ask it for the SHA-256 of the certificate above its own; if it is this one: byline trust add --from {} --timestamps --sha256 {}; {LEDGER_TELLS}",
                typed(self.picture),
                Digest::of(top).hex()
            );
        }
        let last = facts.stamp_chain.last().and_then(|der| LeafInfo::parse(der).ok());
        let issuer = last.and_then(|last| last.issuer_cn.or(last.issuer_o));
        let issuer = issuer.filter(|name| is_plain(name.raw()));
        let root = issuer.map_or_else(
            || "its root certificate".to_owned(),
            |name| format!("the certificate of `{}`", name.raw()),
        );
        format!(
            "ask the issuer, or, if you believe the timestamp's authority, get {root} (PEM) from it: byline trust add ROOT.pem --timestamps; {LEDGER_TELLS}"
        )
    }

    fn issuer(&self, facts: &ManifestFacts) -> String {
        if self.checks.issuer.outcome == Outcome::Fail {
            return word::REVOKED.to_owned();
        }
        if !facts.credential_fit {
            return "ask whoever signed it for the picture signed with a certificate that keeps the rules"
                .to_owned();
        }
        if let Some(name) = self.own {
            return word::own_key(name);
        }
        let chain = facts.signer.as_ref().map(|signer| &signer.chain_der);
        chain
            .and_then(|chain| self.compare(chain.first()?, "its holder"))
            .unwrap_or_else(|| "ask whoever signed it for a copy whose certificate can be read".to_owned())
    }

    /// How a certificate is compared with its holder, and added.
    fn compare(&self, certificate: &[u8], holder: &str) -> Option<String> {
        let sha256 = Digest::of(certificate).hex();
        let (what, add) = match self.place {
            ManifestPlace::Embedded => {
                let picture = typed(self.picture);
                let add = format!("byline trust add --from {picture} --sha256 {sha256}");
                ("this one".to_owned(), add)
            }
            ManifestPlace::Fetched | ManifestPlace::Given => {
                let add = "get it from there in PEM, and then byline trust add FILE.pem";
                (sha256, add.to_owned())
            }
            ManifestPlace::Absent => return None,
        };
        Some(format!(
            "ask {holder}, over another way than the picture came, for the SHA-256 of their certificate; if it is {what}: {add}"
        ))
    }

    fn named(&self, facts: &ManifestFacts) -> Vec<OpenPoint> {
        let signer = facts.signer.as_ref().and_then(|signer| signer.chain_der.first());
        let lines = self.identities.iter().zip(&facts.identities);
        let open = lines.filter(|(line, _)| line.check.outcome != Outcome::Pass);
        let points = open.map(|(line, identity)| {
            let stranger = identity.chain_der.first();
            let stranger = stranger.filter(|_| line.check.id == "cawg.identity.well-formed");
            let settle = match stranger {
                // One certificate for both is asked about once.
                Some(der) if signer == Some(der) && self.checks.issuer.outcome != Outcome::Pass => {
                    Some(self.issuer(facts))
                }
                Some(der) => self.compare(der, "whoever it names"),
                None => None,
            };
            let settle = settle.unwrap_or_else(|| match line.check.outcome {
                Outcome::Fail => "take no word of it; ask whoever it names, over another way".to_owned(),
                _ => "ask whoever it names, over another way".to_owned(),
            });
            point(OpenAbout::Identity, &line.check, settle)
        });
        let mut points: Vec<OpenPoint> = points.collect();
        points.dedup();
        points
    }

    fn revoked(&self) -> Option<OpenPoint> {
        let check = self.revocation?;
        let is_open = matches!(check.outcome, Outcome::NotChecked | Outcome::Unknown);
        let what = check.note.trim_end_matches(revoked::ASK);
        let settle = if what.len() < check.note.len() {
            format!("byline verify --online {}", typed(self.picture))
        } else if self.online {
            "ask the issuer by another way: it was asked now, as far as the certificate says whom to ask"
                .to_owned()
        } else {
            "ask whoever issued it; of a certificate of one's own making the owner says so in a ledger"
                .to_owned()
        };
        let check = Check::new(check.id.clone(), check.outcome, what);
        is_open.then(|| point(OpenAbout::Revocation, &check, settle))
    }

    fn ledger(&self) -> Option<OpenPoint> {
        let check = &self.ledger.check;
        let settle = "if whoever signed or sent it keeps a ledger: byline verify --ledger FILE";
        (check.outcome == Outcome::NotChecked).then(|| point(OpenAbout::Ledger, check, settle.to_owned()))
    }
}

impl Shared<'_> {
    /// The ledger to ask, where it was named.
    pub(super) fn named_ledger(&self) -> Option<&Path> {
        match &self.request.ledger {
            LedgerChoice::File(path) => Some(path),
            _ => None,
        }
    }
}

/// The one point of a picture whose credentials could not be had or read.
pub(super) fn without_credentials(word: ResultWord, check: &Check, remedy: Option<&str>) -> Vec<OpenPoint> {
    let open = remedy.filter(|_| word != ResultWord::NoCredentials);
    let point = open.map(|settle| point(OpenAbout::Credentials, check, settle.to_owned()));
    point.into_iter().collect()
}

/// What to do where the address of the credentials was asked, and they were not there.
const NOT_THERE: &str = "ask for the file with its credentials inside, or for them beside it (--manifest)";

fn point(about: OpenAbout, check: &Check, settle: String) -> OpenPoint {
    OpenPoint {
        about,
        id: check.id.clone(),
        outcome: check.outcome,
        what: check.note.clone(),
        settle,
    }
}

fn unchanged(check: &Check) -> String {
    match (check.outcome, check.id.as_str()) {
        (Outcome::Fail, _) => word::CHANGED,
        (_, "claim.hardBindings.missing") => "ask whoever signed it for the picture with a manifest of its own",
        (_, "coverage.boxes.leftOut") => {
            "take no word of what stands in the boxes left out, metadata or picture; whoever signed it can sign the whole file"
        }
        (_, "coverage.exclusions.mismatch") => {
            "take no word of what stands in the parts left out, such as metadata; whoever signed it can sign the whole file"
        }
        (_, "coverage.notChecked") => "ask whoever signed it for a file whose manifest is not compressed",
        (Outcome::NotChecked, _) => "ask whoever signed it for the original",
        _ => "ask whoever signed it: the program that did made a fault",
    }
    .to_owned()
}

fn signature(check: &Check) -> String {
    match check.outcome {
        Outcome::Fail => "disregard what the credentials say; ask whoever sent the picture for the original",
        _ => "ask whoever signed it for a copy with a signature of a usual kind",
    }
    .to_owned()
}

/// What a ledger can say of the time of signing: no word of a verdict leans on it.
const LEDGER_TELLS: &str = "an entry of that time, in a ledger that you rely on, tells you when it was recorded and leaves this word";

/// A file's name as it can be typed into a shell, else a word in its place.
fn typed(path: &Path) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    let name = path.to_str().filter(|name| name.chars().all(is_plain));
    name.filter(|name| !name.starts_with('-'))
        .unwrap_or("PICTURE")
        .to_owned()
}

/// Whether a name that stands in a file can stand in a sentence of ours and say nothing else there.
fn is_plain(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || " .-_()&,".contains(c);
    !name.is_empty() && name.len() <= NAME_CHARS_MAX && name.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_stand_in_a_command() {
        assert_eq!(typed(Path::new("a/b-1.jpg")), "a/b-1.jpg");
        for odd in ["a b.jpg", "-x", "$(id).jpg", "a\u{1b}.jpg", "\u{e4}.jpg"] {
            assert_eq!(typed(Path::new(odd)), "PICTURE", "{odd}");
        }
    }
}
