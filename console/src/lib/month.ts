// The days of a month as a calendar has them.
import type { EpochMs } from './units.ts';
import { atWall, wallOf } from './zone.ts';

/** A day on the calendar; `month` counts from 1. */
export interface Day {
  year: number;
  month: number;
  day: number;
}

/** Returns the day that it is then in the zone. */
export function dayOf(at: EpochMs, zone?: string): Day {
  const { year, month, day } = wallOf(at, zone);
  return { year, month, day };
}

/** Returns the day so many days later. */
export function plusDays({ year, month, day }: Day, days: number): Day {
  return dayOf(Date.UTC(year, month - 1, day + days), 'UTC');
}

/** Returns the first of the month so many months later. */
export function plusMonths({ year, month }: Day, months: number): Day {
  return dayOf(Date.UTC(year, month - 1 + months, 1), 'UTC');
}

/** Returns less than zero when `a` is before `b`, zero on the same day. */
export function compareDays(a: Day, b: Day): number {
  return Date.UTC(a.year, a.month - 1, a.day) - Date.UTC(b.year, b.month - 1, b.day);
}

/** Returns six weeks that have the month in them; weeks begin on `firstWeekday`, 0 for Sunday. */
export function weeksOf(month: Day, firstWeekday: number): Day[][] {
  const first = { ...month, day: 1 };
  const weekday = new Date(Date.UTC(first.year, first.month - 1, 1)).getUTCDay();
  const before = (weekday - firstWeekday + 7) % 7;
  return Array.from({ length: 6 }, (_, week) =>
    Array.from({ length: 7 }, (_unused, day) => plusDays(first, week * 7 + day - before)),
  );
}

/** Returns when a day begins in the zone. */
export function startOf(day: Day, zone?: string): EpochMs {
  return atWall(day, zone);
}

/** Returns on which day weeks begin where the language is spoken: Sunday for 0. */
export function firstWeekday(language: string): number {
  const locale = new Intl.Locale(language) as Intl.Locale & {
    getWeekInfo?: () => { firstDay: number };
    weekInfo?: { firstDay: number };
  };
  return (locale.getWeekInfo?.() ?? locale.weekInfo ?? { firstDay: 7 }).firstDay % 7;
}
