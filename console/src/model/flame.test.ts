import { expect, test } from 'vitest';
import { trace } from './fixture.ts';
import { boxAt, byName, byTime } from './flame.ts';
import type { Box } from './flame.ts';

const drawn = ({ work, depth, from, to, count }: Box) =>
  `${' '.repeat(depth)}${work.name} ${from}..${to}${count > 1 ? ` x${count}` : ''}`;

test('by time, what runs beside another stands below it', () => {
  const boxes = byTime(trace('front 0..100\n  a 10..60\n    deep 20..30\n  b 40..90\n  c 92..95'));
  expect(boxes.map(drawn)).toEqual([
    'front 0..100',
    ' a 10..60',
    '  deep 20..30',
    '  b 40..90',
    ' c 92..95',
  ]);
});

test('a box stands below its caller even if its clock is behind', () => {
  const boxes = byTime(trace('front 50..100\n  call 60..90\n    > back 0..30'));
  expect(boxes.map(drawn)).toEqual(['front 50..100', ' call 60..90', '  back 0..30']);
});

test('by name, equal work is put together and as wide as it took', () => {
  const boxes = byName(
    trace('front 0..100\n  get 10..20\n    wire 12..18\n  put 20..60\n  get 60..70 fault'),
  );
  expect(boxes.map(drawn)).toEqual([
    'front 0..100',
    ' put 0..40',
    ' get 40..60 x2',
    '  wire 40..46',
  ]);
  expect(boxes[2]?.outcome).toBe('fault');
  expect(boxAt(boxes, 1, 45)?.work.name).toBe('get');
  expect(boxAt(boxes, 3, 45)).toBeUndefined();
});
