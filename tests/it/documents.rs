//! Small traces for tests that care about the way and not about the content.

use wire::{SegmentId, TraceId};

/// The second in which the first trace begins.
pub(crate) const BEGIN: u32 = 1_790_000_000;

/// A trace of two services, the first of which failed.
pub(crate) struct SmallTrace {
    /// The trace's id.
    pub(crate) id: String,
    /// A segment that served a request, and the one it called.
    pub(crate) documents: Vec<String>,
}

/// Returns the trace with this number: the same number, the same trace.
pub(crate) fn trace(number: u32) -> SmallTrace {
    let id = TraceId::new(BEGIN + number, u128::from(number)).to_string();
    let (front, back) = (SegmentId(u64::from(number) << 8), SegmentId(u64::from(number) << 8 | 1));
    let start = f64::from(BEGIN + number);
    let documents = vec![
        format!(
            r#"{{"name":"front","id":"{front}","trace_id":"{id}","start_time":{start},
               "end_time":{},"fault":true,"http":{{"request":{{"method":"GET",
               "url":"http://shop.example/"}},"response":{{"status":500}}}}}}"#,
            start + 1.5
        ),
        format!(
            r#"{{"name":"back","id":"{back}","trace_id":"{id}","parent_id":"{front}",
               "start_time":{},"end_time":{}}}"#,
            start + 0.25,
            start + 0.5
        ),
    ];
    SmallTrace { id, documents }
}
