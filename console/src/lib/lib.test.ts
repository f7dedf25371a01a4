import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ago,
  axisStep,
  bytes,
  compact,
  duration,
  percent,
  perMinute,
  timeOfDay,
} from './format.ts';
import { CHIPS, fixed, formatRange, parseRange, shift, widen, windowOf } from './range.ts';
import {
  decode,
  encode,
  formatSearch,
  list,
  parseSearch,
  span,
  text,
  word,
  words,
} from './search.ts';
import { epochOf, findTraceId } from './traceid.ts';

describe('format', () => {
  test.each([
    [0, '0 ms'],
    [0.0421, '42.1 µs'],
    [0.9999, '1 ms'],
    [14, '14 ms'],
    [648.2, '648 ms'],
    [999.7, '1 s'],
    [2310, '2.31 s'],
    [59_996, '1 m'],
    [72_000, '1 m 12 s'],
    [3_599_999, '1 h'],
    [5_400_000, '1 h 30 m'],
    [90_000_000, '1 d 1 h'],
    [-312, '-312 ms'],
    [NaN, '–'],
  ])('a duration of %s ms is %s', (ms, shown) => expect(duration(ms)).toBe(shown));

  test('counts, shares and rates', () => {
    expect([842, 1234, 999_600, 12_400_000].map(compact)).toEqual(['842', '1.23k', '1M', '12.4M']);
    expect([0, 0.0004, 0.042, 0.69, 0.9996, 1].map(percent)).toEqual([
      '0 %', '<0.1 %', '4.2 %', '69 %', '>99.9 %', '100 %',
    ]); // prettier-ignore
    expect([0, 0.43, 12, 1204].map(perMinute)).toEqual(['0/min', '0.43/min', '12/min', '1.2k/min']);
  });

  test('times follow zone and language', () => {
    const at = Date.UTC(2026, 10, 20, 9, 42, 7, 318);
    expect(timeOfDay(at, { language: 'en', zone: 'Asia/Seoul' })).toBe('18:42:07.318');
    expect(ago(at, at + 125_000, 'en')).toBe('2 min. ago');
    expect(ago(at, at + 125_000, 'ko')).toBe('2분 전');
    expect(ago(at, at + 125_000, 'ja')).toBe('2 分前');
  });

  test('axis steps are round', () => {
    expect([axisStep(2310, 5), axisStep(0.9, 4), axisStep(0, 4)]).toEqual([500, 0.5, 1]);
  });
});

describe('range', () => {
  const now = Date.UTC(2026, 10, 20, 12, 0, 0);
  const between = fc.tuple(fc.integer({ min: 1e12, max: 2e12 }), fc.integer({ min: 1, max: 1e10 }));

  test('what is written is read back', () => {
    fc.assert(
      fc.property(between, ([from, length]) => {
        const range = { kind: 'between' as const, from, to: from + length };
        expect(parseRange(formatRange(range))).toEqual(range);
      }),
    );
    for (const chip of CHIPS)
      expect(formatRange(parseRange(chip) ?? { kind: 'last', length: 0 })).toBe(chip);
  });

  test('a shift never passes now', () => {
    const hour = { kind: 'last' as const, length: 36e5 };
    const before = shift(hour, -1, now);
    expect(windowOf(before, now)).toEqual({ from: now - 72e5, to: now - 36e5 });
    expect(shift(before, 1, now)).toEqual(hour);
  });

  test('twice as wide, and not past now', () => {
    const hour = { kind: 'last' as const, length: 36e5 };
    expect(formatRange(widen(hour, now))).toBe('2h');
    const early = { kind: 'between' as const, from: now - 5 * 36e5, to: now - 4 * 36e5 };
    expect(windowOf(widen(early, now), now)).toEqual({ from: now - 198e5, to: now - 126e5 });
    const late = { kind: 'between' as const, from: now - 36e5, to: now };
    expect(windowOf(widen(late, now), now)).toEqual({ from: now - 72e5, to: now });
  });

  test('a range that is fixed stays where it was', () =>
    expect(fixed({ kind: 'last', length: 36e5 }, now)).toEqual({
      kind: 'between',
      from: now - 36e5,
      to: now,
    }));
});

describe('search', () => {
  const anything = fc.dictionary(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), {
    noNullPrototype: true,
  });

  test('what is written is read back', () => {
    fc.assert(
      fc.property(anything, (search) => {
        expect(parseSearch(formatSearch(search))).toEqual(search);
      }),
    );
  });

  test('nothing makes it throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => void formatSearch(parseSearch(text))),
    );
    expect(formatSearch({ a: '\ud800' })).toBe('?a=%EF%BF%BD');
    expect(parseSearch('?a=%&b=%E0%A4%A&&=x&c')).toEqual({ a: '%', b: '%E0%A4%A' });
  });

  test('a URL stays readable', () => {
    const search = {
      q: 'service("a") AND fault',
      t: '2026-11-20T08:00Z~2026-11-20T09:00Z',
      st: 'ok,fault',
    };
    expect(formatSearch(search)).toBe(
      '?q=service(%22a%22)+AND+fault&t=2026-11-20T08:00Z~2026-11-20T09:00Z&st=ok,fault',
    );
  });

  const params = {
    q: text(),
    sort: word(['newest', 'slowest'], 'newest'),
    st: words(['ok', 'error', 'fault']),
    x: list(),
    z: span(),
  };

  test('invalid values are named and the default stands in', () => {
    const { values, invalid } = decode(params, { sort: 'foo', st: 'ok,nope', z: '3~1', q: 'x' });
    expect(invalid).toEqual(['sort=foo', 'st=ok,nope', 'z=3~1']);
    expect(values).toEqual({ q: 'x', sort: 'newest', st: [], x: [], z: null });
  });

  test('defaults are left out and unknown names stay', () => {
    const given = { sort: 'slowest', other: '1', st: 'ok' };
    expect(encode(params, given, { sort: 'newest', st: ['fault', 'ok'], z: [0.2, 1.5] })).toEqual({
      other: '1',
      st: 'ok,fault',
      z: '0.2~1.5',
    });
  });

  test('every value survives the way through a URL', () => {
    const values = fc.record({
      q: fc.string(),
      sort: fc.constantFrom('newest' as const, 'slowest' as const),
      st: fc.subarray(['ok', 'error', 'fault'] as const).map((one) => [...one]),
      x: fc.array(fc.string({ minLength: 1 })),
      z: fc.oneof(
        fc.constant(null),
        fc.tuple(fc.nat(), fc.integer({ min: 1 })).map(([a, b]) => [a, a + b] as [number, number]),
      ),
    });
    fc.assert(
      fc.property(values, (wanted) => {
        const url = formatSearch(encode(params, {}, wanted));
        expect(decode(params, parseSearch(url))).toEqual({ values: wanted, invalid: [] });
      }),
    );
  });
});

describe('trace ids', () => {
  const id = '1-6b01dde6-8b3ded87ffc8d116ecf148e7';
  test.each([
    [id],
    [id.toUpperCase()],
    [`Root=${id};Parent=53995c3f42cd8ad8;Sampled=1`],
    ['6b01dde68b3ded87ffc8d116ecf148e7'],
    ['00-6b01dde68b3ded87ffc8d116ecf148e7-53995c3f42cd8ad8-01'],
    [`2026-11-20 ERROR trace=${id} failed`],
  ])('%s has one', (pasted) => expect(findTraceId(pasted)).toBe(id));

  test.each(['', 'fault AND user = "a"', '1-6b01dde6-8b3d', `a${'0'.repeat(40)}`])(
    '%s has none',
    (pasted) => expect(findTraceId(pasted)).toBeUndefined(),
  );

  test('carry when the trace began', () => expect(epochOf(id)).toBe(0x6b01dde6));
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '0.977 KiB'],
  [1536, '1.5 KiB'],
  [64 * 1024 ** 2, '64 MiB'],
  [1023.6 * 1024 ** 2, '1 GiB'],
  [3e15, '2.66 PiB'],
])('%d bytes are %s', (count, text) => {
  expect(bytes(count)).toBe(text);
});
