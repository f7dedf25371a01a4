// What a large trace costs: until its first rows are there, for each frame that is scrolled, for each
// frame of the flame view that is zoomed. Only ratios of one run tell anything.
//
//   npm run build && node bench/trace.mjs [rows …]
import { VIEW, control, largestPaint, measure, packed, serve, startBrowser } from './browser.mjs';

/** A trace is opened so often; the least counts. */
const LOADS = 5;
/** Limits: CPU of a frame in milliseconds, first rows after the answer and largest paint in
 * milliseconds, heap in MB, the packed answer in KB. */
const LIMITS = { scroll: 10, zoom: 10, first: 100, largest: 1500, heap: 80, packed: 300 };
const START = 1_790_000_000;
const ID = '1-6ab15680-000000000000000000000001';
const hex = (number, length) => number.toString(16).padStart(length, '0');

/** Returns a trace of so many rows as BatchGetTraces has it: services that call and query. */
function traceOf(rows) {
  const segments = Math.ceil(rows / 100);
  const documents = Array.from({ length: segments }, (_, outer) => ({
    trace_id: ID,
    id: hex(outer + 1, 16),
    name: `service-${outer % 12}`,
    ...(outer > 0 && { parent_id: hex(Math.floor((outer - 1) / 3) + 1, 16) }),
    start_time: START + outer * 0.1,
    end_time: START + outer * 0.1 + 0.95,
    origin: 'AWS::ECS::Container',
    http: {
      request: { method: 'GET', url: `http://service-${outer % 12}.example/items/${outer}` },
    },
    subsegments: Array.from({ length: 99 }, (_unused, inner) => ({
      id: hex(0x10000 + outer * 100 + inner, 16),
      name: inner % 9 === 0 ? 'orders-table' : `call-${inner}`,
      start_time: START + outer * 0.1 + inner * 0.008,
      end_time: START + outer * 0.1 + inner * 0.008 + 0.006,
      ...(inner % 50 === 7 && { fault: true }),
      ...(inner % 9 === 0 && {
        namespace: 'aws',
        aws: { operation: 'GetItem', table_name: 'orders' },
      }),
    })),
  }));
  const Segments = documents.map((one) => ({ Id: one.id, Document: JSON.stringify(one) }));
  return JSON.stringify({ Traces: [{ Id: ID, LimitExceeded: false, Segments }] });
}

/** Scrolls the rows a little, once a frame. */
function scroll({ frames }) {
  return new Promise((resolve) => {
    const box = document.querySelector('[role="treegrid"]').parentElement;
    let frame = 0;
    const step = () => {
      box.scrollTop += frame % 80 < 60 ? 180 : -180;
      frame += 1;
      if (frame < frames) requestAnimationFrame(step);
      else requestAnimationFrame(() => resolve(undefined));
    };
    requestAnimationFrame(step);
  });
}

/** Makes the flame view smaller and larger, once a frame, so that it is drawn anew. */
function squeeze({ frames }) {
  return new Promise((resolve) => {
    const boxes = document.querySelector('main canvas').parentElement;
    let frame = 0;
    const step = () => {
      boxes.style.width = `${90 + (frame % 10)}%`;
      frame += 1;
      if (frame < frames) requestAnimationFrame(step);
      else requestAnimationFrame(() => resolve(undefined));
    };
    requestAnimationFrame(step);
  });
}

/** Returns how long after the answer the first row stood there, by the page's own clock. */
function firstRow() {
  const [answer] = performance
    .getEntriesByType('resource')
    .filter((one) => one.name.endsWith('/Traces'));
  return performance.getEntriesByName('rows')[0].startTime - answer.responseEnd;
}

/** Notes when the first row comes. */
function watch() {
  new MutationObserver((_, observer) => {
    if (!document.querySelector('[role="treegrid"] [role="row"]')) return;
    performance.mark('rows');
    observer.disconnect();
  }).observe(document, { childList: true, subtree: true });
}

/** Opens the page some times; returns how soon rows and the largest thing were there, at best. */
async function open(page, url) {
  const found = [];
  for (let load = 0; load < LOADS; load += 1) {
    await page.goto(url);
    await page.locator('[role="treegrid"] [role="row"]').first().waitFor();
    found.push([await page.evaluate(firstRow), await page.evaluate(largestPaint)]);
    await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)));
  }
  return [0, 1].map((at) => Math.min(...found.map((one) => one[at])));
}

const COLUMNS = [
  'rows', 'answer KB', 'packed KB', 'first rows ms', 'largest paint ms', 'scroll ms', 'flame ms', 'control ms',
  'elements', 'heap MB',
]; // prettier-ignore
const print = (row) =>
  console.log(row.map((one, at) => `${one}`.padStart(COLUMNS[at].length)).join('   '));
const sizes =
  process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1_000, 10_000, 100_000];
let isOver = false;
print(COLUMNS);
for (const size of sizes) {
  const answer = traceOf(size);
  const sent = packed(answer).length / 1e3;
  const server = await serve({ '/Traces': answer });
  const { browser, page, pid } = await startBrowser(String(size));
  await page.addInitScript(watch);
  const url = `http://127.0.0.1:${server.address().port}/console/traces/${ID}`;
  const [first, largest] = await open(page, url);
  const scrolled = await measure(page, pid, scroll);
  const elements = await page.evaluate(() => document.querySelectorAll('*').length);
  const heap = await page.evaluate(() => performance.memory.usedJSHeapSize / 1e6);
  await page.goto(`${url}?view=flame`);
  await page.locator('main canvas').first().waitFor();
  await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)));
  const flame = await measure(page, pid, squeeze);
  const empty = await (await browser.newContext({ viewport: VIEW })).newPage();
  const least = await measure(empty, pid, control);
  print([
    size, (answer.length / 1e3).toFixed(0), sent.toFixed(0), first.toFixed(0), largest.toFixed(0),
    scrolled.toFixed(1), flame.toFixed(1), least.toFixed(1), elements, heap.toFixed(1),
  ]); // prettier-ignore
  const over = [
    [scrolled, LIMITS.scroll],
    [flame, LIMITS.zoom],
    [first, LIMITS.first],
    [largest, LIMITS.largest],
    [heap, LIMITS.heap],
    [sent, LIMITS.packed],
  ];
  // A busy machine is allowed half as much again.
  isOver ||= size <= 10_000 && over.some(([value, limit]) => value > limit * 1.5);
  await browser.close();
  server.close();
}
process.exit(isOver ? 1 : 0);
