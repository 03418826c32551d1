//! Terms that have a name of their own.

use super::codes::codes;

codes! {
    /// Terms that have a name of their own: SPDX identifiers where there is one.
    Rights {
        /// All rights reserved.
        AllReserved = 1 "all-rights-reserved",
        /// A work in the public domain, marked so.
        PublicDomain = 2 "public-domain",
        /// CC0-1.0.
        Cc0 = 3 "CC0-1.0",
        /// CC-BY-4.0.
        CcBy = 4 "CC-BY-4.0",
        /// CC-BY-SA-4.0.
        CcBySa = 5 "CC-BY-SA-4.0",
        /// CC-BY-NC-4.0.
        CcByNc = 6 "CC-BY-NC-4.0",
        /// CC-BY-NC-SA-4.0.
        CcByNcSa = 7 "CC-BY-NC-SA-4.0",
        /// CC-BY-ND-4.0.
        CcByNd = 8 "CC-BY-ND-4.0",
        /// CC-BY-NC-ND-4.0.
        CcByNcNd = 9 "CC-BY-NC-ND-4.0",
        /// A licence is offered; its terms stand in the file or at its web statement.
        LicenceOffered = 10 "licence-offered",
    }
}

impl Rights {
    /// Whether these are the terms of a licence that everyone may read: CC0 and the CC-BY family.
    #[must_use]
    pub const fn is_public_licence(self) -> bool {
        !matches!(
            self,
            Self::AllReserved | Self::PublicDomain | Self::LicenceOffered
        )
    }
}
