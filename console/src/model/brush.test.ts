// What keys and typed numbers do to a span of bars.
import { expect, test } from 'vitest';
import { keyed, limited } from './brush.ts';

const press = (key: string, shiftKey = false) => ({ key, shiftKey });

test.each([
  ['the first bar', 'ArrowRight', false, null, [0, 0]],
  ['from the other side the last', 'ArrowLeft', false, null, [4, 4]],
  ['no farther than the last', 'ArrowRight', false, [4, 4], [4, 4]],
  ['with Shift it grows', 'ArrowRight', true, [1, 2], [1, 3]],
  ['to the end', 'End', true, [1, 2], [1, 4]],
  ['to the beginning', 'Home', false, [1, 2], [0, 0]],
  ['Enter takes', 'Enter', false, [1, 2], 'take'],
  ['Enter with nothing chosen', 'Enter', false, null, undefined],
  ['Escape', 'Escape', false, null, 'clear'],
  ['another key', 'a', false, [1, 2], undefined],
] as const)('%s', (_, key, shift, chosen, expected) => {
  expect(keyed(press(key, shift), chosen, 5)).toEqual(expected);
});

test.each([
  ['a beginning alone', null, 0, '2', [2, 99]],
  ['an end alone', null, 1, '2', [0, 2]],
  ['another end', [1, 3], 1, '2', [1, 2]],
  ['ends that are not in order', [1, 3], 0, '4', undefined],
  ['nothing', [1, 3], 0, '', null],
  ['no number', [1, 3], 0, '-', null],
] as const)('typed: %s', (_, span, end, typed, expected) => {
  expect(limited(span, end, typed, 99)).toEqual(expected);
});
