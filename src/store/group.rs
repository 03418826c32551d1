//! Many threads, one commit: who appends while another's commit is on its way to the disk waits, and then one of the
//! waiting writes for all of them.
//!
//! The first to come leads: it takes all that waits, appends it in one commit, and answers each. Then it hands the lead to
//! one of those that came meanwhile. A batch that breaks a rule is answered alone and keeps no other back.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::error::StoreError;
use super::ledger_file::{LedgerFile, Receipt};
use crate::base::Timestamp;
use crate::ledger::{AppendError, Entry};

/// What an appending thread is told. One error may be the answer to many.
pub type Answer = Result<Vec<Receipt>, Arc<StoreError>>;

/// A ledger open for appending, shared by threads.
#[derive(Debug)]
pub struct Group {
    ledger: Mutex<LedgerFile>,
    queue: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: Vec<Waiting>,
    is_led: bool,
}

/// A batch and where its thread waits.
#[derive(Debug)]
struct Waiting {
    entries: Vec<Entry>,
    now: Timestamp,
    seat: Arc<Seat>,
}

#[derive(Debug, Default)]
struct Seat {
    told: Mutex<Option<Told>>,
    bell: Condvar,
}

#[derive(Debug)]
enum Told {
    Done(Answer),
    Lead,
}

impl Group {
    /// Shares a ledger that is open for appending.
    #[must_use]
    pub fn new(ledger: LedgerFile) -> Self {
        Self {
            ledger: Mutex::new(ledger),
            queue: Mutex::new(Queue::default()),
        }
    }

    /// Appends a batch, in one commit with whatever other threads append; returns once it is on the disk.
    ///
    /// Either the whole batch is recorded or nothing of it. The log's clock is the latest of the group's.
    pub fn append(&self, entries: Vec<Entry>, now: Timestamp) -> Answer {
        let seat = Arc::new(Seat::default());
        let mut queue = lock(&self.queue);
        queue.waiting.push(Waiting {
            entries,
            now,
            seat: Arc::clone(&seat),
        });
        let leads = !std::mem::replace(&mut queue.is_led, true);
        drop(queue);
        if leads {
            self.lead();
        }
        loop {
            match seat.wait() {
                Told::Done(answer) => return answer,
                Told::Lead => self.lead(),
            }
        }
    }

    /// The ledger itself, for looking up; appending waits meanwhile.
    pub fn ledger(&self) -> MutexGuard<'_, LedgerFile> {
        lock(&self.ledger)
    }

    /// Commits what waits, the leader's own batch among it, and hands the lead on.
    fn lead(&self) {
        let led = Led {
            group: self,
            seats: Vec::new(),
        };
        // The ledger first: while an earlier commit or a look-up has it, more batches come.
        let mut ledger = lock(&self.ledger);
        let waiting = std::mem::take(&mut lock(&self.queue).waiting);
        led.commit(&mut ledger, waiting);
    }
}

/// The batches of one commit that are not answered yet; answered they are in any case, even when the leader panics.
struct Led<'a> {
    group: &'a Group,
    /// Each with how many entries of the joined batch are its own.
    seats: Vec<(Arc<Seat>, usize)>,
}

impl Led<'_> {
    fn commit(mut self, ledger: &mut LedgerFile, waiting: Vec<Waiting>) {
        let mut entries = Vec::new();
        let mut now = Timestamp::from_unix_ms(i64::MIN);
        for batch in waiting {
            now = now.max(batch.now);
            self.seats.push((batch.seat, batch.entries.len()));
            entries.extend(batch.entries);
        }
        while !self.seats.is_empty() {
            match ledger.append(&entries, now) {
                Ok(receipts) => self.recorded(&receipts),
                Err(StoreError::Append(AppendError::Broken { position, rule })) => {
                    self.refuse(&mut entries, position, |position| AppendError::Broken {
                        position,
                        rule,
                    });
                }
                Err(error) => self.failed(&Arc::new(error)),
            }
        }
    }

    fn recorded(&mut self, receipts: &[Receipt]) {
        let mut rest = receipts;
        for (seat, count) in std::mem::take(&mut self.seats) {
            let (own, others) = rest.split_at_checked(count).unwrap_or_default();
            rest = others;
            seat.tell(Told::Done(Ok(own.to_vec())));
        }
    }

    /// Takes out the one batch that breaks a rule.
    fn refuse(
        &mut self,
        entries: &mut Vec<Entry>,
        position: usize,
        error: impl FnOnce(usize) -> AppendError,
    ) {
        let mut start = 0usize;
        for at in 0..self.seats.len() {
            let count = self.seats.get(at).map_or(0, |(_, count)| *count);
            let end = start.saturating_add(count).min(entries.len());
            if position < end {
                let (seat, _) = self.seats.remove(at);
                entries.drain(start..end);
                let error = StoreError::Append(error(position.saturating_sub(start)));
                return seat.tell(Told::Done(Err(Arc::new(error))));
            }
            start = end;
        }
        self.failed(&Arc::new(StoreError::Append(error(position))));
    }

    fn failed(&mut self, error: &Arc<StoreError>) {
        for (seat, _) in std::mem::take(&mut self.seats) {
            seat.tell(Told::Done(Err(Arc::clone(error))));
        }
    }
}

impl Drop for Led<'_> {
    fn drop(&mut self) {
        self.failed(&Arc::new(StoreError::Poisoned));
        let mut queue = lock(&self.group.queue);
        match queue.waiting.first() {
            Some(next) => next.seat.tell(Told::Lead),
            None => queue.is_led = false,
        }
    }
}

impl Seat {
    fn tell(&self, told: Told) {
        *lock(&self.told) = Some(told);
        self.bell.notify_one();
    }

    fn wait(&self) -> Told {
        let mut told = lock(&self.told);
        loop {
            match told.take() {
                Some(told) => return told,
                None => told = self.bell.wait(told).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Digest;
    use crate::keys::CreatorKey;
    use crate::ledger::LookupMode;
    use crate::ledger::rules::Broken;
    use crate::store::samples_for_tests::{self as samples, NOW};
    use crate::store::{NewLedger, Places};

    fn key(n: u8) -> CreatorKey {
        CreatorKey::from_seed(&[n; 32])
    }

    fn incept(n: u8) -> Entry {
        samples::incept(&key(n))
    }

    fn register(n: u8, asset: u8) -> Entry {
        samples::register(&key(n), asset, Digest::of(&[n, asset]))
    }

    fn group(dir: &tempfile::TempDir) -> Group {
        let places = Places {
            log_key: dir.path().join("log.key"),
            state: dir.path().join("state"),
        };
        let new = NewLedger {
            origin: "example.org/group",
            mode: LookupMode::Public,
            arbiters: &[],
            key_seed: [200; 32],
            secret: [3; 32],
            now: NOW,
        };
        Group::new(LedgerFile::create(&dir.path().join("g.ledger"), &places, &new).unwrap())
    }

    /// Has every batch wait before the first commit is made, and returns what each was told.
    fn together(group: &Group, batches: Vec<Vec<Entry>>) -> Vec<Answer> {
        std::thread::scope(|scope| {
            let held = group.ledger();
            let count = batches.len();
            let mut threads = Vec::new();
            for (n, batch) in batches.into_iter().enumerate() {
                threads.push(scope.spawn(move || group.append(batch, NOW)));
                // One after the other, so that the order is known.
                while lock(&group.queue).waiting.len() <= n {
                    std::thread::yield_now();
                }
            }
            assert_eq!(lock(&group.queue).waiting.len(), count);
            drop(held);
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        })
    }

    fn commits(group: &Group, dir: &tempfile::TempDir) -> u64 {
        assert!(group.ledger().size().0 > 0);
        let bytes = std::fs::read(dir.path().join("g.ledger")).unwrap();
        let options = crate::ledger::audit::Options::default();
        let audit = crate::ledger::audit::audit(&bytes[..], &options, &mut |_| ()).unwrap();
        assert_eq!(audit.findings, []);
        audit.commits
    }

    #[test]
    fn who_waits_together_is_recorded_in_one_commit() {
        let dir = tempfile::tempdir().unwrap();
        let group = group(&dir);
        let batches = (1..9).map(|n| vec![incept(n), register(n, 1)]).collect();
        for (n, answer) in together(&group, batches).into_iter().enumerate() {
            let indexes: Vec<u64> = answer.unwrap().iter().map(|receipt| receipt.index.0).collect();
            assert_eq!(indexes, [2 * n as u64, 2 * n as u64 + 1]);
        }
        assert_eq!(commits(&group, &dir), 2);
    }

    #[test]
    fn a_batch_that_breaks_a_rule_keeps_no_other_back() {
        let dir = tempfile::tempdir().unwrap();
        let group = group(&dir);
        let batches = vec![
            vec![incept(1)],
            vec![incept(2), register(9, 1)],
            vec![register(1, 1), register(2, 1)],
            vec![],
            vec![incept(3), register(1, 2)],
        ];
        let told = together(&group, batches);
        let broken = |answer: &Answer| match answer {
            Err(error) => match **error {
                StoreError::Append(AppendError::Broken { position, rule }) => Some((position, rule)),
                ref other => panic!("{other:?}"),
            },
            Ok(_) => None,
        };
        let expected = [
            None,
            Some((1, Broken::UnknownKey)),
            // Its second entry needed the key of the batch that was refused.
            Some((1, Broken::UnknownKey)),
            None,
            None,
        ];
        assert_eq!(told.iter().map(broken).collect::<Vec<_>>(), expected);
        assert_eq!(group.ledger().size().0, 3);
        assert_eq!(commits(&group, &dir), 2);
    }

    #[test]
    fn many_threads_lose_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let group = group(&dir);
        std::thread::scope(|scope| {
            for n in 1..17 {
                let group = &group;
                scope.spawn(move || {
                    group.append(vec![incept(n)], NOW).unwrap();
                    for asset in 0..10 {
                        let receipt = group.append(vec![register(n, asset)], NOW).unwrap()[0];
                        let found = group.ledger().entry(receipt.index).unwrap();
                        assert_eq!(found, register(n, asset));
                    }
                });
            }
        });
        assert_eq!(group.ledger().size().0, 16 * 11);
        assert!(commits(&group, &dir) <= 16 * 11 + 1);
    }
}
