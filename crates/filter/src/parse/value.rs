//! What stands on the right side of an operator.

use super::Parser;
use crate::ast::{Json, Placed, Value};
use crate::lex::Token;

/// Words that are never a value.
const RESERVED: [&str; 6] = ["and", "or", "not", "contains", "beginswith", "endswith"];

impl Parser<'_> {
    pub(super) fn value(&mut self) -> Option<Placed<Value>> {
        let (token, range) = self.peek();
        let start = range.start;
        let value = match token {
            Token::Text(text) => {
                self.bump();
                Value::Text(text)
            }
            Token::Number(number) if number.is_finite() => {
                self.bump();
                Value::Number(number)
            }
            Token::Word => Value::from_word(self.bare_word()?),
            Token::Sign("#") => {
                self.bump();
                if !self.at_sign("[") {
                    self.expect_sign("[");
                    return None;
                }
                Value::Json(self.json()?)
            }
            token => {
                self.unexpected(&token, range);
                self.is_lost = true;
                return None;
            }
        };
        Some(Placed { value, range: start..self.lexer.at })
    }

    /// A word for text: an example in AWS's own documents writes one.
    fn bare_word(&mut self) -> Option<&str> {
        let (token, range) = self.peek();
        let word = &self.lexer.text[range.clone()];
        if RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(word)) {
            self.unexpected(&token, range);
            return None;
        }
        self.bump();
        Some(word)
    }

    fn json(&mut self) -> Option<Json> {
        let (token, range) = self.bump();
        match token {
            Token::Text(text) => Some(Json::Text(text)),
            Token::Number(number) if number.is_finite() => Some(Json::Number(number)),
            Token::Sign("[") => self.deeper(Self::json_items).map(Json::List),
            Token::Sign("{") => self.deeper(Self::json_members).map(Json::Object),
            Token::Word => match &self.lexer.text[range.clone()] {
                "null" => Some(Json::Null),
                "true" => Some(Json::Flag(true)),
                "false" => Some(Json::Flag(false)),
                _ => {
                    self.unexpected(&token, range);
                    None
                }
            },
            token => {
                self.unexpected(&token, range);
                None
            }
        }
    }

    fn json_items(&mut self) -> Option<Vec<Json>> {
        let mut items = Vec::new();
        if self.take_sign("]") {
            return Some(items);
        }
        loop {
            items.push(self.json()?);
            if !self.take_sign(",") {
                return self.expect_sign("]").then_some(items);
            }
        }
    }

    fn json_members(&mut self) -> Option<Vec<(String, Json)>> {
        let mut members = Vec::new();
        if self.take_sign("}") {
            return Some(members);
        }
        loop {
            let (token, range) = self.bump();
            let Token::Text(key) = token else {
                self.unexpected(&token, range);
                return None;
            };
            if !self.expect_sign(":") {
                return None;
            }
            members.push((key, self.json()?));
            if !self.take_sign(",") {
                return self.expect_sign("}").then_some(members);
            }
        }
    }
}

impl Value {
    fn from_word(word: &str) -> Self {
        match word {
            word if word.eq_ignore_ascii_case("true") => Self::Flag(true),
            word if word.eq_ignore_ascii_case("false") => Self::Flag(false),
            word => Self::Text(word.to_owned()),
        }
    }
}
