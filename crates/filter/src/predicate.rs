//! The typed form of an expression, ready to be evaluated.
//!
//! Invariant of what [`Predicate::read`] and [`Predicate::of`] make: inside the body of a selector
//! there are only tests, and each test suits its field.

use crate::ast::{
    CauseKind, Comparison, Expr, Field, Json, Level, Node, Operator, Selector, Target, Value,
};
use crate::keywords::{Keyword, Kind};
use crate::parse::parse;
use crate::problem::Problem;

/// How many groups may refer to one another in a row.
pub const GROUP_DEPTH_MAX: usize = 8;

/// How many references to groups one expression may come to, those in groups included.
pub const GROUP_COUNT_MAX: usize = 64;

/// Why groups cannot be put in for their names.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A group's filter refers to the group, perhaps by way of others.
    #[error("put in the filter of a group that refers to itself: {0:?}")]
    GroupCycle(GroupReference),
    /// There are more than [`GROUP_COUNT_MAX`] references, or more than [`GROUP_DEPTH_MAX`] in a
    /// row.
    #[error("put in the filters of so many groups")]
    TooManyGroups,
}

/// What must hold for a trace, or for the part of it that a selector looks at.
#[derive(Clone, Debug, PartialEq)]
pub enum Predicate {
    /// All of them hold; true when there are none.
    All(Vec<Predicate>),
    /// One of them holds; false when there are none.
    Any(Vec<Predicate>),
    /// It does not hold.
    Not(Box<Predicate>),
    /// One field is such.
    Test(Test),
    /// A segment of such a node fits the body.
    Service {
        /// Which node; any when `None`.
        node: Option<Node>,
        /// What must hold for the segment.
        body: Box<Predicate>,
    },
    /// A call from one such node to another fits the body.
    Edge {
        /// From which node to which; any when `None`.
        ends: Option<(Node, Node)>,
        /// What must hold for the call.
        body: Box<Predicate>,
    },
    /// A part of a root cause fits the body.
    Cause {
        /// Of which causes.
        kind: CauseKind,
        /// Which parts.
        level: Level,
        /// What must hold for the part.
        body: Box<Predicate>,
    },
    /// The causes of one kind have these partial ones among them, in this order.
    CauseList(Vec<Json>),
    /// The filter of this group holds; false until it is put in by [`Predicate::resolve`].
    Group(GroupReference),
}

/// How a group is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupReference {
    /// By its name.
    Name(String),
    /// By its ARN.
    Arn(String),
}

/// A condition on one field. Of several values, one that meets it suffices.
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// What is read.
    pub field: Field,
    /// What it must be.
    pub condition: Condition,
}

/// What a value must be.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// There is one; a flag must be true.
    Given,
    /// It is this flag.
    Flag(bool),
    /// It is a number so related to this one.
    Number(Order, f64),
    /// It is text so related to this one.
    Text(Likeness, String),
    /// The kinds do not go together.
    Never,
}

/// How numbers are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The same.
    Equal,
    /// Another one.
    NotEqual,
    /// Smaller.
    Less,
    /// Not larger.
    LessOrEqual,
    /// Larger.
    Greater,
    /// Not smaller.
    GreaterOrEqual,
}

impl Order {
    /// Returns whether `left` is so related to `right`.
    pub fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Self::Equal => left == right,
            Self::NotEqual => left != right,
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
        }
    }
}

/// How texts are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Likeness {
    /// The same.
    Equal,
    /// Another one.
    NotEqual,
    /// It has the other in it.
    Contains,
    /// It begins with the other.
    BeginsWith,
    /// It ends with the other.
    EndsWith,
}

impl Likeness {
    /// Returns whether `left` is so related to `right`.
    pub fn holds(self, left: &str, right: &str) -> bool {
        match self {
            Self::Equal => left == right,
            Self::NotEqual => left != right,
            Self::Contains => left.contains(right),
            Self::BeginsWith => left.starts_with(right),
            Self::EndsWith => left.ends_with(right),
        }
    }
}

impl Predicate {
    /// Reads an expression; an empty one is everything.
    ///
    /// # Errors
    /// What is wrong with the text; the first problem is the one AWS would answer with.
    pub fn read(text: &str) -> Result<Self, Vec<Problem>> {
        let parsed = parse(text);
        if !parsed.problems.is_empty() {
            return Err(parsed.problems);
        }
        Ok(parsed
            .expression
            .map_or_else(Self::everything, |expression| Self::of(&expression.value)))
    }

    /// Returns what every trace fits.
    pub fn everything() -> Self {
        Self::All(Vec::new())
    }

    /// Returns what no trace fits.
    pub fn nothing() -> Self {
        Self::Any(Vec::new())
    }

    /// Returns the typed form of an expression without problems.
    pub fn of(expression: &Expr) -> Self {
        match expression {
            Expr::Or(parts) => Self::Any(parts.iter().map(|part| Self::of(&part.value)).collect()),
            Expr::And(parts) => Self::All(parts.iter().map(|part| Self::of(&part.value)).collect()),
            Expr::Not(part) => Self::Not(Box::new(Self::of(&part.value))),
            Expr::Select(selector) => Self::of_selector(selector),
            Expr::Compare(comparison) => Self::of_comparison(comparison),
        }
    }

    fn of_selector(Selector { target, body }: &Selector) -> Self {
        let body = body.as_ref().map_or_else(Self::everything, |body| Self::of(&body.value));
        let body = Box::new(body);
        match target {
            Target::Service(node) => Self::Service { node: node.clone(), body },
            Target::Edge(ends) => Self::Edge { ends: ends.clone(), body },
            Target::Cause(kind, level) => Self::Cause { kind: *kind, level: *level, body },
        }
    }

    fn of_comparison(Comparison { field, test }: &Comparison) -> Self {
        let field = field.value.clone();
        let Some((operator, value)) = test else {
            return Self::Test(Test { field, condition: Condition::Given });
        };
        let (operator, value) = (operator.value, &value.value);
        let list = match (&field, value) {
            (Field::Keyword(Keyword::GroupName), Value::Text(name)) => {
                Self::Group(GroupReference::Name(name.clone()))
            }
            (Field::Keyword(Keyword::GroupArn), Value::Text(arn)) => {
                Self::Group(GroupReference::Arn(arn.clone()))
            }
            (Field::Keyword(Keyword::RootCauseJson), Value::Json(Json::List(causes))) => {
                Self::CauseList(causes.clone())
            }
            _ => {
                let condition = Condition::new(&field, operator, value);
                return Self::Test(Test { field, condition });
            }
        };
        if operator == Operator::NotEqual { Self::Not(Box::new(list)) } else { list }
    }

    /// Puts in the filters of groups for their names.
    ///
    /// `expression_of` returns the filter of a group, an empty one for everything, and `None` when
    /// there is no such group: then the reference is nothing, as it is when the filter has
    /// problems. The group `Default` is everything and not asked for.
    ///
    /// # Errors
    /// [`Error::GroupCycle`], [`Error::TooManyGroups`].
    pub fn resolve(
        self,
        expression_of: &dyn Fn(&GroupReference) -> Option<String>,
    ) -> Result<Self, Error> {
        Resolution { expression_of, path: Vec::new(), count: 0 }.resolve(self)
    }
}

/// Groups on their way into a predicate.
struct Resolution<'f> {
    expression_of: &'f dyn Fn(&GroupReference) -> Option<String>,
    /// The groups whose filters are being put in, each inside the one before it.
    path: Vec<GroupReference>,
    count: usize,
}

impl Resolution<'_> {
    fn resolve(&mut self, predicate: Predicate) -> Result<Predicate, Error> {
        Ok(match predicate {
            Predicate::All(parts) => Predicate::All(self.each(parts)?),
            Predicate::Any(parts) => Predicate::Any(self.each(parts)?),
            Predicate::Not(part) => Predicate::Not(Box::new(self.resolve(*part)?)),
            Predicate::Group(group) => self.put_in(group)?,
            other => other,
        })
    }

    fn each(&mut self, parts: Vec<Predicate>) -> Result<Vec<Predicate>, Error> {
        parts.into_iter().map(|part| self.resolve(part)).collect()
    }

    fn put_in(&mut self, group: GroupReference) -> Result<Predicate, Error> {
        if group == GroupReference::Name("Default".to_owned()) {
            return Ok(Predicate::everything());
        }
        if self.path.contains(&group) {
            return Err(Error::GroupCycle(group));
        }
        self.count += 1;
        if self.count > GROUP_COUNT_MAX || self.path.len() == GROUP_DEPTH_MAX {
            return Err(Error::TooManyGroups);
        }
        let text = (self.expression_of)(&group);
        let Some(predicate) = text.and_then(|text| Predicate::read(&text).ok()) else {
            return Ok(Predicate::nothing());
        };
        self.path.push(group);
        let resolved = self.resolve(predicate);
        self.path.pop();
        resolved
    }
}

impl Condition {
    fn new(field: &Field, operator: Operator, value: &Value) -> Self {
        let kind = match field {
            Field::Keyword(keyword) => keyword.row().kind,
            Field::Annotation(_, _) => Kind::Annotation,
        };
        match (kind, value) {
            (Kind::Flag | Kind::Annotation, Value::Flag(flag)) => Self::flag(operator, *flag),
            (Kind::Flag, Value::Text(text)) => match &*text.to_ascii_lowercase() {
                "true" => Self::flag(operator, true),
                "false" => Self::flag(operator, false),
                _ => Self::Never,
            },
            (Kind::Number | Kind::Annotation, Value::Number(number)) => {
                order(operator).map_or(Self::Never, |order| Self::Number(order, *number))
            }
            (Kind::Text | Kind::Annotation, Value::Text(text)) => {
                likeness(operator).map_or(Self::Never, |like| Self::Text(like, text.clone()))
            }
            _ => Self::Never,
        }
    }

    fn flag(operator: Operator, flag: bool) -> Self {
        match operator {
            Operator::Equal => Self::Flag(flag),
            Operator::NotEqual => Self::Flag(!flag),
            _ => Self::Never,
        }
    }
}

fn order(operator: Operator) -> Option<Order> {
    Some(match operator {
        Operator::Equal => Order::Equal,
        Operator::NotEqual => Order::NotEqual,
        Operator::Less => Order::Less,
        Operator::LessOrEqual => Order::LessOrEqual,
        Operator::Greater => Order::Greater,
        Operator::GreaterOrEqual => Order::GreaterOrEqual,
        Operator::Contains | Operator::BeginsWith | Operator::EndsWith => return None,
    })
}

fn likeness(operator: Operator) -> Option<Likeness> {
    Some(match operator {
        Operator::Equal => Likeness::Equal,
        Operator::NotEqual => Likeness::NotEqual,
        Operator::Contains => Likeness::Contains,
        Operator::BeginsWith => Likeness::BeginsWith,
        Operator::EndsWith => Likeness::EndsWith,
        Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
            return None;
        }
    })
}

#[cfg(test)]
mod tests;
