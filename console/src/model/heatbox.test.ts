import { expect, test } from 'vitest';
import { boxAround, boxOf, cellAt, cellsOf, moved, touched } from './heatbox.ts';
import type { Choice } from './heatbox.ts';

const HEATMAP = { times: [0, 10, 20, 30, 40], edges: [1, 10, 100, 1000] };

function walk(...keys: string[]): Choice | undefined {
  return keys.reduce<Choice | undefined>(
    (choice, key) =>
      moved(HEATMAP, choice, key.replace('Shift+', ''), key.startsWith('Shift+')) ?? choice,
    undefined,
  );
}

test.each([
  [['ArrowRight'], [3, 0], [3, 0]],
  [['ArrowLeft'], [3, 0], [3, 0]],
  [
    ['ArrowLeft', 'ArrowLeft', 'ArrowUp'],
    [2, 1],
    [2, 1],
  ],
  [
    ['Home', 'ArrowDown', 'Shift+ArrowRight', 'Shift+ArrowUp'],
    [0, 0],
    [1, 1],
  ],
  [
    ['Home', 'Shift+End', 'Shift+PageUp'],
    [0, 0],
    [3, 2],
  ],
  [
    ['Home', 'Shift+ArrowRight', 'ArrowRight'],
    [2, 0],
    [2, 0],
  ],
  [
    ['Shift+ArrowUp', 'a'],
    [3, 1],
    [3, 1],
  ],
])('keys %j choose from %j to %j', (keys, from, at) => {
  const choice = walk(...keys);
  expect([choice?.from.column, choice?.from.row]).toEqual(from);
  expect([choice?.at.column, choice?.at.row]).toEqual(at);
});

test('nothing can be chosen where there are no cells', () => {
  expect(moved({ times: [0], edges: [] }, undefined, 'ArrowUp', false)).toBeUndefined();
});

test('chosen cells are a window and a span, and stand where they are drawn', () => {
  const choice = walk('Home', 'ArrowRight', 'Shift+ArrowRight', 'Shift+ArrowUp');
  if (!choice) throw new Error('nothing is chosen');
  expect(cellsOf(HEATMAP, choice)).toEqual({ from: 10, to: 30, low: 1, high: 100 });
  const box = boxAround(HEATMAP, choice);
  expect(box).toEqual({ x0: 0.25, x1: 0.75, y0: expect.closeTo(1 / 3), y1: 1 });
  const middle = { x0: 0.3, x1: 0.7, y0: 0.4, y1: 0.9 };
  expect(cellsOf(HEATMAP, touched(HEATMAP, middle))).toEqual(cellsOf(HEATMAP, choice));
  const shown = boxOf(HEATMAP, [0.001, 0.1], { from: 10, to: 30 });
  for (const side of ['x0', 'x1', 'y0', 'y1'] as const)
    expect(shown?.[side]).toBeCloseTo(box[side]);
  expect(boxOf(HEATMAP, null, { from: 10, to: 30 })).toBeUndefined();
  expect(cellAt(HEATMAP, 1, 0)).toEqual({ column: 3, row: 2 });
});
