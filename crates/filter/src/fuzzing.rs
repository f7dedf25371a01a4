//! What must hold for any bytes: the body of the fuzz target.

use crate::parse::parse;
use crate::predicate::Predicate;

/// Reads an expression, and reads what is printed of it.
///
/// # Panics
/// When a problem lies outside the text, or what is printed of a tree is not read as that tree.
pub fn fuzz_filter(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let parsed = parse(text);
    for problem in &parsed.problems {
        let range = problem.range.clone();
        assert!(text.get(range).is_some(), "{problem:?} lies outside of {text:?}");
        assert!(problem.line >= 1 && problem.column >= 1, "{problem:?}");
    }
    assert_eq!(Predicate::read(text).is_ok(), parsed.problems.is_empty(), "{text:?}");
    let Some(expression) = parsed.expression else { return };
    let printed = expression.value.to_string();
    let again = parse(&printed);
    // What is in doubt about the tree is in doubt about its print, and nothing else.
    if parsed.problems.is_empty() {
        assert_eq!(again.problems, [], "printed as {printed:?}");
    }
    assert_eq!(again.expression.as_ref(), Some(&expression), "printed as {printed:?}");
    assert_eq!(again.expression.map(|again| again.value.to_string()), Some(printed));
}
