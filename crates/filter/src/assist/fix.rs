//! Guesses of what would put a problem right, the likeliest first. Whether a guess helps is not
//! known here.

use std::ops::Range;

use super::Fix;
use super::words::meant;
use crate::ast::Operator;
use crate::lex::{Lexer, Token, is_word_part};
use crate::problem::{Problem, What};

/// Quotes that are none here, with what closes them.
const QUOTES: [(char, char); 6] =
    [('\'', '\''), ('`', '`'), ('‘', '’'), ('’', '’'), ('“', '”'), ('”', '”')];

/// Signs of other languages, longer ones before those they begin with, and what is meant.
const SIGNS: [(&str, &str); 10] = [
    ("&&", "AND"),
    ("&", "AND"),
    ("||", "OR"),
    ("|", "OR"),
    ("==", "="),
    ("<>", "!="),
    ("=>", ">="),
    ("=<", "<="),
    ("=~", "CONTAINS"),
    ("~", "CONTAINS"),
];

/// Returns what may put the problem right.
pub(super) fn guesses(text: &str, problem: &Problem) -> Vec<Fix> {
    let range = &problem.range;
    let mut guesses = Vec::new();
    match &problem.what {
        What::Missing(sign, _) => {
            guesses.extend(quoted_argument(text, range));
            let sign = if *sign == "}" { " }" } else { sign };
            guesses.push(Fix { range: range.start..range.start, text: sign.to_owned() });
        }
        What::Symbol(_) | What::Unexpected(Some(_)) => {
            guesses.extend(double_quotes(text, range));
            guesses.extend(sign(text, range));
            guesses.extend(call(text, range));
            guesses.extend(quoted_argument(text, range));
            guesses.extend(word(text, range));
            guesses.extend(quoted_value(text, range));
            guesses.extend(closing_sign(text, range));
            guesses.extend(annotation(text, range));
        }
        What::Refused(token, _) => {
            guesses.extend(bracketed(token, range));
            guesses.extend(word(text, range));
        }
        What::Unexpected(None) | What::TooDeep => {}
    }
    guesses
}

fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// `'a'` → `"a"`
fn double_quotes(text: &str, range: &Range<usize>) -> Option<Fix> {
    let open = text[range.start..].chars().next()?;
    let (_, close) = QUOTES.into_iter().find(|(quote, _)| *quote == open)?;
    let start = range.start + open.len_utf8();
    let rest = &text[start..];
    let (length, after) = match rest.find(close) {
        Some(length) => (length, close.len_utf8()),
        None => (rest.find(is_stop).unwrap_or(rest.len()), 0),
    };
    let end = start + length;
    Some(Fix { range: range.start..end + after, text: quote(&text[start..end]) })
}

/// `&&` → `AND`
fn sign(text: &str, range: &Range<usize>) -> Vec<Fix> {
    let sign_at = |start: usize| {
        let rest = text.get(start..)?;
        let (theirs, ours) = SIGNS.into_iter().find(|(theirs, _)| rest.starts_with(theirs))?;
        let end = start + theirs.len();
        let is_word = ours.starts_with(char::is_alphabetic);
        let touches =
            |char: Option<char>| is_word && char.is_some_and(|char| !char.is_whitespace());
        let before = if touches(text[..start].chars().last()) { " " } else { "" };
        let after = if touches(text[end..].chars().next()) { " " } else { "" };
        Some(Fix { range: start..end, text: format!("{before}{ours}{after}") })
    };
    // The problem may be the second half of a sign.
    [range.start, range.start.saturating_sub(1)].into_iter().filter_map(sign_at).collect()
}

/// `service = "a"` → `service("a")`
fn call(text: &str, range: &Range<usize>) -> Option<Fix> {
    let mut lexer = Lexer { text, at: range.start };
    let (Token::Sign("=" | ":"), _) = lexer.next() else { return None };
    let name = text[..range.start].trim_end();
    let start = last_run(name, is_word_part);
    if !name[start..].eq_ignore_ascii_case("service") {
        return None;
    }
    let argument = match lexer.next() {
        (Token::Text(_), range) => text[range].to_owned(),
        (Token::Word, range) => quote(&text[range]),
        _ => return None,
    };
    Some(Fix { range: start..lexer.at, text: format!("service({argument})") })
}

/// `service(a)` → `service("a")`
fn quoted_argument(text: &str, range: &Range<usize>) -> Option<Fix> {
    let is_argument = text[..range.start].trim_end().ends_with(['(', ',', ':']);
    if !is_argument {
        return None;
    }
    let rest = &text[range.start..];
    let end = rest.find([',', ')', '"', '{', '}']).unwrap_or(rest.len());
    let name = rest[..end].trim_end();
    (!name.is_empty())
        .then(|| Fix { range: range.start..range.start + name.len(), text: quote(name) })
}

/// `status` → `http.status`
fn word(text: &str, range: &Range<usize>) -> Vec<Fix> {
    let word = &text[range.clone()];
    if let Some((head, key)) = word.split_once('.')
        && ["annotations", "annotaion", "tags", "tag"].contains(&&*head.to_ascii_lowercase())
    {
        return vec![Fix { range: range.clone(), text: annotation_of(key) }];
    }
    let fix = |ours: &str| Fix { range: range.clone(), text: ours.to_owned() };
    meant(word).into_iter().map(fix).collect()
}

/// `http.url = /a` → `http.url = "/a"`
fn quoted_value(text: &str, range: &Range<usize>) -> Option<Fix> {
    let before = text[..range.start].trim_end();
    let is_value = |before: &str| {
        let start = last_run(before, |char| !char.is_whitespace());
        before.ends_with(['=', '<', '>']) || Operator::named(&before[start..]).is_some()
    };
    // The value may begin with what could be read, as `i-0a` does.
    let is_inside = |char| !is_stop(char) && !"=<>(".contains(char);
    let run = last_run(&text[..range.start], is_inside);
    let start = if is_value(before) { range.start } else { run };
    if start != range.start && !is_value(text[..start].trim_end()) {
        return None;
    }
    let rest = &text[start..];
    let value = &rest[..rest.find(is_stop).unwrap_or(rest.len())];
    (!value.is_empty()).then(|| Fix { range: start..start + value.len(), text: quote(value) })
}

/// A closing sign that nothing opened goes.
fn closing_sign(text: &str, range: &Range<usize>) -> Option<Fix> {
    let is_closing = [")", "}", "]"].contains(&&text[range.clone()]);
    is_closing.then(|| Fix { range: range.clone(), text: String::new() })
}

/// `order = 7` → `annotation.order = 7`
fn annotation(text: &str, range: &Range<usize>) -> Option<Fix> {
    let word = &text[range.clone()];
    let is_word = !word.is_empty() && word.chars().all(is_word_part);
    let next = text[range.end..].trim_start();
    let end = next.find(char::is_whitespace).unwrap_or(next.len());
    let is_compared =
        next.starts_with(['=', '!', '<', '>']) || Operator::named(&next[..end]).is_some();
    let is_function = ["service", "edge", "id"].contains(&word);
    (is_word && is_compared && !is_function)
        .then(|| Fix { range: range.clone(), text: annotation_of(word) })
}

fn annotation_of(key: &str) -> String {
    if key.contains('.') { format!("annotation[{key}]") } else { format!("annotation.{key}") }
}

/// `annotation.a.b` → `annotation[a.b]`
fn bracketed(token: &str, range: &Range<usize>) -> Option<Fix> {
    let at = token.to_ascii_lowercase().find("annotation.")? + "annotation".len();
    let text = format!("{}[{}]", &token[..at], &token[at + 1..]);
    Some(Fix { range: range.clone(), text })
}

/// Where the characters begin that the text ends with and that are all such.
fn last_run(text: &str, is_such: impl Fn(char) -> bool) -> usize {
    let length: usize =
        text.chars().rev().take_while(|&char| is_such(char)).map(char::len_utf8).sum();
    text.len() - length
}

/// Where a value without quotes ends.
fn is_stop(char: char) -> bool {
    char.is_whitespace() || [')', '}', '&', '|'].contains(&char)
}
