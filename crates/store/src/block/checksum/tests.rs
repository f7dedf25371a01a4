//! Whatever is not as it was written is found, once for each part, and nothing else is blamed on it.

use std::sync::atomic::AtomicBool;

use arrow::array::{ArrayRef, RecordBatch, UInt64Array};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::properties::WriterProperties;

use super::*;

/// A file that notes what is read of it, and fails when it is told to.
struct Watched {
    bytes: Bytes,
    fails: AtomicBool,
    reads: Mutex<Vec<Range<u64>>>,
}

impl Watched {
    fn new(bytes: &[u8]) -> Arc<Self> {
        let bytes = Bytes::copy_from_slice(bytes);
        Arc::new(Self { bytes, fails: AtomicBool::new(false), reads: Mutex::default() })
    }

    fn reads(&self) -> Vec<Range<u64>> {
        std::mem::take(&mut *self.reads.lock())
    }
}

impl ReadAt for Watched {
    fn byte_count(&self) -> u64 {
        self.bytes.byte_count()
    }

    fn read_at(&self, offset: u64, len: usize) -> io::Result<Bytes> {
        if self.fails.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.reads.lock().push(offset..offset + len as u64);
        self.bytes.read_at(offset, len)
    }
}

/// A file of one column with a body of several chunks, and these entries.
fn file(entries: Vec<KeyValue>) -> Vec<u8> {
    let numbers = (0..10_000_u64).map(|number| number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let numbers: ArrayRef = Arc::new(UInt64Array::from_iter_values(numbers));
    let batch = RecordBatch::try_from_iter([("number", numbers)]).unwrap();
    let properties = WriterProperties::builder().set_dictionary_enabled(false).build();
    let to = Summing::new(Vec::new());
    let mut writer = ArrowWriter::try_new(to, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    let (bytes, length) = finish(writer, entries).unwrap();
    assert_eq!(bytes.len() as u64, length);
    bytes
}

fn open(source: &Arc<Watched>) -> Result<(Reader, ArrowReaderMetadata), Failure> {
    let (file, metadata) = Verified::open(source.clone(), ArrowReaderOptions::new())?;
    Ok((Reader::new(file), metadata))
}

fn row_count(reader: &Reader, metadata: &ArrowReaderMetadata) -> Result<usize, Failure> {
    ParquetRecordBatchReaderBuilder::new_with_metadata(reader.clone(), metadata.clone())
        .build()
        .map_err(|error| reader.failure(error))?
        .map(|batch| Ok(batch.map_err(|error| reader.failure(error))?.num_rows()))
        .sum()
}

#[test]
fn a_range_is_read_at_once_and_verified_once() {
    let source = Watched::new(&file(Vec::new()));
    let (reader, _) = open(&source).unwrap();
    assert_eq!(source.reads().len(), 1, "the whole tail is near the end");
    let chunk = CHUNK_BYTES as u64;
    let bytes = reader.get_bytes(chunk + 5, 2 * CHUNK_BYTES).unwrap();
    assert_eq!(bytes, source.bytes.slice(CHUNK_BYTES + 5..3 * CHUNK_BYTES + 5));
    assert_eq!(source.reads(), std::slice::from_ref(&(chunk..4 * chunk)));
    reader.get_bytes(chunk + 5, 7).unwrap();
    assert_eq!(source.reads(), std::slice::from_ref(&(chunk + 5..chunk + 12)));
    assert_eq!(reader.bytes_read(), 2 * chunk + 7);
    reader.get_bytes(0, 20_000).unwrap();
    assert_eq!(source.reads(), std::slice::from_ref(&(0..2 * chunk)));
    // Without page offsets, a stretch after the other.
    let mut rest = Vec::new();
    reader.get_read(3).unwrap().take(70_000).read_to_end(&mut rest).unwrap();
    assert_eq!(rest, source.bytes[3..70_003]);
}

#[test]
fn a_damaged_part_is_found_each_time_and_others_can_be_read() {
    let mut bytes = file(Vec::new());
    bytes[3 * CHUNK_BYTES] ^= 1;
    let (reader, _) = open(&Watched::new(&bytes)).unwrap();
    for _ in 0..2 {
        let error = reader.get_bytes(3 * CHUNK_BYTES as u64 + 8, 1).unwrap_err();
        let Failure::Damaged(damage) = reader.failure(error) else { panic!("damage was done") };
        assert_eq!(damage, Damage::Chunk { offset: 3 * CHUNK_BYTES as u64 });
    }
    assert!(reader.get_bytes(0, 3 * CHUNK_BYTES).is_ok());
}

#[test]
fn what_lies_beyond_the_body_is_not_read() {
    let source = Watched::new(&file(Vec::new()));
    let (reader, _) = open(&source).unwrap();
    let body_bytes = reader.file.body_bytes;
    for (start, length) in [(body_bytes, 1), (0, usize::MAX), (u64::MAX, 5), (body_bytes + 1, 0)] {
        let error = reader.get_bytes(start, length).unwrap_err();
        assert!(matches!(reader.failure(error), Failure::Damaged(Damage::Length)));
    }
    assert!(reader.get_bytes(body_bytes, 0).is_ok());
}

#[test]
fn a_failing_disk_is_not_taken_for_damage() {
    let source = Watched::new(&file(Vec::new()));
    let is_io = |failure| matches!(failure, Failure::Io(error) if error.kind() == io::ErrorKind::StorageFull);
    let (reader, metadata) = open(&source).unwrap();
    source.fails.store(true, Ordering::Relaxed);
    assert!(is_io(row_count(&reader, &metadata).unwrap_err()));
    assert!(is_io(open(&source).map(drop).unwrap_err()));
    source.fails.store(false, Ordering::Relaxed);
    assert_eq!(row_count(&reader, &metadata).unwrap(), 10_000);
}

#[test]
fn a_file_that_became_shorter_is_damaged() {
    let whole = file(Vec::new());
    let source = Arc::new(Watched {
        bytes: Bytes::copy_from_slice(&whole[..100]),
        fails: AtomicBool::new(false),
        reads: Mutex::default(),
    });
    struct Shorter(Arc<Watched>, u64);
    impl ReadAt for Shorter {
        fn byte_count(&self) -> u64 {
            self.1
        }
        fn read_at(&self, offset: u64, len: usize) -> io::Result<Bytes> {
            self.0.read_at(offset, len)
        }
    }
    let shorter = Arc::new(Shorter(source, whole.len() as u64));
    let failure = Verified::open(shorter, ArrowReaderOptions::new()).map(drop).unwrap_err();
    assert!(matches!(failure, Failure::Damaged(Damage::Length)));
}

#[test]
fn entries_may_be_long_and_may_hold_any_text() {
    let entry = |text: &str| KeyValue::new("entry".to_owned(), text.to_owned());
    for text in ["", &TAIL_KEY.repeat(3), &"x".repeat(100_000)] {
        let source = Watched::new(&file(vec![entry(text)]));
        let (reader, metadata) = open(&source).unwrap();
        assert!(source.reads().len() <= 3);
        assert_eq!(row_count(&reader, &metadata).unwrap(), 10_000);
        let entries = metadata.metadata().file_metadata().key_value_metadata().unwrap();
        assert!(entries.contains(&entry(text)));
    }
}
