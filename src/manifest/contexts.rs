//! The SDK's settings for reading one file: with the lists of others, which it goes through again for each file, only where a
//! store may lead to one of them.

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use c2pa::Context;
use memchr::{memchr_iter, memmem};

use super::read::TrustError;
use super::trust::{AnchorList, TrustAnchors, settings};
use crate::asset::StorePlace;
use crate::keys::der::{Der, INTEGER, SEQUENCE};

/// The settings with and without the lists.
pub(super) struct Contexts {
    lean: Arc<Context>,
    /// Made when first needed.
    whole: OnceLock<Arc<Context>>,
    /// Read when first needed; `None` where a name cannot be read, and all lists are always given.
    names: OnceLock<Option<ListedNames>>,
    trust: TrustAnchors,
}

impl Contexts {
    /// Takes the anchors.
    pub(super) fn of(trust: &TrustAnchors) -> Result<Self, TrustError> {
        Ok(Self {
            lean: context(&trust.without_lists())?,
            whole: OnceLock::new(),
            names: OnceLock::new(),
            trust: trust.clone(),
        })
    }

    /// The settings for a file whose store lies so.
    pub(super) fn fitting(&self, store: &StorePlace) -> &Arc<Context> {
        match store {
            StorePlace::Found { jumbf, .. } => self.for_store(jumbf),
            StorePlace::Absent | StorePlace::Damaged { .. } => self.whole(),
        }
    }

    /// The settings for a store.
    pub(super) fn for_store(&self, store: &[u8]) -> &Arc<Context> {
        if self.may_lead_to_a_list(store) {
            self.whole()
        } else {
            &self.lean
        }
    }

    /// Whether a store, or a certificate, may lead to one of the lists. False only where it cannot.
    pub(super) fn may_lead_to_a_list(&self, bytes: &[u8]) -> bool {
        let names = self.names.get_or_init(|| ListedNames::of(&self.trust.lists));
        names.as_ref().is_none_or(|names| names.may_be_in(bytes))
    }

    /// With all lists. They were read as certificates before; settings that the SDK refuses all the same must not believe more than
    /// fewer do.
    fn whole(&self) -> &Arc<Context> {
        let make = || context(&self.trust).unwrap_or_else(|_| Arc::clone(&self.lean));
        self.whole.get_or_init(make)
    }
}

fn context(trust: &TrustAnchors) -> Result<Arc<Context>, TrustError> {
    let context = Context::new().with_settings(settings(trust, true));
    Ok(context.map_err(|_| TrustError)?.into_shared())
}

/// The subjects of all listed authorities and signers, DER.
///
/// The SDK follows a chain to an anchor where a certificate's issuer and the anchor's subject are the same bytes
/// (RFC 5280 7.1 allows looser matches; it makes none), and a signer on a list stands there as in the store, so a store without any of
/// these names cannot reach a list.
struct ListedNames {
    names: HashSet<Vec<u8>>,
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
        let certificates = lists.iter().flat_map(|list| &list.certificates);
        let subjects = certificates.map(|der| subject(der).map(<[u8]>::to_vec));
        let names: HashSet<Vec<u8>> = subjects.collect::<Option<_>>()?;
        let longest = names.iter().map(Vec::len).max().unwrap_or(0);
        Some(Self { names, longest })
    }

    /// Whether a store may lead to a list. False only where it cannot.
    fn may_be_in(&self, store: &[u8]) -> bool {
        memmem::find(store, COMPRESSED).is_some()
            || memchr_iter(SEQUENCE, store).any(|at| {
                let name = store.get(at..).and_then(|rest| Der::new(rest).next());
                name.is_some_and(|name| name.whole.len() <= self.longest && self.names.contains(name.whole))
            })
    }
}

/// The subject of a certificate, header included: what stands after serial number, algorithm, issuer and validity (RFC 5280, 4.1).
/// Only this far, for all the certificates of the lists at the start of each run.
fn subject(certificate: &[u8]) -> Option<&[u8]> {
    let mut signed = Der::new(Der::new(certificate).take(SEQUENCE)?);
    let mut parts = Der::new(signed.take(SEQUENCE)?);
    // Absent in certificates of the first version.
    parts.item(VERSION);
    for tag in [INTEGER, SEQUENCE, SEQUENCE, SEQUENCE] {
        parts.item(tag)?;
    }
    parts.item(SEQUENCE).map(|name| name.whole)
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
        for name in &names.names {
            let store = [&[0x30, 0x30, 0x82][..], name, b"after"].concat();
            assert!(names.may_be_in(&store), "{name:02x?}");
            assert!(!names.may_be_in(&store[..name.len() + 2]), "cut short");
            let mut other = store;
            other[name.len()] ^= 1;
            assert!(!names.may_be_in(&other), "another name");
        }
    }

    #[test]
    fn what_cannot_be_seen_may_hold_a_name() {
        let names = ListedNames::of(&lists()).unwrap();
        assert!(!names.may_be_in(b"0000"));
        assert!(!names.may_be_in(&[0x30, 0x84, 0, 0, 0, 0]));
        assert!(!names.may_be_in(&[0x30]));
        assert!(names.may_be_in(b"..brob.."));
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
