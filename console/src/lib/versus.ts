// Which window another is compared with: the one before, the same time so long ago, or any.
import { formatLength, formatRange, parseLength, parseRange } from './range.ts';
import type { Window } from './range.ts';
import type { Param } from './search.ts';
import { readRange } from './typed.ts';
import type { EpochMs } from './units.ts';

/** What is offered: none, the window before, one day and one week ago. */
export const VERSUS = ['', 'prev', '1d', '7d'] as const;

const MINUTE = 6e4;

/** As it stands in an address: a word, how long ago (`3h`), or a window as of a time range. */
export const versus: Param<string> = {
  read: (text) => (thenOf(text, { from: 0, to: 1 }) || text === '' ? text : undefined),
  write: (text) => text,
  fallback: '',
};

/** Returns whether it is one of those that are offered. */
export function isOffered(text: string): text is (typeof VERSUS)[number] {
  return (VERSUS as readonly string[]).includes(text);
}

/** Returns the window that `window` is compared with; `undefined` for none. */
export function thenOf(text: string, { from, to }: Window): Window | undefined {
  const back = text === 'prev' ? to - from : parseLength(text);
  if (back !== undefined) {
    // To the minute, so that a live map does not ask for another window each time.
    const at = (time: number) => Math.floor((time - back) / MINUTE) * MINUTE;
    return { from: at(from), to: at(to) };
  }
  const range = parseRange(text);
  return range?.kind === 'between' ? { from: range.from, to: range.to } : undefined;
}

/** Reads what a person typed, such as `3d` or `yesterday 14:00-15:00`, into the form of an address. */
export function readVersus(typed: string, now: EpochMs, zone?: string): string | undefined {
  const range = readRange(typed, now, zone);
  if (!range) return undefined;
  return range.kind === 'last' ? formatLength(range.length) : formatRange(range);
}
