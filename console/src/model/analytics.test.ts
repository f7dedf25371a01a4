import { expect, test } from 'vitest';
import {
  NOTHING_YET,
  chance,
  deltaOf,
  differencesToB,
  expressionOf,
  isChosen,
  foundRows,
  keyText,
  presetsOf,
  ranked,
  sortedRows,
  withLine,
  without,
} from './analytics.ts';
import type { Difference, Line, RawMeasures } from './analytics.ts';

const measures: RawMeasures = {
  traces: 10, ok: 8, error: 0, throttle: 0, fault: 2, average: 1500, p50: 1000, p95: 9000, p99: null,
}; // prettier-ignore

const nobody = { all: 0, a: 0, b: null };

test('lines come together, in milliseconds', () => {
  const lines: Line[] = [
    { progress: { done: 1, of: 2 } },
    { sets: { retrieved: measures, a: measures } },
    { distribution: { edges: [1, 1, 2000, 4000], all: [0, 2, 3], a: [0, 1, 0], b: null } },
    { activity: { start: 5_000_000, width: 1_000_000, all: [1, 2], a: [0, 1] } },
    { heatmap: { start: 0, width: 1000, edges: [0, 1000], all: [[1]], a: [[0]] } },
    { table: { by: 'url', rows: [], others: { groups: 0, ...nobody }, none: nobody } },
    {},
    { end: { scanned: 10, exact: true } },
  ];
  const all = lines.reduce(withLine, NOTHING_YET);
  expect(all.sets?.retrieved).toMatchObject({ p50: 1, p95: 9, p99: null, average: 1.5 });
  expect(all.distribution).toEqual({ edges: [0.001, 2, 4], all: [2, 3], a: [1, 0], b: null });
  expect(all.activity?.edges).toEqual([5000, 6000, 7000]);
  expect(all.heatmap?.times).toEqual([0, 1]);
  expect(all.tables).toHaveLength(1);
  expect([all.progress, all.end]).toEqual([null, { scanned: 10, exact: true }]);
});

test('a set is its text and its brush', () => {
  const set = { text: 'fault OR error', span: [0.2, 1.5] as const, window: null };
  expect(expressionOf(set)).toBe('(fault OR error) AND responsetime >= 0.2 AND responsetime < 1.5');
  expect(isChosen({ text: '', span: null, window: null })).toBe(false);
  expect(without(['fault', 'user = "a" OR user = "b"', 'ok'], 0)).toBe(
    '(user = "a" OR user = "b") AND ok',
  );
});

test('the difference is to B, or to the rest', () => {
  const row = { all: 50, a: 10, b: 5 };
  expect(deltaOf(row, { all: 100, a: 20, b: 50 })).toBeCloseTo(0.5 - 0.1);
  expect(deltaOf({ ...row, b: null }, { all: 100, a: 20, b: null })).toBeCloseTo(0.5 - 0.5);
});

test('rows are sorted by how much they differ', () => {
  const row = (key: string, all: number, a: number) => ({ key, filter: '', all, a, b: null });
  const rows = [row('same', 80, 8), row('more', 10, 2), row('less', 10, 0)];
  const totals = { all: 100, a: 10, b: null };
  expect(sortedRows(rows, 'delta', totals).map((one) => one.key)).toEqual(['more', 'less', 'same']);
  expect(sortedRows(rows, 'count', totals)[0]?.key).toBe('same');
});

test('differences are ranked as asked', () => {
  const one = (key: string, a: number, rest: number): Difference => ({
    by: 'user', key, filter: '', a, aTotal: 100, rest, restTotal: 1000, pValue: 0,
  }); // prettier-ignore
  const all = [one('wide', 90, 500), one('sharp', 10, 0), one('most', 95, 900)];
  expect(ranked(all, 'share')[0]?.key).toBe('wide');
  expect(ranked(all, 'lift')[0]?.key).toBe('sharp');
  expect(ranked(all, 'support')[0]?.key).toBe('most');
});

test('comparisons are offered where they make sense', () => {
  const rows = ['2.4', '2.3'].map((key) => ({
    key, filter: `annotation.version = "${key}"`, all: 5, a: 5, b: null,
  })); // prettier-ignore
  const others = { groups: 0, ...nobody };
  const analysis = {
    ...NOTHING_YET,
    sets: { retrieved: { ...measures, p95: 2345.67 }, a: measures, b: null },
    tables: [
      { by: 'annotation:version', rows, others, none: nobody },
      { by: 'annotation:lonely', rows: rows.slice(1), others, none: nobody },
      { by: 'user', rows, others, none: nobody },
    ],
  };
  const found = presetsOf(analysis, { from: 0, to: 36e5 });
  expect(found.map((one) => [one.kind, one.a.text, one.b.text])).toEqual([
    ['faults', 'fault', 'ok'],
    ['slowest', 'responsetime >= 2.346', 'responsetime < 2.346'],
    ['recent', '', ''],
    ['values', 'annotation.version = "2.4"', 'annotation.version = "2.3"'],
  ]);
  expect(found[2]?.a.window).toEqual({ from: 27e5, to: 36e5 });
  expect(presetsOf(NOTHING_YET, { from: 0, to: 6e5 })).toHaveLength(1);
});

test.each([
  [10, 100, 20, 200, 1],
  [12, 40, 6, 40, 0.1055],
  [20, 40, 8, 40, 0.0044],
  [41, 100, 3, 100, 3.4e-12],
])('chance makes %s of %s against %s of %s', (a, aTotal, rest, restTotal, expected) => {
  expect(chance(a, aTotal, rest, restTotal) / expected).toBeCloseTo(1, 1);
});

test('A is held against B: what chance explains, or few have, is not told', () => {
  const row = (key: string, a: number, b: number) => ({ key, filter: '', all: a + b, a, b });
  const rows = [row('much', 60, 5), row('alike', 30, 31), row('few', 3, 0)];
  const table = { by: 'user', rows, others: { groups: 0, ...nobody }, none: nobody };
  const found = differencesToB([table], { all: 200, a: 100, b: 100 });
  expect(found.map((one) => [one.key, one.rest, one.restTotal])).toEqual([['much', 5, 100]]);
  expect(differencesToB([table], { all: 200, a: 100, b: null })).toEqual([]);
});

test('values are found beyond the rows of a table, with their counts in both sets', () => {
  const measures = (traces: number) => ({
    traces, ok: traces, error: 0, throttle: 0, fault: 0, average: null, p95: null,
  }); // prettier-ignore
  const of = (counts: Record<string, number>, others = 0) => ({
    total: measures(100),
    none: measures(0),
    groups: Object.entries(counts).map(([key, count]) => ({
      key, filter: `user = "${key}"`, measures: measures(count), previous: null,
    })), // prettier-ignore
    others: { groups: others, measures: measures(others) },
    exact: true,
  });
  const found = foundRows(of({ ann: 9, dan: 3 }, 2), of({ dan: 3, han: 1 }, 1), of({ ann: 4 }));
  expect(found.rows.map(({ key, all, a, b }) => [key, all, a, b])).toEqual([
    ['ann', 9, 0, 4],
    ['dan', 3, 3, 0],
  ]);
  expect(found.others).toEqual({ groups: 2, all: 2, a: 2, b: 0 });
  expect(foundRows(of({ ann: 9 }), null, null).rows[0]).toMatchObject({ a: 9, b: null });
});

test.each([
  ['service', 'web~AWS::ECS::Container', 'web'],
  ['edge', 'web~AWS::ECS::Container → db~remote', 'web → db'],
  ['faultPath', 'web → db~remote → disk~AWS::EC2::Volume', 'web → db → disk'],
  ['user', 'a~b', 'a~b'],
])('of %s, %s is shown as %s', (by, key, text) => {
  expect(keyText(by, key)).toBe(text);
});
