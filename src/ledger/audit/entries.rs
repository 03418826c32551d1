//! The audit of entries that come from elsewhere than a ledger file: a published directory, a copy, a stream.

use std::io;

use super::work::Job;
use super::{Audit, Auditor, Options, Place, Progress, Rule};
use crate::ledger::VerifiedCheckpoint;
use crate::ledger::frame::Header;

/// Audits entries in order: each is read, its rules and signature are checked, and all together must make the checkpoint's
/// root. The offset of a finding is its entry's index. `header` says how the log makes digests and whom it names arbiters.
///
/// There are no commits, so no clock of the log: entries that are ahead of it cannot be told. Known checkpoints
/// ([`Options::known`]) are not compared; whoever has the tree does that without reading an entry.
///
/// Stops at the first entry that `entries` fails to give, and hands its error back.
///
/// # Errors
/// When there is no room.
pub fn audit_entries<E>(
    entries: impl IntoIterator<Item = Result<Vec<u8>, E>>,
    (checkpoint, header): (&VerifiedCheckpoint, &Header),
    options: &Options,
    progress: &mut dyn FnMut(Progress),
) -> io::Result<(Audit, Option<E>)> {
    let mut auditor = Auditor::of(options, header.clone());
    auditor.has_no_clock();
    let mut job = Job::default();
    let (mut index, mut bytes, mut broken) = (0u64, 0u64, None);
    for entry in entries {
        match entry {
            Ok(entry) => {
                bytes = bytes.saturating_add(u64::try_from(entry.len()).unwrap_or(0));
                job.push_entry(index, &entry);
                index = index.saturating_add(1);
            }
            Err(error) => {
                broken = Some(error);
                break;
            }
        }
        if job.is_full(options.threads) {
            auditor.take(&mut job, options)?;
            if auditor.done.wants_maps {
                return Ok((auditor.done, None));
            }
            let entries = index;
            progress(Progress { bytes, entries });
        }
    }
    auditor.take(&mut job, options)?;
    let done = auditor.finish_entries(checkpoint, bytes, broken.is_none());
    Ok((done, broken))
}

impl Auditor {
    fn finish_entries(mut self, checkpoint: &VerifiedCheckpoint, bytes: u64, is_whole: bool) -> Audit {
        let (counted, root) = (self.range.size(), self.range.root());
        if is_whole && (counted, root) != (checkpoint.size(), checkpoint.root()) {
            let place = Place {
                index: None,
                offset: counted.0,
            };
            let claimed = checkpoint.size();
            self.find(place, Rule::Root { claimed, counted });
        }
        self.done.checkpoint = Some(checkpoint.clone());
        (self.done.size, self.done.root, self.done.bytes) = (counted, root, bytes);
        self.done.findings.sort_by_key(|finding| finding.place.offset);
        self.done
    }
}
