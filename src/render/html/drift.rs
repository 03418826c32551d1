//! The page that answers whether the pictures of a ledger grow alike.

use maud::{Markup, PreEscaped, html};

use super::frame::{self, Mood, Page};
use super::plot::{self, Axis, Bin, Point};
use super::{text, whole};
use crate::render::human::{probability, sight};
use crate::report::drift::{DriftAnswer, DriftReport, GroupedBy};

/// The answer as a page.
#[must_use]
pub fn drift(report: &DriftReport) -> String {
    let subject = whole(&report.ledger);
    frame::document(&Page {
        kind: "Likeness within a ledger",
        subject: &subject,
        label: None,
        remedy: None,
        word: match report.answer {
            DriftAnswer::Different => "Not equally alike",
            DriftAnswer::LessAlike => "Less alike",
            DriftAnswer::MoreAlike => "More alike",
            DriftAnswer::NoChange => "No change seen",
            DriftAnswer::TooFew => "Too few to tell",
        },
        sentence: &report.sentence,
        mood: Mood::Plain,
        at: &report.at,
        schema: report.schema,
        body: html! {
            (panel(report))
            (frame::list(frame::Level::Page, "What this does and does not say", &report.notes))
            (looked_at(report))
        },
    })
}

/// The plots and tables, without head and notes: what the page of an audit carries too.
pub(super) fn panel(report: &DriftReport) -> Markup {
    html! {
        (diversity(report))
        (copies(report))
        (nearest(report))
        (groups(report))
        (clusters(report))
    }
}

fn axis(report: &DriftReport) -> Axis {
    match report.by {
        GroupedBy::Month => Axis::Across,
        GroupedBy::Creator | GroupedBy::Family | GroupedBy::Source => Axis::Down,
    }
}

/// A plot in both sizes, below what it says.
fn figure(heading: &str, says: &str, plots: &[(&str, String)], caption: &str) -> Markup {
    html! {
        section {
            h2 { (heading) }
            figure {
                @for (class, svg) in plots {
                    div class=(class) role="img" aria-label=(text(says)) { (PreEscaped(svg)) }
                }
                figcaption { (text(caption)) }
            }
        }
    }
}

fn diversity(report: &DriftReport) -> Markup {
    let (Some(sample), Some(strangers)) = (report.sample, report.sample_of_strangers) else {
        return html! {};
    };
    let points: Vec<Point> = report
        .groups
        .iter()
        .map(|group| Point {
            name: text(&group.name),
            value: group
                .compared
                .as_ref()
                .map(|one| (one.diversity, one.diversity_low, one.diversity_high)),
        })
        .collect();
    let reference = format!("unrelated pictures: {strangers:.0}");
    let plots = plot::both(|size| plot::points(&points, (strangers, &reference), axis(report), size));
    let caption = format!(
        "How many wholly different pictures {sample} of each group are worth, by their {} (near copies put aside). Lower is more alike. \
         Bars are 95 % bands; the dashed line is what {sample} pictures reach that have nothing to do with each other.",
        sight(report.seen_by)
    );
    figure("Diversity", &report.sentence, &plots, &caption)
}

fn copies(report: &DriftReport) -> Markup {
    let bars: Vec<(String, f64)> = report
        .groups
        .iter()
        .filter(|group| group.pictures > 0)
        .map(|group| (text(&group.name), per_thousand(group.near_copies, group.pictures)))
        .collect();
    if bars.is_empty() {
        return html! {};
    }
    let plots = plot::both(|size| plot::bars(&bars, axis(report), size));
    let caption = "Of 1,000 registrations, how many look the same as an older one of the ledger: at most 31 of 256 bits differ.";
    figure(
        "Near copies of older pictures, of 1,000",
        caption,
        &plots,
        caption,
    )
}

fn per_thousand(part: u64, of: u64) -> f64 {
    let decimal = |count: u64| u32::try_from(count).map_or(f64::MAX, f64::from);
    decimal(part) * 1000.0 / decimal(of.max(1))
}

fn nearest(report: &DriftReport) -> Markup {
    let found = &report.nearest;
    let (Some(counted), Some(chance)) = (found.median_bits, found.median_by_chance_bits) else {
        return html! {};
    };
    let mut bins: Vec<Bin> = Vec::new();
    for distance in &found.distances {
        // Codes with equally many ones differ in an even number of bits.
        let at = f64::from(distance.bits / 2 * 2);
        let here = (
            u32::try_from(distance.counted).map_or(f64::MAX, f64::from),
            distance.by_chance,
        );
        match bins.last_mut() {
            Some(bin) if bin.at >= at => {
                bin.counted += here.0;
                bin.expected += here.1;
            }
            _ => bins.push(Bin {
                at,
                counted: here.0,
                expected: here.1,
            }),
        }
    }
    let plots = plot::both(|size| plot::histogram(&bins, size));
    let caption = format!(
        "How far the nearest other picture is, for {} pictures, near copies put aside: {counted} of 256 bits by the median, {chance} \
         by chance. Bars to the left of the curve are pictures that have a relative, or a border or caption in common with one.",
        found.looked_at
    );
    figure("Nearest pictures against chance", &caption, &plots, &caption)
}

fn groups(report: &DriftReport) -> Markup {
    html! {
        @if !report.groups.is_empty() {
            section {
                h2 { "Groups " span.count { (report.groups.len()) } }
                table {
                    thead {
                        tr {
                            th scope="col" { (grouped_by(report.by)) }
                            th scope="col" { "Pictures" }
                            th scope="col" { "Near copies of older ones" }
                            th scope="col" { "Related to older ones" }
                            th scope="col" { "Diversity, 95 % band" }
                            th scope="col" { "Likeness" }
                            th scope="col" { "Near copies in 1,000, equal samples" }
                            th scope="col" { "Nearest, bits" }
                        }
                    }
                    tbody {
                        @for group in &report.groups {
                            tr {
                                td.place { (text(&group.name)) }
                                td data-label="Pictures" { (group.pictures) }
                                td data-label="Near copies of older ones" { (group.near_copies) }
                                td data-label="Related to older ones" { (group.related) " of " (group.related_of) }
                                @if let Some(one) = &group.compared {
                                    td data-label="Diversity, 95 % band" {
                                        (one.diversity) " (" (one.diversity_low) " to " (one.diversity_high) ")"
                                    }
                                    td data-label="Likeness" { (one.likeness) }
                                    td data-label="Near copies in 1,000, equal samples" { (one.copies_per_thousand) }
                                    td data-label="Nearest, bits" { (one.nearest_bits) }
                                } @else {
                                    td colspan="4" { "too few to compare" }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

const fn grouped_by(by: GroupedBy) -> &'static str {
    match by {
        GroupedBy::Creator => "Key",
        GroupedBy::Family => "Family",
        GroupedBy::Month => "Month",
        GroupedBy::Source => "Made",
    }
}

fn clusters(report: &DriftReport) -> Markup {
    html! {
        section {
            h2 { "Clusters of near copies " span.count { (report.cluster_count) } }
            @if report.clusters.is_empty() {
                p { "No two pictures look the same." }
            } @else {
                table {
                    thead { tr { th scope="col" { "Pictures" } th scope="col" { "Entries, oldest first" } } }
                    tbody {
                        @for cluster in &report.clusters {
                            tr {
                                td.place { (cluster.pictures) }
                                td data-label="Entries, oldest first" {
                                    (cluster.entries.iter().map(u64::to_string).collect::<Vec<_>>().join(", "))
                                    @if cluster.pictures > 10 { " ..." }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn looked_at(report: &DriftReport) -> Markup {
    let mut rows = vec![
        ("Log", whole(&report.origin)),
        ("Entries", report.tree_size.to_string()),
        ("Registrations", report.registrations.to_string()),
        ("Pictures", report.pictures.to_string()),
        ("Of different looks", report.distinct.to_string()),
    ];
    if report.left_out > 0 {
        let words = format!("{} without a code that can be compared", report.left_out);
        rows.push(("Left out", words));
    }
    if report.without_look > 0 {
        rows.push(("Without a look", report.without_look.to_string()));
    }
    if let Some(chance) = report.chance {
        rows.push(("By chance alone", probability(chance)));
    }
    if let Some(noticed) = report.noticed_percent {
        rows.push((
            "Would be noticed",
            format!("a loss of {noticed:.0} % of the diversity"),
        ));
    }
    html! {
        section {
            h2 { "Looked at" }
            (frame::facts(&rows))
        }
    }
}
