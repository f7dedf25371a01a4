//! One input of a merge of columns: what the index is told of its rows, and what its codes are in the
//! new table.

use arrow::array::{
    Array, BooleanArray, FixedSizeBinaryArray, Float64Array, Int64Array, ListArray, RecordBatch,
    StringArray, UInt16Array, UInt32Array, UInt64Array,
};
use hashbrown::HashMap;
use wire::value::{Number, Scalar};
use wire::{Micros, TraceId};

use super::columns::annotation;
use crate::block::traces::codes::{AllCodes, list};
use crate::block::traces::columns::Meta;
use crate::block::traces::row::Marks;
use crate::block::traces::table::column;
use crate::block::traces::write::{Codes, Dictionary};
use crate::block::traces::{Error, Place};
use crate::index::{Token, TokenHash, TraceEntry, url_words};

/// Hashes of numbers that are kept for a key: so many, and then others.
const NUMBERS_MAX: usize = 1_024;

/// What rows of all inputs refer to, in the new table.
pub(super) struct Target {
    pub(super) dictionary: Dictionary,
    pub(super) services: Codes,
    pub(super) edges: Codes,
    /// Of each service: the tokens of having it, and of beginning with it.
    service_tokens: Vec<[TokenHash; 2]>,
    edge_tokens: Vec<TokenHash>,
    /// The codes of one row.
    row: Vec<(u32, Marks)>,
}

impl Default for Target {
    fn default() -> Self {
        Self {
            dictionary: Dictionary::default(),
            services: Codes::new("service"),
            edges: Codes::new("edge"),
            service_tokens: Vec::new(),
            edge_tokens: Vec::new(),
            row: Vec::new(),
        }
    }
}

impl Target {
    /// Adds a service or finds it.
    fn service(&mut self, meta: &Meta, code: u32) -> Option<u32> {
        let node = meta.services.get(code as usize)?;
        let code = self.dictionary.service(node);
        if code as usize == self.service_tokens.len() {
            let tokens = [Token::Service(&node.name).hash(), Token::Root(&node.name).hash()];
            self.service_tokens.push(tokens);
        }
        Some(code)
    }

    /// Adds an edge between services of the new table, or finds it.
    fn edge(&mut self, source: u32, target: u32) -> u32 {
        let code = self.dictionary.edge(source, target);
        if code as usize == self.edge_tokens.len() {
            let name = |code: u32| &*self.dictionary.services[code as usize].name;
            let token = Token::Edge { from: name(source), to: name(target) };
            self.edge_tokens.push(token.hash());
        }
        code
    }
}

/// The rows of one input.
pub(super) struct Source<'b> {
    meta: &'b Meta,
    /// What each code is in the new table, as far as rows had it.
    service_codes: Vec<Option<u32>>,
    edge_codes: Vec<Option<u32>>,
    services: AllCodes<'b>,
    edges: AllCodes<'b>,
    entry_points: &'b UInt32Array,
    plain: Plain<'b>,
    urls: &'b StringArray,
    users: (&'b ListArray, &'b StringArray),
    annotations: Vec<Annotation<'b>>,
    scratch: String,
}

/// Columns of what each row has one of.
struct Plain<'b> {
    ids: &'b FixedSizeBinaryArray,
    starts: &'b UInt64Array,
    updated: &'b UInt64Array,
    durations: &'b UInt64Array,
    response_gaps: &'b Int64Array,
    end_gaps: &'b Int64Array,
    first_end_gaps: &'b UInt64Array,
    flags: &'b UInt16Array,
    statuses: &'b Int64Array,
}

/// A column of annotations.
struct Annotation<'b> {
    key: &'b str,
    key_token: TokenHash,
    lists: &'b ListArray,
    values: Values<'b>,
}

enum Values<'b> {
    Texts(&'b StringArray),
    /// Writing a number takes long, and most come again.
    Numbers(&'b Float64Array, HashMap<u64, TokenHash>),
    /// The tokens of false and true.
    Flags(&'b BooleanArray, [TokenHash; 2]),
}

impl<'b> Source<'b> {
    pub(super) fn new(meta: &'b Meta, batch: &'b RecordBatch) -> Result<Self, Error> {
        let users: &ListArray = column(batch, "users")?;
        let user_texts = users.values().as_any().downcast_ref();
        let fields = batch.schema_ref().fields().iter().zip(batch.columns());
        let annotations =
            fields.filter_map(|(field, array)| Some((annotation(field.name())?.0, field, array)));
        let annotations = annotations.map(|(key, field, array)| {
            Annotation::new(key, array.as_ref()).ok_or_else(|| Error::content(field.name()))
        });
        Ok(Self {
            meta,
            service_codes: vec![None; meta.services.len()],
            edge_codes: vec![None; meta.edges.len()],
            services: AllCodes::of(batch, "service")?,
            edges: AllCodes::of(batch, "edge")?,
            entry_points: column(batch, "entry_point")?,
            plain: Plain::new(batch)?,
            urls: column(batch, "url")?,
            users: (users, user_texts.ok_or_else(|| Error::content("users"))?),
            annotations: annotations.collect::<Result<_, _>>()?,
            scratch: String::new(),
        })
    }

    /// Returns that by which a row is sorted.
    pub(super) fn key(&self, row: usize) -> Result<(Micros, TraceId), Error> {
        Ok((Micros(self.plain.starts.value(row)), self.plain.id(row)?))
    }

    /// Adds a row's services and edges to the new table, and their tokens; returns the service it
    /// begins with.
    pub(super) fn codes(
        &mut self,
        row: usize,
        to: &mut Target,
        tokens: &mut Vec<TokenHash>,
    ) -> Result<Option<u32>, Error> {
        for (code, marks) in self.services.row(row) {
            let code = self.service(code, to).ok_or_else(|| Error::content("service_any"))?;
            tokens.push(to.service_tokens[code as usize][0]);
            to.row.push((code, marks));
        }
        to.services.push(to.row.drain(..));
        for (code, marks) in self.edges.row(row) {
            let code = self.edge(code, to).ok_or_else(|| Error::content("edge_any"))?;
            tokens.push(to.edge_tokens[code as usize]);
            to.row.push((code, marks));
        }
        to.edges.push(to.row.drain(..));
        if self.entry_points.is_null(row) {
            return Ok(None);
        }
        let code = self.service(self.entry_points.value(row), to);
        let code = code.ok_or_else(|| Error::content("entry_point"))?;
        tokens.push(to.service_tokens[code as usize][1]);
        Ok(Some(code))
    }

    fn service(&mut self, code: u32, to: &mut Target) -> Option<u32> {
        let known = self.service_codes.get_mut(code as usize)?;
        if known.is_none() {
            *known = to.service(self.meta, code);
        }
        *known
    }

    fn edge(&mut self, code: u32, to: &mut Target) -> Option<u32> {
        if let Some(known) = *self.edge_codes.get(code as usize)? {
            return Some(known);
        }
        let (source, target) = *self.meta.edges.get(code as usize)?;
        let (source, target) = (self.service(source, to)?, self.service(target, to)?);
        let edge = to.edge(source, target);
        self.edge_codes[code as usize] = Some(edge);
        Some(edge)
    }

    /// Adds the tokens of a row that are not of services and edges.
    pub(super) fn tokens(&mut self, row: usize, tokens: &mut Vec<TokenHash>) {
        let scratch = &mut self.scratch;
        for annotation in &mut self.annotations {
            annotation.tokens(row, tokens, scratch);
        }
        let mut add = |token: Token<'_>| tokens.push(token.hash_with(scratch));
        if self.plain.statuses.is_valid(row) {
            add(Token::Status(self.plain.statuses.value(row)));
        }
        let (lists, users) = self.users;
        for at in list(lists, row) {
            add(Token::User(users.value(at)));
        }
        if self.urls.is_valid(row) {
            url_words(self.urls.value(row)).for_each(|word| add(Token::UrlWord(word)));
        }
    }

    /// Returns what else the index is told of a row, whose segments will be in that place.
    pub(super) fn entry(&self, row: usize, place: Place) -> Result<TraceEntry, Error> {
        let Plain { starts, updated, durations, response_gaps, end_gaps, .. } = &self.plain;
        let start = starts.value(row);
        let duration = durations.is_valid(row).then(|| durations.value(row));
        let gap = |gaps: &Int64Array, from: u64| {
            gaps.is_valid(row).then(|| Micros(from.wrapping_add_signed(gaps.value(row))))
        };
        let end = gap(end_gaps, start.wrapping_add(duration.unwrap_or(0)));
        let first_end_gap = self.plain.first_end_gaps.value(row);
        Ok(TraceEntry {
            id: self.plain.id(row)?,
            segment_rows: place.first_row..place.first_row.saturating_add(place.row_count),
            start: Micros(start),
            end,
            first_end: end.map(|end| Micros(end.0.wrapping_sub(first_end_gap))),
            updated: Micros(updated.value(row)),
            duration: duration.map(Micros),
            response_time: gap(response_gaps, duration.unwrap_or(0)),
            flags: u32::from(self.plain.flags.value(row)),
        })
    }
}

impl<'b> Plain<'b> {
    fn new(batch: &'b RecordBatch) -> Result<Self, Error> {
        Ok(Self {
            ids: column(batch, "trace_id")?,
            starts: column(batch, "start")?,
            updated: column(batch, "updated")?,
            durations: column(batch, "duration")?,
            response_gaps: column(batch, "response_gap")?,
            end_gaps: column(batch, "end_gap")?,
            first_end_gaps: column(batch, "first_end_gap")?,
            flags: column(batch, "flags")?,
            statuses: column(batch, "status")?,
        })
    }

    fn id(&self, row: usize) -> Result<TraceId, Error> {
        self.ids.value(row).try_into().map(TraceId).map_err(|_| Error::content("trace_id"))
    }
}

impl<'b> Annotation<'b> {
    fn new(key: &'b str, array: &'b dyn Array) -> Option<Self> {
        let lists: &ListArray = array.as_any().downcast_ref()?;
        let any = lists.values().as_any();
        let values = if let Some(texts) = any.downcast_ref() {
            Values::Texts(texts)
        } else if let Some(numbers) = any.downcast_ref() {
            Values::Numbers(numbers, HashMap::new())
        } else {
            let token = |flag| Token::Annotation(key, &Scalar::Flag(flag)).hash();
            Values::Flags(any.downcast_ref()?, [token(false), token(true)])
        };
        Some(Self { key, key_token: Token::AnnotationKey(key).hash(), lists, values })
    }

    fn tokens(&mut self, row: usize, tokens: &mut Vec<TokenHash>, scratch: &mut String) {
        for at in list(self.lists, row) {
            tokens.push(self.key_token);
            tokens.push(match &mut self.values {
                Values::Texts(texts) => {
                    let text = Scalar::Text(texts.value(at).into());
                    Token::Annotation(self.key, &text).hash_with(scratch)
                }
                Values::Numbers(numbers, known) => {
                    let number = numbers.value(at);
                    if known.len() >= NUMBERS_MAX {
                        known.clear();
                    }
                    *known.entry(number.to_bits()).or_insert_with(|| {
                        let number = Scalar::Number(Number::Float(number));
                        Token::Annotation(self.key, &number).hash_with(scratch)
                    })
                }
                Values::Flags(flags, known) => known[usize::from(flags.value(at))],
            });
        }
    }
}
