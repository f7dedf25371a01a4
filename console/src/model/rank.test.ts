import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ranked, score } from './rank.ts';

test('the beginning before a word, a word before the middle, the middle before letters', () => {
  const all = ['zz-trace-map', 'strace', 'traces', 'my traces', 'truth about raced'];
  expect(ranked(all, (one) => one, 'trace')).toEqual([
    'traces', 'my traces', 'zz-trace-map', 'strace', 'truth about raced',
  ]); // prettier-ignore
  expect(ranked(all, (one) => one, 'xyz')).toEqual([]);
  expect(ranked(all, (one) => one, ' ')).toEqual(all);
});

test('every text answers to itself and to its parts', () => {
  const text = fc.string({ minLength: 1 }).filter((one) => one.trim() !== '');
  fc.assert(
    fc.property(text, fc.string(), fc.string(), (part, before, after) => {
      // Some letters are others in the lower case once they stand together.
      fc.pre((before + part + after).toLowerCase().includes(part.trim().toLowerCase()));
      expect(score(before + part + after, part)).toBeGreaterThan(0);
    }),
  );
});
