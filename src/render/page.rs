//! A page of lines: columns line up, text is wrapped to the width, everything is escaped on its way in.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Effects};

use super::{Style, escape};

/// How a word is set off. The word itself says the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// As it is.
    Plain,
    /// A heading or a name.
    Strong,
    /// Evidence against.
    Bad,
    /// An open question.
    Open,
    /// Beside the point.
    Faint,
}

impl Tone {
    /// No green: a green word would be read as a seal of truth, which no verdict is.
    const fn style(self) -> anstyle::Style {
        let plain = anstyle::Style::new();
        match self {
            Self::Plain => plain,
            Self::Strong => plain.effects(Effects::BOLD),
            Self::Bad => AnsiColor::Red.on_default().effects(Effects::BOLD),
            Self::Open => AnsiColor::Yellow.on_default(),
            Self::Faint => plain.effects(Effects::DIMMED),
        }
    }
}

/// A cell of a fixed number of columns.
pub(crate) struct Cell<'a> {
    /// What it says.
    pub(crate) text: &'a str,
    /// Columns it takes, the gap after it included.
    pub(crate) columns: usize,
    /// How it is set off.
    pub(crate) tone: Tone,
}

/// Lines under construction.
pub(crate) struct Page {
    out: String,
    style: Style,
}

impl Page {
    /// An empty page.
    pub(crate) const fn new(style: &Style) -> Self {
        Self {
            out: String::new(),
            style: *style,
        }
    }

    /// Whether everything is to be shown.
    pub(crate) const fn full(&self) -> bool {
        self.style.full
    }

    /// The finished text.
    pub(crate) fn text(self) -> String {
        self.out
    }

    /// An empty line.
    pub(crate) fn gap(&mut self) {
        self.out.push('\n');
    }

    /// Text after so many spaces, wrapped under its own beginning.
    pub(crate) fn line(&mut self, indent: usize, text: &str) {
        self.row(indent, &[], text);
    }

    /// Whether text after so many spaces stays on one line.
    pub(crate) fn fits(&self, indent: usize, text: &str) -> bool {
        indent + escape::columns(&escape::line(text)) <= self.style.width
    }

    /// A word or name of its own tone, on its own line, never wrapped.
    pub(crate) fn head(&mut self, indent: usize, text: &str, tone: Tone) {
        self.spaces(indent);
        self.toned(&escape::line(text), tone);
        self.gap();
    }

    /// Cells, then text that wraps under its own beginning.
    pub(crate) fn row(&mut self, indent: usize, cells: &[Cell<'_>], text: &str) {
        let mut column = indent;
        self.spaces(indent);
        for cell in cells {
            let shown = escape::line(cell.text);
            self.toned(&shown, cell.tone);
            let taken = escape::columns(&shown);
            // A name that is too long pushes its line, and never touches what follows.
            let gap = if taken < cell.columns {
                cell.columns - taken
            } else {
                2
            };
            column += taken + gap;
            self.spaces(gap);
        }
        self.wrapped(column.min(self.style.width / 2), column, &escape::line(text));
        while self.out.ends_with(' ') {
            self.out.pop();
        }
        self.gap();
    }

    /// Words of their own tone, then text; lines after the first are indented by two.
    pub(crate) fn sentence(&mut self, cells: &[Cell<'_>], text: &str) {
        let mut column = 0;
        for cell in cells {
            let shown = escape::line(cell.text);
            self.toned(&shown, cell.tone);
            self.out.push(' ');
            column += escape::columns(&shown) + 1;
        }
        self.wrapped(2, column, &escape::line(text));
        self.gap();
    }

    fn wrapped(&mut self, indent: usize, start: usize, text: &str) {
        let mut column = start;
        for (place, word) in text.split(' ').enumerate() {
            let width = escape::columns(word);
            if place > 0 {
                if column + 1 + width > self.style.width && column > indent {
                    while self.out.ends_with(' ') {
                        self.out.pop();
                    }
                    self.gap();
                    self.spaces(indent);
                    column = indent;
                } else {
                    self.out.push(' ');
                    column += 1;
                }
            }
            self.out.push_str(word);
            column += width;
        }
    }

    fn toned(&mut self, escaped: &str, tone: Tone) {
        if self.style.colour && tone != Tone::Plain {
            let style = tone.style();
            let _ = write!(self.out, "{}{escaped}{}", style.render(), style.render_reset());
        } else {
            self.out.push_str(escaped);
        }
    }

    fn spaces(&mut self, count: usize) {
        self.out.extend(std::iter::repeat_n(' ', count));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(width: usize) -> Page {
        Page::new(&Style {
            width,
            colour: false,
            full: false,
        })
    }

    fn label(text: &str) -> Cell<'_> {
        Cell {
            text,
            columns: 8,
            tone: Tone::Strong,
        }
    }

    #[test]
    fn text_wraps_under_its_own_beginning() {
        let mut page = page(24);
        page.row(2, &[label("Note")], "one two three four five");
        assert_eq!(page.text(), "  Note    one two three\n          four five\n");
    }

    #[test]
    fn wide_letters_take_two_columns() {
        let mut page = page(60);
        page.row(0, &[label("\u{4f60}\u{597d}")], "x");
        page.row(0, &[label("abcd")], "x");
        assert_eq!(page.text(), "\u{4f60}\u{597d}    x\nabcd    x\n");
    }

    #[test]
    fn no_line_is_longer_than_the_width_but_for_a_single_word() {
        for width in 20..90 {
            let mut page = page(width);
            page.row(2, &[label("Label")], &"word ".repeat(60));
            for line in page.text().lines() {
                assert!(line.len() <= width, "{width}: {line}");
            }
        }
    }

    #[test]
    fn colour_comes_only_when_allowed_and_never_from_the_text() {
        let mut plain = page(60);
        plain.head(0, "a\u{1b}[31mb", Tone::Bad);
        assert_eq!(plain.text(), "a\\u{1b}[31mb\n");
        let mut coloured = Page::new(&Style {
            width: 60,
            colour: true,
            full: false,
        });
        coloured.head(0, "no", Tone::Bad);
        assert!(coloured.text().contains("\u{1b}["));
    }
}
