//! Pictures made from pictures: what is opened, what is kept of it, and what is told of it when it does not hold.

use serde_json::Value;

use super::judges::{MODEL, c2pa, exported_root, sign, trust_settings};
use super::run::{Home, both, code, corpus};

#[test]
fn a_signed_input_is_opened_and_its_manifest_stays_in_the_store() {
    let home = Home::with_key();
    trust_settings(&home, &exported_root(&home));
    for name in [
        "gradient.jpg",
        "gradient.png",
        "alpha.webp",
        "deflate.tif",
        "gradient.heic",
        "gradient.svg",
    ] {
        home.fixture(&format!("images/{name}"));
        let first = sign(&home, name, "one", &["--source", "camera"]);
        let second = sign(
            &home,
            &format!("one-{name}"),
            "two",
            &["--source", "human-edited"],
        );
        let file = format!("two-one-{name}");
        let report = home.json(["verify", &file], 0);
        assert_eq!(report["result"], "TRUSTED");
        assert_eq!(report["made"]["authorship"], "capture", "{name}");
        assert_eq!(report["made"]["conflicts"], serde_json::json!([]), "{name}");
        let Some(judged) = c2pa(&home, &file, Some("trust.toml")) else {
            return;
        };
        assert_eq!(judged["validation_state"], "Trusted", "{name}");
        let (old, new) = (
            first["manifest"].as_str().unwrap(),
            second["manifest"].as_str().unwrap(),
        );
        assert_eq!(judged["active_manifest"], new);
        assert!(judged["manifests"][old].is_object(), "{name}");
        let manifest = &judged["manifests"][new];
        assert_eq!(actions(manifest)[0], "c2pa.opened");
        assert!(!actions(manifest).contains(&"c2pa.created".to_owned()));
        let parent = &manifest["ingredients"][0];
        assert_eq!(
            (&parent["relationship"], &parent["active_manifest"]),
            (&"parentOf".into(), &old.into())
        );
    }
}

#[test]
fn an_expired_certificate_two_pictures_back_is_recorded_so_that_others_find_nothing_new() {
    let home = Home::with_key();
    let Some(corpus) = corpus() else { return };
    let file = corpus.join("example-assets/ChatGPT_Image.png");
    let file = file.to_str().unwrap();
    home.ok(["sign", file, "-o", "out.png", "--source", "human-edited"]);
    let report = home.json(["verify", "out.png"], 0);
    assert_eq!(report["result"], "TRUSTED");
    assert_eq!(report["made"]["from_broken"], false, "{:#}", report["made"]);
    assert_eq!(
        report["made"]["conflicts"],
        serde_json::json!([]),
        "what a person edits may be a model's work"
    );
    let parents = report["c2pa"]["ingredients"].as_array().unwrap();
    assert_eq!(parents.len(), 2, "{parents:#?}");
    let Some(judged) = c2pa(&home, "out.png", None) else {
        return;
    };
    assert_eq!(
        judged["validation_state"], "Valid",
        "{:#}",
        judged["validation_results"]
    );
    let own = &judged["manifests"][judged["active_manifest"].as_str().unwrap()];
    let record = &own["ingredients"][0]["validation_results"];
    let expired = |list: &Value| {
        let list = list.as_array().unwrap();
        list.iter()
            .filter(|one| one["code"] == "signingCredential.expired")
            .count()
    };
    assert_eq!(expired(&record["activeManifest"]["failure"]), 1, "{record:#}");
    let below = &record["ingredientDeltas"][0]["validationDeltas"]["failure"];
    assert_eq!(expired(below), 1, "{record:#}");
}

fn actions(manifest: &Value) -> Vec<String> {
    let list = manifest["assertions"].as_array().unwrap();
    let found = list.iter().find(|one| one["label"] == "c2pa.actions.v2").unwrap();
    let actions = found["data"]["actions"].as_array().unwrap();
    actions
        .iter()
        .map(|one| one["action"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_picture_made_from_a_parent_file_opens_it_and_keeps_how_it_was_made() {
    let home = Home::with_key();
    home.fixture("images/gradient.jpg");
    home.fixture("images/gradient.png");
    let parent = sign(&home, "gradient.jpg", "one", &["--source", "human"]);
    let words = [&["--parent", "one-gradient.jpg", "--source", "ai"], &MODEL[..]].concat();
    sign(&home, "gradient.png", "two", &words);
    let report = home.json(["verify", "two-gradient.png"], 0);
    assert_eq!(report["made"]["authorship"], "ai", "{:#}", report["made"]);
    assert_eq!(report["made"]["basis"], "signed-trusted");
    let Some(judged) = c2pa(&home, "two-gradient.png", None) else {
        return;
    };
    let manifest = &judged["manifests"][judged["active_manifest"].as_str().unwrap()];
    assert_eq!(actions(manifest), ["c2pa.opened", "c2pa.edited"]);
    assert!(judged["manifests"][parent["manifest"].as_str().unwrap()].is_object());
}

#[test]
fn a_tampered_parent_is_recorded_and_told_by_everyone() {
    let home = Home::with_key();
    home.fixture("images/gradient.jpg");
    sign(&home, "gradient.jpg", "one", &["--source", "camera"]);
    let mut bytes = std::fs::read(home.path("one-gradient.jpg")).unwrap();
    let at = bytes.len() - 10;
    bytes[at] ^= 1;
    std::fs::write(home.path("tampered.jpg"), bytes).unwrap();
    assert_eq!(home.json(["verify", "tampered.jpg"], 1)["result"], "CHANGED");

    let signed = sign(&home, "tampered.jpg", "two", &["--source", "human-edited"]);
    let says = |report: &Value| {
        let notes = report["notes"].as_array().unwrap();
        notes
            .iter()
            .any(|note| note.as_str().unwrap().contains("assertion.dataHash.mismatch"))
    };
    assert!(says(&signed), "{:#}", signed["notes"]);
    let report = home.json(["verify", "two-tampered.jpg"], 0);
    assert!(says(&report), "{:#}", report["notes"]);
    let Some(judged) = c2pa(&home, "two-tampered.jpg", None) else {
        return;
    };
    let manifest = &judged["manifests"][judged["active_manifest"].as_str().unwrap()];
    let recorded = &manifest["ingredients"][0]["validation_results"]["activeManifest"]["failure"];
    assert_eq!(recorded[0]["code"], "assertion.dataHash.mismatch", "{recorded:#}");
}

#[test]
fn work_by_a_model_does_not_become_human_by_signing_it_again() {
    let home = Home::with_key();
    home.fixture("images/gradient.jpg");
    sign(&home, "gradient.jpg", "one", &["--source", "ai", "--no-ledger"]);
    sign(
        &home,
        "one-gradient.jpg",
        "two",
        &["--source", "human-edited", "--replace-metadata", "--no-ledger"],
    );
    let report = home.json(["verify", "two-one-gradient.jpg"], 0);
    assert_eq!(report["made"]["authorship"], "ai-mixed", "{:#}", report["made"]);
}

/// Where a signed picture is only opened, no action says how it came to be: the signed metadata does, and the parent beside it.
#[test]
fn what_is_said_of_a_signed_picture_is_the_new_signers_word_and_stands_beside_the_old_one() {
    let home = Home::with_key();
    home.fixture("images/gradient.png");
    let said = |of: &Value| {
        let made = of["made"].clone();
        let words = made["words"].as_str().unwrap().to_owned();
        let conflicts = made["conflicts"].to_string();
        (made["authorship"].as_str().unwrap().to_owned(), words, conflicts)
    };
    for (first, then, authorship, terms) in [
        (
            "human",
            "ai",
            "ai",
            ["trainedAlgorithmicMedia", "digitalCreation"],
        ),
        (
            "ai",
            "human",
            "ai-mixed",
            ["digitalCreation", "trainedAlgorithmicMedia"],
        ),
        ("camera", "human", "human", ["digitalCreation", "digitalCapture"]),
    ] {
        let (one, two) = (format!("{first}.png"), format!("{first}-{then}.png"));
        home.ok([
            "sign",
            "gradient.png",
            "-o",
            &one,
            "--source",
            first,
            "--no-ledger",
            "--force",
        ]);
        let signed = home.json(["sign", &one, "-o", &two, "--source", then, "--no-ledger"], 0);
        let [new, old] = terms;
        let both = format!("the signed manifest says {new}, the one that the picture came with says {old}");
        let told = signed["contradictions"][0]["sentence"].as_str().unwrap();
        assert!(
            told.contains(&format!("came with says {old}")),
            "{first}, {then}: {told}"
        );
        let report = home.json(["verify", &two, "--no-ledger"], 0);
        let (class, words, conflicts) = said(&report);
        assert_eq!(class, authorship, "{first}, {then}: {report:#}");
        assert!(words.contains("contradict"), "{first}, {then}: {words}");
        assert!(conflicts.contains(&both), "{first}, {then}: {conflicts}");
        // Signed once more and opened only: the word of the middle one is not lost.
        let three = format!("{first}-{then}-{then}.png");
        home.ok(["sign", &two, "-o", &three, "--source", then, "--no-ledger"]);
        assert_eq!(
            said(&home.json(["verify", &three, "--no-ledger"], 0)).0,
            authorship
        );
    }
}

#[test]
fn signing_again_with_force_writes_the_new_words() {
    let home = Home::with_key();
    home.fixture("images/gradient.jpg");
    sign(&home, "gradient.jpg", "out", &["--source", "ai"]);
    let again = sign(&home, "gradient.jpg", "out", &["--source", "camera", "--force"]);
    assert_eq!(again["outcome"], "signed");
    let made = home.json(["verify", "out-gradient.jpg"], 0)["made"].clone();
    let source = made["source_type"].as_str().unwrap();
    assert!(source.ends_with("/digitalCapture"), "{made:#}");
    // The ledger forgets nothing: what was said of these pixels before stands beside it.
    let words = made["words"].as_str().unwrap();
    assert!(words.contains("the entries contradict each other"), "{made:#}");
}

#[test]
fn every_signed_file_of_the_corpus_is_opened_or_refused_and_never_whitewashed() {
    let Some(corpus) = corpus() else { return };
    let home = Home::with_key();
    let mut told = 0;
    for name in [
        "CA",
        "CICACACA",
        "E-clm-CAICAI",
        "E-dat-CA",
        "E-sig-CA",
        "E-uri-CA",
        "XCI",
        "CIE-sig-CA",
    ] {
        let file = corpus.join(format!("c2pa-public-testfiles/adobe-20220124-{name}.jpg"));
        let output = format!("{name}.jpg");
        let args = [
            "sign",
            file.to_str().unwrap(),
            "-o",
            &output,
            "--source",
            "human-edited",
        ];
        if name == "E-clm-CAICAI" {
            // Its claim was changed: the new manifest could not link to it.
            let run = home.run(args);
            assert_eq!(code(&run), 4, "{}", both(&run));
            assert!(both(&run).contains("undamaged copy"), "{}", both(&run));
            assert!(!home.path(&output).exists());
            continue;
        }
        home.ok(args);
        let report = home.json(["verify", &output], 0);
        let notes = report["notes"].as_array().unwrap();
        let broken = notes
            .iter()
            .any(|note| note.as_str().unwrap().contains("already broken"));
        assert_eq!(broken, !matches!(name, "CA" | "CICACACA"), "{name}: {notes:?}");
        told += u8::from(broken);
    }
    assert_eq!(told, 5);
}
