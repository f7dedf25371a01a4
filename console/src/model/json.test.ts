import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json } from './document.ts';
import { trace } from './fixture.ts';
import { assembled, jsonLines, shownLines } from './json.ts';

const printed = (value: Json) =>
  jsonLines(value)
    .map(({ depth, key, text }) => `${'  '.repeat(depth)}${key === '' ? '' : `${key}: `}${text}`)
    .join('\n');

test('lines are those of JSON', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(printed(value as Json)).toBe(JSON.stringify(value, null, 2));
    }),
  );
});

test('a folded bracket hides what is in it, and its end', () => {
  const lines = jsonLines({ a: { b: [1, 2] }, c: 3 });
  expect(lines[1]).toMatchObject({ key: '"a"', text: '{', end: 6 });
  const shown = shownLines(lines, new Set([1])).map((index) => lines[index]?.key);
  expect(shown).toEqual(['', '"a"', '"c"', '']);
});

test('a trace is one document', () => {
  const whole = assembled(
    trace('front 0..90\n  call 10..80\n    > back 20..70\n      query 30..60'),
  );
  const names = (value: Json): Json => {
    const one = value as { name: string; subsegments?: Json[] };
    return one.subsegments ? { [one.name]: one.subsegments.map(names) } : one.name;
  };
  expect((whole['segments'] as Json[]).map(names)).toEqual([
    { front: [{ call: [{ back: ['query'] }] }] },
  ]);
});
