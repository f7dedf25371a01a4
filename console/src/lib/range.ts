// The time range of a page: `1h` (the last hour) or `2026-11-20T08:00Z~2026-11-20T09:00Z`.
//
// What people type and paste is read by `typed.ts`.
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

/** Returns the range with twice the length about the same middle, but not past now. */
export function widen(range: TimeRange, now: EpochMs): TimeRange {
  const { from, to } = windowOf(range, now);
  const length = Math.min((to - from) * 2, MAX);
  if (range.kind === 'last') return { kind: 'last', length };
  const end = Math.min(now, (from + to) / 2 + length / 2);
  return { kind: 'between', from: end - length, to: end };
}

/** Returns the same range with two ends, for a link that means the same later. */
export function fixed(range: TimeRange, now: EpochMs): TimeRange {
  return { kind: 'between', ...windowOf(range, now) };
}
