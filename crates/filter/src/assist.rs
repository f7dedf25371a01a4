//! What an editor wants to know of an expression: what is wrong and what would put it right, of which
//! terms it is made, and what each word of it is.
//!
//! A fix is a guess, made from what people who know other languages write. It is only offered when
//! the text has fewer problems with it than without.

mod fix;

mod tokens;

mod words;

use std::ops::Range;

use crate::ast::Expr;
use crate::parse::{PROBLEMS_MAX, parse};
use crate::problem::Problem;

pub use tokens::{TokenKind, tokens};

/// Problems of one text that a fix is looked for; each guess means to read the text again.
const FIXES_MAX: usize = 8;

/// What there is to say of a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Assisted {
    /// The expression in its canonical form, empty for an empty text; `None` when it has problems.
    pub canonical: Option<String>,
    /// What is wrong.
    pub problems: Vec<Found>,
    /// The bytes of each of the terms that must all hold; none when there are problems.
    pub terms: Vec<Range<usize>>,
    /// The words, signs and values of the text.
    pub tokens: Vec<(Range<usize>, TokenKind)>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What is wrong, in words, without the place.
    pub message: String,
    /// The bytes that it concerns; empty at the end of the text.
    pub range: Range<usize>,
    /// What would put it right, if there is a good guess.
    pub fix: Option<Fix>,
}

/// A change of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// The bytes that go.
    pub range: Range<usize>,
    /// What takes their place.
    pub text: String,
}

impl Fix {
    /// Returns the text with the change made.
    pub fn apply(&self, text: &str) -> String {
        let mut fixed = text.to_owned();
        fixed.replace_range(self.range.clone(), &self.text);
        fixed
    }
}

/// Says what there is to say of a text.
pub fn assist(text: &str) -> Assisted {
    let parsed = parse(text);
    let problems = found(text, &parsed.problems);
    let expression = parsed.expression.filter(|_| problems.is_empty());
    let terms = match &expression {
        None => Vec::new(),
        Some(whole) => match &whole.value {
            Expr::And(parts) => parts.iter().map(|part| part.range.clone()).collect(),
            _ => vec![whole.range.clone()],
        },
    };
    let canonical = expression.map(|expression| expression.value.to_string());
    let canonical = canonical.or(problems.is_empty().then(String::new));
    Assisted { canonical, problems, terms, tokens: tokens(text) }
}

/// What is wrong, with the fixes. What a fix would put right on the way is not said again.
fn found(text: &str, problems: &[Problem]) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::with_capacity(problems.len());
    let mut fix_count = 0;
    for problem in problems {
        let is_covered = |before: &Found| {
            before.fix.as_ref().is_some_and(|fix| {
                fix.range.start < problem.range.end && problem.range.end <= fix.range.end
            })
        };
        if found.iter().any(is_covered) {
            continue;
        }
        let may_be_fixed = fix_count < FIXES_MAX && problems.len() < PROBLEMS_MAX;
        fix_count += 1;
        let fix = may_be_fixed.then(|| {
            let helps = |fix: &Fix| parse(&fix.apply(text)).problems.len() < problems.len();
            fix::guesses(text, problem).into_iter().find(helps)
        });
        let message = match problem.advice() {
            Some(advice) => format!("{}: {advice}", problem.what),
            None => problem.what.to_string(),
        };
        found.push(Found { message, range: problem.range.clone(), fix: fix.flatten() });
    }
    found
}

#[cfg(test)]
mod tests;
