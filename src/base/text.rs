//! Text that came out of a file: it may hold terminal controls, bidi overrides or markup, so it cannot be printed.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};

/// Text written by a stranger. It has no `Display`: only a renderer, which escapes, gets at the characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Untrusted(String);

impl Untrusted {
    /// Wraps text as it was found.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Wraps bytes that should be UTF-8; what is not becomes U+FFFD.
    #[must_use]
    pub fn from_utf8_lossy(bytes: &[u8]) -> Self {
        Self(String::from_utf8_lossy(bytes).into_owned())
    }

    /// The characters as found, for comparing and for renderers that escape; never for printing.
    #[must_use]
    pub fn raw(&self) -> &str {
        &self.0
    }

    /// Whether a terminal, a log or a browser could take this character for a command or draw it misleadingly:
    /// C0, C1, DEL, bidi controls, zero-width and line separators.
    #[must_use]
    pub const fn is_harmful(c: char) -> bool {
        matches!(c,
            '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
    }
}

impl std::fmt::Debug for Untrusted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Untrusted({:?})", self.0)
    }
}

impl From<&str> for Untrusted {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for Untrusted {
    fn from(text: String) -> Self {
        Self(text)
    }
}

/// The text goes into JSON whole; the JSON renderer writes harmful characters as `\u` escapes.
impl Serialize for Untrusted {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl JsonSchema for Untrusted {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Untrusted".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "Text found in a file, written by whoever made the file. Escape it before showing it."
        })
    }
}
