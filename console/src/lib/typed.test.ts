import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatRange } from './range.ts';
import { readRange } from './typed.ts';
import { atWall, isZone, wallOf } from './zone.ts';

const now = Date.UTC(2026, 10, 20, 12, 0, 0);
const read = (typed: string, zone = 'UTC') => {
  const range = readRange(typed, now, zone);
  return range && formatRange(range);
};

describe('typed ranges', () => {
  test.each([
    ['90m', '90m'],
    ['1h30m', '90m'],
    ['last 2 h', '2h'],
    ['now-90m', '90m'],
    ['now-2h..now-1h', '2026-11-20T10:00Z~2026-11-20T11:00Z'],
    ['now-2h..now', '2h'],
    ['today', '2026-11-20T00:00Z~2026-11-21T00:00Z'],
    ['yesterday', '2026-11-19T00:00Z~2026-11-20T00:00Z'],
    ['어제', '2026-11-19T00:00Z~2026-11-20T00:00Z'],
    ['昨日', '2026-11-19T00:00Z~2026-11-20T00:00Z'],
    ['11:00-11:20', '2026-11-20T11:00Z~2026-11-20T11:20Z'],
    ['14:00-14:20', '2026-11-19T14:00Z~2026-11-19T14:20Z'],
    ['yesterday 14:00-14:20', '2026-11-19T14:00Z~2026-11-19T14:20Z'],
    ['yesterday 22:00 to today 02:00', '2026-11-19T22:00Z~2026-11-20T02:00Z'],
    ['2026-11-18', '2026-11-18T00:00Z~2026-11-19T00:00Z'],
    ['2026-11-18..2026-11-19', '2026-11-18T00:00Z~2026-11-20T00:00Z'],
    ['2026-11-18 10:00 – 2026-11-18 11:30', '2026-11-18T10:00Z~2026-11-18T11:30Z'],
    ['2026-11-20 08:00', '2026-11-20T07:55Z~2026-11-20T08:05Z'],
    ['2026-11-20T08:00Z~2026-11-20T09:00:30Z', '2026-11-20T08:00Z~2026-11-20T09:00:30Z'],
    ['2026-11-20T17:00:00+09:00', '2026-11-20T07:55Z~2026-11-20T08:05Z'],
    ['1795100400', '2026-11-19T14:55Z~2026-11-19T15:05Z'],
    ['1795100400000', '2026-11-19T14:55Z~2026-11-19T15:05Z'],
    ['1795100400000000000', '2026-11-19T14:55Z~2026-11-19T15:05Z'],
    ['1795100400..1795101000', '2026-11-19T15:00Z~2026-11-19T15:10Z'],
    ['1-6afe2c80-8b3ded87ffc8d116ecf148e7', '2026-11-18T22:48:52Z~2026-11-18T22:58:52Z'],
    ['[2026-11-20T08:00:01,500Z] ERROR x', '2026-11-20T07:55:01.500Z~2026-11-20T08:05:01.500Z'],
    ['2026/11/20 08:00:00 main.go:12', '2026-11-20T07:55Z~2026-11-20T08:05Z'],
    ['1.2.3.4 - - [20/Nov/2026:17:00:00 +0900] "GET /"', '2026-11-20T07:55Z~2026-11-20T08:05Z'],
    ['Fri, 20 Nov 2026 08:00:00 GMT', '2026-11-20T07:55Z~2026-11-20T08:05Z'],
    ['Nov 20 08:00:00 host app[1]: x', '2026-11-20T07:55Z~2026-11-20T08:05Z'],
    ['Dec 31 08:00:00 host app[1]: x', '2025-12-31T07:55Z~2025-12-31T08:05Z'],
  ])('%s', (typed, written) => expect(read(typed)).toBe(written));

  test.each([
    '', 'soon', '0m', '99999999h', '1~2~3', '2026-11-20T09:00Z~2026-11-20T08:00Z', '11:00-10:00', '25:00-26:00',
    '2026-02-31', '99/Xyz/2026:08:00:00', '12:61',
  ])('%j is no range', (typed) => expect(read(typed)).toBeUndefined()); // prettier-ignore

  test('what has no zone is of the zone that is shown', () => {
    expect(read('yesterday', 'Asia/Seoul')).toBe('2026-11-18T15:00Z~2026-11-19T15:00Z');
    expect(read('20:00-20:20', 'Asia/Seoul')).toBe('2026-11-20T11:00Z~2026-11-20T11:20Z');
    expect(read('2026-11-20 17:00:00', 'Asia/Seoul')).toBe('2026-11-20T07:55Z~2026-11-20T08:05Z');
  });

  test('nothing makes it throw', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void read(text)));
    const piece = fc.constantFrom('now', '-', '2h', '..', ' ', '14:00', '2026-11-20', 'T', '~', '9'); // prettier-ignore
    fc.assert(fc.property(fc.array(piece), (parts) => void read(parts.join(''))));
    for (const text of ['__proto__', 'constructor', 'toString'])
      expect(() => read(text)).not.toThrow();
  });
});

describe('zones', () => {
  test('the wall is read back, also about changes of clocks', () => {
    const zones = fc.constantFrom('UTC', 'Asia/Seoul', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu'); // prettier-ignore
    const seconds = fc.integer({ min: 1.6e9, max: 1.9e9 });
    fc.assert(
      fc.property(zones, seconds, (zone, at) => {
        const wall = wallOf(at * 1e3, zone);
        expect(wallOf(atWall(wall, zone), zone)).toEqual(wall);
      }),
    );
  });

  test('names that are none', () =>
    expect(['Asia/Seoul', 'UTC', 'Mars/Base', ''].map(isZone)).toEqual([true, true, false, false]));
});
