//! `PutTraceSegments` and `PutTelemetryRecords`.

use bytes::Bytes;
use store::Batch;
use wire::api::Error;
use wire::api::segments::{
    PutTelemetryRecordsRequest, PutTraceSegmentsRequest, PutTraceSegmentsResponse,
};
use wire::json;

use crate::app::App;
use crate::ingest;
use crate::ingest::journal::Tally;

/// The documents of one request, judged and not yet kept.
pub(crate) struct Judged {
    batch: Batch,
    tally: Tally,
    refused: PutTraceSegmentsResponse,
}

/// Judges each document alone; answers a request that is unusable as a whole.
pub(crate) fn judge(app: &App, body: &[u8]) -> Result<Judged, Error> {
    let request = PutTraceSegmentsRequest::parse(body)?;
    let door = &app.metrics.http;
    let (count, bytes) = (request.documents().len(), request.document_bytes());
    let now = app.clock.now();
    let batch = Batch::with_room(now, count, bytes);
    let (tally, refused) = (Tally::default(), PutTraceSegmentsResponse::default());
    let mut judged = Judged { batch, tally, refused };
    door.received.inc_by(count as u64);
    door.bytes.inc_by(bytes as u64);
    for document in request.documents() {
        if let Err(problem) = ingest::judge(document, &mut judged.batch, &mut judged.tally) {
            door.count_rejected(problem.code);
            app.journal.reject(now, door.name(), &problem, document.as_bytes());
            judged.refused.unprocessed_trace_segments.push(problem.into());
        }
    }
    Ok(judged)
}

/// Makes the good documents durable, then answers.
pub(crate) async fn keep(app: &App, judged: Judged) -> Result<Bytes, Error> {
    let accepted = judged.batch.len();
    ingest::append(app, judged.batch).await.map_err(|refusal| refusal.answer())?;
    app.metrics.http.accepted.inc_by(accepted as u64);
    app.journal.note(judged.tally, app.clock.now());
    if judged.refused.unprocessed_trace_segments.is_empty() {
        return Ok(Bytes::from_static(PutTraceSegmentsResponse::ALL_PROCESSED.as_bytes()));
    }
    Ok(json::encode(&judged.refused).into())
}

/// Adds up what daemons count.
pub(crate) fn put_telemetry(app: &App, body: &[u8]) -> Result<Bytes, Error> {
    let request = PutTelemetryRecordsRequest::parse(body)?;
    request.records.iter().for_each(|record| app.metrics.count_telemetry(record));
    app.journal.report(&request, app.clock.now());
    Ok(Bytes::from_static(b"{}"))
}

#[cfg(test)]
mod tests;
