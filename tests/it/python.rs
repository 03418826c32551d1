//! A verifier of 150 lines of Python, which shares nothing with byline, on ledgers that byline made: it agrees, and refuses
//! what it must.
//!
//! Where Python or its package `cryptography` is not installed the tests say so and are passed over.

use std::path::{Path, PathBuf};
use std::process::Command;

use byline::base::Digest;
use byline::ledger::{Entry, EntryBody, LookupMode};

use super::ledger::{Bench, NOW, forged_with, later, registration};
use super::run::Home;

const VERIFIER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/judges/verify_ledger.py");

/// Runs the verifier many times in one process, each time on the file with one bit of it flipped.
const FLIPS: &str = "
import contextlib, io, sys
sys.path.insert(0, sys.argv[1])
import verify_ledger
data = open(sys.argv[2], 'rb').read()
whole = verify_ledger.Ledger(data)
whole.walk(print)
tried = passed = 0
for at in range(0, whole.end, int(sys.argv[4])):
    flipped = bytearray(data)
    flipped[at] ^= 1 << at % 8
    open(sys.argv[5], 'wb').write(flipped)
    tried += 1
    with contextlib.redirect_stdout(io.StringIO()):
        sound = verify_ledger.main([sys.argv[5], '--known', sys.argv[3]]) == 0
    if sound:
        passed += 1
        print('passed: byte', at)
print(tried, 'tried,', passed, 'passed')
";

/// What a judge said: its exit code and its words.
pub(crate) fn python(args: &[&str]) -> Option<(i32, String)> {
    let ready = Command::new("python3")
        .args([
            "-B",
            "-c",
            "import cryptography.hazmat.primitives.asymmetric.ed25519",
        ])
        .output()
        .is_ok_and(|output| output.status.success());
    if !ready {
        eprintln!("SKIPPED: python3 with its package `cryptography` is not installed");
        return None;
    }
    let output = Command::new("python3").arg("-B").args(args).output().unwrap();
    let words = String::from_utf8_lossy(&output.stdout).into_owned();
    let code = output.status.code().unwrap_or(-1);
    assert!(
        [0, 1, 3].contains(&code),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Some((code, words))
}

pub(super) fn verify(path: &Path, more: &[&str]) -> Option<(i32, String)> {
    let path = path.to_str().unwrap();
    python(&[&[VERIFIER, path], more].concat())
}

/// The bytes of a ledger up to its last commit: zeros after it are room that the writer made.
fn written(path: &Path) -> Vec<u8> {
    let mut bytes = std::fs::read(path).unwrap();
    while bytes.last() == Some(&0) {
        bytes.pop();
    }
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    bytes
}

/// A ledger of four entries in three commits, and files with its checkpoints after the second and the third.
struct Sample {
    bench: Bench,
    early: PathBuf,
    late: PathBuf,
    root: String,
    key: String,
}

fn sample() -> Sample {
    let bench = Bench::new();
    let mut ledger = bench.create(LookupMode::Public);
    let (early, late) = (bench.dir.path().join("early"), bench.dir.path().join("late"));
    ledger
        .append(&[bench.incept(), bench.register(1), bench.register(2)], NOW)
        .unwrap();
    std::fs::write(&early, ledger.checkpoint().note()).unwrap();
    ledger.append(&[bench.register(3)], later(2000)).unwrap();
    std::fs::write(&late, ledger.checkpoint().note()).unwrap();
    let root = ledger.checkpoint().root().hex();
    let key = ledger.header().verifier.to_string();
    Sample {
        bench,
        early,
        late,
        root,
        key,
    }
}

#[test]
fn python_agrees_about_a_sound_ledger() {
    let sample = sample();
    let known = ["--known", sample.early.to_str().unwrap(), "--key", &sample.key];
    let Some((code, words)) = verify(&sample.bench.path, &known) else {
        return;
    };
    assert_eq!(code, 0, "{words}");
    assert!(
        words.contains(&format!("4 entries, root {}", sample.root)),
        "{words}"
    );
    assert!(words.ends_with("SOUND\n"), "{words}");
}

#[test]
fn python_finds_a_picture_by_its_bytes_and_by_its_content() {
    let bench = Bench::new();
    let mut ledger = bench.create(LookupMode::Public);
    let mut body = registration(1);
    (body.file, body.content) = (Digest::of(b"signed"), Digest::of(b"bare"));
    let picture = Entry::sign(EntryBody::AssetRegister(body), &bench.key, NOW).unwrap();
    ledger.append(&[bench.incept(), picture], NOW).unwrap();
    for (bytes, found) in [("signed", true), ("bare", true), ("other", false)] {
        let image = bench.dir.path().join(bytes);
        std::fs::write(&image, bytes).unwrap();
        let Some((code, words)) = verify(&bench.path, &["--image", image.to_str().unwrap()]) else {
            return;
        };
        assert_eq!(code, 0, "{words}");
        assert_eq!(words.contains("registered by entry 1,"), found, "{words}");
        assert_eq!(words.contains("not registered"), !found, "{words}");
    }
}

#[test]
fn python_finds_what_the_command_signed_and_registered() {
    let home = Home::with_key();
    home.fixture("images/lighthouse.jpg");
    home.ok(["sign", "lighthouse.jpg", "--source", "human", "-o", "signed.jpg"]);
    let ledger = home.path("home/data/default.ledger");
    for (image, found) in [
        ("signed.jpg", "registered by entry 1,"),
        ("lighthouse.jpg", "not registered"),
    ] {
        let image = home.path(image);
        let Some((code, words)) = verify(&ledger, &["--image", image.to_str().unwrap()]) else {
            return;
        };
        assert!(code == 0 && words.contains(found), "{words}");
    }
}

#[test]
fn python_refuses_flipped_bits_all_over_the_file() {
    let sample = sample();
    let folder = Path::new(VERIFIER).parent().unwrap().to_str().unwrap();
    let (path, known) = (sample.bench.path.to_str().unwrap(), sample.late.to_str().unwrap());
    let scratch = sample.bench.dir.path().join("flipped");
    let args = ["-c", FLIPS, folder, path, known, "11", scratch.to_str().unwrap()];
    let Some((_, words)) = python(&args) else {
        return;
    };
    let tried = written(&sample.bench.path).len().div_ceil(11);
    assert_eq!(words, format!("{tried} tried, 0 passed\n"));
}

#[test]
fn python_refuses_a_shortened_file_by_an_earlier_checkpoint() {
    let sample = sample();
    let bytes = written(&sample.bench.path);
    let cut = sample.bench.dir.path().join("cut.ledger");
    let known = ["--known", sample.late.to_str().unwrap()];
    for left in [
        bytes.len() - 1,
        bytes.len() - 200,
        bytes.len() - 201,
        4296,
        4096,
        4095,
        0,
    ] {
        std::fs::write(&cut, &bytes[..left]).unwrap();
        let Some((code, words)) = verify(&cut, &known) else {
            return;
        };
        assert!(code == 1 && words.ends_with("BROKEN\n"), "{left}: {words}");
    }
    // Without a checkpoint a shorter history is as good as any: nobody can tell.
    std::fs::write(&cut, &bytes[..bytes.len() - 200]).unwrap();
    let (code, words) = verify(&cut, &[]).unwrap();
    assert!(code == 3 && words.contains("SOUND UP TO 3"), "{words}");
    assert!(!words.contains("\n0 bytes after"), "{words}");
}

#[test]
fn python_refuses_another_header_and_another_history() {
    let sample = sample();
    let known = ["--known", sample.late.to_str().unwrap(), "--key", &sample.key];
    let other = Bench::new();
    let new = byline::store::NewLedger {
        origin: "example.org/ledger",
        mode: LookupMode::Public,
        key_seed: [9; 32],
        secret: [3; 32],
        now: NOW,
        arbiters: &[],
    };
    drop(byline::store::LedgerFile::create(&other.path, &other.places, &new).unwrap());
    let (mine, theirs) = (
        std::fs::read(&sample.bench.path).unwrap(),
        std::fs::read(&other.path).unwrap(),
    );
    let mut changed_time = mine.clone();
    let at = mine.windows(5).position(|window| window == b"publi").unwrap() - 2;
    changed_time[at] = if mine[at] == b'0' { b'1' } else { b'0' };
    let file = sample.bench.dir.path().join("other.ledger");
    let rewritten = forged_with(
        &[
            sample.bench.incept().bytes().to_vec(),
            sample.bench.register(1).bytes().to_vec(),
            sample.bench.register(9).bytes().to_vec(),
        ],
        &[],
        later(2000),
    );
    for (name, bytes) in [
        (
            "the header of another log",
            [&theirs[..4096], &mine[4096..]].concat(),
        ),
        ("another log altogether", theirs),
        ("a header that was changed", changed_time),
        ("a history rewritten with the log's own key", rewritten),
    ] {
        std::fs::write(&file, bytes).unwrap();
        let Some((code, words)) = verify(&file, &known) else {
            return;
        };
        assert!(code == 1 && words.ends_with("BROKEN\n"), "{name}: {words}");
    }
}

/// Runs the verifier on many files in one process.
const MANY: &str = "
import sys
sys.path.insert(0, sys.argv[1])
import verify_ledger
for path in sys.argv[2:]:
    print(path, verify_ledger.main([path]))
";

/// Every kind of entry: keys that are rotated, revoked and recovered, titles, licences, disputes, the log's own.
#[test]
fn python_accepts_all_that_the_grammar_lets_stand() {
    let folder = tempfile::tempdir().unwrap();
    let mut paths = Vec::new();
    for (name, history) in super::title::moves::ALL {
        let desk = history();
        let stands = desk.log.iter().zip(&desk.judged);
        let entries: Vec<Vec<u8>> = stands
            .filter(|(_, judged)| judged.is_ok())
            .map(|(entry, _)| entry.bytes().to_vec())
            .collect();
        let path = folder.path().join(name);
        std::fs::write(&path, forged_with(&entries, &desk.policy.arbiters, later(0))).unwrap();
        paths.push((path, entries.len()));
    }
    let judges = Path::new(VERIFIER).parent().unwrap();
    let mut args = vec!["-c", MANY, judges.to_str().unwrap()];
    args.extend(paths.iter().map(|(path, _)| path.to_str().unwrap()));
    let Some((_, words)) = python(&args) else {
        return;
    };
    let mut words = words.as_str();
    for (path, size) in &paths {
        let end = format!("SOUND\n{} 0\n", path.display());
        let (said, rest) = words.split_once(&end).unwrap_or_else(|| panic!("{words}"));
        assert!(said.contains(&format!("\n{size} entries, ")), "{said}");
        words = rest;
    }
}

/// What an operator who holds the log's key cannot make good.
#[test]
fn python_refuses_entries_that_their_signers_did_not_sign() {
    let bench = Bench::new();
    let (incept, entry) = (
        bench.incept().bytes().to_vec(),
        bench.register(1).bytes().to_vec(),
    );
    let mut unsigned = entry.clone();
    *unsigned.last_mut().unwrap() ^= 1;
    let cases = [
        (vec![incept.clone(), entry.clone()], None),
        (vec![incept.clone(), unsigned], Some("a bad signature")),
        (vec![entry.clone()], Some("key is not known")),
        (vec![incept.clone(), entry.clone(), entry], Some("the same entry")),
        (vec![incept, b"not an entry".to_vec()], Some("no COSE_Sign1")),
    ];
    for (entries, why) in cases {
        std::fs::write(&bench.path, forged_with(&entries, &[], later(2000))).unwrap();
        let Some((code, words)) = verify(&bench.path, &[]) else {
            return;
        };
        assert_eq!(code, i32::from(why.is_some()), "{words}");
        assert!(words.contains(why.unwrap_or("SOUND")), "{words}");
    }
}

#[test]
fn the_verifier_is_two_pages() {
    let text = std::fs::read_to_string(VERIFIER).unwrap();
    assert!(text.lines().count() <= 150);
}
