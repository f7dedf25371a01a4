//! What is wrong with a document, in AWS's words and with the place where it is.
//!
//! This is the slow, obvious reading: it builds the whole JSON tree and makes the format's checks
//! in the documented order. It runs only for documents that [`Segment::parse`] could not take in
//! one pass, and it is the specification that the fast reading is tested against.
//!
//! [`Segment::parse`]: crate::Segment::parse

use std::fmt;

use serde_json::{Map, Value};

use crate::limits::DOCUMENT_BYTES_MAX;
use crate::{SegmentId, TraceId};

/// One thing that is wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Which check failed.
    pub code: Code,
    /// What the offending object was meant to be.
    pub entity: Entity,
    /// The outermost document's `id`, as it was sent; `None` when it has no such text.
    pub id: Option<String>,
    /// Where, as a path into the document, such as `subsegments[2].end_time`; empty for the whole.
    pub place: String,
}

/// The checks a document can fail, named as AWS names them in `UnprocessedTraceSegment.ErrorCode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// Not JSON, or not an object where one is needed.
    ParseError,
    /// More bytes than [`DOCUMENT_BYTES_MAX`]; a name of ours, AWS's is not known.
    DocumentTooLarge,
    /// `type` is neither `segment` nor `subsegment`.
    UnknownType,
    /// No `id`.
    MissingId,
    /// `id` is not 16 hex digits.
    InvalidId,
    /// No `name`, or an empty one.
    MissingName,
    /// No `trace_id`.
    MissingTraceId,
    /// `trace_id` is not a trace id.
    InvalidTraceId,
    /// No `start_time`, or one that is not a number.
    MissingStartTime,
    /// An unfinished segment with an `end_time`.
    InProgressSegmentHasEndTime,
    /// An unfinished subsegment with an `end_time`.
    InProgressSubsegmentHasEndTime,
    /// Neither `end_time` nor `in_progress: true`.
    MissingEndTime,
    /// An independent subsegment without `parent_id`.
    MissingParentId,
    /// `parent_id` is not 16 hex digits.
    InvalidParentId,
}

/// What the offending object was meant to be; decides how AWS words the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entity {
    /// Not known: the text is not an object, or its type is unknown.
    Unknown,
    /// A segment.
    Segment,
    /// A subsegment, independent or embedded.
    Subsegment,
}

impl Problem {
    /// A text that is not a document at all.
    pub(crate) fn parse_error() -> Self {
        Self { code: Code::ParseError, entity: Entity::Unknown, id: None, place: String::new() }
    }

    /// Returns the message AWS answers with.
    ///
    /// Source: `PutTraceSegments`, observed answers.
    pub fn message(&self) -> String {
        match self.entity {
            Entity::Unknown => format!("Invalid entity. ErrorCode: {}", self.code),
            Entity::Segment => format!("Invalid segment. ErrorCode: {}", self.code),
            Entity::Subsegment => {
                format!("Invalid subsegment. ErrorCode: {}, Cause: null", self.code)
            }
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// Lists everything that is wrong with `document`, the problem AWS would report first; empty when
/// nothing is.
pub fn check(document: &str) -> Vec<Problem> {
    let value = serde_json::from_str(document).unwrap_or(Value::Null);
    let Value::Object(object) = value else {
        return vec![Problem::parse_error()];
    };
    let mut checker = Checker { id: text(&object, "id").map(str::to_owned), problems: Vec::new() };
    if document.len() > DOCUMENT_BYTES_MAX {
        checker.report(Code::DocumentTooLarge, Entity::Segment, String::new());
    }
    checker.check_document(&object);
    checker.problems
}

struct Checker {
    id: Option<String>,
    problems: Vec<Problem>,
}

impl Checker {
    fn report(&mut self, code: Code, entity: Entity, place: String) {
        self.problems.push(Problem { code, entity, id: self.id.clone(), place });
    }

    fn check_document(&mut self, object: &Map<String, Value>) {
        let entity = match present(object, "type").map(Value::as_str) {
            None | Some(Some("segment")) => Entity::Segment,
            Some(Some("subsegment")) => Entity::Subsegment,
            Some(_) => {
                return self.report(Code::UnknownType, Entity::Unknown, "type".to_owned());
            }
        };
        self.check_identity(object, entity, "");
        match text(object, "trace_id") {
            None => self.report(Code::MissingTraceId, entity, "trace_id".to_owned()),
            Some(id) if TraceId::parse(id).is_none() => {
                self.report(Code::InvalidTraceId, entity, "trace_id".to_owned());
            }
            Some(_) => {}
        }
        self.check_times(object, entity, "");
        match present(object, "parent_id") {
            None if entity == Entity::Subsegment => {
                self.report(Code::MissingParentId, entity, "parent_id".to_owned());
            }
            Some(id) if id.as_str().and_then(SegmentId::parse).is_none() => {
                self.report(Code::InvalidParentId, entity, "parent_id".to_owned());
            }
            _ => {}
        }
        self.check_parts(object, "");
    }

    fn check_identity(&mut self, object: &Map<String, Value>, entity: Entity, at: &str) {
        match text(object, "id") {
            None => self.report(Code::MissingId, entity, format!("{at}id")),
            Some(id) if SegmentId::parse(id).is_none() => {
                self.report(Code::InvalidId, entity, format!("{at}id"));
            }
            Some(_) => {}
        }
        if text(object, "name").is_none() {
            self.report(Code::MissingName, entity, format!("{at}name"));
        }
    }

    fn check_times(&mut self, object: &Map<String, Value>, entity: Entity, at: &str) {
        let is_number = |key| object.get(key).is_some_and(Value::is_number);
        if !is_number("start_time") {
            self.report(Code::MissingStartTime, entity, format!("{at}start_time"));
        }
        let in_progress = object.get("in_progress") == Some(&Value::Bool(true));
        match (in_progress, is_number("end_time"), entity) {
            (true, true, Entity::Subsegment) => {
                let place = format!("{at}end_time");
                self.report(Code::InProgressSubsegmentHasEndTime, entity, place);
            }
            (true, true, _) => {
                let place = format!("{at}end_time");
                self.report(Code::InProgressSegmentHasEndTime, entity, place);
            }
            (false, false, _) => {
                self.report(Code::MissingEndTime, entity, format!("{at}end_time"));
            }
            _ => {}
        }
    }

    fn check_parts(&mut self, object: &Map<String, Value>, at: &str) {
        let parts = match present(object, "subsegments") {
            None => return,
            Some(Value::Array(parts)) => parts,
            Some(_) => {
                let place = format!("{at}subsegments");
                return self.report(Code::ParseError, Entity::Unknown, place);
            }
        };
        for (index, part) in parts.iter().enumerate() {
            let at = format!("{at}subsegments[{index}]");
            let Value::Object(part) = part else {
                self.report(Code::ParseError, Entity::Unknown, at);
                continue;
            };
            let at = format!("{at}.");
            self.check_identity(part, Entity::Subsegment, &at);
            self.check_times(part, Entity::Subsegment, &at);
            self.check_parts(part, &at);
        }
    }
}

/// Returns the member's value; `null` is the same as absent.
fn present<'a>(object: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    object.get(key).filter(|value| !value.is_null())
}

/// Returns the member's text; empty text is the same as absent.
fn text<'a>(object: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    object.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    fn report(document: &str) -> String {
        let line = |p: Problem| format!("{} | at '{}' | id {:?}\n", p.message(), p.place, p.id);
        check(document).into_iter().map(line).collect()
    }

    /// A valid segment, with `members` put last, so that they count.
    fn segment(members: &str) -> String {
        format!(
            r#"{{"name":"a","id":"70de5b6f19ff9a0a","start_time":1.5,"end_time":2.5,
               "trace_id":"1-581cf771-a006649127e371903a2de979"{members}}}"#
        )
    }

    #[test]
    fn a_valid_document_has_no_problems() {
        assert_eq!(report(&segment("")), "");
        assert_eq!(
            report(&segment(r#","type":"segment","parent_id":null,"subsegments":null"#)),
            ""
        );
    }

    #[test]
    fn what_is_not_an_object_is_a_parse_error() {
        for text in ["", "[]", "null", "{", "{}x", r#"{"a":NaN}"#, "\"x\""] {
            let problems = check(text);
            assert_eq!(problems, [Problem::parse_error()], "{text}");
            assert_eq!(problems[0].message(), "Invalid entity. ErrorCode: ParseError");
        }
    }

    #[test]
    fn an_empty_object_lacks_everything_in_order() {
        assert_snapshot!(report("{}"), @"
        Invalid segment. ErrorCode: MissingId | at 'id' | id None
        Invalid segment. ErrorCode: MissingName | at 'name' | id None
        Invalid segment. ErrorCode: MissingTraceId | at 'trace_id' | id None
        Invalid segment. ErrorCode: MissingStartTime | at 'start_time' | id None
        Invalid segment. ErrorCode: MissingEndTime | at 'end_time' | id None
        ");
    }

    #[test]
    fn each_check_has_its_code() {
        assert_snapshot!(report(&segment(r#","type":"span""#)), @r#"Invalid entity. ErrorCode: UnknownType | at 'type' | id Some("70de5b6f19ff9a0a")"#);
        assert_snapshot!(report(&segment(r#","id":"invalid""#)), @r#"Invalid segment. ErrorCode: InvalidId | at 'id' | id Some("invalid")"#);
        assert_snapshot!(report(&segment(r#","id":7"#)), @"Invalid segment. ErrorCode: MissingId | at 'id' | id None");
        assert_snapshot!(report(&segment(r#","trace_id":"1-2-3""#)), @r#"Invalid segment. ErrorCode: InvalidTraceId | at 'trace_id' | id Some("70de5b6f19ff9a0a")"#);
        assert_snapshot!(report(&segment(r#","start_time":"now""#)), @r#"Invalid segment. ErrorCode: MissingStartTime | at 'start_time' | id Some("70de5b6f19ff9a0a")"#);
        assert_snapshot!(report(&segment(r#","in_progress":true"#)), @r#"Invalid segment. ErrorCode: InProgressSegmentHasEndTime | at 'end_time' | id Some("70de5b6f19ff9a0a")"#);
        assert_snapshot!(report(&segment(r#","end_time":null"#)), @r#"Invalid segment. ErrorCode: MissingEndTime | at 'end_time' | id Some("70de5b6f19ff9a0a")"#);
        assert_snapshot!(report(&segment(r#","type":"subsegment""#)), @r#"Invalid subsegment. ErrorCode: MissingParentId, Cause: null | at 'parent_id' | id Some("70de5b6f19ff9a0a")"#);
        assert_snapshot!(report(&segment(r#","parent_id":"x""#)), @r#"Invalid segment. ErrorCode: InvalidParentId | at 'parent_id' | id Some("70de5b6f19ff9a0a")"#);
    }

    #[test]
    fn a_bad_part_is_named_by_its_place() {
        assert_snapshot!(report(&segment(
            r#","subsegments":[7,{"name":"b","id":"70de5b6f19ff9a0b","start_time":1,
                "in_progress":true,"end_time":2,"subsegments":[{}]}]"#
        )), @r#"
        Invalid entity. ErrorCode: ParseError | at 'subsegments[0]' | id Some("70de5b6f19ff9a0a")
        Invalid subsegment. ErrorCode: InProgressSubsegmentHasEndTime, Cause: null | at 'subsegments[1].end_time' | id Some("70de5b6f19ff9a0a")
        Invalid subsegment. ErrorCode: MissingId, Cause: null | at 'subsegments[1].subsegments[0].id' | id Some("70de5b6f19ff9a0a")
        Invalid subsegment. ErrorCode: MissingName, Cause: null | at 'subsegments[1].subsegments[0].name' | id Some("70de5b6f19ff9a0a")
        Invalid subsegment. ErrorCode: MissingStartTime, Cause: null | at 'subsegments[1].subsegments[0].start_time' | id Some("70de5b6f19ff9a0a")
        Invalid subsegment. ErrorCode: MissingEndTime, Cause: null | at 'subsegments[1].subsegments[0].end_time' | id Some("70de5b6f19ff9a0a")
        "#);
        assert_snapshot!(report(&segment(r#","subsegments":{}"#)), @r#"Invalid entity. ErrorCode: ParseError | at 'subsegments' | id Some("70de5b6f19ff9a0a")"#);
    }
}
