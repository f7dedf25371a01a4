// A browser whose CPU time is known, and a server that hands out the built console and answers as told.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright-core';

// Another build can be measured beside it.
const dist = process.env.DIST ?? fileURLToPath(new URL('../dist/', import.meta.url));
const TYPES = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.html': 'text/html',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
};
const TICKS_MS = 1000 / Number(execFileSync('getconf', ['CLK_TCK']));

const FRAMES = 120;
const RUNS = 3;

/** The window of every page that is measured. */
export const VIEW = { width: 1440, height: 900 };

/** Returns a text as the server packs it. */
export function packed(text) {
  return gzipSync(text, { level: 1 });
}

/** Hands out the console, and what `answers` has for the path of a call, packed. */
export function serve(answers) {
  const bodies = Object.fromEntries(
    Object.entries(answers).map(([path, text]) => [path, packed(text)]),
  );
  const server = createServer((request, response) => {
    const path = new URL(request.url, 'http://x').pathname;
    const name = path.replace('/console/', '');
    if (request.method === 'POST' || name.startsWith('api/')) {
      const body = bodies[path];
      const encoding = body && { 'content-encoding': 'gzip' };
      const head = { 'content-type': 'application/json', ...encoding };
      response.writeHead(body === undefined ? 404 : 200, head);
      return response.end(body ?? '{}');
    }
    const file = existsSync(join(dist, name)) && extname(name) !== '' ? name : 'index.html';
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'text/plain' });
    return response.end(readFileSync(join(dist, file)));
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

/** Returns when the largest thing of the page was painted, by the page's own clock. */
export function largestPaint() {
  return new Promise((resolve) => {
    new PerformanceObserver((list) => resolve(list.getEntries().at(-1)?.startTime)).observe({
      type: 'largest-contentful-paint',
      buffered: true,
    });
  });
}

/** Draws one line on an empty canvas, once a frame: what nobody can go below. */
export function control({ frames }) {
  document.body.innerHTML = '<canvas width="1200" height="640"></canvas>';
  const context = document.querySelector('canvas').getContext('2d');
  return new Promise((resolve) => {
    let frame = 0;
    const step = () => {
      context.clearRect(0, 0, 1200, 640);
      context.strokeRect(frame, 10, 100, 100);
      frame += 1;
      if (frame < frames) requestAnimationFrame(step);
      else resolve(undefined);
    };
    requestAnimationFrame(step);
  });
}

/** Returns the CPU time of a frame of `work`, the least of some runs. */
export async function measure(page, pid, work, given) {
  const runs = [];
  for (let run = 0; run < RUNS; run += 1) {
    const before = cpuOf(pid);
    await page.evaluate(work, { frames: FRAMES, ...given });
    runs.push((cpuOf(pid) - before) / FRAMES);
  }
  return Math.min(...runs);
}

/** Returns the CPU time of a process and all below it, in milliseconds. */
export function cpuOf(root) {
  const parents = new Map();
  const times = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      parents.set(Number(name), Number(fields[1]));
      times.set(Number(name), Number(fields[11]) + Number(fields[12]));
    } catch {
      // It ended in between.
    }
  }
  const isBelow = (pid) => pid === root || (parents.has(pid) && isBelow(parents.get(pid)));
  return [...times].reduce((sum, [pid, ticks]) => sum + (isBelow(pid) ? ticks : 0), 0) * TICKS_MS;
}

/** Returns the process of the browser, by an argument that only it has. */
function pidOf(mark) {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const args = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0');
      if (args.includes(mark) && !args.some((arg) => arg.startsWith('--type=')))
        return Number(name);
    } catch {
      // It ended in between.
    }
  }
  throw new Error('the browser is not found');
}

/** Starts a browser with a window of its own; `mark` tells it from all others. */
export async function startBrowser(name) {
  const mark = `--fluoro-bench=${name}-${process.pid}`;
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', mark],
  });
  const context = await browser.newContext({ viewport: VIEW });
  return { browser, page: await context.newPage(), pid: pidOf(mark) };
}
