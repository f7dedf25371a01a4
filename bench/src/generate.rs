//! Seeded traffic: the same seed gives the same documents on every machine.
//!
//! A trace is one request through a shop of twelve services: the first one is the entry point,
//! every later one was called by an earlier one. A document is about 500 bytes, what a small
//! service sends for one request.

use fastrand::Rng;
use wire::{Micros, SegmentId, TraceId};

const SERVICES: [&str; 12] = [
    "front", "cart", "catalog", "checkout", "payment", "shipping", "stock", "search", "users",
    "mail", "prices", "reviews",
];
const METHODS: [&str; 3] = ["GET", "GET", "POST"];

/// What to generate.
pub(crate) struct Plan {
    /// Decides everything random.
    pub(crate) seed: u64,
    /// How many documents in all.
    pub(crate) document_count: usize,
    /// When the first trace begins.
    pub(crate) start: Micros,
}

/// Returns `document_count` documents, those of one trace next to each other.
pub(crate) fn documents(plan: &Plan) -> Vec<String> {
    let mut random = Rng::with_seed(plan.seed);
    let mut documents = Vec::with_capacity(plan.document_count);
    let mut start = plan.start;
    while documents.len() < plan.document_count {
        trace(&mut random, start, &mut documents);
        start = Micros(start.0 + 700);
    }
    documents.truncate(plan.document_count);
    documents
}

/// Adds the documents of one trace: two to seven segments.
fn trace(random: &mut Rng, start: Micros, documents: &mut Vec<String>) {
    let epoch_secs = u32::try_from(start.0 / Micros::PER_SECOND).unwrap_or(u32::MAX);
    let trace_id = TraceId::new(epoch_secs, random.u128(..));
    let mut callers: Vec<SegmentId> = Vec::new();
    for index in 0..random.usize(2..8) {
        let id = SegmentId(random.u64(..));
        let parent = callers.get(random.usize(..callers.len().max(1))).copied();
        let begin = Micros(start.0 + index as u64 * 1_500 + random.u64(..1_000));
        documents.push(document(random, &trace_id, id, parent, begin));
        callers.push(id);
    }
}

fn document(
    random: &mut Rng,
    trace_id: &TraceId,
    id: SegmentId,
    parent: Option<SegmentId>,
    begin: Micros,
) -> String {
    let service = if parent.is_none() { SERVICES[0] } else { SERVICES[random.usize(1..12)] };
    let parent = parent.map_or(String::new(), |parent| format!(r#""parent_id":"{parent}","#));
    let end = Micros(begin.0 + 2_000 + random.u64(..80_000));
    let (status, flag) = match random.u32(..1_000) {
        0..10 => (500, r#""fault":true,"#),
        10..40 => (404, r#""error":true,"#),
        _ => (200, ""),
    };
    format!(
        concat!(
            r#"{{"name":"{service}","id":"{id}","trace_id":"{trace_id}",{parent}"#,
            r#""start_time":{start},"end_time":{end},{flag}"origin":"AWS::ECS::Container","#,
            r#""http":{{"request":{{"method":"{method}","url":"https://shop.example/{service}/{item}","#,
            r#""client_ip":"192.0.2.{host}"}},"response":{{"status":{status},"content_length":{length}}}}},"#,
            r#""annotations":{{"tier":"{tier}","items":{items}}},"#,
            r#""aws":{{"xray":{{"sdk":"X-Ray for Go","sdk_version":"2.0.3"}}}},"#,
            r#""service":{{"version":"1.4.2"}}}}"#
        ),
        service = service,
        id = id,
        trace_id = trace_id,
        parent = parent,
        start = begin.seconds(),
        end = end.seconds(),
        flag = flag,
        method = METHODS[random.usize(..METHODS.len())],
        item = random.u32(10_000..100_000),
        host = random.u8(1..),
        status = status,
        length = random.u32(100..10_000),
        tier = if random.bool() { "gold" } else { "silver" },
        items = random.u8(1..9),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(seed: u64) -> Plan {
        Plan { seed, document_count: 2_000, start: Micros::from_secs(1_790_000_000) }
    }

    #[test]
    fn every_document_is_valid_and_about_500_bytes() {
        let documents = documents(&plan(1));
        for document in &documents {
            wire::Segment::parse(document).unwrap_or_else(|p| panic!("{document}: {p:?}"));
        }
        let mean = documents.iter().map(String::len).sum::<usize>() / documents.len();
        assert!((450..550).contains(&mean), "mean {mean}");
    }

    #[test]
    fn the_seed_decides() {
        assert_eq!(documents(&plan(1)), documents(&plan(1)));
        assert_ne!(documents(&plan(1)), documents(&plan(2)));
    }
}
