import { expect, test } from 'vitest';
import { barAt, centres, cumulated, stacked } from './chart.ts';

test('series stand on those before them', () => {
  expect(
    stacked([
      [1, 2],
      [3, null],
      [1, 1],
    ]),
  ).toEqual([
    { base: [0, 0], top: [1, 2] },
    { base: [1, 2], top: [4, 2] },
    { base: [4, 2], top: [5, 3] },
  ]);
});

test.each([
  [-1, 0],
  [0, 0],
  [9.9, 0],
  [10, 1],
  [39, 2],
  [99, 2],
])('%s falls into bar %s', (at, bar) => {
  expect(barAt([0, 10, 20, 40], at)).toBe(bar);
});

test('bars are pointed at in their middle', () => {
  expect(centres([0, 10, 30])).toEqual([5, 20]);
});

test('shares run up to one', () => {
  expect(cumulated([1, null, 3])).toEqual([0.25, 0.25, 1]);
  expect(cumulated([0, 0])).toEqual([0, 0]);
});
