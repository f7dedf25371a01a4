//! A directory in memory that knows what a crash would leave of it; for tests.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;

use super::{Appender, Dir, Entry, Lock, NewFile, ReadAt};

/// The unit in which unsynced bytes are lost; far smaller than a disk's, so that the small files
/// of tests are torn in the middle of everything.
const SECTOR_BYTES: usize = 16;

/// Files in memory. Clones share them, so a test keeps one clone and gives the other to a store.
#[derive(Clone, Default)]
pub struct MemDir {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    files: BTreeMap<String, Contents>,
    /// How often the power failed; writers from before a failure can do nothing any more.
    crash_count: u64,
    /// Counts the holders of the lock: a weak reference that is alive while one is.
    holder: std::sync::Weak<()>,
}

#[derive(Default)]
struct Contents {
    bytes: Vec<u8>,
    /// Invariant: at most `bytes.len()`; what lies before survives a crash.
    synced_len: usize,
    /// Whether a crash may take the file away, name and all.
    is_name_unsynced: bool,
}

impl MemDir {
    /// Cuts the power: of the bytes not synced an arbitrary part is left, chosen by `seed`: some
    /// sectors whole, some zero, some with other bytes, the file possibly shorter. Writers made
    /// before fail from now on, and the lock is free.
    pub fn crash(&self, seed: u64) {
        let mut state = self.state.lock();
        let mut random = seed;
        state
            .files
            .retain(|_, file| !file.is_name_unsynced || next_random(&mut random) < u64::MAX / 2);
        for contents in state.files.values_mut() {
            contents.tear(&mut random);
        }
        state.crash_count += 1;
        state.holder = std::sync::Weak::new();
    }

    /// Returns the names of all files, sorted.
    pub fn names(&self) -> Vec<String> {
        self.state.lock().files.keys().cloned().collect()
    }

    /// Returns the bytes of a file; `None` when there is no such file.
    pub fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        self.state.lock().files.get(name).map(|contents| contents.bytes.clone())
    }

    /// Puts a file there, whole and durable, in the place of one of that name.
    pub fn put(&self, name: &str, bytes: Vec<u8>) {
        self.state.lock().files.insert(name.to_owned(), Contents::durable(bytes));
    }

    /// Puts a file there whose bytes are durable and whose name is not: what a process leaves that
    /// is killed in the middle of [`Dir::publish`].
    pub fn put_unsynced(&self, name: &str, bytes: Vec<u8>) {
        let contents = Contents { is_name_unsynced: true, ..Contents::durable(bytes) };
        self.state.lock().files.insert(name.to_owned(), contents);
    }
}

impl Contents {
    fn durable(bytes: Vec<u8>) -> Self {
        Self { synced_len: bytes.len(), bytes, is_name_unsynced: false }
    }

    fn tear(&mut self, random: &mut u64) {
        let unsynced = self.bytes.len() - self.synced_len;
        let kept = (next_random(random) % (unsynced as u64 + 1)) as usize;
        self.bytes.truncate(self.synced_len + kept);
        for sector in self.bytes[self.synced_len..].chunks_mut(SECTOR_BYTES) {
            match next_random(random) % 8 {
                0 => sector.fill(0),
                1 => sector.fill_with(|| next_random(random) as u8),
                _ => {}
            }
        }
        self.synced_len = self.bytes.len();
        self.is_name_unsynced = false;
    }
}

/// The next number of a SplitMix64 sequence.
fn next_random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

impl Dir for MemDir {
    fn path(&self, name: &str) -> PathBuf {
        PathBuf::from("memory").join(name)
    }

    fn lock(&self) -> io::Result<Lock> {
        let mut state = self.state.lock();
        if state.holder.upgrade().is_some() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let held = Arc::new(());
        state.holder = Arc::downgrade(&held);
        Ok(Lock::new(held))
    }

    fn create_new(&self, name: &str) -> io::Result<Box<dyn Appender>> {
        let mut state = self.state.lock();
        if state.files.contains_key(name) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        state.files.insert(name.to_owned(), Contents::default());
        let crash_count = state.crash_count;
        Ok(Box::new(MemFile { state: Arc::clone(&self.state), name: name.to_owned(), crash_count }))
    }

    fn list(&self, folder: &str) -> io::Result<Vec<Entry>> {
        let prefix = format!("{folder}/");
        let entry = |(name, contents): (&String, &Contents)| {
            let name = name.strip_prefix(&prefix).filter(|rest| !rest.contains('/'))?.to_owned();
            Some(Entry { name, len: contents.bytes.len() as u64 })
        };
        Ok(self.state.lock().files.iter().filter_map(entry).collect())
    }

    fn read(&self, name: &str, offset: u64, bytes_max: u64) -> io::Result<Vec<u8>> {
        let state = self.state.lock();
        let bytes = &state.files.get(name).ok_or(io::ErrorKind::NotFound)?.bytes;
        let start = bytes.len().min(usize::try_from(offset).unwrap_or(usize::MAX));
        let len = (bytes.len() - start).min(usize::try_from(bytes_max).unwrap_or(usize::MAX));
        Ok(bytes[start..start + len].to_vec())
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn ReadAt>> {
        let bytes = self.bytes(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(Arc::new(Bytes::from(bytes)))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let removed = self.state.lock().files.remove(name);
        removed.map(drop).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn publish(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.state.lock();
        if state.files.contains_key(name) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        state.files.insert(name.to_owned(), Contents::durable(bytes.to_vec()));
        Ok(())
    }

    fn publish_folder(&self, folder: &str, files: &[NewFile<'_>]) -> io::Result<()> {
        let mut state = self.state.lock();
        if state.has_folder(folder) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        for NewFile { name, bytes } in files {
            state.files.insert(format!("{folder}/{name}"), Contents::durable(bytes.to_vec()));
        }
        Ok(())
    }

    fn sync_folder(&self, folder: &str) -> io::Result<()> {
        let mut state = self.state.lock();
        if !state.has_folder(folder) {
            return Err(io::ErrorKind::NotFound.into());
        }
        for (name, contents) in &mut state.files {
            if name.rsplit_once('/').is_some_and(|(above, _)| above == folder) {
                contents.is_name_unsynced = false;
            }
        }
        Ok(())
    }

    fn folders(&self, folder: &str) -> io::Result<Vec<String>> {
        let prefix = format!("{folder}/");
        let state = self.state.lock();
        let inside = state.files.keys().filter_map(|name| name.strip_prefix(&prefix));
        let folders: BTreeSet<&str> =
            inside.filter_map(|rest| Some(rest.split_once('/')?.0)).collect();
        Ok(folders.into_iter().map(str::to_owned).collect())
    }

    fn remove_folder(&self, folder: &str) -> io::Result<()> {
        let mut state = self.state.lock();
        if !state.has_folder(folder) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let prefix = format!("{folder}/");
        state.files.retain(|name, _| !name.starts_with(&prefix));
        Ok(())
    }
}

impl State {
    /// Whether a file lies in the folder or below it; there are no empty folders here.
    fn has_folder(&self, folder: &str) -> bool {
        let prefix = format!("{folder}/");
        self.files.keys().any(|name| name.starts_with(&prefix))
    }
}

struct MemFile {
    state: Arc<Mutex<State>>,
    name: String,
    crash_count: u64,
}

impl MemFile {
    fn with(&self, change: impl FnOnce(&mut Contents)) -> io::Result<()> {
        let mut state = self.state.lock();
        if state.crash_count != self.crash_count {
            return Err(io::Error::other("the power failed since this file was created"));
        }
        change(state.files.get_mut(&self.name).ok_or(io::ErrorKind::NotFound)?);
        Ok(())
    }
}

impl Appender for MemFile {
    fn append(&mut self, parts: &[&[u8]]) -> io::Result<()> {
        self.with(|contents| parts.iter().for_each(|part| contents.bytes.extend_from_slice(part)))
    }

    fn sync(&mut self) -> io::Result<()> {
        self.with(|contents| contents.synced_len = contents.bytes.len())
    }
}
