// A browser whose CPU time is known, and a server that hands out the built console and answers as told.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const TYPES = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.html': 'text/html',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
};
const TICKS_MS = 1000 / Number(execFileSync('getconf', ['CLK_TCK']));

/** The window of every page that is measured. */
export const VIEW = { width: 1440, height: 900 };

/** Hands out the console, and what `answers` has for the path of a call. */
export function serve(answers) {
  const server = createServer((request, response) => {
    const path = new URL(request.url, 'http://x').pathname;
    const name = path.replace('/console/', '');
    if (request.method === 'POST' || name.startsWith('api/')) {
      const answer = answers[path];
      response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
      return response.end(answer ?? '{}');
    }
    const file = existsSync(join(dist, name)) && extname(name) !== '' ? name : 'index.html';
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'text/plain' });
    return response.end(readFileSync(join(dist, file)));
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
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
