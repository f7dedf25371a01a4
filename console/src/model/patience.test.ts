import { expect, test } from 'vitest';
import { refused } from './patience.ts';
import type { Patience } from './patience.ts';

test('each further refusal doubles the wait, up to a minute, until the server has recovered', () => {
  let known: Patience | undefined;
  const waits: number[] = [];
  for (const at of [0, 0.4, 6, 17, 40, 81, 142, 400]) {
    known = refused(known, at * 1e3);
    waits.push(known.wait / 1e3);
  }
  expect(waits).toEqual([5, 5, 10, 20, 40, 60, 60, 5]);
});
