//! The columns of the table, each with its type and its encoding: one list, from which the builders
//! that are filled, the arrays that are read and the settings of the file are made.
//!
//! The list is documented in `docs/format/block.md`.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, FixedSizeBinaryArray, FixedSizeBinaryBuilder, Int32Array, Int32Builder, Int64Array,
    Int64Builder, RecordBatch, StringArray, StringBuilder, UInt8Array, UInt8Builder, UInt16Array,
    UInt16Builder, UInt32Array, UInt32Builder, UInt64Array, UInt64Builder, new_null_array,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::{
    EnabledStatistics, WriterProperties, WriterPropertiesBuilder, WriterVersion,
};
use parquet::schema::types::ColumnPath;

use super::Error;

/// Rows that are encoded together and have dictionaries in common.
pub(super) const ROW_GROUP_ROWS_MAX: usize = 131_072;

/// Rows of one page at most, so that finding one trace decodes few others.
const PAGE_ROWS_MAX: usize = 2_048;

/// The same, in a table that was compacted.
const COMPACTED_PAGE_ROWS_MAX: usize = 8_192;

/// How hard zstd tries with the texts of a table that was compacted.
const COMPACTED_TEXT_ZSTD_LEVEL: i32 = 6;

/// Bytes of one page at most, before compression: a large page lets long texts repeat.
const PAGE_BYTES_MAX: usize = 256 * 1024;

/// Bytes of one dictionary at most; a column that needs more goes on without.
const DICTIONARY_BYTES_MAX: usize = 256 * 1024;

/// A page that compression does not make smaller than this is left alone: reading it costs less.
const COMPRESSION_RATIO_MAX: f64 = 0.9;

/// How much work is put into making a table small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Little: the table is written while requests wait for processors, and merged soon.
    Sealed,
    /// More: the table stays.
    Compacted,
}

/// Bytes in a trace id.
const TRACE_ID_BYTES: i32 = 16;

/// How the values of a column are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// Values that repeat: a dictionary for each row group. It is compressed lightly, because
    /// opening a column for `zstd` costs more than reading most of these.
    Repeated,
    /// One of a few words or numbers: the same, and nothing is left to compress.
    Few,
    /// Numbers near the one before.
    Delta,
    /// Numbers of many magnitudes: the first bytes of all, the second bytes of all, and so on.
    Split,
    /// Sorted bytes: what they have in common with the one before is left out.
    Prefixed,
    /// Random bits, which nothing makes smaller.
    Random,
    /// Values as they are.
    Plain,
    /// Texts: the lengths of all, and then their bytes.
    Lengths,
    /// The same, of which there are hardly any; compressed lightly.
    Rare,
}

macro_rules! columns {
    ($( $(#[$document:meta])*
        $name:ident: $Builder:ident $Array:ident $data_type:expr, $nullability:ident,
        $layout:ident; )*) => {
        /// The values of rows that are being made, a builder for each column.
        #[derive(Debug)]
        pub(super) struct Builders {
            $( $(#[$document])* pub(super) $name: $Builder, )*
        }

        /// The values of rows that were read, an array for each column.
        #[derive(Debug)]
        pub(super) struct Arrays<'a> {
            $( pub(super) $name: &'a $Array, )*
        }

        /// Each column's name and layout, in the order of the file.
        pub(super) const COLUMNS: &[(&str, Layout)] =
            &[$( (stringify!($name), Layout::$layout), )*];

        impl Builders {
            pub(super) fn new() -> Self {
                Self { $( $name: $Builder::empty(), )* }
            }

            /// Takes the rows made so far.
            fn arrays(&mut self) -> Vec<ArrayRef> {
                vec![$( Arc::new(self.$name.finish()), )*]
            }
        }

        impl<'a> Arrays<'a> {
            /// Finds the columns by name; a file may hold more than we know.
            pub(super) fn find(batch: &'a RecordBatch) -> Result<Self, Error> {
                Ok(Self { $( $name: find(batch, stringify!($name))?, )* })
            }
        }

        /// The table's schema.
        pub(super) fn schema() -> SchemaRef {
            Arc::new(Schema::new(vec![$(
                Field::new(stringify!($name), $data_type, Nullability::$nullability.into()),
            )*]))
        }
    };
}

columns! {
    /// The trace; the rows are sorted by it.
    trace_id: FixedSizeBinaryBuilder FixedSizeBinaryArray
        DataType::FixedSizeBinary(TRACE_ID_BYTES), Required, Prefixed;
    /// The segment's or subsegment's id.
    id: UInt64Builder UInt64Array DataType::UInt64, Required, Random;
    /// How deep in its document; the document itself is zero.
    depth: UInt8Builder UInt8Array DataType::UInt8, Required, Few;
    /// How many rows further up the parent is; negative when it is further down.
    parent_distance: Int32Builder Int32Array DataType::Int32, Nullable, Repeated;
    /// The parent, where it has no row here.
    parent_id: UInt64Builder UInt64Array DataType::UInt64, Nullable, Random;
    /// See [`super::flags`].
    flags: UInt32Builder UInt32Array DataType::UInt32, Required, Repeated;
    /// The earliest start of the trace's rows, in microseconds since the epoch.
    trace_start: Int64Builder Int64Array DataType::Int64, Required, Delta;
    /// Microseconds from the trace's start.
    start: Int64Builder Int64Array DataType::Int64, Required, Split;
    /// What the start stated is more than the microsecond's double, in units of its last place.
    start_ulps: Int64Builder Int64Array DataType::Int64, Nullable, Repeated;
    /// Microseconds from the start to the end; none while the work goes on.
    duration: Int64Builder Int64Array DataType::Int64, Nullable, Split;
    /// As `start_ulps`, of the end.
    end_ulps: Int64Builder Int64Array DataType::Int64, Nullable, Repeated;
    /// On a document's first row: microseconds from the trace's start until it came; none when it
    /// came at the time of the document before.
    received: Int64Builder Int64Array DataType::Int64, Nullable, Delta;
    /// The service's, or the subsegment's, name.
    name: StringBuilder StringArray DataType::Utf8, Required, Repeated;
    namespace: StringBuilder StringArray DataType::Utf8, Nullable, Few;
    origin: StringBuilder StringArray DataType::Utf8, Nullable, Few;
    user: StringBuilder StringArray DataType::Utf8, Nullable, Plain;
    method: StringBuilder StringArray DataType::Utf8, Nullable, Few;
    /// The URL; where `url_number` is given it goes where the braces are.
    url: StringBuilder StringArray DataType::Utf8, Nullable, Repeated;
    url_number: UInt64Builder UInt64Array DataType::UInt64, Nullable, Plain;
    user_agent: StringBuilder StringArray DataType::Utf8, Nullable, Repeated;
    client_ip: StringBuilder StringArray DataType::Utf8, Nullable, Plain;
    status: UInt16Builder UInt16Array DataType::UInt16, Nullable, Few;
    content_length: Int64Builder Int64Array DataType::Int64, Nullable, Split;
    /// The section as JSON, without the request's id.
    aws: StringBuilder StringArray DataType::Utf8, Nullable, Repeated;
    aws_request_id: StringBuilder StringArray DataType::Utf8, Nullable, Lengths;
    service: StringBuilder StringArray DataType::Utf8, Nullable, Repeated;
    sql: StringBuilder StringArray DataType::Utf8, Nullable, Repeated;
    cause: StringBuilder StringArray DataType::Utf8, Nullable, Lengths;
    /// The keys as a JSON list.
    annotation_keys: StringBuilder StringArray DataType::Utf8, Nullable, Repeated;
    /// The values as a JSON list, in the order of the keys.
    annotation_values: StringBuilder StringArray DataType::Utf8, Nullable, Lengths;
    metadata: StringBuilder StringArray DataType::Utf8, Nullable, Lengths;
    /// What is left of the entity, as JSON.
    rest: StringBuilder StringArray DataType::Utf8, Nullable, Repeated;
    /// The whole document, where it could not be taken apart.
    verbatim: StringBuilder StringArray DataType::Utf8, Nullable, Rare;
}

/// Columns that say nothing of what a trace means.
pub(super) const MEANINGLESS: [&str; 3] = ["metadata", "sql", "service"];

/// Columns that only annotations are made of.
pub(super) const ANNOTATIONS: [&str; 2] = ["annotation_keys", "annotation_values"];

/// The column of what was thrown, on which only root causes depend.
pub(super) const CAUSE: &str = "cause";

/// Returns the batch with nothing in those columns, which were not read.
pub(super) fn completed(batch: &RecordBatch) -> RecordBatch {
    let schema = schema();
    let column = |field: &Arc<Field>| match batch.column_by_name(field.name()) {
        Some(column) => Arc::clone(column),
        None => new_null_array(field.data_type(), batch.num_rows()),
    };
    let columns = schema.fields().iter().map(column).collect();
    let read = RecordBatch::try_new(schema, columns);
    // A file of another schema is refused when its columns are looked for.
    read.unwrap_or_else(|_| batch.clone())
}

enum Nullability {
    Required,
    Nullable,
}

impl From<Nullability> for bool {
    fn from(nullability: Nullability) -> Self {
        match nullability {
            Nullability::Required => false,
            Nullability::Nullable => true,
        }
    }
}

impl Builders {
    /// Takes the rows made so far as one batch.
    pub(super) fn finish(&mut self) -> RecordBatch {
        RecordBatch::try_new(schema(), self.arrays())
            .expect("every column gets one value for each row, and null only where allowed")
    }
}

/// A builder without values; the one of ids has to be told their width.
trait Empty {
    fn empty() -> Self;
}

macro_rules! empty {
    ($($Builder:ident),*) => {$(
        impl Empty for $Builder {
            fn empty() -> Self {
                Self::new()
            }
        }
    )*};
}
empty!(
    Int32Builder,
    Int64Builder,
    UInt8Builder,
    UInt16Builder,
    UInt32Builder,
    UInt64Builder,
    StringBuilder
);

impl Empty for FixedSizeBinaryBuilder {
    fn empty() -> Self {
        Self::new(TRACE_ID_BYTES)
    }
}

pub(super) fn find<'a, A: 'static>(
    batch: &'a RecordBatch,
    name: &'static str,
) -> Result<&'a A, Error> {
    batch
        .column_by_name(name)
        .and_then(|array| array.as_any().downcast_ref())
        .ok_or(Error::ColumnMissing { column: name })
}

/// How the file is written.
pub(super) fn properties(level: Level) -> WriterProperties {
    let page_rows = match level {
        Level::Sealed => PAGE_ROWS_MAX,
        Level::Compacted => COMPACTED_PAGE_ROWS_MAX,
    };
    let builder = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_2_0)
        .set_created_by("fluoro".to_owned())
        .set_compression(zstd(1))
        .set_statistics_enabled(EnabledStatistics::None)
        .set_data_page_v2_compression_ratio_threshold(COMPRESSION_RATIO_MAX)
        .set_dictionary_page_size_limit(DICTIONARY_BYTES_MAX)
        .set_data_page_size_limit(PAGE_BYTES_MAX)
        .set_data_page_row_count_limit(page_rows)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS_MAX));
    COLUMNS
        .iter()
        .fold(builder, |builder, &(name, layout)| lay_out(builder, name, layout, level))
        .build()
}

fn lay_out(
    builder: WriterPropertiesBuilder,
    name: &str,
    layout: Layout,
    level: Level,
) -> WriterPropertiesBuilder {
    let column = ColumnPath::from(name);
    let encoding = match layout {
        Layout::Repeated => return builder.set_column_compression(column, Compression::LZ4_RAW),
        Layout::Few => return builder.set_column_compression(column, Compression::UNCOMPRESSED),
        Layout::Delta => Encoding::DELTA_BINARY_PACKED,
        Layout::Split => Encoding::BYTE_STREAM_SPLIT,
        Layout::Prefixed => Encoding::DELTA_BYTE_ARRAY,
        Layout::Lengths => Encoding::DELTA_LENGTH_BYTE_ARRAY,
        Layout::Random | Layout::Plain | Layout::Rare => Encoding::PLAIN,
    };
    let builder = builder
        .set_column_dictionary_enabled(column.clone(), false)
        .set_column_encoding(column.clone(), encoding);
    match layout {
        Layout::Rare => builder.set_column_compression(column, Compression::LZ4_RAW),
        Layout::Random => builder.set_column_compression(column, Compression::UNCOMPRESSED),
        // Only texts become much smaller by more work, and they alone are not slower to read.
        Layout::Lengths if level == Level::Compacted => {
            builder.set_column_compression(column, zstd(COMPACTED_TEXT_ZSTD_LEVEL))
        }
        _ => builder,
    }
}

fn zstd(level: i32) -> Compression {
    Compression::ZSTD(ZstdLevel::try_new(level).expect("a level that zstd has"))
}
