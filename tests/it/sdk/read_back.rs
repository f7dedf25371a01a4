//! A trace as the API returns it, with everything taken out that is different each time.

use std::time::UNIX_EPOCH;

use fluoro_sdk::TraceId;
use fluoro_tests::program::until;
use fluoro_tests::{Program, http};
use serde_json::{Value, json};
use wire::SegmentId;

/// Returns the documents of a trace by `BatchGetTraces`, in the order in which they began, as soon as
/// they have `parts` segments and subsegments. Ids are numbered in the order in which they occur.
pub(super) fn trace(fluoro: &Program, id: &str, parts: usize) -> String {
    let documents = until("the trace", || {
        let documents = documents(fluoro, id)?;
        (documents.iter().map(parts_of).sum::<usize>() == parts).then_some(documents)
    });
    let mut lasting = Lasting::default();
    let documents: Vec<Value> = documents.iter().map(|it| lasting.value("", it)).collect();
    serde_json::to_string_pretty(&documents).expect("JSON")
}

/// Returns the documents of a trace, in the order in which they began, without those that the server
/// inferred.
pub(super) fn documents(fluoro: &Program, id: &str) -> Option<Vec<Value>> {
    let body = json!({ "TraceIds": [id] }).to_string();
    let found = http::post(fluoro.doors.http, "/Traces", &body).ok()?.json();
    let segments = found["Traces"][0]["Segments"].as_array()?;
    let documents = segments.iter().filter_map(|it| it["Document"].as_str());
    let mut documents: Vec<Value> =
        documents.filter_map(|text| serde_json::from_str(text).ok()).collect();
    documents.retain(|document| document["inferred"].is_null());
    documents.sort_by(|a, b| began(a).total_cmp(&began(b)));
    Some(documents)
}

fn began(document: &Value) -> f64 {
    document["start_time"].as_f64().unwrap_or(0.0)
}

fn parts_of(document: &Value) -> usize {
    let below = document["subsegments"].as_array().into_iter().flatten();
    1 + below.map(parts_of).sum::<usize>()
}

/// Returns the time now, in microseconds.
pub(super) fn now_micros() -> u64 {
    let now = until("the time", || UNIX_EPOCH.elapsed().ok());
    u64::try_from(now.as_micros()).expect("this era")
}

/// Takes out what is different each time.
#[derive(Default)]
struct Lasting {
    ids: Vec<String>,
}

impl Lasting {
    fn value(&mut self, key: &str, value: &Value) -> Value {
        match value {
            Value::Object(members) => {
                members.iter().map(|(key, value)| (key.clone(), self.value(key, value))).collect()
            }
            Value::Array(items) => items.iter().map(|item| self.value(key, item)).collect(),
            Value::String(text) => json!(self.text(key, text)),
            Value::Number(_) if matches!(key, "start_time" | "end_time" | "line") => {
                json!(format!("<{key}>"))
            }
            value => value.clone(),
        }
    }

    fn text(&mut self, key: &str, text: &str) -> String {
        match key {
            "sdk_version" | "request_id" => format!("<{key}>"),
            _ if TraceId::parse(text).is_some() => format!("<trace {}>", self.number(text)),
            _ if SegmentId::parse(text).is_some() => format!("<id {}>", self.number(text)),
            _ => without_port(text),
        }
    }

    fn number(&mut self, id: &str) -> usize {
        let at = self.ids.iter().position(|other| other == id).unwrap_or_else(|| {
            self.ids.push(id.to_owned());
            self.ids.len() - 1
        });
        at + 1
    }
}

/// Takes the port of an address on this machine out.
fn without_port(text: &str) -> String {
    const HOST: &str = "127.0.0.1:";
    let Some((before, after)) = text.split_once(HOST) else { return text.to_owned() };
    let rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
    format!("{before}{HOST}<port>{rest}")
}
