// The rows of the waterfall: the tree flattened, with what is collapsed, folded or filtered left out.
import { blameOf } from './blame.ts';
import type { Blame } from './blame.ts';
import { worse } from './status.ts';
import type { Outcome } from './status.ts';
import type { Trace, Work } from './tree.ts';

/** More equal siblings than this in a row are shown as one. */
export const FOLD_MIN = 5;

/** One line of the waterfall. */
export interface Row {
  /** The id of the work, or of the first of those that are folded. */
  key: string;
  work: Work;
  depth: number;
  /** How many equal works the row stands for. */
  count: number;
  /** Everything that the row stands for, from its start on. */
  length: number;
  /** The times of all works of the row together. */
  sum: number;
  isOpen: boolean;
  hasChildren: boolean;
  /** Works below that are not shown, and the worst of them. */
  hiddenCount: number;
  hiddenOutcome: Outcome;
  blame: Blame;
  isMatch: boolean;
  /** Where the text was found that is looked for. */
  foundIn: Place | undefined;
}

export interface View {
  /** Ids of works whose children are not shown. */
  collapsed: ReadonlySet<string>;
  /** Ids of first works of folds that are shown one by one. */
  unfolded: ReadonlySet<string>;
  /** Text to look for; empty for none. */
  find: string;
  /** Shows only these works and their callers; absent for all. */
  only?: ReadonlySet<Work> | undefined;
}

/** Siblings that one row stands for: of `all`, those from one place to before another. */
interface Pending {
  all: readonly Work[];
  from: number;
  to: number;
  depth: number;
}

/** Returns the rows from the top down. */
export function rowsOf(trace: Trace, view: View): Row[] {
  const shown = view.only ? withCallers(view.only) : undefined;
  const visible = (works: readonly Work[]) =>
    shown ? works.filter((work) => shown.has(work)) : works;
  const rows: Row[] = [];
  const stack: Pending[] = [];
  push(stack, visible(trace.roots), 0, view);
  for (let top = stack.pop(); top; top = stack.pop()) {
    const row = rowOf(top, view);
    if (!row) continue;
    rows.push(row);
    if (row.isOpen) push(stack, visible(row.work.children), top.depth + 1, view);
  }
  return rows;
}

/** Adds siblings so that the first one is popped first, folds together. */
function push(stack: Pending[], all: readonly Work[], depth: number, view: View): void {
  for (let to = all.length; to > 0;) {
    const last = all[to - 1];
    let from = to - 1;
    for (let next = all[from - 1]; last && next && isFoldable(next, last); next = all[from - 1])
      from -= 1;
    const first = all[from];
    if (to - from > FOLD_MIN && first && !view.unfolded.has(first.id))
      stack.push({ all, from, to, depth });
    else
      for (let at = to - 1; at >= from; at -= 1) stack.push({ all, from: at, to: at + 1, depth });
    to = from;
  }
}

function isFoldable(a: Work, b: Work): boolean {
  const same = a.name === b.name && a.operation === b.operation && a.outcome === b.outcome;
  return same && a.children.length === 0 && b.children.length === 0;
}

const NONE_BELOW = { count: 0, outcome: 'ok' as const };

function rowOf({ all, from, to, depth }: Pending, view: View): Row | undefined {
  const work = all[from];
  if (!work) return undefined;
  let [end, sum] = [-Infinity, 0];
  let found: Work | undefined;
  for (let at = from; at < to; at += 1) {
    const one = all[at] ?? work;
    end = Math.max(end, one.start + one.length);
    sum += one.length;
    if (!found && view.find !== '' && matches(one, view.find)) found = one;
  }
  const hasChildren = work.children.length > 0;
  const isOpen = hasChildren && !view.collapsed.has(work.id);
  const hidden = hasChildren && !isOpen ? below(work) : NONE_BELOW;
  return {
    key: work.id,
    work,
    depth,
    count: to - from,
    length: end - work.start,
    sum,
    isOpen,
    hasChildren,
    hiddenCount: hidden.count,
    hiddenOutcome: hidden.outcome,
    blame: blameOf(work),
    isMatch: found !== undefined,
    foundIn: found && placeOf(found, view.find),
  };
}

function below(work: Work): { count: number; outcome: Outcome } {
  let outcome: Outcome = 'ok';
  let count = 0;
  const stack = [...work.children];
  for (let next = stack.pop(); next; next = stack.pop()) {
    count += 1;
    outcome = worse(outcome, next.outcome);
    for (const child of next.children) stack.push(child);
  }
  return { count, outcome };
}

function withCallers(works: ReadonlySet<Work>): Set<Work> {
  const shown = new Set<Work>();
  for (const work of works) {
    for (let at: Work | undefined = work; at && !shown.has(at); at = at.parent) shown.add(at);
  }
  return shown;
}

/** Where a text was found. */
export type Place = 'name' | 'sql' | 'exceptions' | 'annotations' | 'metadata' | 'other';

const texts = new WeakMap<Work, string>();

/** Returns everything that can be found in a work: its name, and all keys and values that are its own. */
function textOf(work: Work): string {
  let text = texts.get(work);
  if (text === undefined) {
    const { subsegments: _, ...own } = work.document;
    text = `${work.name} ${work.operation} ${JSON.stringify(own)}`.toLowerCase();
    texts.set(work, text);
  }
  return text;
}

/** Returns whether the text is in the name, or in any key or value of the document itself. */
export function matches(work: Work, find: string): boolean {
  return textOf(work).includes(find.toLowerCase());
}

/** Returns where in the work the text is; nothing when it is nowhere. */
export function placeOf(work: Work, find: string): Place | undefined {
  if (!matches(work, find)) return undefined;
  const needle = find.toLowerCase();
  if (`${work.name} ${work.operation}`.toLowerCase().includes(needle)) return 'name';
  const { sql, cause, annotations, metadata } = work.document;
  const parts = { sql, exceptions: cause, annotations, metadata } as const;
  for (const [place, value] of Object.entries(parts)) {
    if (value !== undefined && JSON.stringify(value).toLowerCase().includes(needle))
      return place as Place;
  }
  return 'other';
}
