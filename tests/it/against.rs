//! What a picture says of its own making against what its signer says: told first, in words and in JSON, and nothing is refused.

use std::process::Output;

use serde_json::Value;

use super::run::{Home, both, code, corpus};

fn home() -> Home {
    let home = Home::with_key();
    home.fixture("images/gradient.jpg");
    home
}

fn sign(home: &Home, input: &str, output: &str, more: &[&str]) -> Value {
    let mut args = vec!["sign", input, "-o", output, "--no-ledger"];
    args.extend(more);
    home.json(args, 0)
}

/// Places and terms that contradict.
fn told(report: &Value) -> Vec<(String, String)> {
    let list = report["contradictions"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let term = |uri: String| uri.rsplit('/').next().unwrap().to_owned();
    list.iter()
        .map(|one| (text(&one["place"]), term(text(&one["says"]))))
        .collect()
}

/// The picture with a generator's text in a comment.
fn generated(home: &Home) {
    let bytes = std::fs::read(home.path("gradient.jpg")).unwrap();
    let text = "a cat\nSteps: 20, Sampler: Euler, Seed: 7, Model: sdxl, Version: v1.10.1";
    let mut out = bytes[..2].to_vec();
    out.extend([0xFF, 0xFE]);
    out.extend(u16::try_from(text.len() + 2).unwrap().to_be_bytes());
    out.extend(text.as_bytes());
    out.extend(&bytes[2..]);
    std::fs::write(home.path("made.jpg"), out).unwrap();
}

fn joined(output: &Output) -> String {
    both(output).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_signed_manifest_and_xmp_that_contradict_the_signer_are_told_both_ways() {
    let home = home();
    for (first, then, term) in [
        ("ai", "human", "trainedAlgorithmicMedia"),
        ("human", "ai", "digitalCreation"),
    ] {
        let (one, two) = (format!("{first}.jpg"), format!("{first}-{then}.jpg"));
        let clean = sign(&home, "gradient.jpg", &one, &["--source", first]);
        assert_eq!(told(&clean), []);
        for dry in [&["--dry-run"][..], &[]] {
            let report = sign(&home, &one, &two, &[&["--source", then], dry].concat());
            let wanted = [
                (
                    "the signed manifest that it came with".to_owned(),
                    term.to_owned(),
                ),
                ("xmp Iptc4xmpExt:DigitalSourceType".to_owned(), term.to_owned()),
            ];
            assert_eq!(told(&report), wanted, "{report:#}");
            // Said once, not twice.
            assert!(
                !report["notes"].to_string().contains("came with says"),
                "{report:#}"
            );
        }
    }
    let said = joined(&home.run([
        "sign",
        "ai.jpg",
        "-o",
        "c.jpg",
        "--no-ledger",
        "--source",
        "human",
    ]));
    assert!(
        said.contains("CONTRADICTION the signed manifest that it came with says trainedAlgorithmicMedia, you say digitalCreation;"),
        "{said}"
    );
    assert!(
        said.contains("but the file itself says otherwise of how the picture was made"),
        "{said}"
    );
}

#[test]
fn a_generators_text_contradicts_who_says_human_and_a_batch_says_so() {
    let home = home();
    generated(&home);
    let report = sign(&home, "made.jpg", "a.jpg", &["--source", "human"]);
    assert_eq!(
        told(&report),
        [(
            "COM Comment, text of a generator".to_owned(),
            "trainedAlgorithmicMedia".to_owned()
        )]
    );
    assert_eq!(told(&sign(&home, "made.jpg", "b.jpg", &["--source", "ai"])), []);
    let batch = home.ok([
        "sign",
        "made.jpg",
        "gradient.jpg",
        "-o",
        "out/",
        "--source",
        "human",
        "--no-ledger",
    ]);
    assert_eq!(batch.matches("CONTRADICTION: COM Comment").count(), 1, "{batch}");
    assert!(
        batch.contains("1       say themselves that they were made otherwise"),
        "{batch}"
    );
}

#[test]
fn an_edit_with_a_model_does_not_contradict_the_photograph_it_was_done_to() {
    let home = home();
    sign(&home, "gradient.jpg", "camera.jpg", &["--source", "camera"]);
    let edited = sign(&home, "camera.jpg", "edited.jpg", &["--source", "ai-edited"]);
    assert_eq!(told(&edited), [], "{edited:#}");
}

#[test]
fn what_a_signed_manifest_says_is_taken_over_before_anything_unsigned() {
    let Some(corpus) = corpus() else { return };
    let home = Home::with_key();
    // Real files that say how they were made in their manifest alone.
    for name in ["ChatGPT_Image.png", "Firefly_tabby_cat.jpg"] {
        let file = corpus.join("example-assets").join(name);
        let report = sign(
            &home,
            file.to_str().unwrap(),
            name,
            &["--source", "from-metadata"],
        );
        assert!(
            report["source_type"]
                .as_str()
                .unwrap()
                .ends_with("/trainedAlgorithmicMedia"),
            "{name}: {report:#}"
        );
        assert_eq!(report["source_basis"], "the signed manifest that it came with");
        let made = home.json(["verify", name, "--no-ledger"], 0)["made"].clone();
        assert_eq!(
            (&made["authorship"], &made["from_metadata"]),
            (&"ai".into(), &true.into()),
            "{name}: {made:#}"
        );
    }
}

#[test]
fn a_file_that_says_nothing_is_the_command_lines_fault_and_a_broken_manifest_says_nothing() {
    let home = home();
    let run = home.run(["sign", "gradient.jpg", "--source", "from-metadata", "--no-ledger"]);
    assert_eq!(code(&run), 2, "{}", both(&run));
    assert!(
        joined(&run).contains("say it: --source ai, ai-edited, human, camera"),
        "{}",
        both(&run)
    );
    // Without XMP, and changed after it was signed: the manifest alone says it, and it does not hold.
    let Some(corpus) = corpus() else { return };
    let mut bytes = std::fs::read(corpus.join("example-assets/Firefly_tabby_cat.jpg")).unwrap();
    let at = bytes.len() - 10;
    bytes[at] ^= 1;
    std::fs::write(home.path("broken.jpg"), bytes).unwrap();
    let run = home.run(["sign", "broken.jpg", "--source", "from-metadata", "--no-ledger"]);
    assert_eq!(code(&run), 2, "{}", both(&run));
    assert!(
        joined(&run).contains("the picture is not what was signed"),
        "{}",
        both(&run)
    );
    let told = sign(&home, "broken.jpg", "b.jpg", &["--source", "human"]);
    let sentence = told["contradictions"][0]["sentence"].as_str().unwrap();
    assert!(sentence.contains("it does not hold"), "{sentence}");
}

/// What a run in earnest says, the run before it says as well: the same code makes both reports.
#[test]
fn a_dry_run_says_every_note_that_the_run_says() {
    let home = home();
    sign(&home, "gradient.jpg", "one.jpg", &["--source", "camera"]);
    let mut bytes = std::fs::read(home.path("one.jpg")).unwrap();
    let at = bytes.len() - 10;
    bytes[at] ^= 1;
    std::fs::write(home.path("tampered.jpg"), bytes).unwrap();
    let args = [
        "sign",
        "tampered.jpg",
        "-o",
        "out.jpg",
        "--source",
        "human-edited",
        "--deep",
    ];
    home.ok(["ledger", "init", "--deep"]);
    let dry = home.json([&args[..], &["--dry-run"]].concat(), 0);
    let real = home.json(args, 0);
    assert!(
        dry["notes"].to_string().contains("assertion.dataHash.mismatch"),
        "{dry:#}"
    );
    for part in ["notes", "faults", "contradictions", "deep_points"] {
        assert_eq!(dry[part], real[part], "{part}");
    }
    assert_eq!(
        (
            &dry["outcome"],
            &dry["read_back"],
            &dry["manifest"],
            &dry["hashes"]
        ),
        (
            &"dry-run".into(),
            &Value::Null,
            &Value::Null,
            &Value::Array(Vec::new())
        )
    );
    // Made anew over what stands there: also that is said before it is done.
    let again = [
        "sign",
        "tampered.jpg",
        "-o",
        "out.jpg",
        "--source",
        "human-edited",
        "--title",
        "x",
        "--force",
    ];
    let dry = home.json([&again[..], &["--dry-run"]].concat(), 0);
    assert!(dry["notes"].to_string().contains("signed anew"), "{dry:#}");
    assert_eq!(home.json(again, 0)["notes"], dry["notes"]);
}
