//! What must hold for any bytes: the body of the fuzz target.

use crate::assist::assist;
use crate::ast::{Expr, Selector, Target};
use crate::complete::complete;
use crate::parse::{EntitySelector, parse};
use crate::predicate::Predicate;
use crate::problem::Problem;

/// Reads an expression, and reads what is printed of it.
///
/// # Panics
/// When a problem lies outside the text, or what is printed of a tree is not read as that tree.
pub fn fuzz_filter(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let parsed = parse(text);
    assert_inside(text, &parsed.problems);
    assert_eq!(assist(text).problems.is_empty(), parsed.problems.is_empty(), "{text:?}");
    assert!(text.get(complete(text, text.len() / 2).range).is_some(), "{text:?}");
    assert_eq!(Predicate::read(text).is_ok(), parsed.problems.is_empty(), "{text:?}");
    match EntitySelector::read(text) {
        Err(problems) => {
            assert!(!problems.is_empty(), "{text:?} is refused without a reason");
            assert_inside(text, &problems);
        }
        Ok(selector) if parsed.problems.is_empty() => {
            let expression = parsed.expression.as_ref().map(|expression| &expression.value);
            let target = match selector {
                EntitySelector::Service(node) => Target::Service(node),
                EntitySelector::Edge(ends) => Target::Edge(ends),
            };
            let whole = Expr::Select(Selector { target, body: None });
            assert_eq!(expression, Some(&whole), "{text:?} is another filter");
        }
        // `id(…)` alone is no filter.
        Ok(_) => {}
    }
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

fn assert_inside(text: &str, problems: &[Problem]) {
    for problem in problems {
        let range = problem.range.clone();
        assert!(text.get(range).is_some(), "{problem:?} lies outside of {text:?}");
        assert!(problem.line >= 1 && problem.column >= 1, "{problem:?}");
    }
}
