//! A document's whole way through the real program: in by each door, on disk, and out again.

use std::net::UdpSocket;

use fluoro_tests::program::{self, until};
use fluoro_tests::{Program, http};
use serde_json::{Value, json};

use crate::documents;

#[test]
fn a_document_put_over_http_is_there_when_the_answer_is() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let fluoro = start(&folder);
    let trace = documents::trace(1);
    let answer = http::post(fluoro.doors.http, "/TraceSegments", &put(&trace.documents));
    let answer = answer.expect("an answer");
    assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"UnprocessedTraceSegments":[]}"#));
    let found = batch_get(&fluoro, &trace.id);
    assert_eq!(found["Traces"][0]["Segments"].as_array().map(Vec::len), Some(2));
    let summary = summaries(&fluoro)["TraceSummaries"][0].clone();
    assert_eq!(summary["Id"], json!(trace.id));
    assert_eq!(summary["Http"]["HttpStatus"], json!(500));
    assert_eq!(summary["HasFault"], json!(true));
}

#[test]
fn a_datagram_becomes_a_trace() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let fluoro = start(&folder);
    let trace = documents::trace(2);
    send(&fluoro, &trace.documents);
    let found = until("the trace", || {
        let found = batch_get(&fluoro, &trace.id);
        (found["Traces"][0]["Segments"].as_array().map(Vec::len) == Some(2)).then_some(found)
    });
    assert_eq!(found["Traces"][0]["Duration"], json!(1.5));
}

#[test]
fn bad_datagrams_are_counted_and_their_neighbours_kept() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let fluoro = start(&folder);
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    socket.connect(fluoro.doors.udp).expect("loopback");
    let header = "{\"format\":\"json\",\"version\":1}\n";
    for bad in ["no newline", "{\"format\":\"xml\",\"version\":1}\n{}", header] {
        socket.send(bad.as_bytes()).expect("loopback takes datagrams");
    }
    socket.send(&[header.as_bytes(), &[0xff, 0xfe]].concat()).expect("loopback takes datagrams");
    socket.send(format!("{header}{{\"name\":").as_bytes()).expect("loopback takes datagrams");
    let trace = documents::trace(3);
    send(&fluoro, &trace.documents);
    until("the trace", || {
        batch_get(&fluoro, &trace.id)["Traces"][0]["Segments"][1].is_object().then_some(())
    });
    until("the five rejections", || {
        let rejected = fluoro.metric("fluoro_udp_rejected_total").expect("metrics answer")
            + fluoro.metric("fluoro_documents_rejected_total").expect("metrics answer");
        (rejected == 5.0).then_some(())
    });
    let log = fluoro.log().expect("a log");
    assert!(!log.contains("no newline\n{"), "the log shows no payload: {log}");
}

#[test]
fn a_restart_finds_everything_and_a_stop_loses_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let fluoro = start(&folder);
    let traces: Vec<_> = (10..60).map(documents::trace).collect();
    for trace in &traces {
        send(&fluoro, &trace.documents);
    }
    let status = fluoro.stop().expect("fluoro stops when asked");
    assert!(status.success(), "{status}");
    let fluoro = start(&folder);
    for trace in &traces {
        let found = batch_get(&fluoro, &trace.id);
        assert_eq!(
            found["Traces"][0]["Segments"].as_array().map(Vec::len),
            Some(2),
            "{}",
            trace.id
        );
    }
}

#[test]
fn a_second_program_refuses_the_same_folder() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let _first = start(&folder);
    let second = folder.path().join("second");
    std::fs::create_dir(&second).expect("an empty folder");
    std::os::unix::fs::symlink(folder.path().join("data"), second.join("data")).expect("a link");
    let Err(error) = Program::start(program::built(), &second, &[]) else {
        panic!("two programs on one folder");
    };
    assert!(error.to_string().contains("another"), "{error}");
}

fn start(folder: &tempfile::TempDir) -> Program {
    Program::start(program::built(), folder.path(), &[]).expect("fluoro starts")
}

fn put(documents: &[String]) -> String {
    json!({ "TraceSegmentDocuments": documents }).to_string()
}

fn send(fluoro: &Program, documents: &[String]) {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    for document in documents {
        let datagram = wire::datagram::encode(document);
        socket.send_to(&datagram, fluoro.doors.udp).expect("loopback takes datagrams");
    }
}

fn batch_get(fluoro: &Program, id: &str) -> Value {
    let body = json!({ "TraceIds": [id] }).to_string();
    http::post(fluoro.doors.http, "/Traces", &body).expect("an answer").json()
}

fn summaries(fluoro: &Program) -> Value {
    let body = json!({ "StartTime": documents::BEGIN - 10, "EndTime": documents::BEGIN + 1000 });
    http::post(fluoro.doors.http, "/TraceSummaries", &body.to_string()).expect("an answer").json()
}
