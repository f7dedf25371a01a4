//! Filter expressions as requests bring them.

use filter::{Predicate, Problem};
use wire::api::Error;
use wire::limits::FILTER_BYTES_MAX;

/// Reads an expression; an empty one is everything.
///
/// # Errors
/// `InvalidRequest` when it is too long, for each of its terms is asked of every row, and when it has
/// problems.
///
/// Source: GetTraceSummaries and CreateGroup, captured answers.
pub(crate) fn read(text: &str) -> Result<Predicate, Error> {
    if text.len() > FILTER_BYTES_MAX {
        return Err(Error::invalid_request("Filter Expression is too long"));
    }
    Predicate::read(text).map_err(|problems| refusal(&problems))
}

/// Returns the answer to an expression with problems: the first of them.
pub(crate) fn refusal(problems: &[Problem]) -> Error {
    Error::invalid_request(problems.first().map_or_else(String::new, Problem::to_string))
}
