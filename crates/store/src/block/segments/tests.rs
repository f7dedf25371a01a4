//! Documents go in and come out of a table, of every SDK and of every shape.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use trace::fixture::Fixture;
use wire::json;

use super::*;

mod copy;
mod damage;
mod documents;
mod format;
mod merge;

/// The documents of one trace as they were sent.
#[derive(Clone, Debug)]
struct Sent {
    id: TraceId,
    texts: Vec<String>,
}

impl Sent {
    /// Groups documents by their traces, and sorts those.
    fn group(texts: impl IntoIterator<Item = String>) -> Vec<Self> {
        let mut traces = BTreeMap::<TraceId, Vec<String>>::new();
        for text in texts {
            let segment = Segment::parse(&text);
            let segment = segment.unwrap_or_else(|problems| panic!("{text}: {problems:?}"));
            traces.entry(segment.trace_id.expect("checked by parse")).or_default().push(text);
        }
        traces.into_iter().map(|(id, texts)| Self { id, texts }).collect()
    }

    fn trace(&self) -> Trace<'_> {
        let documents = (0_u64..).zip(&self.texts).map(|(index, text)| Document {
            text,
            segment: None,
            received: Micros(1_790_149_879_000_000 + index / 3 * 1_500),
            request_number: 7 + index / 2 * 3,
        });
        let limit_exceeded = self.id.0[15] & 1 == 1;
        Trace { id: self.id, documents: documents.collect(), limit_exceeded }
    }
}

/// Writes the traces; returns the file, what it holds, and each trace's rows.
fn write(sent: &[Sent]) -> (Bytes, Counts, Vec<std::ops::Range<u64>>) {
    let mut writer = Writer::new(Vec::new()).unwrap();
    let rows = sent.iter().map(|sent| writer.push(&sent.trace()).unwrap()).collect();
    let (file, counts) = writer.finish().unwrap();
    assert_eq!(counts.bytes, file.len() as u64);
    (file.into(), counts, rows)
}

/// What a document says, in an order and spelling that do not depend on how it was written.
fn said(text: &str) -> String {
    let segment = Segment::parse(text);
    json::encode(&segment.unwrap_or_else(|problems| panic!("{text}: {problems:?}")))
}

/// Requires that the table gives back what was sent, in whole and trace by trace.
fn check(sent: &[Sent]) -> Counts {
    let (file, counts, rows) = write(sent);
    let table = Table::open(Arc::new(file)).unwrap();
    assert_eq!(table.row_count(), counts.row_count);
    let traces = table.traces(0..table.row_count()).unwrap();
    assert_eq!(traces.len(), sent.len());
    for ((sent, read), rows) in sent.iter().zip(&traces).zip(rows) {
        let wanted = sent.trace();
        assert_eq!(read.id, wanted.id);
        assert_eq!(read.limit_exceeded, wanted.limit_exceeded);
        assert_eq!(read.documents.len(), wanted.documents.len());
        for (index, (read, wanted)) in (0..).zip(read.documents.iter().zip(&wanted.documents)) {
            assert_eq!(said(&read.text), said(wanted.text), "\n{}", wanted.text);
            assert_eq!(read.received, wanted.received);
            assert_eq!(read.request_number, index / 2);
        }
        assert_eq!(table.traces(rows).unwrap(), std::slice::from_ref(read));
    }
    counts
}

/// Documents that real SDKs sent.
fn client_documents() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/it/clients/fixtures");
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 19, "{files:?}");
    files.iter().map(|file| fs::read_to_string(file).unwrap()).collect()
}

/// Traces that between them use every word of the fixtures' language.
const TRACES: [&str; 4] = [
    "
checkout          0..120ms  500 user=ann @rank=10 @gold=true @city=Berlin origin=AWS::EC2::Instance
  validate        1..9ms
  DynamoDB       10..40ms   aws op=Query table=carts
  > payments     45..110ms  500 throws=Boom:declined
    \"db@host\"    50..90ms   remote sql=\"select 1\"
  mail           50..        remote late
",
    "
a 0..10ms arn=arn:aws:1 instance=i-1 zone=eu-1a method=GET url=http://a/17 agent=curl ip=192.0.2.1
  b 1..2ms streamed
    c 1..2ms aws op=Send queue=http://q
  d 3..1ms fault=false error throttle
  e 4..5ms rethrows=Boom traced
    f 4..5ms throws=Boom:late
=> g 20..30ms links=2:7 begun
",
    "
orphaned 0..1s orphan 404
  part 1..2us id=900
lonely 5..9ms orphan subsegment
",
    "
long 0..
  s3 1..2s aws op=Put bucket=b
  sns 1..2s aws op=Publish topic=t
  lambda 1..2s aws op=Invoke function=f
",
];

fn fixture_traces() -> Vec<Sent> {
    (1..)
        .zip(TRACES)
        .flat_map(|(number, text)| {
            Sent::group(Fixture::numbered(number, trace::fixture::BASE, text).texts())
        })
        .collect()
}

/// Says something of everything, in the shapes that few SDKs use.
const PECULIAR: &[&str] = &[
    r#""http":{}"#,
    r#""http":{"request":{},"response":{}}"#,
    r#""http":{"request":{"x_forwarded_for":false,"traced":true,"url":"http://h/{}/5","headers":{"a":[1,null]}}}"#,
    r#""http":{"request":{"url":"http://h/007/a?b=12&c","method":""},"response":{"status":-1,"content_length":"12"},"version":1.1}"#,
    r#""http":{"response":{"status":70000,"content_length":-1,"x":{}}}"#,
    r#""http":{"response":{"content_length":1.0}}"#,
    r#""http":"none","user":7,"aws":[],"sql":"select","service":"v1","cause":12,"annotations":[]"#,
    r#""name2":null,"Dummy":false,"x":1,"x":2,"numbers":[1e400,1E2,-0.0,12345678901234567890123]"#,
    r#""annotations":{}"#,
    r#""annotations":{"a":1,"b":1.0,"c":-0.0,"d":18446744073709551615,"e":"","f":false,"g":null,"ü":"\u0000\"\\"}"#,
    r#""annotations":{"a":1,"list":[1,2],"object":{"b":null}}"#,
    r#""aws":{},"service":{},"sql":{}"#,
    r#""aws":{"request_id":"r-1"}"#,
    r#""aws":{"request_id":17,"retries":3,"cloudwatch_logs":{"log_group":"one"},"unknown":[{}]}"#,
    r#""aws":{"cloudwatch_logs":[{"log_group":"a","x":1},{"arn":"b"}],"resource_names":["t"],"ec2":{"instance_id":"i","y":2},"elastic_beanstalk":{"deployment_id":12}}"#,
    r#""cause":"0123456789abcdef""#,
    r#""cause":{"exceptions":[{"id":"a","stack":[{"path":null,"line":0,"z":1}],"truncated":3,"remote":false}],"paths":["p"],"q":{}}"#,
    r#""precursor_ids":["a","b"],"links":[{"trace_id":"1-581cf771-a006649127e371903a2de979","id":"00f067aa0ba902b7","attributes":{"k":[]},"w":1}]"#,
    r#""precursor_ids":"a","links":{"trace_id":5}"#,
    r#""metadata":{"default":{"deep":[[[{"a":1e400}]]]}}"#,
    r#""metadata":null,"metadata":[ 1 , 2 ],"resource_arn":"arn","origin":"AWS::EC2::Instance""#,
    r#""fault":false,"error":true,"throttle":false,"inferred":true,"traced":false,"namespace":"local""#,
    r#""user":"a","user":{"b":1}"#,
    r#""subsegments":[]"#,
    r#""subsegments":null,"type":"segment","namespace":"""#,
];
