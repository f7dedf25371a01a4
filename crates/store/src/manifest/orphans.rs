//! What a crash leaves beside the manifest: blocks that were written and never committed, blocks
//! that were removed from it and not yet from the disk, attempts that were cut short.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

use super::entry::{BlockId, Entry};
use super::error::Error;
use super::state::State;
use crate::dir::Dir;
use crate::names;

/// Something in the data directory that nothing names. Its name is relative to the directory.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Orphan {
    /// A file.
    File(String),
    /// A folder, and all that is in it.
    Folder(String),
}

/// Returns what nothing names: all that lies in `tmp`, the folders of blocks that are not live in
/// `state`, hours without a block. What is not named as a block would be is left alone.
///
/// Only whoever holds the directory's lock knows that these are left over, before it writes a
/// block; for another they may be just coming about. And only a log that
/// [continues](State::is_continued_by) the state shows that no commit was lost whose blocks these
/// are.
///
/// # Errors
/// [`Error::List`].
pub fn orphans(dir: &dyn Dir, state: &State) -> Result<Vec<Orphan>, Error> {
    let mut orphans = left_in_tmp(dir)?;
    let live: BTreeSet<String> = state.blocks().map(|entry| entry.folder()).collect();
    let hours = folders(dir, names::BLOCK_FOLDER)?;
    for hour in hours.iter().filter(|hour| is_hour(hour)) {
        let folder = names::hour_folder(hour);
        let blocks = folders(dir, &folder)?;
        if blocks.is_empty() && files(dir, &folder)?.is_empty() {
            orphans.push(Orphan::Folder(folder));
            continue;
        }
        let ids = blocks.iter().filter(|id| BlockId::parse(id).is_some());
        let named = ids.map(|id| names::block_folder(hour, id));
        orphans.extend(named.filter(|folder| !live.contains(folder)).map(Orphan::Folder));
    }
    Ok(orphans)
}

/// Removes orphans; one that is gone already is no error.
///
/// # Errors
/// [`Error::Remove`] for the first that could not be removed; those behind it are still there.
pub fn remove_orphans(dir: &dyn Dir, orphans: &[Orphan]) -> Result<(), Error> {
    for orphan in orphans {
        match orphan {
            Orphan::File(name) => gone(dir, name, dir.remove(name))?,
            Orphan::Folder(name) => gone(dir, name, dir.remove_folder(name))?,
        }
    }
    Ok(())
}

/// Removes the files of a block that a commit has removed from the manifest; none left is no error.
///
/// # Errors
/// [`Error::Remove`]; what is left is an orphan.
pub fn remove_block(dir: &dyn Dir, entry: &Entry) -> Result<(), Error> {
    let folder = entry.folder();
    gone(dir, &folder, dir.remove_folder(&folder))
}

fn gone(dir: &dyn Dir, name: &str, removed: io::Result<()>) -> Result<(), Error> {
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Error::Remove { path: dir.path(name), source: Arc::new(error) })
        }
        _ => Ok(()),
    }
}

fn left_in_tmp(dir: &dyn Dir) -> Result<Vec<Orphan>, Error> {
    let inside = |name: String| format!("{}/{name}", names::TMP_FOLDER);
    let files = files(dir, names::TMP_FOLDER)?;
    let folders = folders(dir, names::TMP_FOLDER)?;
    let files = files.into_iter().map(|name| Orphan::File(inside(name)));
    let folders = folders.into_iter().map(|name| Orphan::Folder(inside(name)));
    Ok(files.chain(folders).collect())
}

fn files(dir: &dyn Dir, folder: &str) -> Result<Vec<String>, Error> {
    let entries = dir.list(folder).map_err(|error| unlisted(dir, folder, error))?;
    Ok(entries.into_iter().map(|entry| entry.name).collect())
}

fn folders(dir: &dyn Dir, folder: &str) -> Result<Vec<String>, Error> {
    dir.folders(folder).map_err(|error| unlisted(dir, folder, error))
}

fn unlisted(dir: &dyn Dir, folder: &str, error: io::Error) -> Error {
    Error::List { path: dir.path(folder), source: Arc::new(error) }
}

/// Whether this is how [`super::Hour`] is spelt.
fn is_hour(folder: &str) -> bool {
    folder.len() >= "1970010100".len() && folder.bytes().all(|byte| byte.is_ascii_digit())
}
