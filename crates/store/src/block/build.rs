//! Traces become a block: its four files, in memory, and what the manifest is to say of it.

use std::ops::RangeInclusive;

use hashbrown::HashSet;
use trace::{Received, Trace, assemble_parsed};
use wire::{Micros, Segment, SegmentId, TraceId};

use super::traces::{Place, Row};
use super::{INDEX, ROLLUP, SEGMENTS, TRACES, segments, traces};
use crate::batch::is_finished;
use crate::error::{BlockProblem, Error};
use crate::index::{self, TokenHash, TraceEntry};
use crate::live::StoredTrace;
use crate::manifest::BlockFile;
use crate::rollup::{self, Fold, Rollup};
use crate::scan::prune::{self, Tokens};

/// Finds other traces, for those that have links to them.
pub(crate) type Others<'o> = dyn Fn(&TraceId) -> Option<StoredTrace> + 'o;

/// Collects the traces of one block.
pub(crate) struct Builder<'o> {
    segments: segments::Writer<Vec<u8>>,
    finisher: Finisher,
    fold: Box<dyn Fold>,
    others: &'o Others<'o>,
}

/// Collects what a block has besides its segments and its rollup.
#[derive(Default)]
struct Finisher {
    traces: traces::Writer,
    /// In the order in which traces come.
    indexed: Vec<(TraceEntry, Vec<TokenHash>)>,
    tokens: Tokens,
    late: Vec<TraceId>,
    times: Option<Times>,
}

/// The bounds of what is in a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Times {
    pub(crate) starts: RangeInclusive<Micros>,
    pub(crate) received: RangeInclusive<Micros>,
}

/// The files of a block, and what is in them.
pub(crate) struct Built {
    pub(crate) files: Vec<(&'static str, Vec<u8>)>,
    pub(crate) times: Times,
    pub(crate) trace_count: u64,
    pub(crate) row_count: u64,
    pub(crate) is_late: bool,
}

/// A document and what was read from it.
pub(crate) type Parsed<'a> = (Received<'a>, Segment<'a>);

/// Reads the documents of a trace once more, but for those that can make no difference: nothing
/// replaces a finished entity.
pub(crate) fn parse(trace: &StoredTrace) -> Result<Vec<Parsed<'_>>, Error> {
    let mut finished: HashSet<SegmentId> = HashSet::new();
    let mut parsed = Vec::with_capacity(trace.documents.len());
    for (document_index, document) in trace.documents.iter().enumerate() {
        let segment = Segment::parse(document.text()).map_err(|mut problems| {
            let problem = problems.swap_remove(0);
            let source = trace::Error::ReadDocument { id: trace.id, document_index, problem };
            Error::Trace { id: trace.id, source: source.into() }
        })?;
        let is_new = !finished.contains(&segment.id);
        if is_finished(&segment) {
            finished.insert(segment.id);
        }
        let (received, request_number) = (document.received, document.request_number);
        let received = Received { text: document.text(), received, request_number };
        if is_new {
            parsed.push((received, segment));
        }
    }
    Ok(parsed)
}

/// Returns the document as the table of segments takes it.
fn document<'p>((received, segment): &'p Parsed<'p>) -> segments::Document<'p> {
    let Received { text, received, request_number } = *received;
    segments::Document { text, segment: Some(segment), received, request_number }
}

/// Puts a trace together out of what [`parse`] returned.
pub(crate) fn assemble<'a>(
    stored: &StoredTrace,
    parsed: Vec<Parsed<'a>>,
) -> Result<Trace<'a>, Error> {
    assemble_parsed(stored.id, parsed, stored.limit_exceeded)
        .map_err(|source| Error::Trace { id: stored.id, source: source.into() })
}

impl<'o> Builder<'o> {
    pub(crate) fn new(rollup: &dyn Rollup, others: &'o Others<'o>) -> Result<Self, BlockProblem> {
        let segments = segments::Writer::new(Vec::new())?;
        Ok(Self { segments, finisher: Finisher::default(), fold: rollup.begin(), others })
    }

    /// Adds a trace, the whole of it. They come sorted by id. `before` is the version that an older
    /// block has.
    pub(crate) fn push(
        &mut self,
        stored: &StoredTrace,
        before: Option<&StoredTrace>,
    ) -> Result<(), Error> {
        let parsed = parse(stored)?;
        let place = self.push_segments(stored, &parsed)?;
        let received = parsed.iter().map(|(document, _)| document.received);
        let received =
            received.clone().min().unwrap_or_default()..=received.max().unwrap_or_default();
        let trace = assemble(stored, parsed)?;
        let row = Row::of(&trace, place);
        let times = Times { starts: row.summary.start..=row.summary.start, received };
        self.finisher.push(&row, times);
        if let Some(before) = before {
            self.finisher.late.push(stored.id);
            let before_trace = assemble(before, parse(before)?)?;
            self.fold.subtract(&before_trace, self.others);
        }
        self.fold.add(&trace, self.others);
        Ok(())
    }

    fn push_segments(
        &mut self,
        stored: &StoredTrace,
        parsed: &[Parsed<'_>],
    ) -> Result<Place, Error> {
        let rows = self
            .segments
            .push(&segments::Trace {
                id: stored.id,
                documents: parsed.iter().map(document).collect(),
                limit_exceeded: stored.limit_exceeded,
            })
            .map_err(|problem| unwritten(problem.into()))?;
        let narrow = |number: u64| u32::try_from(number).expect("a block's size is bounded");
        Ok(Place { first_row: narrow(rows.start), row_count: narrow(rows.end - rows.start) })
    }

    /// Returns the files.
    pub(crate) fn finish(self, rollup: &dyn Rollup) -> Result<Built, BlockProblem> {
        let segments = self.segments.finish()?;
        let rollup = rollup::File::new(self.fold.finish(), rollup).map_err(BlockProblem::Fold)?;
        self.finisher.finish(segments, &rollup)
    }
}

impl Finisher {
    /// Adds the row of a trace.
    fn push(&mut self, row: &Row<'_>, times: Times) {
        let mut tokens = Vec::new();
        self.tokens.push(row, &mut tokens);
        self.indexed.push((prune::entry(row), tokens));
        self.traces.push(row);
        self.times = Some(match self.times.take() {
            Some(others) => others.merge(&times),
            None => times,
        });
    }

    fn finish(
        self,
        segments: (Vec<u8>, segments::Counts),
        rollup: &rollup::File,
    ) -> Result<Built, BlockProblem> {
        let (traces, order) = self.traces.finish()?;
        let mut index = index::Builder::default();
        for at in order {
            let (entry, tokens) = &self.indexed[at as usize];
            index.push(entry, tokens.iter().copied());
        }
        let times = self.times.expect("a block has traces");
        Ok(Built::new(segments, traces, (index, self.late), rollup, times))
    }
}

/// A failure to write into memory: there is no path yet.
fn unwritten(problem: BlockProblem) -> Error {
    Error::WriteBlock { path: "memory".into(), source: problem.into() }
}

impl Times {
    pub(crate) fn merge(self, other: &Self) -> Self {
        let merge = |a: &RangeInclusive<Micros>, b: &RangeInclusive<Micros>| {
            *a.start().min(b.start())..=*a.end().max(b.end())
        };
        Self {
            starts: merge(&self.starts, &other.starts),
            received: merge(&self.received, &other.received),
        }
    }
}

impl Built {
    /// Puts the files of a block together; `index` comes with the traces of which older blocks have
    /// earlier versions.
    pub(crate) fn new(
        (segments, counts): (Vec<u8>, segments::Counts),
        traces: Vec<u8>,
        (mut index, late): (index::Builder, Vec<TraceId>),
        rollup: &rollup::File,
        times: Times,
    ) -> Self {
        let is_late = !late.is_empty();
        late.into_iter().for_each(|id| index.push_late(id));
        let files = vec![
            (SEGMENTS, segments),
            (TRACES, traces),
            (INDEX, index.finish()),
            (ROLLUP, rollup.encode()),
        ];
        let (trace_count, row_count) = (counts.trace_count, counts.row_count);
        Self { files, times, trace_count, row_count, is_late }
    }

    /// Returns what the manifest says of the files.
    pub(crate) fn block_files(&self) -> Vec<BlockFile> {
        let file = |(name, bytes): &(&'static str, Vec<u8>)| BlockFile {
            name: (*name).to_owned(),
            bytes: bytes.len() as u64,
        };
        self.files.iter().map(file).collect()
    }
}
