//! What the output of `cargo test` says: how many tests passed, and which binaries were slow.

/// The sums over all test binaries.
#[derive(Default)]
pub(crate) struct Tally {
    /// How many tests passed.
    pub(crate) passed: usize,
    /// The binary whose tests are running.
    running: String,
    /// Seconds and name of each binary that has finished.
    finished: Vec<(f64, String)>,
}

impl Tally {
    /// Reads one line of output. Lines that say nothing of this are passed over.
    pub(crate) fn read(&mut self, line: &str) {
        let line = line.trim();
        if let Some(name) = line.strip_prefix("Running ").and_then(binary_name) {
            self.running = name;
        } else if let Some(name) = line.strip_prefix("Doc-tests ") {
            self.running = format!("{name} (examples in the documentation)");
        } else if let Some(result) = line.strip_prefix("test result: ") {
            self.passed += number_before(result, " passed").unwrap_or(0);
            if let Some(seconds) = seconds_in(result) {
                self.finished.push((seconds, self.running.clone()));
            }
        }
    }

    /// Returns the `count` slowest binaries, slowest first.
    pub(crate) fn slowest(&self, count: usize) -> Vec<(f64, &str)> {
        let mut all: Vec<_> =
            self.finished.iter().map(|(seconds, name)| (*seconds, name.as_str())).collect();
        all.sort_by(|a, b| b.0.total_cmp(&a.0));
        all.truncate(count);
        all
    }
}

/// Returns `wire` for `unittests src/lib.rs (target/debug/deps/wire-0a1b2c)`.
fn binary_name(text: &str) -> Option<String> {
    let (_, path) = text.strip_suffix(')')?.rsplit_once('(')?;
    let (name, _) = path.rsplit(['/', '\\']).next()?.rsplit_once('-')?;
    Some(name.to_owned())
}

/// Returns the 12 of `ok. 12 passed; 0 failed`.
fn number_before(text: &str, word: &str) -> Option<usize> {
    text.split_once(word)?.0.rsplit(' ').next()?.parse().ok()
}

/// Returns the 0.25 of `…; finished in 0.25s`.
fn seconds_in(text: &str) -> Option<f64> {
    text.rsplit_once("finished in ")?.1.strip_suffix('s')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_passed_tests_and_ranks_binaries() {
        let mut tally = Tally::default();
        let output = "\
   Compiling fluoro-wire v0.1.0
     Running unittests src/lib.rs (target/debug/deps/wire-0a1b2c)
running 12 tests
test clock::tests::goes_forward ... ok
test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.25s
     Running it/main.rs (/home/me/target/debug/deps/it-99)
test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.50s
   Doc-tests wire
test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        output.lines().for_each(|line| tally.read(line));
        assert_eq!(tally.passed, 15);
        assert_eq!(tally.slowest(2), [(1.5, "it"), (0.25, "wire")]);
        assert_eq!(tally.slowest(9)[2].1, "wire (examples in the documentation)");
    }

    #[test]
    fn what_a_test_prints_is_not_counted() {
        let mut tally = Tally::default();
        for line in ["Running late (again)", "test result: unknown", "12 passed"] {
            tally.read(line);
        }
        assert_eq!((tally.passed, tally.slowest(5).len()), (0, 0));
    }
}
