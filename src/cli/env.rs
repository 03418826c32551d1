//! The environment, read once, here and nowhere else.

use std::ffi::OsString;
use std::path::PathBuf;

use byline::app::{Dirs, Error, Kind};
use byline::base::Timestamp;
#[cfg(feature = "postgres")]
use zeroize::Zeroizing;

/// What byline takes from its environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Env {
    /// `BYLINE_HOME`.
    pub(crate) byline_home: Option<PathBuf>,
    /// `HOME`.
    pub(crate) home: Option<PathBuf>,
    /// `XDG_CONFIG_HOME`.
    pub(crate) config: Option<PathBuf>,
    /// `XDG_DATA_HOME`.
    pub(crate) data: Option<PathBuf>,
    /// `XDG_STATE_HOME`.
    pub(crate) state: Option<PathBuf>,
    /// `CREDENTIALS_DIRECTORY`, where a service manager puts secrets (systemd.exec(5)).
    pub(crate) credentials: Option<PathBuf>,
    /// Whether colour is unwanted: `NO_COLOR` set and not empty, or a dumb terminal.
    pub(crate) no_colour: bool,
    /// `COLUMNS`.
    pub(crate) columns: Option<usize>,
    /// What libpq takes from its environment; only used where a flag asks for a server.
    #[cfg(feature = "postgres")]
    pub(crate) postgres: Postgres,
    /// `BYLINE_CLOCK`, as found: see [`Env::clock`].
    clock: Option<OsString>,
}

/// Which server, and how this user is let in (PostgreSQL manual, "Environment Variables").
#[cfg(feature = "postgres")]
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Postgres {
    /// `PGHOST`.
    pub(crate) host: Option<String>,
    /// `PGPORT`.
    pub(crate) port: Option<String>,
    /// `PGUSER`.
    pub(crate) user: Option<String>,
    /// `PGDATABASE`.
    pub(crate) database: Option<String>,
    /// `PGPASSWORD`.
    pub(crate) password: Option<Zeroizing<String>>,
    /// `PGPASSFILE`.
    pub(crate) password_file: Option<PathBuf>,
}

#[cfg(feature = "postgres")]
impl std::fmt::Debug for Postgres {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Postgres").finish_non_exhaustive()
    }
}

impl Env {
    /// The environment of this process.
    pub(crate) fn of_process() -> Self {
        Self::from(&|name| std::env::var_os(name))
    }

    fn from(get: &dyn Fn(&str) -> Option<OsString>) -> Self {
        let text = |name| get(name).filter(|value| !value.is_empty());
        // Relative paths are to be ignored, says the XDG base directory specification.
        let absolute = |name| text(name).map(PathBuf::from).filter(|path| path.is_absolute());
        Self {
            byline_home: text("BYLINE_HOME").map(PathBuf::from),
            home: absolute("HOME"),
            config: absolute("XDG_CONFIG_HOME"),
            data: absolute("XDG_DATA_HOME"),
            state: absolute("XDG_STATE_HOME"),
            credentials: absolute("CREDENTIALS_DIRECTORY"),
            no_colour: text("NO_COLOR").is_some() || text("TERM").is_some_and(|term| term == "dumb"),
            columns: text("COLUMNS").and_then(|value| value.to_str()?.parse().ok()),
            #[cfg(feature = "postgres")]
            postgres: Postgres {
                host: text("PGHOST").and_then(|value| value.into_string().ok()),
                port: text("PGPORT").and_then(|value| value.into_string().ok()),
                user: text("PGUSER").and_then(|value| value.into_string().ok()),
                database: text("PGDATABASE").and_then(|value| value.into_string().ok()),
                password: text("PGPASSWORD").and_then(|value| value.into_string().ok().map(Zeroizing::new)),
                password_file: text("PGPASSFILE").map(PathBuf::from),
            },
            clock: text("BYLINE_CLOCK"),
        }
    }

    /// `BYLINE_CLOCK`, RFC 3339: taken for the system's clock, as on a machine that is set so. For tests; `--at` is for people.
    ///
    /// # Errors
    /// [`Kind::Request`] where it is set to anything else: a verdict as of another day than was meant is a wrong one.
    pub(crate) fn clock(&self) -> Result<Option<Timestamp>, Error> {
        let Some(value) = &self.clock else {
            return Ok(None);
        };
        let time = value.to_str().and_then(Timestamp::parse_rfc3339);
        time.map(Some).ok_or_else(|| {
            Error::new(
                Kind::Request,
                "clock.unreadable",
                "the environment variable BYLINE_CLOCK is no time",
            )
            .why(format!("it is set to {:?}", value.to_string_lossy()))
            .fix("unset it, or write a time as 2026-05-01T10:00:00Z (RFC 3339)")
        })
    }

    /// Where byline keeps what is its own: `--home`, else `BYLINE_HOME`, else the XDG folders.
    pub(crate) fn dirs(&self, home: Option<PathBuf>) -> Result<Dirs, Error> {
        if let Some(home) = home.or_else(|| self.byline_home.clone()) {
            return Ok(Dirs::below(&home));
        }
        let place = |xdg: &Option<PathBuf>, below: &str| {
            let base = xdg
                .clone()
                .or_else(|| self.home.as_ref().map(|home| home.join(below)));
            base.map(|base| base.join("byline")).ok_or_else(no_home)
        };
        Ok(Dirs {
            config: place(&self.config, ".config")?,
            data: place(&self.data, ".local/share")?,
            state: place(&self.state, ".local/state")?,
        })
    }
}

fn no_home() -> Error {
    Error::new(
        Kind::World,
        "home.unknown",
        "cannot tell where keys and ledgers are kept",
    )
    .why("neither `--home` nor BYLINE_HOME nor HOME names a folder")
    .fix("name one: `byline --home DIR ...`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(pairs: &'static [(&'static str, &'static str)]) -> Env {
        Env::from(&move |name| pairs.iter().find(|pair| pair.0 == name).map(|pair| pair.1.into()))
    }

    #[test]
    fn the_flag_wins_over_the_variable_and_both_over_xdg() {
        let env = env(&[("BYLINE_HOME", "/b"), ("HOME", "/h")]);
        assert_eq!(env.dirs(Some("/f".into())).unwrap(), Dirs::below("/f".as_ref()));
        assert_eq!(env.dirs(None).unwrap(), Dirs::below("/b".as_ref()));
    }

    #[test]
    fn xdg_folders_are_obeyed_when_absolute() {
        let env = env(&[
            ("HOME", "/h"),
            ("XDG_DATA_HOME", "/d"),
            ("XDG_STATE_HOME", "relative"),
        ]);
        let dirs = env.dirs(None).unwrap();
        assert_eq!(dirs.config, PathBuf::from("/h/.config/byline"));
        assert_eq!(dirs.data, PathBuf::from("/d/byline"));
        assert_eq!(dirs.state, PathBuf::from("/h/.local/state/byline"));
    }

    #[test]
    fn without_any_home_the_error_says_so() {
        assert_eq!(env(&[]).dirs(None).unwrap_err().code, "home.unknown");
    }

    #[test]
    fn a_clock_that_is_no_time_is_an_error_that_names_the_variable() {
        assert_eq!(env(&[]).clock().unwrap(), None);
        assert_eq!(env(&[("BYLINE_CLOCK", "")]).clock().unwrap(), None);
        let set = env(&[("BYLINE_CLOCK", "2026-05-01T10:00:00Z")]).clock().unwrap();
        assert_eq!(set, Timestamp::parse_rfc3339("2026-05-01T10:00:00Z"));
        let error = env(&[("BYLINE_CLOCK", "gar\u{1b}bage")]).clock().unwrap_err();
        assert_eq!((error.kind, error.code), (Kind::Request, "clock.unreadable"));
        assert!(error.what.contains("BYLINE_CLOCK"), "{}", error.what);
        assert!(!error.why.unwrap().contains('\u{1b}'));
    }

    #[test]
    fn no_color_counts_only_when_it_is_not_empty() {
        assert!(env(&[("NO_COLOR", "1")]).no_colour);
        assert!(!env(&[("NO_COLOR", "")]).no_colour);
        assert!(env(&[("TERM", "dumb")]).no_colour);
    }
}
