// Ingest and status: what is refused is told with what to do about it.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPage, startBrowser, violations } from './browser.ts';
import { startFluoro } from './fluoro.ts';
import type { Fluoro } from './fluoro.ts';

let browser: Browser;
let fluoro: Fluoro;

beforeAll(async () => {
  [browser, fluoro] = await Promise.all([startBrowser(), startFluoro()]);
});
afterAll(async () => {
  await browser?.close();
  await fluoro?.stop();
});

const documents = (...all: object[]) => ({
  TraceSegmentDocuments: all.map((one) => JSON.stringify(one)),
});

test('from nothing, to all is well, to a refused document with its remedy', async () => {
  const { page, complaints, close } = await openPage(browser, `${fluoro.origin}/console/ingest`);
  await page.getByText('Nothing has come in yet').waitFor();
  expect(await violations(page)).toEqual([]);
  fluoro.send(20);
  await page.getByText('All is well').waitFor();
  const now = Math.floor(Date.now() / 1e3);
  const id = `1-${now.toString(16)}-0123456789abcdef01234567`;
  await fluoro.call(
    '/TraceSegments',
    documents({ trace_id: id, id: '0123456789abcdef', name: 'late', start_time: now }),
  );
  await page.getByText(/^One document was refused/).waitFor();
  await page.getByText('MissingEndTime', { exact: true }).click();
  await page.getByText('Set end_time when the work is done, or in_progress: true.').waitFor();
  await page.getByText(/"name":"late"/).waitFor();
  expect(await violations(page)).toEqual([]);
  expect(complaints).toEqual([]);
  await close();
});

test('how long traces are kept is told with the key that sets it', async () => {
  const { page, complaints, close } = await openPage(
    browser,
    `${fluoro.origin}/console/config/retention`,
    { theme: 'dark', language: 'en' },
  );
  await page.getByText('30 days', { exact: true }).waitFor();
  await page.getByText('retention = "30d"').waitFor();
  await page.getByRole('link', { name: 'Indexing' }).click();
  await page.waitForURL(/config\/indexing/);
  await page.goBack();
  await page.getByText('30 days', { exact: true }).waitFor();
  expect(await violations(page)).toEqual([]);
  expect(complaints).toEqual([]);
  await close();
});
