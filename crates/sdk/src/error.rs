//! What can fail: reading the settings, starting, and work without a segment where the application
//! asked to be told.

use std::io;

/// Why something could not be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no current segment, and the strategy is to say so.
    #[error("find the segment that {name} belongs to")]
    ContextMissing {
        /// The subsegment that was to begin.
        name: String,
    },
    /// A variable of the environment has no value that can be understood.
    #[error("understand {variable}, which is {value:?}: {problem}")]
    Variable {
        /// The variable.
        variable: &'static str,
        /// Its value.
        value: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The file of local sampling rules cannot be used.
    #[error("use the local sampling rules: {problem}")]
    LocalRules {
        /// What is wrong with it.
        problem: String,
    },
    /// The system refused a thread.
    #[error("start the thread {name}")]
    Thread {
        /// What the thread was for.
        name: &'static str,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A socket of the fake daemon could not be opened.
    #[error("open the doors of the fake daemon")]
    Door(#[source] io::Error),
}
