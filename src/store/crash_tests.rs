//! Interrupted writing on the simulated disk: whatever a power cut leaves, all that was acknowledged is there, nothing that
//! was not written is, and the next writer goes on.
//!
//! `BYLINE_CRASH_STATES=N` sets how many states are tried (`tests/judges/crash.sh` takes a million and more).

use super::*;
use crate::base::Digest;
use crate::keys::CreatorKey;
use crate::ledger::audit::{Options, audit};
use crate::ledger::scan::Scan;
use crate::ledger::{KeyName, LookupMode, TreeSize};
use crate::store::samples_for_tests::{self as samples, NOW};
use crate::store::sim::{Cut, Event, Fate, Faults, Lot, Moment, SimDisk, moments};

fn log_key() -> LogKey {
    LogKey::new(
        KeyName::parse("example.org/crash").unwrap(),
        CreatorKey::from_seed(&[2; 32]),
    )
}

fn creator() -> CreatorKey {
    CreatorKey::from_seed(&[1; 32])
}

fn incept() -> Entry {
    samples::incept(&creator())
}

fn register(n: u8) -> Entry {
    samples::register(&creator(), n, Digest::of(&[n]))
}

/// A new ledger's bytes: header and a commit of nothing.
fn start() -> Vec<u8> {
    let header = Header::write(&log_key(), NOW, LookupMode::Public, &[]).unwrap();
    append::first_commit(&header, &log_key(), NOW)
}

fn open(
    disk: &SimDisk,
    mark: Option<&VerifiedCheckpoint>,
    kept: &mut Vec<(u64, Vec<u8>)>,
) -> Result<Journal, StoreError> {
    let header = read_header(disk)?;
    let mut set_aside = |offset: u64, bytes: &[u8]| {
        kept.push((offset, bytes.to_vec()));
        Ok(PathBuf::from("torn"))
    };
    let disk = Box::new(disk.clone());
    let mut journal = Journal::open_write(disk, &header, mark, Access::None, &mut set_aside)?;
    journal.room_len = 4096;
    Ok(journal)
}

/// What one writer did: the file before, the events, and the file in the end.
struct Record {
    start: Vec<u8>,
    events: Vec<Event>,
    end: Vec<u8>,
}

impl Record {
    /// Judges `count` states, some of them by an audit; returns how many there were.
    fn survives(&self, sector: usize, count: u64) -> u64 {
        let mut n = 0u64;
        states(&moments(&self.start, &self.events, sector), count, 1, |cut| {
            n += 1;
            let judged = judge(&cut, &self.end, n.is_multiple_of(16));
            assert_eq!(judged, Ok(()), "state {n} of sectors of {sector}");
        })
    }
}

/// A writer that opens a file, appends the batches one commit each, and closes.
fn record(start: &[u8], mark: Option<&VerifiedCheckpoint>, batches: &[Vec<Entry>]) -> Record {
    let disk = SimDisk::new(start, Faults::default());
    if let Some(mark) = mark {
        disk.acknowledge(mark);
    }
    let mut journal = open(&disk, mark, &mut Vec::new()).unwrap();
    disk.acknowledge(journal.checkpoint());
    for batch in batches {
        journal.append(batch, &log_key(), NOW).unwrap();
        disk.acknowledge(journal.checkpoint());
    }
    drop(journal);
    Record {
        start: start.to_vec(),
        events: disk.events(),
        end: disk.seen(),
    }
}

/// Four commits: the second one is large, and after the first there is room.
fn usual() -> Record {
    let batches = [
        vec![incept()],
        (1..5).map(register).collect(),
        vec![register(5)],
        vec![register(6), register(7)],
    ];
    record(&start(), None, &batches)
}

/// Why a state is not what it should be.
type Wrong = String;

/// Opens a state as the next writer does, and goes on.
fn judge(cut: &Cut, end: &[u8], is_audited: bool) -> Result<(), Wrong> {
    let disk = SimDisk::new(&cut.bytes, Faults::default());
    let mut kept = Vec::new();
    let mut journal = open(&disk, cut.mark.as_ref(), &mut kept).map_err(|error| error.to_string())?;
    let acknowledged = cut.acknowledged.as_ref().map_or(0, |one| one.size().0);
    let size = journal.checkpoint().size().0;
    if size < acknowledged {
        return Err(format!(
            "{acknowledged} entries were acknowledged, {size} are left"
        ));
    }
    let edge = journal.edge.end as usize;
    let medium = disk.medium();
    if medium.get(..edge) != end.get(..edge) {
        return Err(format!("the first {edge} bytes are not what was written"));
    }
    let tail = cut.bytes.get(edge..).unwrap_or_default();
    let tail_len = tail
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |last| last + 1);
    match kept.as_slice() {
        [] if tail_len == 0 => {}
        [(offset, bytes)]
            if *offset as usize == edge
                && tail.starts_with(bytes)
                && bytes.len() >= tail_len
                && medium.len() == edge => {}
        _ => return Err(format!("{tail_len} bytes after {edge} were not set aside")),
    }
    if is_audited {
        let batch = if size == 0 { incept() } else { register(200) };
        journal
            .append(&[batch], &log_key(), NOW)
            .map_err(|error| error.to_string())?;
        drop(journal);
        audited(&disk.medium(), size + 1)?;
    }
    Ok(())
}

fn audited(bytes: &[u8], size: u64) -> Result<(), Wrong> {
    let options = Options::default();
    let audit = audit(bytes, &options, &mut |_| ()).unwrap();
    if audit.findings.is_empty() && audit.size.0 == size {
        Ok(())
    } else {
        Err(format!(
            "{} entries, wanted {size}: {:?}",
            audit.size, audit.findings
        ))
    }
}

/// States at all moments together: every one where they are few, else a scatter of those that lose little, much, or half.
fn states(moments: &[Moment], count: u64, seed: u64, mut judge: impl FnMut(Cut)) -> u64 {
    let mut lot = Lot(seed);
    let mut tried = 0;
    let mut moments: Vec<&Moment> = moments.iter().collect();
    moments.sort_by_key(|moment| moment.pieces());
    for (n, moment) in moments.iter().enumerate() {
        let share = (count.saturating_sub(tried) / (moments.len() - n) as u64).max(1);
        let pieces = moment.pieces() as u32;
        let all = 4u64.checked_pow(pieces).filter(|all| *all <= share);
        for number in 0..all.unwrap_or(share) {
            let mut draw = lot.clone();
            // One lost sector at each place first, then by lot.
            let odds = [1, 8, 32, 56, 63][(lot.next() % 5) as usize];
            let fate = |n: usize| match all {
                Some(_) => Fate::ALL[(number >> (2 * n)) as usize % 4],
                None if number < 3 * u64::from(pieces) => {
                    Fate::ALL[if n as u64 == number / 3 {
                        1 + number as usize % 3
                    } else {
                        0
                    }]
                }
                None if draw.next() % 64 < odds => Fate::ALL[1 + (draw.next() % 3) as usize],
                None => Fate::New,
            };
            judge(moment.state(fate, &mut lot));
            tried += 1;
        }
    }
    tried
}

fn states_wanted() -> u64 {
    let set = std::env::var("BYLINE_CRASH_STATES").ok();
    set.and_then(|text| text.parse().ok()).unwrap_or(2000)
}

/// A second writer opens what a power cut left in the middle of the large append, and goes on.
fn second(first: &Record) -> Record {
    let all = moments(&first.start, &first.events, 512);
    let torn = all.iter().rev().find(|moment| moment.pieces() > 4).unwrap();
    let cut = torn.state(|n| Fate::ALL[n % 2], &mut Lot(1));
    let batches = [vec![register(100)], vec![register(101)]];
    record(&cut.bytes, cut.acknowledged.as_ref(), &batches)
}

#[test]
#[expect(clippy::print_stderr, reason = "the figure is the evidence of a long run")]
fn no_power_cut_loses_an_acknowledged_entry_or_adds_one() {
    let first = usual();
    let second = second(&first);
    let wanted = states_wanted();
    let mut tried = 0;
    // Sectors of 512 bytes have few states here; smaller ones have as many as are wanted.
    for sector in [512, 64] {
        let count = wanted.saturating_sub(tried) / 2;
        let all = std::thread::scope(|scope| {
            [&first, &second]
                .map(|record| scope.spawn(move || record.survives(sector, count)))
                .map(|thread| thread.join().unwrap())
        });
        tried += all.iter().sum::<u64>();
    }
    eprintln!("{tried} states after a power cut: no acknowledged entry lost");
    assert!(tried >= wanted * 9 / 10, "{tried}");
}

#[test]
fn no_second_power_cut_while_the_first_is_cleared_up_loses_more() {
    let first = usual();
    let mut tried = 0;
    states(
        &moments(&first.start, &first.events, 512),
        states_wanted() / 40,
        2,
        |cut| {
            let second = record(&cut.bytes, cut.mark.as_ref(), &[]);
            let again = moments(&second.start, &second.events, 512);
            tried += states(&again, 20, tried, |mut again| {
                // What the first cut spared was acknowledged before, whatever mark is left of it.
                if again.acknowledged.is_none() {
                    again.acknowledged.clone_from(&cut.acknowledged);
                }
                assert_eq!(judge(&again, &second.end, false), Ok(()));
            });
        },
    );
    assert!(tried > states_wanted() / 10, "{tried}");
}

/// The suite itself is tested: a disk that only says it synced must fail it.
#[test]
fn without_sync_entries_are_lost() {
    let mut usual = usual();
    usual.events.retain(|event| !matches!(event, Event::Sync));
    let (mut lost, mut n) = (0, 0);
    states(&moments(&usual.start, &usual.events, 512), 400, 3, |cut| {
        n += 1;
        lost += u32::from(judge(&cut, &usual.end, false).is_err());
    });
    assert!(lost > n / 3, "{lost} of {n}");
}

/// Who believes any commit that is signed, and neither hashes nor sums the bytes before it, takes torn batches for whole.
#[test]
fn without_root_and_crc_torn_batches_pass() {
    let usual = usual();
    let header = Header::parse(&usual.start[..4096]).unwrap();
    let (mut wrong, mut right) = (0, 0);
    states(&moments(&usual.start, &usual.events, 512), 400, 4, |cut| {
        let mut scan = Scan::resume(&cut.bytes[4096..], 4096);
        let mut last = 0;
        while let Some((offset, _)) = scan.seek_signed(&header.verifier, TreeSize(u64::MAX), 0).unwrap() {
            last = offset as usize;
        }
        let is_whole = cut.bytes[..last] == usual.end[..last];
        wrong += u32::from(!is_whole);
        right += u32::from(is_whole);
    });
    assert!(wrong > 10 && right > 100, "{wrong} wrong, {right} right");
}

/// Appends what [`usual`] does on a disk with faults, whatever fails; returns what was acknowledged.
fn on(disk: &SimDisk) -> (u64, Vec<StoreError>) {
    let (mut acknowledged, mut errors) = (0, Vec::new());
    let mut journal = match open(disk, None, &mut Vec::new()) {
        Ok(journal) => journal,
        Err(error) => return (0, vec![error]),
    };
    for n in 0..8u8 {
        let entry = if n == 0 { incept() } else { register(n) };
        // What failed is tried again once, as a user may.
        for _ in 0..2 {
            match journal.append(std::slice::from_ref(&entry), &log_key(), NOW) {
                Ok(_) => acknowledged = journal.checkpoint().size().0,
                Err(error) => {
                    errors.push(error);
                    continue;
                }
            }
            break;
        }
    }
    (acknowledged, errors)
}

#[test]
fn after_a_failed_sync_nothing_is_written_and_the_next_opening_writes_anew() {
    let mut poisoned = 0;
    let mut lost_by_trust = 0;
    for sync in 0..14 {
        let faults = Faults {
            sync: Some(sync),
            ..Faults::default()
        };
        let disk = SimDisk::new(&start(), faults);
        let (acknowledged, errors) = on(&disk);
        let is_poisoned = matches!(errors.as_slice(), [StoreError::Io { step: "sync", .. }, rest @ ..]
            if rest.iter().all(|error| matches!(error, StoreError::Poisoned)));
        assert!(errors.is_empty() || is_poisoned, "{errors:?}");
        poisoned += u32::from(errors.len() > 1);
        // The process has ended; the machine shows what the medium does not have.
        disk.mend();
        let seen = disk.seen();
        let header = read_header(&disk).unwrap();
        let read = Journal::open_read(Box::new(disk.clone()), &header, None, Access::None).unwrap();
        let claimed = read.checkpoint().clone();
        assert!(claimed.size().0 >= acknowledged);
        // Who takes what is seen for synced loses it with the power.
        let trusting = SimDisk::new(&disk.medium(), Faults::default());
        let left = open(&trusting, None, &mut Vec::new()).map(|journal| journal.checkpoint().size().0);
        lost_by_trust += u32::from(left.is_ok_and(|left| left < claimed.size().0));
        let reopened = open(&disk, None, &mut Vec::new()).unwrap().checkpoint().size();
        assert_eq!(reopened, claimed.size());
        let after = open(
            &SimDisk::new(&disk.medium(), Faults::default()),
            None,
            &mut Vec::new(),
        )
        .unwrap();
        assert_eq!(after.checkpoint().size(), reopened, "sync {sync}");
        assert!(disk.medium().starts_with(&seen[..after.edge.end as usize]));
    }
    assert!(poisoned >= 6 && lost_by_trust >= 6, "{poisoned}, {lost_by_trust}");
}

#[test]
fn after_a_failed_write_the_file_ends_at_the_last_commit_and_the_writer_goes_on() {
    let mut failed = 0;
    for write in 0..24 {
        let faults = Faults {
            write: Some(write),
            ..Faults::default()
        };
        let disk = SimDisk::new(&start(), faults);
        let (acknowledged, errors) = on(&disk);
        if write == 0 {
            // The first write is the opening's, which writes anew what no mark vouches for.
            assert!(matches!(errors.as_slice(), [StoreError::Io { .. }]));
            continue;
        }
        assert!(
            errors
                .iter()
                .all(|error| matches!(error, StoreError::Io { step: "write to", .. })),
            "{errors:?}"
        );
        failed += errors.len();
        assert_eq!(acknowledged, 8);
        audited(&disk.medium(), 8).unwrap();
        assert!(disk.medium().starts_with(&disk.seen()));
    }
    assert!(failed > 12, "{failed}");
}

#[test]
fn no_flipped_bit_on_the_way_to_the_disk_is_acknowledged() {
    let whole = SimDisk::new(&start(), Faults::default());
    assert_eq!(on(&whole).0, 8);
    let mut bad = [0, 0];
    for (at, is_flip_hidden) in [false, true].into_iter().enumerate() {
        for bit in (0..whole.bits()).step_by(1009) {
            let faults = Faults {
                flip: Some(bit),
                is_flip_hidden,
                ..Faults::default()
            };
            let disk = SimDisk::new(&start(), faults);
            let (acknowledged, errors) = on(&disk);
            let is_read_back =
                |error: &StoreError| matches!(error, StoreError::Append(AppendError::ReadBack));
            assert!(errors.iter().all(is_read_back), "bit {bit}: {errors:?}");
            let left = SimDisk::new(&disk.medium(), Faults::default());
            let is_right = open(&left, None, &mut Vec::new())
                .is_ok_and(|journal| journal.checkpoint().size().0 >= acknowledged)
                && audited(&left.seen(), 8).is_ok();
            bad[at] += u32::from(!is_right && acknowledged > 0);
        }
    }
    // Without reading back, every flip in an entry or a commit is acknowledged.
    assert!(bad[0] == 0 && bad[1] > 20, "{bad:?}");
}

#[test]
fn room_is_made_for_the_next_commits_says_nothing_and_is_given_back() {
    let disk = SimDisk::new(&start(), Faults::default());
    let mut journal = open(&disk, None, &mut Vec::new()).unwrap();
    journal.append(&[incept()], &log_key(), NOW).unwrap();
    // Who commits once makes no room.
    assert_eq!(disk.seen().len() as u64, journal.edge.end);
    journal.append(&[register(1)], &log_key(), NOW).unwrap();
    let len = disk.seen().len();
    assert!(len as u64 > journal.edge.end + 2000);
    journal.append(&[register(2)], &log_key(), NOW).unwrap();
    assert_eq!(disk.seen().len(), len);
    // The power goes: the room is still there, and is no torn tail to a reader, an audit or the next writer.
    let left = disk.medium();
    audited(&left, 3).unwrap();
    let header = read_header(&disk).unwrap();
    let other = SimDisk::new(&left, Faults::default());
    let read = Journal::open_read(Box::new(other.clone()), &header, None, Access::None).unwrap();
    assert_eq!((read.tail(), read.checkpoint().size().0), (None, 3));
    let mut kept = Vec::new();
    let next = open(&other, None, &mut kept).unwrap();
    assert!(next.tail().is_none() && kept.is_empty());
    let end = next.edge.end;
    drop(next);
    assert_eq!(other.seen().len() as u64, end);
    assert!(other.seen()[..] == left[..end as usize]);
    // One byte in it is one.
    let mut changed = left;
    changed[end as usize + 1000] = 7;
    let other = SimDisk::new(&changed, Faults::default());
    drop(open(&other, None, &mut kept).unwrap());
    let expected = changed[end as usize..end as usize + 1001].to_vec();
    assert!(matches!(kept.as_slice(), [(at, bytes)] if *at == end && bytes.starts_with(&expected)));
    assert_eq!(other.seen().len() as u64, end);
}
