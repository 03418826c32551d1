//! Reports as characters: for people ([`human`], [`html`]) and for programs ([`json`], [`csv`], [`junit`]).
//!
//! Knows `base` and `report` only; decides nothing. [`escape`] is the only way from text that came out of a file to
//! characters that are shown.

pub mod csv;
pub mod escape;
pub mod html;
pub mod human;
pub mod json;
pub mod junit;
mod page;
#[cfg(test)]
mod samples;

/// How a report is to look on the screen it goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Columns of the screen; text is wrapped to them.
    pub width: usize,
    /// Whether colour may be used; it never says what words do not say.
    pub colour: bool,
    /// Whether everything is shown: codes, ingredients, assertions, hashes.
    pub full: bool,
}

impl Style {
    /// Columns where no terminal says otherwise.
    pub const WIDTH: usize = 100;
    /// Fewer columns than this are treated as this many: the labels alone need them.
    pub const WIDTH_MIN: usize = 60;
    /// More columns than this are not used: longer lines are hard to read.
    pub const WIDTH_MAX: usize = 140;

    /// A style for a screen of so many columns; `None` where nothing is known of it.
    #[must_use]
    pub fn of_width(columns: Option<usize>) -> Self {
        Self {
            width: columns
                .filter(|columns| *columns > 0)
                .unwrap_or(Self::WIDTH)
                .clamp(Self::WIDTH_MIN, Self::WIDTH_MAX),
            colour: false,
            full: false,
        }
    }
}

impl Default for Style {
    fn default() -> Self {
        Self::of_width(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screen_without_columns_gets_a_hundred_and_a_strange_one_is_clamped() {
        assert_eq!(Style::default().width, 100);
        assert_eq!(Style::of_width(Some(0)).width, 100);
        assert_eq!(Style::of_width(Some(7)).width, 60);
        assert_eq!(Style::of_width(Some(9999)).width, 140);
        assert_eq!(Style::of_width(Some(80)).width, 80);
    }
}
