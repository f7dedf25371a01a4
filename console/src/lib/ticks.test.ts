import { expect, test } from 'vitest';
import { linearTicks, logTicks, timeLabels, timeTicks } from './ticks.ts';

test.each([
  [0, 10, 5, [0, 2, 4, 6, 8, 10]],
  [0.3, 1.2, 4, [0.5, 1]],
  [0, 0, 4, [0]],
])('marks from %s to %s', (from, to, count, marks) => {
  expect(linearTicks(from, to, count)).toEqual(marks);
});

test.each([
  [1, 100, 10, [1, 2, 5, 10, 20, 50, 100]],
  [1, 1000, 7, [1, 3, 10, 30, 100, 300, 1000]],
  [0.1, 1e5, 7, [0.1, 1, 10, 100, 1000, 10_000, 100_000]],
  [3.1, 4.2, 5, [3.1, 4.2]],
  [0, 4, 5, []],
])('logarithmic marks from %s to %s', (from, to, count, marks) => {
  expect(logTicks(from, to, count)).toEqual(marks);
});

test('times are of the zone, and the first of a day names it', () => {
  const at = Date.parse('2026-11-20T14:30:00Z');
  const marks = [at, at + 36e5, at + 72e5];
  expect(timeLabels(marks, 36e5, { language: 'en', zone: 'Asia/Seoul' })).toEqual([
    '23:30',
    'Nov 21',
    '01:30',
  ]);
  expect(timeLabels([at], 1e3, { language: 'en', zone: 'UTC' })).toEqual(['14:30:00']);
});

test('times stand at round hours of the zone', () => {
  const from = Date.parse('2026-11-20T14:10:00Z');
  const marks = timeTicks(from, from + 12 * 36e5, 4, { language: 'en', zone: 'Asia/Kolkata' });
  expect(marks.map((at) => new Date(at).toISOString().slice(11, 16))).toEqual([
    '15:30',
    '18:30',
    '21:30',
    '00:30',
  ]);
});
