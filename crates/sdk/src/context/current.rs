//! The current context of a thread, and how a future takes its own along.

use std::cell::RefCell;
use std::future::Future;
use std::marker::PhantomData;
use std::mem;
use std::pin::Pin;
use std::task::{Poll, ready};

use pin_project_lite::pin_project;

use super::{At, Context};
use crate::entity::Entity;

thread_local! {
    static CURRENT: RefCell<Context> = const { RefCell::new(Context(At::Nothing)) };
}

/// Puts `context` in the place of the thread's current one, and returns that. While a thread ends
/// there is none.
pub(crate) fn swap(context: Context) -> Context {
    let mut context = Some(context);
    let swapped = CURRENT.try_with(|current| {
        let context = context.take().unwrap_or_else(Context::nothing);
        current.try_borrow_mut().map(|mut current| mem::replace(&mut *current, context))
    });
    swapped.ok().and_then(Result::ok).unwrap_or_else(Context::nothing)
}

impl Context {
    /// Returns the current context of this thread, or of the future that it runs.
    pub fn current() -> Self {
        let current = CURRENT.try_with(|current| current.try_borrow().map(|it| it.clone()).ok());
        current.ok().flatten().unwrap_or_else(Self::nothing)
    }

    /// Makes this the thread's current context until the answer is dropped.
    ///
    /// Not for use across an `await`: see [`FutureExt::in_context`].
    pub fn enter(&self) -> Entered {
        Entered { before: Some(swap(self.clone())), stays: PhantomData }
    }

    /// Runs `work` with this as the current context.
    pub fn run<T>(&self, work: impl FnOnce() -> T) -> T {
        let _entered = self.enter();
        work()
    }
}

/// A context that is current in this thread until this is dropped.
#[must_use = "the context is current until this is dropped"]
pub struct Entered {
    /// What was current before; taken once.
    before: Option<Context>,
    /// A context is entered in one thread.
    stays: PhantomData<*const ()>,
}

impl Drop for Entered {
    fn drop(&mut self) {
        if let Some(before) = self.before.take() {
            drop(swap(before));
        }
    }
}

/// Gives futures a context of their own.
pub trait FutureExt: Future + Sized {
    /// Makes `context` current whenever this future runs.
    fn in_context(self, context: Context) -> InContext<Self> {
        InContext { future: self, context }
    }

    /// Makes `entity` current whenever this future runs, and ends it when this future is done or
    /// dropped.
    fn in_entity(self, entity: Entity) -> InEntity<Self> {
        let future = self.in_context(entity.context());
        InEntity { future, entity: Some(entity) }
    }
}

impl<F: Future> FutureExt for F {}

pin_project! {
    /// A future with a context of its own.
    #[must_use = "futures do nothing unless they are polled"]
    pub struct InContext<F> {
        #[pin]
        future: F,
        context: Context,
    }
}

/// Puts contexts back where they were, also when the future panics.
struct Swapped<'c> {
    own: &'c mut Context,
}

impl Drop for Swapped<'_> {
    fn drop(&mut self) {
        let own = swap(mem::replace(self.own, Context::nothing()));
        *self.own = own;
    }
}

impl<F: Future> Future for InContext<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let before = swap(mem::replace(this.context, Context::nothing()));
        *this.context = before;
        let _swapped = Swapped { own: this.context };
        this.future.poll(cx)
    }
}

pin_project! {
    /// A future that is the work of a segment or subsegment.
    #[must_use = "futures do nothing unless they are polled"]
    pub struct InEntity<F> {
        #[pin]
        future: InContext<F>,
        entity: Option<Entity>,
    }
}

impl<F: Future> Future for InEntity<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let output = ready!(this.future.poll(cx));
        drop(this.entity.take());
        Poll::Ready(output)
    }
}
