//! At most one log line per second for things that may happen a million times; nothing is lost
//! from the count that the line shows.

use wire::Micros;

/// Gathers a count until it may be logged.
#[derive(Debug, Default)]
pub(crate) struct LogLimit {
    pending: u64,
    next: Micros,
}

impl LogLimit {
    /// Adds `count`, and returns the count since the last line when the next line is due.
    pub(crate) fn add(&mut self, count: usize, now: Micros) -> Option<u64> {
        self.pending += count as u64;
        if self.pending == 0 || now < self.next {
            return None;
        }
        self.next = Micros(now.0.saturating_add(Micros::PER_SECOND));
        Some(std::mem::take(&mut self.pending))
    }

    /// Returns what was not logged yet, due or not.
    pub(crate) fn rest(&mut self) -> Option<u64> {
        Some(std::mem::take(&mut self.pending)).filter(|&count| count > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_a_second_tells_of_everything_since_the_last() {
        let mut limit = LogLimit::default();
        let at = Micros::from_secs;
        assert_eq!(limit.add(0, at(9)), None);
        assert_eq!(limit.add(1, at(10)), Some(1));
        assert_eq!(limit.add(2, at(10)), None);
        assert_eq!(limit.add(3, at(10)), None);
        assert_eq!(limit.add(0, at(11)), Some(5));
        assert_eq!(limit.add(0, at(20)), None);
        assert_eq!(limit.add(4, at(20)), Some(4));
        assert_eq!(limit.add(7, at(20)), None);
        assert_eq!((limit.rest(), limit.rest()), (Some(7), None));
    }
}
