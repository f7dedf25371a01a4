// Where time went and where a failure began: self time, critical path, origins, the "why" line.
import type { Milliseconds, UnitShare } from '../lib/units.ts';
import { exceptionsOf } from './document.ts';
import type { Outcome } from './status.ts';
import type { Trace, Work } from './tree.ts';

/** Where a failure comes from: it began here, came from a callee, or there is none. */
export type Blame = 'origin' | 'inherited' | 'none';

/** Returns whether a failure began in this work. A callee that failed as badly explains it. */
export function blameOf(work: Work): Blame {
  if (work.outcome === 'ok') return 'none';
  return work.children.some((child) => child.outcome === work.outcome) ? 'inherited' : 'origin';
}

/** Returns the time in which none of its children ran. */
export function selfTime(work: Work): Milliseconds {
  let covered = 0;
  let until = work.start;
  const end = work.start + work.length;
  for (const child of work.children) {
    const from = Math.max(child.start, until);
    const to = Math.min(child.start + child.length, end);
    if (to > from) {
      covered += to - from;
      until = to;
    }
  }
  return Math.max(0, work.length - covered);
}

/** A part of the critical path. */
export interface Stretch {
  work: Work;
  from: Milliseconds;
  to: Milliseconds;
}

/** Returns the works that the end of the trace waited for, latest first.
 *
 * From the end backwards: the child that ended last is what its caller waited for; before it began,
 * the caller waited for the child that had ended last by then. What no child covers is the caller's.
 */
export function criticalPath(trace: Trace): readonly Stretch[] {
  const path = paths.get(trace) ?? pathOf(trace);
  paths.set(trace, path);
  return path;
}

/** More than one part of a page asks for the same. */
const paths = new WeakMap<Trace, readonly Stretch[]>();

function pathOf(trace: Trace): Stretch[] {
  const path: Stretch[] = [];
  const root = longest(trace.roots);
  if (!root) return path;
  const stack: { work: Work; until: Milliseconds }[] = [
    { work: root, until: root.start + root.length },
  ];
  for (let top = stack.pop(); top; top = stack.pop()) {
    let until = top.until;
    const children = [...top.work.children].sort((a, b) => endOf(b) - endOf(a));
    for (const child of children) {
      if (endOf(child) > until || child.length === 0 || child.start < top.work.start) continue;
      if (until > endOf(child)) path.push({ work: top.work, from: endOf(child), to: until });
      stack.push({ work: child, until: endOf(child) });
      until = child.start;
    }
    if (until > top.work.start) path.push({ work: top.work, from: top.work.start, to: until });
  }
  return path.sort((a, b) => b.to - a.to || b.from - a.from);
}

function endOf(work: Work): Milliseconds {
  return work.start + work.length;
}

function longest(works: readonly Work[]): Work | undefined {
  return works.reduce<Work | undefined>(
    (most, work) => (most && most.length >= work.length ? most : work),
    undefined,
  );
}

/** What the headline says: where the time went, and where the failure began. */
export interface Why {
  /** The work with the largest share of the critical path. */
  slowest: { work: Work; share: UnitShare } | undefined;
  /** The deepest origin of the worst failure, with its exception if it told one. */
  origin: { work: Work; outcome: Outcome; exception: string | undefined } | undefined;
}

export function why(trace: Trace): Why {
  const times = new Map<Work, Milliseconds>();
  for (const { work, from, to } of criticalPath(trace)) {
    times.set(work, (times.get(work) ?? 0) + to - from);
  }
  let slowest: Why['slowest'];
  for (const [work, time] of times) {
    const share = trace.length > 0 ? time / trace.length : 0;
    if (!slowest || share > slowest.share) slowest = { work, share };
  }
  return { slowest, origin: worstOrigin(trace) };
}

const WORST: readonly Outcome[] = ['fault', 'throttle', 'error'];

function worstOrigin(trace: Trace): Why['origin'] {
  const origins = trace.works.filter((work) => work.outcome !== 'ok' && blameOf(work) === 'origin');
  for (const outcome of WORST) {
    const found = origins.filter((work) => work.outcome === outcome);
    const work = found.find((one) => one.hasException) ?? found[0];
    if (work) return { work, outcome, exception: exceptionsOf(work.document)[0]?.type };
  }
  return undefined;
}
