import { expect, test } from 'vitest';
import { findingsOf, paceOf, reasonsOf } from './ingest.ts';
import type { IngestStatus, Rejection } from './ingest.ts';

const status = (change: Partial<IngestStatus> = {}): IngestStatus => ({
  since: 1,
  sources: [{ source: 'udp', documents: 100, bytes: 5000, rejected: 0 }],
  rejections: [],
  senders: [],
  telemetry: [],
  queues: [{ name: 'udp', length: 10, max: 100, dropped: 0 }],
  memory: { used: 10, max: 100 },
  store: { blocks: 1, bytes: 1, traces: 1, oldest: 1, newest: 2, unreadableBlocks: 0 },
  build: { version: '1' },
  ...change,
});

test.each([
  ['all is well', {}, []],
  [
    'nothing came',
    { sources: [{ source: 'udp', documents: 0, bytes: 0, rejected: 0 }] },
    [{ kind: 'nothing' }],
  ],
  [
    'refused',
    { sources: [{ source: 'http', documents: 200, bytes: 0, rejected: 10 }] },
    [{ kind: 'rejected', count: 10, share: 0.05 }],
  ],
  [
    'a queue dropped and is full; one without a bound never is',
    {
      queues: [
        { name: 'udp', length: 80, max: 100, dropped: 3 },
        { name: 'store', length: 1e9, max: null, dropped: 0 },
      ],
    },
    [
      { kind: 'dropped', queue: 'udp', count: 3 },
      { kind: 'full', queue: 'udp', share: 0.8 },
    ],
  ],
  ['memory', { memory: { used: 95, max: 100 } }, [{ kind: 'memory', share: 0.95 }]],
  [
    'blocks',
    { store: { ...status().store, unreadableBlocks: 2 } },
    [{ kind: 'unreadable', count: 2 }],
  ],
  [
    'a daemon lost some',
    {
      telemetry: [
        {
          host: 'web-1',
          version: null,
          received: 9,
          sent: 7,
          spilled: 2,
          rejected: 0,
          lastSeen: 1,
        },
      ],
    },
    [{ kind: 'spilled', host: 'web-1', count: 2 }],
  ],
] as [string, Partial<IngestStatus>, object[]][])('%s', (_name, change, findings) => {
  expect(findingsOf(status(change))).toEqual(findings);
});

test('reasons: the most frequent first, each with its samples', () => {
  const one = (code: string, at: number): Rejection => ({
    at, code, source: 'http', message: '', document: '{}', traceId: null,
  }); // prettier-ignore
  const reasons = reasonsOf([one('MissingId', 5), one('ParseError', 4), one('MissingId', 9)]);
  expect(reasons.map(({ code, count, last }) => [code, count, last])).toEqual([
    ['MissingId', 2, 9],
    ['ParseError', 1, 4],
  ]);
});

test('pace is what came since the look before, in a second', () => {
  const later = status({ sources: [{ source: 'udp', documents: 160, bytes: 8000, rejected: 0 }] });
  const paces = paceOf({ at: 1000, status: status() }, { at: 3000, status: later });
  expect(paces.get('udp')).toEqual({ documents: 30, bytes: 1500 });
  expect(paceOf(undefined, { at: 1, status: later }).size).toBe(0);
  const restarted = { ...later, since: 2 };
  expect(paceOf({ at: 1000, status: status() }, { at: 3000, status: restarted }).size).toBe(0);
});
