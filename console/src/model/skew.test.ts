import { expect, test } from 'vitest';
import { trace } from './fixture.ts';
import { skewsOf, straightened } from './skew.ts';

const EARLY = `
front 100..200
  call 110..190 remote
    > back 10..50
      query 20..40 remote
`;

test('who began before the call has another clock', () => {
  const found = skewsOf(trace(EARLY));
  expect(found.map(({ work, caller, offset }) => [work.name, caller.name, offset])).toEqual([
    ['back', 'call', 120],
  ]);
});

test.each([
  [
    'that runs on after a call without an answer',
    'front 0..100\n  call 10..90\n    > back 20..300',
  ],
  ['that is inferred', 'front 100..200\n  call 110..190\n    ~ table 90..150'],
  ['a hair off', 'front 0..100\n  call 10..90\n    > back 9.7..80'],
])('work %s is left alone', (_, text) => {
  expect(skewsOf(trace(text))).toEqual([]);
});

test('an answer that came before it was given tells of another clock', () => {
  const late = trace('front 0..100\n  call 10..90\n    > back 60..120');
  const call = late.works[1];
  if (call) call.document['http'] = { response: { status: 200 } };
  expect(skewsOf(late)[0]?.offset).toBe(-40);
});

test('everything below moves along, and the trace begins at its new first work', () => {
  const raw = trace(EARLY);
  const { trace: straight, moved } = straightened(raw, skewsOf(raw));
  const places = straight.works.map((work) => [work.name, work.start, work.length]);
  expect(places).toEqual([
    ['front', 0, 100],
    ['call', 10, 80],
    ['back', 30, 40],
    ['query', 40, 20],
  ]);
  expect(straight.length).toBe(100);
  expect([...moved.values()]).toEqual([120, 120]);
  expect(straight.works[2]?.parent).toBe(straight.works[1]);
  expect(raw.works[2]?.start).toBe(0);
});
