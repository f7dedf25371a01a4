//! What a store does when its disk, its files or its clock are not what they should be.

use crate::Options;
use crate::block::Block;
use crate::dir::{Dir, FaultDir};

use super::*;

/// Opens a store at a second.
fn open_at(dir: impl Dir + 'static, seconds: u64, options: Options) -> Result<Store, Error> {
    let clock = Arc::new(ManualClock::default());
    clock.advance(seconds * 1_000_000);
    Store::open(Arc::new(dir), options, clock, Arc::new(NoRollup))
}

fn blocks(store: &Store) -> Vec<Arc<Block>> {
    store.engine.view().blocks().map(|one| Arc::clone(&one.block)).collect()
}

#[test]
fn a_partition_with_a_block_that_cannot_be_read_is_not_compacted() {
    let mem = MemDir::default();
    let dir = FaultDir::new(Arc::new(mem.clone()));
    let store = crate::testing::open(&dir);
    for number in 0..10 {
        append(&store, batch(7, &[document(1, number)])).expect("appended");
        seal_all(&store);
    }
    let before = shown(&store);
    // One in the middle.
    blocks(&store)[5].read(|block| Err::<(), _>(block.failed(std::io::Error::other("a test"))));
    assert_eq!(store.compact().expect("nothing to do"), None);
    store.engine.retry_quarantined();
    store.compact().expect("compacted").expect("there is something");
    assert_eq!(shown(&store), before);
}

#[test]
fn a_late_part_waits_for_a_block_of_another_hour() {
    let store = store(&MemDir::default());
    append(&store, batch(7, &[timed(1, 1, 100, Some(101))])).expect("appended");
    seal_all(&store);
    blocks(&store)[0].read(|block| Err::<(), _>(block.failed(std::io::Error::other("a test"))));
    append(&store, batch(7, &[timed(1, 2, 9000, Some(9001))])).expect("appended");
    assert_eq!(seal_all(&store).carried_count, 1);
    store.engine.retry_quarantined();
    seal_all(&store);
    assert_eq!(shown(&store), ["1 1", "1 2"]);
}

const DAY: u64 = 24 * 3600;

#[test]
fn a_trace_that_came_before_the_clock_was_set_back_is_deleted_for_good() {
    let dir = MemDir::default();
    let store = open_at(dir.clone(), 5 * DAY, small()).expect("a store");
    append(&store, batch(5 * DAY, &[document(1, 1), document(2, 2)])).expect("appended");
    seal_all(&store);
    append(&store, batch(5 * DAY, &[document(1, 3), document(3, 4)])).expect("appended");
    drop(store);
    let store = open_at(dir.clone(), 3 * DAY, small()).expect("a store");
    assert!(store.delete(trace_id(1)).expect("deleted"));
    assert!(store.delete(trace_id(3)).expect("deleted"));
    assert_eq!(shown(&store), ["2 2"]);
    drop(store);
    let store = open_at(dir, 3 * DAY, small()).expect("a store");
    assert_eq!(shown(&store), ["2 2"], "after a restart");
}
