// Two traces as one tree: what is in both stands in one row, and how much longer it took in A.
import type { Milliseconds } from '../lib/units.ts';
import { selfTime } from './blame.ts';
import { templateOf } from './document.ts';
import { worse } from './status.ts';
import type { Outcome } from './status.ts';
import type { Trace, Work } from './tree.ts';

/** Equal siblings beyond this are one row. */
const FOLD_MIN = 5;

/** What one trace has of a row. */
export interface Side {
  works: readonly Work[];
  start: Milliseconds;
  /** From the first start to the last end. */
  length: Milliseconds;
  self: Milliseconds;
  outcome: Outcome;
}

/** A row of both. */
export interface Pair {
  key: string;
  name: string;
  operation: string;
  service: string;
  depth: number;
  a: Side | undefined;
  b: Side | undefined;
  hasChildren: boolean;
}

type Group = readonly Work[];
interface Pending {
  key: string;
  depth: number;
  a: Group;
  b: Group;
}

/** Returns the rows from the top down; `collapsed` has keys whose rows below are left out. */
export function pairsOf(a: Trace, b: Trace, collapsed: ReadonlySet<string> = new Set()): Pair[] {
  const rows: Pair[] = [];
  const stack = matched(a.roots, b.roots, '', 0).reverse();
  for (let top = stack.pop(); top; top = stack.pop()) {
    const row = rowOf(top);
    if (!row) continue;
    rows.push(row);
    if (collapsed.has(row.key)) continue;
    const below = (works: Group) => works.flatMap((work) => work.children);
    stack.push(...matched(below(top.a), below(top.b), top.key, top.depth + 1).reverse());
  }
  return rows;
}

function rowOf({ key, depth, a, b }: Pending): Pair | undefined {
  const first = a[0] ?? b[0];
  if (!first) return undefined;
  return {
    key,
    depth,
    name: first.name,
    operation: first.operation,
    service: first.service,
    a: sideOf(a),
    b: sideOf(b),
    hasChildren: [...a, ...b].some((work) => work.children.length > 0),
  };
}

function sideOf(works: Group): Side | undefined {
  if (works.length === 0) return undefined;
  const start = Math.min(...works.map((work) => work.start));
  return {
    works,
    start,
    length: Math.max(...works.map((work) => work.start + work.length)) - start,
    self: works.reduce((sum, work) => sum + selfTime(work), 0),
    outcome: works.reduce<Outcome>((worst, work) => worse(worst, work.outcome), 'ok'),
  };
}

/** Returns what is the same in two traces whatever ids it was about. */
function sameness({ name, operation, isInferred, kind }: Work): string {
  const [method = '', path] = operation.split(' ');
  const said = path?.startsWith('/') ? `${method} ${templateOf(path)}` : operation;
  return `${kind === 'segment' && !isInferred ? 'segment' : 'part'} ${name} ${said}`;
}

/** Pairs siblings: the first of its kind with the first, and so on; many of a kind all together. */
function matched(a: Group, b: Group, above: string, depth: number): Pending[] {
  const kinds = new Map<string, { a: Work[]; b: Work[] }>();
  for (const [side, works] of [
    ['a', a],
    ['b', b],
  ] as const) {
    for (const work of works) {
      const kind = sameness(work);
      const both = kinds.get(kind) ?? { a: [], b: [] };
      both[side].push(work);
      kinds.set(kind, both);
    }
  }
  const found = [...kinds].flatMap(([kind, both]): Pending[] => {
    const key = `${above}/${kind}`;
    const count = Math.max(both.a.length, both.b.length);
    if (count > FOLD_MIN) return [{ key, depth, ...both }];
    return Array.from({ length: count }, (_, index) => ({
      key: index === 0 ? key : `${key}#${index}`,
      depth,
      a: both.a.slice(index, index + 1),
      b: both.b.slice(index, index + 1),
    }));
  });
  const start = ({ a: [x], b: [y] }: Pending) => x?.start ?? y?.start ?? 0;
  return found.sort((x, y) => start(x) - start(y));
}

/** A name whose own time differs. */
export interface Part {
  name: string;
  service: string;
  delta: Milliseconds;
}

/** What is said of two traces in one line. */
export interface Headline {
  /** How much longer A took. */
  delta: Milliseconds;
  /** Where the difference arose, largest first. */
  parts: readonly Part[];
}

/** Parts smaller than this share of the largest are not worth a word. */
const PART_MIN = 0.1;
const PARTS_MAX = 3;

/** Returns by how much the traces differ, and whose own time makes the difference. */
export function headlineOf(a: Trace, b: Trace): Headline {
  const parts = new Map<string, Part>();
  for (const { name, service, ...pair } of pairsOf(a, b)) {
    const key = JSON.stringify([service, name]);
    const before = parts.get(key)?.delta ?? 0;
    const delta = before + (pair.a?.self ?? 0) - (pair.b?.self ?? 0);
    parts.set(key, { name, service, delta });
  }
  const largest = [...parts.values()].sort((x, y) => Math.abs(y.delta) - Math.abs(x.delta));
  const least = Math.abs(largest[0]?.delta ?? 0) * PART_MIN;
  return {
    delta: a.length - b.length,
    parts: largest
      .filter(({ delta }) => delta !== 0 && Math.abs(delta) >= least)
      .slice(0, PARTS_MAX),
  };
}
