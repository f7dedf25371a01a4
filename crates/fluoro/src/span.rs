//! Lengths of time as people write them: `90s`, `30d`.

use std::fmt;
use std::str::FromStr;

use wire::Micros;

/// A length of time, at least a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span(pub(crate) Micros);

/// What may stand behind the number, and its seconds; the longest first.
const UNITS: [(&str, u64); 4] = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)];

impl FromStr for Span {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
        let unit = text[digits.len()..].trim();
        let factor = UNITS.iter().find(|(name, _)| *name == unit).map(|(_, factor)| *factor);
        let factor = factor.ok_or("a time is a number and one of the units s, m, h and d: 30d")?;
        let number: u64 = digits.parse().map_err(|_| "a time is a number and a unit: 30d")?;
        let seconds = number.checked_mul(factor);
        match seconds.and_then(|seconds| seconds.checked_mul(Micros::PER_SECOND)) {
            None => Err("there is no such time".to_owned()),
            Some(0) => Err("a time is at least one second".to_owned()),
            Some(micros) => Ok(Self(Micros(micros))),
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.0 / Micros::PER_SECOND;
        let unit = UNITS.iter().find(|(_, factor)| seconds.is_multiple_of(*factor));
        let (name, factor) = unit.unwrap_or(&("s", 1));
        write!(f, "{}{name}", seconds / factor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_a_unit() {
        for (text, seconds) in
            [("1s", 1), ("90s", 90), ("2m", 120), ("36h", 129_600), ("30d", 2_592_000)]
        {
            let span: Span = text.parse().expect("a time");
            assert_eq!(span.0, Micros::from_secs(seconds), "{text}");
            assert_eq!(span.to_string().parse(), Ok(span));
        }
        for text in ["", "1", "s", "0s", "-1s", "1.5h", "1w", "99999999999999999d", "1 2s"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }
}
