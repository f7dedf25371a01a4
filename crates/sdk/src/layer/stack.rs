//! Which contexts the spans that are entered in a thread have put aside. Spans need not be left in the
//! order in which they were entered.

use std::cell::RefCell;

use crate::context::{Context, swap};

/// A span that is entered, and what was current before.
struct Inside {
    span: u64,
    before: Context,
}

thread_local! {
    static STACK: RefCell<Vec<Inside>> = const { RefCell::new(Vec::new()) };
}

/// Makes the context of `span` current.
pub(super) fn enter(span: u64, context: Context) {
    let before = swap(context);
    // While a thread ends nothing is current any more.
    let _entered = STACK.try_with(|stack| stack.borrow_mut().push(Inside { span, before }));
}

/// Makes current what was before `span` was entered.
pub(super) fn exit(span: u64) {
    let left = STACK.try_with(|stack| {
        let mut stack = stack.borrow_mut();
        let at = stack.iter().rposition(|inside| inside.span == span)?;
        let before = stack.remove(at).before;
        match stack.get_mut(at) {
            // Others were entered since: it is they who are current.
            Some(later) => {
                later.before = before;
                None
            }
            None => Some(before),
        }
    });
    if let Ok(Some(before)) = left {
        drop(swap(before));
    }
}
