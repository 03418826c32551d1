//! The SDK's settings for reading one file: of the lists of others, which it goes through again for each file, with those certificates
//! alone that the file's store may lead to.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use c2pa::Context;
use memchr::{memchr_iter, memmem};

use super::read::TrustError;
use super::trust::{AnchorList, TrustAnchors, settings};
use crate::asset::StorePlace;
use crate::keys::der::{Der, INTEGER, SEQUENCE};

/// The settings with no, some or all certificates of the lists.
pub(super) struct Contexts {
    lean: Arc<Context>,
    /// Made when first needed.
    whole: OnceLock<Arc<Context>>,
    /// With some certificates, by which: a batch has few signers.
    some: Mutex<HashMap<BTreeSet<Place>, Arc<Context>>>,
    /// Read when first needed; `None` where a name cannot be read, and all lists are always given.
    names: OnceLock<Option<ListedNames>>,
    trust: TrustAnchors,
}

/// A certificate of a list: which list, and where in it.
type Place = (usize, usize);

impl Contexts {
    /// Takes the anchors.
    pub(super) fn of(trust: &TrustAnchors) -> Result<Self, TrustError> {
        Ok(Self {
            lean: context(&trust.without_lists())?,
            whole: OnceLock::new(),
            some: Mutex::new(HashMap::new()),
            names: OnceLock::new(),
            trust: trust.clone(),
        })
    }

    /// The settings for a file whose store lies so.
    pub(super) fn fitting(&self, store: &StorePlace) -> Arc<Context> {
        match store {
            StorePlace::Found { jumbf, .. } => self.for_store(jumbf),
            StorePlace::Absent | StorePlace::Damaged { .. } => self.whole(),
        }
    }

    /// The settings for a store.
    pub(super) fn for_store(&self, store: &[u8]) -> Arc<Context> {
        match self.led_to(store) {
            None => self.whole(),
            Some(places) if places.is_empty() => Arc::clone(&self.lean),
            Some(places) => self.with(places),
        }
    }

    /// Whether a store, or a certificate, may lead to one of the lists. False only where it cannot.
    pub(super) fn may_lead_to_a_list(&self, bytes: &[u8]) -> bool {
        self.led_to(bytes).is_none_or(|places| !places.is_empty())
    }

    /// The listed certificates that a store may lead to; `None` where these may be any.
    fn led_to(&self, store: &[u8]) -> Option<BTreeSet<Place>> {
        let names = self.names.get_or_init(|| ListedNames::of(&self.trust.lists));
        names.as_ref()?.named_in(store)
    }

    /// With all lists. They were read as certificates before; settings that the SDK refuses all the same must not believe more than
    /// fewer do.
    fn whole(&self) -> Arc<Context> {
        let make = || context(&self.trust).unwrap_or_else(|_| Arc::clone(&self.lean));
        Arc::clone(self.whole.get_or_init(make))
    }

    /// With these certificates of the lists.
    fn with(&self, places: BTreeSet<Place>) -> Arc<Context> {
        let mut some = self.some.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = some.get(&places) {
            return Arc::clone(known);
        }
        let made = context(&self.trust.with_listed(&places)).unwrap_or_else(|_| self.whole());
        if some.len() >= CONTEXTS_MAX {
            some.clear();
        }
        some.insert(places, Arc::clone(&made));
        made
    }
}

fn context(trust: &TrustAnchors) -> Result<Arc<Context>, TrustError> {
    let context = Context::new().with_settings(settings(Some(trust), true));
    Ok(context.map_err(|_| TrustError)?.into_shared())
}

/// Most settings kept.
const CONTEXTS_MAX: usize = 64;

/// The subjects of all listed authorities and signers, DER.
///
/// The SDK follows a chain to an anchor where a certificate's issuer and the anchor's subject are the same bytes
/// (RFC 5280 7.1 allows looser matches; it makes none), and a signer on a list stands there as in the store, so a store without one of
/// these names cannot reach its certificates.
struct ListedNames {
    names: HashMap<Vec<u8>, Vec<Place>>,
    /// Bytes of the longest: a stranger's store may claim longer ones at every byte, and none of them is looked at.
    longest: usize,
}

/// Box type of the JUMBF store's compressed form (C2PA 2.2, 11.2.4): what is inside cannot be seen from outside.
const COMPRESSED: &[u8] = b"brob";
/// Tag of a certificate's version in DER.
const VERSION: u8 = 0xa0;

impl ListedNames {
    /// Takes the lists. `None` where one of their certificates has a name that cannot be read.
    fn of(lists: &[AnchorList]) -> Option<Self> {
        let mut names: HashMap<Vec<u8>, Vec<Place>> = HashMap::new();
        for (list, one) in lists.iter().enumerate() {
            for (at, der) in one.certificates.iter().enumerate() {
                names.entry(subject(der)?.to_vec()).or_default().push((list, at));
            }
        }
        let longest = names.keys().map(Vec::len).max().unwrap_or(0);
        Some(Self { names, longest })
    }

    /// The certificates that a store may lead to, and no other can; `None` where a part of the store cannot be seen.
    fn named_in(&self, store: &[u8]) -> Option<BTreeSet<Place>> {
        if memmem::find(store, COMPRESSED).is_some() {
            return None;
        }
        let named = memchr_iter(SEQUENCE, store).filter_map(|at| {
            let name = store.get(at..).and_then(|rest| Der::new(rest).next())?;
            let is_short = name.whole.len() <= self.longest;
            is_short.then(|| self.names.get(name.whole)).flatten()
        });
        Some(named.flatten().copied().collect())
    }
}

/// The subject of a certificate, header included.
fn subject(certificate: &[u8]) -> Option<&[u8]> {
    names(certificate).map(|(_, subject)| subject)
}

/// Issuer and subject of a certificate, headers included: what stands after serial number and algorithm, and after the validity
/// (RFC 5280, 4.1). Only this far, for all the certificates of the lists at the start of each run.
pub(super) fn names(certificate: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut signed = Der::new(Der::new(certificate).take(SEQUENCE)?);
    let mut parts = Der::new(signed.take(SEQUENCE)?);
    // Absent in certificates of the first version.
    parts.item(VERSION);
    for tag in [INTEGER, SEQUENCE] {
        parts.item(tag)?;
    }
    let issuer = parts.item(SEQUENCE)?.whole;
    parts.item(SEQUENCE)?;
    parts.item(SEQUENCE).map(|subject| (issuer, subject.whole))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::lists::{ListKind, TrustList};
    use crate::keys::x509::subject_der;
    use crate::manifest::trust::Purpose;

    /// The shipped lists.
    fn lists() -> Vec<AnchorList> {
        let purposes = [
            (ListKind::C2pa, Purpose::Authorities),
            (ListKind::Interim, Purpose::Authorities),
            (ListKind::InterimLeaves, Purpose::Signers),
            (ListKind::Tsa, Purpose::Time),
        ];
        let list = |(kind, purpose)| AnchorList {
            says: String::new(),
            purpose,
            certificates: TrustList::shipped(kind).unwrap().certificates,
            usages: &[],
        };
        purposes.map(list).into()
    }

    #[test]
    fn each_listed_name_is_found_wherever_it_stands() {
        let names = ListedNames::of(&lists()).unwrap();
        for (name, places) in &names.names {
            let store = [&[0x30, 0x30, 0x82][..], name, b"after"].concat();
            let wanted: BTreeSet<Place> = places.iter().copied().collect();
            assert_eq!(names.named_in(&store), Some(wanted), "{name:02x?}");
            let none = Some(BTreeSet::new());
            assert_eq!(names.named_in(&store[..name.len() + 2]), none, "cut short");
            let mut other = store;
            other[name.len()] ^= 1;
            assert_eq!(names.named_in(&other), none, "another name");
        }
    }

    #[test]
    fn what_cannot_be_seen_may_hold_a_name() {
        let names = ListedNames::of(&lists()).unwrap();
        for nothing in [&b"0000"[..], &[0x30, 0x84, 0, 0, 0, 0], &[0x30]] {
            assert_eq!(names.named_in(nothing), Some(BTreeSet::new()));
        }
        assert_eq!(names.named_in(b"..brob.."), None);
    }

    #[test]
    fn of_the_lists_only_what_was_named_is_given() {
        let trust = TrustAnchors {
            lists: lists(),
            ..TrustAnchors::default()
        };
        let places = BTreeSet::from([(0, 1), (2, 0), (3, 2)]);
        let given = trust.with_listed(&places);
        let certificates: Vec<_> = given.lists.iter().flat_map(|list| &list.certificates).collect();
        let wanted: Vec<_> = places
            .iter()
            .map(|(list, at)| &trust.lists[*list].certificates[*at])
            .collect();
        assert_eq!(certificates, wanted);
        let kinds = |trust: &TrustAnchors| trust.lists.iter().map(|list| list.purpose).collect::<Vec<_>>();
        assert_eq!(kinds(&given), kinds(&trust));
    }

    #[test]
    fn a_list_that_cannot_be_read_is_always_asked() {
        let mut lists = lists();
        lists[0].certificates[0].truncate(20);
        assert!(ListedNames::of(&lists).is_none());
    }

    #[test]
    fn names_are_those_that_certificates_have() {
        for der in lists().iter().flat_map(|list| &list.certificates) {
            assert_eq!(subject(der).map(<[u8]>::to_vec), subject_der(der));
            for cut in 0..der.len().min(200) {
                assert_eq!(subject(&der[..cut]), None);
            }
        }
    }
}
