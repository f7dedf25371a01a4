import { expect, test } from 'vitest';
import { readVersus, thenOf, versus } from './versus.ts';

const at = (text: string) => Date.parse(text);
const NOW = { from: at('2026-11-20T08:00:30Z'), to: at('2026-11-20T09:00:30Z') };

test.each([
  ['prev', '2026-11-20T07:00Z', '2026-11-20T08:00Z'],
  ['1d', '2026-11-19T08:00Z', '2026-11-19T09:00Z'],
  ['90m', '2026-11-20T06:30Z', '2026-11-20T07:30Z'],
  ['2026-11-12T10:00Z~2026-11-12T12:00Z', '2026-11-12T10:00Z', '2026-11-12T12:00Z'],
])('compared with %s', (text, from, to) => {
  expect(thenOf(text, NOW)).toEqual({ from: at(from), to: at(to) });
  expect(versus.read(text)).toBe(text);
});

test('nonsense is compared with nothing', () => {
  for (const text of ['', 'before', '0d', '2026-11-12T10:00Z', 'a~b'])
    expect(thenOf(text, NOW)).toBeUndefined();
  expect(versus.read('before')).toBeUndefined();
  expect(versus.read('')).toBe('');
});

test.each([
  ['3d', '3d'],
  ['last 90m', '90m'],
  ['yesterday 14:00-15:00', '2026-11-19T14:00Z~2026-11-19T15:00Z'],
  ['2026-11-12T10:00Z~2026-11-12T12:00Z', '2026-11-12T10:00Z~2026-11-12T12:00Z'],
  ['soon', undefined],
])('typed: %s', (typed, read) => {
  expect(readVersus(typed, NOW.to, 'UTC')).toBe(read);
});
