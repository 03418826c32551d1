//! What the structural check can find, and what of it lets bytes differ unseen.

use std::ops::Range;

use super::store::StoreError;
use crate::base::Untrusted;

/// One fact about bytes that no hash covers, or about a structure that no honest tool writes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// Bytes follow the store inside its container part.
    AfterStore {
        /// How many.
        len: usize,
        /// How many of them are not zero.
        not_zero: usize,
    },
    /// Padding of the hard binding is not zero.
    BindingPadNotZero {
        /// How many bytes.
        len: usize,
    },
    /// The hard binding by boxes leaves out boxes that C2PA does not.
    BoxesLeftOut {
        /// The boxes, as the binding names them.
        names: Vec<Untrusted>,
    },
    /// Picture data lies where the hard binding by boxes covers nothing.
    DataUnbound {
        /// Where it begins.
        offset: usize,
    },
    /// Two manifests have the same label.
    DuplicateLabel {
        /// The label.
        label: Untrusted,
    },
    /// What the hard binding leaves out is not exactly the manifest store.
    ExclusionsDiffer {
        /// First byte and length of each exclusion, as stated.
        stated: Vec<(u64, u64)>,
        /// Where the store lies.
        store: Range<usize>,
    },
    /// The container parts around a store that byline wrote are not as byline writes them.
    FramingDiffers,
    /// The signature has an unprotected header that C2PA does not name.
    HeaderUnknown {
        /// Its key.
        key: Untrusted,
    },
    /// The signature has a short unprotected header of a known name that nobody decides anything by.
    HeaderUnused {
        /// Its key.
        key: Untrusted,
    },
    /// The active manifest's label is no C2PA URN.
    LabelNotCanonical {
        /// The label.
        label: Untrusted,
    },
    /// The structural check could not be made.
    NotChecked {
        /// Why.
        why: StoreError,
    },
    /// The file holds a store of its own, which the hash of the one beside it leaves out.
    OwnStore,
    /// The signature carries a payload of its own.
    PayloadAttached,
    /// There are several manifest stores.
    SeveralStores {
        /// Where the second begins.
        offset: usize,
    },
    /// Padding of the signature is not zero.
    SignaturePadNotZero {
        /// How many bytes.
        len: usize,
    },
    /// A store that byline wrote does not have the one form that byline writes.
    StoreDiffers,
    /// The parts of the store do not follow each other.
    StoreNotContiguous {
        /// Where the first gap begins.
        offset: usize,
    },
    /// Bytes follow the image; a hash may cover them, most viewers do not show them.
    TrailingBytes {
        /// Where they begin.
        from: usize,
        /// How many.
        len: usize,
    },
}

impl Finding {
    /// The name in reports.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::AfterStore { .. } => "coverage.afterStore",
            Self::BindingPadNotZero { .. } => "coverage.bindingPad.notZero",
            Self::BoxesLeftOut { .. } => "coverage.boxes.leftOut",
            Self::DataUnbound { .. } => "coverage.data.unbound",
            Self::DuplicateLabel { .. } => "coverage.label.duplicate",
            Self::ExclusionsDiffer { .. } => "coverage.exclusions.mismatch",
            Self::FramingDiffers => "coverage.framing.mismatch",
            Self::HeaderUnknown { .. } => "coverage.signatureHeader.unknown",
            Self::HeaderUnused { .. } => "coverage.signatureHeader.unused",
            Self::LabelNotCanonical { .. } => "coverage.label.notCanonical",
            Self::NotChecked { .. } => "coverage.notChecked",
            Self::OwnStore => "coverage.store.own",
            Self::PayloadAttached => "coverage.signaturePayload.attached",
            Self::SeveralStores { .. } => "coverage.store.several",
            Self::SignaturePadNotZero { .. } => "coverage.signaturePad.notZero",
            Self::StoreDiffers => "coverage.store.mismatch",
            Self::StoreNotContiguous { .. } => "coverage.store.notContiguous",
            Self::TrailingBytes { .. } => "coverage.trailingBytes",
        }
    }

    /// Whether bytes that no signature covers can differ without any hash noticing.
    #[must_use]
    pub const fn is_silent(&self) -> bool {
        match self {
            Self::AfterStore { not_zero, .. } => *not_zero > 0,
            // Of wide exclusions the binding itself says so: [`super::facts::Binding::Incomplete`], or a mismatch.
            Self::BindingPadNotZero { .. }
            | Self::BoxesLeftOut { .. }
            | Self::DuplicateLabel { .. }
            | Self::ExclusionsDiffer { .. }
            | Self::HeaderUnused { .. }
            | Self::LabelNotCanonical { .. }
            | Self::NotChecked { .. }
            | Self::OwnStore
            | Self::TrailingBytes { .. } => false,
            Self::DataUnbound { .. }
            | Self::FramingDiffers
            | Self::HeaderUnknown { .. }
            | Self::PayloadAttached
            | Self::SeveralStores { .. }
            | Self::SignaturePadNotZero { .. }
            | Self::StoreDiffers
            | Self::StoreNotContiguous { .. } => true,
        }
    }
}
