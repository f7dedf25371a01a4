//! Conditions: what a row must satisfy, as far as an index can tell.
//!
//! A condition may be weaker than what is asked, never stronger: what an index cannot tell (that
//! something is absent, that a text contains another) is left out, that is `All` of nothing.

use std::ops::RangeInclusive;

use wire::Micros;

use crate::Axis;

use super::fuse::KeySet;
use super::token::{Token, TokenHash, word_ranges};
use super::zone::Zone;

/// What a row of the table of traces must satisfy. Whoever makes one bounds how deep it nests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// All of these; of none, every row.
    All(Vec<Condition>),
    /// One of these at least; of none, no row.
    Any(Vec<Condition>),
    /// The trace has the token.
    Token(TokenHash),
    /// This time of the trace is known and lies in the window; for ends, some of the time from the
    /// first to the last does.
    Time(Axis, RangeInclusive<Micros>),
    /// The trace has a duration, of this at least.
    DurationMin(Micros),
    /// The trace has a response time, of this at least.
    ResponseTimeMin(Micros),
    /// The trace has one of these flags at least.
    FlagsAny(u32),
}

impl From<Token<'_>> for Condition {
    fn from(token: Token<'_>) -> Self {
        Self::Token(token.hash())
    }
}

impl Condition {
    /// Returns what every URL satisfies that is this text.
    pub fn url_equals(text: &str) -> Self {
        Self::words(text, true, true)
    }

    /// Returns what every URL satisfies that begins with this text.
    pub fn url_begins_with(text: &str) -> Self {
        Self::words(text, true, false)
    }

    /// Returns what every URL satisfies that ends with this text.
    pub fn url_ends_with(text: &str) -> Self {
        Self::words(text, false, true)
    }

    /// Returns what every URL satisfies that contains this text.
    pub fn url_contains(text: &str) -> Self {
        Self::words(text, false, false)
    }

    /// All words that are whole in every URL around `text`: one at an end of it may go on, unless
    /// that is the URL's end.
    fn words(text: &str, is_start: bool, is_end: bool) -> Self {
        let is_whole = |word: &std::ops::Range<usize>| {
            (is_start || word.start > 0) && (is_end || word.end < text.len())
        };
        let tokens = word_ranges(text).filter(is_whole).map(|word| Token::UrlWord(&text[word]));
        Self::All(tokens.map(Self::from).collect())
    }

    /// Returns whether a row of the chunk may satisfy the condition: always true when one does.
    pub(super) fn may_hold(&self, zone: &Zone, tokens: &KeySet<'_>) -> bool {
        match self {
            Self::All(conditions) => conditions.iter().all(|each| each.may_hold(zone, tokens)),
            Self::Any(conditions) => conditions.iter().any(|each| each.may_hold(zone, tokens)),
            Self::Token(TokenHash(hash)) => tokens.may_contain(*hash),
            Self::Time(Axis::Start, window) => overlap(window, &zone.start),
            Self::Time(Axis::Updated, window) => overlap(window, &zone.updated),
            Self::Time(Axis::End, window) => {
                zone.end.as_ref().is_some_and(|end| overlap(window, end))
            }
            Self::DurationMin(min) => zone.duration_max >= *min,
            Self::ResponseTimeMin(min) => zone.response_time_max >= *min,
            Self::FlagsAny(flags) => zone.flags & flags != 0,
        }
    }
}

fn overlap(window: &RangeInclusive<Micros>, zone: &RangeInclusive<Micros>) -> bool {
    window.start() <= zone.end() && zone.start() <= window.end() && !window.is_empty()
}
