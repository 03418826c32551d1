//! Small images and one full statement for the tests of this room.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::asset::{Asset, Format};
use crate::base::statement::{Ids, Mining, Role};
use crate::base::{SourceType, Statement, Timestamp};

const AVIF: &str = "AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUIAAADrbWV0YQAAAAAAAAAhaGRscgAAAAAAAAAAcGljdAAAAAAAAAAAAAAAAAAAAAAOcGl0bQAAAAAAAQAAAB5pbG9jAAAAAEQAAAEAAQAAAAEAAAETAAAAJgAAAChpaW5mAAAAAAABAAAAGmluZmUCAAAAAAEAAGF2MDFDb2xvcgAAAABqaXBycAAAAEtpcGNvAAAAFGlzcGUAAAAAAAAACAAAAAgAAAAQcGl4aQAAAAADCAgIAAAADGF2MUOBAAwAAAAAE2NvbHJuY2x4AAEADQAGgAAAABdpcG1hAAAAAAAAAAEAAQQBAoMEAAAALm1kYXQSAAoIGAi/aICGg0IyGBrHh4XhzDDDAoAAAJA1jjx/E50/ri8CFA==";
const GIF: &str = "R0lGODdhCAAIAIEAAMg8FAAAAAAAAAAAACwAAAAACAAIAAAIDwABCBxIsKDBgwgTKkwYEAA7";
const JPEG: &str = "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWGkJ6jq62rZ4C8ybqmx5moq6T/2wBDARweHigjKE4rK06kbl1upKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKT/wAARCAAIAAgDASIAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwCtRRRXEeqf/9k=";
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAFElEQVR4nGM8YSPCgA0wYRUdtBIA4EwBKCQ+tnkAAAAASUVORK5CYII=";
const TIFF: &str = "SUkqAAgAAAAKAAABBAABAAAACAAAAAEBBAABAAAACAAAAAIBAwADAAAAhgAAAAMBAwABAAAAAQAAAAYBAwABAAAAAgAAABEBBAABAAAAjAAAABUBAwABAAAAAwAAABYBBAABAAAACAAAABcBBAABAAAAwAAAABwBAwABAAAAAQAAAAAAAAAIAAgACADIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBTIPBQ=";
const WEBP: &str = "UklGRh4AAABXRUJQVlA4TBEAAAAvB8ABAAdQniKXov+BiOh/AAA=";
const SVG: &str = "PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHdpZHRoPSI4IiBoZWlnaHQ9IjgiPjxyZWN0IHdpZHRoPSI4IiBoZWlnaHQ9IjgiIGZpbGw9InJlZCIvPjwvc3ZnPg==";

/// Every format byline reads, 8 x 8 pixels each, without metadata.
pub(super) fn every_format() -> Vec<Asset> {
    [JPEG, PNG, WEBP, TIFF, AVIF, GIF, SVG]
        .iter()
        .filter_map(|text| Asset::parse(STANDARD.decode(text).unwrap()).ok())
        .collect()
}

pub(super) fn image(format: Format) -> Asset {
    every_format()
        .into_iter()
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
        role: Role::Producer,
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
        role: Role::Creator,
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
