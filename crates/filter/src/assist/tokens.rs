//! What each word of a text is, for those who colour it. Says something of any text.

use std::ops::Range;

use crate::ast::Operator;
use crate::keywords::Keyword;
use crate::lex::{Lexer, Token};

/// What a piece of the text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A field.
    Keyword,
    /// A selector, or a part of `id(…)`.
    Function,
    /// The key of an annotation, in brackets.
    Key,
    /// What stands between a field and its value.
    Operator,
    /// `AND`, `OR`, `NOT` and `!`.
    Logic,
    /// Text, in quotes or without.
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

/// Returns the pieces of a text, in their order; nothing is said of the blanks between them.
pub fn tokens(text: &str) -> Vec<(Range<usize>, TokenKind)> {
    let mut lexer = Lexer { text, at: 0 };
    let mut pieces: Vec<(Range<usize>, TokenKind)> = Vec::new();
    loop {
        let (token, range) = lexer.next();
        let word = &text[range.clone()];
        let before = pieces.last().map(|(range, kind)| (&text[range.clone()], *kind));
        let kind = match token {
            Token::End => return pieces,
            Token::Word => word_kind(word, before.map(|(_, kind)| kind)),
            Token::Text(_) | Token::OpenText => TokenKind::Text,
            Token::Number(_) => TokenKind::Number,
            Token::Sign("!") => TokenKind::Logic,
            Token::Sign("=" | "!=" | "<" | "<=" | ">" | ">=") => TokenKind::Operator,
            Token::Sign(_) => TokenKind::Sign,
            Token::Foreign => TokenKind::Unknown,
        };
        let is_bracket = word == "[" && before.is_some_and(|(word, _)| is_annotation(word));
        pieces.push((range.clone(), kind));
        if is_bracket {
            let end = text[range.end..].find(']').map_or(text.len(), |at| range.end + at);
            if end > range.end {
                pieces.push((range.end..end, TokenKind::Key));
            }
            lexer.at = end;
        }
    }
}

fn is_annotation(word: &str) -> bool {
    let names = ["annotation", "source.annotation", "destination.annotation"];
    names.iter().any(|name| name.eq_ignore_ascii_case(word))
}

fn word_kind(word: &str, before: Option<TokenKind>) -> TokenKind {
    let lower = word.to_ascii_lowercase();
    let is_value = before == Some(TokenKind::Operator);
    match &*lower {
        "and" | "or" | "not" => TokenKind::Logic,
        _ if Operator::named(word).is_some() => TokenKind::Operator,
        "true" | "false" => TokenKind::Flag,
        _ if is_value => TokenKind::Text,
        "service" | "edge" | "id" | "account.id" => TokenKind::Function,
        _ if Keyword::named(word).is_some() || is_annotation(word) => TokenKind::Keyword,
        lower if lower.starts_with("rootcause.") => TokenKind::Function,
        lower if lower.split('.').rev().skip(1).any(|part| part == "annotation") => {
            TokenKind::Keyword
        }
        _ => TokenKind::Unknown,
    }
}
