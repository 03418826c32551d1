//! A file's manifest read: the SDK validates, our own parser looks at the store's bytes, and both become facts.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use c2pa::crypto::cose::{CertificateTrustPolicy, TrustAnchorType};
use c2pa::validation_results::StatusCodes;
use c2pa::{Context, Reader, ValidationState};

use super::contents;
use super::coverage::{self, HardBinding};
use super::facts::{
    Binding, Chain, Links, ManifestEvidence, ManifestFacts, Revocation, Signature, SignerFacts, SigningTime,
    State, Status, StatusKind, Validity,
};
use super::head_first::HeadFirst;
use super::ingredients;
use super::stamp::{Authorities, Stamp, Vouched};
use super::status::{Code, Concern};
use super::store::{Active, StoreError};
use super::trust::{AnchorList, AnchorSet, Purpose, TrustAnchors, settings};
use super::update;
use crate::asset::{Asset, Format, StorePlace};
use crate::base::{Digest, Hasher, Timestamp, Untrusted};
use crate::keys::pem::certificate_text;
use crate::keys::x509::LeafInfo;

/// Reads manifests against one set of anchors; made once, used for all files on all threads.
pub struct ManifestReader {
    context: Arc<Context>,
    policy: CertificateTrustPolicy,
    /// Certificates given themselves, DER, with the names of their sets: who signs with one needs no chain.
    pinned: Vec<(Vec<u8>, String)>,
    /// Lists of others, for signers.
    lists: Vec<Listed>,
    /// For time-stamping authorities, and nobody else.
    authorities: Authorities,
    /// Chains judged before: a batch has few signers.
    chains: Mutex<HashMap<(Digest, i64), Chain>>,
}

/// A list of others, as it is asked.
struct Listed {
    list: AnchorList,
    /// Of authorities; `None` where the list holds signers themselves.
    policy: Option<CertificateTrustPolicy>,
}

impl Listed {
    /// Takes the lists for signers.
    fn of(lists: &[AnchorList]) -> Result<Vec<Self>, TrustError> {
        let lists = lists.iter().filter(|list| list.purpose != Purpose::Time);
        lists
            .map(|list| {
                let policy = match list.purpose {
                    Purpose::Authorities => Some(policy_of_list(list, TrustAnchorType::Manifest)?),
                    Purpose::Signers | Purpose::Time => None,
                };
                Ok(Self {
                    list: list.clone(),
                    policy,
                })
            })
            .collect()
    }

    /// Whether a signer is on it, or below an authority that is, at a moment.
    fn holds(&self, first: &Vec<u8>, rest: &[Vec<u8>], usages: &[String], moment: i64) -> bool {
        let wanted = self.list.usages;
        if !wanted.is_empty() && !usages.iter().any(|usage| wanted.contains(&usage.as_str())) {
            return false;
        }
        match &self.policy {
            Some(policy) => policy.check_certificate_trust(rest, first, Some(moment)).is_ok(),
            None => self.list.certificates.contains(first),
        }
    }
}

/// The anchors cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("a trust anchor is not a certificate in PEM")]
pub struct TrustError;

impl ManifestReader {
    /// Takes the anchors.
    pub fn new(trust: &TrustAnchors) -> Result<Self, TrustError> {
        let mut given = [&trust.c2pa, &trust.cawg, &trust.tsa].into_iter().flatten();
        if given.any(|set| !set.pem.trim().is_empty() && contents::certificates(&set.pem).is_empty()) {
            return Err(TrustError);
        }
        let context = Context::new()
            .with_settings(settings(trust, true))
            .map_err(|_| TrustError)?;
        Ok(Self {
            context: context.into_shared(),
            policy: policy(&trust.c2pa, TrustAnchorType::Manifest)?,
            pinned: trust
                .c2pa
                .iter()
                .flat_map(|set| {
                    let name = &set.name;
                    contents::certificates(&set.pem)
                        .into_iter()
                        .map(move |der| (der, name.clone()))
                })
                .collect(),
            lists: Listed::of(&trust.lists)?,
            authorities: Authorities {
                yours: trust
                    .tsa
                    .iter()
                    .any(|set| !set.pem.trim().is_empty())
                    .then(|| policy(&trust.tsa, TrustAnchorType::TSA))
                    .transpose()?,
                lists: trust
                    .lists
                    .iter()
                    .filter(|list| list.purpose == Purpose::Time)
                    .map(|list| Ok((list.says.clone(), policy_of_list(list, TrustAnchorType::TSA)?)))
                    .collect::<Result<_, TrustError>>()?,
            },
            chains: Mutex::new(HashMap::new()),
        })
    }

    /// Reads an asset's manifest as of `at`: the same file, anchors and time give the same facts.
    pub fn read(&self, asset: &Asset, at: Timestamp) -> ManifestEvidence {
        match self.open(asset) {
            Ok(Ok(reader)) => {
                let store = match &asset.layout().store {
                    StorePlace::Found { jumbf, .. } => Ok(jumbf.as_slice()),
                    StorePlace::Damaged { why, .. } => Err(StoreError::Place(*why)),
                    StorePlace::Absent => Err(StoreError::Missing { what: "store" }),
                };
                ManifestEvidence::Read(Box::new(self.facts(asset, store, &reader, at)))
            }
            Ok(Err(error)) => without_reader(asset, &error),
            Err(_) => failed(),
        }
    }

    /// Reads a manifest store that lies beside an asset, as of `at`; one inside the asset is not looked at.
    ///
    /// What our own structural check says of it counts for nothing: it looks at the place of a store in its file.
    pub fn read_beside(&self, asset: &Asset, store: &[u8], at: Timestamp) -> ManifestEvidence {
        let opened = catch_unwind(AssertUnwindSafe(|| {
            Reader::from_shared_context(&self.context).with_manifest_data_and_stream(
                store,
                asset.format().mime(),
                HeadFirst::of(asset),
            )
        }));
        match opened {
            Ok(Ok(reader)) => ManifestEvidence::Read(Box::new(self.facts(asset, Ok(store), &reader, at))),
            Ok(Err(_)) => ManifestEvidence::Unreadable {
                why: "the C2PA library cannot read the manifest store".to_owned(),
            },
            Err(_) => failed(),
        }
    }

    /// The manifest store as crJSON, as the SDK writes it and conformance tools read it; `None` where no store can be read.
    ///
    /// Validated by the system clock, and unjudged. All text in it is a stranger's.
    ///
    /// Source: <https://spec.c2pa.org>, "Content Credentials JSON" (crJSON), and the SDK's `Reader::to_crjson_value`.
    pub fn crjson(&self, asset: &Asset) -> Option<serde_json::Value> {
        let reader = self.open(asset).ok()?.ok()?;
        catch_unwind(AssertUnwindSafe(|| reader.to_crjson_value()))
            .ok()?
            .ok()
    }

    fn open(&self, asset: &Asset) -> std::thread::Result<Result<Reader, c2pa::Error>> {
        catch_unwind(AssertUnwindSafe(|| {
            Reader::from_shared_context(&self.context)
                .with_stream(asset.format().mime(), HeadFirst::of(asset))
        }))
    }

    fn facts(
        &self,
        asset: &Asset,
        jumbf: Result<&[u8], StoreError>,
        reader: &Reader,
        at: Timestamp,
    ) -> ManifestFacts {
        let parsed = jumbf.clone().and_then(Active::parse);
        let own = parsed.as_ref();
        let below = own.ok().and_then(|own| update::below(reader, own));
        let (manifest, said) = match &below {
            Some((manifest, below)) => (Some(*manifest), Some(below)),
            None => (reader.active_manifest(), own.ok()),
        };
        let mut active = contents::active(reader, manifest, said);
        active.receipt = own.ok().and_then(update::receipt);
        let named_byline = active
            .generators
            .first()
            .is_some_and(|(name, _)| name.raw() == "byline");
        let coverage = coverage::check(asset, own, below.as_ref().map(|(_, below)| below), named_byline);
        let statuses = statuses(reader);
        let judge = Judge(&statuses);
        let signer = signer(reader);
        let stamp = own.ok().and_then(|own| Stamp::read(own, &self.authorities));
        let time = judge.time(reader, stamp);
        let leaf = signer.as_ref().and_then(|signer| signer.leaf.as_ref());
        let validity = validity(leaf, &time, at);
        let chain = self.chain(signer.as_ref(), leaf, &time, at);
        let binding = complete(judge.binding(), asset, &coverage.binding, own.ok());
        let content_digest = match (&coverage.binding, binding, asset.format()) {
            (HardBinding::Data { exact: true, sha256 }, Binding::Match, Format::Jpeg | Format::Png) => {
                *sha256
            }
            _ => None,
        };
        ManifestFacts {
            state: match reader.validation_state() {
                ValidationState::Invalid => State::Invalid,
                ValidationState::Valid => State::Valid,
                ValidationState::Trusted if chain == Chain::Unlisted => State::Valid,
                ValidationState::Trusted => State::Trusted,
            },
            binding,
            links: judge.links(),
            signature: judge.signature(),
            validity,
            chain,
            credential_fit: !judge.failed(|code| *code == Code::SigningCredentialInvalid),
            revocation: judge.revocation(),
            active,
            ingredients: ingredients::list(reader, manifest),
            ingredient_faults: ingredients::faults(reader, &statuses),
            identities: contents::identities(manifest, said, &statuses),
            manifest_digest: jumbf.ok().map(Digest::of),
            content_digest,
            coverage,
            signer,
            time,
            statuses,
        }
    }

    /// Whether the chain ends at an anchor. Time is another question: the chain is judged at a moment inside the leaf's validity.
    fn chain(
        &self,
        signer: Option<&SignerFacts>,
        leaf: Option<&LeafInfo>,
        time: &SigningTime,
        at: Timestamp,
    ) -> Chain {
        let (Some(signer), Some(leaf)) = (signer, leaf) else {
            return Chain::Unlisted;
        };
        let Some((first, rest)) = signer.chain_der.split_first() else {
            return Chain::Unlisted;
        };
        if let Some((_, set)) = self.pinned.iter().find(|(der, _)| der == first) {
            return Chain::Anchored { set: set.clone() };
        }
        let asked = match time {
            SigningTime::Trusted { at, .. } => *at,
            _ => at,
        };
        let moment = within(leaf, asked);
        let mut hasher = Hasher::new();
        signer
            .chain_der
            .iter()
            .for_each(|certificate| hasher.update(certificate));
        let key = (hasher.finish(), moment);
        let mut chains = self.chains.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = chains.get(&key) {
            return known.clone();
        }
        let yours = self.policy.check_certificate_trust(rest, first, Some(moment));
        let found = if let Ok((_, set)) = yours {
            Chain::Anchored { set }
        } else {
            let mut lists = self.lists.iter();
            let on = lists.find(|one| one.holds(first, rest, &leaf.usages, moment));
            on.map_or(Chain::Unlisted, |on| Chain::Listed {
                list: on.list.says.clone(),
                itself: on.policy.is_none(),
            })
        };
        if chains.len() >= CHAINS_MAX {
            chains.clear();
        }
        chains.insert(key, found.clone());
        found
    }
}

/// The second inside a certificate's validity that is nearest to a time.
fn within(leaf: &LeafInfo, at: Timestamp) -> i64 {
    let LeafInfo { validity, .. } = leaf;
    at.clamp(validity.not_before, validity.not_after.max(validity.not_before))
        .unix_s()
}

/// Tells a binding that leaves out more than the store from one that does not match. The SDK calls some of the former a mismatch, since
/// no honest reader can tell them from an attack; still, no bound byte changed.
fn complete(judged: Binding, asset: &Asset, binding: &HardBinding, own: Option<&Active<'_>>) -> Binding {
    let wide = matches!(binding, HardBinding::Data { exact: false, .. });
    match judged {
        Binding::Match | Binding::Mismatch
            if wide && !matches!(asset.format(), Format::Tiff | Format::Dng) =>
        {
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

fn failed() -> ManifestEvidence {
    ManifestEvidence::Unreadable {
        why: "the C2PA library failed on it".to_owned(),
    }
}

/// What it means that the SDK found no manifest to read.
fn without_reader(asset: &Asset, error: &c2pa::Error) -> ManifestEvidence {
    match (error, &asset.layout().store) {
        (_, StorePlace::Damaged { why, .. }) => ManifestEvidence::Unreadable { why: why.to_string() },
        (c2pa::Error::RemoteManifestUrl(url) | c2pa::Error::RemoteManifestFetch(url), StorePlace::Absent) => {
            ManifestEvidence::RemoteOnly {
                url: Untrusted::from(url.as_str()),
            }
        }
        (_, StorePlace::Absent) => ManifestEvidence::Absent,
        (_, StorePlace::Found { .. }) => ManifestEvidence::Unreadable {
            why: "the C2PA library cannot read the manifest store".to_owned(),
        },
    }
}

/// The SDK's validation results as one list.
fn statuses(reader: &Reader) -> Vec<Status> {
    let mut out = Vec::new();
    let Some(results) = reader.validation_results() else {
        return out;
    };
    let mut take = |codes: &StatusCodes, ingredient: Option<&str>| {
        let lists = [
            (StatusKind::Success, codes.success()),
            (StatusKind::Informational, codes.informational()),
            (StatusKind::Failure, codes.failure()),
        ];
        for (kind, list) in lists {
            out.extend(list.iter().map(|status| Status {
                kind,
                code: Code::parse(status.code()),
                url: status.url().map(Untrusted::from),
                explanation: status.explanation().map(Untrusted::from),
                ingredient: ingredient.map(Untrusted::from),
            }));
        }
    };
    if let Some(active) = results.active_manifest() {
        take(active, None);
    }
    for delta in results.ingredient_deltas().into_iter().flatten() {
        take(delta.validation_deltas(), Some(delta.ingredient_assertion_uri()));
    }
    out
}

/// Who signed the active manifest.
fn signer(reader: &Reader) -> Option<SignerFacts> {
    let info = reader.active_manifest()?.signature_info()?;
    let chain_der = contents::certificates(info.cert_chain());
    let leaf = chain_der.first().and_then(|der| LeafInfo::parse(der).ok());
    Some(SignerFacts {
        algorithm: info.alg.map(|alg| alg.to_string()),
        organisation: info.issuer.as_deref().map(Untrusted::from),
        common_name: info.common_name.as_deref().map(Untrusted::from),
        chain_der,
        leaf,
    })
}

fn validity(leaf: Option<&LeafInfo>, time: &SigningTime, at: Timestamp) -> Validity {
    let Some(leaf) = leaf else {
        return Validity::Unknown;
    };
    match time {
        SigningTime::Trusted { at, .. } if leaf.validity.contains(*at) => Validity::InsideAtTimestamp,
        SigningTime::Trusted { .. } => Validity::OutsideAtTimestamp,
        _ if leaf.validity.contains(at) => Validity::InsideNow,
        SigningTime::Unlisted { at: Some(at), .. } if leaf.validity.contains(*at) => {
            Validity::InsideAtUnlistedTimestamp
        }
        _ if at < leaf.validity.not_before => Validity::NotYetValid,
        _ => Validity::ExpiredWithoutTimestamp,
    }
}

/// The statuses of the active manifest, asked one question at a time.
struct Judge<'a>(&'a [Status]);

impl Judge<'_> {
    fn own(&self, kind: StatusKind) -> impl Iterator<Item = &Code> {
        self.0
            .iter()
            .filter(move |one| one.kind == kind && one.ingredient.is_none())
            .map(|one| &one.code)
    }

    fn failed(&self, fits: impl Fn(&Code) -> bool) -> bool {
        self.own(StatusKind::Failure).any(fits)
    }

    fn passed(&self, fits: impl Fn(&Code) -> bool) -> bool {
        self.own(StatusKind::Success).any(fits)
    }

    fn binding(&self) -> Binding {
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

    fn links(&self) -> Links {
        if self.failed(|code| matches!(code.concern(), Concern::Structure | Concern::Other)) {
            Links::Broken
        } else {
            Links::Hold
        }
    }

    fn signature(&self) -> Signature {
        if self.failed(|code| *code == Code::ClaimSignatureMismatch) {
            Signature::Bad
        } else if self.passed(|code| *code == Code::ClaimSignatureValidated) {
            Signature::Good
        } else {
            Signature::NotChecked
        }
    }

    fn revocation(&self) -> Revocation {
        let revoked = |code: &Code| *code == Code::OcspRevoked;
        if self.failed(revoked) || self.own(StatusKind::Informational).any(revoked) {
            Revocation::Revoked
        } else if self.passed(|code| *code == Code::OcspNotRevoked) {
            Revocation::NotRevoked
        } else {
            Revocation::NotChecked
        }
    }

    /// The time of signing, by our own judgement of the stamp: to the SDK, an anchor for anything is one for time.
    fn time(&self, reader: &Reader, stamp: Option<Stamp>) -> SigningTime {
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

/// The anchors of one kind as the SDK's policy.
fn policy(sets: &[AnchorSet], kind: TrustAnchorType) -> Result<CertificateTrustPolicy, TrustError> {
    let mut policy = CertificateTrustPolicy::default();
    for set in sets.iter().filter(|set| !set.pem.trim().is_empty()) {
        policy
            .add_trust_anchors(set.pem.as_bytes(), &set.name, kind, None)
            .map_err(|_| TrustError)?;
    }
    Ok(policy)
}

/// The authorities of a list as the SDK's policy.
fn policy_of_list(list: &AnchorList, kind: TrustAnchorType) -> Result<CertificateTrustPolicy, TrustError> {
    let set = AnchorSet {
        name: list.says.clone(),
        pem: list
            .certificates
            .iter()
            .map(|der| certificate_text(der))
            .collect(),
    };
    policy(std::slice::from_ref(&set), kind)
}

/// Most chains remembered.
const CHAINS_MAX: usize = 4096;
