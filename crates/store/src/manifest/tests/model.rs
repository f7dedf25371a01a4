//! The manifest against a model: what was acknowledged is there, what was not is there whole or not
//! at all.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::testing;

/// What happens to a directory.
#[derive(Clone, Debug)]
enum Operation {
    /// Commits through one of the two manifests on what it believes to be newest.
    Commit { manifest: usize, changes: Vec<Change> },
    /// Reads what the other manifest wrote.
    Refresh { manifest: usize },
    /// Writes a checkpoint.
    Checkpoint { manifest: usize },
    /// Opens both manifests again, and prunes if asked to.
    Reopen { is_pruned: bool },
    /// Cuts the power and opens them again.
    Crash(u64),
    /// Lets some of the next calls to the disk fail.
    Fault(Fault),
}

#[derive(Clone, Debug)]
enum Change {
    Add(u64),
    Remove(u64),
    Seal(u64),
    Delete(u64),
    Forget(u64),
}

impl Change {
    fn op(&self) -> Op {
        match self {
            Self::Add(number) => add(*number),
            Self::Remove(number) => remove(*number),
            Self::Seal(group) => Op::SealedThrough { group: *group },
            Self::Delete(trace) => {
                Op::AddTombstone { trace: trace_id(*trace), deleted: Tombstone::Through(*trace) }
            }
            Self::Forget(trace) => Op::RemoveTombstone(trace_id(*trace)),
        }
    }
}

fn through(deleted: Tombstone) -> u64 {
    match deleted {
        Tombstone::Through(group) => group,
        Tombstone::Received(_) => unreachable!("none was committed"),
    }
}

/// What is live, in the simplest form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Simple {
    blocks: std::collections::BTreeSet<u64>,
    deleted: std::collections::BTreeSet<u64>,
    sealed: u64,
}

impl Simple {
    /// Returns what is live after the changes; `None` when they do not fit.
    fn after(&self, changes: &[Change]) -> Option<Self> {
        let mut simple = self.clone();
        for change in changes {
            let is_fit = match change {
                Change::Add(number) => simple.blocks.insert(*number),
                Change::Remove(number) => simple.blocks.remove(number),
                Change::Seal(group) => {
                    let is_fit = *group >= simple.sealed;
                    simple.sealed = simple.sealed.max(*group);
                    is_fit
                }
                Change::Delete(trace) => {
                    simple.deleted.insert(*trace);
                    true
                }
                Change::Forget(trace) => simple.deleted.remove(trace),
            };
            if !is_fit {
                return None;
            }
        }
        Some(simple)
    }

    fn of(state: &State) -> Self {
        for block in state.blocks() {
            assert_eq!(**block, entry(block.trace_count / 10), "an entry is kept whole");
        }
        Self {
            blocks: numbers(state).into_iter().collect(),
            deleted: state.tombstones().map(|(_, deleted)| through(deleted)).collect(),
            sealed: state.first_unsealed_group() - 1,
        }
    }
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => (1_u64..12).prop_map(Change::Add),
        3 => (1_u64..12).prop_map(Change::Remove),
        2 => (0_u64..20).prop_map(Change::Seal),
        2 => (0_u64..5).prop_map(Change::Delete),
        1 => (0_u64..5).prop_map(Change::Forget),
    ]
}

fn operation() -> impl Strategy<Value = Operation> {
    let commit = (0_usize..2, vec(change(), 1..4))
        .prop_map(|(manifest, changes)| Operation::Commit { manifest, changes });
    prop_oneof![
        12 => commit,
        2 => (0_usize..2).prop_map(|manifest| Operation::Refresh { manifest }),
        1 => (0_usize..2).prop_map(|manifest| Operation::Checkpoint { manifest }),
        2 => any::<bool>().prop_map(|is_pruned| Operation::Reopen { is_pruned }),
        2 => any::<u64>().prop_map(Operation::Crash),
        2 => testing::fault().prop_map(Operation::Fault),
    ]
}

struct World {
    mem: MemDir,
    dir: FaultDir,
    manifests: Vec<Manifest>,
    /// What was acknowledged, after every commit, under the commit's number.
    acknowledged: Vec<(Sequence, Simple)>,
    /// What may be there in the place of the last: commits that failed, one of which may have been
    /// made after all.
    in_flight: Vec<Simple>,
}

impl World {
    fn new() -> Self {
        let mem = MemDir::default();
        let dir = FaultDir::new(Arc::new(mem.clone()));
        let acknowledged = vec![(Sequence(0), Simple::default())];
        let mut world =
            Self { mem, dir, manifests: Vec::new(), acknowledged, in_flight: Vec::new() };
        world.reopen();
        world
    }

    fn reopen(&mut self) {
        self.manifests.clear();
        // An opening that a fault prevents harms nothing.
        for _ in 0..4 {
            if let Ok(manifest) = open(&self.dir, SMALL) {
                self.learn(&manifest.snapshot());
            }
        }
        self.dir.disarm();
        self.manifests = (0..2).map(|_| open(&self.dir, SMALL).expect("it opens")).collect();
        let state = self.manifests[0].snapshot();
        self.learn(&state);
        assert_eq!(self.manifests[1].snapshot(), state);
    }

    /// Checks a state that was read to its end: the last that was acknowledged, or the one that
    /// was in flight.
    fn learn(&mut self, state: &State) {
        let (sequence, last) = self.acknowledged.last().expect("there is always one");
        let seen = Simple::of(state);
        if state.sequence() == *sequence {
            assert_eq!(seen, *last);
        } else {
            assert!(state.sequence() > *sequence, "an acknowledged commit is lost");
            assert!(self.in_flight.contains(&seen), "a mix: {seen:?} of {:?}", self.in_flight);
            self.acknowledged.push((state.sequence(), seen));
        }
        self.in_flight.clear();
    }

    fn commit(&mut self, manifest: usize, changes: &[Change]) {
        let manifest = &self.manifests[manifest];
        let before = manifest.snapshot();
        let fits = Simple::of(&before).after(changes);
        let ops = changes.iter().map(Change::op).collect();
        match manifest.commit(before.sequence(), ops) {
            Ok(sequence) => {
                let (last, _) = self.acknowledged.last().expect("there is always one");
                assert_eq!(before.sequence(), *last, "committed on what was not the newest");
                let after = fits.expect("the model would have refused");
                assert_eq!(Simple::of(&manifest.snapshot()), after);
                self.acknowledged.push((sequence, after));
                self.in_flight.clear();
            }
            Err(Error::Conflict(Conflict::Overtaken { newest, .. })) => {
                let state = manifest.snapshot();
                assert_eq!(state.sequence(), newest);
                assert!(newest > before.sequence());
                self.learn(&state);
            }
            Err(Error::Conflict(_)) => assert_eq!(fits, None),
            Err(Error::Publish { .. }) => {
                assert_eq!(manifest.snapshot(), before, "shown before it is known");
                let (last, _) = self.acknowledged.last().expect("there is always one");
                // Behind the newest its number is taken: then it was not made.
                if before.sequence() == *last {
                    self.in_flight.push(fits.expect("the model would have refused"));
                }
            }
            Err(Error::Read { .. } | Error::Sync { .. }) => {}
            Err(error) => panic!("{error:?}"),
        }
    }

    fn apply(&mut self, operation: Operation) {
        match operation {
            Operation::Commit { manifest, changes } => self.commit(manifest, &changes),
            Operation::Refresh { manifest } => {
                if let Ok(state) = self.manifests[manifest].refresh() {
                    self.learn(&state);
                }
            }
            // A checkpoint that fails is as good as none.
            Operation::Checkpoint { manifest } => drop(self.manifests[manifest].checkpoint()),
            Operation::Reopen { is_pruned } => {
                if is_pruned {
                    drop(self.manifests[0].prune());
                }
                self.reopen();
            }
            Operation::Crash(seed) => {
                self.mem.crash(seed);
                self.reopen();
            }
            Operation::Fault(fault) => self.dir.arm(fault),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn what_is_read_back_is_what_was_acknowledged(operations in vec(operation(), 1..60)) {
        let mut world = World::new();
        operations.into_iter().for_each(|operation| world.apply(operation));
        world.reopen();
        // Replaying everything there is says the same, unless it was pruned.
        let state = world.manifests[0].snapshot();
        let bare = MemDir::default();
        let names = world.mem.names();
        for name in names.iter().filter(|name| name.starts_with(names::RECORD_FOLDER)) {
            bare.put(name, world.mem.bytes(name).expect("a file"));
        }
        match open(&bare, SMALL) {
            Ok(replayed) => prop_assert_eq!(replayed.snapshot(), state),
            Err(Error::Missing { .. }) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
}
