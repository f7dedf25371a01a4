//! The name of every file on disk, each spelt in exactly one function.

/// The folder of the log's files.
pub(crate) const WAL_FOLDER: &str = "wal";

/// The file whose lock says that a process has the directory open; it stays empty.
pub(crate) const LOCK: &str = "lock";

/// Returns the name of one file of the log.
pub(crate) fn wal(sequence: u64) -> String {
    format!("{WAL_FOLDER}/{sequence:020}.wal")
}

/// Reads the sequence back from an entry of [`WAL_FOLDER`]; `None` when [`wal`] would not have
/// spelt it so.
pub(crate) fn wal_sequence(entry: &str) -> Option<u64> {
    let (digits, _) = entry.split_once('.')?;
    let sequence = digits.parse().ok()?;
    (wal(sequence).split_once('/')?.1 == entry).then_some(sequence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_back_as_it_was_spelt() {
        for sequence in [0, 1, 42, u64::MAX] {
            let name = wal(sequence);
            let entry = name.strip_prefix("wal/").expect("inside the folder");
            assert_eq!(wal_sequence(entry), Some(sequence), "{name}");
        }
        assert_eq!(wal(42), "wal/00000000000000000042.wal");
    }

    #[test]
    fn other_names_are_no_log_files() {
        for entry in [
            "",
            "1.wal",
            "lost+found",
            "00000000000000000042.wal.bak",
            "00000000000000000042",
            "+0000000000000000042.wal",
            "99999999999999999999.wal",
        ] {
            assert_eq!(wal_sequence(entry), None, "{entry}");
        }
    }
}
