//! `POST filter/parse`: what an editor wants to know of a filter expression while it is typed.

use filter::Utf16;
use filter::assist::{Found, TokenKind};
use filter::complete::{Suggestion, SuggestionKind};
use filter::{Predicate, assist, complete};
use serde::{Deserialize, Serialize};
use store::Filter;
use utoipa::ToSchema;
use wire::limits::FILTER_BYTES_MAX;

use super::{Answer, Answered, Ask, Error, error, shape};
use crate::app::App;

/// An expression, perhaps on its way.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ParseRequest {
    text: String,
    /// Where the cursor is, if it is to be said what may stand there. Units: UTF-16.
    #[serde(default)]
    #[schema(nullable = false)]
    position: Option<u32>,
}

/// What there is to say of an expression. Places are in units of UTF-16, as JavaScript counts.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ParseResponse {
    /// The expression as it is usually written, empty for an empty text; null when it has problems.
    #[schema(required)]
    canonical: Option<String>,
    /// What is wrong with it.
    problems: Vec<ParseProblem>,
    /// The terms that must all hold; none when there are problems. Each is an expression.
    terms: Vec<ParseTerm>,
    /// The words, signs and values, in their order.
    tokens: Vec<ParseToken>,
    /// Whether traces must be put together to tell whether they fit: their summaries do not say.
    slow: bool,
    /// What may stand at the position, if one was given.
    #[schema(required)]
    completion: Option<ParseCompletion>,
}

/// One thing that is wrong.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ParseProblem {
    message: String,
    from: u32,
    to: u32,
    /// A change that would put it right, if there is a good guess.
    #[schema(required)]
    fix: Option<ParseFix>,
}

/// A change of the text.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ParseFix {
    from: u32,
    to: u32,
    /// What takes the place.
    text: String,
}

/// A term.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ParseTerm {
    from: u32,
    to: u32,
    text: String,
}

/// A word, a sign or a value.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ParseToken {
    from: u32,
    to: u32,
    kind: ParseTokenKind,
}

/// What a piece of the text is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum ParseTokenKind {
    /// A field.
    Keyword,
    /// A selector.
    Function,
    /// The key of an annotation, in brackets.
    Key,
    /// What stands between a field and its value.
    Operator,
    /// `AND`, `OR`, `NOT` and `!`.
    Logic,
    /// Text.
    Text,
    /// A number.
    Number,
    /// `true` or `false`.
    Flag,
    /// A parenthesis, brace, bracket, comma or colon.
    Sign,
    /// Nothing of the language.
    Unknown,
}

/// What may stand at the position.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ParseCompletion {
    /// Where what an item takes the place of begins: the word or text begun.
    from: u32,
    to: u32,
    items: Vec<CompletionItem>,
    /// The field whose values may stand there: `GET fields/values` knows them.
    #[schema(required)]
    values_of: Option<String>,
    /// What of a value is begun, without its quote.
    prefix: String,
}

/// Something that may stand at the position.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CompletionItem {
    /// How it is written. In a snippet `${…}` stands for what is to be filled in.
    text: &'static str,
    kind: CompletionKind,
    /// What it means, in a line.
    #[schema(required)]
    detail: Option<&'static str>,
}

/// What an item is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum CompletionKind {
    /// A field.
    Keyword,
    /// What stands between a field and a value, or between terms.
    Operator,
    /// What a field is compared with.
    Value,
    /// A whole term with gaps.
    Snippet,
    /// A selector.
    Function,
}

/// Says what there is to say of a filter expression.
#[utoipa::path(post, path = "/console/api/filter/parse", operation_id = "parseFilter",
    request_body = ParseRequest,
    responses((status = 200, body = ParseResponse), (status = "4XX", body = error::Body<'_>)))]
pub(super) fn parse(ask: &Ask<'_>) -> Answered {
    let ParseRequest { text, position } = ask.body()?;
    if text.len() > FILTER_BYTES_MAX {
        return Err(Error::invalid("The filter is too long").in_field("text"));
    }
    let units = Utf16::new(&text);
    let assisted = assist(&text);
    let slow = assisted.problems.is_empty() && is_slow(ask.app, &text);
    let term = |range: &std::ops::Range<usize>| {
        let std::ops::Range { start: from, end: to } = units.range(range);
        ParseTerm { from, to, text: text[range.clone()].to_owned() }
    };
    let token = |(range, kind): &(std::ops::Range<usize>, TokenKind)| {
        let std::ops::Range { start: from, end: to } = units.range(range);
        ParseToken { from, to, kind: (*kind).into() }
    };
    Ok(Answer::json(&ParseResponse {
        problems: assisted.problems.into_iter().map(|found| problem(found, &units)).collect(),
        terms: assisted.terms.iter().map(term).collect(),
        tokens: assisted.tokens.iter().map(token).collect(),
        slow,
        completion: position.map(|position| completion(&text, &units, position)),
        canonical: assisted.canonical,
    }))
}

/// Whether rows do not decide the filter. One that refers to groups in circles finds nothing.
fn is_slow(app: &App, text: &str) -> bool {
    let predicate = Predicate::read(text).ok().and_then(|read| shape::resolved(app, read).ok());
    predicate.is_some_and(|predicate| !Filter::of(&predicate, &Default::default()).is_exact())
}

fn problem(found: Found, units: &Utf16) -> ParseProblem {
    let Found { message, range, fix } = found;
    let range = units.range(&range);
    let fix = fix.map(|fix| {
        let range = units.range(&fix.range);
        ParseFix { from: range.start, to: range.end, text: fix.text }
    });
    ParseProblem { message, from: range.start, to: range.end, fix }
}

fn completion(text: &str, units: &Utf16, position: u32) -> ParseCompletion {
    let completion = complete(text, units.byte(position));
    let range = units.range(&completion.range);
    ParseCompletion {
        from: range.start,
        to: range.end,
        items: completion.suggestions.into_iter().map(CompletionItem::from).collect(),
        values_of: completion.values_of,
        prefix: completion.begun,
    }
}

impl From<Suggestion> for CompletionItem {
    fn from(Suggestion { text, kind, detail }: Suggestion) -> Self {
        let kind = match kind {
            SuggestionKind::Keyword => CompletionKind::Keyword,
            SuggestionKind::Operator => CompletionKind::Operator,
            SuggestionKind::Value => CompletionKind::Value,
            SuggestionKind::Snippet => CompletionKind::Snippet,
            SuggestionKind::Function => CompletionKind::Function,
        };
        Self { text, kind, detail }
    }
}

impl From<TokenKind> for ParseTokenKind {
    fn from(kind: TokenKind) -> Self {
        match kind {
            TokenKind::Keyword => Self::Keyword,
            TokenKind::Function => Self::Function,
            TokenKind::Key => Self::Key,
            TokenKind::Operator => Self::Operator,
            TokenKind::Logic => Self::Logic,
            TokenKind::Text => Self::Text,
            TokenKind::Number => Self::Number,
            TokenKind::Flag => Self::Flag,
            TokenKind::Sign => Self::Sign,
            TokenKind::Unknown => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests;
