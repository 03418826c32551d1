//! Whatever is given as a picture: a verdict or a clear error with its exit code, never a panic, a hang or a lost file.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;

use super::run::{Home, both, code};

/// Runs verify, inspect and sign on one name; none may end with 70 or a signal.
fn all(home: &Home, name: &OsStr, wanted_verify: i32) {
    let verify = home.run([OsStr::new("verify"), name]);
    assert_eq!(code(&verify), wanted_verify, "verify {}", both(&verify));
    for command in ["inspect", "sign"] {
        let mut args = vec![OsStr::new(command), name];
        if command == "sign" {
            args.extend(["--source", "ai", "-o", "never.jpg", "--force"].map(OsStr::new));
        }
        let output = home.run(&args);
        assert!((0..=4).contains(&code(&output)), "{command} {}", both(&output));
        let text = both(&output);
        assert!(!text.contains("panicked"), "{command} {text}");
    }
}

#[test]
fn files_that_are_no_pictures_are_unreadable() {
    let home = Home::with_key();
    let mut claimed = b"\x89PNG\r\n\x1a\n".to_vec();
    claimed.extend(1_000_000_000u32.to_be_bytes());
    claimed.extend(b"IHDR");
    let samples: [(&str, &[u8]); 6] = [
        ("empty.jpg", b""),
        ("text.png", b"this is no picture at all"),
        ("soi.jpg", b"\xff\xd8"),
        ("huge-length.png", &claimed),
        ("riff.webp", b"RIFF\xff\xff\xff\xffWEBPVP8 \xff\xff\xff\x7f"),
        (
            "ftyp.avif",
            b"\0\0\0\x18ftypavif\0\0\0\0avifmif1\x7f\xff\xff\xffmeta",
        ),
    ];
    for (name, bytes) in samples {
        fs::write(home.path(name), bytes).unwrap();
        all(&home, OsStr::new(name), 3);
        assert_eq!(fs::read(home.path(name)).unwrap(), bytes);
    }
}

#[test]
fn a_giant_header_costs_nothing() {
    let home = Home::with_key();
    let mut bytes = fs::read(home.fixture("images/lighthouse.jpg")).unwrap();
    let sof = bytes.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    bytes[sof + 5..sof + 9].copy_from_slice(&[0xea, 0x60, 0xea, 0x60]);
    fs::write(home.path("giant.jpg"), &bytes).unwrap();
    all(&home, OsStr::new("giant.jpg"), 3);
}

#[test]
fn a_signed_picture_cut_anywhere_is_never_trusted() {
    let home = Home::with_key();
    home.fixture("images/lighthouse.jpg");
    home.ok(["sign", "lighthouse.jpg", "--source", "ai", "-o", "signed.jpg"]);
    let whole = fs::read(home.path("signed.jpg")).unwrap();
    let step = whole.len() / 60;
    for end in (0..whole.len()).step_by(step) {
        fs::write(home.path("cut.jpg"), &whole[..end]).unwrap();
        let output = home.run(["verify", "cut.jpg", "--no-ledger"]);
        assert!(matches!(code(&output), 1 | 3), "{end}: {}", both(&output));
    }
}

#[test]
fn what_is_no_regular_file_is_an_error_of_the_world() {
    let home = Home::with_key();
    fs::create_dir(home.path("folder.jpg")).unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(home.path("pipe.jpg"))
        .status();
    for name in ["missing.jpg", "/dev/zero"]
        .into_iter()
        .chain(made.is_ok().then_some("pipe.jpg"))
    {
        let output = home.run(["verify", name]);
        assert_eq!(code(&output), 4, "{name}: {}", both(&output));
        assert!(
            String::from_utf8_lossy(&output.stderr).contains("why:"),
            "{name}: {}",
            both(&output)
        );
    }
    let output = home.run(["inspect", "folder.jpg"]);
    assert_eq!(code(&output), 4, "{}", both(&output));
    assert!(
        both(&output).contains("one picture at a time"),
        "{}",
        both(&output)
    );
}

#[test]
fn what_is_no_ledger_is_told_so_by_an_audit() {
    let home = Home::with_key();
    home.fixture("images/gradient.jpg");
    let report = home.json(["audit", "gradient.jpg"], 1);
    let said = report["sentence"].as_str().unwrap();
    assert!(said.contains("not a byline ledger"), "{said}");
}

#[test]
fn names_that_are_not_utf8_work_and_are_shown_escaped() {
    let home = Home::with_key();
    let source = home.fixture("images/lighthouse.jpg");
    let name = OsStr::from_bytes(b"bad\xff\x1b[31m.jpg");
    fs::copy(source, home.dir.path().join(name)).unwrap();
    let output = home.run([OsStr::new("verify"), name]);
    assert_eq!(code(&output), 3, "{}", both(&output));
    assert!(
        !output.stdout.contains(&0x1b) && !output.stderr.contains(&0x1b),
        "{}",
        both(&output)
    );
}

#[test]
fn a_bad_picture_does_not_stop_the_batch() {
    let home = Home::with_key();
    home.fixture("images/lighthouse.jpg");
    fs::create_dir(home.path("in")).unwrap();
    for name in ["a.jpg", "c.jpg"] {
        fs::copy(home.path("lighthouse.jpg"), home.path("in").join(name)).unwrap();
    }
    fs::write(home.path("in/b.jpg"), b"\xff\xd8\xff\xe1\xff\xff").unwrap();
    let output = home.run(["sign", "in", "-o", "out/", "--source", "camera"]);
    assert_eq!(code(&output), 4, "{}", both(&output));
    assert!(
        home.path("out/a.jpg").exists()
            && home.path("out/c.jpg").exists()
            && !home.path("out/b.jpg").exists()
    );
}
