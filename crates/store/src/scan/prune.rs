//! What the index of a block is told of its rows, and what it is asked for a predicate.
//!
//! Both are made here, side by side, because they must agree: a row that is like a predicate
//! satisfies the predicate's condition. A condition says less than the predicate, never more; what
//! an index cannot tell is a condition that every row satisfies.

use hashbrown::HashMap;
use trace::Outcome;
use wire::Micros;
use wire::value::{Number, Scalar};

use crate::block::traces::Facts;
use crate::block::traces::predicate::{
    Flag, NodeTest, NumberMember, Order, Predicate, Term, TextMember, TextTest, ValueTest,
};
use crate::index::{Condition, Token, TokenHash, TraceEntry, url_words};

/// Returns a row as the index keeps it; its flags are the bits of the table's column `flags`.
pub fn entry(row: &impl Facts) -> TraceEntry {
    let place = row.place();
    TraceEntry {
        id: row.id(),
        segment_rows: place.first_row..place.first_row.saturating_add(place.row_count),
        start: row.start(),
        end: row.end(),
        first_end: row.first_end(),
        updated: row.updated(),
        duration: row.duration(),
        response_time: row.response_time(),
        flags: u32::from(row.flags()),
    }
}

/// Makes the tokens of many rows, hashing each name of a service, each edge and each annotation key
/// once. For one block: what it has seen it keeps.
#[derive(Default)]
pub struct Tokens {
    /// The number of each service's name, and its hash.
    names: HashMap<String, (u32, TokenHash)>,
    edges: HashMap<(u32, u32), TokenHash>,
    keys: HashMap<String, TokenHash>,
    /// The numbers of the names of the row's nodes.
    numbers: Vec<u32>,
    scratch: String,
}

impl Tokens {
    /// Appends a row's tokens; one may come twice.
    pub fn push(&mut self, row: &impl Facts, out: &mut Vec<TokenHash>) {
        self.services(row, out);
        self.annotations(row, out);
        let scratch = &mut self.scratch;
        let mut add = |token: Token<'_>| out.push(token.hash_with(scratch));
        row.status().into_iter().for_each(|status| add(Token::Status(status)));
        row.entry_point().into_iter().for_each(|node| add(Token::Root(&node.name)));
        row.any_text(TextMember::User, |user| {
            add(Token::User(user));
            false
        });
        row.any_text(TextMember::Url, |url| {
            url_words(url).for_each(|word| add(Token::UrlWord(word)));
            false
        });
    }

    fn services(&mut self, row: &impl Facts, out: &mut Vec<TokenHash>) {
        self.numbers.clear();
        for node in row.nodes() {
            let next = self.names.len() as u32;
            let name = self.names.entry_ref(&*node.name);
            let (number, hash) = *name.or_insert_with(|| (next, Token::Service(&node.name).hash()));
            self.numbers.push(number);
            out.push(hash);
        }
        for edge in row.edges() {
            let key = (self.numbers[edge.source], self.numbers[edge.target]);
            let name = |at: usize| &*row.nodes()[at].name;
            let token = || Token::Edge { from: name(edge.source), to: name(edge.target) }.hash();
            out.push(*self.edges.entry(key).or_insert_with(token));
        }
    }

    fn annotations(&mut self, row: &impl Facts, out: &mut Vec<TokenHash>) {
        row.for_each_value(|key, value| {
            let hash = || Token::AnnotationKey(key).hash();
            out.push(*self.keys.entry_ref(key).or_insert_with(hash));
            out.push(Token::Annotation(key, value).hash_with(&mut self.scratch));
        });
    }
}

/// Returns what an index can be asked for this predicate.
pub fn condition(predicate: &Predicate) -> Condition {
    match predicate {
        Predicate::All(all) => Condition::All(all.iter().map(condition).collect()),
        Predicate::Any(any) => Condition::Any(any.iter().map(condition).collect()),
        Predicate::Not(not) => negation(not),
        Predicate::Is(term) => of_term(term),
    }
}

/// Every row satisfies this.
const ANYTHING: Condition = Condition::All(Vec::new());

/// Returns what an index can be asked for rows that are not like the predicate. Of hardly any term
/// it knows that something is absent.
fn negation(predicate: &Predicate) -> Condition {
    match predicate {
        Predicate::All(all) => Condition::Any(all.iter().map(negation).collect()),
        Predicate::Any(any) => Condition::All(any.iter().map(negation).collect()),
        Predicate::Not(not) => condition(not),
        Predicate::Is(Term::Flag(flag @ Flag::Root(Outcome::Ok))) => flags_any(*flag),
        Predicate::Is(_) => ANYTHING,
    }
}

fn of_term(term: &Term) -> Condition {
    match term {
        Term::Flag(Flag::Root(Outcome::Ok)) => ANYTHING,
        Term::Flag(flag) => flags_any(*flag),
        Term::Time(axis, window) => Condition::Time(*axis, window.clone()),
        Term::Number(member, comparison, value) => of_number(*member, *comparison, *value),
        Term::Text(member, test) => of_text(*member, test),
        Term::Annotation(key, test) => of_annotation(key, test),
        Term::Service(node, outcome) => {
            let failed = outcome.filter(|outcome| *outcome != Outcome::Ok);
            let failed = failed.map(|outcome| flags_any(Flag::Anywhere(outcome)));
            Condition::All(of_node(node).into_iter().chain(failed).collect())
        }
        Term::Edge(source, target, _) => match (&source.name, &target.name) {
            (Some(from), Some(to)) => Token::Edge { from, to }.into(),
            _ => Condition::All(of_node(source).into_iter().chain(of_node(target)).collect()),
        },
        Term::Root(node) => {
            let name = node.name.as_deref();
            Condition::All(name.into_iter().map(|name| Token::Root(name).into()).collect())
        }
        Term::Causes(_) => ANYTHING,
    }
}

fn flags_any(flag: Flag) -> Condition {
    Condition::FlagsAny(u32::from(flag.bits()))
}

fn of_node(node: &NodeTest) -> Option<Condition> {
    node.name.as_deref().map(|name| Token::Service(name).into())
}

fn of_number(member: NumberMember, comparison: Order, value: f64) -> Condition {
    let is_min = match comparison {
        Order::Equal | Order::Greater | Order::GreaterOrEqual => true,
        Order::NotEqual | Order::Less | Order::LessOrEqual => false,
    };
    match member {
        NumberMember::Duration if is_min => Condition::DurationMin(micros_min(value)),
        NumberMember::ResponseTime if is_min => Condition::ResponseTimeMin(micros_min(value)),
        NumberMember::Status if comparison == Order::Equal => of_status(value),
        _ => ANYTHING,
    }
}

/// Returns a time that is not longer than any of which the seconds are this many or more, whatever
/// a double rounds.
fn micros_min(seconds: f64) -> Micros {
    let micros = seconds * Micros::PER_SECOND as f64;
    Micros((micros - micros.abs() * 4.0 * f64::EPSILON).floor() as u64).since(Micros(1))
}

/// A status is a whole number; a large one has a neighbour that is the same double.
fn of_status(value: f64) -> Condition {
    const EXACT_MAX: f64 = (1_u64 << 52) as f64;
    match value.fract() == 0.0 && value.abs() <= EXACT_MAX {
        true => Token::Status(value as i64).into(),
        false => ANYTHING,
    }
}

fn of_text(member: TextMember, test: &TextTest) -> Condition {
    match (member, test) {
        (TextMember::User, TextTest::Equals(user)) => Token::User(user).into(),
        (TextMember::Url, TextTest::Equals(text)) => Condition::url_equals(text),
        (TextMember::Url, TextTest::Contains(part)) => Condition::url_contains(part),
        (TextMember::Url, TextTest::BeginsWith(part)) => Condition::url_begins_with(part),
        (TextMember::Url, TextTest::EndsWith(part)) => Condition::url_ends_with(part),
        _ => ANYTHING,
    }
}

fn of_annotation(key: &str, test: &ValueTest) -> Condition {
    let value = match test {
        ValueTest::Text(TextTest::Equals(text)) => Scalar::Text(text.into()),
        ValueTest::Number(Order::Equal, number) => Scalar::Number(Number::Float(*number)),
        ValueTest::Flag(flag) => Scalar::Flag(*flag),
        _ => return Token::AnnotationKey(key).into(),
    };
    Token::Annotation(key, &value).into()
}

#[cfg(test)]
mod tests;
