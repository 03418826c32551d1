//! No original is lost and no success is false, whatever the disk and the user do.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use super::run::{Home, both, code};

const SIGN: [&str; 5] = ["sign", "lighthouse.jpg", "--source", "ai", "--quiet"];

fn home() -> Home {
    let home = Home::with_key();
    home.fixture("images/lighthouse.jpg");
    home
}

fn sign<'a>(extra: &[&'a str]) -> Vec<&'a str> {
    SIGN.iter().copied().chain(extra.iter().copied()).collect()
}

/// Names in a folder that byline left behind: everything that begins with a dot.
fn leftovers(folder: &Path) -> Vec<String> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with('.'))
        .collect()
}

#[test]
fn in_place_keeps_the_mode_and_the_result_is_trusted() {
    let home = home();
    let file = home.path("lighthouse.jpg");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    home.ok(sign(&["--in-place"]));
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(home.json(["verify", "lighthouse.jpg"], 0)["result"], "TRUSTED");
    assert!(leftovers(home.dir.path()).is_empty());
}

#[test]
fn an_existing_output_is_not_replaced_unless_told() {
    let home = home();
    fs::write(home.path("out.jpg"), b"precious").unwrap();
    let output = home.run(sign(&["-o", "out.jpg"]));
    assert_eq!(code(&output), 4, "{}", both(&output));
    assert_eq!(fs::read(home.path("out.jpg")).unwrap(), b"precious");
    home.ok(sign(&["-o", "out.jpg", "--force"]));
    assert_ne!(fs::read(home.path("out.jpg")).unwrap(), b"precious");
}

#[test]
fn the_name_of_a_picture_is_no_folder_for_several() {
    let home = home();
    fs::copy(home.path("lighthouse.jpg"), home.path("b.jpg")).unwrap();
    let output = home.run(["sign", "lighthouse.jpg", "b.jpg", "-o", "x.jpg", "--source", "ai"]);
    assert_eq!(code(&output), 2, "{}", both(&output));
    assert!(!home.path("x.jpg").exists());
    home.ok([
        "sign",
        "lighthouse.jpg",
        "b.jpg",
        "-o",
        "x.jpg/",
        "--source",
        "ai",
    ]);
    let misnamed = home.json(["sign", "lighthouse.jpg", "-o", "out.png", "--source", "ai"], 0);
    assert!(
        misnamed["notes"].to_string().contains("the file is JPEG"),
        "{misnamed:#}"
    );
}

#[test]
fn output_equal_to_input_wants_in_place() {
    let home = home();
    let before = fs::read(home.path("lighthouse.jpg")).unwrap();
    for same in ["lighthouse.jpg", "./lighthouse.jpg"] {
        let output = home.run(sign(&["-o", same]));
        assert_ne!(code(&output), 0, "{}", both(&output));
        assert_eq!(fs::read(home.path("lighthouse.jpg")).unwrap(), before);
    }
}

#[test]
fn a_symlink_is_written_through_or_refused_never_replaced_silently() {
    let home = home();
    fs::create_dir(home.path("real")).unwrap();
    fs::rename(home.path("lighthouse.jpg"), home.path("real/lighthouse.jpg")).unwrap();
    symlink("real/lighthouse.jpg", home.path("lighthouse.jpg")).unwrap();
    let output = home.run(sign(&["--in-place"]));
    assert!(
        fs::symlink_metadata(home.path("lighthouse.jpg"))
            .unwrap()
            .is_symlink(),
        "{}",
        both(&output)
    );
    let real = fs::read(home.path("real/lighthouse.jpg")).unwrap();
    if code(&output) == 0 {
        assert_eq!(
            home.json(["verify", "real/lighthouse.jpg"], 0)["result"],
            "TRUSTED"
        );
    } else {
        assert_eq!(
            real,
            fs::read(super::run::fixtures().join("images/lighthouse.jpg")).unwrap()
        );
    }
}

#[test]
fn an_unwritable_folder_is_an_error_that_changes_nothing() {
    let home = home();
    fs::create_dir(home.path("shut")).unwrap();
    fs::set_permissions(home.path("shut"), fs::Permissions::from_mode(0o555)).unwrap();
    // Root may write anywhere: a path through a file is unwritable for everyone.
    fs::write(home.path("plain"), b"").unwrap();
    let output = home.run(sign(&["-o", "plain/out.jpg"]));
    assert_eq!(code(&output), 4, "{}", both(&output));
    let output = home.run(["ledger", "show", "--format", "json"]);
    assert!(
        !String::from_utf8_lossy(&output.stdout).contains("asset.register"),
        "nothing was registered"
    );
}

#[test]
fn a_full_disk_loses_nothing_and_claims_nothing() {
    let home = home();
    let before = fs::read(home.path("lighthouse.jpg")).unwrap();
    // A file size limit is a disk that is full at that byte; the shell sets it for the one command (units of 512 bytes
    // or 1 KiB, by shell; both are smaller than the picture).
    for blocks in [1, 8, 40, 90] {
        let script = format!("ulimit -f {blocks}; exec \"$0\" \"$@\"");
        let output = std::process::Command::new("sh")
            .args(["-c", &script, env!("CARGO_BIN_EXE_byline")])
            .args(sign(&["--in-place"]))
            .current_dir(home.dir.path())
            .env_clear()
            .env("BYLINE_HOME", home.path("home"))
            .output()
            .unwrap();
        assert_ne!(code(&output), 0, "{blocks}: {}", both(&output));
        assert_eq!(fs::read(home.path("lighthouse.jpg")).unwrap(), before, "{blocks}");
    }
    home.ok(sign(&["--in-place"]));
    assert_eq!(home.json(["verify", "lighthouse.jpg"], 0)["result"], "TRUSTED");
    assert!(
        leftovers(home.dir.path()).is_empty(),
        "{:?}",
        leftovers(home.dir.path())
    );
}

#[test]
fn killed_at_any_moment_leaves_the_old_or_the_new_file_whole() {
    let home = home();
    let before = fs::read(home.path("lighthouse.jpg")).unwrap();
    let mut finished = 0;
    for delay_us in (0..40).map(|step| step * 700) {
        fs::write(home.path("lighthouse.jpg"), &before).unwrap();
        let mut child = home.command(sign(&["--in-place"])).spawn().unwrap();
        let until = std::time::Instant::now() + std::time::Duration::from_micros(delay_us);
        while std::time::Instant::now() < until {
            std::hint::spin_loop();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let after = fs::read(home.path("lighthouse.jpg")).unwrap();
        if after != before {
            finished += 1;
            assert_eq!(home.json(["verify", "lighthouse.jpg"], 0)["result"], "TRUSTED");
        }
        let ledger = home.path("home/data/default.ledger");
        if ledger.exists() {
            assert_eq!(home.json(["audit", ledger.to_str().unwrap()], 0)["sound"], true);
        }
    }
    // Whatever was cut short, the next run does its work and clears what was left.
    fs::write(home.path("lighthouse.jpg"), &before).unwrap();
    home.ok(sign(&["--in-place"]));
    assert!(
        leftovers(home.dir.path()).is_empty(),
        "{:?} after {finished}",
        leftovers(home.dir.path())
    );
}

#[test]
fn an_interrupted_batch_is_resumed_and_nothing_is_signed_twice() {
    let home = home();
    fs::create_dir(home.path("in")).unwrap();
    for number in 0..5 {
        let mut bytes = fs::read(home.path("lighthouse.jpg")).unwrap();
        // A comment makes each picture a file of its own; JPEG: COM segment after SOI.
        bytes.splice(2..2, [0xff, 0xfe, 0, 4, b'#', b'0' + number]);
        fs::write(home.path(&format!("in/{number}.jpg")), bytes).unwrap();
    }
    let args = ["sign", "in", "-o", "out/", "--source", "ai"];
    home.ok(args);
    fs::remove_file(home.path("out/3.jpg")).unwrap();
    let kept = fs::read(home.path("out/1.jpg")).unwrap();
    let text = home.ok(args.iter().chain(&["--format", "json"]));
    let outcomes: Vec<String> = serde_json::Deserializer::from_str(&text)
        .into_iter::<serde_json::Value>()
        .filter_map(|value| value.unwrap()["outcome"].as_str().map(str::to_owned))
        .collect();
    assert_eq!(outcomes, ["skipped", "skipped", "skipped", "signed", "skipped"]);
    assert_eq!(fs::read(home.path("out/1.jpg")).unwrap(), kept);
}

#[test]
fn only_the_same_bytes_with_the_same_words_are_skipped() {
    let home = home();
    let human = ["sign", "lighthouse.jpg", "-o", "out.jpg", "--source", "human"];
    let ai = [
        "sign",
        "lighthouse.jpg",
        "-o",
        "out.jpg",
        "--source",
        "ai",
        "--rights",
        "New",
    ];
    home.json(human, 0);
    assert_eq!(home.json(human, 0)["outcome"], "skipped");
    let kept = fs::read(home.path("out.jpg")).unwrap();
    // Other words: never skipped, and never over a file unless told.
    let refused = home.run(ai);
    assert_eq!(code(&refused), 4, "{}", both(&refused));
    assert!(both(&refused).contains("another statement"), "{}", both(&refused));
    assert!(both(&refused).contains("--force"), "{}", both(&refused));
    assert_eq!(fs::read(home.path("out.jpg")).unwrap(), kept);
    let anew = home.json(ai.iter().chain(&["--force"]), 0);
    assert_eq!(anew["outcome"], "signed");
    assert!(anew["notes"].to_string().contains("another statement"), "{anew}");
    let verified = home.ok(["inspect", "out.jpg", "--full"]);
    assert!(verified.contains("trainedAlgorithmicMedia"), "{verified}");
    // Told to, the same is signed again.
    let again = home.json(ai.iter().chain(&["--force"]), 0);
    assert_eq!(again["outcome"], "signed");
    assert!(again["notes"].to_string().contains("--force"), "{again}");
    // The same pixels with other metadata are another input.
    let mut bytes = fs::read(home.path("lighthouse.jpg")).unwrap();
    bytes.splice(2..2, [0xff, 0xfe, 0, 4, b'#', b'1']);
    fs::write(home.path("lighthouse.jpg"), bytes).unwrap();
    let refused = home.run(ai);
    assert_eq!(code(&refused), 4, "{}", both(&refused));
    assert!(both(&refused).contains("another file"), "{}", both(&refused));
}

#[test]
fn in_place_other_words_are_signed_anew_and_the_same_are_not() {
    let home = home();
    let human = ["sign", "lighthouse.jpg", "--in-place", "--source", "human"];
    home.json(human, 0);
    assert_eq!(home.json(human, 0)["outcome"], "skipped");
    let titled = home.json(human.iter().chain(&["--title", "Dusk"]), 0);
    assert_eq!(titled["outcome"], "signed");
    assert!(
        titled["notes"].to_string().contains("another statement"),
        "{titled}"
    );
    let forced = home.json(human.iter().chain(&["--title", "Dusk", "--force"]), 0);
    assert_eq!(forced["outcome"], "signed");
}

#[test]
fn two_processes_signing_at_once_lose_no_entry() {
    let home = home();
    for name in ["a", "b"] {
        fs::create_dir(home.path(name)).unwrap();
        for number in 0..6 {
            fs::copy(
                home.path("lighthouse.jpg"),
                home.path(&format!("{name}/{number}.jpg")),
            )
            .unwrap();
        }
    }
    let children: Vec<_> = ["a", "b"]
        .iter()
        .map(|name| {
            home.command([
                "sign",
                name,
                "-o",
                &format!("{name}-out/"),
                "--source",
                "ai",
                "--quiet",
            ])
            .spawn()
            .unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let audit = home.json(["audit", "home/data/default.ledger"], 0);
    assert_eq!(audit["counts"]["registrations"], 12);
}

#[test]
fn a_dry_run_writes_nothing_and_discloses_no_prompt_unless_told() {
    let home = home();
    let text = home.ok(sign(&[
        "-o",
        "out.jpg",
        "--dry-run",
        "--rights",
        "(c) 2026 Ada Painter",
        "--model",
        "m1",
    ]));
    assert!(text.contains("(c) 2026 Ada Painter"), "{text}");
    assert!(!home.path("out.jpg").exists());
    assert!(!home.path("home/data/default.ledger").exists());
    let text = home.ok(sign(&[
        "-o",
        "out.jpg",
        "--dry-run",
        "--prompt",
        "a lighthouse at dusk",
    ]));
    assert!(text.contains("a lighthouse at dusk"), "{text}");
}

#[test]
fn a_dry_run_of_a_finished_batch_says_that_nothing_is_left_to_do() {
    let home = home();
    fs::create_dir(home.path("in")).unwrap();
    fs::copy(home.path("lighthouse.jpg"), home.path("in/a.jpg")).unwrap();
    let batch = |more: &[&str]| {
        let args = [&["sign", "in", "-o", "out", "--source", "human"], more].concat();
        home.json(args, 0)
    };
    batch(&[]);
    let ledger = fs::read(home.path("home/data/default.ledger")).unwrap();
    assert_eq!(batch(&["--dry-run"])["outcome"], "skipped");
    assert_eq!(batch(&["--dry-run", "--force"])["outcome"], "dry-run");
    assert_eq!(batch(&[])["outcome"], "skipped");
    assert_eq!(fs::read(home.path("home/data/default.ledger")).unwrap(), ledger);
}

/// Broken files with a picture's name are told, and what is cut off is signed with a word about it.
#[test]
fn a_folder_is_signed_with_a_word_about_each_broken_file_in_it() {
    let home = home();
    fs::create_dir(home.path("in")).unwrap();
    let whole = fs::read(home.path("lighthouse.jpg")).unwrap();
    fs::write(home.path("in/cut.jpg"), &whole[..whole.len() * 3 / 4]).unwrap();
    fs::write(home.path("in/empty.jpg"), "").unwrap();
    fs::write(home.path("in/notes.txt"), "notes").unwrap();
    fs::write(home.path("in/text.png"), "text").unwrap();
    let output = home.run(["sign", "in", "-o", "out", "--source", "human"]);
    let all = both(&output);
    assert_ne!(code(&output), 0, "{all}");
    for told in [
        "empty.jpg",
        "text.png",
        "(cut off)",
        "2       failed",
        "1       damaged",
    ] {
        assert!(all.contains(told), "{told}: {all}");
    }
    assert!(!all.contains("notes.txt"), "{all}");
}

#[test]
fn what_is_made_from_a_private_picture_is_private() {
    let home = home();
    fs::set_permissions(home.path("lighthouse.jpg"), fs::Permissions::from_mode(0o600)).unwrap();
    home.ok(sign(&["-o", "out.jpg"]));
    assert_eq!(
        fs::metadata(home.path("out.jpg")).unwrap().permissions().mode() & 0o777,
        0o600
    );
}

#[test]
fn a_linked_output_folder_is_written_through() {
    let home = home();
    fs::create_dir(home.path("real")).unwrap();
    symlink("real", home.path("link")).unwrap();
    home.ok(sign(&["-o", "link/"]));
    assert!(fs::symlink_metadata(home.path("link")).unwrap().is_symlink());
    assert_eq!(
        home.json(["verify", "real/lighthouse.jpg"], 0)["result"],
        "TRUSTED"
    );
    assert!(leftovers(&home.path("real")).is_empty());
}

#[test]
fn only_the_ledger_that_may_know_a_leftover_decides_about_it() {
    let home = home();
    let part = |mark: &str| home.path(&format!(".out.jpg.999999999-0-new-{mark}.byline-part"));
    for mark in ["0123456789ab", "none"] {
        fs::write(part(mark), b"finished").unwrap();
    }
    home.ok(sign(&["-o", "out.jpg", "--no-ledger"]));
    assert!(
        part("0123456789ab").exists(),
        "another ledger may have acknowledged it"
    );
    assert!(!part("none").exists(), "nothing ever acknowledged it");
}

#[test]
fn a_leftover_that_a_later_run_did_again_is_removed_and_any_other_kept() {
    let home = home();
    for out in ["out.jpg", "again.jpg"] {
        home.ok(sign(&["-o", out]));
    }
    home.ok(["sign", "lighthouse.jpg", "-o", "else.jpg", "--source", "camera"]);
    // A run that was killed between ledger and rename leaves files named so; the mark is of the ledger's name.
    let origin = home.json(["ledger", "show"], 0)["origin"]
        .as_str()
        .unwrap()
        .to_owned();
    let mark = &byline::base::Digest::of(origin.as_bytes()).hex()[..12];
    let part = |number: u8| home.path(&format!(".out.jpg.999999999-{number}-new-{mark}.byline-part"));
    fs::rename(home.path("again.jpg"), part(0)).unwrap();
    fs::rename(home.path("else.jpg"), part(1)).unwrap();
    let standing = fs::read(home.path("out.jpg")).unwrap();
    let report = home.json(sign(&["-o", "out.jpg"]), 0);
    assert_eq!(report["outcome"], "skipped");
    assert!(!part(0).exists(), "the same stands in its place");
    assert!(part(1).exists(), "it is somebody's only copy");
    assert_eq!(fs::read(home.path("out.jpg")).unwrap(), standing);
}

#[test]
fn a_retired_source_type_is_taken_with_a_remark_that_names_its_successor() {
    let home = home();
    for (term, next) in [
        ("digitalArt", "digitalCreation"),
        ("minorHumanEdits", "humanEdits"),
    ] {
        let args = ["sign", "lighthouse.jpg", "--dry-run", "--source", term];
        let notes = home.json(args, 0)["notes"].to_string();
        assert!(notes.contains("retired") && notes.contains(next), "{notes}");
    }
    let args = [
        "sign",
        "lighthouse.jpg",
        "--dry-run",
        "--source",
        "digitalCreation",
    ];
    assert!(!home.json(args, 0)["notes"].to_string().contains("retired"));
}

#[test]
fn without_log_key_or_a_place_for_the_mark_nothing_is_signed_and_nothing_lost() {
    let home = home();
    home.ok(sign(&["-o", "first.jpg"]));
    let before = fs::read(home.path("lighthouse.jpg")).unwrap();
    for lost in ["home/data/logs", "home/state"] {
        fs::rename(home.path(lost), home.path("away")).unwrap();
        fs::write(home.path(lost), b"not a folder").unwrap();
        let output = home.run(sign(&["--in-place"]));
        assert_eq!(code(&output), 4, "{lost}: {}", both(&output));
        assert_eq!(fs::read(home.path("lighthouse.jpg")).unwrap(), before, "{lost}");
        assert!(leftovers(home.dir.path()).is_empty(), "{lost}");
        fs::remove_file(home.path(lost)).unwrap();
        fs::rename(home.path("away"), home.path(lost)).unwrap();
    }
    let audit = home.json(["audit", "home/data/default.ledger"], 0);
    assert_eq!(audit["counts"]["registrations"], 1);
    home.ok(sign(&["--in-place"]));
}

#[test]
fn of_two_signers_of_one_output_one_succeeds_and_the_other_says_so() {
    let home = home();
    let run = |ledger: &str| {
        home.command(sign(&["-o", "out.jpg", "--ledger", ledger]))
            .spawn()
            .unwrap()
    };
    let mut children = [run("one.ledger"), run("two.ledger")];
    let won = children
        .iter_mut()
        .filter_map(|child| child.wait().unwrap().success().then_some(()))
        .count();
    assert_eq!(won, 1);
    let trusted = |ledger: &str| {
        let output = home.run(["verify", "out.jpg", "--ledger", ledger, "--require", "registered"]);
        code(&output) == 0
    };
    assert!(trusted("one.ledger") || trusted("two.ledger"));
}
