//! Text in EXIF: which characters bytes were meant to be, decided by rules that are written down.
//!
//! Source: Exif 3.0 4.6.6.7 (UserComment), 4.6.2 (ASCII, UTF-8); Metadata Working Group 2.0 (UTF-8 in ASCII fields).

use super::tiff::Order;

/// Text with what had to be assumed about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decoded {
    /// The characters.
    pub(super) text: String,
    /// What was assumed or lost, where anything was.
    pub(super) remark: Option<&'static str>,
}

impl Decoded {
    fn sure(text: String) -> Self {
        Self { text, remark: None }
    }
}

/// Reads bytes as UTF-8 where they are, else as Latin-1, which is said.
pub(super) fn utf8_or_latin1(bytes: &[u8]) -> Decoded {
    match std::str::from_utf8(bytes) {
        Ok(text) => Decoded::sure(text.to_owned()),
        Err(_) => Decoded {
            text: bytes.iter().copied().map(char::from).collect(),
            remark: Some("not UTF-8, read as Latin-1"),
        },
    }
}

/// Reads a UserComment: eight bytes that name the character code, then the text.
pub(super) fn user_comment(bytes: &[u8], order: Order) -> Decoded {
    let (code, text) = bytes.split_at(bytes.len().min(8));
    match code {
        b"ASCII\0\0\0" | b"\0\0\0\0\0\0\0\0" => utf8_or_latin1(without_padding(text)),
        b"UNICODE\0" => utf16_either(text, order),
        b"JIS\0\0\0\0\0" => Decoded {
            text: format!("({} bytes of JIS text)", text.len()),
            remark: Some("JIS X 0208 text is not decoded"),
        },
        _ => Decoded {
            remark: Some("no character code, read as UTF-8 or Latin-1"),
            ..utf8_or_latin1(without_padding(bytes))
        },
    }
}

/// Reads UTF-16 of one known byte order; ends at the first NUL.
pub(super) fn utf16(bytes: &[u8], order: Order) -> Decoded {
    let units = units(bytes, order);
    let units = units.split(|unit| *unit == 0).next().unwrap_or_default();
    match String::from_utf16(units) {
        Ok(text) => Decoded::sure(text),
        Err(_) => Decoded {
            text: String::from_utf16_lossy(units),
            remark: Some("not valid UTF-16"),
        },
    }
}

/// Writers disagree whether `UNICODE` follows the byte order of the block, so the more plausible order wins; a tie goes to
/// the block's own.
fn utf16_either(bytes: &[u8], order: Order) -> Decoded {
    let (order, bytes) = match bytes {
        [0xFE, 0xFF, rest @ ..] => (Order::Big, rest),
        [0xFF, 0xFE, rest @ ..] => (Order::Little, rest),
        _ => {
            let other = if order == Order::Big {
                Order::Little
            } else {
                Order::Big
            };
            let swapped = plausibility(&units(bytes, other)) > plausibility(&units(bytes, order));
            (if swapped { other } else { order }, bytes)
        }
    };
    let mut decoded = utf16(bytes, order);
    decoded.text.truncate(decoded.text.trim_end_matches(' ').len());
    decoded
}

fn units(bytes: &[u8], order: Order) -> Vec<u16> {
    bytes
        .as_chunks::<2>()
        .0
        .iter()
        .map(|pair| match order {
            Order::Big => u16::from_be_bytes(*pair),
            Order::Little => u16::from_le_bytes(*pair),
        })
        .collect()
}

/// Points for scripts people write in, against controls, surrogates and private use.
fn plausibility(units: &[u16]) -> i64 {
    units.iter().fold(0, |sum: i64, unit| {
        let points = match unit {
            0x09 | 0x0A | 0x0D | 0x20..=0x7E => 4,
            0xA0..=0x06FF => 2,
            0x3000..=0x30FF | 0x4E00..=0x9FFF | 0xAC00..=0xD7A3 | 0xFF00..=0xFFEF => 1,
            0 => 0,
            0x01..=0x1F | 0x7F..=0x9F | 0xE000..=0xF8FF | 0xFFFE | 0xFFFF => -3,
            _ => -1,
        };
        sum.saturating_add(points)
    })
}

/// Cuts at the first NUL and drops trailing spaces, the two paddings writers use.
fn without_padding(bytes: &[u8]) -> &[u8] {
    bytes
        .split(|byte| *byte == 0)
        .next()
        .unwrap_or_default()
        .trim_ascii_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comment(code: &[u8; 8], text: &[u8], order: Order) -> String {
        user_comment(&[&code[..], text].concat(), order).text
    }

    fn utf16_bytes(text: &str, order: Order) -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|unit| order.u16_bytes(unit))
            .collect()
    }

    #[test]
    fn unicode_comment_is_read_in_both_byte_orders_whatever_the_block_says() {
        for text in [
            "a cat, Steps: 20",
            "\u{732b}\u{304c}\u{597d}\u{304d}",
            "\u{43a}\u{43e}\u{442}",
        ] {
            for written in [Order::Big, Order::Little] {
                for block in [Order::Big, Order::Little] {
                    let read = comment(b"UNICODE\0", &utf16_bytes(text, written), block);
                    assert_eq!(read, text, "{written:?} in {block:?}");
                }
            }
        }
    }

    #[test]
    fn ascii_and_undeclared_comments_are_text_and_jis_says_what_it_is() {
        assert_eq!(comment(b"ASCII\0\0\0", b"hello\0\0", Order::Big), "hello");
        assert_eq!(comment(b"\0\0\0\0\0\0\0\0", b"hello  ", Order::Big), "hello");
        assert_eq!(
            comment(b"JIS\0\0\0\0\0", b"\x30\x21", Order::Big),
            "(2 bytes of JIS text)"
        );
        assert_eq!(
            user_comment(b"plain text, no code", Order::Big).text,
            "plain text, no code"
        );
        assert_eq!(user_comment(b"abc", Order::Big).text, "abc");
    }

    #[test]
    fn bytes_that_are_not_utf8_are_latin1_and_it_is_said() {
        let read = utf8_or_latin1(b"Ren\xe9");
        assert_eq!(read.text, "Ren\u{e9}");
        assert!(read.remark.is_some());
        assert_eq!(
            utf8_or_latin1("Ren\u{e9}".as_bytes()),
            Decoded::sure("Ren\u{e9}".to_owned())
        );
    }
}
