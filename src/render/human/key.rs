//! Keys: what they are called, how they are recognised, how they lie on disk.

use super::shared::{row, rows, time};
use super::title::recorded;
use crate::render::page::{Page, Tone};
use crate::render::{Style, escape};
use crate::report::key::{KeyDeed, KeyReport, KeyView};

/// What was done with keys. What was asked for as text is that text and nothing else.
#[must_use]
pub fn key(report: &KeyReport, style: &Style) -> String {
    if let Some(text) = &report.text {
        return escape::lines(text);
    }
    let mut page = Page::new(style);
    let deed = match report.done {
        KeyDeed::Exported => "exported",
        KeyDeed::Imported => "imported",
        KeyDeed::Made => "made",
        KeyDeed::Requested => "request made",
        KeyDeed::Revoked => "revoked",
        KeyDeed::Rotated => "rotated",
        KeyDeed::Listed | KeyDeed::Shown => "",
    };
    // Of what was written out, what of it is secret says a note; how the key lies on this machine is no part of it.
    let is_exported = report.done == KeyDeed::Exported;
    for (place, view) in report.keys.iter().enumerate() {
        if place > 0 {
            page.gap();
        }
        page.head(
            0,
            format!("{}  {deed}", escape::line(&view.name)).trim_end(),
            Tone::Strong,
        );
        one(&mut page, view);
        if !is_exported {
            kept(&mut page, view);
        }
    }
    recorded(&mut page, &report.recorded);
    rows(&mut page, "Written", report.written.as_ref().map(escape::whole));
    rows(&mut page, "Note", &report.notes);
    page.text()
}

fn one(page: &mut Page, view: &KeyView) {
    rows(page, "Says", view.says.as_ref().map(escape::value));
    let organization = view
        .organization
        .as_ref()
        .filter(|name| Some(*name) != view.says.as_ref());
    rows(page, "Organisation", organization.map(escape::value));
    rows(page, "E-mail", view.email.as_ref().map(escape::value));
    rows(page, "Key id", &view.key_id);
    rows(page, "Certificate id", &view.certificate_id);
    rows(page, "Algorithm", &view.algorithm);
    if let Some(until) = &view.valid_until {
        let made = if view.made.as_deref() == Some("ca") {
            "issued by a CA"
        } else {
            "made by its holder"
        };
        row(
            page,
            "Certificate",
            &format!("{}, until {}, {made}", view.state, time(until)),
        );
    } else {
        row(page, "Certificate", &view.state);
    }
}

/// How it is kept here.
fn kept(page: &mut Page, view: &KeyView) {
    let secret = if view.protection == "none" {
        "NOT encrypted"
    } else {
        "encrypted with a passphrase"
    };
    row(page, "Secret", secret);
    let certified = view.made.as_deref() == Some("ca") && view.algorithm.as_deref() == Some("ed25519");
    let next = match (view.next, certified) {
        (true, false) => "kept beside it: `byline key rotate` hands over to it",
        (true, true) => {
            "kept beside it: it can revoke this key; a CA certified this key, and no other takes its place"
        }
        (false, _) => "none: this key cannot be rotated",
    };
    row(page, "Next key", next);
    rows(
        page,
        "Earlier keys",
        (view.retired > 0).then(|| format!("{} kept beside it", view.retired)),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> KeyReport {
        KeyReport {
            schema: "key-report.v1",
            done: KeyDeed::Made,
            keys: vec![KeyView {
                name: "ada".into(),
                says: Some("Ada\u{202e}".into()),
                organization: Some("Studio".into()),
                email: None,
                algorithm: Some("ed25519".into()),
                key_id: Some("ab".into()),
                certificate_id: Some("cd".into()),
                made: Some("self".into()),
                protection: "none".into(),
                next: true,
                retired: 1,
                valid_from: Some("2026-05-01T09:00:00Z".into()),
                valid_until: Some("2046-05-01T10:00:00Z".into()),
                state: "valid".into(),
            }],
            written: None,
            text: None,
            recorded: Vec::new(),
            notes: vec!["back it up".into()],
        }
    }

    /// What is written out is no secret, and how the key lies on this machine is not in it.
    #[test]
    fn of_an_exported_key_nothing_is_said_of_a_secret() {
        let exported = KeyReport {
            done: KeyDeed::Exported,
            ..report()
        };
        let text = key(&exported, &Style::default());
        assert!(text.contains("Key id") && !text.contains("Secret"), "{text}");
    }

    #[test]
    fn key_is_shown_with_its_fingerprint_and_its_risk() {
        let expected = "\
ada  made
  Says                Ada\\u{202e}
  Organisation        Studio
  Key id              ab
  Certificate id      cd
  Algorithm           ed25519
  Certificate         valid, until 1 May 2046 10:00 UTC, made by its holder
  Secret              NOT encrypted
  Next key            kept beside it: `byline key rotate` hands over to it
  Earlier keys        1 kept beside it
  Note                back it up
";
        assert_eq!(key(&report(), &Style::default()), expected);
    }

    #[test]
    fn text_asked_for_stands_alone() {
        let report = KeyReport {
            text: Some("-----BEGIN\nx\n".into()),
            ..report()
        };
        assert_eq!(key(&report, &Style::default()), "-----BEGIN\nx\n");
    }
}
