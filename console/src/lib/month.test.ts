import { expect, test } from 'vitest';
import { compareDays, dayOf, plusDays, plusMonths, startOf, weeksOf } from './month.ts';

const november = { year: 2026, month: 11, day: 1 };

test('six weeks that have the month in them', () => {
  const days = weeksOf(november, 1).flat();
  expect(days).toHaveLength(42);
  expect(days[0]).toEqual({ year: 2026, month: 10, day: 26 });
  expect(days[6]).toEqual(november);
  expect(days.at(-1)).toEqual({ year: 2026, month: 12, day: 6 });
  expect(weeksOf(november, 0)[0]?.[0]).toEqual(november);
});

test('days and months run over', () => {
  expect(plusDays({ year: 2028, month: 2, day: 28 }, 1)).toEqual({ year: 2028, month: 2, day: 29 });
  expect(plusMonths(november, 2)).toEqual({ year: 2027, month: 1, day: 1 });
  expect(plusMonths(november, -11)).toEqual({ year: 2025, month: 12, day: 1 });
  expect(compareDays(november, plusDays(november, 1))).toBeLessThan(0);
});

test('a day begins where its zone is', () => {
  const at = startOf({ year: 2026, month: 11, day: 20 }, 'Asia/Seoul');
  expect(new Date(at).toISOString()).toBe('2026-11-19T15:00:00.000Z');
  expect(dayOf(at, 'UTC')).toEqual({ year: 2026, month: 11, day: 19 });
});
