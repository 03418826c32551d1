//! What a run of byline cost, as the kernel counted it.

use std::process::{Command, Stdio};
use std::time::Duration;

use wait4::Wait4 as _;

/// What one run took and how it ended.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// Processor time of the process and its children, all threads.
    pub cpu: Duration,
    /// The most memory it had at any time, MiB.
    pub mib: u64,
    /// Its exit code; -1 where a signal ended it.
    pub code: i32,
}

/// Runs a command to its end, its output thrown away.
pub fn of(command: &mut Command) -> Cost {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let used = child.wait4().unwrap();
    Cost {
        cpu: used.rusage.utime + used.rusage.stime,
        mib: used.rusage.maxrss / (1 << 20),
        code: used.status.code().unwrap_or(-1),
    }
}
