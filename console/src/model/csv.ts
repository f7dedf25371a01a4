// Rows as comma-separated values that a spreadsheet opens as text and numbers, never as formulas.
import type { TraceRow } from './traces.ts';
import { annotationOf } from './traces.ts';

type Cell = string | number | boolean | null | undefined;

/** Returns a cell; text that a spreadsheet would calculate is kept from it by an apostrophe. */
export function cellOf(value: Cell): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'string') return String(value);
  const safe = /^[\s]*[=+\-@\t\r|]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}

export function lineOf(cells: readonly Cell[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`;
}

const millis = (micros: number | null) => (micros === null ? null : micros / 1e3);

const VALUES: Record<string, (row: TraceRow) => Cell> = {
  id: (row) => row.id,
  start: (row) => new Date(row.start / 1e3).toISOString(),
  response_time_ms: (row) => millis(row.responseTime),
  duration_ms: (row) => millis(row.duration),
  status: (row) => row.status,
  has_fault: (row) => row.hasFault,
  has_error: (row) => row.hasError,
  has_throttle: (row) => row.hasThrottle,
  is_partial: (row) => row.isPartial,
  http_status: (row) => row.httpStatus,
  method: (row) => row.method,
  url: (row) => row.url,
  client_ip: (row) => row.clientIp,
  user_agent: (row) => row.userAgent,
  service: (row) => row.entry?.name,
  service_type: (row) => row.entry?.type,
  users: (row) => row.users.join(' '),
  nodes: (row) => row.nodes,
  cause_service: (row) => row.cause?.service.name,
  cause_exception: (row) => row.cause?.exception,
  cause_message: (row) => row.cause?.message,
};

/** Returns the values of an annotation as one text. */
export function annotationText(row: TraceRow, key: string): string {
  return (row.annotations[key] ?? []).map(String).join(', ');
}

/** Returns the head of the table: everything that rows have, and the annotations that are shown. */
export function headOf(columns: readonly string[]): string {
  const keys = columns.flatMap((name) => annotationOf(name) ?? []);
  return lineOf([...Object.keys(VALUES), ...keys.map((key) => `annotation.${key}`)]);
}

/** Returns the line of one trace, below that head. */
export function csvOf(row: TraceRow, columns: readonly string[]): string {
  const keys = columns.flatMap((name) => annotationOf(name) ?? []);
  const own = Object.values(VALUES).map((value) => value(row));
  const annotated = keys.map((key) => {
    const [only, ...more] = row.annotations[key] ?? [];
    // One number stays a number to a spreadsheet.
    const isPlain = more.length === 0 && (typeof only === 'number' || typeof only === 'boolean');
    return isPlain ? only : annotationText(row, key);
  });
  return lineOf([...own, ...annotated]);
}
