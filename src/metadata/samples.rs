//! Small images and one full statement for the tests of this room.

use crate::asset::{Asset, Format};
use crate::base::statement::{Ids, Mining, Role};
use crate::base::{SourceType, Statement, Timestamp};

/// Every kind of file that byline writes metadata into, without metadata, each with its name.
pub(super) fn every_format() -> Vec<(&'static str, Asset)> {
    macro_rules! fixtures {
        ($($name:literal),*) => {
            vec![$(($name, parsed(include_bytes!(concat!("../../fixtures/images/", $name))))),*]
        };
    }
    fixtures!(
        "gradient.jpg",
        "gradient.png",
        "lossy.webp",
        "lossless.webp",
        "alpha.webp",
        "deflate.tif",
        "big-endian.tif",
        "two-pages.tif",
        "gradient.avif",
        "gradient.heic",
        "container.jxl",
        "bare.jxl",
        "gradient.gif",
        "animated.gif",
        "gradient.svg"
    )
}

/// A BigTIFF, which byline reads but does not write.
pub(super) fn big_tiff() -> Asset {
    parsed(include_bytes!("../../fixtures/images/bigtiff.tif"))
}

fn parsed(bytes: &[u8]) -> Asset {
    Asset::parse(bytes.to_vec()).unwrap()
}

pub(super) fn image(format: Format) -> Asset {
    every_format()
        .into_iter()
        .map(|named| named.1)
        .find(|asset| asset.format() == format)
        .unwrap()
}

pub(super) fn now() -> Timestamp {
    Timestamp::parse_rfc3339("2026-11-23T15:00:00Z").unwrap()
}

/// A statement with nothing but what must be there.
pub(super) fn bare(source: SourceType) -> Statement {
    Statement {
        source,
        by: None,
        role: Some(Role::Producer),
        title: None,
        description: None,
        credit: None,
        copyright: None,
        copyright_owner: None,
        usage_terms: None,
        web_statement: None,
        mining: None,
        licensor_url: None,
        software: None,
        ai_system: None,
        ai_version: None,
        model: None,
        family: None,
        seed: None,
        prompt: None,
        prompt_writer: None,
        created: None,
        ids: Ids {
            document: [1; 16],
            instance: [2; 16],
            registry: [3; 16],
        },
        all_actions: false,
    }
}

/// A statement with everything, in several scripts and with XML's own characters.
pub(super) fn full() -> Statement {
    let some = |text: &str| Some(text.to_owned());
    Statement {
        by: some("Ren\u{e9}e \u{732b} & <Co>"),
        role: Some(Role::Creator),
        title: some("A \"title\" it's"),
        description: some("first line\nsecond line"),
        credit: some("Alice/Agency"),
        copyright: some("\u{a9} 2026 Ren\u{e9}e"),
        copyright_owner: some("Ren\u{e9}e"),
        usage_terms: some("No use without asking"),
        web_statement: some("https://example.org/rights?a=1&b=2"),
        licensor_url: some("https://example.org/licence"),
        mining: Some(Mining::NoTraining),
        software: some("painter 3.1"),
        ai_system: some("Model House"),
        ai_version: some("7"),
        prompt: some("a cat, < 3 tails"),
        prompt_writer: some("Ren\u{e9}e"),
        created: Timestamp::parse_rfc3339("2026-05-01T10:00:00Z"),
        ..bare(SourceType::CompositeWithTrainedAlgorithmicMedia)
    }
}
