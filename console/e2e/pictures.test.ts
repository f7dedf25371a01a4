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
  ['map', '/console/map?t=5m', 'light', 'button:has-text("payments")'],
  ['map-dark', '/console/map?t=5m', 'dark', 'button:has-text("payments")'],
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
