//! Several blocks become one for each class of retention: rows of segments are copied as they are,
//! rows of traces get their new places, and what was folded is added up.

use std::collections::BTreeSet;

use wire::TraceId;

use super::Plan;
use crate::block::traces::{self, Place, StoredRow};
use crate::block::{Built, Times, assemble, parse, segments};
use crate::engine::Engine;
use crate::error::{BlockProblem, Error};
use crate::manifest::RetentionClass;
use crate::view::{View, Visible};
use crate::{index, rollup};

/// Rows of traces that are in memory at a time.
const ROWS: usize = 4096;

/// A trace that is to be copied.
struct Kept {
    id: TraceId,
    class: RetentionClass,
    /// Which input has it.
    input: usize,
    /// Its row in that input's table of traces.
    row: u32,
    /// Its rows in that input's table of segments.
    place: Place,
}

/// Returns the blocks that take the place of the inputs, each with its class.
pub(super) fn merge(
    engine: &Engine,
    view: &View,
    plan: &Plan,
) -> Result<Vec<(RetentionClass, Built)>, Error> {
    let mut kept = kept(engine, plan)?;
    kept.sort_unstable_by_key(|kept| (kept.class, kept.id));
    let unmade = |problem: BlockProblem| Error::WriteBlock {
        path: engine.dir.path(&plan.hour.to_string()),
        source: problem.into(),
    };
    let mut rollup = Some(rollups(engine, view, plan)?);
    let late = late(view, plan);
    let mut built = Vec::new();
    for kept in kept.chunk_by(|a, b| a.class == b.class) {
        let segments::Compacted { to, counts, first_rows } =
            segments(plan, kept)?.map_err(unmade)?;
        let late: Vec<TraceId> =
            kept.iter().map(|kept| kept.id).filter(|id| late.contains(id)).collect();
        let (traces, index, times) = traces(plan, picks(kept, &first_rows))?.map_err(unmade)?;
        // What was folded of all classes stays with the first.
        let rollup = rollup.take().unwrap_or_default();
        built
            .push((kept[0].class, Built::new((to, counts), traces, (index, late), &rollup, times)));
    }
    // Of a block that cannot be read it looks as if it had none of the traces.
    match view.hour(plan.hour).iter().find_map(|one| one.block.problem()) {
        Some(problem) => Err(problem.clone()),
        None => Ok(built),
    }
}

/// Returns the traces that are not void.
fn kept(engine: &Engine, plan: &Plan) -> Result<Vec<Kept>, Error> {
    let mut kept = Vec::new();
    let is_classed = !engine.options.retention.classes.is_empty();
    for (input, visible) in plan.inputs.iter().enumerate() {
        if is_classed {
            each_row(visible, |row, stored| {
                let (id, place) = (stored.id(), stored.place());
                kept.push(Kept { id, class: engine.class(stored), input, row, place });
            })?;
            continue;
        }
        let block = &visible.block;
        let places = block.traces()?.places().map_err(|problem| block.failed(problem))?;
        let rows = (0..).zip(places).filter(|(row, _)| !visible.is_void(*row));
        let class = RetentionClass::default();
        kept.extend(rows.map(|(row, (id, place))| Kept { id, class, input, row, place }));
    }
    Ok(kept)
}

/// Reads the rows that are not void, some at a time.
fn each_row(visible: &Visible, mut visit: impl FnMut(u32, &StoredRow)) -> Result<(), Error> {
    let block = &visible.block;
    let table = block.traces()?;
    let row_count = u32::try_from(table.row_count()).unwrap_or(u32::MAX);
    let rows: Vec<u32> = (0..row_count).filter(|row| !visible.is_void(*row)).collect();
    for rows in rows.chunks(ROWS) {
        let stored = table.rows(rows).map_err(|problem| block.failed(problem))?;
        rows.iter().zip(&stored).for_each(|(row, stored)| visit(*row, stored));
    }
    Ok(())
}

/// The outer error is one of an input, the inner one of the table that is written.
type Written<T> = Result<Result<T, BlockProblem>, Error>;

fn segments(plan: &Plan, kept: &[Kept]) -> Written<segments::Compacted<Vec<u8>>> {
    let open: Result<Vec<_>, Error> = plan.inputs.iter().map(|one| one.block.segments()).collect();
    let open = open?;
    let tables: Vec<&segments::Table> = open.iter().map(AsRef::as_ref).collect();
    let pick = |kept: &Kept| {
        let first = u64::from(kept.place.first_row);
        let rows = first..first + u64::from(kept.place.row_count);
        segments::Pick { input: kept.input, rows }
    };
    let picks: Vec<_> = kept.iter().map(pick).collect();
    Ok(segments::compact(Vec::new(), &tables, &picks).map_err(BlockProblem::from))
}

fn traces(plan: &Plan, picks: Vec<traces::Pick>) -> Written<(Vec<u8>, index::Builder, Times)> {
    let open: Result<Vec<_>, Error> = plan.inputs.iter().map(|one| one.block.traces()).collect();
    let open = open?;
    let tables: Vec<&traces::Table> = open.iter().collect();
    let received = plan.inputs.iter().map(|one| one.block.entry.received.clone());
    let received = received.reduce(|a, b| *a.start().min(b.start())..=*a.end().max(b.end()));
    let mut times: Option<Times> = None;
    let mut index = index::Builder::default();
    let merged = traces::merge(&tables, &picks, |entry, tokens| {
        index.push(entry, tokens.iter().copied());
        let received = received.clone().unwrap_or(entry.updated..=entry.updated);
        let own = Times { starts: entry.start..=entry.start, received };
        times = Some(match times.take() {
            Some(others) => others.merge(&own),
            None => own,
        });
    });
    let done = |bytes| (bytes, index, times.expect("a block has traces"));
    Ok(merged.map(done).map_err(BlockProblem::from))
}

/// Returns the rows that are kept, with their new places.
fn picks(kept: &[Kept], first_rows: &[u64]) -> Vec<traces::Pick> {
    let pick = |(kept, first_row): (&Kept, &u64)| {
        let first_row = u32::try_from(*first_row).expect("a block's size is bounded");
        let place = Place { first_row, ..kept.place };
        traces::Pick { input: kept.input, row: kept.row, place }
    };
    kept.iter().zip(first_rows).map(pick).collect()
}

/// Returns the traces of the inputs of which blocks that are older, and are no inputs, have earlier
/// versions.
fn late(view: &View, plan: &Plan) -> BTreeSet<TraceId> {
    let is_input =
        |one: &Visible| plan.inputs.iter().any(|input| input.block.entry.id == one.block.entry.id);
    let others: Vec<&Visible> = view.hour(plan.hour).iter().filter(|one| !is_input(one)).collect();
    let mut late: BTreeSet<TraceId> = BTreeSet::new();
    for input in &plan.inputs {
        late.extend(input.block.late_traces());
    }
    late.retain(|id| others.iter().any(|one| !one.block.find(id).is_empty()));
    late
}

/// Adds up what was folded, without the traces that were deleted.
fn rollups(engine: &Engine, view: &View, plan: &Plan) -> Result<rollup::File, Error> {
    let mut files = Vec::new();
    for input in &plan.inputs {
        files.push(rollup::File::clone(&*input.block.rollup()?));
    }
    files.extend(deleted(engine, view, plan)?);
    rollup::File::merge(&files, engine.rollup.as_ref()).map_err(|problem| Error::WriteBlock {
        path: engine.dir.path(&plan.hour.to_string()),
        source: BlockProblem::Fold(problem).into(),
    })
}

/// Takes back what the inputs count of deleted traces, as far as theirs is the newest version: what
/// is counted of an older one was taken back when the newer was sealed.
fn deleted(engine: &Engine, view: &View, plan: &Plan) -> Result<Option<rollup::File>, Error> {
    let others = |id: &TraceId| engine.trace_in(view, id);
    let mut fold = engine.rollup.begin();
    for (trace, deleted) in view.state.tombstones() {
        let newest = view.hour(plan.hour).iter().find(|one| !one.block.find(&trace).is_empty());
        let is_input = |id| plan.inputs.iter().any(|input| input.block.entry.id == id);
        let Some(newest) = newest.filter(|one| is_input(one.block.entry.id)) else { continue };
        if newest.block.rows_deleted(&trace, deleted).is_empty() {
            continue;
        }
        if let Some(stored) = newest.load_anyway(&trace) {
            fold.subtract(&assemble(&stored, parse(&stored)?)?, &others);
        }
    }
    let minutes = fold.finish();
    let file = (!minutes.is_empty()).then(|| rollup::File::new(minutes, engine.rollup.as_ref()));
    file.transpose().map_err(|problem| Error::WriteBlock {
        path: engine.dir.path(&plan.hour.to_string()),
        source: BlockProblem::Fold(problem).into(),
    })
}
