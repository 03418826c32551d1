use std::collections::BTreeSet;
use std::path::Path;

use super::*;
use crate::manifest::Code;
use crate::report::verify::ResultWord;

fn known(code: &str) -> bool {
    rows().any(|row| row.code == code)
}

#[test]
fn every_code_that_the_status_table_knows_is_explained() {
    let lacking: Vec<_> = Code::KNOWN.iter().filter(|code| !known(code)).collect();
    assert!(lacking.is_empty(), "{lacking:?}");
}

#[test]
fn every_result_word_is_explained() {
    use ResultWord::{
        Changed, NoCredentials, NotConfirmed, RemoteOnly, Revoked, Trusted, UnknownIssuer, Unreadable,
    };
    let words = [
        Trusted,
        UnknownIssuer,
        NotConfirmed,
        Changed,
        Revoked,
        NoCredentials,
        RemoteOnly,
        Unreadable,
    ];
    for word in words {
        assert!(known(word.word()), "{word:?}");
    }
}

/// Every code-like text of the sources: `family.more`, of the families that checks, findings and rules have.
fn codes_in(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if path.file_name().unwrap() != "explain" {
                codes_in(&path, found);
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
        found.extend(quoted.filter(|quoted| is_code(quoted)).map(str::to_owned));
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
    codes_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
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

#[test]
fn an_unknown_code_names_those_nearest_to_it() {
    let near = |asked: &str| explain(Some(asked)).unwrap_err();
    let error = near("claimSignature.mismach");
    assert_eq!((error.kind, error.code), (Kind::Request, "explain.unknown"));
    assert!(error.why.unwrap().contains("are `claimSignature.mismatch`"));
    assert!(near("trustd").why.unwrap().contains("`TRUSTED`"));
    assert!(near("").why.is_some());
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
