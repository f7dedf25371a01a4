//! The store against a model: a set of documents, of which the acknowledged ones must be there.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::testing;

/// Documents belong to one of so many traces.
const TRACE_COUNT: u64 = 5;

/// How long blocks are kept, in seconds.
const AGE: u64 = 8;

/// What happens to a store.
#[derive(Clone, Debug)]
enum Operation {
    /// Appends that many batches at once, each of a few documents, and waits for all.
    Append { batch_count: usize, documents_each: u64 },
    /// Appends a document again that was appended before.
    Repeat(prop::sample::Index),
    /// Seals traces.
    Seal(Seal),
    /// Compacts blocks.
    Compact,
    /// Removes what is too old.
    Expire,
    /// Deletes a trace.
    Delete(u64),
    /// Closes the store and opens it.
    Reopen,
    /// Cuts the power and opens the store.
    Crash(u64),
    /// Lets some of the next calls to the disk fail.
    Fault(Fault),
}

fn operation() -> impl Strategy<Value = Operation> {
    let append = (1_usize..5, 1_u64..4).prop_map(|(batch_count, documents_each)| {
        Operation::Append { batch_count, documents_each }
    });
    prop_oneof![
        6 => append,
        2 => any::<prop::sample::Index>().prop_map(Operation::Repeat),
        4 => prop_oneof![
            2 => Just(Seal::All), 1 => Just(Seal::Most), 1 => Just(Seal::Idle)
        ].prop_map(Operation::Seal),
        1 => Just(Operation::Compact),
        1 => Just(Operation::Expire),
        1 => (0_u64..TRACE_COUNT).prop_map(Operation::Delete),
        2 => Just(Operation::Reopen),
        2 => any::<u64>().prop_map(Operation::Crash),
        2 => testing::fault().prop_map(Operation::Fault),
    ]
}

/// What is known of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It may be there or not.
    Attempted,
    /// It must be there.
    Acknowledged,
}

struct World {
    mem: MemDir,
    dir: FaultDir,
    /// None after an opening that failed, by a fault of the disk.
    store: Option<Store>,
    model: BTreeMap<String, Fate>,
    /// When each document was sent first.
    sent: BTreeMap<String, u64>,
    next_id: u64,
    /// The second that it is.
    now: u64,
    clock: Arc<ManualClock>,
}

impl World {
    fn new() -> Self {
        let mem = MemDir::default();
        let dir = FaultDir::new(Arc::new(mem.clone()));
        let clock = Arc::new(ManualClock::default());
        let (model, sent) = (BTreeMap::new(), BTreeMap::new());
        let mut world = Self { mem, dir, store: None, model, sent, next_id: 0, now: 0, clock };
        world.reopen();
        world
    }

    /// Lets a second pass, so that nothing that comes later is taken for what came before.
    fn tick(&mut self) -> u64 {
        self.clock.advance(1_000_000);
        self.now += 1;
        self.now
    }

    fn apply(&mut self, operation: Operation) {
        match operation {
            Operation::Append { batch_count, documents_each } => {
                let batches = (0..batch_count).map(|_| self.new_documents(documents_each));
                let batches = batches.collect();
                self.append(batches);
            }
            Operation::Repeat(index) => {
                let known: Vec<String> = self.model.keys().cloned().collect();
                if !known.is_empty() {
                    self.append(vec![vec![index.get(&known).clone()]]);
                }
            }
            Operation::Seal(seal) => self.upkeep(|store| store.seal(seal).map(drop)),
            Operation::Compact => self.upkeep(|store| store.compact().map(drop)),
            Operation::Expire => self.expire(),
            Operation::Delete(number) => self.delete(number),
            Operation::Reopen => self.reopen(),
            Operation::Crash(seed) => {
                self.mem.crash(seed);
                self.reopen();
            }
            Operation::Fault(fault) => self.dir.arm(fault),
        }
    }

    /// Does what may fail and must change nothing.
    fn upkeep(&self, work: impl FnOnce(&Store) -> Result<(), Error>) {
        // Whatever it could not do is told by what is there afterwards.
        self.store.as_ref().map(work);
    }

    /// A block goes when all that is in it is too old; so of what is old, anything may be there.
    fn expire(&mut self) {
        self.upkeep(|store| store.expire().map(drop));
        let is_old = |document: &String| self.sent[document] + AGE < self.now;
        let old = self.model.iter_mut().filter(|(document, _)| is_old(document));
        old.for_each(|(_, fate)| *fate = Fate::Attempted);
    }

    fn delete(&mut self, number: u64) {
        let Some(store) = &self.store else { return };
        let is_ok = store.delete(trace_id(number)).is_ok();
        let is_of_it = |document: &String| document.contains(&trace_id(number).to_string());
        if is_ok {
            self.model.retain(|document, _| !is_of_it(document));
        } else {
            let of_it = self.model.iter_mut().filter(|(document, _)| is_of_it(document));
            of_it.for_each(|(_, fate)| *fate = Fate::Attempted);
        }
    }

    fn new_documents(&mut self, count: u64) -> Vec<String> {
        let ids = self.next_id..self.next_id + count;
        self.next_id = ids.end;
        ids.map(|id| document(id % TRACE_COUNT, id)).collect()
    }

    fn append(&mut self, batches: Vec<Vec<String>>) {
        let now = self.tick();
        let Some(store) = &self.store else { return };
        let (sender, receiver) = mpsc::channel();
        for documents in batches {
            for document in &documents {
                self.model.entry(document.clone()).or_insert(Fate::Attempted);
                self.sent.entry(document.clone()).or_insert(now);
            }
            let sender = sender.clone();
            let request = batch(now, &documents);
            let done = move |result: Result<(), Error>| {
                sender.send((documents, result.is_ok())).expect("the test waits");
            };
            // Refused at once by a store that is poisoned: as good as never sent.
            drop(store.append(request, done));
        }
        drop(sender);
        for (documents, is_ok) in receiver {
            for document in documents.into_iter().filter(|_| is_ok) {
                self.model.insert(document, Fate::Acknowledged);
            }
        }
    }

    fn reopen(&mut self) {
        self.store = None;
        let (dir, clock) = (Arc::new(self.dir.clone()), Arc::clone(&self.clock));
        let retention = Retention { age: Some(Micros::from_secs(AGE)), ..Retention::default() };
        let options = Options { retention, ..small() };
        match Store::open(dir, options, clock, Arc::new(NoRollup)) {
            Ok(store) => self.store = Some(store),
            Err(
                Error::List { .. }
                | Error::Read { .. }
                | Error::Manifest {
                    source:
                        manifest::Error::List { .. }
                        | manifest::Error::Read { .. }
                        | manifest::Error::Sync { .. },
                },
            ) => {}
            Err(error) => panic!("{}", chain(&error)),
        }
    }

    fn check(&self) {
        let Some(store) = &self.store else { return };
        let there = texts(store);
        // What cannot be read is there again when the disk works again.
        let is_whole = store.statistics().blocks.quarantined_count == 0;
        for (document, fate) in &self.model {
            let is_needed = is_whole && *fate == Fate::Acknowledged;
            assert!(!is_needed || there.contains(document), "lost: {document}");
        }
        assert!(there.iter().all(|document| self.model.contains_key(document)), "invented");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(testing::cases(80, 300)))]

    #[test]
    fn acknowledged_documents_are_there_after_anything(operations in vec(operation(), 1..25)) {
        let mut world = World::new();
        for operation in operations {
            world.apply(operation);
            world.check();
        }
        world.dir.disarm();
        world.reopen();
        world.check();
        prop_assert!(world.store.is_some());
    }
}
