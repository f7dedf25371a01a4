//! How a piece of work ended.

use wire::Segment;

/// The one category in which a piece of work is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Nothing is known to have gone wrong.
    Ok,
    /// The client erred (4xx).
    Error,
    /// The server failed (5xx).
    Fault,
    /// The request was throttled (429).
    Throttle,
}

/// What a piece of work says of itself, in flags or by its HTTP status; several may be true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flags {
    /// The client erred (4xx); not when it was throttled.
    pub error: bool,
    /// The server failed (5xx).
    pub fault: bool,
    /// The request was throttled (429).
    pub throttle: bool,
}

impl Flags {
    /// Reads the flags of a segment; the status alone suffices.
    ///
    /// Source: `service-graph.md` §4 and §5: a throttled segment has no error, observed.
    pub fn of(segment: &Segment<'_>) -> Self {
        let status = segment.http.as_ref().and_then(|http| http.response.as_ref()?.status);
        let is_status = |range: std::ops::RangeInclusive<i64>| {
            status.is_some_and(|status| range.contains(&status))
        };
        let throttle = segment.throttle == Some(true) || is_status(429..=429);
        Self {
            error: !throttle && (segment.error == Some(true) || is_status(400..=499)),
            fault: segment.fault == Some(true) || is_status(500..=599),
            throttle,
        }
    }
}

impl Outcome {
    /// Returns the category of a segment.
    pub fn of(segment: &Segment<'_>) -> Self {
        match Flags::of(segment) {
            Flags { throttle: true, .. } => Self::Throttle,
            Flags { fault: true, .. } => Self::Fault,
            Flags { error: true, .. } => Self::Error,
            _ => Self::Ok,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Outcome;
    use crate::fixture::Fixture;

    #[test]
    fn the_worst_of_status_and_flags_counts() {
        for (words, outcome) in [
            ("", Outcome::Ok),
            ("200", Outcome::Ok),
            ("302", Outcome::Ok),
            ("fault=false error=false throttle=false", Outcome::Ok),
            ("404", Outcome::Error),
            ("error", Outcome::Error),
            ("200 error", Outcome::Error),
            ("500", Outcome::Fault),
            ("503 fault=false", Outcome::Fault),
            ("fault", Outcome::Fault),
            ("404 fault", Outcome::Fault),
            ("error fault", Outcome::Fault),
            ("429", Outcome::Throttle),
            ("throttle", Outcome::Throttle),
            ("error throttle", Outcome::Throttle),
            ("500 fault throttle", Outcome::Throttle),
            ("600", Outcome::Ok),
        ] {
            let fixture = Fixture::new(&format!("a 0..1ms {words}"));
            let trace = fixture.trace();
            assert_eq!(Outcome::of(&trace.entities[0].segment), outcome, "{words}");
        }
    }
}
