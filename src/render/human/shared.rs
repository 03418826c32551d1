//! What several reports have in common: answers, times, actions, labelled rows.

use crate::base::{SourceType, Timestamp, Untrusted};
use crate::render::escape;
use crate::render::page::{Cell, Page, Tone};
use crate::report::verify::{ActionLine, CodeLine, IdentityLine, IngredientLine, Signer, TimestampLine};
use crate::report::{Check, Outcome};

/// Columns of the labels under the checks.
pub(super) const LABEL: usize = 20;

/// A labelled row.
pub(super) fn row(page: &mut Page, label: &str, text: &str) {
    cell_row(page, label, LABEL, text);
}

/// Several rows under one label; nothing when there are none.
pub(super) fn rows<S: AsRef<str>>(page: &mut Page, label: &str, texts: impl IntoIterator<Item = S>) {
    for (place, text) in texts.into_iter().enumerate() {
        row(page, if place == 0 { label } else { "" }, text.as_ref());
    }
}

/// The result in a word and a sentence.
pub(super) fn result(page: &mut Page, word: &str, tone: Tone, sentence: &str) {
    let cell = |text, tone| Cell {
        text,
        columns: 0,
        tone,
    };
    page.sentence(
        &[cell("Result:", Tone::Plain), cell(word, tone)],
        &format!("- {sentence}"),
    );
}

/// A labelled row with its own width of label.
pub(super) fn cell_row(page: &mut Page, label: &str, columns: usize, text: &str) {
    let cell = Cell {
        text: label,
        columns,
        tone: Tone::Plain,
    };
    page.row(2, &[cell], text);
}

/// Answer of a check in a word.
pub(in crate::render) const fn answer(outcome: Outcome) -> (&'static str, Tone) {
    match outcome {
        Outcome::Pass => ("yes", Tone::Plain),
        Outcome::Fail => ("no", Tone::Bad),
        Outcome::Unknown => ("unknown", Tone::Open),
        Outcome::NotChecked => ("not checked", Tone::Faint),
    }
}

/// A question with its answer and the reason.
pub(super) fn question(page: &mut Page, question: &str, check: &Check) {
    let (word, tone) = answer(check.outcome);
    let cells = [
        Cell {
            text: question,
            columns: 34,
            tone: Tone::Plain,
        },
        Cell {
            text: word,
            columns: 13,
            tone,
        },
    ];
    page.row(2, &cells, &check.note);
}

/// `1 Jan 2026 17:20 UTC` of an RFC 3339 time; the text itself when it is none.
pub(in crate::render) fn time(rfc3339: &str) -> String {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let friendly = || {
        let utc = Timestamp::parse_rfc3339(rfc3339)?.rfc3339();
        let (date, clock) = utc.split_once('T')?;
        let mut parts = date.split('-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        let month = MONTHS.get(month.parse::<usize>().ok()?.checked_sub(1)?)?;
        Some(format!(
            "{} {month} {year} {} UTC",
            day.trim_start_matches('0'),
            clock.get(..5)?
        ))
    };
    friendly().unwrap_or_else(|| rfc3339.to_owned())
}

/// Who signed, as the certificate says and as you know them.
pub(in crate::render) fn signer_name(signer: &Signer) -> String {
    let stated = match (&signer.name, &signer.organization) {
        (Some(name), Some(organization)) if name != organization => {
            format!("{} ({})", escape::value(name), escape::value(organization))
        }
        (Some(name), _) | (None, Some(name)) => escape::value(name),
        (None, None) => "an unnamed signer".to_owned(),
    };
    let mixed = [&signer.name, &signer.organization]
        .into_iter()
        .flatten()
        .any(escape::mixes_scripts);
    let warning = if mixed {
        " [mixes letters that look alike]"
    } else {
        ""
    };
    match &signer.known_as {
        Some(known) => format!("{known}, whose certificate says {stated}{warning}"),
        None => format!("{stated}{warning}"),
    }
}

/// A timestamp with who made it, and whether that is worth anything to you.
pub(in crate::render) fn timestamp(line: &TimestampLine) -> String {
    let Some(at) = &line.at else {
        return "does not hold".to_owned();
    };
    let by = line
        .authority
        .as_ref()
        .map_or_else(|| "an unnamed authority".to_owned(), escape::value);
    let worth = match (&line.listed_on, line.trusted) {
        (Some(list), _) => format!("on {list}"),
        (None, true) => "which you trust for time".to_owned(),
        (None, false) => "an authority on no list of yours".to_owned(),
    };
    format!("{}, says {by}, {worth}", time(at))
}

/// Where the certificates of a timestamp end in the file, and who issued the topmost.
pub(in crate::render) fn stamp_chain(line: &TimestampLine) -> Option<String> {
    let name = |text: Option<&Untrusted>| text.map_or_else(|| "(no name)".to_owned(), escape::value);
    let top = line.chain.last()?;
    let kind = match (top.root, line.chain.len()) {
        (true, _) => "the root ",
        (false, 1) => "its own, ",
        _ => "",
    };
    let issued = if top.root {
        String::new()
    } else {
        format!(", issued by {}", name(top.issuer.as_ref()))
    };
    Some(format!(
        "topmost certificate in the file: {kind}{}{issued}, SHA-256 {}",
        name(top.subject.as_ref()),
        top.sha256
    ))
}

/// Actions in order, `Created (trainedAlgorithmicMedia) > Edited`.
pub(in crate::render) fn actions(actions: &[ActionLine]) -> String {
    const SHOWN: usize = 8;
    let mut words: Vec<String> = actions.iter().take(SHOWN).map(action).collect();
    if actions.len() > SHOWN {
        words.push(format!("{} more", actions.len() - SHOWN));
    }
    words.join(" > ")
}

/// One action, `Created (trainedAlgorithmicMedia)`.
pub(in crate::render) fn action(line: &ActionLine) -> String {
    let raw = line.action.raw();
    // C2PA UX guidance 2.0, action labels.
    let word = match raw {
        "c2pa.created" => "Created",
        "c2pa.opened" => "Opened",
        "c2pa.placed" => "Imported",
        "c2pa.cropped" => "Cropped",
        "c2pa.resized" | "c2pa.resized.proportional" => "Resized",
        "c2pa.color_adjustments" | "c2pa.adjustedColor" => "Color or exposure edits",
        "c2pa.addedText" => "Text added",
        "c2pa.drawing" => "Drawing edits",
        "c2pa.enhanced" => "Enhanced",
        "c2pa.orientation" => "Turned or mirrored",
        "c2pa.redacted" => "Redacted",
        "c2pa.removed" => "Removed",
        "c2pa.repackaged" => "Repackaged",
        "c2pa.filtered" => "Filter or style edits",
        "c2pa.edited" => "Edited",
        "c2pa.edited.metadata" => "Metadata edited",
        "c2pa.converted" => "Converted",
        "c2pa.transcoded" => "Transcoded",
        "c2pa.published" => "Published",
        "c2pa.watermarked" | "c2pa.watermarked.bound" | "c2pa.watermarked.unbound" => "Watermarked",
        "c2pa.unknown" => "Unknown edits or activity",
        _ => "",
    };
    let word = if word.is_empty() {
        escape::value(&line.action)
    } else {
        word.to_owned()
    };
    let mut beside = Vec::new();
    if let Some(source) = &line.source_type {
        beside.push(
            SourceType::parse(source.raw())
                .map_or_else(|| escape::value(source), |known| known.term().to_owned()),
        );
    }
    beside.extend(line.software.as_ref().map(escape::value));
    if beside.is_empty() {
        word
    } else {
        format!("{word} ({})", beside.join(", "))
    }
}

/// CAWG identities.
pub(super) fn identities(page: &mut Page, identities: &[IdentityLine]) {
    rows(
        page,
        "Named identity",
        identities.iter().map(|line| {
            let role = line.role.as_ref().map_or_else(String::new, |role| {
                let role = escape::value(role);
                format!(" as {}", role.trim_start_matches("cawg."))
            });
            format!("{}{role}: {}", escape::value(&line.name), identity(&line.check))
        }),
    );
}

/// Whether a named identity is who it says, and why.
pub(in crate::render) fn identity(check: &Check) -> String {
    let word = match check.outcome {
        Outcome::Pass => "confirmed",
        Outcome::Fail => "does not hold",
        Outcome::Unknown => "not confirmed",
        Outcome::NotChecked => "not checked",
    };
    format!("{word} - {}", check.note)
}

/// Status codes, as every C2PA tool names them; those of success only where everything is shown.
pub(super) fn codes(page: &mut Page, codes: &[CodeLine]) {
    if codes.is_empty() {
        return;
    }
    page.gap();
    page.head(
        2,
        "Codes of the C2PA library, which decide nothing here by themselves",
        Tone::Strong,
    );
    let full = page.full();
    for code in codes.iter().filter(|code| full || code.kind != "success") {
        let cells = [Cell {
            text: &code.kind,
            columns: 15,
            tone: if code.kind == "failure" {
                Tone::Bad
            } else {
                Tone::Plain
            },
        }];
        page.row(4, &cells, &escape::value(&code.code));
        if let Some(url) = code.url.as_ref().filter(|_| full) {
            page.line(19, &escape::value(url));
        }
    }
    let good = codes.iter().filter(|code| code.kind == "success").count();
    if good > 0 && !full {
        page.line(4, &format!("{good} of success: --full"));
    }
}

/// Ingredients as a tree.
pub(super) fn ingredients(page: &mut Page, ingredients: &[IngredientLine]) {
    if ingredients.is_empty() {
        return;
    }
    page.gap();
    page.head(2, "Ingredients", Tone::Strong);
    for line in ingredients {
        let depth = usize::try_from(line.depth).unwrap_or(0).min(12);
        let title = line
            .title
            .as_ref()
            .map_or_else(|| "(no title)".to_owned(), escape::value);
        let mut text = format!("{}  {title}", escape::value(&line.relationship));
        if let Some(manifest) = &line.manifest {
            text.push_str("  manifest ");
            text.push_str(&escape::value(manifest));
        }
        page.line(4 + depth * 2, &text);
        if line.tells() {
            page.line(6 + depth * 2, &earlier(line));
        }
    }
}

/// What an ingredient's own manifest says of it, who signed that, and what is wrong with it.
pub(super) fn earlier(line: &IngredientLine) -> String {
    let mut parts = Vec::new();
    if !line.actions.is_empty() {
        parts.push(actions(&line.actions));
    }
    parts.extend(
        line.signed_by
            .as_ref()
            .map(|name| format!("signed in the name of {}", escape::value(name))),
    );
    if !line.faults.is_empty() {
        parts.push(format!("faults: {}", list(&line.faults)));
    }
    parts.join("; ")
}

/// Values with commas.
pub(in crate::render) fn list(values: &[Untrusted]) -> String {
    values.iter().map(escape::value).collect::<Vec<_>>().join(", ")
}

/// `1 file`, `3 files`.
pub(in crate::render) fn count(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// A line of a summary: how many, and what of them.
pub(super) fn counted(page: &mut Page, number: u64, what: &str) {
    let number = number.to_string();
    let cell = Cell {
        text: &number,
        columns: 8,
        tone: Tone::Plain,
    };
    page.row(0, &[cell], what);
}

/// That links were not followed, and hidden names not looked at.
pub(super) fn passed_over(page: &mut Page, links: u64, hidden: u64) {
    if hidden > 0 {
        let names = count(
            hidden,
            "hidden picture or folder was",
            "hidden pictures or folders were",
        );
        page.line(
            2,
            &format!(
                "{names} passed over, by a name that begins with a dot; one that is named itself is taken"
            ),
        );
    }
    if links > 0 {
        let links = count(links, "symbolic link was", "symbolic links were");
        page.line(
            2,
            &format!("{links} passed over; a link that is named itself is followed"),
        );
    }
}

/// A URI of the IPTC vocabulary as its bare term; anything else as it is.
pub(in crate::render) fn term(source_type: &str) -> String {
    SourceType::parse(source_type).map_or_else(|| source_type.to_owned(), |known| known.term().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_friendly_and_in_utc() {
        assert_eq!(time("2026-01-01T17:20:09Z"), "1 Jan 2026 17:20 UTC");
        assert_eq!(time("2026-12-31T23:20:09-02:00"), "1 Jan 2027 01:20 UTC");
        assert_eq!(time("soon"), "soon");
    }

    /// An edit of words beside a picture was once told as an edit of the picture.
    #[test]
    fn an_edit_of_metadata_is_none_of_the_picture() {
        let line = |action: &str| ActionLine {
            action: action.into(),
            source_type: None,
            software: Some("byline".into()),
        };
        let told = actions(&[line("c2pa.opened"), line("c2pa.edited.metadata")]);
        assert_eq!(told, "Opened (byline) > Metadata edited (byline)");
        assert_eq!(action(&line("c2pa.edited")), "Edited (byline)");
    }

    #[test]
    fn unknown_actions_are_shown_as_they_are_and_escaped() {
        let line = ActionLine {
            action: "com.example.\u{1b}x".into(),
            source_type: None,
            software: Some("P\u{202e}".into()),
        };
        assert_eq!(actions(&[line]), "com.example.\\u{1b}x (P\\u{202e})");
    }
}
