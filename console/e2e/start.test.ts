// Getting started: the command that the page shows is run, and the page leads to its trace.
import { spawnSync } from 'node:child_process';
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

test('the first trace comes by the command that is shown, and is opened', async () => {
  const { page, complaints, close } = await openPage(browser, `${fluoro.origin}/console/start`);
  await page.getByRole('heading', { name: 'Waiting for a segment' }).waitFor();
  await page.getByText('Nothing has been received').waitFor();
  const shell = (await page.getByLabel('In any shell').textContent()) ?? '';
  expect(shell).toContain(`${fluoro.origin}/TraceSegments`);
  const { status, stdout } = spawnSync('sh', ['-c', shell], { encoding: 'utf8' });
  expect(`${status} ${stdout}`).toBe('0 {"UnprocessedTraceSegments":[]}');
  await page.getByText(/A segment from hello came/).waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByRole('link', { name: 'Open trace' }).click();
  await page.waitForURL(/\/console\/traces\/1-/);
  await page.getByRole('treegrid').waitFor();
  expect(complaints).toEqual([]);
  await close();
});

test('each way has the addresses of this server, and a link of its own', async () => {
  const { page, close } = await openPage(browser, `${fluoro.origin}/console/start?sdk=python`, {
    theme: 'dark',
    language: 'en',
  });
  const { tcp, udp } = fluoro.doors;
  await page.getByText(`AWS_XRAY_DAEMON_ADDRESS="tcp:${tcp} udp:${udp}"`).waitFor();
  await page.getByRole('button', { name: 'X-Ray daemon' }).click();
  await page.waitForURL(/sdk=daemon/);
  await page.getByText(`Endpoint: "${fluoro.origin}"`).waitFor();
  expect(await page.getByRole('button', { name: 'OTLP' }).count()).toBe(0);
  expect(await violations(page)).toEqual([]);
  await page.goBack();
  await page.getByText('pip install aws-xray-sdk').waitFor();
  await close();
});
