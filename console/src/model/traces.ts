// Traces in a list: their rows, in which order, by what they are grouped, which columns are shown.
import type { Param } from '../lib/search.ts';
import { and } from './filter.ts';
import { OUTCOMES } from './status.ts';
import type { Outcome } from './status.ts';

/** A service as the graph names it. */
export interface NodeName {
  name: string;
  type?: string | undefined;
}

/** One trace as the server has it in a list; times in microseconds. */
export interface TraceRow {
  id: string;
  start: number;
  duration: number | null;
  responseTime: number | null;
  /** Of the root segment. */
  status: Outcome;
  hasFault: boolean;
  hasError: boolean;
  hasThrottle: boolean;
  isPartial: boolean;
  method: string | null;
  url: string | null;
  httpStatus: number | null;
  clientIp: string | null;
  userAgent: string | null;
  entry: NodeName | null;
  users: string[];
  /** Texts, numbers and truths, by their keys. */
  annotations: Record<string, unknown[]>;
  cause: { service: NodeName; exception: string | null; message: string | null } | null;
  nodes: number;
}

export interface SearchEnd {
  total: number;
  scanned: number;
  exact: boolean;
  cursor: string | null;
  unreadableBlocks: number;
}

/** Counts and times of many traces; times in microseconds. */
export interface Measures extends Record<Outcome, number> {
  traces: number;
  average: number | null;
  p95: number | null;
}

export interface Group {
  key: string;
  /** The term that picks these traces; empty when none can. */
  filter: string;
  measures: Measures;
  previous: Measures | null;
}

export interface Aggregate {
  total: Measures;
  none: Measures;
  groups: Group[];
  others: { groups: number; measures: Measures };
  exact: boolean;
}

/** The worst of what is known of a trace: a fault anywhere in it shows. */
export function outcomeOfRow({ status, hasFault, hasThrottle, hasError }: TraceRow): Outcome {
  if (status !== 'ok') return status;
  if (hasFault) return 'fault';
  if (hasThrottle) return 'throttle';
  return hasError ? 'error' : 'ok';
}

export const SORTS = ['newest', 'oldest', 'slowest', 'fastest', 'longest', 'shortest'] as const;
export type Sort = (typeof SORTS)[number];

const ORDERS = {
  newest: { by: 'start', isDescending: true },
  oldest: { by: 'start', isDescending: false },
  slowest: { by: 'responseTime', isDescending: true },
  fastest: { by: 'responseTime', isDescending: false },
  longest: { by: 'duration', isDescending: true },
  shortest: { by: 'duration', isDescending: false },
} as const;

export function orderOf(sort: Sort) {
  return ORDERS[sort];
}

/** By what traces can be grouped, beside the keys of annotations. */
export const GROUPINGS = [
  'url', 'rawUrl', 'entry', 'service', 'edge', 'method', 'status', 'user', 'clientIp', 'userAgent',
  'cause', 'exception', 'faultPath', 'errorPath', 'slowPath', 'zone', 'instance', 'arn',
] as const; // prettier-ignore

const ANNOTATION = 'annotation:';

/** The grouping in an address: a word of the list, or `annotation:KEY`. */
export const grouping: Param<string> = {
  read: isGrouping,
  write: (by) => by,
  fallback: 'url',
};

function isGrouping(text: string): string | undefined {
  if ((GROUPINGS as readonly string[]).includes(text)) return text;
  return text.startsWith(ANNOTATION) && text !== ANNOTATION ? text : undefined;
}

/** Returns the key of the annotation that a grouping or a column is of. */
export function annotationOf(name: string): string | undefined {
  const rest = name.replace(/^annotation[:.]/, '');
  return rest === name ? undefined : rest;
}

/** Returns the expression that lets only these outcomes through; all and none of them let all through. */
export function ofOutcomes(outcomes: readonly Outcome[]): string {
  return outcomes.length === 0 || outcomes.length === OUTCOMES.length ? '' : outcomes.join(' OR ');
}

/** Returns the expression with traces of a term left out. */
export function without(expression: string, term: string): string {
  return and(expression, `!(${term})`);
}

/** How a column is laid out. */
interface Column {
  width: string;
  isNumber?: boolean;
  /** How the list is sorted by a click on its head, and by a second one. */
  sorts?: readonly [Sort, Sort];
}

export const COLUMNS: Record<string, Column> = {
  status: { width: '132px' },
  id: { width: '164px' },
  started: { width: '112px', sorts: ['newest', 'oldest'] },
  time: { width: '172px', sorts: ['newest', 'oldest'] },
  response: { width: '88px', isNumber: true, sorts: ['slowest', 'fastest'] },
  duration: { width: '88px', isNumber: true, sorts: ['longest', 'shortest'] },
  request: { width: 'minmax(180px, 2fr)' },
  entry: { width: 'minmax(96px, 1fr)' },
  user: { width: 'minmax(72px, 0.7fr)' },
  client: { width: '124px' },
  agent: { width: 'minmax(120px, 1fr)' },
  annotations: { width: 'minmax(140px, 1.4fr)' },
  cause: { width: 'minmax(120px, 1.4fr)' },
  nodes: { width: '72px', isNumber: true },
};

export const DEFAULT_COLUMNS: readonly string[] = [
  'status', 'id', 'started', 'response', 'request', 'entry', 'user', 'cause',
]; // prettier-ignore

const OF_ANNOTATION: Column = { width: 'minmax(100px, 1fr)' };

export function columnOf(name: string): Column {
  return COLUMNS[name] ?? OF_ANNOTATION;
}

/** Returns whether there is such a column: one of the table, or `annotation.KEY`. */
export function isColumn(name: string): boolean {
  return Object.hasOwn(COLUMNS, name) || (annotationOf(name) ?? '') !== '';
}

/** Returns the columns as a grid has them. */
export function gridOf(columns: readonly string[]): string {
  return columns.map((name) => columnOf(name).width).join(' ');
}

/** Returns the columns with one shown or hidden; those of the table keep its order. */
export function toggled(columns: readonly string[], name: string): string[] {
  const next = columns.includes(name) ? columns.filter((one) => one !== name) : [...columns, name];
  const known = Object.keys(COLUMNS).filter((one) => next.includes(one));
  return [...known, ...next.filter((one) => !Object.hasOwn(COLUMNS, one))];
}

/** What is left of the columns where there is little room: the first that say most. */
const ROOM: Record<'small' | 'tiny', readonly string[]> = {
  small: ['status', 'id', 'started', 'response', 'request', 'entry'],
  tiny: ['status', 'response', 'request'],
};

/** Returns the columns that fit the room. */
export function fitting(
  columns: readonly string[],
  room: 'large' | 'small' | 'tiny',
): readonly string[] {
  if (room === 'large') return columns;
  const fit = columns.filter((name) => ROOM[room].includes(name));
  return fit.length > 0 ? fit : columns.slice(0, 3);
}
