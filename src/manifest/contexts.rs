//! The SDK's settings for reading one file: with the lists' authorities, which it parses again for each file, only where a store may
//! lead to one of them.

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use c2pa::Context;
use memchr::{memchr_iter, memmem};

use super::read::TrustError;
use super::trust::{AnchorList, Purpose, TrustAnchors, settings};
use crate::asset::StorePlace;
use crate::keys::x509::subject_der;

/// The settings with and without the lists' authorities.
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
            lean: context(&trust.without_authorities())?,
            whole: OnceLock::new(),
            names: OnceLock::new(),
            trust: trust.clone(),
        })
    }

    /// The settings for a file whose store lies so.
    pub(super) fn fitting(&self, store: &StorePlace) -> &Arc<Context> {
        let names = self.names.get_or_init(|| ListedNames::of(&self.trust.lists));
        match (names, store) {
            (Some(names), StorePlace::Found { jumbf, .. }) if !names.may_be_in(jumbf) => &self.lean,
            // The lists were read as certificates before; settings that the SDK refuses all the same must not believe more than fewer do.
            _ => self
                .whole
                .get_or_init(|| context(&self.trust).unwrap_or_else(|_| Arc::clone(&self.lean))),
        }
    }
}

fn context(trust: &TrustAnchors) -> Result<Arc<Context>, TrustError> {
    let context = Context::new().with_settings(settings(trust, true));
    Ok(context.map_err(|_| TrustError)?.into_shared())
}

/// The subjects of all listed authorities, DER.
///
/// The SDK follows a chain to an anchor where a certificate's issuer and the anchor's subject are the same bytes
/// (RFC 5280 7.1 allows looser matches; it makes none), so a store without any of these names cannot reach a list.
struct ListedNames(HashSet<Vec<u8>>);

/// Box type of the JUMBF store's compressed form (C2PA 2.2, 11.2.4): what is inside cannot be seen from outside.
const COMPRESSED: &[u8] = b"brob";
/// A DER SEQUENCE, as each name is.
const SEQUENCE: u8 = 0x30;

impl ListedNames {
    /// Takes the lists of authorities, for signers and for time. `None` where one of them has a name that cannot be read.
    fn of(lists: &[AnchorList]) -> Option<Self> {
        let lists = lists.iter().filter(|list| list.purpose != Purpose::Signers);
        lists
            .flat_map(|list| &list.certificates)
            .map(|der| subject_der(der))
            .collect::<Option<_>>()
            .map(Self)
    }

    /// Whether a store may lead to a list. False only where it cannot.
    fn may_be_in(&self, store: &[u8]) -> bool {
        memmem::find(store, COMPRESSED).is_some()
            || memchr_iter(SEQUENCE, store).any(|at| {
                let name = store.get(at..).and_then(sequence);
                name.is_some_and(|name| self.0.contains(name))
            })
    }
}

/// The DER SEQUENCE at the start of some bytes, header included, where its length fits. Names are shorter than 64 KiB.
fn sequence(bytes: &[u8]) -> Option<&[u8]> {
    let long = |at: usize| bytes.get(at).copied().map(usize::from);
    let whole = match bytes.get(1)? {
        short @ 0..=0x7f => usize::from(*short) + 2,
        0x81 => long(2)? + 3,
        0x82 => long(2)? * 256 + long(3)? + 4,
        _ => return None,
    };
    bytes.get(..whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::lists::{ListKind, TrustList};

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
        for name in &names.0 {
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
        assert!(names.may_be_in(b"..brob.."));
    }

    #[test]
    fn a_list_that_cannot_be_read_is_always_asked() {
        let mut lists = lists();
        lists[0].certificates[0].truncate(20);
        assert!(ListedNames::of(&lists).is_none());
    }

    #[test]
    fn long_names_are_read_with_their_length() {
        let mut name = vec![0x30, 0x81, 0x90];
        name.resize(3 + 0x90, 7);
        assert_eq!(sequence(&name), Some(&name[..]));
        name[1..3].copy_from_slice(&[0x82, 0x00]);
        assert_eq!(sequence(&name), Some(&name[..4 + 7]));
        assert_eq!(sequence(&[0x30, 0x84, 0, 0, 0, 0]), None);
        assert_eq!(sequence(&[0x30]), None);
    }
}
