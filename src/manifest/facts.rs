//! What a file's manifest says and what was checked of it, as plain data: one field per question, no verdict.

use serde_json::Value;

use super::coverage::{Coverage, Held};
use super::status::Code;
use crate::base::{Digest, SourceType, Timestamp, Untrusted};
use crate::keys::ocsp::OcspFault;
use crate::keys::path::PathFault;

/// What was found of a manifest in a file.
#[derive(Clone, Debug)]
pub enum ManifestEvidence {
    /// No manifest store, and nothing that points to one.
    Absent,
    /// A manifest store that was read.
    Read(Box<ManifestFacts>),
    /// No manifest store, but the address of one; it was not fetched.
    RemoteOnly {
        /// The address, as found in XMP.
        url: Untrusted,
    },
    /// Something in the store's place that could not be read.
    Unreadable {
        /// Why, for people.
        why: String,
    },
}

/// The facts a verdict is made of, each answering one question, and what the manifest says.
#[derive(Clone, Debug)]
pub struct ManifestFacts {
    /// The C2PA state as the SDK gives it, by the system clock.
    pub state: State,
    /// Every status of the SDK.
    pub statuses: Vec<Status>,
    /// Is the picture the one that was signed?
    pub binding: Binding,
    /// Are the manifest's own assertions the ones that were signed?
    pub links: Links,
    /// Is the signature good?
    pub signature: Signature,
    /// Was the claim signed while the certificate was valid?
    pub validity: Validity,
    /// When was it signed, as far as somebody else vouches for it?
    pub time: SigningTime,
    /// The certificates in its time stamp from the authority's own upwards, DER; none where there is no stamp.
    pub stamp_chain: Vec<Vec<u8>>,
    /// Why an anchor that those lead to does not vouch for the authority, where one is.
    pub stamp_refused: Option<PathFault>,
    /// Does the certificate's chain end at an anchor that was given?
    pub chain: Chain,
    /// Is the certificate one that may sign claims (C2PA profile)?
    pub credential_fit: bool,
    /// Was the certificate revoked?
    pub revocation: Revocation,
    /// Who signed, as the certificate says.
    pub signer: Option<SignerFacts>,
    /// The active manifest.
    pub active: ActiveManifest,
    /// Ingredients, flattened: parents before children.
    pub ingredients: Vec<IngredientFacts>,
    /// What is wrong with ingredients, by this check or by the record of an earlier signer.
    pub ingredient_faults: Vec<IngredientFault>,
    /// Named identities (CAWG).
    pub identities: Vec<IdentityFacts>,
    /// Our own structural check.
    pub coverage: Coverage,
    /// Whether the store lies in the file, or was put back into it, or came beside it.
    pub held: Held,
    /// [`crate::asset::Asset::content_digest`], where the validated hard binding is that very hash.
    pub content_digest: Option<Digest>,
    /// SHA-256 of the store's JUMBF bytes.
    pub manifest_digest: Option<Digest>,
}

/// The C2PA validation state (2.4, 14.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Something does not hold.
    Invalid,
    /// Holds; the signer is not known.
    Valid,
    /// Holds, and the signer is anchored.
    Trusted,
}

/// One status of the SDK.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Success, informational or failure.
    pub kind: StatusKind,
    /// The code.
    pub code: Code,
    /// What it is about.
    pub url: Option<Untrusted>,
    /// The SDK's words.
    pub explanation: Option<Untrusted>,
    /// The ingredient it is about; `None` for the active manifest.
    pub ingredient: Option<Untrusted>,
}

/// Which list of the validation results a status stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StatusKind {
    /// A check that passed.
    Success,
    /// Neither.
    Informational,
    /// A check that failed.
    Failure,
}

/// The picture against the hard binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    /// There is none.
    Absent,
    /// Every bound byte is as signed, but bytes beyond the manifest store are not bound.
    Incomplete,
    /// Every bound byte is as signed.
    Match,
    /// Bytes differ from what was signed.
    Mismatch,
    /// It was not checked.
    NotChecked,
}

/// Assertions against the claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Links {
    /// All are as the claim says.
    Hold,
    /// One differs or is missing.
    Broken,
    /// All are as the claim says, and what they or the claim say breaks a rule.
    Malformed,
}

/// The claim's signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signature {
    /// It does not verify.
    Bad,
    /// It verifies with the leaf certificate's key.
    Good,
    /// It could not be judged: missing, or of an algorithm that is not supported.
    NotChecked,
}

/// Signing time against the leaf certificate's validity, at the time asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Validity {
    /// No trusted time stamp, and the certificate has expired by now: it may have been signed before or after.
    ExpiredWithoutTimestamp,
    /// No trusted time stamp; the certificate is valid now.
    InsideNow,
    /// A trusted time stamp lies inside the certificate's validity.
    InsideAtTimestamp,
    /// The certificate has expired by now; a time stamp lies inside its validity, by an authority that is not listed.
    InsideAtUnlistedTimestamp,
    /// The certificate is not valid yet.
    NotYetValid,
    /// A trusted time stamp lies outside the certificate's validity.
    OutsideAtTimestamp,
    /// No certificate was read.
    #[default]
    Unknown,
}

/// When the claim was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SigningTime {
    /// A time stamp is there and does not hold.
    Broken {
        /// The SDK's code.
        code: Code,
    },
    /// No time stamp.
    None,
    /// A time stamp that holds, by an authority not among the anchors.
    Unlisted {
        /// What it says.
        at: Option<Timestamp>,
        /// Who signed it, as its certificate says.
        authority: Option<Untrusted>,
    },
    /// A time stamp that holds, by a listed authority.
    Trusted {
        /// What it says.
        at: Timestamp,
        /// Who signed it, as its certificate says.
        authority: Option<Untrusted>,
        /// The list of others that the authority is on, in a verdict's words; `None` where the user trusts it.
        list: Option<String>,
    },
}

/// Where the certificate's chain ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chain {
    /// At an anchor of this set.
    Anchored {
        /// The set's name, as the user gave it.
        set: String,
    },
    /// At a certificate of a list that others keep.
    Listed {
        /// The list in a verdict's words.
        list: String,
        /// Whether it is the signer's certificate itself that is listed, and not an authority above it.
        itself: bool,
    },
    /// At one that was given, and it may not be followed there: as good as unlisted.
    Refused {
        /// Why not.
        why: PathFault,
    },
    /// At none that was given.
    Unlisted,
}

impl Chain {
    /// Whether it ends at one that was given.
    #[must_use]
    pub const fn is_anchored(&self) -> bool {
        matches!(self, Self::Anchored { .. } | Self::Listed { .. })
    }
}

/// What the issuer's answers say of revocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// None of them settles it.
    NotChecked {
        /// Why not.
        why: OpenWhy,
    },
    /// Not revoked when it counted.
    NotRevoked {
        /// The moment the issuer speaks of.
        as_of: Timestamp,
    },
    /// Revoked before the signature was made, or before nobody knows when.
    Revoked {
        /// Since when, where our own reading says so.
        since: Option<Timestamp>,
    },
    /// Revoked after a trusted timestamp.
    RevokedLater {
        /// Since when.
        since: Timestamp,
    },
}

/// Why revocation is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenWhy {
    /// There is no answer.
    NoAnswer,
    /// The issuer does not know the certificate, or does not say.
    NotKnown,
    /// The answer is from before the moment that counts.
    Old {
        /// The moment the issuer speaks of.
        as_of: Timestamp,
        /// Until when that was to be believed.
        until: Timestamp,
    },
    /// The answer says nothing of this certificate.
    Unusable(OcspFault),
}

/// Who signed, as the certificate says.
#[derive(Clone, Debug)]
pub struct SignerFacts {
    /// Signature algorithm, `ed25519`.
    pub algorithm: Option<String>,
    /// Organisation of the subject, which the SDK calls issuer.
    pub organisation: Option<Untrusted>,
    /// Common name of the subject.
    pub common_name: Option<Untrusted>,
    /// Certificates, DER, leaf first.
    pub chain_der: Vec<Vec<u8>>,
    /// The leaf, read.
    pub leaf: Option<crate::keys::x509::LeafInfo>,
}

/// What the active manifest says.
#[derive(Clone, Debug, Default)]
pub struct ActiveManifest {
    /// URN.
    pub label: Untrusted,
    /// Title.
    pub title: Option<Untrusted>,
    /// Claim generators: name and version.
    pub generators: Vec<(Untrusted, Option<Untrusted>)>,
    /// Claim version, 1 or 2.
    pub claim_version: Option<u8>,
    /// Media type the claim states.
    pub format: Option<Untrusted>,
    /// Instance id.
    pub instance_id: Option<Untrusted>,
    /// Actions, in order.
    pub actions: Vec<ActionFacts>,
    /// What a statement of generative AI in an older form comes to.
    pub implied_type: Option<SourceType>,
    /// `allActionsIncluded`, where written.
    pub all_actions: Option<bool>,
    /// `cawg.metadata`, JSON-LD.
    pub metadata: Option<Value>,
    /// The digital source type in it, as found.
    pub metadata_type: Option<Untrusted>,
    /// What `stds.schema-org.CreativeWork` says of rights: property, `schema:author`, and value.
    pub work: Vec<(&'static str, Untrusted)>,
    /// `cawg.training-mining` or its older form.
    pub mining: Vec<MiningFacts>,
    /// `c2pa.soft-binding`.
    pub soft_bindings: Vec<SoftBindingFacts>,
    /// `c2pa.ai-disclosure`.
    pub disclosures: Vec<Value>,
    /// The first model that one of them names.
    pub model: Option<Untrusted>,
    /// Claim thumbnail.
    pub thumbnail: Option<Thumbnail>,
    /// Labels of all assertions.
    pub assertions: Vec<Untrusted>,
    /// The proof in its repository receipt, unchecked.
    pub receipt: Option<Vec<u8>>,
    /// How many manifests the store holds.
    pub manifests: usize,
    /// Whether its statements could not be read, though it is there: then nothing above but label and assertions is known.
    pub unread: bool,
}

/// What is said of one use of a picture by machines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MiningFacts {
    /// The use, `cawg.ai_training`.
    pub name: Untrusted,
    /// The answer, `notAllowed`.
    pub answer: Untrusted,
    /// By what it is constrained (`constraint_info`).
    pub constraint: Option<Untrusted>,
}

/// One action.
#[derive(Clone, Debug, Default)]
pub struct ActionFacts {
    /// Label, `c2pa.created`.
    pub action: Untrusted,
    /// Digital source type, as found.
    pub source_type: Option<Untrusted>,
    /// Program, with its version.
    pub software_agent: Option<(Untrusted, Option<Untrusted>)>,
    /// Stated time; nobody vouches for it.
    pub when: Option<Untrusted>,
    /// Description.
    pub description: Option<Untrusted>,
    /// Reason, of redactions.
    pub reason: Option<Untrusted>,
    /// Labels of the ingredients it names.
    pub ingredients: Vec<Untrusted>,
}

impl ActionFacts {
    /// Its digital source type, where that says how the picture came to be: after an action that leaves the picture as it is only a
    /// word of AI does.
    #[must_use]
    pub fn telling_type(&self) -> Option<SourceType> {
        let term = SourceType::parse(self.source_type.as_ref()?.raw())?;
        (term.is_ai() || !NON_EDITORIAL.contains(&self.action.raw())).then_some(term)
    }
}

/// Actions that leave what a picture shows as it is (c2pa-org/conformance-public, asset rubrics of 2026-08-06).
pub const NON_EDITORIAL: [&str; 11] = [
    "c2pa.converted",
    "c2pa.published",
    "c2pa.repackaged",
    "c2pa.transcoded",
    "c2pa.resized.proportional",
    "c2pa.enhanced",
    "c2pa.edited.metadata",
    "c2pa.watermarked",
    "c2pa.watermarked.bound",
    "c2pa.watermarked.unbound",
    "c2pa.redacted",
];

/// One ingredient.
#[derive(Clone, Debug, Default)]
pub struct IngredientFacts {
    /// Nesting: 0 for ingredients of the active manifest.
    pub depth: usize,
    /// Title.
    pub title: Option<Untrusted>,
    /// Media type.
    pub format: Option<Untrusted>,
    /// `parentOf`, `componentOf` or `inputTo`.
    pub relationship: &'static str,
    /// URN of its manifest, where it has one.
    pub manifest: Option<Untrusted>,
    /// Who signed that manifest.
    pub signed_by: Option<Untrusted>,
    /// Its own source type, where stated.
    pub source_type: Option<Untrusted>,
    /// Source types that the actions of its own manifest state, in order, without those of actions that leave the picture as it is.
    pub stated_types: Vec<Untrusted>,
    /// The first actions that its own manifest states, in order.
    pub actions: Vec<ActionFacts>,
    /// Data types, of models, prompts and seeds.
    pub data_types: Vec<Untrusted>,
    /// Codes of failures that the signer recorded when it took the ingredient in.
    pub recorded_failures: Vec<Code>,
    /// Codes of failures found now, which the signer did not record.
    pub found_failures: Vec<Code>,
}

/// One thing wrong with an ingredient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IngredientFault {
    /// Which one: its title, else its address.
    pub ingredient: Untrusted,
    /// The code.
    pub code: Code,
    /// Whether an earlier signer recorded it; else it was found now.
    pub recorded: bool,
}

/// One named identity.
#[derive(Clone, Debug, Default)]
pub struct IdentityFacts {
    /// Label with its instance.
    pub label: Untrusted,
    /// `cawg.x509.cose` or `cawg.identity_claims_aggregation`.
    pub sig_type: Untrusted,
    /// Roles, `cawg.creator`.
    pub roles: Vec<Untrusted>,
    /// Who: common name, else organisation, else the names verified by an aggregator.
    pub subject: Vec<Untrusted>,
    /// Labels of the assertions it vouches for.
    pub references: Vec<Untrusted>,
    /// Status codes about it.
    pub codes: Vec<(StatusKind, Code)>,
    /// Whether it vouches for nothing broken and its signature verifies.
    pub holds: bool,
    /// Whether its certificate is anchored.
    pub trusted: bool,
    /// Whether its certificate was valid when the claim that holds it was signed; `None` of identities without a certificate, whose
    /// own dates are among the codes.
    pub validity: Option<Validity>,
    /// Certificates, DER, leaf first, of X.509 identities.
    pub chain_der: Vec<Vec<u8>>,
}

/// One soft binding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SoftBindingFacts {
    /// Registered algorithm, `io.iscc.v0`.
    pub alg: Untrusted,
    /// Values, one per block.
    pub values: Vec<Vec<u8>>,
}

/// The claim thumbnail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thumbnail {
    /// Media type as stated.
    pub format: Untrusted,
    /// The image.
    pub bytes: Vec<u8>,
    /// Whether the claim states exactly these bytes; `None` where that was not checked.
    pub holds: Option<bool>,
}
