//! Every real file of the corpus gets the right result word under three trust settings, and each difference from c2patool has its
//! reason.

use super::lists::test_anchor;
use super::run::{Home, corpus};

/// Truepic's cameras sign a hash that leaves out the metadata in front of the manifest store. c2patool 0.27 accepts that; from
/// 0.91 the SDK calls it a mismatch; we say what it is: unchanged as far as signed, and not all of it is.
const LEAVES_OUT: &str = "the signed hash leaves out more than the manifest store";

/// What stands in a row where the word is the same under every setting.
const fn all(word: &'static str) -> [&'static str; 3] {
    [word; 3]
}

/// Signed with the test certificate, which no list holds and the third setting trusts.
const TEST: [&str; 3] = ["UNKNOWN ISSUER", "UNKNOWN ISSUER", "TRUSTED"];

/// File; result words with the shipped lists, with nothing trusted, with the test anchor alone; what c2patool 0.27.22 says without
/// anchors; and why the two differ where they do. As of 2026-11-23.
#[rustfmt::skip]
const TABLE: [(&str, [&str; 3], &str, &str); 32] = [
    ("c2pa-public-testfiles/adobe-20220124-A.jpg", all("NO CREDENTIALS"), "none", ""),
    ("c2pa-public-testfiles/adobe-20220124-I.jpg", all("NO CREDENTIALS"), "none", ""),
    ("c2pa-public-testfiles/adobe-20220124-C.jpg", TEST, "Valid", ""),
    ("c2pa-public-testfiles/adobe-20220124-CA.jpg", TEST, "Valid", ""),
    ("c2pa-public-testfiles/adobe-20220124-CACA.jpg", TEST, "Valid", ""),
    ("c2pa-public-testfiles/adobe-20220124-CACAICAICICA.jpg", TEST, "Valid", ""),
    ("c2pa-public-testfiles/adobe-20220124-CAI.jpg", TEST, "Valid", ""),
    ("c2pa-public-testfiles/adobe-20220124-CAIAIIICAICIICAIICICA.jpg", TEST, "Valid", ""),
    ("c2pa-public-testfiles/adobe-20220124-CAICA.jpg", TEST, "Valid", ""),
    ("c2pa-public-testfiles/adobe-20220124-CAICAI.jpg", TEST, "Valid", ""),
    ("c2pa-public-testfiles/adobe-20220124-CI.jpg", TEST, "Valid", ""),
    ("c2pa-public-testfiles/adobe-20220124-CICA.jpg", TEST, "Valid", ""),
    ("c2pa-public-testfiles/adobe-20220124-CICACACA.jpg", TEST, "Valid", ""),
    ("c2pa-public-testfiles/adobe-20220124-CII.jpg", TEST, "Valid", ""),
    ("c2pa-public-testfiles/adobe-20220124-CIE-sig-CA.jpg", TEST, "Valid", ""),
    ("c2pa-public-testfiles/adobe-20220124-E-clm-CAICAI.jpg", all("CHANGED"), "Invalid", ""),
    ("c2pa-public-testfiles/adobe-20220124-E-dat-CA.jpg", all("CHANGED"), "Invalid", ""),
    ("c2pa-public-testfiles/adobe-20220124-E-sig-CA.jpg", all("CHANGED"), "Invalid", ""),
    ("c2pa-public-testfiles/adobe-20220124-E-uri-CA.jpg", all("CHANGED"), "Invalid", ""),
    ("c2pa-public-testfiles/adobe-20220124-E-uri-CIE-sig-CA.jpg", all("CHANGED"), "Invalid", ""),
    ("c2pa-public-testfiles/adobe-20220124-XCA.jpg", all("CHANGED"), "Invalid", ""),
    ("c2pa-public-testfiles/adobe-20220124-XCI.jpg", all("CHANGED"), "Invalid", ""),
    ("c2pa-public-testfiles/nikon-20221019-building.jpeg", all("NOT CONFIRMED"), "Invalid", "the certificate expired and nobody trusted recorded the time; the bytes are unchanged"),
    ("c2pa-public-testfiles/truepic-20230212-camera.jpg", all("NOT CONFIRMED"), "Valid", LEAVES_OUT),
    ("c2pa-public-testfiles/truepic-20230212-landscape.jpg", all("NOT CONFIRMED"), "Valid", LEAVES_OUT),
    ("c2pa-public-testfiles/truepic-20230212-library.jpg", all("NOT CONFIRMED"), "Valid", LEAVES_OUT),
    ("example-assets/crater-lake.jpeg", all("NO CREDENTIALS"), "none", ""),
    ("example-assets/Firefly_tabby_cat.jpg", all("NOT CONFIRMED"), "Valid", ""),
    ("example-assets/ChatGPT_Image.png", all("NOT CONFIRMED"), "Invalid", "the certificate expired and the file has no timestamp; the bytes are unchanged"),
    ("example-assets/car-es-Ps-Cr.jpg", all("NOT CONFIRMED"), "Valid", ""),
    ("example-assets/cloudscape-ACA-Cr.jpeg", all("NOT CONFIRMED"), "Invalid", "the certificate expired and its timestamp is by an authority on no list given; the bytes are unchanged"),
    ("example-assets/crater-lake-cr.jpg", all("REMOTE ONLY"), "none", ""),
];

const AT: &str = "2026-11-23T12:00:00Z";

#[test]
fn every_real_file_gets_its_word_and_only_tampered_ones_are_changed() {
    let (Some(corpus), Some(anchor)) = (corpus(), test_anchor()) else {
        return;
    };
    let home = Home::new();
    std::fs::write(home.path("test.pem"), anchor).unwrap();
    let settings: [&[&str]; 3] = [
        &[],
        &["--no-shipped-trust"],
        &["--no-shipped-trust", "--trust", "test.pem"],
    ];
    let mut wrong = Vec::new();
    for (name, words, peer, reason) in TABLE {
        let file = corpus.join(name).to_str().unwrap().to_owned();
        for (word, flags) in words.into_iter().zip(settings) {
            let wanted_code = match word {
                "CHANGED" => 1,
                "TRUSTED" => 0,
                _ => 3,
            };
            let args = [&["verify", &file, "--no-ledger", "--at", AT], flags].concat();
            let report = home.json(&args, wanted_code);
            if report["result"] != word {
                wrong.push(format!(
                    "{name} {flags:?}: {} instead of {word}: {}",
                    report["result"], report["sentence"]
                ));
            }
            let ours = report["c2pa"]["state"].as_str().unwrap_or("none");
            assert!(
                flags != ["--no-shipped-trust"] || ours == peer || !reason.is_empty(),
                "{name}: state {ours}, c2patool says {peer}, and no reason is given"
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Who is on which shipped list, and what the word would have been while the certificate was valid. Their timestamps are by
/// authorities that the time-stamp list does not hold.
#[test]
fn shipped_lists_hold_the_products_they_should() {
    let Some(corpus) = corpus() else { return };
    let home = Home::new();
    let interim = "the frozen interim list (closed 2026-01-01)";
    let rows = [
        (
            "example-assets/ChatGPT_Image.png",
            "2025-06-01",
            "TRUSTED",
            Some(interim),
        ),
        (
            "example-assets/ChatGPT_Image.png",
            "2026-02-01",
            "NOT CONFIRMED",
            Some(interim),
        ),
        (
            "example-assets/Firefly_tabby_cat.jpg",
            "2026-06-01",
            "TRUSTED",
            Some(interim),
        ),
        (
            "example-assets/car-es-Ps-Cr.jpg",
            "2026-06-01",
            "TRUSTED",
            Some(interim),
        ),
        (
            "example-assets/car-es-Ps-Cr.jpg",
            "2025-06-01",
            "NOT CONFIRMED",
            Some(interim),
        ),
        (
            "example-assets/cloudscape-ACA-Cr.jpeg",
            "2025-12-01",
            "TRUSTED",
            Some(interim),
        ),
        (
            "c2pa-public-testfiles/truepic-20230212-camera.jpg",
            "2023-02-13",
            "NOT CONFIRMED",
            Some(interim),
        ),
        // This certificate was for samples; the interim list holds Nikon's later ones.
        (
            "c2pa-public-testfiles/nikon-20221019-building.jpeg",
            "2023-06-01",
            "UNKNOWN ISSUER",
            None,
        ),
    ];
    for (name, at, word, list) in rows {
        let file = corpus.join(name).to_str().unwrap().to_owned();
        let code = if word == "TRUSTED" { 0 } else { 3 };
        let report = home.json(["verify", &file, "--no-ledger", "--at", at], code);
        assert_eq!(report["result"], word, "{name} {at}");
        assert_eq!(report["signer"]["listed_on"].as_str(), list, "{name} {at}");
        assert_eq!(report["signer"]["known_as"].as_str(), None, "{name} {at}");
    }
}

/// File; class of its making; signals of the C2PA asset rubrics. An `A` or `I` in an Adobe name is a part without credentials, and
/// those files state no source type. Of changed files nothing is said.
#[rustfmt::skip]
const MADE: [(&str, &str, &[&str]); 32] = [
    ("c2pa-public-testfiles/adobe-20220124-A.jpg", "unknown", &[]),
    ("c2pa-public-testfiles/adobe-20220124-C.jpg", "unknown", &["ambiguousActions"]),
    ("c2pa-public-testfiles/adobe-20220124-CA.jpg", "unknown", &["mediaUnknownProvenance", "ambiguousActions"]),
    ("c2pa-public-testfiles/adobe-20220124-CACA.jpg", "unknown", &["ambiguousActions"]),
    ("c2pa-public-testfiles/adobe-20220124-CACAICAICICA.jpg", "unknown", &["ambiguousActions"]),
    ("c2pa-public-testfiles/adobe-20220124-CAI.jpg", "unknown", &["mediaUnknownProvenance", "ambiguousActions"]),
    ("c2pa-public-testfiles/adobe-20220124-CAIAIIICAICIICAIICICA.jpg", "unknown", &["mediaUnknownProvenance", "ambiguousActions"]),
    ("c2pa-public-testfiles/adobe-20220124-CAICA.jpg", "unknown", &["mediaUnknownProvenance", "ambiguousActions"]),
    ("c2pa-public-testfiles/adobe-20220124-CAICAI.jpg", "unknown", &["mediaUnknownProvenance", "ambiguousActions"]),
    ("c2pa-public-testfiles/adobe-20220124-CI.jpg", "unknown", &["mediaUnknownProvenance", "ambiguousActions"]),
    ("c2pa-public-testfiles/adobe-20220124-CICA.jpg", "unknown", &["ambiguousActions"]),
    ("c2pa-public-testfiles/adobe-20220124-CICACACA.jpg", "unknown", &["ambiguousActions"]),
    ("c2pa-public-testfiles/adobe-20220124-CIE-sig-CA.jpg", "unknown", &["ambiguousActions"]),
    ("c2pa-public-testfiles/adobe-20220124-CII.jpg", "unknown", &["mediaUnknownProvenance", "ambiguousActions"]),
    ("c2pa-public-testfiles/adobe-20220124-E-clm-CAICAI.jpg", "unknown", &[]),
    ("c2pa-public-testfiles/adobe-20220124-E-dat-CA.jpg", "unknown", &[]),
    ("c2pa-public-testfiles/adobe-20220124-E-sig-CA.jpg", "unknown", &[]),
    ("c2pa-public-testfiles/adobe-20220124-E-uri-CA.jpg", "unknown", &[]),
    ("c2pa-public-testfiles/adobe-20220124-E-uri-CIE-sig-CA.jpg", "unknown", &[]),
    ("c2pa-public-testfiles/adobe-20220124-I.jpg", "unknown", &[]),
    ("c2pa-public-testfiles/adobe-20220124-XCA.jpg", "unknown", &[]),
    ("c2pa-public-testfiles/adobe-20220124-XCI.jpg", "unknown", &[]),
    ("c2pa-public-testfiles/nikon-20221019-building.jpeg", "unknown", &["ambiguousActions"]),
    ("c2pa-public-testfiles/truepic-20230212-camera.jpg", "unknown", &["ambiguousActions"]),
    ("c2pa-public-testfiles/truepic-20230212-landscape.jpg", "unknown", &["ambiguousActions"]),
    ("c2pa-public-testfiles/truepic-20230212-library.jpg", "unknown", &["ambiguousActions"]),
    ("example-assets/ChatGPT_Image.png", "ai", &["ambiguousActions"]),
    ("example-assets/Firefly_tabby_cat.jpg", "ai", &["fullyGenAIMedia"]),
    ("example-assets/car-es-Ps-Cr.jpg", "unknown", &["mediaUnknownProvenance", "ambiguousActions"]),
    ("example-assets/cloudscape-ACA-Cr.jpeg", "unknown", &["mediaUnknownProvenance", "ambiguousActions", "nonEditorial"]),
    ("example-assets/crater-lake-cr.jpg", "unknown", &[]),
    ("example-assets/crater-lake.jpeg", "unknown", &[]),
];

#[test]
fn every_real_file_gets_its_class_and_signals_and_none_is_called_human() {
    let Some(corpus) = corpus() else { return };
    let home = Home::new();
    for (name, class, signals) in MADE {
        let file = corpus.join(name).to_str().unwrap().to_owned();
        let output = home.run(["verify", &file, "--no-ledger", "--at", AT, "--format", "json"]);
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let made = &report["made"];
        assert_eq!(made["authorship"], class, "{name} {made:#}");
        assert_eq!(made["signals"], serde_json::json!(signals), "{name}");
        assert_ne!(made["authorship"], "human", "{name}");
    }
}
