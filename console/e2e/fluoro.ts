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
  doors: { http: string; udp: string; tcp: string };
  /** Sends sample traces and returns when they were sent. */
  send: (count: number) => void;
  /** Puts documents in by the API. */
  put: (documents: object[]) => Promise<void>;
  /** Calls an operation by its path. */
  call: (path: string, body: object) => Promise<unknown>;
  stop: () => Promise<void>;
}

/** The demo, talking to a server. */
export interface Demo {
  /** Breaks something by its name; it heals after a minute. */
  break: (fault: string) => void;
  fix: (fault: string) => void;
  stop: () => Promise<void>;
}

const ANY = '127.0.0.1:0';

/** A program that was started, its addresses, and a folder of its own. */
async function start<Doors>(args: string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'fluoro-console-'));
  const ready = join(folder, 'ready.json');
  const flags = [...args, '--ready-file', ready];
  const child = spawn(PROGRAM, flags, { stdio: 'ignore', cwd: folder });
  const doors = (await doorsOf(child, ready)) as Doors;
  const stop = async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  return { doors, stop };
}

/** Runs the program to its end, and throws when it fails. */
function run(args: string[]): void {
  const { status, stderr } = spawnSync(PROGRAM, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`fluoro ${args.join(' ')} ended with ${status}: ${stderr}`);
}

export async function startDemo({ origin, doors }: Fluoro): Promise<Demo> {
  const daemon = `tcp:${doors.tcp} udp:${doors.udp}`;
  const { doors: own, stop } = await start<{ control: string }>(
    ['demo', '--server', origin, '--daemon', daemon, '--control', ANY],
  ); // prettier-ignore
  const control = ['--control', own.control];
  return {
    break: (fault) => run(['demo', 'break', fault, '--for', '1m', ...control]),
    fix: (fault) => run(['demo', 'fix', fault, ...control]),
    stop,
  };
}

export async function startFluoro(): Promise<Fluoro> {
  const { doors, stop } = await start<Fluoro['doors']>(
    ['serve', '--data-dir', 'data', '--http', ANY, '--udp', ANY, '--tcp', ANY],
  ); // prettier-ignore
  const origin = `http://${doors.http}`;
  const call = async (path: string, body: object): Promise<unknown> => {
    const response = await fetch(origin + path, { method: 'POST', body: JSON.stringify(body) });
    const answer: unknown = await response.json();
    if (!response.ok) throw new Error(JSON.stringify(answer));
    return answer;
  };
  return {
    origin,
    doors,
    send: (count) =>
      run(['send', '--to', doors.udp, '--endpoint', origin, '--count', String(count)]),
    put: async (documents) => {
      const body = { TraceSegmentDocuments: documents.map((one) => JSON.stringify(one)) };
      const answer = (await call('/TraceSegments', body)) as {
        UnprocessedTraceSegments?: unknown[];
      };
      if (answer.UnprocessedTraceSegments?.length) throw new Error(JSON.stringify(answer));
    },
    call,
    stop,
  };
}

async function doorsOf(child: ChildProcess, ready: string): Promise<unknown> {
  const until = Date.now() + READY_MS;
  while (Date.now() < until) {
    if (child.exitCode !== null) throw new Error(`${PROGRAM} ended with ${child.exitCode}`);
    if (existsSync(ready)) {
      const text = readFileSync(ready, 'utf8');
      if (text.trim().endsWith('}')) return JSON.parse(text);
    }
    // Another program's file can only be looked at again.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${PROGRAM} was not ready in time`);
}
