//! The sizes of a run, from the command line.

use std::path::PathBuf;
use std::str::FromStr;

use serde::Serialize;

/// What may stand behind `fluoro-bench store`.
pub(crate) const USAGE: &str = "\
[SPANS] [--smoke] [--no-seal] [--memory-max SIZE]
                          [--connections COUNT] [--data-dir DIR] [--keep]";

/// The sizes of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Parameters {
    /// Segments and subsegments, about.
    pub(crate) span_count: u64,
    /// Documents in one call.
    pub(crate) batch_documents: usize,
    /// Connections that call at the same time.
    pub(crate) connection_count: usize,
    /// The server's budget for traces.
    pub(crate) memory_max: String,
    /// How often a query is repeated at most.
    pub(crate) repeats_max: usize,
    /// Whether the server seals every second, so that nobody waits for it.
    pub(crate) is_hurried: bool,
    /// Whether the run waits until everything is sealed and compacted.
    pub(crate) is_seal_awaited: bool,
    /// Where the data goes; a folder of its own beside the build otherwise.
    #[serde(skip)]
    pub(crate) data_dir: Option<PathBuf>,
    /// Whether the data stays.
    pub(crate) is_kept: bool,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            span_count: 2_000_000,
            batch_documents: 25,
            connection_count: 4,
            memory_max: "4GiB".to_owned(),
            repeats_max: 500,
            is_hurried: false,
            is_seal_awaited: true,
            data_dir: None,
            is_kept: false,
        }
    }
}

impl Parameters {
    /// The sizes of a run that only shows that everything works.
    pub(crate) fn smoke() -> Self {
        Self { span_count: 4_000, repeats_max: 20, is_hurried: true, ..Self::default() }
    }

    /// Reads the words after `store`; the error is a sentence.
    pub(crate) fn parse(words: &[&str]) -> Result<Self, String> {
        let mut parameters = Self::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
            match *word {
                "--smoke" => parameters = Self::smoke(),
                "--no-seal" => parameters.is_seal_awaited = false,
                "--keep" => parameters.is_kept = true,
                "--memory-max" => parameters.memory_max = (*value()?).to_owned(),
                "--connections" => parameters.connection_count = count(value()?)?,
                "--data-dir" => parameters.data_dir = Some(PathBuf::from(value()?)),
                other => parameters.span_count = count(other)?,
            }
        }
        Ok(parameters)
    }
}

/// Reads a number that is not zero.
fn count<N: FromStr + Default + PartialEq>(word: &str) -> Result<N, String> {
    let count = word.parse().ok().filter(|count| *count != N::default());
    count.ok_or_else(|| format!("'{word}' is neither a flag nor a number above 0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_parameters() {
        let base = Parameters::default();
        for (words, expected) in [
            (&[][..], base.clone()),
            (&["20000000"], Parameters { span_count: 20_000_000, ..base.clone() }),
            (&["--connections", "16"], Parameters { connection_count: 16, ..base.clone() }),
            (&["--no-seal", "--smoke"], Parameters::smoke()),
            (
                &["--data-dir", "d", "--keep"],
                Parameters { data_dir: Some("d".into()), is_kept: true, ..base },
            ),
        ] {
            assert_eq!(Parameters::parse(words), Ok(expected), "{words:?}");
        }
        for words in [&["--data-dir"][..], &["many"], &["0"], &["--sealed"]] {
            assert!(Parameters::parse(words).is_err(), "{words:?}");
        }
    }
}
