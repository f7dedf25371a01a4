// The services of a map as rows: columns, order, and the text of a file.
import { averageOf, percentileOf, shareOf } from './graph.ts';
import type { Graph, Node } from './graph.ts';

export interface Row {
  node: Node;
  callers: number;
  callees: number;
}

interface Definition {
  isNumber: boolean;
  read: (row: Row) => string | number;
}

const number = (read: (row: Row) => number): Definition => ({ isNumber: true, read });

/** Times are in milliseconds, shares from 0 to 1. */
export const COLUMNS = {
  service: { isNumber: false, read: ({ node }) => node.name },
  type: { isNumber: false, read: ({ node }) => node.type },
  requests: number(({ node }) => node.stats.total),
  average: number(({ node }) => averageOf(node.stats)),
  p50: number(({ node }) => percentileOf(node, 0.5) ?? 0),
  p95: number(({ node }) => percentileOf(node, 0.95) ?? 0),
  p99: number(({ node }) => percentileOf(node, 0.99) ?? 0),
  faults: number(({ node }) => shareOf(node.stats, 'fault')),
  errors: number(({ node }) => shareOf(node.stats, 'error')),
  throttles: number(({ node }) => shareOf(node.stats, 'throttle')),
  callers: number(({ callers }) => callers),
  callees: number(({ callees }) => callees),
} as const satisfies Record<string, Definition>;
export type Column = keyof typeof COLUMNS;

export interface Sort {
  column: Column;
  isDown: boolean;
}

const DEFAULT: Sort = { column: 'faults', isDown: true };

/** Reads `p95` or `-p95`, largest first. */
export function readSort(text: string): Sort {
  const column = text.replace(/^-/, '');
  return column in COLUMNS ? { column: column as Column, isDown: text.startsWith('-') } : DEFAULT;
}

export function writeSort({ column, isDown }: Sort): string {
  return column === DEFAULT.column && isDown ? '' : `${isDown ? '-' : ''}${column}`;
}

/** Returns the rows in order; only those of `keys`, when there are any. */
export function sortedRows(graph: Graph, sort: Sort, keys?: ReadonlySet<string>): Row[] {
  const callers = new Map<string, number>();
  const callees = new Map<string, number>();
  for (const { from, to } of graph.edges) {
    callers.set(to, (callers.get(to) ?? 0) + 1);
    callees.set(from, (callees.get(from) ?? 0) + 1);
  }
  const { read } = COLUMNS[sort.column] as Definition;
  const way = sort.isDown ? -1 : 1;
  return graph.nodes
    .filter((node) => !keys || keys.has(node.key))
    .map((node) => ({
      node,
      callers: callers.get(node.key) ?? 0,
      callees: callees.get(node.key) ?? 0,
    }))
    .sort(
      (a, b) =>
        way * compare(read(a), read(b)) ||
        b.node.stats.total - a.node.stats.total ||
        (a.node.key < b.node.key ? -1 : 1),
    );
}

function compare(a: string | number, b: string | number): number {
  return typeof a === 'string' ? a.localeCompare(String(b)) : a - Number(b);
}

/** Returns the rows as a file of values with commas between; times in milliseconds. */
export function csvOf(rows: readonly Row[]): string {
  const columns = Object.keys(COLUMNS) as Column[];
  const lines = rows.map((row) =>
    columns.map((column) => cell(COLUMNS[column].read(row))).join(','),
  );
  return [columns.join(','), ...lines, ''].join('\r\n');
}

/** A cell that a table program would take for a formula is made text. */
function cell(value: string | number): string {
  if (typeof value === 'number') return String(Number(value.toPrecision(6)));
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Returns the graph for programs: services and calls with their counts. */
export function jsonOf(graph: Graph): string {
  // Of response times there are many; who wants them asks the API.
  const plain = (name: string, value: unknown) => (name === 'responseTimes' ? undefined : value);
  return `${JSON.stringify(graph, plain, 2)}\n`;
}
