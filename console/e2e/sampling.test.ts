// Sampling rules: made, put in order, changed, deleted and brought back, with keys and pointer.
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

interface Raw {
  SamplingRule: { RuleName: string; RuleARN: string; Priority: number; FixedRate: number };
}

/** Returns the rules as the server has them: `name priority`. */
async function rules(): Promise<Raw['SamplingRule'][]> {
  const answer = (await fluoro.call('/GetSamplingRules', {})) as { SamplingRuleRecords: Raw[] };
  return answer.SamplingRuleRecords.map((one) => one.SamplingRule);
}
const names = async () => (await rules()).map((rule) => rule.RuleName);

test('a rule is made, moved, changed, deleted, and each of it can be taken back', async () => {
  const { page, complaints, close } = await openPage(
    browser,
    `${fluoro.origin}/console/config/sampling`,
  );
  await page.getByRole('link', { name: 'Default' }).waitFor();
  expect(await page.getByLabel('Filter expression').count()).toBe(0);
  for (const [name, path] of [
    ['api', '/api/*'],
    ['orders', '/api/orders'],
  ] as const) {
    await page.getByRole('button', { name: 'New rule' }).click();
    await page.getByLabel('URL path').fill(path);
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByText('Something has to stand here').waitFor();
    await page.getByLabel('Name').fill(name);
    await page.getByRole('button', { name: 'Add tag' }).click();
    await page.getByLabel('Key').fill('team');
    await page.getByLabel('Value').fill('shop');
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByText(`${name} was created.`).waitFor();
  }
  expect(await names()).toEqual(['api', 'orders', 'Default']);
  await page.getByText('Never reached: covered by rule api.').waitFor();
  expect(await violations(page)).toEqual([]);

  await page.getByRole('button', { name: 'Move orders up' }).click();
  await page.getByText('The order was changed.').waitFor();
  expect(await names()).toEqual(['orders', 'api', 'Default']);
  await page.getByText('Never reached').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('Never reached: covered by rule api.').waitFor();
  expect(await names()).toEqual(['api', 'orders', 'Default']);
  const handle = page.getByRole('row', { name: /orders/ }).getByTitle('Drag to move');
  await handle.dragTo(
    page.getByRole('row', { name: /^\s*\d* *Move api/ }).getByText('api', { exact: true }),
  );
  await page.getByText('Never reached').waitFor({ state: 'detached' });

  await page.getByRole('link', { name: 'orders' }).click();
  await page.waitForURL(/config\/sampling\/orders/);
  await page.getByLabel('Fixed rate (%)').fill('101');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('From 0 to 100 %').waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByLabel('Fixed rate (%)').fill('12.5');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('orders was saved.').waitFor();
  expect((await rules())[0]).toMatchObject({ RuleName: 'orders', FixedRate: 0.125 });

  await page.getByRole('link', { name: 'orders' }).click();
  await page.getByRole('button', { name: 'Delete' }).click();
  await page
    .getByRole('dialog')
    .getByText(/go on to the next rule that matches, api/)
    .waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByText('orders was deleted.').waitFor();
  expect(await names()).toEqual(['api', 'Default']);
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('link', { name: 'orders' }).waitFor();
  const [back] = await rules();
  const tags = await fluoro.call('/ListTagsForResource', { ResourceARN: back?.RuleARN });
  expect(tags).toMatchObject({ Tags: [{ Key: 'team', Value: 'shop' }] });
  expect(complaints).toEqual([]);
  await close();
});

test('of Default the two numbers can be changed, and nothing else', async () => {
  const { page, close } = await openPage(
    browser,
    `${fluoro.origin}/console/config/sampling/Default`,
    {
      theme: 'dark',
      language: 'en',
    },
  );
  await page.getByText('Only its two numbers can be changed.').waitFor();
  expect(await page.getByLabel('URL path').count()).toBe(0);
  await page.getByLabel('Reservoir').fill('3');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Default was saved.').waitFor();
  expect((await rules()).at(-1)).toMatchObject({ ReservoirSize: 3 });
  expect(await violations(page)).toEqual([]);
  await close();
});

test('a dry run tells what a change would have kept, before it is saved', async () => {
  let asked: { rules: { RuleName: string; FixedRate: number }[] } | undefined;
  const { page, close } = await openPage(
    browser,
    `${fluoro.origin}/console/config/sampling?new=*`,
    {},
    async (opened) => {
      // Traces of an hour are not there yet; the answer is a recorded one.
      await opened.route('**/console/api/sampling/dryrun', (route) => {
        asked = route.request().postDataJSON() as typeof asked;
        return route.fulfill({
          json: {
            requests: 900,
            rules: [{ name: 'slow', matched: 120, kept: 60, shadowedBy: null }],
            services: [{ service: 'web', requests: 900, keptNow: 45, keptThen: 99 }],
            exact: false,
            note: '',
          },
        });
      });
    },
  );
  await page.getByLabel('Name').fill('slow');
  await page.getByLabel('Fixed rate (%)').fill('50');
  await page.getByRole('button', { name: 'Run over the last hour' }).click();
  await page.getByText('This rule would have matched 120 of 900 requests and kept 60.').waitFor();
  await page.getByText('estimated').waitFor();
  await page.getByRole('cell', { name: '99' }).waitFor();
  expect(asked?.rules.find((rule) => rule.RuleName === 'slow')?.FixedRate).toBe(0.5);
  expect(asked?.rules.some((rule) => rule.RuleName === 'Default')).toBe(true);
  expect(await violations(page)).toEqual([]);
  expect(await names()).not.toContain('slow');
  await close();
});
