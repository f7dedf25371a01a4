// Numbers as people read them. Units are not translated; digits and dates follow the language.
import type { EpochMs, Milliseconds, UnitShare } from './units.ts';

/** Returns a length of time with three significant digits: `950 µs`, `14 ms`, `2.31 s`, `1 m 12 s`. */
export function duration(ms: Milliseconds): string {
  if (!Number.isFinite(ms)) return '–';
  if (ms < 0) return `-${duration(-ms)}`;
  if (ms === 0) return '0 ms';
  if (ms < 0.9995) return `${digits(ms * 1000)} µs`;
  if (ms < 999.5) return `${digits(ms)} ms`;
  if (ms < 59_995) return `${digits(ms / 1000)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return parts(seconds, 60, 'm', 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 1440) return parts(minutes, 60, 'h', 'm');
  return parts(Math.round(minutes / 60), 24, 'd', 'h');
}

function parts(count: number, per: number, large: string, small: string): string {
  const rest = count % per;
  const whole = `${Math.floor(count / per)} ${large}`;
  return rest === 0 ? whole : `${whole} ${rest} ${small}`;
}

/** Returns three significant digits without zeros at the end. */
function digits(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** Returns a count: `842`, `1.2k`, `12.4M`. */
export function compact(count: number): string {
  if (count < 1000) return String(Math.round(count));
  const [value, unit] =
    count < 999_500
      ? [count / 1e3, 'k']
      : count < 999_500_000
        ? [count / 1e6, 'M']
        : [count / 1e9, 'G'];
  return `${Number(value.toPrecision(3))}${unit}`;
}

/** Returns a size: `512 B`, `1.5 KiB`, `64 MiB`. */
export function bytes(count: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;
  let value = count;
  let unit = 0;
  for (; value >= 999.5 && unit < units.length - 1; unit += 1) value /= 1024;
  return `${Number(value.toPrecision(3))} ${units[unit]}`;
}

/** Returns a share as percent: `0 %`, `<0.1 %`, `4.2 %`, `69 %`. */
export function percent(share: UnitShare): string {
  const value = share * 100;
  if (value === 0) return '0 %';
  if (value < 0.1) return '<0.1 %';
  if (value > 99.9 && value < 100) return '>99.9 %';
  return value < 9.95 ? `${Number(value.toFixed(1))} %` : `${Math.round(value)} %`;
}

/** Returns requests per minute: `0.4/min`, `12/min`, `1.2k/min`. */
export function perMinute(count: number): string {
  const number = count > 0 && count < 10 ? String(Number(count.toPrecision(2))) : compact(count);
  return `${number}/min`;
}

/** How times are shown. */
export interface Clock {
  language: string;
  /** An IANA name; absent for that of the browser. */
  zone?: string | undefined;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(clock: Clock, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify([clock.language, clock.zone, options]);
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(clock.language, { ...options, timeZone: clock.zone });
    formats.set(key, found);
  }
  return found;
}

/** Returns the time of day with milliseconds: `18:42:07.318`. */
export function timeOfDay(at: EpochMs, clock: Clock): string {
  return format(clock, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
    hourCycle: 'h23',
  }).format(at);
}

/** Returns date and time with the zone's name. */
export function dateTime(at: EpochMs, clock: Clock): string {
  return format(clock, {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  }).format(at);
}

/** Returns the short name of the zone, such as `KST` or `GMT+9`. */
export function zoneName(at: EpochMs, clock: Clock): string {
  const pieces = format(clock, { timeZoneName: 'short' }).formatToParts(at);
  return pieces.find((piece) => piece.type === 'timeZoneName')?.value ?? 'UTC';
}

/** Returns how long ago something was, in the words of the language. */
export function ago(at: EpochMs, now: EpochMs, language: string): string {
  const seconds = Math.max(0, Math.round((now - at) / 1000));
  const words = new Intl.RelativeTimeFormat(language, { numeric: 'always', style: 'short' });
  if (seconds < 60) return words.format(-seconds, 'second');
  if (seconds < 3600) return words.format(-Math.round(seconds / 60), 'minute');
  if (seconds < 86_400) return words.format(-Math.round(seconds / 3600), 'hour');
  return words.format(-Math.round(seconds / 86_400), 'day');
}

/** Returns round steps for an axis of `span` with about `count` marks: 1, 2 or 5 times a power of ten. */
export function axisStep(span: number, count: number): number {
  if (!(span > 0)) return 1;
  const raw = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].find((times) => times * power >= raw) ?? 10;
  return step * power;
}
