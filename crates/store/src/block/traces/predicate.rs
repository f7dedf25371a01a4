//! What a trace must be like to be found.
//!
//! This is the seam between the store and the language of filter expressions: `scan::lower` puts an
//! expression into these terms, and nothing here knows how they are spelled. The terms are those
//! that a row of the trace table decides alone; a condition on what a single segment says beyond its
//! outcome (`service("a") { http.url … }`) becomes the terms that it implies and is checked on the
//! trace itself.
//!
//! Two evaluations exist: [`Predicate::matches`], a row at a time, for traces in memory, and the
//! scan of a table, on columns. They agree on every row.
//!
//! Rules that hold for all terms: what is not recorded satisfies no comparison, not even `!=`; of
//! several values one suffices, also for `!=`.
//!
//! Source: `filter-expressions.md` §2 and §3.

mod matches;

use std::ops::RangeInclusive;

pub use filter::predicate::Order;
use trace::{NodeId, Outcome};
use wire::Micros;

use crate::Axis;

/// What a trace must be like.
#[derive(Clone, Debug, PartialEq)]
pub enum Predicate {
    /// All of these hold; true when there are none.
    All(Vec<Predicate>),
    /// One of these holds; false when there are none.
    Any(Vec<Predicate>),
    /// This does not hold.
    Not(Box<Predicate>),
    /// This is true of the trace.
    Is(Term),
}

/// Something that is true of a trace or not.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// A flag is set.
    Flag(Flag),
    /// A time lies in a window; for [`Axis::End`], some of the time from the first end of a finished
    /// segment to the last does.
    Time(Axis, RangeInclusive<Micros>),
    /// A number compares so.
    Number(NumberMember, Order, f64),
    /// A text passes a test.
    Text(TextMember, TextTest),
    /// A value recorded under an annotation key passes a test.
    Annotation(String, ValueTest),
    /// A node took part, and a piece of its work ended so.
    Service(NodeTest, Option<Outcome>),
    /// A node called another, and a call ended so.
    Edge(NodeTest, NodeTest, Option<Outcome>),
    /// The node at which the trace began passes.
    Root(NodeTest),
    /// The root causes fit a predicate that is about them alone.
    Causes(filter::Predicate),
}

/// A flag of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// The root segment failed, erred or was throttled; or, for `Ok`, did none of these.
    Root(Outcome),
    /// Any segment did; never `Ok`.
    Anywhere(Outcome),
    /// A parent or a promised callee is missing.
    Partial,
    /// A callee sent nothing.
    Inferred,
    /// Documents were refused because the trace had become too large.
    LimitExceeded,
}

/// A number of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberMember {
    /// First start to last end, in seconds.
    Duration,
    /// The root segment's time, in seconds.
    ResponseTime,
    /// The status that the root segment answered.
    Status,
}

/// A text of a trace; the first four are those of the root's request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextMember {
    /// The URL called.
    Url,
    /// The HTTP method.
    Method,
    /// The caller's program.
    UserAgent,
    /// The caller's address.
    ClientIp,
    /// A user that any segment names.
    User,
    /// An EC2 instance that any segment ran on.
    InstanceId,
    /// A zone that any segment ran in.
    AvailabilityZone,
    /// A resource that any segment ran on.
    ResourceArn,
}

/// What a text must be like; the case of letters makes a difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextTest {
    /// Any text.
    Exists,
    /// This text.
    Equals(String),
    /// Another text.
    Differs(String),
    /// This is part of it.
    Contains(String),
    /// It begins with this.
    BeginsWith(String),
    /// It ends with this.
    EndsWith(String),
}

/// What a value of an annotation must be like; one of another type does not pass.
#[derive(Clone, Debug, PartialEq)]
pub enum ValueTest {
    /// Any value.
    Exists,
    /// A text like this.
    Text(TextTest),
    /// A number that compares so.
    Number(Order, f64),
    /// This flag.
    Flag(bool),
}

/// What a node must be like; what is `None` may be anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodeTest {
    /// The node's name.
    pub name: Option<String>,
    /// The node's type.
    pub service_type: Option<String>,
}

impl Predicate {
    /// Returns the predicate of traces in which any segment failed.
    pub fn has_fault() -> Self {
        Self::Is(Term::Flag(Flag::Anywhere(Outcome::Fault)))
    }
}

impl TextTest {
    /// Returns whether this text passes.
    pub fn passes(&self, text: &str) -> bool {
        match self {
            Self::Exists => true,
            Self::Equals(other) => text == other,
            Self::Differs(other) => text != other,
            Self::Contains(part) => text.contains(&**part),
            Self::BeginsWith(part) => text.starts_with(&**part),
            Self::EndsWith(part) => text.ends_with(&**part),
        }
    }
}

impl NodeTest {
    /// Returns whether this node passes.
    pub fn passes(&self, node: &NodeId<'_>) -> bool {
        let is_type = |wanted| node.service_type.as_deref() == Some(wanted);
        self.name.as_deref().is_none_or(|name| node.name == name)
            && self.service_type.as_deref().is_none_or(is_type)
    }
}
