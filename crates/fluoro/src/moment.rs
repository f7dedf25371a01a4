//! Points in time as people write them: RFC 3339, or seconds since the epoch.

use std::fmt;
use std::str::FromStr;

use wire::Micros;

/// A point in time, not before 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(pub(crate) Micros);

/// What is said of a text that is no time.
const EXPECTED: &str = "a time is 2026-11-20T09:30:00Z, with another offset for Z if need be, or \
                        the seconds since 1970";

/// From the first of March of year 0 to the first of January 1970.
const DAYS_TO_EPOCH: u64 = 719_468;

impl FromStr for Moment {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        epoch_seconds(text).or_else(|| rfc_3339(text)).map(Self).ok_or(EXPECTED)
    }
}

/// Reads `1790000000` and `1790000000.25`.
fn epoch_seconds(text: &str) -> Option<Micros> {
    let (seconds, micros) = split_fraction(text)?;
    digits(seconds)?.checked_mul(Micros::PER_SECOND)?.checked_add(micros).map(Micros)
}

/// Reads `2026-11-20T09:30:00.5+01:00`.
fn rfc_3339(text: &str) -> Option<Micros> {
    let (date, time) = text.split_once(['T', 't', ' '])?;
    let mut parts = date.split('-');
    let mut number = |len: usize| digits(parts.next().filter(|part| part.len() == len)?);
    let (year, month, day) = (number(4)?, number(2)?, number(2)?);
    let at = time.find(['Z', 'z', '+', '-'])?;
    let (time, offset) = time.split_at(at);
    let (time, micros) = split_fraction(time)?;
    let (hours, minutes) = time.split_at_checked(5)?;
    let clock =
        seconds_of_clock(hours)? + digits(minutes.strip_prefix(':')?).filter(|s| *s < 61)?;
    let seconds = days(year, month, day)? * 86_400 + clock;
    let seconds = match offset.split_at_checked(1)? {
        ("+", offset) => seconds.checked_sub(seconds_of_clock(offset)?)?,
        ("-", offset) => seconds + seconds_of_clock(offset)?,
        (_, "") => seconds,
        _ => return None,
    };
    Some(Micros(seconds * Micros::PER_SECOND + micros))
}

/// Reads `09:30`.
fn seconds_of_clock(text: &str) -> Option<u64> {
    let (hours, minutes) = text.split_once(':')?;
    let is_pair = hours.len() == 2 && minutes.len() == 2;
    let (hours, minutes) = (digits(hours)?, digits(minutes)?);
    (is_pair && hours < 24 && minutes < 60).then_some(hours * 3600 + minutes * 60)
}

/// Splits a fraction off, in microseconds; what is finer is cut off.
fn split_fraction(text: &str) -> Option<(&str, u64)> {
    let Some((whole, fraction)) = text.split_once('.') else { return Some((text, 0)) };
    digits(fraction)?;
    let micros: String = fraction.chars().chain("000000".chars()).take(6).collect();
    Some((whole, digits(&micros)?))
}

fn digits(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

/// Returns the days from 1970 to a date; `None` when there is no such date, or it is out of range.
/// Years are counted from March, so that a leap day ends one.
pub(crate) fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    let is_date = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=days_in(year, month)).contains(&day);
    if !is_date {
        return None;
    }
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    Some(days - DAYS_TO_EPOCH)
}

fn days_in(year: u64, month: u64) -> u64 {
    match month {
        2 if year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.0 / Micros::PER_SECOND;
        let days = seconds / 86_400 + DAYS_TO_EPOCH;
        let (era, day) = (days / 146_097, days % 146_097);
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let day = day - (153 * month + 2) / 5 + 1;
        let (year, month) = (era * 400 + year + month / 10, (month + 2) % 12 + 1);
        let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_in_both_spellings() {
        for (text, micros) in [
            ("0", 0),
            ("1790000000", 1_790_000_000_000_000),
            ("1790000000.25", 1_790_000_000_250_000),
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T12:00:00Z", 951_825_600_000_000),
            ("2026-11-20T09:30:00Z", 1_795_167_000_000_000),
            ("2026-11-20 10:30:00.1234567+01:00", 1_795_167_000_123_456),
            ("2026-11-20t04:00:00-05:30", 1_795_167_000_000_000),
        ] {
            assert_eq!(text.parse(), Ok(Moment(Micros(micros))), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "-1",
            "1e9",
            "yesterday",
            "2026-11-20",
            "2026-11-20T09:30:00",
            "2026-11-20T9:30:00Z",
            "2026-13-01T00:00:00Z",
            "0000-01-01T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-01-00T00:00:00Z",
            "2026-02-29T00:00:00Z",
            "2026-11-20T24:00:00Z",
            "2026-11-20T09:30:00Zulu",
            "1970-01-01T00:00:00+01:00",
            "1969-12-31T23:59:59Z",
            "99999999999999999999",
        ] {
            assert_eq!(text.parse::<Moment>(), Err(EXPECTED), "{text}");
        }
    }

    #[test]
    fn a_time_is_written_as_it_is_read() {
        for days in 0..40_000_u64 {
            let moment = Moment(Micros::from_secs(days * 86_400 + days % 86_400));
            assert_eq!(moment.to_string().parse(), Ok(moment));
        }
    }
}
