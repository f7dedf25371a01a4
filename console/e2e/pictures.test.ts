// Pictures of the console with the demo behind it, for the documents: `npm run pictures`.
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { openPage, startBrowser } from './browser.ts';
import { startDemo, startFluoro } from './fluoro.ts';
import type { Demo, Fluoro } from './fluoro.ts';

const folder = process.env['PICTURES'] ?? '';

/** Name, address, theme, and what is there when the page is whole. */
const PICTURES = [
  ['map', '/console/map?t=5m', 'light', 'main button:has-text("payments")'],
  ['map-dark', '/console/map?t=5m', 'dark', 'main button:has-text("payments")'],
  ['traces', '/console/traces?t=5m&by=service', 'light', '[role=row] a'],
  ['analytics', '/console/analytics?t=5m&A=fault', 'light', 'main canvas'],
  ['sampling', '/console/config/sampling', 'light', 'main table'],
  ['start', '/console/start', 'light', 'main pre'],
  ['ingest', '/console/ingest', 'light', 'main table'],
] as const;

describe.runIf(folder !== '')('pictures', () => {
  let browser: Browser;
  let fluoro: Fluoro;
  let demo: Demo;

  beforeAll(async () => {
    [browser, fluoro] = await Promise.all([startBrowser(), startFluoro()]);
    demo = await startDemo(fluoro);
    demo.break('throttles');
    demo.break('errors');
    // What a picture is to show has to happen first.
    await new Promise((resolve) => setTimeout(resolve, 20_000));
  });
  afterAll(async () => {
    await browser?.close();
    await demo?.stop();
    await fluoro?.stop();
  });

  test('trace', async () => {
    const { page, close } = await openPage(browser, `${fluoro.origin}/console/traces?t=5m&q=fault`);
    await page.locator('[role=row] a').first().click();
    await page.getByRole('treegrid').waitFor();
    await page.waitForLoadState('networkidle');
    await page.screenshot({ path: join(folder, 'trace.png') });
    await close();
  });

  test.each(PICTURES)('%s', async (name, path, theme, whole) => {
    const { page, close } = await openPage(browser, fluoro.origin + path, {
      theme,
      language: 'en',
    });
    await page.locator(whole).first().waitFor();
    await page.waitForLoadState('networkidle');
    await page.screenshot({ path: join(folder, `${name}.png`) });
    await close();
  });
});
