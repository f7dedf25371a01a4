//! The tree of an expression as it was written.
//!
//! Places do not count when two trees are compared: they are equal when they say the same.

use std::ops::Range;

use crate::keywords::Keyword;

/// A part of the tree with its place in the text.
#[derive(Clone, Debug)]
pub struct Placed<T> {
    /// The part.
    pub value: T,
    /// The bytes of the text that it was read from.
    pub range: Range<usize>,
}

impl<T: PartialEq> PartialEq for Placed<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// One of them holds; at least two.
    Or(Vec<Placed<Expr>>),
    /// All of them hold; at least two.
    And(Vec<Placed<Expr>>),
    /// It does not hold.
    Not(Box<Placed<Expr>>),
    /// Something in the trace is such.
    Select(Selector),
    /// A field is such.
    Compare(Comparison),
}

/// `service(…) {…}`, `edge(…) {…}` or `rootcause.fault.service {…}`.
#[derive(Clone, Debug, PartialEq)]
pub struct Selector {
    /// What is looked at.
    pub target: Target,
    /// What must hold for one of them.
    pub body: Option<Box<Placed<Expr>>>,
}

/// What a selector looks at.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// Nodes; all of them when none is named.
    Service(Option<Node>),
    /// Edges from one node to another; all of them when none is named.
    Edge(Option<(Node, Node)>),
    /// Parts of root causes.
    Cause(CauseKind, Level),
}

/// What is said of a node; all that is said must hold. At least one part is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node {
    /// Its name.
    pub name: Option<String>,
    /// Its type.
    pub service_type: Option<String>,
    /// The account it belongs to.
    pub account_id: Option<String>,
}

/// Which root causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CauseKind {
    /// Where faults began.
    Fault,
    /// Where errors began.
    Error,
    /// Where the time went.
    ResponseTime,
}

/// Which parts of root causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Services on the path.
    Service,
    /// Segments and subsegments on the path.
    Entity,
    /// What was thrown there.
    Exception,
}

/// A field, alone or compared with a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// What is read.
    pub field: Placed<Field>,
    /// What it is compared with.
    pub test: Option<(Placed<Operator>, Placed<Value>)>,
}

/// What is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// A keyword of the table.
    Keyword(Keyword),
    /// The annotation with this key.
    Annotation(Side, String),
}

/// Whose annotation is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// What is looked at itself.
    Here,
    /// The node where the edge begins.
    Source,
    /// The node where the edge ends.
    Destination,
}

/// How a field is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `CONTAINS`
    Contains,
    /// `BEGINSWITH`
    BeginsWith,
    /// `ENDSWITH`
    EndsWith,
}

impl Operator {
    /// Every operator as it is printed.
    pub const ALL: [(Self, &'static str); 9] = [
        (Self::Equal, "="),
        (Self::NotEqual, "!="),
        (Self::Less, "<"),
        (Self::LessOrEqual, "<="),
        (Self::Greater, ">"),
        (Self::GreaterOrEqual, ">="),
        (Self::Contains, "CONTAINS"),
        (Self::BeginsWith, "BEGINSWITH"),
        (Self::EndsWith, "ENDSWITH"),
    ];

    /// Returns the operator as it is printed.
    pub fn sign(self) -> &'static str {
        Self::ALL.into_iter().find(|(operator, _)| *operator == self).map_or("", |(_, sign)| sign)
    }

    /// Returns the operator that is written so, in whatever case.
    pub fn named(text: &str) -> Option<Self> {
        let found = Self::ALL.into_iter().find(|(_, sign)| sign.eq_ignore_ascii_case(text));
        found.map(|(operator, _)| operator)
    }
}

/// What a field is compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text, without quotes.
    Text(String),
    /// A number; finite.
    Number(f64),
    /// `true` or `false`.
    Flag(bool),
    /// `#[…]`
    Json(Json),
}

/// A JSON value inside `#[…]`.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`.
    Flag(bool),
    /// A number; finite.
    Number(f64),
    /// A string.
    Text(String),
    /// A list.
    List(Vec<Json>),
    /// An object, its members in the order in which they were written.
    Object(Vec<(String, Json)>),
}
