//! The real directory.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, IoSlice, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::{Appender, Dir, Entry, Lock};
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
        let folder = path.parent().unwrap_or(&self.root);
        if folder != self.root {
            create_folder(folder)?;
        }
        let file = OpenOptions::new().append(true).create_new(true).open(&path)?;
        sync_folder(folder)?;
        Ok(Box::new(DiskFile(file)))
    }

    fn list(&self, folder: &str) -> io::Result<Vec<Entry>> {
        let entries = match fs::read_dir(self.path(folder)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut files = Vec::new();
        for entry in entries {
            let entry = entry?;
            let metadata = entry.metadata()?;
            // A name that is not text is none of ours.
            if let (true, Ok(name)) = (metadata.is_file(), entry.file_name().into_string()) {
                files.push(Entry { name, len: metadata.len() });
            }
        }
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

    fn remove(&self, name: &str) -> io::Result<()> {
        let path = self.path(name);
        fs::remove_file(&path)?;
        sync_folder(path.parent().unwrap_or(&self.root))
    }
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
