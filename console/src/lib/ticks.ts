// Where the marks of an axis stand, and what is written at them.
import type { Clock } from './format.ts';
import { axisStep } from './format.ts';
import type { EpochMs } from './units.ts';

/** Returns round marks of a linear axis, about `count` of them. */
export function linearTicks(from: number, to: number, count: number): number[] {
  const step = axisStep(to - from, count);
  const found: number[] = [];
  for (let index = Math.ceil(from / step); index * step <= to && found.length < 50; index += 1)
    found.push(Number((index * step).toPrecision(12)));
  return found;
}

/** Returns round marks of a logarithmic axis: 1, 2 and 5 of each power of ten, or fewer of them. */
export function logTicks(from: number, to: number, count: number): number[] {
  if (!(from > 0) || !(to > from)) return [];
  const [low, high] = [Math.floor(Math.log10(from)), Math.ceil(Math.log10(to))];
  const within = (times: readonly number[], every = 1) => {
    const found: number[] = [];
    for (let power = low; power <= high; power += every) {
      for (const one of times) {
        const at = Number((one * 10 ** power).toPrecision(3));
        if (at >= from && at <= to) found.push(at);
      }
    }
    return found;
  };
  for (const times of [[1, 2, 5], [1, 3], [1]]) {
    const found = within(times);
    if (found.length <= count) return found.length > 0 ? found : [from, to];
  }
  return within([1], Math.max(1, Math.ceil((high - low) / Math.max(1, count))));
}

const TIMES = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200,
];

/** Returns round times of the clock's zone, at most `count` of them. */
export function timeTicks(from: EpochMs, to: EpochMs, count: number, clock: Clock): EpochMs[] {
  const least = (to - from) / 1e3 / Math.max(1, count);
  const step = (TIMES.find((one) => one >= least) ?? 86_400 * Math.ceil(least / 86_400)) * 1e3;
  const offset = offsetOf(from, clock);
  const found: EpochMs[] = [];
  for (let at = Math.ceil((from + offset) / step) * step - offset; at <= to; at += step)
    found.push(at);
  return found;
}

/** Returns how far the clocks of the zone are ahead. */
function offsetOf(at: EpochMs, { zone }: Clock): number {
  const whole = Math.floor(at / 1e3) * 1e3;
  const shown = new Date(whole).toLocaleString('sv', { timeZone: zone });
  return Date.parse(`${shown.replace(' ', 'T')}Z`) - whole;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(clock: Clock, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify([clock, options]);
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(clock.language, { ...options, timeZone: clock.zone });
    formats.set(key, found);
  }
  return found;
}

/** Returns what is written at marks `step` apart: times of the day, or days at the first of each. */
export function timeLabels(marks: readonly EpochMs[], step: number, clock: Clock): string[] {
  const day = format(clock, { month: 'short', day: 'numeric' });
  const time = format(clock, {
    hour: '2-digit',
    minute: '2-digit',
    ...(step < 6e4 && { second: '2-digit' }),
    hourCycle: 'h23',
  });
  let before = '';
  return marks.map((at) => {
    const date = day.format(at);
    const isNew = before !== '' && date !== before;
    before = date;
    return step >= 864e5 || isNew ? date : time.format(at);
  });
}
