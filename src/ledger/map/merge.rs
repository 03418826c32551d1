//! Keys of several runs and of memory as if they were one run.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::io;

use super::MapKey;
use super::run::{Cursor, Run};
use super::word::{Pair, Word};

/// All keys in their order, each once, with what all words about it come to.
pub(super) struct Merged<'a> {
    /// What was told earlier stands first.
    sources: Vec<Source<'a>>,
    /// The next key of each source.
    heads: BinaryHeap<Reverse<(MapKey, usize, Word)>>,
}

enum Source<'a> {
    /// All keys, and those that come.
    Memory(&'a [Pair], std::slice::Iter<'a, Pair>),
    Room(Cursor<'a>),
}

impl<'a> Merged<'a> {
    /// The keys of runs, and of memory, where they ascend and which is later than all runs. Stands at no key before [`Merged::seek`].
    pub(super) fn new(runs: &'a [Run], memory: &'a [Pair]) -> Self {
        let in_room = runs.iter().map(|run| Source::Room(Cursor::new(run)));
        let sources = in_room.chain([Source::Memory(memory, [].iter())]).collect();
        Self {
            sources,
            heads: BinaryHeap::new(),
        }
    }

    /// Goes to the first key that is not before this one.
    pub(super) fn seek(&mut self, key: &MapKey) -> io::Result<()> {
        self.heads.clear();
        for (number, source) in self.sources.iter_mut().enumerate() {
            if let Some((key, word)) = source.seek(key)? {
                self.heads.push(Reverse((key, number, word)));
            }
        }
        Ok(())
    }

    /// The key that comes next.
    pub(super) fn peek(&self) -> Option<&MapKey> {
        self.heads.peek().map(|Reverse((key, ..))| key)
    }

    /// The next key, and what all words about it come to.
    pub(super) fn next(&mut self) -> io::Result<Option<Pair>> {
        let Some((key, mut word)) = self.head()? else {
            return Ok(None);
        };
        while self.peek() == Some(&key) {
            if let Some((_, later)) = self.head()? {
                word = word.then(later);
            }
        }
        Ok(Some((key, word)))
    }

    /// The first of the heads, in the place of which its source puts its next one.
    fn head(&mut self) -> io::Result<Option<Pair>> {
        let Some(mut top) = self.heads.peek_mut() else {
            return Ok(None);
        };
        let Reverse((key, number, word)) = *top;
        let next = match self.sources.get_mut(number) {
            Some(source) => source.next()?,
            None => None,
        };
        match next {
            Some((next, word)) => *top = Reverse((next, number, word)),
            None => {
                PeekMut::pop(top);
            }
        }
        Ok(Some((key, word)))
    }
}

impl Source<'_> {
    fn seek(&mut self, key: &MapKey) -> io::Result<Option<Pair>> {
        match self {
            Self::Memory(memory, rest) => {
                let before = memory.partition_point(|(other, _)| other < key);
                *rest = memory.get(before..).unwrap_or_default().iter();
                self.next()
            }
            Self::Room(cursor) => cursor.seek(key),
        }
    }

    fn next(&mut self) -> io::Result<Option<Pair>> {
        match self {
            Self::Memory(_, rest) => Ok(rest.next().copied()),
            Self::Room(cursor) => cursor.next(),
        }
    }
}
