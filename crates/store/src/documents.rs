//! Small named files that are replaced as a whole: what an operator has set, and traces have nothing
//! to do with.
//!
//! Each change of a document is a file of its own with the next number; the newest one counts, and
//! the one before it is kept in case somebody wants it back. What a document says is not known here.
//! The bytes are described in `docs/format/control.md`.

mod codec;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::dir::Dir;
use crate::names;

/// The largest document, in bytes.
pub const DOCUMENT_BYTES_MAX: usize = 64 << 20;

/// The folder of the documents that a server keeps.
pub const CONTROL_FOLDER: &str = names::CONTROL_FOLDER;

/// What could not be done with documents.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The folder could not be listed.
    #[error("list {}", .path.display())]
    List {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: Arc<io::Error>,
    },
    /// A file could not be read.
    #[error("read {}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Arc<io::Error>,
    },
    /// The names in the folder could not be made durable.
    #[error("sync {}", .path.display())]
    Sync {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: Arc<io::Error>,
    },
    /// A change could not be made durable. Here it counts as not made; after a restart it may turn
    /// up, unless the document was written again.
    #[error("write {}", .path.display())]
    Publish {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Arc<io::Error>,
    },
    /// Another process wrote a document after it was read here.
    #[error("go on with {}: another process changed it meanwhile; start again", .path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// The document is larger than [`DOCUMENT_BYTES_MAX`]; nothing was written.
    #[error("write {bytes} bytes to {}: at most {DOCUMENT_BYTES_MAX} are taken", .path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The document's size.
        bytes: usize,
    },
    /// The newest version of a document is not what was written.
    #[error(
        "read {}: {damage}; restore the file from a copy, or remove it to go on with the version \
         before it",
        .path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        damage: Damage,
    },
    /// The file was written by a newer program.
    #[error(
        "read {}: it is of version {version} of the format of documents, and this program knows up \
         to {version_max}; start the program that wrote it",
        .path.display()
    )]
    VersionUnknown {
        /// The file.
        path: PathBuf,
        /// The version it states.
        version: u32,
        /// The newest version known here.
        version_max: u32,
    },
}

/// What is wrong with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// Its bytes are not those that were written.
    #[error("it is cut short or fails its checksum")]
    Bytes,
    /// It is another file, renamed.
    #[error("it is the file of another document or another version")]
    Other,
}

/// The documents of one folder.
pub struct Documents {
    dir: Arc<dyn Dir>,
    folder: String,
    by_name: Mutex<BTreeMap<String, Document>>,
}

/// One document.
#[derive(Default)]
struct Document {
    /// The version that counts; `None` when none was ever written.
    newest: Option<Version>,
    /// The files there are, or may be. The next version has a larger number than all of them.
    numbers: BTreeSet<u64>,
}

struct Version {
    number: u64,
    bytes: Vec<u8>,
}

impl Documents {
    /// Reads the newest version of every document in `folder`. Nothing is changed, so that this may
    /// be done before the directory is claimed.
    ///
    /// # Errors
    /// [`Error::Damaged`] and [`Error::VersionUnknown`] when a newest version cannot be used;
    /// [`Error::List`], [`Error::Read`] and [`Error::Sync`] for what the disk reports.
    pub fn open(dir: Arc<dyn Dir>, folder: &str) -> Result<Self, Error> {
        let mut by_name: BTreeMap<String, Document> = BTreeMap::new();
        for (name, number) in list(dir.as_ref(), folder)? {
            by_name.entry(name).or_default().numbers.insert(number);
        }
        for (name, document) in &mut by_name {
            let Some(&number) = document.numbers.last() else { continue };
            let bytes = read(dir.as_ref(), &names::document(folder, name, number), name, number)?;
            document.newest = Some(Version { number, bytes });
        }
        if !by_name.is_empty() {
            // Whoever wrote the newest may have been killed before its name was durable.
            let path = || dir.path(folder);
            dir.sync_folder(folder)
                .map_err(|error| Error::Sync { path: path(), source: Arc::new(error) })?;
        }
        Ok(Self { dir, folder: folder.to_owned(), by_name: Mutex::new(by_name) })
    }

    /// Makes sure that nobody wrote since the documents were read; to be called once the directory
    /// is claimed, and nobody else can any more.
    ///
    /// # Errors
    /// [`Error::Changed`], [`Error::List`].
    pub fn check_newest(&self) -> Result<(), Error> {
        let by_name = self.by_name.lock();
        for (name, number) in list(self.dir.as_ref(), &self.folder)? {
            let known = by_name.get(&name).and_then(|document| document.numbers.last());
            if known.is_none_or(|known| *known < number) {
                let file = names::document(&self.folder, &name, number);
                return Err(Error::Changed { path: self.dir.path(&file) });
            }
        }
        Ok(())
    }

    /// Returns what was last written to a document; `None` when nothing was.
    pub fn read(&self, name: &str) -> Option<Vec<u8>> {
        let by_name = self.by_name.lock();
        by_name.get(name)?.newest.as_ref().map(|version| version.bytes.clone())
    }

    /// Returns where the version of a document is that counts, for messages.
    pub fn path(&self, name: &str) -> PathBuf {
        let by_name = self.by_name.lock();
        let newest = by_name.get(name).and_then(|document| document.newest.as_ref());
        let number = newest.map_or(0, |version| version.number);
        self.dir.path(&names::document(&self.folder, name, number))
    }

    /// Replaces a document; durable on return. `bytes` are JSON.
    ///
    /// # Errors
    /// [`Error::Publish`] and [`Error::TooLarge`]; then the document is what it was.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let mut by_name = self.by_name.lock();
        let document = by_name.entry(name.to_owned()).or_default();
        let number = document.numbers.last().map_or(1, |last| last + 1);
        let file = names::document(&self.folder, name, number);
        if bytes.len() > DOCUMENT_BYTES_MAX {
            return Err(Error::TooLarge { path: self.dir.path(&file), bytes: bytes.len() });
        }
        document.numbers.insert(number);
        if let Err(error) = self.dir.publish(&file, &codec::encode(name, number, bytes)) {
            self.take_back(&file, &error);
            return Err(Error::Publish { path: self.dir.path(&file), source: Arc::new(error) });
        }
        let version = Version { number, bytes: bytes.to_vec() };
        let before = document.newest.replace(version).map(|version| version.number);
        self.sweep(name, &mut document.numbers, [before, Some(number)]);
        Ok(())
    }

    /// Removes a version that was answered with an error and may be there all the same.
    fn take_back(&self, file: &str, error: &io::Error) {
        // One that was there before belongs to somebody else.
        if error.kind() != io::ErrorKind::AlreadyExists {
            // If this fails too, the next version counts, or the change turns up after a restart.
            self.dir.remove(file).ok();
        }
    }

    /// Removes all versions but those that are kept. One that cannot be removed is in nobody's way,
    /// and is tried again at the next change.
    fn sweep(&self, name: &str, numbers: &mut BTreeSet<u64>, kept: [Option<u64>; 2]) {
        numbers.retain(|number| {
            if kept.contains(&Some(*number)) {
                return true;
            }
            let removed = self.dir.remove(&names::document(&self.folder, name, *number));
            removed.is_err_and(|error| error.kind() != io::ErrorKind::NotFound)
        });
    }
}

/// Returns the files of a folder that are documents; others are none of ours.
fn list(dir: &dyn Dir, folder: &str) -> Result<Vec<(String, u64)>, Error> {
    let entries = dir
        .list(folder)
        .map_err(|error| Error::List { path: dir.path(folder), source: Arc::new(error) })?;
    let numbered = entries.iter().filter_map(|entry| names::document_number(&entry.name));
    Ok(numbered.map(|(name, number)| (name.to_owned(), number)).collect())
}

/// Reads every version of every document in a folder; returns the bytes of each, or what is wrong
/// with it. What is removed meanwhile is left out.
pub(crate) fn read_all(dir: &dyn Dir, folder: &str) -> Result<Vec<Result<u64, Error>>, Error> {
    let mut found = Vec::new();
    for (name, number) in list(dir, folder)? {
        match read(dir, &names::document(folder, &name, number), &name, number) {
            Ok(bytes) => found.push(Ok(bytes.len() as u64)),
            Err(Error::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
            Err(error) => found.push(Err(error)),
        }
    }
    Ok(found)
}

/// Reads one version of a document.
fn read(dir: &dyn Dir, file: &str, name: &str, number: u64) -> Result<Vec<u8>, Error> {
    let bytes = dir
        .read(file, 0, codec::FILE_BYTES_MAX)
        .map_err(|error| Error::Read { path: dir.path(file), source: Arc::new(error) })?;
    let damaged = |damage| Error::Damaged { path: dir.path(file), damage };
    let checked = codec::Checked::read(&bytes).ok_or_else(|| damaged(Damage::Bytes))?;
    let version = checked.version;
    if version > codec::VERSION {
        let path = dir.path(file);
        return Err(Error::VersionUnknown { path, version, version_max: codec::VERSION });
    }
    let state = checked.state(name, number).ok_or_else(|| damaged(Damage::Other))?;
    Ok(state.to_vec())
}

#[cfg(test)]
mod tests;
