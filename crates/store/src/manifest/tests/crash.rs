//! Every point at which the life of some blocks can be cut short, by name.

use std::collections::BTreeSet;

use super::*;

/// What is live after each step of [`live`], in order.
const STEPS: &[&[u64]] = &[&[], &[1], &[1, 2], &[3], &[3, 4]];

/// Publishes, commits, compacts, removes and prunes; returns how many commits were acknowledged.
/// An error ends it, as it ends a process.
fn live(dir: &FaultDir, acknowledged: &mut usize) -> Result<(), Error> {
    let manifest = open(dir, Options { checkpoint_every: 1 })?;
    remove_orphans(dir, &orphans(dir, &manifest.snapshot())?)?;
    let write = |number: u64| {
        let entry = entry(number);
        let bytes = vec![number as u8; 100 + number as usize];
        let file = |file: &'_ BlockFile| file.name.clone();
        let names: Vec<String> = entry.files.iter().map(file).collect();
        let files: Vec<_> = names.iter().map(|name| NewFile { name, bytes: &bytes }).collect();
        let published = dir.publish_folder(&entry.folder(), &files);
        published.map_err(|error| Error::Publish { path: dir.path(""), source: Arc::new(error) })
    };
    let mut step = |ops: Vec<Op>| {
        manifest.commit(manifest.snapshot().sequence(), ops)?;
        *acknowledged += 1;
        Ok::<(), Error>(())
    };
    write(1)?;
    step(vec![add(1), Op::SealedThrough { group: 1 }])?;
    write(2)?;
    step(vec![add(2), Op::SealedThrough { group: 2 }])?;
    write(3)?;
    step(vec![remove(1), remove(2), add(3)])?;
    remove_block(dir, &entry(1))?;
    remove_block(dir, &entry(2))?;
    manifest.prune()?;
    write(4)?;
    step(vec![add(4), Op::SealedThrough { group: 4 }])
}

/// Checks a directory as it is found after the power failed, and says what is live.
fn check(mem: &MemDir, acknowledged: usize) -> String {
    let manifest = open(mem, SMALL).expect("it opens");
    let state = manifest.snapshot();
    let live = numbers(&state);
    let step = STEPS.iter().position(|step| **step == live).expect("no mix of two steps");
    assert!((acknowledged..=acknowledged + 1).contains(&step), "{step} after {acknowledged}");

    remove_orphans(mem, &orphans(mem, &state).expect("listed")).expect("removed");
    assert_eq!(orphans(mem, &state).expect("listed"), []);
    let mut expected = BTreeSet::new();
    for entry in state.blocks() {
        for file in &entry.files {
            let name = format!("{}/{}", entry.folder(), file.name);
            let bytes = mem.bytes(&name).unwrap_or_else(|| panic!("{name} is gone"));
            assert_eq!(bytes.len() as u64, file.bytes, "{name}");
            expected.insert(name);
        }
    }
    let manifest_file = |name: &String| !name.starts_with("manifest/");
    let left: BTreeSet<String> = mem.names().into_iter().filter(manifest_file).collect();
    assert_eq!(left, expected, "nothing but live blocks is left");
    commit(&manifest, &[add(9)]);
    format!("{live:?}")
}

#[test]
fn at_every_crash_point_the_last_step_was_done_or_not() {
    let kinds = [FaultKind::Eio, FaultKind::Enospc, FaultKind::Torn, FaultKind::Done];
    let mut points = Vec::new();
    let mut point_count = 0;
    for call_index in 0.. {
        let mut outcomes = Vec::new();
        let mut point = None;
        for kind in kinds {
            let mem = MemDir::default();
            // Something is there from an earlier life.
            mem.put("tmp/blocks-1.7", b"left".to_vec());
            mem.put("blocks/2026112009/01ARZ3NDEKTSV4RRFFQ69G5FAV/index.bin", b"left".to_vec());
            let dir = FaultDir::new(Arc::new(mem.clone()));
            dir.arm(Fault { call_index, call_count: u64::MAX, kind });
            let mut acknowledged = 0;
            let lived = live(&dir, &mut acknowledged);
            point = dir.hit();
            assert!(lived.is_ok() || point.is_some(), "{lived:?}");
            mem.crash(call_index);
            outcomes.push(check(&mem, acknowledged));
        }
        let Some(point) = point else { break };
        point_count += kinds.len();
        let point = point.replace("000000000000000000", "");
        points.push(format!("{point}: {}", outcomes.join(" ")));
    }
    assert!(point_count >= 100, "{point_count}");
    assert_snapshot!(points.join("\n"), @"
    list manifest/checkpoint: [] [] [] []
    list manifest/log: [] [] [] []
    read manifest/log/01.rec: [] [] [] []
    list tmp: [] [] [] []
    list tmp: [] [] [] []
    list blocks: [] [] [] []
    list blocks/2026112009: [] [] [] []
    remove tmp/blocks-1.7: [] [] [] []
    remove blocks/2026112009/01ARZ3NDEKTSV4RRFFQ69G5FAV: [] [] [] []
    publish blocks/2026112009/01M7W32T3G0000000000000001: [] [] [] []
    publish manifest/log/01.rec: [] [] [] [1]
    publish manifest/checkpoint/01.bin: [1] [1] [1] [1]
    publish blocks/2026112009/01M7W34MPG0000000000000002: [1] [1] [1] [1]
    publish manifest/log/02.rec: [1] [1] [1] [1, 2]
    publish manifest/checkpoint/02.bin: [1, 2] [1, 2] [1, 2] [1, 2]
    publish blocks/2026112009/01M7W36F9G0000000000000003: [1, 2] [1, 2] [1, 2] [1, 2]
    publish manifest/log/03.rec: [1, 2] [1, 2] [1, 2] [3]
    publish manifest/checkpoint/03.bin: [3] [3] [3] [3]
    remove blocks/2026112009/01M7W32T3G0000000000000001: [3] [3] [3] [3]
    remove blocks/2026112009/01M7W34MPG0000000000000002: [3] [3] [3] [3]
    list manifest/checkpoint: [3] [3] [3] [3]
    read manifest/checkpoint/03.bin: [3] [3] [3] [3]
    read manifest/checkpoint/02.bin: [3] [3] [3] [3]
    list manifest/log: [3] [3] [3] [3]
    remove manifest/log/01.rec: [3] [3] [3] [3]
    remove manifest/log/02.rec: [3] [3] [3] [3]
    remove manifest/checkpoint/01.bin: [3] [3] [3] [3]
    publish blocks/2026112009/01M7W389WG0000000000000004: [3] [3] [3] [3]
    publish manifest/log/04.rec: [3] [3] [3] [3, 4]
    publish manifest/checkpoint/04.bin: [3, 4] [3, 4] [3, 4] [3, 4]
    ");
}

#[test]
fn one_call_that_fails_and_then_a_process_that_goes_on() {
    // The same, but the disk recovers and the process tries again from the start.
    for call_index in 0..60 {
        for kind in [FaultKind::Eio, FaultKind::Torn, FaultKind::Done] {
            let mem = MemDir::default();
            let dir = FaultDir::new(Arc::new(mem.clone()));
            dir.arm(Fault { call_index, call_count: 1, kind });
            let mut acknowledged = 0;
            drop(live(&dir, &mut acknowledged));
            dir.disarm();
            let found = check(&mem, acknowledged);
            mem.crash(call_index);
            let manifest = open(&mem, SMALL).expect("it opens");
            let again: Vec<u64> =
                numbers(&manifest.snapshot()).into_iter().filter(|number| *number != 9).collect();
            assert_eq!(format!("{again:?}"), found);
        }
    }
}

#[test]
fn what_is_not_named_as_ours_is_left_alone() {
    let dir = MemDir::default();
    let manifest = open(&dir, SMALL).expect("opens");
    commit(&manifest, &[add(1)]);
    let live = entry(1).folder();
    let id = entry(2).id;
    for name in [
        &format!("{live}/index.bin"),
        &format!("blocks/2026112009/{id}/index.bin"),
        "blocks/2026112009/lost+found/a",
        "blocks/2026112009/note",
        "blocks/2026112010/note",
        &format!("blocks/mine/{id}/index.bin"),
        "blocks/note",
        "tmp/a",
        "tmp/b/c",
        "tmp/b/d",
        "wal/1.wal",
    ] {
        dir.put(name, Vec::new());
    }
    let orphans = orphans(&dir, &manifest.snapshot()).expect("listed");
    let folder = |name: &str| Orphan::Folder(name.to_owned());
    let block = folder(&format!("blocks/2026112009/{id}"));
    assert_eq!(orphans, [Orphan::File("tmp/a".to_owned()), folder("tmp/b"), block]);
}

#[test]
fn an_hour_without_a_block_goes_as_well() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let dir = DiskDir::open(folder.path()).expect("a directory");
    let files = [NewFile { name: "index.bin", bytes: b"1" }];
    dir.publish_folder(&entry(1).folder(), &files).expect("published");
    remove_block(&dir, &entry(1)).expect("removed");
    remove_block(&dir, &entry(1)).expect("nothing is left to remove");
    let left = orphans(&dir, &State::default()).expect("listed");
    assert_eq!(left, [Orphan::Folder("blocks/2026112009".to_owned())]);
    remove_orphans(&dir, &left).expect("removed");
    assert_eq!(orphans(&dir, &State::default()).expect("listed"), []);
}
