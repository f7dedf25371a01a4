//! Filter expressions in the store's terms.
//!
//! What a row of the trace table decides is a [`Predicate`] and needs nothing else. Of what only
//! the segments of a trace can tell, two are made: an *upper* one, which every trace satisfies that
//! fits the expression, and a *lower* one, which only such traces satisfy. A trace between the two
//! is put together and asked. Negation swaps them.
//!
//! What an expression means is said by `filter::evaluate`; here is nothing that it does not say.

mod select;

use std::ops::RangeInclusive;

use filter::ast::Field;
use filter::keywords::Keyword;
use filter::predicate::{Condition, Likeness, Test};
use filter::{Options, evaluate};
use trace::{Outcome, Summary, Trace};
use wire::Micros;

use crate::block::segments::Needs;
use crate::block::traces::predicate::{
    Flag, NumberMember, Order, Predicate, Term, TextMember, TextTest, ValueTest,
};
use crate::live::Axis;
use select::Selector;

/// What a trace must be like, in the parts that a scan asks one after the other.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Every trace that is wanted is like this.
    upper: Predicate,
    /// What decides about those; `None` when all are wanted.
    check: Option<Check>,
}

/// What must be asked of traces themselves.
#[derive(Clone, Debug)]
pub(crate) struct Check {
    /// Traces that are like this need not be asked.
    pub(crate) lower: Predicate,
    /// What must be known of a trace for it.
    pub(crate) needs: Needs,
    predicate: filter::Predicate,
    options: Options,
}

impl Check {
    /// Returns whether a trace is wanted; `summary` is its own.
    pub(crate) fn passes(&self, trace: &Trace<'_>, summary: &Summary<'_>) -> bool {
        evaluate(&self.predicate, trace, summary, &self.options).is_some()
    }
}

impl Filter {
    /// Every trace is wanted.
    pub const EVERYTHING: &'static Self = &Self { upper: Predicate::All(Vec::new()), check: None };

    /// Returns the filter of an expression.
    pub fn of(predicate: &filter::Predicate, options: &Options) -> Self {
        let Bounds { upper, lower } =
            Lowering { is_windowed: options.window.is_some() }.of(predicate);
        let check = (upper != lower).then(|| Check {
            lower,
            needs: needs(predicate),
            predicate: predicate.clone(),
            options: options.clone(),
        });
        Self { upper, check }
    }

    /// Returns the filter of those of its traces that have their time on the axis in a window, both
    /// ends included.
    #[must_use]
    pub fn within(self, axis: Axis, window: RangeInclusive<Micros>) -> Self {
        let in_window = Predicate::Is(Term::Time(axis, window));
        let narrow = |predicate| Predicate::All(vec![predicate, in_window.clone()]);
        let check = self.check.map(|check| Check { lower: narrow(check.lower), ..check });
        Self { upper: narrow(self.upper), check }
    }

    /// Returns what every trace that is wanted is like.
    pub fn upper(&self) -> &Predicate {
        &self.upper
    }

    /// Returns whether rows alone decide.
    pub fn is_exact(&self) -> bool {
        self.check.is_none()
    }

    pub(crate) fn check(&self) -> Option<&Check> {
        self.check.as_ref()
    }
}

impl From<Predicate> for Filter {
    fn from(upper: Predicate) -> Self {
        Self { upper, check: None }
    }
}

/// Returns what must be known of a trace.
fn needs(predicate: &filter::Predicate) -> Needs {
    use filter::Predicate as P;
    match predicate {
        P::All(parts) | P::Any(parts) => {
            let all = parts.iter().map(needs);
            all.fold(Needs::default(), |all, part| Needs {
                annotations: all.annotations || part.annotations,
                root_causes: all.root_causes || part.root_causes,
            })
        }
        P::Not(part) => needs(part),
        P::Service { body, .. } | P::Edge { body, .. } => needs(body),
        P::Test(test) => {
            let annotations = matches!(test.field, Field::Annotation(..));
            Needs { annotations, ..Needs::default() }
        }
        P::Cause { .. } | P::CauseList(_) => Needs { root_causes: true, ..Needs::default() },
        P::Group(_) => Needs::default(),
    }
}

/// Between what and what the traces are that fit an expression.
#[derive(Clone, Debug, PartialEq)]
struct Bounds {
    upper: Predicate,
    lower: Predicate,
}

impl Bounds {
    fn exactly(predicate: Predicate) -> Self {
        Self { upper: predicate.clone(), lower: predicate }
    }

    fn at_most(upper: Predicate) -> Self {
        Self { upper, lower: nothing() }
    }

    fn not(self) -> Self {
        Self { upper: not(self.lower), lower: not(self.upper) }
    }

    fn all(parts: impl Iterator<Item = Self>) -> Self {
        let (uppers, lowers) = parts.map(|part| (part.upper, part.lower)).unzip();
        Self { upper: all(uppers), lower: all(lowers) }
    }

    fn any(parts: impl Iterator<Item = Self>) -> Self {
        let (uppers, lowers) = parts.map(|part| (part.upper, part.lower)).unzip();
        Self { upper: any(uppers), lower: any(lowers) }
    }
}

fn everything() -> Predicate {
    Predicate::All(Vec::new())
}

fn nothing() -> Predicate {
    Predicate::Any(Vec::new())
}

fn not(predicate: Predicate) -> Predicate {
    match predicate {
        Predicate::Not(other) => *other,
        Predicate::All(parts) if parts.is_empty() => nothing(),
        Predicate::Any(parts) if parts.is_empty() => everything(),
        other => Predicate::Not(Box::new(other)),
    }
}

fn all(mut parts: Vec<Predicate>) -> Predicate {
    if parts.contains(&nothing()) {
        return nothing();
    }
    parts.retain(|part| *part != everything());
    if parts.len() == 1 { parts.swap_remove(0) } else { Predicate::All(parts) }
}

fn any(mut parts: Vec<Predicate>) -> Predicate {
    if parts.contains(&everything()) {
        return everything();
    }
    parts.retain(|part| *part != nothing());
    if parts.len() == 1 { parts.swap_remove(0) } else { Predicate::Any(parts) }
}

struct Lowering {
    /// Whether selectors look at what ended in a window only, which no row knows.
    is_windowed: bool,
}

impl Lowering {
    fn of(&self, predicate: &filter::Predicate) -> Bounds {
        use filter::Predicate as P;
        match predicate {
            P::All(parts) => Bounds::all(parts.iter().map(|part| self.of(part))),
            P::Any(parts) => Bounds::any(parts.iter().map(|part| self.of(part))),
            P::Not(part) => self.of(part).not(),
            P::Test(test) => Bounds::exactly(of_trace(test)),
            P::Service { node, body } => self.selected(&Selector::service(node.as_ref()), body),
            P::Edge { ends, body } => self.selected(&Selector::edge(ends.as_ref()), body),
            P::Cause { .. } | P::CauseList(_) => {
                Bounds::exactly(Predicate::Is(Term::Causes(predicate.clone())))
            }
            // A group that nobody put in.
            P::Group(_) => Bounds::exactly(nothing()),
        }
    }

    fn selected(&self, selector: &Selector, body: &filter::Predicate) -> Bounds {
        let bounds = selector.exists(body, false);
        if self.is_windowed || selector.is_loose { Bounds::at_most(bounds.upper) } else { bounds }
    }
}

/// A test of the trace as a whole: what its summary says.
fn of_trace(Test { field, condition }: &Test) -> Predicate {
    let keyword = match field {
        Field::Keyword(keyword) => *keyword,
        Field::Annotation(_, key) => return annotation(key, condition),
    };
    match keyword {
        Keyword::Ok => flag(Flag::Root(Outcome::Ok), condition),
        Keyword::Error => flag(Flag::Root(Outcome::Error), condition),
        Keyword::Throttle => flag(Flag::Root(Outcome::Throttle), condition),
        Keyword::Fault => flag(Flag::Root(Outcome::Fault), condition),
        Keyword::Partial => flag(Flag::Partial, condition),
        Keyword::Inferred => flag(Flag::Inferred, condition),
        Keyword::ResponseTime => number(NumberMember::ResponseTime, condition),
        Keyword::Duration => number(NumberMember::Duration, condition),
        Keyword::HttpStatus => number(NumberMember::Status, condition),
        Keyword::HttpUrl => text(TextMember::Url, condition),
        Keyword::HttpMethod => text(TextMember::Method, condition),
        Keyword::HttpUserAgent => text(TextMember::UserAgent, condition),
        Keyword::HttpClientIp => text(TextMember::ClientIp, condition),
        Keyword::User => text(TextMember::User, condition),
        Keyword::AvailabilityZone => text(TextMember::AvailabilityZone, condition),
        Keyword::InstanceId => text(TextMember::InstanceId, condition),
        Keyword::ResourceArn => text(TextMember::ResourceArn, condition),
        // What a trace as a whole does not have.
        _ => nothing(),
    }
}

/// Returns which value of a flag meets the condition; a flag always has one.
fn wanted_flag(condition: &Condition) -> Option<bool> {
    match condition {
        Condition::Given => Some(true),
        Condition::Flag(wanted) => Some(*wanted),
        Condition::Number(..) | Condition::Text(..) | Condition::Never => None,
    }
}

fn flag(flag: Flag, condition: &Condition) -> Predicate {
    let is_set = Predicate::Is(Term::Flag(flag));
    match wanted_flag(condition) {
        Some(true) => is_set,
        Some(false) => not(is_set),
        None => nothing(),
    }
}

fn number(member: NumberMember, condition: &Condition) -> Predicate {
    match condition {
        // Every number there is is one of these.
        Condition::Given => {
            Predicate::Is(Term::Number(member, Order::GreaterOrEqual, f64::NEG_INFINITY))
        }
        Condition::Number(order, value) => Predicate::Is(Term::Number(member, *order, *value)),
        Condition::Flag(_) | Condition::Text(..) | Condition::Never => nothing(),
    }
}

fn text(member: TextMember, condition: &Condition) -> Predicate {
    let test = match condition {
        Condition::Given => TextTest::Exists,
        Condition::Text(likeness, text) => text_test(*likeness, text),
        Condition::Flag(_) | Condition::Number(..) | Condition::Never => return nothing(),
    };
    Predicate::Is(Term::Text(member, test))
}

fn text_test(likeness: Likeness, text: &str) -> TextTest {
    let text = text.to_owned();
    match likeness {
        Likeness::Equal => TextTest::Equals(text),
        Likeness::NotEqual => TextTest::Differs(text),
        Likeness::Contains => TextTest::Contains(text),
        Likeness::BeginsWith => TextTest::BeginsWith(text),
        Likeness::EndsWith => TextTest::EndsWith(text),
    }
}

fn annotation(key: &str, condition: &Condition) -> Predicate {
    let is = |test| Predicate::Is(Term::Annotation(key.to_owned(), test));
    match condition {
        // A flag must be set, anything else must be there.
        Condition::Given => any(vec![
            is(ValueTest::Text(TextTest::Exists)),
            is(ValueTest::Number(Order::GreaterOrEqual, f64::NEG_INFINITY)),
            is(ValueTest::Flag(true)),
        ]),
        Condition::Flag(wanted) => is(ValueTest::Flag(*wanted)),
        Condition::Number(order, value) => is(ValueTest::Number(*order, *value)),
        Condition::Text(likeness, text) => is(ValueTest::Text(text_test(*likeness, text))),
        Condition::Never => nothing(),
    }
}

#[cfg(test)]
mod tests;
