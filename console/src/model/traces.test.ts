import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cellOf, csvOf, headOf } from './csv.ts';
import {
  DEFAULT_COLUMNS,
  fitting,
  gridOf,
  grouping,
  isColumn,
  ofOutcomes,
  outcomeOfRow,
  toggled,
  without,
} from './traces.ts';
import type { TraceRow } from './traces.ts';

const row: TraceRow = {
  id: '1-6afe2c80-8b3ded87ffc8d116ecf148e7',
  start: Date.UTC(2026, 10, 20, 8) * 1e3,
  duration: 2_500,
  responseTime: null,
  status: 'ok',
  hasFault: false,
  hasError: false,
  hasThrottle: false,
  isPartial: false,
  method: 'GET',
  url: 'https://shop.example/a,b',
  httpStatus: 200,
  clientIp: null,
  userAgent: '=1+1',
  entry: { name: 'front', type: 'AWS::ECS::Container' },
  users: ['ana', 'bob'],
  annotations: { plan: ['gold'], retries: [1, 2] },
  cause: null,
  nodes: 3,
};

describe('rows', () => {
  test('a fault anywhere in a trace shows', () => {
    expect(outcomeOfRow(row)).toBe('ok');
    expect(outcomeOfRow({ ...row, hasError: true })).toBe('error');
    expect(outcomeOfRow({ ...row, hasError: true, hasThrottle: true })).toBe('throttle');
    expect(outcomeOfRow({ ...row, hasFault: true, hasError: true })).toBe('fault');
    expect(outcomeOfRow({ ...row, status: 'error', hasFault: true })).toBe('error');
  });
});

describe('groupings', () => {
  test.each(['url', 'rawUrl', 'annotation:plan', 'annotation:a b'])('%s is one', (text) =>
    expect(grouping.read(text)).toBe(text),
  );
  test.each(['', 'annotation:', 'plan', 'URL'])('%j is none', (text) =>
    expect(grouping.read(text)).toBeUndefined(),
  );
});

describe('what is picked', () => {
  test('outcomes', () => {
    expect(ofOutcomes([])).toBe('');
    expect(ofOutcomes(['fault'])).toBe('fault');
    expect(ofOutcomes(['error', 'fault'])).toBe('error OR fault');
    expect(ofOutcomes(['ok', 'error', 'throttle', 'fault'])).toBe('');
  });
  test('what is left out', () => {
    expect(without('', 'user = "a"')).toBe('!(user = "a")');
    expect(without('ok OR error', 'user = "a"')).toBe('(ok OR error) AND !(user = "a")');
  });
});

describe('columns', () => {
  test('come and go; those of the table keep its order', () => {
    expect(toggled(['id', 'cause'], 'status')).toEqual(['status', 'id', 'cause']);
    expect(toggled(['status', 'id'], 'status')).toEqual(['id']);
    expect(toggled(['id', 'annotation.plan'], 'cause')).toEqual(['id', 'cause', 'annotation.plan']);
    expect(toggled(toggled(DEFAULT_COLUMNS, 'annotation.plan'), 'annotation.plan')).toEqual(
      DEFAULT_COLUMNS,
    );
  });
  test('are of the table or of annotations', () =>
    expect(['id', 'annotation.plan', 'annotation.', 'nope', 'constructor'].map(isColumn)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]));
  test('fewer of them where there is little room', () => {
    expect(fitting(DEFAULT_COLUMNS, 'large')).toEqual(DEFAULT_COLUMNS);
    expect(fitting(DEFAULT_COLUMNS, 'tiny')).toEqual(['status', 'response', 'request']);
    expect(fitting(['annotation.plan'], 'tiny')).toEqual(['annotation.plan']);
  });
  test('each has a width', () =>
    expect(gridOf(['id', 'annotation.plan'])).toBe('164px minmax(100px, 1fr)'));
});

describe('files for spreadsheets', () => {
  test('a line has what the head says', () => {
    const columns = ['id', 'annotation.plan', 'annotation.retries'];
    expect(headOf(columns).trim().split(',')).toHaveLength(
      csvOf({ ...row, url: 'x' }, columns)
        .trim()
        .split(',').length - 1,
    );
    expect(csvOf(row, columns)).toMatchInlineSnapshot(`
      "1-6afe2c80-8b3ded87ffc8d116ecf148e7,2026-11-20T08:00:00.000Z,,2.5,ok,false,false,false,false,200,GET,"https://shop.example/a,b",,'=1+1,front,AWS::ECS::Container,ana bob,3,,,,gold,"1, 2"
      "
    `);
  });

  test.each([
    ['=1+1', "'=1+1"],
    ['  @SUM(A1)', "'  @SUM(A1)"],
    ['-2', "'-2"],
    ['\tx', "'\tx"],
    ['a"b', '"a""b"'],
    ['a,b', '"a,b"'],
    ['=a,b', `"'=a,b"`],
    ['a\nb', '"a\nb"'],
    [-2, '-2'],
    [null, ''],
    [true, 'true'],
  ])('%j is written as %j', (value, written) => expect(cellOf(value)).toBe(written));

  test('no text is taken for a formula', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(cellOf(text)).not.toMatch(/^"?\s*[=+\-@]/);
      }),
    );
  });
});
