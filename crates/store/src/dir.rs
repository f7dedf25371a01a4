//! The only door to the disk.
//!
//! A file is created new, appended to, synced, read and removed; or it is published, alone or with
//! the others of its folder, whole and durable. There is no way to open a file for update and none
//! to truncate one: what was written stays as it was, and recovery may look at a damaged file as
//! often as it likes. Names are relative to the directory and use `/`.

mod disk;
mod fault;
mod mem;

use std::any::Any;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;

pub use disk::DiskDir;
pub use fault::{Fault, FaultDir, FaultKind};
pub use mem::MemDir;

/// A directory that belongs to one store.
pub trait Dir: Send + Sync {
    /// Returns where `name` is, for messages.
    fn path(&self, name: &str) -> PathBuf;

    /// Claims the directory until the returned lock is dropped or the process ends.
    ///
    /// # Errors
    /// The kind `WouldBlock` when another holder, in this process or another, has it.
    fn lock(&self) -> io::Result<Lock>;

    /// Creates the file `name`, and its folder if need be. On return the file's *name* is durable:
    /// after a crash the file exists, with whatever part of its bytes was synced.
    ///
    /// # Errors
    /// The kind `AlreadyExists` when there is such a file. After any other error the file may or
    /// may not exist.
    fn create_new(&self, name: &str) -> io::Result<Box<dyn Appender>>;

    /// Returns the files of `folder` sorted by name; none when there is no such folder.
    ///
    /// # Errors
    /// Whatever the system reports.
    fn list(&self, folder: &str) -> io::Result<Vec<Entry>>;

    /// Returns the bytes of `name` from `offset` on: `bytes_max` of them, fewer only at the end of
    /// the file. Sees what was appended, synced or not.
    ///
    /// # Errors
    /// Whatever the system reports; a failed read returns no bytes.
    fn read(&self, name: &str, offset: u64, bytes_max: u64) -> io::Result<Vec<u8>>;

    /// Opens the file `name`, to be read at any place for as long as the answer lives, removed
    /// meanwhile or not. Only for files that change no more.
    ///
    /// # Errors
    /// The kind `NotFound` when there is no such file.
    fn open(&self, name: &str) -> io::Result<Arc<dyn ReadAt>>;

    /// Removes the file `name`; durable on return.
    ///
    /// # Errors
    /// The kind `NotFound` when there is no such file.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// Puts the file `name` there, and its folder if need be: whole and durable, or not at all.
    /// What a crash leaves of an attempt lies in the folder `tmp` and may be removed at the next
    /// start.
    ///
    /// # Errors
    /// The kind `AlreadyExists` when there is such a file. After any other error the file is there,
    /// whole, or it is not; if it is, only [`Dir::sync_folder`] makes sure that it stays.
    fn publish(&self, name: &str, bytes: &[u8]) -> io::Result<()>;

    /// Puts the folder `folder` there with these files in it, as [`Dir::publish`] does with one
    /// file: all of them or none.
    ///
    /// # Errors
    /// The kind `AlreadyExists` when there is such a folder. After any other error the folder is
    /// there, whole, or it is not.
    fn publish_folder(&self, folder: &str, files: &[NewFile<'_>]) -> io::Result<()>;

    /// Makes the names of the files in `folder` durable, by whomever they were put there.
    ///
    /// # Errors
    /// Whatever the system reports.
    fn sync_folder(&self, folder: &str) -> io::Result<()>;

    /// Returns the names of the folders in `folder`, sorted; none when there is no such folder.
    ///
    /// # Errors
    /// Whatever the system reports.
    fn folders(&self, folder: &str) -> io::Result<Vec<String>>;

    /// Removes the folder with all that is in it; durable on return. A crash may leave a part.
    ///
    /// # Errors
    /// The kind `NotFound` when there is no such folder. After any other error a part may be gone.
    fn remove_folder(&self, folder: &str) -> io::Result<()>;
}

/// A file that changes no more, read in place.
pub trait ReadAt: Send + Sync {
    /// Returns the file's length in bytes, as it was when the file was opened.
    fn byte_count(&self) -> u64;

    /// Returns exactly `len` bytes from `offset` on.
    ///
    /// # Errors
    /// The kind `UnexpectedEof` when the file ends before; else whatever the system reports.
    fn read_at(&self, offset: u64, len: usize) -> io::Result<Bytes>;
}

impl ReadAt for Bytes {
    fn byte_count(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, offset: u64, len: usize) -> io::Result<Bytes> {
        let start = usize::try_from(offset).map_err(|_| io::ErrorKind::UnexpectedEof)?;
        let end = start.checked_add(len).filter(|end| *end <= self.len());
        let end = end.ok_or(io::ErrorKind::UnexpectedEof)?;
        Ok(self.slice(start..end))
    }
}

/// One file of a folder that is to be published.
#[derive(Clone, Copy, Debug)]
pub struct NewFile<'a> {
    /// The last part of the file's name.
    pub name: &'a str,
    /// What the file is to hold.
    pub bytes: &'a [u8],
}

/// A file that was created by this process and can only grow.
pub trait Appender: Send {
    /// Appends the parts one after the other, as one write where the system can. They are durable
    /// only after [`Appender::sync`].
    ///
    /// # Errors
    /// Whatever the system reports; any prefix of the bytes may then have been written, so the
    /// file's state is unknown and the caller goes on in another file.
    fn append(&mut self, parts: &[&[u8]]) -> io::Result<()>;

    /// Makes all that was appended durable.
    ///
    /// # Errors
    /// Whatever the system reports. A second attempt proves nothing: the system may have forgotten
    /// which pages it failed to write.
    fn sync(&mut self) -> io::Result<()>;
}

/// One file of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The last part of the file's name.
    pub name: String,
    /// The bytes it holds.
    pub len: u64,
}

/// The claim on a directory; dropping it gives the directory up.
pub struct Lock {
    _held: Box<dyn Any + Send + Sync>,
}

impl Lock {
    /// Returns a lock that is held for as long as `held` is not dropped.
    pub fn new(held: impl Any + Send + Sync) -> Self {
        Self { _held: Box::new(held) }
    }
}

#[cfg(test)]
mod tests;
