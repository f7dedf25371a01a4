//! What the tests of several modules need: documents, batches, stores in memory.

use std::collections::BTreeSet;
use std::sync::{Arc, mpsc};

use proptest::prelude::*;
use wire::{ManualClock, Micros, Segment, TraceId};

use crate::dir::{Fault, FaultKind};
use crate::{Axis, Batch, Dir, Error, Filter, NoRollup, Options, Page, Query, Store, Upkeep};

/// Returns the trace id of the `number`th trace.
pub(crate) fn trace_id(number: u64) -> TraceId {
    TraceId::new(0x581c_f771, u128::from(number))
}

/// Returns a finished segment that starts at second 100.
pub(crate) fn document(trace: u64, id: u64) -> String {
    timed(trace, id, 100, Some(101))
}

/// Returns a segment, unfinished when it has no end, spelt as blocks spell it.
pub(crate) fn timed(trace: u64, id: u64, start_secs: u64, end_secs: Option<u64>) -> String {
    let end = match end_secs {
        Some(end) => format!(r#""end_time":{end}"#),
        None => r#""in_progress":true"#.to_owned(),
    };
    let trace = trace_id(trace);
    let text = format!(
        r#"{{"trace_id":"{trace}","id":"{id:016x}","name":"a","start_time":{start_secs},{end}}}"#
    );
    canonical(&text)
}

/// Returns a batch of documents that are known to be valid.
pub(crate) fn batch<T: AsRef<str>>(received_secs: u64, documents: &[T]) -> Batch {
    let mut batch = Batch::new(Micros::from_secs(received_secs));
    for document in documents {
        let segment = Segment::parse(document.as_ref()).expect("a valid document");
        batch.push(document.as_ref(), &segment);
    }
    batch
}

/// Returns options under which two small batches fill a file.
pub(crate) fn small() -> Options {
    Options { wal_file_bytes: 400, upkeep: Upkeep::ByHand, ..Options::default() }
}

pub(crate) fn open_with(
    dir: &(impl Dir + Clone + 'static),
    options: Options,
) -> Result<Store, Error> {
    let clock = Arc::new(ManualClock::default());
    Store::open(Arc::new(dir.clone()), options, clock, Arc::new(NoRollup))
}

pub(crate) fn open(dir: &(impl Dir + Clone + 'static)) -> Store {
    open_with(dir, small()).expect("a store that opens")
}

/// Appends a batch and waits for what became of it.
pub(crate) fn append(store: &Store, batch: Batch) -> Result<(), Error> {
    let (sender, receiver) = mpsc::channel();
    store.append(batch, move |result| sender.send(result).expect("the test waits"))?;
    receiver.recv().expect("every callback is called")
}

/// Returns the text of every document in the store. Panics when two are the same.
pub(crate) fn texts(store: &Store) -> BTreeSet<String> {
    let mut texts = BTreeSet::new();
    for id in ids(store) {
        let trace = store.trace(&id).expect("what was found is there");
        for document in &trace.documents {
            assert!(texts.insert(canonical(document.text())), "twice: {document:?}");
        }
    }
    texts
}

/// Returns a document as blocks spell it.
pub(crate) fn canonical(document: &str) -> String {
    wire::json::encode(&Segment::parse(document).expect("a valid document"))
}

/// Returns the ids of all traces, newest first. Panics when one is there twice.
pub(crate) fn ids(store: &Store) -> Vec<TraceId> {
    let query = Query {
        filter: Filter::EVERYTHING,
        axis: Axis::Updated,
        window: Micros(0)..=Micros(u64::MAX),
        page: Page { after: None, traces_max: usize::MAX },
        checks_max: u64::MAX,
    };
    let ids: Vec<TraceId> = store.scan(&query).rows.iter().map(|row| row.id()).collect();
    let unique: BTreeSet<&TraceId> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len(), "a trace is found once");
    ids
}

/// Returns faults of the next calls to the disk: of a few, or of all that follow.
pub(crate) fn fault() -> impl Strategy<Value = Fault> {
    let kind = prop_oneof![
        Just(FaultKind::Eio),
        Just(FaultKind::Enospc),
        Just(FaultKind::Torn),
        Just(FaultKind::Done),
    ];
    let call_count = prop_oneof![3 => 1_u64..4, 1 => Just(u64::MAX)];
    (0_u64..6, call_count, kind).prop_map(|(call_index, call_count, kind)| Fault {
        call_index,
        call_count,
        kind,
    })
}

/// Returns how many cases are tried: few, or all.
pub(crate) fn cases(quick: u32, slow: u32) -> u32 {
    if is_slow() { slow } else { quick }
}

/// Returns the step from one place to the next: of each so many one is tried, or all.
pub(crate) fn step(quick: usize) -> usize {
    if is_slow() { 1 } else { quick }
}

/// Returns whether the long form of a test is wanted.
#[expect(clippy::disallowed_methods, reason = "whoever runs the tests says how long they may take")]
pub(crate) fn is_slow() -> bool {
    std::env::var("SLOW").is_ok_and(|value| !value.is_empty())
}
