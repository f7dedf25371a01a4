// The real program, for journeys.
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROGRAM =
  process.env['FLUORO'] ?? fileURLToPath(new URL('../../target/debug/fluoro', import.meta.url));
const READY_MS = 20_000;

/** A server of its own, on ports that were free. */
export interface Fluoro {
  origin: string;
  /** Sends sample traces and returns when they were sent. */
  send: (count: number) => void;
  /** Puts documents in by the API. */
  put: (documents: object[]) => Promise<void>;
  stop: () => Promise<void>;
}

export async function startFluoro(): Promise<Fluoro> {
  const folder = mkdtempSync(join(tmpdir(), 'fluoro-console-'));
  const ready = join(folder, 'ready.json');
  const any = '127.0.0.1:0';
  const child = spawn(
    PROGRAM,
    [
      'serve',
      '--data-dir',
      join(folder, 'data'),
      '--http',
      any,
      '--udp',
      any,
      '--tcp',
      any,
      '--ready-file',
      ready,
    ],
    { stdio: 'ignore' },
  );
  const doors = await doorsOf(child, ready);
  const origin = `http://${doors.http}`;
  return {
    origin,
    send: (count) => {
      const args = ['send', '--to', doors.udp, '--endpoint', origin, '--count', String(count)];
      const { status } = spawnSync(PROGRAM, args, { stdio: 'ignore' });
      if (status !== 0) throw new Error(`fluoro send ended with ${status}`);
    },
    put: async (documents) => {
      const body = JSON.stringify({
        TraceSegmentDocuments: documents.map((one) => JSON.stringify(one)),
      });
      const response = await fetch(`${origin}/TraceSegments`, { method: 'POST', body });
      const answer = (await response.json()) as { UnprocessedTraceSegments?: unknown[] };
      if (!response.ok || answer.UnprocessedTraceSegments?.length)
        throw new Error(JSON.stringify(answer));
    },
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function doorsOf(child: ChildProcess, ready: string): Promise<{ http: string; udp: string }> {
  const until = Date.now() + READY_MS;
  while (Date.now() < until) {
    if (child.exitCode !== null) throw new Error(`${PROGRAM} ended with ${child.exitCode}`);
    if (existsSync(ready)) {
      const text = readFileSync(ready, 'utf8');
      if (text.trim().endsWith('}')) return JSON.parse(text) as { http: string; udp: string };
    }
    // Another program's file can only be looked at again.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${PROGRAM} was not ready in time`);
}
