//! What size a store will have, foretold from the last one.
//!
//! The place of a store in a file, and so the hash of the file around it, depends on the store's size, and the size on what the
//! store says. The SDK can tell it by laying the store out a first time with nothing signed; but the store of the next picture of a
//! batch differs from the last one's by just what it says more or less. The forecast is only ever a saving: the signed store is
//! measured, and signed anew when it has another size.

use std::io;
use std::sync::{Mutex, PoisonError};

use c2pa::ManifestDefinition;

use super::plan::Plan;

/// How much a claim has to say, in bytes: of its definition in CBOR, and of what goes beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Weight(usize);

/// The last store that was signed: the weight of its claim, and its size.
#[derive(Default)]
pub(super) struct StoreSize(Mutex<Option<(Weight, usize)>>);

impl StoreSize {
    /// Weighs a claim; `None` when it cannot be written as CBOR.
    pub(super) fn weigh(plan: &Plan<'_>, definition: &ManifestDefinition) -> Option<Weight> {
        let mut counted = Counted(0);
        ciborium::into_writer(definition, &mut counted).ok()?;
        let texts = plan.inputs.iter().filter_map(|input| input.text.as_deref());
        let beside = texts.map(str::len).chain(plan.thumbnail.map(<[u8]>::len));
        Some(Weight(beside.fold(counted.0, usize::saturating_add)))
    }

    /// The size of the next store; `None` while none was signed.
    pub(super) fn foretell(&self, next: Weight) -> Option<usize> {
        let last = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (weight, size) = last?;
        size.checked_add(next.0)?.checked_sub(weight.0)
    }

    /// Notes the size that a store had.
    pub(super) fn note(&self, weight: Weight, size: usize) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((weight, size));
    }
}

/// Counts bytes and keeps none.
struct Counted(usize);

impl io::Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.saturating_add(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{StoreSize, Weight};

    #[test]
    fn nothing_is_foretold_before_a_store_was_seen() {
        assert_eq!(StoreSize::default().foretell(Weight(100)), None);
    }

    #[test]
    fn a_store_grows_by_what_its_claim_says_more() {
        let sizes = StoreSize::default();
        sizes.note(Weight(100), 5_000);
        assert_eq!(sizes.foretell(Weight(130)), Some(5_030));
        assert_eq!(sizes.foretell(Weight(60)), Some(4_960));
        sizes.note(Weight(60), 4_000);
        assert_eq!(sizes.foretell(Weight(61)), Some(4_001));
    }

    #[test]
    fn a_size_that_cannot_be_is_not_foretold() {
        let sizes = StoreSize::default();
        sizes.note(Weight(100), 5);
        assert_eq!(sizes.foretell(Weight(10)), None);
    }
}
