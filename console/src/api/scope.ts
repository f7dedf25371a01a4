// Which traces are asked for, as the console's endpoints want it.
import { windowOf } from '../lib/range.ts';
import type { TimeRange, Window } from '../lib/range.ts';
import type { EpochMs } from '../lib/units.ts';
import type { Schema } from './console.ts';
import { ApiError } from './client.ts';

/** Which traces: a range, a filter expression, a group's name; empty for none. */
export interface Chosen {
  range: TimeRange;
  filter: string;
  group: string;
}

/** Returns the body that says which traces began in the window. */
export function scopeIn(window: Window, { filter, group }: Omit<Chosen, 'range'>): Schema<'Scope'> {
  return {
    from: Math.max(0, Math.floor(window.from * 1e3)),
    to: Math.max(0, Math.floor(window.to * 1e3)),
    ...(filter !== '' && { filter }),
    ...(group !== '' && { group }),
  };
}

/** Returns the body for a range as it is now. */
export function scopeNow(chosen: Chosen, now: EpochMs): Schema<'Scope'> {
  return scopeIn(windowOf(chosen.range, now), chosen);
}

/** Says whether asking again may help: not when the server found our question wrong. */
export function retry(count: number, error: Error): boolean {
  const isOurs = error instanceof ApiError && error.status >= 400 && error.status < 500;
  const mayPass = !isOurs || (error as ApiError).status === 429;
  return mayPass && count < 3;
}
