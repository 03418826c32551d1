//! Sentences that many codes share, and the form of the tables.

pub(super) const ASK: &str = "Ask whoever signed it for the original.";
pub(super) const ASK_STEP: &str =
    "Nothing is open by it. byline inspect shows each step with all that it says; the signer can tell more.";
pub(super) const BETTER_COPY: &str = "Get an undamaged copy, from whoever signed it if need be.";
pub(super) const MAKER: &str = "Tell the maker of the program that signed it: the file breaks a rule of C2PA; until then, ask the signer.";
pub(super) const NOTHING: &str = "Nothing is open.";

pub(super) const CHANGED: &str =
    "That somebody signed another version of it. What the credentials say is not said of this file.";
pub(super) const INGREDIENT: &str = "What the last signer signed of this file; what is said of the picture it was made from is not confirmed.";
pub(super) const NOTHING_LOST: &str = "Everything else that is answered yes.";
pub(super) const ONLY_TIME: &str = "Unchanged bytes and a good signature, where these are answered yes: only the time of signing is open. It does not mean that the file was altered.";
pub(super) const ONLY_WHO: &str =
    "Unchanged bytes and a good signature, where these are answered yes: only who signed is open.";
pub(super) const PARTS: &str = "Every byte that the hash covers is as signed.";
pub(super) const STATEMENTS: &str = "Nothing is known against the picture's own bytes by this alone; what the manifest states is not confirmed.";
pub(super) const STEP: &str = "That the signer says so: a good signature shows who said it, not that it was done, nor that nothing else was.";

/// A table: kind, code, what it means, what still holds, what would settle it.
macro_rules! rows {
    ($($kind:ident, $code:literal, $means:expr, $holds:expr, $settle:expr;)*) => {
        pub(super) const ROWS: &[Row] = &[$(Row {
            code: $code,
            kind: crate::report::explain::CodeKind::$kind,
            means: $means,
            holds: $holds,
            settle: $settle,
        },)*];
    };
}
pub(super) use rows;
