//! Many files on a few threads, answers in the order of the files, memory bounded by a window and not by the batch.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// How far ahead of the slowest file the others may run, in files.
const WINDOW: usize = 256;

struct State<T> {
    next: usize,
    emitted: usize,
    ready: BTreeMap<usize, T>,
    stop: bool,
}

struct Shared<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, guard: MutexGuard<'a, State<T>>) -> MutexGuard<'a, State<T>> {
        self.changed.wait(guard).unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs `work` on every index below `count` with `jobs` threads, else one a core, and hands the answers to `sink` in order, as many at a
/// time as are ready: one call of `sink` is one group.
pub fn run<T: Send>(
    count: usize,
    jobs: Option<NonZeroUsize>,
    work: impl Fn(usize) -> T + Sync,
    mut sink: impl FnMut(usize, Vec<T>),
) {
    if count == 1 {
        // A thread for one file costs as much as looking at a small one.
        sink(0, vec![work(0)]);
        return;
    }
    // To count cores takes longer than to look at a small file, too.
    let jobs = jobs.unwrap_or_else(cores);
    let shared = Shared {
        state: Mutex::new(State {
            next: 0,
            emitted: 0,
            ready: BTreeMap::new(),
            stop: false,
        }),
        changed: Condvar::new(),
    };
    std::thread::scope(|scope| {
        for _ in 0..jobs.get().min(count) {
            scope.spawn(|| worker(&shared, count, &work));
        }
        let _stop = StopOnDrop(&shared);
        let mut first = 0;
        while first < count {
            let group = next_group(&shared, first);
            let size = group.len();
            sink(first, group);
            first += size;
            shared.lock().emitted = first;
            shared.changed.notify_all();
        }
    });
}

/// How many threads this machine runs side by side.
#[must_use]
pub fn cores() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// Lets the workers go when the caller leaves, also by a panic of `sink`.
struct StopOnDrop<'a, T>(&'a Shared<T>);

impl<T> Drop for StopOnDrop<'_, T> {
    fn drop(&mut self) {
        self.0.lock().stop = true;
        self.0.changed.notify_all();
    }
}

fn worker<T>(shared: &Shared<T>, count: usize, work: &(impl Fn(usize) -> T + Sync)) {
    loop {
        let mut state = shared.lock();
        while !state.stop && state.next < count && state.next >= state.emitted + WINDOW {
            state = shared.wait(state);
        }
        if state.stop || state.next >= count {
            return;
        }
        let index = state.next;
        state.next += 1;
        drop(state);
        // A worker that panics must not leave the caller waiting for its answer for ever.
        let guard = StopOnPanic(shared);
        let answer = work(index);
        std::mem::forget(guard);
        shared.lock().ready.insert(index, answer);
        shared.changed.notify_all();
    }
}

struct StopOnPanic<'a, T>(&'a Shared<T>);

impl<T> Drop for StopOnPanic<'_, T> {
    fn drop(&mut self) {
        self.0.lock().stop = true;
        self.0.changed.notify_all();
    }
}

fn next_group<T>(shared: &Shared<T>, first: usize) -> Vec<T> {
    let mut state = shared.lock();
    loop {
        let mut group = Vec::new();
        while let Some(answer) = state.ready.remove(&(first + group.len())) {
            group.push(answer);
        }
        if !group.is_empty() {
            return group;
        }
        assert!(!state.stop, "a worker panicked");
        state = shared.wait(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_in_order_and_none_is_lost() {
        let mut seen = Vec::new();
        run(
            1000,
            NonZeroUsize::new(4),
            |index| index * 3,
            |first, group| {
                assert_eq!(first, seen.len());
                seen.extend(group);
            },
        );
        assert_eq!(seen, (0..1000).map(|i| i * 3).collect::<Vec<_>>());
    }

    #[test]
    #[should_panic(expected = "panicked")]
    fn a_worker_that_panics_ends_the_run() {
        run(8, NonZeroUsize::new(2), |index| assert_ne!(index, 3), |_, _| {});
    }
}
