//! Files that may also come through a pipe: certificates and public files, pictures where they are named `-`. Keys never do.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};

use super::files::{self, FileError};

/// Reads a regular file, or a pipe to its end, of at most `limit` bytes; `-` is standard input.
///
/// # Errors
/// As of [`files::read`]; a pipe into which nobody writes for half a minute is given up.
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
    let path = if path == Path::new("-") {
        Path::new("/dev/stdin")
    } else {
        path
    };
    if std::fs::metadata(path).is_ok_and(|meta| meta.file_type().is_fifo()) {
        drain(path, limit, PATIENCE)
    } else {
        files::read(path, limit)
    }
}

/// Reads a picture that is only looked at: a regular file, or standard input where its name is `-`.
///
/// # Errors
/// As of [`read`]; other pipes are refused, so that no name in a folder of strangers makes anybody wait.
pub fn read_picture(path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
    if path == Path::new("-") {
        read(path, limit)
    } else {
        files::read(path, limit)
    }
}

/// Seconds without a byte.
const PATIENCE: i64 = 30;

fn drain(path: &Path, limit: u64, seconds: i64) -> Result<Vec<u8>, FileError> {
    let io = |what| move |source: io::Error| FileError::Io { what, source };
    // What stands there may be another thing by now: nothing is waited for without a limit.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let fd =
        rustix::fs::open(path, flags, Mode::empty()).map_err(|errno| io("cannot open it")(errno.into()))?;
    let mut file = File::from(fd);
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    loop {
        wait(&file, seconds).map_err(io("cannot read it"))?;
        let read = match file.read(&mut part) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
            read => read.map_err(io("cannot read it"))?,
        };
        let Some(new) = part.get(..read).filter(|new| !new.is_empty()) else {
            return Ok(bytes);
        };
        bytes.extend_from_slice(new);
        let found = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if found > limit {
            return Err(FileError::TooLarge { found, limit });
        }
    }
}

/// Waits until there is something to read, or the end.
fn wait(file: &File, seconds: i64) -> io::Result<()> {
    let limit = Timespec {
        tv_sec: seconds,
        tv_nsec: 0,
    };
    let mut fds = [PollFd::new(file, PollFlags::IN)];
    match poll(&mut fds, Some(&limit)) {
        Ok(0) => Err(io::Error::new(
            io::ErrorKind::TimedOut,
            format!("nothing was written into the pipe for {seconds} s"),
        )),
        Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::os::fd::AsRawFd as _;

    use super::*;

    fn pipe_with(bytes: &'static [u8]) -> (io::PipeReader, std::thread::JoinHandle<()>) {
        let (reader, mut writer) = io::pipe().unwrap();
        let thread = std::thread::spawn(move || {
            // The reader may have had enough.
            let _ = writer.write_all(bytes);
        });
        (reader, thread)
    }

    #[test]
    fn a_pipe_is_read_to_its_end_and_not_beyond_the_limit() {
        static MUCH: [u8; 100_000] = [7; 100_000];
        for (limit, fits) in [(100_000, true), (99_999, false)] {
            let (reader, thread) = pipe_with(&MUCH);
            let path = format!("/dev/fd/{}", reader.as_raw_fd());
            let read = read(Path::new(&path), limit);
            drop(reader);
            thread.join().unwrap();
            match read {
                Ok(bytes) => assert!(fits && bytes == MUCH),
                Err(error) => assert!(!fits && matches!(error, FileError::TooLarge { .. })),
            }
        }
    }

    #[test]
    fn nobody_waits_for_a_writer_that_says_nothing() {
        let (reader, writer) = io::pipe().unwrap();
        let path = format!("/dev/fd/{}", reader.as_raw_fd());
        assert!(matches!(
            drain(Path::new(&path), 10, 0),
            Err(FileError::Io { source, .. }) if source.kind() == io::ErrorKind::TimedOut
        ));
        drop(writer);
        assert_eq!(read(Path::new(&path), 10).unwrap(), b"");
    }

    #[test]
    fn folders_and_devices_are_refused() {
        for path in ["/", "/dev/null"] {
            assert!(matches!(
                read(Path::new(path), 10),
                Err(FileError::NotRegular { .. })
            ));
        }
    }
}
