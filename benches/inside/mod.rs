//! What the programs share that call byline in their own process: its application below a folder, and how time is taken.

use std::path::Path;
use std::time::{Duration, Instant};

use byline::app::{App, Ask, Clock, Dirs, Error, Kind, Passphrases, Silent, SystemEntropy};

struct NoPassphrase;

impl Passphrases for NoPassphrase {
    fn passphrase(&self, _: &Ask) -> Result<zeroize::Zeroizing<String>, Error> {
        Err(Error::new(Kind::Key, "bench", "no passphrase here"))
    }
}

/// byline with everything of its own below a folder, and nobody to ask.
pub(crate) fn app(home: &Path, clock: impl Clock + 'static) -> App {
    App {
        dirs: Dirs::below(home),
        clock: Box::new(clock),
        entropy: Box::new(SystemEntropy),
        passphrases: Box::new(NoPassphrase),
        progress: Box::new(Silent),
    }
}

pub(crate) fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

pub(crate) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
