//! Services and edges as positions in a dictionary, and per trace as bitmaps over it.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, FixedSizeBinaryArray, ListArray, UInt32Array};
use arrow::buffer::{Buffer, OffsetBuffer};
use arrow::datatypes::{DataType, Field};
use trace::NodeId;

use super::Column;
use crate::block::traces::columns::{BITMAP_ENTRIES_MAX, FAILED, MIXED};
use crate::block::traces::row::Marks;

/// The nodes and edges of a block.
#[derive(Default)]
pub(in crate::block::traces) struct Dictionary {
    pub(in crate::block::traces) services: Vec<NodeId<'static>>,
    pub(in crate::block::traces) edges: Vec<(u32, u32)>,
    service_codes: HashMap<NodeId<'static>, u32>,
    edge_codes: HashMap<(u32, u32), u32>,
}

impl Dictionary {
    pub(in crate::block::traces) fn service<'t>(&mut self, node: &NodeId<'t>) -> u32 {
        let codes: &HashMap<NodeId<'t>, u32> = &self.service_codes;
        if let Some(&code) = codes.get(node) {
            return code;
        }
        let code = self.services.len() as u32;
        let node = node.clone().into_owned();
        self.services.push(node.clone());
        self.service_codes.insert(node, code);
        code
    }

    pub(in crate::block::traces) fn edge(&mut self, source: u32, target: u32) -> u32 {
        let edges = &mut self.edges;
        *self.edge_codes.entry((source, target)).or_insert_with(|| {
            edges.push((source, target));
            edges.len() as u32 - 1
        })
    }
}

/// Which entries of a dictionary each trace has, and how their work ended.
pub(in crate::block::traces) struct Codes {
    prefix: &'static str,
    /// Where the entries of each row end.
    ends: Vec<usize>,
    entries: Vec<(u32, Marks)>,
}

impl Codes {
    pub(in crate::block::traces) fn new(prefix: &'static str) -> Self {
        Self { prefix, ends: Vec::new(), entries: Vec::new() }
    }

    /// Adds the entries of one row.
    pub(in crate::block::traces) fn push(&mut self, entries: impl Iterator<Item = (u32, Marks)>) {
        self.entries.extend(entries);
        self.ends.push(self.entries.len());
    }

    /// Returns a column for any outcome, for each way to fail, and for those that failed and went
    /// well.
    pub(in crate::block::traces) fn finish(self, entry_count: usize) -> Vec<Column> {
        let failed = [Marks::FAULT, Marks::ERROR, Marks::THROTTLE];
        let mut columns = vec![self.column("any", entry_count, |_| true)];
        for (name, failed) in FAILED.iter().zip(failed) {
            columns.push(self.column(name, entry_count, |marks| marks.has(failed)));
        }
        columns.push(self.column(MIXED, entry_count, Marks::is_mixed));
        columns
    }

    fn column(&self, name: &str, entry_count: usize, is_in: impl Fn(Marks) -> bool) -> Column {
        let array = match entry_count > BITMAP_ENTRIES_MAX {
            true => self.lists(is_in),
            false => self.bitmaps(entry_count, is_in),
        };
        Column::new(format!("{}_{name}", self.prefix), false, array)
    }

    fn rows(&self) -> impl Iterator<Item = &[(u32, Marks)]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| &self.entries[start..end])
    }

    fn bitmaps(&self, entry_count: usize, is_in: impl Fn(Marks) -> bool) -> ArrayRef {
        let width = 8 * entry_count.div_ceil(64).max(1);
        let mut bytes = vec![0_u8; width * self.ends.len()];
        for (bitmap, entries) in bytes.chunks_exact_mut(width).zip(self.rows()) {
            for (code, _) in entries.iter().filter(|(_, marks)| is_in(*marks)) {
                bitmap[*code as usize / 8] |= 1 << (code % 8);
            }
        }
        Arc::new(FixedSizeBinaryArray::new(width as i32, Buffer::from_vec(bytes), None))
    }

    fn lists(&self, is_in: impl Fn(Marks) -> bool) -> ArrayRef {
        let mut codes = Vec::new();
        let mut lengths = Vec::with_capacity(self.ends.len());
        for entries in self.rows() {
            let before = codes.len();
            let chosen = entries.iter().filter(|(_, marks)| is_in(*marks));
            codes.extend(chosen.map(|(code, _)| *code));
            lengths.push(codes.len() - before);
        }
        let item = Arc::new(Field::new("item", DataType::UInt32, false));
        let offsets = OffsetBuffer::from_lengths(lengths);
        Arc::new(ListArray::new(item, offsets, Arc::new(UInt32Array::from(codes)), None))
    }
}
