//! What the fields of spans and events say.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::{self, Write};

use tracing::Event;
use tracing::field::{Field, Visit};
use tracing::span::Attributes;

use crate::context::Context;
use crate::entity::{Annotation, Exception};

/// What has to be known before a span can begin.
#[derive(Default)]
pub(super) struct Start {
    pub(super) name: Option<String>,
    pub(super) header: Option<String>,
}

impl Start {
    pub(super) fn of(attributes: &Attributes<'_>) -> Self {
        let mut start = Self::default();
        let fields = attributes.metadata().fields();
        if ["xray.name", "xray.header"].iter().any(|name| fields.field(name).is_some()) {
            attributes.record(&mut start);
        }
        start
    }
}

impl Visit for Start {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "xray.name" => self.name = Some(value.to_owned()),
            "xray.header" => self.header = Some(value.to_owned()),
            _ => {}
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name().starts_with("xray.") {
            self.record_str(field, &format!("{value:?}"));
        }
    }
}

/// Says each field of a span to its context.
pub(super) struct Fields<'c> {
    context: &'c Context,
    annotates: bool,
}

impl<'c> Fields<'c> {
    pub(super) fn new(context: &'c Context, annotates: bool) -> Self {
        Self { context, annotates }
    }

    /// Says a value that is text, a number or a flag.
    fn say(&self, field: &Field, value: Annotation) {
        let name = field.name();
        if let Some(key) = name.strip_prefix("xray.annotation.") {
            self.context.annotate(key, value);
        } else if let Some(key) = name.strip_prefix("xray.metadata.") {
            self.context.metadata(key, &value.0);
        } else if let Some(known) = name.strip_prefix("xray.") {
            self.say_known(known, value);
        } else if self.annotates {
            self.context.annotate(name, value);
        } else {
            self.context.metadata(name, &value.0);
        }
    }

    fn say_known(&self, name: &str, value: Annotation) {
        let text = value.text();
        match name {
            "user" => self.context.set_user(text),
            "namespace" => match &*text {
                "aws" => self.context.set_namespace("aws"),
                "remote" => self.context.set_namespace("remote"),
                _ => {}
            },
            "http.method" => self.context.change_request(|it| it.method = Some(text)),
            "http.url" => self.context.change_request(|it| it.url = Some(text)),
            "http.status" => {
                if let Ok(status) = text.parse() {
                    self.context.http_response(status, None);
                }
            }
            // The name and the header were said at the start.
            _ => {}
        }
    }
}

impl Visit for Fields<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.say(field, value.into());
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.say(field, value.into());
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.say(field, value.into());
    }
    fn record_i128(&mut self, field: &Field, value: i128) {
        self.say(field, value.into());
    }
    fn record_u128(&mut self, field: &Field, value: u128) {
        self.say(field, value.into());
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.say(field, value.into());
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.say(field, value.into());
    }
    fn record_error(&mut self, _field: &Field, value: &(dyn Error + 'static)) {
        self.context.record_exceptions(Exception::chain(value));
    }
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.say(field, format!("{value:?}").into());
    }
}

/// What an error event says.
#[derive(Default)]
pub(super) struct Message {
    pub(super) text: Cow<'static, str>,
    pub(super) exceptions: Vec<Exception>,
}

impl Message {
    pub(super) fn of(event: &Event<'_>) -> Self {
        let mut message = Self::default();
        event.record(&mut message);
        message
    }
}

impl Visit for Message {
    fn record_error(&mut self, _field: &Field, value: &(dyn Error + 'static)) {
        self.exceptions.extend(Exception::chain(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text = self.text.to_mut();
        let separator = if text.is_empty() { "" } else { " " };
        let written = match field.name() {
            "message" | "error" => write!(text, "{separator}{value:?}"),
            name => write!(text, "{separator}{name}={value:?}"),
        };
        // A value whose `Debug` fails is left half said.
        let _written = written;
    }
}
