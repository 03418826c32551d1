//! Small pictures in a page: what the file shows beside what its signer saw.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use maud::{Markup, html};

use super::text;
use crate::report::Outcome;
use crate::report::page::{HeatMap, PageParts, SignedThumbnail, SmallPicture};
use crate::report::verify::{ResultWord, VerifyReport};

/// The picture, drawn from its pixels; the alternative text never comes from a file.
pub(super) fn image(picture: &SmallPicture, alt: &str) -> Markup {
    let address = format!("data:image/jpeg;base64,{}", BASE64.encode(&picture.jpeg));
    html! { img src=(address) width=(picture.width) height=(picture.height) alt=(alt); }
}

fn heat_map(map: &HeatMap) -> Markup {
    let address = format!("data:image/png;base64,{}", BASE64.encode(&map.png));
    let alt = "Where the picture differs from its signed thumbnail";
    html! { img src=(address) width=(map.width) height=(map.height) alt=(alt); }
}

/// Both pictures side by side, or why there is none.
pub(super) fn pair(report: &VerifyReport, parts: &PageParts) -> Markup {
    html! {
        div.pair {
            figure {
                @match &parts.picture {
                    Some(picture) => (image(picture, "The picture in this file")),
                    None => (absent(parts.picture_absent.as_deref().unwrap_or("the file shows no picture"))),
                }
                figcaption { b { "This file" } " The picture as it is now" }
            }
            @match &parts.signed {
                SignedThumbnail::Absent if report.c2pa.is_none() => {}
                SignedThumbnail::Absent => figure {
                    (absent("the signer put no thumbnail into the claim"))
                    figcaption { b { "Signed thumbnail" } }
                },
                SignedThumbnail::NotDrawn { why } => figure {
                    (absent(why))
                    figcaption { b { "Signed thumbnail" } " It could not be drawn" }
                },
                SignedThumbnail::Shown { picture, holds } => figure {
                    (image(picture, "The thumbnail in the signed claim"))
                    figcaption { b { "Signed thumbnail" } " " (caption(report.result, *holds)) }
                },
            }
            @if let Some(map) = &parts.heat_map {
                figure {
                    (heat_map(map))
                    figcaption { b { "What differs" } " Red, in frames: where the file is not what the signer saw" }
                }
            }
        }
        // Where nothing was compared, the frame says why there is nothing to see.
        @if let Some(witness) = report.thumbnail.as_ref().filter(|it| it.check.outcome != Outcome::NotChecked) {
            p.witness { b { "Compared: " } (text(&witness.check.note)) }
        }
    }
}

fn absent(why: &str) -> Markup {
    html! { p.absent { (text(why)) } }
}

/// What the thumbnail is worth: it is as good as the signature that covers it.
const fn caption(word: ResultWord, holds: Option<bool>) -> &'static str {
    match (holds, word) {
        (Some(false), _) => "Not the one that was signed: its hash differs",
        (None, _) => "Whether it is the one that was signed was not checked",
        (Some(true), ResultWord::Changed) => "What the signer stated. Compare: the file was changed since",
        (Some(true), ResultWord::Revoked | ResultWord::Unreadable) => {
            "As the claim states it; the claim cannot be relied on"
        }
        (Some(true), _) => "What the signer saw: its hash is in the signed claim",
    }
}
