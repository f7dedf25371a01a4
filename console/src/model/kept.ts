// How much of a window is older than what is kept.
import type { Window } from '../lib/range.ts';
import type { EpochMs, UnitShare } from '../lib/units.ts';

/** How long traces are kept, in days; null for ever, or for as long as the others. */
export interface Keeping {
  days: number | null;
  faultDays: number | null;
}

const DAY = 864e5;

/** No server keeps less: what is younger is not asked about. */
export const KEPT_DAYS_MIN = 1;

/** Returns for how many days anything is kept; null for ever. */
export function daysKept({ days, faultDays }: Keeping): number | null {
  return days === null ? null : Math.max(days, faultDays ?? 0);
}

/** Returns since when anything is kept; null since ever. */
export function keptSince(keeping: Keeping, now: EpochMs): EpochMs | null {
  const days = daysKept(keeping);
  return days === null ? null : now - days * DAY;
}

/** Returns the share of the window, from its beginning, that is older. */
export function unkeptShare({ from, to }: Window, since: EpochMs): UnitShare {
  return Math.min(1, Math.max(0, (since - from) / (to - from)));
}
