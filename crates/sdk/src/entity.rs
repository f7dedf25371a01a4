//! A segment or subsegment while its work goes on: begun by a recorder or by what is above it, ended
//! when it is told to or dropped.

mod shape;

pub(crate) mod tree;

use std::fmt;
use std::ops::Deref;

use wire::Micros;

use crate::context::Context;

pub(crate) use shape::sanitize_key;
pub use shape::{Annotation, Exception};

/// The owner of one segment or subsegment: it ends when this is dropped, so work that is cancelled
/// or that panics ends, too.
///
/// Everything that can be said of the part is said through its [`Context`], to which this
/// dereferences.
#[must_use = "the segment ends when this is dropped"]
pub struct Entity {
    context: Context,
}

impl Entity {
    pub(crate) fn new(context: Context) -> Self {
        Self { context }
    }

    /// Returns something that is not recorded, and of which nothing is known.
    pub fn nothing() -> Self {
        Self::new(Context::nothing())
    }

    /// Returns the part's context, which may outlive it.
    pub fn context(&self) -> Context {
        self.context.clone()
    }

    /// Ends the part now.
    pub fn end(self) {}

    /// Ends the part at a time that was measured elsewhere.
    pub fn end_at(self, end: Micros) {
        self.context.end_at(end);
    }
}

impl Deref for Entity {
    type Target = Context;
    fn deref(&self) -> &Context {
        &self.context
    }
}

impl Drop for Entity {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.context.set_fault();
        }
        self.context.end();
    }
}

impl fmt::Debug for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Entity").field(&self.context).finish()
    }
}
