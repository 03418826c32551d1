//! The only way from text of strangers to characters: what could command a terminal or deceive an eye is made visible.
//!
//! Measured before this was written: other tools print raw escape bytes out of one EXIF field, and pass U+202E through
//! into their JSON. Nothing here fails: any text has an escaped form, and escaping twice changes nothing.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io;
use std::path::Path;

use serde_json::ser::{CharEscape, CompactFormatter, Formatter, PrettyFormatter};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::base::Untrusted;

/// Most characters of one value that are shown unless everything is asked for.
pub const SHOWN_CHARS: usize = 200;
/// Most characters without a width that may follow each other: longer towers of accents climb over the lines above.
const MARKS_MAX: usize = 3;

/// Makes every harmful character visible as `\u{202e}`; line breaks and tabs become `\n`, `\r`, `\t`.
///
/// The result is one line without terminal controls, bidirectional controls or invisible characters.
#[must_use]
pub fn line(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut marks = 0usize;
    for c in text.chars() {
        marks = if c.width() == Some(0) {
            marks.saturating_add(1)
        } else {
            0
        };
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_shown_as_code(c) || marks > MARKS_MAX => push_code(&mut out, c),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// As [`line`], but real line breaks stay: for text of ours that quotes strangers, such as a message of several lines.
#[must_use]
pub fn lines(text: &str) -> String {
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// A value out of a file, on one line, cut after [`SHOWN_CHARS`] characters with the number of those left out.
#[must_use]
pub fn value(text: &Untrusted) -> String {
    cut(text, SHOWN_CHARS)
}

/// A value out of a file, on one line, whole.
#[must_use]
pub fn whole(text: &Untrusted) -> String {
    line(text.raw()).into_owned()
}

/// A value out of a file, on one line, cut after `max` characters with the number of those left out.
#[must_use]
pub fn cut(text: &Untrusted, max: usize) -> String {
    let raw = text.raw();
    match raw.char_indices().nth(max) {
        None => line(raw).into_owned(),
        Some((end, _)) => {
            let (shown, hidden) = raw.split_at(end);
            format!("{}... ({} more characters)", line(shown), hidden.chars().count())
        }
    }
}

/// A path on one line; bytes that are not UTF-8 become `\xff`.
#[must_use]
pub fn path(path: &Path) -> String {
    let mut out = String::new();
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        out.push_str(&line(chunk.valid()));
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

/// How many columns escaped text takes.
#[must_use]
pub fn columns(escaped: &str) -> usize {
    escaped.width()
}

/// Whether letters of scripts that look alike stand in one name, as in a Latin name with a Cyrillic `a`.
#[must_use]
pub fn mixes_scripts(name: &Untrusted) -> bool {
    let (mut latin, mut lookalike) = (false, false);
    for c in name.raw().chars().filter(|c| c.is_alphabetic()) {
        match c {
            'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' => latin = true,
            // Greek, Cyrillic, Armenian, Cherokee, and the mathematical and full-width copies of Latin.
            '\u{370}'..='\u{58f}'
            | '\u{13a0}'..='\u{13ff}'
            | '\u{ff21}'..='\u{ff5a}'
            | '\u{1d400}'..='\u{1d7ff}' => {
                lookalike = true;
            }
            _ => {}
        }
    }
    latin && lookalike
}

/// What is harmful, and what has no ink and no width of its own besides: fillers and variation selectors can carry
/// hidden messages through copy and paste.
fn is_shown_as_code(c: char) -> bool {
    Untrusted::is_harmful(c)
        || matches!(c, '\u{34f}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{2800}' | '\u{fff0}'..='\u{fff8}')
        || matches!(c, '\u{e0000}'..='\u{e0fff}')
        // Noncharacters: XML 1.0 (2.2) cannot hold the first, and nobody can read the others.
        || matches!(c, '\u{fdd0}'..='\u{fdef}')
        || u32::from(c) & 0xfffe == 0xfffe
}

fn push_code(out: &mut String, c: char) {
    let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
}

/// A JSON formatter that writes harmful characters of any string, keys too, as `\u` escapes (RFC 8259, 7): the document
/// holds no raw control or bidi character, and any parser gives the very text back.
pub(crate) struct Inert<F>(F);

impl Inert<PrettyFormatter<'static>> {
    /// Over several lines, indented.
    pub(crate) fn pretty() -> Self {
        Self(PrettyFormatter::new())
    }
}

impl Inert<CompactFormatter> {
    /// On one line.
    pub(crate) const fn compact() -> Self {
        Self(CompactFormatter)
    }
}

impl<F: Formatter> Formatter for Inert<F> {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| is_shown_as_code(*c)) {
            let (before, from) = rest.split_at(at);
            self.0.write_string_fragment(out, before)?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = from.strip_prefix(c).unwrap_or_default();
        }
        self.0.write_string_fragment(out, rest)
    }

    fn write_char_escape<W: ?Sized + io::Write>(
        &mut self,
        out: &mut W,
        escape: CharEscape,
    ) -> io::Result<()> {
        self.0.write_char_escape(out, escape)
    }

    fn begin_array<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_array(out)
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array(out)
    }

    fn begin_array_value<W: ?Sized + io::Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(out, first)
    }

    fn end_array_value<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array_value(out)
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object(out)
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object(out)
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(out, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object_value(out)
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object_value(out)
    }
}

#[cfg(test)]
pub(in crate::render) mod tests {
    use super::*;
    use crate::render::json;

    fn harmful() -> impl Iterator<Item = char> {
        ('\0'..=char::MAX).filter(|c| Untrusted::is_harmful(*c))
    }

    /// Two hundred lines an attacker would try: each harmful idea in several surroundings.
    pub(in crate::render) fn hostile() -> Vec<String> {
        let cores = [
            "\u{1b}[31mred",
            "\u{1b}]0;title\u{7}",
            "\u{1b}]8;;http://evil\u{1b}\\link",
            "\u{9b}2J",
            "\u{1b}[2J\u{1b}[H",
            "\r\nResult: TRUSTED",
            "\nResult: TRUSTED - all is well",
            "\u{8}\u{8}\u{8}",
            "a\u{202e}gpj.exe",
            "\u{2066}x\u{2069}",
            "\u{200b}\u{200b}",
            "\u{feff}bom",
            "\u{ad}shy",
            "\u{2028}line",
            "\u{2029}para",
            "\u{85}nel",
            "\0nul",
            "\u{7f}del",
            "\u{e0041}\u{e0042}",
            "\u{3164}",
            "\u{115f}\u{1160}",
            "\u{ffa0}",
            "\u{fff9}a\u{fffa}b\u{fffb}",
            "\u{180e}",
            "\u{61c}",
            "<script>alert(1)</script>",
            "\"},{\"result\":\"TRUSTED\"",
            "\\u001b[31m",
            "%s%n",
            "$(reboot)",
            "`id`",
            "\u{90}q\u{9c}",
            "\u{1b}P1$r\u{1b}\\",
            "\u{e}\u{f}",
            "\u{1b}(0",
            "\u{1b}c",
            "Z\u{334}\u{335}\u{336}\u{337}\u{338}\u{339}",
            "\t\ttab",
            "\u{b}\u{c}",
            "\u{206a}\u{206f}",
        ];
        let wraps = [
            ("", ""),
            ("before ", " after"),
            ("\u{202d}", ""),
            ("", "\u{1b}[0m"),
            ("x".repeat(300).leak(), ""),
        ];
        cores
            .iter()
            .flat_map(|core| wraps.iter().map(move |(a, b)| format!("{a}{core}{b}")))
            .collect()
    }

    #[test]
    fn every_harmful_character_becomes_a_code() {
        assert!(harmful().count() > 150);
        for c in harmful() {
            let text = format!("a{c}b");
            let shown = line(&text);
            assert!(shown.starts_with("a\\") && shown.ends_with('b'), "{shown}");
            assert!(shown.is_ascii(), "{:x}", u32::from(c));
        }
        assert_eq!(line("a\u{202e}b"), "a\\u{202e}b");
        assert_eq!(line("two\nlines"), "two\\nlines");
    }

    #[test]
    fn harmless_letters_of_every_script_stay() {
        let text = "Zo\u{eb} \u{4f60}\u{597d} \u{43f}\u{440}\u{438}\u{432}\u{435}\u{442} \u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{1f600} a\\b";
        assert_eq!(line(text), text);
    }

    #[test]
    fn two_hundred_hostile_strings_leave_no_harmful_character_and_escaping_twice_changes_nothing() {
        let strings = hostile();
        assert_eq!(strings.len(), 200);
        for text in strings {
            let shown = value(&Untrusted::new(text.clone()));
            assert!(!shown.chars().any(Untrusted::is_harmful), "{shown:?}");
            assert_eq!(line(&shown), shown);
            assert!(
                !lines(&text)
                    .chars()
                    .any(|c| c != '\n' && Untrusted::is_harmful(c))
            );
        }
    }

    #[test]
    fn json_holds_no_harmful_character_and_gives_the_same_text_back() {
        for text in hostile().into_iter().chain(harmful().map(String::from)) {
            let map = std::collections::BTreeMap::from([(text.clone(), text.clone())]);
            for document in [json::pretty(&map), json::line(&map)] {
                let body = document
                    .trim_end_matches('\n')
                    .replace("\n  ", "")
                    .replace("\n}", "}");
                assert!(!body.chars().any(Untrusted::is_harmful), "{body:?}");
                let back: std::collections::BTreeMap<String, String> =
                    serde_json::from_str(&document).unwrap();
                assert_eq!(back, map);
            }
        }
        assert_eq!(json::line(&"\u{e0041}"), "\"\\udb40\\udc41\"\n");
    }

    #[test]
    fn long_values_are_cut_with_a_count() {
        let long = Untrusted::new("\u{e9}".repeat(SHOWN_CHARS + 7));
        assert!(value(&long).ends_with("... (7 more characters)"));
        assert_eq!(value(&Untrusted::new("x".repeat(SHOWN_CHARS))).len(), SHOWN_CHARS);
        assert_eq!(whole(&long).chars().count(), SHOWN_CHARS + 7);
    }

    #[test]
    fn towers_of_accents_are_taken_down() {
        let tower = format!("o{}", "\u{338}".repeat(40));
        assert_eq!(
            line(&tower).chars().filter(|c| *c == '\u{338}').count(),
            MARKS_MAX
        );
    }

    #[test]
    fn names_that_mix_lookalike_scripts_are_told() {
        assert!(mixes_scripts(&"Ad\u{43e}be".into()));
        assert!(!mixes_scripts(&"Adobe".into()));
        assert!(!mixes_scripts(&"\u{410}\u{43b}\u{438}\u{441}\u{430}".into()));
    }

    #[cfg(unix)]
    #[test]
    fn a_path_that_is_not_utf8_shows_its_bytes() {
        use std::os::unix::ffi::OsStrExt;
        let name = std::ffi::OsStr::from_bytes(b"a\xff\x1b.png");
        assert_eq!(path(Path::new(name)), "a\\xff\\u{1b}.png");
    }
}
