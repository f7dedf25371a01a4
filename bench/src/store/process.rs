//! What the kernel knows of a process and its files.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use nix::fcntl::{PosixFadviseAdvice, posix_fadvise};

/// Returns how much memory the process holds now, in bytes.
///
/// # Errors
/// When `/proc` cannot be read.
pub(super) fn rss_bytes(process: u32) -> io::Result<u64> {
    Ok(number(process, "status", "VmRSS:")? * 1024)
}

/// Returns how many bytes the process has had written to disks.
///
/// # Errors
/// When `/proc` cannot be read.
pub(super) fn written_bytes(process: u32) -> io::Result<u64> {
    number(process, "io", "write_bytes:")
}

fn number(process: u32, file: &str, key: &str) -> io::Result<u64> {
    let text = fs::read_to_string(format!("/proc/{process}/{file}"))?;
    let rest = text.lines().find_map(|line| line.strip_prefix(key));
    let number = rest.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
    number.ok_or_else(|| io::Error::other(format!("/proc/{process}/{file} has no {key}")))
}

/// The kinds of files in a data folder, by what their path contains; the first that fits.
const KINDS: [(&str, &str); 6] = [
    ("/wal/", "wal"),
    ("/manifest/", "manifest"),
    ("segments", "segments"),
    ("traces", "traces"),
    ("index", "index"),
    ("rollup", "rollup"),
];

/// Returns the bytes of all files below a folder, by kind.
///
/// # Errors
/// When a folder cannot be read.
pub(super) fn disk_bytes(folder: &Path) -> io::Result<BTreeMap<&'static str, u64>> {
    let mut kinds = BTreeMap::new();
    for path in files(folder)? {
        let below = path.strip_prefix(folder).unwrap_or(&path);
        let bytes = match fs::metadata(&path) {
            Ok(found) => found.len(),
            // A file may go while we look.
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => return Err(error),
        };
        *kinds.entry(kind(&format!("/{}", below.display()))).or_default() += bytes;
    }
    Ok(kinds)
}

fn kind(path: &str) -> &'static str {
    let found = KINDS.iter().find(|(part, _)| path.contains(part));
    found.map_or("other", |(_, kind)| kind)
}

/// Asks the kernel to forget what it has read of the files below a folder.
///
/// # Errors
/// When a file cannot be opened or synced.
pub(super) fn evict(folder: &Path) -> io::Result<()> {
    for path in files(folder)? {
        let file = File::open(path)?;
        // Only what is on the disk can be forgotten.
        file.sync_all()?;
        posix_fadvise(&file, 0, 0, PosixFadviseAdvice::POSIX_FADV_DONTNEED)?;
    }
    Ok(())
}

fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        match entry.file_type()?.is_dir() {
            true => files.extend(self::files(&entry.path())?),
            false => files.push(entry.path()),
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_path() {
        for (path, expected) in [
            ("/wal/00000000000000000001.wal", "wal"),
            ("/manifest/log/00000000000000000042.rec", "manifest"),
            ("/blocks/2026112009/01J/segments.parquet", "segments"),
            ("/blocks/2026112009/01J/traces.parquet", "traces"),
            ("/blocks/2026112009/01J/index.bin", "index"),
            ("/rollup/2026112009.bin", "rollup"),
            ("/lock", "other"),
        ] {
            assert_eq!(kind(path), expected, "{path}");
        }
    }

    #[test]
    fn this_process_has_memory() {
        assert!(rss_bytes(std::process::id()).expect("read") > 100_000);
    }
}
