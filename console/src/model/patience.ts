// How long to wait before a server that has too much to do is asked again.
import type { EpochMs, Milliseconds } from '../lib/units.ts';

const FIRST: Milliseconds = 5_000;
const MOST: Milliseconds = 60_000;
/** Refusals that come together are one: a page asks several things at once. */
const TOGETHER: Milliseconds = 1_000;
/** A server that was left alone so long after a wait has recovered. */
const RECOVERED: Milliseconds = 60_000;

/** What is known of the refusals so far. */
export interface Patience {
  refusedAt: EpochMs;
  wait: Milliseconds;
}

/** Returns what is known after one more refusal: each further one in a row doubles the wait. */
export function refused(before: Patience | undefined, now: EpochMs): Patience {
  if (!before) return { refusedAt: now, wait: FIRST };
  const { refusedAt, wait } = before;
  if (now - refusedAt < TOGETHER) return before;
  const isRow = now - refusedAt < wait + RECOVERED;
  return { refusedAt: now, wait: isRow ? Math.min(MOST, wait * 2) : FIRST };
}
