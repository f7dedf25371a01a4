//! What a store does when its disk, its files or its clock are not what they should be.

use crate::block::Block;
use crate::dir::FaultDir;

use super::*;

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
