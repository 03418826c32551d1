//! A file's manifest read: the SDK validates, our own parser looks at the store's bytes, and both become facts.

use std::collections::HashMap;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use c2pa::validation_results::StatusCodes;
use c2pa::{Reader, ValidationState};

use super::contents;
use super::contexts::Contexts;
use super::cost::{self, TooCostly};
use super::coverage::{self, HardBinding, Held};
use super::facts::{
    Binding, Chain, IdentityFacts, ManifestEvidence, ManifestFacts, Revocation, SignerFacts, SigningTime,
    State, Status, StatusKind,
};
use super::head_first::HeadFirst;
use super::ingredients;
use super::judge::{Judge, alone, complete, validity};
use super::listed::{Listed, leads};
use super::path::{Anchors, Way};
use super::revocation;
use super::shape;
use super::stamp::{Authorities, Stamp};
use super::status::Code;
use super::store::{Active, StoreError};
use super::trust::{AnchorSet, Purpose, TrustAnchors, USAGES};
use super::update;
use crate::asset::{Asset, Format, StorePlace};
use crate::base::{Digest, Hasher, Timestamp, Untrusted};
use crate::keys::ocsp;
use crate::keys::path::PathFault;
use crate::keys::x509::LeafInfo;

/// Reads manifests against one set of anchors; made once, used for all files on all threads.
pub struct ManifestReader {
    contexts: Contexts,
    /// The user's authorities for signers, DER.
    anchors: Vec<Vec<u8>>,
    /// The same as anchors, with the names of their sets.
    sets: Vec<(String, Anchors)>,
    /// Certificates given themselves, DER, with the names of their sets: who signs with one needs no chain.
    pinned: Vec<(Vec<u8>, String)>,
    /// Lists of others, for signers.
    lists: Vec<Listed>,
    /// For named identities: authorities, and certificates given themselves.
    identities: (Anchors, Vec<Vec<u8>>),
    /// For time-stamping authorities, and nobody else.
    authorities: Authorities,
    /// Chains judged before: a batch has few signers.
    chains: Mutex<HashMap<(Digest, i64), Chain>>,
}

/// A question to an issuer, and where it may be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The question (OCSPRequest, DER).
    pub der: Vec<u8>,
    /// Addresses that the certificate names, as found.
    pub responders: Vec<String>,
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
        let lists = |purposes: &[Purpose]| -> Vec<Listed> {
            let lists = trust.lists.iter().filter(|list| purposes.contains(&list.purpose));
            lists.cloned().map(Listed::from).collect()
        };
        Ok(Self {
            contexts: Contexts::of(trust)?,
            anchors: trust.c2pa.iter().flat_map(AnchorSet::authorities).collect(),
            sets: trust
                .c2pa
                .iter()
                .map(|set| (set.name.clone(), Anchors::of(set.authorities())))
                .collect(),
            pinned: trust
                .c2pa
                .iter()
                .flat_map(|set| set.leaves().into_iter().map(|der| (der, set.name.clone())))
                .collect(),
            lists: lists(&[Purpose::Authorities, Purpose::Signers]),
            identities: (
                Anchors::of(trust.cawg.iter().flat_map(AnchorSet::authorities)),
                trust.cawg.iter().flat_map(AnchorSet::leaves).collect(),
            ),
            authorities: Authorities {
                yours: Anchors::of(trust.tsa.iter().flat_map(AnchorSet::authorities)),
                pinned: trust.tsa.iter().flat_map(AnchorSet::leaves).collect(),
                lists: lists(&[Purpose::Time]),
            },
            chains: Mutex::new(HashMap::new()),
        })
    }

    /// Reads an asset's manifest as of `at`: the same file, anchors and time give the same facts.
    pub fn read(&self, asset: &Asset, at: Timestamp) -> ManifestEvidence {
        if !may_hold_any(asset) {
            return ManifestEvidence::Absent;
        }
        if let Err(why) = cost::check(asset) {
            return unread(&why);
        }
        match self.open(asset) {
            Ok(Ok(reader)) => ManifestEvidence::Read(Box::new(self.facts(asset, None, &reader, at))),
            Ok(Err(error)) => without_reader(asset, &error),
            Err(_) => failed_on_it(),
        }
    }

    /// Reads a manifest store that came beside an asset, as of `at`; a store in the asset is not looked at.
    ///
    /// A store that was taken out of this very file is judged in its place: put back where its hash left it out. Every other may leave
    /// out nothing of the file.
    pub fn read_beside(&self, asset: &Asset, store: &[u8], at: Timestamp) -> ManifestEvidence {
        if matches!(&asset.layout().store, StorePlace::Found { jumbf, .. } if jumbf.as_slice() == store) {
            return self.read(asset, at);
        }
        // In another file that place may be none, and nothing is read from it: then it is judged beside.
        if let Some(whole) = put_back(asset, store)
            && let read @ ManifestEvidence::Read(_) = self.read(&whole, at)
        {
            return read;
        }
        if let Err(why) = cost::check_store(store) {
            let why = format!("the manifest that came beside the picture is not checked: {why}");
            return ManifestEvidence::Unreadable { why };
        }
        match self.open_beside(asset, store) {
            Ok(Ok(reader)) => ManifestEvidence::Read(Box::new(self.facts(asset, Some(store), &reader, at))),
            Ok(Err(_)) => ManifestEvidence::Unreadable {
                why: "the C2PA library cannot read the manifest that came beside the picture".to_owned(),
            },
            Err(_) => failed_on_it(),
        }
    }

    /// The manifest store as crJSON, as the SDK writes it and conformance tools read it; `None` where no store can be read.
    ///
    /// Validated by the system clock, and unjudged; of the store that came beside the asset, where one did. All text in it is a stranger's.
    ///
    /// Source: <https://spec.c2pa.org>, "Content Credentials JSON" (crJSON), and the SDK's `Reader::to_crjson_value`.
    pub fn crjson(&self, asset: &Asset, beside: Option<&[u8]>) -> Option<serde_json::Value> {
        let reader = match beside {
            None => {
                cost::check(asset).ok()?;
                self.open(asset)
            }
            Some(store) => {
                cost::check_store(store).ok()?;
                match put_back(asset, store) {
                    Some(whole) => self.open(&whole),
                    None => self.open_beside(asset, store),
                }
            }
        };
        let reader = reader.ok()?.ok()?;
        catch_unwind(AssertUnwindSafe(|| reader.to_crjson_value()))
            .ok()?
            .ok()
    }

    fn open(&self, asset: &Asset) -> std::thread::Result<Result<Reader, c2pa::Error>> {
        catch_unwind(AssertUnwindSafe(|| {
            Reader::from_shared_context(&self.contexts.fitting(&asset.layout().store))
                .with_stream(asset.format().mime(), HeadFirst::of(asset))
        }))
    }

    fn open_beside(&self, asset: &Asset, store: &[u8]) -> std::thread::Result<Result<Reader, c2pa::Error>> {
        catch_unwind(AssertUnwindSafe(|| {
            Reader::from_shared_context(&self.contexts.for_store(store)).with_manifest_data_and_stream(
                store,
                asset.format().mime(),
                Cursor::new(asset.bytes()),
            )
        }))
    }

    /// The facts of the store that came beside the asset, or else of the one in it.
    fn facts(&self, asset: &Asset, beside: Option<&[u8]>, reader: &Reader, at: Timestamp) -> ManifestFacts {
        let (jumbf, held) = store_of(asset, beside);
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
        let bound = own.ok().and_then(|own| update::bound(reader, own));
        let coverage = coverage::check((asset, held), own, bound.as_ref(), named_byline);
        let statuses = statuses(reader);
        let judge = Judge(&statuses);
        let signer = signer(reader).or_else(|| own.ok().and_then(signer_of));
        let stamp = own.ok().and_then(|own| self.stamp(own));
        let (stamp_chain, stamp_refused) = carried(stamp.as_ref());
        let time = judge.time(reader, stamp);
        let leaf = signer.as_ref().and_then(|signer| signer.leaf.as_ref());
        let mut identities = contents::identities(manifest, said, &statuses, &|chain| match &signer {
            // Most identities are the signer's own.
            Some(signer) if chain.first() == signer.chain_der.first() => validity(leaf, &time, at),
            _ => {
                let leaf = chain.first().and_then(|der| LeafInfo::parse(der).ok());
                validity(leaf.as_ref(), &time, at)
            }
        });
        self.follow(&mut identities, at);
        let validity = validity(leaf, &time, at);
        let chain = self.chain(signer.as_ref(), leaf, &time, at);
        let answers = own.ok().map(revocation::answers).unwrap_or_default();
        let revoked = self.standing(signer.as_ref(), &answers, &time, at);
        let under = bound.as_ref().or(own.ok());
        let binding = match held {
            Held::Beside => alone(judge.binding(), &coverage),
            Held::Inside => complete(judge.binding(), asset, &coverage.binding, under),
        };
        ManifestFacts {
            state: state(reader, &chain),
            binding,
            links: judge.links(
                own.is_ok_and(Active::is_as_claimed),
                own.is_ok_and(shape::is_named_as_claimed),
            ),
            signature: judge.signature(),
            validity,
            chain,
            credential_fit: !judge.failed(|code| *code == Code::SigningCredentialInvalid),
            revocation: revocation::beside_sdk(revoked, &judge),
            active,
            ingredients: ingredients::list(reader, manifest, &statuses),
            ingredient_faults: ingredients::faults(reader, &statuses),
            identities,
            manifest_digest: jumbf.ok().map(Digest::of),
            content_digest: content_digest((asset, held), &coverage.binding, binding),
            coverage,
            held,
            signer,
            stamp_chain,
            stamp_refused,
            time,
            statuses,
        }
    }

    /// The stamp of a manifest's signature.
    fn stamp(&self, own: &Active<'_>) -> Option<Stamp> {
        let leads = |token: &[u8]| self.contexts.may_lead_to_a_list(token);
        Stamp::read(own, &self.authorities, leads)
    }

    /// What an answer that was asked for says of the certificate that signed.
    #[must_use]
    pub fn answered(&self, facts: &ManifestFacts, answer: &[u8], at: Timestamp) -> Revocation {
        self.standing(facts.signer.as_ref(), &[answer.to_vec()], &facts.time, at)
    }

    /// Whom to ask whether the certificate that signed was revoked, and what; nothing where it names nobody, or its issuer is not known.
    #[must_use]
    pub fn question(&self, facts: &ManifestFacts) -> Option<Question> {
        let (leaf, above) = facts.signer.as_ref()?.chain_der.split_first()?;
        let responders = ocsp::responders(leaf);
        let issuer = ocsp::issuer(leaf, above.iter().chain(self.authorities()))?;
        Some(Question {
            der: ocsp::question(leaf, issuer)?,
            responders: (!responders.is_empty()).then_some(responders)?,
        })
    }

    fn standing(
        &self,
        signer: Option<&SignerFacts>,
        answers: &[Vec<u8>],
        time: &SigningTime,
        at: Timestamp,
    ) -> Revocation {
        let chain = signer
            .map(|signer| signer.chain_der.as_slice())
            .unwrap_or_default();
        let stamped = match time {
            SigningTime::Trusted { at, .. } => Some(*at),
            _ => None,
        };
        revocation::judge(answers, chain, self.authorities(), (stamped, at))
    }

    /// Every certificate of signers' authorities that was given.
    fn authorities(&self) -> impl Iterator<Item = &Vec<u8>> {
        let lists = self.lists.iter().filter(|one| !one.is_of_signers());
        let listed = lists.flat_map(Listed::certificates);
        self.anchors.iter().chain(listed)
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
        let Some(first) = signer.chain_der.first() else {
            return Chain::Unlisted;
        };
        if !leaf.usages.iter().any(|usage| USAGES.contains(&usage.as_str())) {
            return Chain::Refused {
                why: PathFault::Usage,
            };
        }
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
        let found = self.anchored(&signer.chain_der, &leaf.usages, moment);
        if chains.len() >= CHAINS_MAX {
            chains.clear();
        }
        chains.insert(key, found.clone());
        found
    }

    /// Where a chain ends, of the user's sets and then of the lists.
    fn anchored(&self, chain: &[Vec<u8>], usages: &[String], moment: i64) -> Chain {
        let mut refused = None;
        for (set, anchors) in &self.sets {
            match anchors.follow(chain, |policy| leads(policy, chain, moment)) {
                Way::There(()) => return Chain::Anchored { set: set.clone() },
                Way::Refused(why) => refused = refused.or(Some(why)),
                Way::Nowhere => {}
            }
        }
        // Most signers are on no list, and then none has to be read.
        let leading = chain.iter().any(|der| self.contexts.may_lead_to_a_list(der));
        for list in self.lists.iter().filter(|_| leading) {
            match list.holds(chain, usages, moment) {
                Way::There(()) => {
                    return Chain::Listed {
                        list: list.says().to_owned(),
                        itself: list.is_of_signers(),
                    };
                }
                Way::Refused(why) => refused = refused.or(Some(why)),
                Way::Nowhere => {}
            }
        }
        refused.map_or(Chain::Unlisted, |why| Chain::Refused { why })
    }

    /// Of the identities that the library calls trusted, only those whose certificates may be followed are.
    fn follow(&self, identities: &mut [IdentityFacts], at: Timestamp) {
        let certified = identities.iter_mut().filter(|one| one.validity.is_some());
        for one in certified.filter(|one| one.trusted) {
            one.trusted = self.may_be_followed(&one.chain_der, at);
        }
    }

    /// Whether an identity's certificate may be followed to an anchor, or is one that was given.
    fn may_be_followed(&self, chain: &[Vec<u8>], at: Timestamp) -> bool {
        let (anchors, pinned) = &self.identities;
        let Some(first) = chain.first() else { return false };
        let moment = LeafInfo::parse(first).map(|leaf| within(&leaf, at));
        let way = |moment| anchors.follow(chain, |policy| leads(policy, chain, moment));
        pinned.contains(first) || moment.is_ok_and(|moment| way(moment) == Way::There(()))
    }
}

/// What a stamp carries: its chain, and why that may not be followed.
fn carried(stamp: Option<&Stamp>) -> (Vec<Vec<u8>>, Option<PathFault>) {
    let chain = stamp.map(|stamp| stamp.chain_der.clone());
    (chain.unwrap_or_default(), stamp.and_then(|stamp| stamp.refused))
}

/// The store that is judged, and where it lies.
fn store_of<'a>(asset: &'a Asset, beside: Option<&'a [u8]>) -> (Result<&'a [u8], StoreError>, Held) {
    match (beside, &asset.layout().store) {
        (Some(store), _) => (Ok(store), Held::Beside),
        (None, StorePlace::Found { jumbf, .. }) => (Ok(jumbf.as_slice()), Held::Inside),
        (None, StorePlace::Damaged { why, .. }) => (Err(StoreError::Place(*why)), Held::Inside),
        (None, StorePlace::Absent) => (Err(StoreError::Missing { what: "store" }), Held::Inside),
    }
}

/// The hash of the file without its store, where the hard binding that held is just that.
fn content_digest((asset, held): (&Asset, Held), stated: &HardBinding, found: Binding) -> Option<Digest> {
    let covers_content = held == Held::Inside || asset.store_ranges().is_empty();
    match (stated, found, asset.format()) {
        (HardBinding::Data { exact: true, sha256 }, Binding::Match, Format::Jpeg | Format::Png)
            if covers_content =>
        {
            *sha256
        }
        _ => None,
    }
}

/// The SDK's validation state; trusted is who has a chain by our own judgement, too.
fn state(reader: &Reader, chain: &Chain) -> State {
    match reader.validation_state() {
        ValidationState::Invalid => State::Invalid,
        ValidationState::Valid => State::Valid,
        ValidationState::Trusted if !chain.is_anchored() => State::Valid,
        ValidationState::Trusted => State::Trusted,
    }
}

/// The second inside a certificate's validity that is nearest to a time.
fn within(leaf: &LeafInfo, at: Timestamp) -> i64 {
    let LeafInfo { validity, .. } = leaf;
    at.clamp(validity.not_before, validity.not_after.max(validity.not_before))
        .unix_s()
}

/// The picture with a store back in the place that its hash leaves out for it; nothing where the hash leaves out nothing. An update has no
/// hash: that of the manifest below it counts.
fn put_back(asset: &Asset, store: &[u8]) -> Option<Asset> {
    let active = Active::parse(store).ok()?;
    let hash = |one: &Active<'_>| one.data_hash().ok().flatten();
    let data = hash(&active).or_else(|| {
        let labels = active.manifest_labels.iter().rev().filter(|_| active.is_update);
        let mut below = labels.filter_map(|label| Active::labelled(store, label).ok());
        below.find_map(|one| hash(&one))
    })?;
    let (start, _) = data.exclusions.iter().find(|(_, length)| *length > 0)?;
    asset.with_store_at(store, usize::try_from(*start).ok()?)
}

fn failed_on_it() -> ManifestEvidence {
    ManifestEvidence::Unreadable {
        why: "the C2PA library failed on the manifest store".to_owned(),
    }
}

/// Whether there is a store, or words of one, or an address of one elsewhere. In a file without, the SDK has nothing to find, and
/// its own walks over hostile containers are spared.
fn may_hold_any(asset: &Asset) -> bool {
    let has = |bytes: &[u8], words: &[u8]| memchr::memmem::find(bytes, words).is_some();
    match asset.layout().store {
        StorePlace::Damaged { .. } | StorePlace::Found { .. } => true,
        StorePlace::Absent => {
            let xmp = asset.layout().xmp.as_deref().unwrap_or_default();
            // `dcterms:provenance` is the address; XMP may be compressed, or stand where only the SDK looks for it.
            let words: [&[u8]; 3] = [b"c2pa", b"C2PA", b"provenance"];
            words.iter().any(|words| has(asset.bytes(), words)) || has(xmp, b"provenance")
        }
    }
}

/// A store that the SDK is not asked about.
fn unread(why: &TooCostly) -> ManifestEvidence {
    let why = match why {
        TooCostly::Place(damage) => damage.to_string(),
        bound => format!("the manifest store is not checked: {bound}"),
    };
    ManifestEvidence::Unreadable { why }
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
            why: unreadable(error).to_owned(),
        },
    }
}

/// Why the SDK gives up on a store, where that says more than that it does; none of these is damage.
const fn unreadable(error: &c2pa::Error) -> &'static str {
    match error {
        c2pa::Error::PrereleaseError => {
            "the manifest store was written before the first version of C2PA, and nobody reads that any more"
        }
        c2pa::Error::UnknownAlgorithm => {
            "a hash in the manifest names no algorithm, or one that C2PA does not know"
        }
        c2pa::Error::ClaimMissingHardBinding => "the claim has no hash of a picture: it is bound to none",
        _ => "the C2PA library cannot read the manifest store",
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

/// As [`signer`], by our own look at the signature, where the SDK has none to show for what it checked.
fn signer_of(own: &Active<'_>) -> Option<SignerFacts> {
    let chain_der = own.chain();
    let leaf = LeafInfo::parse(chain_der.first()?).ok()?;
    Some(SignerFacts {
        algorithm: None,
        organisation: leaf.subject_o.clone(),
        common_name: leaf.subject_cn.clone(),
        chain_der,
        leaf: Some(leaf),
    })
}

/// Most chains remembered.
const CHAINS_MAX: usize = 4096;
