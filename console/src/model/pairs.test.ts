import { expect, test } from 'vitest';
import { headlineOf, pairsOf } from './pairs.ts';
import type { Pair } from './pairs.ts';
import { trace } from './fixture.ts';

const SLOW = trace(`
front 0..300 fault
  call 10..250 remote
    > payment 20..240 fault
      bank 30..230 fault remote
  render 260..290
`);
const GOOD = trace(`
front 0..100
  call 10..90 remote
    > payment 20..80
      bank 30..70 remote
      audit 72..78
`);

const drawn = (pair: Pair) =>
  `${' '.repeat(pair.depth)}${pair.name} ${pair.a?.length ?? '-'} ${pair.b?.length ?? '-'}`;

test('what both have is one row', () => {
  expect(pairsOf(SLOW, GOOD).map(drawn)).toEqual([
    'front 300 100',
    ' call 240 80',
    '  payment 220 60',
    '   bank 200 40',
    '   audit - 6',
    ' render 30 -',
  ]);
});

test('what is collapsed has no rows below', () => {
  const key = pairsOf(SLOW, GOOD)[1]?.key ?? '';
  expect(pairsOf(SLOW, GOOD, new Set([key])).map((pair) => pair.name)).toEqual([
    'front',
    'call',
    'render',
  ]);
});

test('siblings of a kind are paired in order, many of them together', () => {
  const few = trace('front 0..50\n  get 1..2\n  get 3..5');
  const one = trace('front 0..50\n  get 1..2');
  expect(pairsOf(few, one).map(drawn)).toEqual(['front 50 50', ' get 1 1', ' get 2 -']);
  const many = trace(`front 0..50\n${'  get 1..2\n'.repeat(7)}`);
  expect(pairsOf(many, one).map(drawn)).toEqual(['front 50 50', ' get 1 1']);
  expect(pairsOf(many, one)[1]?.a?.works).toHaveLength(7);
});

test('the headline names whose own time makes the difference', () => {
  const { delta, parts } = headlineOf(SLOW, GOOD);
  expect(delta).toBe(200);
  expect(parts.map((part) => [part.service, part.name, part.delta])).toEqual([
    ['payment', 'bank', 160],
    ['front', 'render', 30],
  ]);
  const twice = trace('front 0..60\n  get 0..20\n  get 20..60');
  const once = trace('front 0..20\n  get 0..20');
  expect(headlineOf(twice, once).parts).toEqual([{ service: 'front', name: 'get', delta: 40 }]);
  expect(headlineOf(GOOD, GOOD)).toEqual({ delta: 0, parts: [] });
});
