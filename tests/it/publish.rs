//! A ledger as static files: written in steps, interrupted, read back, and what must not pass.

use std::collections::BTreeMap;
use std::path::Path;

use byline::ledger::tile::{Tile, TileKind, new_tiles};
use byline::ledger::tile_tree::TileTreeError;
use byline::ledger::{LookupMode, TreeSize, VerifiedCheckpoint};
use byline::store::LedgerFile;
use byline::store::ledger_file::NewLedger;
use byline::store::publish::{Publication, PublishError, Publisher};
use byline::store::published::{self, Directory, PublishedError, PublishedLog};

use super::ledger::{Bench, later};
use super::run::{both, code};

/// Adds entries until the ledger has `size`.
fn grow(bench: &Bench, ledger: &mut LedgerFile, size: u64) {
    let mut batch = Vec::new();
    for n in ledger.size().0..size {
        batch.push(if n == 0 { bench.incept() } else { bench.register(n) });
    }
    ledger.append(&batch, later(2000)).unwrap();
    assert_eq!(ledger.size().0, size);
}

fn publish(ledger: &LedgerFile, dir: &Path) -> Result<Publication, PublishError> {
    let mut publisher = Publisher::open(ledger, dir, 0)?;
    publisher.write_tiles()?;
    publisher.finish(ledger.checkpoint().note())
}

/// Every file below a folder, by its path there.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(dir).unwrap().to_str().unwrap().to_owned();
                found.insert(name, std::fs::read(path).unwrap());
            }
        }
    }
    found
}

#[test]
fn steps_make_what_one_step_makes_and_all_of_it_reads_back() {
    let bench = Bench::new();
    let mut ledger = bench.create(LookupMode::Public);
    let dir = bench.dir.path().join("www/log");
    let mut before = None;
    for size in [0, 1, 2, 255, 256, 257, 300, 600, 768, 1030] {
        grow(&bench, &mut ledger, size);
        let done = publish(&ledger, &dir).unwrap();
        let wanted = new_tiles(TreeSize(before.unwrap_or(0)), TreeSize(size)).unwrap();
        assert_eq!(
            (done.before.map(|size| size.0), done.size.0, done.files),
            (before, size, wanted.count() as u64)
        );
        assert!(done.is_checkpoint_new);
        before = Some(size);
        let again = publish(&ledger, &dir).unwrap();
        assert_eq!((again.files, again.is_checkpoint_new), (0, false));

        let log = PublishedLog::open(Directory::at(&dir), &ledger.header().verifier).unwrap();
        assert_eq!(log.checkpoint(), ledger.checkpoint());
        let read: Vec<Vec<u8>> = log.entries().map(Result::unwrap).collect();
        assert_eq!(read.len() as u64, size);
        for (n, bytes) in (0..).zip(&read) {
            let entry = ledger.entry(byline::ledger::LeafIndex(n)).unwrap();
            assert_eq!(entry.bytes(), bytes);
        }
        let fresh = bench.dir.path().join(format!("fresh-{size}"));
        publish(&ledger, &fresh).unwrap();
        let (fresh, steps) = (files(&fresh), files(&dir));
        assert!(
            fresh.iter().all(|(path, bytes)| steps.get(path) == Some(bytes)),
            "{size}"
        );
        for path in steps.keys().filter(|path| !fresh.contains_key(*path)) {
            // Only partial tiles of smaller published sizes may be more.
            let tile = Tile::parse(path).unwrap();
            let now = Tile::of_log(tile.kind(), tile.index(), TreeSize(size)).unwrap();
            assert!(
                !tile.is_full() && !now.is_full() && now.width() > tile.width(),
                "{path}"
            );
        }
    }
    let (shelf, header) = (Directory::at(&dir), ledger.header());
    assert_eq!(
        published::log_key(&shelf).unwrap().as_ref(),
        Some(&header.verifier)
    );
    assert_eq!(published::header(&shelf, &header.verifier).unwrap(), *header);
}

#[test]
fn an_interrupted_publication_shows_the_old_log_and_is_taken_up() {
    let bench = Bench::new();
    let mut ledger = bench.create(LookupMode::Public);
    let dir = bench.dir.path().join("log");
    grow(&bench, &mut ledger, 200);
    publish(&ledger, &dir).unwrap();
    for size in [300, 301, 513, 600] {
        grow(&bench, &mut ledger, size);
        let mut publisher = Publisher::open(&ledger, &dir, 0).unwrap();
        publisher.write_tiles().unwrap();
        drop(publisher);
        let log = PublishedLog::open(Directory::at(&dir), &ledger.header().verifier).unwrap();
        assert_eq!(log.checkpoint().size().0, 200);
        assert_eq!(log.entries().flatten().count(), 200);
    }
    // The next run writes nothing twice.
    let done = publish(&ledger, &dir).unwrap();
    assert_eq!((done.files, done.size.0), (0, 600));
    let log = PublishedLog::open(Directory::at(&dir), &ledger.header().verifier).unwrap();
    assert_eq!(log.entries().flatten().count(), 600);
    // A file that a kill left beside is nobody's.
    std::fs::write(dir.join("tile/0/.002.p.byline-1-0"), b"half").unwrap();
    grow(&bench, &mut ledger, 601);
    publish(&ledger, &dir).unwrap();
}

#[test]
fn other_logs_forks_and_newer_copies_are_refused_and_untouched() {
    let bench = Bench::new();
    let mut ledger = bench.create(LookupMode::Public);
    let dir = bench.dir.path().join("log");
    grow(&bench, &mut ledger, 3);
    let old = Bench::new();
    std::fs::copy(&bench.path, &old.path).unwrap();
    grow(&bench, &mut ledger, 10);
    publish(&ledger, &dir).unwrap();
    let shown = files(&dir);
    let refused = |ledger: &LedgerFile| {
        let refused = publish(ledger, &dir).unwrap_err();
        assert_eq!(files(&dir), shown);
        refused
    };
    // An older copy of the ledger.
    let older = LedgerFile::open_read(&old.path, None).unwrap();
    assert!(matches!(
        refused(&older),
        PublishError::Newer {
            published: TreeSize(10),
            size: TreeSize(3)
        }
    ));
    // The same key, another history.
    let other = Bench::new();
    let mut fork = other.create(LookupMode::Public);
    let batch: Vec<_> = std::iter::once(other.incept())
        .chain((100..115).map(|n| other.register(n)))
        .collect();
    fork.append(&batch, later(2000)).unwrap();
    assert!(matches!(
        refused(&fork),
        PublishError::Forked { size: TreeSize(10) }
    ));
    // Another key.
    let stranger = Bench::new();
    let new = byline::store::NewLedger {
        origin: "example.org/ledger",
        mode: LookupMode::Public,
        arbiters: &[],
        key_seed: [77; 32],
        secret: [3; 32],
        now: super::ledger::NOW,
    };
    let mut ledger = LedgerFile::create(&stranger.path, &stranger.places, &new).unwrap();
    grow(&stranger, &mut ledger, 20);
    assert!(matches!(refused(&ledger), PublishError::OtherLog));
}

#[test]
fn files_with_other_bytes_are_never_replaced() {
    let bench = Bench::new();
    let mut ledger = bench.create(LookupMode::Public);
    grow(&bench, &mut ledger, 300);
    for path in [
        "tile/0/000",
        "tile/entries/001.p/44",
        "log.vkey",
        "log.header",
        "tile/1/000.p/1",
    ] {
        let dir = bench.dir.path().join(path.replace('/', "-"));
        std::fs::create_dir_all(dir.join(path).parent().unwrap()).unwrap();
        std::fs::write(dir.join(path), b"mine").unwrap();
        let refused = publish(&ledger, &dir).unwrap_err();
        assert!(
            matches!(&refused, PublishError::Differs { path: at } if at.ends_with(path)),
            "{refused}"
        );
        assert_eq!(std::fs::read(dir.join(path)).unwrap(), b"mine");
        assert!(!dir.join("checkpoint").exists());
    }
    // A checkpoint that is none, a folder in its place, a link to nowhere.
    let dir = bench.dir.path().join("strange");
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("checkpoint"), b"hello\n").unwrap();
    assert!(matches!(publish(&ledger, &dir), Err(PublishError::OtherLog)));
    std::fs::remove_file(dir.join("checkpoint")).unwrap();
    std::fs::create_dir(dir.join("checkpoint")).unwrap();
    assert!(matches!(publish(&ledger, &dir), Err(PublishError::Io { .. })));
}

#[test]
fn only_the_last_checkpoint_is_published_and_one_publisher_at_a_time() {
    let bench = Bench::new();
    let mut ledger = bench.create(LookupMode::Public);
    grow(&bench, &mut ledger, 3);
    let early: VerifiedCheckpoint = ledger.checkpoint().clone();
    grow(&bench, &mut ledger, 5);
    let dir = bench.dir.path().join("log");
    let mut publisher = Publisher::open(&ledger, &dir, 0).unwrap();
    publisher.write_tiles().unwrap();
    assert!(matches!(
        Publisher::open(&ledger, &dir, 0),
        Err(PublishError::Lock(_))
    ));
    assert!(matches!(
        publisher.finish(early.note()),
        Err(PublishError::NotLast)
    ));
    let mut publisher = Publisher::open(&ledger, &dir, 0).unwrap();
    publisher.write_tiles().unwrap();
    let changed = ledger.checkpoint().note().replacen("\n5\n", "\n6\n", 1);
    assert!(matches!(
        publisher.finish(&changed),
        Err(PublishError::Checkpoint(_))
    ));
    assert!(!dir.join("checkpoint").exists());
}

#[test]
fn a_ledger_whose_entries_do_not_make_its_root_publishes_nothing() {
    let bench = Bench::new();
    let mut ledger = bench.create(LookupMode::Public);
    grow(&bench, &mut ledger, 300);
    let mut bytes = std::fs::read(&bench.path).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    // The open ledger has hashed the old bytes; the disk gives others now.
    std::fs::write(&bench.path, &bytes).unwrap();
    let dir = bench.dir.path().join("log");
    assert!(matches!(
        publish(&ledger, &dir),
        Err(PublishError::Damaged { .. })
    ));
    assert_eq!(files(&dir).len(), 0);
}

#[test]
fn what_is_missing_or_changed_in_a_directory_is_named() {
    let bench = Bench::new();
    let mut ledger = bench.create(LookupMode::Public);
    grow(&bench, &mut ledger, 600);
    let dir = bench.dir.path().join("log");
    publish(&ledger, &dir).unwrap();
    let key = &ledger.header().verifier;
    let read = || -> Result<usize, PublishedError> {
        let log = PublishedLog::open(Directory::at(&dir), key)?;
        published::header(&Directory::at(&dir), key)?;
        let entries: Result<Vec<_>, TileTreeError> = log.entries().collect();
        Ok(entries?.len())
    };
    assert_eq!(read().unwrap(), 600);
    for (path, bytes) in files(&dir) {
        if path == "log.vkey" {
            continue;
        }
        let mut changed = bytes.clone();
        *changed.last_mut().unwrap() ^= 1;
        for bad in [
            changed,
            bytes[..bytes.len() - 1].to_vec(),
            [&bytes[..], &[0]].concat(),
        ] {
            std::fs::write(dir.join(&path), bad).unwrap();
            assert!(read().is_err(), "{path}");
        }
        std::fs::remove_file(dir.join(&path)).unwrap();
        match read().unwrap_err() {
            PublishedError::Missing { path: missing } => assert!(missing.ends_with(&path)),
            PublishedError::Tiles(TileTreeError::Absent { tile }) => assert_eq!(tile.to_string(), path),
            other => panic!("{path}: {other}"),
        }
        std::fs::write(dir.join(&path), bytes).unwrap();
    }
    let entries = Tile::of_log(TileKind::Entries, 1, TreeSize(600)).unwrap();
    std::fs::remove_file(dir.join(entries.to_string())).unwrap();
    let log = PublishedLog::open(Directory::at(&dir), key).unwrap();
    // The entries before are read, the error comes once, and then it ends.
    let all: Vec<_> = log.entries().collect();
    assert_eq!(
        (all.len(), all.iter().filter(|one| one.is_err()).count()),
        (257, 1)
    );
    assert!(all[256].is_err());
}

/// What a disk did to a published directory is mended from the ledger when it is asked for, and never before.
#[test]
fn a_published_file_with_other_bytes_is_replaced_only_by_a_publisher_that_mends() {
    let bench = Bench::new();
    let mut ledger = bench.create(LookupMode::Public);
    grow(&bench, &mut ledger, 300);
    let dir = bench.dir.path().join("www");
    publish(&ledger, &dir).unwrap();
    let good = files(&dir);
    let mend = || {
        let mut publisher = Publisher::open_to_mend(&ledger, &dir, 0)?;
        publisher.write_tiles()?;
        publisher.finish(ledger.checkpoint().note())
    };
    for name in [
        "tile/entries/000",
        "tile/0/000",
        "tile/0/001.p/44",
        "log.header",
        "checkpoint",
    ] {
        let path = dir.join(name);
        let longer = [&good[name], b"\xff\xff".as_slice()].concat();
        let mut changed = good[name].clone();
        changed[good[name].len() / 2] ^= 1;
        for bad in [Some(longer), Some(changed), None] {
            match &bad {
                Some(bytes) => std::fs::write(&path, bytes).unwrap(),
                None => std::fs::remove_file(&path).unwrap(),
            }
            let replaced = mend().unwrap().replaced;
            let is_counted = bad.is_some() && name != "checkpoint";
            assert_eq!(replaced, u64::from(is_counted), "{name}");
            assert_eq!(files(&dir), good, "{name}");
        }
    }
    assert_eq!(mend().unwrap().replaced, 0);
    // A directory that names another log, or none, is left alone.
    let other = Bench::new();
    let new = NewLedger {
        origin: "example.org/other",
        mode: LookupMode::Public,
        arbiters: &[],
        key_seed: [8; 32],
        secret: [3; 32],
        now: later(0),
    };
    let theirs = LedgerFile::create(&other.path, &other.places, &new).unwrap();
    let refused = Publisher::open_to_mend(&theirs, &dir, 0).unwrap_err();
    assert!(matches!(refused, PublishError::OtherLog), "{refused}");
    let empty = bench.dir.path().join("empty");
    let refused = Publisher::open_to_mend(&ledger, &empty, 0).unwrap_err();
    assert!(matches!(refused, PublishError::OtherLog), "{refused}");
}

/// Who holds an older checkpoint is served from the partial tiles of that size.
#[test]
fn partial_tiles_of_older_checkpoints_are_compared_and_mended_too() {
    let bench = Bench::new();
    let mut ledger = bench.create(LookupMode::Public);
    let dir = bench.dir.path().join("www");
    for size in [3, 4, 257, 258, 259] {
        grow(&bench, &mut ledger, size);
        publish(&ledger, &dir).unwrap();
    }
    let good = files(&dir);
    let older = [
        "tile/entries/001.p/1",
        "tile/entries/001.p/2",
        "tile/0/001.p/1",
        "tile/0/001.p/2",
    ];
    for name in older {
        let mut changed = good[name].clone();
        changed[10] ^= 1;
        std::fs::write(dir.join(name), changed).unwrap();
    }
    let mend = || {
        let mut publisher = Publisher::open_to_mend(&ledger, &dir, 0).unwrap();
        publisher.write_tiles().unwrap();
        publisher.finish(ledger.checkpoint().note()).unwrap().replaced
    };
    assert_eq!(mend(), 4);
    assert_eq!(files(&dir), good);
    // One that a full tile has replaced, and that was not removed.
    let left = dir.join("tile/entries/000.p/4");
    std::fs::create_dir_all(left.parent().unwrap()).unwrap();
    std::fs::write(&left, b"other").unwrap();
    assert_eq!((mend(), mend()), (1, 0));
    assert!(good["tile/entries/000"].starts_with(&std::fs::read(&left).unwrap()));
}

/// A rewritten or older ledger is a contradiction, as README's exit codes say; the directory is not the world failing.
#[test]
fn a_fork_or_an_older_copy_that_would_be_published_ends_with_exit_code_1() {
    let home = super::run::Home::with_key();
    let ledger = home.path("home/data/default.ledger");
    let sign = |name: &str| {
        home.fixture(&format!("images/{name}.jpg"));
        home.ok(["sign", &format!("{name}.jpg"), "--source", "ai"]);
    };
    sign("lighthouse");
    let older = std::fs::read(&ledger).unwrap();
    sign("gradient");
    home.ok(["ledger", "publish", "www"]);
    // The log's keeper writes another history with its key, where no mark is.
    std::fs::write(&ledger, older).unwrap();
    std::fs::remove_dir_all(home.path("home/state")).unwrap();
    let newer = home.run(["ledger", "publish", "www"]);
    assert_eq!(code(&newer), 1, "{}", both(&newer));
    home.fixture("images/gradient.png");
    home.ok(["sign", "gradient.png", "--source", "ai"]);
    let forked = home.run(["ledger", "publish", "www"]);
    assert_eq!(code(&forked), 1, "{}", both(&forked));
    assert!(both(&forked).contains("another history"), "{}", both(&forked));
}

/// What is said of a directory is what became of it: nothing is written before a refusal, and a mended checkpoint is named.
#[test]
fn a_refused_directory_is_untouched_and_a_mended_checkpoint_is_told() {
    let home = super::run::Home::with_key();
    home.fixture("images/lighthouse.jpg");
    let sign = |to: &str| home.ok(["sign", "lighthouse.jpg", "-o", to, "--source", "human"]);
    sign("a.jpg");
    home.ok(["ledger", "publish", "www"]);
    sign("b.jpg");
    let names = || {
        let mut names: Vec<_> = walkdir(&home.path("www"));
        names.sort();
        names
    };
    for name in ["log.vkey", "log.header"] {
        let good = std::fs::read(home.path("www").join(name)).unwrap();
        std::fs::write(home.path("www").join(name), [&good[..], b"x"].concat()).unwrap();
        let before = names();
        let output = home.run(["ledger", "publish", "www"]);
        let text = both(&output);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            text.contains("no file that stood in this one was changed"),
            "{text}"
        );
        assert_eq!(names(), before, "{name}");
        std::fs::write(home.path("www").join(name), good).unwrap();
    }
    home.ok(["ledger", "publish", "www"]);
    std::fs::write(home.path("www/checkpoint"), "garbage\n").unwrap();
    let text = home.ok(["ledger", "publish", "--mend", "www"]);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("the checkpoint was damaged"), "{text}");
    assert!(text.contains("were replaced: 1"), "{text}");
    assert!(!text.contains("a new directory"), "{text}");
    let text = home.ok(["ledger", "publish", "--mend", "www"]);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("no file had other bytes"), "{text}");
}

/// Every file below a folder.
fn walkdir(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let (mut folders, mut files) = (vec![folder.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let list = if path.is_dir() { &mut folders } else { &mut files };
            list.push(path);
        }
    }
    files
}
