//! C2PA status codes (2.4, 15.2; CAWG identity 1.3, 7.2) as an enum, and which question each one bears on. Does not judge.

use crate::base::Untrusted;

/// Which question a status code bears on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Concern {
    /// The picture's bytes against the hard binding.
    Binding,
    /// A named identity (CAWG) beside the signer.
    Identity,
    /// An ingredient's own manifest.
    Ingredient,
    /// Revocation of the signing certificate.
    Revocation,
    /// The claim's signature.
    Signature,
    /// Whether assertions are there, well formed and as the claim says.
    Structure,
    /// When the claim was signed, against the certificate's validity.
    Time,
    /// The time-stamp token.
    TimeStamp,
    /// Whether the certificate is fit and its chain ends at a known anchor.
    Trust,
    /// Nothing this table knows.
    Other,
}

macro_rules! codes {
    ($($variant:ident, $text:literal, $concern:ident;)*) => {
        /// One status code.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = concat!("`", $text, "`.")] $variant,)*
            /// A code this table does not hold, as found.
            Other(Untrusted),
        }

        impl Code {
            /// The code of a text.
            #[must_use]
            pub fn parse(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)*
                    other => Self::Other(Untrusted::from(other)),
                }
            }

            /// The code's text; of unknown codes, what was found.
            #[must_use]
            pub fn raw(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Other(text) => text.raw(),
                }
            }

            /// Which question it bears on.
            #[must_use]
            pub fn concern(&self) -> Concern {
                match self {
                    $(Self::$variant => Concern::$concern,)*
                    Self::Other(text) if text.raw().starts_with("cawg.") => Concern::Identity,
                    Self::Other(text) if text.raw().starts_with("assertion.") => Concern::Structure,
                    Self::Other(_) => Concern::Other,
                }
            }

            /// Every known code's text.
            pub const KNOWN: &'static [&'static str] = &[$($text,)*];
        }
    };
}

codes! {
    AlgorithmUnsupported, "algorithm.unsupported", Signature;
    ActionIngredientMismatch, "assertion.action.ingredientMismatch", Structure;
    ActionMalformed, "assertion.action.malformed", Structure;
    ActionRedacted, "assertion.action.redacted", Structure;
    ActionRedactionMismatch, "assertion.action.redactionMismatch", Structure;
    ActionSoftBindingMissing, "assertion.action.softBindingMissing", Structure;
    AssertionAccessible, "assertion.accessible", Structure;
    AssertionCborInvalid, "assertion.cbor.invalid", Structure;
    AssertionHashedUriMatch, "assertion.hashedURI.match", Structure;
    AssertionHashedUriMismatch, "assertion.hashedURI.mismatch", Structure;
    AssertionInaccessible, "assertion.inaccessible", Structure;
    AssertionJsonInvalid, "assertion.json.invalid", Structure;
    AssertionMissing, "assertion.missing", Structure;
    AssertionMultipleHardBindings, "assertion.multipleHardBindings", Binding;
    AssertionNotRedacted, "assertion.notRedacted", Structure;
    AssertionOutsideManifest, "assertion.outsideManifest", Structure;
    AssertionSelfRedacted, "assertion.selfRedacted", Structure;
    AssertionUndeclared, "assertion.undeclared", Structure;
    BmffHashAdditional, "assertion.bmffHash.additionalExclusionsPresent", Binding;
    BmffHashMalformed, "assertion.bmffHash.malformed", Binding;
    BmffHashMatch, "assertion.bmffHash.match", Binding;
    BmffHashMismatch, "assertion.bmffHash.mismatch", Binding;
    BoxesHashAdditional, "assertion.boxesHash.additionalExclusionsPresent", Binding;
    BoxesHashMalformed, "assertion.boxesHash.malformed", Binding;
    BoxesHashMatch, "assertion.boxesHash.match", Binding;
    BoxesHashMismatch, "assertion.boxesHash.mismatch", Binding;
    BoxesHashUnknownBox, "assertion.boxesHash.unknownBox", Binding;
    CawgIcaCredentialValid, "cawg.ica.credential_valid", Identity;
    CawgIcaSignatureMismatch, "cawg.ica.signature_mismatch", Identity;
    CawgIcaUntrustedIssuer, "cawg.ica.untrusted_issuer", Identity;
    CawgAssertionDuplicate, "cawg.identity.assertion.duplicate", Identity;
    CawgAssertionMismatch, "cawg.identity.assertion.mismatch", Identity;
    CawgCborInvalid, "cawg.identity.cbor.invalid", Identity;
    CawgHardBindingMissing, "cawg.identity.hard_binding_missing", Identity;
    CawgPadInvalid, "cawg.identity.pad.invalid", Identity;
    CawgSigTypeUnknown, "cawg.identity.sig_type.unknown", Identity;
    CawgTrusted, "cawg.identity.trusted", Identity;
    CawgWellFormed, "cawg.identity.well-formed", Identity;
    CawgX509CredentialInvalid, "cawg.x509.credential.invalid", Identity;
    CawgX509CredentialTrusted, "cawg.x509.credential.trusted", Identity;
    CawgX509CredentialUntrusted, "cawg.x509.credential.untrusted", Identity;
    CawgX509OutsideValidity, "cawg.x509.signature.outside_validity", Identity;
    CawgX509SignatureMismatch, "cawg.x509.signature.mismatch", Identity;
    CawgX509SignatureValidated, "cawg.x509.signature.validated", Identity;
    ClaimCborInvalid, "claim.cbor.invalid", Structure;
    ClaimHardBindingsMissing, "claim.hardBindings.missing", Binding;
    ClaimMalformed, "claim.malformed", Structure;
    ClaimMissing, "claim.missing", Structure;
    ClaimMultiple, "claim.multiple", Structure;
    ClaimSignatureInsideValidity, "claimSignature.insideValidity", Time;
    ClaimSignatureMismatch, "claimSignature.mismatch", Signature;
    ClaimSignatureMissing, "claimSignature.missing", Signature;
    ClaimSignatureOutsideValidity, "claimSignature.outsideValidity", Time;
    ClaimSignatureValidated, "claimSignature.validated", Signature;
    DataHashAdditional, "assertion.dataHash.additionalExclusionsPresent", Binding;
    DataHashMalformed, "assertion.dataHash.malformed", Binding;
    DataHashMatch, "assertion.dataHash.match", Binding;
    DataHashMismatch, "assertion.dataHash.mismatch", Binding;
    DataHashRedacted, "assertion.dataHash.redacted", Binding;
    GeneralError, "general.error", Other;
    HardBindingRedacted, "assertion.hardBinding.redacted", Binding;
    HashedUriMismatch, "hashedURI.mismatch", Structure;
    HashedUriMissing, "hashedURI.missing", Structure;
    IngredientClaimSignatureMismatch, "ingredient.claimSignature.mismatch", Ingredient;
    IngredientClaimSignatureMissing, "ingredient.claimSignature.missing", Ingredient;
    IngredientClaimSignatureValidated, "ingredient.claimSignature.validated", Ingredient;
    IngredientHashedUriMismatch, "ingredient.hashedURI.mismatch", Ingredient;
    IngredientManifestMismatch, "ingredient.manifest.mismatch", Ingredient;
    IngredientManifestMissing, "ingredient.manifest.missing", Ingredient;
    IngredientManifestValidated, "ingredient.manifest.validated", Ingredient;
    IngredientUnknownProvenance, "ingredient.unknownProvenance", Ingredient;
    ManifestCompressedInvalid, "manifest.compressed.invalid", Structure;
    ManifestInaccessible, "manifest.inaccessible", Structure;
    ManifestMultipleParents, "manifest.multipleParents", Structure;
    ManifestUpdateInvalid, "manifest.update.invalid", Structure;
    ManifestUpdateWrongParents, "manifest.update.wrongParents", Structure;
    MetadataDisallowed, "assertion.metadata.disallowed", Structure;
    OcspInaccessible, "signingCredential.ocsp.inaccessible", Revocation;
    OcspNotRevoked, "signingCredential.ocsp.notRevoked", Revocation;
    OcspRevoked, "signingCredential.ocsp.revoked", Revocation;
    OcspSkipped, "signingCredential.ocsp.skipped", Revocation;
    OcspUnknown, "signingCredential.ocsp.unknown", Revocation;
    SigningCredentialExpired, "signingCredential.expired", Time;
    SigningCredentialInvalid, "signingCredential.invalid", Trust;
    SigningCredentialTrusted, "signingCredential.trusted", Trust;
    SigningCredentialUntrusted, "signingCredential.untrusted", Trust;
    TimeOfSigningInsideValidity, "timeOfSigning.insideValidity", Time;
    TimeOfSigningOutsideValidity, "timeOfSigning.outsideValidity", Time;
    TimeStampCredentialInvalid, "timeStamp.credentialInvalid", TimeStamp;
    TimeStampMalformed, "timeStamp.malformed", TimeStamp;
    TimeStampMismatch, "timeStamp.mismatch", TimeStamp;
    TimeStampOutsideValidity, "timeStamp.outsideValidity", TimeStamp;
    TimeStampTrusted, "timeStamp.trusted", TimeStamp;
    TimeStampUntrusted, "timeStamp.untrusted", TimeStamp;
    TimeStampValidated, "timeStamp.validated", TimeStamp;
}

impl Code {
    /// Whether a failure of structure means that the signer broke a rule, and not that something was changed since: where every assertion
    /// hashes to what the claim says. Codes that are not known here are no evidence of a change either.
    #[must_use]
    pub fn is_of_form(&self) -> bool {
        matches!(
            self,
            Self::ActionIngredientMismatch
                | Self::ActionMalformed
                | Self::ActionRedacted
                | Self::ActionRedactionMismatch
                | Self::ActionSoftBindingMissing
                | Self::AssertionCborInvalid
                | Self::AssertionJsonInvalid
                | Self::AssertionNotRedacted
                | Self::AssertionSelfRedacted
                | Self::GeneralError
                | Self::ManifestMultipleParents
                | Self::ManifestUpdateInvalid
                | Self::ManifestUpdateWrongParents
                | Self::MetadataDisallowed
                | Self::Other(_)
        )
    }

    /// Whether the code tells of a check that passed or was left out, in lists that hold failures and successes alike.
    #[must_use]
    pub fn is_harmless(&self) -> bool {
        matches!(
            self,
            Self::AssertionAccessible
                | Self::AssertionHashedUriMatch
                | Self::BmffHashMatch
                | Self::BoxesHashMatch
                | Self::CawgIcaCredentialValid
                | Self::CawgTrusted
                | Self::CawgWellFormed
                | Self::CawgX509CredentialTrusted
                | Self::CawgX509SignatureValidated
                | Self::ClaimSignatureInsideValidity
                | Self::ClaimSignatureValidated
                | Self::DataHashMatch
                | Self::IngredientClaimSignatureValidated
                | Self::IngredientManifestValidated
                | Self::IngredientUnknownProvenance
                | Self::OcspInaccessible
                | Self::OcspNotRevoked
                | Self::OcspSkipped
                | Self::OcspUnknown
                | Self::SigningCredentialTrusted
                | Self::TimeOfSigningInsideValidity
                | Self::TimeStampTrusted
                | Self::TimeStampUntrusted
                | Self::TimeStampValidated
        )
    }

    /// Whether a failure with this code leaves the C2PA state `Valid` (SDK 0.91: an unlisted signer or named identity).
    #[must_use]
    pub fn is_only_trust(&self) -> bool {
        matches!(
            self,
            Self::SigningCredentialUntrusted
                | Self::CawgX509CredentialUntrusted
                | Self::CawgIcaUntrustedIssuer
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_code_comes_back_as_written() {
        for text in Code::KNOWN {
            let code = Code::parse(text);
            assert_eq!(code.raw(), *text);
            assert!(!matches!(code, Code::Other(_)), "{text}");
        }
    }

    #[test]
    fn an_unknown_code_is_kept_and_sorted_by_its_family() {
        assert_eq!(Code::parse("cawg.new.thing").concern(), Concern::Identity);
        assert_eq!(Code::parse("assertion.new.thing").concern(), Concern::Structure);
        assert_eq!(Code::parse("x\u{1b}y").concern(), Concern::Other);
    }
}
