//! What an expression must not say although it can be read: words where they mean nothing,
//! operators that a field does not have.

use crate::ast::{Comparison, Expr, Field, Placed, Selector, Side, Target};
use crate::keywords::{Kind, Scope};
use crate::problem::{Problem, What};

/// Lists what is wrong, in the order of the text it was read from, but no more than `count_max`.
pub(crate) fn check(text: &str, expression: &Placed<Expr>, count_max: usize) -> Vec<Problem> {
    let mut checker = Checker { text, problems: Vec::new(), count_max };
    checker.expression(expression, Scope::Trace);
    checker.problems
}

struct Checker<'a> {
    text: &'a str,
    problems: Vec<Problem>,
    count_max: usize,
}

impl Checker<'_> {
    fn expression(&mut self, expression: &Placed<Expr>, scope: Scope) {
        match &expression.value {
            Expr::Or(parts) | Expr::And(parts) => {
                parts.iter().for_each(|part| self.expression(part, scope));
            }
            Expr::Not(part) => self.expression(part, scope),
            Expr::Select(selector) => self.selector(selector, expression, scope),
            Expr::Compare(comparison) => self.comparison(comparison, scope),
        }
    }

    fn selector(&mut self, selector: &Selector, whole: &Placed<Expr>, scope: Scope) {
        if scope != Scope::Trace {
            let text = &self.text[whole.range.clone()];
            // Parentheses around it are part of its place.
            let skipped = text.find(crate::lex::is_word_part).unwrap_or(0);
            let word = &text[skipped..];
            let length = word.find(|char| !crate::lex::is_word_part(char)).unwrap_or(word.len());
            let start = whole.range.start + skipped;
            let range = start..start + length;
            let advice = "a selector does not stand inside another one".to_owned();
            self.refuse(range, advice);
        }
        let inner = match selector.target {
            Target::Service(_) => Scope::Service,
            Target::Edge(_) => Scope::Edge,
            Target::Cause(kind, level) => Scope::of_cause(kind, level),
        };
        if let Some(body) = &selector.body {
            self.expression(body, inner);
        }
    }

    fn comparison(&mut self, Comparison { field, test }: &Comparison, scope: Scope) {
        let range = field.range.clone();
        let (kind, scopes) = place(&field.value);
        if !scopes.contains(&scope) {
            let names: Vec<&str> = scopes.iter().map(|scope| scope.name()).collect();
            let advice = format!("`{}` is known of {}", field.value, names.join(", "));
            self.refuse(range, advice);
            return;
        }
        match test {
            None if [Kind::Group, Kind::Json].contains(&kind) => {
                let advice = format!("`{}` needs = or != and a value", field.value);
                self.refuse(range, advice);
            }
            Some((operator, _)) if !kind.operators().contains(&operator.value) => {
                let signs: Vec<&str> = kind.operators().iter().map(|one| one.sign()).collect();
                let advice = format!("`{}` is compared with {}", field.value, signs.join(" "));
                self.refuse(operator.range.clone(), advice);
            }
            _ => {}
        }
    }

    fn refuse(&mut self, range: std::ops::Range<usize>, advice: String) {
        if self.problems.len() == self.count_max {
            return;
        }
        let token = self.text[range.clone()].to_owned();
        self.problems.push(Problem::new(self.text, range, What::Refused(token, advice)));
    }
}

/// The kind of a field, and where it may stand.
fn place(field: &Field) -> (Kind, &'static [Scope]) {
    match field {
        Field::Keyword(keyword) => (keyword.row().kind, keyword.row().scopes),
        Field::Annotation(Side::Here, _) => {
            (Kind::Annotation, &[Scope::Trace, Scope::Service, Scope::Edge])
        }
        Field::Annotation(_, _) => (Kind::Annotation, &[Scope::Edge]),
    }
}
