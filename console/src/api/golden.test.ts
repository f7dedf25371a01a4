// The server's answers, as its own tests have them written down, read the way the pages read them.
import { readFileSync, readdirSync } from 'node:fs';
import { QueryClient } from '@tanstack/react-query';
import type { FetchQueryOptions, QueryKey } from '@tanstack/react-query';
import { afterEach, expect, test, vi } from 'vitest';
import { orderOf, outcomeOfRow } from '../model/traces.ts';
import { analysisQuery, setTracesQuery } from './analytics.ts';
import { extraQuery, labelsQuery, spreadQuery, stripQuery, urlsQuery } from './map.ts';
import { aggregateQuery, searchQuery } from './traces.ts';

const FOLDER = new URL('../../../crates/server/src/console/golden/', import.meta.url);
const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
const read = new Set<string>();

afterEach(() => {
  vi.unstubAllGlobals();
  client.clear();
});

/** Answers every request with what the server answered; a list is an answer in lines. */
function answer(name: string): void {
  read.add(`${name}.json`);
  const golden: unknown = JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8'));
  const text = Array.isArray(golden)
    ? golden.map((line) => `${JSON.stringify(line)}\n`).join('')
    : JSON.stringify(golden);
  vi.stubGlobal('fetch', async () => new Response(text));
}

/** Asks as a page does, of a server that answers so. */
function ask<T, K extends QueryKey>(name: string, query: FetchQueryOptions<T, Error, T, K>) {
  answer(name);
  return client.fetchQuery({ ...query, retry: false });
}

const range = { kind: 'last' as const, length: 36e5 };
const scope = { range, filter: '', group: '', isLive: false };
const nothing = { text: '', span: null, window: null };

test('rows of a search', async () => {
  answer('search');
  const chosen = { range, filter: '', group: '' };
  const { pages } = await client.fetchInfiniteQuery(searchQuery(chosen, orderOf('newest')));
  const [page] = pages;
  expect(page?.end).toMatchObject({ total: 11, exact: true });
  expect(page?.rows.map((row) => [outcomeOfRow(row), row.url, row.cause?.exception])).toEqual([
    ['fault', 'http://shop.example/orders/40', 'Boom'],
    ['fault', 'http://shop.example/orders/35', 'Boom'],
    ['throttle', 'http://shop.example/cart', undefined],
  ]);
  const found = await ask('search', setTracesQuery({ from: 0, to: 1 }, '', ''));
  expect(found.total).toBe(11);
  expect(found.rows[0]).toMatchObject({
    startedAt: 1790159705000,
    responseTime: 50,
    entry: 'front',
    cause: 'back · Boom',
  });
});

test('groups of traces', async () => {
  const { groups, total } = await ask('aggregate', aggregateQuery(scope, 'url', ''));
  expect(total.traces).toBe(40);
  expect(groups.map(({ key, measures, previous }) => [key, measures.traces, previous?.traces]))
    .toMatchInlineSnapshot(`
    [
      [
        "/orders/{id}",
        27,
        14,
      ],
    ]
  `);
  const [row] = await ask('aggregate', urlsQuery(scope));
  expect(row).toMatchInlineSnapshot(`
    {
      "average": 52.592,
      "fault": 6,
      "filter": "http.url CONTAINS "/orders/"",
      "key": "/orders/{id}",
      "p95": 89.088,
      "traces": 27,
    }
  `);
});

test('what the map has beside its graph', async () => {
  const extra = await ask('map-extra', extraQuery(scope, true));
  expect([...extra]).toMatchInlineSnapshot(`
    [
      [
        "back~",
        {
          "firstSeen": 1790159315000,
          "origins": 8,
          "percentiles": {
            "p50": 3,
            "p95": 5,
            "p99": 5,
          },
        },
      ],
      [
        "front~AWS::EC2::Instance",
        {
          "firstSeen": 1790159315000,
          "origins": 0,
          "percentiles": {
            "p50": 50,
            "p95": 90,
            "p99": 90,
          },
        },
      ],
      [
        "front~client",
        {
          "firstSeen": 1790159315000,
          "origins": 0,
          "percentiles": undefined,
        },
      ],
    ]
  `);
  const labels = await ask('map-labels', labelsQuery(scope, 'group:team'));
  expect(Object.fromEntries(labels)).toMatchInlineSnapshot(`
    {
      "front~": "web",
      "pay~": "money",
      "stock~": "goods",
    }
  `);
  const spread = await ask('histogram', spreadQuery(scope, {}));
  const counts = { ok: 0, error: 0, throttle: 0, fault: 8 };
  const bins = [{ from: 0.001, to: 0.001001, ...counts }];
  expect(spread).toEqual({ bins, p50: 0.001, p95: 0.001, p99: 0.001 });
  const strip = await ask('series', stripQuery(scope));
  expect([strip.start, strip.width, strip.steps.length]).toEqual([1790159300000, 20000, 4]);
  expect(strip.steps[2]).toMatchObject({ at: 1790159340000, ok: 1, fault: 1 });
});

test('an analysis, line by line', async () => {
  const question = { range, filter: '', group: '', a: nothing, b: nothing, tables: [] };
  const found = await ask('analytics', analysisQuery(question));
  expect(found.end).toMatchObject({ exact: true });
  expect(found.sets?.retrieved).toMatchObject({ traces: 40, p95: 89.088 });
  expect([found.sets?.a.traces, found.sets?.b?.traces]).toEqual([8, 3]);
  const sum = (counts: readonly number[] = []) => counts.reduce((all, one) => all + one, 0);
  expect([sum(found.distribution?.all), sum(found.activity?.a)]).toEqual([40, 8]);
  expect(found.distribution?.edges.length).toBe((found.distribution?.all.length ?? 0) + 1);
  expect(sum(found.heatmap?.all.map(sum))).toBe(40);
  expect(found.tables.map(({ by, rows }) => [by, rows[0]?.key, rows[0]?.all]))
    .toMatchInlineSnapshot(`
    [
      [
        "url",
        "/orders/{id}",
        27,
      ],
      [
        "status",
        "200",
        25,
      ],
      [
        "cause",
        "back",
        8,
      ],
      [
        "exception",
        "Boom",
        8,
      ],
      [
        "faultPath",
        "front~AWS::EC2::Instance → back",
        8,
      ],
      [
        "errorPath",
        "front~AWS::EC2::Instance → back",
        4,
      ],
      [
        "slowPath",
        undefined,
        undefined,
      ],
    ]
  `);
  expect(found.differences?.map(({ by, key }) => `${by} ${key}`)).toMatchInlineSnapshot(`
    [
      "cause back",
      "exception Boom",
      "faultPath front~AWS::EC2::Instance → back",
      "status 500",
      "status 200",
    ]
  `);
});

test('no answer is left out', () => {
  expect([...read].sort()).toEqual(readdirSync(FOLDER).sort());
});
