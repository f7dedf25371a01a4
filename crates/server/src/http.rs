//! The HTTP front: connections, headers, limits and page tokens.
//!
//! Nothing here knows what an operation does; it hands over a path and a body and sends a
//! [`Reply`].

mod body;

mod console;

pub(crate) mod reply;

mod serve;

pub(crate) mod stack;

pub(crate) mod token;

pub(crate) use body::Budget;
pub use reply::Reply;
pub use serve::serve;

#[cfg(test)]
mod tests;
