//! What can be said of a segment or subsegment; where it is not recorded, saying it costs nothing.

use std::borrow::Cow;
use std::error::Error;
use std::panic::Location;

use wire::raw::ToJson;
use wire::segment::{Aws, Cause, Causes, Http, Link, Request, Response, Sql};
use wire::value::{Number, Scalar};
use wire::{SegmentId, TraceId};

use super::{At, Context};
use crate::document::Note;
use crate::entity::tree::Part;
use crate::entity::{Annotation, Exception};

/// Annotations of one part; of a whole trace no more are indexed. Source: X-Ray quotas.
const ANNOTATIONS_MAX: usize = 50;

/// Exceptions of one part.
const EXCEPTIONS_MAX: usize = 50;

/// Traces that one segment may name. Source: X-Ray quotas.
const LINKS_MAX: usize = 20;

/// The namespace of metadata, unless one is named.
const NAMESPACE: &str = "default";

impl Context {
    /// Adds an annotation, by which traces can be found; of two with one key the later counts.
    ///
    /// Characters of the key other than ASCII letters, digits, `_` and `.` become `_`.
    pub fn annotate(&self, key: impl Into<Cow<'static, str>>, value: impl Into<Annotation>) {
        if !self.is_recorded() {
            return;
        }
        let key = crate::entity::sanitize_key(key.into());
        let value = value.into().0;
        self.change(|part| {
            let entries = &mut part.document.annotations.get_or_insert_default().entries;
            if let Some((_, other)) = entries.iter_mut().find(|(other, _)| *other == key) {
                *other = value;
            } else if entries.len() < ANNOTATIONS_MAX {
                entries.push((key, value));
            }
        });
    }

    /// Adds metadata, which is shown and not indexed.
    pub fn metadata(&self, key: impl Into<Cow<'static, str>>, value: &(impl ToJson + ?Sized)) {
        self.metadata_in(NAMESPACE, key, value);
    }

    /// Adds metadata under a namespace of its own. A value that cannot be written as JSON is left out.
    pub fn metadata_in(
        &self,
        namespace: impl Into<Cow<'static, str>>,
        key: impl Into<Cow<'static, str>>,
        value: &(impl ToJson + ?Sized),
    ) {
        if !self.is_recorded() {
            return;
        }
        let Some(value) = value.to_json() else { return };
        let note = Note { namespace: namespace.into(), key: key.into(), value };
        self.change(|part| part.metadata.push(note));
    }

    /// Says who asked; of the whole segment, wherever it is said.
    pub fn set_user(&self, user: impl Into<Cow<'static, str>>) {
        self.change_segment(|part| part.document.user = Some(user.into()));
    }

    /// Says what kind of resource this part ran on, where it is not what the service runs on.
    pub fn set_origin(&self, origin: impl Into<Cow<'static, str>>) {
        self.change(|part| part.document.origin = Some(origin.into()));
    }

    /// Gives the part another name.
    pub fn rename(&self, name: impl Into<Cow<'static, str>>) {
        self.change(|part| part.document.name = super::sub_name(name.into()));
    }

    pub(crate) fn set_namespace(&self, namespace: &'static str) {
        self.change(|part| part.document.namespace = Some(namespace.into()));
    }

    /// Says that the part failed through a fault of its own, as an answer with 5xx.
    pub fn set_fault(&self) {
        self.change(|part| part.document.fault = Some(true));
        if let Some(watch) = self.watch() {
            watch.see_fault();
        }
    }

    /// Says that the part failed through its caller, as an answer with 4xx.
    pub fn set_error(&self) {
        self.change(|part| part.document.error = Some(true));
    }

    /// Says that the part was refused since there was too much of it, as an answer with 429.
    pub fn set_throttle(&self) {
        self.change(|part| {
            part.document.throttle = Some(true);
            part.document.error = Some(true);
        });
    }

    /// Says what was asked for over HTTP.
    pub fn http_request(&self, request: Request<'static>) {
        self.change(|part| http(part).request = Some(request));
    }

    /// Changes what is known of a request over HTTP.
    #[cfg(feature = "tracing")]
    pub(crate) fn change_request(&self, change: impl FnOnce(&mut Request<'static>)) {
        self.change(|part| change(http(part).request.get_or_insert_default()));
    }

    /// Says how a request over HTTP was answered, and what that means for the part.
    pub fn http_response(&self, status: u16, content_length: Option<u64>) {
        if let Some(watch) = self.watch() {
            watch.see_status(status);
        }
        match status {
            429 => self.set_throttle(),
            400..=499 => self.set_error(),
            500..=599 => self.set_fault(),
            _ => {}
        }
        let length = content_length.and_then(|length| i64::try_from(length).ok());
        self.change(|part| {
            http(part).response = Some(Response {
                status: Some(i64::from(status)),
                content_length: length.map(|length| Scalar::Number(Number::Integer(length))),
                others: Vec::new(),
            });
        });
    }

    /// Changes what is known of the AWS resource or call.
    pub fn aws(&self, change: impl FnOnce(&mut Aws<'static>)) {
        if !self.is_recorded() {
            return;
        }
        // The change is the caller's code, which may say other things of this very part.
        let mut aws = self.change(|part| part.document.aws.take()).flatten().unwrap_or_default();
        change(&mut aws);
        self.change(|part| part.document.aws = Some(aws));
    }

    /// Says which query the part made.
    pub fn sql(&self, sql: Sql<'static>) {
        self.change(|part| part.document.sql = Some(Box::new(sql)));
    }

    /// Records an error, with the errors behind it, as the reason of a fault.
    #[track_caller]
    pub fn record_error(&self, error: &(dyn Error + 'static)) {
        if !self.is_recorded() {
            self.set_fault();
            return;
        }
        let mut chain = Exception::chain(error);
        if let Some(outermost) = chain.first_mut() {
            *outermost = std::mem::take(outermost).at(Location::caller());
        }
        self.record_exceptions(chain);
    }

    /// Records an exception as the reason of a fault.
    pub fn record_exception(&self, exception: Exception) {
        self.record_exceptions(vec![exception]);
    }

    /// Records exceptions, each with the one behind it as its cause, as the reason of a fault.
    pub fn record_exceptions(&self, chain: Vec<Exception>) {
        self.set_fault();
        self.attach_exceptions(chain);
    }

    /// Records exceptions without a word on whose fault they are.
    pub(crate) fn attach_exceptions(&self, chain: Vec<Exception>) {
        let At::Recorded { trace, .. } = &self.0 else { return };
        let ids: Vec<SegmentId> = chain.iter().map(|_| trace.shared.segment_id()).collect();
        let causes = ids.iter().copied().map(Some).skip(1).chain([None]);
        let chain = chain.into_iter().zip(&ids).zip(causes);
        let documents = chain.map(|((exception, id), cause)| exception.document(*id, cause));
        self.change(|part| {
            let causes = part.document.cause.get_or_insert_with(|| Cause::Here(no_causes()));
            if let Cause::Here(causes) = causes {
                let room = EXCEPTIONS_MAX.saturating_sub(causes.exceptions.len());
                causes.exceptions.extend(documents.take(room));
            }
        });
    }

    /// Names another trace that led to this segment, such as that of a queue's message; wherever in
    /// the segment it is said, since only segments have links.
    pub fn link(&self, trace_id: TraceId, id: SegmentId) {
        let link = Link { trace_id, id, attributes: None, others: Vec::new() };
        self.change_segment(|part| {
            if part.document.links.len() < LINKS_MAX {
                part.document.links.push(link);
            }
        });
    }
}

fn http(part: &mut Part) -> &mut Http<'static> {
    part.document.http.get_or_insert_default()
}

fn no_causes() -> Box<Causes<'static>> {
    Box::new(Causes {
        working_directory: None,
        paths: Vec::new(),
        exceptions: Vec::new(),
        others: Vec::new(),
    })
}
