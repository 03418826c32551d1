//! What an auditor sees who has been there before, or who has only what was published: every attack on a history named, for
//! the file, the directory and the web alike.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use byline::app::request::{AuditRequest, AuditTarget};
use byline::app::{App, Ask, Dirs, Error, FixedClock, Passphrases, Silent, SystemEntropy};
use byline::ledger::audit::{Audit, Finding, Options, Rule, audit};
use byline::ledger::frame::Header;
use byline::ledger::{Entry, KeyName, LogKey, LookupMode, TreeSize, VerifiedCheckpoint};
use byline::store::LedgerFile;
use byline::store::publish::Publisher;

use super::ledger::{Bench, NOW, forged_with, later};
use super::proofs::copy_all;
use super::run::{Home, both, code};

struct NoPassphrase;

impl Passphrases for NoPassphrase {
    fn passphrase(&self, _: &Ask) -> Result<zeroize::Zeroizing<String>, Error> {
        unreachable!("an audit opens no key")
    }
}

/// An auditor with a memory of its own.
struct Auditor {
    app: App,
}

impl Auditor {
    fn new(home: &Path) -> Self {
        Self {
            app: App {
                dirs: Dirs::below(home),
                clock: Box::new(FixedClock(NOW)),
                entropy: Box::new(SystemEntropy),
                passphrases: Box::new(NoPassphrase),
                progress: Box::new(Silent),
            },
        }
    }

    /// The rules of the findings.
    fn rules(&self, what: &Path) -> BTreeSet<String> {
        let request = AuditRequest {
            no_state: false,
            similarity: false,
            target: AuditTarget::Path(what.to_owned()),
            log_key: None,
            since: None,
            policy: None,
            strict: false,
            jobs: NonZeroUsize::MIN,
        };
        let report = byline::app::audit::audit(&self.app, &request).unwrap();
        let rules: BTreeSet<String> = report.findings.into_iter().map(|found| found.rule).collect();
        // A note that nobody signed contradicts nothing.
        let is_noted = |rule: &String| rule == "ledger.audited.otherHeader";
        assert_eq!(report.sound, rules.iter().all(is_noted), "{rules:?}");
        rules
    }
}

fn log_key() -> LogKey {
    LogKey::new(
        KeyName::parse("example.org/ledger").unwrap(),
        byline::keys::CreatorKey::from_seed(&[2; 32]),
    )
}

pub fn publish(ledger: &LedgerFile, dir: &Path) {
    let mut publisher = Publisher::open(ledger, dir, 0).unwrap();
    publisher.write_tiles().unwrap();
    publisher.finish(ledger.checkpoint().note()).unwrap();
}

/// A ledger as its operator wrote it, in one commit: as a file and as a directory.
fn written(dir: &Path, name: &str, entries: &[Entry]) -> (PathBuf, PathBuf) {
    let bytes: Vec<Vec<u8>> = entries.iter().map(|entry| entry.bytes().to_vec()).collect();
    let (file, www) = (dir.join(format!("{name}.ledger")), dir.join(name));
    std::fs::write(&file, forged_with(&bytes, &[], later(2000))).unwrap();
    publish(&LedgerFile::open_read(&file, None).unwrap(), &www);
    (file, www)
}

/// What an operator who has the log's key can make of a history is named by whoever audited it before.
#[test]
fn histories_that_the_log_key_signed_anew_are_named_for_file_and_directory() {
    let bench = Bench::new();
    let dir = bench.dir.path();
    let entry = |n: u64| bench.register(n);
    let whole: Vec<Entry> = std::iter::once(bench.incept())
        .chain((1..10).map(entry))
        .collect();
    let (file, www) = written(dir, "true", &whole);
    let changed = |change: &dyn Fn(&mut Vec<Entry>)| {
        let mut entries = whole.clone();
        change(&mut entries);
        entries
    };
    let attacks = [
        (
            "rollback",
            "ledger.history.rolledBack",
            changed(&|all| all.truncate(6)),
        ),
        (
            "truncation",
            "ledger.history.rolledBack",
            changed(&|all| all.truncate(9)),
        ),
        (
            "fork",
            "ledger.history.forked",
            changed(&|all| all[9] = entry(99)),
        ),
        (
            "reordering",
            "ledger.history.forked",
            changed(&|all| all.swap(4, 5)),
        ),
        (
            "splice",
            "ledger.history.forked",
            changed(&|all| all.insert(3, entry(77))),
        ),
        (
            "removal",
            "ledger.history.forked",
            changed(&|all| {
                all.remove(3);
                all.push(entry(78));
            }),
        ),
    ];
    for of_file in [true, false] {
        let auditor = Auditor::new(&dir.join(format!("auditor-{of_file}")));
        let seen = if of_file { &file } else { &www };
        assert_eq!(auditor.rules(seen), BTreeSet::new());
        for (name, rule, entries) in &attacks {
            let forged = dir.join(format!("{name}-{of_file}"));
            std::fs::create_dir(&forged).unwrap();
            let (file, www) = written(&forged, "log", entries);
            for forged in [file, www] {
                // Nothing is wrong with it by itself; beside what was seen, the rule is named and nothing is forgotten.
                let stranger = Auditor::new(&dir.join(format!("stranger-{name}-{of_file}")));
                assert_eq!(stranger.rules(&forged), BTreeSet::new(), "{name}");
                assert_eq!(auditor.rules(&forged), [(*rule).to_owned()].into(), "{name}");
            }
        }
        // A larger log of the same history is none of these, and from then on the smaller one is an older copy.
        let grown = changed(&|all| all.push(entry(50)));
        let (_, grown) = written(&dir.join(format!("fork-{of_file}")), "grown", &grown);
        assert_eq!(auditor.rules(&grown), BTreeSet::new());
        assert_eq!(
            auditor.rules(seen),
            ["ledger.history.rolledBack".to_owned()].into()
        );
    }
}

/// What somebody without the log's key can do to the bytes is named without any memory.
#[test]
fn bytes_moved_cut_or_spliced_without_the_log_key_are_named() {
    let bench = Bench::new();
    let mut ledger = bench.create(LookupMode::Public);
    for n in 0..10 {
        let entry = if n == 0 { bench.incept() } else { bench.register(n) };
        ledger.append(&[entry], later(2000)).unwrap();
    }
    let www = bench.dir.path().join("www");
    publish(&ledger, &www);
    drop(ledger);
    let auditor = Auditor::new(&bench.dir.path().join("auditor"));
    let bytes = std::fs::read(&bench.path).unwrap();
    let frames = frames(&bytes);
    let part = |at: usize| bytes[frames[at]..frames[at + 1]].to_vec();
    // Frames: commit, then entry and commit in turns. Entries 3 and 4 change places, with and without their commits.
    let joined = |order: &[usize]| {
        let body: Vec<u8> = order.iter().flat_map(|at| part(*at)).collect();
        [&bytes[..4096], &body].concat()
    };
    let all: Vec<usize> = (0..frames.len() - 1).collect();
    let moved = |change: &dyn Fn(&mut Vec<usize>)| {
        let mut order = all.clone();
        change(&mut order);
        joined(&order)
    };
    let one = |rule: &str| BTreeSet::from([rule.to_owned()]);
    let file = bench.dir.path().join("bad.ledger");
    for (name, bad, wanted) in [
        ("reordered", moved(&|all| all.swap(7, 9)), "ledger.commit.root"),
        (
            "reordered with commits",
            moved(&|all| {
                all.swap(7, 9);
                all.swap(8, 10);
            }),
            "ledger.commit.chain",
        ),
        (
            "removed",
            moved(&|all| {
                all.drain(7..9);
            }),
            "ledger.commit.chain",
        ),
        ("spliced", moved(&|all| all.insert(7, 3)), "ledger.commit.root"),
        (
            "cut in a frame",
            bytes[..frames[9] + 20].to_vec(),
            "ledger.file.unreadable",
        ),
        (
            "cut inside",
            [&bytes[..frames[9]], &bytes[frames[9] + 8..]].concat(),
            "ledger.file.damaged",
        ),
    ] {
        std::fs::write(&file, bad).unwrap();
        let request = AuditRequest {
            no_state: false,
            similarity: false,
            target: AuditTarget::Path(file.clone()),
            log_key: None,
            since: None,
            policy: None,
            strict: false,
            jobs: NonZeroUsize::MIN,
        };
        let report = byline::app::audit::audit(&auditor.app, &request).unwrap();
        assert!(
            report.findings.iter().any(|found| found.rule == wanted),
            "{name}: {:?}",
            report.findings
        );
    }
    let entries = www.join("tile/entries/000.p/10");
    let good = std::fs::read(&entries).unwrap();
    let len = usize::from(u16::from_be_bytes([good[0], good[1]])) + 2;
    let next = usize::from(u16::from_be_bytes([good[len], good[len + 1]])) + 2;
    let reordered = [&good[len..len + next], &good[..len], &good[len + next..]].concat();
    for bad in [reordered, good[len..].to_vec(), good[..good.len() - 1].to_vec()] {
        std::fs::write(&entries, bad).unwrap();
        assert_eq!(auditor.rules(&www), one("ledger.published.changed"));
    }
    std::fs::remove_file(&entries).unwrap();
    assert_eq!(auditor.rules(&www), one("ledger.published.missing"));
}

/// Where the frames begin, and the end of the file.
fn frames(bytes: &[u8]) -> Vec<usize> {
    let mut at = 4096;
    let mut frames = Vec::new();
    while at < bytes.len() {
        frames.push(at);
        let len = u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        at += (len + 8).next_multiple_of(8);
    }
    frames.push(at);
    frames
}

#[test]
fn another_header_is_named_for_file_and_directory() {
    let bench = Bench::new();
    let mut ledger = bench.create(LookupMode::Public);
    ledger
        .append(&[bench.incept(), bench.register(1)], later(2000))
        .unwrap();
    let www = bench.dir.path().join("www");
    publish(&ledger, &www);
    drop(ledger);
    let bytes = std::fs::read(&bench.path).unwrap();
    let arbiter = [bench.key.public().key_id()];
    let other = Header::write(&log_key(), NOW, LookupMode::Public, &arbiter).unwrap();
    let stranger = LogKey::new(
        KeyName::parse("example.org/ledger").unwrap(),
        byline::keys::CreatorKey::from_seed(&[9; 32]),
    );
    let of_stranger = Header::write(&stranger, NOW, LookupMode::Public, &[]).unwrap();
    let rules = |auditor: &str, what: &Path| Auditor::new(&bench.dir.path().join(auditor)).rules(what);
    let swapped = || BTreeSet::from(["ledger.header.swapped".to_owned()]);
    let file = bench.dir.path().join("swapped.ledger");
    // In the file the first commit covers the header: nobody needs to have seen the true one.
    std::fs::write(&file, [&other, &bytes[4096..]].concat()).unwrap();
    assert_eq!(rules("new", &file), swapped());
    std::fs::write(&file, [&of_stranger, &bytes[4096..]].concat()).unwrap();
    let found = rules("new", &file);
    assert!(found.contains("ledger.header.otherLog"), "{found:?}");
    assert!(
        !found.contains("ledger.commit.signature") && !found.contains("ledger.commit.seal"),
        "{found:?}"
    );
    // The log's key can sign the whole file anew; somebody who audited it before sees that.
    let entries = [
        bench.incept().bytes().to_vec(),
        bench.register(1).bytes().to_vec(),
    ];
    std::fs::write(&file, forged_with(&entries, &arbiter, later(2000))).unwrap();
    assert_eq!(rules("new", &file), BTreeSet::new());
    assert_eq!(rules("old", &bench.path), BTreeSet::new());
    let noted = || BTreeSet::from(["ledger.audited.otherHeader".to_owned()]);
    assert_eq!(rules("old", &file), noted());
    assert_eq!(rules("old", &file), noted(), "what is in doubt is not remembered");
    // So it is with a directory; one without a header, or with a stranger's, is not whole.
    assert_eq!(rules("old", &www), BTreeSet::new());
    let note = |header: &[u8]| {
        header
            .iter()
            .copied()
            .take_while(|byte| *byte != 0)
            .collect::<Vec<u8>>()
    };
    std::fs::write(www.join("log.header"), note(&other)).unwrap();
    assert_eq!(rules("old", &www), noted());
    for bad in [note(&of_stranger), b"byline-ledger/v1\n".to_vec(), Vec::new()] {
        std::fs::write(www.join("log.header"), bad).unwrap();
        assert_eq!(rules("old", &www), ["ledger.published.header".to_owned()].into());
    }
    std::fs::remove_file(www.join("log.header")).unwrap();
    assert_eq!(rules("old", &www), ["ledger.published.header".to_owned()].into());
}

fn audit_since(bytes: &[u8], since: Option<&VerifiedCheckpoint>) -> Audit {
    let options = Options {
        since: since.cloned(),
        ..Options::default()
    };
    audit(bytes, &options, &mut |_| ()).unwrap()
}

#[test]
fn an_audit_that_begins_with_a_checkpoint_leaves_out_the_signatures_before_it_and_nothing_else() {
    let bench = Bench::new();
    let mut ledger = bench.create(LookupMode::Public);
    let mut checkpoints = Vec::new();
    for commit in 0..5u64 {
        let batch: Vec<Entry> = (commit * 20..commit * 20 + 20)
            .map(|n| if n == 0 { bench.incept() } else { bench.register(n) })
            .collect();
        ledger.append(&batch, later(2000)).unwrap();
        let checkpoint = ledger.checkpoint().clone();
        drop(ledger);
        checkpoints.push((checkpoint, std::fs::read(&bench.path).unwrap().len()));
        ledger = bench.open().unwrap();
    }
    drop(ledger);
    let bytes = std::fs::read(&bench.path).unwrap();
    let whole = audit_since(&bytes, None);
    // 100 entries, 6 commits with two signatures each.
    assert_eq!((whole.findings.len(), whole.signatures), (0, 112));
    for (place, (since, _)) in checkpoints.iter().enumerate() {
        let audit = audit_since(&bytes, Some(since));
        assert_eq!((audit.findings.len(), audit.size), (0, TreeSize(100)));
        assert_eq!(audit.signatures, 112 - since.size().0 - 2 * (place as u64 + 1));
    }
    // A changed byte before the checkpoint is named, and so is one after it. Neither is another history.
    let (since, end) = &checkpoints[2];
    for at in [5000, *end - 300, *end + 100, bytes.len() - 300] {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        let audit = audit_since(&changed, Some(since));
        assert!(audit.is_contradicted(), "byte {at}");
        let is_forked = |found: &Finding| matches!(found.rule, Rule::Fork { .. });
        assert!(
            !audit.findings.iter().any(is_forked),
            "byte {at}: {:?}",
            audit.findings
        );
        let is_root = |found: &Finding| matches!(found.rule, Rule::Root { .. });
        assert!(
            audit.findings.iter().any(is_root),
            "byte {at}: {:?}",
            audit.findings
        );
    }
    // An older copy, and another history up to there.
    let older = audit_since(&bytes[..checkpoints[1].1], Some(since));
    assert!(
        older
            .findings
            .iter()
            .any(|found| matches!(found.rule, Rule::Rollback { .. }))
    );
}

#[test]
fn what_nobody_signed_before_the_checkpoint_is_not_seen_and_after_it_is() {
    let bench = Bench::new();
    let mut unsigned = bench.register(5).bytes().to_vec();
    *unsigned.last_mut().unwrap() ^= 1;
    let good = |n: u64| bench.register(n).bytes().to_vec();
    let entries = [
        bench.incept().bytes().to_vec(),
        good(1),
        unsigned,
        good(2),
        good(3),
    ];
    let bytes = forged_with(&entries, &[], later(2000));
    let checkpoint = |size: usize| {
        let leaves = entries[..size]
            .iter()
            .map(|entry| byline::ledger::LeafHash::of(entry));
        let tree = byline::ledger::tree::MemoryTree::of(leaves);
        let root = byline::ledger::tree::root_at(&tree, TreeSize(size as u64)).unwrap();
        VerifiedCheckpoint::sign(TreeSize(size as u64), root, &log_key()).0
    };
    // Known checkpoints are those of commits, so the five-entry one is the only one to begin with here.
    assert_eq!(audit_since(&bytes, Some(&checkpoint(5))).findings, []);
    let found = audit_since(&bytes, None).findings;
    assert_eq!((found.len(), found[0].rule.id()), (1, "ledger.entry.signature"));
}

#[test]
fn the_last_sound_audit_is_where_the_next_one_may_begin() {
    let home = studio();
    let ledger = "home/data/default.ledger";
    let other = Home::new();
    copy_all(&home.path("home/data"), &other.path("home/data"));
    let none = other.run(["audit", ledger, "--since", "last"]);
    assert_eq!(code(&none), 3, "{}", both(&none));
    let whole = other.json(["audit", ledger], 0);
    assert_eq!(whole["since"], serde_json::Value::Null);
    let again = other.json(["audit", ledger, "--since", "last"], 0);
    assert_eq!(
        (again["since"].as_u64(), again["sound"].as_bool()),
        (Some(2), Some(true))
    );
    let not_checked = again["not_checked"][0].as_str().unwrap();
    assert!(
        not_checked.starts_with("signatures of the first 2 entries"),
        "{again}"
    );
    assert!(again["counts"]["signatures"].as_u64() < whole["counts"]["signatures"].as_u64());
    // A checkpoint from elsewhere begins an audit too, and is not remembered: nobody here checked what is before it.
    home.ok(["ledger", "publish", "www"]);
    let stranger = Home::new();
    copy_all(&home.path("www"), &stranger.path("www"));
    std::fs::copy(home.path("www/checkpoint"), stranger.path("cp")).unwrap();
    let report = stranger.json(["audit", "www", "--since", "cp"], 0);
    assert_eq!(report["since"], 2);
    assert!(
        report["notes"][0].as_str().unwrap().starts_with("not remembered"),
        "{report}"
    );
    assert_eq!(code(&stranger.run(["audit", "www", "--since", "last"])), 3);
    stranger.ok(["audit", "www"]);
    stranger.ok(["audit", "www", "--since", "last"]);
    // An older copy is named once, however many things are known that say so.
    let older = std::fs::read(home.path(ledger)).unwrap();
    home.ok(["audit", ledger]);
    home.fixture("images/gradient.jpg");
    home.ok(["sign", "gradient.jpg", "-o", "g.jpg", "--source", "ai"]);
    home.ok(["audit", ledger, "--since", "last"]);
    std::fs::write(home.path("older.ledger"), older).unwrap();
    let report = home.json(["audit", "older.ledger", "--since", "last"], 1);
    assert_eq!(report["findings"].as_array().unwrap().len(), 1, "{report}");
    assert_eq!(report["findings"][0]["rule"], "ledger.history.rolledBack");
    // A file that holds none of this log.
    std::fs::write(stranger.path("none"), "nothing\n").unwrap();
    assert_eq!(code(&stranger.run(["audit", "www", "--since", "none"])), 4);
}

pub fn studio() -> Home {
    let home = Home::with_key();
    home.fixture("images/lighthouse.jpg");
    home.ok(["sign", "lighthouse.jpg", "-o", "signed.jpg", "--source", "ai"]);
    home
}
