//! Every point at which the life of a store can be cut short, and every call to the disk that may
//! fail while the life goes on, by name.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::dir::{Dir, Fault, FaultDir, FaultKind};
use crate::manifest;
use crate::{Options, Retention};

/// What happens to a store.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// Documents come together: the trace and the id of each.
    Append(&'static [(u64, u64)]),
    /// So many seconds pass.
    Wait(u64),
    Seal(Seal),
    Compact,
    Expire,
    Delete(u64),
}

use Event::{Append, Compact, Delete, Expire, Wait};

/// A trace in a partition of its own, which is the first to be too old.
const OLD: u64 = 100;

/// How long blocks are kept, in seconds.
const AGE: u64 = 20_000;

const SEAL_ALL: Event = Event::Seal(Seal::All);
const SEAL_IDLE: Event = Event::Seal(Seal::Idle);

/// A life; in each session the store is opened and closed.
const LIFE: &[(&str, &[Event])] = &[
    ("first", &[Append(&[(OLD, 1)]), Wait(6000), Append(&[(1, 2), (2, 3)]), SEAL_ALL]),
    (
        "carry",
        &[Append(&[(3, 4), (4, 5)]), Wait(20), Append(&[(4, 6), (5, 7)]), SEAL_IDLE, SEAL_IDLE],
    ),
    ("late", &[Append(&[(1, 8), (4, 9)]), SEAL_ALL, Append(&[(6, 10)]), SEAL_ALL]),
    ("fifth and sixth", &[Append(&[(1, 11)]), SEAL_ALL, Append(&[(2, 12)]), SEAL_ALL]),
    ("seventh and eighth", &[Append(&[(5, 13)]), SEAL_ALL, Append(&[(3, 14)]), SEAL_ALL]),
    ("compact", &[Compact, Compact, Append(&[(1, 15)])]),
    ("expire", &[Wait(14_100), Append(&[(7, 16)]), Expire, SEAL_ALL]),
    ("delete", &[Append(&[(2, 17), (1, 18)]), Delete(2), Delete(6), SEAL_ALL, Compact]),
    ("again", &[Wait(1), Append(&[(2, 19)]), SEAL_ALL, Compact]),
];

/// A batch that was sent.
#[derive(Clone)]
struct Sent {
    received: u64,
    /// Each with its trace.
    documents: Vec<(u64, String)>,
    is_acknowledged: bool,
}

/// Whether something happened that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Happened {
    No,
    Perhaps,
    Yes,
}

/// What is known of a store from outside.
#[derive(Clone)]
struct Model {
    clock: Arc<ManualClock>,
    now: u64,
    sent: Vec<Sent>,
    /// When traces were deleted.
    deleted: BTreeMap<u64, (u64, Happened)>,
    expired: Happened,
}

impl Model {
    fn new() -> Self {
        let (sent, deleted) = (Vec::new(), BTreeMap::new());
        let mut model =
            Self { clock: Arc::default(), now: 0, sent, deleted, expired: Happened::No };
        model.wait(1);
        model
    }

    /// Returns a copy that has a clock of its own.
    fn copy(&self) -> Self {
        let clock = Arc::new(ManualClock::default());
        clock.advance(self.now * 1_000_000);
        Self { clock, ..self.clone() }
    }

    fn wait(&mut self, seconds: u64) {
        self.now += seconds;
        self.clock.advance(seconds * 1_000_000);
    }

    fn open(&self, dir: Arc<dyn Dir>) -> Result<Store, Error> {
        let retention = Retention { age: Some(Micros::from_secs(AGE)), ..Retention::default() };
        let options = Options { retention, ..small() };
        Store::open(dir, options, Arc::clone(&self.clock) as _, Arc::new(Counting))
    }

    /// Lets something happen; what fails is taken as it is.
    fn happen(&mut self, store: &Store, event: Event) {
        match event {
            Append(documents) => self.append(store, documents),
            Wait(seconds) => self.wait(seconds),
            Event::Seal(seal) => drop(store.seal(seal)),
            Compact => drop(store.compact()),
            Expire => {
                self.expired =
                    if store.expire().is_ok() { Happened::Yes } else { Happened::Perhaps };
            }
            Delete(trace) => {
                let happened = match store.delete(id_of(trace)) {
                    Ok(_) => Happened::Yes,
                    Err(_) => Happened::Perhaps,
                };
                self.deleted.insert(trace, (self.now, happened));
            }
        }
    }

    fn append(&mut self, store: &Store, documents: &[(u64, u64)]) {
        let documents: Vec<(u64, String)> =
            documents.iter().map(|(trace, id)| (*trace, text(*trace, *id))).collect();
        let texts: Vec<&String> = documents.iter().map(|(_, text)| text).collect();
        let is_acknowledged = append(store, batch(self.now, &texts)).is_ok();
        self.sent.push(Sent { received: self.now, documents, is_acknowledged });
    }

    /// Returns whether what was received of a trace then is gone.
    fn is_gone(&self, trace: u64, received: u64) -> Happened {
        match self.deleted.get(&trace) {
            _ if trace == OLD => self.expired,
            Some((deleted, happened)) if received <= *deleted => *happened,
            _ => Happened::No,
        }
    }

    /// Checks that everything is there that should be and nothing else; returns the batches that
    /// are there.
    fn check_documents(&self, store: &Store) -> Vec<(u64, Vec<String>)> {
        let mut there = texts(store);
        let mut found = Vec::new();
        let mut half_gone: BTreeMap<u64, BTreeSet<bool>> = BTreeMap::new();
        for sent in &self.sent {
            let mut needed = BTreeSet::new();
            let mut batch = Vec::new();
            for (trace, text) in &sent.documents {
                let is_there = there.remove(text);
                match self.is_gone(*trace, sent.received) {
                    Happened::Yes => assert!(!is_there, "back again: {text}"),
                    Happened::No => drop(needed.insert(is_there)),
                    Happened::Perhaps if sent.is_acknowledged => {
                        half_gone.entry(*trace).or_default().insert(is_there);
                    }
                    Happened::Perhaps => {}
                }
                batch.extend(is_there.then(|| text.clone()));
            }
            assert!(needed.len() < 2, "half of a batch: {batch:?}");
            let is_lost = sent.is_acknowledged && needed.contains(&false);
            assert!(!is_lost, "lost: {:?}", sent.documents);
            found.push((sent.received, batch));
        }
        assert!(half_gone.values().all(|there| there.len() == 1), "half deleted: {half_gone:?}");
        assert_eq!(there, BTreeSet::new(), "invented");
        found
    }
}

/// Half of the traces have ids that begin with their time, as X-Ray's do; the others do not.
fn id_of(trace: u64) -> wire::TraceId {
    match trace % 2 {
        0 => trace_id(trace),
        _ => wire::TraceId::new(7300, u128::from(trace)),
    }
}

fn text(trace: u64, id: u64) -> String {
    let start = if trace == OLD { 100 } else { 7300 + trace };
    let text = timed(trace, id, start, Some(start + 1));
    text.replace(&trace_id(trace).to_string(), &id_of(trace).to_string())
}

/// Counts segments, whenever they came.
struct Counting;

#[derive(Default)]
struct Counts(i64);

type Others<'o> = dyn Fn(&wire::TraceId) -> Option<StoredTrace> + 'o;

impl crate::Rollup for Counting {
    fn begin(&self) -> Box<dyn crate::Fold> {
        Box::<Counts>::default()
    }

    fn merge(&self, parts: &[&[u8]]) -> Result<Vec<u8>, String> {
        let count = |part: &&[u8]| i64::from_le_bytes((*part).try_into().expect("eight bytes"));
        Ok(parts.iter().map(count).sum::<i64>().to_le_bytes().to_vec())
    }
}

impl crate::Fold for Counts {
    fn add(&mut self, trace: &trace::Trace<'_>, _: &Others<'_>) {
        self.0 += trace.segments.len() as i64;
    }

    fn subtract(&mut self, trace: &trace::Trace<'_>, _: &Others<'_>) {
        self.0 -= trace.segments.len() as i64;
    }

    fn finish(self: Box<Self>) -> BTreeMap<u64, Vec<u8>> {
        BTreeMap::from([(1, self.0.to_le_bytes().to_vec())])
    }
}

/// Returns how many segments were counted in blocks, and are live.
fn counted(store: &Store) -> i64 {
    let segments = |trace: &StoredTrace| {
        let count = |trace: &trace::Trace<'_>| trace.segments.len() as i64;
        crate::scan::with_trace(trace, count).expect("a trace")
    };
    let mut sum = 0;
    store.fold(&(Micros(0)..Micros(u64::MAX)), crate::Grain::Window, |folded| match folded {
        crate::Folded::Rollup { bytes, .. } => {
            sum += i64::from_le_bytes(bytes.as_ref().try_into().expect("eight bytes"));
        }
        crate::Folded::Live { now, before } => {
            sum += segments(&now) - before.as_ref().map_or(0, segments);
        }
    });
    sum
}

/// The answers of stores that never seal, by what they hold.
#[derive(Default)]
struct Plain(BTreeMap<Vec<(u64, Vec<String>)>, Vec<String>>);

impl Plain {
    fn answers(&mut self, batches: Vec<(u64, Vec<String>)>) -> &Vec<String> {
        self.0.entry(batches).or_insert_with_key(|batches| {
            let store = self::store(&MemDir::default());
            for (received, documents) in batches {
                append(&store, batch(*received, documents)).expect("appended");
            }
            asked(&store)
        })
    }
}

/// Asks for all traces, in pages: what scans take least time for.
fn asked(store: &Store) -> Vec<String> {
    let mut answers = Vec::new();
    let mut after = None;
    loop {
        let query = crate::Query {
            filter: crate::Filter::EVERYTHING,
            axis: crate::Axis::Start,
            window: Micros(0)..=Micros(u64::MAX),
            page: crate::Page { after, traces_max: 5 },
            checks_max: u64::MAX,
        };
        let found = store.scan(&query);
        assert_eq!(found.cost.unreadable_block_count, 0);
        answers.extend(found.rows.iter().map(|row| format!("{:?}", row.summary())));
        after = found.next;
        if after.is_none() {
            answers.push(format!("{} in all", store.count(&query).0));
            return answers;
        }
    }
}

fn copy(dir: &MemDir) -> MemDir {
    let copy = MemDir::default();
    for name in dir.names() {
        copy.put(&name, dir.bytes(&name).expect("it is there"));
    }
    copy
}

/// Checks all of an open store.
fn check(model: &Model, store: &Store, plain: &mut Plain) {
    let found = model.check_documents(store);
    // What is counted of traces that are gone is taken back when blocks are compacted, if ever.
    if model.expired == Happened::No && model.deleted.is_empty() {
        let document_count: usize = found.iter().map(|(_, documents)| documents.len()).sum();
        assert_eq!(counted(store), document_count as i64);
    }
    assert_eq!(&asked(store), plain.answers(found));
}

/// Opens what is left and checks all of it.
fn check_after_restart(model: &Model, mem: &MemDir, plain: &mut Plain) {
    let store = model.open(Arc::new(mem.clone())).expect("it opens");
    let state = store.engine.manifest.snapshot();
    assert_eq!(manifest::orphans(mem, &state).expect("listed"), [], "orphans are left");
    check(model, &store, plain);
}

/// A store before one session of its life.
struct Before {
    model: Model,
    mem: MemDir,
}

impl Before {
    /// Lives the session as it is, and returns the name of every call to the disk.
    fn live(&mut self, events: &[Event], plain: &mut Plain) -> Vec<String> {
        let dir = FaultDir::new(Arc::new(self.mem.clone()));
        dir.remember();
        let store = self.model.open(Arc::new(dir.clone())).expect("it opens");
        let mut during = vec!["open".to_owned(); dir.made().len()];
        for event in events {
            self.model.happen(&store, *event);
            let event = format!("{event:?}").to_lowercase();
            let event = event.split('(').next().unwrap_or_default();
            during.resize(dir.made().len(), event.to_owned());
        }
        drop(store);
        let made = dir.made();
        check_after_restart(&self.model, &self.mem, plain);
        let named = made.iter().zip(&during).map(|(call, during)| short(call, during));
        named.collect()
    }

    /// Lives a copy of the session in which calls fail.
    fn fail(&self, events: &[Event], fault: Fault, plain: &mut Plain) {
        let (mut model, mem) = (self.model.copy(), copy(&self.mem));
        let dir = FaultDir::new(Arc::new(mem.clone()));
        dir.arm(fault);
        let store = model.open(Arc::new(dir.clone())).ok();
        if let Some(store) = &store {
            events.iter().for_each(|event| model.happen(store, *event));
        }
        dir.hit().expect("the call is made again");
        dir.disarm();
        if fault.call_count == 1
            && let Some(store) = store
        {
            store.engine.retry_quarantined();
            check(&model, &store, plain);
        }
        mem.crash(fault.call_index);
        check_after_restart(&model, &mem, plain);
    }
}

/// Spells a call without what is long and the same for all.
fn short(call: &str, during: &str) -> String {
    let part = |part: &str| match part.len() {
        26 => "…".to_owned(),
        _ => part.replace("00000000000000000", ""),
    };
    let call: Vec<String> = call.split('/').map(part).collect();
    format!("{} ({during})", call.join("/"))
}

/// One call that fails while the life goes on.
const KINDS: [FaultKind; 4] = [FaultKind::Eio, FaultKind::Enospc, FaultKind::Torn, FaultKind::Done];

/// Returns the faults that are tried at a call: the power is cut, and one call fails. When there is
/// little time, only the first of calls of one name is tried, and every other one with one kind of
/// failure.
fn faults(call_index: u64, is_first: bool) -> Vec<Fault> {
    let kind_index = call_index as usize / 2 % KINDS.len();
    let kinds = match (is_slow(), is_first, call_index % 2) {
        (true, ..) => &KINDS[..],
        (false, true, 0) => std::slice::from_ref(&KINDS[kind_index]),
        (false, true, _) => &[],
        (false, false, _) => return Vec::new(),
    };
    let cut = Fault { call_index, call_count: u64::MAX, kind: FaultKind::Torn };
    let one = |kind: &FaultKind| Fault { call_index, call_count: 1, kind: *kind };
    kinds.iter().map(one).chain([cut]).collect()
}

#[test]
fn at_every_crash_point_what_was_acknowledged_is_there_once_and_nothing_else() {
    let mut plain = Plain::default();
    let mut points = BTreeSet::new();
    let mut before = Before { model: Model::new(), mem: MemDir::default() };
    for (session, events) in LIFE {
        let mut after = Before { model: before.model.copy(), mem: copy(&before.mem) };
        let calls = after.live(events, &mut plain);
        for (call_index, point) in (0..).zip(calls) {
            let is_first = points.insert(point.clone());
            for fault in faults(call_index, is_first) {
                eprintln!("{session}: {point}: {:?} of {}", fault.kind, fault.call_count);
                before.fail(events, fault, &mut plain);
            }
        }
        before = after;
    }
    assert!(points.len() >= 40, "{}", points.len());
}
