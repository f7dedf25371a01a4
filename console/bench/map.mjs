// What drawing the map costs: CPU time of the whole browser for each frame, panned and zoomed, with
// a fleet that does not exist as the server's answer. Only ratios of one run tell anything.
//
//   npm run build && node bench/map.mjs [services/calls …]
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { fleet } from './fleet.mjs';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const FRAMES = 120;
const RUNS = 3;
const VIEW = { width: 1440, height: 900 };
/** Limits of a frame, in milliseconds of CPU. */
const LIMITS = { main: 8, all: 16 };
const TYPES = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.html': 'text/html',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
};
const TICKS_MS = 1000 / Number(execFileSync('getconf', ['CLK_TCK']));
const sizes =
  process.argv.slice(2).length > 0 ? process.argv.slice(2) : ['60/120', '200/600', '500/3000'];

/** Hands out the console, and the fleet to whoever asks for a graph. */
function serve(services) {
  const graph = JSON.stringify({ Services: services });
  const server = createServer((request, response) => {
    const path = new URL(request.url, 'http://x').pathname;
    if (request.method === 'POST') {
      const isGraph = path === '/ServiceGraph';
      response.writeHead(isGraph ? 200 : 404, { 'content-type': 'application/json' });
      return response.end(isGraph ? graph : '{}');
    }
    const name = path.replace('/console/', '');
    if (name.startsWith('api/')) return response.writeHead(404).end('{}');
    const file = existsSync(join(dist, name)) && extname(name) !== '' ? name : 'index.html';
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'text/plain' });
    return response.end(readFileSync(join(dist, file)));
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

/** Returns the CPU time of a process and all below it, in milliseconds. */
function cpuOf(root) {
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

/** Turns the wheel once a frame. */
function turn({ frames, isZoom }) {
  return new Promise((resolve) => {
    const stage = document.querySelector('canvas[aria-hidden]').parentElement;
    const { left, top, width, height } = stage.getBoundingClientRect();
    let frame = 0;
    const step = () => {
      const deltaY = frame % 40 < 20 ? 8 : -8;
      stage.dispatchEvent(
        new WheelEvent('wheel', {
          deltaX: isZoom ? 0 : deltaY * 3,
          deltaY,
          ctrlKey: isZoom,
          bubbles: true,
          cancelable: true,
          clientX: left + width / 2,
          clientY: top + height / 2,
        }),
      );
      frame += 1;
      if (frame < frames) requestAnimationFrame(step);
      else requestAnimationFrame(() => resolve(undefined));
    };
    requestAnimationFrame(step);
  });
}

/** Draws one line on an empty canvas of the same size, once a frame: what nobody can go below. */
function control({ frames }) {
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

async function measure(page, pid, work, isZoom = false) {
  const runs = [];
  for (let run = 0; run < RUNS; run += 1) {
    const before = cpuOf(pid);
    await page.evaluate(work, { frames: FRAMES, isZoom });
    runs.push((cpuOf(pid) - before) / FRAMES);
  }
  return Math.min(...runs);
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

let isOver = false;
console.log(
  'services/calls  calls drawn   pan ms   zoom ms  control ms   limit   elements   heap MB   first map ms',
);
for (const size of sizes) {
  const [nodes, edges] = size.split('/').map(Number);
  const server = await serve(fleet(nodes, edges));
  for (const drawn of ['main', 'all']) {
    const mark = `--fluoro-bench=${size}-${drawn}-${process.pid}`;
    const browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', mark],
    });
    const pid = pidOf(mark);
    const page = await (await browser.newContext({ viewport: VIEW })).newPage();
    await page.goto(
      `http://127.0.0.1:${server.address().port}/console/map?by=none&edges=${drawn}&t=15m`,
    );
    const began = Date.now();
    await page.locator('canvas[aria-hidden]').first().waitFor();
    const first = Date.now() - began;
    await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)));
    const pan = await measure(page, pid, turn);
    const zoom = await measure(page, pid, turn, true);
    const empty = await (await browser.newContext({ viewport: VIEW })).newPage();
    const least = await measure(empty, pid, control);
    const elements = await page.evaluate(() => document.querySelectorAll('*').length);
    const heap = await page.evaluate(() => performance.memory.usedJSHeapSize / 1e6);
    const shown = [pan, zoom, least].map((ms) => ms.toFixed(1).padStart(8)).join('  ');
    console.log(
      `${size.padEnd(15)} ${drawn.padEnd(10)} ${shown} ${String(LIMITS[drawn]).padStart(7)} ${String(elements).padStart(10)} ${heap.toFixed(1).padStart(9)} ${String(first).padStart(14)}`,
    );
    isOver ||= Math.max(pan, zoom) > LIMITS[drawn] * 1.5;
    await browser.close();
  }
  server.close();
}
process.exit(isOver ? 1 : 0);
