// The time range of a page: `1h` (the last hour) or `2026-11-20T08:00Z~2026-11-20T09:00Z`.
//
// `parseRange` reads the form of the URL alone; `readRange` also takes what people type and paste.
import type { EpochMs, Milliseconds } from './units.ts';

/** A range that ends now, or one with two ends. */
export type TimeRange =
  { kind: 'last'; length: Milliseconds } | { kind: 'between'; from: EpochMs; to: EpochMs };

/** A range on the clock; `from` is before `to`. */
export interface Window {
  from: EpochMs;
  to: EpochMs;
}

const UNIT: Record<string, Milliseconds> = { s: 1e3, m: 6e4, h: 36e5, d: 864e5, w: 6048e5 };
const MAX: Milliseconds = 366 * 864e5;

/** What the picker offers. */
export const CHIPS = ['5m', '15m', '30m', '1h', '3h', '6h', '12h', '1d', '3d', '7d'] as const;

export const DEFAULT_RANGE: TimeRange = { kind: 'last', length: 36e5 };

/** Returns the length that `90m` or `2h` names, if it names one. */
export function parseLength(text: string): Milliseconds | undefined {
  const match = /^(\d{1,7})\s*([smhdw])$/.exec(text.trim());
  const unit = match?.[2] === undefined ? undefined : UNIT[match[2]];
  if (!match || unit === undefined) return undefined;
  const length = Number(match[1]) * unit;
  return length > 0 && length <= MAX ? length : undefined;
}

/** Returns a length in its largest whole unit: `90m`, `2h`, `1d`. */
export function formatLength(length: Milliseconds): string {
  for (const unit of ['d', 'h', 'm'] as const) {
    const size = UNIT[unit] ?? 1;
    if (length >= size && length % size === 0) return `${length / size}${unit}`;
  }
  return `${Math.max(1, Math.round(length / 1e3))}s`;
}

/** Reads the form that stands in a URL. */
export function parseRange(text: string): TimeRange | undefined {
  const length = parseLength(text);
  if (length !== undefined) return { kind: 'last', length };
  const [from, to, ...more] = text.split('~').map(parseInstant);
  if (from === undefined || to === undefined || more.length > 0) return undefined;
  return from < to ? { kind: 'between', from, to } : undefined;
}

/** Writes the form that stands in a URL. */
export function formatRange(range: TimeRange): string {
  if (range.kind === 'last') return formatLength(range.length);
  return `${formatInstant(range.from)}~${formatInstant(range.to)}`;
}

/** Reads ISO 8601, epoch seconds or epoch milliseconds. */
function parseInstant(text: string): EpochMs | undefined {
  const word = text.trim();
  if (/^\d{9,10}(\.\d+)?$/.test(word)) return Number(word) * 1e3;
  if (/^\d{12,13}$/.test(word)) return Number(word);
  if (!/^\d{4}-\d\d-\d\d/.test(word)) return undefined;
  // Without a zone it is UTC here: a link must mean the same everywhere.
  const zoned = /(Z|[+-]\d\d:?\d\d)$/.test(word) || word.length <= 10 ? word : `${word}Z`;
  const at = Date.parse(zoned.replace(' ', 'T'));
  return Number.isNaN(at) ? undefined : at;
}

function formatInstant(at: EpochMs): string {
  return new Date(at).toISOString().replace(/(:00)?\.000Z$/, 'Z');
}

/** Reads what people type: `90m`, `now-2h..now-1h`, `yesterday`, `14:00-14:20`, ISO, epoch times. */
export function readRange(text: string, now: EpochMs): TimeRange | undefined {
  const word = text.trim();
  const known = parseRange(word) ?? parseLast(word);
  if (known) return known;
  if (word === 'yesterday' || word === 'today') return day(now, word === 'today' ? 0 : -1);
  return parseNow(word, now) ?? parseClock(word, now) ?? around(word);
}

function parseLast(word: string): TimeRange | undefined {
  const length = parseLength(word.replace(/^(last\s+|now-)/, ''));
  return length === undefined ? undefined : { kind: 'last', length };
}

function parseNow(word: string, now: EpochMs): TimeRange | undefined {
  const match = /^now-(\w+)\s*\.\.\s*now(?:-(\w+))?$/.exec(word);
  const before = parseLength(match?.[1] ?? '');
  if (!match || before === undefined) return undefined;
  if (match[2] === undefined) return { kind: 'last', length: before };
  const after = parseLength(match[2]);
  if (after === undefined || after >= before) return undefined;
  return { kind: 'between', from: now - before, to: now - after };
}

function parseClock(word: string, now: EpochMs): TimeRange | undefined {
  const match = /^(\d{1,2}):(\d\d)\s*-\s*(\d{1,2}):(\d\d)$/.exec(word);
  if (!match) return undefined;
  const [, fromHour, fromMinute, toHour, toMinute] = match.map(Number) as number[];
  const at = (hour = 0, minute = 0) => new Date(now).setHours(hour, minute, 0, 0);
  const from = at(fromHour, fromMinute);
  const to = at(toHour, toMinute);
  return from < to ? { kind: 'between', from, to } : undefined;
}

/** Returns five minutes either side of one instant. */
function around(word: string): TimeRange | undefined {
  const at = parseInstant(word);
  return at === undefined ? undefined : { kind: 'between', from: at - 3e5, to: at + 3e5 };
}

function day(now: EpochMs, offset: number): TimeRange {
  const date = new Date(now);
  const from = new Date(date.getFullYear(), date.getMonth(), date.getDate() + offset).getTime();
  const to = new Date(date.getFullYear(), date.getMonth(), date.getDate() + offset + 1).getTime();
  return { kind: 'between', from, to };
}

/** Returns the range on the clock. */
export function windowOf(range: TimeRange, now: EpochMs): Window {
  if (range.kind === 'between') return { from: range.from, to: range.to };
  return { from: now - range.length, to: now };
}

/** Returns the range one length earlier (-1) or later (1), but not after now. */
export function shift(range: TimeRange, steps: -1 | 1, now: EpochMs): TimeRange {
  const { from, to } = windowOf(range, now);
  const length = to - from;
  const next = { kind: 'between' as const, from: from + steps * length, to: to + steps * length };
  return next.to >= now ? { kind: 'last', length } : next;
}
