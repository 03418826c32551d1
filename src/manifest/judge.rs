//! From the SDK's statuses and our own findings to the facts that answer one question each.

use c2pa::Reader;

use super::coverage::{self, Coverage, HardBinding};
use super::facts::{Binding, Links, Signature, SigningTime, Status, StatusKind, Validity};
use super::finding::Finding;
use super::stamp::{Stamp, Vouched};
use super::status::{Code, Concern};
use super::store::Active;
use crate::asset::Asset;
use crate::base::Timestamp;
use crate::keys::x509::LeafInfo;

/// Signing time against the certificate's validity.
pub(super) fn validity(leaf: Option<&LeafInfo>, time: &SigningTime, at: Timestamp) -> Validity {
    let Some(leaf) = leaf else {
        return Validity::Unknown;
    };
    match time {
        SigningTime::Trusted { at, .. } if leaf.validity.contains(*at) => Validity::InsideAtTimestamp,
        SigningTime::Trusted { .. } => Validity::OutsideAtTimestamp,
        _ if leaf.validity.contains(at) => Validity::InsideNow,
        _ if at < leaf.validity.not_before => Validity::NotYetValid,
        SigningTime::Unlisted { at: Some(at), .. } if leaf.validity.contains(*at) => {
            Validity::InsideAtUnlistedTimestamp
        }
        _ => Validity::ExpiredWithoutTimestamp,
    }
}

/// The statuses of the active manifest, asked one question at a time.
pub(super) struct Judge<'a>(pub(super) &'a [Status]);

impl Judge<'_> {
    fn own(&self, kind: StatusKind) -> impl Iterator<Item = &Code> {
        self.0
            .iter()
            .filter(move |one| one.kind == kind && one.ingredient.is_none())
            .map(|one| &one.code)
    }

    pub(super) fn failed(&self, fits: impl Fn(&Code) -> bool) -> bool {
        self.own(StatusKind::Failure).any(fits)
    }

    fn passed(&self, fits: impl Fn(&Code) -> bool) -> bool {
        self.own(StatusKind::Success).any(fits)
    }

    pub(super) fn binding(&self) -> Binding {
        let matched = |code: &Code| {
            matches!(
                code,
                Code::BmffHashMatch | Code::BoxesHashMatch | Code::DataHashMatch
            )
        };
        if self.failed(|code| *code == Code::ClaimHardBindingsMissing) {
            Binding::Absent
        } else if self.failed(|code| code.concern() == Concern::Binding) {
            Binding::Mismatch
        } else if self.passed(matched) {
            Binding::Match
        } else {
            Binding::NotChecked
        }
    }

    /// `as_claimed` says whether every assertion hashes to what the claim says of it, `named` whether the manifest has the label that
    /// the claim says too: then a malformed claim is as it was signed.
    pub(super) fn links(&self, as_claimed: bool, named: bool) -> Links {
        let of_structure = |code: &Code| matches!(code.concern(), Concern::Structure | Concern::Other);
        let of_form = |code: &Code| code.is_of_form() || named && *code == Code::ClaimMalformed;
        if self.failed(|code| of_structure(code) && !(as_claimed && of_form(code))) {
            Links::Broken
        } else if self.failed(of_structure) {
            Links::Malformed
        } else {
            Links::Hold
        }
    }

    pub(super) fn signature(&self) -> Signature {
        if self.failed(|code| *code == Code::ClaimSignatureMismatch) {
            Signature::Bad
        } else if self.passed(|code| *code == Code::ClaimSignatureValidated) {
            Signature::Good
        } else {
            Signature::NotChecked
        }
    }

    /// Whether the SDK calls the certificate revoked.
    pub(super) fn says_revoked(&self) -> bool {
        let revoked = |code: &Code| *code == Code::OcspRevoked;
        self.failed(revoked) || self.own(StatusKind::Informational).any(revoked)
    }

    /// The time of signing, by our own judgement of the stamp: to the SDK, an anchor for anything is one for time.
    pub(super) fn time(&self, reader: &Reader, stamp: Option<Stamp>) -> SigningTime {
        let broken = self
            .own(StatusKind::Informational)
            .chain(self.own(StatusKind::Failure))
            .find(|code| code.concern() == Concern::TimeStamp && **code != Code::TimeStampUntrusted);
        if let Some(code) = broken {
            return SigningTime::Broken { code: code.clone() };
        }
        let Some(stamp) = stamp else {
            // A manifest that only the SDK could take apart.
            let at = reader
                .active_manifest()
                .and_then(|manifest| manifest.signature_info()?.time.clone())
                .and_then(|text| Timestamp::parse_rfc3339(&text));
            return at.map_or(SigningTime::None, |at| SigningTime::Unlisted {
                at: Some(at),
                authority: None,
            });
        };
        let validated = self.passed(|code| *code == Code::TimeStampValidated);
        match stamp.at {
            None => SigningTime::Broken {
                code: Code::TimeStampMismatch,
            },
            Some(at) if stamp.vouched != Vouched::Nobody && validated => SigningTime::Trusted {
                at,
                authority: stamp.authority,
                list: match stamp.vouched {
                    Vouched::List(list) => Some(list),
                    Vouched::You | Vouched::Nobody => None,
                },
            },
            at => SigningTime::Unlisted {
                at,
                authority: stamp.authority,
            },
        }
    }
}

/// Tells a binding that leaves out more than the store from one that does not match; `own` is the manifest that it stands in. The SDK
/// calls some of the former a mismatch, since no honest reader can tell them from an attack; still, no bound byte changed.
pub(super) fn complete(
    judged: Binding,
    asset: &Asset,
    binding: &HardBinding,
    own: Option<&Active<'_>>,
) -> Binding {
    let wide = matches!(binding, HardBinding::Data { exact: false, .. });
    // An update under which nothing was found that binds: what the SDK found there is not known here.
    let unknown = own.is_some_and(|own| own.is_update);
    match judged {
        Binding::Match if unknown || leaves_boxes_out(binding) => Binding::Incomplete,
        Binding::Match | Binding::Mismatch if wide => {
            let holds = judged == Binding::Match
                || own.is_some_and(|active| coverage::holds_as_stated(asset, active));
            // What byline signs leaves out the store and nothing else: there, a wider hole is a store that was made smaller.
            let ours = own.is_some_and(Active::is_by_byline);
            match (holds, ours) {
                (true, false) => Binding::Incomplete,
                (true, true) | (false, _) => Binding::Mismatch,
            }
        }
        _ => judged,
    }
}

/// Whether a hash of boxes is of fewer than C2PA wants.
fn leaves_boxes_out(binding: &HardBinding) -> bool {
    matches!(
        binding,
        HardBinding::Bmff { exact: false, .. } | HardBinding::Boxes { exact: false }
    )
}

/// The binding of a manifest beside the file: to leave bytes out is to be bound to another file; a store in the file that only this hash
/// leaves out keeps the answer open.
pub(super) fn alone(judged: Binding, coverage: &Coverage) -> Binding {
    let has_own = coverage.findings.contains(&Finding::OwnStore);
    match (judged, &coverage.binding) {
        (Binding::Match, HardBinding::Data { exact: false, .. }) => Binding::Mismatch,
        (Binding::Match, binding) if has_own || leaves_boxes_out(binding) => Binding::Incomplete,
        _ => judged,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beside_a_file_too_a_hash_without_some_boxes_is_incomplete() {
        let of = |exact| Coverage {
            binding: HardBinding::Boxes { exact },
            findings: Vec::new(),
        };
        assert_eq!(alone(Binding::Match, &of(true)), Binding::Match);
        assert_eq!(alone(Binding::Match, &of(false)), Binding::Incomplete);
        assert_eq!(alone(Binding::Mismatch, &of(false)), Binding::Mismatch);
    }

    fn links(codes: &[&str], as_claimed: bool) -> Links {
        links_of(codes, as_claimed, true)
    }

    fn links_of(codes: &[&str], as_claimed: bool, named: bool) -> Links {
        let failure = |code: &&str| Status {
            kind: StatusKind::Failure,
            code: Code::parse(code),
            url: None,
            explanation: None,
            ingredient: None,
        };
        let statuses: Vec<Status> = codes.iter().map(failure).collect();
        Judge(&statuses).links(as_claimed, named)
    }

    #[test]
    fn a_rule_that_the_signer_broke_is_no_change_where_all_hashes_hold() {
        let rules = [
            "assertion.action.malformed",
            "assertion.required.missing",
            "claim.malformed",
            "general.error",
        ];
        assert_eq!(links(&rules, true), Links::Malformed);
        assert_eq!(links(&rules, false), Links::Broken);
        // Under another label than the claim says, somebody may have changed what frames it.
        assert_eq!(links_of(&["claim.malformed"], true, false), Links::Broken);
        assert_eq!(links_of(&["general.error"], true, false), Links::Malformed);
        for changed in [
            "assertion.hashedURI.mismatch",
            "assertion.missing",
            "assertion.undeclared",
        ] {
            assert_eq!(links(&[rules[0], changed], true), Links::Broken, "{changed}");
        }
        assert_eq!(links(&["signingCredential.untrusted"], false), Links::Hold);
    }
}
