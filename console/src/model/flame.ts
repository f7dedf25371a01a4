// A trace as boxes below each other: by time, or by name with equal work put together.
import type { Milliseconds } from '../lib/units.ts';
import { selfTime } from './blame.ts';
import { worse } from './status.ts';
import type { Outcome } from './status.ts';
import type { Trace, Work } from './tree.ts';

/** A box: how deep, from where to where. */
export interface Box {
  /** The work, or the first of those put together. */
  work: Work;
  depth: number;
  from: Milliseconds;
  to: Milliseconds;
  self: Milliseconds;
  count: number;
  outcome: Outcome;
}

/** Returns a box for each work when it ran; what ran beside another stands below it. */
export function byTime(trace: Trace): Box[] {
  // No box stands before its caller's, whatever their clocks say.
  const order = new Map<Work, Milliseconds>();
  for (const work of trace.works) {
    const above = work.parent && order.get(work.parent);
    order.set(work, Math.max(work.start, above ?? -Infinity));
  }
  const at = (work: Work) => order.get(work) ?? 0;
  const works = [...trace.works].sort((a, b) => at(a) - at(b));
  const depths = new Map<Work, number>();
  /** Until when each depth is taken. */
  const taken: Milliseconds[] = [];
  return works.map((work) => {
    let depth = work.parent ? (depths.get(work.parent) ?? -1) + 1 : 0;
    while ((taken[depth] ?? -Infinity) > work.start) depth += 1;
    depths.set(work, depth);
    taken[depth] = work.start + work.length;
    const to = work.start + work.length;
    const self = selfTime(work);
    return { work, depth, from: work.start, to, self, count: 1, outcome: work.outcome };
  });
}

interface Merged {
  works: Work[];
  depth: number;
  self: Milliseconds;
  /** Its own time and that of all below. */
  total: Milliseconds;
  children: Merged[];
}

/** Returns a box for each path of names, as wide as the time that was spent on it. */
export function byName(trace: Trace): Box[] {
  const roots = mergedOf(trace.roots, 0);
  const all = flat(roots);
  // From the deepest up, so that what is below is known.
  for (const one of [...all].reverse()) {
    one.total = one.self + one.children.reduce((sum, child) => sum + child.total, 0);
    one.children.sort((a, b) => b.total - a.total);
  }
  return placed(roots);
}

function mergedOf(works: readonly Work[], depth: number): Merged[] {
  const groups = new Map<string, Merged>();
  for (const work of works) {
    const key = `${work.name} ${work.operation}`;
    const group = groups.get(key) ?? { works: [], depth, self: 0, total: 0, children: [] };
    group.works.push(work);
    group.self += selfTime(work);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** Returns the groups and everything below, callers first; fills in the children. */
function flat(roots: readonly Merged[]): Merged[] {
  const all = [...roots];
  for (let index = 0; index < all.length; index += 1) {
    const one = all[index];
    if (!one) continue;
    one.children = mergedOf(
      one.works.flatMap((work) => work.children),
      one.depth + 1,
    );
    for (const child of one.children) all.push(child);
  }
  return all;
}

function placed(roots: readonly Merged[]): Box[] {
  const boxes: Box[] = [];
  const row = (list: readonly Merged[], start: Milliseconds) => {
    let at = start;
    return list.map((one) => {
      const from = at;
      at += one.total;
      return { one, from };
    });
  };
  const queue = row(
    [...roots].sort((a, b) => b.total - a.total),
    0,
  );
  for (let index = 0; index < queue.length; index += 1) {
    const { one, from } = queue[index] ?? {};
    const work = one?.works[0];
    if (!one || !work || from === undefined) continue;
    boxes.push({
      work,
      depth: one.depth,
      from,
      to: from + one.total,
      self: one.self,
      count: one.works.length,
      outcome: one.works.reduce<Outcome>((worst, each) => worse(worst, each.outcome), 'ok'),
    });
    for (const child of row(one.children, from)) queue.push(child);
  }
  return boxes;
}

/** Returns the innermost box at a depth and a time. */
export function boxAt(boxes: readonly Box[], depth: number, at: Milliseconds): Box | undefined {
  return boxes.findLast((box) => box.depth === depth && box.from <= at && at <= box.to);
}
