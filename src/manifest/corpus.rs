//! Files made by others (`../shared/corpus`), as of 2026-08-01 and without anchors: the facts agree with the state that c2patool 0.27.22
//! gives (c2pa.md 6), or the row says why not.

#![expect(clippy::print_stdout, reason = "a skipped test says so")]

use std::path::PathBuf;

use super::facts::{Binding, Links, Signature, SigningTime, State, Validity};
use super::samples::reader;
use super::{Finding, ManifestEvidence, ManifestFacts};
use crate::asset::Asset;
use crate::base::Timestamp;

/// The folder of the corpus, where it is.
fn corpus() -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let found = std::env::var_os("BYLINE_CORPUS").map_or(beside, PathBuf::from);
    if found.is_dir() {
        return Some(found);
    }
    println!("skipped: other people's files are not at {}", found.display());
    None
}

fn evidence(folder: &std::path::Path, path: &str) -> (Asset, ManifestEvidence) {
    let asset = Asset::parse(std::fs::read(folder.join(path)).unwrap()).unwrap();
    let at = Timestamp::parse_rfc3339("2026-08-01T00:00:00Z").unwrap();
    let evidence = reader(None).read(&asset, at);
    (asset, evidence)
}

fn facts(folder: &std::path::Path, path: &str) -> ManifestFacts {
    match evidence(folder, path).1 {
        ManifestEvidence::Read(facts) => *facts,
        other => panic!("{path}: {other:?}"),
    }
}

/// The Adobe files: binding, links, signature and the codes of ingredient faults. `Valid` for c2patool where all hold.
const ADOBE: [(&str, Binding, Links, Signature, &[&str]); 19] = {
    use Binding::{Match, Mismatch};
    use Links::{Broken, Hold};
    use Signature::{Bad, Good};
    [
        ("C", Match, Hold, Good, &[]),
        ("CA", Match, Hold, Good, &[]),
        ("CACA", Match, Hold, Good, &[]),
        ("CACAICAICICA", Match, Hold, Good, &[]),
        ("CAI", Match, Hold, Good, &[]),
        ("CAIAIIICAICIICAIICICA", Match, Hold, Good, &[]),
        ("CAICA", Match, Hold, Good, &[]),
        ("CAICAI", Match, Hold, Good, &[]),
        ("CI", Match, Hold, Good, &[]),
        ("CICA", Match, Hold, Good, &[]),
        ("CICACACA", Match, Hold, Good, &[]),
        ("CII", Match, Hold, Good, &[]),
        // c2patool: Valid, no code at top level. The signer recorded the parent's bad signature: laundering, reported here.
        ("CIE-sig-CA", Match, Hold, Good, &["claimSignature.mismatch"]),
        (
            "E-clm-CAICAI",
            Match,
            Broken,
            Good,
            &["ingredient.manifest.missing"],
        ),
        ("E-dat-CA", Mismatch, Hold, Good, &[]),
        ("E-sig-CA", Match, Hold, Bad, &[]),
        ("E-uri-CA", Match, Broken, Good, &[]),
        ("XCA", Mismatch, Hold, Good, &[]),
        ("XCI", Mismatch, Hold, Good, &[]),
    ]
};

#[test]
fn the_adobe_files_answer_each_question_as_their_names_say() {
    let Some(folder) = corpus() else { return };
    for (name, binding, links, signature, faults) in ADOBE {
        let path = format!("c2pa-public-testfiles/adobe-20220124-{name}.jpg");
        let found = facts(&folder, &path);
        let answers = (found.binding, found.links, found.signature);
        assert_eq!(
            answers,
            (binding, links, signature),
            "{name} {:?}",
            found.statuses
        );
        let codes: Vec<&str> = found
            .ingredient_faults
            .iter()
            .map(|fault| fault.code.raw())
            .collect();
        assert!(faults.iter().all(|code| codes.contains(code)), "{name} {codes:?}");
        assert_eq!(faults.is_empty(), codes.is_empty(), "{name} {codes:?}");
        let holds = answers == (Binding::Match, Links::Hold, Signature::Good) && faults.is_empty();
        assert!(!holds || found.state == State::Valid, "{name}");
        if signature == Signature::Good {
            // Claims of version 1: the SDK trusts any authority; none was given here, so none is listed.
            assert!(
                matches!(found.time, SigningTime::Unlisted { at: Some(_), .. }),
                "{name} {:?}",
                found.time
            );
        }
    }
}

#[test]
fn a_broken_ingredient_under_a_good_claim_is_reported() {
    let Some(folder) = corpus() else { return };
    let found = facts(
        &folder,
        "c2pa-public-testfiles/adobe-20220124-E-uri-CIE-sig-CA.jpg",
    );
    assert_eq!((found.binding, found.state), (Binding::Match, State::Invalid));
    assert!(
        found
            .ingredient_faults
            .iter()
            .any(|one| one.code.raw() == "assertion.hashedURI.mismatch" && !one.recorded)
    );
}

#[test]
fn unsigned_and_remote_files_are_told_apart() {
    let Some(folder) = corpus() else { return };
    for name in [
        "c2pa-public-testfiles/adobe-20220124-A.jpg",
        "c2pa-public-testfiles/adobe-20220124-I.jpg",
        "example-assets/crater-lake.jpeg",
    ] {
        assert!(
            matches!(evidence(&folder, name).1, ManifestEvidence::Absent),
            "{name}"
        );
    }
    assert!(matches!(
        evidence(&folder, "example-assets/crater-lake-cr.jpg").1,
        ManifestEvidence::RemoteOnly { .. }
    ));
}

/// c2patool 0.27 (SDK 0.90): Valid. SDK 0.91 calls it changed, because the binding leaves out the metadata before the store too; it is
/// neither changed nor complete.
#[test]
fn a_binding_that_leaves_the_metadata_out_is_incomplete_and_not_changed() {
    let Some(folder) = corpus() else { return };
    for name in ["camera", "landscape", "library"] {
        let found = facts(
            &folder,
            &format!("c2pa-public-testfiles/truepic-20230212-{name}.jpg"),
        );
        assert_eq!(found.binding, Binding::Incomplete, "{name}");
        assert!(matches!(
            found.coverage.findings[0],
            Finding::ExclusionsDiffer { .. }
        ));
        assert_eq!(found.content_digest, None);
    }
}

/// Example assets: c2patool said Valid in 2025; two have no usable time stamp and certificates that expired since.
#[test]
fn files_of_products_answer_each_question() {
    let Some(folder) = corpus() else { return };
    let rows = [
        (
            "example-assets/ChatGPT_Image.png",
            Validity::ExpiredWithoutTimestamp,
        ),
        (
            "example-assets/Firefly_tabby_cat.jpg",
            Validity::InsideAtUnlistedTimestamp,
        ),
        (
            "example-assets/car-es-Ps-Cr.jpg",
            Validity::InsideAtUnlistedTimestamp,
        ),
        (
            "example-assets/cloudscape-ACA-Cr.jpeg",
            Validity::InsideAtUnlistedTimestamp,
        ),
        (
            "c2pa-public-testfiles/nikon-20221019-building.jpeg",
            Validity::ExpiredWithoutTimestamp,
        ),
    ];
    for (name, validity) in rows {
        let (asset, evidence) = evidence(&folder, name);
        let ManifestEvidence::Read(found) = evidence else {
            panic!("{name}")
        };
        assert_eq!(
            (found.binding, found.links, found.signature),
            (Binding::Match, Links::Hold, Signature::Good),
            "{name}"
        );
        assert!(
            matches!(found.validity, v if v == validity || v == Validity::InsideNow),
            "{name} {:?}",
            found.validity
        );
        assert_eq!(found.content_digest, Some(asset.content_digest()), "{name}");
    }
    let cloudscape = facts(&folder, "example-assets/cloudscape-ACA-Cr.jpeg");
    let named = &cloudscape.identities[0];
    assert_eq!(named.sig_type.raw(), "cawg.identity_claims_aggregation");
    assert!(named.subject.iter().any(|name| name.raw() == "Rand McKinney"));
    assert!(!named.trusted);
}
