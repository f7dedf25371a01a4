//! The real directory.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, IoSlice, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;

use super::{Appender, Dir, Entry, Lock, NewFile, ReadAt};
use crate::names;

/// A directory of the file system.
#[derive(Debug)]
pub struct DiskDir {
    root: PathBuf,
}

impl DiskDir {
    /// Opens the directory at `root`, creating it if need be.
    ///
    /// # Errors
    /// When it can neither be found nor created, or is not a directory.
    pub fn open(root: impl Into<PathBuf>) -> io::Result<Self> {
        let root = root.into();
        if !root.is_dir() {
            create_folder(&root)?;
        }
        Ok(Self { root })
    }

    /// Returns a path in the folder `tmp` that no other attempt uses.
    fn attempt(&self, name: &str) -> io::Result<PathBuf> {
        static ATTEMPT_COUNT: AtomicU64 = AtomicU64::new(0);
        let attempt = ATTEMPT_COUNT.fetch_add(1, Ordering::Relaxed);
        self.free_path(name, &format!("{}-{attempt}", process::id()))
    }

    /// Makes the folder `tmp`, and removes from it what an earlier process of the same number left
    /// under this name.
    pub(super) fn free_path(&self, name: &str, attempt: &str) -> io::Result<PathBuf> {
        create_folder(&self.path(names::TMP_FOLDER))?;
        let path = self.path(&names::tmp(name, attempt));
        remove_any(&path)?;
        Ok(path)
    }

    /// Returns the folder that `path` lies in, after making it if need be.
    fn folder_of<'a>(&'a self, path: &'a Path) -> io::Result<&'a Path> {
        let folder = path.parent().unwrap_or(&self.root);
        if folder != self.root {
            create_folder(folder)?;
        }
        Ok(folder)
    }
}

/// Removes the file or the folder at `path`, if there is one.
fn remove_any(path: &Path) -> io::Result<()> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Writes a new file and makes its bytes durable.
fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Creates a folder and those above it; its name is durable on return.
fn create_folder(path: &Path) -> io::Result<()> {
    let above = match path.parent() {
        Some(above) if !above.as_os_str().is_empty() => above,
        _ => Path::new("."),
    };
    match fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            create_folder(above)?;
            fs::create_dir(path)?;
        }
        // Synced below all the same: whoever created it may have failed to.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => {}
        created => created?,
    }
    sync_folder(above)
}

/// Makes the folder's list of names durable.
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// A file that is read in place, by its descriptor.
struct OpenFile {
    file: File,
    len: u64,
}

impl ReadAt for OpenFile {
    fn byte_count(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, len: usize) -> io::Result<Bytes> {
        // Before anything is allocated: a length may come from a damaged file.
        if offset.checked_add(len as u64).is_none_or(|end| end > self.len) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut bytes = vec![0; len];
        self.file.read_exact_at(&mut bytes, offset)?;
        Ok(bytes.into())
    }
}

impl Dir for DiskDir {
    fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    fn lock(&self) -> io::Result<Lock> {
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(self.path(names::LOCK))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock::new(file)),
            Err(TryLockError::WouldBlock) => Err(io::ErrorKind::WouldBlock.into()),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    fn create_new(&self, name: &str) -> io::Result<Box<dyn Appender>> {
        let path = self.path(name);
        let folder = self.folder_of(&path)?;
        let file = OpenOptions::new().append(true).create_new(true).open(&path)?;
        sync_folder(folder)?;
        Ok(Box::new(DiskFile(file)))
    }

    fn list(&self, folder: &str) -> io::Result<Vec<Entry>> {
        let mut files = Vec::new();
        visit(&self.path(folder), |name, metadata| {
            if metadata.is_file() {
                files.push(Entry { name, len: metadata.len() });
            }
        })?;
        files.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(files)
    }

    fn read(&self, name: &str, offset: u64, bytes_max: u64) -> io::Result<Vec<u8>> {
        let mut file = File::open(self.path(name))?;
        let len = file.metadata()?.len().saturating_sub(offset).min(bytes_max);
        let mut bytes = Vec::with_capacity(usize::try_from(len).map_err(io::Error::other)?);
        file.seek(SeekFrom::Start(offset))?;
        file.take(bytes_max).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn ReadAt>> {
        let file = File::open(self.path(name))?;
        let len = file.metadata()?.len();
        Ok(Arc::new(OpenFile { file, len }))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let path = self.path(name);
        fs::remove_file(&path)?;
        sync_folder(path.parent().unwrap_or(&self.root))
    }

    fn publish(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.path(name);
        let folder = self.folder_of(&path)?;
        let attempt = self.attempt(name)?;
        // A link, not a renaming: that would put the file in the place of one that is there.
        let linked = write_file(&attempt, bytes).and_then(|()| fs::hard_link(&attempt, &path));
        let synced = linked.and_then(|()| sync_folder(folder));
        // Whether this works decides nothing: what is left in `tmp` is removed at the next start.
        drop(fs::remove_file(&attempt));
        synced
    }

    fn publish_folder(&self, folder: &str, files: &[NewFile<'_>]) -> io::Result<()> {
        let path = self.path(folder);
        let above = self.folder_of(&path)?;
        // A renaming would replace an empty folder; a folder with files in it refuses by itself.
        if path.try_exists()? {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let attempt = self.attempt(folder)?;
        fs::create_dir(&attempt)?;
        for file in files {
            write_file(&attempt.join(file.name), file.bytes)?;
        }
        sync_folder(&attempt)?;
        match fs::rename(&attempt, &path) {
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            renamed => renamed?,
        }
        sync_folder(above)
    }

    fn sync_folder(&self, folder: &str) -> io::Result<()> {
        sync_folder(&self.path(folder))
    }

    fn folders(&self, folder: &str) -> io::Result<Vec<String>> {
        let mut folders = Vec::new();
        visit(&self.path(folder), |name, metadata| {
            if metadata.is_dir() {
                folders.push(name);
            }
        })?;
        folders.sort();
        Ok(folders)
    }

    fn remove_folder(&self, folder: &str) -> io::Result<()> {
        let path = self.path(folder);
        fs::remove_dir_all(&path)?;
        sync_folder(path.parent().unwrap_or(&self.root))
    }
}

/// Hands out what lies in `folder`, in any order; nothing when there is no such folder.
fn visit(folder: &Path, mut entry: impl FnMut(String, fs::Metadata)) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for found in entries {
        let found = found?;
        // A name that is not text is none of ours.
        if let Ok(name) = found.file_name().into_string() {
            entry(name, found.metadata()?);
        }
    }
    Ok(())
}

struct DiskFile(File);

impl Appender for DiskFile {
    fn append(&mut self, parts: &[&[u8]]) -> io::Result<()> {
        let mut slices: Vec<IoSlice<'_>> = parts.iter().map(|part| IoSlice::new(part)).collect();
        let mut rest = slices.as_mut_slice();
        // Empty slices at the front would make a write of nothing look like a full disk.
        IoSlice::advance_slices(&mut rest, 0);
        while !rest.is_empty() {
            match self.0.write_vectored(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => IoSlice::advance_slices(&mut rest, written),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_data()
    }
}
