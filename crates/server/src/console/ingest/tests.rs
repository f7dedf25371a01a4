//! What is told of what came in.

use bytes::Bytes;
use serde_json::json;
use trace::fixture::BASE;
use wire::metric::{Kind, Metric};

use crate::console::tests::get;
use crate::testing::{Stand, document};

#[tokio::test]
async fn what_came_in_is_told_door_by_door() {
    let stand = Stand::new();
    let good = document(r#","aws":{"xray":{"sdk":"X-Ray for Go","sdk_version":"1.8"}}"#);
    let bad = document(r#","id":"nine","password":"hush""#);
    stand.put(&[&good, &bad]).await;
    let ingest = stand.server.ingest();
    ingest.put(vec![Bytes::from_static(b"{")]).await.expect("nothing to write");
    let (_, answer) = get(&stand, "ingest").await;
    assert_eq!(answer["since"], BASE.0);
    let bytes = good.len() + bad.len();
    assert_eq!(
        answer["sources"],
        json!([
            {"source": "http", "documents": 2, "bytes": bytes, "rejected": 1},
            {"source": "udp", "documents": 1, "bytes": 1, "rejected": 1},
        ])
    );
    assert_eq!(
        answer["senders"],
        json!([{"sdk": "X-Ray for Go", "version": "1.8", "documents": 1, "lastSeen": BASE.0}])
    );
    assert_eq!(
        answer["rejections"][0],
        json!({
            "at": BASE.0, "source": "udp", "code": "ParseError", "document": "{",
            "message": "it is not JSON, or not an object where one is needed", "traceId": null,
        })
    );
    let second = &answer["rejections"][1];
    assert_eq!(
        (&second["code"], &second["message"], &second["traceId"]),
        (
            &json!("InvalidId"),
            &json!("its id is not 16 hexadecimal digits (at id)"),
            &json!("1-581cf771-a006649127e371903a2de979"),
        )
    );
    assert!(second["document"].as_str().is_some_and(|text| text.ends_with("\"password\":***}")));
}

#[tokio::test]
async fn daemons_and_queues_are_told() {
    let stand = Stand::new();
    let record = json!({
        "Timestamp": 1, "SegmentsReceivedCount": 9, "SegmentsSentCount": 6,
        "SegmentsSpilloverCount": 2, "SegmentsRejectedCount": 1,
    });
    let body = json!({"TelemetryRecords": [record, record], "Hostname": "box"});
    stand.ask("/TelemetryRecords", body).await;
    let number = |name, value| Metric::new(Kind::Gauge, name, "", value);
    stand.server.metrics().register(move || {
        vec![
            number("udp_queued_bytes", 5),
            number("udp_queue_bytes_max", 9),
            number("udp_spilled", 2),
        ]
    });
    let (_, answer) = get(&stand, "ingest").await;
    assert_eq!(
        answer["telemetry"],
        json!([{
            "host": "box", "version": null, "received": 18, "sent": 12, "spilled": 4,
            "rejected": 2, "lastSeen": BASE.0,
        }])
    );
    assert_eq!(
        answer["queues"],
        json!([
            {"name": "store", "unit": "batches", "length": 0, "max": null, "dropped": 0},
            {"name": "udp", "unit": "bytes", "length": 5, "max": 9, "dropped": 2},
        ])
    );
}

#[tokio::test]
async fn what_is_kept_is_told() {
    let stand = Stand::new();
    let (_, answer) = get(&stand, "ingest").await;
    assert_eq!((&answer["store"]["traces"], &answer["store"]["oldest"]), (&json!(0), &json!(null)));
    stand.put_trace("front 0..10ms").await;
    stand.store.seal(store::Seal::All).expect("sealed");
    stand.put(&[document("")]).await;
    let (_, answer) = get(&stand, "ingest").await;
    let store = &answer["store"];
    assert_eq!((&store["blocks"], &store["traces"]), (&json!(1), &json!(2)));
    assert_eq!((&store["oldest"], &store["newest"]), (&json!(1_500_000), &json!(BASE.0)));
    assert_eq!(answer["memory"]["max"], 1 << 30);
}
