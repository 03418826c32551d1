//! Bounded cost: whatever a file asks for, it is answered, and soon. The whole measure, memory included, is
//! `cargo bench --bench bombs` and `--bench mutants`; this is the sample that every change must pass.

use std::fs;
use std::time::Duration;

use byline::asset::{Asset, pixels};

use crate::bombs::{self, cost};
use crate::mutate::{Chance, mutant};
use crate::run::{Home, both, code, fixtures};

/// What a run may take here, where our own code is hardly optimised and other tests run beside; the measure itself is half of it.
const CPU_MAX: Duration = Duration::from_secs(4);

#[test]
fn every_bomb_is_answered_in_time() {
    let home = Home::with_key();
    let all = bombs::all();
    assert!(all.len() >= 120, "{}", all.len());
    let mut wrong = Vec::new();
    for (index, (kind, bomb)) in all.iter().enumerate() {
        assert!(bomb.bytes.len() < bombs::BYTES_MAX, "{}", bomb.name);
        fs::write(home.path(&bomb.name), &bomb.bytes).unwrap();
        // Each is verified; what else there is looks at the same parts, so a share of them is enough.
        let commands = if index % 4 == 0 {
            &[
                &["verify"][..],
                &["inspect"],
                &["sign", "--source", "human", "--dry-run"],
            ][..]
        } else {
            &[&["verify"][..]]
        };
        for command in commands {
            let mut run = home.command(command.iter());
            let cost = cost::of(run.arg(&bomb.name));
            // Memory is the benchmark's to judge: a debug build takes more.
            assert!(cost.mib > 0);
            if cost.cpu > CPU_MAX || !(0..=4).contains(&cost.code) {
                wrong.push(format!("{kind}: {command:?} {}: {cost:?}", bomb.name));
            }
        }
        fs::remove_file(home.path(&bomb.name)).unwrap();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_store_beyond_its_bounds_says_which_and_the_batch_goes_on() {
    let home = Home::with_key();
    fs::create_dir(home.path("in")).unwrap();
    for (_, bomb) in bombs::all() {
        if bomb.name == "store-1000-mentions-of-1500.jpg" || bomb.name == "store-compressed-40-mib.jpg" {
            fs::write(home.path("in").join(&bomb.name), &bomb.bytes).unwrap();
        }
    }
    fs::copy(fixtures().join("images/gradient.png"), home.path("in/z.png")).unwrap();
    let output = home.run(["verify", "in", "--format", "json"]);
    assert_eq!(code(&output), 3, "{}", both(&output));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    for wanted in ["20000000 steps", "16777216 bytes", "NO CREDENTIALS"] {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
}

#[test]
fn mutants_never_end_in_a_panic() {
    let home = Home::with_key();
    let mut good = vec![fs::read(fixtures().join("hostile/claim.jpg")).unwrap()];
    for entry in fs::read_dir(fixtures().join("images")).unwrap() {
        let name = format!("images/{}", entry.unwrap().file_name().to_str().unwrap());
        home.fixture(&name);
        good.push(fs::read(fixtures().join(&name)).unwrap());
    }
    for name in [
        "gradient.jpg",
        "gradient.png",
        "lossy.webp",
        "gradient.avif",
        "gradient.svg",
        "deflate.tif",
    ] {
        home.ok(["sign", name, "--source", "ai", "-o", "signed.bin", "--force"]);
        good.push(fs::read(home.path("signed.bin")).unwrap());
    }
    good.sort();
    fs::create_dir(home.path("mutants")).unwrap();
    let mut chance = Chance::new(1);
    for index in 0..600 {
        let other = &good[chance.below(good.len())];
        let (what, bytes) = mutant(&good[index % good.len()], other, &mut chance);
        fs::write(home.path(&format!("mutants/{index}-{what}.jpg")), bytes).unwrap();
    }
    for format in ["json", "human", "html"] {
        let output = home.run(["verify", "mutants", "--thumbnail", "--format", format]);
        assert!((0..=4).contains(&code(&output)), "{}", both(&output));
        assert!(!both(&output).contains("panicked"), "{}", both(&output));
    }
    signed_mutants_show_what_they_showed(&home);
    for index in (0..600).step_by(6) {
        let name = fs::read_dir(home.path("mutants"))
            .unwrap()
            .nth(index)
            .unwrap()
            .unwrap()
            .path();
        let output = home.run(["inspect".as_ref(), name.as_os_str()]);
        assert!((0..=4).contains(&code(&output)), "{name:?}: {}", both(&output));
    }
}

/// Signs every mutant that can be; none of them may show another picture afterwards.
fn signed_mutants_show_what_they_showed(home: &Home) {
    let output = home.run(["sign", "mutants", "-o", "signed", "--source", "human"]);
    assert!((0..=4).contains(&code(&output)), "{}", both(&output));
    assert!(!both(&output).contains("panicked"), "{}", both(&output));
    let shown = |path: &std::path::Path| {
        let asset = Asset::parse(fs::read(path).unwrap()).ok()?;
        let picture = pixels::look(&asset, 1).ok()?;
        Some(picture.pixel_digest)
    };
    let mut compared = 0;
    for entry in fs::read_dir(home.path("signed")).unwrap() {
        let name = entry.unwrap().file_name();
        let before = shown(&home.path("mutants").join(&name));
        compared += usize::from(before.is_some());
        let after = shown(&home.path("signed").join(&name));
        // Of damaged data a decoder may see less where more bytes follow; the data itself stands as it stood.
        let bytes = |folder: &str| fs::read(home.path(folder).join(&name)).unwrap();
        let is_appended = || {
            bytes("signed")
                .get(16..)
                .is_some_and(|new| new.starts_with(&bytes("mutants")[16..]))
        };
        assert!(
            after == before || after.is_none() && is_appended(),
            "{}",
            name.display()
        );
    }
    assert!(compared > 50, "{compared}");
}
