// Differences in words: `+380 ms`, `−12 %`.
import { duration, percent } from '../../lib/format.ts';
import type { Milliseconds, UnitShare } from '../../lib/units.ts';

const sign = (value: number) => (value < 0 ? '−' : '+');

export function signed(ms: Milliseconds): string {
  return sign(ms) + duration(Math.abs(ms));
}

export function signedShare(share: UnitShare): string {
  return sign(share) + percent(Math.abs(share));
}
