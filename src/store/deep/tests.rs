//! Deep records: kept beside the ledger, searched with their runs and without, and never believed alone.

use super::*;
use crate::base::local::{LocalPoint, POINTS_MAX, SKETCH_LEN, TABLES};
use crate::ledger::LookupMode;
use crate::store::ledger_file::{NewLedger, Places};
use crate::store::samples_for_tests::NOW;

struct Bench {
    _dir: tempfile::TempDir,
    path: PathBuf,
    places: Places,
}

impl Bench {
    fn new(mode: LookupMode, origin: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let places = Places {
            log_key: dir.path().join("log.key"),
            state: dir.path().join("state"),
        };
        let path = dir.path().join("a.ledger");
        let new = NewLedger {
            origin,
            mode,
            arbiters: &[],
            key_seed: [7; 32],
            secret: [8; 32],
            now: NOW,
        };
        LedgerFile::create(&path, &places, &new).unwrap();
        Self {
            _dir: dir,
            path,
            places,
        }
    }

    fn public() -> Self {
        Self::new(LookupMode::Public, "deep.example/a")
    }

    fn write(&self) -> LedgerFile {
        LedgerFile::open_write(&self.path, &self.places, 1000).unwrap()
    }

    fn add(&self, range: std::ops::Range<u64>) {
        let records: Vec<DeepRecord> = range.map(record).collect();
        self.write().append_deep(&records).unwrap();
    }

    fn deep(&self) -> Deep {
        LedgerFile::open_read(&self.path, None)
            .unwrap()
            .deep()
            .unwrap()
            .unwrap()
    }

    fn file(&self) -> PathBuf {
        path(&self.path)
    }

    fn runs(&self) -> Vec<String> {
        let folder = std::fs::read_dir(index::folder(&self.path)).unwrap();
        let names = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut runs: Vec<String> = names.filter(|name| name.starts_with("looks-")).collect();
        runs.sort();
        runs
    }
}

/// A record whose points no other number gives.
fn record(number: u64) -> DeepRecord {
    let point = |at: u64| {
        let digest = Digest::of(&[number.to_le_bytes(), at.to_le_bytes()].concat());
        LocalPoint {
            x: u16::try_from(at * 50).unwrap(),
            y: 7,
            size: 32,
            turn: 200,
            bits: *digest.as_bytes().first_chunk().unwrap(),
        }
    };
    DeepRecord {
        index: LeafIndex(number + 1),
        file: Digest::of(&number.to_le_bytes()),
        print: LocalPrint {
            size: (512, 384),
            points: (0..40 + number % 8).map(point).collect(),
            sketch: [u8::try_from(number % 251).unwrap(); SKETCH_LEN],
        },
    }
}

/// Asks for the points of a record as they are.
fn probes(record: &DeepRecord) -> Vec<Probe> {
    let mut probes = Vec::new();
    for (number, point) in (0u8..).zip(&record.print.points) {
        for table in 0..TABLES {
            let (key, check) = point.key(table);
            probes.push(Probe {
                table,
                key,
                check,
                point: number,
                group: 0,
            });
        }
    }
    probes
}

#[test]
fn a_print_is_its_bytes_and_no_others_are_one() {
    for number in [0, 7, 99] {
        let print = record(number).print;
        let bytes = print.to_bytes();
        assert_eq!(bytes.len(), LocalPrint::LEN);
        assert_eq!(LocalPrint::parse(&bytes), Some(print));
        assert_eq!(LocalPrint::parse(&bytes[1..]), None);
        let mut many = bytes.clone();
        many[4..8].copy_from_slice(&u32::try_from(POINTS_MAX + 1).unwrap().to_le_bytes());
        assert_eq!(LocalPrint::parse(&many), None);
        let mut rest = bytes.clone();
        rest[LocalPrint::LEN - SKETCH_LEN - 1] = 1;
        assert_eq!(LocalPrint::parse(&rest), None, "what is after the points is zero");
    }
    let print = record(3).print;
    assert_eq!((print.tone(0, 0), print.tone(31, 31)), (0, 3));
}

#[test]
fn keys_and_checks_of_one_table_share_no_bit() {
    for table in 0..TABLES {
        let mut seen = 0u128;
        for place in 0..128 {
            let mut point = LocalPoint::default();
            point.bits[place / 8] = 1 << (place % 8);
            let (key, check) = point.key(table);
            let used = key.count_ones() + check.count_ones();
            assert!(used <= 1, "bit {place} of table {table} is used twice");
            seen |= u128::from(used) << place;
        }
        assert_eq!(seen.count_ones(), 56);
        assert_eq!(LocalPoint::key_places(table).len(), 24);
    }
}

#[test]
fn there_are_none_until_some_are_kept() {
    let bench = Bench::public();
    let ledger = LedgerFile::open_read(&bench.path, None).unwrap();
    assert!(ledger.deep().unwrap().is_none());
    let mut reader = ledger;
    assert!(matches!(
        reader.append_deep(&[record(0)]),
        Err(StoreError::ReadOnly)
    ));
    assert!(!bench.file().exists());
    bench.add(0..3);
    let deep = bench.deep();
    assert_eq!(deep.pictures(), 3);
    assert_eq!(deep.record(2), Some(record(2)));
    assert_eq!(deep.record(3), None);
    // So few are looked at one by one.
    assert_eq!(deep.candidates(&probes(&record(1)), 10), [0, 1, 2]);
}

#[test]
fn a_private_ledger_keeps_none() {
    let bench = Bench::new(LookupMode::Private, "deep.example/a");
    assert!(matches!(
        bench.write().append_deep(&[record(0)]),
        Err(StoreError::ReadOnly)
    ));
    assert!(!bench.file().exists());
    // Nor does it read what was put there.
    let public = Bench::public();
    public.add(0..1);
    std::fs::copy(public.file(), bench.file()).unwrap();
    let ledger = LedgerFile::open_read(&bench.path, None).unwrap();
    assert!(ledger.deep().unwrap().is_none());
}

#[test]
fn a_torn_record_is_passed_over_and_written_over() {
    let bench = Bench::public();
    bench.add(0..5);
    let whole = std::fs::read(bench.file()).unwrap();
    for cut in [1, 700, RECORD_LEN - 1] {
        std::fs::write(bench.file(), &whole[..whole.len() - cut]).unwrap();
        assert_eq!(bench.deep().pictures(), 4, "{cut}");
        bench.add(4..6);
        assert_eq!(bench.deep().pictures(), 6);
        assert_eq!(bench.deep().record(5), Some(record(5)));
        std::fs::write(bench.file(), &whole).unwrap();
    }
    // A damaged one hides itself and no other.
    let mut damaged = whole.clone();
    damaged[HEAD_LEN + 2 * RECORD_LEN + 100] ^= 1;
    std::fs::write(bench.file(), &damaged).unwrap();
    let deep = bench.deep();
    assert_eq!((deep.record(2), deep.record(3)), (None, Some(record(3))));
}

#[test]
fn the_records_of_another_ledger_are_refused() {
    let (bench, other) = (Bench::public(), Bench::new(LookupMode::Public, "deep.example/b"));
    other.add(0..2);
    std::fs::copy(other.file(), bench.file()).unwrap();
    let ledger = LedgerFile::open_read(&bench.path, None).unwrap();
    assert!(matches!(ledger.deep(), Err(StoreError::Deep { .. })));
    assert!(bench.write().append_deep(&[record(0)]).is_err());
    assert_eq!(
        std::fs::read(bench.file()).unwrap(),
        std::fs::read(other.file()).unwrap()
    );
    for short in [0, 10, HEAD_LEN - 1] {
        std::fs::write(bench.file(), vec![0; short]).unwrap();
        assert!(
            LedgerFile::open_read(&bench.path, None).unwrap().deep().is_err(),
            "{short}"
        );
    }
}

#[test]
fn records_are_found_through_runs_as_without_them() {
    let bench = Bench::public();
    bench.add(0..255);
    bench.add(255..300);
    assert_eq!(bench.runs(), ["looks-0-256.v1"]);
    let finds = |number: u64| {
        let found = bench.deep().candidates(&probes(&record(number)), 4);
        // Those that no run covers come after.
        let first = found.first().copied();
        (first == Some(number), found.len())
    };
    for number in [0, 17, 255] {
        assert_eq!(finds(number), (true, 45), "{number}");
    }
    bench.add(300..1024 + 256);
    assert_eq!(
        bench.runs(),
        ["looks-0-1024.v1", "looks-1024-256.v1"],
        "larger runs take in smaller ones"
    );
    for number in [0, 17, 255, 700, 1023, 1279] {
        assert_eq!(finds(number), (true, 1), "{number}");
    }
    // Without a run, one by one; the next writer makes it anew.
    let run = index::folder(&bench.path).join("looks-0-1024.v1");
    let good = std::fs::read(&run).unwrap();
    std::fs::remove_file(&run).unwrap();
    assert_eq!(bench.deep().candidates(&probes(&record(5)), 4).len(), 1024);
    drop(bench.write());
    assert_eq!(std::fs::read(&run).unwrap(), good);
    // A damaged run is passed over, or names the wrong records, which are compared before they count.
    for at in [0, 20, 50, 82, 90] {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        std::fs::write(&run, &bytes).unwrap();
        let found = bench.deep().candidates(&probes(&record(5)), 4).len();
        assert!(found == 1024 || at == 90, "{at}: {found}");
    }
    for len in [0, 95, 96, good.len() - 1] {
        std::fs::write(&run, &good[..len]).unwrap();
        assert_eq!(
            bench.deep().candidates(&probes(&record(5)), 4).len(),
            1024,
            "{len}"
        );
    }
    for at in (96..good.len()).step_by(good.len() / 40) {
        let mut bytes = good.clone();
        bytes[at] ^= 0xff;
        std::fs::write(&run, &bytes).unwrap();
        let _ = bench.deep().candidates(&probes(&record(5)), 4);
    }
}

#[test]
fn the_runs_of_other_records_are_not_used() {
    let (bench, other) = (Bench::public(), Bench::public());
    bench.add(0..256);
    other.add(1000..1256);
    let name = "looks-0-256.v1";
    std::fs::copy(
        index::folder(&other.path).join(name),
        index::folder(&bench.path).join(name),
    )
    .unwrap();
    assert_eq!(bench.deep().candidates(&probes(&record(5)), 4).len(), 256);
}

#[test]
fn votes_of_one_point_count_once_and_of_two_groups_apart() {
    let bench = Bench::public();
    bench.add(0..256);
    let all = probes(&record(9));
    let one: Vec<Probe> = all.iter().filter(|probe| probe.point == 3).copied().collect();
    assert!(one.len() >= 2);
    assert!(
        bench.deep().candidates(&one, 4).is_empty(),
        "one point is not enough"
    );
    let apart: Vec<Probe> = all
        .iter()
        .filter(|probe| probe.point < 2)
        .map(|probe| Probe {
            group: probe.point,
            ..*probe
        })
        .collect();
    assert!(bench.deep().candidates(&apart, 4).is_empty());
    let two: Vec<Probe> = all.iter().filter(|probe| probe.point < 2).copied().collect();
    assert_eq!(bench.deep().candidates(&two, 4), [9]);
}
