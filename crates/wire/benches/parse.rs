//! What it costs to read one segment document, and whether another JSON parser would pay.
//!
//! `segment` is the reading that Fluoro uses. The other three read the same members into one
//! derived struct, so that the parsers are compared and not the structs; `simd_json` pays for the
//! mutable copy it needs. Run: `cargo bench -p fluoro-wire`.

use std::borrow::Cow;
use std::collections::HashMap;

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use serde::Deserialize;

fn main() {
    divan::main();
}

/// A document of about 1 KB: http, annotations, aws, service, one subsegment with http and one
/// with sql.
const KILOBYTE: &str = include_str!("kilobyte.json");

/// A document of about 500 B: what a small service sends.
const HALF: &str = include_str!("half.json");

const DOCUMENTS: [(&str, &str); 2] = [("1000 B", KILOBYTE), ("500 B", HALF)];

fn document(name: &str) -> &'static str {
    DOCUMENTS.iter().find(|(other, _)| *other == name).expect("a known document").1.trim_end()
}

/// Each reading is dropped inside the measured closure, as a server drops it: kept ones would
/// make the allocator fetch fresh memory every time.
#[divan::bench(sample_count = 200, sample_size = 500, args = DOCUMENTS.map(|(name, _)| name))]
fn segment(bencher: Bencher<'_, '_>, name: &str) {
    let text = document(name);
    bencher
        .counter(BytesCount::of_str(text))
        .bench(|| wire::Segment::parse(black_box(text)).expect("a valid document").id);
}

#[divan::bench(sample_count = 200, sample_size = 500, args = DOCUMENTS.map(|(name, _)| name))]
fn serde_json(bencher: Bencher<'_, '_>, name: &str) {
    let text = document(name);
    bencher.counter(BytesCount::of_str(text)).bench(|| {
        ::serde_json::from_str::<Derived<'_>>(black_box(text)).expect("a valid document").id.len()
    });
}

#[divan::bench(sample_count = 200, sample_size = 500, args = DOCUMENTS.map(|(name, _)| name))]
fn sonic_rs(bencher: Bencher<'_, '_>, name: &str) {
    let text = document(name);
    bencher.counter(BytesCount::of_str(text)).bench(|| {
        ::sonic_rs::from_str::<Derived<'_>>(black_box(text)).expect("a valid document").id.len()
    });
}

#[divan::bench(sample_count = 200, sample_size = 500, args = DOCUMENTS.map(|(name, _)| name))]
fn simd_json(bencher: Bencher<'_, '_>, name: &str) {
    let text = document(name);
    let mut copy = Vec::new();
    bencher.counter(BytesCount::of_str(text)).bench_local(|| {
        copy.clear();
        copy.extend_from_slice(black_box(text).as_bytes());
        let document: Derived<'_> = ::simd_json::from_slice(&mut copy).expect("a valid document");
        document.id.len()
    });
}

/// The same members as in the documents above, by derive.
#[derive(Deserialize)]
#[expect(dead_code, reason = "what is measured is the reading")]
struct Derived<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    id: &'a str,
    trace_id: Option<&'a str>,
    parent_id: Option<&'a str>,
    start_time: f64,
    end_time: Option<f64>,
    in_progress: Option<bool>,
    namespace: Option<&'a str>,
    fault: Option<bool>,
    origin: Option<Cow<'a, str>>,
    user: Option<Cow<'a, str>>,
    http: Option<Http<'a>>,
    sql: Option<HashMap<&'a str, Cow<'a, str>>>,
    aws: Option<Aws<'a>>,
    service: Option<HashMap<&'a str, Cow<'a, str>>>,
    annotations: Option<HashMap<&'a str, Scalar<'a>>>,
    #[serde(default)]
    subsegments: Vec<Derived<'a>>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "what is measured is the reading")]
struct Http<'a> {
    #[serde(borrow)]
    request: Option<Request<'a>>,
    response: Option<Response>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "what is measured is the reading")]
struct Request<'a> {
    method: Option<&'a str>,
    #[serde(borrow)]
    url: Option<Cow<'a, str>>,
    #[serde(borrow)]
    user_agent: Option<Cow<'a, str>>,
    client_ip: Option<&'a str>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "what is measured is the reading")]
struct Response {
    status: Option<i64>,
    content_length: Option<i64>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "what is measured is the reading")]
struct Aws<'a> {
    operation: Option<&'a str>,
    table_name: Option<&'a str>,
    region: Option<&'a str>,
    #[serde(borrow)]
    xray: Option<HashMap<&'a str, Cow<'a, str>>>,
    #[serde(borrow)]
    ec2: Option<HashMap<&'a str, Cow<'a, str>>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
#[expect(dead_code, reason = "what is measured is the reading")]
enum Scalar<'a> {
    Text(&'a str),
    Number(f64),
    Flag(bool),
}
