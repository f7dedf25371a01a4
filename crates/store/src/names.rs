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

/// The folder of the manifest's records.
pub(crate) const RECORD_FOLDER: &str = "manifest/log";

/// The folder of the manifest's checkpoints.
pub(crate) const CHECKPOINT_FOLDER: &str = "manifest/checkpoint";

/// The folder of what is being published; whatever is in it at start is left over.
pub(crate) const TMP_FOLDER: &str = "tmp";

/// The folder of the hours, which are the folders of the blocks.
pub(crate) const BLOCK_FOLDER: &str = "blocks";

/// Returns the name of one record of the manifest.
pub(crate) fn record(sequence: u64) -> String {
    format!("{RECORD_FOLDER}/{sequence:020}.rec")
}

/// Reads the sequence back from an entry of [`RECORD_FOLDER`].
pub(crate) fn record_sequence(entry: &str) -> Option<u64> {
    let sequence = entry.strip_suffix(".rec")?.parse().ok()?;
    (record(sequence).strip_prefix(RECORD_FOLDER)?.strip_prefix('/')? == entry).then_some(sequence)
}

/// Returns the name of the manifest's checkpoint after one record.
pub(crate) fn checkpoint(sequence: u64) -> String {
    format!("{CHECKPOINT_FOLDER}/{sequence:020}.bin")
}

/// Reads the sequence back from an entry of [`CHECKPOINT_FOLDER`].
pub(crate) fn checkpoint_sequence(entry: &str) -> Option<u64> {
    let sequence = entry.strip_suffix(".bin")?.parse().ok()?;
    let spelt = checkpoint(sequence);
    (spelt.strip_prefix(CHECKPOINT_FOLDER)?.strip_prefix('/')? == entry).then_some(sequence)
}

/// Returns where `name` lies while it is not published, under a name of its own for each attempt.
pub(crate) fn tmp(name: &str, attempt: &str) -> String {
    format!("{TMP_FOLDER}/{}.{attempt}", name.replace('/', "-"))
}

/// Returns the folder of the blocks of one hour, spelt `2026112009`.
pub(crate) fn hour_folder(hour: &str) -> String {
    format!("{BLOCK_FOLDER}/{hour}")
}

/// Returns the folder of one block.
pub(crate) fn block_folder(hour: &str, id: &str) -> String {
    format!("{BLOCK_FOLDER}/{hour}/{id}")
}

/// The folder of what operators set.
pub(crate) const CONTROL_FOLDER: &str = "control";

/// Returns the name of one version of a document.
pub(crate) fn document(folder: &str, name: &str, number: u64) -> String {
    format!("{folder}/{name}-{number:010}.json")
}

/// Reads the document's name and the version's number back from an entry of the folder; `None` when
/// [`document`] would not have spelt it so.
pub(crate) fn document_number(entry: &str) -> Option<(&str, u64)> {
    let (name, digits) = entry.strip_suffix(".json")?.rsplit_once('-')?;
    let number = digits.parse().ok()?;
    (document("", name, number).strip_prefix('/')? == entry).then_some((name, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_documents_are_read_back_as_they_were_spelt() {
        for (name, number) in [("groups", 1), ("sampling-rules", 42), ("a", u64::MAX), ("", 0)] {
            let spelt = document("control", name, number);
            let entry = spelt.strip_prefix("control/").expect("in the folder");
            assert_eq!(document_number(entry), Some((name, number)), "{spelt}");
        }
        assert_eq!(document("control", "groups", 17), "control/groups-0000000017.json");
        for entry in
            ["groups.json", "groups-17.json", "groups-0000000017.json~", "groups-+000000017.json"]
        {
            assert_eq!(document_number(entry), None, "{entry}");
        }
    }

    #[test]
    fn names_of_the_manifest_are_read_back_as_they_were_spelt() {
        for sequence in [0, 1, 42, u64::MAX] {
            let (record, checkpoint) = (record(sequence), checkpoint(sequence));
            let entry = |name: &str| name.rsplit_once('/').expect("in a folder").1.to_owned();
            assert_eq!(record_sequence(&entry(&record)), Some(sequence));
            assert_eq!(checkpoint_sequence(&entry(&checkpoint)), Some(sequence));
            assert_eq!(record_sequence(&entry(&checkpoint)), None);
            assert_eq!(checkpoint_sequence(&entry(&record)), None);
        }
        for entry in ["", ".rec", "1.rec", "+0000000000000000042.rec", "00000000000000000042.rec.1"]
        {
            assert_eq!(record_sequence(entry), None, "{entry}");
        }
        assert_eq!(tmp("manifest/log/1.rec", "7-0"), "tmp/manifest-log-1.rec.7-0");
    }

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
