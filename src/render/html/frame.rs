//! What all pages have: a head that forbids everything but the page's own style, the result first, sections, a foot.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::text;
use crate::base::Digest;

/// How the result is set off; the word itself says the same. There is no green: it would be read as a seal of truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mood {
    /// Nothing speaks against it.
    Plain,
    /// Something is open.
    Open,
    /// Something does.
    Bad,
}

/// A page but for its frame.
pub(super) struct Page<'a> {
    /// What kind of report it is, `Ledger audit`.
    pub(super) kind: &'a str,
    /// What it is about, escaped.
    pub(super) subject: &'a str,
    /// What is said of the making, before the result; absent on pages about other things.
    pub(super) label: Option<&'a str>,
    /// What to do; absent when nothing is.
    pub(super) remedy: Option<&'a str>,
    /// The result in a word.
    pub(super) word: &'a str,
    /// The result in a sentence.
    pub(super) sentence: &'a str,
    /// How it is set off.
    pub(super) mood: Mood,
    /// When the report was made, RFC 3339.
    pub(super) at: &'a str,
    /// The name of the report, `audit-report.v1`.
    pub(super) schema: &'a str,
    /// Its sections.
    pub(super) body: Markup,
}

/// The whole document.
pub(super) fn document(page: &Page<'_>) -> String {
    let result = match page.mood {
        Mood::Plain => "result",
        Mood::Open => "result open",
        Mood::Bad => "result bad",
    };
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                meta name="color-scheme" content="light dark";
                title {
                    (page.word)
                    @if !page.subject.is_empty() { ": " (page.subject) }
                    " - " (page.kind)
                }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    header class=(result) {
                        p.kind { (page.kind) }
                        @if let Some(label) = page.label { p.label { (label) } }
                        h1 { (page.word) }
                        p.sentence { (text(page.sentence)) }
                        @if let Some(remedy) = page.remedy {
                            p.remedy { b { "What to do: " } (text(remedy)) }
                        }
                        p.subject { (page.subject) }
                    }
                    (page.body)
                }
                footer {
                    p {
                        "Made by byline " (env!("CARGO_PKG_VERSION")) "; what it says holds at "
                        time datetime=(page.at) { (page.at) }
                        " (" (page.schema) "). The page holds no scripts and asks nothing of any network. "
                        "It is not signed: make it again from the same files to be sure of it."
                    }
                }
            }
        }
    };
    format!("{}\n", markup.into_string())
}

/// How deep a heading stands: under the page's own, or under that of one of many pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// Under the page's heading.
    Page,
    /// Under the heading of one of many.
    One,
}

/// A section with a heading.
pub(super) fn section(level: Level, heading: &str, body: &Markup) -> Markup {
    html! {
        section {
            @match level {
                Level::Page => h2 { (heading) },
                Level::One => h3 { (heading) },
            }
            (body)
        }
    }
}

/// A section with a heading; nothing when it is empty.
pub(super) fn list(level: Level, heading: &str, items: &[String]) -> Markup {
    if items.is_empty() {
        return Markup::default();
    }
    let body = html! {
        ul {
            @for item in items { li { (text(item)) } }
        }
    };
    section(level, heading, &body)
}

/// Names and values, in two columns where there is room.
pub(super) fn facts(rows: &[(&str, String)]) -> Markup {
    html! {
        dl {
            @for (name, value) in rows {
                div { dt { (name) } dd { (value) } }
            }
        }
    }
}

/// Nothing is loaded, sent or run; the one style is known by its hash, and pictures stand in the page itself.
fn policy() -> String {
    let hash = BASE64.encode(Digest::of(STYLE.as_bytes()).as_bytes());
    format!(
        "default-src 'none'; img-src data:; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'"
    )
}

const STYLE: &str = include_str!("style.css");
