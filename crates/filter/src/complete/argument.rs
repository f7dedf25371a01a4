//! What may come next inside the parentheses of a selector: nodes, by their names or by `id(…)`.

use crate::lex::Token;

/// What is asked for there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Argument {
    /// A node's name, or `id`.
    Node,
    /// A comma, or the end.
    AfterNode,
    /// A part of `id(…)`.
    Part,
    /// The value of this part.
    Value(Part),
    /// A comma, or the end of `id(…)`.
    AfterPart,
}

/// A part of `id(…)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Name,
    Type,
    Account,
}

impl Part {
    const ALL: [(Self, &'static str); 3] =
        [(Self::Name, "name"), (Self::Type, "type"), (Self::Account, "account.id")];

    fn named(word: &str) -> Option<Self> {
        let found = Self::ALL.into_iter().find(|(_, name)| name.eq_ignore_ascii_case(word));
        found.map(|(part, _)| part)
    }
}

impl Argument {
    /// Returns what is asked for after one more token; `None` when the parentheses are closed.
    pub(super) fn after(self, token: &Token, word: &str) -> Option<Self> {
        let is_in_id = [Self::Part, Self::AfterPart].contains(&self);
        Some(match (self, token) {
            (Self::Node | Self::AfterNode, Token::Sign(")")) => return None,
            (Self::Node, Token::Text(_) | Token::OpenText) => Self::AfterNode,
            (Self::Node, Token::Sign("(")) | (Self::AfterPart, Token::Sign(",")) => Self::Part,
            (Self::AfterNode, Token::Sign(",")) => Self::Node,
            (Self::Part, Token::Word) => Part::named(word).map_or(self, Self::Value),
            // The colon.
            (Self::Value(_), Token::Sign(":")) => self,
            (Self::Value(_), _) => Self::AfterPart,
            (_, Token::Sign(")")) if is_in_id => Self::AfterNode,
            _ => self,
        })
    }

    /// Returns the words that may stand there.
    pub(super) fn words(self) -> &'static [&'static str] {
        match self {
            Self::Node => &["id"],
            Self::Part => &["name", "type", "account.id"],
            Self::AfterNode | Self::Value(_) | Self::AfterPart => &[],
        }
    }

    /// Returns the field whose values may stand there.
    pub(super) fn values_of(self) -> Option<&'static str> {
        match self {
            Self::Node | Self::Value(Part::Name) => Some("name"),
            Self::Value(Part::Type) => Some("type"),
            _ => None,
        }
    }
}
