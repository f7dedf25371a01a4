//! Documents that come as datagrams.

use bytes::Bytes;
use store::Options;
use wire::TraceId;

use super::*;
use crate::Config;
use crate::testing::{Stand, document};

fn bytes(document: &str) -> Bytes {
    Bytes::copy_from_slice(document.as_bytes())
}

#[tokio::test]
async fn what_is_valid_is_kept_and_the_rest_is_counted() {
    let stand = Stand::new();
    let large = document(&format!(r#","user":"{}""#, "u".repeat(DOCUMENT_BYTES_MAX)));
    let documents = vec![
        bytes(&document("")),
        bytes("{"),
        Bytes::from_static(b"{\"name\":\"\xff\"}"),
        bytes(&large),
        bytes(&document(r#","name":null"#)),
        bytes(&document(r#","id":"0000000000000001""#)),
    ];
    let kept = stand.server.ingest().put(documents).await;
    assert_eq!(kept.expect("a store with room"), Kept { accepted_count: 2, rejected_count: 4 });
    let id = TraceId::parse("1-581cf771-a006649127e371903a2de979").expect("an id");
    let stored = stand.store.trace(&id).expect("it is there at once");
    assert_eq!(stored.documents.len(), 2);
    let request = |index: usize| stored.documents[index].request_number;
    assert_eq!(request(0), request(1), "they came in one request");
    let numbers = stand.server.metrics().encode();
    for line in [
        r#"fluoro_documents_received_total{door="udp"} 6"#,
        r#"fluoro_documents_accepted_total{door="udp"} 2"#,
        r#"fluoro_documents_rejected_total{door="udp",code="ParseError"} 2"#,
        r#"fluoro_documents_rejected_total{door="udp",code="DocumentTooLarge"} 1"#,
        r#"fluoro_documents_rejected_total{door="udp",code="MissingName"} 1"#,
    ] {
        assert!(numbers.contains(&format!("{line}\n")), "{line} is not in\n{numbers}");
    }
}

#[test]
fn a_document_far_too_large_is_refused_unread() {
    let mut batch = Batch::new(Micros(0));
    let sized = |bytes: usize| document(&format!(r#","user":"{}""#, "u".repeat(bytes)));
    let id = |document: &str, batch: &mut Batch| {
        let problem = judge(document, batch, &mut Tally::default()).expect_err("too large");
        assert_eq!(problem.code, Code::DocumentTooLarge);
        problem.id
    };
    assert_eq!(id(&sized(DOCUMENT_BYTES_MAX), &mut batch).as_deref(), Some("70de5b6f19ff9a0a"));
    assert_eq!(id(&sized(READ_BYTES_MAX), &mut batch), None);
}

#[tokio::test]
async fn nothing_at_all_is_kept_without_a_write() {
    let stand = Stand::new();
    let kept = stand.server.ingest().put(vec![bytes("{")]).await.expect("nothing to write");
    assert_eq!(kept, Kept { accepted_count: 0, rejected_count: 1 });
    assert_eq!(stand.store.statistics().sync_count, 0);
}

#[tokio::test]
async fn a_store_out_of_memory_drops_and_says_how_many() {
    let options = Options { memory_bytes_max: 100, ..Options::default() };
    let stand = Stand::with(Config::default(), options);
    let dropped = stand.server.ingest().put(vec![bytes(&document(""))]).await;
    let error = dropped.expect_err("no room");
    assert_eq!((error.cause, error.document_count), (Cause::MemoryFull, 1));
    let numbers = stand.server.metrics().encode();
    assert!(numbers.contains("fluoro_documents_dropped_total{cause=\"memory_full\"} 1\n"));
}

#[test]
fn one_line_a_second_is_logged_and_the_others_are_counted() {
    let limit = LogLimit::default();
    let passed = |secs| limit.pass(Micros::from_secs(secs));
    assert_eq!([passed(10), passed(10), passed(10), passed(11)], [Some(0), None, None, Some(2)]);
}
