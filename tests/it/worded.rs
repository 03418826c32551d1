//! Whose words a verdict uses: what a signer did not say is not put into their mouth, and whoever has nothing is told what to do next.

use std::fs;

use byline::asset::Asset;

use super::run::{Home, both, corpus};

fn home() -> Home {
    let home = Home::with_key();
    home.fixture("images/gradient.jpg");
    home
}

fn sign(home: &Home, input: &str, output: &str, more: &[&str]) -> String {
    let mut args = vec!["sign", input, "-o", output];
    args.extend(more);
    home.ok(args)
}

fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_picture_that_was_only_signed_anew_was_edited_in_its_metadata_alone() {
    let home = home();
    let words = ["--source", "human", "--no-ledger"];
    sign(&home, "gradient.jpg", "one.jpg", &words);
    sign(&home, "one.jpg", "two.jpg", &words);
    let told = flat(&home.ok(["verify", "two.jpg"]));
    assert!(
        told.contains("How it was made Opened > Metadata edited (byline)"),
        "{told}"
    );
    let known = home.ok(["explain", "c2pa.edited.metadata"]);
    assert!(known.contains("left as it is"), "{known}");
}

#[test]
fn a_human_word_over_a_models_picture_is_told_as_two_words() {
    let home = home();
    sign(
        &home,
        "gradient.jpg",
        "ai.jpg",
        &["--source", "ai", "--no-ledger"],
    );
    sign(&home, "ai.jpg", "own.jpg", &["--source", "human", "--no-ledger"]);
    let report = home.json(["verify", "own.jpg", "--no-ledger"], 0);
    let made = &report["made"];
    assert_eq!(made["authorship"], "ai-mixed", "{made:#}");
    assert_eq!(
        made["words"],
        "AI-edited: partly made by a model (worked out from: a signer you know says digitalCreation; what it was made from says \
         trainedAlgorithmicMedia; the sources contradict each other)"
    );
    let conflicts = made["conflicts"].to_string();
    assert!(!conflicts.contains("composite"), "{conflicts}");
    assert!(
        conflicts.contains(
            "the signed manifest says digitalCreation, the one that the picture came with says trainedAlgorithmicMedia"
        ),
        "{conflicts}"
    );
}

#[test]
fn a_word_taken_from_the_manifest_is_not_told_as_one_of_the_metadata() {
    let home = home();
    sign(
        &home,
        "gradient.jpg",
        "one.jpg",
        &["--source", "camera", "--no-ledger"],
    );
    let taken = sign(
        &home,
        "one.jpg",
        "two.jpg",
        &["--source", "from-metadata", "--no-ledger"],
    );
    assert!(
        flat(&taken).contains("digitalCapture, as the signed manifest that it came with states"),
        "{taken}"
    );
    let report = home.json(["verify", "two.jpg"], 0);
    let words = report["made"]["words"].as_str().unwrap();
    assert!(
        words.contains("says the signed manifest that it came with, and a signer you know took it over"),
        "{words}"
    );
}

#[test]
fn where_an_entry_says_otherwise_the_signer_is_not_named_alone() {
    let home = home();
    sign(&home, "gradient.jpg", "ai.jpg", &["--source", "ai"]);
    sign(&home, "gradient.jpg", "own.jpg", &["--source", "human"]);
    let report = home.json(["verify", "own.jpg"], 0);
    let words = report["made"]["words"].as_str().unwrap();
    assert!(
        words.starts_with(
            "made by a person or by a model (worked out from: a signer you know says digitalCreation; entry "
        ),
        "{words}"
    );
    assert!(
        words.contains("of the ledger says trainedAlgorithmicMedia"),
        "{words}"
    );
}

#[test]
fn a_creator_of_a_models_picture_is_told_at_signing_and_to_receivers() {
    let home = home();
    let words = ["--source", "ai", "--by", "Ada", "--no-ledger"];
    let creator = [&words[..], &["--role", "creator"]].concat();
    for (words, is_told) in [(&words[..], false), (&creator, true)] {
        let signed = flat(&sign(&home, "gradient.jpg", "out.jpg", words));
        assert_eq!(
            signed.contains("--role creator claims the work of a person"),
            is_told,
            "{signed}"
        );
        let seen = flat(&home.ok(["verify", "out.jpg"]));
        assert_eq!(
            seen.contains("disagrees: the signed manifest names a creator"),
            is_told,
            "{seen}"
        );
        assert!(seen.contains("AI-generated (says a signer you know)"), "{seen}");
        fs::remove_file(home.path("out.jpg")).unwrap();
    }
    fs::create_dir(home.path("in")).unwrap();
    for name in ["a.jpg", "b.jpg"] {
        fs::copy(home.path("gradient.jpg"), home.path("in").join(name)).unwrap();
    }
    let batch = flat(&sign(&home, "in", "out/", &creator));
    assert!(
        batch.contains("--role creator claims the work of a person"),
        "{batch}"
    );
}

/// The commonest result of all once ended without a word of what to do.
#[test]
fn whoever_has_a_picture_without_credentials_is_told_what_to_do() {
    let home = home();
    home.fixture("images/lighthouse.jpg");
    let alone = flat(&both(&home.run(["verify", "lighthouse.jpg"])));
    assert!(
        alone.contains("do: ask whoever sent it for the original file"),
        "{alone}"
    );
    assert!(
        alone.contains("byline find lighthouse.jpg --ledger FILE"),
        "{alone}"
    );
    sign(&home, "lighthouse.jpg", "signed.jpg", &["--source", "camera"]);
    let signed = Asset::parse(fs::read(home.path("signed.jpg")).unwrap()).unwrap();
    fs::write(home.path("bare.jpg"), signed.without_store().unwrap().bytes()).unwrap();
    let known = flat(&both(&home.run(["verify", "bare.jpg"])));
    assert!(known.contains("do: what the ledger says stands above"), "{known}");
    let photo = image::open(home.path("lighthouse.jpg")).unwrap();
    photo
        .resize(300, 300, image::imageops::FilterType::Triangle)
        .save(home.path("small.jpg"))
        .unwrap();
    let alike = flat(&both(&home.run(["verify", "small.jpg"])));
    assert!(alike.contains("Looks like"), "{alike}");
    assert!(
        alike.contains("compare the two") && alike.contains("byline find small.jpg"),
        "{alike}"
    );
    assert_eq!(
        home.json(["verify", "small.jpg"], 3)["open"]
            .as_array()
            .unwrap()
            .len(),
        0
    );
}

/// Chance explains no copy that agrees in everything.
#[test]
fn beside_no_difference_nothing_is_said_of_chance() {
    let home = home();
    home.fixture("images/lighthouse.jpg");
    sign(&home, "lighthouse.jpg", "signed.jpg", &["--source", "camera"]);
    let mut photo = image::open(home.path("lighthouse.jpg")).unwrap().to_rgb8();
    photo.put_pixel(0, 0, image::Rgb([255, 0, 0]));
    photo.save(home.path("dot.png")).unwrap();
    let report = home.json(["find", "dot.png"], 0);
    assert_eq!(report["near"][0]["distance_bits"], 0, "{report:#}");
    let told = home.ok(["find", "dot.png"]);
    assert!(!told.contains("by chance"), "{told}");
}

#[test]
fn a_heat_map_that_cannot_be_drawn_is_told() {
    let home = home();
    let told = flat(&both(&home.run(["verify", "gradient.jpg", "--heatmap", "h.png"])));
    assert!(told.contains("Note no heat map was written:"), "{told}");
    assert!(!home.path("h.png").exists());
}

#[test]
fn steps_that_name_nobody_are_not_told_to_say_nothing() {
    let Some(corpus) = corpus() else { return };
    let home = home();
    let file = corpus.join("c2pa-public-testfiles/adobe-20220124-CIE-sig-CA.jpg");
    let told = flat(&both(&home.run(["verify".as_ref(), file.as_os_str()])));
    assert!(told.contains("Drawing edits >"), "{told}");
    assert!(
        told.contains("not said whether a person or a model made it"),
        "{told}"
    );
    assert!(!told.contains("nothing is said about how it was made"), "{told}");
}

#[test]
fn files_with_one_page_in_common_are_not_registered_as_the_same() {
    let home = home();
    for name in ["animated.gif", "gradient.gif"] {
        home.fixture(&format!("images/{name}"));
    }
    let out = sign(&home, "animated.gif", "moving.gif", &["--source", "human"]);
    assert!(flat(&out).contains("no pixel hash is recorded"), "{out}");
    let out = sign(&home, "gradient.gif", "still.gif", &["--source", "ai"]);
    assert!(!out.contains("same pixels"), "{out}");
    let still = home.json(["verify", "gradient.gif"], 3);
    let entries = still["ledger"]["entries"].as_array().unwrap();
    assert!(
        entries.iter().all(|one| one["source_type"] != "digitalCreation"),
        "{entries:#?}"
    );
    let moving = home.json(["verify", "moving.gif"], 0);
    assert_eq!(moving["made"]["authorship"], "human", "{moving:#}");
}
