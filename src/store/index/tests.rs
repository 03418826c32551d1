//! The files of an index: what is written is found again, whatever was merged, cut short or damaged.

use super::*;

/// A stand-in for entry `n`: its leaf, and records under three topics, one of them shared by 1,000 entries.
fn add(index: &mut Index, n: u64) {
    index.add(offset(n), leaf(n), None);
    for key in keys(n) {
        index.late.add(Record::new(key, n));
    }
}

fn offset(n: u64) -> u64 {
    4296 + n * 640
}

fn leaf(n: u64) -> LeafHash {
    LeafHash::of(&n.to_le_bytes())
}

fn keys(n: u64) -> [RecordKey; 3] {
    [
        RecordKey::entry(&leaf(n)),
        RecordKey::new(Topic::File, Digest::of(&n.to_be_bytes()).as_bytes()),
        RecordKey::new(Topic::Pixel, Digest::of(&(n / 1000).to_be_bytes()).as_bytes()),
    ]
}

/// The commit that follows entry `n - 1`.
fn commit(n: u64) -> u64 {
    offset(n) + 7
}

const TIME: Timestamp = Timestamp::from_unix_ms(1_780_000_000_000);

struct Bench {
    dir: tempfile::TempDir,
    ledger: PathBuf,
}

impl Bench {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let ledger = dir.path().join("x.ledger");
        Self { dir, ledger }
    }

    /// A writer that appends up to `end` in batches and closes.
    fn write(&self, end: u64, batch: u64) {
        let access = Access::Write(&self.ledger);
        let mut index = Index::open(access).map_or_else(|| Index::empty(access), |(index, _)| index);
        let mut n = index.size().0;
        while n < end {
            for _ in 0..batch.min(end - n) {
                add(&mut index, n);
                n += 1;
            }
            index.recorded(commit(n), TIME);
        }
        index.close(commit(n), TIME);
    }

    fn read(&self) -> Option<(Index, Covered)> {
        Index::open(Access::Read(&self.ledger))
    }

    fn files(&self) -> Vec<String> {
        let mut names = names(&folder(&self.ledger));
        names.sort();
        names
    }
}

/// Every entry of a sample is found under all of its keys, with its place; nothing is found that is not there.
fn check(index: &Index, size: u64) {
    assert_eq!(index.size().0, size);
    for n in (0..size).step_by(271).chain([size - 1]) {
        let [entry, file, pixel] = keys(n);
        for key in [entry, file] {
            assert_eq!(index.candidates(key), [LeafIndex(n)], "entry {n} of {size}");
        }
        let shared = (n / 1000 * 1000..(n / 1000 + 1) * 1000).filter(|other| *other < size);
        assert_eq!(index.candidates(pixel), shared.map(LeafIndex).collect::<Vec<_>>());
        assert_eq!(index.offset(LeafIndex(n)), Some(offset(n)));
        assert_eq!(index.places.leaf(n), Some(leaf(n)));
    }
    for n in size..size + 200 {
        assert_eq!(index.candidates(keys(n)[0]), []);
        assert_eq!(index.candidates(keys(n)[1]), []);
    }
    assert_eq!(index.offset(LeafIndex(size)), None);
}

#[test]
fn what_many_writers_wrote_is_found_in_few_runs() {
    let bench = Bench::new();
    let mut size = 0;
    for step in [600, 700, 30_000, 512, 5000, 100_000, 513, 20_000, 600] {
        size += step;
        bench.write(size, 900);
        let (index, covered) = bench.read().unwrap();
        check(&index, size);
        assert_eq!(
            (covered.size.0, covered.commit, covered.latest),
            (size, commit(size), TIME)
        );
        assert!(index.runs.len() <= 3, "{size}: {:?}", index.runs);
        for pair in index.runs.windows(2) {
            assert!(pair[0].info().entries() >= RUN_RATIO * pair[1].info().entries());
        }
        // Files that no head names are gone.
        assert_eq!(bench.files().len(), index.runs.len() + 2, "{:?}", bench.files());
    }
    let mut model = CompactRange::new();
    (0..size).for_each(|n| model.push(leaf(n)));
    assert_eq!(bench.read().unwrap().0.range(), &model);
}

#[test]
fn a_writer_that_stays_open_holds_little_in_memory_and_finds_all_the_same() {
    let bench = Bench::new();
    let mut index = Index::empty(Access::Write(&bench.ledger));
    for n in 0..70_000 {
        add(&mut index, n);
        if n % 1000 == 999 {
            index.recorded(commit(n + 1), TIME);
            assert!(index.size().0 - index.written() < WRITE_AT);
        }
    }
    check(&index, 70_000);
    // A reader sees what the last head names; the rest it would scan.
    let (read, covered) = bench.read().unwrap();
    check(&read, covered.size.0);
    assert!(covered.size.0 > 50_000);
}

#[test]
fn a_scan_writes_out_what_two_commits_cover_and_forgets_what_none_does() {
    let bench = Bench::new();
    let mut index = Index::empty(Access::Write(&bench.ledger));
    for n in 0..50_000 {
        add(&mut index, n);
        if n % 5000 == 4999 {
            index.committed();
            assert!(index.size().0 - index.written() <= WRITE_AT + 2 * 5000);
        }
    }
    (0..77).for_each(|n| add(&mut index, 50_000 + n));
    assert!(index.written() >= 30_000 && index.written() <= 45_000);
    assert!(bench.read().is_none(), "no head names what a scan wrote");
    assert!(index.settle(TreeSize(45_000)));
    check(&index, 45_000);
    index.close(commit(45_000), TIME);
    check(&bench.read().unwrap().0, 45_000);
}

#[test]
fn an_interrupted_writing_changes_nothing_and_is_cleared_up_by_the_next() {
    let bench = Bench::new();
    bench.write(20_000, 500);
    let before = bench.files();
    let access = Access::Write(&bench.ledger);
    let (mut index, _) = Index::open(access).unwrap();
    (20_000..23_000).for_each(|n| add(&mut index, n));
    index.late.sort();
    // The process ends between writing the run and writing the head.
    index.write(23_000).unwrap();
    drop(index);
    assert!(bench.files().len() > before.len());
    check(&bench.read().unwrap().0, 20_000);
    std::fs::write(folder(&bench.ledger).join("tile"), b"not ours").unwrap();
    std::fs::write(folder(&bench.ledger).join(FORMER_NAME), b"of an earlier version").unwrap();
    bench.write(25_000, 500);
    check(&bench.read().unwrap().0, 25_000);
    let files = bench.files();
    assert_eq!(
        [&files[..2], &files[3..]].concat(),
        ["head.v2", "places-1", "tile"]
    );
    assert!(files[2].starts_with("run-"), "{files:?}");
}

#[test]
fn a_reader_keeps_what_it_opened_while_a_writer_replaces_it() {
    let bench = Bench::new();
    bench.write(3000, 500);
    let (index, _) = bench.read().unwrap();
    bench.write(60_000, 4000);
    check(&index, 3000);
    std::fs::remove_dir_all(folder(&bench.ledger)).unwrap();
    check(&index, 3000);
    assert!(bench.read().is_none());
}

#[test]
fn files_that_are_damaged_or_missing_are_not_opened() {
    let bench = Bench::new();
    bench.write(20_000, 500);
    for name in bench.files() {
        let path = folder(&bench.ledger).join(&name);
        let good = std::fs::read(&path).unwrap();
        let cut = &good[..good.len() - 1];
        std::fs::write(&path, cut).unwrap();
        assert!(bench.read().is_none(), "{name} cut");
        let mut fences = good.clone();
        let at = good.len() - 70;
        fences[at] ^= 1;
        std::fs::write(&path, &fences).unwrap();
        assert!(
            bench.read().is_none() || name.starts_with("places"),
            "{name} changed"
        );
        std::fs::remove_file(&path).unwrap();
        assert!(bench.read().is_none(), "{name} missing");
        std::fs::write(&path, &good).unwrap();
    }
    check(&bench.read().unwrap().0, 20_000);
}

#[test]
fn a_changed_record_hides_at_most_what_it_was_and_is_noticed_when_its_run_is_merged() {
    let bench = Bench::new();
    bench.write(2000, 500);
    let path = folder(&bench.ledger).join("run-2");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[16 * 1000 + 5] ^= 0x10;
    std::fs::write(&path, &bytes).unwrap();
    let (index, _) = bench.read().unwrap();
    let missed = (0..2000).filter(|n| index.candidates(keys(*n)[0]) != [LeafIndex(*n)]);
    assert!(missed.count() <= 1);
    bench.write(3000, 500);
    assert!(bench.read().is_none(), "the next opening makes a new index");
    bench.write(3000, 500);
    check(&bench.read().unwrap().0, 3000);
}

#[test]
fn where_nothing_can_be_written_all_stays_in_memory() {
    let bench = Bench::new();
    std::fs::write(folder(&bench.ledger), b"a file where the folder should be").unwrap();
    let mut index = Index::empty(Access::Write(&bench.ledger));
    (0..40_000).for_each(|n| {
        add(&mut index, n);
        if n % 1000 == 999 {
            index.recorded(commit(n + 1), TIME);
        }
    });
    index.close(commit(40_000), TIME);
    check(&index, 40_000);
    assert_eq!(std::fs::read_dir(bench.dir.path()).unwrap().count(), 1);
}

#[test]
fn a_topic_is_one_bit_and_keys_of_two_topics_differ() {
    let hash = [0xff; 32];
    let keys = [Topic::Asset, Topic::Pixel].map(|topic| RecordKey::new(topic, &hash));
    assert!(keys[0].last() < keys[1].first());
    assert_eq!(
        Record::from_bytes(Record::new(keys[0], 77).to_bytes()).index(),
        77
    );
}
