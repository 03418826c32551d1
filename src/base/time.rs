//! Points in time as values. The system clock is read in `app` alone.

use chrono::{DateTime, SecondsFormat, Utc};

/// A point in time, milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Takes milliseconds since 1970, UTC.
    #[must_use]
    pub const fn from_unix_ms(ms: i64) -> Self {
        Self(ms)
    }

    /// Takes seconds since 1970, UTC; saturates.
    #[must_use]
    pub const fn from_unix_s(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Milliseconds since 1970, UTC.
    #[must_use]
    pub const fn unix_ms(self) -> i64 {
        self.0
    }

    /// Seconds since 1970, UTC, rounded down.
    #[must_use]
    pub const fn unix_s(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// RFC 3339 in UTC, seconds, `2026-05-01T10:00:00Z`.
    #[must_use]
    pub fn rfc3339(self) -> String {
        self.chrono().to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    /// EXIF's form, UTC, `2026:05:01 10:00:00` (Exif 3.0, 4.6.5).
    #[must_use]
    pub fn exif(self) -> String {
        self.chrono().format("%Y:%m:%d %H:%M:%S").to_string()
    }

    /// Reads RFC 3339 with any offset; `None` for anything else.
    #[must_use]
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text)
            .ok()
            .map(|time| Self(time.timestamp_millis()))
    }

    fn chrono(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or(DateTime::UNIX_EPOCH)
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc3339_goes_out_and_comes_back() {
        let time = Timestamp::parse_rfc3339("2026-05-01T12:00:00+02:00").unwrap();
        assert_eq!(time.rfc3339(), "2026-05-01T10:00:00Z");
        assert_eq!(time.exif(), "2026:05:01 10:00:00");
        assert_eq!(Timestamp::parse_rfc3339("yesterday"), None);
    }
}
