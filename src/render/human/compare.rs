//! Two pictures against each other.

use super::shared::{result, row, rows};
use crate::render::page::{Page, Tone};
use crate::render::{Style, escape};
use crate::report::compare::{
    CellComparison, CompareReport, CompareWord, ComparedFile, LikenessWord, PdqDistance,
};
use crate::report::verify::ThumbnailWitness;

/// What two pictures are to each other.
#[must_use]
pub fn compare(report: &CompareReport, style: &Style) -> String {
    let mut page = Page::new(style);
    file(&mut page, &report.a);
    file(&mut page, &report.b);
    page.gap();
    if let Some(cells) = &report.cells {
        row(&mut page, "Cells", &counted(cells));
        areas(&mut page, cells);
    }
    rows(&mut page, "Fingerprints", report.pdq.as_ref().map(distance));
    rows(&mut page, "Heat map", report.heatmap.as_ref().map(escape::whole));
    rows(&mut page, "Note", &report.notes);
    page.gap();
    let tone = match report.result {
        CompareWord::PartChanged | CompareWord::Reworked | CompareWord::Unrelated => Tone::Bad,
        CompareWord::Related | CompareWord::Undecided => Tone::Open,
        _ => Tone::Strong,
    };
    result(&mut page, report.result.word(), tone, &report.sentence);
    page.text()
}

fn file(page: &mut Page, file: &ComparedFile) {
    page.head(0, &escape::whole(&file.file), Tone::Strong);
    let size = match (file.width, file.height) {
        (Some(width), Some(height)) => format!(", {width} x {height} pixels"),
        _ => String::new(),
    };
    page.line(2, &format!("{}, {} bytes{size}", file.format, file.bytes));
    row(page, "SHA-256", &file.sha256);
    if let (Some(digest), Some(rule)) = (&file.pixel_sha256, &file.pixel_rule) {
        row(page, "Pixels", &format!("{digest} ({rule})"));
    }
    if page.full() {
        row(page, "Content SHA-256", &file.content_sha256);
        if let (Some(code), Some(quality)) = (&file.pdq, file.pdq_quality) {
            row(page, "PDQ", &format!("{code}, quality {quality}"));
        }
    }
}

fn counted(cells: &CellComparison) -> String {
    format!(
        "{} of {} differ; largest difference {} of 255; slopes agree to {} %",
        cells.cells_changed, cells.cells_compared, cells.largest_difference, cells.agreement_percent
    )
}

fn distance(pdq: &PdqDistance) -> String {
    let nearest = if pdq.nearest_bits < pdq.whole_bits {
        format!("; nearest part {}", pdq.nearest_bits)
    } else {
        String::new()
    };
    format!("{} of 256 bits apart (PDQ){nearest}", pdq.whole_bits)
}

/// The parts that were changed, in pixels.
fn areas(page: &mut Page, cells: &CellComparison) {
    let shown = if page.full() { cells.areas.len() } else { 4 };
    rows(
        page,
        if cells.likeness == LikenessWord::Reworked {
            "Tones differ most"
        } else {
            "Changed part"
        },
        cells.areas.iter().take(shown).map(|area| {
            format!(
                "{} x {} pixels at ({}, {})",
                area.width, area.height, area.x, area.y
            )
        }),
    );
    let more = cells.areas.len().saturating_sub(shown);
    let more = u32::try_from(more)
        .unwrap_or(u32::MAX)
        .saturating_add(cells.areas_more);
    if more > 0 {
        row(page, "", &format!("{more} more"));
    }
}

/// What the signed thumbnail says of the picture.
pub(super) fn thumbnail(page: &mut Page, witness: &ThumbnailWitness) {
    let said = if witness.cells.is_some() {
        witness.check.note.clone()
    } else {
        format!("says nothing - {}", witness.check.note)
    };
    row(page, "Signed thumbnail", &said);
    if let Some(cells) = witness.cells.as_ref().filter(|cells| cells.areas.len() > 1) {
        areas(page, cells);
    }
    if page.full() {
        rows(page, "", witness.cells.as_ref().map(counted));
    }
    rows(page, "Heat map", witness.heatmap.as_ref().map(escape::whole));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::compare::Area;

    fn compared(name: &str) -> ComparedFile {
        ComparedFile {
            file: name.into(),
            format: "PNG".into(),
            bytes: 5,
            width: Some(640),
            height: Some(480),
            sha256: "ab".repeat(32),
            content_sha256: "cd".repeat(32),
            pixel_rule: Some("samples.v1".into()),
            pixel_sha256: Some("ef".repeat(32)),
            pdq: Some("01".repeat(32)),
            pdq_quality: Some(100),
        }
    }

    fn report() -> CompareReport {
        let area = Area {
            x: 10,
            y: 20,
            width: 80,
            height: 60,
            cells: 64,
        };
        CompareReport {
            schema: "compare-report.v1",
            a: compared("a.png"),
            b: compared("b\u{1b}[2J.png"),
            result: CompareWord::PartChanged,
            sentence: "the same picture but for a part".into(),
            cells: Some(CellComparison {
                likeness: LikenessWord::PartChanged,
                rework: None,
                cells_compared: 4096,
                cells_changed: 64,
                changed_permille: 15,
                largest_difference: 140,
                agreement_percent: 99,
                textured_percent: 97,
                areas: vec![area; 6],
                areas_more: 3,
            }),
            pdq: Some(PdqDistance {
                whole_bits: 18,
                nearest_bits: 18,
            }),
            heatmap: None,
            notes: Vec::new(),
        }
    }

    #[test]
    fn a_changed_part_is_told_in_pixels_and_names_cannot_act() {
        let text = compare(&report(), &Style::default());
        assert!(!text.contains('\u{1b}'), "{text}");
        assert!(
            text.contains("  Changed part        80 x 60 pixels at (10, 20)\n"),
            "{text}"
        );
        assert!(text.contains("                      5 more\n"), "{text}");
        assert!(text.contains("18 of 256 bits apart (PDQ)\n"), "{text}");
        assert!(
            text.ends_with("\nResult: PART CHANGED - the same picture but for a part\n"),
            "{text}"
        );
    }

    #[test]
    fn in_full_every_code_and_part_is_shown() {
        let style = Style {
            full: true,
            ..Style::default()
        };
        let text = compare(&report(), &style);
        assert_eq!(text.matches("80 x 60 pixels").count(), 6, "{text}");
        assert!(
            text.contains("3 more\n") && text.contains("quality 100"),
            "{text}"
        );
    }
}
