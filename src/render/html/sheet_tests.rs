//! The page of a batch: bounded, linked inside itself, harmless.

use super::*;
use crate::base::Untrusted;
use crate::render::escape::tests::hostile;
use crate::render::samples;
use crate::report::verify::ResultWord;

fn page(texts: &[&str]) -> String {
    let mut sheet = Sheet::default();
    for text in texts {
        sheet.take(&samples::verdict(text), &samples::parts(text));
        sheet.take_error(&samples::error(text));
    }
    sheet.document(&VerifySummary::default(), "2026-01-01T00:00:00Z")
}

fn trusted() -> VerifyReport {
    let mut report = samples::verdict("x");
    report.result = ResultWord::Trusted;
    report
}

#[test]
fn no_text_of_a_file_becomes_an_element_an_attribute_or_a_control() {
    let plain = page(&["x"]);
    for text in hostile() {
        let found = page(&[&text]);
        for mark in ["<", ">", "\""] {
            assert_eq!(
                found.matches(mark).count(),
                plain.matches(mark).count(),
                "{mark} {text:?}"
            );
        }
        assert!(
            found.chars().all(|c| c == '\n' || !Untrusted::is_harmful(c)),
            "{text:?}"
        );
    }
}

#[test]
fn each_card_leads_to_its_details() {
    let page = page(&["a", "b"]);
    assert!(page.contains("<title>0 pictures - Verification of many pictures</title>"));
    for place in ["picture-1", "picture-3"] {
        assert!(page.contains(&format!("href=\"#{place}\"")), "{place}");
        assert!(page.contains(&format!("<article id=\"{place}\">")), "{place}");
    }
    assert_eq!(
        page.matches("href=").count(),
        page.matches("href=\"#picture-").count()
    );
}

#[test]
fn a_large_batch_makes_a_page_of_bounded_size_that_says_what_it_left_out() {
    let mut sheet = Sheet::default();
    let mut parts = samples::parts("x");
    if let Some(picture) = &mut parts.picture {
        picture.jpeg = vec![7; 30_000];
    }
    let mut shown = 0;
    for _ in 0..LINES_MAX + 10 {
        sheet.take(&trusted(), &parts);
        shown += usize::from(!sheet.is_full());
    }
    let mut bad = trusted();
    bad.result = ResultWord::Changed;
    bad.file = "the-changed-one.jpg".into();
    sheet.take(&bad, &samples::parts("x"));
    let page = sheet.document(&VerifySummary::default(), "2026-01-01T00:00:00Z");
    assert!(page.len() < DETAIL_BYTES_MAX + 400 * LINES_MAX, "{}", page.len());
    // Once one did not fit, a smaller one is not let in behind it: what a page shows does not hang on who was quick.
    assert!(shown > 50, "{shown}");
    assert_eq!(page.matches("<article").count(), shown);
    assert!(page.contains("10 are counted above and not listed"));
    assert!(page.contains("pictures have a line and no details"));
    // What contradicts a claim is listed when others no longer are.
    assert!(page.contains("the-changed-one.jpg"));
}
