//! Entity selectors: which nodes or edges of a service graph are meant, in the part of the language
//! that says so.

use super::Parser;
use crate::ast::Node;
use crate::lex::Token;
use crate::problem::Problem;

/// Nodes or edges of a service graph.
///
/// Source: `EntitySelectorExpression`; `filter-expressions.md`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntitySelector {
    /// Nodes; all of them when none is named.
    Service(Option<Node>),
    /// Edges from one node to another; all of them when none is named.
    Edge(Option<(Node, Node)>),
}

impl EntitySelector {
    /// Reads `service(…)`, `edge(…, …)`, or `id(…)`, which is short for a service.
    ///
    /// # Errors
    /// What is wrong with the text; the first problem is the one AWS would answer with.
    pub fn read(text: &str) -> Result<Self, Vec<Problem>> {
        let mut parser = Parser::new(text);
        let selector = parser.entity();
        match selector {
            Some(selector) if parser.problems.is_empty() => Ok(selector),
            _ => Err(parser.problems),
        }
    }
}

impl Parser<'_> {
    /// A selector and nothing behind it.
    fn entity(&mut self) -> Option<EntitySelector> {
        let (token, range) = self.bump();
        let word = self.lexer.text[range.clone()].to_ascii_lowercase();
        let selector = match &*word {
            "service" => EntitySelector::Service(self.service_node()),
            "edge" => EntitySelector::Edge(self.edge_ends()),
            "id" => EntitySelector::Service(Some(self.id()?)),
            _ => {
                self.unexpected(&token, range);
                return None;
            }
        };
        let (token, range) = self.peek();
        if token != Token::End {
            self.unexpected(&token, range);
        }
        Some(selector)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read, or the first problem.
    fn read(text: &str) -> String {
        let node = |node: &Node| {
            let parts = [&node.name, &node.service_type, &node.account_id];
            parts.map(|part| part.as_deref().unwrap_or("-")).join(" ")
        };
        match EntitySelector::read(text) {
            Ok(EntitySelector::Service(one)) => {
                format!("{text} → service {}", one.as_ref().map_or("any".into(), node))
            }
            Ok(EntitySelector::Edge(None)) => format!("{text} → edge any"),
            Ok(EntitySelector::Edge(Some((from, to)))) => {
                format!("{text} → edge {} to {}", node(&from), node(&to))
            }
            Err(problems) => {
                let problem = problems[0].to_string();
                format!("{text} → {}", problem.replace("Error Location: line 1, position ", ""))
            }
        }
    }

    fn read_all(texts: &[&str]) -> String {
        texts.iter().map(|text| format!("{}\n", read(text))).collect()
    }

    #[test]
    fn nodes_and_edges_are_named_as_in_filters() {
        insta::assert_snapshot!(read_all(&[
            "service()",
            "SERVICE",
            r#" service("a") "#,
            r#"service(id(name: "a", type: "t"))"#,
            r#"Id(account.id: "1")"#,
            "edge()",
            r#"edge(id(name: "a", type: "client"), "a")"#,
        ]), @r#"
        service() → service any
        SERVICE → service any
         service("a")  → service a - -
        service(id(name: "a", type: "t")) → service a t -
        Id(account.id: "1") → service - - 1
        edge() → edge any
        edge(id(name: "a", type: "client"), "a") → edge a client - to a - -
        "#);
    }

    #[test]
    fn anything_else_is_refused_in_the_words_of_filters() {
        insta::assert_snapshot!(read_all(&[
            "",
            "fault",
            r#"service("a") { fault }"#,
            r#"service("a") service("b")"#,
            r#"!service("a")"#,
            r#"service("a""#,
            "service(a)",
            r#"edge("a")"#,
            r#"id(name: "a", name: "b")"#,
            "id()",
            r#"("a")"#,
            r#""a"#,
        ]), @r#"
         → 1 : unexpected end of expression
        fault → 1 : unexpected input: 'fault'
        service("a") { fault } → 14 : unexpected input: '{'
        service("a") service("b") → 14 : unexpected input: 'service'
        !service("a") → 1 : unexpected input: '!'
        service("a" → 12 : missing ')' at end of expression
        service(a) → 9 : unexpected input: 'a'
        edge("a") → 9 : missing ',' at ')'
        id(name: "a", name: "b") → 15 : unexpected input: 'name'
        id() → 4 : unexpected input: ')'
        ("a") → 1 : unexpected input: '('
        "a → 3 : missing '"' at end of expression
        "#);
    }
}
