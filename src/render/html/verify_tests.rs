//! What a page must never do, whatever stands in the file.

use super::*;
use crate::base::Untrusted;
use crate::render::escape::tests::hostile;
use crate::render::samples;
use crate::report::page::{HeatMap, SignedThumbnail};

/// Every tag of a page, attributes and all, but for what an attribute of ours may hold.
fn tags(page: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = page;
    while let Some(start) = rest.find('<') {
        let tag = &rest[start..];
        let end = tag.find('>').unwrap();
        found.push(&tag[..=end]);
        rest = &tag[end..];
    }
    found
}

#[test]
fn no_text_of_a_file_becomes_an_element_an_attribute_or_a_control() {
    let page = |text: &str| verify(&samples::verdict(text), &samples::parts(text));
    let plain = page("x");
    let evil = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "]]>",
        "<!--",
        "&lt;b&gt;",
    ];
    for text in hostile().into_iter().chain(evil.map(String::from)) {
        let found = page(&text);
        assert_eq!(tags(&found), tags(&plain), "{text:?}");
        assert_eq!(found.matches('"').count(), plain.matches('"').count(), "{text:?}");
        assert!(
            found.chars().all(|c| c == '\n' || !Untrusted::is_harmful(c)),
            "{text:?}"
        );
    }
    assert!(page("<b>&amp;").contains("&lt;b&gt;&amp;amp;"));
}

#[test]
fn the_page_stands_by_itself_and_says_label_and_result_first() {
    let page = verify(&samples::verdict("x"), &samples::parts("x"));
    let lower = page.to_ascii_lowercase();
    let inside = lower.split("<body>").nth(1).unwrap();
    for outside in [
        "<script", "<link", "href=", "@import", "url(", "onload", "style=\"", "http",
    ] {
        assert!(!inside.contains(outside), "{outside}");
    }
    assert!(lower.matches("src=\"data:image/jpeg;base64,").count() == 2);
    assert_eq!(lower.matches("src=").count(), 2);
    assert!(page.contains("default-src 'none'; img-src data:; style-src 'sha256-"));
    let order = [
        "class=\"label\"",
        "<h1>CHANGED",
        "class=\"pair\"",
        "Four checks",
        "How it was made",
        "What a generator wrote",
        ">Rights<",
        ">Ledger<",
        "Codes of the C2PA library",
        "<footer>",
    ];
    let places: Vec<_> = order.iter().map(|mark| page.find(mark).unwrap()).collect();
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn where_part_changed_a_heat_map_stands_beside_the_pictures() {
    let heat_map = HeatMap {
        height: 3,
        png: b"\x89PNG".to_vec(),
        width: 4,
    };
    let parts = PageParts {
        heat_map: Some(heat_map),
        ..samples::parts("x")
    };
    let page = verify(&samples::verdict("x"), &parts);
    assert!(page.contains("src=\"data:image/png;base64,iVBORw==\" width=\"4\" height=\"3\""));
    assert!(page.contains("What differs"));
}

#[test]
fn a_prompt_is_folded_away_and_long_lists_too() {
    let page = verify(&samples::verdict("x"), &samples::parts("secret"));
    assert!(page.contains("<details><summary>Prompt</summary><pre>secret"));
    assert!(page.contains("<summary>3 more ingredients</summary>"));
    assert!(page.contains("<summary>2 more steps</summary>"));
}

#[test]
fn a_thumbnail_is_called_what_it_is_worth() {
    let report = samples::verdict("x");
    let with = |signed| {
        verify(
            &report,
            &PageParts {
                signed,
                ..samples::parts("x")
            },
        )
    };
    let SignedThumbnail::Shown { picture, .. } = samples::parts("x").signed else {
        unreachable!()
    };
    let shown = |holds| {
        with(SignedThumbnail::Shown {
            holds,
            picture: picture.clone(),
        })
    };
    assert!(shown(Some(false)).contains("Not the one that was signed"));
    assert!(shown(Some(true)).contains("the file was changed since"));
    assert!(shown(None).contains("was not checked"));
    assert!(with(SignedThumbnail::Absent).contains("no thumbnail"));
    assert!(with(SignedThumbnail::NotDrawn { why: "w<b".into() }).contains("w&lt;b"));
}
