//! What may come next while somebody types.

mod argument;

use std::ops::Range;

use self::argument::Argument;
use crate::ast::{CauseKind, Level, Operator};
use crate::keywords::{Keyword, Kind, Scope, TABLE, WORDS};
use crate::lex::{Lexer, Token, is_word_part};

/// What may stand at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// The bytes that a suggestion takes the place of: the word or the text begun.
    pub range: Range<usize>,
    /// What the language has for the place, in the order of the table.
    pub suggestions: Vec<Suggestion>,
    /// The field whose values may stand here; the caller knows them.
    pub values_of: Option<String>,
    /// What is begun, without its quote; values begin with it.
    pub begun: String,
}

/// Something that may stand at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// How it is written. In a snippet `${…}` stands for what is to be filled in.
    pub text: &'static str,
    /// What it is.
    pub kind: SuggestionKind,
    /// What it means, in a line.
    pub detail: Option<&'static str>,
}

/// What is suggested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuggestionKind {
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

/// Whole terms with gaps, by the word that each begins with.
const SNIPPETS: [(&str, &str, &str); 5] = [
    ("annotation", "annotation.${key} = \"${value}\"", "a value recorded under a key"),
    ("service", "service(\"${name}\") { ${fault} }", "a segment of this node fits"),
    ("edge", "edge(\"${from}\", \"${to}\") { ${fault} }", "a call from one node to another fits"),
    (
        "rootcause.fault.service",
        "rootcause.fault.service { name = \"${name}\" }",
        "faults that this service is blamed for",
    ),
    (
        "rootcause.fault.exception",
        "rootcause.fault.exception { message CONTAINS \"${text}\" }",
        "faults that an exception with this message is blamed for",
    ),
];

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
    Arguments(Argument),
}

/// Returns what may stand at a place of the text, a byte index.
pub fn complete(text: &str, position: usize) -> Completion {
    let mut end = position.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    if let Some(start) = open_text(&text[..end]) {
        return complete_text(text, start, end);
    }
    let start = end - text[..end].chars().rev().take_while(|&char| is_word_part(char)).count();
    let (scope, place) = look(&text[..start]);
    let begun = text[start..end].to_owned();
    let words = match &place {
        Place::Operand => operands(scope),
        Place::AfterField(kind, _) => {
            let signs = kind.operators().iter().map(|operator| operator.sign());
            signs.chain(["AND", "OR"]).collect()
        }
        Place::Value(Kind::Flag, _) => vec!["true", "false"],
        Place::AfterTerm => [vec!["AND", "OR"], operands(scope)].concat(),
        Place::Value(..) | Place::AfterSelector => Vec::new(),
        Place::Arguments(argument) => argument.words().to_vec(),
    };
    let fits = |word: &&str| starts_with(word, &begun);
    let mut suggestions: Vec<_> = words.into_iter().filter(fits).map(Suggestion::of).collect();
    if scope == Scope::Trace && [Place::Operand, Place::AfterTerm].contains(&place) {
        let snippets = SNIPPETS.iter().filter(|(word, ..)| starts_with(word, &begun));
        suggestions.extend(snippets.map(|&(_, text, detail)| Suggestion {
            text,
            kind: SuggestionKind::Snippet,
            detail: Some(detail),
        }));
    }
    Completion { range: start..end, suggestions, values_of: values_of(place), begun }
}

/// Returns what may stand where a text in quotes is begun.
fn complete_text(text: &str, start: usize, end: usize) -> Completion {
    let (_, place) = look(&text[..start]);
    let begun = text[start + 1..end].to_owned();
    // The quote that an editor puts there by itself.
    let end = end + usize::from(text[end..].starts_with('"'));
    let values_of = values_of(place);
    Completion { range: start..end, suggestions: Vec::new(), values_of, begun }
}

/// Returns where the text in quotes begins that has no end yet.
fn open_text(text: &str) -> Option<usize> {
    let mut lexer = Lexer { text, at: 0 };
    loop {
        match lexer.next() {
            (Token::OpenText, range) => return Some(range.start),
            (Token::End, _) => return None,
            _ => {}
        }
    }
}

fn starts_with(word: &str, begun: &str) -> bool {
    word.get(..begun.len()).is_some_and(|start| start.eq_ignore_ascii_case(begun))
}

/// Returns the field whose values may stand at a place.
fn values_of(place: Place) -> Option<String> {
    match place {
        Place::Value(_, field) => Some(field),
        Place::Arguments(argument) => argument.values_of().map(str::to_owned),
        _ => None,
    }
}

impl Suggestion {
    fn of(text: &'static str) -> Self {
        let word = WORDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
        let row = TABLE.iter().find(|row| row.name == text).map(|row| row.help);
        let is_operator = Operator::named(text).is_some() || ["AND", "OR", "not"].contains(&text);
        let kind = match text {
            "true" | "false" => SuggestionKind::Value,
            _ if is_operator => SuggestionKind::Operator,
            "service" | "edge" | "id" => SuggestionKind::Function,
            text if row.is_none() && text.starts_with("rootcause.") => SuggestionKind::Function,
            _ => SuggestionKind::Keyword,
        };
        Self { text, kind, detail: row.or(word.map(|(_, help)| *help)) }
    }
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
            (token, Place::Arguments(argument)) => {
                argument.after(&token, word).map_or(Place::AfterTerm, Place::Arguments)
            }
            (Token::Sign("{"), Place::AfterSelector | Place::AfterTerm) => {
                scopes.push(selected);
                Place::Operand
            }
            (Token::Sign("}"), _) => {
                scopes.pop();
                Place::AfterTerm
            }
            (Token::Sign("("), Place::AfterSelector) => Place::Arguments(Argument::Node),
            (Token::Sign("(" | "!"), _) => Place::Operand,
            (Token::Sign(")"), _) => Place::AfterTerm,
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
        let Completion { range, suggestions, values_of, begun } = complete(text, text.len());
        let values = values_of.map(|field| format!(" values of {field} ({begun})"));
        let values = values.unwrap_or_default();
        let words: Vec<_> = suggestions.iter().map(|suggestion| suggestion.text).collect();
        format!("{text} → [{}] {}{values}\n", &text[range], words.join(" "))
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
            "user = \"al",
            "service(\"ch",
            "service(id(",
            "service(id(name: \"a\", type: \"AWS",
            "edge(\"a\", ",
            "edge(id(name: \"a\"), \"b",
            "edge(id(name: \"a\"), \"b\") { th",
        ];
        insta::assert_snapshot!(texts.map(suggested).concat(), @r#"
        dur → [dur] duration
        fault AND http.u → [http.u] http.url http.useragent
        duration  → [] = != < <= > >= AND OR
        duration > → []  values of duration ()
        ok =  → [] true false values of ok ()
        http.url con → [con] CONTAINS
        annotation[a.b] =  → []  values of annotation[a.b] ()
        annotation.key  → [] = != < <= > >= CONTAINS BEGINSWITH ENDSWITH AND OR
        service( → [] id values of name ()
        service("a") { na → [na] name
        service("a") { fault } AND r → [r] responsetime resource.arn rootcause.json rootcause.fault.service rootcause.fault.entity rootcause.fault.exception rootcause.error.service rootcause.error.entity rootcause.error.exception rootcause.responsetime.service rootcause.responsetime.entity rootcause.fault.service { name = "${name}" } rootcause.fault.exception { message CONTAINS "${text}" }
        edge { sou → [sou] source.annotation
        rootcause.responsetime.entity { co → [co] coverage
        rootcause.fault.entity { co → [co] 
        rootcause.f → [rootcause.f] rootcause.fault.service rootcause.fault.entity rootcause.fault.exception rootcause.fault.service { name = "${name}" } rootcause.fault.exception { message CONTAINS "${text}" }
        user = "a" a → [a] AND availabilityzone annotation annotation.${key} = "${value}"
        user = "a" (us → [us] user
        user = "al → ["al]  values of user (al)
        service("ch → ["ch]  values of name (ch)
        service(id( → [] name type account.id
        service(id(name: "a", type: "AWS → ["AWS]  values of type (AWS)
        edge("a",  → [] id values of name ()
        edge(id(name: "a"), "b → ["b]  values of name (b)
        edge(id(name: "a"), "b") { th → [th] throttle
        "#);
    }

    #[test]
    fn a_quote_that_the_editor_closed_belongs_to_the_text_begun() {
        let completion = complete("user = \"al\" AND ok", 10);
        assert_eq!((completion.range, &*completion.begun), (7..11, "al"));
    }

    #[test]
    fn it_is_said_what_each_suggestion_is() {
        let described = |text: &str| {
            let line = |one: &Suggestion| {
                format!("{} {:?}: {}\n", one.text, one.kind, one.detail.unwrap_or("-"))
            };
            complete(text, text.len()).suggestions.iter().map(line).collect::<String>()
        };
        insta::assert_snapshot!(
            ["service", "fault = t", "user C", "edge", "n"].map(described).concat(), @r#"
        service Function: service("name") { … }: a segment of a node fits
        service("${name}") { ${fault} } Snippet: a segment of this node fits
        true Value: what a flag is compared with
        CONTAINS Operator: the text has this in it
        edge Function: edge("from", "to") { … }: a call fits, as the caller sees it
        edge("${from}", "${to}") { ${fault} } Snippet: a call from one node to another fits
        not Operator: does not hold; the same as !
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
