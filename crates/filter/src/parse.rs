//! From text to the tree. Never fails: what cannot be read is left out and listed.

mod entity;
mod operand;
mod value;

use std::ops::Range;

use crate::ast::{Expr, Placed};
use crate::check::check;
use crate::lex::{Lexer, Token};
use crate::problem::{Problem, What};

pub use entity::EntitySelector;

/// How deep parentheses, braces, brackets and negations may be nested, all together.
pub const NESTING_MAX: usize = 128;

/// How many problems are told of one text; those who write garbage by the megabyte learn no more.
pub const PROBLEMS_MAX: usize = 100;

/// What was read of a text.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// What could be read; `None` when there is nothing, as in an empty text.
    pub expression: Option<Placed<Expr>>,
    /// What is wrong, in the order in which it was noticed: the first is the one AWS would answer
    /// with. Empty when the expression can be used.
    pub problems: Vec<Problem>,
}

/// Reads and checks an expression.
pub fn parse(text: &str) -> Parsed {
    let mut parser = Parser::new(text);
    let expression = parser.whole();
    let mut problems = parser.problems;
    if let Some(expression) = &expression {
        problems.extend(check(text, expression, PROBLEMS_MAX - problems.len()));
    }
    Parsed { expression, problems }
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    problems: Vec<Problem>,
    depth: usize,
    /// Nothing more is read or said.
    gave_up: bool,
    /// The last token could not be used; the next one need not be told of too.
    is_lost: bool,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Self {
        let lexer = Lexer { text, at: 0 };
        Self { lexer, problems: Vec::new(), depth: 0, gave_up: false, is_lost: false }
    }

    fn whole(&mut self) -> Option<Placed<Expr>> {
        let mut parts = Vec::new();
        if self.peek().0 == Token::End {
            return None;
        }
        loop {
            parts.extend(self.either());
            let (token, range) = self.peek();
            if token == Token::End {
                break;
            }
            // A closing sign that nothing opened.
            self.unexpected(&token, range);
            self.bump();
            if self.peek().0 == Token::End {
                break;
            }
        }
        joined(parts, Expr::And)
    }

    /// Parts with `OR` between them.
    fn either(&mut self) -> Option<Placed<Expr>> {
        let mut parts = Vec::new();
        parts.extend(self.all());
        while self.at_word("or") {
            self.bump();
            parts.extend(self.all());
        }
        joined(parts, Expr::Or)
    }

    /// Parts with `AND`, or nothing, between them.
    fn all(&mut self) -> Option<Placed<Expr>> {
        let mut parts = Vec::new();
        let mut needs_operand = true;
        loop {
            let (token, range) = self.peek();
            match token {
                Token::Word if self.at_word("or") => break,
                Token::Word if self.at_word("and") => {
                    if needs_operand {
                        self.unexpected(&token, range);
                    }
                    self.bump();
                    needs_operand = true;
                }
                Token::Word | Token::Sign("!" | "(") => {
                    parts.extend(self.operand());
                    needs_operand = false;
                }
                Token::End | Token::Sign(")" | "}") => break,
                _ => {
                    self.unexpected(&token, range);
                    self.is_lost = true;
                    self.bump();
                    needs_operand = false;
                }
            }
        }
        if needs_operand {
            let (token, range) = self.peek();
            self.unexpected(&token, range);
        }
        joined(parts, Expr::And)
    }

    fn peek(&self) -> (Token, Range<usize>) {
        self.lexer.clone().next()
    }

    fn bump(&mut self) -> (Token, Range<usize>) {
        self.lexer.next()
    }

    /// The text of the next token.
    fn peeked_text(&self) -> &'a str {
        &self.lexer.text[self.peek().1]
    }

    fn at_word(&self, word: &str) -> bool {
        self.peek().0 == Token::Word && self.peeked_text().eq_ignore_ascii_case(word)
    }

    fn at_sign(&self, sign: &'static str) -> bool {
        self.peek().0 == Token::Sign(sign)
    }

    /// Takes the sign if it is there.
    fn take_sign(&mut self, sign: &'static str) -> bool {
        let is_there = self.at_sign(sign);
        if is_there {
            self.bump();
        }
        is_there
    }

    /// Takes the sign, or says that it is missing.
    fn expect_sign(&mut self, sign: &'static str) -> bool {
        let is_there = self.take_sign(sign);
        if !is_there {
            let (token, range) = self.peek();
            let before = (token != Token::End).then(|| self.lexer.text[range.clone()].to_owned());
            self.problem(range, What::Missing(sign, before));
        }
        is_there
    }

    fn unexpected(&mut self, token: &Token, range: Range<usize>) {
        if self.is_lost {
            return;
        }
        let text = &self.lexer.text[range.clone()];
        let what = match token {
            Token::End => What::Unexpected(None),
            Token::OpenText => {
                let end = self.lexer.text.len();
                return self.problem(end..end, What::Missing("\"", None));
            }
            Token::Foreign => What::Symbol(crate::keywords::unknown_symbol(text)),
            _ => What::Unexpected(Some(text.to_owned())),
        };
        self.problem(range, what);
    }

    fn problem(&mut self, range: Range<usize>, what: What) {
        if self.gave_up {
            return;
        }
        self.problems.push(Problem::new(self.lexer.text, range, what));
        if self.problems.len() == PROBLEMS_MAX {
            self.give_up();
        }
    }

    fn give_up(&mut self) {
        self.gave_up = true;
        self.lexer.at = self.lexer.text.len();
    }

    /// Reads something one level deeper; nothing when that is too deep.
    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        if self.depth == NESTING_MAX {
            let range = self.peek().1;
            self.problem(range, What::TooDeep);
            self.give_up();
            return None;
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }
}

/// Makes one expression of several.
fn joined(
    mut parts: Vec<Placed<Expr>>,
    join: fn(Vec<Placed<Expr>>) -> Expr,
) -> Option<Placed<Expr>> {
    let (start, end) = (parts.first()?.range.start, parts.last()?.range.end);
    if parts.len() == 1 {
        return parts.pop();
    }
    Some(Placed { value: join(parts), range: start..end })
}

#[cfg(test)]
mod tests;
