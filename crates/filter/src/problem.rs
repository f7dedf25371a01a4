//! What is wrong with a filter expression, and where.

use std::fmt;
use std::ops::Range;

/// One thing that is wrong with an expression; it is printed as AWS would say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Bytes of the text that it concerns; empty at the end of the text.
    pub range: Range<usize>,
    /// The line, from one.
    pub line: usize,
    /// The place in the line, in characters, from one.
    pub column: usize,
    /// What is wrong.
    pub what: What,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// No word of the language begins so: what fits, and the first character that does not.
    Symbol(String),
    /// This should stand here, before the given token or the end.
    Missing(&'static str, Option<String>),
    /// This token, or the end, should not stand here.
    Unexpected(Option<String>),
    /// This word or operator is known, but not allowed here; the text says what is.
    Refused(String, String),
    /// Parentheses, braces or negations are nested too deep.
    TooDeep,
}

impl Problem {
    pub(crate) fn new(text: &str, range: Range<usize>, what: What) -> Self {
        let before = &text[..range.start];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            range,
            what,
        }
    }

    /// Returns advice beyond what AWS says, where there is some.
    pub fn advice(&self) -> Option<&str> {
        match &self.what {
            What::Refused(_, advice) => Some(advice),
            _ => None,
        }
    }
}

impl fmt::Display for Problem {
    /// Source: observed answers of `GetTraceSummaries`; the texts beyond those are in their style.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Error Location: line {}, position {} : {}", self.line, self.column, self.what)
    }
}

impl fmt::Display for What {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Symbol(symbol) => write!(out, "Invalid input symbol: '{symbol}'"),
            Self::Missing(what, None) => write!(out, "missing '{what}' at end of expression"),
            Self::Missing(what, Some(at)) => write!(out, "missing '{what}' at '{at}'"),
            Self::Unexpected(None) => write!(out, "unexpected end of expression"),
            Self::Unexpected(Some(token)) | Self::Refused(token, _) => {
                write!(out, "unexpected input: '{token}'")
            }
            Self::TooDeep => write!(out, "expression is nested too deep"),
        }
    }
}
