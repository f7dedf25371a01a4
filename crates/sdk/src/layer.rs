//! A layer for `tracing`: spans become segments and subsegments.
//!
//! A span begins with its creation and ends when it is closed; that it is entered and left in between
//! only makes it current. Below a segment a span is a subsegment; without one it is a segment of its
//! own, named after the service, with the span's name as the annotation `span`; in Lambda it is a
//! subsegment of the function's. A future that is dropped closes its span, and so ends the subsegment.
//!
//! ```
//! # fn main() -> Result<(), fluoro_sdk::Error> {
//! use tracing_subscriber::layer::SubscriberExt;
//!
//! let recorder = fluoro_sdk::Recorder::new(fluoro_sdk::Config::from_env("checkout")?)?;
//! let subscriber =
//!     tracing_subscriber::registry().with(fluoro_sdk::layer::SpanLayer::new(&recorder));
//! tracing::subscriber::with_default(subscriber, || {
//!     let span = tracing::info_span!("charge", xray.annotation.tier = "gold", order = 7);
//!     span.in_scope(|| tracing::error!("the card was refused"));
//! });
//! # Ok(())
//! # }
//! ```
//!
//! | field of a span | becomes |
//! |---|---|
//! | `xray.annotation.KEY` | the annotation `KEY` |
//! | `xray.metadata.KEY` | the metadata `KEY` |
//! | `xray.name` | the name |
//! | `xray.namespace` | the namespace: `remote` or `aws` |
//! | `xray.user` | the user |
//! | `xray.header` | the trace header under which a span without a segment begins one |
//! | `xray.http.method`, `.url`, `.status` | the request and its answer |
//! | an error, or any error event | exceptions, with the errors behind them |
//! | anything else | metadata, or annotations if [`SpanLayer::annotating`] says so |
//!
//! Follows-from becomes a link of the segment. Queries of `sqlx` become subsegments by the events
//! that it emits, see [`SpanLayer::naming_queries`].

mod fields;

mod queries;

mod stack;

use std::borrow::Cow;

use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context as Subscription, Layer};
use tracing_subscriber::registry::LookupSpan;

use crate::context::Context;
use crate::entity::{Entity, Exception};
use crate::recorder::{Incoming, Recorder};

use fields::{Fields, Message, Start};

/// Turns spans into segments and subsegments.
#[derive(Clone, Debug)]
pub struct SpanLayer {
    recorder: Recorder,
    annotates: bool,
    begins_segments: bool,
    query_name: Cow<'static, str>,
}

impl SpanLayer {
    /// Returns a layer that records with `recorder`.
    pub fn new(recorder: &Recorder) -> Self {
        let (annotates, begins_segments) = (false, true);
        Self { recorder: recorder.clone(), annotates, begins_segments, query_name: "sql".into() }
    }

    /// Makes fields that say nothing else annotations rather than metadata.
    #[must_use]
    pub fn annotating(mut self) -> Self {
        self.annotates = true;
        self
    }

    /// Begins no segments: spans outside of one, as in background work, are not recorded.
    #[must_use]
    pub fn only_below_segments(mut self) -> Self {
        self.begins_segments = false;
        self
    }

    /// Names the subsegments of queries, usually `database@host`.
    #[must_use]
    pub fn naming_queries(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.query_name = name.into();
        self
    }

    fn begin(&self, attributes: &Attributes<'_>, above: &Context) -> Option<Entity> {
        let name = attributes.metadata().name();
        let start = Start::of(attributes);
        let invocation = above.is_nothing().then(|| self.recorder.current_invocation()).flatten();
        let above = invocation.as_deref().unwrap_or(above);
        if !above.is_nothing() {
            return Some(above.begin(start.name.map_or(Cow::Borrowed(name), Cow::Owned)));
        }
        if !self.begins_segments {
            return None;
        }
        let header = start.header.as_deref().map(wire::Header::parse).unwrap_or_default();
        let incoming = Incoming { header, name: start.name.as_deref(), ..Incoming::default() };
        let entity = self.recorder.begin_request(&incoming);
        entity.annotate("span", name);
        Some(entity)
    }

    fn fields<'c>(&self, context: &'c Context) -> Fields<'c> {
        Fields::new(context, self.annotates)
    }
}

/// Returns the context of a span.
fn context_of<S>(span: &tracing_subscriber::registry::SpanRef<'_, S>) -> Option<Context>
where
    S: for<'a> LookupSpan<'a>,
{
    span.extensions().get::<Entity>().map(|entity| entity.context())
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for SpanLayer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, ctx: Subscription<'_, S>) {
        let above = match attributes.parent() {
            Some(parent) => ctx.span(parent).and_then(|span| context_of(&span)),
            None if attributes.is_contextual() => Some(Context::current()),
            None => None,
        };
        let above = above.unwrap_or_else(Context::nothing);
        let (Some(span), Some(entity)) = (ctx.span(id), self.begin(attributes, &above)) else {
            return;
        };
        if entity.is_recorded() {
            attributes.record(&mut self.fields(&entity));
        }
        span.extensions_mut().insert(entity);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, ctx: Subscription<'_, S>) {
        if let Some(context) = ctx.span(id).and_then(|span| context_of(&span)) {
            values.record(&mut self.fields(&context));
        }
    }

    fn on_follows_from(&self, id: &Id, follows: &Id, ctx: Subscription<'_, S>) {
        let context = |id| ctx.span(id).and_then(|span| context_of(&span));
        if let (Some(context), Some(before)) = (context(id), context(follows))
            && let (Some(trace_id), Some(segment_id)) = (before.trace_id(), before.id())
        {
            context.link(trace_id, segment_id);
        }
    }

    fn on_event(&self, event: &Event<'_>, ctx: Subscription<'_, S>) {
        let is_query = event.metadata().target() == queries::TARGET;
        if !is_query && *event.metadata().level() != Level::ERROR {
            return;
        }
        // What is current may be deeper than the event's span, but not when a parent was named.
        let named = event.parent().and_then(|id| ctx.span(id)).and_then(|span| context_of(&span));
        let context = named.unwrap_or_else(Context::current);
        if is_query {
            let collects = self.recorder.collects_sql_queries();
            queries::record(
                event,
                &context,
                self.query_name.clone(),
                collects,
                self.recorder.now(),
            );
            return;
        }
        let message = Message::of(event);
        if message.exceptions.is_empty() {
            let exception = Exception::new(event.metadata().target(), message.text);
            context.record_exception(exception);
        } else {
            context.record_exceptions(message.exceptions);
        }
    }

    fn on_enter(&self, id: &Id, ctx: Subscription<'_, S>) {
        if let Some(context) = ctx.span(id).and_then(|span| context_of(&span)) {
            stack::enter(id.into_u64(), context);
        }
    }

    fn on_exit(&self, id: &Id, _ctx: Subscription<'_, S>) {
        stack::exit(id.into_u64());
    }

    fn on_close(&self, id: Id, ctx: Subscription<'_, S>) {
        // Ended outside of the extensions' lock.
        let entity = ctx.span(&id).and_then(|span| span.extensions_mut().remove::<Entity>());
        drop(entity);
    }
}

#[cfg(test)]
mod tests;
