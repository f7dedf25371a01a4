// Clocks that disagree: a callee that began before it was called, or answered after its caller had
// the answer. Times are shown as they were sent; only who asks sees them moved.
import type { Milliseconds } from '../lib/units.ts';
import { isObject, objectAt } from './document.ts';
import type { Trace, Work } from './tree.ts';

/** Less than this is no disagreement that anybody sees. */
const TOLERANCE: Milliseconds = 0.5;

/** A segment whose clock disagrees with that of its caller. */
export interface Skew {
  work: Work;
  caller: Work;
  /** How much later it would be by the clock of its caller. */
  offset: Milliseconds;
}

/** Returns the segments that cannot have run when they say, the largest disagreement first. */
export function skewsOf(trace: Trace): Skew[] {
  const found: Skew[] = [];
  for (const work of trace.works) {
    const caller = work.parent;
    if (!caller || work.kind !== 'segment' || work.isInferred || caller.kind === 'missing')
      continue;
    const offset = offsetOf(work, caller);
    if (Math.abs(offset) > TOLERANCE) found.push({ work, caller, offset });
  }
  return found.sort((a, b) => Math.abs(b.offset) - Math.abs(a.offset));
}

function offsetOf(work: Work, caller: Work): Milliseconds {
  const isEarly = work.start < caller.start - TOLERANCE;
  const isLate =
    isAnswered(caller) && work.start + work.length > caller.start + caller.length + TOLERANCE;
  if (!isEarly && !isLate) return 0;
  // Time on the wire is taken to be the same both ways; what took longer than its call just begins with it.
  const wire = Math.max(0, caller.length - work.length) / 2;
  return caller.start + wire - work.start;
}

/** Who has an answer waited for it: it did not come after the end. Queues and events have none. */
function isAnswered({ document, isInProgress }: Work): boolean {
  return !isInProgress && isObject(objectAt(document, 'http')['response']);
}

/** A trace by one clock. */
export interface Straightened {
  trace: Trace;
  /** How far each work was moved, by its id. */
  moved: ReadonlyMap<string, Milliseconds>;
}

/** Returns the trace with every segment, and all below it, moved by what its clock is off. */
export function straightened(trace: Trace, skews: readonly Skew[]): Straightened {
  const offsets = new Map(skews.map((skew) => [skew.work, skew.offset]));
  const shift = new Map<Work, Milliseconds>();
  // Callers come before those they call.
  for (const work of trace.works) {
    const above = work.parent ? (shift.get(work.parent) ?? 0) : 0;
    shift.set(work, above + (offsets.get(work) ?? 0));
  }
  const startOf = (work: Work) => work.start + (shift.get(work) ?? 0);
  const first = trace.works.reduce((least, work) => Math.min(least, startOf(work)), Infinity);
  const copies = new Map<Work, Work>();
  for (const work of trace.works) {
    const start = Math.round((startOf(work) - first) * 1e3) / 1e3;
    copies.set(work, { ...work, start, parent: undefined, children: [] });
  }
  for (const [work, copy] of copies) {
    copy.parent = work.parent && copies.get(work.parent);
    copy.parent?.children.push(copy);
  }
  const works = [...copies.values()];
  const moved = [...shift].flatMap(([work, by]) => (by === 0 ? [] : [[work.id, by] as const]));
  return {
    trace: {
      ...trace,
      startedAt: trace.startedAt + first,
      length: works.reduce((most, one) => Math.max(most, one.start + one.length), 0),
      works,
      roots: trace.roots.flatMap((root) => copies.get(root) ?? []),
    },
    moved: new Map(moved),
  };
}
