// Time ranges as people type and paste them: `90m`, `yesterday 14:00-14:20`, a line of a log.
//
// What has no zone of its own is read in the zone that is shown.
import { parseLength, parseRange } from './range.ts';
import type { TimeRange } from './range.ts';
import { epochOf, findTraceId } from './traceid.ts';
import type { EpochMs, Milliseconds } from './units.ts';
import { atWall, wallOf } from './zone.ts';
import type { Wall } from './zone.ts';

/** How much is shown on either side of one instant. */
const AROUND: Milliseconds = 3e5;
const DAY: Milliseconds = 864e5;

interface Reading {
  now: EpochMs;
  zone: string | undefined;
}

/** An instant, or a whole day. */
interface Span {
  from: EpochMs;
  to: EpochMs;
}

const DAYS = new Map([
  ['today', 0], ['yesterday', -1], ['오늘', 0], ['어제', -1], ['今日', 0], ['昨日', -1],
]); // prettier-ignore
const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');

/** Reads a range; `undefined` when the text says none. */
export function readRange(text: string, now: EpochMs, zone?: string): TimeRange | undefined {
  const word = text.trim();
  const reading = { now, zone };
  return (
    readLast(word) ??
    (/^[\d-]+T?[\d:.]*Z?~/.test(word) ? parseRange(word) : undefined) ??
    readTwo(word, reading) ??
    readOne(word, reading)
  );
}

/** Reads `90m`, `1h30m`, `last 2 h`, `now-2h`. */
function readLast(word: string): TimeRange | undefined {
  const length = readLength(word.replace(/^(last\s+|now\s*-\s*|-|최근\s*|過去\s*)/i, ''));
  return length === undefined ? undefined : { kind: 'last', length };
}

function readLength(word: string): Milliseconds | undefined {
  if (!/^(\d+\s*[smhdw]\s*)+$/i.test(word)) return undefined;
  const parts = [...word.toLowerCase().matchAll(/\d+\s*[smhdw]/g)].map(([part]) =>
    parseLength(part),
  );
  const sum = parts.reduce<number>((total, part) => total + (part ?? NaN), 0);
  return parseLength(`${Math.round(sum / 1e3)}s`);
}

/** Reads two ends with `..`, `~`, `to` or a dash between them. */
function readTwo(word: string, reading: Reading): TimeRange | undefined {
  for (const pattern of [
    /\s*\.\.\s*/,
    /\s*~\s*/,
    /\s+to\s+/i,
    /\s+[-–—]\s+/,
    /\s*[–—]\s*/,
    /(?<=:\d\d)-(?=\d\d?:)/,
  ]) {
    const [left, right, ...more] = word.split(pattern);
    if (left === undefined || right === undefined || more.length > 0) continue;
    const range = between(left, right, reading);
    if (range) return range;
  }
  return undefined;
}

function between(left: string, right: string, reading: Reading): TimeRange | undefined {
  const start = spanOf(left, reading);
  if (!start) return undefined;
  if (right === 'now') {
    const length = readLength(left.replace(/^now\s*-\s*/, ''));
    return length === undefined ? ordered(start.from, reading.now) : { kind: 'last', length };
  }
  // An end without a day is on the day of the start.
  const onDay = { ...reading, now: start.from };
  const end = clockOf(right) ? spanOf(right, onDay) : spanOf(right, reading);
  if (!end) return undefined;
  // Twenty past two is yesterday's while today's is still to come.
  const isAhead = clockOf(left) !== undefined && start.from > reading.now;
  return ordered(start.from - (isAhead ? DAY : 0), end.to - (isAhead ? DAY : 0));
}

function ordered(from: EpochMs, to: EpochMs): TimeRange | undefined {
  return from < to ? { kind: 'between', from, to } : undefined;
}

/** Reads one instant and shows what is around it; a day is shown whole. */
function readOne(word: string, reading: Reading): TimeRange | undefined {
  const id = findTraceId(word);
  const began = id === undefined ? undefined : epochOf(id);
  if (began !== undefined) return around(began * 1e3);
  // Two ends that make no range are no instant either.
  const span = spanOf(word, reading) ?? (/~|\.\./.test(word) ? undefined : stampIn(word, reading));
  if (!span) return undefined;
  return span.from === span.to ? around(span.from) : ordered(span.from, span.to);
}

function around(at: EpochMs): TimeRange {
  return { kind: 'between', from: at - AROUND, to: at + AROUND };
}

function spanOf(text: string, reading: Reading): Span | undefined {
  const word = text.trim();
  const at = epochIn(word) ?? beforeNow(word, reading);
  if (at !== undefined) return { from: at, to: at };
  return dayIn(word, reading) ?? clockIn(word, reading) ?? stampIn(word, reading, true);
}

/** Reads epoch seconds, milliseconds, microseconds or nanoseconds, told by how many digits. */
function epochIn(word: string): EpochMs | undefined {
  if (/^\d{9,10}(\.\d+)?$/.test(word)) return Number(word) * 1e3;
  if (/^\d{12,13}$/.test(word)) return Number(word);
  if (/^\d{15,16}$/.test(word)) return Math.round(Number(word) / 1e3);
  return /^\d{18,19}$/.test(word) ? Math.round(Number(word) / 1e6) : undefined;
}

function beforeNow(word: string, { now }: Reading): EpochMs | undefined {
  if (word === 'now') return now;
  const length = /^now\s*-/.test(word) ? readLength(word.replace(/^now\s*-\s*/, '')) : undefined;
  return length === undefined ? undefined : now - length;
}

/** Reads a day by name or date. */
function dayIn(word: string, reading: Reading): Span | undefined {
  const offset = DAYS.get(word.toLowerCase());
  const date = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})$/.exec(word);
  if (offset === undefined && !date) return undefined;
  const today = wallOf(reading.now, reading.zone);
  const wall = date
    ? { year: Number(date[1]), month: Number(date[2]), day: Number(date[3]) }
    : { year: today.year, month: today.month, day: today.day + (offset ?? 0) };
  if (date && !isDate(wall)) return undefined;
  const at = (day: number) => atWall({ ...wall, day: wall.day + day }, reading.zone);
  return { from: at(0), to: at(1) };
}

function isDate({ year, month, day }: Wall): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

function clockOf(word: string): [number, number, number] | undefined {
  const match = /^(\d{1,2}):(\d\d)(?::(\d\d))?$/.exec(word.trim());
  if (!match) return undefined;
  const [hour, minute, second] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
  return hour < 25 && minute < 60 && second < 60 ? [hour, minute, second] : undefined;
}

/** Reads `14:00` of today, `yesterday 14:00`, `2026-11-20 14:00`. */
function clockIn(word: string, reading: Reading): Span | undefined {
  const [, dayText, clockText] = /^(?:(\S+)\s+)?(\d{1,2}:\d\d(?::\d\d)?)$/.exec(word) ?? [];
  const clock = clockText === undefined ? undefined : clockOf(clockText);
  if (!clock) return undefined;
  const day = dayIn(dayText ?? 'today', reading);
  if (!day) return undefined;
  const { year, month, day: date } = wallOf(day.from, reading.zone);
  const [hour, minute, second] = clock;
  const at = atWall({ year, month, day: date, hour, minute, second }, reading.zone);
  return { from: at, to: at };
}

const ISO =
  /(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?(Z|UTC|[+-]\d\d:?\d\d)?/;
const APACHE = /(\d\d)\/(\w{3})\/(\d{4}):(\d\d):(\d\d):(\d\d)\s?([+-]\d{4})?/;
const RFC = /(\d{1,2}) (\w{3}) (\d{4}) (\d\d):(\d\d):(\d\d)\s?(GMT|UTC|Z|[+-]\d{4})?/;
const SYSLOG = /\b(\w{3}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d)\b/;

/** Finds a time as logs write it; with `isWhole`, only when there is nothing else. */
function stampIn(text: string, reading: Reading, isWhole = false): Span | undefined {
  const at = isoIn(text, reading, isWhole) ?? namedIn(text, reading, isWhole);
  return at === undefined || Number.isNaN(at) ? undefined : { from: at, to: at };
}

function fits(
  match: RegExpExecArray | null,
  text: string,
  isWhole: boolean,
): match is RegExpExecArray {
  return match !== null && (!isWhole || match[0].length === text.trim().length);
}

function isoIn(text: string, reading: Reading, isWhole: boolean): EpochMs | undefined {
  const match = ISO.exec(text);
  if (!fits(match, text, isWhole)) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const millis = Number(`0.${match[7] ?? 0}`) * 1e3;
  return (
    instant({ year, month, day, hour, minute, second }, match[8], reading) + Math.round(millis)
  );
}

function namedIn(text: string, reading: Reading, isWhole: boolean): EpochMs | undefined {
  const dated = APACHE.exec(text) ?? RFC.exec(text);
  if (fits(dated, text, isWhole)) {
    const [, day, month, year, hour, minute, second, zone] = dated;
    return instant(wallFrom(year, month, day, hour, minute, second), zone, reading);
  }
  const short = SYSLOG.exec(text);
  if (!fits(short, text, isWhole)) return undefined;
  const [, month, day, hour, minute, second] = short;
  const { year } = wallOf(reading.now, reading.zone);
  const at = instant(wallFrom(String(year), month, day, hour, minute, second), undefined, reading);
  // Such a stamp has no year: one ahead of now is of the last.
  return at <= reading.now + DAY
    ? at
    : instant(wallFrom(String(year - 1), month, day, hour, minute, second), undefined, reading);
}

function wallFrom(...parts: readonly (string | undefined)[]): Wall {
  const [year = '', month = '', day, hour, minute, second] = parts;
  const number = MONTHS.indexOf(month.toLowerCase());
  return {
    year: Number(year),
    month: number < 0 ? NaN : number + 1,
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
  };
}

function instant(wall: Wall, zone: string | undefined, reading: Reading): EpochMs {
  const { hour = 0, minute = 0, second = 0 } = wall;
  if (!isDate(wall) || hour > 24 || minute > 59 || second > 60) return NaN;
  if (zone === undefined) return atWall(wall, reading.zone);
  const [, sign, hours, minutes] = /([+-])(\d\d):?(\d\d)/.exec(zone) ?? [];
  const offset = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 6e4;
  return atWall(wall, 'UTC') - (sign === '-' ? -offset : offset);
}
