//! What may come next while somebody types.

use std::ops::Range;

use crate::ast::{CauseKind, Level, Operator};
use crate::keywords::{Keyword, Kind, Scope, TABLE, WORDS};
use crate::lex::{Lexer, Token, is_word_part};

/// What may stand at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// The bytes that a suggestion takes the place of: the word begun.
    pub range: Range<usize>,
    /// Words and operators, in the order of the table.
    pub suggestions: Vec<&'static str>,
    /// The field whose values may stand here; the caller knows them.
    pub values_of: Option<String>,
}

/// What the text before the word begun asks for.
#[derive(Clone, Debug, PartialEq)]
enum Place {
    /// A term.
    Operand,
    /// An operator for this field, or what may follow a term.
    AfterField(Kind, String),
    /// A value.
    Value(Kind, String),
    /// AND, OR or another term.
    AfterTerm,
    /// What a selector looks at, or its body.
    AfterSelector,
    /// Inside the parentheses of a selector.
    Arguments,
}

/// Returns what may stand at a place of the text, a byte index.
pub fn complete(text: &str, position: usize) -> Completion {
    let mut end = position.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let start = end - text[..end].chars().rev().take_while(|&char| is_word_part(char)).count();
    let (scope, place) = look(&text[..start]);
    let mut completion = Completion { range: start..end, suggestions: Vec::new(), values_of: None };
    let begun = text[start..end].to_ascii_lowercase();
    let words = match place {
        Place::Operand => operands(scope),
        Place::AfterField(kind, _) => {
            let signs = kind.operators().iter().map(|operator| operator.sign());
            signs.chain(["AND", "OR"]).collect()
        }
        Place::Value(kind, field) => {
            completion.values_of = Some(field);
            if kind == Kind::Flag { vec!["true", "false"] } else { Vec::new() }
        }
        Place::AfterTerm => [vec!["AND", "OR"], operands(scope)].concat(),
        Place::AfterSelector => Vec::new(),
        Place::Arguments => vec!["id", "name", "type", "account.id"],
    };
    let fits = |word: &&str| word.to_ascii_lowercase().starts_with(&begun);
    completion.suggestions = words.into_iter().filter(fits).collect();
    completion
}

/// The words that a term may begin with.
fn operands(scope: Scope) -> Vec<&'static str> {
    let keywords = TABLE.iter().filter(|row| row.scopes.contains(&scope)).map(|row| row.name);
    let is_fitting = |word: &&str| match *word {
        "annotation" => [Scope::Trace, Scope::Service, Scope::Edge].contains(&scope),
        "source.annotation" | "destination.annotation" => scope == Scope::Edge,
        "service" | "edge" => scope == Scope::Trace,
        "not" => true,
        word => scope == Scope::Trace && word.starts_with("rootcause."),
    };
    keywords.chain(WORDS.iter().map(|(word, _)| *word).filter(is_fitting)).collect()
}

/// Reads the text so far, and says where its end stands and what it asks for.
fn look(text: &str) -> (Scope, Place) {
    let mut lexer = Lexer { text, at: 0 };
    let mut scopes = vec![Scope::Trace];
    let mut place = Place::Operand;
    let mut selected = Scope::Trace;
    loop {
        let (token, range) = lexer.next();
        let word = &text[range];
        place = match (token, place) {
            (Token::End, place) => return (scopes.last().copied().unwrap_or(Scope::Trace), place),
            (Token::Sign("{"), Place::AfterSelector | Place::AfterTerm) => {
                scopes.push(selected);
                Place::Operand
            }
            (Token::Sign("}"), _) => {
                scopes.pop();
                Place::AfterTerm
            }
            (Token::Sign("("), Place::AfterSelector | Place::Arguments) => Place::Arguments,
            (Token::Sign("(" | "!"), _) => Place::Operand,
            (Token::Sign(")"), _) => Place::AfterTerm,
            (_, Place::Arguments) => Place::Arguments,
            // The key of an annotation.
            (Token::Sign("["), Place::AfterField(kind, field)) => {
                let at = text[lexer.at..].find(']').map_or(text.len(), |end| lexer.at + end + 1);
                let key = &text[lexer.at - 1..at];
                lexer.at = at;
                Place::AfterField(kind, field + key)
            }
            (Token::Sign(_) | Token::Word, Place::AfterField(kind, field))
                if Operator::named(word).is_some() =>
            {
                Place::Value(kind, field)
            }
            (Token::Word, Place::Value(..)) => Place::AfterTerm,
            (Token::Word, _) => {
                selected = scope_of(word).unwrap_or(selected);
                after_word(word)
            }
            _ => Place::AfterTerm,
        };
    }
}

fn after_word(word: &str) -> Place {
    let lower = word.to_ascii_lowercase();
    if ["and", "or", "not"].contains(&&*lower) {
        return Place::Operand;
    }
    match Keyword::named(&lower) {
        Some(keyword) => Place::AfterField(keyword.row().kind, keyword.row().name.to_owned()),
        None if lower.contains("annotation") => {
            Place::AfterField(Kind::Annotation, word.to_owned())
        }
        None => Place::AfterSelector,
    }
}

/// The scope that a selector opens.
fn scope_of(word: &str) -> Option<Scope> {
    Some(match &*word.to_ascii_lowercase() {
        "service" => Scope::Service,
        "edge" => Scope::Edge,
        word => {
            let level = match word.strip_prefix("rootcause.")?.split_once('.')?.1 {
                "service" => Level::Service,
                "entity" => Level::Entity,
                "exception" => Level::Exception,
                _ => return None,
            };
            let is_slow = word.contains(".responsetime.");
            let kind = if is_slow { CauseKind::ResponseTime } else { CauseKind::Fault };
            Scope::of_cause(kind, level)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is suggested at the end of the text.
    fn suggested(text: &str) -> String {
        let Completion { range, suggestions, values_of } = complete(text, text.len());
        let values = values_of.map(|field| format!(" values of {field}")).unwrap_or_default();
        format!("{text} → [{}] {}{values}\n", &text[range], suggestions.join(" "))
    }

    #[test]
    fn what_fits_the_place_is_suggested() {
        let texts = [
            "dur",
            "fault AND http.u",
            "duration ",
            "duration >",
            "ok = ",
            "http.url con",
            "annotation[a.b] = ",
            "annotation.key ",
            "service(",
            "service(\"a\") { na",
            "service(\"a\") { fault } AND r",
            "edge { sou",
            "rootcause.responsetime.entity { co",
            "rootcause.fault.entity { co",
            "rootcause.f",
            "user = \"a\" a",
            "user = \"a\" (us",
        ];
        insta::assert_snapshot!(texts.map(suggested).concat(), @r#"
    dur → [dur] duration
    fault AND http.u → [http.u] http.url http.useragent
    duration  → [] = != < <= > >= AND OR
    duration > → []  values of duration
    ok =  → [] true false values of ok
    http.url con → [con] CONTAINS
    annotation[a.b] =  → []  values of annotation[a.b]
    annotation.key  → [] = != < <= > >= CONTAINS BEGINSWITH ENDSWITH AND OR
    service( → [] id name type account.id
    service("a") { na → [na] name
    service("a") { fault } AND r → [r] responsetime resource.arn rootcause.json rootcause.fault.service rootcause.fault.entity rootcause.fault.exception rootcause.error.service rootcause.error.entity rootcause.error.exception rootcause.responsetime.service rootcause.responsetime.entity
    edge { sou → [sou] source.annotation
    rootcause.responsetime.entity { co → [co] coverage
    rootcause.fault.entity { co → [co] 
    rootcause.f → [rootcause.f] rootcause.fault.service rootcause.fault.entity rootcause.fault.exception
    user = "a" a → [a] AND availabilityzone annotation
    user = "a" (us → [us] user
    "#);
    }

    #[test]
    fn any_place_of_any_text_has_an_answer() {
        let text = "service(\"é\") { annotation[é} = ) ] \"";
        for position in 0..text.len() + 2 {
            let completion = complete(text, position);
            assert!(text.get(completion.range).is_some());
        }
    }
}
