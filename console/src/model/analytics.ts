// Two sets of traces, A and B, out of those that were retrieved: what is asked, what comes back line
// by line, and what is said of the difference.
import type { Window } from '../lib/range.ts';
import type { EpochMs, Milliseconds, Seconds, UnitShare } from '../lib/units.ts';
import { and } from './filter.ts';
import type { Aggregate } from './traces.ts';

/** One of the two sets, as a person chose it. */
export interface SetChoice {
  /** A filter expression. */
  text: string;
  /** Response times that were brushed: the lower end belongs to it, the upper does not. */
  span: readonly [Seconds, Seconds] | null;
  /** When its traces began. */
  window: Window | null;
}

export function isChosen(set: SetChoice): boolean {
  return set.text !== '' || set.span !== null || set.window !== null;
}

/** Returns the brushed times as a filter expression. */
export function spanText(span: SetChoice['span']): string {
  return span === null ? '' : `responsetime >= ${span[0]} AND responsetime < ${span[1]}`;
}

/** Returns what a trace of the set fits; its window comes on top. */
export function expressionOf(set: SetChoice): string {
  return and(set.text, spanText(set.span));
}

/** Returns the expression without one of its parts. */
export function without(terms: readonly string[], index: number): string {
  return and(...terms.filter((_, at) => at !== index));
}

/** What is known of the times of a set. */
export interface Measures {
  traces: number;
  ok: number;
  error: number;
  throttle: number;
  fault: number;
  average: Milliseconds | null;
  p50: Milliseconds | null;
  p95: Milliseconds | null;
  p99: Milliseconds | null;
}

/** Counts of all, of A and of B in the same steps; B is absent when it was not asked for. */
export interface Counts {
  all: number[];
  a: number[];
  b: number[] | null;
}
export interface Distribution extends Counts {
  /** One more than counts. */
  edges: Milliseconds[];
}
export interface Activity extends Counts {
  edges: EpochMs[];
}
export interface Heatmap {
  times: EpochMs[];
  edges: Milliseconds[];
  /** By time, then by response time. */
  all: number[][];
  a: number[][];
}

/** How many traces of each set have one value. */
export interface TableRow {
  key: string;
  /** The expression that picks them; empty when none can. */
  filter: string;
  all: number;
  a: number;
  b: number | null;
}
export interface Table {
  by: string;
  rows: TableRow[];
  others: { groups: number } & Omit<TableRow, 'key' | 'filter'>;
  /** Traces without such a value. */
  none: Omit<TableRow, 'key' | 'filter'>;
}

/** Values that have a text in them. */
export type Found = Pick<Table, 'rows' | 'others'>;

/** Returns the values found among all traces, with how often each is in A and in B; where nothing is
 * asked of A, all are in it. */
export function foundRows(
  all: Aggregate | null,
  ofA: Aggregate | null,
  ofB: Aggregate | null,
): Found {
  const counts = (of: Aggregate | null) =>
    new Map(of?.groups.map((one) => [one.key, one.measures.traces]));
  const [inA, inB] = [counts(ofA ?? all), counts(ofB)];
  const rows = (all?.groups ?? []).map(({ key, filter, measures }) => ({
    key,
    filter,
    all: measures.traces,
    a: inA.get(key) ?? 0,
    b: ofB && (inB.get(key) ?? 0),
  }));
  const shown = new Set(rows.map((row) => row.key));
  const beyond = (of: Aggregate | null) =>
    (of?.groups ?? []).reduce(
      (sum, one) => sum + (shown.has(one.key) ? 0 : one.measures.traces),
      of?.others.measures.traces ?? 0,
    );
  const others = {
    groups: all?.others.groups ?? 0,
    all: beyond(all),
    a: beyond(ofA ?? all),
    b: ofB && beyond(ofB),
  };
  return { rows, others };
}

/** A value that is more or less frequent in A than in the rest, or than in B. */
export interface Difference {
  by: string;
  key: string;
  filter: string;
  a: number;
  aTotal: number;
  rest: number;
  restTotal: number;
  pValue: number;
}

/** What has come back so far. */
export interface Analysis {
  /** `of` is null when nobody knows. */
  progress: { done: number; of: number | null } | null;
  sets: { retrieved: Measures; a: Measures; b: Measures | null } | null;
  distribution: Distribution | null;
  activity: Activity | null;
  heatmap: Heatmap | null;
  tables: readonly Table[];
  differences: readonly Difference[] | null;
  end: { scanned: number; exact: boolean } | null;
}

export const NOTHING_YET: Analysis = {
  progress: null,
  sets: null,
  distribution: null,
  activity: null,
  heatmap: null,
  tables: [],
  differences: null,
  end: null,
};

type Micros = number;
/** Measures as the server has them: in microseconds. */
export type RawMeasures = Measures;
/** A line of the answer; exactly one of these is there. */
export interface Line {
  progress?: { done: number; of: number | null };
  sets?: { retrieved: RawMeasures; a: RawMeasures; b?: RawMeasures | null };
  distribution?: { edges: Micros[]; all: number[]; a: number[]; b?: number[] | null };
  activity?: { start: Micros; width: Micros; all: number[]; a: number[]; b?: number[] | null };
  heatmap?: { start: Micros; width: Micros; edges: Micros[]; all: number[][]; a: number[][] };
  table?: Table;
  differences?: Difference[];
  end?: { scanned: number; exact: boolean };
}

/** Returns the analysis with one more line in it; lines that are not known change nothing. */
export function withLine(before: Analysis, line: Line): Analysis {
  if (line.progress) return { ...before, progress: line.progress };
  if (line.sets) {
    const { retrieved, a, b } = line.sets;
    return { ...before, sets: { retrieved: inMs(retrieved), a: inMs(a), b: b ? inMs(b) : null } };
  }
  if (line.distribution) {
    const { edges, all, a, b } = line.distribution;
    return { ...before, distribution: { ...rising(edges, { all, a, b: b ?? null }) } };
  }
  if (line.activity) {
    const { start, width, all, a, b } = line.activity;
    const edges = edgesOf(start, width, all.length);
    return { ...before, activity: { edges, all, a, b: b ?? null } };
  }
  if (line.heatmap) {
    const { start, width, edges, all, a } = line.heatmap;
    const times = edgesOf(start, width, all.length);
    return { ...before, heatmap: { times, edges: edges.map((one) => one / 1e3), all, a } };
  }
  if (line.table) return { ...before, tables: [...before.tables, line.table] };
  if (line.differences) return { ...before, differences: line.differences };
  return line.end ? { ...before, end: line.end, progress: null } : before;
}

function inMs(raw: RawMeasures): Measures {
  const ms = (micros: number | null) => (micros === null ? null : micros / 1e3);
  return {
    ...raw,
    average: ms(raw.average),
    p50: ms(raw.p50),
    p95: ms(raw.p95),
    p99: ms(raw.p99),
  };
}

function edgesOf(start: Micros, width: Micros, count: number): EpochMs[] {
  return Array.from({ length: count + 1 }, (_, index) => (start + index * width) / 1e3);
}

/** Returns the counts without bins of no width, which have no place on an axis. */
function rising(edges: readonly Micros[], counts: Counts): Distribution {
  const kept = edges.slice(1).flatMap((edge, index) => (edge > (edges[index] ?? 0) ? [index] : []));
  const pick = (list: readonly number[]) => kept.map((index) => list[index] ?? 0);
  const last = kept.at(-1);
  return {
    edges: [...kept, ...(last === undefined ? [] : [last + 1])].map((at) => (edges[at] ?? 0) / 1e3),
    all: pick(counts.all),
    a: pick(counts.a),
    b: counts.b && pick(counts.b),
  };
}

export function share(part: number, whole: number): UnitShare {
  return whole === 0 ? 0 : part / whole;
}

/** How many traces each share is of. */
export interface Totals {
  all: number;
  a: number;
  b: number | null;
}

/** Returns how much larger the share in A is than that in B, or than that in all others. */
export function deltaOf(row: Pick<TableRow, 'all' | 'a' | 'b'>, totals: Totals): UnitShare {
  const other =
    row.b !== null && totals.b !== null
      ? share(row.b, totals.b)
      : share(row.all - row.a, totals.all - totals.a);
  return share(row.a, totals.a) - other;
}

export const TABLE_SORTS = ['count', 'delta'] as const;
export type TableSort = (typeof TABLE_SORTS)[number];

export function sortedRows(
  rows: readonly TableRow[],
  sort: TableSort,
  totals: Totals,
): readonly TableRow[] {
  if (sort === 'count') return rows;
  const size = (row: TableRow) => Math.abs(deltaOf(row, totals));
  return [...rows].sort((x, y) => size(y) - size(x) || y.all - x.all);
}

export const RANKS = ['share', 'lift', 'support'] as const;
export type Rank = (typeof RANKS)[number];

const RANKING: Record<Rank, (one: Difference) => number> = {
  share: (one) => Math.abs(share(one.a, one.aTotal) - share(one.rest, one.restTotal)),
  // One is added so that a value which the rest lacks is not infinitely far ahead.
  lift: (one) => Math.abs(Math.log((one.a + 1) / one.aTotal / ((one.rest + 1) / one.restTotal))),
  support: (one) => one.a,
};

export function ranked(all: readonly Difference[], rank: Rank): readonly Difference[] {
  return [...all].sort((x, y) => RANKING[rank](y) - RANKING[rank](x) || (x.key < y.key ? -1 : 1));
}

const NONE: SetChoice = { text: '', span: null, window: null };

/** Two sets to begin with. */
export interface Preset {
  kind: 'faults' | 'slowest' | 'recent' | 'values';
  /** What it compares, for `values`. */
  names?: readonly [string, string, string];
  a: SetChoice;
  b: SetChoice;
}

const RECENT: Milliseconds = 9e5;

/** Returns the comparisons that make sense for what was retrieved. */
export function presetsOf(analysis: Analysis, window: Window): readonly Preset[] {
  const found: Preset[] = [
    { kind: 'faults', a: { ...NONE, text: 'fault' }, b: { ...NONE, text: 'ok' } },
  ];
  const p95 = analysis.sets?.retrieved.p95;
  if (p95) {
    const seconds = Number((p95 / 1e3).toPrecision(4));
    found.push({
      kind: 'slowest',
      a: { ...NONE, text: `responsetime >= ${seconds}` },
      b: { ...NONE, text: `responsetime < ${seconds}` },
    });
  }
  const middle = window.to - RECENT;
  if (middle > window.from) {
    found.push({
      kind: 'recent',
      a: { ...NONE, window: { from: middle, to: window.to } },
      b: { ...NONE, window: { from: window.from, to: middle } },
    });
  }
  for (const table of analysis.tables) {
    const [first, second] = table.rows;
    if (!table.by.startsWith('annotation:') || !first?.filter || !second?.filter) continue;
    found.push({
      kind: 'values',
      names: [table.by.slice('annotation:'.length), first.key, second.key],
      a: { ...NONE, text: first.filter },
      b: { ...NONE, text: second.filter },
    });
  }
  return found;
}

/** Values with fewer traces on both sides say nothing. */
const SUPPORT_MIN = 5;
/** How likely chance alone may make any of the differences that are told. */
const P_MAX = 0.01;

/** Returns the values of the tables whose shares of A and of B differ by more than chance makes them. */
export function differencesToB(tables: readonly Table[], totals: Totals): readonly Difference[] {
  const [aTotal, restTotal] = [totals.a, totals.b ?? 0];
  if (aTotal === 0 || restTotal === 0) return [];
  const all = tables.flatMap(({ by, rows }) =>
    rows.flatMap(({ key, filter, a, b }): Difference[] => {
      const rest = b ?? 0;
      if (Math.max(a, rest) < SUPPORT_MIN) return [];
      const pValue = chance(a, aTotal, rest, restTotal);
      return [{ by, key, filter, a, aTotal, rest, restTotal, pValue }];
    }),
  );
  // The more is looked at, the more looks strange.
  return all.filter((one) => one.pValue * all.length < P_MAX);
}

/** How likely two sets of one kind differ so much: the G-test of a table of two by two. */
export function chance(a: number, aTotal: number, rest: number, restTotal: number): number {
  const whole = aTotal + restTotal;
  const members = a + rest;
  const term = (observed: number, row: number, column: number) =>
    observed === 0 ? 0 : observed * Math.log((observed * whole) / (row * column));
  const g =
    2 *
    (term(a, members, aTotal) +
      term(aTotal - a, whole - members, aTotal) +
      term(rest, members, restTotal) +
      term(restTotal - rest, whole - members, restTotal));
  // Chi-squared with one degree of freedom is the square of a normal.
  return complement(Math.sqrt(Math.max(0, g) / 2));
}

/** The complement of the error function for what is not negative, to seven digits: a rational
 * Chebyshev fit of exp(x²) erfc(x). */
function complement(x: number): number {
  const t = 1 / (1 + x / 2);
  const fit = [
    -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398,
    1.48851587, -0.82215223, 0.17087277,
  ].reduceRight((sum, factor) => factor + t * sum, 0);
  return t * Math.exp(-x * x + fit);
}

const OF_NODES: readonly string[] = [
  'service', 'entry', 'cause', 'edge', 'faultPath', 'errorPath', 'slowPath',
]; // prettier-ignore

/** Returns a value as it is shown: nodes by their names, for their types are long. */
export function keyText(by: string, key: string): string {
  return OF_NODES.includes(by) ? key.replace(/~[^ ]+/g, '') : key;
}

/** Tables that are shown when none were chosen. */
export const DEFAULT_TABLES = [
  'url', 'status', 'cause', 'exception', 'faultPath', 'slowPath', 'service', 'user', 'entry', 'method',
  'clientIp', 'zone', 'instance',
] as const; // prettier-ignore
/** All that a table can be by, but annotations. */
export const TABLES = [
  'url', 'rawUrl', 'method', 'status', 'clientIp', 'userAgent', 'user', 'service', 'entry', 'edge', 'cause',
  'exception', 'faultPath', 'errorPath', 'slowPath', 'zone', 'instance', 'arn',
] as const; // prettier-ignore
