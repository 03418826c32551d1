//! Points in time as values. The system clock is read in `app` alone.

use chrono::{DateTime, FixedOffset, NaiveDate, SecondsFormat, Utc};

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

/// When something was made, as it was stated: a day, or a time with its own offset from UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment(Form);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Day(NaiveDate),
    Time(DateTime<FixedOffset>),
}

impl Moment {
    /// Reads RFC 3339 with any offset, or a day, `2026-05-01`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let time = DateTime::parse_from_rfc3339(text).ok().map(Form::Time);
        let day = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(Form::Day);
        time.or_else(day).map(Self)
    }

    /// `2026-05-01T12:00:00+02:00`, `2026-05-01T10:00:00Z`, or `2026-05-01`: local time and offset as stated, whole seconds.
    ///
    /// All are dates of XMP (ISO 16684-1, 8.2.1.1).
    #[must_use]
    pub fn iso8601(self) -> String {
        match self.0 {
            Form::Day(day) => day.format("%Y-%m-%d").to_string(),
            Form::Time(time) => time.to_rfc3339_opts(SecondsFormat::Secs, true),
        }
    }

    /// Local time and offset in the forms of EXIF, `2026:05:01 12:00:00` and `+02:00` (Exif 3.0, 4.6.5); `None` for a day, of
    /// which EXIF has no form.
    #[must_use]
    pub fn exif(self) -> Option<(String, String)> {
        match self.0 {
            Form::Day(_) => None,
            Form::Time(time) => Some((
                time.format("%Y:%m:%d %H:%M:%S").to_string(),
                time.format("%:z").to_string(),
            )),
        }
    }

    /// The instant; `None` for a day.
    #[must_use]
    pub fn instant(self) -> Option<Timestamp> {
        match self.0 {
            Form::Day(_) => None,
            Form::Time(time) => Some(Timestamp(time.timestamp_millis())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_keeps_the_local_time_and_the_offset_it_was_stated_with() {
        let there = Moment::parse("2026-01-02T03:04:05+02:00").unwrap();
        assert_eq!(there.iso8601(), "2026-01-02T03:04:05+02:00");
        let exif = ("2026:01:02 03:04:05".to_owned(), "+02:00".to_owned());
        assert_eq!(there.exif(), Some(exif));
        assert_eq!(there.instant().unwrap().rfc3339(), "2026-01-02T01:04:05Z");
        let here = Moment::parse("2026-05-01T10:00:00Z").unwrap();
        assert_eq!(here.iso8601(), "2026-05-01T10:00:00Z");
        assert_eq!(here.exif().unwrap().1, "+00:00");
    }

    #[test]
    fn a_day_stays_a_day() {
        let day = Moment::parse("2026-05-01").unwrap();
        assert_eq!(day.iso8601(), "2026-05-01");
        assert_eq!((day.exif(), day.instant()), (None, None));
        for text in ["2026-02-30", "2026-05", "2026-05-01T10:00:00", "today", ""] {
            assert_eq!(Moment::parse(text), None, "{text}");
        }
    }

    #[test]
    fn rfc3339_goes_out_and_comes_back() {
        let time = Timestamp::parse_rfc3339("2026-05-01T12:00:00+02:00").unwrap();
        assert_eq!(time.rfc3339(), "2026-05-01T10:00:00Z");
        assert_eq!(Timestamp::parse_rfc3339("yesterday"), None);
    }
}
