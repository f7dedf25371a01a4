// Times on the wall of a zone, and back.
import type { EpochMs } from './units.ts';

/** What a clock on the wall shows; `month` counts from 1, and days may run over a month's end. */
export interface Wall {
  year: number;
  month: number;
  day: number;
  hour?: number;
  minute?: number;
  second?: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string | undefined): Intl.DateTimeFormat {
  const key = zone ?? '';
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat('en-US', {
      year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
      hourCycle: 'h23', timeZone: zone,
    }); // prettier-ignore
    formats.set(key, found);
  }
  return found;
}

/** Returns what the wall shows; without a zone, that of the browser. */
export function wallOf(at: EpochMs, zone?: string): Required<Wall> {
  const parts = format(zone).formatToParts(at);
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value ?? 0);
  return {
    year: part('year'),
    month: part('month'),
    day: part('day'),
    hour: part('hour'),
    minute: part('minute'),
    second: part('second'),
  };
}

function asUtc(wall: Wall): EpochMs {
  const { year, month, day, hour = 0, minute = 0, second = 0 } = wall;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** Returns when the wall shows this; of an hour that comes twice in the year, the second. */
export function atWall(wall: Wall, zone?: string): EpochMs {
  const wanted = asUtc(wall);
  const offset = (at: EpochMs) => asUtc(wallOf(at, zone)) - at;
  // The offset at the guess may be that of the other side of a change of clocks.
  const guess = wanted - offset(wanted);
  return wanted - offset(guess);
}

/** Returns whether this browser knows the zone. */
export function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
