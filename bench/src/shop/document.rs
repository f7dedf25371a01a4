//! The text of a document, as the SDK of the service would write it.

mod annotations;
mod failures;
mod text;

use wire::{Micros, SegmentId};

use super::random::Random;
use super::services::{Backend, BackendKind, SERVICES, Service};
use super::{Call, Callee, Ending, Plan, Trace, Work};

use text::{decimal, hex, raw, seconds};

/// Distinct users, and distinct addresses that requests come from.
const USER_COUNT: u64 = 50_000;
const CALLER_COUNT: u64 = 20_000;

const USER_AGENTS: [&str; 6] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:131.0) Gecko/20100101 Firefox/131.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15",
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0.0.0 Mobile Safari/537.36",
    "ShopApp/7.4.1 (iPhone; iOS 18.0.1)",
    "okhttp/4.12.0",
    "curl/8.10.1",
];

/// What is the same in all documents of a trace.
pub(super) struct Facts {
    random: Random,
    user: u64,
    caller: u64,
    item: u64,
    is_post: bool,
}

impl Facts {
    fn of(trace: &Trace, plan: &Plan) -> Self {
        let mut random = Random::new(!plan.seed, trace.index);
        Self {
            user: random.below(USER_COUNT),
            caller: random.below(CALLER_COUNT),
            item: 100_000 + random.below(900_000),
            is_post: random.below(4) == 0,
            random,
        }
    }

    fn method(&self) -> &'static str {
        if self.is_post { "POST" } else { "GET" }
    }
}

/// Writes the document of one piece of work to the end of `out`.
pub(super) fn write(trace: &Trace, plan: &Plan, at: usize, out: &mut Vec<u8>) {
    let (work, mut facts) = (&trace.works[at], Facts::of(trace, plan));
    let service = &SERVICES[work.service];
    raw(out, r#"{"id":""#);
    hex(out, work.id.0, 16);
    raw(out, r#"","name":""#);
    raw(out, service.name);
    raw(out, r#"","trace_id":""#);
    trace_id(out, trace);
    if let Some(parent) = work.parent {
        raw(out, r#"","parent_id":""#);
        hex(out, parent.0, 16);
    }
    raw(out, r#"""#);
    times(out, work.start, work.end);
    flags(out, work.ending);
    raw(out, r#","origin":""#);
    raw(out, service.origin);
    raw(out, r#"""#);
    served(out, work, service, &mut facts);
    annotations::write(out, service, &mut facts, trace, at);
    metadata(out, trace, at);
    raw(out, r#","aws":{"#);
    raw(out, service.aws);
    raw(out, r#"},"service":{"#);
    raw(out, service.runtime);
    raw(out, "}");
    if work.is_culprit {
        failures::write(out, work);
    }
    calls(out, trace, work, &mut facts);
    raw(out, "}");
}

/// Returns the value of an annotation that only this trace has, if it came in at `front`.
pub(super) fn needle(trace: &Trace) -> String {
    let mut value = Vec::new();
    annotations::unique(&mut value, trace);
    String::from_utf8_lossy(&value).into_owned()
}

fn trace_id(out: &mut Vec<u8>, trace: &Trace) {
    let bits = u128::from_be_bytes(trace.id.0);
    raw(out, "1-");
    hex(out, (bits >> 96) as u64, 8);
    raw(out, "-");
    hex(out, (bits >> 64) as u64, 8);
    hex(out, bits as u64, 16);
}

fn times(out: &mut Vec<u8>, start: Micros, end: Micros) {
    raw(out, r#","start_time":"#);
    seconds(out, start);
    raw(out, r#","end_time":"#);
    seconds(out, end);
}

fn flags(out: &mut Vec<u8>, ending: Ending) {
    raw(
        out,
        match ending {
            Ending::Ok => "",
            Ending::Error => r#","error":true"#,
            Ending::Fault => r#","fault":true"#,
            Ending::Throttle => r#","error":true,"throttle":true"#,
        },
    );
}

fn status(ending: Ending) -> u64 {
    match ending {
        Ending::Ok => 200,
        Ending::Error => 404,
        Ending::Fault => 500,
        Ending::Throttle => 400,
    }
}

/// Who asked for the work, and what the answer was.
fn served(out: &mut Vec<u8>, work: &Work, service: &Service, facts: &mut Facts) {
    if work.parent.is_none() {
        raw(out, r#","user":"u-"#);
        decimal(out, facts.user);
        raw(out, r#"""#);
    }
    raw(out, r#","http":{"request":{"method":""#);
    raw(out, facts.method());
    raw(out, r#"","url":"https://"#);
    url(out, service, facts.item);
    if work.parent.is_none() {
        raw(out, r#"","user_agent":""#);
        raw(out, USER_AGENTS[(facts.caller % USER_AGENTS.len() as u64) as usize]);
        raw(out, r#"","x_forwarded_for":true,"client_ip":"198.51."#);
    } else {
        raw(out, r#"","client_ip":"10.0."#);
    }
    decimal(out, facts.caller / 200);
    raw(out, ".");
    decimal(out, 1 + facts.caller % 200);
    raw(out, r#""},"response":"#);
    response(out, work.ending, facts);
    raw(out, "}");
}

fn url(out: &mut Vec<u8>, service: &Service, item: u64) {
    raw(out, service.name);
    raw(out, ".shop.example/");
    raw(out, service.name);
    raw(out, "/");
    decimal(out, item);
}

fn response(out: &mut Vec<u8>, ending: Ending, facts: &mut Facts) {
    raw(out, r#"{"status":"#);
    decimal(out, status(ending));
    raw(out, r#","content_length":"#);
    decimal(out, 40 + facts.random.duration(700));
    raw(out, "}");
}

/// One document in twelve carries what a developer wanted to see.
fn metadata(out: &mut Vec<u8>, trace: &Trace, at: usize) {
    if trace.works[at].id.0.is_multiple_of(12) {
        raw(out, r#","metadata":{"default":{"flags":["new-basket","fast-lane"],"attempt":"#);
        decimal(out, trace.index % 3);
        raw(out, r#","cursor":""#);
        hex(out, trace.works[at].id.0.rotate_left(17), 16);
        raw(out, r#""}}"#);
    }
}

fn calls(out: &mut Vec<u8>, trace: &Trace, work: &Work, facts: &mut Facts) {
    if work.calls.is_empty() {
        return;
    }
    raw(out, r#","subsegments":["#);
    for (place, call) in work.calls.iter().enumerate() {
        raw(out, if place == 0 { "{" } else { ",{" });
        match call.callee {
            Callee::Work(callee) => service_call(out, call, trace.works[callee].service, facts),
            Callee::Backend(backend) => backend_call(out, call, backend, facts),
        }
        raw(out, "}");
    }
    raw(out, "]");
}

fn call_head(out: &mut Vec<u8>, call: &Call, name: &str, namespace: &str) {
    raw(out, r#""id":""#);
    id(out, call.id);
    raw(out, r#"","name":""#);
    raw(out, name);
    raw(out, r#"""#);
    times(out, call.start, call.end);
    flags(out, call.ending);
    raw(out, r#","namespace":""#);
    raw(out, namespace);
    raw(out, r#"""#);
}

fn id(out: &mut Vec<u8>, id: SegmentId) {
    hex(out, id.0, 16);
}

fn service_call(out: &mut Vec<u8>, call: &Call, callee: usize, facts: &mut Facts) {
    let callee = &SERVICES[callee];
    call_head(out, call, callee.name, "remote");
    raw(out, r#","http":{"request":{"method":""#);
    raw(out, facts.method());
    raw(out, r#"","url":"https://"#);
    url(out, callee, facts.item);
    raw(out, r#"","traced":true},"response":"#);
    response(out, call.ending, facts);
    raw(out, "}");
}

fn backend_call(out: &mut Vec<u8>, call: &Call, backend: &Backend, facts: &mut Facts) {
    let is_aws = matches!(backend.kind, BackendKind::Table | BackendKind::Queue);
    call_head(out, call, backend.name, if is_aws { "aws" } else { "remote" });
    match backend.kind {
        BackendKind::Sql => query(out, backend),
        BackendKind::Table => aws_call(out, call, backend, "table_name", facts),
        BackendKind::Queue => aws_call(out, call, backend, "queue_url", facts),
        BackendKind::Http => foreign_call(out, call, backend, facts),
    }
}

fn query(out: &mut Vec<u8>, backend: &Backend) {
    raw(out, r#","sql":{"url":"jdbc:postgresql://"#);
    raw(out, backend.name.split_once('@').map_or(backend.name, |(_, host)| host));
    raw(out, r#":5432/shop","preparation":"statement","database_type":"PostgreSQL","#);
    raw(out, r#""database_version":"16.4","user":"shop","sanitized_query":""#);
    raw(out, backend.what);
    raw(out, r#""}"#);
}

fn aws_call(out: &mut Vec<u8>, call: &Call, backend: &Backend, key: &str, facts: &mut Facts) {
    raw(out, r#","http":{"response":"#);
    response(out, call.ending, facts);
    raw(out, r#"},"aws":{"operation":""#);
    raw(out, backend.what);
    raw(out, r#"","region":"eu-central-1","request_id":""#);
    hex(out, facts.random.next(), 16);
    hex(out, facts.random.next(), 16);
    raw(out, r#"",""#);
    raw(out, key);
    raw(out, r#"":""#);
    raw(out, backend.node);
    raw(out, r#""}"#);
}

fn foreign_call(out: &mut Vec<u8>, call: &Call, backend: &Backend, facts: &mut Facts) {
    raw(out, r#","http":{"request":{"method":"POST","url":"https://"#);
    raw(out, backend.name);
    raw(out, backend.what);
    decimal(out, facts.item);
    raw(out, r#""},"response":"#);
    response(out, call.ending, facts);
    raw(out, "}");
}
