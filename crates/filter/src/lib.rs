//! Filter expressions: text becomes a tree, the tree a typed predicate, and a slow evaluator says
//! what it means.
//!
//! Reading never fails: what is wrong with a text is a list of [`Problem`]s beside the tree, so
//! that an editor can go on. [`Predicate::read`] is the strict way in.
//!
//! Reading order is the order below.

pub mod problem;

mod lex;

pub mod ast;

pub mod keywords;

mod parse;

mod check;

mod print;

pub mod predicate;

pub mod matches;

pub mod complete;

pub mod assist;

pub mod units;

pub mod reference;

pub mod fuzzing;

pub use assist::{Assisted, Fix, assist};
pub use ast::Expr;
pub use complete::{Completion, complete};
pub use matches::{Causes, Matched, Options, evaluate, matches};
pub use parse::{EntitySelector, NESTING_MAX, PROBLEMS_MAX, Parsed, parse};
pub use predicate::{Error, Predicate};
pub use problem::Problem;
pub use reference::{help, reference};
pub use units::Utf16;
