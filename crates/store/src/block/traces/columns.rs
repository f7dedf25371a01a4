//! The names of the columns, and what the file says of itself beside them.

use std::collections::BTreeSet;

use parquet::file::metadata::KeyValue;
use trace::NodeId;

use super::Error;

/// The version of the format written here, and the newest that is read.
pub(super) const VERSION: u32 = 1;

/// So many rows the index tells apart from others; the unit of pruning.
pub const CHUNK_ROWS: usize = crate::index::CHUNK_ROWS as usize;

/// So many rows share a page of each column: few, since a page is decoded for a single row.
pub(super) const PAGE_ROWS: usize = CHUNK_ROWS / 4;

/// The most bytes of a column's dictionary: it is decoded whole for a single row.
pub(super) const DICTIONARY_BYTES_MAX: usize = 32 * 1024;

/// So many rows share a row group.
pub(super) const GROUP_ROWS: usize = 8 * CHUNK_ROWS;

/// So many annotation keys of a block have columns of their own.
pub(super) const ANNOTATION_KEYS_MAX: usize = 96;

/// With more entries than this, a dictionary is referred to by lists instead of bitmaps.
pub(super) const BITMAP_ENTRIES_MAX: usize = 2048;

/// Bits of the column `flags`.
pub(super) const ROOT_FAULT: u16 = 1;
pub(super) const ROOT_ERROR: u16 = 2;
pub(super) const ROOT_THROTTLE: u16 = 4;
pub(super) const PARTIAL: u16 = 8;
pub(super) const LIMIT_EXCEEDED: u16 = 16;
pub(super) const ANY_FAULT: u16 = 32;
pub(super) const ANY_ERROR: u16 = 64;
pub(super) const ANY_THROTTLE: u16 = 128;
pub(super) const INFERRED: u16 = 256;

/// What follows the prefix `service_` or `edge_` in the names of columns: those in the order of the
/// bits of marks, and whether some went well nevertheless.
pub(super) const FAILED: [&str; 3] = ["fault", "error", "throttle"];
pub(super) const MIXED: &str = "mixed";

/// What the file says of itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Meta {
    /// The nodes that traces refer to by position.
    pub(super) services: Vec<NodeId<'static>>,
    /// The edges that traces refer to by position, as positions of services.
    pub(super) edges: Vec<(u32, u32)>,
    /// The newest start of each chunk.
    pub(super) chunk_starts: Vec<u64>,
    /// The annotation keys without columns of their own.
    pub(super) overflow_keys: BTreeSet<String>,
}

const VERSION_KEY: &str = "fluoro.traces.version";
const SERVICES_KEY: &str = "fluoro.traces.services";
const EDGES_KEY: &str = "fluoro.traces.edges";
const STARTS_KEY: &str = "fluoro.traces.chunk_starts";
const OVERFLOW_KEY: &str = "fluoro.traces.overflow_keys";

impl Meta {
    pub(super) fn write(&self) -> Vec<KeyValue> {
        let service = |node: &NodeId<'_>| match &node.service_type {
            None => escape(&node.name),
            Some(of) => format!("{}\t{}", escape(&node.name), escape(of)),
        };
        let edge = |(source, target): &(u32, u32)| format!("{source}\t{target}");
        let entry = |key: &str, value: String| KeyValue::new(key.to_owned(), value);
        vec![
            entry(VERSION_KEY, VERSION.to_string()),
            entry(SERVICES_KEY, lines(self.services.iter().map(service))),
            entry(EDGES_KEY, lines(self.edges.iter().map(edge))),
            entry(STARTS_KEY, lines(self.chunk_starts.iter().map(u64::to_string))),
            entry(OVERFLOW_KEY, lines(self.overflow_keys.iter().map(|key| escape(key)))),
        ]
    }

    pub(super) fn read(entries: &[KeyValue]) -> Result<Self, Error> {
        let value = |key: &'static str| {
            let entry = entries.iter().find(|entry| entry.key == key);
            entry.and_then(|entry| entry.value.as_deref()).ok_or(Error::NotATable { what: key })
        };
        let version = value(VERSION_KEY)?.parse().map_err(|_| Error::content(VERSION_KEY))?;
        if version != VERSION {
            return Err(Error::VersionUnknown { version, version_max: VERSION });
        }
        let services: Vec<_> = value(SERVICES_KEY)?.lines().map(service).collect();
        let edge = |line: &str| {
            let (source, target) = line.split_once('\t')?;
            let place = |text: &str| {
                let place: u32 = text.parse().ok()?;
                (usize::try_from(place).ok()? < services.len()).then_some(place)
            };
            Some((place(source)?, place(target)?))
        };
        let edges: Option<_> = value(EDGES_KEY)?.lines().map(edge).collect();
        let starts: Result<_, _> = value(STARTS_KEY)?.lines().map(str::parse).collect();
        Ok(Self {
            edges: edges.ok_or_else(|| Error::content(EDGES_KEY))?,
            chunk_starts: starts.map_err(|_| Error::content(STARTS_KEY))?,
            overflow_keys: value(OVERFLOW_KEY)?.lines().map(unescape).collect(),
            services,
        })
    }
}

fn service(line: &str) -> NodeId<'static> {
    let (name, of) = match line.split_once('\t') {
        None => (line, None),
        Some((name, of)) => (name, Some(of)),
    };
    NodeId { name: unescape(name).into(), service_type: of.map(|of| unescape(of).into()) }
}

/// Every entry with a line break after it, so that an empty one is not lost.
fn lines(entries: impl Iterator<Item = String>) -> String {
    entries.map(|entry| entry + "\n").collect()
}

/// Keeps entries on one line and without tabs.
fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r").replace('\t', "\\t")
}

fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => plain.extend(characters.next().map(|escaped| match escaped {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                other => other,
            })),
            other => plain.push(other),
        }
    }
    plain
}
