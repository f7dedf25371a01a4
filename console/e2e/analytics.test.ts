// Analytics: from a brush to a set, from a set to what is different in it, and to its traces.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPage, startBrowser, violations } from './browser.ts';
import { startFluoro } from './fluoro.ts';
import type { Fluoro } from './fluoro.ts';

let browser: Browser;
let fluoro: Fluoro;

/** Fast requests of most users, slow and failing ones of one. */
function documents(): object[] {
  const now = Date.now() / 1e3 - 60;
  const hex = (number: number, length: number) => number.toString(16).padStart(length, '0');
  return Array.from({ length: 120 }, (_, index) => {
    const isBad = index % 6 === 0;
    const start = now - index * 5;
    return {
      trace_id: `1-${hex(Math.floor(start), 8)}-${hex(index + 1, 24)}`,
      id: hex(index + 1, 16),
      name: 'shop',
      start_time: start,
      end_time: start + (isBad ? 2 + index / 500 : 0.02 + index / 5000),
      fault: isBad,
      user: isBad ? 'user-bad' : `user-${index % 7}`,
      ...(isBad && { subsegments: [refused(hex(index + 1001, 16), start)] }),
      annotations: { version: isBad ? '2.4' : '2.3', cart: index % 3 },
      http: {
        request: { method: 'GET', url: `http://shop.example/items/${1000 + index}` },
        response: { status: isBad ? 500 : 200 },
      },
    };
  });
}

/** A call that another service, which tells nothing, answered badly. */
function refused(id: string, start: number): object {
  return {
    id,
    name: 'bank.example',
    namespace: 'remote',
    start_time: start + 0.1,
    end_time: start + 1.9,
    fault: true,
    http: { response: { status: 502 } },
    cause: { exceptions: [{ id, type: 'CardRefused', message: 'no answer' }] },
  };
}

beforeAll(async () => {
  [browser, fluoro] = await Promise.all([startBrowser(), startFluoro()]);
  await fluoro.put(documents());
});
afterAll(async () => {
  await browser?.close();
  await fluoro?.stop();
});

const open = (path: string, stored?: object) => openPage(browser, fluoro.origin + path, stored);
const parameter = (page: Page, name: string) => new URL(page.url()).searchParams.get(name);
const setOf = (page: Page, name: string) => page.getByRole('region', { name: `Set ${name}` });

test('a brush makes set A; what is different in it is named, and its traces open', async () => {
  const { page, complaints, close } = await open('/console/analytics');
  await page.getByTestId('retrieved').getByText('120 traces').waitFor();
  const chart = page.getByRole('region', { name: 'Response time', exact: true });
  const over = chart.locator('.u-over');
  const box = await over.boundingBox();
  if (!box) throw new Error('there is no chart');
  await page.mouse.move(box.x + box.width * 0.7, box.y + 50);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width - 1, box.y + 60, { steps: 5 });
  await page.mouse.up();
  await page.waitForURL(/rt=/);
  await setOf(page, 'A').getByText('20 traces').waitFor();
  const different = page.getByRole('region', { name: 'What is different in A' });
  await different.getByText('user-bad').waitFor();
  await different.getByRole('button', { name: 'Add User user-bad' }).click();
  await page.waitForURL(/A=user/);
  expect(parameter(page, 'A')).toBe('user = "user-bad"');
  await setOf(page, 'A').getByText('user = "user-bad"').waitFor();
  await page.getByRole('heading', { name: 'Slowest traces of A' }).waitFor();
  await page.getByRole('link', { name: 'Open as a list' }).click();
  await page.waitForURL(/console\/traces\?/);
  expect(parameter(page, 'q')).toMatch(
    /^user = "user-bad" AND responsetime >= [\d.]+ AND responsetime < [\d.]+$/,
  );
  await page.goBack();
  await setOf(page, 'A').getByText('20 traces').waitFor();
  expect(complaints).toEqual([]);
  await close();
});

test('sets are compared, swapped, edited, refined; the address tells it all', async () => {
  const { page, complaints, close } = await open('/console/analytics');
  await page.getByRole('button', { name: 'Faults and ok' }).click();
  await page.waitForURL(/A=fault&B=ok/);
  await setOf(page, 'A').getByText('20 traces').waitFor();
  await setOf(page, 'B').getByText('100 traces').waitFor();
  await page.getByRole('button', { name: 'Swap A and B' }).click();
  await page.waitForURL(/A=ok/);
  expect(parameter(page, 'B')).toBe('fault');
  await page.getByRole('button', { name: 'Edit the expression of A' }).click();
  await page.getByRole('textbox', { name: 'Edit the expression of A' }).fill('fault');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Clear B' }).click();
  await setOf(page, 'B').getByText('None.').waitFor();
  await page.getByRole('region', { name: 'version', exact: true }).getByText('2.4').click();
  await page.waitForURL(/version/);
  expect(parameter(page, 'A')).toBe('fault AND annotation.version = "2.4"');
  await page.getByRole('button', { name: 'Remove fault' }).click();
  await page.waitForURL(/A=annotation/);
  await setOf(page, 'A').getByRole('button', { name: 'Refine' }).click();
  await page.getByTestId('retrieved').getByText('20 traces').waitFor();
  expect(parameter(page, 'q')).toBe('annotation.version = "2.4"');
  expect(complaints).toEqual([]);
  await close();
});

test('who is blamed, by which path and for which exception, has tables; their rows make sets', async () => {
  const { page, complaints, close } = await open('/console/analytics');
  const table = (name: string) => page.getByRole('region', { name, exact: true });
  const path = table('Fault path').getByRole('button', { name: 'shop → bank.example' });
  await path.waitFor();
  await table('Response time path').getByRole('button', { name: 'shop' }).first().waitFor();
  await table('Exception').getByRole('button', { name: 'CardRefused' }).click();
  await page.waitForURL(/A=/);
  await setOf(page, 'A').getByText('20 traces').waitFor();
  expect(parameter(page, 'A')).toContain('rootcause.fault.exception { name = "CardRefused" }');
  await path.click();
  await page.waitForURL(/index/);
  await setOf(page, 'A').getByText('20 traces').waitFor();
  await page.goto(`${fluoro.origin}/console/traces?by=faultPath`);
  await page.getByRole('button', { name: /^shop → bank\.example/ }).click();
  await page.getByText('20 of 120 traces').waitFor();
  expect(complaints).toEqual([]);
  await close();
});

test('values beyond the first fifty are found', async () => {
  const { page, complaints, close } = await open('/console/traces?by=rawUrl');
  const groups = page.getByRole('region', { name: 'Group by' });
  await groups.getByText('70 more groups').waitFor();
  await groups.getByRole('searchbox', { name: 'Search the values' }).fill('items/111');
  await groups
    .getByRole('button', { name: 'http://shop.example/items/1119', exact: true })
    .waitFor();
  await groups.getByText('70 more groups').waitFor({ state: 'detached' });
  expect(await groups.getByRole('row').count()).toBe(1 + 10);
  await page.goto(`${fluoro.origin}/console/analytics?tables=rawUrl&A=fault`);
  const table = page.getByRole('region', { name: 'Full URL', exact: true });
  await table.getByRole('searchbox').fill('items/1114');
  const row = table.getByRole('row', { name: /items\/1114/ });
  await row.waitFor();
  // One of twenty that failed.
  await row.getByText('5 %').waitFor();
  expect(complaints).toEqual([]);
  await close();
});

test('by keys alone: a chart is brushed, read as a table, and cleared', async () => {
  const { page, complaints, close } = await open('/console/analytics?A=fault');
  const plot = page.getByRole('group', { name: /^Response time: arrow keys/ });
  await plot.focus();
  for (const key of ['End', 'Shift+ArrowLeft', 'Shift+ArrowLeft', 'Enter']) await plot.press(key);
  await page.waitForURL(/rt=/);
  await plot.focus();
  await plot.press('Escape');
  await page.waitForURL((url) => !url.search.includes('rt='));
  const chart = page.getByRole('region', { name: 'Response time', exact: true });
  await chart.getByRole('button', { name: 'View as a table' }).click();
  await chart.getByRole('columnheader', { name: 'A', exact: true }).waitFor();
  await chart.getByRole('spinbutton', { name: 'From (ms)' }).fill('1000');
  await page.waitForURL(/rt=1~/);
  const heat = page.getByRole('group', { name: /^Traces by when they began/ });
  await heat.focus();
  for (const key of ['Home', 'Shift+End', 'Shift+PageUp']) await heat.press(key);
  await heat.getByRole('status').waitFor();
  await heat.press('Enter');
  await page.waitForURL(/win=/);
  await setOf(page, 'A').getByText('20 traces').waitFor();
  await heat.press('Escape');
  await page.waitForURL((url) => !url.search.includes('win=') && !url.search.includes('rt='));
  expect(complaints).toEqual([]);
  await close();
});

test.each(
  ['light', 'dark'].flatMap((theme) => ['en', 'ko', 'ja'].map((language) => ({ theme, language }))),
)('nothing is in the way of anyone: $theme, $language', async (stored) => {
  const { page, complaints, close } = await open('/console/analytics?A=fault&B=ok', stored);
  await page.locator('[data-by="user"] td').first().waitFor();
  await page.locator('.u-over').first().waitFor();
  expect(await violations(page)).toEqual([]);
  expect(complaints).toEqual([]);
  await close();
});
