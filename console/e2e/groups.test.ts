// Groups: made with a filter that is put right, watched, cloned, deleted with what goes.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPage, startBrowser, violations } from './browser.ts';
import { startFluoro } from './fluoro.ts';
import type { Fluoro } from './fluoro.ts';

let browser: Browser;
let fluoro: Fluoro;

beforeAll(async () => {
  [browser, fluoro] = await Promise.all([startBrowser(), startFluoro()]);
  fluoro.send(40);
});
afterAll(async () => {
  await browser?.close();
  await fluoro?.stop();
});

interface Group {
  GroupName: string;
  GroupARN: string;
  FilterExpression: string | null;
  InsightsConfiguration: { InsightsEnabled: boolean; NotificationsEnabled: boolean };
}

async function groups(): Promise<Group[]> {
  return ((await fluoro.call('/Groups', {})) as { Groups: Group[] }).Groups;
}
const names = async () => (await groups()).map((group) => group.GroupName).join(' ');

test('a group is made, watched, cloned, deleted, and brought back', async () => {
  const { page, complaints, close } = await openPage(
    browser,
    `${fluoro.origin}/console/config/groups`,
  );
  await page.getByRole('row', { name: /Default.*40 100 %/ }).waitFor();
  await page.getByRole('button', { name: 'New group' }).click();
  await page.getByLabel('Name').fill('no blanks');
  await page.getByText('Only letters, digits and -').waitFor();
  await page.getByLabel('Name').fill('payments');
  const filter = page.getByRole('textbox', { name: 'Filter expression' });
  await filter.click();
  await page.keyboard.type('service("payment") { fualt }');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Replace by fault' }).click();
  await page.getByText(/[1-9]\d* of 40 traces of the last hour match/).waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByRole('switch', { name: /^Insights Looks for/ }).check();
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByText('payments was created.').waitFor();
  expect((await groups())[1]).toMatchObject({
    GroupName: 'payments',
    FilterExpression: 'service("payment") { fault }',
    InsightsConfiguration: { InsightsEnabled: true, NotificationsEnabled: false },
  });

  await page.getByRole('switch', { name: 'Notifications of payments' }).check();
  await expect
    .poll(async () => (await groups())[1]?.InsightsConfiguration.NotificationsEnabled)
    .toBe(true);
  await page.getByRole('link', { name: 'payments' }).click();
  await page.waitForURL(/config\/groups\/payments/);
  await page.getByRole('button', { name: 'Clone' }).click();
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByText('payments-2 was created.').waitFor();
  expect(await names()).toBe('Default payments payments-2');

  await page.getByRole('link', { name: 'payments', exact: true }).click();
  await page.getByRole('button', { name: 'Delete' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('no insights').waitFor();
  expect(await violations(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await page.getByText('payments was deleted.').waitFor();
  expect(await names()).toBe('Default payments-2');
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('link', { name: 'payments', exact: true }).waitFor();
  expect(await names()).toBe('Default payments payments-2');
  expect(complaints).toEqual([]);
  await close();
});

test('a group whose expression was changed says that its map has older traces', async () => {
  await fluoro.call('/CreateGroup', { GroupName: 'moved', FilterExpression: 'ok' });
  fluoro.send(10);
  await fluoro.call('/UpdateGroup', { GroupName: 'moved', FilterExpression: 'fault' });
  const { page, close } = await openPage(browser, `${fluoro.origin}/console/config/groups/moved`, {
    theme: 'dark',
    language: 'en',
  });
  await page.getByText(/still contains traces that an earlier expression matched/).waitFor();
  expect(await violations(page)).toEqual([]);
  await close();
});
