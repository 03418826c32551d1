//! What an auditor sees who has been there before, or who has only what was published: every attack on a history named, for
//! the file, the directory and the web alike.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use byline::app::request::{AuditRequest, AuditTarget};
use byline::app::{App, Ask, Dirs, Error, FixedClock, Passphrases, Silent, SystemEntropy};
use byline::ledger::audit::{Audit, Options, Rule, Signatures, StateMaps, audit};
use byline::ledger::frame::Header;
use byline::ledger::{
    Entry, EntryBody, KeyIncept, KeyName, LogKey, LookupMode, TreeSize, VerifiedCheckpoint,
};
use byline::store::LedgerFile;
use byline::store::publish::Publisher;

use super::ledger::{Bench, NOW, forged_with, later, registration};
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
            target: AuditTarget::Path(what.to_owned()),
            log_key: None,
            since: None,
            strict: false,
            jobs: NonZeroUsize::MIN,
        };
        let report = byline::app::audit::audit(&self.app, &request).unwrap();
        let rules: BTreeSet<String> = report.findings.into_iter().map(|found| found.rule).collect();
        assert_eq!(report.sound, rules.is_empty(), "{rules:?}");
        rules
    }
}

fn log_key() -> LogKey {
    LogKey::new(
        KeyName::parse("example.org/ledger").unwrap(),
        byline::keys::CreatorKey::from_seed(&[2; 32]),
    )
}

fn publish(ledger: &LedgerFile, dir: &Path) {
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
            target: AuditTarget::Path(file.clone()),
            log_key: None,
            since: None,
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
    assert!(rules("new", &file).contains("ledger.commit.signature"));
    // The log's key can sign the whole file anew; somebody who audited it before sees that.
    let entries = [
        bench.incept().bytes().to_vec(),
        bench.register(1).bytes().to_vec(),
    ];
    std::fs::write(&file, forged_with(&entries, &arbiter, later(2000))).unwrap();
    assert_eq!(rules("new", &file), BTreeSet::new());
    assert_eq!(rules("old", &bench.path), BTreeSet::new());
    assert_eq!(rules("old", &file), swapped());
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
    assert_eq!(rules("old", &www), swapped());
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
    // A changed byte before the checkpoint is named, and so is one after it.
    let (since, end) = &checkpoints[2];
    for at in [5000, *end - 300, *end + 100, bytes.len() - 300] {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        let audit = audit_since(&changed, Some(since));
        assert!(audit.is_contradicted(), "byte {at}");
        let is_forked = audit
            .findings
            .iter()
            .any(|found| found.rule == Rule::Fork { known: since.size() });
        assert_eq!(is_forked, at < *end, "byte {at}: {:?}", audit.findings);
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

fn studio() -> Home {
    let home = Home::with_key();
    home.fixture("images/lighthouse.jpg");
    home.ok(["sign", "lighthouse.jpg", "-o", "signed.jpg", "--source", "ai"]);
    home
}

#[test]
fn arbiters_are_named_when_a_ledger_is_made_and_travel_with_what_is_published() {
    let home = Home::with_key();
    home.ok(["key", "new", "--name", "guild", "--as", "Guild", "--unencrypted"]);
    home.ok(["key", "export", "guild", "--public", "-o", "guild.pub"]);
    home.ok(["trust", "add", "guild.pub", "--name", "guild"]);
    let unknown = home.run(["ledger", "init", "--arbiter", "nobody"]);
    assert_eq!(code(&unknown), 2, "{}", both(&unknown));
    let made = home.json(
        ["ledger", "init", "--arbiter", "guild", "--arbiter", "guild.pub"],
        0,
    );
    assert_eq!(made["notes"].as_array().unwrap().len(), 1, "{made}");
    home.fixture("images/lighthouse.jpg");
    home.ok([
        "sign",
        "lighthouse.jpg",
        "-o",
        "signed.jpg",
        "--source",
        "ai",
        "--key",
        "ada",
    ]);
    home.ok([
        "ledger",
        "dispute",
        "open",
        "1",
        "--ground",
        "authorship",
        "--key",
        "ada",
    ]);
    let by_party = home.run([
        "ledger",
        "dispute",
        "close",
        "2",
        "--outcome",
        "upheld",
        "--key",
        "ada",
    ]);
    assert_eq!(code(&by_party), 1, "{}", both(&by_party));
    home.ok([
        "ledger",
        "dispute",
        "close",
        "2",
        "--outcome",
        "upheld",
        "--key",
        "guild",
    ]);
    home.ok(["ledger", "publish", "www"]);
    let other = Home::new();
    copy_all(&home.path("www"), &other.path("www"));
    assert_eq!(
        other.json(["audit", "www"], 0)["findings"]
            .as_array()
            .unwrap()
            .len(),
        0
    );
    // Without its header nobody knows the arbiter: that is said first, and the closing is what then breaks a rule.
    std::fs::remove_file(other.path("www/log.header")).unwrap();
    let report = Home::json(&other, ["audit", "www"], 1);
    let rules: Vec<&str> = (0..2)
        .map(|n| report["findings"][n]["rule"].as_str().unwrap())
        .collect();
    assert_eq!(rules, ["ledger.published.header", "ledger.dispute.arbiter"]);
}

/// Serves a folder on the loopback address until the test ends; what is changed there is served changed.
fn serve(folder: PathBuf) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap())
                .lines()
                .map_while(Result::ok);
            let Some(first) = lines.next() else { continue };
            let _ = lines.by_ref().take_while(|line| !line.is_empty()).count();
            let path = first
                .split(' ')
                .nth(1)
                .unwrap_or_default()
                .trim_start_matches('/');
            let answer = match std::fs::read(folder.join(path)) {
                Ok(bytes) => [
                    format!(
                        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                        bytes.len()
                    )
                    .as_bytes(),
                    &bytes,
                ]
                .concat(),
                Err(_) => {
                    b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_vec()
                }
            };
            let _ = stream.write_all(&answer);
        }
    });
    url
}

#[cfg(feature = "online")]
#[test]
fn what_is_served_is_audited_as_the_directory_is() {
    let bench = Bench::new();
    let mut ledger = bench.create(LookupMode::Public);
    let batch: Vec<Entry> = (0..700)
        .map(|n| if n == 0 { bench.incept() } else { bench.register(n) })
        .collect();
    ledger.append(&batch, later(2000)).unwrap();
    let home = Home::new();
    let www = home.path("www");
    publish(&ledger, &www);
    let url = format!("{}/", serve(www.clone()));
    // Plain http and private addresses only when asked for.
    let refused = home.run(["audit", &url]);
    assert_eq!(code(&refused), 2, "{}", both(&refused));
    let forget = || {
        let _ = std::fs::remove_dir_all(home.path("home/state"));
    };
    let same = |wanted: i32| {
        forget();
        let mut of_folder = home.json(["audit", "www"], wanted);
        forget();
        let mut of_web = home.json(["audit", &url, "--private"], wanted);
        for (report, place) in [(&mut of_folder, "www"), (&mut of_web, url.trim_end_matches('/'))] {
            report["ledger"] = serde_json::Value::Null;
            report["at"] = serde_json::Value::Null;
            for finding in report["findings"].as_array_mut().unwrap() {
                let what = finding["what"]
                    .as_str()
                    .unwrap()
                    .replace(&format!("`{place}/"), "`");
                finding["what"] = what.into();
            }
        }
        assert_eq!(of_folder, of_web);
        of_web
    };
    let report = same(0);
    assert_eq!(
        (report["counts"]["entries"].as_u64(), report["sound"].as_bool()),
        (Some(700), Some(true))
    );
    for path in ["tile/0/001", "tile/entries/000", "tile/0/002.p/188", "log.header"] {
        let good = std::fs::read(www.join(path)).unwrap();
        let mut bad = good.clone();
        bad[good.len() / 2] ^= 1;
        std::fs::write(www.join(path), bad).unwrap();
        same(1);
        std::fs::remove_file(www.join(path)).unwrap();
        same(1);
        std::fs::write(www.join(path), good).unwrap();
    }
    // A history that was seen by the file is compared on the web.
    forget();
    home.json(["audit", bench.path.to_str().unwrap()], 0);
    home.json(["audit", &url, "--private", "--since", "last"], 0);
    std::fs::remove_file(www.join("checkpoint")).unwrap();
    assert_eq!(code(&home.run(["audit", &url, "--private"])), 4);
    let nobody = home.run(["audit", "http://127.0.0.1:9/", "--private"]);
    assert_eq!(code(&nobody), 4, "{}", both(&nobody));
}

#[test]
fn evidence_of_time_is_recorded_for_a_checkpoint_of_this_history() {
    let home = studio();
    home.ok(["ledger", "publish", "www"]);
    let checkpoint = std::fs::read(home.path("www/checkpoint")).unwrap();
    let head = b"\x00OpenTimestamps\x00\x00Proof\x00\xbf\x89\xe2\xe8\x84\xe8\x92\x94\x01\x08";
    let digest = byline::base::Digest::of(&checkpoint);
    let proof = [head.as_slice(), digest.as_bytes(), b"calendar"].concat();
    std::fs::write(home.path("cp.ots"), &proof).unwrap();
    let report = home.json(["ledger", "anchor", "www/checkpoint", "cp.ots"], 0);
    assert_eq!(
        (report["done"].as_str(), report["tree_size"].as_u64()),
        (Some("anchored"), Some(3))
    );
    let shown = home.json(["ledger", "show"], 0);
    let fields = &shown["entries"][2];
    assert_eq!(fields["kind"], "anchor");
    assert!(
        fields
            .to_string()
            .contains(&byline::base::Digest::of(&proof).hex()),
        "{fields}"
    );
    home.json(["audit", "home/data/default.ledger"], 0);
    // Evidence about something else, a checkpoint of another log, one of another history.
    std::fs::write(home.path("other.ots"), [head.as_slice(), &[7; 32]].concat()).unwrap();
    assert_eq!(
        code(&home.run(["ledger", "anchor", "www/checkpoint", "other.ots"])),
        4
    );
    assert_eq!(code(&home.run(["ledger", "anchor", "cp.ots", "cp.ots"])), 4);
    assert_eq!(home.json(["ledger", "show"], 0)["tree_size"], 3);
}

/// An entry of each kind of thing that an auditor looks at, so that the page has something to escape and to lay out.
#[test]
fn a_key_that_enters_twice_is_found_with_what_would_satisfy_the_rule() {
    let bench = Bench::new();
    let body = KeyIncept {
        key: bench.key.public(),
        next: None,
        recovery: None,
    };
    let again = Entry::sign(EntryBody::KeyIncept(body), &bench.key, later(1000)).unwrap();
    let register = Entry::sign(EntryBody::AssetRegister(registration(1)), &bench.key, later(1000)).unwrap();
    let file = bench.dir.path().join("twice.ledger");
    let entries = [bench.incept(), again, register].map(|entry| entry.bytes().to_vec());
    std::fs::write(&file, forged_with(&entries, &[], later(2000))).unwrap();
    let home = Home::new();
    let report = home.json(["audit", file.to_str().unwrap()], 1);
    let finding = &report["findings"][0];
    assert_eq!(finding["rule"], "ledger.key.inceptTwice");
    assert_eq!(finding["remedy"], "use the key as it is; it entered with entry 0");
}

#[test]
fn the_report_is_a_page_that_stands_by_itself() {
    let home = studio();
    let ledger = "home/data/default.ledger";
    let page = home.ok(["audit", ledger, "--format", "html"]);
    assert!(
        page.starts_with("<!DOCTYPE html>") && page.contains("<h1>Sound</h1>"),
        "{page}"
    );
    let mut bytes = std::fs::read(home.path(ledger)).unwrap();
    bytes[5000] ^= 1;
    let name = "<img src=x onerror=alert(1)>.ledger";
    std::fs::write(home.path(name), bytes).unwrap();
    let output = home.run(["audit", name, "--format", "html"]);
    assert_eq!(code(&output), 1, "{}", both(&output));
    let page = String::from_utf8(output.stdout).unwrap();
    assert!(
        page.contains("<h1>Broken</h1>") && page.contains("ledger."),
        "{page}"
    );
    assert!(
        page.contains("&lt;img src=x onerror=alert(1)&gt;") && !page.contains("<img"),
        "{page}"
    );
    // Commands that have no page say so before they do anything.
    let none = home.run(["ledger", "init", "other.ledger", "--format", "html"]);
    assert_eq!(code(&none), 2, "{}", both(&none));
    assert!(none.stdout.is_empty() && !home.path("other.ledger").exists());
}
