import { describe, expect, test } from 'vitest';
import { around, eventsOf, expectedOf, insightOf, lanesOf, severityOf } from './insight.ts';
import type { RawInsight } from './insight.ts';

const raw = (change: Partial<RawInsight> = {}): RawInsight => ({
  InsightId: 'a',
  GroupName: 'Default',
  State: 'ACTIVE',
  RootCauseServiceId: { Name: 'orders', Type: 'AWS::ECS::Container' },
  TopAnomalousServices: [{ ServiceId: { Name: 'orders', Type: 'AWS::ECS::Container' } }],
  StartTime: 600,
  EndTime: null,
  ClientRequestImpactStatistics: { FaultCount: 12, OkCount: 80, TotalCount: 100 },
  ...change,
});

test('what is neither a success nor a fault is an error', () => {
  expect(insightOf(raw()).clients).toEqual({ total: 100, ok: 80, fault: 12, error: 8 });
});

test('an insight names services as the graph does, and has no end while it is active', () => {
  expect(insightOf(raw())).toMatchObject({
    isActive: true,
    root: { key: 'orders~AWS::ECS::Container', name: 'orders' },
    from: 600_000,
    to: undefined,
  });
  expect(insightOf(raw({ State: 'CLOSED', EndTime: 900 }))).toMatchObject({
    isActive: false,
    to: 900_000,
  });
});

test.each([
  [0, 'low'],
  [0.5, 'low'],
  [1, 'medium'],
  [9.9, 'medium'],
  [10, 'high'],
])('%d %% of clients is %s', (percent, severity) => {
  const impact = { FaultCount: percent * 10, OkCount: 0, TotalCount: 1000 };
  expect(severityOf(insightOf(raw({ ClientRequestImpactStatistics: impact })))).toBe(severity);
});

describe('events', () => {
  const newestFirst = [
    { EventTime: 900, Summary: 'orders has recovered.' },
    { EventTime: 840, Summary: 'orders turned out to be the root cause.' },
    { EventTime: 780, Summary: 'The incident has grown.' },
    { EventTime: 720, Summary: 'api faults more often than expected.' },
  ];
  test('come from first to last, with what kind they are', () => {
    const kinds = eventsOf(newestFirst, false).map(({ at, kind }) => `${at / 1e3} ${kind}`);
    expect(kinds).toEqual(['720 opened', '780 grew', '840 moved', '900 closed']);
  });
  test('do not close what is active', () => {
    expect(eventsOf(newestFirst.slice(1), true).at(-1)?.kind).toBe('moved');
    expect(eventsOf(newestFirst.slice(3), true).map((one) => one.kind)).toEqual(['opened']);
  });
});

test('lanes: one for each root cause of each group, active ones first, then the latest', () => {
  const closed = { State: 'CLOSED' };
  const lanes = lanesOf([
    insightOf(raw({ ...closed, InsightId: 'old', EndTime: 700 })),
    insightOf(raw({ ...closed, InsightId: 'older', StartTime: 100, EndTime: 200 })),
    insightOf(
      raw({ ...closed, InsightId: 'late', RootCauseServiceId: { Name: 'db' }, EndTime: 800 }),
    ),
    insightOf(raw({ InsightId: 'now', GroupName: 'checkout' })),
  ]);
  const shown = lanes.map(
    (lane) => `${lane.group} ${lane.name}: ${lane.insights.map((one) => one.id).join(' ')}`,
  );
  expect(shown).toEqual(['checkout orders: now', 'Default db: late', 'Default orders: old older']);
});

test('minutes come in order, with the band that was expected', () => {
  const period = (at: number, fault: number, high?: number) => ({
    Timestamp: at,
    ServiceSummaryStatistics: { TotalCount: 50, FaultStatistics: { TotalCount: fault } },
    ServiceForecastStatistics: {
      FaultCountLow: high === undefined ? null : 0,
      FaultCountHigh: high ?? null,
    },
  });
  expect(expectedOf([period(120, 9, 4), period(60, 1)])).toEqual([
    { at: 60_000, requests: 50, faults: 1, low: undefined, high: undefined },
    { at: 120_000, requests: 50, faults: 9, low: 0, high: 4 },
  ]);
});

test('the window around an insight never asks for more than six hours', () => {
  const long = insightOf(raw({ State: 'CLOSED', StartTime: 36_000, EndTime: 72_000 }));
  const { from, to } = around(long, 1e9);
  expect(to - from).toBe(6 * 36e5);
  const short = insightOf(raw({ State: 'CLOSED', StartTime: 36_000, EndTime: 36_120 }));
  expect(around(short, 1e9)).toEqual({ from: 36_000e3 - 3e5, to: 36_120e3 + 3e5 });
});
