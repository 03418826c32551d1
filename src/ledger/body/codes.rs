//! Enumerations whose numbers stand in entries: one table each, so that word and number cannot drift apart.

/// Makes an enumeration with a word and a number for each value. The numbers never change their meaning.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $value:ident = $code:literal $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $name { $($(#[$of])* $value,)+ }

        impl $name {
            /// Every value, by its number.
            pub const ALL: &[Self] = &[$(Self::$value,)+];

            /// The number in entries.
            #[must_use]
            pub const fn code(self) -> u8 {
                match self { $(Self::$value => $code,)+ }
            }

            /// The word in reports and on the command line.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$value => $word,)+ }
            }

            /// The value of a number.
            #[must_use]
            pub const fn from_code(code: u8) -> Option<Self> {
                match code { $($code => Some(Self::$value),)+ _ => None }
            }

            /// The value of a word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$value),)+ _ => None }
            }
        }
    };
}

pub(super) use codes;
