// What drawing the map costs: CPU time of the whole browser for each frame, panned and zoomed, with
// a fleet that does not exist as the server's answer. Only ratios of one run tell anything.
//
//   npm run build && node bench/map.mjs [services/calls …]
import { VIEW, control, largestPaint, measure, serve, startBrowser } from './browser.mjs';
import { fleet } from './fleet.mjs';

/** Limits of a frame, in milliseconds of CPU. */
const LIMITS = { main: 8, all: 16 };
const sizes =
  process.argv.slice(2).length > 0 ? process.argv.slice(2) : ['60/120', '200/600', '500/3000'];

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

let isOver = false;
console.log(
  'services/calls  calls drawn   pan ms   zoom ms  control ms   limit   elements   heap MB   first map ms   largest paint ms',
);
for (const size of sizes) {
  const [nodes, edges] = size.split('/').map(Number);
  const graph = JSON.stringify({ Services: fleet(nodes, edges) });
  const server = await serve({ '/ServiceGraph': graph });
  for (const drawn of ['main', 'all']) {
    const { browser, page, pid } = await startBrowser(`${size}-${drawn}`);
    await page.goto(
      `http://127.0.0.1:${server.address().port}/console/map?by=none&edges=${drawn}&t=15m`,
    );
    const began = Date.now();
    await page.locator('canvas[aria-hidden]').first().waitFor();
    const first = Date.now() - began;
    const largest = await page.evaluate(largestPaint);
    await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)));
    const pan = await measure(page, pid, turn);
    const zoom = await measure(page, pid, turn, { isZoom: true });
    const empty = await (await browser.newContext({ viewport: VIEW })).newPage();
    const least = await measure(empty, pid, control);
    const elements = await page.evaluate(() => document.querySelectorAll('*').length);
    const heap = await page.evaluate(() => performance.memory.usedJSHeapSize / 1e6);
    const shown = [pan, zoom, least].map((ms) => ms.toFixed(1).padStart(8)).join('  ');
    console.log(
      `${size.padEnd(15)} ${drawn.padEnd(10)} ${shown} ${String(LIMITS[drawn]).padStart(7)} ${String(elements).padStart(10)} ${heap.toFixed(1).padStart(9)} ${String(first).padStart(14)} ${largest.toFixed(0).padStart(18)}`,
    );
    isOver ||= Math.max(pan, zoom) > LIMITS[drawn] * 1.5;
    await browser.close();
  }
  server.close();
}
process.exit(isOver ? 1 : 0);
