//! A predicate on columns: a mask over rows, reading no column that cannot change it.
//!
//! The terms of a conjunction are evaluated cheapest first, each only where the ones before left
//! something to find; of a disjunction, where the ones before found nothing.

use std::ops::RangeInclusive;

use arrow::array::{
    Array, ArrayRef, BooleanArray, BooleanBufferBuilder, Float64Array, Int64Array, ListArray,
    RecordBatch, StringArray, StructArray, UInt16Array, UInt32Array, UInt64Array,
};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::compute::kernels::cmp::{eq, neq};
use arrow::compute::kernels::comparison::{contains, ends_with, starts_with};
use parquet::errors::ParquetError;
use trace::Outcome;
use wire::Micros;

use super::codes::{AllCodes, Codes};
use super::predicate::{
    Flag, NodeTest, NumberMember, Order, Predicate, Term, TextMember, TextTest, ValueTest,
};
use super::table::{Rows, Table, column, is_true};
use super::{Error, row::Marks};
use crate::Axis;
use crate::block::checksum::Reader;
use crate::live::overlaps;

/// A mask is applied to the rows when it leaves less than one of so many.
pub(super) const NARROW_RATIO: usize = 4;

/// A table that is being scanned.
pub(super) struct Evaluation<'t> {
    pub(super) table: &'t Table,
    pub(super) reader: Reader,
    /// How many times a column was read.
    pub(super) column_count: u64,
    /// What was read last: terms about one column are often asked one after the other.
    last: Option<Loaded>,
}

/// Columns of some rows.
struct Loaded {
    names: Vec<String>,
    rows: Rows,
    batch: RecordBatch,
}

impl<'t> Evaluation<'t> {
    pub(super) fn new(table: &'t Table, reader: Reader) -> Self {
        Self { table, reader, column_count: 0, last: None }
    }

    /// Returns a mask over these rows, or over those of them that are not void when they are few.
    pub(super) fn evaluate_live(
        &mut self,
        predicate: &Predicate,
        rows: Rows,
        void: Option<&BooleanBuffer>,
    ) -> Result<(Rows, BooleanBuffer), Error> {
        let live = void.map(|void| rows.unset_in(void));
        let live_count = live.as_ref().map_or(rows.count(), BooleanBuffer::count_set_bits);
        match live {
            Some(live) if live_count * NARROW_RATIO < rows.count() => {
                let rows = rows.narrow(&live);
                let mask = self.evaluate(predicate, &rows)?;
                Ok((rows, mask))
            }
            Some(live) if live_count < rows.count() => {
                let mask = &self.evaluate(predicate, &rows)? & &live;
                Ok((rows, mask))
            }
            _ => {
                let mask = self.evaluate(predicate, &rows)?;
                Ok((rows, mask))
            }
        }
    }

    /// Returns a mask over these rows.
    pub(super) fn evaluate(
        &mut self,
        predicate: &Predicate,
        rows: &Rows,
    ) -> Result<BooleanBuffer, Error> {
        match predicate {
            Predicate::All(terms) => self.fold(terms, rows, true),
            Predicate::Any(terms) => self.fold(terms, rows, false),
            Predicate::Not(not) => Ok(!&self.evaluate(not, rows)?),
            Predicate::Is(term) => self.term(term, rows),
        }
    }

    /// Starts with every row undecided, which means `undecided`; each term may decide some.
    fn fold(
        &mut self,
        terms: &[Predicate],
        rows: &Rows,
        undecided: bool,
    ) -> Result<BooleanBuffer, Error> {
        let mut terms: Vec<&Predicate> = terms.iter().collect();
        terms.sort_by_key(|term| cost(term));
        let row_count = rows.count();
        let mut open = BooleanBuffer::new_set(row_count);
        for term in terms {
            let open_count = open.count_set_bits();
            if open_count == 0 {
                break;
            }
            let is_narrow = open_count * NARROW_RATIO < row_count;
            let found = match is_narrow {
                true => widen(&open, &self.evaluate(term, &rows.narrow(&open))?),
                false => self.evaluate(term, rows)?,
            };
            open = &open & &(if undecided { found } else { !&found });
        }
        Ok(if undecided { open } else { !&open })
    }

    pub(super) fn load(&mut self, names: &[&str], rows: &Rows) -> Result<RecordBatch, Error> {
        let is_same = |last: &&Loaded| last.rows == *rows && last.names == names;
        if let Some(last) = self.last.as_ref().filter(is_same) {
            return Ok(last.batch.clone());
        }
        self.column_count += names.len() as u64;
        let batch = self.table.load(&self.reader, Some(names), rows)?;
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        self.last = Some(Loaded { names, rows: rows.clone(), batch: batch.clone() });
        Ok(batch)
    }

    fn term(&mut self, term: &Term, rows: &Rows) -> Result<BooleanBuffer, Error> {
        match term {
            Term::Flag(flag) => self.flag(*flag, rows),
            Term::Time(Axis::End, window) => self.ends(window, rows),
            Term::Time(axis, window) => {
                let (times, nulls) = self.times(*axis, rows)?;
                let mask = |at: usize| window.contains(&Micros(times[at]));
                Ok(valid(BooleanBuffer::collect_bool(times.len(), mask), nulls.as_ref()))
            }
            Term::Number(member, comparison, value) => {
                self.number(*member, *comparison, *value, rows)
            }
            Term::Text(member, test) => self.text(*member, test, rows),
            Term::Annotation(key, test) => self.annotation(key, test, rows),
            Term::Service(test, outcome) => {
                let nodes = self.table.meta().services.iter();
                let codes = nodes.enumerate().filter(|(_, node)| test.passes(node));
                let codes: Vec<u32> = codes.map(|(code, _)| code as u32).collect();
                self.codes("service", &codes, *outcome, rows)
            }
            Term::Edge(source, target, outcome) => {
                let codes = self.edge_codes(source, target);
                self.codes("edge", &codes, *outcome, rows)
            }
            Term::Root(test) => self.root(test, rows),
            Term::Causes(predicate) => self.causes(predicate, rows),
        }
    }

    fn edge_codes(&self, source: &NodeTest, target: &NodeTest) -> Vec<u32> {
        let meta = self.table.meta();
        let passes = |test: &NodeTest, at: u32| test.passes(&meta.services[at as usize]);
        let edges = meta.edges.iter().enumerate();
        let found = edges.filter(|(_, edge)| passes(source, edge.0) && passes(target, edge.1));
        found.map(|(code, _)| code as u32).collect()
    }

    fn root(&mut self, test: &NodeTest, rows: &Rows) -> Result<BooleanBuffer, Error> {
        let nodes = &self.table.meta().services;
        let passes: Vec<bool> = nodes.iter().map(|node| test.passes(node)).collect();
        let batch = self.load(&["entry_point"], rows)?;
        let codes: &UInt32Array = column(&batch, "entry_point")?;
        let is_set = |at: usize| {
            codes.is_valid(at) && passes.get(codes.value(at) as usize).is_some_and(|passes| *passes)
        };
        Ok(BooleanBuffer::collect_bool(codes.len(), is_set))
    }

    fn flag(&mut self, flag: Flag, rows: &Rows) -> Result<BooleanBuffer, Error> {
        let batch = self.load(&["flags"], rows)?;
        let flags = column::<UInt16Array>(&batch, "flags")?.values();
        Ok(BooleanBuffer::collect_bool(flags.len(), |at| flag.is_set(flags[at])))
    }

    /// Returns the times on an axis, and which of them there are.
    pub(super) fn times(
        &mut self,
        axis: Axis,
        rows: &Rows,
    ) -> Result<(Vec<u64>, Option<NullBuffer>), Error> {
        let name = match axis {
            Axis::Start => "start",
            Axis::Updated => "updated",
            Axis::End => {
                let batch = self.load(&["start", "duration", "end_gap"], rows)?;
                let starts: &UInt64Array = column(&batch, "start")?;
                let durations: &UInt64Array = column(&batch, "duration")?;
                let from = |at| {
                    let start: u64 = starts.value(at);
                    start.wrapping_add(value_or_zero(durations, at))
                };
                return gaps(&batch, "end_gap", from);
            }
        };
        let batch = self.load(&[name], rows)?;
        Ok((column::<UInt64Array>(&batch, name)?.values().to_vec(), None))
    }

    /// Returns the rows whose time from the first to the last end the window has some of.
    fn ends(
        &mut self,
        window: &RangeInclusive<Micros>,
        rows: &Rows,
    ) -> Result<BooleanBuffer, Error> {
        let (ends, nulls) = self.times(Axis::End, rows)?;
        let batch = self.load(&["first_end_gap"], rows)?;
        let gaps = column::<UInt64Array>(&batch, "first_end_gap")?.values();
        let mask = BooleanBuffer::collect_bool(ends.len(), |at| {
            let first = ends[at].wrapping_sub(gaps[at]);
            overlaps(window, Micros(first), Micros(ends[at]))
        });
        Ok(valid(mask, nulls.as_ref()))
    }

    fn number(
        &mut self,
        member: NumberMember,
        comparison: Order,
        value: f64,
        rows: &Rows,
    ) -> Result<BooleanBuffer, Error> {
        let seconds = |micros: u64| Micros(micros).seconds();
        match member {
            NumberMember::Duration => {
                let batch = self.load(&["duration"], rows)?;
                let column: &UInt64Array = column(&batch, "duration")?;
                let values = column.values();
                let mask = compare(values.len(), comparison, value, |at| seconds(values[at]));
                Ok(valid(mask, column.nulls()))
            }
            NumberMember::ResponseTime => {
                let batch = self.load(&["duration", "response_gap"], rows)?;
                let durations: &UInt64Array = column(&batch, "duration")?;
                let from = |at| value_or_zero(durations, at);
                let (times, nulls) = gaps(&batch, "response_gap", from)?;
                let mask = compare(times.len(), comparison, value, |at| seconds(times[at]));
                Ok(valid(mask, nulls.as_ref()))
            }
            NumberMember::Status => {
                let batch = self.load(&["status"], rows)?;
                let column: &Int64Array = column(&batch, "status")?;
                let values = column.values();
                let mask = compare(values.len(), comparison, value, |at| values[at] as f64);
                Ok(valid(mask, column.nulls()))
            }
        }
    }

    fn text(
        &mut self,
        member: TextMember,
        test: &TextTest,
        rows: &Rows,
    ) -> Result<BooleanBuffer, Error> {
        let (name, is_list) = text_column(member);
        let batch = self.load(&[name], rows)?;
        if !is_list {
            return passing(column(&batch, name)?, test);
        }
        let lists: &ListArray = column(&batch, name)?;
        let texts: Option<&StringArray> = lists.values().as_any().downcast_ref();
        Ok(any_of_list(lists, &passing(texts.ok_or_else(|| Error::content(name))?, test)?))
    }

    fn annotation(
        &mut self,
        key: &str,
        test: &ValueTest,
        rows: &Rows,
    ) -> Result<BooleanBuffer, Error> {
        if self.table.meta().overflow_keys.contains(key) {
            let batch = self.load(&["annotations"], rows)?;
            return overflow(column(&batch, "annotations")?, key, test);
        }
        let prefixes: &[&str] = match test {
            ValueTest::Exists => &["a", "n", "b"],
            ValueTest::Text(_) => &["a"],
            ValueTest::Number(..) => &["n"],
            ValueTest::Flag(_) => &["b"],
        };
        let mut found = BooleanBuffer::new_unset(rows.count());
        for prefix in prefixes {
            let name = format!("{prefix}.{key}");
            if self.table.has_column(&name) {
                let batch = self.load(&[&name], rows)?;
                let lists: &ListArray = column(&batch, &name)?;
                let values = values_passing(lists.values(), test)?;
                let values = values.ok_or_else(|| Error::content(&name))?;
                found = &found | &any_of_list(lists, &values);
            }
        }
        Ok(found)
    }

    fn codes(
        &mut self,
        prefix: &str,
        codes: &[u32],
        outcome: Option<Outcome>,
        rows: &Rows,
    ) -> Result<BooleanBuffer, Error> {
        if codes.is_empty() {
            return Ok(BooleanBuffer::new_unset(rows.count()));
        }
        let kind = match outcome.map(Marks::from) {
            None => "any",
            Some(Marks::FAULT) => "fault",
            Some(Marks::ERROR) => "error",
            Some(Marks::THROTTLE) => "throttle",
            Some(_) => {
                let names = AllCodes::names(prefix);
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                let batch = self.load(&names, rows)?;
                return Ok(AllCodes::of(&batch, prefix)?.has_ok(codes));
            }
        };
        let name = format!("{prefix}_{kind}");
        let batch = self.load(&[&name], rows)?;
        Ok(Codes::of(&batch, &name)?.has_any(codes))
    }
}

/// Returns the column that a text is in, and whether it is one of lists.
pub(super) fn text_column(member: TextMember) -> (&'static str, bool) {
    match member {
        TextMember::Url => ("url", false),
        TextMember::Method => ("method", false),
        TextMember::UserAgent => ("user_agent", false),
        TextMember::ClientIp => ("client_ip", false),
        TextMember::User => ("users", true),
        TextMember::InstanceId => ("instance_ids", true),
        TextMember::AvailabilityZone => ("availability_zones", true),
        TextMember::ResourceArn => ("resource_arns", true),
    }
}

/// Which terms to evaluate first: those whose columns are small and flat.
fn cost(predicate: &Predicate) -> u32 {
    match predicate {
        Predicate::All(terms) | Predicate::Any(terms) => terms.iter().map(cost).max().unwrap_or(0),
        Predicate::Not(not) => cost(not),
        Predicate::Is(term) => match term {
            Term::Flag(_) => 1,
            Term::Number(NumberMember::Status, ..) => 2,
            Term::Root(_) => 2,
            Term::Service(_, Some(_)) | Term::Edge(_, _, Some(_)) => 3,
            Term::Number(..) | Term::Time(..) => 4,
            Term::Service(..) | Term::Edge(..) => 5,
            Term::Annotation(_, ValueTest::Number(..) | ValueTest::Flag(_)) => 6,
            Term::Text(TextMember::Method, _) => 6,
            Term::Annotation(..) => 7,
            Term::Text(TextMember::Url, _) => 9,
            Term::Text(..) | Term::Causes(_) => 8,
        },
    }
}

/// Puts the bits of a mask over some rows in their places among all rows.
fn widen(chosen: &BooleanBuffer, mask: &BooleanBuffer) -> BooleanBuffer {
    let mut wide = BooleanBufferBuilder::new(chosen.len());
    wide.append_n(chosen.len(), false);
    for (bit, place) in chosen.set_indices().enumerate() {
        if mask.value(bit) {
            wide.set_bit(place, true);
        }
    }
    wide.finish()
}

fn valid(mask: BooleanBuffer, nulls: Option<&NullBuffer>) -> BooleanBuffer {
    nulls.map_or(mask.clone(), |nulls| &mask & nulls.inner())
}

fn value_or_zero(column: &UInt64Array, at: usize) -> u64 {
    if column.is_valid(at) { column.value(at) } else { 0 }
}

/// Times that are kept as their distance from others.
fn gaps(
    batch: &RecordBatch,
    name: &str,
    from: impl Fn(usize) -> u64,
) -> Result<(Vec<u64>, Option<NullBuffer>), Error> {
    let gaps: &Int64Array = column(batch, name)?;
    let times = gaps.values().iter().enumerate();
    let times = times.map(|(at, gap)| from(at).wrapping_add_signed(*gap)).collect();
    Ok((times, gaps.nulls().cloned()))
}

fn compare(
    len: usize,
    comparison: Order,
    value: f64,
    number: impl Fn(usize) -> f64,
) -> BooleanBuffer {
    BooleanBuffer::collect_bool(len, |at| comparison.holds(number(at), value))
}

fn passing(texts: &StringArray, test: &TextTest) -> Result<BooleanBuffer, Error> {
    let other = |text: &str| StringArray::new_scalar(text);
    let found = match test {
        TextTest::Exists => return Ok(valid(BooleanBuffer::new_set(texts.len()), texts.nulls())),
        TextTest::Equals(text) => eq(texts, &other(text)),
        TextTest::Differs(text) => neq(texts, &other(text)),
        TextTest::Contains(part) => contains(texts, &other(part)),
        TextTest::BeginsWith(part) => starts_with(texts, &other(part)),
        TextTest::EndsWith(part) => ends_with(texts, &other(part)),
    };
    found.map(is_true).map_err(|source| Error::Read { source: ParquetError::from(source) })
}

/// Returns which values of an annotation column pass; `None` when it is of an unknown type.
fn values_passing(values: &ArrayRef, test: &ValueTest) -> Result<Option<BooleanBuffer>, Error> {
    let any = values.as_any();
    Ok(match test {
        ValueTest::Exists => Some(BooleanBuffer::new_set(values.len())),
        ValueTest::Text(test) => match any.downcast_ref() {
            Some(texts) => Some(passing(texts, test)?),
            None => None,
        },
        ValueTest::Number(comparison, other) => any.downcast_ref().map(|numbers: &Float64Array| {
            let numbers = numbers.values();
            compare(numbers.len(), *comparison, *other, |at| numbers[at])
        }),
        ValueTest::Flag(wanted) => {
            any.downcast_ref().map(
                |flags: &BooleanArray| {
                    if *wanted { flags.values().clone() } else { !flags.values() }
                },
            )
        }
    })
}

/// Returns the rows in whose lists a value is set.
fn any_of_list(lists: &ListArray, values: &BooleanBuffer) -> BooleanBuffer {
    let offsets = lists.value_offsets();
    let mut rows = BooleanBufferBuilder::new(lists.len());
    rows.append_n(lists.len(), false);
    let mut row = 0;
    for at in values.set_indices() {
        while row < lists.len() && offsets[row + 1] as usize <= at {
            row += 1;
        }
        if row < lists.len() && offsets[row] as usize <= at {
            rows.set_bit(row, true);
        }
    }
    rows.finish()
}

/// Returns the rows in whose list of further annotations a value of this key passes.
fn overflow(lists: &ListArray, key: &str, test: &ValueTest) -> Result<BooleanBuffer, Error> {
    let wrong = || Error::content("annotations");
    let values: &StructArray = lists.values().as_any().downcast_ref().ok_or_else(wrong)?;
    let child = |name: &str| values.column_by_name(name).ok_or_else(wrong);
    let keys: Option<&StringArray> = child("key")?.as_any().downcast_ref();
    let is_key = eq(keys.ok_or_else(wrong)?, &StringArray::new_scalar(key));
    let is_key = is_key.map_err(|source| Error::Read { source: ParquetError::from(source) })?;
    let column = match test {
        ValueTest::Exists => child("key")?,
        ValueTest::Text(_) => child("text")?,
        ValueTest::Number(..) => child("number")?,
        ValueTest::Flag(_) => child("flag")?,
    };
    let passes = values_passing(column, test)?.ok_or_else(wrong)?;
    Ok(any_of_list(lists, &(&is_true(is_key) & &valid(passes, column.nulls()))))
}
