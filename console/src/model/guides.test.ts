import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { doorsOf, guidesFor } from './guides.ts';

const here = (endpoints: object) =>
  doorsOf('http://traces.example:9080', 'traces.example', endpoints);

describe('doors are those of the server, at the name that the page was opened with', () => {
  test('one port for both', () => {
    expect(here({ udp: '0.0.0.0:2000', tcp: '0.0.0.0:2000' })).toEqual({
      api: 'http://traces.example:9080',
      daemon: 'traces.example:2000',
      udp: { host: 'traces.example', port: '2000' },
    });
  });
  test('two ports', () => {
    expect(here({ udp: '127.0.0.1:2001', tcp: '[::]:2002' }).daemon).toBe(
      'tcp:traces.example:2002 udp:traces.example:2001',
    );
  });
  test('closed', () => {
    const doors = here({ udp: null, tcp: null });
    expect(doors.daemon).toBeUndefined();
    const keys = guidesFor(doors, false).map((guide) => guide.key);
    expect(keys).toEqual(['quick', 'cli', 'daemon', 'adot', 'cwagent']);
  });
  test('a server that does not tell yet has the usual ones', () => {
    expect(doorsOf('http://[::1]:2080', '[::1]', undefined).daemon).toBe('localhost:2000');
  });
});

const guides = guidesFor(here({ udp: '127.0.0.1:2001', tcp: '127.0.0.1:2002' }), true);

test('every guide has steps, and none speaks of another server', () => {
  for (const guide of guides) {
    expect(guide.steps.length, guide.key).toBeGreaterThan(0);
    for (const { text } of guide.steps)
      expect(text, guide.key).not.toMatch(/\.amazonaws\.com|localhost/);
  }
  expect(new Set(guides.map((guide) => guide.key)).size).toBe(guides.length);
  expect(guidesFor(here({ udp: ':1', tcp: ':1' }), false).some((one) => one.key === 'otlp')).toBe(
    false,
  );
});

test.each(['quick', 'udp', 'cli'])('%s: what the shell sends is a segment', (key) => {
  const text = guides.find((guide) => guide.key === key)?.steps[0]?.text ?? '';
  // The program that sends shows what it would send.
  const shown = 'curl() { cat; }; nc() { cat; }; aws() { shift 8; printf "%s" "$1"; }; ';
  const { stdout, stderr } = spawnSync('sh', ['-c', shown + text], { encoding: 'utf8' });
  expect(stderr).toBe('');
  const last = stdout.split('\n').at(-1) ?? '';
  const outer = JSON.parse(last) as { TraceSegmentDocuments?: string[] };
  const document = (
    outer.TraceSegmentDocuments ? JSON.parse(outer.TraceSegmentDocuments[0] ?? '') : outer
  ) as Record<string, unknown>;
  expect(document['trace_id']).toMatch(/^1-[0-9a-f]{8}-[0-9a-f]{24}$/);
  expect(document['id']).toMatch(/^[0-9a-f]{16}$/);
  expect(document).toMatchObject({ name: 'hello' });
  expect(Number(document['end_time'])).toBeGreaterThan(Number(document['start_time']));
});
