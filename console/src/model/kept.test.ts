import { expect, test } from 'vitest';
import { keptSince, unkeptShare } from './kept.ts';

const NOW = 100 * 864e5;

test.each([
  [{ days: 30, faultDays: null }, 70],
  [{ days: 30, faultDays: 90 }, 10],
  [{ days: 30, faultDays: 7 }, 70],
  [{ days: null, faultDays: 7 }, null],
])('of %j everything since day %s', (keeping, day) => {
  expect(keptSince(keeping, NOW)).toBe(day === null ? null : day * 864e5);
});

test('what is older than what is kept is a share of the window', () => {
  const window = { from: 60 * 864e5, to: 100 * 864e5 };
  expect(unkeptShare(window, 70 * 864e5)).toBe(0.25);
  expect(unkeptShare(window, 10 * 864e5)).toBe(0);
  expect(unkeptShare(window, 200 * 864e5)).toBe(1);
});
