//! Negations, groups in parentheses, selectors and comparisons.

use std::ops::Range;

use super::Parser;
use crate::ast::{
    CauseKind, Comparison, Expr, Field, Level, Node, Operator, Placed, Selector, Side, Target,
};
use crate::keywords::{Keyword, unknown_symbol};
use crate::lex::{Token, is_word_part};
use crate::problem::What;

impl Parser<'_> {
    /// One operand; the next token is a word, `!` or `(`.
    pub(super) fn operand(&mut self) -> Option<Placed<Expr>> {
        self.is_lost = false;
        let (token, range) = self.bump();
        match token {
            Token::Sign("(") => {
                let inner = self.deeper(|parser| {
                    let inner = parser.either();
                    parser.expect_sign(")");
                    inner
                });
                // With its parentheses, so that what is cut out of the text is an expression.
                inner.map(|inner| Placed { range: range.start..self.lexer.at, ..inner })
            }
            Token::Sign(_) => self.negation(range.start),
            _ if self.lexer.text[range.clone()].eq_ignore_ascii_case("not") => {
                self.negation(range.start)
            }
            _ => self.named(range),
        }
    }

    fn negation(&mut self, start: usize) -> Option<Placed<Expr>> {
        let (token, range) = self.peek();
        let is_operator = self.at_word("and") || self.at_word("or");
        if is_operator || !is_start(&token) {
            self.unexpected(&token, range);
            return None;
        }
        let inner = self.deeper(Self::operand)?;
        Some(Placed { value: Expr::Not(Box::new(inner)), range: start..self.lexer.at })
    }

    /// A selector or a comparison, by the word it begins with.
    fn named(&mut self, range: Range<usize>) -> Option<Placed<Expr>> {
        let word = self.lexer.text[range.clone()].to_ascii_lowercase();
        let start = range.start;
        let value = match &*word {
            "service" => {
                let node = self.service_node();
                Expr::Select(self.selector(Target::Service(node))?)
            }
            "edge" => {
                let ends = self.edge_ends();
                Expr::Select(self.selector(Target::Edge(ends))?)
            }
            word if cause(word).is_some() => {
                let target = cause(word)?;
                if !self.at_sign("{") {
                    self.expect_sign("{");
                    return None;
                }
                Expr::Select(Selector { target, body: Some(self.body()?) })
            }
            _ => Expr::Compare(self.comparison(&word, range)?),
        };
        Some(Placed { value, range: start..self.lexer.at })
    }

    /// What follows `service`: which node, if one is said.
    pub(super) fn service_node(&mut self) -> Option<Node> {
        let mut node = None;
        if self.take_sign("(") && !self.take_sign(")") {
            node = self.node();
            self.close();
        }
        node
    }

    /// What follows `edge`: from which node to which, if they are said.
    pub(super) fn edge_ends(&mut self) -> Option<(Node, Node)> {
        let mut ends = None;
        if self.take_sign("(") && !self.take_sign(")") {
            let from = self.node();
            if self.expect_sign(",") {
                ends = from.zip(self.node());
            }
            self.close();
        }
        ends
    }

    /// Finds the `)` of a selector's arguments.
    fn close(&mut self) {
        if self.at_sign(")") || !self.is_lost {
            self.expect_sign(")");
        }
    }

    fn selector(&mut self, target: Target) -> Option<Selector> {
        let body = if self.at_sign("{") { Some(self.body()?) } else { None };
        Some(Selector { target, body })
    }

    fn body(&mut self) -> Option<Box<Placed<Expr>>> {
        self.bump();
        self.deeper(|parser| {
            let inner = parser.either();
            parser.expect_sign("}");
            inner.map(Box::new)
        })
    }

    /// `"name"` or `id(…)`.
    fn node(&mut self) -> Option<Node> {
        let (token, range) = self.peek();
        match token {
            Token::Text(name) => {
                self.bump();
                Some(Node { name: Some(name), ..Node::default() })
            }
            Token::Word if self.at_word("id") => {
                self.bump();
                self.id()
            }
            _ => {
                self.unexpected(&token, range);
                None
            }
        }
    }

    /// What follows `id`.
    pub(super) fn id(&mut self) -> Option<Node> {
        let mut node = Node::default();
        if !self.expect_sign("(") {
            return None;
        }
        loop {
            self.id_part(&mut node)?;
            if !self.take_sign(",") {
                break;
            }
        }
        self.expect_sign(")").then_some(node)
    }

    fn id_part(&mut self, node: &mut Node) -> Option<()> {
        let (token, range) = self.bump();
        let word = self.lexer.text[range.clone()].to_ascii_lowercase();
        let part = match &*word {
            "name" => &mut node.name,
            "type" => &mut node.service_type,
            "account.id" => &mut node.account_id,
            _ => {
                self.unexpected(&token, range);
                return None;
            }
        };
        if part.is_some() {
            let advice = format!("`{word}` is given twice");
            self.problem(range, What::Refused(word, advice));
        }
        if !self.expect_sign(":") {
            return None;
        }
        match self.bump() {
            (Token::Text(text), _) => *part = Some(text),
            (token, range) => {
                self.unexpected(&token, range);
                return None;
            }
        }
        Some(())
    }

    fn comparison(&mut self, word: &str, range: Range<usize>) -> Option<Comparison> {
        let field = self.field(word, range.clone());
        let range = range.start..self.lexer.at;
        let test = self.test();
        let field = Placed { value: field?, range };
        Some(Comparison { field, test: test? })
    }

    /// The operator and the value, if there is an operator; `None` when there is no value.
    fn test(&mut self) -> Option<Option<(Placed<Operator>, Placed<crate::ast::Value>)>> {
        let Some(operator) = Operator::named(self.peeked_text()) else { return Some(None) };
        let range = self.bump().1;
        let value = self.value()?;
        Some(Some((Placed { value: operator, range }, value)))
    }

    fn field(&mut self, word: &str, range: Range<usize>) -> Option<Field> {
        if let Some(keyword) = Keyword::named(word) {
            return Some(Field::Keyword(keyword));
        }
        let sides = [
            ("annotation", Side::Here),
            ("source.annotation", Side::Source),
            ("destination.annotation", Side::Destination),
        ];
        for (name, side) in sides {
            match word.strip_prefix(name) {
                Some("") => return Some(Field::Annotation(side, self.key_in_brackets()?)),
                Some(rest) if rest.starts_with('.') => {
                    let key = range.start + name.len() + 1..range.end;
                    return Some(Field::Annotation(side, self.dotted_key(range, key)?));
                }
                _ => {}
            }
        }
        let symbol = unknown_symbol(&self.lexer.text[range.start..]);
        self.problem(range, What::Symbol(symbol));
        None
    }

    fn dotted_key(&mut self, whole: Range<usize>, key: Range<usize>) -> Option<String> {
        let text = self.lexer.text;
        let key = &text[key];
        if !key.is_empty() && !key.contains('.') {
            return Some(key.to_owned());
        }
        let advice = format!("a key with dots stands in brackets: annotation[{key}]");
        self.problem(whole.clone(), What::Refused(text[whole].to_owned(), advice));
        None
    }

    fn key_in_brackets(&mut self) -> Option<String> {
        if !self.expect_sign("[") {
            return None;
        }
        let (token, range) = self.peek();
        let key = if let Token::Text(key) = token {
            self.bump();
            key
        } else {
            let rest = &self.lexer.text[range.start..];
            let is_key_part = |char: char| is_word_part(char) || "-:/@".contains(char);
            let length = rest.find(|char| !is_key_part(char)).unwrap_or(rest.len());
            if length == 0 {
                self.unexpected(&token, range);
                return None;
            }
            self.lexer.at = range.start + length;
            rest[..length].to_owned()
        };
        self.expect_sign("]").then_some(key)
    }
}

/// Whether an operand may begin with this token.
fn is_start(token: &Token) -> bool {
    [Token::Word, Token::Sign("!"), Token::Sign("(")].contains(token)
}

/// Reads `rootcause.fault.service` and its like, in lower case.
fn cause(word: &str) -> Option<Target> {
    let (kind, level) = word.strip_prefix("rootcause.")?.split_once('.')?;
    let kinds = [CauseKind::Fault, CauseKind::Error, CauseKind::ResponseTime];
    let levels = [Level::Service, Level::Entity, Level::Exception];
    let kind = kinds.into_iter().find(|known| known.name() == kind)?;
    let level = levels.into_iter().find(|known| known.name() == level)?;
    let is_known = (kind, level) != (CauseKind::ResponseTime, Level::Exception);
    is_known.then_some(Target::Cause(kind, level))
}
