import { expect, test } from 'vitest';
import { placeOf, renamed } from './legacy.ts';

const id = '1-6afe2c80-8b3ded87ffc8d116ecf148e7';

test.each([
  ['#/service-map', { path: '/map', search: {} }],
  ['#/service-map?timeRange=PT30M', { path: '/map', search: { t: '30m' } }],
  [`#/traces/${id}`, { path: `/traces/${id}`, search: {} }],
  [`#xray:traces/${id}?x=1`, { path: `/traces/${id}`, search: { x: '1' } }],
  ['#/traces?filter=fault%20%3D%20true&timeRange=PT6H', { path: '/traces', search: { q: 'fault = true', t: '6h' } }],
  ['#/traces?timeRange=2026-11-20T08:00Z~2026-11-20T09:00Z',
    { path: '/traces', search: { t: '2026-11-20T08:00Z~2026-11-20T09:00Z' } }],
])('%s', (hash, place) => expect(placeOf(hash)).toEqual(place)); // prettier-ignore

test.each(['', '#', '#content', '#/nope', '#/'])('%j is not theirs', (hash) =>
  expect(placeOf(hash)).toBeUndefined(),
);

test('ours win, others stay', () =>
  expect(renamed({ timeRange: 'P1DT2H', filter: 'fault', q: 'ok', st: 'ok' })).toEqual({
    t: '26h',
    q: 'ok',
    st: 'ok',
  }));

test('a range that is none is left out', () => expect(renamed({ timeRange: 'PT' })).toEqual({}));
