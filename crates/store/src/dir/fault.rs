//! A directory whose calls fail when they are told to; for tests.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;

use super::{Appender, Dir, Entry, Lock, NewFile, ReadAt};
use crate::names;

/// Linux's numbers for "input/output error" and "no space left on device".
const EIO: i32 = 5;
const ENOSPC: i32 = 28;

/// Wraps a directory and counts the calls made through it and through its files; the calls that
/// [`FaultDir::arm`] names fail. Clones share the count and the fault.
#[derive(Clone)]
pub struct FaultDir {
    inner: Arc<dyn Dir>,
    plan: Arc<Mutex<Plan>>,
}

#[derive(Default)]
struct Plan {
    call_count: u64,
    fault: Option<Fault>,
    /// What the fault hit first, since it was armed.
    hit: Option<String>,
    /// The calls that were made, from when they were asked for.
    made: Option<Vec<String>>,
}

/// Which calls fail, and how.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// The first call that fails, zero being the next one made.
    pub call_index: u64,
    /// How many calls fail from there on; a disk that stays full has `u64::MAX`.
    pub call_count: u64,
    /// What is wrong with them.
    pub kind: FaultKind,
}

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// An input/output error; nothing was done.
    Eio,
    /// The disk is full; nothing was done.
    Enospc,
    /// An input/output error, but the call was half done: a file was created, half of the bytes
    /// were written, a part of a folder was removed, or what was to be published lies half written
    /// in the folder `tmp`. A sync or a read does nothing.
    Torn,
    /// An input/output error, although all was done.
    Done,
    /// A sync that says it worked and did nothing, also one that is a part of publishing; other
    /// calls are not touched.
    SyncLie,
}

impl FaultDir {
    /// Returns a directory that fails only once it is armed.
    pub fn new(inner: Arc<dyn Dir>) -> Self {
        Self { inner, plan: Arc::default() }
    }

    /// Makes the calls of `fault` fail, in the place of those named before.
    pub fn arm(&self, fault: Fault) {
        let mut plan = self.plan.lock();
        let call_index = plan.call_count.saturating_add(fault.call_index);
        plan.fault = Some(Fault { call_index, ..fault });
        plan.hit = None;
    }

    /// Lets every call work again.
    pub fn disarm(&self) {
        self.plan.lock().fault = None;
    }

    /// Returns how many calls were made so far.
    pub fn call_count(&self) -> u64 {
        self.plan.lock().call_count
    }

    /// Returns the first call that the armed fault made fail, as `publish wal/a`; `None` as long
    /// as none was.
    pub fn hit(&self) -> Option<String> {
        self.plan.lock().hit.clone()
    }

    /// Remembers the calls from now on.
    pub fn remember(&self) {
        self.plan.lock().made.get_or_insert_default();
    }

    /// Returns the calls made since [`FaultDir::remember`], each as `publish wal/a`.
    pub fn made(&self) -> Vec<String> {
        self.plan.lock().made.clone().unwrap_or_default()
    }

    /// Counts one call; returns how it fails, if it does.
    fn call(&self, what: &str, name: &str) -> Option<FaultKind> {
        self.plan.lock().call(what, name)
    }

    /// Leaves in the folder `tmp` what a publishing that was cut short leaves there.
    fn leave_half(&self, published: &str, bytes: &[u8]) -> io::Result<()> {
        let name = names::tmp(published, &self.call_count().to_string());
        self.inner.create_new(&name)?.append(&[&bytes[..bytes.len() / 2]])
    }

    /// Puts a file there that is not synced.
    fn publish_unsynced(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.inner.create_new(name)?.append(&[bytes])
    }
}

impl Plan {
    /// Counts one call; returns how it fails, if it does.
    fn call(&mut self, what: &str, name: &str) -> Option<FaultKind> {
        let index = self.call_count;
        self.call_count += 1;
        if let Some(made) = &mut self.made {
            made.push(format!("{what} {name}"));
        }
        let fault = self.fault?;
        let reached = index.checked_sub(fault.call_index)?;
        if reached >= fault.call_count {
            return None;
        }
        self.hit.get_or_insert_with(|| format!("{what} {name}"));
        Some(fault.kind)
    }
}

impl FaultKind {
    fn error(self) -> io::Error {
        io::Error::from_raw_os_error(if self == Self::Enospc { ENOSPC } else { EIO })
    }
}

/// Makes a call that may fail before or after it was done.
fn call<T>(fault: Option<FaultKind>, inner: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    match fault {
        None | Some(FaultKind::SyncLie) => inner(),
        Some(kind @ FaultKind::Done) => inner().and(Err(kind.error())),
        Some(kind) => Err(kind.error()),
    }
}

impl Dir for FaultDir {
    fn path(&self, name: &str) -> PathBuf {
        self.inner.path(name)
    }

    fn lock(&self) -> io::Result<Lock> {
        self.inner.lock()
    }

    fn create_new(&self, name: &str) -> io::Result<Box<dyn Appender>> {
        let fault = self.call("create", name);
        // Half of a creation is a file with nothing in it.
        let fault = if fault == Some(FaultKind::Torn) { Some(FaultKind::Done) } else { fault };
        let inner = call(fault, || self.inner.create_new(name))?;
        let (plan, name) = (Arc::clone(&self.plan), name.to_owned());
        Ok(Box::new(FaultFile { inner, plan, name }))
    }

    fn list(&self, folder: &str) -> io::Result<Vec<Entry>> {
        let fault = self.call("list", folder);
        call(fault, || self.inner.list(folder))
    }

    fn read(&self, name: &str, offset: u64, bytes_max: u64) -> io::Result<Vec<u8>> {
        let fault = self.call("read", name);
        call(fault, || self.inner.read(name, offset, bytes_max))
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn ReadAt>> {
        let fault = self.call("open", name);
        let inner = call(fault, || self.inner.open(name))?;
        let (plan, name) = (Arc::clone(&self.plan), name.to_owned());
        Ok(Arc::new(FaultSource { inner, plan, name }))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let fault = self.call("remove", name);
        call(fault, || self.inner.remove(name))
    }

    fn publish(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let fault = self.call("publish", name);
        match fault {
            Some(FaultKind::SyncLie) => return self.publish_unsynced(name, bytes),
            Some(FaultKind::Torn) => self.leave_half(name, bytes)?,
            _ => {}
        }
        call(fault, || self.inner.publish(name, bytes))
    }

    fn publish_folder(&self, folder: &str, files: &[NewFile<'_>]) -> io::Result<()> {
        let fault = self.call("publish", folder);
        match (fault, files) {
            (Some(FaultKind::SyncLie), _) => {
                let publish = |file: &NewFile<'_>| {
                    self.publish_unsynced(&format!("{folder}/{}", file.name), file.bytes)
                };
                return files.iter().try_for_each(publish);
            }
            (Some(FaultKind::Torn), [first, ..]) => {
                let attempt = names::tmp(folder, &self.call_count().to_string());
                let half = &first.bytes[..first.bytes.len() / 2];
                self.publish_unsynced(&format!("{attempt}/{}", first.name), half)?;
            }
            _ => {}
        }
        call(fault, || self.inner.publish_folder(folder, files))
    }

    fn sync_folder(&self, folder: &str) -> io::Result<()> {
        let fault = self.call("sync", folder);
        if fault == Some(FaultKind::SyncLie) {
            return Ok(());
        }
        call(fault, || self.inner.sync_folder(folder))
    }

    fn folders(&self, folder: &str) -> io::Result<Vec<String>> {
        let fault = self.call("list", folder);
        call(fault, || self.inner.folders(folder))
    }

    fn remove_folder(&self, folder: &str) -> io::Result<()> {
        let fault = self.call("remove", folder);
        if fault == Some(FaultKind::Torn)
            && let [first, _, ..] = self.inner.list(folder)?.as_slice()
        {
            self.inner.remove(&format!("{folder}/{}", first.name))?;
        }
        call(fault, || self.inner.remove_folder(folder))
    }
}

struct FaultFile {
    inner: Box<dyn Appender>,
    plan: Arc<Mutex<Plan>>,
    name: String,
}

impl Appender for FaultFile {
    fn append(&mut self, parts: &[&[u8]]) -> io::Result<()> {
        let fault = self.plan.lock().call("append to", &self.name);
        if fault == Some(FaultKind::Torn) {
            let bytes = parts.concat();
            self.inner.append(&[&bytes[..bytes.len() / 2]])?;
        }
        call(fault, || self.inner.append(parts))
    }

    fn sync(&mut self) -> io::Result<()> {
        let fault = self.plan.lock().call("sync", &self.name);
        if fault == Some(FaultKind::SyncLie) {
            return Ok(());
        }
        call(fault, || self.inner.sync())
    }
}

/// A file that is read in place, and fails when it is told to.
struct FaultSource {
    inner: Arc<dyn ReadAt>,
    plan: Arc<Mutex<Plan>>,
    name: String,
}

impl ReadAt for FaultSource {
    fn byte_count(&self) -> u64 {
        self.inner.byte_count()
    }

    fn read_at(&self, offset: u64, len: usize) -> io::Result<Bytes> {
        let fault = self.plan.lock().call("read", &self.name);
        call(fault, || self.inner.read_at(offset, len))
    }
}
