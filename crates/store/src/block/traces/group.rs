//! Putting traces together by key, from the columns of the key and of what is measured.
//!
//! Texts come as codes of the dictionaries that the file has of them, where it has; a code becomes a
//! group once for each part that is read. Everything is read before anything is counted, so that a table that
//! turns out to be damaged leaves nothing behind.

mod texts;

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use arrow::array::{
    Array, AsArray, BinaryArray, BooleanArray, Float64Array, Int64Array, ListArray, RecordBatch,
    StructArray, UInt16Array, UInt32Array, UInt64Array,
};
use arrow::buffer::BooleanBuffer;
use filter::ast::CauseKind;
use wire::Micros;

use super::blame::{FAILURES, RESPONSE_TIMES};
use super::codes::{Codes, list};
use super::evaluate::{Evaluation, NARROW_RATIO, text_column};
use super::scan::{GROUP_CHUNKS, steps};
use super::table::{Rows, Table, column};
use super::{Cost, Error, Query, causes};
use crate::group::{self, By, Groups, Key, Measured, Narrowed, Sample, Slot, template};
use texts::{Known, Texts};

/// The columns of what is measured.
const MEASURED: [&str; 3] = ["flags", "duration", "response_gap"];

/// What stands before a key in the names of its columns.
const PREFIX_LEN: usize = "a.".len();

/// Returns whether a column has the values of one annotation key.
fn is_of_key(name: &str) -> bool {
    ["a.", "n.", "b."].iter().any(|prefix| name.starts_with(prefix))
}

/// Returns the column that the causes of a kind are in.
fn causes_column(kind: CauseKind) -> &'static str {
    match kind {
        CauseKind::Fault | CauseKind::Error => FAILURES,
        CauseKind::ResponseTime => RESPONSE_TIMES,
    }
}

/// Rows that are counted, with what is measured of them.
struct Chosen {
    rows: Rows,
    /// Which rows count; `None` for all.
    mask: Option<BooleanBuffer>,
    /// Of each row.
    samples: Vec<Sample>,
}

/// Rows that are counted, with the columns of their keys.
struct Part<'c> {
    batch: RecordBatch,
    chosen: &'c Chosen,
    /// Only those of this set count.
    of: Option<usize>,
}

impl Table {
    /// Counts the traces that are like the predicate in their groups, on all pages together, for
    /// each of the tables wanted.
    ///
    /// # Errors
    /// [`Error::Damaged`] when a page that is needed is not the one written; some tables may have
    /// been counted then, none of them in part.
    pub(crate) fn group(
        &self,
        query: &Query<'_>,
        sets: &[Narrowed<'_>],
        tables: &[group::Table<'_>],
        measured: Measured,
        groups: &mut [Groups],
    ) -> Result<Cost, Error> {
        let mut evaluation = Evaluation::new(self, self.reader());
        let candidates = self.candidates(query);
        let skipped_chunk_count = (self.meta().chunk_starts.len() - candidates.len()) as u64;
        let mut cost = Cost { skipped_chunk_count, ..Cost::default() };
        let mut all = Vec::new();
        let predicate = query.in_window();
        for rows in steps(candidates.into_iter(), GROUP_CHUNKS) {
            if query.is_cancelled() {
                break;
            }
            let (rows, mask) = evaluation.evaluate_live(&predicate, rows, query.void)?;
            cost.row_count += rows.count() as u64;
            query.tell(rows.count(), mask.count_set_bits());
            all.extend(evaluation.chosen(rows, mask, sets, measured)?);
        }
        for (table, groups) in tables.iter().zip(groups) {
            if query.is_cancelled() {
                break;
            }
            let names = self.key_columns(table.by);
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let part = |chosen| evaluation.part(&names, chosen, table.of);
            let parts = all.iter().map(part).collect::<Result<Vec<_>, _>>()?;
            for part in &parts {
                part.count(self, table.by, groups)?;
            }
        }
        let (column_count, bytes_read) = (evaluation.column_count, evaluation.reader.bytes_read());
        Ok(Cost { column_count, bytes_read, ..cost })
    }

    /// Returns the columns that the key is in.
    fn key_columns(&self, by: &By) -> Vec<String> {
        let name = match by {
            By::Text(member) => text_column(*member).0,
            By::UrlTemplate => "url",
            By::Outcome => "flags",
            By::Status => "status",
            By::EntryPoint => "entry_point",
            By::Node => "service_any",
            By::Edge => "edge_any",
            By::FaultCause | By::Exception => FAILURES,
            By::CausePath(kind) => causes_column(*kind),
            By::Start { .. } => "start",
            By::AnnotationKey => {
                let is_of_key = |name: &&str| is_of_key(name) || *name == "annotations";
                return self.column_names().filter(is_of_key).map(str::to_owned).collect();
            }
            By::Annotation(key) if self.meta().overflow_keys.contains(key) => "annotations",
            By::Annotation(key) => {
                let names = ["a", "n", "b"].map(|prefix| format!("{prefix}.{key}"));
                let names = names.into_iter().filter(|name| self.has_column(name));
                // A part without any column would have no rows.
                return names.chain(["flags".to_owned()]).collect();
            }
        };
        vec![name.to_owned()]
    }
}

impl Evaluation<'_> {
    /// Reads what is measured of the rows that the mask has set, or of all when these are most.
    fn chosen(
        &mut self,
        rows: Rows,
        mask: BooleanBuffer,
        sets: &[Narrowed<'_>],
        measured: Measured,
    ) -> Result<Option<Chosen>, Error> {
        let (rows, mask) = match mask.count_set_bits() {
            0 => return Ok(None),
            all if all == rows.count() => (rows, None),
            few if few * NARROW_RATIO < rows.count() => (rows.narrow(&mask), None),
            _ => (rows, Some(mask)),
        };
        let batch = self.table.load(&self.reader, Some(&MEASURED), &rows)?;
        self.column_count += MEASURED.len() as u64;
        let mut samples = samples(&batch, measured)?;
        for (at, set) in sets.iter().enumerate() {
            let mut mask = self.evaluate(set.predicate, &rows)?;
            if let Some(void) = &set.void {
                mask = &mask & &rows.unset_in(void);
            }
            mask.set_indices().for_each(|row| samples[row].sets |= 1 << at);
        }
        Ok(Some(Chosen { rows, mask, samples }))
    }

    /// Reads the columns of keys.
    fn part<'c>(
        &mut self,
        names: &[&str],
        chosen: &'c Chosen,
        of: Option<usize>,
    ) -> Result<Part<'c>, Error> {
        let rows = &chosen.rows;
        self.column_count += names.len() as u64;
        // Where a dictionary became too large for the file, codes would have to be made first.
        let is_coded = names.iter().all(|name| self.table.is_coded(rows.group, name));
        let batch = match is_coded {
            true => self.table.load_coded(&self.reader, names, rows)?,
            false => self.table.load(&self.reader, Some(names), rows)?,
        };
        Ok(Part { batch, chosen, of })
    }
}

/// Returns what is measured of each row of a batch.
fn samples(batch: &RecordBatch, measured: Measured) -> Result<Vec<Sample>, Error> {
    let flags = column::<UInt16Array>(batch, "flags")?.values();
    let durations: &UInt64Array = column(batch, "duration")?;
    let gaps: &Int64Array = column(batch, "response_gap")?;
    let sample = |row: usize| {
        let duration = durations.is_valid(row).then(|| durations.value(row));
        let response_time = match measured {
            Measured::Duration => duration,
            Measured::ResponseTime => gaps
                .is_valid(row)
                .then(|| duration.unwrap_or(0).wrapping_add_signed(gaps.value(row))),
        };
        let response_time = response_time.map(Micros);
        Sample { flags: flags[row], response_time, sets: 0 }
    };
    Ok((0..batch.num_rows()).map(sample).collect())
}

impl Part<'_> {
    fn count(&self, table: &Table, by: &By, groups: &mut Groups) -> Result<(), Error> {
        match by {
            By::Text(member) => match text_column(*member) {
                (name, true) => self.by_text_lists(name, groups),
                (name, false) => self.by_texts(name, |text| text.into(), groups),
            },
            By::UrlTemplate => self.by_texts("url", template, groups),
            By::Outcome => self.each(groups, |groups, row, slots| {
                slots.push(groups.key(Key::Outcome(self.chosen.samples[row].outcome())));
                Some(())
            }),
            By::Status => self.by_status(groups),
            By::EntryPoint => self.by_entry_point(table, groups),
            By::Node => {
                let nodes = &table.meta().services;
                self.by_codes("service_any", nodes.len(), groups, |code| Key::node(&nodes[code]))
            }
            By::Edge => {
                let meta = table.meta();
                let node = |code: u32| &meta.services[code as usize];
                let key = |code: usize| {
                    let (source, target) = meta.edges[code];
                    Key::edge(node(source), node(target))
                };
                self.by_codes("edge_any", meta.edges.len(), groups, key)
            }
            By::Annotation(key) if table.meta().overflow_keys.contains(key) => {
                self.by_overflow(key, groups)
            }
            By::Annotation(key) => self.by_annotation(key, groups),
            By::AnnotationKey => self.by_annotation_key(groups),
            By::FaultCause => self.by_causes(FAILURES, groups, |bytes| {
                let faults = causes::of_kind(CauseKind::Fault, bytes)?;
                Some(faults.iter().filter_map(|one| Key::origin(&one.services)).collect())
            }),
            By::CausePath(kind) => self.by_causes(causes_column(*kind), groups, |bytes| {
                let paths = causes::of_kind(*kind, bytes)?;
                Some(paths.iter().filter_map(|one| Key::path(&one.services)).collect())
            }),
            By::Exception => self.by_causes(FAILURES, groups, |bytes| {
                let [faults, errors, _] = causes::shapes(bytes, &[])?;
                let paths = faults.iter().chain(&errors);
                Some(paths.flat_map(|one| Key::exceptions(&one.services)).collect())
            }),
            By::Start { width } => self.by_start(*width, groups),
        }
    }

    /// Calls `slots` for each row that counts, to be given its groups, and counts it in them.
    fn each(
        &self,
        groups: &mut Groups,
        mut slots: impl FnMut(&mut Groups, usize, &mut Vec<Slot>) -> Option<()>,
    ) -> Result<(), Error> {
        let mask = self.chosen.mask.as_ref();
        let mut found = Vec::new();
        for (row, sample) in self.chosen.samples.iter().enumerate() {
            if mask.is_some_and(|mask| !mask.value(row)) || !sample.is_of(self.of) {
                continue;
            }
            found.clear();
            slots(groups, row, &mut found).ok_or_else(|| Error::content("key of a group"))?;
            groups.add(&found, *sample);
        }
        Ok(())
    }

    /// What each text stands for is asked once for each code of a dictionary.
    fn by_texts(
        &self,
        name: &str,
        key: fn(&str) -> Cow<'_, str>,
        groups: &mut Groups,
    ) -> Result<(), Error> {
        let texts = self.batch.column_by_name(name).ok_or_else(|| Error::content(name))?;
        let mut texts = Texts::of(texts, name)?;
        texts.key = key;
        self.each(groups, |groups, row, slots| {
            slots.extend(texts.slot(row, groups));
            Some(())
        })
    }

    fn by_text_lists(&self, name: &str, groups: &mut Groups) -> Result<(), Error> {
        let lists: &ListArray = column(&self.batch, name)?;
        let mut texts = Texts::of(lists.values(), name)?;
        self.each(groups, |groups, row, slots| {
            slots.extend(list(lists, row).filter_map(|at| texts.slot(at, groups)));
            Some(())
        })
    }

    fn by_status(&self, groups: &mut Groups) -> Result<(), Error> {
        let statuses: &Int64Array = column(&self.batch, "status")?;
        self.each(groups, |groups, row, slots| {
            let status = statuses.is_valid(row).then(|| statuses.value(row));
            slots.extend(status.map(|status| groups.key(Key::Status(status))));
            Some(())
        })
    }

    fn by_entry_point(&self, table: &Table, groups: &mut Groups) -> Result<(), Error> {
        let codes: &UInt32Array = column(&self.batch, "entry_point")?;
        let nodes = &table.meta().services;
        let mut known = Known::new(nodes.len());
        self.each(groups, |groups, row, slots| {
            if codes.is_valid(row) {
                let key = |code: usize| Key::node(&nodes[code]);
                slots.push(known.slot(codes.value(row) as usize, groups, key)?);
            }
            Some(())
        })
    }

    fn by_codes(
        &self,
        name: &str,
        entry_count: usize,
        groups: &mut Groups,
        key: impl Fn(usize) -> Key,
    ) -> Result<(), Error> {
        let codes = Codes::of(&self.batch, name)?;
        let mut known = Known::new(entry_count);
        self.each(groups, |groups, row, slots| {
            let mut is_known = true;
            codes.each(row, |code| {
                let slot = known.slot(code as usize, groups, &key);
                is_known &= slot.is_some();
                slots.extend(slot);
            });
            is_known.then_some(())
        })
    }

    fn by_annotation(&self, key: &str, groups: &mut Groups) -> Result<(), Error> {
        let lists = |prefix: &str| -> Result<Option<&ListArray>, Error> {
            let name = format!("{prefix}.{key}");
            let is_there = self.batch.column_by_name(&name).is_some();
            is_there.then(|| column(&self.batch, &name)).transpose()
        };
        let wrong = || Error::content(key);
        let text_lists = lists("a")?;
        let mut texts = text_lists.map(|lists| Texts::of(lists.values(), key)).transpose()?;
        let numbers = lists("n")?.map(|lists| {
            let values: Option<&Float64Array> = lists.values().as_any().downcast_ref();
            values.map(|values| (lists, values)).ok_or_else(wrong)
        });
        let numbers = numbers.transpose()?;
        let flags = lists("b")?.map(|lists| {
            let values: Option<&BooleanArray> = lists.values().as_any().downcast_ref();
            values.map(|values| (lists, values)).ok_or_else(wrong)
        });
        let flags = flags.transpose()?;
        self.each(groups, |groups, row, slots| {
            if let (Some(lists), Some(texts)) = (text_lists, &mut texts) {
                slots.extend(list(lists, row).filter_map(|at| texts.slot(at, groups)));
            }
            if let Some((lists, values)) = numbers {
                slots.extend(distinct(values, list(lists, row)).map(|key| groups.key(key)));
            }
            if let Some((lists, values)) = flags {
                let flags = list(lists, row).map(|at| Key::Flag(values.value(at)));
                slots.extend(flags.map(|key| groups.key(key)));
            }
            Some(())
        })
    }

    fn by_overflow(&self, key: &str, groups: &mut Groups) -> Result<(), Error> {
        let lists: &ListArray = column(&self.batch, "annotations")?;
        let wrong = || Error::content("annotations");
        let values: &StructArray = lists.values().as_any().downcast_ref().ok_or_else(wrong)?;
        let child = |name: &str| values.column_by_name(name).ok_or_else(wrong);
        let (keys, texts) = (child("key")?.as_string_opt::<i32>(), child("text")?);
        let (numbers, flags) = (child("number")?.as_any().downcast_ref(), child("flag")?);
        let (keys, texts) = (keys.ok_or_else(wrong)?, texts.as_string_opt::<i32>());
        let (texts, flags) = (texts.ok_or_else(wrong)?, flags.as_boolean_opt());
        let numbers: &Float64Array = numbers.ok_or_else(wrong)?;
        let flags = flags.ok_or_else(wrong)?;
        self.each(groups, |groups, row, slots| {
            for at in list(lists, row).filter(|at| keys.value(*at) == key) {
                if texts.is_valid(at) {
                    slots.push(groups.text(texts.value(at)));
                } else if flags.is_valid(at) {
                    slots.push(groups.key(Key::Flag(flags.value(at))));
                }
            }
            let own = list(lists, row);
            let is_number = |at: &usize| keys.value(*at) == key && numbers.is_valid(*at);
            let places: Vec<usize> = own.filter(is_number).collect();
            slots.extend(distinct_at(numbers, places).map(|key| groups.key(key)));
            Some(())
        })
    }

    /// A key has up to three columns; those that have few are in one column together.
    fn by_annotation_key(&self, groups: &mut Groups) -> Result<(), Error> {
        let mut columns: Vec<(&str, &ListArray)> = Vec::new();
        let schema = self.batch.schema_ref();
        for name in schema.fields().iter().map(|field| field.name()) {
            if is_of_key(name) {
                columns.push((&name[PREFIX_LEN..], column(&self.batch, name)?));
            }
        }
        columns.sort_unstable_by_key(|(key, _)| *key);
        let mut known = Known::new(columns.len());
        let others: &ListArray = column(&self.batch, "annotations")?;
        let wrong = || Error::content("annotations");
        let values: &StructArray = others.values().as_any().downcast_ref().ok_or_else(wrong)?;
        let keys = values.column_by_name("key").ok_or_else(wrong)?;
        let mut other_keys = Texts::of(keys, "annotations")?;
        self.each(groups, |groups, row, slots| {
            for (at, (key, lists)) in columns.iter().enumerate() {
                if !list(lists, row).is_empty() {
                    slots.push(known.slot(at, groups, |_| Key::Text((*key).into()))?);
                }
            }
            let own_count = slots.len();
            slots.extend(list(others, row).filter_map(|at| other_keys.slot(at, groups)));
            slots[own_count..].sort_unstable();
            slots.dedup();
            Some(())
        })
    }

    /// Who is blamed repeats from trace to trace: each list of causes is read once.
    fn by_causes(
        &self,
        name: &str,
        groups: &mut Groups,
        keys: impl Fn(&[u8]) -> Option<Vec<Key>>,
    ) -> Result<(), Error> {
        let causes: &BinaryArray = column(&self.batch, name)?;
        let mut known: HashMap<&[u8], Vec<Slot>> = HashMap::new();
        self.each(groups, |groups, row, slots| {
            if causes.is_null(row) {
                return Some(());
            }
            let bytes = causes.value(row);
            if !known.contains_key(bytes) {
                let mut keys = keys(bytes)?;
                keys.sort_unstable();
                keys.dedup();
                known.insert(bytes, keys.into_iter().map(|key| groups.key(key)).collect());
            }
            slots.extend_from_slice(&known[bytes]);
            Some(())
        })
    }

    /// Rows are sorted by their starts: the step before is mostly the one again.
    fn by_start(&self, width: Micros, groups: &mut Groups) -> Result<(), Error> {
        let starts = column::<UInt64Array>(&self.batch, "start")?.values();
        let mut last: Option<(Key, Slot)> = None;
        self.each(groups, |groups, row, slots| {
            let key = Key::start(Micros(starts[row]), width);
            let slot = match &last {
                Some((same, slot)) if *same == key => *slot,
                _ => groups.key(key.clone()),
            };
            last = Some((key, slot));
            slots.push(slot);
            Some(())
        })
    }
}

/// Returns the keys of the numbers of a list, each once: several spellings are one number.
fn distinct(numbers: &Float64Array, list: Range<usize>) -> impl Iterator<Item = Key> {
    distinct_at(numbers, list.collect())
}

fn distinct_at(numbers: &Float64Array, places: Vec<usize>) -> impl Iterator<Item = Key> {
    let mut keys: Vec<Key> =
        places.into_iter().map(|at| Key::Number(numbers.value(at).into())).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.into_iter()
}
