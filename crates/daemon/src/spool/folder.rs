//! The folder and its files: what they are called, how they come to be, whose they are.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::{Batch, Error, Waiting, record};

/// What the files with batches are called, behind their number.
const SUFFIX: &str = ".spool";

/// How many digits the number in a name has.
const DIGITS: usize = 20;

const LOCK_NAME: &str = "lock";

/// Writes the records behind each other and syncs them; returns what was written.
pub(super) fn write<B: Batch>(
    file: &File,
    offset: u64,
    first_number: u64,
    batches: &[&B],
) -> io::Result<Waiting> {
    let mut written = Waiting::default();
    let mut record = Vec::new();
    for (number, batch) in (first_number..).zip(batches) {
        record::encode(number, *batch, &mut record);
        file.write_all_at(&record, offset + written.bytes)?;
        written.add(Waiting {
            documents: batch.documents().len() as u64,
            bytes: record.len() as u64,
            batches: 1,
        });
    }
    file.sync_data()?;
    Ok(written)
}

/// Creates a file; its name is durable on return, its header with the first sync.
pub(super) fn begin(folder: &Path, path: &Path, first: u64) -> io::Result<File> {
    create(folder)?;
    let file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
    file.write_all_at(&record::file_header(first), 0)?;
    File::open(folder)?.sync_all()?;
    Ok(file)
}

/// Creates the folder if need be; its name is durable on return.
pub(super) fn create(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    match folder.parent() {
        Some(above) if !above.as_os_str().is_empty() => File::open(above)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

pub(super) fn lock(folder: &Path) -> Result<File, Error> {
    let path = folder.join(LOCK_NAME);
    let failed = |source| Error::Open { path: path.clone(), source };
    let mut options = OpenOptions::new();
    let file = options.write(true).create(true).truncate(false).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::InUse { path: folder.to_owned() }),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

pub(super) fn path(folder: &Path, first: u64) -> PathBuf {
    folder.join(format!("{first:020}{SUFFIX}"))
}

/// Returns the numbers of the files, in order; what has another name is not ours.
pub(super) fn list(folder: &Path) -> Result<Vec<u64>, Error> {
    let failed = |source| Error::Read { path: folder.to_owned(), source };
    let mut numbers = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        let number = name.to_str().and_then(|name| name.strip_suffix(SUFFIX));
        numbers
            .extend(number.filter(|it| it.len() == DIGITS).and_then(|it| it.parse::<u64>().ok()));
    }
    numbers.sort_unstable();
    Ok(numbers)
}
