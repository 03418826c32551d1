use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::*;
use crate::manifest::Code;

fn known(code: &str) -> bool {
    rows().any(|row| row.code == code)
}

#[test]
fn every_code_that_the_status_table_knows_is_explained() {
    let lacking: Vec<_> = Code::KNOWN.iter().filter(|code| !known(code)).collect();
    assert!(lacking.is_empty(), "{lacking:?}");
}

/// The values that a schema allows for words.
fn values_in(schema: &Value, found: &mut BTreeSet<String>) {
    match schema {
        Value::Object(map) => {
            found.extend(map.get("const").and_then(Value::as_str).map(str::to_owned));
            let list = map.get("enum").and_then(Value::as_array);
            found.extend(
                list.into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .map(str::to_owned),
            );
            map.values().for_each(|below| values_in(below, found));
        }
        Value::Array(list) => list.iter().for_each(|below| values_in(below, found)),
        _ => {}
    }
}

fn is_word(text: &str) -> bool {
    text.len() > 3
        && text
            .chars()
            .all(|c| c.is_ascii_uppercase() || matches!(c, ' ' | ':'))
}

/// Names of formats and places that stand in capitals and are no verdict.
const NAMES: [&str; 7] = ["EXIF", "GPS", "HTML", "IPTC", "JPEG", "PICTURE", "TEXT"];

/// Every enum of every report is walked by its schema, and the sources for words that stand in no enum: a new one cannot be forgotten.
#[test]
fn every_word_that_is_printed_as_a_result_is_explained() {
    let mut found = BTreeSet::new();
    for (_, schema) in crate::report::schema::all() {
        values_in(schema.as_value(), &mut found);
    }
    found.retain(|word| is_word(word));
    assert!(found.len() >= 24, "{found:?}");
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for folder in ["render", "app"] {
        quoted_in(&sources.join(folder), &mut found, &is_word);
    }
    for word in ["SOUND", "BROKEN", "CONSISTENT", "VOID", "NOT OPENED"] {
        assert!(found.contains(word), "the sources were not read: {word}");
    }
    let lacking: Vec<_> = found
        .iter()
        .map(|word| word.trim().trim_end_matches(':'))
        .filter(|word| !known(word) && !NAMES.contains(word))
        .collect();
    assert!(lacking.is_empty(), "{lacking:?}");
}

#[test]
fn every_open_point_is_explained_by_its_word() {
    let (_, schema) = crate::report::schema::all()
        .into_iter()
        .find(|(name, _)| *name == "verify-report.v1")
        .unwrap();
    let mut found = BTreeSet::new();
    values_in(&schema.as_value()["$defs"]["OpenAbout"], &mut found);
    assert_eq!(found.len(), 8, "{found:?}");
    let lacking: Vec<_> = found.iter().filter(|word| !known(word)).collect();
    assert!(lacking.is_empty(), "{lacking:?}");
}

/// Every quoted text of the sources that fits.
fn quoted_in(folder: &Path, found: &mut BTreeSet<String>, fits: &dyn Fn(&str) -> bool) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if path.file_name().unwrap() != "explain" {
                quoted_in(&path, found, fits);
            }
            continue;
        }
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let is_source = path.extension().is_some_and(|ending| ending == "rs");
        if !is_source || name.ends_with("tests.rs") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        let quoted = text.split('"').skip(1).step_by(2);
        found.extend(quoted.filter(|quoted| fits(quoted)).map(str::to_owned));
    }
}

fn is_code(text: &str) -> bool {
    let family = text.split('.').next().unwrap_or_default();
    let shape = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let families = [
        "assertion",
        "claim",
        "claimSignature",
        "coverage",
        "certificate",
        "ingredient",
        "manifest",
        "revocation",
        "signingCredential",
        "timeStamp",
    ];
    let of_ledger = family == "ledger" && text.matches('.').count() >= 2;
    text.contains('.')
        && !text.ends_with('.')
        && text.chars().all(shape)
        && (families.contains(&family) || of_ledger)
}

/// Codes of errors, which say what happened, why and what to do by themselves.
const ERRORS: [&str; 3] = ["certificate.name", "certificate.not-made", "certificate.refused"];

#[test]
fn every_code_that_our_own_code_can_emit_is_explained() {
    let mut found = BTreeSet::new();
    quoted_in(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut found,
        &is_code,
    );
    assert!(found.len() > 180, "the sources were not read: {}", found.len());
    for code in [
        "ledger.inclusion",
        "ledger.entry",
        "ledger.consistency",
        "ledger.header",
        "cawg.identity",
    ] {
        found.insert(code.to_owned());
    }
    let lacking: Vec<_> = found
        .iter()
        .filter(|code| !known(code) && !ERRORS.contains(&code.as_str()))
        .collect();
    assert!(lacking.is_empty(), "{lacking:#?}");
}

#[test]
fn no_code_is_explained_twice_and_none_in_half() {
    let mut seen = BTreeSet::new();
    for row in rows() {
        assert!(seen.insert(plain(row.code)), "{}", row.code);
        for text in [row.means, row.holds, row.settle] {
            assert!(text.len() > 10, "{}", row.code);
            assert!(
                text.chars().next().unwrap().is_uppercase() || text.starts_with("byline"),
                "{text}"
            );
        }
        assert!(row.means.ends_with(['.', ')']), "{}", row.means);
        // Facts of bytes, not motives of people; and no promise that a verdict cannot keep.
        let all = [row.means, row.holds, row.settle].join(" ");
        for never in ["forged", "fake", "tampered", "authentic", "owner of"] {
            assert!(!all.contains(never), "{}: {never}", row.code);
        }
        assert!(GROUPS.contains(&row.group()));
    }
}

#[test]
fn a_word_is_found_however_it_is_typed() {
    for asked in [
        "NOT CONFIRMED",
        "not-confirmed",
        " Not_Confirmed ",
        "not confirmed",
    ] {
        assert_eq!(explain(Some(asked)).unwrap().codes[0].code, "NOT CONFIRMED");
    }
    let one = explain(Some("claimsignature.MISMATCH")).unwrap();
    assert_eq!(one.codes.len(), 1);
    assert_eq!(
        (one.codes[0].code, one.codes[0].group),
        ("claimSignature.mismatch", "c2pa")
    );
}

/// Steps are printed in words of ours, and JSON has their names: both lead here.
#[test]
fn every_step_that_has_a_word_of_its_own_is_explained() {
    let source = include_str!("../../render/human/shared.rs");
    let named = source.split('"').filter(|text| {
        text.starts_with("c2pa.")
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "._".contains(c))
    });
    let lacking: Vec<_> = named.filter(|code| !known(code)).collect();
    assert!(lacking.is_empty(), "{lacking:?}");
    let one = explain(Some("c2pa.edited.metadata")).unwrap();
    assert_eq!(
        (one.codes[0].group, one.codes[0].kind),
        ("c2pa", CodeKind::Action)
    );
}

#[test]
fn an_unknown_code_names_those_nearest_to_it() {
    let near = |asked: &str| explain(Some(asked)).unwrap_err();
    let error = near("claimSignature.mismach");
    assert_eq!((error.kind, error.code), (Kind::Request, "explain.unknown"));
    assert!(error.why.unwrap().contains(" `claimSignature.mismatch`"));
    assert!(near("trustd").why.unwrap().contains("`TRUSTED`"));
    for far in ["", "foo", "what is this"] {
        assert_eq!(near(far).why.unwrap(), "no known one is near to it", "{far}");
    }
    let long = near(&"x".repeat(100_000));
    assert!(long.what.len() < 200);
}

#[test]
fn all_codes_come_by_group() {
    let all = explain(None).unwrap();
    assert_eq!(all.codes[0].code, "TRUSTED");
    let groups: Vec<_> = all.codes.iter().map(|view| view.group).collect();
    let mut once = groups.clone();
    once.dedup();
    assert_eq!(once, GROUPS);
    assert!(groups.len() > 250, "{}", groups.len());
}
