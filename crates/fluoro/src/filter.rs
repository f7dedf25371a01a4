//! `fluoro filter`: what the filter language is, and what is wrong with an expression.

use std::process::ExitCode;

use ::filter::{Problem, parse};
use clap::Subcommand;

use crate::Failure;
use crate::say::say;

/// What to do with the language.
#[derive(Debug, Subcommand)]
pub(crate) enum FilterCommand {
    /// Explain the language, or one word of it.
    Help {
        /// A word of the language, such as responsetime.
        #[arg(value_name = "KEYWORD")]
        keyword: Option<String>,
    },
    /// Say what is wrong with an expression, or print it in its canonical form; exits with 1 when
    /// something is wrong.
    Check {
        /// The expression, in quotes for the shell.
        #[arg(value_name = "EXPR", allow_hyphen_values = true)]
        expression: String,
    },
}

/// Does what was asked for.
///
/// # Errors
/// When help is asked for on a word that is not of the language.
pub(crate) fn run(command: &FilterCommand) -> Result<ExitCode, Failure> {
    match command {
        FilterCommand::Help { keyword: None } => say(::filter::reference().trim_end()),
        FilterCommand::Help { keyword: Some(word) } => match ::filter::help(word) {
            Some(help) => say(help),
            None => return Err(format!("`{word}` is no word of the filter language").into()),
        },
        FilterCommand::Check { expression } => return Ok(check(expression)),
    }
    Ok(ExitCode::SUCCESS)
}

fn check(text: &str) -> ExitCode {
    let parsed = parse(text);
    for problem in &parsed.problems {
        say(marked(text, problem));
    }
    if !parsed.problems.is_empty() {
        return ExitCode::FAILURE;
    }
    match parsed.expression {
        Some(expression) => say(&expression.value),
        None => say("an empty expression: every trace"),
    }
    ExitCode::SUCCESS
}

/// A problem, its line with the place marked, and advice where there is some.
fn marked(text: &str, problem: &Problem) -> String {
    let line = text.lines().nth(problem.line - 1).unwrap_or("");
    // Tabs stay tabs, so that the mark stands below its place.
    let blank = |char: char| if char == '\t' { '\t' } else { ' ' };
    let indent: String = line.chars().map(blank).chain([' ']).take(problem.column - 1).collect();
    let room = line.chars().count().saturating_sub(problem.column - 1).max(1);
    let length = text[problem.range.clone()].chars().count().clamp(1, room);
    let mut lines = format!("{problem}\n  {line}\n  {indent}{}", "^".repeat(length));
    if let Some(advice) = problem.advice() {
        lines.push_str("\n  ");
        lines.push_str(advice);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first problem, as it is shown.
    fn shown(text: &str) -> String {
        marked(text, &parse(text).problems[0])
    }

    #[test]
    fn the_place_is_marked() {
        assert_eq!(
            shown("ok AND madeup = 7"),
            "Error Location: line 1, position 8 : Invalid input symbol: 'ma'\n  \
             ok AND madeup = 7\n         ^^^^^^"
        );
        assert_eq!(
            shown("ok\n\tAND (\"é\" fault"),
            "Error Location: line 2, position 7 : unexpected input: '\"é\"'\n  \
             \tAND (\"é\" fault\n  \t     ^^^"
        );
        assert_eq!(
            shown("(ok"),
            "Error Location: line 1, position 4 : missing ')' at end of expression\n  (ok\n     ^"
        );
        assert_eq!(
            shown("duration CONTAINS 5").lines().last(),
            Some("  `duration` is compared with = != < <= > >=")
        );
    }
}
